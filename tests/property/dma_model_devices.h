/* SPDX-License-Identifier: MIT */
/* The devices of test_dma_model: each with something that the others have not. */
#ifndef DMA_MODEL_DEVICES_H
#define DMA_MODEL_DEVICES_H

#include "fixture.h"

/* DIRECT is behind no SMMU. */
enum { DEVICES = 9, REGIONS = 6, DIRECT = 8 };

static const struct iopt_dma_range near_ranges[] = {{0x80000000, 0, 0x40000000},
						    {0x1000000, 0x40000000, 0x20000000}};
static const struct iopt_dma_range bus_range = {0, 0x70000000, 64 * MIB};
static const struct iopt_resv_region window = {.base = 0x90000000, .size = 0x10000000};
static const struct iopt_resv_region regions[] = {{0xbfff8000, 0x3000, IOPT_RESV_DIRECT},
						  {0xa8000000, 0x800, IOPT_RESV_RESERVED},
						  {0xbfe00000, 0x10000, IOPT_RESV_MSI}};

static const struct iopt_device_config device_rows[DEVICES] = {
	{.name = "plain"},
	{.name = "coherent", .coherent = true, .coherent_mask_bits = 48, .dma_mask_bits = 40},
	{.name = "pci", .pci = true, .coherent_mask_bits = 64, .segment_boundary = 0xffff},
	{.name = "lazy", .default_domain = IOPT_DEFAULT_LAZY, .max_segment = 0x2000},
	{.name = "pool", .pool_base = 0x70000000, .pool_size = 0x40000},
	{.name = "bypass",
	 .default_domain = IOPT_DEFAULT_PASSTHROUGH,
	 .coherent_mask_bits = 48,
	 .dma_mask_bits = 64},
	{.name = "regions",
	 .pci = true,
	 .dma_ranges = near_ranges,
	 .dma_range_count = 2,
	 .windows = &window,
	 .window_count = 1,
	 .regions = regions,
	 .region_count = 3},
	{.name = "outside", .pci = true, .untrusted = true},
	{.name = "direct", .dma_ranges = &bus_range, .dma_range_count = 1, .coherent = true},
};

#endif
