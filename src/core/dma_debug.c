/* SPDX-License-Identifier: MIT */
/* kernel/dma/debug.c's checks, and stricter ones, when a driver or a device does something. */
#include "dma_check.h"
#include "trace.h"

enum { CACHE_LINE_SHIFT = 6, OVERLAPS_MAX = 7 };

typedef unsigned long long ull;

static struct iopt_segment place_of(const struct iopt_buffer *b)
{
	return (struct iopt_segment){b->iova, b->size};
}

static const char *name_of(const struct iopt_buffer *b)
{
	return b->device->config.name;
}

/* ---- something new ---- */

struct sharing {
	const struct iopt_buffer *b;
	struct range range;
	unsigned same_line;
};

static bool device_may_write(const struct iopt_buffer *b)
{
	return b->direction != IOPT_DMA_TO_DEVICE;
}

/* dma-debug compares only where mappings begin, and of those that the device may write to. */
static bool same_first_line(const struct sharing *s, const struct span *span)
{
	const struct iopt_buffer *other = span->owner;

	return s->range.first >> CACHE_LINE_SHIFT == span->range.first >> CACHE_LINE_SHIFT &&
	       device_may_write(s->b) && device_may_write(other);
}

static int compare_span(void *arg, struct span *span)
{
	struct sharing *s = arg;
	const struct iopt_buffer *b = s->b, *other = span->owner;
	const struct iopt_segment both[2] = {place_of(b), place_of(other)};
	struct dma_state *state = b->device->state;

	if ((!device_may_write(b) && !device_may_write(other)) ||
	    (b->attrs | other->attrs) & IOPT_DMA_SKIP_CPU_SYNC)
		return 0;
	if (same_first_line(s, span)) {
		if (!s->same_line++)
			finding_add2(state, "D21", b->device, both,
				     "%s: the cache line at 0x%llx is mapped by %s already",
				     name_of(b), (ull)s->range.first, name_of(other));
	} else if (ranges_overlap(s->range, span->range)) {
		finding_add2(state, "X1", b->device, both,
			     "%s: what is mapped at 0x%llx and %s's buffer at 0x%llx share the "
			     "memory at 0x%llx",
			     name_of(b), (ull)b->iova, name_of(other), (ull)other->iova,
			     (ull)max_u64(span->range.first, s->range.first));
	} else if (!b->device->config.coherent || !other->device->config.coherent) {
		finding_add2(state, "X9", b->device, both,
			     "%s: what is mapped at 0x%llx and %s's buffer at 0x%llx are "
			     "neighbours in one cache line",
			     name_of(b), (ull)b->iova, name_of(other), (ull)other->iova);
	}
	return 0;
}

static void check_sharing(const struct iopt_buffer *b)
{
	const struct dma_state *state = b->device->state;

	for (size_t i = 0; state->spans.root && i < b->segment_count; i++) {
		struct sharing s = {.b = b};
		struct range lines;

		if (!range_make(b->segments[i].pa, b->segments[i].size, &s.range))
			continue;
		lines.first = align_down(s.range.first, BIT(CACHE_LINE_SHIFT));
		lines.last = s.range.last | low_bits(CACHE_LINE_SHIFT);
		span_overlap(&state->spans, lines, compare_span, &s);
		if (s.same_line > OVERLAPS_MAX)
			finding_add(b->device->state, "D22", b->device, place_of(b),
				    "%s: more than %d overlapping mappings of the cache line at "
				    "0x%llx",
				    name_of(b), OVERLAPS_MAX, (ull)b->segments[i].pa);
	}
}

static void check_list(const struct iopt_buffer *b)
{
	const struct iopt_device_config *c = &b->device->config;

	for (size_t i = 0; i < b->nents; i++)
		if (b->segments[i].size > c->max_segment)
			finding_add(b->device->state, "D19", b->device, place_of(b),
				    "%s: segment %zu has 0x%llx bytes, the device takes 0x%llx",
				    name_of(b), i, (ull)b->segments[i].size, (ull)c->max_segment);
	for (size_t i = 0; i < b->dma_count; i++) {
		const struct iopt_segment *s = &b->dma[i];
		const struct iopt_segment both[2] = {*s, place_of(b)};

		if ((s->pa ^ (s->pa + s->size - 1)) & ~c->segment_boundary)
			finding_add2(b->device->state, "D20", b->device, both,
				     "%s: [0x%llx, 0x%llx] crosses a boundary of 0x%llx",
				     name_of(b), (ull)s->pa, (ull)(s->pa + s->size - 1),
				     (ull)c->segment_boundary);
	}
}

static void check_pool_handle(const struct iopt_buffer *b)
{
	struct iopt_domain *d = iopt_device_domain(b->device);
	uint64_t pa;

	if (!dma_reaches(b->device, b->one.pa, b->size, b->device->config.coherent_mask_bits, &pa))
		finding_add(
			b->device->state, "W5", b->device, place_of(b),
			"%s: the pool's memory at 0x%llx is out of its reach (mask of %u bits%s)",
			name_of(b), (ull)b->one.pa, b->device->config.coherent_mask_bits,
			dma_limit_text(b->device, (char[DMA_LIMIT_BYTES]){""}));
	if (!d || d->type == IOPT_DOMAIN_IDENTITY)
		return;
	if (!iopt_translate(d, b->iova, &pa, NULL) && pa == b->one.pa)
		return;
	finding_add(b->device->state, "X3", b->device, place_of(b),
		    "%s: the pool's handle 0x%llx is a bus address, and its SMMU, which "
		    "translates, does not lead it there",
		    name_of(b), (ull)b->iova);
}

void check_new(const struct iopt_buffer *b)
{
	const struct dma_group *group = b->device->group;

	if (b->source == IOPT_SOURCE_DEVICE_POOL)
		check_pool_handle(b);
	if (b->kind == IOPT_BUFFER_SG && b->source == IOPT_SOURCE_CALLER)
		check_list(b);
	check_sharing(b);
	if (b->domain && group && group->domain != b->domain)
		finding_add(b->device->state, "X8", b->device, place_of(b),
			    "%s: 0x%llx is an address of its default domain, and another one "
			    "translates",
			    name_of(b), (ull)b->iova);
}

/* ---- given back ---- */

static void check_release_size(const struct iopt_buffer *b, uint64_t size)
{
	const struct iopt_segment both[2] = {place_of(b), {b->iova, size}};

	if (b->source == IOPT_SOURCE_DEVICE_POOL)
		finding_add2(b->device->state, "X6", b->device, both,
			     "%s: 0x%llx bytes of the pool at 0x%llx are freed as 0x%llx",
			     name_of(b), (ull)b->size, (ull)b->iova, (ull)size);
	else
		finding_add2(b->device->state, "D3", b->device, both,
			     "%s: device driver frees DMA memory with different size [device "
			     "address=0x%llx] [map size=%llu bytes] [unmap size=%llu bytes]",
			     name_of(b), (ull)b->iova, (ull)b->size, (ull)size);
}

static void check_release_place(const struct iopt_buffer *b, const struct iopt_release *r)
{
	struct dma_state *state = b->device->state;

	if (r->other_kind)
		finding_add(state, "D4", b->device, place_of(b),
			    "%s: device driver frees DMA memory with wrong function [device "
			    "address=0x%llx]",
			    name_of(b), (ull)b->iova);
	else if (b->kind == IOPT_BUFFER_COHERENT && r->pa && r->pa != b->segments[0].pa)
		finding_add(state, "D5", b->device, place_of(b),
			    "%s: device driver frees DMA memory with different CPU address [cpu "
			    "alloc address=0x%llx] [cpu free address=0x%llx]",
			    name_of(b), (ull)b->segments[0].pa, (ull)r->pa);
	if (b->kind == IOPT_BUFFER_SG && r->nents && r->nents != b->nents)
		finding_add(state, "D6", b->device, place_of(b),
			    "%s: device driver frees DMA sg list with different entry count [map "
			    "count=%zu] [unmap count=%zu]",
			    name_of(b), b->nents, r->nents);
}

void check_release(const struct iopt_buffer *b, const struct iopt_release *r)
{
	struct dma_state *state = b->device->state;

	if (r->size && r->size != b->size && b->kind != IOPT_BUFFER_SG)
		check_release_size(b, r->size);
	/* dma-debug never heard of a pool's memory */
	if (b->source == IOPT_SOURCE_DEVICE_POOL)
		return;
	check_release_place(b, r);
	if (r->has_direction && r->direction != b->direction)
		finding_add(state, "D7", b->device, place_of(b),
			    "%s: device driver frees DMA memory with different direction [mapped "
			    "with %s] [unmapped with %s]",
			    name_of(b), iopt_dma_direction_name(b->direction),
			    iopt_dma_direction_name(r->direction));
	if (!b->checked)
		finding_add(state, "D8", b->device, place_of(b),
			    "%s: device driver failed to check map error [device address=0x%llx] "
			    "[size=%llu bytes]",
			    name_of(b), (ull)b->iova, (ull)b->size);
}

/* The address may have been right once. */
static void check_used_again(struct iopt_device *device, uint64_t iova, uint64_t size,
			     const char *what)
{
	struct iopt_segment places[2] = {{iova, size}};

	if (released_find(device->state, device, iova, &places[1]))
		finding_add2(device->state, "X2", device, places,
			     "%s: 0x%llx is %s after it was given back", device->config.name,
			     (ull)iova, what);
}

void check_release_missing(struct iopt_device *device, uint64_t iova, uint64_t size)
{
	const bool error_value = iova == UINT64_MAX;

	finding_add(device->state, error_value ? "D1" : "D2", device,
		    (struct iopt_segment){iova, size},
		    error_value ? "%s: device driver tries to free an invalid DMA memory address "
				  "[device address=0x%llx] [size=%llu bytes]"
				: "%s: device driver tries to free DMA memory it has not allocated "
				  "[device address=0x%llx] [size=%llu bytes]",
		    device->config.name, (ull)iova, (ull)size);
	check_used_again(device, iova, size, "freed");
}

/* ---- synced ---- */

static void check_sync_direction(const struct iopt_buffer *b, const struct iopt_sync *s)
{
	const enum iopt_dma_direction direction = s->has_direction ? s->direction : b->direction;
	struct dma_state *state = b->device->state;

	if (b->direction == IOPT_DMA_BIDIRECTIONAL)
		return;
	if (direction != b->direction)
		finding_add(state, "D15", b->device, place_of(b),
			    "%s: device driver syncs DMA memory with different direction [mapped "
			    "with %s] [synced with %s]",
			    name_of(b), iopt_dma_direction_name(b->direction),
			    iopt_dma_direction_name(direction));
	if (s->for_cpu && b->direction != IOPT_DMA_FROM_DEVICE && direction != IOPT_DMA_TO_DEVICE)
		finding_add(state, "D16", b->device, place_of(b),
			    "%s: device driver syncs device read-only DMA memory for cpu",
			    name_of(b));
	if (!s->for_cpu && b->direction != IOPT_DMA_TO_DEVICE && direction != IOPT_DMA_FROM_DEVICE)
		finding_add(state, "D17", b->device, place_of(b),
			    "%s: device driver syncs device write-only DMA memory to device",
			    name_of(b));
}

void check_sync(const struct iopt_buffer *b, const struct iopt_sync *s)
{
	struct dma_state *state = b->device->state;
	const struct iopt_segment both[2] = {{b->iova + s->offset, s->size}, place_of(b)};

	if (s->offset >= b->size || s->size > b->size - s->offset)
		finding_add2(state, "D14", b->device, both,
			     "%s: device driver syncs DMA memory outside allocated range [device "
			     "address=0x%llx] [allocation size=%llu bytes] [sync offset+size=%llu]",
			     name_of(b), (ull)b->iova, (ull)b->size, (ull)s->offset + s->size);
	check_sync_direction(b, s);
	if (b->kind == IOPT_BUFFER_SG && s->nents && s->nents != b->nents)
		finding_add(state, "D18", b->device, place_of(b),
			    "%s: device driver syncs DMA sg list with different entry count [map "
			    "count=%zu] [sync count=%zu]",
			    name_of(b), b->nents, s->nents);
}

void check_sync_missing(struct iopt_device *device, uint64_t iova, uint64_t size)
{
	finding_add(device->state, "D13", device, (struct iopt_segment){iova, size},
		    "%s: device driver tries to sync DMA memory it has not allocated [device "
		    "address=0x%llx] [size=%llu bytes]",
		    device->config.name, (ull)iova, (ull)size);
	check_used_again(device, iova, size, "synced");
}

/* ---- the driver goes ---- */

void check_unbind(const struct iopt_device *device)
{
	const struct iopt_buffer *b = device->state->oldest;
	size_t count = device->live;

	if (!count)
		return;
	while (b->device != device || b->pool)
		b = b->newer;
	finding_add(device->state, "D23", device, place_of(b),
		    "%s: device driver has %zu pending DMA allocations while released from device; "
		    "one of them is at 0x%llx, %llu bytes",
		    device->config.name, count, (ull)b->iova, (ull)b->size);
}

/* ---- the device itself ---- */

static bool against(const struct iopt_buffer *b, unsigned access)
{
	return (access & IOPT_READ && b->direction == IOPT_DMA_FROM_DEVICE) ||
	       (access & IOPT_WRITE && b->direction == IOPT_DMA_TO_DEVICE);
}

static void check_access(struct iopt_device *device, uint64_t iova, uint64_t size, unsigned access)
{
	const struct iopt_buffer *b = buffer_around(device, iova, size);
	struct iopt_segment places[2] = {{iova, size}};

	if (!b) {
		check_used_again(device, iova, size, "used by the device");
		return;
	}
	places[1] = place_of(b);
	if (b->iova_size && iova + size - b->iova_first > b->mapped)
		finding_add2(device->state, "X4", device, places,
			     "%s: 0x%llx is past the buffer at 0x%llx, in addresses that were only "
			     "rounded up",
			     device->config.name, (ull)iova, (ull)b->iova);
	if (b->kind != IOPT_BUFFER_COHERENT && against(b, access))
		finding_add2(device->state, "X7", device, places,
			     "%s: it %s memory that is mapped %s", device->config.name,
			     access & IOPT_WRITE ? "writes" : "reads",
			     iopt_dma_direction_name(b->direction));
}

/* Does the leaf allow it?  Stage 1 cannot forbid reading what may be written. */
static int access_leaf(struct iopt_domain *d, uint64_t iova, unsigned access, uint64_t *pa,
		       struct iopt_fault *fault)
{
	struct iopt_walk walk = IOPT_INIT(struct iopt_walk);
	int ret;

	if (!d->space_count)
		return iopt_translate(d, iova, pa, fault);
	ret = iopt_walk(d, iova, access & IOPT_WRITE ? IOPT_ACCESS_W : IOPT_ACCESS_R, 1, &walk);
	*pa = walk.pa;
	if (fault)
		*fault = walk.fault;
	return ret;
}

int iopt_device_access(struct iopt_device *device, uint64_t iova, uint64_t size, unsigned access,
		       uint64_t *pa, struct iopt_fault *fault)
{
	struct iopt_domain *d = iopt_device_domain(device);
	struct range range;
	uint64_t step, at;
	int ret;

	*pa = iova;
	if (fault)
		*fault = (struct iopt_fault){0};
	if (!range_make(iova, size, &range) || !(access & (IOPT_READ | IOPT_WRITE)))
		return -IOPT_EINVAL;
	check_access(device, iova, size, access);
	if (!d || d->type == IOPT_DOMAIN_IDENTITY)
		return device_memory_address(device, iova, pa) &&
				       memory_has(device->state->memory, *pa, size)
			       ? 0
			       : -IOPT_EFAULT;
	ret = access_leaf(d, iova, access, pa, fault);
	if (!d->space_count)
		return ret;
	/* The rest of it, by the smallest page that there can be. */
	step = domain_granule(d) ? domain_granule(d) : BIT(12);
	at = align_down(iova, step);
	while (!ret && range.last - at >= step) {
		uint64_t next;

		at += step;
		ret = access_leaf(d, at, access, &next, fault);
	}
	return ret;
}
