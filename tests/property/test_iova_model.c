/* SPDX-License-Identifier: MIT */
/*
 * Random requests for I/O virtual addresses against the model: tight and wide spaces, every
 * profile and granule, with and without the caches.
 *
 *     test_iova_model [OPERATIONS [SEED]]     or IOPT_PROPERTY_OPS and IOPT_PROPERTY_SEED
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "iova.h"
#include "iova_model.h"

enum { OPERATIONS = 400000, TRIAL_OPERATIONS = 6000, HELD_MAX = 1500 };

static uint64_t operations, seed;

/* What a caller has and will give back. */
struct held {
	uint64_t pfn, size;
	bool fast;
};

struct trial {
	uint64_t random;
	struct iopt_iova *iova;
	struct iova_model model;
	uint64_t spread;   /* limits lie within so many pfns above the start */
	unsigned fast;	   /* of 8 requests so many go through the caches */
	unsigned size_max; /* log2 */
	uint64_t phase;	   /* steps of growing, and of shrinking */
	struct held held[HELD_MAX];
	size_t held_count;
	char doing[120];
};

static uint64_t pick(struct trial *t, uint64_t below)
{
	t->random ^= t->random << 13;
	t->random ^= t->random >> 7;
	t->random ^= t->random << 17;
	return (t->random >> 11) % below;
}

#define check(t, condition)                                                        \
	do {                                                                       \
		if (!(condition))                                                  \
			fail_msg("%s: not %s (seed %llu)", (t)->doing, #condition, \
				 (unsigned long long)seed);                        \
	} while (0)

#define doing(t, ...) snprintf((t)->doing, sizeof((t)->doing), __VA_ARGS__)
#define LLU(x)	      ((unsigned long long)(x))

static void trial_open(struct trial *t)
{
	struct iopt_iova_config config = IOPT_INIT(struct iopt_iova_config);

	config.granule = BIT(10 + 2 * pick(t, 4));
	config.cpu_page_size = 0x10000;
	config.profile = (enum iopt_profile)(pick(t, 8) < 5 ? 0 : pick(t, IOPT_PROFILE_COUNT));
	/* below, across and above 4 GiB, and now and then past zero: at the end of everything */
	t->spread = BIT(6 + pick(t, 14));
	config.start_pfn = pick(t, 3) ? pick(t, 20)
				      : BIT(32) / config.granule - pick(t, 2) * pick(t, t->spread);
	t->fast = (unsigned)pick(t, 9);
	t->size_max = 1 + (unsigned)pick(t, 7);
	t->phase = BIT(6 + pick(t, 6));
	assert_int_equal(iopt_iova_create(&config, &t->iova, NULL), 0);
	iova_model_init(&t->model, config.profile, log2_up(config.granule), config.start_pfn);
	t->held_count = 0;
}

static uint64_t pick_limit(struct trial *t)
{
	uint64_t limit = t->model.start_pfn + t->spread;

	switch (pick(t, 8)) {
	case 0:
		return t->model.start_pfn + pick(t, t->spread);
	case 1:
		return pick(t, 16) ? limit >> pick(t, 3) : UINT64_MAX - pick(t, 2);
	case 2:
		return t->model.dma_32bit_pfn - 1 + pick(t, 2);
	default:
		return limit;
	}
}

static uint64_t pick_size(struct trial *t)
{
	return pick(t, 64) ? 1 + pick(t, BIT(pick(t, t->size_max) + 1)) : 1 + pick(t, t->spread);
}

static void hold(struct trial *t, uint64_t pfn, uint64_t size, bool fast)
{
	if (t->held_count < HELD_MAX)
		t->held[t->held_count++] = (struct held){pfn, size, fast};
}

static void do_alloc(struct trial *t, bool fast)
{
	uint64_t size = pick_size(t), limit = pick_limit(t), pfn = 0, want_pfn = 0;
	struct iopt_iova_range range = {0, 0};
	struct range want = {0, 0};
	bool option = pick(t, 2);
	int r, want_r;

	doing(t, "%s 0x%llx pages up to 0x%llx, %d", fast ? "alloc_fast" : "alloc", LLU(size),
	      LLU(limit), option);
	if (fast) {
		r = iopt_iova_alloc_fast(t->iova, size, limit, option, &pfn, NULL);
		want_r = iova_model_alloc_fast(&t->model, size, limit, option, &want_pfn);
	} else {
		r = iopt_iova_alloc(t->iova, size, limit, option, &range, NULL);
		want_r = iova_model_alloc(&t->model, size, limit, option, &want);
		pfn = range.pfn_lo;
		want_pfn = want.first;
	}
	check(t, r == want_r);
	check(t, r || pfn == want_pfn);
	check(t, r || fast || range.pfn_hi == want.last);
	if (!r)
		hold(t, pfn, size, fast);
}

static void do_free(struct trial *t)
{
	size_t i = pick(t, 3) ? pick(t, t->held_count) : t->held_count - 1;
	struct held h = t->held[i];

	/* Now and then what is not there, or with another size. */
	if (!pick(t, 200))
		h.pfn += pick(t, 64);
	if (!pick(t, 200))
		h.size = pick(t, 40);
	t->held[i] = t->held[--t->held_count];
	doing(t, "%s 0x%llx, 0x%llx pages", h.fast ? "free_fast" : "free", LLU(h.pfn), LLU(h.size));
	if (h.fast)
		check(t, iopt_iova_free_fast(t->iova, h.pfn, h.size) ==
				 iova_model_free_fast(&t->model, h.pfn, h.size));
	else
		check(t, iopt_iova_free(t->iova, h.pfn) == iova_model_free(&t->model, h.pfn));
}

static void do_reserve(struct trial *t)
{
	uint64_t lo = t->model.start_pfn / 2 + pick(t, t->spread);
	uint64_t hi = lo + pick(t, t->spread / 4);
	struct iopt_iova_range range = {0, 0};
	struct range want = {0, 0};

	if (!pick(t, 50))
		hi = max_u64(lo, UINT64_MAX >> pick(t, 20));
	doing(t, "reserve 0x%llx..0x%llx", LLU(lo), LLU(hi));
	check(t, iopt_iova_reserve(t->iova, lo, hi, &range, NULL) ==
			 iova_model_reserve(&t->model, lo, hi, &want));
	check(t, range.pfn_lo == want.first && range.pfn_hi == want.last);
	if (range.pfn_hi && pick(t, 2))
		hold(t, range.pfn_hi, 64, false);
}

static void do_find(struct trial *t)
{
	uint64_t pfn = t->model.start_pfn / 2 + pick(t, 2 * t->spread);
	struct iopt_iova_range range = {0, 0};
	struct range want = {0, 0};

	doing(t, "find 0x%llx", LLU(pfn));
	check(t, iopt_iova_find(t->iova, pfn, &range) == iova_model_find(&t->model, pfn, &want));
	check(t, range.pfn_lo == want.first && range.pfn_hi == want.last);
}

/* In phases, so that it fills up and empties. */
static void trial_step(struct trial *t, uint64_t step)
{
	unsigned grow = step / t->phase % 2 ? 2 : 7;

	if (!pick(t, 100))
		do_reserve(t);
	else if (!pick(t, 20))
		do_find(t);
	else if (!t->held_count || pick(t, 9) < grow)
		do_alloc(t, pick(t, 8) < t->fast);
	else
		do_free(t);
}

static void compare_caches(struct trial *t, const struct iopt_iova_inside *in)
{
	size_t i;

	for (i = 0; i < IOPT_IOVA_CLASSES; i++) {
		const struct iova_model_class *k = &t->model.classes[i];

		check(t, in->classes[i].loaded == k->loaded_count);
		check(t, in->classes[i].prev == k->prev_count);
		check(t, in->classes[i].depot * IOVA_MODEL_MAGAZINE == k->depot_count);
	}
}

static void compare(struct trial *t)
{
	const struct iova_model *m = &t->model;
	struct iopt_iova_inside in = IOPT_INIT(struct iopt_iova_inside);
	struct iopt_iova_range range;
	uint64_t pfn = 0, pages = 0;
	size_t i;

	for (i = 0; i + 1 < m->count; i++) {
		check(t, iopt_iova_next(t->iova, pfn, &range) == 0);
		check(t, range.pfn_lo == m->ranges[i].first && range.pfn_hi == m->ranges[i].last);
		pfn = range.pfn_hi + 1;
		pages += range.pfn_hi - range.pfn_lo + 1;
	}
	check(t, iopt_iova_next(t->iova, pfn, &range) == -IOPT_ENOENT);
	check(t, iopt_iova_inside(t->iova, &in) == 0);
	check(t, in.range_count == i && in.page_count == pages);
	check(t, in.max32_alloc_size == m->max32_alloc_size);
	check(t, in.cached32.pfn_hi == m->cached32 && in.cached.pfn_hi == m->cached);
	check(t, in.warns == m->warns);
	compare_caches(t, &in);
}

/* A balanced tree: each node two levels apart from its sibling at most, and heights that are so. */
static int tree_height(struct trial *t, const struct range_node *n)
{
	int a, b;

	if (!n)
		return 0;
	a = tree_height(t, n->child[0]);
	b = tree_height(t, n->child[1]);
	check(t, a - b >= -1 && a - b <= 1);
	check(t, n->height == 1 + (a > b ? a : b));
	check(t, !n->child[0] || n->child[0]->parent == n);
	check(t, !n->child[1] || n->child[1]->parent == n);
	return n->height;
}

static void test_random(void **state)
{
	struct trial *t = malloc(sizeof(*t));
	uint64_t left = operations, step;

	(void)state;
	assert_non_null(t);
	t->random = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
	while (left) {
		trial_open(t);
		for (step = 0; step < TRIAL_OPERATIONS && left; step++, left--) {
			/* The model has room for so many, whoever holds them. */
			if (t->model.count > IOVA_MODEL_RANGES - 8)
				break;
			trial_step(t, step);
			if (step % 97 == 0)
				compare(t);
		}
		compare(t);
		tree_height(t, t->iova->tree.root);
		iopt_iova_destroy(t->iova);
	}
	free(t);
}

static uint64_t number_or(const char *text, uint64_t otherwise)
{
	return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_random)};

	operations = number_or(getenv("IOPT_PROPERTY_OPS"), OPERATIONS);
	seed = number_or(getenv("IOPT_PROPERTY_SEED"), 1);
	if (argc > 1)
		operations = number_or(argv[1], operations);
	if (argc > 2)
		seed = number_or(argv[2], seed);
	printf("%llu operations, seed %llu\n", LLU(operations), LLU(seed));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
