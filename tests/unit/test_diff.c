/* SPDX-License-Identifier: MIT */
/* Differences of two domains: against a flat list of pages, and each reason for break-before-make.
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

enum { PAGES = 4096, ROUNDS = 120 };

struct side {
	struct fixture f;
	uint64_t pages[PAGES]; /* what each leads to, with the protection below; 0: nowhere */
};

static uint64_t random_number(void)
{
	static uint64_t x = 88172645463325252;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

struct told {
	uint8_t kinds[PAGES]; /* kind + 1 by page */
	uint64_t next;
	unsigned count;
	struct iopt_change last;
};

static int note_change(void *arg, const struct iopt_change *c)
{
	struct told *t = arg;

	assert_true(c->iova >= t->next && c->size);
	assert_true((c->kind == IOPT_CHANGED) == (c->what != 0));
	assert_true(c->kind == IOPT_CHANGED || !c->break_before_make);
	t->next = c->iova + c->size;
	t->count++;
	t->last = *c;
	for (uint64_t p = c->iova >> 12; p < t->next >> 12 && p < PAGES; p++)
		t->kinds[p] = (uint8_t)(c->kind + 1);
	return 0;
}

static void map_some(struct side *s, uint64_t at, uint64_t pa, uint64_t count, unsigned prot)
{
	for (uint64_t i = at; i < at + count; i++)
		if (s->pages[i])
			return;
	if (iopt_map(s->f.domain, at << 12, pa << 12, count << 12, prot))
		return;
	for (uint64_t i = 0; i < count; i++)
		s->pages[at + i] = (pa + i) << 12 | prot;
}

static void change(struct side *sides)
{
	const uint64_t count = 1 + random_number() % 700, at = random_number() % (PAGES - 700);
	const uint64_t pa = random_number() % 4 ? at : random_number() % PAGES,
		       who = random_number();
	const unsigned prot = random_number() % 3 ? IOPT_READ : IOPT_READ | IOPT_WRITE;

	if (who & 1)
		map_some(&sides[0], at, pa + 1024, count, prot);
	if (who & 2)
		map_some(&sides[1], at, pa + 1024, count, prot);
	if (!(who & 3) && sides[0].pages[at] && sides[1].pages[at]) {
		uint64_t done;

		iopt_unmap(sides[1].f.domain, at << 12, 0x1000, &done);
		for (uint64_t i = at; i < at + (done >> 12); i++)
			sides[1].pages[i] = 0;
	}
}

/* What leads elsewhere or with other rights has changed; equal pages only in the entry's size. */
static void check(struct side *sides)
{
	static struct told told;

	told = (struct told){.count = 0};
	assert_int_equal(iopt_diff(sides[0].f.domain, sides[1].f.domain, NULL, note_change, &told),
			 0);
	for (size_t i = 0; i < PAGES; i++) {
		const uint64_t a = sides[0].pages[i], b = sides[1].pages[i];

		if (a == b)
			assert_true(!told.kinds[i] || (a && told.kinds[i] == IOPT_CHANGED + 1));
		else
			assert_int_equal(told.kinds[i], (!a   ? IOPT_ADDED
							 : !b ? IOPT_REMOVED
							      : IOPT_CHANGED) +
								1);
	}
}

static void test_pages(void **state)
{
	struct iopt_config config = IOPT_INIT(struct iopt_config);
	struct side *sides = calloc(2, sizeof(*sides));

	(void)state;
	for (unsigned other = 0; other < 2; other++) {
		memset(sides, 0, 2 * sizeof(*sides));
		fixture_open(&sides[0].f, config);
		config.ias = other ? 39 : 0;
		fixture_open(&sides[1].f, config);
		for (unsigned i = 0; i < ROUNDS; i++) {
			change(sides);
			check(sides);
		}
		fixture_close(&sides[0].f);
		fixture_close(&sides[1].f);
	}
	free(sides);
}

/* ---- one change ---- */

struct made {
	uint64_t pa, page_size;
	unsigned prot;
};

static struct told diff_of(const struct made *a, const struct made *b, bool descriptors)
{
	struct iopt_diff_options options = IOPT_INIT(struct iopt_diff_options);
	struct iopt_config config = IOPT_INIT(struct iopt_config);
	const struct made *made[] = {a, b};
	struct told told = {.count = 0};
	struct fixture f[2];

	options.descriptors = descriptors;
	for (unsigned i = 0; i < 2; i++) {
		struct iopt_pages p = run_of(2 * MIB, made[i]->pa, made[i]->page_size, 1);

		p.count = 2 * MIB / p.page_size;
		p.prot = made[i]->prot;
		fixture_open(&f[i], config);
		assert_int_equal(iopt_map_pages(f[i].domain, &p), 0);
	}
	assert_int_equal(iopt_diff(f[0].domain, f[1].domain, &options, note_change, &told), 0);
	fixture_close(&f[0]);
	fixture_close(&f[1]);
	return told;
}

static void test_break_before_make(void **state)
{
	const struct made base = {GIB, 0x1000, IOPT_READ};
	static const struct {
		struct made to;
		unsigned what;
		const char *why; /* NULL: no need */
	} changes[] = {
		{{GIB, 0x1000, IOPT_READ}, 0, NULL},
		{{GIB, 0x1000, IOPT_READ | IOPT_WRITE}, IOPT_CHANGE_ATTRS, NULL},
		{{GIB, 0x1000, IOPT_READ | IOPT_NOEXEC}, IOPT_CHANGE_ATTRS, NULL},
		{{GIB, 0x1000, IOPT_READ | IOPT_CACHE}, IOPT_CHANGE_ATTRS, "memory type"},
		{{2 * GIB, 0x1000, IOPT_READ}, IOPT_CHANGE_PA, "both hold the same"},
		{{2 * GIB, 0x1000, IOPT_READ | IOPT_WRITE},
		 IOPT_CHANGE_PA | IOPT_CHANGE_ATTRS,
		 "writable"},
		{{GIB, 2 * MIB, IOPT_READ}, IOPT_CHANGE_SIZE, "size of the block"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		for (unsigned descriptors = 0; descriptors < 2; descriptors++) {
			const struct told t = diff_of(&base, &changes[i].to, descriptors);
			const struct iopt_change *c = &t.last;

			assert_int_equal(t.count, changes[i].what != 0);
			if (!t.count)
				continue;
			assert_int_equal(c->what, changes[i].what);
			assert_true(c->iova == 2 * MIB && c->size == 2 * MIB);
			assert_true(c->descriptors == (descriptors != 0));
			if (!changes[i].why != !c->break_before_make ||
			    (c->break_before_make && !strstr(c->break_before_make, changes[i].why)))
				fail_msg("%zu: %s", i, c->break_before_make);
		}
	}
	for (unsigned i = 0; i < 6; i++)
		assert_non_null(iopt_break_before_make(i));
	assert_null(iopt_break_before_make(6));
}

/* Bits of a page that mean something, one turned over at a time: each is a change of attributes. */
static void test_every_attribute(void **state)
{
	static const struct {
		struct iopt_config config;
		uint64_t bits;
	} cases[] = {
		{{.regime = IOPT_REGIME_EL1}, BITS(58, 50) | BITS(11, 2)},
		{{.regime = IOPT_REGIME_EL2},
		 BITS(58, 54) | BITS(52, 50) | BITS(10, 7) | BITS(5, 2)},
		{{.regime = IOPT_REGIME_EL3},
		 BITS(58, 54) | BITS(52, 50) | BITS(11, 7) | BITS(5, 2)},
		{{.format = IOPT_ARM_64_LPAE_S2}, BITS(58, 54) | BITS(52, 51) | BITS(10, 2)},
		{{.format = IOPT_ARM_32_LPAE_S1}, BITS(58, 52) | BITS(11, 2)},
		{{.format = IOPT_ARM_V7S}, BITS(11, 9) | BITS(6, 2) | BIT(0)}, /* TEX remap */
	};

	(void)state;
	for (size_t i = 0; i < 64 * ARRAY_SIZE(cases); i++) {
		struct iopt_walk walk = IOPT_INIT(struct iopt_walk);
		struct told told = {.count = 0};
		struct fixture f[2];
		uint64_t desc = 0, size = cases[i / 64].config.format == IOPT_ARM_V7S ? 4 : 8;

		if (!(cases[i / 64].bits & BIT(i % 64)))
			continue;
		for (unsigned side = 0; side < 2; side++) {
			fixture_open(&f[side], cases[i / 64].config);
			assert_int_equal(iopt_map(f[side].domain, 0x1000, GIB, 0x1000,
						  IOPT_READ | IOPT_CACHE),
					 0);
		}
		iopt_walk(f[1].domain, 0x1000, 0, f[1].space.regime == IOPT_REGIME_EL3 ? 3 : 1,
			  &walk);
		assert_int_equal(walk.steps[walk.step_count - 1].desc_pa % size, 0);
		desc = walk.steps[walk.step_count - 1].desc ^ BIT(i % 64);
		assert_int_equal(iopt_memory_write(f[1].memory,
						   walk.steps[walk.step_count - 1].desc_pa, &desc,
						   size),
				 0);
		assert_int_equal(iopt_diff(f[0].domain, f[1].domain, NULL, note_change, &told), 0);
		if (told.count != 1 || told.last.what != IOPT_CHANGE_ATTRS)
			fail_msg("%s %s: bit %zu", iopt_format_name(f[1].space.format),
				 iopt_regime_name(f[1].space.regime), i % 64);
		fixture_close(&f[0]);
		fixture_close(&f[1]);
	}
}

static int stop(void *arg, const struct iopt_change *c)
{
	(void)arg, (void)c;
	return 42;
}

/* The end of all addresses, other geometry, and who does not want to hear more. */
static void test_edges(void **state)
{
	struct iopt_diff_options options = IOPT_INIT(struct iopt_diff_options);
	struct iopt_config config = IOPT_INIT(struct iopt_config);
	struct told told = {.count = 0};
	struct fixture a, b, c;

	(void)state;
	fixture_open(&c, config);
	config.quirks = IOPT_QUIRK_ARM_TTBR1;
	fixture_open(&a, config);
	fixture_open(&b, config);
	assert_int_equal(iopt_map(a.domain, UINT64_MAX - 0xfff, 0, 0x1000, IOPT_READ), 0);
	assert_int_equal(iopt_diff(a.domain, b.domain, NULL, note_change, &told), 0);
	assert_true(told.count == 1 && told.last.kind == IOPT_REMOVED);
	assert_true(told.last.iova == UINT64_MAX - 0xfff && told.last.size == 0x1000);
	assert_int_equal(iopt_diff(a.domain, b.domain, NULL, stop, NULL), 42);
	told = (struct told){.count = 0};
	assert_int_equal(iopt_map(b.domain, UINT64_MAX - 0xfff, 0, 0x1000, IOPT_READ), 0);
	assert_int_equal(iopt_diff(a.domain, b.domain, NULL, note_change, &told), 0);
	assert_int_equal(told.count, 0);
	options.descriptors = true;
	assert_int_equal(iopt_diff(a.domain, c.domain, &options, stop, NULL), -IOPT_EINVAL);
	assert_int_equal(iopt_diff(a.domain, b.domain, &options, stop, NULL), 0);
	fixture_close(&a);
	fixture_close(&b);
	fixture_close(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_break_before_make),
		cmocka_unit_test(test_every_attribute),
		cmocka_unit_test(test_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
