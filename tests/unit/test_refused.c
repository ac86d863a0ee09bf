/* SPDX-License-Identifier: MIT */
/* Requests that are refused, or answered short, without a trace in the tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base.h"
#include "fixture.h"
#include "tree.h"

static void test_misaligned(void **state)
{
	static const uint64_t offsets[][3] = {
		{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {0x800, 0, 0}, {0, 0x800, 0}, {0, 0, 0x800},
	};

	(void)state;
	for (int format = 0; format < IOPT_FORMAT_COUNT; format++) {
		struct fixture f;

		fixture_open(&f, (struct iopt_config){.format = (enum iopt_format)format});
		assert_int_equal(iopt_map(f.domain, 0x10000, 0x20000, 0x4000, IOPT_READ), 0);
		for (size_t i = 0; i < ARRAY_SIZE(offsets); i++) {
			struct tree_sum before = tree_sum(f.domain), after;
			const uint64_t *o = offsets[i];
			uint64_t unmapped = 1;

			assert_int_equal(iopt_map(f.domain, 0x30000 + o[0], 0x40000 + o[1],
						  0x2000 + o[2], IOPT_READ),
					 -IOPT_EINVAL);
			if (!o[1])
				assert_int_equal(iopt_unmap(f.domain, 0x10000 + o[0], 0x2000 + o[2],
							    &unmapped),
						 -IOPT_EINVAL);
			after = tree_sum(f.domain);
			assert_memory_equal(&before, &after, sizeof(before));
		}
		fixture_close(&f);
	}
}

static void test_bad_requests(void **state)
{
	struct iopt_pages pages;
	struct fixture f;

	(void)state;
	fixture_open(&f, (struct iopt_config){0});
	pages = run_of(0, 0, 4 * KIB, 1);
	pages.prot = IOPT_CACHE;
	assert_refused(&f, pages, IOPT_EINVAL);
	assert_refused(&f, run_of(0, 0, 0, 1), IOPT_EINVAL);
	assert_refused(&f, run_of(0, 0, 8 * KIB, 1), IOPT_EINVAL);
	assert_refused(&f, run_of(0, 0, 64 * KIB, 1), IOPT_EINVAL);
	pages = run_of(0, 0, 8 * KIB, 1);
	iopt_unmap_pages(f.domain, &pages);
	assert_int_equal(pages.done, 0);
	fixture_close(&f);
}

/* Linux writes behind a first table that is smaller than a page: here it is refused. */
static void test_overrun_of_first_table(void **state)
{
	struct iopt_config config = {.ias = 32};
	struct iopt_pages pages;
	struct fixture f;

	(void)state;
	fixture_open(&f, config);
	assert_refused(&f, run_of(3 * GIB, 0, GIB, 3), IOPT_ERANGE);
	assert_refused(&f, run_of(0, 0, GIB, 5), IOPT_ERANGE);
	assert_refused(&f, run_of(0, 0, GIB, INT32_MAX), IOPT_ERANGE);
	pages = run_of(0, 0, GIB, 4);
	assert_int_equal(iopt_map_pages(f.domain, &pages), 0);
	assert_int_equal(pages.done, 4 * GIB);
	assert_leads(&f, UINT32_MAX, UINT32_MAX);
	fixture_close(&f);
}

/* Linux narrows the count to 32 bits with a sign: what does not fit is no request. */
static void test_large_counts(void **state)
{
	static const uint64_t counts[] = {513,	       INT32_MAX, BIT(31),
					  BIT(32) + 2, BIT(52),	  UINT64_MAX};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		struct iopt_pages pages = run_of(MIB, GIB, 4 * KIB, counts[i]);
		bool fits = counts[i] <= INT32_MAX;
		struct fixture f;

		fixture_open(&f, (struct iopt_config){0});
		if (!fits) {
			assert_refused(&f, pages, IOPT_EINVAL);
			pages.count = INT32_MAX;
		}
		assert_int_equal(iopt_map_pages(f.domain, &pages), 0);
		assert_int_equal(pages.done, MIB);
		assert_int_equal(tree_sum(f.domain).leaf_count, 256);
		pages.count = counts[i];
		iopt_unmap_pages(f.domain, &pages);
		assert_int_equal(pages.done, fits ? MIB : 0);
		fixture_close(&f);
	}
}

/* Only the first page's output address is checked, as in Linux. */
static void test_run_across_oas(void **state)
{
	struct iopt_config config = {.ias = 40, .oas = 36};
	struct iopt_pages pages = run_of(0, BIT(36) - 8 * KIB, 4 * KIB, 4);
	struct fixture f;

	(void)state;
	fixture_open(&f, config);
	assert_int_equal(iopt_map_pages(f.domain, &pages), 0);
	assert_int_equal(pages.done, 16 * KIB);
	assert_int_equal(iopt_iova_to_phys(f.domain, 12 * KIB), BIT(36) + 4 * KIB);
	fixture_close(&f);
}

static void test_widths_refused(void **state)
{
	static const struct iopt_config configs[] = {
		{.ias = 65},
		{.oas = 65},
		{.oas = 33},
		{.ias = 12},
		{.ias = 14, .page_sizes = 16 * KIB},
		{.format = IOPT_ARM_32_LPAE_S1, .ias = 33},
		{.format = IOPT_ARM_32_LPAE_S1, .ias = 32, .oas = 41},
		{.format = IOPT_ARM_32_LPAE_S2, .ias = 41},
		{.format = IOPT_ARM_V7S, .ias = 33},
		{.format = IOPT_ARM_V7S, .oas = 33},
		{.format = IOPT_ARM_V7S, .ias = 20},
		{.format = IOPT_ARM_V7S, .quirks = IOPT_QUIRK_ARM_MTK_EXT},
		{.format = IOPT_ARM_V7S,
		 .ias = 34,
		 .oas = 36,
		 .quirks = IOPT_QUIRK_ARM_MTK_EXT | IOPT_QUIRK_NO_PERMS},
		{.format = IOPT_ARM_64_LPAE_S2, .quirks = IOPT_QUIRK_ARM_NS},
		{.quirks = IOPT_QUIRK_NO_PERMS},
		{.quirks = IOPT_QUIRK_ARM_OUTER_WBWA},
		{.page_sizes = 2 * MIB},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(configs); i++) {
		struct fixture f;

		assert_int_equal(fixture_try(&f, configs[i]), -IOPT_EINVAL);
		assert_null(f.domain);
		fixture_close(&f);
	}
}

/* However many tables may be made, a range is mapped whole or not at all. */
static void test_every_budget(void **state)
{
	(void)state;
	for (int format = 0; format < IOPT_FORMAT_COUNT; format++) {
		struct fixture f;
		uint64_t budget = 0, unmapped;
		int code;

		fixture_open(&f, (struct iopt_config){.format = (enum iopt_format)format});
		do {
			iopt_memory_budget(f.memory, budget++);
			code = iopt_map(f.domain, 5 * MIB - 4 * KIB, 7 * MIB, 6 * MIB, IOPT_READ);
			if (code)
				assert_int_equal(tree_sum(f.domain).leaf_count, 0);
		} while (code == -IOPT_ENOMEM && budget < 100);
		assert_int_equal(code, 0);
		assert_true(budget > 1);
		/* The block in the middle has to be split. */
		iopt_memory_budget(f.memory, UINT64_MAX);
		assert_int_equal(iopt_map(f.domain, 64 * MIB, 64 * MIB, 2 * MIB, IOPT_READ), 0);
		iopt_memory_budget(f.memory, 0);
		assert_int_equal(iopt_unmap(f.domain, 65 * MIB, 4 * KIB, &unmapped), -IOPT_ENOENT);
		assert_int_equal(unmapped, 0);
		assert_leads(&f, 65 * MIB, 65 * MIB);
		iopt_memory_budget(f.memory, 1);
		assert_int_equal(iopt_unmap(f.domain, 65 * MIB, 4 * KIB, &unmapped), 0);
		assert_unmapped(&f, 65 * MIB);
		assert_leads(&f, 65 * MIB + 4 * KIB, 65 * MIB + 4 * KIB);
		iopt_memory_budget(f.memory, UINT64_MAX);
		fixture_close(&f);
	}
}

static void test_no_room_for_first_table(void **state)
{
	(void)state;
	for (int format = 0; format < IOPT_FORMAT_COUNT; format++) {
		struct iopt_config config = IOPT_INIT(struct iopt_config);
		struct iopt_domain *domain = NULL;
		struct iopt_memory *memory;

		config.format = (enum iopt_format)format;
		assert_int_equal(iopt_memory_create(&memory), 0);
		iopt_memory_budget(memory, 0);
		assert_int_equal(iopt_domain_create(memory, &config, &domain, NULL), -IOPT_ENOMEM);
		assert_null(domain);
		assert_int_equal(iopt_memory_allocated(memory), 0);
		iopt_memory_destroy(memory);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_misaligned),
		cmocka_unit_test(test_bad_requests),
		cmocka_unit_test(test_overrun_of_first_table),
		cmocka_unit_test(test_large_counts),
		cmocka_unit_test(test_run_across_oas),
		cmocka_unit_test(test_widths_refused),
		cmocka_unit_test(test_every_budget),
		cmocka_unit_test(test_no_room_for_first_table),
	};

	return cmocka_run_group_tests_name("refused", tests, NULL, NULL);
}
