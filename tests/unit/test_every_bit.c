/* SPDX-License-Identifier: MIT */
/*
 * Every bit of a descriptor means something: of two neighbours that would be one extent, each bit
 * of the second is turned over, and they are one no more.  So with what tables hand down.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base.h"
#include "domain.h"
#include "space.h"

enum { BASE = 0x80000000 };

/* Each row of formats, little and big endian. */
static const struct space_desc rows[] = {
	{.format = IOPT_ARM_64_LPAE_S1, .granule = 0x1000, .ias = 39, .oas = 48, .start_level = 1},
	{.format = IOPT_ARM_64_LPAE_S1, .granule = 0x4000, .ias = 47, .oas = 48, .start_level = 1},
	{.format = IOPT_ARM_64_LPAE_S1, .granule = 0x10000, .ias = 42, .oas = 48, .start_level = 2},
	{.format = IOPT_ARM_64_LPAE_S1,
	 .granule = 0x10000,
	 .ias = 42,
	 .oas = 52,
	 .oa_layout = IOPT_OA_LPA,
	 .start_level = 2},
	{.format = IOPT_ARM_64_LPAE_S1,
	 .granule = 0x1000,
	 .ias = 39,
	 .oas = 52,
	 .oa_layout = IOPT_OA_LPA2,
	 .start_level = 1},
	{.format = IOPT_ARM_64_LPAE_S1,
	 .granule = 0x4000,
	 .ias = 47,
	 .oas = 52,
	 .oa_layout = IOPT_OA_LPA2,
	 .start_level = 1},
	{.format = IOPT_ARM_64_LPAE_S2,
	 .regime = IOPT_REGIME_STAGE2,
	 .granule = 0x1000,
	 .ias = 39,
	 .oas = 48,
	 .start_level = 1},
	{.format = IOPT_ARM_V7S, .granule = 0x1000, .ias = 32, .oas = 40, .start_level = 1},
	{.format = IOPT_ARM_V7S,
	 .granule = 0x1000,
	 .ias = 32,
	 .oas = 35,
	 .quirks = IOPT_QUIRK_ARM_MTK_EXT | IOPT_QUIRK_NO_PERMS,
	 .start_level = 1},
	{.format = IOPT_ARM_V7S,
	 .granule = 0x1000,
	 .ias = 32,
	 .oas = 35,
	 .quirks = IOPT_QUIRK_ARM_MTK_EXT | IOPT_QUIRK_ARM_MTK_TTBR_EXT | IOPT_QUIRK_NO_PERMS,
	 .start_level = 1},
};

struct bits {
	struct iopt_memory *memory;
	struct iopt_domain *domain;
	const struct pgtable_format *format;
	bool big_endian;
	uint64_t kept;	/* bits 15:12 where they are an address's upper ones */
	uint64_t first; /* input address of the second of the neighbours */
	/* what the visit shows */
	unsigned extents;
	bool joined;
	uint64_t inherited, pa;
};

static void bits_open(struct bits *b, const struct space_desc *row, bool big_endian)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct space_desc desc = *row;

	*b = (struct bits){.big_endian = big_endian};
	desc.root = BASE;
	desc.big_endian = big_endian;
	desc.page_sizes = iopt_granule_page_sizes(desc.format, desc.granule);
	assert_int_equal(iopt_memory_create(&b->memory), 0);
	assert_int_equal(iopt_memory_add_ram(b->memory, BASE, 0x100000, NULL), 0);
	if (domain_adopt(b->memory, &desc, 1, &b->domain, &error))
		fail_msg("%s", error.message);
	b->kept = desc.oa_layout == IOPT_OA_LPA ? BITS(15, 12) : 0;
	b->format = b->domain->spaces[0].ops->format;
}

static void bits_close(struct bits *b)
{
	iopt_domain_destroy(b->domain);
	iopt_memory_destroy(b->memory);
}

static void put(struct bits *b, uint64_t table, uint64_t index, uint64_t desc)
{
	const unsigned bytes = 1u << b->format->desc_shift;
	uint8_t at[8];

	for (unsigned i = 0; i < bytes; i++)
		at[b->big_endian ? bytes - 1 - i : i] = (uint8_t)(desc >> 8 * i);
	assert_int_equal(iopt_memory_write(b->memory, table + index * bytes, at, bytes), 0);
}

static int on_extent(void *arg, const struct iopt_extent *e)
{
	struct bits *b = arg;
	uint64_t last = e->iova + (e->count * e->size - 1);

	b->extents++;
	b->joined |= e->iova < b->first && last >= b->first;
	if (e->iova <= b->first && last >= b->first) {
		b->inherited = e->inherited;
		b->pa = e->pa + (b->first - e->iova);
	}
	return 0;
}

static void look(struct bits *b)
{
	struct iopt_visitor visitor = IOPT_INIT(struct iopt_visitor);

	visitor.extent = on_extent;
	visitor.arg = b;
	b->extents = 0;
	b->joined = false;
	assert_int_equal(iopt_domain_visit(b->domain, 0, &visitor), 0);
}

/* A table of the last level but for the first table itself, at the end of a chain of tables. */
static uint64_t chain(struct bits *b, int level)
{
	uint64_t table = BASE;

	for (int l = b->domain->spaces[0].start_level; l < level; l++) {
		uint64_t next = table + 0x10000;

		put(b, table, 0, b->format->make_table(next));
		table = next;
	}
	return table;
}

/*
 * Bits that nothing is read from: those of a larger leaf's address that are below its size, and
 * what MediaTek's supersections have instead of a domain and of bits 35:32.
 */
static uint64_t unread(const struct bits *b, int level, bool run)
{
	const unsigned shift = block_shift(b->format, level);

	if (b->format->desc_shift == 3)
		return shift > 12 ? BITS(shift - 1, 12) & ~b->kept : 0;
	return run && level == 1 && b->domain->spaces[0].quirks ? BITS(23, 20) | BITS(8, 6) : 0;
}

/* Leaves at 'level', slots 0 and 1, which together are an extent of two. */
static void each_leaf_bit(struct bits *b, int level)
{
	const struct pgtable_format *f = b->format;
	const uint64_t size = BIT(block_shift(f, level)), table = chain(b, level);
	const uint64_t attrs = f->place_attrs(f->desc_shift == 3 ? 0x400 : 0, level, false);
	const uint64_t second = f->make_leaf(16 * size + size, level, false, attrs);
	char what[80];

	put(b, table, 0, f->make_leaf(16 * size, level, false, attrs));
	b->first = size;
	for (unsigned bit = 0; bit < 8u << f->desc_shift; bit++) {
		put(b, table, 1, second);
		look(b);
		if (!(b->joined && b->extents == 1 && b->pa == 17 * size))
			fail_msg("%s level %d: %u extents, 0x%llx", f->name, level, b->extents,
				 (unsigned long long)b->pa);
		put(b, table, 1, second ^ BIT(bit));
		look(b);
		snprintf(what, sizeof(what), "%s level %d bit %u", f->name, level, bit);
		if (b->joined == !(unread(b, level, false) & BIT(bit)))
			fail_msg("%s: %s", what, b->joined ? "nobody sees it" : "it counts");
	}
	put(b, table, 0, 0);
	put(b, table, 1, 0);
}

static void test_leaves(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
		struct bits b;
		int level;

		bits_open(&b, &rows[i / 2], i % 2);
		level = b.format->first_leaf_level;
		if (level < b.domain->spaces[0].start_level)
			level = b.domain->spaces[0].start_level;
		for (; level <= b.format->last_level; level++)
			each_leaf_bit(&b, level);
		bits_close(&b);
	}
}

/* Supersections and large pages: sixteen of each, two of them next to each other. */
static void test_runs(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
		struct bits b;

		bits_open(&b, &rows[i / 2], i % 2);
		for (int level = 1; b.format->run_shift && level <= 2; level++) {
			const struct pgtable_format *f = b.format;
			const uint64_t size = BIT(block_shift(f, level) + 4),
				       table = chain(&b, level);
			const uint64_t attrs = f->place_attrs(0, level, true);

			b.first = size;
			for (unsigned bit = 0; bit < 32; bit++) {
				for (unsigned k = 0; k < 32; k++)
					put(&b, table, k,
					    f->make_leaf((2 + k / 16) * size, level, true, attrs) ^
						    (k / 16 ? BIT(bit) : 0));
				look(&b);
				if (b.joined == !(unread(&b, level, true) & BIT(bit)))
					fail_msg("%s level %d bit %u: %s", f->name, level, bit,
						 b.joined ? "nobody sees it" : "it counts");
			}
			for (unsigned k = 0; k < 32; k++)
				put(&b, table, k,
				    f->make_leaf((2 + k / 16) * size, level, true, attrs));
			look(&b);
			if (!(b.joined && b.extents == 1 && b.pa == 3 * size))
				fail_msg("%s level %d: %u extents, 0x%llx", f->name, level,
					 b.extents, (unsigned long long)b.pa);
			for (unsigned k = 0; k < 32; k++)
				put(&b, table, k, 0);
		}
		bits_close(&b);
	}
}

/* What a table of each format hands down, and no other bit of it. */
static uint64_t handed_down(const struct space_desc *row)
{
	if (row->format != IOPT_ARM_V7S)
		return BITS(63, 59);
	return row->quirks ? BITS(3, 2) : BITS(8, 5) | BITS(3, 2);
}

static void test_tables(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
		const struct space_desc *row = &rows[i / 2];
		const struct pgtable_format *f;
		uint64_t above, leaf;
		struct bits b;
		int level;

		bits_open(&b, row, i % 2);
		f = b.format;
		level = b.domain->spaces[0].start_level;
		leaf = chain(&b, level + 1);
		put(&b, leaf, 0,
		    f->make_leaf(16 * BIT(block_shift(f, level)), level + 1, false, 0x400));
		above = f->make_table(leaf);
		for (unsigned bit = 0; bit < 8u << f->desc_shift; bit++) {
			if (!(handed_down(row) & BIT(bit)))
				continue;
			put(&b, BASE, 0, above ^ BIT(bit));
			look(&b);
			assert_int_equal(b.extents, 1);
			assert_true(b.inherited == BIT(bit));
		}
		put(&b, BASE, 0, above | handed_down(row) | BIT(55));
		if (f->desc_shift == 3) {
			look(&b);
			assert_true(b.inherited == handed_down(row));
		}
		bits_close(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_leaves),
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_tables),
	};

	return cmocka_run_group_tests_name("every bit", tests, NULL, NULL);
}
