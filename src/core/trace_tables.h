/* SPDX-License-Identifier: MIT */
#ifndef IOPT_TRACE_TABLES_H
#define IOPT_TRACE_TABLES_H

#include "domain.h"

struct picture_table {
	uint64_t pa, iova;
	int level;
};

struct picture_entry {
	uint64_t table, index, desc;
};

/* Every table that a range of input addresses touches, with its entries that are not zero. */
struct picture {
	struct picture_table *tables;  /* by address */
	struct picture_entry *entries; /* by table and index */
	size_t table_count, entry_count;
	bool failed; /* no space yet, or out of memory: it shows nothing */
};

void picture_take(struct picture *p, struct iopt_domain *d, struct range range);
void picture_destroy(struct picture *p);
/* Tells the trace which tables are new or gone, and each descriptor that is another one now. */
void picture_compare(struct iopt_memory *m, const struct picture *before,
		     const struct picture *after);

#endif
