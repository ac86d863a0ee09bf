/* SPDX-License-Identifier: MIT */
/* Finding mappings: against a look at each of them, through changes, sharing and a second stage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base.h"
#include "domain.h"
#include "fixture.h"
#include "world.h"

enum { FOUND_MAX = 4096, ROUNDS = 400, PAGES = 2048 };

struct found {
	size_t count;
	struct iopt_extent list[FOUND_MAX];
};

static int keep(void *arg, unsigned space, const struct iopt_extent *e)
{
	struct found *f = arg;

	assert_true(space < 2 && f->count < FOUND_MAX);
	f->list[f->count++] = *e;
	return 0;
}

static struct found *find(struct iopt_domain *d, const struct iopt_find *what)
{
	static struct found found;

	found.count = 0;
	assert_int_equal(iopt_find(d, what, keep, &found), 0);
	return &found;
}

static struct found *find_pa(struct iopt_domain *d, uint64_t first, uint64_t last)
{
	struct iopt_find what = IOPT_INIT(struct iopt_find);

	what.by_pa = true;
	what.pa_first = first;
	what.pa_last = last;
	return find(d, &what);
}

static struct found *find_iova(struct iopt_domain *d, uint64_t first, uint64_t last)
{
	struct iopt_find what = IOPT_INIT(struct iopt_find);

	what.by_iova = true;
	what.iova_first = first;
	what.iova_last = last;
	return find(d, &what);
}

static uint64_t random_number(void)
{
	static uint64_t x = 88172645463325252;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

/* ---- against a flat list of pages ---- */

/* How many pages are found, and that each of them is one that leads into the range. */
static uint64_t count_pages(const struct found *f, const uint64_t *pages, struct range pa)
{
	uint64_t count = 0;

	for (size_t i = 0; i < f->count; i++) {
		const struct iopt_extent *e = &f->list[i];

		for (uint64_t k = 0; k < e->count; k++) {
			uint64_t at = e->pa + k * e->size, page = (e->iova + k * e->size) >> 12;

			assert_true(at <= pa.last && at + (e->size - 1) >= pa.first);
			for (uint64_t j = 0; j < e->size >> 12; j++, page++) {
				assert_true(page < PAGES);
				assert_true(pages[page] == at + (j << 12) + 1);
			}
		}
		count += e->count * (e->size >> 12);
	}
	return count;
}

static void check_range(struct iopt_domain *d, const uint64_t *pages, struct range pa)
{
	uint64_t want = 0;

	for (size_t i = 0; i < PAGES; i++)
		want += pages[i] && pages[i] - 1 <= pa.last && pages[i] - 1 + 0xfff >= pa.first;
	assert_int_equal(count_pages(find_pa(d, pa.first, pa.last), pages, pa), want);
}

/* Maps or unmaps a few pages; 'pages' has their addresses + 1. */
static void change(struct iopt_domain *d, uint64_t *pages)
{
	uint64_t at = random_number() % (PAGES - 16), count = 1 + random_number() % 16, done;
	uint64_t pa = random_number() % 256;

	if (random_number() % 3 == 0) {
		for (uint64_t i = at; i < at + count; i++) {
			iopt_unmap(d, i << 12, 0x1000, &done);
			pages[i] = 0;
		}
		return;
	}
	for (uint64_t i = at; i < at + count; i++, pa++)
		if (!pages[i] && !iopt_map(d, i << 12, pa << 12, 0x1000, IOPT_READ))
			pages[i] = (pa << 12) + 1;
}

static void test_pages(void **state)
{
	static uint64_t pages[PAGES];
	struct iopt_config config = IOPT_INIT(struct iopt_config);
	struct fixture f;

	(void)state;
	fixture_open(&f, config);
	memset(pages, 0, sizeof(pages));
	for (unsigned i = 0; i < ROUNDS; i++) {
		uint64_t first = random_number() % (256 << 12);

		if (i % 3)
			change(f.domain, pages);
		check_range(f.domain, pages,
			    (struct range){first, first + random_number() % 0x8000});
	}
	check_range(f.domain, pages, (struct range){0, UINT64_MAX});
	fixture_close(&f);
}

/* The entries of blocks and runs are whole, the parts of extents are not. */
static void test_cuts(void **state)
{
	struct iopt_config config = IOPT_INIT(struct iopt_config);
	const struct iopt_extent *e;
	struct fixture f;

	(void)state;
	fixture_open(&f, config);
	assert_int_equal(iopt_map(f.domain, 0x40000000, 0x80000000, 8 * MIB, IOPT_READ), 0);
	e = find_pa(f.domain, 0x80300000, 0x80300000)->list;
	assert_true(e->iova == 0x40200000 && e->pa == 0x80200000);
	assert_true(e->count == 1 && e->size == 2 * MIB);
	assert_true((e->desc & BITS(47, 21)) == 0x80200000);
	e = find_iova(f.domain, 0x403fffff, 0x40400000)->list;
	assert_true(e->iova == 0x40200000 && e->count == 2);
	assert_int_equal(find_iova(f.domain, 0, 0)->count, 0);
	assert_int_equal(find_iova(f.domain, 0x407fffff, UINT64_MAX)->count, 1);
	assert_int_equal(find_pa(f.domain, 0x80800000, UINT64_MAX)->count, 0);
	fixture_close(&f);
	config.format = IOPT_ARM_V7S;
	fixture_open(&f, config);
	assert_int_equal(iopt_map(f.domain, 0, 0x80000000, 0x20000, IOPT_READ), 0);
	e = find_iova(f.domain, 0x13000, 0x13000)->list;
	assert_true(e->iova == 0x10000 && e->size == 0x10000 && e->count == 1);
	fixture_close(&f);
}

/* The last page of an upper half, whose end is the end of all addresses. */
static void test_last_page(void **state)
{
	struct iopt_config config = IOPT_INIT(struct iopt_config);
	struct fixture f;

	(void)state;
	config.quirks = IOPT_QUIRK_ARM_TTBR1;
	fixture_open(&f, config);
	assert_int_equal(iopt_map(f.domain, UINT64_MAX - 0xfff, 0x80000000, 0x1000, IOPT_READ), 0);
	assert_int_equal(find_iova(f.domain, UINT64_MAX, UINT64_MAX)->count, 1);
	assert_int_equal(find_iova(f.domain, 0, UINT64_MAX)->count, 1);
	assert_true(find_pa(f.domain, 0x80000fff, 0x80000fff)->list->iova == UINT64_MAX - 0xfff);
	fixture_close(&f);
}

/* ---- what others write, and share ---- */

#define PAGE(oa) ((oa) | 0x703)
#define TABLES	 (RAM + 0x200000) /* the allocator begins at RAM */

static void put_tables(struct world *w)
{
	world_put64(w, TABLES, (TABLES + 0x1000) | 3);
	world_put64(w, TABLES + 8, (TABLES + 0x1000) | 3);
	world_put64(w, TABLES + 0x1000, (TABLES + 0x2000) | 3);
	world_put64(w, TABLES + 0x2000, PAGE(UINT64_C(0x80000000)));
	world_set(w, "ttbr0", TABLES);
	world_set(w, "ttbr1", 0);
	world_set(w, "tcr", TCR_39 | BIT(23));
	world_set(w, "mair", 0xff);
	world_open(w, IOPT_REGIME_EL1);
}

static void test_shared_and_written(void **state)
{
	struct world *w = *state;
	const struct found *f;

	put_tables(w);
	f = find_pa(w->domain, 0x80000000, 0x80000fff);
	assert_int_equal(f->count, 2);
	assert_true(f->list[0].iova == 0 && f->list[1].iova == GIB);
	world_put64(w, TABLES + 0x2008, PAGE(UINT64_C(0x80000000)));
	assert_int_equal(find_pa(w->domain, 0x80000000, 0x80000fff)->count, 4);
	assert_int_equal(find_iova(w->domain, GIB, GIB)->count, 1);
}

/* By the address behind the second stage, which maps the page's intermediate address twice. */
static void test_two_stages(void **state)
{
	struct iopt_config config = IOPT_INIT(struct iopt_config);
	struct world *w = *state;
	const struct found *f;

	config.format = IOPT_ARM_64_LPAE_S2;
	config.ias = config.oas = 40;
	assert_int_equal(iopt_domain_create(w->memory, &config, &w->stage2, NULL), 0);
	assert_int_equal(iopt_map(w->stage2, RAM, RAM, 4 * MIB, IOPT_READ), 0);
	assert_int_equal(iopt_map(w->stage2, 0x80000000, 0x90000000, 0x1000, IOPT_READ), 0);
	put_tables(w);
	f = find_pa(w->domain, 0x90000010, 0x90000020);
	assert_int_equal(f->count, 2);
	assert_true(f->list[0].iova == 0 && f->list[0].pa == 0x90000000);
	assert_int_equal(find_pa(w->domain, 0x80000000, 0x80000fff)->count, 0);
	assert_int_equal(iopt_map(w->stage2, 0x80001000, 0x90000000, 0x1000, IOPT_READ), 0);
	world_put64(w, TABLES + 0x2008, PAGE(UINT64_C(0x80001000)));
	assert_int_equal(find_pa(w->domain, 0x90000010, 0x90000020)->count, 4);
}

/* A page that points to itself everywhere: an end, and what was found until then. */
static void test_loop(void **state)
{
	struct iopt_find what = IOPT_INIT(struct iopt_find);
	struct world *w = *state;
	struct found *f = calloc(1, sizeof(*f));

	put_tables(w);
	for (uint64_t i = 0; i < 512; i++)
		world_put64(w, TABLES + 8 * i, PAGE(TABLES));
	world_set(w, "tcr", UINT64_C(0x200803510)); /* four levels */
	world_open(w, IOPT_REGIME_EL1);
	what.by_pa = true;
	what.pa_first = what.pa_last = 0;
	assert_int_equal(iopt_find(w->domain, &what, keep, f), -IOPT_E2BIG);
	assert_int_equal(f->count, 0);
	free(f);
}

/* ---- questions ---- */

static bool asks(const char *text, const struct iopt_extent *e, const struct iopt_attrs *a)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct iopt_query *query;
	bool yes;

	if (iopt_query_parse(text, &query, &error))
		fail_msg("%s: %u: %s", text, error.column, error.message);
	yes = iopt_query_matches(query, e, a);
	iopt_query_destroy(query);
	return yes;
}

static void test_questions(void **state)
{
	static const char *const yes[] = {
		"el1.w",
		"el1.r && !el1.x",
		"!(el1.x)",
		"el0.r||el1.r",
		"w",
		"r && !x",
		"!!ns",
		"contiguous",
		"memory == normal-wb",
		"memory!=normal-nc",
		"share == inner",
		"type == page",
		"level == 3",
		"level > -1",
		"page_size == 4k",
		"page_size<2m",
		"size == 0x3000",
		"count >= 3",
		"iova == 0x40_0000",
		"pa != 0",
		"software == 0",
		"index==1",
		"el0.r && el1.x || el1.w",
		"el1.w || el0.r && el1.x",
		"  (  ns  )  ",
		"memory == normal-wb && (share == none || (level == 3 && !el2.r))",
	};
	static const char *const no[] = {
		"el0.r",
		"el3.w",
		"x",
		"!w",
		"!ns",
		"dbm",
		"memory == mair:0xff",
		"share != inner",
		"level < 3",
		"level <= -1",
		"page_size > 4k",
		"(el1.w || el0.r) && el1.x",
		"ng",
		"af && gp",
	};
	const struct iopt_extent e = {.iova = 0x400000,
				      .pa = 0x80000000,
				      .size = 0x1000,
				      .count = 3,
				      .type = IOPT_TYPE_PAGE,
				      .level = 3};
	const struct iopt_attrs a = {
		.level_count = 2,
		.access = {{1, IOPT_ACCESS_R | IOPT_ACCESS_W}, {0, 0}},
		.memory = "normal-wb",
		.share = IOPT_SHARE_INNER,
		.ns = true,
		.contiguous = true,
		.index = 1,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(yes); i++)
		if (!asks(yes[i], &e, &a))
			fail_msg("no: %s", yes[i]);
	for (size_t i = 0; i < ARRAY_SIZE(no); i++)
		if (asks(no[i], &e, &a))
			fail_msg("yes: %s", no[i]);
}

static void test_bad_questions(void **state)
{
	static const struct {
		const char *text;
		unsigned column;
		const char *says;
	} bad[] = {
		{"", 1, "expected at the end"},
		{"   ", 4, "expected at the end"},
		{"el1.w &&", 9, "expected at the end"},
		{"el1.w & el1.x", 7, "&& or || is expected"},
		{"el4.w", 1, "'el4.w' is no attribute"},
		{"(ns", 4, "')' is missing"},
		{"ns)", 3, "&& or || is expected"},
		{"ns && )", 7, "expected before ')'"},
		{"memory", 7, "compared by == or !="},
		{"memory < normal-wb", 8, "compared by == or !="},
		{"memory == wb", 11, "no memory type"},
		{"share == yes", 10, "no shareability"},
		{"type == pages", 9, "no type"},
		{"level", 6, "compared by =="},
		{"level == x", 10, "no number"},
		{"size > 0x1ffffffffffffffff", 8, "64 bits"},
		{"size > 17179869184g", 8, "64 bits"},
		{"size > 4kk", 8, "no number"},
		{"ns ng", 4, "&& or ||"},
	};
	struct iopt_error error;
	struct iopt_query *query;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		error = IOPT_INIT(struct iopt_error);
		assert_true(iopt_query_parse(bad[i].text, &query, &error) < 0);
		assert_null(query);
		if (error.column != bad[i].column || !strstr(error.message, bad[i].says))
			fail_msg("%s: %u: %s", bad[i].text, error.column, error.message);
	}
	for (unsigned i = 0; iopt_query_word(i); i++)
		assert_true(*iopt_query_word(i));
}

/* As deep and as long as may be, and one more. */
static void test_limits(void **state)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	const struct iopt_extent e = {.count = 1};
	const struct iopt_attrs a = {.ns = true};
	struct iopt_query *query;
	char text[2048];

	(void)state;
	for (unsigned depth = 32; depth <= 33; depth++) {
		*text = '\0';
		for (unsigned i = 0; i < depth; i++)
			strcat(text, "ng || af && (");
		strcat(text, "ng || ns && ns");
		for (unsigned i = 0; i < depth; i++)
			strcat(text, ")");
		assert_int_equal(iopt_query_parse(text, &query, &error),
				 depth == 32 ? 0 : -IOPT_EINVAL);
		if (depth == 32)
			assert_false(iopt_query_matches(query, &e, &a));
		iopt_query_destroy(query);
	}
	strcpy(text, "ns");
	for (unsigned i = 0; i < 128; i++)
		strcat(text, "&&ns");
	assert_int_equal(iopt_query_parse(text, &query, &error), -IOPT_EINVAL);
	text[strlen(text) - 4] = '\0';
	assert_int_equal(iopt_query_parse(text, &query, &error), 0);
	assert_true(iopt_query_matches(query, &e, &a));
	iopt_query_destroy(query);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_last_page),
		cmocka_unit_test_setup_teardown(test_shared_and_written, world_set_up,
						world_tear_down),
		cmocka_unit_test_setup_teardown(test_two_stages, world_set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(test_loop, world_set_up, world_tear_down),
		cmocka_unit_test(test_questions),
		cmocka_unit_test(test_bad_questions),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
