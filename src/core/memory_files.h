/* SPDX-License-Identifier: MIT */
/* What a memory knows of the files behind its windows. */
#ifndef IOPT_MEMORY_FILES_H
#define IOPT_MEMORY_FILES_H

#include "memory.h"

struct memory_file {
	struct memory_file *next;
	struct memory_backing backing;
	struct range *excluded; /* rising */
	size_t excluded_count;
	char source[];
};

void memory_files_destroy(struct iopt_memory *m);

/*
 * Does a file leave out the memory at 'pa'?  *last is moved down to the last address for which the
 * answer is the same.
 */
bool memory_excluded(const struct iopt_memory *m, uint64_t pa, uint64_t *last);

#endif
