/* SPDX-License-Identifier: MIT */
/* Linux's allocator of I/O virtual addresses. */
#ifndef IOPT_API_IOVA_H
#define IOPT_API_IOVA_H

#include "memory.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Linux's allocator of I/O virtual addresses (struct iova_domain): disjoint ranges of page frame
 * numbers, pfns, each an address over the granule.  A range at the very top, the anchor, is always
 * there and counts as none.
 */
struct iopt_iova;

/* Zero is the default of granule and cpu_page_size (4 KiB) and of profile. */
struct iopt_iova_config {
	size_t struct_size;
	uint64_t granule;   /* a power of two up to the CPU's page size */
	uint64_t start_pfn; /* the lowest that is handed out; Linux's DMA layer has at least 1 */
	uint64_t cpu_page_size;
	enum iopt_profile profile;
};

struct iopt_iova_range {
	uint64_t pfn_lo, pfn_hi; /* both inclusive */
};

/* init_iova_domain().  EINVAL with the reason, ENOMEM. */
IOPT_API int iopt_iova_create(const struct iopt_iova_config *config, struct iopt_iova **iova,
			      struct iopt_error *error);
IOPT_API void iopt_iova_destroy(struct iopt_iova *iova);

/*
 * alloc_iova(): 'size' pages, none above limit_pfn; aligned to the size, rounded up to a power of
 * two, or not at all.  ENOMEM: no room, or not looked for because as large a request failed before.
 * EINVAL: no size, or 2^63 pages are not enough to align it to.
 */
IOPT_API int iopt_iova_alloc(struct iopt_iova *iova, uint64_t size, uint64_t limit_pfn,
			     bool size_aligned, struct iopt_iova_range *range,
			     struct iopt_error *error);
/* free_iova() of the range that holds pfn.  ENOENT: none does.  EINVAL: it is the anchor. */
IOPT_API int iopt_iova_free(struct iopt_iova *iova, uint64_t pfn);

/*
 * alloc_iova_fast(): the same through the caches of freed ranges, which with 'flush_rcache' are
 * emptied if that makes room; *pfn is the first, 0 on failure.  A cached range is handed out as it
 * is, whatever is known of it: what was freed twice is there twice.
 */
IOPT_API int iopt_iova_alloc_fast(struct iopt_iova *iova, uint64_t size, uint64_t limit_pfn,
				  bool flush_rcache, uint64_t *pfn, struct iopt_error *error);
/*
 * free_iova_fast(): into the caches, where it is found by 'size', whatever was allocated; sizes
 * above 32 pages are freed at once, as by iopt_iova_free().
 */
IOPT_API int iopt_iova_free_fast(struct iopt_iova *iova, uint64_t pfn, uint64_t size);

/*
 * reserve_iova(): what of [pfn_lo, pfn_hi] is free is added to the ranges that it overlaps, from
 * above, and what is left becomes a range.  *range: the one that holds pfn_hi.  EINVAL: lo is above
 * hi; ERANGE: beyond 64-bit addresses; ENOMEM.
 */
IOPT_API int iopt_iova_reserve(struct iopt_iova *iova, uint64_t pfn_lo, uint64_t pfn_hi,
			       struct iopt_iova_range *range, struct iopt_error *error);

/* find_iova(): the range that holds pfn, also the anchor.  ENOENT. */
IOPT_API int iopt_iova_find(const struct iopt_iova *iova, uint64_t pfn,
			    struct iopt_iova_range *range);
/* The lowest range that ends at pfn or above; ENOENT: no more. */
IOPT_API int iopt_iova_next(const struct iopt_iova *iova, uint64_t pfn,
			    struct iopt_iova_range *range);

/* Sizes that are cached: 1, 2, 4, … 32 pages. */
enum { IOPT_IOVA_CLASSES = 6 };

struct iopt_iova_inside {
	size_t struct_size;
	enum iopt_profile profile;
	uint64_t granule, start_pfn;
	uint64_t dma_32bit_pfn;		  /* the first at 4 GiB */
	uint64_t max32_alloc_size;	  /* requests below 4 GiB from this on are not looked for */
	struct iopt_iova_range cached32;  /* where a search begins whose limit is below 4 GiB */
	struct iopt_iova_range cached;	  /* and any other; pfn_lo all ones: at the anchor */
	uint64_t range_count, page_count; /* cached ones included */
	uint64_t warns;			  /* times that Linux would have printed a warning */
	struct {
		uint64_t loaded, prev; /* ranges in the two magazines at hand */
		uint64_t depot;	       /* full magazines */
	} classes[IOPT_IOVA_CLASSES];
};

/* EINVAL: no struct_size.  Takes as long as there are ranges. */
IOPT_API int iopt_iova_inside(const struct iopt_iova *iova, struct iopt_iova_inside *inside);
/* The i-th cached pfn of a class, the one handed out first first.  ENOENT: no more. */
IOPT_API int iopt_iova_cached_pfn(const struct iopt_iova *iova, unsigned class_index, size_t i,
				  uint64_t *pfn);

#ifdef __cplusplus
}
#endif

#endif
