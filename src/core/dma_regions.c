/* SPDX-License-Identifier: MIT */
/* Addresses that a DMA domain does not hand out: iova_reserve_iommu_regions(). */
#include <stdlib.h>

#include "dma.h"
#include "dma_check.h"
#include "error.h"
#include "trace.h"

static const char *const names[IOPT_RESV_COUNT] = {
	[IOPT_RESV_DIRECT] = "direct",	   [IOPT_RESV_DIRECT_RELAXABLE] = "direct-relaxable",
	[IOPT_RESV_RESERVED] = "reserved", [IOPT_RESV_MSI] = "msi",
	[IOPT_RESV_SW_MSI] = "sw-msi",	   [IOPT_RESV_PCI_WINDOW] = "pci-window",
	[IOPT_RESV_PCI_GAP] = "pci-gap",
};

const char *iopt_resv_type_name(enum iopt_resv_type type)
{
	return (unsigned)type < IOPT_RESV_COUNT ? names[type] : NULL;
}

int iopt_domain_resv_region(const struct iopt_domain *d, unsigned i,
			    struct iopt_resv_region *region)
{
	if (i >= d->binding.region_count)
		return -IOPT_ENOENT;
	*region = d->binding.regions[i];
	return 0;
}

/* reserve_iova() of the granules that hold the first and the last byte, and all between. */
static int reserve(struct iopt_domain *d, uint64_t first, uint64_t last, enum iopt_resv_type type)
{
	const uint64_t granule = domain_granule(d), lo = first / granule, hi = last / granule;
	struct domain_binding *b = &d->binding;
	struct iopt_iova_range range;
	struct iopt_resv_region *regions =
		realloc(b->regions, (b->region_count + 1) * sizeof(*regions));

	if (!regions)
		return -IOPT_ENOMEM;
	b->regions = regions;
	if (iopt_iova_reserve(b->iova, lo, hi, &range, NULL))
		return -IOPT_ENOMEM;
	regions[b->region_count++] =
		(struct iopt_resv_region){lo * granule, (hi - lo + 1) * granule, type};
	trace_note(d->memory, "reserve_iova: [0x%llx, 0x%llx], %s", (unsigned long long)first,
		   (unsigned long long)last, names[type]);
	return 0;
}

/*
 * Gaps before, between and behind the bridge's dma-ranges.  Linux ends a gap at the first byte of
 * the range that follows, so that the first page of that is lost.
 */
static int reserve_gaps(struct iopt_domain *d, const struct iopt_device_config *c,
			struct iopt_error *error)
{
	uint64_t start = 0;
	int ret = 0;

	for (unsigned i = 0; !ret && i < c->dma_range_count; i++) {
		const uint64_t end = c->dma_ranges[i].bus, size = c->dma_ranges[i].size;

		if (end < start)
			return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
					 "failed to reserve IOVA [0x%llx-0x%llx]: dma-ranges "
					 "overlap",
					 (unsigned long long)start, (unsigned long long)end);
		if (end > start)
			ret = reserve(d, start, end, IOPT_RESV_PCI_GAP);
		start = end + size;
		/* up to the last address: nothing is behind it */
		if (!start)
			return ret;
	}
	if (!ret && c->dma_range_count)
		ret = reserve(d, start, UINT64_MAX, IOPT_RESV_PCI_GAP);
	return ret;
}

static int reserve_list(struct iopt_domain *d, const struct iopt_resv_region *list, unsigned count)
{
	int ret = 0;

	for (unsigned i = 0; !ret && i < count; i++)
		ret = reserve(d, list[i].base, list[i].base + (list[i].size - 1), list[i].type);
	return ret;
}

int domain_reserve_regions(struct iopt_domain *d, const struct iopt_device *device,
			   struct iopt_error *error)
{
	const struct iopt_device_config *c = &device->config;
	int ret = 0;

	if (c->pci) {
		ret = reserve_list(d, c->windows, c->window_count);
		if (!ret)
			ret = reserve_gaps(d, c, error);
	}
	/* The SMMU's MSI region is not among them: in a DMA domain it is an address like others. */
	if (!ret)
		ret = reserve_list(d, c->regions, c->region_count);
	if (ret == -IOPT_ENOMEM)
		error_set(error, IOPT_FAILURE_REQUEST, IOPT_ENOMEM, "out of memory");
	return ret;
}

/* ---- mapped to themselves ---- */

/* The granules of [at, end) that nothing is mapped in, in as few calls as there are runs. */
static int map_direct(struct iopt_domain *d, uint64_t at, uint64_t end)
{
	const uint64_t granule = domain_granule(d);
	uint64_t run = 0;
	int ret = 0;

	for (; !ret && at < end; at += granule) {
		const bool mapped = iopt_iova_to_phys(d, at);

		run += mapped ? 0 : granule;
		if (run && (mapped || at + granule >= end)) {
			const uint64_t first = mapped ? at - run : at + granule - run;

			ret = iopt_map(d, first, first, run, IOPT_READ | IOPT_WRITE);
			run = 0;
		}
	}
	return ret;
}

void domain_map_direct(struct iopt_domain *d, struct iopt_device *device)
{
	const struct iopt_device_config *c = &device->config;
	const uint64_t granule = domain_is_dma(d) ? domain_granule(d) : 0;

	for (unsigned i = 0; granule && i < c->region_count; i++) {
		const struct iopt_resv_region *r = &c->regions[i];
		int ret;

		if (r->type != IOPT_RESV_DIRECT && r->type != IOPT_RESV_DIRECT_RELAXABLE)
			continue;
		trace_call(d->memory, "iommu_create_device_direct_mappings",
			   trace_number("start", r->base), trace_number("length", r->size));
		ret = map_direct(d, align_up(r->base, granule),
				 align_up(r->base + r->size, granule));
		trace_return(d->memory, "iommu_create_device_direct_mappings", ret);
		if (ret)
			finding_add(device->state, "X10", device,
				    (struct iopt_segment){r->base, r->size},
				    "%s: the region at 0x%llx could not be mapped to itself (%s)",
				    c->name, (unsigned long long)r->base, iopt_error_name(ret));
		else
			domain_flush_all(d);
	}
}
