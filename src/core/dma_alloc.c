/* SPDX-License-Identifier: MIT */
/* Coherent buffers: kernel/dma/mapping.c, and iommu_dma_alloc() or dma_direct_alloc() below it. */
#include <stdlib.h>

#include "dma.h"
#include "dma_check.h"
#include "error.h"
#include "profile.h"
#include "trace.h"

enum { ATTRS_KNOWN = 0x3f6 };

static int no_memory(struct iopt_error *error, const char *what, uint64_t size)
{
	return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ENOMEM, "%s, 0x%llx bytes", what,
			 (unsigned long long)size);
}

/* Only what is not zero is written: RAM that nobody touched stays without frames. */
static void zero_memory(struct iopt_memory *m, uint64_t pa, uint64_t size)
{
	static const char zeros[FRAME_BYTES];

	while (size) {
		uint64_t n = min_u64(size, FRAME_BYTES - (pa & (FRAME_BYTES - 1)));
		const void *now = memory_read(m, pa, n);
		void *to = !now || !memcmp(now, zeros, n) ? NULL : memory_write(m, pa, n);

		if (to)
			memset(to, 0, n);
		pa += n;
		size -= n;
	}
}

static void set_block(struct iopt_buffer *b, uint64_t pa, uint64_t size)
{
	b->one = (struct iopt_segment){pa, size};
	b->segments = &b->one;
	b->segment_count = 1;
}

/* ---- a device's own pool ---- */

static int pool_alloc(struct iopt_buffer *b, struct iopt_error *error)
{
	struct iopt_device *device = b->device;
	struct iopt_memory *m = device->state->memory;
	uint64_t pa;
	int ret;

	trace_call(m, "dma_alloc_from_dev_coherent", trace_text("dev", device->config.name),
		   trace_number("size", b->size));
	ret = coherent_pool_alloc(device->pool, b->size, &pa);
	if (ret)
		no_memory(error, "the device's pool has no such run of free pages left", b->size);
	else
		trace_note(m,
			   "the first free run of 2^%u pages of the pool; its handle is a bus "
			   "address that no SMMU was told of",
			   device_page_order(device, b->size));
	trace_return(m, "dma_alloc_from_dev_coherent", ret ? ret : (int64_t)pa);
	if (ret)
		return ret;
	b->source = IOPT_SOURCE_DEVICE_POOL;
	/* Linux computes what is in no dma-range from nothing, too. */
	if (!device_bus_address(device, pa, &b->iova))
		b->iova = UINT64_MAX;
	b->zeroed = true;
	zero_memory(m, pa, b->size);
	set_block(b, pa, b->size);
	return buffer_make_spans(b); /* one: it cannot fail */
}

/* ---- blocks ---- */

/* alloc_pages() of an order. */
static int pages_alloc(struct iopt_device *device, uint64_t size, uint64_t *pa,
		       struct iopt_error *error)
{
	const struct page_source source = page_source_of(device);
	unsigned order = device_page_order(device, size);
	int ret;

	trace_call(device->state->memory, "alloc_pages", trace_number("order", order));
	ret = source.alloc(source.arg, order, pa);
	trace_return(device->state->memory, "alloc_pages", ret ? ret : (int64_t)*pa);
	if (ret && order >= page_max_order(device->page_shift))
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ENOMEM,
				 "one block of 0x%llx bytes is more than 2^%u pages, and no "
				 "contiguous memory area has it",
				 (unsigned long long)size, page_max_order(device->page_shift) - 1);
	return ret ? no_memory(error, "no free block of memory", size) : 0;
}

/* From where a CPU may not wait, and needs memory that is not cached already. */
static int atomic_alloc(struct iopt_device *device, uint64_t size, uint64_t *pa,
			struct iopt_error *error)
{
	struct dma_state *state = device->state;
	int ret;

	size = device_page_align(device, size);
	trace_call(state->memory, "dma_alloc_from_pool", trace_number("size", size));
	ret = atomic_pool_alloc(state, size, device->page_shift, pa);
	trace_return(state->memory, "dma_alloc_from_pool", ret ? ret : (int64_t)*pa);
	if (!ret) {
		zero_memory(state->memory, *pa, size);
		return 0;
	}
	finding_add(state, "W3", device, (struct iopt_segment){0, size},
		    "%s: failed to get 0x%llx bytes from the atomic pool", device->config.name,
		    (unsigned long long)size);
	return no_memory(error, "the atomic pool has no such run of free pages left", size);
}

static int any_block(struct iopt_buffer *b, uint64_t *pa, struct iopt_error *error)
{
	if (b->atomic && !b->device->config.coherent) {
		b->source = IOPT_SOURCE_ATOMIC_POOL;
		return atomic_alloc(b->device, b->size, pa, error);
	}
	return dma_block_alloc(b, pa, error);
}

int dma_block_alloc(struct iopt_buffer *b, uint64_t *pa, struct iopt_error *error)
{
	b->cma = dma_alloc_contiguous(b->device, device_page_align(b->device, b->size), b->atomic,
				      pa);
	if (b->cma)
		zero_memory(b->device->state->memory, *pa, device_page_align(b->device, b->size));
	return b->cma ? 0 : pages_alloc(b->device, b->size, pa, error);
}

void dma_block_free(const struct iopt_buffer *b, uint64_t pa)
{
	if (b->cma)
		cma_free(b->cma, pa, device_page_align(b->device, b->size));
	else if (b->source == IOPT_SOURCE_ATOMIC_POOL)
		atomic_pool_free(b->device->state, pa, device_page_align(b->device, b->size));
	else
		memory_free(b->device->state->memory, pa);
}

/* ---- behind an SMMU ---- */

/* Addresses for the segments, and the mapping.  On failure neither is left. */
static int map_coherent(struct iopt_buffer *b, uint64_t size, struct iopt_error *error)
{
	struct iopt_device *device = b->device;
	struct iopt_domain *d = device->group->default_domain;
	int ret = dma_iova_alloc(device, size, device->config.coherent_mask_bits, &b->iova);

	if (ret)
		return no_memory(error, "no I/O virtual addresses are left that the device reaches",
				 size);
	ret = dma_iova_map(d, b->iova, b->segments, b->segment_count,
			   dma_prot(device, IOPT_DMA_BIDIRECTIONAL, b->attrs));
	if (ret) {
		dma_iova_free(d, b->iova, size);
		return dma_not_mapped(ret, error);
	}
	b->domain = d;
	b->mapped = size;
	b->iova_first = b->iova;
	b->iova_size = dma_iova_rounded(d, size);
	return 0;
}

static void note_orders(struct iopt_memory *m, const unsigned orders[static PAGE_ORDERS],
			uint64_t mask)
{
	for (unsigned order = PAGE_ORDERS; tracing(m) && order--;)
		if (orders[order])
			trace_note(m,
				   "%u x 2^%u pages: only orders of mask 0x%llx, the SMMU's "
				   "page sizes, are tried",
				   orders[order], order, (unsigned long long)mask);
}

/* More than that need not be tried; the first allocation may add RAM if there is none. */
static uint64_t most_memory(const struct iopt_memory *m)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < m->window_count; i++)
		if (m->windows[i].ram)
			bytes += m->windows[i].range.last - m->windows[i].range.first + 1;
	return bytes ? bytes : UINT64_MAX;
}

/* __iommu_dma_alloc_noncontiguous() as far as the pages; *size in whole granules. */
static int scattered_pages(struct iopt_buffer *b, uint64_t *size, struct iopt_error *error)
{
	struct iopt_device *device = b->device;
	const struct iopt_domain *d = device->group->default_domain;
	const struct page_source source = page_source_of(device);
	uint64_t sizes = d->spaces[0].page_sizes, least = sizes & -sizes;
	const uint64_t page = device_page(device), granule = least;
	unsigned orders[PAGE_ORDERS];
	struct segment_list list = {0};
	struct page_request request;
	int ret;

	if (least < page) {
		least = page;
		sizes |= page;
	} else {
		*size = align_up(*size, least);
	}
	if (b->attrs & IOPT_DMA_ALLOC_SINGLE_PAGES)
		sizes = least;
	request = (struct page_request){device_page_align(device, *size) >> device->page_shift,
					sizes >> device->page_shift, device->page_shift};
	*size = align_up(*size, granule);
	if (*size > most_memory(device->state->memory))
		return no_memory(error, "more than all memory", *size);
	trace_call(device->state->memory, "__iommu_dma_alloc_pages",
		   trace_number("count", request.count),
		   trace_number("order_mask", request.order_mask));
	ret = dma_pages_alloc(&source, request, &list, orders);
	note_orders(device->state->memory, orders, request.order_mask);
	trace_return(device->state->memory, "__iommu_dma_alloc_pages", ret);
	if (ret)
		free(list.items);
	if (ret == -IOPT_EINTR)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINTR, "interrupted");
	if (ret)
		return no_memory(error, "not enough pages of memory", *size);
	list.items[list.count - 1].size -= (request.count << device->page_shift) - *size;
	buffer_set_segments(b, &list);
	return 0;
}

int dma_scattered_alloc(struct iopt_buffer *b, struct iopt_error *error)
{
	uint64_t size = b->size;
	int ret = scattered_pages(b, &size, error);

	if (ret)
		return ret;
	b->source = IOPT_SOURCE_IOMMU;
	ret = map_coherent(b, size, error);
	if (ret)
		dma_scattered_free(b);
	return ret;
}

static int iommu_alloc_block(struct iopt_buffer *b, struct iopt_error *error)
{
	const struct iopt_domain *d = b->device->group->default_domain;
	uint64_t size = align_up(b->size, domain_granule(d)), pa;
	int ret;

	b->source = IOPT_SOURCE_CONTIGUOUS;
	ret = any_block(b, &pa, error);
	if (ret)
		return ret;
	set_block(b, pa, size);
	ret = map_coherent(b, size, error);
	if (ret)
		dma_block_free(b, pa);
	return ret;
}

static int iommu_alloc(struct iopt_buffer *b, struct iopt_error *error)
{
	struct iopt_memory *m = b->device->state->memory;
	int ret;

	trace_call(m, "iommu_dma_alloc", trace_text("dev", b->device->config.name),
		   trace_number("size", b->size),
		   trace_text("gfp", b->atomic ? "GFP_ATOMIC" : "GFP_KERNEL"));
	b->zeroed = true;
	if (b->atomic || (b->attrs & IOPT_DMA_FORCE_CONTIGUOUS && profile_of(m)->force_contiguous))
		ret = iommu_alloc_block(b, error);
	else
		ret = dma_scattered_alloc(b, error);
	trace_return(m, "iommu_dma_alloc", ret ? ret : (int64_t)b->iova);
	return ret;
}

/* ---- behind none ---- */

/* A block within reach; one of an area that is not goes back, and pages are tried. */
static int direct_block(struct iopt_buffer *b, uint64_t *pa, struct iopt_error *error)
{
	struct iopt_device *device = b->device;
	const uint64_t size = device_page_align(device, b->size);
	const unsigned bits = device->config.coherent_mask_bits;
	int ret = any_block(b, pa, error);

	if (!ret && b->cma && !dma_reaches(device, *pa, size, bits, &b->iova)) {
		dma_block_free(b, *pa);
		b->cma = NULL;
		ret = pages_alloc(device, b->size, pa, error);
	}
	if (ret || dma_reaches(device, *pa, size, bits, &b->iova))
		return ret;
	dma_block_free(b, *pa);
	return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ENOMEM,
			 "the device does not reach the memory at 0x%llx", (unsigned long long)*pa);
}

static int direct_alloc(struct iopt_buffer *b, struct iopt_error *error)
{
	struct iopt_device *device = b->device;
	struct iopt_memory *m = device->state->memory;
	uint64_t size = device_page_align(device, b->size), pa = 0;
	int ret;

	trace_call(m, "dma_direct_alloc", trace_text("dev", device->config.name),
		   trace_number("size", size));
	b->source = IOPT_SOURCE_DIRECT;
	ret = direct_block(b, &pa, error);
	if (!ret) {
		set_block(b, pa, size);
		b->zeroed = !(b->attrs & IOPT_DMA_NO_KERNEL_MAPPING);
		ret = buffer_make_spans(b);
		if (ret)
			dma_block_free(b, pa);
	}
	if (!ret && b->iova != pa)
		trace_note(m, "memory at 0x%llx is at 0x%llx of the device's bus",
			   (unsigned long long)pa, (unsigned long long)b->iova);
	trace_return(m, "dma_direct_alloc", ret ? ret : (int64_t)b->iova);
	return ret;
}

/* ---- all of them ---- */

int dma_check_request(const struct iopt_device *device, unsigned attrs,
		      enum iopt_dma_direction direction, struct iopt_error *error)
{
	if (!device->bound)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ENODEV,
				 "no driver is bound to %s", device->config.name);
	if (attrs & ~(unsigned)ATTRS_KNOWN)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL, "no such attribute");
	if ((unsigned)direction >= IOPT_DMA_DIRECTION_COUNT)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL, "no such direction");
	return 0;
}

int dma_alloc(struct iopt_device *device, uint64_t size, unsigned attrs, bool atomic,
	      struct iopt_buffer **buffer, struct iopt_error *error)
{
	struct iopt_memory *m = device->state->memory;
	struct iopt_buffer *b = buffer_new(device, IOPT_BUFFER_COHERENT);
	int ret = 0;

	if (!b)
		return no_memory(error, "out of memory", size);
	b->size = size;
	b->attrs = attrs;
	b->atomic = atomic;
	b->checked = true;
	trace_call(m, "dma_alloc_attrs", trace_text("dev", device->config.name),
		   trace_number("size", size), trace_number("attrs", attrs));
	if (!device->pool)
		trace_note(m, "%s has no coherent pool of its own", device->config.name);
	if (device->pool)
		ret = pool_alloc(b, error);
	if (ret && device->pool && device->config.pool_shared && profile_of(m)->pool_falls_back)
		trace_note(m, "the pool is not exclusive: other memory is looked for");
	else if (device->pool)
		goto out;
	ret = device->uses_iommu ? iommu_alloc(b, error) : direct_alloc(b, error);
out:
	trace_return(m, "dma_alloc_attrs", ret ? ret : (int64_t)b->iova);
	if (ret) {
		buffer_free(b);
		return ret;
	}
	check_new(b);
	*buffer = b;
	return 0;
}

int iopt_dma_alloc(struct iopt_device *device, uint64_t size, unsigned attrs, bool atomic,
		   struct iopt_buffer **buffer, struct iopt_error *error)
{
	int ret = dma_check_request(device, attrs, IOPT_DMA_BIDIRECTIONAL, error);

	if (ret)
		return ret;
	if (!size)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "a buffer has at least one byte");
	if (size > DMA_SIZE_MAX)
		return no_memory(error, "more than physical addresses reach", size);
	ret = dma_alloc(device, size, attrs, atomic, buffer, error);
	if (!ret)
		buffer_add(*buffer);
	return ret;
}
