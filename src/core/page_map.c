/* SPDX-License-Identifier: MIT */
#include "page_map.h"

#include <stdlib.h>

#include "iopt.h"

static bool is_taken(const struct page_map *map, size_t page)
{
	return map->taken[page / 64] >> (page % 64) & 1;
}

void page_map_mark(struct page_map *map, size_t first, size_t count, bool take)
{
	for (size_t i = first; i < first + count && i < map->pages; i++) {
		if (take)
			map->taken[i / 64] |= BIT(i % 64);
		else
			map->taken[i / 64] &= ~BIT(i % 64);
	}
}

int page_map_init(struct page_map *map, uint64_t base, uint64_t size, unsigned page_shift)
{
	*map = (struct page_map){
		.base = base, .pages = size >> page_shift, .page_shift = page_shift};
	map->taken = calloc(map->pages / 64 + 1, sizeof(*map->taken));
	return map->taken ? 0 : -IOPT_ENOMEM;
}

int page_map_take(struct page_map *map, size_t count, size_t step, uint64_t *pa)
{
	for (size_t at = 0; count <= map->pages && at <= map->pages - count; at += step) {
		size_t n = 0;

		while (n < count && !is_taken(map, at + n))
			n++;
		if (n < count)
			continue;
		page_map_mark(map, at, count, true);
		*pa = map->base + ((uint64_t)at << map->page_shift);
		return 0;
	}
	return -IOPT_ENOMEM;
}

bool page_map_has(const struct page_map *map, uint64_t pa)
{
	return pa >= map->base && (pa - map->base) >> map->page_shift < map->pages;
}

struct page_map_use page_map_use(const struct page_map *map)
{
	struct page_map_use use = {0};
	size_t run = 0;

	for (size_t i = 0; i < map->pages; i++) {
		run = is_taken(map, i) ? 0 : run + 1;
		use.taken += !run;
		if (run > use.longest_free)
			use.longest_free = run;
	}
	return use;
}
