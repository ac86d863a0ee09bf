/* SPDX-License-Identifier: MIT */
#include "iova.h"

#include <inttypes.h>
#include <stdlib.h>

#include "error.h"

enum { PAGE_SIZE_DEFAULT = 4096, PAGE_SIZE_MAX = 65536 };

/* Linux has BUG_ON() for this. */
static int check_config(const struct iopt_iova_config *c, uint64_t granule, uint64_t page,
			struct iopt_error *error)
{
	if (!is_power_of_two(page) || page > PAGE_SIZE_MAX)
		return error_set(
			error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
			"a CPU page of 0x%" PRIx64 " bytes is no power of two up to 64 KiB", page);
	if (!is_power_of_two(granule) || granule > page)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "a granule of 0x%" PRIx64
				 " bytes is no power of two up to the CPU's page size, 0x%" PRIx64,
				 granule, page);
	if (c->struct_size < sizeof(*c) || !profile_row(c->profile))
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "no struct_size, or no such profile");
	return 0;
}

int iopt_iova_create(const struct iopt_iova_config *config, struct iopt_iova **iova,
		     struct iopt_error *error)
{
	uint64_t page = config->cpu_page_size ? config->cpu_page_size : PAGE_SIZE_DEFAULT;
	uint64_t granule = config->granule ? config->granule : PAGE_SIZE_DEFAULT;
	struct iopt_iova *v;
	int r = check_config(config, granule, page, error);

	if (r)
		return r;
	v = calloc(1, sizeof(*v));
	if (!v)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ENOMEM, "out of memory");
	v->anchor.first = v->anchor.last = UINT64_MAX;
	range_tree_init(&v->tree, &v->anchor);
	v->cached32 = v->cached = &v->anchor;
	v->granule_shift = log2_up(granule);
	v->start_pfn = config->start_pfn;
	v->dma_32bit_pfn = BIT(32 - v->granule_shift);
	v->max32_alloc_size = v->dma_32bit_pfn;
	v->kernel = config->profile;
	v->profile = profile_row(config->profile);
	if (iova_cache_init(&v->cache, v->profile->iova_depot_max)) {
		iopt_iova_destroy(v);
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ENOMEM, "out of memory");
	}
	*iova = v;
	return 0;
}

void iopt_iova_destroy(struct iopt_iova *iova)
{
	struct range_node *n, *below;

	if (!iova)
		return;
	for (n = iova->anchor.below; n; n = below) {
		below = n->below;
		free(n);
	}
	iova_cache_destroy(&iova->cache);
	free(iova);
}

/* ---- ranges ---- */

static struct iopt_iova_range range_of(const struct range_node *n)
{
	return (struct iopt_iova_range){n->first, n->last};
}

/* The range that holds pfn, which may be the anchor; NULL: none. */
static struct range_node *find(const struct iopt_iova *v, uint64_t pfn)
{
	struct range_node *n = range_tree_from(&v->tree, pfn);

	return n->first <= pfn ? n : NULL;
}

static void insert(struct iopt_iova *v, struct range_node *n, struct range_node *above)
{
	range_tree_insert(&v->tree, n, above);
	v->count++;
}

static void drop(struct iopt_iova *v, struct range_node *n)
{
	if (n == v->cached32 || (n->last < v->dma_32bit_pfn && n->first >= v->cached32->first))
		v->cached32 = n->above;
	if (n->first < v->dma_32bit_pfn)
		v->max32_alloc_size = v->dma_32bit_pfn;
	if (n->first >= v->cached->first)
		v->cached = n->above;
	range_tree_remove(&v->tree, n);
	v->count--;
	free(n);
}

/* ---- the search ---- */

struct request {
	uint64_t size;
	uint64_t end;  /* the first pfn that may not be used */
	uint64_t mask; /* of the bits that the first pfn may have set */
};

/*
 * Down from the gap below 'n' to the first one with room: *pfn, and the range above it.  NULL:
 * there is none down to 'low'.  Past zero 'pfn' wraps, which ends the search like any that is too
 * high.
 */
static struct range_node *search(struct range_node *n, const struct request *q, uint64_t low,
				 uint64_t *pfn)
{
	uint64_t high = q->end;
	struct range_node *above;

	do {
		high = min_u64(high, n->first);
		*pfn = (high - q->size) & q->mask;
		above = n;
		n = n->below;
	} while (n && *pfn <= n->last && *pfn >= low);
	return high < q->size || *pfn < low ? NULL : above;
}

static struct range_node *find_place(const struct iopt_iova *v, const struct request *q,
				     uint64_t *pfn)
{
	struct range_node *start = q->end <= v->dma_32bit_pfn ? v->cached32 : v->cached, *above;
	uint64_t retry_pfn = start->last;

	/* Linux walks to the limit: ranges above it do not change what is found. */
	if (start->first >= q->end)
		start = range_tree_from(&v->tree, q->end);
	above = search(start, q, v->start_pfn, pfn);
	if (!above && v->profile->iova_retries && retry_pfn < q->end)
		above = search(range_tree_from(&v->tree, q->end), q, retry_pfn + 1, pfn);
	return above;
}

static int fail_full(const struct request *q, struct iopt_error *error)
{
	return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ENOMEM,
			 "no room for 0x%" PRIx64 " pages up to pfn 0x%" PRIx64, q->size,
			 q->end - 1);
}

static int allocate(struct iopt_iova *v, const struct request *q, struct iopt_iova_range *range,
		    struct iopt_error *error)
{
	struct range_node *above, *n;
	uint64_t pfn;

	if (q->end <= v->dma_32bit_pfn && q->size >= v->max32_alloc_size)
		return error_set(
			error, IOPT_FAILURE_REQUEST, IOPT_ENOMEM,
			"0x%" PRIx64
			" pages are not looked for below 4 GiB: max32_alloc_size is 0x%" PRIx64,
			q->size, v->max32_alloc_size);
	above = find_place(v, q, &pfn);
	if (!above) {
		v->max32_alloc_size = q->size;
		return fail_full(q, error);
	}
	n = malloc(sizeof(*n));
	if (!n)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ENOMEM, "out of memory");
	n->first = pfn;
	n->last = pfn + q->size - 1;
	insert(v, n, above);
	if (n->last < v->dma_32bit_pfn)
		v->cached32 = n;
	else
		v->cached = n;
	*range = range_of(n);
	return 0;
}

static int fail_size(uint64_t size, struct iopt_error *error)
{
	if (!size)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL, "a size of 0 pages");
	return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
			 "0x%" PRIx64 " pages cannot be aligned to their size in 64 bits", size);
}

int iopt_iova_alloc(struct iopt_iova *iova, uint64_t size, uint64_t limit_pfn, bool size_aligned,
		    struct iopt_iova_range *range, struct iopt_error *error)
{
	/* The limit of all ones wraps to an end of 0: nothing fits, as in Linux. */
	struct request q = {.size = size, .end = limit_pfn + 1, .mask = UINT64_MAX};

	/* Where Linux's shift or subtraction would be undefined. */
	if (!size || (size_aligned && size > BIT(63)))
		return fail_size(size, error);
	if (size_aligned)
		q.mask <<= log2_up(size);
	return allocate(iova, &q, range, error);
}

/* ---- the caches in front of it ---- */

static void put_back(void *arg, uint64_t pfn)
{
	struct iopt_iova *v = arg;

	if (iopt_iova_free(v, pfn))
		v->warns++;
}

int iopt_iova_alloc_fast(struct iopt_iova *iova, uint64_t size, uint64_t limit_pfn,
			 bool flush_rcache, uint64_t *pfn, struct iopt_error *error)
{
	const struct profile *p = iova->profile;
	struct iopt_iova_range range = {0, 0};
	bool again = flush_rcache && p->iova_caches;
	int r;

	*pfn = 0;
	if (!size || size > BIT(63))
		return fail_size(size, error);
	/* The largest class need not be rounded to be found again by the size it is freed with. */
	if (p->iova_rounds && size < BIT(IOPT_IOVA_CLASSES - 1))
		size = BIT(log2_up(size));
	if (p->iova_caches)
		*pfn = iova_cache_get(&iova->cache, size, limit_pfn + 1);
	if (*pfn)
		return 0;
	r = iopt_iova_alloc(iova, size, limit_pfn, true, &range, again ? NULL : error);
	if (r && again) {
		iova_cache_flush(&iova->cache, (struct iova_cache_drain){put_back, iova});
		r = iopt_iova_alloc(iova, size, limit_pfn, true, &range, error);
	}
	if (!r)
		*pfn = range.pfn_lo;
	return r;
}

int iopt_iova_free_fast(struct iopt_iova *iova, uint64_t pfn, uint64_t size)
{
	struct iova_cache_drain drain = {put_back, iova};

	if (iova->profile->iova_caches && iova_cache_put(&iova->cache, pfn, size, drain))
		return 0;
	return iopt_iova_free(iova, pfn);
}

int iopt_iova_free(struct iopt_iova *iova, uint64_t pfn)
{
	struct range_node *n = find(iova, pfn);

	if (!n)
		return -IOPT_ENOENT;
	/* Linux would take its own anchor out. */
	if (n == &iova->anchor)
		return -IOPT_EINVAL;
	drop(iova, n);
	return 0;
}

/* ---- reserving ---- */

/*
 * Ranges that [lo, hi] overlaps are pulled down over the gap below them; what is left above the
 * last of them becomes 'fresh'.  The range that holds hi.
 */
static struct range_node *reserve(struct iopt_iova *v, uint64_t lo, uint64_t hi,
				  struct range_node *fresh)
{
	struct range_node *n = range_tree_from(&v->tree, lo);

	/* The anchor ends at the top of the space, so that the walk ends there at the latest. */
	for (; n->first <= hi; n = n->above) {
		n->first = min_u64(n->first, lo);
		if (hi <= n->last)
			return n;
		lo = n->last + 1;
	}
	fresh->first = lo;
	fresh->last = hi;
	insert(v, fresh, n);
	return fresh;
}

int iopt_iova_reserve(struct iopt_iova *iova, uint64_t pfn_lo, uint64_t pfn_hi,
		      struct iopt_iova_range *range, struct iopt_error *error)
{
	uint64_t most = UINT64_MAX >> iova->granule_shift;
	struct range_node *fresh, *n;

	if (pfn_lo > pfn_hi)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "the range 0x%" PRIx64 "..0x%" PRIx64 " ends before it begins",
				 pfn_lo, pfn_hi);
	if (pfn_hi > most) {
		iova->warns++;
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ERANGE,
				 "pfn 0x%" PRIx64 " has no 64-bit address: 0x%" PRIx64
				 " is the last",
				 pfn_hi, most);
	}
	fresh = malloc(sizeof(*fresh));
	if (!fresh)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ENOMEM, "out of memory");
	n = reserve(iova, pfn_lo, pfn_hi, fresh);
	if (n != fresh)
		free(fresh);
	*range = range_of(n);
	return 0;
}

/* ---- looking ---- */

int iopt_iova_find(const struct iopt_iova *iova, uint64_t pfn, struct iopt_iova_range *range)
{
	const struct range_node *n = find(iova, pfn);

	if (!n)
		return -IOPT_ENOENT;
	*range = range_of(n);
	return 0;
}

int iopt_iova_next(const struct iopt_iova *iova, uint64_t pfn, struct iopt_iova_range *range)
{
	const struct range_node *n = range_tree_from(&iova->tree, pfn);

	/* The anchor is no range of anybody's, unless a reservation was added to it. */
	if (n->first == UINT64_MAX)
		return -IOPT_ENOENT;
	*range = range_of(n);
	return 0;
}

int iopt_iova_inside(const struct iopt_iova *iova, struct iopt_iova_inside *inside)
{
	const struct range_node *n;
	size_t i;

	if (inside->struct_size < sizeof(*inside))
		return -IOPT_EINVAL;
	*inside = (struct iopt_iova_inside){.struct_size = sizeof(*inside)};
	for (n = iova->anchor.below; n; n = n->below)
		inside->page_count += n->last - n->first + 1;
	inside->profile = iova->kernel;
	inside->granule = BIT(iova->granule_shift);
	inside->start_pfn = iova->start_pfn;
	inside->dma_32bit_pfn = iova->dma_32bit_pfn;
	inside->max32_alloc_size = iova->max32_alloc_size;
	inside->cached32 = range_of(iova->cached32);
	inside->cached = range_of(iova->cached);
	inside->range_count = iova->count;
	inside->warns = iova->warns;
	for (i = 0; i < IOPT_IOVA_CLASSES; i++) {
		const struct iova_class *k = &iova->cache.classes[i];

		inside->classes[i].loaded = k->loaded->count;
		inside->classes[i].prev = (unsigned)k->prev->count;
		inside->classes[i].depot = k->depot_count;
	}
	return 0;
}

int iopt_iova_cached_pfn(const struct iopt_iova *iova, unsigned class_index, size_t i,
			 uint64_t *pfn)
{
	if (class_index >= IOPT_IOVA_CLASSES)
		return -IOPT_EINVAL;
	return iova_cache_peek(&iova->cache, class_index, i, pfn) ? 0 : -IOPT_ENOENT;
}
