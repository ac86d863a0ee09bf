/* SPDX-License-Identifier: MIT */
/* The edges: every width of every geometry, the last page of each, carries in output addresses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base.h"
#include "fixture.h"
#include "tree.h"

/* ---- geometry ---- */

struct geometry {
	int start_level;
	uint64_t slots;
};

static int keep_root(void *arg, const struct iopt_table *table)
{
	*(struct geometry *)arg = (struct geometry){table->level, table->slots};
	return 1;
}

static struct geometry geometry_of(struct fixture *f)
{
	struct iopt_visitor visitor = IOPT_INIT(struct iopt_visitor);
	struct geometry g = {0};

	visitor.last = UINT64_MAX;
	visitor.table = keep_root;
	visitor.arg = &g;
	assert_int_equal(iopt_domain_visit(f->domain, 0, &visitor), 1);
	return g;
}

/* As VMSAv8-64 has it, and Linux concatenates: a level-0 table of 16 entries or less. */
static struct geometry geometry_wanted(unsigned page_shift, unsigned ias, bool stage2)
{
	unsigned bits = page_shift - 3, left = ias - page_shift;
	int level = 3;

	while (left > bits) {
		left -= bits;
		level--;
	}
	if (stage2 && level == 0 && left <= 4)
		return (struct geometry){1, BIT(left + bits)};
	return (struct geometry){level, BIT(left)};
}

/* Maps the last page of the space, and the largest leaf that the space ends with. */
static void probe_last(struct fixture *f)
{
	uint64_t last = f->space.last, page = f->space.granule, unmapped;
	uint64_t first = last - (page - 1);

	assert_int_equal(iopt_map(f->domain, first, 16 * GIB % BIT(f->space.oas), page, IOPT_READ),
			 0);
	assert_leads(f, last, 16 * GIB % BIT(f->space.oas) + page - 1);
	assert_int_equal(iopt_unmap(f->domain, first, page, &unmapped), 0);
	assert_int_equal(unmapped, page);
	assert_unmapped(f, last);
	for (uint64_t sizes = f->space.page_sizes; sizes; sizes &= sizes - 1) {
		uint64_t size = sizes & -sizes;
		struct iopt_pages pages = run_of(last - (size - 1), 0, size, 1);

		/* A leaf as large as the space would be the first table itself. */
		if (size - 1 >= last - f->space.first)
			break;
		assert_int_equal(iopt_map_pages(f->domain, &pages), 0);
		assert_int_equal(pages.done, size);
		assert_leads(f, last, size - 1);
		pages.done = 0;
		iopt_unmap_pages(f->domain, &pages);
		assert_int_equal(pages.done, size);
	}
	assert_int_equal(tree_sum(f->domain).leaf_count, 0);
}

static void probe_outside(struct fixture *f)
{
	uint64_t page = f->space.granule, unmapped;
	uint64_t past = f->space.last + 1, before = f->space.first - page;

	if (past) {
		assert_refused(f, run_of(past, 0, page, 1), IOPT_ERANGE);
		assert_unmapped(f, past);
	}
	if (f->space.first) {
		assert_refused(f, run_of(before, 0, page, 1), IOPT_ERANGE);
		assert_unmapped(f, before);
	}
	/* Across the end: all is undone.  Linux's short descriptors go on at 0 instead. */
	if (f->space.format != IOPT_ARM_V7S)
		assert_int_equal(
			iopt_map(f->domain, f->space.last - (page - 1), 0, 2 * page, IOPT_READ),
			-IOPT_ERANGE);
	assert_int_equal(tree_sum(f->domain).leaf_count, 0);
	assert_int_equal(iopt_unmap(f->domain, past ? past : before, page, &unmapped),
			 -IOPT_ENOENT);
	assert_int_equal(unmapped, 0);
	if (f->space.oas < 64) {
		uint64_t end = BIT(f->space.oas);

		assert_refused(f, run_of(f->space.first, end, page, 1), IOPT_ERANGE);
		assert_int_equal(iopt_map(f->domain, f->space.first, end - page, page, IOPT_READ),
				 0);
		assert_leads(f, f->space.first, end - page);
	}
}

static const struct widths {
	enum iopt_format format;
	unsigned page_shift, ias_max, oas;
	uint32_t quirks;
} WIDTHS[] = {
	{IOPT_ARM_64_LPAE_S1, 12, 48, 48, 0},
	{IOPT_ARM_64_LPAE_S1, 14, 48, 48, 0},
	{IOPT_ARM_64_LPAE_S1, 16, 52, 52, 0},
	{IOPT_ARM_64_LPAE_S1, 16, 48, 40, 0},
	{IOPT_ARM_64_LPAE_S1, 12, 48, 48, IOPT_QUIRK_ARM_TTBR1},
	{IOPT_ARM_64_LPAE_S1, 14, 48, 44, IOPT_QUIRK_ARM_TTBR1},
	{IOPT_ARM_64_LPAE_S1, 16, 52, 52, IOPT_QUIRK_ARM_TTBR1},
	{IOPT_ARM_64_LPAE_S2, 12, 48, 48, 0},
	{IOPT_ARM_64_LPAE_S2, 14, 48, 48, 0},
	{IOPT_ARM_64_LPAE_S2, 16, 52, 52, 0},
	{IOPT_ARM_32_LPAE_S1, 12, 32, 40, 0},
	{IOPT_ARM_32_LPAE_S2, 12, 40, 40, 0},
};

static void test_every_width(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(WIDTHS); i++) {
		const struct widths *w = &WIDTHS[i];
		bool stage2 = w->format == IOPT_ARM_64_LPAE_S2 || w->format == IOPT_ARM_32_LPAE_S2;

		for (unsigned ias = w->page_shift + 1; ias <= w->ias_max; ias++) {
			struct iopt_config config = {
				.format = w->format, .ias = ias, .oas = w->oas};
			struct geometry want = geometry_wanted(w->page_shift, ias, stage2), have;
			struct fixture f;

			config.page_sizes = iopt_granule_page_sizes(w->format, BIT(w->page_shift));
			config.quirks = w->quirks;
			fixture_open(&f, config);
			have = geometry_of(&f);
			assert_int_equal(f.space.start_level, want.start_level);
			assert_int_equal(have.start_level, want.start_level);
			assert_int_equal(have.slots, want.slots);
			assert_int_equal(f.space.last - f.space.first, BIT(ias) - 1);
			assert_int_equal(f.space.last, w->quirks ? UINT64_MAX : BIT(ias) - 1);
			probe_last(&f);
			probe_outside(&f);
			fixture_close(&f);
		}
	}
}

/* Start level and slots of the first table, as measured on Linux. */
static const struct measured {
	unsigned page_shift, ias;
	struct geometry stage1, stage2;
} MEASURED[] = {
	{12, 25, {2, 16}, {2, 16}},	{12, 30, {2, 512}, {2, 512}},
	{12, 31, {1, 2}, {1, 2}},	{12, 39, {1, 512}, {1, 512}},
	{12, 40, {0, 2}, {1, 1024}},	{12, 42, {0, 8}, {1, 4096}},
	{12, 43, {0, 16}, {1, 8192}},	{12, 44, {0, 32}, {0, 32}},
	{12, 48, {0, 512}, {0, 512}},	{14, 26, {2, 2}, {2, 2}},
	{14, 36, {2, 2048}, {2, 2048}}, {14, 39, {1, 8}, {1, 8}},
	{14, 47, {1, 2048}, {1, 2048}}, {14, 48, {0, 2}, {1, 4096}},
	{16, 30, {2, 2}, {2, 2}},	{16, 42, {2, 8192}, {2, 8192}},
	{16, 43, {1, 2}, {1, 2}},	{16, 52, {1, 1024}, {1, 1024}},
};

static void test_measured_geometries(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_SIZE(MEASURED); i++) {
		const struct measured *m = &MEASURED[i / 2];
		const struct geometry *want = i % 2 ? &m->stage2 : &m->stage1;
		struct iopt_config config = {.ias = m->ias, .oas = 48};
		struct geometry have;
		struct fixture f;

		config.format = i % 2 ? IOPT_ARM_64_LPAE_S2 : IOPT_ARM_64_LPAE_S1;
		config.page_sizes = iopt_granule_page_sizes(config.format, BIT(m->page_shift));
		fixture_open(&f, config);
		have = geometry_of(&f);
		assert_int_equal(have.start_level, want->start_level);
		assert_int_equal(have.slots, want->slots);
		fixture_close(&f);
	}
}

static void test_short_widths(void **state)
{
	uint32_t mtk = IOPT_QUIRK_NO_PERMS | IOPT_QUIRK_ARM_MTK_EXT;

	(void)state;
	for (unsigned ias = 21; ias <= 34; ias++) {
		struct iopt_config config = {.format = IOPT_ARM_V7S, .ias = ias};
		struct fixture f;

		config.quirks = ias > 32 ? mtk : 0;
		config.oas = ias > 32 ? 35 : 32;
		fixture_open(&f, config);
		assert_int_equal(geometry_of(&f).slots, BIT(ias - 20));
		assert_int_equal(f.space.last, BIT(ias) - 1);
		probe_last(&f);
		probe_outside(&f);
		fixture_close(&f);
	}
}

/* ---- carries ---- */

/* A run of pages whose output addresses cross 'edge', where some bits move elsewhere. */
static void probe_carry(struct fixture *f, uint64_t edge, uint64_t size, uint64_t iova)
{
	uint64_t before = 3, count = 8;
	struct iopt_pages pages = run_of(iova, edge - before * size, size, count);

	assert_int_equal(iopt_map_pages(f->domain, &pages), 0);
	assert_int_equal(pages.done, count * size);
	for (uint64_t i = 0; i < count; i++) {
		assert_leads(f, iova + i * size, edge - before * size + i * size);
		assert_leads(f, iova + i * size + size - 1,
			     edge - before * size + (i + 1) * size - 1);
	}
	iopt_unmap_pages(f->domain, &pages);
	assert_int_equal(pages.done, count * size);
	assert_int_equal(iopt_map(f->domain, iova, edge - size, 2 * size, IOPT_WRITE), 0);
	assert_leads(f, iova + size, edge);
	assert_int_equal(iopt_unmap(f->domain, iova, 2 * size, &pages.done), 0);
}

static void test_carry_at_48_bits(void **state)
{
	static const enum iopt_format formats[] = {IOPT_ARM_64_LPAE_S1, IOPT_ARM_64_LPAE_S2};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		struct iopt_config config = {.format = formats[i], .ias = 52, .oas = 52};
		struct fixture f;

		config.page_sizes = iopt_granule_page_sizes(formats[i], 64 * KIB);
		fixture_open(&f, config);
		assert_int_equal(f.space.oa_layout, IOPT_OA_LPA);
		assert_true(f.space.page_sizes & 4 * TIB);
		for (uint64_t edge = BIT(48); edge < BIT(52); edge += BIT(48)) {
			probe_carry(&f, edge, 64 * KIB, 512 * MIB);
			probe_carry(&f, edge, 512 * MIB, 8 * TIB);
			probe_carry(&f, edge, 4 * TIB, 64 * TIB);
		}
		fixture_close(&f);
	}
}

static void test_carry_at_4_gib(void **state)
{
	static const uint64_t sizes[] = {4 * KIB, 64 * KIB, MIB, 16 * MIB};
	struct iopt_config config = {.format = IOPT_ARM_V7S, .ias = 34, .oas = 35};
	struct fixture f;

	(void)state;
	config.quirks = IOPT_QUIRK_NO_PERMS | IOPT_QUIRK_ARM_MTK_EXT;
	fixture_open(&f, config);
	for (uint64_t edge = 4 * GIB; edge < 32 * GIB; edge += 4 * GIB) {
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
			probe_carry(&f, edge, sizes[i], 256 * MIB * (i + 1));
	}
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_width),    cmocka_unit_test(test_measured_geometries),
		cmocka_unit_test(test_short_widths),   cmocka_unit_test(test_carry_at_48_bits),
		cmocka_unit_test(test_carry_at_4_gib),
	};

	return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
