/* SPDX-License-Identifier: MIT */
/* How a scatterlist becomes one range of I/O virtual addresses: iommu_dma_map_sg(). */
#ifndef IOPT_DMA_SG_H
#define IOPT_DMA_SG_H

#include "dma.h"

struct sg_limits {
	uint64_t granule, boundary_mask;
	uint32_t max_segment;
	bool exact; /* 'max_segment' holds even behind a segment that is longer */
};

/*
 * laid[i]: whole granules that are mapped for segment i, with what is put in between so that none
 * crosses the boundary; returns their sum.  Segments have less than 4 GiB each.
 */
uint64_t sg_lay_out(const struct sg_limits *limits, const struct iopt_segment *segments,
		    size_t count, struct iopt_segment *laid);
/*
 * __finalise_sg(): what the device sees, merged where Linux merges; 'dma' has room for 'count'.
 * Returns how many.
 */
size_t sg_finalise(const struct sg_limits *limits, const struct iopt_segment *segments,
		   size_t count, const struct iopt_segment *laid, uint64_t iova,
		   struct iopt_segment *dma);

#endif
