/* SPDX-License-Identifier: MIT */
/* Pages that were set aside: devices' coherent pools, and the atomic pool. */
#include <stdlib.h>

#include "dma.h"
#include "error.h"
#include "page_alloc.h"
#include "profile.h"
#include "trace.h"

#define ATOMIC_PER_GIB BIT(17) /* of RAM; also the least */
#define ATOMIC_FIXED   BIT(18)

static size_t pages_of(uint64_t size, unsigned page_shift)
{
	return (size_t)((size >> page_shift) + !!(size & (BIT(page_shift) - 1)));
}

/* ---- a device's own ---- */

/* Bytes that are there, or will be; RAM of them is nobody else's from now on. */
static int set_aside(struct iopt_memory *m, struct range range, struct iopt_error *error)
{
	const struct memory_reserved *r = memory_reserved_find(m, range);
	const uint64_t size = range.last - range.first + 1;

	if (r && (r->kind == IOPT_RESERVED_CMA || r->range.first > range.first ||
		  r->range.last < range.last))
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EBUSY,
				 "the pool's memory is kept for something else");
	if (!memory_has(m, range.first, size) && memory_add_window(m, range.first, size, NULL, 0))
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "the pool's memory is only partly there");
	return r ? 0 : memory_reserve(m, range, IOPT_RESERVED_POOL, "", error);
}

int coherent_pool_get(struct dma_state *state, uint64_t base, uint64_t size, unsigned page_shift,
		      struct coherent_pool **pool, struct iopt_error *error)
{
	struct coherent_pool *p;
	struct range want;
	int ret;

	if (!range_make(base, size, &want) || (base | size) & (BIT(page_shift) - 1))
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "a pool is whole pages within the address space");
	if (size > BIT(PAGE_ALLOC_WINDOW_SHIFT - 12))
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL, "too large a pool");
	for (p = state->pools; p; p = p->next) {
		const struct page_map *map = &p->map;
		const uint64_t last = map->base + (((uint64_t)map->pages << map->page_shift) - 1);

		if (map->base == base && last == want.last && map->page_shift == page_shift) {
			*pool = p;
			return 0;
		}
		if (ranges_overlap(want, (struct range){map->base, last}))
			return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EBUSY,
					 "it overlaps another device's pool");
	}
	p = calloc(1, sizeof(*p));
	if (!p || page_map_init(&p->map, base, size, page_shift)) {
		free(p);
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ENOMEM, "out of memory");
	}
	ret = set_aside(state->memory, want, error);
	if (ret) {
		free(p->map.taken);
		free(p);
		return ret;
	}
	p->next = state->pools;
	state->pools = p;
	*pool = p;
	return 0;
}

int coherent_pool_alloc(struct coherent_pool *pool, uint64_t size, uint64_t *pa)
{
	if (size > (uint64_t)pool->map.pages << pool->map.page_shift)
		return -IOPT_ENOMEM;
	size = BIT(log2_up(pages_of(size, pool->map.page_shift)));
	return page_map_take(&pool->map, size, size, pa);
}

void coherent_pool_free(struct coherent_pool *pool, uint64_t pa, uint64_t size)
{
	size_t count = pages_of(size, pool->map.page_shift);

	if (page_map_has(&pool->map, pa))
		page_map_mark(&pool->map, (pa - pool->map.base) >> pool->map.page_shift,
			      BIT(log2_up(min_u64(count, pool->map.pages))), false);
}

/* ---- the atomic pool ---- */

/* 128 KiB for each GiB of RAM, but one block; it was a constant once. */
static uint64_t atomic_initial(const struct iopt_memory *m, unsigned page_shift)
{
	uint64_t ram = 0, most = BIT(page_max_order(page_shift) - 1 + page_shift);

	if (!profile_of(m)->atomic_pool_grows)
		return ATOMIC_FIXED;
	for (size_t i = 0; i < m->window_count; i++)
		if (m->windows[i].ram)
			ram += m->windows[i].range.last - m->windows[i].range.first + 1;
	ram = max_u64(ram >> 30, 1) * ATOMIC_PER_GIB;
	return min_u64(BIT(log2_up(ram)), most);
}

/* A block of that size, or the next smaller one that there is; *cma: of which area, or NULL. */
static int atomic_block(struct dma_state *state, uint64_t *bytes, unsigned page_shift, uint64_t *pa,
			struct iopt_cma **cma)
{
	struct iopt_cma *area = state->default_cma;

	if (area && area->map.page_shift != page_shift)
		area = NULL;
	*bytes = min_u64(*bytes, BIT(page_max_order(page_shift) - 1 + page_shift));
	for (; *bytes >= BIT(page_shift); *bytes /= 2) {
		*cma = area && !cma_alloc(area, *bytes, pa) ? area : NULL;
		if (*cma || !memory_alloc(state->memory, *bytes, pa))
			return 0;
	}
	return -IOPT_ENOMEM;
}

static void atomic_block_free(struct dma_state *state, struct atomic_area *area, uint64_t bytes)
{
	if (area->cma)
		cma_free(area->cma, area->map.base, bytes);
	else
		memory_free(state->memory, area->map.base);
	free(area->map.taken);
	free(area);
}

/* atomic_pool_expand() */
static int atomic_expand(struct dma_state *state, uint64_t bytes, unsigned page_shift)
{
	struct atomic_area *area = calloc(1, sizeof(*area));
	uint64_t pa;

	if (!area || atomic_block(state, &bytes, page_shift, &pa, &area->cma)) {
		free(area);
		return -IOPT_ENOMEM;
	}
	if (page_map_init(&area->map, pa, bytes, page_shift)) {
		atomic_block_free(state, area, bytes);
		return -IOPT_ENOMEM;
	}
	area->next = state->atomic.areas;
	state->atomic.areas = area;
	state->atomic.bytes += bytes;
	state->atomic.available += bytes;
	trace_note(state->memory, "the atomic pool grows by 0x%llx bytes at 0x%llx",
		   (unsigned long long)bytes, (unsigned long long)pa);
	return 0;
}

static int atomic_take(struct dma_state *state, size_t count, unsigned page_shift, uint64_t *pa)
{
	struct atomic_area *area;

	for (area = state->atomic.areas; area; area = area->next)
		if (area->map.page_shift == page_shift &&
		    !page_map_take(&area->map, count, BIT(log2_up(count)), pa))
			return 0;
	return -IOPT_ENOMEM;
}

int atomic_pool_alloc(struct dma_state *state, uint64_t size, unsigned page_shift, uint64_t *pa)
{
	const uint64_t initial = atomic_initial(state->memory, page_shift);
	const size_t count = pages_of(size, page_shift);

	if (!state->atomic.areas && atomic_expand(state, initial, page_shift))
		return -IOPT_ENOMEM;
	if (atomic_take(state, count, page_shift, pa))
		return -IOPT_ENOMEM;
	state->atomic.available -= (uint64_t)count << page_shift;
	/* Linux's worker does this in the background, and nobody minds if it fails. */
	if (state->atomic.available < initial && profile_of(state->memory)->atomic_pool_grows)
		atomic_expand(state, state->atomic.bytes, page_shift);
	return 0;
}

void atomic_pool_free(struct dma_state *state, uint64_t pa, uint64_t size)
{
	struct atomic_area *area;

	for (area = state->atomic.areas; area && !page_map_has(&area->map, pa);)
		area = area->next;
	if (!area)
		return;
	page_map_mark(&area->map, (pa - area->map.base) >> area->map.page_shift,
		      pages_of(size, area->map.page_shift), false);
	state->atomic.available += (uint64_t)pages_of(size, area->map.page_shift)
				   << area->map.page_shift;
}

void atomic_pool_destroy(struct dma_state *state)
{
	struct atomic_area *area;

	while ((area = state->atomic.areas) != NULL) {
		state->atomic.areas = area->next;
		atomic_block_free(state, area, (uint64_t)area->map.pages << area->map.page_shift);
	}
	state->atomic = (struct atomic_pool){0};
}
