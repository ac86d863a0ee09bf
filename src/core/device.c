/* SPDX-License-Identifier: MIT */
/* Devices: how they are probed, what they can reach, and how they go. */
#include "device.h"

#include <stdlib.h>

#include "dma.h"
#include "dma_check.h"
#include "error.h"
#include "group.h"
#include "trace.h"

static int fail(struct iopt_error *error, int code, const char *why)
{
	return error_set(error, IOPT_FAILURE_REQUEST, code, "%s", why);
}

/* ---- probe and remove ---- */

void device_setup_dma(struct iopt_device *device)
{
	struct dma_group *group = device->group;
	struct iopt_memory *m = device->state->memory;
	int ret = 0;

	device->uses_iommu = device->setup_failed = false;
	trace_call(m, "arch_setup_dma_ops", trace_text("dev", device->config.name),
		   trace_text("domain",
			      group ? iopt_domain_type_name(group->default_domain->type) : "none"));
	if (group && domain_is_dma(group->default_domain)) {
		ret = domain_dma_init(group->default_domain, device, NULL);
		device->uses_iommu = !ret;
		device->setup_failed = ret;
	}
	if (ret)
		finding_add(device->state, "X5", device, (struct iopt_segment){0},
			    "%s: its addresses could not be set up (%s): dma-direct, while the "
			    "SMMU translates what it does",
			    device->config.name, iopt_error_name(ret));
	trace_note(m, "%s uses %s", device->config.name,
		   device->uses_iommu ? "iommu_dma_ops" : "dma-direct");
	trace_return(m, "arch_setup_dma_ops", ret);
}

static int device_probe(struct iopt_device *device, struct iopt_error *error)
{
	const struct iopt_device_config *c = &device->config;
	int ret;

	if (c->pool_size) {
		ret = coherent_pool_get(device->state, c->pool_base, c->pool_size,
					device->page_shift, &device->pool, error);
		if (ret)
			return ret;
	}
	return c->smmu ? group_join(device, error) : 0;
}

int iopt_device_create(struct iopt_memory *memory, const struct iopt_device_config *config,
		       struct iopt_device **device, struct iopt_error *error)
{
	struct dma_state *state = dma_state(memory);
	struct iopt_device *d;
	int ret;

	if (!state)
		return fail(error, IOPT_ENOMEM, "out of memory");
	ret = device_check_config(config, state, error);
	if (ret)
		return ret;
	d = calloc(1, sizeof(*d));
	if (!d)
		return fail(error, IOPT_ENOMEM, "out of memory");
	d->state = state;
	ret = device_keep_config(d, config);
	if (ret)
		fail(error, IOPT_ENOMEM, "out of memory");
	trace_call(memory, "really_probe", trace_text("dev", config->name));
	if (!ret)
		ret = device_probe(d, error);
	trace_return(memory, "really_probe", ret);
	if (ret) {
		device_free(d);
		return ret;
	}
	d->bound = true;
	d->next = state->devices;
	state->devices = d;
	device_setup_dma(d);
	*device = d;
	return 0;
}

int iopt_device_destroy(struct iopt_device *device, struct iopt_error *error)
{
	struct iopt_device **at;

	if (!device)
		return 0;
	if (device->live || device->pool_count)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EBUSY,
				 "%s has %zu live buffers and %zu pools", device->config.name,
				 device->live, device->pool_count);
	device_reclaim_leaks(device);
	if (device->group)
		group_leave(device);
	for (at = &device->state->devices; *at != device;)
		at = &(*at)->next;
	*at = device->next;
	for (unsigned i = 0; i < RELEASED_MAX; i++)
		if (device->state->released[i].device == device)
			device->state->released[i].device = NULL;
	if (!device->state->devices)
		atomic_pool_destroy(device->state);
	device_free(device);
	return 0;
}

/* ---- what it is ---- */

void iopt_device_info(const struct iopt_device *device, struct iopt_device_config *config)
{
	if (config->struct_size < sizeof(*config))
		return;
	*config = device->config;
	config->struct_size = sizeof(*config);
}

struct iopt_domain *iopt_device_domain(const struct iopt_device *device)
{
	return device->group ? device->group->domain : NULL;
}

struct iopt_domain *iopt_device_default_domain(const struct iopt_device *device)
{
	return device->group ? device->group->default_domain : NULL;
}

int iopt_device_group(const struct iopt_device *device)
{
	return device->group ? device->group->id : -1;
}

bool iopt_device_uses_iommu(const struct iopt_device *device)
{
	return device->uses_iommu;
}

/* ---- masks ---- */

/* dma_direct_supported(): below 32 bits a mask must reach all RAM below 4 GiB, or all there is. */
bool iopt_device_supports(const struct iopt_device *device, unsigned bits)
{
	const struct iopt_memory *m = device->state->memory;
	uint64_t top = 0;

	if (!bits || bits > 64)
		return false;
	if (device->uses_iommu || bits >= DEVICE_MASK_BITS_DEFAULT)
		return true;
	for (size_t i = 0; i < m->window_count; i++)
		if (m->windows[i].ram)
			top = m->windows[i].range.last;
	return low_bits(bits) >= min_u64(top, low_bits(DEVICE_MASK_BITS_DEFAULT));
}

int iopt_device_set_mask(struct iopt_device *device, unsigned bits, bool coherent,
			 struct iopt_error *error)
{
	const char *function = coherent ? "dma_set_coherent_mask" : "dma_set_mask";
	int ret = 0;

	trace_call(device->state->memory, function, trace_text("dev", device->config.name),
		   trace_number("mask", bits && bits <= 64 ? low_bits(bits) : 0));
	if (!iopt_device_supports(device, bits))
		ret = error_set(error, IOPT_FAILURE_REQUEST, IOPT_EIO,
				"dma_supported() says no: %u bits do not reach the memory", bits);
	else if (coherent)
		device->config.coherent_mask_bits = bits;
	else
		device->config.dma_mask_bits = bits;
	trace_return(device->state->memory, function, ret);
	return ret;
}
