/* SPDX-License-Identifier: MIT */
/* A board becomes RAM, reserved memory, SMMUs and devices, in the order in which Linux makes them.
 */
#include <stdlib.h>

#include "board_reader.h"

/* What the library said of a part, with its path; what lies in the file is the file's fault. */
static int blame(const struct iopt_board *b, const char *path, struct iopt_error *error, int ret)
{
	char message[sizeof(error->message)];

	if (!ret || !error || ret == -IOPT_ENOMEM)
		return ret;
	memcpy(message, error->message, sizeof(message));
	return dt_bad_tree(b->tree, error, -ret, "%s: %s", path, message);
}

static int add_ram(const struct iopt_board *b, struct iopt_memory *m, struct iopt_error *error)
{
	uint64_t base, size;
	int ret = 0;

	for (size_t i = 0; !ret && !iopt_board_ram(b, i, &base, &size); i++)
		ret = blame(b, "memory", error, iopt_memory_add_ram(m, base, size, error));
	return ret;
}

static int add_areas(const struct iopt_board *b, struct iopt_memory *m, struct iopt_cma **cmas,
		     struct iopt_error *error)
{
	const struct iopt_board_region *regions = b->regions.items;
	struct iopt_cma_config config = IOPT_INIT(struct iopt_cma_config);
	int ret = 0;

	config.cpu_page_size = b->page;
	for (size_t i = 0; !ret && i < b->regions.count; i++) {
		if (regions[i].use != IOPT_BOARD_CMA)
			continue;
		config.name = regions[i].name;
		config.base = regions[i].base;
		config.size = regions[i].size;
		config.is_default = regions[i].is_default;
		ret = blame(b, regions[i].path, error,
			    iopt_cma_create(m, &config, &cmas[i], error));
	}
	return ret;
}

/* Is it a pool that a device is going to take? */
static bool is_used_pool(const struct iopt_board *b, const struct iopt_board_region *region)
{
	const struct iopt_board_device *devices = b->devices.items;

	for (size_t i = 0; region->use == IOPT_BOARD_POOL && i < b->devices.count; i++)
		if (devices[i].config.pool_size && devices[i].config.pool_base == region->base)
			return true;
	return false;
}

/* The first reserved piece that shares a byte with 'want'; false: none does. */
static bool next_reserved(const struct iopt_memory *m, struct range want, struct range *found)
{
	struct iopt_reserved r = IOPT_INIT(struct iopt_reserved);

	for (size_t i = 0; !iopt_memory_reserved(m, i, &r); i++) {
		*found = (struct range){r.base, r.base + (r.size - 1)};
		if (ranges_overlap(want, *found))
			return true;
	}
	return false;
}

/* memblock_reserve(): what is reserved twice is reserved. */
static int reserve(struct iopt_memory *m, const struct iopt_board_region *region,
		   struct iopt_error *error)
{
	struct iopt_reserved part = IOPT_INIT(struct iopt_reserved);
	struct range left = {region->base, region->base + (region->size - 1)}, other;
	int ret = 0;

	part.kind = region->no_map ? IOPT_RESERVED_NO_MAP : IOPT_RESERVED_PLAIN;
	part.name = region->name;
	while (!ret) {
		const bool overlaps = next_reserved(m, left, &other);

		part.base = left.first;
		part.size = (overlaps ? other.first : left.last + 1) - left.first;
		if (!overlaps || other.first > left.first)
			ret = iopt_memory_reserve(m, &part, error);
		if (!overlaps || other.last >= left.last)
			break;
		left.first = other.last + 1;
	}
	return ret;
}

static int add_regions(const struct iopt_board *b, struct iopt_memory *m, struct iopt_error *error)
{
	const struct iopt_board_region *regions = b->regions.items;
	int ret = 0;

	for (size_t i = 0; !ret && i < b->regions.count; i++)
		if (regions[i].use != IOPT_BOARD_CMA && !is_used_pool(b, &regions[i]))
			ret = blame(b, *regions[i].path ? regions[i].path : regions[i].name, error,
				    reserve(m, &regions[i], error));
	return ret;
}

static int add_smmus(const struct iopt_board *b, struct iopt_memory *m, struct iopt_smmu **smmus,
		     struct iopt_error *error)
{
	const struct iopt_board_smmu *list = b->smmus.items;
	int ret = 0;

	for (size_t i = 0; !ret && i < b->smmus.count; i++)
		ret = blame(b, list[i].path, error,
			    iopt_smmu_create(m, &list[i].config, &smmus[i], error));
	return ret;
}

static int add_devices(const struct iopt_board *b, struct iopt_memory *m,
		       struct iopt_smmu *const *smmus, struct iopt_cma *const *cmas,
		       struct iopt_device **devices, struct iopt_error *error)
{
	const struct iopt_board_device *list = b->devices.items;
	int ret = 0;

	for (size_t i = 0; !ret && i < b->devices.count; i++) {
		struct iopt_device_config config = list[i].config;

		config.smmu = list[i].smmu < 0 ? NULL : smmus[list[i].smmu];
		config.cma = list[i].cma < 0 ? NULL : cmas[list[i].cma];
		config.cpu_page_size = b->page;
		if (list[i].pci_host) { /* the bridge itself is no function */
			config.pci = false;
			config.windows = NULL;
			config.window_count = 0;
		}
		ret = blame(b, list[i].path, error,
			    iopt_device_create(m, &config, &devices[i], error));
	}
	return ret;
}

int iopt_board_build(const struct iopt_board *b, struct iopt_memory *m, struct iopt_smmu **smmus,
		     struct iopt_device **devices, struct iopt_error *error)
{
	struct iopt_cma **cmas = calloc(b->regions.count + 1, sizeof(*cmas));
	int ret = cmas ? add_ram(b, m, error) : board_out_of_memory(error);

	if (!ret)
		ret = add_areas(b, m, cmas, error);
	if (!ret)
		ret = add_regions(b, m, error);
	if (!ret)
		ret = add_smmus(b, m, smmus, error);
	if (!ret)
		ret = add_devices(b, m, smmus, cmas, devices, error);
	free(cmas);
	return ret;
}
