/* SPDX-License-Identifier: MIT */
/* Pages that were set aside, and which of them are taken: a bit for each. */
#ifndef IOPT_PAGE_MAP_H
#define IOPT_PAGE_MAP_H

#include "base.h"

struct page_map {
	uint64_t base;
	size_t pages;
	unsigned page_shift;
	uint64_t *taken;
};

struct page_map_use {
	size_t taken, longest_free; /* pages */
};

/* All free; 'taken' is the caller's to free().  ENOMEM. */
int page_map_init(struct page_map *map, uint64_t base, uint64_t size, unsigned page_shift);
/* The first free run of 'count' pages at a multiple of 'step', counted from the base.  ENOMEM. */
int page_map_take(struct page_map *map, size_t count, size_t step, uint64_t *pa);
/* What of them there is. */
void page_map_mark(struct page_map *map, size_t first, size_t count, bool take);
bool page_map_has(const struct page_map *map, uint64_t pa);
struct page_map_use page_map_use(const struct page_map *map);

#endif
