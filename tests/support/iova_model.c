/* SPDX-License-Identifier: MIT */
#include "iova_model.h"

void iova_model_init(struct iova_model *m, enum iopt_profile profile, unsigned granule_shift,
		     uint64_t start_pfn)
{
	bool old = profile == IOPT_PROFILE_LINUX_4_9;

	memset(m, 0, sizeof(*m));
	m->rounds = m->caches = m->retries = !old;
	m->depot_max = profile == IOPT_PROFILE_MAINLINE ? SIZE_MAX : 32;
	m->start_pfn = start_pfn;
	m->dma_32bit_pfn = m->max32_alloc_size = BIT(32 - granule_shift);
	m->top = UINT64_MAX >> granule_shift;
	m->ranges[m->count++] = (struct range){UINT64_MAX, UINT64_MAX};
	m->cached32 = m->cached = UINT64_MAX;
}

/* The index of the range that ends at 'last'. */
static size_t index_of(const struct iova_model *m, uint64_t last)
{
	size_t i = 0;

	while (m->ranges[i].last != last)
		i++;
	return i;
}

static void insert(struct iova_model *m, struct range range)
{
	size_t i = m->count++;

	assert(m->count <= IOVA_MODEL_RANGES);
	for (; i && m->ranges[i - 1].first > range.first; i--)
		m->ranges[i] = m->ranges[i - 1];
	m->ranges[i] = range;
}

static bool overlaps(const struct iova_model *m, struct range range)
{
	size_t i;

	for (i = 0; i < m->count; i++)
		if (ranges_overlap(m->ranges[i], range))
			return true;
	return false;
}

/*
 * From just below ranges[i], and below 'end', downwards: gap after gap, the highest place in each.
 * A place that would lie below 'low' ends it.
 */
static bool search(const struct iova_model *m, size_t i, uint64_t size, uint64_t end,
		   uint64_t align, uint64_t low, struct range *found)
{
	for (;; i--) {
		uint64_t high = min_u64(end, m->ranges[i].first);

		if (high < size)
			return false;
		found->first = (high - size) / align * align;
		found->last = found->first + size - 1;
		if (found->first < low)
			return false;
		if (!i || m->ranges[i - 1].last < found->first)
			return true;
	}
}

/* The lowest range at or above a limit. */
static size_t index_at_limit(const struct iova_model *m, uint64_t end)
{
	size_t i = m->count - 1;

	while (i && m->ranges[i - 1].first >= end)
		i--;
	return i;
}

int iova_model_alloc(struct iova_model *m, uint64_t size, uint64_t limit_pfn, bool aligned,
		     struct range *range)
{
	uint64_t end = limit_pfn + 1, align = 1;
	uint64_t *start = end <= m->dma_32bit_pfn ? &m->cached32 : &m->cached;

	while (aligned && align < size)
		align *= 2;
	if (end <= m->dma_32bit_pfn && size >= m->max32_alloc_size)
		return -IOPT_ENOMEM;
	if (!search(m, index_of(m, *start), size, end, align, m->start_pfn, range) &&
	    !(m->retries && *start < end &&
	      search(m, index_at_limit(m, end), size, end, align, *start + 1, range))) {
		m->max32_alloc_size = size;
		return -IOPT_ENOMEM;
	}
	assert(!overlaps(m, *range) && range->last <= limit_pfn && range->first >= m->start_pfn);
	insert(m, *range);
	if (range->last < m->dma_32bit_pfn)
		m->cached32 = range->last;
	else
		m->cached = range->last;
	return 0;
}

static size_t index_holding(const struct iova_model *m, uint64_t pfn)
{
	size_t i = 0;

	while (i < m->count && !(m->ranges[i].first <= pfn && pfn <= m->ranges[i].last))
		i++;
	return i;
}

int iova_model_find(const struct iova_model *m, uint64_t pfn, struct range *range)
{
	size_t i = index_holding(m, pfn);

	if (i == m->count)
		return -IOPT_ENOENT;
	*range = m->ranges[i];
	return 0;
}

int iova_model_free(struct iova_model *m, uint64_t pfn)
{
	size_t i = index_holding(m, pfn);
	struct range gone, next;

	if (i == m->count)
		return -IOPT_ENOENT;
	if (i == m->count - 1)
		return -IOPT_EINVAL;
	gone = m->ranges[i];
	next = m->ranges[i + 1];
	if (gone.last == m->cached32 || (gone.last < m->dma_32bit_pfn &&
					 gone.first >= m->ranges[index_of(m, m->cached32)].first))
		m->cached32 = next.last;
	if (gone.first < m->dma_32bit_pfn)
		m->max32_alloc_size = m->dma_32bit_pfn;
	if (gone.first >= m->ranges[index_of(m, m->cached)].first)
		m->cached = next.last;
	m->count--;
	memmove(&m->ranges[i], &m->ranges[i + 1], (m->count - i) * sizeof(m->ranges[0]));
	return 0;
}

int iova_model_reserve(struct iova_model *m, uint64_t lo, uint64_t hi, struct range *range)
{
	size_t i;

	if (hi > m->top) {
		m->warns++;
		return -IOPT_ERANGE;
	}
	for (i = 0; i < m->count; i++) {
		struct range *r = &m->ranges[i];

		if (!ranges_overlap(*r, (struct range){lo, hi}))
			continue;
		if (lo < r->first)
			r->first = lo;
		if (hi <= r->last) {
			*range = *r;
			return 0;
		}
		lo = r->last + 1;
	}
	*range = (struct range){lo, hi};
	insert(m, *range);
	return 0;
}

/* ---- what is cached ---- */

static struct iova_model_class *class_of(struct iova_model *m, uint64_t size)
{
	unsigned order = 0;

	while (order < 64 && BIT(order) < size)
		order++;
	return m->caches && order < IOPT_IOVA_CLASSES ? &m->classes[order] : NULL;
}

static void put_back(struct iova_model *m, const uint64_t *pfns, size_t count)
{
	while (count--)
		if (iova_model_free(m, *pfns++))
			m->warns++;
}

static void swap_magazines(struct iova_model_class *k)
{
	uint64_t pfns[IOVA_MODEL_MAGAZINE];
	size_t count = k->prev_count;

	memcpy(pfns, k->prev, sizeof(pfns));
	memcpy(k->prev, k->loaded, sizeof(pfns));
	memcpy(k->loaded, pfns, sizeof(pfns));
	k->prev_count = k->loaded_count;
	k->loaded_count = count;
}

int iova_model_free_fast(struct iova_model *m, uint64_t pfn, uint64_t size)
{
	struct iova_model_class *k = class_of(m, size);
	uint64_t pfns[IOVA_MODEL_MAGAZINE];
	bool overflow = false;

	if (!k)
		return iova_model_free(m, pfn);
	if (k->loaded_count == IOVA_MODEL_MAGAZINE && k->prev_count < IOVA_MODEL_MAGAZINE)
		swap_magazines(k);
	if (k->loaded_count == IOVA_MODEL_MAGAZINE) {
		overflow = k->depot_count / IOVA_MODEL_MAGAZINE >= m->depot_max;
		memcpy(overflow ? pfns : &k->depot[k->depot_count], k->loaded, sizeof(pfns));
		k->depot_count += overflow ? 0 : IOVA_MODEL_MAGAZINE;
		assert(k->depot_count + IOVA_MODEL_MAGAZINE <= IOVA_MODEL_PARKED);
		k->loaded_count = 0;
	}
	k->loaded[k->loaded_count++] = pfn;
	if (overflow)
		put_back(m, pfns, IOVA_MODEL_MAGAZINE);
	return 0;
}

static uint64_t take_cached(struct iova_model *m, uint64_t size, uint64_t end)
{
	struct iova_model_class *k = class_of(m, size);
	uint64_t pfn;
	size_t i;

	if (!k)
		return 0;
	if (!k->loaded_count && k->prev_count)
		swap_magazines(k);
	if (!k->loaded_count && k->depot_count) {
		k->depot_count -= IOVA_MODEL_MAGAZINE;
		memcpy(k->loaded, &k->depot[k->depot_count], sizeof(k->loaded));
		k->loaded_count = IOVA_MODEL_MAGAZINE;
	}
	for (i = k->loaded_count; i > 0; i--) {
		pfn = k->loaded[i - 1];
		if (pfn > end - size)
			continue;
		k->loaded[i - 1] = k->loaded[--k->loaded_count];
		return pfn;
	}
	return 0;
}

static void flush(struct iova_model *m)
{
	size_t i;

	for (i = 0; i < IOPT_IOVA_CLASSES; i++) {
		put_back(m, m->classes[i].loaded, m->classes[i].loaded_count);
		put_back(m, m->classes[i].prev, m->classes[i].prev_count);
		m->classes[i].loaded_count = m->classes[i].prev_count = 0;
	}
	for (i = 0; i < IOPT_IOVA_CLASSES; i++) {
		put_back(m, m->classes[i].depot, m->classes[i].depot_count);
		m->classes[i].depot_count = 0;
	}
}

int iova_model_alloc_fast(struct iova_model *m, uint64_t size, uint64_t limit_pfn, bool may_flush,
			  uint64_t *pfn)
{
	struct range range = {0, 0};
	uint64_t rounded = 1;
	int r;

	while (rounded < size)
		rounded *= 2;
	if (m->rounds && size < 32)
		size = rounded;
	*pfn = take_cached(m, size, limit_pfn + 1);
	if (*pfn)
		return 0;
	r = iova_model_alloc(m, size, limit_pfn, true, &range);
	if (r && may_flush && m->caches) {
		flush(m);
		r = iova_model_alloc(m, size, limit_pfn, true, &range);
	}
	*pfn = r ? 0 : range.first;
	return r;
}
