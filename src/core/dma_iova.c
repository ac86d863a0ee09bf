/* SPDX-License-Identifier: MIT */
/* drivers/iommu/dma-iommu.c: I/O virtual addresses for buffers, and what is mapped at them. */
#include "dma.h"
#include "error.h"
#include "iova.h"
#include "iova_queue.h"
#include "profile.h"
#include "trace.h"

unsigned dma_prot(const struct iopt_device *device, enum iopt_dma_direction direction,
		  unsigned attrs)
{
	unsigned prot = device->config.coherent ? IOPT_CACHE : 0;

	if (attrs & IOPT_DMA_PRIVILEGED && profile_of(device->state->memory)->privileged)
		prot |= IOPT_PRIV;
	switch (direction) {
	case IOPT_DMA_BIDIRECTIONAL:
		return prot | IOPT_READ | IOPT_WRITE;
	case IOPT_DMA_TO_DEVICE:
		return prot | IOPT_READ;
	case IOPT_DMA_FROM_DEVICE:
		return prot | IOPT_WRITE;
	default:
		return 0;
	}
}

/* ---- addresses ---- */

/* dma_limit of iommu_dma_alloc_iova(): mask, bus and aperture. */
static uint64_t highest_address(const struct iopt_device *device, const struct iopt_domain *d,
				unsigned bits)
{
	uint64_t limit = low_bits(bits);

	if (device->config.bus_limit)
		limit = min_u64(limit, device->config.bus_limit);
	return min_u64(limit, d->spaces[0].last);
}

uint64_t dma_iova_rounded(const struct iopt_domain *d, uint64_t size)
{
	const uint64_t granule = domain_granule(d);
	uint64_t count = size / granule;

	if (d->binding.iova->profile->iova_rounds && count < BIT(IOPT_IOVA_CLASSES - 1))
		count = BIT(log2_up(count));
	return count * granule;
}

/* Why this address and no other. */
static void explain(const struct iopt_device *device, const struct iopt_domain *d, uint64_t size,
		    uint64_t limit, uint64_t count_before)
{
	const struct iopt_iova *iova = d->binding.iova;
	const uint64_t rounded = dma_iova_rounded(d, size), granule = domain_granule(d);
	struct iopt_memory *m = device->state->memory;

	if (rounded != size)
		trace_note(m,
			   "%llu granules are taken as %llu: sizes below 32 are rounded up to a "
			   "power of two",
			   (unsigned long long)(size / granule),
			   (unsigned long long)(rounded / granule));
	if (iova->count == count_before)
		trace_note(m, "from the magazine of its size: the one freed last is used first");
	else
		trace_note(m,
			   "the highest free range up to 0x%llx below where the last one was put, "
			   "aligned to its size",
			   (unsigned long long)limit);
}

static int alloc_below(struct iopt_device *device, uint64_t size, uint64_t limit, bool flush,
		       uint64_t *address)
{
	struct iopt_domain *d = device->group->default_domain;
	const uint64_t granule = domain_granule(d), before = d->binding.iova->count;
	uint64_t pfn = 0;
	int ret;

	trace_call(d->memory, "alloc_iova_fast", trace_number("size", size / granule),
		   trace_number("limit_pfn", limit / granule),
		   trace_text("flush_rcache", flush ? "true" : "false"));
	ret = iopt_iova_alloc_fast(d->binding.iova, size / granule, limit / granule, flush, &pfn,
				   NULL);
	if (!ret && tracing(d->memory))
		explain(device, d, size, limit, before);
	trace_return(d->memory, "alloc_iova_fast", ret ? ret : (int64_t)pfn);
	*address = pfn * granule;
	return ret ? -IOPT_ENOMEM : 0;
}

static bool tries_32bit(const struct iopt_device *device)
{
	const unsigned when = profile_of(device->state->memory)->pci_32bit;

	return when == PROFILE_PCI_EACH ||
	       (when == PROFILE_PCI_UNTIL_FAILURE && !device->pci_32bit_failed);
}

int dma_iova_alloc(struct iopt_device *device, uint64_t size, unsigned bits, uint64_t *iova)
{
	const struct iopt_domain *d = device->group->default_domain;
	const uint64_t limit = highest_address(device, d, bits);
	int ret;

	/* DAC addressing of PCI was long less tested than 32 bits. */
	if (device->config.pci && limit > low_bits(32) && tries_32bit(device)) {
		trace_note(d->memory, "a PCI device: first below 4 GiB");
		ret = alloc_below(device, size, low_bits(32), false, iova);
		if (!ret)
			return 0;
		device->pci_32bit_failed = true;
	}
	return alloc_below(device, size, limit, true, iova);
}

void dma_iova_free(struct iopt_domain *d, uint64_t iova, uint64_t size)
{
	const uint64_t granule = domain_granule(d);

	iopt_iova_free_fast(d->binding.iova, iova / granule, size / granule);
}

/* ---- mappings ---- */

/* Adjacent pieces are one call of iommu_map(), wherever the list was cut, where Linux joins them.
 */
int dma_iova_map(struct iopt_domain *d, uint64_t iova, const struct iopt_segment *segments,
		 size_t count, unsigned prot)
{
	const bool joins = profile_of(d->memory)->sg_coalesces;
	uint64_t done = 0;
	int ret = 0;

	trace_call(d->memory, "iommu_map_sg", trace_number("iova", iova),
		   trace_number("nents", count), trace_number("prot", prot));
	for (size_t i = 0; !ret && i < count;) {
		struct iopt_segment piece = segments[i++];

		while (joins && i < count && segments[i].pa == piece.pa + piece.size)
			piece.size += segments[i++].size;
		ret = iopt_map(d, iova + done, piece.pa, piece.size, prot);
		if (!ret)
			done += piece.size;
	}
	if (ret)
		domain_unmap(d, iova, done, false);
	trace_return(d->memory, "iommu_map_sg", ret ? ret : (int64_t)done);
	return ret;
}

int dma_not_mapped(int ret, struct iopt_error *error)
{
	return error_set(error, IOPT_FAILURE_REQUEST, ret == -IOPT_EINTR ? IOPT_EINTR : IOPT_ENOMEM,
			 "it could not be mapped: %s", iopt_error_text(ret));
}

uint64_t dma_iova_unmap(struct iopt_domain *d, uint64_t iova, uint64_t size)
{
	const uint64_t granule = domain_granule(d);
	struct iova_queue *queue = d->binding.queue;
	uint64_t unmapped;

	trace_call(d->memory, "__iommu_dma_unmap", trace_number("dma_addr", iova),
		   trace_number("size", size));
	unmapped = domain_unmap(d, iova, size, queue);
	if (queue) {
		trace_note(d->memory, "its addresses wait for the flush queue");
		iova_queue_add(queue, iova / granule, size / granule);
	} else {
		dma_iova_free(d, iova, size);
	}
	trace_return(d->memory, "__iommu_dma_unmap", (int64_t)unmapped);
	return unmapped;
}
