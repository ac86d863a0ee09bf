/* SPDX-License-Identifier: MIT */
/*
 * Sizes and places that no leaf has.  Short descriptors take as many slots as fit into a page's
 * size, as arm_v7s_map_pages() does; but never more than a table has, and what would have to be
 * taken apart for less than a leaf stays whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base.h"
#include "fixture.h"
#include "world.h"

#define ROOT (RAM + 2 * MIB) /* where no new table is put */

static const struct iopt_config v7s = {.format = IOPT_ARM_V7S};

static uint64_t unmapped_by(struct fixture *f, uint64_t iova, uint64_t page_size, uint64_t count)
{
	struct iopt_pages pages = run_of(iova, 0, page_size, count);

	iopt_unmap_pages(f->domain, &pages);
	return pages.done;
}

static uint64_t mapped_by(struct fixture *f, uint64_t iova, uint64_t pa, uint64_t page_size,
			  uint64_t count)
{
	struct iopt_pages pages = run_of(iova, pa, page_size, count);

	assert_int_equal(iopt_map_pages(f->domain, &pages), 0);
	return pages.done;
}

/* As Linux asks: bits 23:20 of what it calls a supersection may be more than an address has. */
static bool is_mapped(struct fixture *f, uint64_t iova)
{
	return iopt_iova_to_phys(f->domain, iova);
}

/* Three slots a page, at 4K and at 1M: they come and go together. */
static void test_three_slots(void **state)
{
	static const uint64_t sizes[] = {12 * KIB, 3 * MIB};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		const uint64_t size = sizes[i], slot = size / 3;
		struct fixture f;

		fixture_open(&f, v7s);
		assert_int_equal(mapped_by(&f, slot, 0, size, 4), 4 * size);
		for (uint64_t k = 0; k < 14; k++)
			assert_int_equal(is_mapped(&f, k * slot), k >= 1 && k <= 12);
		assert_refused(&f, run_of(3 * slot, 0, size, 1), IOPT_EEXIST);
		assert_int_equal(unmapped_by(&f, slot, size, 2), 2 * size);
		for (uint64_t k = 0; k < 14; k++)
			assert_int_equal(is_mapped(&f, k * slot), k >= 7 && k <= 12);
		/* the slots of one that are not all there */
		assert_int_equal(unmapped_by(&f, 5 * slot, size, 1), 0);
		assert_int_equal(unmapped_by(&f, 7 * slot, size, 9), 2 * size);
		fixture_close(&f);
	}
}

/* What does not end in the table that it begins in is refused before anything is written. */
static void test_overruns(void **state)
{
	static const struct iopt_config narrow = {.format = IOPT_ARM_V7S, .ias = 22};
	struct fixture f;

	(void)state;
	fixture_open(&f, v7s);
	assert_refused(&f, run_of(MIB - 8 * KIB, 0, 12 * KIB, 1), IOPT_ERANGE);
	assert_refused(&f, run_of(MIB - 20 * KIB, 0, 12 * KIB, 2), IOPT_ERANGE);
	assert_refused(&f, run_of(MIB - 4 * KIB, 0, 8 * KIB, 1), IOPT_ERANGE);
	assert_refused(&f, run_of(4 * GIB - MIB, 0, 2 * MIB, 1), IOPT_ERANGE);
	assert_int_equal(mapped_by(&f, MIB - 12 * KIB, 0, 12 * KIB, 1), 12 * KIB);
	assert_int_equal(unmapped_by(&f, MIB - 12 * KIB, 12 * KIB, 1), 12 * KIB);
	fixture_close(&f);
	/* a first table of four sections has no room for more */
	fixture_open(&f, narrow);
	assert_refused(&f, run_of(0, 0, 8 * MIB, 1), IOPT_ERANGE);
	assert_refused(&f, run_of(0, 0, 16 * MIB, 1), IOPT_ERANGE);
	assert_int_equal(mapped_by(&f, 0, 0, 4 * MIB, 1), 4 * MIB);
	assert_int_equal(unmapped_by(&f, 0, 4 * MIB, 1), 4 * MIB);
	fixture_close(&f);
}

/* Less than a small page is no leaf, and nor is a block above the first table. */
static void test_no_level(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, v7s);
	assert_int_equal(mapped_by(&f, 0, 0, 4 * KIB, 1), 4 * KIB);
	assert_refused(&f, run_of(0, 0, 2 * KIB, 1), IOPT_EINVAL);
	assert_int_equal(unmapped_by(&f, 0, 2 * KIB, 1), 0);
	assert_int_equal(unmapped_by(&f, 0, 2 * KIB, 0), 0);
	assert_int_equal(unmapped_by(&f, 0, 4 * KIB, 1), 4 * KIB);
	fixture_close(&f);
	fixture_open(&f, (struct iopt_config){.ias = 30});
	assert_int_equal(f.space.start_level, 2);
	assert_int_equal(mapped_by(&f, 0, 0, 4 * KIB, 1), 4 * KIB);
	assert_refused(&f, run_of(0, 0, GIB, 1), IOPT_EINVAL);
	assert_int_equal(unmapped_by(&f, 0, GIB, 1), 0);
	assert_leads(&f, 0x123, 0x123);
	fixture_close(&f);
}

/* A part of a section that is no leaf below it leaves it whole; one that is takes it apart. */
static void test_parts_of_a_section(void **state)
{
	static const uint64_t kept[][2] = {
		{0, 12 * KIB},	     {4 * KIB, 12 * KIB},  {0, 8 * KIB},   {0, 32 * KIB},
		{4 * KIB, 64 * KIB}, {60 * KIB, 64 * KIB}, {0, 128 * KIB}, {0, 256 * KIB},
	};
	struct fixture f;

	(void)state;
	fixture_open(&f, v7s);
	assert_int_equal(mapped_by(&f, MIB, 5 * MIB, MIB, 1), MIB);
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		assert_int_equal(unmapped_by(&f, MIB + kept[i][0], kept[i][1], 1), 0);
		assert_leads(&f, MIB + kept[i][0], 5 * MIB + kept[i][0]);
	}
	assert_int_equal(unmapped_by(&f, MIB + 128 * KIB, 64 * KIB, 1), 64 * KIB);
	assert_unmapped(&f, MIB + 128 * KIB);
	assert_unmapped(&f, MIB + 191 * KIB);
	assert_leads(&f, MIB + 127 * KIB, 5 * MIB + 127 * KIB);
	assert_leads(&f, MIB + 192 * KIB, 5 * MIB + 192 * KIB);
	assert_int_equal(unmapped_by(&f, MIB + 4 * KIB, 4 * KIB, 1), 4 * KIB);
	assert_leads(&f, MIB, 5 * MIB);
	assert_unmapped(&f, MIB + 4 * KIB);
	assert_leads(&f, MIB + 8 * KIB, 5 * MIB + 8 * KIB);
	fixture_close(&f);
}

/* A supersection above 4 GiB: single sections have no room for its address, so it stays. */
static void test_far_supersection(void **state)
{
	struct world *w = *state;
	struct iopt_pages pages = run_of(0x1000000, 0, MIB, 1);

	for (unsigned i = 0; i < 16; i++)
		world_put32(w, ROOT + 4 * (16 + i), 0x01340c02); /* 35:32 is 3 */
	for (unsigned i = 0; i < 16; i++)
		world_put32(w, ROOT + 4 * (32 + i), 0x02040c02); /* and nothing of that */
	world_set(w, "arch", IOPT_ARCH_AARCH32_V7S);
	world_set(w, "ttbr0", ROOT);
	world_set(w, "ttbcr", 0);
	world_set(w, "dacr", 0x55555555);
	world_open(w, IOPT_REGIME_ANY);
	assert_goes(w, 0x1000123, UINT64_C(0x301000123));
	iopt_unmap_pages(w->domain, &pages);
	assert_int_equal(pages.done, 0);
	assert_goes(w, 0x1000123, UINT64_C(0x301000123));
	pages.page_size = 4 * KIB;
	iopt_unmap_pages(w->domain, &pages);
	assert_int_equal(pages.done, 0);
	assert_goes(w, 0x1f00123, UINT64_C(0x301f00123));
	pages.iova = 0x2000000;
	iopt_unmap_pages(w->domain, &pages);
	assert_int_equal(pages.done, 4 * KIB);
	assert_fault(w, 0x2000123, IOPT_FAULT_TRANSLATION, 2, 1);
	assert_goes(w, 0x2001123, 0x2001123);
	assert_goes(w, 0x2f00123, 0x2f00123);
}

/* Domain, NS and PXN of a section that is taken apart are its table's from then on. */
static void test_limits_of_a_section(void **state)
{
	struct world *w = *state;
	struct iopt_pages pages = run_of(0x100000, 0, 4 * KIB, 1);
	uint8_t desc[4];

	world_put32(w, ROOT + 4, 0x00580c63); /* domain 3, NS, PXN */
	world_set(w, "arch", IOPT_ARCH_AARCH32_V7S);
	world_set(w, "ttbr0", ROOT);
	world_set(w, "ttbcr", 0);
	world_set(w, "dacr", 0x55555555);
	world_open(w, IOPT_REGIME_ANY);
	iopt_unmap_pages(w->domain, &pages);
	assert_int_equal(pages.done, 4 * KIB);
	assert_int_equal(iopt_memory_read(w->memory, ROOT + 4, desc, 4), 4);
	assert_int_equal(load_le32(desc) & 0x3ff, 3 << 5 | BIT(3) | BIT(2) | 1);
	assert_fault(w, 0x100123, IOPT_FAULT_TRANSLATION, 2, 1);
	assert_goes(w, 0x101123, 0x501123);
}

/* A table that no memory holds: nothing can be mapped through it, or taken away. */
static void test_absent_table(void **state)
{
	struct world *w = *state;
	struct iopt_pages pages = run_of(0x1000, 0x1000, 4 * KIB, 1);

	world_put64(w, ROOT, 0x700000000 | 3);
	world_put64(w, ROOT + 8, (ROOT + 0x1000) | 3);
	world_put64(w, ROOT + 0x1000, 0x700000000 | 3);
	world_set(w, "ttbr0_el1", ROOT);
	world_set(w, "tcr_el1", TCR_39 | BIT(23));
	world_open(w, IOPT_REGIME_ANY);
	for (unsigned i = 0; i < 2; i++, pages.iova += GIB) {
		assert_int_equal(iopt_map_pages(w->domain, &pages), -IOPT_EFAULT);
		assert_int_equal(pages.done, 0);
		iopt_unmap_pages(w->domain, &pages);
		assert_int_equal(pages.done, 0);
		assert_int_equal(iopt_iova_to_phys(w->domain, pages.iova), 0);
		assert_fault(w, pages.iova, IOPT_FAULT_EXTERNAL, 2 + (int)i, 1);
	}
	pages.iova = 0;
	pages.page_size = 2 * MIB;
	assert_int_equal(iopt_map_pages(w->domain, &pages), -IOPT_EFAULT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_three_slots),
		cmocka_unit_test(test_overruns),
		cmocka_unit_test(test_no_level),
		cmocka_unit_test(test_parts_of_a_section),
		cmocka_unit_test_setup_teardown(test_far_supersection, world_set_up,
						world_tear_down),
		cmocka_unit_test_setup_teardown(test_limits_of_a_section, world_set_up,
						world_tear_down),
		cmocka_unit_test_setup_teardown(test_absent_table, world_set_up, world_tear_down),
	};

	return cmocka_run_group_tests_name("odd sizes", tests, NULL, NULL);
}
