/* SPDX-License-Identifier: MIT */
/* Overlapping ranges: what the tree finds against a look at each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "span_tree.h"

enum { SPANS = 200, ROUNDS = 20000 };

static uint64_t random_number(void)
{
	static uint64_t x = 88172645463325252;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

struct found {
	unsigned count;
	uint64_t sum, before;
};

static int note_span(void *arg, struct span *span)
{
	struct found *f = arg;

	assert_true(span->range.first >= f->before);
	f->before = span->range.first;
	f->sum += (uintptr_t)span;
	f->count++;
	return 0;
}

static int stop_at_once(void *arg, struct span *span)
{
	(void)span;
	++*(unsigned *)arg;
	return 42;
}

static struct range random_range(void)
{
	uint64_t first = random_number() % 1000;

	if (random_number() % 64 == 0)
		return (struct range){UINT64_MAX - first, UINT64_MAX};
	return (struct range){first, first + random_number() % (random_number() % 8 ? 16 : 800)};
}

static void test_against_a_list(void **state)
{
	static struct span spans[SPANS];
	static bool in[SPANS];
	struct span_tree tree = {0};

	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		unsigned i = (unsigned)(random_number() % SPANS);
		struct range want = random_range();
		struct found found = {0}, right = {0};

		if (in[i]) {
			span_remove(&tree, &spans[i]);
		} else {
			spans[i].range = random_range();
			span_insert(&tree, &spans[i]);
		}
		in[i] = !in[i];
		for (unsigned j = 0; j < SPANS; j++) {
			if (!in[j] || !ranges_overlap(spans[j].range, want))
				continue;
			right.count++;
			right.sum += (uintptr_t)&spans[j];
		}
		assert_int_equal(span_overlap(&tree, want, note_span, &found), 0);
		assert_int_equal(found.count, right.count);
		assert_int_equal(found.sum, right.sum);
	}
}

static void test_ends_early(void **state)
{
	struct span spans[3] = {{.range = {0, 9}}, {.range = {0, 9}}, {.range = {5, 6}}};
	struct span_tree tree = {0};
	unsigned calls = 0;

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		span_insert(&tree, &spans[i]);
	assert_int_equal(span_overlap(&tree, (struct range){6, 6}, stop_at_once, &calls), 42);
	assert_int_equal(calls, 1);
	assert_int_equal(span_overlap(&tree, (struct range){10, 20}, stop_at_once, &calls), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_a_list),
		cmocka_unit_test(test_ends_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
