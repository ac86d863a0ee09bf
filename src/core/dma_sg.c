/* SPDX-License-Identifier: MIT */
#include "dma_sg.h"

#include <stdlib.h>

#include "dma_check.h"
#include "error.h"
#include "profile.h"
#include "trace.h"

enum { NENTS_MAX = 1 << 20 };

uint64_t sg_lay_out(const struct sg_limits *l, const struct iopt_segment *segments, size_t count,
		    struct iopt_segment *laid)
{
	uint64_t total = 0;

	for (size_t i = 0; i < count; i++) {
		const uint64_t offset = segments[i].pa & (l->granule - 1);
		const uint64_t size = align_up(segments[i].size + offset, l->granule);
		const uint64_t pad = (l->boundary_mask - total + 1) & l->boundary_mask;

		laid[i] = (struct iopt_segment){segments[i].pa - offset, size};
		/* What follows the one before in memory is mapped to fill the gap. */
		if (i && pad && pad < size - 1) {
			laid[i - 1].size += pad;
			total += pad;
		}
		total += size;
	}
	return total;
}

size_t sg_finalise(const struct sg_limits *l, const struct iopt_segment *segments, size_t count,
		   const struct iopt_segment *laid, uint64_t iova, struct iopt_segment *dma)
{
	uint32_t length = 0; /* of the current one; 0: it is closed */
	size_t used = 0;

	for (size_t i = 0; i < count; i++) {
		const uint64_t offset = segments[i].pa & (l->granule - 1);
		const uint32_t size = (uint32_t)segments[i].size;

		/* Unsigned: a segment above the maximum takes any number of others in. */
		if (length && !offset && iova & l->boundary_mask &&
		    (l->exact ? (uint64_t)length + size <= l->max_segment
			      : l->max_segment - length >= size)) {
			length += size;
		} else {
			dma[used++].pa = iova + offset;
			length = size;
		}
		dma[used - 1].size = length;
		iova += laid[i].size;
		if (size + offset < laid[i].size)
			length = 0;
	}
	return used;
}

/* ---- dma_map_sg_attrs() ---- */

/* Linux passes on ENOMEM, and calls everything else EINVAL. */
static int sg_error(struct iopt_error *error, int code, const char *what)
{
	return error_set(error, IOPT_FAILURE_REQUEST,
			 code == -IOPT_ENOMEM ? IOPT_ENOMEM : IOPT_EINVAL, "%s: %s", what,
			 iopt_error_text(code));
}

static int iommu_map_list(struct iopt_buffer *b, struct iopt_segment *laid,
			  struct iopt_error *error)
{
	struct iopt_device *device = b->device;
	struct iopt_domain *d = device->group->default_domain;
	const struct sg_limits limits = {
		.granule = domain_granule(d),
		.boundary_mask = device->config.segment_boundary,
		.max_segment = (uint32_t)device->config.max_segment,
		.exact = !profile_of(d->memory)->sg_length_wraps,
	};
	uint64_t total = sg_lay_out(&limits, b->segments, b->nents, laid);
	int ret = dma_iova_alloc(device, total, device->config.dma_mask_bits, &b->iova_first);

	trace_note(d->memory, "%zu segments laid out in 0x%llx bytes", b->nents,
		   (unsigned long long)total);
	if (ret)
		return sg_error(error, ret, "no I/O virtual addresses are left");
	ret = dma_iova_map(d, b->iova_first, laid, b->nents,
			   dma_prot(device, b->direction, b->attrs));
	if (ret) {
		dma_iova_free(d, b->iova_first, total);
		return sg_error(error, ret, "it could not be mapped");
	}
	b->domain = d;
	b->mapped = total;
	b->iova_size = dma_iova_rounded(d, total);
	b->dma_count = sg_finalise(&limits, b->segments, b->nents, laid, b->iova_first, b->dma);
	return 0;
}

static void free_pieces(struct iopt_buffer *b)
{
	free(b->pieces);
	b->pieces = NULL;
	b->piece_count = 0;
}

/*
 * Each segment by itself: dma_direct_map_sg(), and for an untrusted device
 * iommu_dma_map_sg_swiotlb(), which joins none.
 */
static int map_pieces(struct iopt_buffer *b, bool iommu, struct iopt_error *error)
{
	bool special = iommu; /* else none of the pieces need be kept */
	int ret = 0;

	b->pieces = calloc(b->nents, sizeof(*b->pieces));
	if (!b->pieces)
		return sg_error(error, -IOPT_ENOMEM, "it could not be laid out");
	b->domain = iommu ? b->device->group->default_domain : NULL;
	for (; !ret && b->piece_count < b->nents; b->piece_count += !ret) {
		const size_t i = b->piece_count;
		struct dma_piece *p = &b->pieces[i];

		ret = iommu ? dma_map_piece(b, b->segments[i], p, error)
			    : dma_direct_piece(b, b->segments[i], p, error);
		b->dma[i] = (struct iopt_segment){p->iova, b->segments[i].size};
		b->mapped += p->mapped;
		special |= p->bounce.size != 0;
	}
	for (size_t i = 0; ret && i < b->piece_count; i++)
		dma_unmap_piece(b, b->segments[i], &b->pieces[i]);
	if (ret || !special)
		free_pieces(b);
	b->dma_count = b->nents;
	/* dma_direct_map_sg() has one answer for all failures */
	if (ret && error && !iommu)
		error->code = IOPT_EIO;
	return ret && !iommu ? -IOPT_EIO : ret;
}

static int check_segments(const struct iopt_segment *segments, size_t count,
			  struct iopt_error *error)
{
	if (!count || count > NENTS_MAX)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "a scatterlist has from 1 to %d segments", NENTS_MAX);
	for (size_t i = 0; i < count; i++)
		if (!segments[i].size || segments[i].size > UINT32_MAX || segments[i].pa > BIT(52))
			return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
					 "segment %zu: no such piece of memory", i);
	return 0;
}

static int set_list(struct iopt_buffer *b, const struct iopt_segment *segments, size_t count)
{
	b->segments = count == 1 ? &b->one : malloc(count * sizeof(*segments));
	b->dma = calloc(count, sizeof(*b->dma));
	if (!b->segments || !b->dma)
		return -IOPT_ENOMEM;
	memcpy(b->segments, segments, count * sizeof(*segments));
	b->segment_count = b->nents = count;
	return buffer_make_spans(b);
}

static int map_list(struct iopt_buffer *b, struct iopt_error *error)
{
	struct iopt_segment *laid;
	int ret;

	if (!b->device->uses_iommu || b->device->config.untrusted)
		return map_pieces(b, b->device->uses_iommu, error);
	laid = calloc(b->nents, sizeof(*laid));
	if (!laid)
		return sg_error(error, -IOPT_ENOMEM, "it could not be laid out");
	ret = iommu_map_list(b, laid, error);
	free(laid);
	return ret;
}

/* NOLINTNEXTLINE(readability-function-size): Linux's parameters, and where it went wrong */
int iopt_dma_map_sg(struct iopt_device *device, const struct iopt_segment *segments, size_t count,
		    enum iopt_dma_direction direction, unsigned attrs, struct iopt_buffer **buffer,
		    struct iopt_error *error)
{
	struct iopt_memory *m = device->state->memory;
	int ret = dma_check_request(device, attrs, direction, error);
	struct iopt_buffer *b;

	if (!ret)
		ret = check_segments(segments, count, error);
	if (ret)
		return ret;
	b = buffer_new(device, IOPT_BUFFER_SG);
	if (!b || set_list(b, segments, count)) {
		buffer_free(b);
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ENOMEM, "out of memory");
	}
	b->source = IOPT_SOURCE_CALLER;
	b->direction = direction;
	b->attrs = attrs;
	b->checked = true;
	for (size_t i = 0; i < count; i++)
		b->size += segments[i].size;
	trace_call(m, "dma_map_sg_attrs", trace_text("dev", device->config.name),
		   trace_number("nents", count),
		   trace_text("dir", iopt_dma_direction_name(direction)),
		   trace_number("attrs", attrs));
	ret = map_list(b, error);
	trace_return(m, "dma_map_sg_attrs", ret ? ret : (int64_t)b->dma_count);
	if (ret) {
		buffer_free(b);
		return ret;
	}
	b->iova = b->dma[0].pa;
	check_new(b);
	buffer_add(b);
	*buffer = b;
	return 0;
}
