/* SPDX-License-Identifier: MIT */
/*
 * swiotlb: memory within every device's reach, through which goes what a device cannot have as it
 * is: out of reach of dma-direct, or a part of a page that an untrusted one must not see whole.
 */
#include <stdlib.h>

#include "dma.h"
#include "dma_check.h"
#include "error.h"
#include "trace.h"

enum { SLOT_SHIFT = 11 }; /* IO_TLB_SHIFT */

#define BOUNCE_MIN BIT(16)
#define BOUNCE_MAX BIT(30)

static int fail(struct iopt_error *error, int code, const char *why)
{
	return error_set(error, IOPT_FAILURE_REQUEST, code, "%s", why);
}

/* ---- the memory ---- */

static uint64_t bounce_bytes(const struct page_map *map)
{
	return (uint64_t)map->pages << map->page_shift;
}

void bounce_destroy(struct dma_state *state)
{
	if (state->bounce.pages)
		memory_free(state->memory, state->bounce.base);
	free(state->bounce.taken);
	state->bounce = (struct page_map){0};
}

int iopt_memory_set_swiotlb(struct iopt_memory *m, uint64_t size, struct iopt_error *error)
{
	struct dma_state *state = dma_state(m);
	uint64_t pa;

	if (!state)
		return fail(error, IOPT_ENOMEM, "out of memory");
	if (size && (!is_power_of_two(size) || size < BOUNCE_MIN || size > BOUNCE_MAX))
		return fail(error, IOPT_EINVAL,
			    "a swiotlb has a power of two from 64k to 1g bytes");
	if (page_map_use(&state->bounce).taken)
		return fail(error, IOPT_EBUSY, "mappings go through the swiotlb");
	bounce_destroy(state);
	if (!size)
		return 0;
	if (memory_alloc(m, size, &pa))
		return fail(error, IOPT_ENOMEM, "no free block of memory");
	if (page_map_init(&state->bounce, pa, size, SLOT_SHIFT)) {
		memory_free(m, pa);
		state->bounce = (struct page_map){0};
		return fail(error, IOPT_ENOMEM, "out of memory");
	}
	return 0;
}

void iopt_memory_swiotlb(const struct iopt_memory *m, uint64_t *base, uint64_t *size,
			 uint64_t *used)
{
	const struct page_map *map = m->dma ? &m->dma->bounce : &(struct page_map){0};

	*base = map->base;
	*size = bounce_bytes(map);
	*used = (uint64_t)page_map_use(map).taken << SLOT_SHIFT;
}

/* ---- what is in it ---- */

/* As far as both are there. */
static void copy(struct iopt_memory *m, uint64_t from, uint64_t to, uint64_t size)
{
	char part[BIT(SLOT_SHIFT)];
	size_t got;

	for (; size; size -= got, from += got, to += got) {
		got = iopt_memory_read(m, from, part, min_u64(size, sizeof(part)));
		if (!got || iopt_memory_write(m, to, part, got))
			return;
	}
}

static void clear(struct iopt_memory *m, uint64_t pa, uint64_t size)
{
	static const char zeros[BIT(SLOT_SHIFT)];

	for (uint64_t n; size; size -= n, pa += n) {
		n = min_u64(size, sizeof(zeros));
		iopt_memory_write(m, pa, zeros, n);
	}
}

int bounce_take(const struct iopt_buffer *b, struct iopt_segment s, uint64_t align,
		struct iopt_segment *bounce, struct iopt_error *error)
{
	struct dma_state *state = b->device->state;
	const uint64_t size = align_up(s.size, align);
	const uint64_t slots = align_up(size, BIT(SLOT_SHIFT)) >> SLOT_SHIFT;
	uint64_t step = align >> SLOT_SHIFT;
	int ret = -IOPT_ENOMEM;

	trace_call(state->memory, "swiotlb_tbl_map_single", trace_number("phys", s.pa),
		   trace_number("size", s.size), trace_number("alloc_size", size));
	if (state->bounce.pages)
		ret = page_map_take(&state->bounce, slots, step ? step : 1, &bounce->pa);
	trace_return(state->memory, "swiotlb_tbl_map_single", ret ? ret : (int64_t)bounce->pa);
	if (ret) {
		finding_add(state, "W6", b->device, s,
			    "%s: 0x%llx bytes at 0x%llx must be bounced, and the swiotlb is %s",
			    b->device->config.name, (unsigned long long)s.size,
			    (unsigned long long)s.pa, state->bounce.pages ? "full" : "not there");
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ENOMEM,
				 "the memory at 0x%llx must be bounced, and the swiotlb is %s",
				 (unsigned long long)s.pa,
				 state->bounce.pages ? "full" : "not there");
	}
	bounce->size = size;
	/* Whatever the direction: the device may write less than all of it. */
	copy(state->memory, s.pa, bounce->pa, s.size);
	clear(state->memory, bounce->pa + s.size, size - s.size);
	return 0;
}

void bounce_give(const struct iopt_buffer *b, struct iopt_segment s, struct iopt_segment bounce)
{
	struct page_map *map = &b->device->state->bounce;

	if (!bounce.size)
		return;
	if (b->direction != IOPT_DMA_TO_DEVICE && !(b->attrs & IOPT_DMA_SKIP_CPU_SYNC))
		copy(b->device->state->memory, bounce.pa, s.pa, s.size);
	trace_note(b->device->state->memory, "swiotlb_tbl_unmap_single: 0x%llx bytes at 0x%llx%s",
		   (unsigned long long)bounce.size, (unsigned long long)bounce.pa,
		   b->direction != IOPT_DMA_TO_DEVICE ? ", copied back" : "");
	page_map_mark(map, (bounce.pa - map->base) >> SLOT_SHIFT,
		      align_up(bounce.size, BIT(SLOT_SHIFT)) >> SLOT_SHIFT, false);
}

void bounce_sync(const struct iopt_buffer *b, bool for_cpu, uint64_t offset, uint64_t size)
{
	struct iopt_memory *m = b->device->state->memory;

	for (size_t i = 0; size && i < b->piece_count; i++) {
		const struct iopt_segment *s = &b->segments[i], *bounce = &b->pieces[i].bounce;
		uint64_t n;

		if (offset >= s->size) {
			offset -= s->size;
			continue;
		}
		n = min_u64(size, s->size - offset);
		if (bounce->size &&
		    b->direction != (for_cpu ? IOPT_DMA_TO_DEVICE : IOPT_DMA_FROM_DEVICE)) {
			trace_note(m, "swiotlb_sync_single_for_%s: 0x%llx bytes",
				   for_cpu ? "cpu" : "device", (unsigned long long)n);
			if (for_cpu)
				copy(m, bounce->pa + offset, s->pa + offset, n);
			else
				copy(m, s->pa + offset, bounce->pa + offset, n);
		}
		size -= n;
		offset = 0;
	}
}
