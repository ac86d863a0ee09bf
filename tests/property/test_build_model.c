/* SPDX-License-Identifier: MIT */
/*
 * Random regions in every geometry: what is built translates each region, and nothing else, with
 * the attributes that were asked for, in exactly as many tables as were planned.
 *
 *     test_build_model [TRIALS [SEED]]     or IOPT_PROPERTY_OPS and IOPT_PROPERTY_SEED
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "attrs.h"
#include "build.h"
#include "domain.h"
#include "image.h"

enum { TRIALS = 25, REGIONS_MAX = 24, EXTENTS_MAX = 1 << 16 };

static uint64_t trials, seed;

static const struct row {
	const char *name;
	enum iopt_format format;
	enum iopt_regime regime;
	uint64_t granule;
	unsigned ias_min, ias_max, oas;
	bool upper;
} ROWS[] = {
	{"el1 4k", IOPT_ARM_64_LPAE_S1, IOPT_REGIME_EL1, 1 << 12, 25, 48, 48, false},
	{"el1 4k upper", IOPT_ARM_64_LPAE_S1, IOPT_REGIME_EL1, 1 << 12, 25, 48, 44, true},
	{"el2 4k lpa2", IOPT_ARM_64_LPAE_S1, IOPT_REGIME_EL2, 1 << 12, 25, 52, 52, false},
	{"el3 16k", IOPT_ARM_64_LPAE_S1, IOPT_REGIME_EL3, 1 << 14, 25, 48, 48, false},
	{"el1 16k lpa2", IOPT_ARM_64_LPAE_S1, IOPT_REGIME_EL1, 1 << 14, 25, 52, 52, false},
	{"el2 64k", IOPT_ARM_64_LPAE_S1, IOPT_REGIME_EL2, 1 << 16, 25, 48, 48, false},
	{"el1 64k lpa", IOPT_ARM_64_LPAE_S1, IOPT_REGIME_EL1, 1 << 16, 25, 52, 52, false},
	{"stage 2 4k", IOPT_ARM_64_LPAE_S2, IOPT_REGIME_STAGE2, 1 << 12, 25, 48, 48, false},
	{"stage 2 16k", IOPT_ARM_64_LPAE_S2, IOPT_REGIME_STAGE2, 1 << 14, 25, 48, 48, false},
	{"stage 2 64k", IOPT_ARM_64_LPAE_S2, IOPT_REGIME_STAGE2, 1 << 16, 25, 52, 52, false},
	{"aarch32 lpae", IOPT_ARM_32_LPAE_S1, IOPT_REGIME_EL1, 1 << 12, 25, 32, 40, false},
	{"aarch32 stage 2", IOPT_ARM_32_LPAE_S2, IOPT_REGIME_STAGE2, 1 << 12, 25, 40, 40, false},
	{"v7s", IOPT_ARM_V7S, IOPT_REGIME_EL1, 1 << 12, 25, 32, 32, false},
};

struct trial {
	const struct row *row;
	uint64_t random;
	struct space_desc descs[2];
	struct pgtable tree;
	struct plan_region regions[REGIONS_MAX];
	size_t count;
	struct plan plan;
	struct iopt_memory *memory;
	struct iopt_domain *domain;
	uint64_t tables[PGTABLE_LEVELS];
	uint64_t mapped; /* bytes that extents cover */
};

static uint64_t draw(struct trial *t, uint64_t below)
{
	t->random ^= t->random << 13;
	t->random ^= t->random >> 7;
	t->random ^= t->random << 17;
	return (t->random * UINT64_C(0x2545f4914f6cdd1d) >> 11) % below;
}

static void describe(struct trial *t)
{
	const struct row *row = t->row;
	struct build_config config = {
		.format = row->format,
		.regime = row->regime,
		.granule = row->granule,
		.oas = row->oas,
		.mair = 0xff44,
	};
	const char *member;
	unsigned count;

	config.halves[row->upper].there = true;
	config.halves[row->upper].ias =
		row->ias_min + (unsigned)draw(t, row->ias_max - row->ias_min + 1);
	assert_int_equal(build_describe(&config, t->descs, &count, &member, NULL), 0);
	assert_int_equal(space_init(&t->tree, NULL, &t->descs[0], NULL), 0);
}

static struct attrs_wish draw_wish(struct trial *t)
{
	static const char *const memories[] = {"normal-wb", "normal-nc"};
	struct attrs_wish w = {
		.access = draw(t, 2) ? 6 : 5, .share = IOPT_SHARE_INNER, .global = true};

	if (t->row->regime == IOPT_REGIME_STAGE2)
		w.el0 = w.access;
	strcpy(w.memory, memories[draw(t, 2)]);
	return w;
}

/* A size of a leaf, or of one granule: regions begin, end and differ at edges of one. */
static uint64_t draw_unit(struct trial *t)
{
	const struct pgtable_format *f = t->tree.ops->format;
	int level =
		f->last_level - (int)draw(t, (unsigned)(f->last_level - f->first_leaf_level) + 1);
	unsigned shift = block_shift(f, level);

	if (draw(t, 3) == 0)
		shift += contiguous_shift(f, level);
	return shift >= t->tree.ias ? BIT(f->granule_shift) : BIT(shift);
}

static bool is_free(const struct trial *t, uint64_t first, uint64_t last)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct plan_region *r = &t->regions[i];

		if (first <= r->va + (r->size - 1) && r->va <= last)
			return false;
	}
	return true;
}

static void draw_region(struct trial *t)
{
	const uint64_t granule = BIT(t->tree.ops->format->granule_shift);
	uint64_t unit = draw_unit(t), space = t->tree.iova_mask, last;
	struct plan_region r = {.name = "r", .refines = PLAN_NONE, .no_runs = !draw(t, 4)};

	r.size = (1 + draw(t, 40)) * (draw(t, 2) ? unit : granule);
	if (r.size - 1 > space)
		return;
	/* often the very last bytes of the space */
	r.va = draw(t, 6)
		       ? align_down(draw(t, space - (r.size - 1) + 1), draw(t, 2) ? unit : granule)
		       : space - (r.size - 1);
	r.va |= t->tree.iova_base;
	if (__builtin_add_overflow(r.va, r.size - 1, &last) || !is_free(t, r.va, last))
		return;
	r.pa = draw(t, low_bits(t->tree.oas) - (r.size - 1));
	unit = draw_unit(t);
	r.pa = align_down(r.pa, unit) + (draw(t, 3) ? r.va & (unit - 1) : 0);
	if (r.pa + (r.size - 1) > low_bits(t->tree.oas))
		return;
	r.wish = draw_wish(t);
	t->regions[t->count++] = r;
}

static int count_table(void *arg, const struct iopt_table *table)
{
	struct trial *t = arg;

	assert_false(table->again);
	t->tables[table->level - PGTABLE_LEVEL_MIN]++;
	return 0;
}

static const struct plan_region *region_at(const struct trial *t, uint64_t va)
{
	for (size_t i = 0; i < t->count; i++)
		if (va - t->regions[i].va < t->regions[i].size)
			return &t->regions[i];
	return NULL;
}

/* Does [first, last] hold an aligned stretch of 'size' whose outputs are aligned, too? */
static bool holds(uint64_t first, uint64_t last, uint64_t pa, uint64_t size)
{
	uint64_t at = align_up(first, size);

	return !((first ^ pa) & (size - 1)) && at >= first && at <= last && last - at >= size - 1;
}

/* Larger leaves, or joined ones, would have fitted nowhere. */
static void check_best(const struct trial *t, const struct plan_region *r,
		       const struct iopt_extent *e, uint64_t first, uint64_t last, bool contiguous)
{
	const struct pgtable_format *f = t->tree.ops->format;
	const uint64_t pa = r->pa + (first - r->va), slot = BIT(block_shift(f, e->level));
	const unsigned joins = contiguous_shift(f, e->level);
	const int level = e->level - 1;

	if (level >= f->first_leaf_level && level >= t->tree.start_level)
		assert_false(holds(first, last, pa, BIT(block_shift(f, level))));
	if (!r->no_runs && joins && !contiguous && e->size == slot)
		assert_false(holds(first, last, pa, slot << joins));
	if (r->no_runs)
		assert_true(e->size == slot && !contiguous);
}

/* An extent may lie in several regions that go on alike: it is looked at region by region. */
static int check_extent(void *arg, const struct iopt_extent *e)
{
	struct trial *t = arg;
	struct iopt_attrs a;
	uint64_t done = 0, bytes = e->count * e->size;

	space_attrs(&t->domain->spaces[0], e->desc, e->level, e->inherited, &a);
	while (done < bytes) {
		const struct plan_region *r = region_at(t, e->iova + done);

		assert_non_null(r);
		assert_int_equal(e->pa + done, r->pa + (e->iova + done - r->va));
		assert_int_equal(a.access[0].access, r->wish.access);
		assert_string_equal(a.memory, r->wish.memory);
		check_best(t, r, e, e->iova + done,
			   min_u64(e->iova + (bytes - 1), r->va + (r->size - 1)), a.contiguous);
		done += min_u64(bytes - done, r->size - (e->iova + done - r->va));
	}
	t->mapped += bytes;
	return 0;
}

static void check_tables(struct trial *t)
{
	struct iopt_visitor visitor = IOPT_INIT(struct iopt_visitor);
	uint64_t wanted = 0, end;
	struct image image;

	visitor.last = UINT64_MAX;
	visitor.table = count_table;
	visitor.extent = check_extent;
	visitor.arg = t;
	memset(t->tables, 0, sizeof(t->tables));
	t->mapped = 0;
	assert_int_equal(iopt_domain_visit(t->domain, 0, &visitor), 0);
	assert_memory_equal(t->tables, t->plan.tables, sizeof(t->tables));
	for (size_t i = 0; i < t->count; i++)
		wanted += t->regions[i].size;
	assert_int_equal(t->mapped, wanted);
	assert_int_equal(image_plan(&image, t->domain, NULL, NULL), 0);
	assert_int_equal(plan_end(&t->plan, image.base, &end), 0);
	assert_int_equal(end - image.base, image.size);
	image_free(&image);
}

static void run_trial(struct trial *t)
{
	const uint64_t base = UINT64_C(0x40000000);
	struct plan_blame blame;
	int ret;

	t->count = 0;
	describe(t);
	for (unsigned i = 0; i < REGIONS_MAX && t->count < REGIONS_MAX; i++)
		draw_region(t);
	if (!t->count)
		return;
	ret = plan_make(&t->plan, &t->tree, t->regions, t->count, &blame, NULL);
	assert_int_equal(ret, 0);
	if (t->plan.table_count <= 3000) {
		assert_int_equal(iopt_memory_create(&t->memory), 0);
		assert_int_equal(
			build_domain(t->memory, &t->descs[0], &t->plan, 1, base, &t->domain, NULL),
			0);
		check_tables(t);
		iopt_domain_destroy(t->domain);
		iopt_memory_destroy(t->memory);
	}
	plan_free(&t->plan);
}

static void run_row(void **state)
{
	const struct row *row = *state;
	struct trial t = {.row = row};

	t.random = seed * UINT64_C(0x9e3779b97f4a7c15) + (uint64_t)(row - ROWS) + 1;
	for (uint64_t i = 0; i < trials; i++)
		run_trial(&t);
}

static uint64_t number_or(const char *text, uint64_t otherwise)
{
	return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

int main(int argc, char **argv)
{
	struct CMUnitTest tests[ARRAY_SIZE(ROWS)] = {0};

	trials = number_or(argc > 1 ? argv[1] : getenv("IOPT_PROPERTY_OPS"), TRIALS);
	seed = number_or(argc > 2 ? argv[2] : getenv("IOPT_PROPERTY_SEED"), 1);
	for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++)
		tests[i] = (struct CMUnitTest){.name = ROWS[i].name,
					       .test_func = run_row,
					       .initial_state = (void *)&ROWS[i]};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
