/* SPDX-License-Identifier: MIT */
/* Coherent buffers given back: dma_free_attrs(), and what a wrong size leaves behind. */
#include "dma.h"
#include "dma_check.h"
#include "profile.h"

void dma_scattered_free(const struct iopt_buffer *b)
{
	for (size_t i = 0; i < b->segment_count; i++)
		dma_pages_free(b->device->state->memory, b->segments[i].pa, b->segments[i].size);
}

static bool unmap_coherent(struct iopt_buffer *b, uint64_t size)
{
	const bool recorded = profile_of(b->device->state->memory)->unmaps_recorded_size;
	const uint64_t passed = min_u64(align_up(size, domain_granule(b->domain)), b->mapped);
	const uint64_t want = recorded ? b->mapped : passed;
	const uint64_t unmapped = dma_iova_unmap(b->domain, b->iova, want);

	if (unmapped != want)
		finding_add(b->device->state, "W1", b->device, (struct iopt_segment){b->iova, want},
			    "%s: 0x%llx of 0x%llx bytes were mapped at 0x%llx",
			    b->device->config.name, (unsigned long long)unmapped,
			    (unsigned long long)want, (unsigned long long)b->iova);
	if (want == b->mapped)
		return true;
	/* The addresses went with the wrong size; what is mapped behind them stays so. */
	b->iova_first = b->iova + want;
	b->mapped -= want;
	b->iova_size = 0;
	return false;
}

void dma_memory_back(const struct iopt_buffer *b, uint64_t size)
{
	switch (b->source) {
	case IOPT_SOURCE_DEVICE_POOL:
		coherent_pool_free(b->device->pool, b->one.pa, size);
		break;
	case IOPT_SOURCE_IOMMU:
		dma_scattered_free(b);
		break;
	case IOPT_SOURCE_CALLER:
		break;
	default:
		dma_block_free(b, b->one.pa);
	}
}

bool dma_free_coherent(struct iopt_buffer *b, const struct iopt_release *r)
{
	const uint64_t size = r && r->size ? r->size : b->size;

	if (b->source == IOPT_SOURCE_DEVICE_POOL) {
		dma_memory_back(b, size);
		return true;
	}
	if (b->domain && !unmap_coherent(b, size))
		return false;
	if (!b->domain && device_page_order(b->device, min_u64(size, DMA_SIZE_MAX)) <
				  device_page_order(b->device, b->size))
		return false;
	dma_memory_back(b, b->size);
	return true;
}

void buffer_leak(struct iopt_buffer *b)
{
	b->chain = b->device->leaks;
	b->device->leaks = b;
}

/* What it was mapped to. */
static uint64_t mapped_pa(const struct iopt_buffer *b, uint64_t offset)
{
	return b->piece_count ? b->pieces[0].bounce.pa + offset : buffer_pa(b, offset);
}

/* Only where its own memory is still behind an address: others may be there by now. */
static void reclaim_mapping(const struct iopt_buffer *b)
{
	const uint64_t granule = domain_granule(b->domain);
	const uint64_t skipped = b->iova_first - align_down(b->iova, granule);
	uint64_t pa;

	if (b->iova_size) {
		dma_iova_unmap(b->domain, b->iova_first, b->mapped);
		return;
	}
	for (uint64_t at = 0; at < b->mapped; at += granule)
		if (!iopt_translate(b->domain, b->iova_first + at, &pa, NULL) &&
		    pa == align_down(mapped_pa(b, skipped + at), granule))
			domain_unmap(b->domain, b->iova_first + at, granule, false);
}

void device_reclaim_leaks(struct iopt_device *device)
{
	struct iopt_buffer *b;

	while ((b = device->leaks) != NULL) {
		device->leaks = b->chain;
		if (b->domain)
			reclaim_mapping(b);
		dma_memory_back(b, b->size);
		if (b->piece_count)
			bounce_give(b, b->one, b->pieces[0].bounce);
		buffer_free(b);
	}
}
