/* SPDX-License-Identifier: MIT */
/* What a device is to be: checked, with its defaults, and kept; and what of memory it reaches. */
#include <stdio.h>
#include <stdlib.h>

#include "device.h"
#include "dma.h"
#include "error.h"

enum { STREAMS_MAX = 4096, RANGES_MAX = 1024, NAME_MAX_BYTES = 63 };

/* A region that is mapped to itself is looked at granule by granule. */
#define DIRECT_MAX BIT(32)

#define MAX_SEGMENT_DEFAULT BIT(16)

/* What arm_smmu_get_resv_regions() adds. */
static const struct iopt_resv_region sw_msi = {0x8000000, 0x100000, IOPT_RESV_SW_MSI};

static int fail(struct iopt_error *error, int code, const char *why)
{
	return error_set(error, IOPT_FAILURE_REQUEST, code, "%s", why);
}

static uint64_t page_of(const struct iopt_device_config *c)
{
	return c->cpu_page_size ? c->cpu_page_size : BIT(12);
}

/* ---- checked ---- */

static int check_limits(const struct iopt_device_config *c, struct iopt_error *error)
{
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
	if (c->untrusted && !c->pci)
		return fail(error, IOPT_EINVAL, "only a PCI device is untrusted");
	return 0;
}

static int check_dma_ranges(const struct iopt_device_config *c, struct iopt_error *error)
{
	struct range r;

	if (c->dma_range_count > RANGES_MAX)
		return fail(error, IOPT_EINVAL, "at most 1024 dma-ranges");
	if (c->dma_range_count && (c->bus_base || c->bus_limit))
		return fail(error, IOPT_EINVAL, "dma-ranges say where the bus begins and ends");
	for (unsigned i = 0; i < c->dma_range_count; i++) {
		const struct iopt_dma_range *d = &c->dma_ranges[i];

		if (!range_make(d->bus, d->size, &r) || !range_make(d->pa, d->size, &r))
			return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
					 "dma-range %u is empty, or leaves the 64-bit space", i);
	}
	return 0;
}

static int check_regions(const struct iopt_device_config *c, struct iopt_error *error)
{
	struct range r;

	if (c->window_count > RANGES_MAX || c->region_count > RANGES_MAX)
		return fail(error, IOPT_EINVAL, "at most 1024 windows and regions");
	if (c->window_count && !c->pci)
		return fail(error, IOPT_EINVAL, "only a PCI device is behind a host bridge");
	if (c->region_count && !c->smmu)
		return fail(error, IOPT_EINVAL, "regions are of IOVAs: there is no SMMU");
	for (unsigned i = 0; i < c->window_count; i++)
		if (!range_make(c->windows[i].base, c->windows[i].size, &r))
			return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
					 "window %u is empty, or leaves the 64-bit space", i);
	for (unsigned i = 0; i < c->region_count; i++) {
		const struct iopt_resv_region *region = &c->regions[i];

		if (!range_make(region->base, region->size, &r) ||
		    (unsigned)region->type >= IOPT_RESV_SW_MSI)
			return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
					 "region %u is empty, leaves the 64-bit space, or is of "
					 "another type",
					 i);
		if (region->type <= IOPT_RESV_DIRECT_RELAXABLE && region->size > DIRECT_MAX)
			return fail(error, IOPT_EINVAL,
				    "a region that is mapped to itself has at most 4 GiB");
	}
	return 0;
}

int device_check_config(const struct iopt_device_config *c, const struct dma_state *state,
			struct iopt_error *error)
{
	uint64_t page;
	int ret;

	if (c->struct_size < sizeof(*c) || !c->name || !*c->name ||
	    strlen(c->name) > NAME_MAX_BYTES)
		return fail(error, IOPT_EINVAL, "a device has a name of at most 63 bytes");
	page = page_of(c);
	if (page != BIT(12) && page != BIT(14) && page != BIT(16))
		return fail(error, IOPT_EINVAL, "the CPU page size is 4k, 16k or 64k");
	if (c->stream_count > STREAMS_MAX || (c->stream_count && !c->smmu))
		return fail(error, IOPT_EINVAL, "stream IDs are those of an SMMU, at most 4096");
	if ((c->smmu && c->smmu->state != state) || (c->cma && c->cma->state != state))
		return fail(error, IOPT_EINVAL, "the SMMU or the area is in another memory");
	if (c->cma && page != BIT(c->cma->map.page_shift))
		return fail(error, IOPT_EINVAL, "the area was made with pages of another size");
	ret = check_limits(c, error);
	if (!ret)
		ret = check_dma_ranges(c, error);
	return ret ? ret : check_regions(c, error);
}

/* ---- kept ---- */

/* A copy of 'count' items; *to is NULL for none.  False: out of memory. */
static bool copy_items(const void *from, size_t count, size_t bytes, void **to)
{
	*to = count ? malloc(count * bytes) : NULL;
	if (*to)
		memcpy(*to, from, count * bytes);
	return *to || !count;
}

static int compare_ranges(const void *a, const void *b)
{
	const struct iopt_dma_range *x = a, *y = b;

	return (x->bus > y->bus) - (x->bus < y->bus);
}

static int compare_regions(const void *a, const void *b)
{
	const struct iopt_resv_region *x = a, *y = b;

	if (x->base != y->base)
		return x->base < y->base ? -1 : 1;
	return (x->type > y->type) - (x->type < y->type);
}

/* 'b' begins where 'a' does or behind, and their union is a region. */
static bool merge(struct iopt_resv_region *a, const struct iopt_resv_region *b)
{
	const uint64_t last = max_u64(a->base + (a->size - 1), b->base + (b->size - 1));

	if (a->type != b->type || b->base - a->base > a->size || last - a->base == UINT64_MAX)
		return false;
	a->size = last - a->base + 1;
	return true;
}

/* As iommu_insert_resv_region(): what overlaps or touches and is of one type is one. */
static unsigned merge_regions(struct iopt_resv_region *r, unsigned count)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < count; i++) {
		unsigned j = kept;

		while (j && !merge(&r[j - 1], &r[i]))
			j--;
		if (!j)
			r[kept++] = r[i];
	}
	return kept;
}

static bool keep_regions(struct iopt_device *device, const struct iopt_device_config *config)
{
	struct iopt_device_config *c = &device->config;
	const unsigned all = config->region_count + (config->smmu != NULL);
	struct iopt_resv_region *windows = NULL, *regions = calloc(all + 1, sizeof(*regions));
	const bool ok = copy_items(config->windows, config->window_count, sizeof(*windows),
				   (void **)&windows);

	for (unsigned i = 0; windows && i < config->window_count; i++)
		windows[i].type = IOPT_RESV_PCI_WINDOW;
	c->windows = windows;
	c->regions = regions;
	if (!regions || !ok)
		return false;
	if (config->region_count)
		memcpy(regions, config->regions, config->region_count * sizeof(*regions));
	qsort(regions, config->region_count, sizeof(*regions), compare_regions);
	c->region_count = merge_regions(regions, config->region_count);
	return true;
}

/* of_dma_configure(): where the bus begins and ends. */
static bool keep_dma_ranges(struct iopt_device *device, const struct iopt_device_config *config)
{
	struct iopt_device_config *c = &device->config;
	struct iopt_dma_range *ranges = NULL;

	if (!copy_items(config->dma_ranges, config->dma_range_count, sizeof(*ranges),
			(void **)&ranges)) {
		c->dma_ranges = NULL;
		return false;
	}
	c->dma_ranges = ranges;
	if (!ranges)
		return true;
	qsort(ranges, c->dma_range_count, sizeof(*ranges), compare_ranges);
	c->bus_base = ranges[0].bus;
	c->bus_limit = 0;
	for (unsigned i = 0; i < c->dma_range_count; i++)
		c->bus_limit = max_u64(c->bus_limit, ranges[i].bus + (ranges[i].size - 1));
	return true;
}

/* 32 bits, and no more than the bus has. */
static unsigned default_mask(const struct iopt_device_config *c)
{
	const uint64_t end = c->dma_range_count ? c->bus_limit : UINT64_MAX;

	return (unsigned)min_u64(DEVICE_MASK_BITS_DEFAULT,
				 end ? 64 - (unsigned)__builtin_clzll(end) : 1);
}

static void fill_defaults(struct iopt_device_config *c)
{
	c->cpu_page_size = page_of(c);
	if (!c->dma_mask_bits)
		c->dma_mask_bits = default_mask(c);
	if (!c->coherent_mask_bits)
		c->coherent_mask_bits = default_mask(c);
	if (!c->max_segment)
		c->max_segment = MAX_SEGMENT_DEFAULT;
	if (!c->segment_boundary)
		c->segment_boundary = UINT64_MAX;
}

int device_keep_config(struct iopt_device *device, const struct iopt_device_config *config)
{
	struct iopt_device_config *c = &device->config;
	struct iopt_stream *streams = NULL;
	bool ok;

	*c = *config;
	c->name = strdup(config->name);
	ok = copy_items(config->streams, config->stream_count, sizeof(*streams), (void **)&streams);
	c->streams = streams;
	ok &= keep_dma_ranges(device, config);
	ok &= keep_regions(device, config);
	if (!c->name || !ok)
		return -IOPT_ENOMEM;
	fill_defaults(c);
	device->page_shift = (unsigned)__builtin_ctzll(c->cpu_page_size);
	return 0;
}

void device_free(struct iopt_device *device)
{
	free((char *)device->config.name);
	free((struct iopt_stream *)device->config.streams);
	free((struct iopt_dma_range *)device->config.dma_ranges);
	free((struct iopt_resv_region *)device->config.windows);
	free((struct iopt_resv_region *)device->config.regions);
	free(device);
}

int iopt_device_resv_region(const struct iopt_device *device, unsigned i,
			    struct iopt_resv_region *region)
{
	const struct iopt_device_config *c = &device->config;
	unsigned own = 0;

	/* The SMMU's own stands among them by its address. */
	while (own < c->region_count && c->regions[own].base < sw_msi.base)
		own++;
	if (i >= c->region_count + (c->smmu != NULL))
		return -IOPT_ENOENT;
	if (!c->smmu || i < own)
		*region = c->regions[i];
	else
		*region = i == own ? sw_msi : c->regions[i - 1];
	return 0;
}

/* ---- what it reaches ---- */

bool device_bus_address(const struct iopt_device *device, uint64_t pa, uint64_t *bus)
{
	const struct iopt_device_config *c = &device->config;

	*bus = pa;
	if (!c->dma_range_count)
		return true;
	for (unsigned i = 0; i < c->dma_range_count; i++) {
		const struct iopt_dma_range *r = &c->dma_ranges[i];

		if (pa < r->pa || pa - r->pa >= r->size)
			continue;
		*bus = pa - r->pa + r->bus;
		return true;
	}
	return false;
}

bool device_memory_address(const struct iopt_device *device, uint64_t bus, uint64_t *pa)
{
	const struct iopt_device_config *c = &device->config;

	*pa = bus;
	if (!c->dma_range_count)
		return true;
	for (unsigned i = 0; i < c->dma_range_count; i++) {
		const struct iopt_dma_range *r = &c->dma_ranges[i];

		if (bus < r->bus || bus - r->bus >= r->size)
			continue;
		*pa = bus - r->bus + r->pa;
		return true;
	}
	return false;
}

const char *dma_limit_text(const struct iopt_device *device, char to[static DMA_LIMIT_BYTES])
{
	to[0] = '\0';
	if (device->config.bus_limit)
		snprintf(to, DMA_LIMIT_BYTES, ", bus limit 0x%llx",
			 (unsigned long long)device->config.bus_limit);
	return to;
}

bool dma_reaches(const struct iopt_device *device, uint64_t pa, uint64_t size, unsigned bits,
		 uint64_t *bus)
{
	const struct iopt_device_config *c = &device->config;
	struct range r;

	return device_bus_address(device, pa, bus) && range_make(*bus, size, &r) &&
	       r.last <= low_bits(bits) && *bus >= c->bus_base &&
	       (!c->bus_limit || r.last <= c->bus_limit);
}
