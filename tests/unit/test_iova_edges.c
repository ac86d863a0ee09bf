/* SPDX-License-Identifier: MIT */
/* I/O virtual addresses where Linux wraps, warns or crashes, and the flush queue. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "iova.h"
#include "iova_queue.h"

static struct iopt_iova *open_iova(uint64_t granule, uint64_t start_pfn, enum iopt_profile profile)
{
	struct iopt_iova_config config = IOPT_INIT(struct iopt_iova_config);
	struct iopt_iova *v;

	config.granule = granule;
	config.start_pfn = start_pfn;
	config.profile = profile;
	assert_int_equal(iopt_iova_create(&config, &v, NULL), 0);
	return v;
}

static void assert_config_refused(struct iopt_iova_config config)
{
	struct iopt_error e = IOPT_INIT(struct iopt_error);
	struct iopt_iova *v = NULL;

	assert_int_equal(iopt_iova_create(&config, &v, &e), -IOPT_EINVAL);
	assert_int_equal(e.code, IOPT_EINVAL);
	assert_true(e.message[0] != '\0');
	assert_null(v);
	assert_int_equal(iopt_iova_create(&config, &v, NULL), -IOPT_EINVAL);
}

static void test_config(void **state)
{
	struct iopt_iova_config config = IOPT_INIT(struct iopt_iova_config);

	(void)state;
	config.granule = 0x1800;
	assert_config_refused(config);
	config.granule = 0x2000;
	assert_config_refused(config);
	config.granule = 0x1000;
	config.cpu_page_size = 0x3000;
	assert_config_refused(config);
	config.cpu_page_size = 0x20000;
	assert_config_refused(config);
	config.cpu_page_size = 0x10000;
	config.profile = IOPT_PROFILE_COUNT;
	assert_config_refused(config);
	config.profile = IOPT_PROFILE_MAINLINE;
	config.struct_size = 0;
	assert_config_refused(config);
	iopt_iova_destroy(NULL);
}

static void test_profiles(void **state)
{
	(void)state;
	assert_string_equal(iopt_profile_name(IOPT_PROFILE_LINUX_6_1), "linux-6.1");
	assert_string_equal(iopt_profile_name(IOPT_PROFILE_LINUX_4_9), "linux-4.9");
	assert_string_equal(iopt_profile_name(IOPT_PROFILE_MAINLINE), "mainline");
	assert_null(iopt_profile_name(IOPT_PROFILE_COUNT));
	assert_null(iopt_profile_doubt(IOPT_PROFILE_LINUX_6_1));
	assert_non_null(iopt_profile_doubt(IOPT_PROFILE_LINUX_4_9));
	assert_non_null(iopt_profile_doubt(IOPT_PROFILE_MAINLINE));
	assert_null(iopt_profile_doubt(IOPT_PROFILE_COUNT));
}

static void assert_untouched(const struct iopt_iova *v)
{
	struct iopt_iova_inside in = IOPT_INIT(struct iopt_iova_inside);

	assert_int_equal(iopt_iova_inside(v, &in), 0);
	assert_int_equal(in.range_count, 0);
	assert_int_equal(in.page_count, 0);
	assert_int_equal(in.max32_alloc_size, in.dma_32bit_pfn);
	assert_true(in.cached.pfn_lo == UINT64_MAX && in.cached32.pfn_lo == UINT64_MAX);
}

/* Sizes for which Linux's shifts are undefined, or its ranges inside out. */
static void test_sizes(void **state)
{
	struct iopt_iova *v = open_iova(0x1000, 1, IOPT_PROFILE_LINUX_6_1);
	struct iopt_error e = IOPT_INIT(struct iopt_error);
	struct iopt_iova_range range;
	uint64_t pfn;

	(void)state;
	assert_int_equal(iopt_iova_alloc(v, 0, 100, true, &range, &e), -IOPT_EINVAL);
	assert_int_equal(e.failure, IOPT_FAILURE_REQUEST);
	assert_int_equal(iopt_iova_alloc(v, 0, 100, false, &range, NULL), -IOPT_EINVAL);
	assert_int_equal(iopt_iova_alloc(v, BIT(63) + 1, 100, true, &range, NULL), -IOPT_EINVAL);
	assert_int_equal(iopt_iova_alloc_fast(v, 0, 100, true, &pfn, NULL), -IOPT_EINVAL);
	assert_int_equal(pfn, 0);
	assert_int_equal(iopt_iova_alloc_fast(v, UINT64_MAX, 100, true, &pfn, NULL), -IOPT_EINVAL);
	assert_untouched(v);
	/* A large one without alignment is only too large, */
	assert_int_equal(iopt_iova_alloc(v, UINT64_MAX - 1, 100, false, &range, NULL),
			 -IOPT_ENOMEM);
	assert_int_equal(iopt_iova_alloc(v, BIT(63), UINT64_MAX - 1, true, &range, NULL),
			 -IOPT_ENOMEM);
	/* and fits if the limit lets it. */
	assert_int_equal(iopt_iova_alloc(v, UINT64_MAX - 1, UINT64_MAX - 1, false, &range, NULL),
			 0);
	assert_int_equal(range.pfn_lo, 1);
	assert_int_equal(range.pfn_hi, UINT64_MAX - 1);
	iopt_iova_destroy(v);
}

static uint64_t max32(const struct iopt_iova *v)
{
	struct iopt_iova_inside in = IOPT_INIT(struct iopt_iova_inside);

	assert_int_equal(iopt_iova_inside(v, &in), 0);
	return in.max32_alloc_size;
}

static void test_limits(void **state)
{
	struct iopt_iova *v = open_iova(0x1000, 0x100, IOPT_PROFILE_LINUX_6_1);
	struct iopt_iova_range range;

	(void)state;
	/* below the start */
	assert_int_equal(iopt_iova_alloc(v, 4, 0xff, true, &range, NULL), -IOPT_ENOMEM);
	assert_int_equal(max32(v), 4);
	/* after which as much is not looked for, where there would be room too */
	assert_int_equal(iopt_iova_alloc(v, 4, 0xfffff, true, &range, NULL), -IOPT_ENOMEM);
	assert_int_equal(iopt_iova_alloc(v, 3, 0x103, true, &range, NULL), 0);
	assert_int_equal(range.pfn_lo, 0x100);
	/* all ones, plus one, are nothing */
	assert_int_equal(iopt_iova_alloc(v, 2, UINT64_MAX, true, &range, NULL), -IOPT_ENOMEM);
	assert_int_equal(max32(v), 2);
	/* one less is everything */
	assert_int_equal(iopt_iova_alloc(v, 1, UINT64_MAX - 1, true, &range, NULL), 0);
	assert_int_equal(range.pfn_lo, UINT64_MAX - 1);
	assert_int_equal(iopt_iova_free(v, 0x100), 0);
	assert_int_equal(max32(v), 0x100000);
	iopt_iova_destroy(v);
}

static void test_anchor(void **state)
{
	struct iopt_iova *v = open_iova(1, 1, IOPT_PROFILE_LINUX_6_1);
	struct iopt_iova_range range;

	(void)state;
	assert_int_equal(iopt_iova_find(v, UINT64_MAX, &range), 0);
	assert_int_equal(iopt_iova_next(v, UINT64_MAX, &range), -IOPT_ENOENT);
	assert_int_equal(iopt_iova_free(v, UINT64_MAX), -IOPT_EINVAL);
	assert_int_equal(iopt_iova_free(v, 5), -IOPT_ENOENT);
	assert_int_equal(iopt_iova_find(v, 5, &range), -IOPT_ENOENT);
	/* A granule of one byte lets a reservation reach it: it then begins lower. */
	assert_int_equal(iopt_iova_reserve(v, UINT64_MAX - 9, UINT64_MAX, &range, NULL), 0);
	assert_int_equal(iopt_iova_next(v, 0, &range), 0);
	assert_int_equal(range.pfn_lo, UINT64_MAX - 9);
	assert_int_equal(iopt_iova_free(v, UINT64_MAX - 5), -IOPT_EINVAL);
	assert_int_equal(iopt_iova_alloc(v, 2, UINT64_MAX - 1, true, &range, NULL), 0);
	assert_int_equal(range.pfn_lo, UINT64_MAX - 11);
	iopt_iova_destroy(v);
}

static void test_reserve(void **state)
{
	struct iopt_iova *v = open_iova(0x1000, 1, IOPT_PROFILE_LINUX_6_1);
	struct iopt_iova_inside in = IOPT_INIT(struct iopt_iova_inside);
	struct iopt_error e = IOPT_INIT(struct iopt_error);
	struct iopt_iova_range range;
	uint64_t most = UINT64_MAX >> 12;

	(void)state;
	assert_int_equal(iopt_iova_reserve(v, 9, 8, &range, &e), -IOPT_EINVAL);
	assert_int_equal(iopt_iova_reserve(v, 9, most + 1, &range, &e), -IOPT_ERANGE);
	assert_int_equal(e.code, IOPT_ERANGE);
	assert_int_equal(iopt_iova_reserve(v, most, most, &range, NULL), 0);
	/* Three islands, and one reservation over all of them. */
	assert_int_equal(iopt_iova_reserve(v, 0x10, 0x1f, &range, NULL), 0);
	assert_int_equal(iopt_iova_reserve(v, 0x30, 0x3f, &range, NULL), 0);
	assert_int_equal(iopt_iova_reserve(v, 0x50, 0x5f, &range, NULL), 0);
	assert_int_equal(iopt_iova_reserve(v, 0x18, 0x67, &range, NULL), 0);
	assert_true(range.pfn_lo == 0x60 && range.pfn_hi == 0x67);
	assert_int_equal(iopt_iova_find(v, 0x20, &range), 0);
	assert_true(range.pfn_lo == 0x20 && range.pfn_hi == 0x3f);
	assert_int_equal(iopt_iova_find(v, 0x45, &range), 0);
	assert_true(range.pfn_lo == 0x40 && range.pfn_hi == 0x5f);
	assert_int_equal(iopt_iova_inside(v, &in), 0);
	assert_int_equal(in.range_count, 5);
	assert_int_equal(in.page_count, 1 + 0x58);
	assert_int_equal(in.warns, 1);
	in.struct_size = 0;
	assert_int_equal(iopt_iova_inside(v, &in), -IOPT_EINVAL);
	iopt_iova_destroy(v);
}

/* What a caller frees that it does not have: Linux believes it, and warns when it finds out. */
static void test_false_frees(void **state)
{
	struct iopt_iova *v = open_iova(0x1000, 1, IOPT_PROFILE_LINUX_6_1);
	struct iopt_iova_inside in = IOPT_INIT(struct iopt_iova_inside);
	uint64_t a, b;

	(void)state;
	assert_int_equal(iopt_iova_alloc_fast(v, 1, 0xffff, false, &a, NULL), 0);
	assert_int_equal(iopt_iova_free_fast(v, a, 1), 0);
	assert_int_equal(iopt_iova_free_fast(v, a, 0), 0);
	assert_int_equal(iopt_iova_alloc_fast(v, 1, 0xffff, false, &b, NULL), 0);
	assert_int_equal(b, a);
	assert_int_equal(iopt_iova_alloc_fast(v, 1, 0xffff, false, &b, NULL), 0);
	assert_int_equal(b, a);
	assert_int_equal(iopt_iova_free_fast(v, 77, 2), 0);
	assert_int_equal(iopt_iova_free_fast(v, UINT64_MAX, 4), 0);
	/* too large for the caches: looked for, and not there */
	assert_int_equal(iopt_iova_free_fast(v, 99, 33), -IOPT_ENOENT);
	/* pfn 0 is "none" when it comes back */
	assert_int_equal(iopt_iova_free_fast(v, 0, 8), 0);
	assert_int_equal(iopt_iova_alloc_fast(v, 8, 0xffff, false, &b, NULL), 0);
	assert_int_equal(b, 0xfff0);
	/* The flush meets 77 and the anchor. */
	assert_int_equal(iopt_iova_alloc_fast(v, 0x20000, 0xffff, true, &b, NULL), -IOPT_ENOMEM);
	assert_int_equal(iopt_iova_inside(v, &in), 0);
	assert_int_equal(in.warns, 2);
	iopt_iova_destroy(v);
}

/* A limit below the size makes Linux's subtraction wrap: whatever is cached will do. */
static void test_wrapped_limit(void **state)
{
	struct iopt_iova *v = open_iova(0x1000, 1, IOPT_PROFILE_LINUX_6_1);
	uint64_t a, b;

	(void)state;
	assert_int_equal(iopt_iova_alloc_fast(v, 32, 0xffff, false, &a, NULL), 0);
	assert_int_equal(iopt_iova_free_fast(v, a, 32), 0);
	assert_int_equal(iopt_iova_alloc_fast(v, 32, 0x1f, false, &b, NULL), -IOPT_ENOMEM);
	assert_int_equal(iopt_iova_alloc_fast(v, 32, 0xf, false, &b, NULL), 0);
	assert_int_equal(b, a);
	iopt_iova_destroy(v);
}

/* 35 magazines of 127: two at hand, 32 in the depot of Linux 6.1, the rest back in the tree. */
static uint64_t ranges_left(enum iopt_profile profile)
{
	struct iopt_iova *v = open_iova(0x1000, 1, profile);
	struct iopt_iova_inside in = IOPT_INIT(struct iopt_iova_inside);
	uint64_t pfn, i;

	for (i = 0; i < 35 * IOVA_MAGAZINE_PFNS; i++)
		assert_int_equal(iopt_iova_alloc_fast(v, 1, 0xfffff, false, &pfn, NULL), 0);
	for (i = 0; i < 35 * IOVA_MAGAZINE_PFNS; i++)
		assert_int_equal(iopt_iova_free_fast(v, 0xfffff - i, 1), 0);
	assert_int_equal(iopt_iova_inside(v, &in), 0);
	assert_int_equal(
		iopt_iova_alloc(v, 0x100000, 0x1fffff, true, &(struct iopt_iova_range){0, 0}, NULL),
		0);
	iopt_iova_destroy(v);
	return in.range_count;
}

static void test_depot(void **state)
{
	(void)state;
	assert_int_equal(ranges_left(IOPT_PROFILE_LINUX_6_1), 34 * IOVA_MAGAZINE_PFNS);
	assert_int_equal(ranges_left(IOPT_PROFILE_MAINLINE), 35 * IOVA_MAGAZINE_PFNS);
	assert_int_equal(ranges_left(IOPT_PROFILE_LINUX_4_9), 0);
}

/* The top is freed piece by piece while the search is below: only some kernels go back up. */
static int again_from_the_top(enum iopt_profile profile)
{
	struct iopt_iova *v = open_iova(0x1000, 0x10, profile);
	struct iopt_iova_range range;
	int r;

	assert_int_equal(iopt_iova_alloc(v, 8, 0x2f, true, &range, NULL), 0);
	assert_int_equal(iopt_iova_alloc(v, 8, 0x1f, true, &range, NULL), 0);
	assert_int_equal(iopt_iova_alloc(v, 8, 0x2f, true, &range, NULL), 0);
	assert_int_equal(range.pfn_lo, 0x10);
	r = iopt_iova_alloc(v, 8, 0x2f, true, &range, NULL);
	if (!r)
		assert_int_equal(range.pfn_lo, 0x20);
	iopt_iova_destroy(v);
	return r;
}

static void test_retry(void **state)
{
	(void)state;
	assert_int_equal(again_from_the_top(IOPT_PROFILE_LINUX_6_1), 0);
	assert_int_equal(again_from_the_top(IOPT_PROFILE_MAINLINE), 0);
	assert_int_equal(again_from_the_top(IOPT_PROFILE_LINUX_4_9), -IOPT_ENOMEM);
}

static void count_flush(void *arg)
{
	++*(unsigned *)arg;
}

static void test_queue(void **state)
{
	struct iopt_iova *v = open_iova(0x1000, 1, IOPT_PROFILE_LINUX_6_1);
	struct iova_queue *q = malloc(sizeof(*q));
	unsigned flushes = 0, i;
	uint64_t pfn;

	(void)state;
	iova_queue_init(q, v, count_flush, &flushes);
	assert_false(iova_queue_timeout(q));
	for (i = 0; i < 255; i++) {
		assert_int_equal(iopt_iova_alloc_fast(v, 1, 0xfffff, false, &pfn, NULL), 0);
		assert_int_equal(pfn, 0xfffff - i);
		iova_queue_add(q, pfn, 1);
	}
	/* What waits is not handed out again, and 255 fit. */
	assert_int_equal(flushes, 0);
	assert_int_equal(iova_queue_count(q), 255);
	iova_queue_add(q, 0x1234, 64);
	assert_int_equal(flushes, 1);
	assert_int_equal(iova_queue_count(q), 1);
	assert_int_equal(iopt_iova_alloc_fast(v, 1, 0xfffff, false, &pfn, NULL), 0);
	assert_int_equal(pfn, 0xfffff - 254);
	/* The timer was started by the first and goes on. */
	assert_true(iova_queue_timeout(q));
	assert_int_equal(flushes, 2);
	assert_int_equal(iova_queue_count(q), 0);
	assert_false(iova_queue_timeout(q));
	iova_queue_add(q, pfn, 1);
	assert_true(iova_queue_timeout(q));
	assert_int_equal(iopt_iova_alloc_fast(v, 1, 0xfffff, false, &pfn, NULL), 0);
	assert_int_equal(pfn, 0xfffff - 254);
	free(q);
	iopt_iova_destroy(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_config),	      cmocka_unit_test(test_profiles),
		cmocka_unit_test(test_sizes),	      cmocka_unit_test(test_limits),
		cmocka_unit_test(test_anchor),	      cmocka_unit_test(test_reserve),
		cmocka_unit_test(test_false_frees),   cmocka_unit_test(test_depot),
		cmocka_unit_test(test_wrapped_limit), cmocka_unit_test(test_retry),
		cmocka_unit_test(test_queue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
