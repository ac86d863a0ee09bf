/* SPDX-License-Identifier: MIT */
/* Streaming: dma_map_page(), and what every buffer goes through when it is given back or synced. */
#include "dma.h"
#include "dma_check.h"
#include "dma_sg.h"
#include "error.h"
#include "profile.h"
#include "trace.h"

static const char *direction_text(enum iopt_dma_direction direction)
{
	return iopt_dma_direction_name(direction);
}

/* ---- one piece ---- */

static bool needs_bounce(const struct iopt_device *device, struct iopt_segment s, uint64_t granule)
{
	return device->config.untrusted && profile_of(device->state->memory)->bounces_untrusted &&
	       (s.pa | s.size) & (granule - 1);
}

int dma_map_piece(const struct iopt_buffer *b, struct iopt_segment s, struct dma_piece *piece,
		  struct iopt_error *error)
{
	struct iopt_device *device = b->device;
	struct iopt_domain *d = device->group->default_domain;
	const uint64_t granule = domain_granule(d);
	struct iopt_segment real = s;
	uint64_t offset;
	int ret;

	*piece = (struct dma_piece){0};
	if (needs_bounce(device, s, granule)) {
		ret = bounce_take(b, s, granule, &piece->bounce, error);
		if (ret)
			return ret;
		real = piece->bounce;
	}
	offset = real.pa & (granule - 1);
	piece->mapped = align_up(real.size + offset, granule);
	ret = dma_iova_alloc(device, piece->mapped, device->config.dma_mask_bits,
			     &piece->iova_first);
	if (ret)
		error_set(error, IOPT_FAILURE_REQUEST, IOPT_ENOMEM,
			  "no I/O virtual addresses are left that the device reaches");
	if (!ret) {
		ret = iopt_map(d, piece->iova_first, real.pa - offset, piece->mapped,
			       dma_prot(device, b->direction, b->attrs));
		if (ret) {
			dma_iova_free(d, piece->iova_first, piece->mapped);
			ret = dma_not_mapped(ret, error);
		}
	}
	if (ret)
		bounce_give(b, s, piece->bounce);
	piece->iova = piece->iova_first + offset;
	return ret;
}

void dma_unmap_piece(const struct iopt_buffer *b, struct iopt_segment s,
		     const struct dma_piece *piece)
{
	if (b->domain && piece->mapped)
		dma_iova_unmap(b->domain, piece->iova_first, piece->mapped);
	bounce_give(b, s, piece->bounce);
}

int dma_direct_piece(const struct iopt_buffer *b, struct iopt_segment s, struct dma_piece *piece,
		     struct iopt_error *error)
{
	struct iopt_device *device = b->device;
	const unsigned bits = device->config.dma_mask_bits;

	*piece = (struct dma_piece){0};
	if (dma_reaches(device, s.pa, s.size, bits, &piece->iova))
		return 0;
	if (device->state->bounce.pages) {
		if (bounce_take(b, s, 1, &piece->bounce, error))
			return -IOPT_ENOMEM;
		if (dma_reaches(device, piece->bounce.pa, s.size, bits, &piece->iova))
			return 0;
		bounce_give(b, s, piece->bounce);
	}
	finding_add(device->state, "W4", device, s,
		    "%s: 0x%llx is out of its reach (mask of %u bits%s), and %s",
		    device->config.name, (unsigned long long)s.pa, bits,
		    dma_limit_text(device, (char[DMA_LIMIT_BYTES]){""}),
		    device->state->bounce.pages ? "so is the bounce buffer"
						: "there is no bounce buffer");
	return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ENOMEM,
			 "the device does not reach the memory at 0x%llx%s",
			 (unsigned long long)s.pa,
			 device->state->bounce.pages ? "" : ", and there are no bounce buffers");
}

/* ---- dma_map_page_attrs() ---- */

static int iommu_map_page(struct iopt_buffer *b, struct iopt_error *error)
{
	struct iopt_device *device = b->device;
	struct iopt_domain *d = device->group->default_domain;
	int ret;

	trace_call(d->memory, "iommu_dma_map_page", trace_text("dev", device->config.name),
		   trace_number("phys", b->one.pa), trace_number("size", b->size),
		   trace_text("dir", direction_text(b->direction)));
	if (!device->config.coherent && !(b->attrs & IOPT_DMA_SKIP_CPU_SYNC))
		trace_note(d->memory, "arch_sync_dma_for_device: the cache is cleaned first");
	ret = dma_map_piece(b, b->one, &b->one_piece, error);
	if (!ret) {
		b->domain = d;
		b->iova = b->one_piece.iova;
		b->iova_first = b->one_piece.iova_first;
		b->mapped = b->one_piece.mapped;
		b->iova_size = dma_iova_rounded(d, b->mapped);
	}
	trace_return(d->memory, "iommu_dma_map_page", ret ? ret : (int64_t)b->iova);
	return ret;
}

static int map_page(struct iopt_buffer *b, struct iopt_error *error)
{
	int ret;

	if (b->device->uses_iommu) {
		ret = iommu_map_page(b, error);
	} else {
		ret = dma_direct_piece(b, b->one, &b->one_piece, error);
		b->iova = b->one_piece.iova;
	}
	if (!ret && b->one_piece.bounce.size) {
		b->pieces = &b->one_piece;
		b->piece_count = 1;
	}
	return ret;
}

/* NOLINTNEXTLINE(readability-function-size): Linux's parameters, and where it went wrong */
int iopt_dma_map_page(struct iopt_device *device, uint64_t pa, uint64_t size,
		      enum iopt_dma_direction direction, unsigned attrs,
		      struct iopt_buffer **buffer, struct iopt_error *error)
{
	struct iopt_memory *m = device->state->memory;
	int ret = dma_check_request(device, attrs, direction, error);
	struct iopt_buffer *b;

	if (ret)
		return ret;
	if (!size || size > BIT(52) || pa > BIT(52))
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "no such piece of memory: 0x%llx bytes at 0x%llx",
				 (unsigned long long)size, (unsigned long long)pa);
	b = buffer_new(device, IOPT_BUFFER_PAGE);
	if (!b)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ENOMEM, "out of memory");
	b->source = IOPT_SOURCE_CALLER;
	b->size = size;
	b->direction = direction;
	b->attrs = attrs;
	b->one = (struct iopt_segment){pa, size};
	b->segments = &b->one;
	b->segment_count = b->nents = 1;
	trace_call(m, "dma_map_page_attrs", trace_text("dev", device->config.name),
		   trace_number("phys", pa), trace_number("size", size),
		   trace_text("dir", direction_text(direction)), trace_number("attrs", attrs));
	ret = map_page(b, error);
	if (!ret)
		ret = buffer_make_spans(b);
	trace_return(m, "dma_map_page_attrs", ret ? ret : (int64_t)b->iova);
	if (ret) {
		buffer_free(b);
		return ret;
	}
	check_new(b);
	buffer_add(b);
	*buffer = b;
	return 0;
}

/* ---- back ---- */

/* As iommu_dma_unmap_page() has it: 0 behind the handle means that it was never mapped. */
static bool leads_nowhere(struct iopt_buffer *b)
{
	struct iopt_device *device = b->device;

	if (b->kind != IOPT_BUFFER_PAGE || iopt_iova_to_phys(b->domain, b->iova))
		return false;
	finding_add(device->state, "W2", device, (struct iopt_segment){b->iova, b->size},
		    "%s: nothing is mapped at 0x%llx, or physical address 0: it is not unmapped, "
		    "its addresses are lost",
		    device->config.name, (unsigned long long)b->iova);
	return true;
}

bool dma_in_pieces(const struct iopt_buffer *b)
{
	return b->kind == IOPT_BUFFER_SG && b->pieces;
}

static bool unmap_range(struct iopt_buffer *b, const struct iopt_release *r)
{
	uint64_t size = r && r->size && b->kind == IOPT_BUFFER_PAGE ? r->size : b->size;
	uint64_t want, unmapped;

	if (!b->domain)
		return true;
	if (leads_nowhere(b))
		return false;
	want = b->mapped;
	if (size < b->size && !profile_of(b->device->state->memory)->unmaps_recorded_size)
		want = min_u64(
			align_up(size + (b->iova - b->iova_first), domain_granule(b->domain)),
			b->mapped);
	unmapped = dma_iova_unmap(b->domain, b->iova_first, want);
	if (unmapped != want)
		finding_add(b->device->state, "W1", b->device,
			    (struct iopt_segment){b->iova_first, want},
			    "%s: 0x%llx of 0x%llx bytes were mapped at 0x%llx",
			    b->device->config.name, (unsigned long long)unmapped,
			    (unsigned long long)want, (unsigned long long)b->iova_first);
	if (want == b->mapped)
		return true;
	b->iova_first += want;
	b->mapped -= want;
	b->iova_size = 0;
	return false;
}

bool dma_unmap_streaming(struct iopt_buffer *b, const struct iopt_release *r)
{
	if (!dma_in_pieces(b) && !unmap_range(b, r))
		return false;
	for (size_t i = 0; i < b->piece_count; i++) {
		if (dma_in_pieces(b))
			dma_unmap_piece(b, b->segments[i], &b->pieces[i]);
		else
			bounce_give(b, b->segments[i], b->pieces[i].bounce);
	}
	dma_memory_back(b, b->size);
	return true;
}

static const char *release_function(const struct iopt_buffer *b)
{
	/* and what was allocated to be streamed */
	static const char *const names[][2] = {
		[IOPT_BUFFER_COHERENT] = {"dma_free_attrs", "dma_free_attrs"},
		[IOPT_BUFFER_PAGE] = {"dma_unmap_page_attrs", "dma_free_pages"},
		[IOPT_BUFFER_SG] = {"dma_unmap_sg_attrs", "dma_free_noncontiguous"},
		[IOPT_BUFFER_RESOURCE] = {"dma_unmap_resource", "dma_unmap_resource"},
	};

	return names[b->kind][b->source != IOPT_SOURCE_CALLER];
}

void dma_release(struct iopt_buffer *b, const struct iopt_release *r)
{
	struct iopt_memory *m = b->device->state->memory;
	const char *function = release_function(b);
	bool all;

	trace_call(m, function, trace_text("dev", b->device->config.name),
		   trace_number("size", r && r->size ? r->size : b->size),
		   trace_number("dma_handle", b->iova));
	buffer_remove(b);
	released_add(b);
	all = b->kind == IOPT_BUFFER_COHERENT ? dma_free_coherent(b, r) : dma_unmap_streaming(b, r);
	trace_return(m, function, 0);
	if (all)
		buffer_free(b);
	else
		buffer_leak(b);
}

int iopt_dma_release(struct iopt_buffer *b, const struct iopt_release *r, struct iopt_error *error)
{
	const struct iopt_release right = {0};

	if (b->pool)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EBUSY, "it is a pool's chunk");
	check_release(b, r ? r : &right);
	dma_release(b, r);
	return 0;
}

int iopt_dma_release_at(struct iopt_device *device, uint64_t iova, const struct iopt_release *r,
			struct iopt_error *error)
{
	struct iopt_buffer *b = buffer_find(device, iova, NULL);

	if (b)
		return iopt_dma_release(b, r, error);
	check_release_missing(device, iova, r ? r->size : 0);
	return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ENOENT,
			 "%s has no buffer with the handle 0x%llx", device->config.name,
			 (unsigned long long)iova);
}

/* ---- sync ---- */

/* Of segment i, or what it is bounced through. */
static uint64_t cpu_address(const struct iopt_buffer *b, size_t i)
{
	return b->piece_count && b->pieces[i].bounce.size ? b->pieces[i].bounce.pa
							  : b->segments[i].pa;
}

/* dma_sync_*(): what the CPU's cache is told. */
static void sync_caches(const struct iopt_buffer *b, bool for_cpu, uint64_t offset, uint64_t size)
{
	struct iopt_memory *m = b->device->state->memory;

	bounce_sync(b, for_cpu, offset, size);
	if (b->device->config.coherent) {
		trace_note(m, "the device is coherent: nothing to do");
		return;
	}
	if (for_cpu && b->direction == IOPT_DMA_TO_DEVICE) {
		trace_note(m, "the device only reads: nothing to invalidate");
		return;
	}
	for (size_t i = 0; tracing(m) && size && i < b->segment_count; i++) {
		const struct iopt_segment *s = &b->segments[i];
		uint64_t n;

		if (offset >= s->size) {
			offset -= s->size;
			continue;
		}
		n = min_u64(size, s->size - offset);
		trace_note(m, "cache: %s 0x%llx bytes at 0x%llx",
			   for_cpu ? "invalidate" : "clean to PoC", (unsigned long long)n,
			   (unsigned long long)cpu_address(b, i) + offset);
		size -= n;
		offset = 0;
	}
}

int iopt_dma_sync(struct iopt_buffer *b, const struct iopt_sync *s, struct iopt_error *error)
{
	static const char *const names[2][2] = {
		{"dma_sync_single_for_device", "dma_sync_single_for_cpu"},
		{"dma_sync_sg_for_device", "dma_sync_sg_for_cpu"},
	};
	const char *function = names[b->kind == IOPT_BUFFER_SG][s->for_cpu];
	struct iopt_memory *m = b->device->state->memory;
	const uint64_t all = b->size;
	uint64_t size = s->size ? s->size : s->offset < all ? all - s->offset : 0;

	if (b->kind == IOPT_BUFFER_COHERENT)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "a coherent buffer needs no sync");
	trace_call(m, function, trace_text("dev", b->device->config.name),
		   trace_number("addr", b->iova + s->offset), trace_number("size", size));
	check_sync(b, s);
	if (size && size <= all && s->offset <= all - size) {
		sync_caches(b, s->for_cpu, s->offset, size);
		trace_return(m, function, 0);
		return 0;
	}
	trace_return(m, function, -IOPT_ERANGE);
	return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ERANGE,
			 "0x%llx bytes at 0x%llx are not within the buffer's 0x%llx",
			 (unsigned long long)size, (unsigned long long)s->offset,
			 (unsigned long long)all);
}

int iopt_dma_sync_at(struct iopt_device *device, uint64_t iova, const struct iopt_sync *s,
		     struct iopt_error *error)
{
	struct iopt_buffer *b = buffer_find(device, iova, NULL);
	struct iopt_sync within = *s;

	within.offset = 0;
	if (!b) {
		b = buffer_around(device, iova, s->size ? s->size : 1);
		within.offset = b ? iova - b->iova : 0;
	}
	if (b && b->kind != IOPT_BUFFER_COHERENT && iova >= b->iova)
		return iopt_dma_sync(b, &within, error);
	check_sync_missing(device, iova, s->size);
	return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ENOENT, "%s has no mapping at 0x%llx",
			 device->config.name, (unsigned long long)iova);
}

/* ---- to user space, as a scatterlist, and was it a success ---- */

int iopt_dma_mmap(struct iopt_buffer *b, uint64_t page_offset, uint64_t pages,
		  struct iopt_error *error)
{
	const unsigned shift = b->device->page_shift;
	const uint64_t have = align_up(b->size, BIT(shift)) >> shift;
	struct iopt_memory *m = b->device->state->memory;
	int ret = 0;

	if (b->kind != IOPT_BUFFER_COHERENT)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "only a coherent buffer is mapped to user space");
	trace_call(m, "dma_mmap_attrs", trace_text("dev", b->device->config.name),
		   trace_number("vm_pgoff", page_offset), trace_number("pages", pages));
	if ((page_offset >= have || pages > have - page_offset) &&
	    (profile_of(m)->mmap_checks || !b->domain))
		ret = error_set(error, IOPT_FAILURE_REQUEST, IOPT_ENXIO,
				"%llu pages from page %llu on: the buffer has %llu",
				(unsigned long long)pages, (unsigned long long)page_offset,
				(unsigned long long)have);
	else
		trace_note(m, "from physical address 0x%llx on, %s",
			   (unsigned long long)buffer_pa(b, page_offset << shift),
			   b->device->config.coherent ? "cached" : "not cached");
	trace_return(m, "dma_mmap_attrs", ret);
	return ret;
}

int64_t iopt_dma_sgtable(const struct iopt_buffer *b, struct iopt_segment *segments, size_t room)
{
	const bool scattered = b->source == IOPT_SOURCE_IOMMU;
	uint64_t left = scattered ? b->size : align_up(b->size, device_page(b->device));

	if (b->kind != IOPT_BUFFER_COHERENT)
		return -IOPT_EINVAL;
	for (size_t i = 0; i < b->segment_count && i < room; i++) {
		segments[i] = b->segments[i];
		if (!scattered || segments[i].size > left)
			segments[i].size = left;
		left -= segments[i].size;
	}
	return (int64_t)b->segment_count;
}

bool iopt_dma_mapping_error(struct iopt_buffer *b)
{
	b->checked = true;
	return false;
}
