/* SPDX-License-Identifier: MIT */
#include "memory_files.h"

#include <stdlib.h>

void memory_files_destroy(struct iopt_memory *m)
{
	struct memory_file *file, *next;

	for (file = m->files; file; file = next) {
		next = file->next;
		file->backing.close(file->backing.arg);
		free(file->excluded);
		free(file);
	}
}

struct memory_file *memory_add_file(struct iopt_memory *m, struct memory_backing backing,
				    const char *source)
{
	size_t bytes = strlen(source) + 1;
	struct memory_file *file = malloc(sizeof(*file) + bytes);

	if (!file) {
		backing.close(backing.arg);
		return NULL;
	}
	*file = (struct memory_file){.next = m->files, .backing = backing};
	memcpy(file->source, source, bytes);
	m->files = file;
	return file;
}

void memory_file_exclude(struct memory_file *file, struct range *ranges, size_t count)
{
	assert(!file->excluded);
	file->excluded = ranges;
	file->excluded_count = count;
}

const char *memory_file_source(const struct memory_file *file)
{
	return file ? file->source : "";
}

/* The first excluded range that ends at or after 'pa'; NULL: none does. */
static const struct range *excluded_search(const struct memory_file *file, uint64_t pa)
{
	size_t low = 0, high = file->excluded_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (file->excluded[middle].last < pa)
			low = middle + 1;
		else
			high = middle;
	}
	return low < file->excluded_count ? &file->excluded[low] : NULL;
}

bool memory_excluded(const struct iopt_memory *m, uint64_t pa, uint64_t *last)
{
	const struct memory_file *file;

	for (file = m->files; file; file = file->next) {
		const struct range *r = excluded_search(file, pa);

		if (r && r->first <= pa) {
			*last = min_u64(*last, r->last);
			return true;
		}
	}
	for (file = m->files; file; file = file->next) {
		const struct range *r = excluded_search(file, pa);

		if (r)
			*last = min_u64(*last, r->first - 1);
	}
	return false;
}
