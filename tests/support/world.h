/* SPDX-License-Identifier: MIT */
/* A memory with hand-made tables, opened by a CPU's registers, and what its walks answer. */
#ifndef WORLD_H
#define WORLD_H

#include "iopt.h"

#define RAM UINT64_C(0x40000000)

/* 4K granule, 39 bits each, inner shareable write-back walks, 40-bit output addresses */
#define TCR_39 UINT64_C(0x2b5193519)

struct world {
	struct iopt_memory *memory;
	struct iopt_registers *registers;
	struct iopt_domain *domain, *stage2;
	struct iopt_walk walk;
	char why[2048];
};

/* cmocka's: *state is a world with 4 MiB of RAM at RAM and no registers. */
int world_set_up(void **state);
int world_tear_down(void **state);

void world_put64(struct world *w, uint64_t pa, uint64_t desc);
void world_put32(struct world *w, uint64_t pa, uint32_t desc);
void world_set(struct world *w, const char *name, uint64_t value);
/* Opens the tables anew, as the registers are now. */
void world_open(struct world *w, enum iopt_regime regime);
/* iopt_walk() into w->walk, and its explanation into w->why. */
int world_walk(struct world *w, uint64_t iova, unsigned access, unsigned el);
/* A sink for fields that looks at them alone. */
int world_tell_nothing(void *arg, const struct iopt_field *field);

void assert_goes(struct world *w, uint64_t iova, uint64_t pa);
void assert_fault(struct world *w, uint64_t iova, enum iopt_fault_type type, int level, int stage);
/* "rwx" of each exception level of the regime, the own one first; 'el0' NULL: there is but one. */
void assert_access(struct world *w, uint64_t iova, const char *own, const char *el0);
void assert_why(const struct world *w, const char *line);
void assert_not_why(const struct world *w, const char *line);

#endif
