/* SPDX-License-Identifier: MIT */
/*
 * Tables that were found in memory, not made: shared, recursive, partly absent, hostile, in halves
 * and below a second stage.  A walk from the root is always right; here everything else is held
 * against it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "domain.h"
#include "stage2_view.h"

#define LPAE_39	   "tcr=0x500000019"
#define V7S	   "arch=3"
#define NOT_MAPPED UINT64_MAX

static struct iopt_memory *memory_with(uint64_t base, uint64_t size)
{
	struct iopt_memory *m;

	assert_int_equal(iopt_memory_create(&m), 0);
	assert_int_equal(iopt_memory_add_ram(m, base, size, NULL), 0);
	return m;
}

static void put64(struct iopt_memory *m, uint64_t pa, uint64_t value)
{
	assert_int_equal(iopt_memory_write(m, pa, &value, sizeof(value)), 0);
}

static void put32(struct iopt_memory *m, uint64_t pa, uint32_t value)
{
	assert_int_equal(iopt_memory_write(m, pa, &value, sizeof(value)), 0);
}

/* "name=value name=value": a CPU's registers. */
static struct iopt_domain *open_cpu(struct iopt_memory *m, const char *registers,
				    struct iopt_domain *stage2)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct iopt_registers *r;
	struct iopt_domain *d = NULL;
	char text[256], *word, *rest = NULL;

	snprintf(text, sizeof(text), "%s", registers);
	assert_int_equal(iopt_registers_create(&r), 0);
	for (word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		char *value = strchr(word, '=');

		*value++ = '\0';
		iopt_registers_set(r, word, strtoull(value, NULL, 0));
	}
	if (iopt_domain_open_cpu(m, r, IOPT_REGIME_ANY, stage2, &d, &error))
		assert_null(d);
	iopt_registers_destroy(r);
	return d;
}

static uint64_t translate(struct iopt_domain *d, uint64_t iova)
{
	uint64_t pa;

	return iopt_translate(d, iova, &pa, NULL) ? NOT_MAPPED : pa;
}

static uint64_t map_pages(struct iopt_domain *d, uint64_t iova, uint64_t pa, uint64_t count)
{
	struct iopt_pages p = IOPT_INIT(struct iopt_pages);

	p.iova = iova;
	p.pa = pa;
	p.page_size = 0x1000;
	p.count = count;
	p.prot = IOPT_READ | IOPT_WRITE;
	iopt_map_pages(d, &p);
	return p.done;
}

static void finish(struct iopt_domain *d, struct iopt_memory *m)
{
	iopt_domain_destroy(d);
	iopt_memory_destroy(m);
}

/* A run in a first table that is shorter than one, and an index past its end. */
static void test_short_first_table(void **state)
{
	struct iopt_config config = IOPT_INIT(struct iopt_config);
	struct iopt_pages p = IOPT_INIT(struct iopt_pages);
	struct iopt_memory *m = memory_with(0x80000000, 1 << 20);
	struct iopt_domain *d;

	(void)state;
	config.format = IOPT_ARM_V7S;
	config.ias = 23;
	assert_int_equal(iopt_domain_create(m, &config, &d, NULL), 0);
	put32(m, 0x80000000, 0x56040c02); /* a supersection's first slot of eight */
	p.iova = 0x400000;
	p.pa = 0x40000000;
	p.page_size = 0x100000;
	p.count = 4;
	p.prot = IOPT_READ;
	assert_int_equal(iopt_map_pages(d, &p), 0);
	p.count = 5;
	iopt_unmap_pages(d, &p);
	assert_int_equal(p.done, 0x400000);
	assert_int_equal(translate(d, 0x123), 0x56000123);
	finish(d, m);
}

static void test_every_register_at_once(void **state)
{
	struct iopt_memory *m = memory_with(0x80000000, 1 << 20);
	struct iopt_space space = IOPT_INIT(struct iopt_space);
	struct iopt_domain *d =
		open_cpu(m,
			 V7S " ttbr0=0x80000000 ttbcr=0 sctlr=0x30000000 hcr=1 scr=1 "
			     "mair0=1 mair1=1 prrr=0x11 nmrr=0x22 dacr=0x55",
			 NULL);

	(void)state;
	assert_non_null(d);
	assert_int_equal(iopt_domain_space(d, 0, &space), 0);
	assert_in_range(space.register_count, 8, IOPT_REGISTERS_MAX);
	finish(d, m);
}

/* Self-maps: what one domain writes through its own tables is at once true for the other. */
static void test_recursive_tables(void **state)
{
	const uint64_t self = UINT64_C(511) << 30 | UINT64_C(511) << 21;
	struct iopt_memory *m = memory_with(0x80000000, 1 << 24);
	struct iopt_domain *d, *e;
	uint64_t gone;

	(void)state;
	put64(m, 0x80000ff8, 0x80000003);
	put64(m, 0x80000000, 0x80001003);
	put64(m, 0x80001000, 0x80002003);
	put64(m, 0x80002008, 0x12345743);
	d = open_cpu(m, "ttbr0=0x80000000 " LPAE_39, NULL);
	e = open_cpu(m, "ttbr0=0x80000000 " LPAE_39, NULL);
	assert_int_equal(map_pages(d, 0x2000, 0x40000000, 1), 0x1000);
	assert_int_equal(translate(d, 0x2000), 0x40000000);
	assert_int_equal(iopt_unmap(e, self, 0x1000, &gone), 0);
	assert_int_equal(translate(d, 0x2000), NOT_MAPPED);
	assert_int_equal(map_pages(d, 0x3000, 0x40000000, 1), 0x1000);
	assert_int_equal(translate(e, 0x3000), 0x40000000);
	iopt_domain_destroy(e);
	finish(d, m);
}

static void test_table_half_absent(void **state)
{
	struct iopt_memory *m;
	struct iopt_domain *d;

	(void)state;
	assert_int_equal(iopt_memory_create(&m), 0);
	assert_int_equal(memory_add_window(m, 0x10000000, 0x2000, NULL, 0), 0);
	assert_int_equal(memory_add_window(m, 0x10003000, 0x800, NULL, 0), 0);
	put64(m, 0x10000000, 0x10001003);
	put64(m, 0x10001000, 0x10003003);
	d = open_cpu(m, "ttbr0=0x10000000 " LPAE_39, NULL);
	assert_int_equal(map_pages(d, 0xff000, 0x40000000, 4), 0x1000);
	assert_int_equal(translate(d, 0xff000), 0x40000000);
	assert_int_equal(translate(d, 0x100000), NOT_MAPPED);
	assert_int_equal(map_pages(d, 0x180000, 0x50000000, 1), 0);
	finish(d, m);
}

/* What an opened domain has not made is not its to free. */
static void test_foreign_tables_stay(void **state)
{
	struct iopt_config config = IOPT_INIT(struct iopt_config);
	struct iopt_space space = IOPT_INIT(struct iopt_space);
	struct iopt_memory *m = memory_with(0x80000000, 1 << 26);
	struct iopt_domain *victim, *d;
	uint64_t before, gone;

	(void)state;
	assert_int_equal(iopt_domain_create(m, &config, &victim, NULL), 0);
	assert_int_equal(iopt_map(victim, 0x1000, 0x40000000, 0x1000, IOPT_READ), 0);
	iopt_domain_space(victim, 0, &space);
	before = iopt_memory_allocated(m);
	put64(m, 0x81000000, space.root | 3);
	d = open_cpu(m, "ttbr0=0x81000000 " LPAE_39, NULL);
	assert_int_equal(iopt_unmap(d, 0, 1 << 30, &gone), 0);
	assert_int_equal(iopt_memory_allocated(m), before);
	assert_int_equal(iopt_map(d, 0x40000000, 0x50000000, 0x1000, IOPT_READ), 0);
	assert_true(iopt_memory_allocated(m) > before);
	assert_int_equal(iopt_unmap(d, 0x40000000, 1 << 30, &gone), 0);
	assert_int_equal(iopt_memory_allocated(m), before);
	assert_int_equal(translate(victim, 0x1000), 0x40000000);
	iopt_domain_destroy(d);
	finish(victim, m);
}

/* ---- halves ---- */

static void test_ranges_over_two_halves(void **state)
{
	struct iopt_memory *m = memory_with(0x80000000, 1 << 24);
	struct iopt_domain *d = open_cpu(m, V7S " ttbr0=0x80004000 ttbr1=0x80000000 ttbcr=1", NULL);

	(void)state;
	assert_int_equal(iopt_map(d, 0x7ffff000, 0x40000000, 0x2000, IOPT_READ), 0);
	assert_int_equal(translate(d, 0x7ffff000), 0x40000000);
	assert_int_equal(translate(d, 0x80000000), 0x40001000);
	assert_int_equal(translate(d, 0), NOT_MAPPED);
	iopt_domain_destroy(d);
	d = open_cpu(m, "ttbr0=0x80010000 ttbr1=0x80011000 tcr=0x580100010", NULL);
	assert_int_equal(iopt_map(d, 0xfffffffffffff000, 0x40000000, 0x2000, IOPT_READ),
			 -IOPT_ERANGE);
	assert_int_equal(translate(d, 0), NOT_MAPPED);
	finish(d, m);
}

static void test_upper_half_alone(void **state)
{
	struct iopt_memory *m = memory_with(0x80000000, 1 << 20);
	struct iopt_walk walk = IOPT_INIT(struct iopt_walk);
	struct iopt_domain *d;

	(void)state;
	for (unsigned i = 0; i < 4096; i++)
		put32(m, 0x80000000 + 4 * i, (0x12300000 + (i << 20)) | 0xc02);
	d = open_cpu(m, V7S " ttbr0=0x80004000 ttbr1=0x80000000 ttbcr=0x11", NULL);
	assert_int_equal(translate(d, 0x1000), NOT_MAPPED);
	assert_int_equal(iopt_walk(d, 0x1000, 0, 1, &walk), -IOPT_EFAULT);
	assert_int_equal(walk.fault.type, IOPT_FAULT_TRANSLATION);
	assert_int_equal(translate(d, 0x80001000), 0x92301000);
	finish(d, m);
}

/* ---- short descriptors that Linux does not write ---- */

static void test_extended_supersection(void **state)
{
	struct iopt_memory *m = memory_with(0x80000000, 1 << 20);
	struct iopt_domain *d;
	uint64_t gone;

	(void)state;
	for (unsigned i = 0; i < 16; i++)
		put32(m, 0x80000000 + 4 * i, 0x56140c02); /* address bit 32 */
	d = open_cpu(m, V7S " ttbr0=0x80000000 ttbcr=0", NULL);
	assert_int_equal(translate(d, 0x345678), 0x156345678);
	assert_int_equal(iopt_unmap(d, 0, 0x100000, &gone), -IOPT_ENOENT);
	assert_int_equal(translate(d, 0x345678), 0x156345678);
	assert_int_equal(iopt_map(d, 0x2000000, 0x123456000, 0x1000, IOPT_READ), -IOPT_ERANGE);
	finish(d, m);
}

static void test_split_keeps_pxn(void **state)
{
	struct iopt_memory *m = memory_with(0x80000000, 1 << 20);
	struct iopt_walk before = IOPT_INIT(struct iopt_walk), after = before;
	struct iopt_domain *d;
	uint64_t gone;

	(void)state;
	put32(m, 0x80000000, 0x12300c03);
	d = open_cpu(m, V7S " ttbr0=0x80000000 ttbcr=0", NULL);
	assert_int_equal(iopt_walk(d, 0x5000, 0, 1, &before), 0);
	assert_int_equal(iopt_unmap(d, 0, 0x1000, &gone), 0);
	assert_int_equal(iopt_walk(d, 0x5000, 0, 1, &after), 0);
	assert_int_equal(after.pa, 0x12305000);
	assert_int_equal(after.attrs.access[0].access, before.attrs.access[0].access);
	finish(d, m);
}

/* ---- addresses beyond oas ---- */

static void test_tables_beyond_oas(void **state)
{
	struct iopt_config config = IOPT_INIT(struct iopt_config);
	struct iopt_memory *m = memory_with(0x100000000, 1 << 24);
	struct iopt_fault fault;
	struct iopt_domain *d;
	uint64_t pa;

	(void)state;
	config.ias = config.oas = 32;
	assert_int_equal(iopt_domain_create(m, &config, &d, NULL), 0);
	assert_int_equal(iopt_map(d, 0x1000, 0x10000000, 0x1000, IOPT_READ), 0);
	assert_int_equal(iopt_iova_to_phys(d, 0x1000),
			 0x10000000); /* Linux looks at the tables only */
	assert_int_equal(iopt_translate(d, 0x1000, &pa, &fault), -IOPT_EFAULT);
	assert_int_equal(fault.type, IOPT_FAULT_ADDRESS_SIZE);
	finish(d, m);
}

/* ---- a second stage ---- */

struct nested {
	struct iopt_memory *m;
	struct iopt_domain *stage1, *stage2;
};

/* IPA 0..64K is PA 0x81000000; stage 1's tables are at IPA 0, 0x1000 and 0x2000. */
static struct nested nested_open(void)
{
	struct iopt_config config = IOPT_INIT(struct iopt_config);
	struct nested n = {.m = memory_with(0x80000000, 1 << 26)};

	config.format = IOPT_ARM_64_LPAE_S2;
	config.ias = 39;
	assert_int_equal(iopt_domain_create(n.m, &config, &n.stage2, NULL), 0);
	assert_int_equal(iopt_map(n.stage2, 0, 0x81000000, 0x10000, IOPT_READ | IOPT_WRITE), 0);
	put64(n.m, 0x81000000, 0x1003);
	put64(n.m, 0x81001000, 0x2003);
	put64(n.m, 0x81002000, 0x5f43);
	n.stage1 = open_cpu(n.m, "ttbr0=0 mair=0xff " LPAE_39, n.stage2);
	assert_non_null(n.stage1);
	return n;
}

static void nested_close(struct nested *n)
{
	iopt_domain_destroy(n->stage1);
	finish(n->stage2, n->m);
}

static void test_nested_is_live(void **state)
{
	struct nested n = nested_open();
	uint64_t gone;

	(void)state;
	assert_int_equal(translate(n.stage1, 0x123), 0x81005123);
	put64(n.m, 0x81002000, 0x6f43);
	assert_int_equal(translate(n.stage1, 0x123), 0x81006123);
	assert_int_equal(iopt_map(n.stage1, 0x1000, 0x7000, 0x1000, IOPT_READ), -IOPT_EOPNOTSUPP);
	assert_int_equal(iopt_unmap(n.stage2, 0, 0x10000, &gone), 0);
	assert_int_equal(translate(n.stage1, 0x123), NOT_MAPPED);
	nested_close(&n);
}

static void test_nested_access_flag(void **state)
{
	struct nested n = nested_open();
	struct pgtable *t = &n.stage2->spaces[0];
	struct iopt_walk walk = IOPT_INIT(struct iopt_walk);
	struct pgtable_walk w;

	(void)state;
	t->ops->walk(t, 0x1000, &w);
	put64(n.m, w.steps[w.count - 1].desc_pa, w.steps[w.count - 1].desc & ~BIT(10));
	assert_int_equal(iopt_walk(n.stage1, 0, 0, 1, &walk), -IOPT_EFAULT);
	assert_int_equal(walk.fault.type, IOPT_FAULT_ACCESS);
	assert_int_equal(walk.fault.stage, 2);
	nested_close(&n);
}

/* 8,192 entries that all point to their own table: refused, not walked to the end of time. */
static void test_hostile_stage2(void **state)
{
	struct iopt_memory *m = memory_with(0x80000000, 1 << 20), *view;
	struct iopt_domain *d;

	(void)state;
	for (unsigned i = 0; i < 8192; i++)
		put64(m, 0x80000000 + 8 * i, 0x80000003);
	d = open_cpu(m, "vttbr=0x80000000 vtcr=0x80054090", NULL);
	assert_non_null(d);
	assert_int_equal(stage2_view(d, &view), -IOPT_E2BIG);
	finish(d, m);
}

/* ---- visits ---- */

struct count {
	uint64_t pages;
};

static int count_extent(void *arg, const struct iopt_extent *extent)
{
	((struct count *)arg)->pages += extent->count;
	return 0;
}

/* Of a shared table only its last page is in the range the first time, all of it the second. */
static void test_range_over_shared_table(void **state)
{
	struct iopt_memory *m = memory_with(0x80000000, 1 << 24);
	struct iopt_visitor visitor = IOPT_INIT(struct iopt_visitor);
	struct count count = {0};
	struct iopt_domain *d;

	(void)state;
	put64(m, 0x80000000, 0x80001003);
	put64(m, 0x80001000, 0x80002003);
	put64(m, 0x80001008, 0x80002003);
	for (unsigned i = 0; i < 512; i++)
		put64(m, 0x80002000 + 8 * i, 0x40000743 + 0x1000 * i);
	d = open_cpu(m, "ttbr0=0x80000000 " LPAE_39, NULL);
	visitor.extent = count_extent;
	visitor.arg = &count;
	visitor.first = 0x1ff000;
	visitor.last = 0x3fffff;
	assert_int_equal(iopt_domain_visit(d, 0, &visitor), 0);
	assert_int_equal(count.pages, 513);
	assert_int_equal(iopt_domain_visit(d, 7, &visitor), -IOPT_ENOENT);
	finish(d, m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_short_first_table),
		cmocka_unit_test(test_every_register_at_once),
		cmocka_unit_test(test_recursive_tables),
		cmocka_unit_test(test_table_half_absent),
		cmocka_unit_test(test_foreign_tables_stay),
		cmocka_unit_test(test_ranges_over_two_halves),
		cmocka_unit_test(test_upper_half_alone),
		cmocka_unit_test(test_extended_supersection),
		cmocka_unit_test(test_split_keeps_pxn),
		cmocka_unit_test(test_tables_beyond_oas),
		cmocka_unit_test(test_nested_is_live),
		cmocka_unit_test(test_nested_access_flag),
		cmocka_unit_test(test_hostile_stage2),
		cmocka_unit_test(test_range_over_shared_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
