/* SPDX-License-Identifier: MIT */
/* Which pages a scattered buffer is made of: __iommu_dma_alloc_pages(). */
#include <stdlib.h>

#include "dma.h"
#include "trace.h"

/* sg_alloc_table_from_pages(): UINT_MAX, less a page. */
#define SEGMENT_MAX UINT64_C(0xfffff000)

int segments_add(struct segment_list *list, uint64_t pa, uint64_t size)
{
	struct iopt_segment *last = list->count ? &list->items[list->count - 1] : NULL;

	if (last && last->pa + last->size == pa && last->size + size <= SEGMENT_MAX) {
		last->size += size;
		return 0;
	}
	if (!list->items || list->count == list->room) {
		size_t room = list->room ? 2 * list->room : 4;
		struct iopt_segment *items = realloc(list->items, room * sizeof(*items));

		if (!items)
			return -IOPT_ENOMEM;
		list->items = items;
		list->room = room;
	}
	list->items[list->count++] = (struct iopt_segment){pa, size};
	return 0;
}

unsigned page_max_order(unsigned page_shift)
{
	return page_shift == 12 ? 11 : page_shift == 14 ? 12 : 14;
}

static void free_all(const struct page_source *source, const struct segment_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		for (uint64_t pa = list->items[i].pa, end = pa + list->items[i].size; pa < end;)
			pa += source->free(source->arg, pa);
}

/* The largest order of *mask that can be had, which loses those that cannot. */
static int alloc_chunk(const struct page_source *source, uint64_t *mask, unsigned *order,
		       uint64_t *pa)
{
	while (*mask) {
		*order = 63 - (unsigned)__builtin_clzll(*mask);
		if (!source->alloc(source->arg, *order, pa))
			return 0;
		*mask &= ~BIT(*order);
	}
	return -IOPT_ENOMEM;
}

int dma_pages_alloc(const struct page_source *source, struct page_request r,
		    struct segment_list *list, unsigned orders[static PAGE_ORDERS])
{
	uint64_t mask = r.order_mask & low_bits(page_max_order(r.page_shift) + 1), left, pa;
	uint64_t chunks = 0;
	unsigned order = 0;
	int ret = 0;

	memset(orders, 0, PAGE_ORDERS * sizeof(*orders));
	for (left = r.count; !ret && left; left -= BIT(order)) {
		mask &= low_bits(64 - (unsigned)__builtin_clzll(left));
		ret = alloc_chunk(source, &mask, &order, &pa);
		if (ret)
			break;
		orders[order]++;
		ret = segments_add(list, pa, BIT(order + r.page_shift));
		if (ret)
			source->free(source->arg, pa);
		else if (source->memory)
			ret = memory_poll(source->memory, ++chunks, "allocating",
					  (r.count - left) << r.page_shift,
					  r.count << r.page_shift);
	}
	if (ret) {
		free_all(source, list);
		list->count = 0;
	}
	return ret;
}

/* ---- from the memory ---- */

static int memory_pages(void *arg, unsigned order, uint64_t *pa)
{
	struct iopt_device *device = arg;

	if (order >= page_max_order(device->page_shift))
		return -IOPT_ENOMEM;
	return memory_alloc(device->state->memory, device_page(device) << order, pa);
}

static uint64_t memory_pages_free(void *arg, uint64_t pa)
{
	struct iopt_device *device = arg;

	return memory_free(device->state->memory, pa);
}

struct page_source page_source_of(struct iopt_device *device)
{
	return (struct page_source){memory_pages, memory_pages_free, device, device->state->memory};
}

void dma_pages_free(struct iopt_memory *memory, uint64_t pa, uint64_t size)
{
	uint64_t done = 0, bytes;

	while (done < size) {
		bytes = memory_free(memory, pa + done);
		if (!bytes)
			break;
		done += bytes;
	}
}
