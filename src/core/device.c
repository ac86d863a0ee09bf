/* SPDX-License-Identifier: MIT */
/* Devices: how they are probed, what they can reach, and how they go. */
#include "device.h"

#include <stdlib.h>

#include "dma.h"
#include "dma_check.h"
#include "error.h"
#include "group.h"
#include "trace.h"

enum { STREAMS_MAX = 4096, NAME_MAX_BYTES = 63, MASK_BITS_DEFAULT = 32 };

#define MAX_SEGMENT_DEFAULT BIT(16)

static int fail(struct iopt_error *error, int code, const char *why)
{
	return error_set(error, IOPT_FAILURE_REQUEST, code, "%s", why);
}

/* ---- what was asked for ---- */

static int check_config(const struct iopt_device_config *c, const struct dma_state *state,
			struct iopt_error *error)
{
	const uint64_t page = c->cpu_page_size ? c->cpu_page_size : BIT(12);

	if (c->struct_size < sizeof(*c) || !c->name || !*c->name ||
	    strlen(c->name) > NAME_MAX_BYTES)
		return fail(error, IOPT_EINVAL, "a device has a name of at most 63 bytes");
	if (page != BIT(12) && page != BIT(14) && page != BIT(16))
		return fail(error, IOPT_EINVAL, "the CPU page size is 4k, 16k or 64k");
	if (c->dma_mask_bits > 64 || c->coherent_mask_bits > 64)
		return fail(error, IOPT_EINVAL, "a mask has at most 64 bits");
	if (c->bus_limit && c->bus_base > c->bus_limit)
		return fail(error, IOPT_EINVAL, "the bus ends before it begins");
	if (c->segment_boundary & (c->segment_boundary + 1))
		return fail(error, IOPT_EINVAL, "a segment boundary is a power of two less 1");
	if (c->max_segment > UINT32_MAX)
		return fail(error, IOPT_EINVAL, "a segment has less than 4 GiB");
	if ((unsigned)c->default_domain > IOPT_DEFAULT_PASSTHROUGH)
		return fail(error, IOPT_EINVAL, "no such default domain");
	if (c->stream_count > STREAMS_MAX || (c->stream_count && !c->smmu))
		return fail(error, IOPT_EINVAL, "stream IDs are those of an SMMU, at most 4096");
	if (c->smmu && c->smmu->state != state)
		return fail(error, IOPT_EINVAL, "the SMMU is in another memory");
	return 0;
}

/* The configuration with its strings and defaults; ENOMEM. */
static int keep_config(struct iopt_device *device, const struct iopt_device_config *config)
{
	struct iopt_device_config *c = &device->config;
	size_t bytes = config->stream_count * sizeof(*config->streams);
	struct iopt_stream *streams = malloc(bytes ? bytes : 1);

	*c = *config;
	c->name = strdup(config->name);
	c->streams = streams;
	if (!c->name || !streams)
		return -IOPT_ENOMEM;
	if (bytes)
		memcpy(streams, config->streams, bytes);
	if (!c->cpu_page_size)
		c->cpu_page_size = BIT(12);
	if (!c->dma_mask_bits)
		c->dma_mask_bits = MASK_BITS_DEFAULT;
	if (!c->coherent_mask_bits)
		c->coherent_mask_bits = MASK_BITS_DEFAULT;
	if (!c->max_segment)
		c->max_segment = MAX_SEGMENT_DEFAULT;
	if (!c->segment_boundary)
		c->segment_boundary = UINT64_MAX;
	device->page_shift = (unsigned)__builtin_ctzll(c->cpu_page_size);
	return 0;
}

static void device_free(struct iopt_device *device)
{
	free((char *)device->config.name);
	free((struct iopt_stream *)device->config.streams);
	free(device);
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
	ret = check_config(config, state, error);
	if (ret)
		return ret;
	d = calloc(1, sizeof(*d));
	if (!d)
		return fail(error, IOPT_ENOMEM, "out of memory");
	d->state = state;
	ret = keep_config(d, config);
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
	if (device->uses_iommu || bits >= MASK_BITS_DEFAULT)
		return true;
	for (size_t i = 0; i < m->window_count; i++)
		if (m->windows[i].ram)
			top = m->windows[i].range.last;
	return low_bits(bits) >= min_u64(top, low_bits(MASK_BITS_DEFAULT));
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
