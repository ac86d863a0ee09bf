/* SPDX-License-Identifier: MIT */
/*
 * Linux's allocator of I/O virtual addresses (drivers/iommu/iova.c): ranges of page frame numbers,
 * looked for from the top down, beginning where the last one was put.  The calls are in iopt.h.
 *
 *     anchor     a range at the top of the space that is always there: "nothing cached"
 *     cached32   where a search that ends below 4 GiB begins; 'cached': the others
 *
 * Both are moved to a new range, and up to its neighbour when a range at or above them is freed; so
 * holes above them are not looked at until the space below is used up.
 */
#ifndef IOPT_IOVA_H
#define IOPT_IOVA_H

#include "iova_cache.h"
#include "profile.h"
#include "range_tree.h"

struct iopt_iova {
	struct range_tree tree;
	struct range_node anchor;
	struct range_node *cached32, *cached;
	unsigned granule_shift;
	uint64_t start_pfn;
	uint64_t dma_32bit_pfn;	   /* the first at 4 GiB */
	uint64_t max32_alloc_size; /* as large a request below 4 GiB has failed since the last free
				    */
	uint64_t count;		   /* ranges but for the anchor */
	uint64_t warns;		   /* times that Linux would print a warning */
	enum iopt_profile kernel;
	const struct profile *profile; /* its row */
	struct iova_cache cache;
};

#endif
