/* SPDX-License-Identifier: MIT */
/* A space from its description: the row of formats, the geometry, what new descriptors carry. */
#ifndef IOPT_SPACE_H
#define IOPT_SPACE_H

#include "domain.h"

/* What is fixed for each of Linux's formats. */
struct format_rule {
	const char *name;
	uint8_t default_ias, default_oas;
	uint32_t quirks; /* those that it allows */
	bool stage2, v7s, aarch32;
};

const struct format_rule *format_rule(enum iopt_format format);

/*
 * The start level and first table of a stage for 'ias': as few levels as will do; stage 2
 * concatenates up to 16 tables if that saves level 0.  'first_level' is the format's.
 */
int space_start_level(enum iopt_format format, uint64_t granule, unsigned ias);

/* The row of its descriptors, by format, granule, layout, quirks and endianness; NULL: none. */
const struct pgtable_ops *space_ops(const struct space_desc *desc);

/* The start level that VTCR's SL0, and SL2 with LPA2, say; -2: none. */
int space_stage2_start(const struct space_desc *desc, unsigned sl0, bool sl2);

/*
 * *t over tables at desc->root, which need not be there yet.  EINVAL with the reason (message
 * only): no such geometry in the format.
 */
int space_init(struct pgtable *t, struct iopt_memory *memory, const struct space_desc *desc,
	       struct iopt_error *error);
/* The way back. */
void space_describe(const struct pgtable *t, struct space_desc *desc);

/*
 * Linux 6.1's rules for a new table: arm_lpae_alloc_pgtable() and arm_v7s_alloc_pgtable().  *desc
 * is complete but for root and registers.  EINVAL, with the reason.
 */
int linux_space(const struct iopt_config *config, struct space_desc *desc,
		struct iopt_error *error);
/* The registers that Linux's code reports for it, root included. */
void linux_registers(struct space_desc *desc);
/* Why the architecture forbids what Linux built; NULL: it does not. */
const char *linux_warning(const struct space_desc *desc);

#endif
