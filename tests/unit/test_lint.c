/* SPDX-License-Identifier: MIT */
/*
 * Each rule of lint finds what it is for in a table made for it, where that is, and nothing in the
 * nearest table that is right.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base.h"
#include "fixture.h"
#include "world.h"

/* 4K granule, 48 bits from level 0, 40-bit output addresses, no walk of TTBR1 */
#define TCR	  UINT64_C(0x200803510)
#define HA	  BIT(39)
#define WXN	  BIT(19)
#define NSH	  UINT64_C(0x300)
#define T(n)	  (RAM + (n)*UINT64_C(0x1000)) /* the table of level n */
#define XN	  (BIT(54) | BIT(53))
#define AF	  BIT(10)
#define RO	  BIT(7)
#define EL0	  BIT(6)
#define CONT	  BIT(52)
#define IDX(n)	  ((n) << 2)
#define LEAF	  (XN | BIT(11) | AF | NSH)
#define PAGE(oa)  ((oa) | LEAF | 3)
#define BLOCK(oa) ((oa) | LEAF | 1)
#define TABLE(pa) ((pa) | 3)
#define OUT	  UINT64_C(0x80000000)

enum { WRITES_MAX = 4 };

struct write {
	uint64_t table, index, desc, count, step; /* count 0: none */
};

struct lint_case {
	const char *what, *rule;
	uint64_t iova, size; /* size 0: the rule must find nothing */
	struct write writes[WRITES_MAX];
	uint64_t tcr, sctlr;
};

struct found {
	unsigned count;
	struct iopt_lint_finding first;
};

static int note_finding(void *arg, const struct iopt_lint_finding *f)
{
	struct found *found = arg;

	assert_true(f->struct_size == sizeof(*f));
	assert_true(*f->message);
	assert_non_null(iopt_severity_name(f->severity));
	if (!found->count++)
		found->first = *f;
	return 0;
}

static struct found lint_rule(struct iopt_domain *d, const char *rule)
{
	struct iopt_lint_options options = IOPT_INIT(struct iopt_lint_options);
	struct found found = {0};

	options.rules = &rule;
	options.rule_count = rule != NULL;
	assert_int_equal(iopt_lint(d, &options, note_finding, &found), 0);
	return found;
}

/* One page, by a table of each level, with nothing wrong. */
static void put_base(struct world *w)
{
	for (unsigned level = 0; level < 3; level++)
		world_put64(w, T(level), TABLE(T(level + 1)));
	world_put64(w, T(3), PAGE(OUT));
	/* normal-wb, device-nGnRE, normal-nc, without a meaning */
	world_set(w, "ttbr0", RAM);
	world_set(w, "ttbr1", 0);
	world_set(w, "tcr", TCR);
	world_set(w, "mair", 0x024404ff);
}

static void put_case(struct world *w, const struct lint_case *c)
{
	put_base(w);
	for (unsigned i = 0; i < WRITES_MAX; i++) {
		const struct write *p = &c->writes[i];

		for (uint64_t k = 0; k < p->count; k++)
			world_put64(w, p->table + 8 * (p->index + k), p->desc + k * p->step);
	}
	world_set(w, "tcr", TCR | c->tcr);
	world_set(w, "sctlr", c->sctlr);
	world_open(w, IOPT_REGIME_EL1);
}

#define PUT(table, index, desc)          \
	{                                \
		table, index, desc, 1, 0 \
	}
/* pages that follow each other */
#define RUN(table, index, desc, count)            \
	{                                         \
		table, index, desc, count, 0x1000 \
	}

/* Slot n of the last table. */
#define AT(n) ((n)*UINT64_C(0x1000))

/* clang-format off */
static const struct lint_case cases[] = {
	{"EL1 writes and executes", "write-execute", AT(1), 0x1000,
	 {PUT(T(3), 1, PAGE(OUT) & ~XN)}, 0, 0},
	{"neighbours are one finding", "write-execute", AT(1), 0x3000,
	 {RUN(T(3), 1, PAGE(OUT) & ~XN, 3)}, 0, 0},
	{"EL0 writes and executes", "write-execute", AT(1), 0x1000,
	 {PUT(T(3), 1, (PAGE(OUT) | EL0) & ~BIT(54))}, 0, 0},
	{"what EL0 writes, EL1 does not execute", "write-execute", 0, 0,
	 {PUT(T(3), 1, (PAGE(OUT) | EL0) & ~BIT(53))}, 0, 0},
	{"read only", "write-execute", 0, 0, {PUT(T(3), 1, (PAGE(OUT) | RO) & ~XN)}, 0, 0},
	{"WXN", "write-execute", 0, 0, {PUT(T(3), 1, PAGE(OUT) & ~XN)}, 0, WXN},
	{"PXNTable and UXNTable", "write-execute", 0, 0,
	 {PUT(T(3), 1, PAGE(OUT) & ~XN), PUT(T(2), 0, TABLE(T(3)) | BIT(60) | BIT(59))}, 0, 0},
	{"the same table below two limits", "write-execute", 0x200000 + AT(1), 0x1000,
	 {PUT(T(3), 1, PAGE(OUT) & ~XN), PUT(T(2), 0, TABLE(T(3)) | BIT(60) | BIT(59)),
	  PUT(T(2), 1, TABLE(T(3)))}, 0, 0},

	{"device memory, executable", "device-execute", AT(1), 0x1000,
	 {PUT(T(3), 1, (PAGE(OUT) | IDX(1) | RO) & ~BIT(53))}, 0, 0},
	{"device memory", "device-execute", 0, 0, {PUT(T(3), 1, PAGE(OUT) | IDX(1))}, 0, 0},
	{"normal memory, executable", "device-execute", 0, 0,
	 {PUT(T(3), 1, (PAGE(OUT) | RO) & ~BIT(53))}, 0, 0},

	{"a block at level 0", "block-level", 512 * GIB, 512 * GIB,
	 {PUT(T(0), 1, BLOCK(OUT))}, 0, 0},
	{"a block at level 1", "block-level", 0, 0, {PUT(T(1), 1, BLOCK(OUT))}, 0, 0},

	{"a block at half its size", "oa-misaligned", 2 * MIB, 2 * MIB,
	 {PUT(T(2), 1, BLOCK(OUT + MIB))}, 0, 0},
	{"nT is no address", "oa-misaligned", 0, 0, {PUT(T(2), 1, BLOCK(OUT) | BIT(16))}, 0, 0},
	{"an aligned block", "oa-misaligned", 0, 0, {PUT(T(2), 1, BLOCK(OUT + 2 * MIB))}, 0, 0},

	{"an output address of 41 bits", "oa-range", AT(1), 0x1000,
	 {PUT(T(3), 1, PAGE(BIT(40)))}, 0, 0},
	{"a table there", "oa-range", 2 * MIB, 2 * MIB, {PUT(T(2), 1, TABLE(BIT(41)))}, 0, 0},
	{"the first that is beyond", "oa-range", AT(3), 0x2000,
	 {RUN(T(3), 1, PAGE(BIT(40) - 0x2000), 4)}, 0, 0},
	{"the last that is not", "oa-range", 0, 0,
	 {PUT(T(3), 1, PAGE(BIT(40) - 0x1000))}, 0, 0},

	{"a block at level 3", "reserved-encoding", AT(1), 0x1000,
	 {PUT(T(3), 1, BLOCK(OUT))}, 0, 0},
	{"SH is 1", "reserved-encoding", AT(1), 0x1000,
	 {PUT(T(3), 1, PAGE(OUT) & ~BIT(9))}, 0, 0},
	{"SH is 2", "reserved-encoding", 0, 0, {PUT(T(3), 1, PAGE(OUT) & ~BIT(8))}, 0, 0},

	{"a hint that stands alone", "contiguous-run", AT(16), 0x1000,
	 {PUT(T(3), 16, PAGE(OUT) | CONT)}, 0, 0},
	{"addresses that do not follow", "contiguous-run", AT(16), 0x10000,
	 {RUN(T(3), 16, PAGE(OUT) | CONT, 16), PUT(T(3), 20, PAGE(OUT) | CONT)}, 0, 0},
	{"addresses that are not aligned", "contiguous-run", AT(16), 0x10000,
	 {RUN(T(3), 16, PAGE(OUT + 0x1000) | CONT, 16)}, 0, 0},
	{"attributes that differ", "contiguous-run", AT(16), 0x10000,
	 {RUN(T(3), 16, PAGE(OUT) | CONT, 16), PUT(T(3), 18, PAGE(OUT + 0x2000) | CONT | RO)}, 0, 0},
	{"a run that is one", "contiguous-run", 0, 0,
	 {RUN(T(3), 16, PAGE(OUT) | CONT, 16)}, 0, 0},
	{"two runs apart, and two together", "contiguous-run", 0, 0,
	 {RUN(T(3), 0, PAGE(OUT + GIB) | CONT, 16), RUN(T(3), 16, PAGE(OUT) | CONT, 32)}, 0, 0},
	{"only the access flag differs", "contiguous-run", 0, 0,
	 {RUN(T(3), 16, PAGE(OUT) | CONT, 16), PUT(T(3), 18, (PAGE(OUT + 0x2000) | CONT) & ~AF)}, 0, 0},
	{"blocks, too", "contiguous-run", 34 * MIB, 2 * MIB,
	 {PUT(T(2), 17, BLOCK(OUT + 2 * MIB) | CONT)}, 0, 0},

	{"a page as two types", "alias-types", AT(1), 0x1000,
	 {PUT(T(3), 1, PAGE(OUT) | IDX(1))}, 0, 0},
	{"a page within a block of another type", "alias-types", 4 * MIB + AT(3), 0x1000,
	 {PUT(T(3), 0, PAGE(OUT + GIB)), PUT(T(2), 1, BLOCK(OUT) | IDX(2)),
	  PUT(T(2), 2, TABLE(T(4))), PUT(T(4), 3, PAGE(OUT + 0x5000))}, 0, 0},
	{"a page twice as the same", "alias-types", 0, 0, {PUT(T(3), 1, PAGE(OUT) | RO)}, 0, 0},

	{"the access flag is clear", "access-flag", AT(1), 0x1000,
	 {PUT(T(3), 1, PAGE(OUT) & ~AF)}, 0, 0},
	{"hardware sets it", "access-flag", 0, 0, {PUT(T(3), 1, PAGE(OUT) & ~AF)}, HA, 0},

	{"a table that is not there", "table-absent", 2 * MIB, 2 * MIB,
	 {PUT(T(2), 1, TABLE(OUT))}, 0, 0},
	{"a table that is there", "table-absent", 0, 0, {PUT(T(2), 1, TABLE(T(4)))}, 0, 0},

	{"a table at two levels", "table-levels", GIB, GIB, {PUT(T(1), 1, TABLE(T(3)))}, 0, 0},
	{"a table twice", "table-levels", 0, 0, {PUT(T(2), 1, TABLE(T(3)))}, 0, 0},

	{"a table that is its own", "self-reference", 5 * GIB, GIB,
	 {PUT(T(1), 5, TABLE(T(1)))}, 0, 0},
	{"one that leads to the root", "self-reference", 5 * GIB, GIB,
	 {PUT(T(1), 5, TABLE(T(0)))}, 0, 0},
	{"one that leads elsewhere", "self-reference", 0, 0, {PUT(T(1), 5, TABLE(T(4)))}, 0, 0},

	{"a table that may be written", "table-writable", AT(1), 0x1000,
	 {PUT(T(3), 1, PAGE(T(2)))}, 0, 0},
	{"all of them in a block", "table-writable", 2 * MIB, 0x4000,
	 {PUT(T(2), 1, BLOCK(RAM))}, 0, 0},
	{"a table that may be read", "table-writable", 0, 0,
	 {PUT(T(3), 1, PAGE(T(2)) | RO)}, 0, 0},
	{"memory beside it", "table-writable", 0, 0, {PUT(T(3), 1, PAGE(T(4)))}, 0, 0},

	{"address bits above 47 of a page", "res0-bits", AT(1), 0x1000,
	 {PUT(T(3), 1, PAGE(OUT) | BIT(48))}, 0, 0},
	{"of a table", "res0-bits", 2 * MIB, 2 * MIB,
	 {PUT(T(2), 1, TABLE(T(4)) | BIT(50))}, 0, 0},
	{"bits for software", "res0-bits", 0, 0,
	 {PUT(T(3), 1, PAGE(OUT) | BITS(58, 55))}, 0, 0},
	{"what a table's bits for software say", "res0-bits", 0, 0,
	 {PUT(T(2), 1, TABLE(T(4)) | BITS(58, 51))}, 0, 0},

	{"an attribute without a meaning", "memory-type", AT(1), 0x1000,
	 {PUT(T(3), 1, PAGE(OUT) | IDX(3))}, 0, 0},
	{"an attribute of no memory here", "memory-type", 0, 0,
	 {PUT(T(3), 1, PAGE(OUT) | IDX(2))}, 0, 0},
};
/* clang-format on */

static void run_case(const struct lint_case *c)
{
	struct found found;
	void *state;

	assert_int_equal(world_set_up(&state), 0);
	put_case(state, c);
	found = lint_rule(((struct world *)state)->domain, c->rule);
	if (found.count != (c->size != 0))
		fail_msg("%s: %u findings of %s", c->what, found.count, c->rule);
	if (c->size) {
		assert_string_equal(found.first.rule, c->rule);
		if (found.first.iova != c->iova || found.first.size != c->size)
			fail_msg("%s: at 0x%llx, 0x%llx bytes", c->what,
				 (unsigned long long)found.first.iova,
				 (unsigned long long)found.first.size);
	}
	assert_int_equal(world_tear_down(&state), 0);
}

static void test_each_rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		run_case(&cases[i]);
}

static void test_nothing_wrong(void **state)
{
	const struct lint_case nothing = {.what = "nothing"};

	put_case(*state, &nothing);
	assert_int_equal(lint_rule(((struct world *)*state)->domain, NULL).count, 0);
}

/* Where a finding is: the table, the slot in it, how many. */
static void test_place(void **state)
{
	struct world *w = *state;
	struct found found;

	put_base(w);
	for (uint64_t i = 0; i < 4; i++)
		world_put64(w, T(3) + 8 * (7 + i), PAGE(OUT + i * 0x1000) & ~AF);
	world_open(w, IOPT_REGIME_EL1);
	found = lint_rule(w->domain, NULL);
	assert_int_equal(found.count, 1);
	assert_string_equal(found.first.rule, "access-flag");
	assert_int_equal(found.first.severity, IOPT_SEVERITY_WARNING);
	assert_true(found.first.table == T(3) && found.first.index == 7);
	assert_true(found.first.count == 4 && found.first.level == 3);
	assert_true(found.first.iova == AT(7) && found.first.size == AT(4));
}

/* ---- short descriptors ---- */

#define SMALL(oa) ((oa) | 0x7f) /* normal, PL1 and PL0 write, AF, XN, TEX 1, C, B */

static struct found lint_v7s(const uint32_t *descs, size_t count, uint64_t at, const char *rule)
{
	struct found found;
	void *state;
	struct world *w;

	assert_int_equal(world_set_up(&state), 0);
	w = state;
	world_put32(w, RAM, (uint32_t)(RAM + 0x4000) | 1);
	for (size_t i = 0; i < count; i++)
		world_put32(w, at + 4 * i, descs[i]);
	world_set(w, "arch", IOPT_ARCH_AARCH32_V7S);
	world_set(w, "ttbr0", RAM);
	world_set(w, "ttbcr", 0);
	world_set(w, "sctlr", 0);
	world_open(w, IOPT_REGIME_EL1);
	found = lint_rule(w->domain, rule);
	world_tear_down(&state);
	return found;
}

/* A large page: 64K at 'oa', not executable, normal memory. */
#define LARGE(oa) ((oa) | 0x903du)
#define SUPER(oa) ((oa) | 0x51c1eu)

static void test_copies(void **state)
{
	const uint64_t pages = RAM + 0x4000;
	uint32_t descs[32];
	struct found found;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(descs); i++)
		descs[i] = i < 16 ? LARGE(0x80000000) : LARGE(0x80010000);
	assert_int_equal(lint_v7s(descs, 32, pages, NULL).count, 0);
	found = lint_v7s(descs, 31, pages, "run-copies");
	assert_int_equal(found.count, 1);
	assert_true(found.first.iova == 0x10000 && found.first.size == 0xf000);
	descs[3] = LARGE(0x80020000);
	found = lint_v7s(descs, 32, pages, "run-copies");
	assert_int_equal(found.count, 1);
	assert_true(found.first.iova == 0 && found.first.size == 0x10000);
	/* not from a multiple of 16 on */
	found = lint_v7s(descs + 16, 16, pages + 4, "run-copies");
	assert_true(found.count == 1 && found.first.iova == 0x1000);
	for (size_t i = 0; i < 16; i++)
		descs[i] = SUPER(0x80000000);
	assert_int_equal(lint_v7s(descs, 16, RAM + 64, "run-copies").count, 0);
	found = lint_v7s(descs, 15, RAM + 64, "run-copies");
	assert_true(found.count == 1 && found.first.iova == 16 * MIB);
	assert_true(found.first.size == 15 * MIB && found.first.level == 1);
}

static void test_short_descriptors(void **state)
{
	const uint64_t pages = RAM + 0x4000;
	const uint32_t good = SMALL(0x80000000), reserved = (good & ~0x30u) | 0x200;
	const uint32_t executable = good & ~1u, device = 0x80000036, tex = good & ~0x48u;
	const uint32_t section = 0x80001c1e;

	(void)state;
	assert_int_equal(lint_v7s(&good, 1, pages, NULL).count, 0);
	assert_int_equal(lint_v7s(&reserved, 1, pages, "reserved-encoding").count, 1);
	assert_int_equal(lint_v7s(&executable, 1, pages, "write-execute").count, 1);
	assert_int_equal(lint_v7s(&device, 1, pages, "device-execute").count, 1);
	assert_int_equal(lint_v7s(&tex, 1, pages, "memory-type").count, 0);
	assert_int_equal(lint_v7s(&section, 1, RAM + 4, NULL).count, 0);
}

/* ---- geometry, limits, requests ---- */

/* The nearest sizes on both sides of each limit. */
static const struct geometry {
	enum iopt_format format;
	uint64_t granule;
	unsigned ias, oas, findings;
} geometries[] = {
	{IOPT_ARM_64_LPAE_S2, 0x1000, 44, 44, 0},  {IOPT_ARM_64_LPAE_S2, 0x1000, 44, 42, 1},
	{IOPT_ARM_64_LPAE_S2, 0x1000, 42, 42, 0},  {IOPT_ARM_64_LPAE_S2, 0x1000, 42, 40, 1},
	{IOPT_ARM_64_LPAE_S2, 0x1000, 40, 40, 0},  {IOPT_ARM_64_LPAE_S2, 0x4000, 42, 42, 0},
	{IOPT_ARM_64_LPAE_S2, 0x4000, 42, 40, 1},  {IOPT_ARM_64_LPAE_S2, 0x4000, 36, 40, 0},
	{IOPT_ARM_64_LPAE_S2, 0x10000, 48, 48, 0}, {IOPT_ARM_64_LPAE_S2, 0x10000, 48, 42, 1},
	{IOPT_ARM_64_LPAE_S2, 0x10000, 42, 42, 0}, {IOPT_ARM_64_LPAE_S1, 0x1000, 25, 32, 0},
	{IOPT_ARM_64_LPAE_S1, 0x1000, 24, 32, 1},  {IOPT_ARM_32_LPAE_S2, 0x1000, 40, 40, 0},
};

static void test_start_level(void **state)
{
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(geometries); i++) {
		const struct geometry *g = &geometries[i];
		struct iopt_config config = IOPT_INIT(struct iopt_config);
		struct found found;

		config.format = g->format;
		config.page_sizes = iopt_granule_page_sizes(g->format, g->granule);
		config.ias = g->ias;
		config.oas = g->oas;
		fixture_open(&f, config);
		found = lint_rule(f.domain, "start-level");
		if (found.count != g->findings)
			fail_msg("granule 0x%x ias %u oas %u: %u findings", (unsigned)g->granule,
				 g->ias, g->oas, found.count);
		fixture_close(&f);
	}
}

/* As many stretches as are kept, and one more: said once, and everything else is found. */
static void test_too_many(void **state)
{
	struct iopt_config config = IOPT_INIT(struct iopt_config);
	struct fixture f;

	(void)state;
	fixture_open(&f, config);
	for (uint64_t i = 0; i <= 1 << 20; i++) {
		struct iopt_pages p = run_of(i << 12, i << 13, 0x1000, 1);

		p.prot = IOPT_READ | IOPT_NOEXEC;
		if (i == 1 << 20)
			assert_int_equal(lint_rule(f.domain, NULL).count, 0);
		assert_int_equal(iopt_map_pages(f.domain, &p), 0);
	}
	assert_int_equal(lint_rule(f.domain, "too-many").count, 0);
	assert_int_equal(lint_rule(f.domain, NULL).count, 1);
	assert_string_equal(lint_rule(f.domain, NULL).first.rule, "too-many");
	fixture_close(&f);
}

static int stop(void *arg, const struct iopt_lint_finding *f)
{
	(void)f;
	++*(unsigned *)arg;
	return 42;
}

static void test_requests(void **state)
{
	struct iopt_lint_options options = IOPT_INIT(struct iopt_lint_options);
	struct iopt_lint_rule rule = IOPT_INIT(struct iopt_lint_rule);
	const char *rules[] = {"res0-bits", "no-such-rule"};
	struct world *w = *state;
	unsigned stops = 0, i;

	put_base(w);
	world_put64(w, T(3) + 8, PAGE(OUT) & ~AF & ~XN);
	world_open(w, IOPT_REGIME_EL1);
	assert_int_equal(iopt_lint(w->domain, NULL, stop, &stops), 42);
	assert_int_equal(stops, 1);
	options.rules = rules;
	options.rule_count = 2;
	assert_int_equal(iopt_lint(w->domain, &options, stop, &stops), -IOPT_EINVAL);
	options.rule_count = 1;
	assert_int_equal(iopt_lint(w->domain, &options, stop, &stops), 0);
	for (i = 0; !iopt_lint_rule(i, &rule); i++)
		assert_true(*rule.id && *rule.title && strlen(rule.explanation) > 40);
	assert_int_equal(i, 18);
	assert_null(iopt_severity_name((enum iopt_severity)3));
}

/* A page that points to itself at every level ends at once, with few findings. */
static void test_loop(void **state)
{
	struct world *w = *state;

	put_base(w);
	for (uint64_t i = 0; i < 512; i++)
		world_put64(w, RAM + 8 * i, TABLE(RAM));
	world_open(w, IOPT_REGIME_EL1);
	assert_int_equal(lint_rule(w->domain, "self-reference").count, 1);
	assert_int_equal(lint_rule(w->domain, "write-execute").count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_rule),
		cmocka_unit_test_setup_teardown(test_nothing_wrong, world_set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(test_place, world_set_up, world_tear_down),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_short_descriptors),
		cmocka_unit_test(test_start_level),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test_setup_teardown(test_requests, world_set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(test_loop, world_set_up, world_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
