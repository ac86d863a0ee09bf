/* SPDX-License-Identifier: MIT */
/* Every kind of descriptor: each bit is described once, each address bit is at its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base.h"
#include "explain.h"
#include "space.h"
#include "told.h"

static void check_view(const struct descriptor_view *v, int level, uint64_t desc)
{
	const struct field_set *list[FIELD_SETS_MAX];
	unsigned count = descriptor_sets(v, level, desc, list);
	uint64_t covered = 0;

	assert_in_range(count, 1, FIELD_SETS_MAX);
	for (unsigned i = 0; i < count; i++) {
		for (size_t k = 0; k < list[i]->count; k++) {
			const struct field_row *row = &list[i]->rows[k];

			if (covered & BITS(row->hi, row->lo))
				fail_msg("%s: %s.%s at level %d is described twice",
					 v->format->name, list[i]->name, row->name, level);
			covered |= BITS(row->hi, row->lo);
		}
	}
	if (covered != low_bits(v->v7s ? 32 : 64))
		fail_msg("%s: 0x%llx at level %d has only 0x%llx described (%s)", v->format->name,
			 (unsigned long long)desc, level, (unsigned long long)covered,
			 list[count - 1]->name);
}

static void check_levels(const struct descriptor_view *v)
{
	for (int level = v->format->first_level; level <= v->format->last_level; level++) {
		for (uint64_t type = 0; type < 4; type++) {
			check_view(v, level, type);
			check_view(v, level, type | BITS(31, 2));
			if (v->v7s)
				check_view(v, level, type | BIT(18));
		}
	}
}

/* Address rows have each address bit of a leaf once, at its place. */
static void check_addresses(const struct descriptor_view *v, uint64_t desc, int level)
{
	const struct field_set *list[FIELD_SETS_MAX];
	unsigned count = descriptor_sets(v, level, desc, list);
	enum iopt_type type = pgtable_type(v->format, desc, level);
	uint64_t oa = 0, want;

	if (type < IOPT_TYPE_TABLE)
		return;
	for (unsigned i = 0; i < count; i++)
		for (size_t k = 0; k < list[i]->count; k++)
			if (list[i]->rows[k].kind == FIELD_ADDRESS)
				oa |= field_value(&list[i]->rows[k], &desc) << list[i]->rows[k].at;
	if (type == IOPT_TYPE_TABLE)
		want = v->format->next_table(desc);
	else
		want = v->format->leaf_oa(desc, level) &
		       ~low_bits(v->v7s ? 0 : block_shift(v->format, level));
	if (v->aarch32 && !v->v7s)
		want &= low_bits(40); /* 47:40 must be zero */
	if (oa != want)
		fail_msg("%s: 0x%llx at level %d leads to 0x%llx, not 0x%llx", v->format->name,
			 (unsigned long long)desc, level, (unsigned long long)oa,
			 (unsigned long long)want);
}

static void for_views(void (*check)(const struct descriptor_view *v))
{
	static const struct {
		enum iopt_format format;
		enum iopt_oa_layout layout;
		uint64_t granule;
		uint32_t quirks;
	} rows[] = {
		{IOPT_ARM_64_LPAE_S1, IOPT_OA_48, 1 << 12, 0},
		{IOPT_ARM_64_LPAE_S1, IOPT_OA_48, 1 << 14, 0},
		{IOPT_ARM_64_LPAE_S1, IOPT_OA_48, 1 << 16, 0},
		{IOPT_ARM_64_LPAE_S1, IOPT_OA_LPA, 1 << 16, 0},
		{IOPT_ARM_64_LPAE_S1, IOPT_OA_LPA2, 1 << 12, 0},
		{IOPT_ARM_64_LPAE_S1, IOPT_OA_LPA2, 1 << 14, 0},
		{IOPT_ARM_32_LPAE_S1, IOPT_OA_48, 1 << 12, 0},
		{IOPT_ARM_V7S, IOPT_OA_48, 1 << 12, 0},
		{IOPT_ARM_V7S, IOPT_OA_48, 1 << 12, IOPT_QUIRK_ARM_MTK_EXT},
		{IOPT_ARM_V7S, IOPT_OA_48, 1 << 12,
		 IOPT_QUIRK_ARM_MTK_EXT | IOPT_QUIRK_ARM_MTK_TTBR_EXT},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (unsigned bits = 0; bits < 32; bits++) {
			const struct space_desc space = {.format = rows[i].format,
							 .oa_layout = rows[i].layout,
							 .granule = rows[i].granule,
							 .quirks = rows[i].quirks};
			const struct descriptor_view v = {
				.format = space_ops(&space)->format,
				.oa_layout = rows[i].layout,
				.regime = (enum iopt_regime)(bits & 3),
				.v7s = rows[i].format == IOPT_ARM_V7S,
				.aarch32 = rows[i].format != IOPT_ARM_64_LPAE_S1,
				.el0 = !(bits & 3),
				.xnx = bits & 4,
				.afe = bits & 8,
				.mtk_leaf = rows[i].quirks,
				.mtk_table = rows[i].quirks & IOPT_QUIRK_ARM_MTK_TTBR_EXT,
			};

			check(&v);
		}
	}
}

static void check_view_addresses(const struct descriptor_view *v)
{
	for (int level = v->format->first_level; level <= v->format->last_level; level++) {
		for (uint64_t type = 0; type < 4; type++) {
			for (unsigned bit = 2; bit < (v->v7s ? 32 : 64); bit++) {
				check_addresses(v, BIT(bit) | type, level);
				check_addresses(
					v, (low_bits(v->v7s ? 32 : 64) & ~BIT(bit) & ~3) | type,
					level);
			}
		}
	}
}

static void test_descriptors(void **state)
{
	(void)state;
	for_views(check_levels);
}

static void test_addresses(void **state)
{
	(void)state;
	for_views(check_view_addresses);
}

static struct told descriptor_told(struct iopt_descriptor *d)
{
	struct told told = {0};
	const struct iopt_field_sink sink = {told_keep, &told};

	d->struct_size = sizeof(*d);
	assert_int_equal(iopt_descriptor_decode(d, &sink), 0);
	return told;
}

static void test_descriptor_alone(void **state)
{
	struct iopt_descriptor d = {
		.format = IOPT_ARM_64_LPAE_S1, .level = 3, .desc = 0x40080000f43};
	struct told t = descriptor_told(&d);

	(void)state;
	assert_int_equal(d.type, IOPT_TYPE_PAGE);
	assert_told(&t, "OA[47:12]=1074266112: 0x40080000000");
	assert_told(&t, "AttrIndx=0: MAIR attribute 0");
	assert_told(&t, "SH=3: inner shareable");
	d.level = 0;
	d.desc = 1;
	t = descriptor_told(&d);
	assert_int_equal(d.type, IOPT_TYPE_RESERVED);
	d.oa_layout = IOPT_OA_LPA2;
	d.desc = 0x301;
	t = descriptor_told(&d);
	assert_int_equal(d.type, IOPT_TYPE_BLOCK);
	assert_told(&t, "OA[51:50]=3: 0xc000000000000");
	d.desc = 0x04e00000418c7f82; /* what Linux makes of PROT_NONE */
	t = descriptor_told(&d);
	assert_int_equal(d.type, IOPT_TYPE_INVALID);
	d = (struct iopt_descriptor){.format = IOPT_ARM_64_LPAE_S2, .level = 3, .desc = 0x7ff};
	t = descriptor_told(&d);
	assert_told(&t, "MemAttr=15: normal-wb");
	assert_told(&t, "S2AP=3: read and write");
	d = (struct iopt_descriptor){.format = IOPT_ARM_V7S, .level = 1, .desc = 0x12aa0d62};
	t = descriptor_told(&d);
	assert_int_equal(d.type, IOPT_TYPE_SECTION);
	d.desc |= BIT(18);
	t = descriptor_told(&d);
	assert_int_equal(d.type, IOPT_TYPE_SUPERSECTION);
	assert_told(&t, "OA[35:32]=10: 0xa00000000");
	assert_told(&t, "OA[39:36]=11: 0xb000000000");
}

static void test_descriptor_refused(void **state)
{
	static const struct iopt_descriptor bad[] = {
		{.format = IOPT_FORMAT_COUNT, .level = 3},
		{.format = IOPT_ARM_64_LPAE_S1, .level = 4},
		{.format = IOPT_ARM_64_LPAE_S1, .level = -1},
		{.format = IOPT_ARM_64_LPAE_S1, .level = 3, .granule = 0x2000},
		{.format = IOPT_ARM_64_LPAE_S1, .level = 3, .oa_layout = IOPT_OA_LPA},
		{.format = IOPT_ARM_64_LPAE_S1, .level = 3, .regime = IOPT_REGIME_STAGE2},
		{.format = IOPT_ARM_64_LPAE_S1, .level = 3, .regime = IOPT_REGIME_COUNT},
		{.format = IOPT_ARM_64_LPAE_S1, .level = 0, .granule = 0x10000},
		{.format = IOPT_ARM_32_LPAE_S1, .level = 3, .granule = 0x4000},
		{.format = IOPT_ARM_32_LPAE_S1, .level = 3, .oa_layout = IOPT_OA_LPA2},
		{.format = IOPT_ARM_V7S, .level = 3},
		{.format = IOPT_ARM_V7S, .level = 0},
	};
	struct told told = {0};
	const struct iopt_field_sink sink = {told_keep, &told};
	struct iopt_descriptor d = {.format = IOPT_ARM_V7S, .level = 1, .desc = BIT(32)};

	(void)state;
	assert_int_equal(iopt_descriptor_decode(&d, &sink), -IOPT_EINVAL); /* no size */
	d.struct_size = sizeof(d);
	assert_int_equal(iopt_descriptor_decode(&d, &sink), -IOPT_ERANGE);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		d = bad[i];
		d.struct_size = sizeof(d);
		assert_int_equal(iopt_descriptor_decode(&d, &sink), -IOPT_EINVAL);
	}
	assert_int_equal(told.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_descriptor_alone),
		cmocka_unit_test(test_descriptor_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
