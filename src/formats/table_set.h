/* SPDX-License-Identifier: MIT */
/*
 * Tables collected from a file, checked one against the other and put into a memory at the end:
 * only then is known where the memory has to be.
 */
#ifndef IOPT_TABLE_SET_H
#define IOPT_TABLE_SET_H

#include "../core/domain.h"
#include "json_scan.h"

struct table_run {
	uint64_t desc, step;
	uint32_t first, count;
};

struct table_entry {
	uint64_t pa, iova, bytes;
	uint64_t same_as; /* iova of the table that this one repeats */
	size_t at;	  /* in the text */
	size_t first_run;
	uint32_t run_count;
	int8_t level;
	uint8_t space;
	bool repeats;
	bool shares; /* memory with another one */
};

struct table_set {
	const struct json_input *in;
	const struct pgtable *trees[2]; /* geometry by space */
	struct table_entry *tables;
	size_t count, room;
	struct table_run *runs;
	size_t run_count, run_room;
	uint32_t *order; /* of tables, by address */
};

/* Adds an empty table; its runs follow it.  ENOMEM. */
int table_set_add(struct table_set *set, const struct table_entry *table);
int table_set_add_run(struct table_set *set, const struct table_run *run);
/*
 * Checks that tables that share memory agree, that each root is there, that none is given twice;
 * then makes windows in the memory and fills them.
 */
int table_set_store(struct table_set *set, struct iopt_memory *memory);
void table_set_free(struct table_set *set);

#endif
