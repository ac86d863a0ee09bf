/* SPDX-License-Identifier: MIT */
/* Which sets of the list of fields describe a descriptor. */
#ifndef IOPT_EXPLAIN_H
#define IOPT_EXPLAIN_H

#include "fields.h"

/* What of a space decides it. */
struct descriptor_view {
	const struct pgtable_format *format;
	enum iopt_oa_layout oa_layout;
	enum iopt_regime regime;
	bool v7s, aarch32;
	bool el0;		  /* stage 1 of two privilege levels */
	bool xnx;		  /* stage 2 has XN[1:0] */
	bool afe;		  /* AP[0] is an access flag */
	bool mtk_leaf, mtk_table; /* MediaTek's address bits */
};

/* Of a space's own descriptors. */
struct descriptor_view space_view(const struct pgtable *t);

/* Sets that have every bit of 'desc' once between them; their number. */
unsigned descriptor_sets(const struct descriptor_view *view, int level, uint64_t desc,
			 const struct field_set *list[static FIELD_SETS_MAX]);

#endif
