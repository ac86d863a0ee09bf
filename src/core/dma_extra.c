/* SPDX-License-Identifier: MIT */
/*
 * What Linux 6.1's struct dma_map_ops has beyond the old one: map_resource, alloc_pages and
 * alloc_noncontiguous.
 */
#include <stdlib.h>

#include "dma.h"
#include "dma_check.h"
#include "error.h"
#include "trace.h"

static int fail(struct iopt_error *error, int code, const char *why)
{
	return error_set(error, IOPT_FAILURE_REQUEST, code, "%s", why);
}

/* A buffer that is to begin; NULL with 'error'. */
static struct iopt_buffer *begin(struct iopt_device *device, enum iopt_buffer_kind kind,
				 uint64_t size, enum iopt_dma_direction direction,
				 struct iopt_error *error)
{
	struct iopt_buffer *b = buffer_new(device, kind);

	if (!b) {
		fail(error, IOPT_ENOMEM, "out of memory");
		return NULL;
	}
	b->size = size;
	b->direction = direction;
	b->nents = 1;
	return b;
}

/* It is live, or it was nothing. */
static int finish(struct iopt_buffer *b, int ret, struct iopt_buffer **buffer)
{
	if (ret) {
		buffer_free(b);
		return ret;
	}
	check_new(b);
	buffer_add(b);
	*buffer = b;
	return 0;
}

/* ---- registers of another device ---- */

static bool has_ram(const struct iopt_memory *m, struct range range)
{
	size_t i = memory_window_search(m, range.first);

	for (; i < m->window_count && m->windows[i].range.first <= range.last; i++)
		if (m->windows[i].ram)
			return true;
	return false;
}

/* iommu_dma_map_resource(): never cached, whatever the device. */
static int iommu_resource(struct iopt_buffer *b, struct iopt_error *error)
{
	struct iopt_device *device = b->device;
	struct iopt_domain *d = device->group->default_domain;
	const uint64_t granule = domain_granule(d), offset = b->one.pa & (granule - 1);
	const uint64_t size = align_up(b->size + offset, granule);
	const unsigned prot = dma_prot(device, b->direction, b->attrs) & ~(unsigned)IOPT_CACHE;
	int ret = dma_iova_alloc(device, size, device->config.dma_mask_bits, &b->iova_first);

	if (ret)
		return fail(error, IOPT_ENOMEM,
			    "no I/O virtual addresses are left that the device reaches");
	ret = iopt_map(d, b->iova_first, b->one.pa - offset, size, prot | IOPT_MMIO);
	if (ret) {
		dma_iova_free(d, b->iova_first, size);
		return dma_not_mapped(ret, error);
	}
	b->domain = d;
	b->iova = b->iova_first + offset;
	b->mapped = size;
	b->iova_size = dma_iova_rounded(d, size);
	return 0;
}

/* dma_direct_map_resource(): the address as it is, no dma-range looked at. */
static int direct_resource(struct iopt_buffer *b, struct iopt_error *error)
{
	const struct iopt_device_config *c = &b->device->config;
	const uint64_t last = b->one.pa + (b->size - 1);

	b->iova = b->one.pa;
	if (last <= low_bits(c->dma_mask_bits) && (!c->bus_limit || last <= c->bus_limit))
		return 0;
	finding_add(b->device->state, "W4", b->device, b->one,
		    "%s: 0x%llx is out of its reach (mask of %u bits%s)", c->name,
		    (unsigned long long)b->one.pa, c->dma_mask_bits,
		    dma_limit_text(b->device, (char[DMA_LIMIT_BYTES]){""}));
	return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ENOMEM,
			 "the device does not reach 0x%llx", (unsigned long long)b->one.pa);
}

/* NOLINTNEXTLINE(readability-function-size): Linux's parameters, and where it went wrong */
int iopt_dma_map_resource(struct iopt_device *device, uint64_t pa, uint64_t size,
			  enum iopt_dma_direction direction, unsigned attrs,
			  struct iopt_buffer **buffer, struct iopt_error *error)
{
	struct iopt_memory *m = device->state->memory;
	int ret = dma_check_request(device, attrs, direction, error);
	struct iopt_buffer *b;
	struct range range;

	if (ret)
		return ret;
	if (!range_make(pa, size, &range) || size > DMA_SIZE_MAX || pa > DMA_SIZE_MAX)
		return fail(error, IOPT_EINVAL, "no such physical addresses");
	if (has_ram(m, range))
		return fail(error, IOPT_EINVAL, "a resource is no RAM: pfn_valid()");
	b = begin(device, IOPT_BUFFER_RESOURCE, size, direction, error);
	if (!b)
		return -IOPT_ENOMEM;
	b->source = IOPT_SOURCE_CALLER;
	b->attrs = attrs;
	b->one = (struct iopt_segment){pa, size};
	b->segments = &b->one;
	b->segment_count = 1;
	trace_call(m, "dma_map_resource", trace_text("dev", device->config.name),
		   trace_number("phys", pa), trace_number("size", size),
		   trace_text("dir", iopt_dma_direction_name(direction)));
	ret = device->uses_iommu ? iommu_resource(b, error) : direct_resource(b, error);
	if (!ret)
		ret = buffer_make_spans(b); /* one: it cannot fail */
	trace_return(m, "dma_map_resource", ret ? ret : (int64_t)b->iova);
	return finish(b, ret, buffer);
}

/* ---- pages, mapped for streaming ---- */

/* One block, within reach of a device that nothing translates for. */
static int block(struct iopt_buffer *b, struct iopt_error *error)
{
	struct iopt_device *device = b->device;
	const uint64_t size = device_page_align(device, b->size);
	int ret;

	b->source = device->uses_iommu ? IOPT_SOURCE_CONTIGUOUS : IOPT_SOURCE_DIRECT;
	ret = dma_block_alloc(b, &b->one.pa, error);
	if (ret)
		return ret;
	b->one.size = size;
	b->segments = &b->one;
	b->segment_count = 1;
	if (device->uses_iommu ||
	    dma_reaches(device, b->one.pa, size, device->config.coherent_mask_bits, &b->iova))
		return buffer_make_spans(b); /* one: it cannot fail */
	dma_block_free(b, b->one.pa);
	return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ENOMEM,
			 "the device does not reach the memory at 0x%llx",
			 (unsigned long long)b->one.pa);
}

static int pages(struct iopt_buffer *b, struct iopt_error *error)
{
	int ret = block(b, error);

	if (ret || !b->device->uses_iommu)
		return ret;
	ret = dma_map_piece(b, b->one, &b->one_piece, error);
	if (ret) {
		dma_block_free(b, b->one.pa);
		return ret;
	}
	b->domain = b->device->group->default_domain;
	b->iova = b->one_piece.iova;
	b->iova_first = b->one_piece.iova_first;
	b->mapped = b->one_piece.mapped;
	b->iova_size = dma_iova_rounded(b->domain, b->mapped);
	return 0;
}

static int check_alloc(const struct iopt_device *device, uint64_t size,
		       enum iopt_dma_direction direction, struct iopt_error *error)
{
	int ret = dma_check_request(device, 0, direction, error);

	if (ret)
		return ret;
	if (!size)
		return fail(error, IOPT_EINVAL, "a buffer has at least one byte");
	if (size > DMA_SIZE_MAX)
		return fail(error, IOPT_ENOMEM, "more than physical addresses reach");
	return 0;
}

int iopt_dma_alloc_pages(struct iopt_device *device, uint64_t size,
			 enum iopt_dma_direction direction, bool atomic,
			 struct iopt_buffer **buffer, struct iopt_error *error)
{
	struct iopt_memory *m = device->state->memory;
	int ret = check_alloc(device, size, direction, error);
	struct iopt_buffer *b;

	if (ret)
		return ret;
	b = begin(device, IOPT_BUFFER_PAGE, size, direction, error);
	if (!b)
		return -IOPT_ENOMEM;
	b->attrs = IOPT_DMA_SKIP_CPU_SYNC;
	b->atomic = atomic;
	b->checked = b->zeroed = true;
	trace_call(m, "dma_alloc_pages", trace_text("dev", device->config.name),
		   trace_number("size", size),
		   trace_text("dir", iopt_dma_direction_name(direction)));
	ret = pages(b, error);
	trace_return(m, "dma_alloc_pages", ret ? ret : (int64_t)b->iova);
	return finish(b, ret, buffer);
}

/* ---- pages that are apart ---- */

static int noncontiguous(struct iopt_buffer *b, struct iopt_error *error)
{
	int ret;

	if (!b->device->uses_iommu) {
		ret = block(b, error);
	} else {
		ret = dma_scattered_alloc(b, error);
		b->nents = b->segment_count;
	}
	if (!ret)
		b->dma[0] = (struct iopt_segment){b->iova, b->size};
	b->dma_count = 1;
	return ret;
}

/* NOLINTNEXTLINE(readability-function-size): Linux's parameters, and where it went wrong */
int iopt_dma_alloc_noncontiguous(struct iopt_device *device, uint64_t size,
				 enum iopt_dma_direction direction, unsigned attrs,
				 struct iopt_buffer **buffer, struct iopt_error *error)
{
	struct iopt_memory *m = device->state->memory;
	int ret = check_alloc(device, size, direction, error);
	struct iopt_buffer *b;

	if (!ret && attrs & ~(unsigned)IOPT_DMA_ALLOC_SINGLE_PAGES)
		ret = fail(error, IOPT_EINVAL, "alloc-single-pages is the only attribute here");
	if (ret)
		return ret;
	b = begin(device, IOPT_BUFFER_SG, size, direction, error);
	if (!b)
		return -IOPT_ENOMEM;
	b->attrs = attrs;
	b->checked = b->zeroed = true;
	b->dma = calloc(1, sizeof(*b->dma));
	trace_call(m, "dma_alloc_noncontiguous", trace_text("dev", device->config.name),
		   trace_number("size", size),
		   trace_text("dir", iopt_dma_direction_name(direction)));
	ret = b->dma ? noncontiguous(b, error) : fail(error, IOPT_ENOMEM, "out of memory");
	trace_return(m, "dma_alloc_noncontiguous", ret ? ret : (int64_t)b->iova);
	return finish(b, ret, buffer);
}
