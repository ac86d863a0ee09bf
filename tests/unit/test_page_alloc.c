/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "iopt.h"
#include "page_alloc.h"

#define KIB(n) ((uint64_t)(n) << 10)
#define MIB(n) ((uint64_t)(n) << 20)
#define GIB(n) ((uint64_t)(n) << 30)

static struct page_alloc fresh(void)
{
	return (struct page_alloc){.budget = UINT64_MAX};
}

static uint64_t take(struct page_alloc *p, unsigned shift)
{
	uint64_t pa = 0;

	assert_int_equal(page_alloc(p, shift, &pa), 0);
	assert_int_equal(pa & (BIT(shift) - 1), 0);
	return pa;
}

static void refuse(struct page_alloc *p, unsigned shift)
{
	uint64_t pa = 0x5a5a;

	assert_int_equal(page_alloc(p, shift, &pa), -IOPT_ENOMEM);
	assert_int_equal(pa, 0x5a5a);
}

static void test_lowest_first(void **state)
{
	struct page_alloc p = fresh();

	(void)state;
	assert_int_equal(page_alloc_add(&p, 0x80000000, GIB(1)), 0);
	assert_int_equal(take(&p, 12), 0x80000000);
	assert_int_equal(take(&p, 14), 0x80004000);
	assert_int_equal(take(&p, 10), 0x80001000);
	assert_int_equal(take(&p, 12), 0x80002000);
	assert_int_equal(take(&p, 10), 0x80001400);
	assert_int_equal(page_free(&p, 0x80000000), 4096);
	assert_int_equal(take(&p, 11), 0x80000000);
	assert_int_equal(take(&p, 12), 0x80003000);
	assert_int_equal(p.allocated, KIB(2 + 16 + 1 + 4 + 1 + 4));
	page_alloc_destroy(&p);
}

/* The lowest zone first, whatever the order in which they were added. */
static void test_zones_by_address(void **state)
{
	struct page_alloc p = fresh();

	(void)state;
	assert_int_equal(page_alloc_add(&p, GIB(8), MIB(1)), 0);
	assert_int_equal(page_alloc_add(&p, GIB(2), KIB(4)), 0);
	assert_int_equal(page_alloc_add(&p, GIB(4), MIB(1)), 0);
	assert_int_equal(take(&p, 12), GIB(2));
	assert_int_equal(take(&p, 12), GIB(4));
	assert_int_equal(take(&p, 20), GIB(8));
	refuse(&p, 20);
	assert_int_equal(page_free(&p, GIB(8)), MIB(1));
	assert_int_equal(page_free(&p, GIB(3)), 0);
	assert_int_equal(page_free(&p, 0), 0);
	assert_int_equal(page_free(&p, UINT64_MAX), 0);
	page_alloc_destroy(&p);
}

static void test_coalesce(void **state)
{
	struct page_alloc p = fresh();
	uint64_t i;

	(void)state;
	assert_int_equal(page_alloc_add(&p, GIB(1), GIB(1)), 0);
	for (i = 0; i < KIB(256); i++)
		assert_int_equal(take(&p, 12), GIB(1) + i * 4096);
	refuse(&p, 10);
	for (i = 0; i < KIB(256); i += 2)
		assert_int_equal(page_free(&p, GIB(1) + i * 4096), 4096);
	refuse(&p, 13);
	for (i = 1; i < KIB(256); i += 2)
		assert_int_equal(page_free(&p, GIB(1) + i * 4096), 4096);
	assert_int_equal(p.allocated, 0);
	assert_int_equal(take(&p, 30), GIB(1));
	refuse(&p, 10);
	assert_int_equal(page_free(&p, GIB(1)), GIB(1));
	page_alloc_destroy(&p);
}

static void test_foreign_free(void **state)
{
	struct page_alloc p = fresh();
	uint64_t pa;

	(void)state;
	assert_int_equal(page_free(&p, 0), 0);
	assert_int_equal(page_alloc_add(&p, MIB(64), MIB(64)), 0);
	assert_int_equal(page_free(&p, MIB(64)), 0);
	pa = take(&p, 14);
	assert_int_equal(page_free(&p, pa + 1), 0);
	assert_int_equal(page_free(&p, pa + 1024), 0);
	assert_int_equal(page_free(&p, pa + 4096), 0);
	assert_int_equal(page_free(&p, pa + KIB(16)), 0);
	assert_int_equal(page_free(&p, pa), KIB(16));
	assert_int_equal(page_free(&p, pa), 0);
	/* One block again, of which a part is no allocation. */
	assert_int_equal(take(&p, 26), MIB(64));
	assert_int_equal(page_free(&p, MIB(64) + 4096), 0);
	assert_int_equal(page_free(&p, MIB(64)), MIB(64));
	assert_int_equal(page_free(&p, MIB(64)), 0);
	assert_int_equal(p.allocated, 0);
	page_alloc_destroy(&p);
}

static void test_arguments(void **state)
{
	struct page_alloc p = fresh();
	uint64_t pa;

	(void)state;
	assert_int_equal(page_alloc_add(&p, 0, 0), -IOPT_EINVAL);
	assert_int_equal(page_alloc_add(&p, 0x800, 4096), -IOPT_EINVAL);
	assert_int_equal(page_alloc_add(&p, 4096, 0x1800), -IOPT_EINVAL);
	assert_int_equal(page_alloc_add(&p, -UINT64_C(4096), 8192), -IOPT_ERANGE);
	assert_int_equal(page_alloc_add(&p, 4096, -UINT64_C(4096)), -IOPT_ERANGE);
	assert_int_equal(page_alloc_add(&p, 0, BIT(52) + 4096), -IOPT_ERANGE);
	assert_int_equal(p.zone_count, 0);
	assert_int_equal(page_alloc(&p, 12, &pa), -IOPT_ENOMEM);
	assert_int_equal(page_alloc(&p, 9, &pa), -IOPT_EINVAL);
	assert_int_equal(page_alloc(&p, 31, &pa), -IOPT_EINVAL);
	assert_int_equal(page_alloc(&p, 0, &pa), -IOPT_EINVAL);
	page_alloc_destroy(&p);
}

/* Windows that begin and end where no tree does; at the very top and bottom of the space. */
static void test_odd_zones(void **state)
{
	static const struct {
		uint64_t base, bytes;
	} zones[] = {
		{0, KIB(4)},
		{KIB(4), MIB(3) + KIB(4)},
		{GIB(3) - KIB(12), KIB(24)},
		{MIB(63) + KIB(4), MIB(130)},
		{BIT(40) + KIB(20), MIB(65)},
		{-UINT64_C(4096), KIB(4)},
		{-(MIB(70) + KIB(4)), MIB(70) + KIB(4)},
		{-(GIB(1) + KIB(8)), GIB(1) + KIB(8)},
	};
	size_t z;

	(void)state;
	for (z = 0; z < ARRAY_SIZE(zones); z++) {
		struct page_alloc p = fresh();
		uint64_t pages = zones[z].bytes >> 12, i;

		assert_int_equal(page_alloc_add(&p, zones[z].base, zones[z].bytes), 0);
		for (i = 0; i < pages; i++)
			assert_int_equal(take(&p, 12), zones[z].base + (i << 12));
		refuse(&p, 10);
		assert_int_equal(p.allocated, zones[z].bytes);
		for (i = pages; i--;)
			assert_int_equal(page_free(&p, zones[z].base + (i << 12)), 4096);
		assert_int_equal(p.allocated, 0);
		assert_int_equal(page_free(&p, zones[z].base - 4096), 0);
		assert_int_equal(page_free(&p, zones[z].base + zones[z].bytes), 0);
		page_alloc_destroy(&p);
	}
}

static void test_budget(void **state)
{
	uint64_t n, i, pa;

	(void)state;
	for (n = 0; n < 20; n++) {
		struct page_alloc p = fresh();

		assert_int_equal(page_alloc_add(&p, 0, MIB(1)), 0);
		p.budget = n;
		for (i = 0; i < n; i++)
			assert_int_equal(take(&p, 12), i << 12);
		refuse(&p, 12);
		/* A page given back does not buy another one. */
		if (n)
			assert_int_equal(page_free(&p, 0), 4096);
		refuse(&p, 12);
		p.budget = 1;
		assert_int_equal(page_alloc(&p, 21, &pa), -IOPT_ENOMEM);
		assert_int_equal(p.budget, 1);
		take(&p, 12);
		refuse(&p, 12);
		p.budget = UINT64_MAX;
		take(&p, 12);
		assert_int_equal(p.budget, UINT64_MAX);
		page_alloc_destroy(&p);
	}
}

static void test_reserve(void **state)
{
	struct page_alloc p = fresh();

	(void)state;
	assert_int_equal(page_alloc_add(&p, MIB(64), MIB(128)), 0);
	assert_int_equal(page_alloc_add(&p, MIB(256), MIB(64)), 0);
	/* Single bytes take their unit; what is in no zone does not matter. */
	assert_int_equal(page_alloc_reserve(&p, MIB(64) + 5, MIB(64) + 5), 0);
	assert_int_equal(page_alloc_reserve(&p, 0, KIB(4)), 0);
	assert_int_equal(take(&p, 10), MIB(64) + KIB(1));
	assert_int_equal(take(&p, 12), MIB(64) + KIB(4));
	assert_int_equal(page_free(&p, MIB(64)), 0);
	/* All or nothing. */
	assert_true(page_alloc_busy(&p, MIB(64) + KIB(7), MIB(64) + KIB(9)));
	assert_int_equal(page_alloc_reserve(&p, MIB(64) + KIB(7), UINT64_MAX), -IOPT_EBUSY);
	assert_int_equal(page_free(&p, MIB(64) + KIB(4)), 4096);
	assert_false(page_alloc_busy(&p, MIB(64) + KIB(4), UINT64_MAX));
	assert_int_equal(page_alloc_reserve(&p, MIB(64) + KIB(4), MIB(256) - 1), 0);
	assert_int_equal(take(&p, 11), MIB(64) + KIB(2));
	assert_int_equal(take(&p, 10), MIB(256));
	/* Again, and across what is reserved. */
	assert_int_equal(page_alloc_reserve(&p, MIB(100), MIB(110)), 0);
	assert_int_equal(page_free(&p, MIB(256)), 1024);
	assert_int_equal(page_alloc_reserve(&p, MIB(90), MIB(256) + KIB(1)), 0);
	assert_int_equal(take(&p, 12), MIB(256) + KIB(4));
	assert_int_equal(take(&p, 10), MIB(256) + KIB(2));
	assert_int_equal(p.allocated, KIB(1 + 2 + 4 + 1));
	page_alloc_destroy(&p);
}

/* Nothing is touched before it is needed. */
static void test_huge_zones(void **state)
{
	struct page_alloc p = fresh();
	uint64_t base = BIT(56);
	unsigned i;

	(void)state;
	for (i = 0; i < 4; i++)
		assert_int_equal(page_alloc_add(&p, base + i * BIT(44), BIT(44)), 0);
	for (i = 0; i < 1000; i++)
		assert_int_equal(take(&p, 30), base + GIB(i));
	assert_int_equal(take(&p, 12), base + GIB(1000));
	assert_int_equal(page_alloc_reserve(&p, base + GIB(1001), base + 3 * BIT(44)), 0);
	assert_int_equal(take(&p, 29), base + GIB(1000) + MIB(512));
	assert_int_equal(take(&p, 30), base + 3 * BIT(44) + GIB(1));
	page_alloc_destroy(&p);
}

/* ---- against a model: one byte for each unit of 1 KiB ---- */

enum { MODEL_UNITS = 3 * 65536 / 2 + 20, MODEL_BLOCKS = 4096 };

static const uint64_t model_base = GIB(5) + MIB(20) + KIB(4);

struct model {
	struct page_alloc p;
	uint8_t taken[MODEL_UNITS];
	struct {
		uint64_t pa;
		unsigned shift;
	} blocks[MODEL_BLOCKS];
	size_t block_count;
	uint64_t seed;
};

static uint64_t random_number(struct model *m)
{
	m->seed ^= m->seed << 13;
	m->seed ^= m->seed >> 7;
	m->seed ^= m->seed << 17;
	return m->seed;
}

static bool model_is_free(const struct model *m, uint64_t unit, uint64_t count)
{
	while (count--)
		if (m->taken[unit++])
			return false;
	return true;
}

/* The lowest aligned free block; false: there is none. */
static bool model_find(const struct model *m, unsigned shift, uint64_t *pa)
{
	uint64_t end = model_base + KIB(MODEL_UNITS), at;

	for (at = align_up(model_base, BIT(shift)); at + BIT(shift) <= end; at += BIT(shift)) {
		if (model_is_free(m, (at - model_base) >> 10, BIT(shift) >> 10)) {
			*pa = at;
			return true;
		}
	}
	return false;
}

static void model_mark(struct model *m, uint64_t pa, uint64_t bytes, uint8_t mark)
{
	memset(&m->taken[(pa - model_base) >> 10], mark, bytes >> 10);
}

static void model_alloc(struct model *m)
{
	static const unsigned shifts[] = {10, 11, 12, 12, 12, 13, 14, 16, 18, 21, 24, 26};
	unsigned shift = shifts[random_number(m) % ARRAY_SIZE(shifts)];
	uint64_t pa, want = 0;
	bool there = model_find(m, shift, &want);

	if (m->block_count == MODEL_BLOCKS)
		return;
	assert_int_equal(page_alloc(&m->p, shift, &pa), there ? 0 : -IOPT_ENOMEM);
	if (!there)
		return;
	assert_int_equal(pa, want);
	model_mark(m, pa, BIT(shift), 1);
	m->blocks[m->block_count].pa = pa;
	m->blocks[m->block_count++].shift = shift;
}

static void model_free(struct model *m)
{
	size_t i = m->block_count ? random_number(m) % m->block_count : 0;
	uint64_t pa;
	unsigned shift;

	if (!m->block_count)
		return;
	pa = m->blocks[i].pa;
	shift = m->blocks[i].shift;
	assert_int_equal(page_free(&m->p, pa + (random_number(m) % BIT(shift) | 1)), 0);
	assert_int_equal(page_free(&m->p, pa), BIT(shift));
	assert_int_equal(page_free(&m->p, pa), 0);
	model_mark(m, pa, BIT(shift), 0);
	m->blocks[i] = m->blocks[--m->block_count];
}

/* Any address: freed exactly if a block begins there. */
static void model_free_anywhere(struct model *m)
{
	uint64_t pa = model_base + KIB(random_number(m) % MODEL_UNITS);
	size_t i;

	for (i = 0; i < m->block_count; i++)
		if (m->blocks[i].pa == pa)
			return;
	assert_int_equal(page_free(&m->p, pa), 0);
}

static void model_reserve(struct model *m)
{
	uint64_t first = random_number(m) % MODEL_UNITS, count = 1 + random_number(m) % 40, i;
	bool busy = false;

	if (first + count > MODEL_UNITS)
		count = MODEL_UNITS - first;
	for (i = first; i < first + count; i++)
		busy |= m->taken[i] == 1;
	assert_int_equal(page_alloc_reserve(&m->p, model_base + KIB(first),
					    model_base + KIB(first + count) - 1),
			 busy ? -IOPT_EBUSY : 0);
	if (!busy)
		model_mark(m, model_base + KIB(first), KIB(count), 2);
}

static void test_model(void **state)
{
	struct model *m = calloc(1, sizeof(*m));
	unsigned round;

	(void)state;
	assert_non_null(m);
	m->p = fresh();
	m->seed = 88172645463325252u;
	assert_int_equal(page_alloc_add(&m->p, model_base, KIB(MODEL_UNITS)), 0);
	for (round = 0; round < 100000; round++) {
		uint64_t dice = random_number(m) % 100;

		/* Waves: mostly filling, then mostly emptying. */
		if (dice < ((round / 5000) % 2 ? 40 : 55))
			model_alloc(m);
		else if (dice < 98)
			model_free(m);
		else if (dice < 99)
			model_free_anywhere(m);
		else if (round % 20 == 0)
			model_reserve(m);
	}
	page_alloc_destroy(&m->p);
	free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lowest_first), cmocka_unit_test(test_zones_by_address),
		cmocka_unit_test(test_coalesce),     cmocka_unit_test(test_foreign_free),
		cmocka_unit_test(test_arguments),    cmocka_unit_test(test_odd_zones),
		cmocka_unit_test(test_budget),	     cmocka_unit_test(test_reserve),
		cmocka_unit_test(test_huge_zones),   cmocka_unit_test(test_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
