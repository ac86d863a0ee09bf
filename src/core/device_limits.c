/* SPDX-License-Identifier: MIT */
/* What a driver may ask of its device before it maps anything. */
#include "device.h"
#include "dma.h"

enum { OPT_MAPPING_ORDER = 5 }; /* the largest class of the IOVA caches */

/* dma_direct_get_required_mask(): all bits up to the highest of the last byte of RAM. */
static uint64_t required_mask(const struct iopt_device *device)
{
	const struct iopt_memory *m = device->state->memory;
	uint64_t top = 0, bus;

	for (size_t i = 0; i < m->window_count; i++)
		if (m->windows[i].ram)
			top = m->windows[i].range.last;
	if (!device_bus_address(device, align_down(top, device_page(device)), &bus))
		return UINT64_MAX;
	return bus ? low_bits(64 - (unsigned)__builtin_clzll(bus)) : 1;
}

/* arm_smmu_capable() */
static bool is_coherent(const struct iopt_device *device)
{
	const struct iopt_smmu *smmu = device->config.smmu;

	return !smmu->config.non_coherent_walk || (!smmu_is_v3(smmu) && device->config.coherent);
}

void iopt_device_limits(const struct iopt_device *device, struct iopt_device_limits *limits)
{
	const struct iopt_device_config *c = &device->config;
	uint64_t reach = low_bits(c->dma_mask_bits);

	if (limits->struct_size < sizeof(*limits))
		return;
	if (c->bus_limit)
		reach = min_u64(reach, c->bus_limit);
	*limits = (struct iopt_device_limits){
		.struct_size = sizeof(*limits),
		.required_mask = device->uses_iommu ? low_bits(32) : required_mask(device),
		.max_mapping = UINT64_MAX,
		.opt_mapping = UINT64_MAX,
		.cache_coherency = c->smmu && is_coherent(device),
		.noexec = c->smmu != NULL,
	};
	limits->addressing_limited = reach < limits->required_mask;
	if (!device->uses_iommu)
		return;
	limits->opt_mapping = device_page(device) << OPT_MAPPING_ORDER;
	limits->merge_boundary = domain_granule(device->group->default_domain) - 1;
}
