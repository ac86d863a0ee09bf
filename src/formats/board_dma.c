/* SPDX-License-Identifier: MIT */
/* What of_dma_configure() makes of a node: coherence, dma-ranges, masks; and its memory-region. */
#include "board_reader.h"

enum { MASK_BITS = 32 };

int board_is_coherent(struct board_reader *r, int node, bool *coherent)
{
	int ret = 0;

	*coherent = false;
	for (unsigned steps = 0; !ret && node != DT_NONE; steps++) {
		*coherent = dt_has(r->tree, node, "dma-coherent");
		if (*coherent || dt_has(r->tree, node, "dma-noncoherent"))
			return 0;
		if (steps == 2 * DT_DEPTH_MAX)
			return dt_bad(r->tree, node, NULL, r->error, IOPT_ELOOP,
				      "its DMA never gets anywhere");
		ret = dt_dma_parent(r->tree, node, &node, r->error);
	}
	return ret;
}

/* ---- dma-ranges ---- */

/*
 * of_dma_get_range(): the nearest bus whose property is not empty; an empty one passes on, and
 * after the first step upwards a missing one ends the search.
 */
static int find_bus(struct board_reader *r, int node, int *bus)
{
	bool above = false;
	int ret = 0;

	*bus = DT_NONE;
	for (unsigned steps = 0; !ret && node != DT_NONE && steps < 2 * DT_DEPTH_MAX; steps++) {
		struct dt_property p;
		const bool there = dt_property(r->tree, node, "dma-ranges", &p);

		if (there && p.bytes) {
			*bus = node;
			return 0;
		}
		if (above && !there)
			return 0;
		above = true;
		ret = dt_dma_parent(r->tree, node, &node, r->error);
	}
	return ret;
}

/* Those of them that reach the CPU's memory; others are left out, as in Linux. */
static int read_windows(struct board_reader *r, int bus, struct board_ranges *ranges)
{
	struct dt_window w;
	int ret = 0;

	ranges->list = board_alloc(r->board, DT_WINDOWS_MAX * sizeof(*ranges->list));
	if (!ranges->list)
		return board_out_of_memory(r->error);
	for (size_t i = 0; !ret; i++) {
		ret = dt_window(r->tree, bus, DT_DMA_RANGES, i, &w, r->error);
		if (ret == -IOPT_ENXIO)
			ret = board_warn(r, bus, "dma-ranges",
					 "entry %zu goes nowhere and is left out", i);
		else if (!ret && w.size)
			ranges->list[ranges->count++] =
				(struct iopt_dma_range){w.bus, w.cpu, w.size};
	}
	return ret == -IOPT_ENOENT ? 0 : ret;
}

/* A size that is odd was meant as a mask; masks of devices reach as far as the bus does. */
static int set_bounds(struct board_reader *r, int bus, struct board_ranges *ranges)
{
	uint64_t last = 0;
	int ret = 0;

	for (unsigned i = 0; !ret && i < ranges->count; i++) {
		struct iopt_dma_range *range = &ranges->list[i];

		if (range->size & 1) {
			ret = board_warn(r, bus, "dma-ranges",
					 "the size 0x%llx is taken for a mask",
					 (unsigned long long)range->size);
			range->size++;
		}
		last = max_u64(last, range->bus + (range->size - 1));
	}
	ranges->bits = last ? 64 - (unsigned)__builtin_clzll(last) : 1;
	return ret;
}

static int read_bus(struct board_reader *r, int bus)
{
	struct board_ranges ranges = {0};
	int ret = read_windows(r, bus, &ranges);

	if (!ret)
		ret = set_bounds(r, bus, &ranges);
	if (ret)
		return ret;
	r->ranges_of[bus] = (int)r->ranges.count;
	return board_list_add(&r->ranges, &ranges, sizeof(ranges)) ? board_out_of_memory(r->error)
								   : 0;
}

int board_read_dma_ranges(struct board_reader *r, int bus, struct iopt_device_config *config)
{
	const struct board_ranges *ranges;
	int ret = bus == DT_NONE ? 0 : find_bus(r, bus, &bus);

	if (!ret && bus != DT_NONE && r->ranges_of[bus] == DT_NONE)
		ret = read_bus(r, bus);
	if (ret || bus == DT_NONE)
		return ret;
	ranges = (const struct board_ranges *)r->ranges.items + r->ranges_of[bus];
	if (!ranges->count)
		return 0;
	config->dma_ranges = ranges->list;
	config->dma_range_count = ranges->count;
	if (ranges->bits < MASK_BITS)
		config->dma_mask_bits = config->coherent_mask_bits = ranges->bits;
	return 0;
}

/* ---- memory-region ---- */

static const struct iopt_board_region *region_at(const struct board_reader *r, int node)
{
	const struct iopt_board_region *regions = r->board->regions.items;

	return r->region_of[node] == DT_NONE ? NULL : &regions[r->region_of[node]];
}

/*
 * iommu_resv_region_get_type(): where memory stands behind the addresses and is at the same place,
 * it is mapped; otherwise they are only kept free.
 */
static enum iopt_resv_type type_of(const struct iopt_board_region *region, uint64_t base,
				   uint64_t size)
{
	return region && region->base == base && region->size == size ? IOPT_RESV_DIRECT
								      : IOPT_RESV_RESERVED;
}

/* of_iommu_get_resv_regions(): entries of a region's iommu-addresses that name this device. */
static int read_addresses(struct board_reader *r, int node, int region,
			  struct iopt_device_config *config, struct iopt_resv_region *regions)
{
	struct dt_property p;
	struct dt_cells cells;
	size_t at = 0, count;
	int ret = dt_list(r->tree, region, "iommu-addresses", 1, &p, &count, r->error);

	while (!ret && at < count) {
		const int target = dt_by_phandle(r->tree, dt_cell(&p, at));
		uint64_t base, size;
		struct range range;

		if (target == DT_NONE || target == DT_ROOT)
			return dt_bad(r->tree, region, p.name, r->error, IOPT_ENODEV,
				      "no device has the phandle 0x%x", dt_cell(&p, at));
		ret = dt_bus_cells(r->tree, dt_parent(r->tree, target), &cells, r->error);
		if (ret)
			return ret;
		if (count - ++at < cells.address + cells.size)
			return dt_bad(r->tree, region, p.name, r->error, IOPT_EINVAL,
				      "ends within an entry");
		if (!dt_number(&p, at, cells.address, &base) ||
		    !dt_number(&p, at + cells.address, cells.size, &size) ||
		    !range_make(base, size, &range))
			return dt_bad(r->tree, region, p.name, r->error, IOPT_ERANGE,
				      "an entry is empty, or leaves the 64-bit space");
		at += cells.address + cells.size;
		if (target != node)
			continue;
		if (config->region_count == DT_WINDOWS_MAX)
			return dt_bad(r->tree, region, p.name, r->error, IOPT_E2BIG,
				      "more than %d entries", DT_WINDOWS_MAX);
		regions[config->region_count++] = (struct iopt_resv_region){
			base, size, type_of(region_at(r, region), base, size)};
	}
	return ret;
}

/* What a driver's of_reserved_mem_device_init() would assign. */
static int assign(struct board_reader *r, int node, int region, struct iopt_board_device *device)
{
	const struct iopt_board_region *found = region_at(r, region);

	if (!found)
		return 0;
	if (found->use == IOPT_BOARD_CMA && device->cma < 0)
		device->cma = r->region_of[region];
	if (found->use != IOPT_BOARD_POOL || device->config.pool_size)
		return 0;
	if (!found->no_map)
		return board_warn(r, node, "memory-region", "%s is no pool for it without no-map",
				  found->name);
	device->config.pool_base = found->base;
	device->config.pool_size = found->size;
	return 0;
}

int board_read_memory_regions(struct board_reader *r, int node, struct iopt_board_device *device)
{
	struct iopt_resv_region *regions = NULL;
	struct dt_reference reference;
	size_t at = 0;
	int ret = 0;

	while (!ret) {
		ret = dt_next_reference(r->tree, node, "memory-region", NULL, &at, &reference,
					r->error);
		if (ret)
			break;
		/* Nobody complains of a region that is disabled. */
		if (!r->available[reference.target])
			continue;
		if (!regions && dt_has(r->tree, reference.target, "iommu-addresses"))
			regions = board_alloc(r->board, DT_WINDOWS_MAX * sizeof(*regions));
		if (regions)
			ret = read_addresses(r, node, reference.target, &device->config, regions);
		if (!ret)
			ret = assign(r, node, reference.target, device);
	}
	device->config.regions = device->config.region_count ? regions : NULL;
	return ret == -IOPT_ENOENT ? 0 : ret;
}
