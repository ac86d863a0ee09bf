/* SPDX-License-Identifier: MIT */
/*
 * A domain: one or two spaces of one memory.  Every request is checked here once; below, all
 * arguments are right.
 */
#ifndef IOPT_DOMAIN_H
#define IOPT_DOMAIN_H

#include "pgtable.h"

struct iopt_domain {
	uint64_t split;		 /* the first iova that is the second half's */
	struct pgtable *half[2]; /* below it, and from it on; one space: both times that */
	struct pgtable spaces[2];
	unsigned space_count;
	struct iopt_memory *memory;
	bool owns_tables; /* made here, not found: they go with the domain */
	bool special;	  /* tagged addresses or a second stage: not the short way */
	/* What translates the output, and the memory that the input of that stage looks like. */
	struct iopt_domain *stage2;
	struct iopt_memory *view;
};

/*
 * What a table file says of a space whose tables are already in 'memory'.  Unlike iopt_config it
 * is taken as it stands, nothing clamped: a file may describe what Linux would not build.
 */
struct space_desc {
	enum iopt_format format;
	enum iopt_regime regime;
	enum iopt_oa_layout oa_layout;
	unsigned ias, oas;
	uint64_t granule, page_sizes, root;
	int start_level;
	uint32_t quirks;
	bool non_coherent_walk, big_endian;
	bool upper; /* TTBR1's half of a CPU's regime */
	unsigned register_count;
	struct iopt_register registers[IOPT_REGISTERS_MAX]; /* names from domain_register_name() */
};

/*
 * A domain over tables that are there.  With two spaces the first is the lower half.  EINVAL with
 * the reason in 'error' (message only): the geometry is impossible for the format.
 */
int domain_adopt(struct iopt_memory *memory, const struct space_desc *spaces, unsigned count,
		 struct iopt_domain **domain, struct iopt_error *error);

/* The half that translates 'iova'; with TBI the tag is taken off first. */
struct pgtable *domain_space_of(const struct iopt_domain *domain, uint64_t *iova);

/* The same below a second stage: stage 1 tables are read through it. */
int domain_adopt_nested(struct iopt_memory *memory, const struct space_desc *spaces,
			unsigned count, struct iopt_domain *stage2, struct iopt_domain **domain,
			struct iopt_error *error);

/* What domain_adopt() would need to describe space i: registers included. */
void domain_describe(const struct iopt_domain *domain, unsigned i, struct space_desc *desc);

/*
 * The library's own string for a register or field that a file names; NULL: no register has it.
 */
const char *domain_register_name(const char *name);

/*
 * The same registers for a first table at 'root' (as when an image is packed): the table base in
 * ttbr or vttbr is replaced, the bits beside it stay.  ERANGE: it does not fit.
 */
int domain_move_root(struct space_desc *desc, uint64_t root);

#endif
