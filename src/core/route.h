/* SPDX-License-Identifier: MIT */
/*
 * A stream's way through an SMMU.  Looking it up decides what every transaction has in common, and
 * opens the tables; each generation of SMMUs has its own way to do that and to report a fault.
 */
#ifndef IOPT_ROUTE_H
#define IOPT_ROUTE_H

#include "domain.h"

struct iopt_route;

struct route_access {
	uint64_t iova;
	unsigned access; /* enum iopt_access, or 0 */
	bool privileged, instruction;
};

struct route_ops {
	/* Fills in 'info' and 'domains'.  EINVAL, ENOMEM. */
	int (*look_up)(struct iopt_route *s, struct iopt_error *error);
	/* As the stream's configuration overrides what the device says. */
	void (*override)(const struct iopt_route *s, struct route_access *access);
	/* The event of a walk that faults. */
	void (*fault)(const struct iopt_route *s, const struct route_access *access,
		      const struct iopt_walk *walk, struct iopt_event *event);
};

extern const struct route_ops route_v2_ops;
extern const struct route_ops route_v3_ops;

struct iopt_route {
	struct iopt_streams at;
	const struct route_ops *ops;
	struct iopt_route_info info;
	struct iopt_domain *domains[2]; /* of stage 1 and 2 */
	bool borrowed;			/* the second is the caller's */
	bool taken;			/* one of them is the caller's now */
	bool was_foreign;		/* the memory, before they were opened */
	bool unmapped;			/* stage 1 walks nothing: all that it is asked faults */
	unsigned output_bits;		/* of the SMMU; 0: not known */
};

/* The register of that name, also as "smmuv3.<name>". */
bool route_register(const struct iopt_streams *at, const char *name, uint64_t *value);

/* No transaction gets through: 0.  The event's words are the caller's to fill in. */
int route_bad(struct iopt_route *s, unsigned id, const char *name, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Little-endian words at pa; false: not all of them are there. */
bool route_words(struct iopt_memory *m, uint64_t pa, uint64_t *words, unsigned count);

/* A register of the CPU that would walk the same tables. */
struct route_setting {
	const char *name;
	uint64_t value;
};

/* s->domains[stage - 1], below s->domains[1] if that is of stage 1.  EINVAL, ENOMEM. */
int route_open_cpu(struct iopt_route *s, const struct route_setting *list, size_t count, int stage,
		   enum iopt_regime regime, struct iopt_error *error);

/* ---- version 3 (route_v3_table.c) ---- */

/* The stream table, as its registers describe it. */
struct stream_table {
	struct iopt_memory *memory;
	uint64_t base;
	unsigned sid_bits, split; /* split: of the second level; 0: there is but one */
};

/* EINVAL: no STRTAB_BASE or STRTAB_BASE_CFG, or a reserved format. */
int stream_table_make(const struct iopt_streams *at, struct stream_table *t,
		      struct iopt_error *error);
/* A second level by its descriptor: log2 of its entries and where it is; false: there is none. */
bool stream_table_second(const struct stream_table *t, uint64_t l1std, unsigned *bits,
			 uint64_t *base);

/* The table of context descriptors that an STE names. */
struct cd_table {
	uint64_t base;
	unsigned ssid_bits, split; /* as above */
};

struct cd_table cd_table_make(const uint64_t ste[static 8]);

#endif
