/* SPDX-License-Identifier: MIT */
/* What a plan refuses and whom it blames; refinements, guards, and what regions cost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "build.h"

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

static struct pgtable tree_of(enum iopt_format format, unsigned ias)
{
	struct build_config config = {
		.format = format,
		.mair = 0xff44,
		.halves = {{.there = true, .ias = ias}},
	};
	struct space_desc spaces[2];
	struct pgtable tree;
	const char *member;
	unsigned count;

	assert_int_equal(build_describe(&config, spaces, &count, &member, NULL), 0);
	assert_int_equal(space_init(&tree, NULL, &spaces[0], NULL), 0);
	return tree;
}

static struct plan_region region(const char *name, uint64_t va, uint64_t pa, uint64_t size)
{
	return (struct plan_region){
		.name = name,
		.va = va,
		.pa = pa,
		.size = size,
		.wish = {.access = 6,
			 .memory = "normal-wb",
			 .share = IOPT_SHARE_INNER,
			 .global = true},
		.refines = PLAN_NONE,
	};
}

static void assert_blames(const struct plan_region *regions, size_t count, int code, size_t who,
			  const char *member, const char *why)
{
	struct pgtable tree = tree_of(IOPT_ARM_64_LPAE_S1, 39);
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct plan_blame blame = {0};
	struct plan plan;

	assert_int_equal(plan_make(&plan, &tree, regions, count, &blame, &error), -code);
	plan_free(&plan);
	assert_int_equal(blame.region, who);
	assert_string_equal(blame.member, member);
	if (!strstr(error.message, why))
		fail_msg("%s", error.message);
}

static void test_refused(void **state)
{
	struct plan_region r[3] = {region("a", 0x10000, 0, 0x10000)};

	(void)state;
	r[0].size = 0;
	assert_blames(r, 1, IOPT_EINVAL, 0, "size", "region a is empty");
	r[0] = region("a", 0x10800, 0, 0x1000);
	assert_blames(r, 1, IOPT_EINVAL, 0, "va", "va 0x10800 is not a multiple of 0x1000");
	r[0] = region("a", 0x10000, 0x10, 0x1000);
	assert_blames(r, 1, IOPT_EINVAL, 0, "pa", "pa 0x10 is not a multiple");
	r[0] = region("a", 0x7fffff000, 0, BIT(39));
	assert_blames(r, 1, IOPT_ERANGE, 0, "va", "what 39 bits (ias) translate");
	r[0] = region("a", UINT64_MAX - 0xfff, 0, 0x2000);
	assert_blames(r, 1, IOPT_ERANGE, 0, "va", "leaves 0x0..0x7fffffffff");
	r[0] = region("a", 0, BIT(48) - 0x1000, 0x2000);
	assert_blames(r, 1, IOPT_ERANGE, 0, "pa", "48 bits of output addresses");
	r[0] = region("a", 0, 0, 2 * MIB);
	r[0].page_size = 64 * KIB;
	assert_blames(r, 1, IOPT_EINVAL, 0, "page_size", "no leaves of 0x10000 bytes");
	r[0].page_size = 2 * MIB;
	r[0].pa = MIB;
	assert_blames(r, 1, IOPT_EINVAL, 0, "pa", "0x200000, its page_size");
	r[0] = region("a", 0, 0, MIB);
	r[0].wish.el0 = 4;
	assert_blames(r, 1, IOPT_EINVAL, 0, "access", "means el1 rw- with el0 r--");
}

static void test_overlaps(void **state)
{
	struct plan_region r[3] = {region("low", 0x10000, 0, 0x10000),
				   region("high", 0x1f000, 0, 0x1000)};

	(void)state;
	assert_blames(r, 2, IOPT_EEXIST, 1, "va",
		      "regions low (0x10000..0x1ffff) and high (0x1f000..0x1ffff) overlap");
	r[1].refines = 0;
	r[1].size = 0x2000;
	assert_blames(r, 2, IOPT_ERANGE, 1, "refines", "past low, which it refines");
	r[1].va = 0x40000;
	assert_blames(r, 2, IOPT_ERANGE, 1, "refines", "region high is not within low");
	/* two that refine the same one do not overlap either */
	r[1] = region("one", 0x11000, 0, 0x2000);
	r[2] = region("two", 0x12000, 0, 0x2000);
	r[1].refines = r[2].refines = 0;
	assert_blames(r, 3, IOPT_EEXIST, 2, "va", "regions one (");
}

static void test_guards(void **state)
{
	struct plan_region r[3] = {region("stack", 0x10000, 0, 0x1000),
				   region("heap", 0x12000, 0, 0x1000)};

	(void)state;
	r[0].guard = 0x2000;
	assert_blames(r, 2, IOPT_EEXIST, 1, "va", "heap is in the guard between it and stack");
	r[0].guard = 0;
	r[1].guard = 0x2000;
	assert_blames(r, 2, IOPT_EEXIST, 1, "va", "heap is in the guard between it and stack");
}

/* The page that refines a block, and its guards, are cut out of it. */
static void test_refines(void **state)
{
	struct pgtable tree = tree_of(IOPT_ARM_64_LPAE_S1, 39);
	struct plan_region r[] = {region("ram", 0, 0x40000000, 2 * MIB),
				  region("stack", 0x100000, 0x80000000, 0x1000)};
	struct plan_blame blame;
	struct plan plan;

	(void)state;
	r[1].refines = 0;
	r[1].guard = 0x1000;
	assert_int_equal(plan_make(&plan, &tree, r, 2, &blame, NULL), 0);
	assert_int_equal(plan.count, 3);
	assert_int_equal(plan.spans[0].map.bytes, 0xff000);
	assert_int_equal(plan.spans[1].map.iova, 0x100000);
	assert_int_equal(plan.spans[1].map.oa, 0x80000000);
	assert_int_equal(plan.spans[2].map.iova, 0x102000);
	assert_int_equal(plan.spans[2].map.oa, 0x40102000);
	assert_int_equal(plan.table_count, 3);
	plan_free(&plan);
	/* all of it, to the byte */
	r[1] = r[0];
	r[1].refines = 0;
	r[1].wish.access = 4;
	assert_int_equal(plan_make(&plan, &tree, r, 2, &blame, NULL), 0);
	assert_int_equal(plan.count, 1);
	assert_int_equal(plan.spans[0].region, 1);
	plan_free(&plan);
}

/* Neighbours that go on alike become one block; an address apart they do not. */
static void test_joins(void **state)
{
	struct pgtable tree = tree_of(IOPT_ARM_64_LPAE_S1, 39);
	struct plan_region r[] = {region("a", 2 * MIB, 2 * MIB, MIB),
				  region("b", 3 * MIB, 3 * MIB, MIB)};
	struct plan_blame blame;
	struct plan plan;

	(void)state;
	assert_int_equal(plan_make(&plan, &tree, r, 2, &blame, NULL), 0);
	assert_int_equal(plan.count, 1);
	assert_int_equal(plan.table_count, 2);
	plan_free(&plan);
	r[1].pa += 0x1000;
	assert_int_equal(plan_make(&plan, &tree, r, 2, &blame, NULL), 0);
	assert_int_equal(plan.count, 2);
	assert_int_equal(plan.table_count, 3);
	plan_free(&plan);
}

static void test_cost(void **state)
{
	struct pgtable tree = tree_of(IOPT_ARM_64_LPAE_S1, 39);
	struct plan_region r = region("a", GIB + 0x1000, GIB, 16 * MIB);
	struct plan_blame blame;
	struct plan_cost cost;
	struct plan plan;

	(void)state;
	assert_int_equal(plan_make(&plan, &tree, &r, 1, &blame, NULL), 0);
	cost = plan_cost(&plan, &r);
	assert_int_equal(cost.tables, 10);
	assert_int_equal(cost.align, 2 * MIB);
	assert_int_equal(cost.saves, 9);
	assert_int_equal(plan.table_count, 11);
	plan_free(&plan);
}

/* Short descriptors keep PXN in the table: pages that differ in it cannot share one. */
static void test_shared_table(void **state)
{
	struct pgtable tree = tree_of(IOPT_ARM_V7S, 32);
	struct plan_region r[] = {region("user", 0x1000, 0x1000, 0x1000),
				  region("kernel", 0x3000, 0x3000, 0x1000)};
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct plan_blame blame;
	struct plan plan;

	(void)state;
	r[0].wish.access = 4;
	r[0].wish.el0 = 5;
	r[1].wish.access = 5;
	assert_int_equal(plan_make(&plan, &tree, r, 2, &blame, &error), -IOPT_EEXIST);
	assert_int_equal(blame.region, 1);
	assert_non_null(strstr(error.message, "regions user and kernel share a table"));
	plan_free(&plan);
	r[1].va += MIB;
	assert_int_equal(plan_make(&plan, &tree, r, 2, &blame, &error), 0);
	plan_free(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),	     cmocka_unit_test(test_overlaps),
		cmocka_unit_test(test_guards),	     cmocka_unit_test(test_refines),
		cmocka_unit_test(test_joins),	     cmocka_unit_test(test_cost),
		cmocka_unit_test(test_shared_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
