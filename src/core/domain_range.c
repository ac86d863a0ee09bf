/* SPDX-License-Identifier: MIT */
/* Ranges, cut into calls as iommu_map() and iommu_unmap() of Linux do. */
#include "domain.h"
#include "profile.h"
#include "trace.h"

/*
 * iommu_pgsize(): the largest page size that suits both addresses, and how many of it until a
 * larger one does.  'size' is not 0 and a multiple of the smallest.
 */
static uint64_t choose_pages(uint64_t sizes, uint64_t iova, uint64_t pa, uint64_t size,
			     uint64_t *count)
{
	uint64_t fit = sizes & low_bits(64u - (unsigned)__builtin_clzll(size)), page, next, offset;

	if (iova | pa)
		fit &= low_bits((unsigned)__builtin_ctzll(iova | pa) + 1);
	page = BIT(63 - __builtin_clzll(fit));
	next = sizes & ~(page | (page - 1));
	next &= -next;
	if (next && !((iova ^ pa) & (next - 1))) {
		offset = next - ((iova | pa) & (next - 1));
		if (offset + next <= size)
			size = offset;
	}
	*count = size / page;
	return page;
}

static uint64_t smallest_page(const struct pgtable *t)
{
	return t->page_sizes & -t->page_sizes;
}

/*
 * How many bytes were mapped from iova on.  With 'stop' it gives up when whoever waits does, and
 * says so there.
 */
static uint64_t unmap_range(struct iopt_domain *d, uint64_t iova, uint64_t size, bool queued,
			    int *stop)
{
	const struct pgtable *t = domain_half(d, iova);
	struct iopt_pages r = IOPT_INIT(struct iopt_pages);
	uint64_t done = 0, calls = 0;

	r.queued = queued;
	while (done < size && t->page_sizes) {
		r.iova = iova + done;
		r.page_size = choose_pages(t->page_sizes, r.iova, r.iova, size - done, &r.count);
		if (tracing(d->memory))
			trace_unmap_pages(d, &r);
		else
			iopt_unmap_pages(d, &r);
		if (!r.done)
			break;
		done += r.done;
		if (stop && (*stop = memory_poll(d->memory, ++calls, "unmapping", done, size)))
			break;
	}
	return done;
}

uint64_t domain_unmap(struct iopt_domain *d, uint64_t iova, uint64_t size, bool queued)
{
	return unmap_range(d, iova, size, queued, NULL);
}

static int check_map(const struct iopt_domain *d, uint64_t iova, uint64_t pa, uint64_t size,
		     unsigned prot)
{
	if (prot >= PGTABLE_PROTS || (iova | pa | size) & (smallest_page(domain_half(d, iova)) - 1))
		return -IOPT_EINVAL;
	if (size && (iova + (size - 1) < iova || pa + (size - 1) < pa))
		return -IOPT_ERANGE;
	return 0;
}

int iopt_map(struct iopt_domain *d, uint64_t iova, uint64_t pa, uint64_t size, unsigned prot)
{
	const struct pgtable *t = domain_half(d, iova);
	struct iopt_pages r = IOPT_INIT(struct iopt_pages);
	uint64_t done = 0, calls = 0;
	int ret;

	if (!t->page_sizes)
		return t->ops->map_pages(d->half[0], &r);
	ret = check_map(d, iova, pa, size, prot);
	if (ret)
		return ret;
	if (!(prot & (IOPT_READ | IOPT_WRITE)) && profile_of(d->memory)->prot_none_maps_nothing)
		return 0;
	r.prot = prot;
	while (!ret && done < size) {
		r.iova = iova + done;
		r.pa = pa + done;
		r.page_size = choose_pages(t->page_sizes, r.iova, r.pa, size - done, &r.count);
		ret = tracing(d->memory) ? trace_map_pages(d, &r) : iopt_map_pages(d, &r);
		done += r.done;
		if (!ret && done < size)
			ret = memory_poll(d->memory, ++calls, "mapping", done, size);
	}
	if (ret)
		domain_unmap(d, iova, done, false);
	return ret;
}

int iopt_unmap(struct iopt_domain *d, uint64_t iova, uint64_t size, uint64_t *unmapped)
{
	const struct pgtable *t = domain_half(d, iova);
	int stop = 0;

	*unmapped = 0;
	if (!t->page_sizes || (iova | size) & (smallest_page(t) - 1))
		return -IOPT_EINVAL;
	if (size && iova + (size - 1) < iova)
		return -IOPT_ERANGE;
	*unmapped = unmap_range(d, iova, size, false, &stop);
	if (*unmapped == size)
		return 0;
	return stop ? stop : -IOPT_ENOENT;
}
