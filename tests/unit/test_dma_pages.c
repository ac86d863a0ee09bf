/* SPDX-License-Identifier: MIT */
/* Which pages a buffer is made of, and how ranges become page sizes: Linux 6.1's own answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dma.h"
#include "fixture.h"

/* ---- which pages (a page source that fails when it is told to) ---- */

struct supply {
	unsigned fails; /* a bit for each order */
	unsigned tries[PAGE_ORDERS], given, back;
	uint64_t next;
};

static int supply_alloc(void *arg, unsigned order, uint64_t *pa)
{
	struct supply *s = arg;

	s->tries[order]++;
	if (s->fails >> order & 1)
		return -IOPT_ENOMEM;
	*pa = s->next;
	s->next += BIT(order + 12) + BIT(12); /* never adjacent: one segment a chunk */
	s->given++;
	return 0;
}

static uint64_t supply_free(void *arg, uint64_t pa)
{
	struct supply *s = arg;

	(void)pa;
	s->back++;
	return BIT(12);
}

#define LPAE_SIZES (BIT(0) | BIT(9) | BIT(18))
#define V7S_SIZES  (BIT(0) | BIT(4) | BIT(8) | BIT(12))

static void test_page_orders(void **state)
{
	static const struct {
		const char *id;
		uint64_t count, mask;
		unsigned fails, orders[3][2], failed; /* order, how many; tries that fail */
	} rows[] = {
		{"18.2a", 256, LPAE_SIZES, 0, {{0, 256}}, 0},
		{"18.2b", 512, LPAE_SIZES, 0, {{9, 1}}, 0},
		{"18.2c", 1300, LPAE_SIZES, 0, {{9, 2}, {0, 276}}, 0},
		{"18.2d", 1300, LPAE_SIZES, 1 << 9, {{0, 1300}}, 1},
		{"18.2e", 300, V7S_SIZES, 0, {{8, 1}, {4, 2}, {0, 12}}, 0},
		{"18.2f", 300, V7S_SIZES, 1 << 8, {{4, 18}, {0, 12}}, 1},
		{"18.2g", 1024, BIT(0), 0, {{0, 1024}}, 0},
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		struct supply supply = {.fails = rows[i].fails, .next = 0x80000000};
		const struct page_source source = {supply_alloc, supply_free, &supply, NULL};
		const struct page_request request = {rows[i].count, rows[i].mask, 12};
		unsigned orders[PAGE_ORDERS], failed = 0, total = 0;
		struct segment_list list = {0};

		print_message("%s\n", rows[i].id);
		assert_int_equal(dma_pages_alloc(&source, request, &list, orders), 0);
		for (unsigned j = 0; j < 3 && rows[i].orders[j][1]; j++) {
			assert_int_equal(orders[rows[i].orders[j][0]], rows[i].orders[j][1]);
			total += rows[i].orders[j][1];
		}
		assert_int_equal(supply.given, total);
		for (unsigned order = 0; order < PAGE_ORDERS; order++)
			failed += supply.tries[order] - orders[order];
		assert_int_equal(failed, rows[i].failed);
		free(list.items);
	}
}

static void test_page_orders_fail(void **state)
{
	struct supply supply = {.fails = 1, .next = 0x80000000};
	const struct page_source source = {supply_alloc, supply_free, &supply, NULL};
	unsigned orders[PAGE_ORDERS];
	struct segment_list list = {0};

	(void)state;
	/* 512 + 1: the large one is had, the small one never */
	assert_int_equal(
		dma_pages_alloc(&source, (struct page_request){513, LPAE_SIZES, 12}, &list, orders),
		-IOPT_ENOMEM);
	assert_int_equal(list.count, 0);
	assert_true(supply.back > 0);
	free(list.items);
}

/* ---- iommu_pgsize() ---- */

struct calls {
	struct {
		uint64_t page_size, count;
	} seen[8];
	unsigned count;
};

static void note_call(void *arg, const struct iopt_trace *step)
{
	struct calls *calls = arg;

	if (step->kind != IOPT_TRACE_CALL || strcmp(step->function, "map_pages") != 0)
		return;
	/* what one table page held does not end a run of Linux's choosing */
	if (calls->count && calls->seen[calls->count - 1].page_size == step->args[2].value)
		return;
	assert_true(calls->count < ARRAY_SIZE(calls->seen));
	calls->seen[calls->count].page_size = step->args[2].value;
	calls->seen[calls->count++].count = step->args[3].value;
}

static void test_page_sizes(void **state)
{
	static const struct {
		const char *id;
		enum iopt_format format;
		uint64_t granule, iova, pa, size, want[3][2];
	} rows[] = {
		{"18.3a", IOPT_ARM_64_LPAE_S1, 4 * KIB, 0x100000000, 0x80000000, GIB, {{GIB, 1}}},
		{"18.3b",
		 IOPT_ARM_64_LPAE_S1,
		 4 * KIB,
		 0x1000,
		 0x1000,
		 4 * MIB,
		 {{4 * KIB, 511}, {2 * MIB, 1}, {4 * KIB, 1}}},
		{"18.3c", IOPT_ARM_64_LPAE_S1, 4 * KIB, 0x1000, 0x2000, 4 * MIB, {{4 * KIB, 1024}}},
		{"18.3d",
		 IOPT_ARM_64_LPAE_S1,
		 4 * KIB,
		 0x1ff000,
		 0x803ff000,
		 0x602000,
		 {{4 * KIB, 1}, {2 * MIB, 3}, {4 * KIB, 1}}},
		{"18.3e",
		 IOPT_ARM_64_LPAE_S1,
		 4 * KIB,
		 0x200000,
		 0x80000000,
		 0x3ff000,
		 {{2 * MIB, 1}, {4 * KIB, 511}}},
		{"18.3f",
		 IOPT_ARM_64_LPAE_S1,
		 4 * KIB,
		 0x3fe00000,
		 0x7fe00000,
		 0x80400000,
		 {{2 * MIB, 1}, {GIB, 2}, {2 * MIB, 1}}},
		{"18.3g",
		 IOPT_ARM_64_LPAE_S1,
		 16 * KIB,
		 0x2000000,
		 0x84000000,
		 0x2008000,
		 {{32 * MIB, 1}, {16 * KIB, 2}}},
		{"18.3h",
		 IOPT_ARM_64_LPAE_S1,
		 64 * KIB,
		 0x20000000,
		 0xa0000000,
		 0x20010000,
		 {{512 * MIB, 1}, {64 * KIB, 1}}},
		{"18.3i",
		 IOPT_ARM_V7S,
		 4 * KIB,
		 0xf0000,
		 0x800f0000,
		 0x1220000,
		 {{64 * KIB, 1}, {MIB, 18}, {64 * KIB, 1}}},
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		struct iopt_config config = {.format = rows[i].format};
		struct calls calls = {0};
		struct fixture f;
		unsigned n = 0;

		print_message("%s\n", rows[i].id);
		config.page_sizes =
			iopt_granule_page_sizes(config.format, rows[i].granule) & ~BIT(42);
		config.cpu_page_size = rows[i].granule;
		fixture_open(&f, config);
		iopt_memory_on_trace(f.memory, note_call, &calls);
		assert_int_equal(
			iopt_map(f.domain, rows[i].iova, rows[i].pa, rows[i].size, IOPT_READ), 0);
		for (; n < 3 && rows[i].want[n][1]; n++) {
			assert_int_equal(calls.seen[n].page_size, rows[i].want[n][0]);
			assert_int_equal(calls.seen[n].count, rows[i].want[n][1]);
		}
		assert_int_equal(calls.count, n);
		iopt_memory_on_trace(f.memory, NULL, NULL);
		fixture_close(&f);
	}
}

/* ---- 18.8: what tables do when they are mapped over ---- */

static void count_walks(void *arg, const struct iopt_tlb_event *e)
{
	unsigned *walks = arg;

	if (e->kind == IOPT_TLB_WALK && e->iova == 0x200000 && e->size == 2 * MIB)
		++*walks;
}

static void test_table_behaviour(void **state)
{
	struct iopt_pages pages;
	struct fixture f;
	unsigned walks = 0;
	uint64_t done;

	(void)state;
	fixture_open(&f, (struct iopt_config){0});
	iopt_domain_on_tlb(f.domain, count_walks, &walks);
	pages = run_of(0x200000, 0x90000000, 4 * KIB, 512);
	assert_int_equal(iopt_map_pages(f.domain, &pages), 0);
	pages = run_of(0x200000, 0xa0000000, 2 * MIB, 1);
	assert_int_equal(iopt_map_pages(f.domain, &pages), 0);
	assert_int_equal(walks, 1);
	pages = run_of(0x201000, 0xb0000000, 4 * KIB, 1);
	assert_int_equal(iopt_map_pages(f.domain, &pages), -IOPT_EEXIST);
	pages = run_of(0x200000, 0xb0000000, 2 * MIB, 1);
	assert_int_equal(iopt_map_pages(f.domain, &pages), -IOPT_EEXIST);
	assert_int_equal(iopt_unmap(f.domain, 0x201000, 4 * KIB, &done), 0);
	assert_int_equal(done, 4 * KIB);
	assert_leads(&f, 0x200000, 0xa0000000);
	assert_leads(&f, 0x202000, 0xa0002000);
	assert_int_equal(iopt_unmap(f.domain, 0x200000, 2 * MIB, &done), 0);
	assert_int_equal(done, 2 * MIB);
	assert_int_equal(iopt_unmap(f.domain, 0x200000, 2 * MIB, &done), -IOPT_ENOENT);
	assert_int_equal(done, 0);
	assert_int_equal(iopt_map(f.domain, 0x400000, 0x90000000, 4 * KIB, IOPT_READ), 0);
	assert_int_equal(iopt_unmap(f.domain, 0x400000, 2 * MIB, &done), 0);
	assert_int_equal(done, 2 * MIB);
	pages = run_of(0x3ff000, 0x90000000, 4 * KIB, 4);
	assert_int_equal(iopt_map_pages(f.domain, &pages), 0);
	assert_int_equal(pages.done, 4 * KIB);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_page_orders),
		cmocka_unit_test(test_page_orders_fail),
		cmocka_unit_test(test_page_sizes),
		cmocka_unit_test(test_table_behaviour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
