/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "contents.h"
#include "memory.h"
#include "memory_frames.h"

#define KIB(n) ((uint64_t)(n) << 10)
#define MIB(n) ((uint64_t)(n) << 20)
#define GIB(n) ((uint64_t)(n) << 30)

static uint64_t value_at(struct iopt_memory *m, uint64_t pa)
{
	uint64_t v;

	assert_int_equal(iopt_memory_read(m, pa, &v, sizeof(v)), sizeof(v));
	return v;
}

static void test_empty(void **state)
{
	struct iopt_memory *m = memory_fresh();
	uint64_t first = 0, last, bytes;
	bool blank;
	char c;

	(void)state;
	assert_null(memory_find(m, 0, 1));
	assert_null(memory_write(m, 0x1000, 8));
	assert_null(memory_read(m, UINT64_MAX, 1));
	assert_null(memory_peek(m, 0));
	assert_null(memory_peek(m, UINT64_MAX));
	assert_false(memory_has(m, 0, 1));
	assert_int_equal(iopt_memory_read(m, 0, &c, 1), 0);
	assert_int_equal(iopt_memory_write(m, 0, &c, 1), -IOPT_EFAULT);
	assert_int_equal(iopt_memory_write(m, 0, &c, 0), 0);
	assert_int_equal(iopt_memory_next(m, &first, UINT64_MAX, &last, &blank), -IOPT_ENOENT);
	assert_null(memory_span(m, UINT64_MAX - 1, &bytes));
	assert_int_equal(bytes, 2);
	assert_false(memory_free(m, 0));
	iopt_memory_destroy(m);
	iopt_memory_destroy(NULL);
}

static void test_ram(void **state)
{
	struct iopt_memory *m = memory_fresh();
	struct iopt_error e = IOPT_INIT(struct iopt_error);
	struct iopt_window w = IOPT_INIT(struct iopt_window);
	uint64_t generation;
	char *p;

	(void)state;
	assert_int_equal(iopt_memory_add_ram(m, 0x800, 0x1000, &e), -IOPT_EINVAL);
	assert_int_equal(iopt_memory_add_ram(m, 0x1000, 0, &e), -IOPT_EINVAL);
	assert_int_equal(e.code, IOPT_EINVAL);
	assert_int_equal(iopt_memory_add_ram(m, 0x1000, -UINT64_C(0x1000), &e), -IOPT_ERANGE);
	assert_int_equal(iopt_memory_add_ram(m, 0, BIT(53), &e), -IOPT_ERANGE);
	generation = m->generation;
	assert_int_equal(iopt_memory_add_ram(m, GIB(2), GIB(64), &e), 0);
	assert_true(m->generation > generation);
	assert_int_equal(iopt_memory_add_ram(m, GIB(66) - KIB(4), KIB(8), &e), -IOPT_EEXIST);
	assert_int_equal(iopt_memory_add_ram(m, 0, GIB(128), NULL), -IOPT_EEXIST);
	assert_int_equal(iopt_memory_window(m, 0, &w), 0);
	assert_int_equal(w.kind, IOPT_WINDOW_RAM);
	assert_int_equal(w.base, GIB(2));
	assert_int_equal(w.last, GIB(66) - 1);
	assert_string_equal(w.source, "");
	assert_int_equal(iopt_memory_window(m, 1, &w), -IOPT_ENOENT);
	/* Reading takes no host memory; the first write moves the generation, the next does not. */
	assert_int_equal(value_at(m, GIB(40)), 0);
	assert_int_equal(m->frames->count, 0);
	assert_non_null(memory_peek(m, GIB(40)));
	generation = m->generation;
	p = memory_write(m, GIB(40) + 8, 8);
	assert_non_null(p);
	assert_true(m->generation > generation);
	store_le64(p, 0x1122334455667788);
	assert_ptr_equal(memory_peek(m, GIB(40) + 8), p);
	assert_int_equal(value_at(m, GIB(40) + 8), 0x1122334455667788);
	generation = m->generation;
	assert_ptr_equal(memory_write(m, GIB(40) + 16, 8), p + 8);
	assert_int_equal(m->generation, generation);
	assert_int_equal(m->frames->count, 1);
	iopt_memory_destroy(m);
}

/* The last byte of the space, and accesses that would go past it. */
static void test_top(void **state)
{
	struct iopt_memory *m = memory_fresh();
	uint64_t base = -UINT64_C(0x2000), first = 0, last;
	char text[8] = "0123456", back[16];
	bool blank;

	(void)state;
	assert_int_equal(iopt_memory_add_ram(m, base, 0x2000, NULL), 0);
	assert_int_equal(iopt_memory_write(m, UINT64_MAX - 7, text, 8), 0);
	assert_int_equal(iopt_memory_write(m, UINT64_MAX - 6, text, 8), -IOPT_EFAULT);
	assert_int_equal(iopt_memory_read(m, UINT64_MAX - 7, back, 16), 8);
	assert_memory_equal(back, text, 8);
	assert_int_equal(iopt_memory_next(m, &first, UINT64_MAX, &last, &blank), 0);
	assert_int_equal(first, base);
	assert_int_equal(last, UINT64_MAX);
	assert_false(blank);
	assert_true(memory_has(m, UINT64_MAX, 1));
	assert_false(memory_has(m, UINT64_MAX, 2));
	assert_false(memory_has(m, base, 0x2001));
	iopt_memory_destroy(m);
}

/* Windows to the byte: what lies between them is absent, in the same frame too. */
static void test_bytes(void **state)
{
	struct iopt_memory *m = memory_fresh();
	struct test_file f = {.bytes = 1000};
	struct memory_file *file = add_file(m, &f, "a dump");
	uint64_t bytes;
	uint8_t data[200];
	size_t i;

	(void)state;
	assert_int_equal(memory_add_window(m, 0x10005, 100, file, 7), 0);
	assert_int_equal(memory_add_window(m, 0x10069, 10, file, 500), 0);
	assert_int_equal(memory_add_window(m, 0x10100, 10, NULL, 99), 0);
	assert_int_equal(memory_add_window(m, 0x10100, 1, file, 0), -IOPT_EEXIST);
	assert_int_equal(memory_add_window(m, 0, 0, file, 0), -IOPT_EINVAL);
	assert_int_equal(memory_add_window(m, 2, UINT64_MAX, file, 0), -IOPT_ERANGE);
	assert_int_equal(iopt_memory_read(m, 0x10005, data, sizeof(data)), 110);
	for (i = 0; i < 100; i++)
		assert_int_equal(data[i], content(7 + i));
	for (i = 0; i < 10; i++)
		assert_int_equal(data[100 + i], content(500 + i));
	assert_null(memory_find(m, 0x10004, 1));
	assert_null(memory_find(m, 0x10072, 2));
	assert_non_null(memory_find(m, 0x10072, 1));
	assert_null(memory_peek(m, 0x10072));
	assert_non_null(memory_span(m, 0x10070, &bytes));
	assert_int_equal(bytes, 3);
	assert_null(memory_span(m, 0x10073, &bytes));
	assert_int_equal(bytes, 0x10100 - 0x10073);
	assert_null(memory_span(m, 0x1010a, &bytes));
	assert_int_equal(bytes, 0x20000 - 0x1010a);
	/* Written: at once, and only where something is. */
	assert_int_equal(iopt_memory_write(m, 0x10065, "abcdefgh", 8), 0);
	assert_int_equal(iopt_memory_write(m, 0x10070, "12345", 5), -IOPT_EFAULT);
	assert_int_equal(iopt_memory_read(m, 0x10065, data, 20), 14);
	assert_memory_equal(data, "abcdefgh", 8);
	assert_int_equal(data[8], content(504));
	assert_int_equal(f.closes, 0);
	iopt_memory_destroy(m);
	assert_int_equal(f.closes, 1);
}

/* A window that comes later fills what a held frame did not have. */
static void test_frame_that_grows(void **state)
{
	struct iopt_memory *m = memory_fresh();
	struct test_file f = {.bytes = MIB(1)};
	struct memory_file *file = add_file(m, &f, "f");
	uint64_t generation;

	(void)state;
	assert_int_equal(memory_add_window(m, 0x8000, 0x4000, file, 0x8000), 0);
	assert_int_equal(value_at(m, 0x8000) & 0xff, content(0x8000));
	/* clean */
	generation = m->generation;
	assert_int_equal(memory_add_window(m, 0xc000, 0x8000, file, 0xc000), 0);
	assert_true(m->generation > generation);
	assert_int_equal(value_at(m, 0xc000) & 0xff, content(0xc000));
	assert_int_equal(value_at(m, 0x10000) & 0xff, content(0x10000));
	/* own */
	assert_int_equal(iopt_memory_write(m, 0xfffc, "12345678", 8), 0);
	assert_null(memory_peek(m, 0x8000));
	assert_int_equal(iopt_memory_add_ram(m, 0x4000, 0x4000, NULL), 0);
	assert_int_equal(value_at(m, 0x4000), 0);
	assert_int_equal(memory_add_window(m, 0, 0x4000, file, 0), 0);
	assert_int_equal(value_at(m, 0) & 0xff, content(0));
	assert_int_equal(value_at(m, 0x8000) & 0xff, content(0x8000));
	assert_int_equal(value_at(m, 0xfff8) >> 32, load_le32("1234"));
	/* It is whole now, and found at once. */
	assert_non_null(memory_peek(m, 0));
	/* What cannot be read is not added. */
	assert_int_equal(memory_add_window(m, 0x14000, 0x4000, file, MIB(1)), -IOPT_EIO);
	assert_false(memory_has(m, 0x14000, 1));
	iopt_memory_destroy(m);
}

/* What cannot be read is not there, and nothing else is lost by it. */
static void test_unreadable(void **state)
{
	struct iopt_memory *m = memory_fresh();
	struct test_file f = {.bytes = FRAME_BYTES};
	uint64_t bytes;
	char buffer[16];

	(void)state;
	assert_int_equal(memory_add_window(m, 0, 2 * FRAME_BYTES, add_file(m, &f, "f"), 0), 0);
	assert_non_null(memory_find(m, 0, 8));
	assert_null(memory_find(m, FRAME_BYTES, 8));
	assert_null(memory_write(m, FRAME_BYTES, 8));
	assert_null(memory_span(m, FRAME_BYTES, &bytes));
	assert_int_equal(bytes, FRAME_BYTES);
	assert_int_equal(iopt_memory_read(m, FRAME_BYTES - 5, buffer, 16), 5);
	assert_int_equal(iopt_memory_write(m, FRAME_BYTES - 5, buffer, 16), -IOPT_EFAULT);
	iopt_memory_destroy(m);
}

static void check_next(struct iopt_memory *m, uint64_t from, uint64_t first, uint64_t last,
		       bool blank)
{
	uint64_t stretch_last;
	bool is_blank;

	assert_int_equal(iopt_memory_next(m, &from, GIB(200), &stretch_last, &is_blank), 0);
	assert_int_equal(from, first);
	assert_int_equal(stretch_last, last);
	assert_int_equal(is_blank, blank);
}

static void test_next(void **state)
{
	struct iopt_memory *m = memory_fresh();
	struct test_file f = {.bytes = MIB(1)};
	struct memory_file *file = add_file(m, &f, "f");
	uint64_t first = GIB(3), last;
	bool blank;

	(void)state;
	assert_int_equal(iopt_memory_add_ram(m, GIB(2), GIB(64), NULL), 0);
	assert_int_equal(iopt_memory_add_ram(m, GIB(66), GIB(1), NULL), 0);
	assert_int_equal(memory_add_window(m, GIB(67), 0x123, file, 0), 0);
	assert_int_equal(memory_add_window(m, GIB(67) + 0x123, 0x100, file, 0x1000), 0);
	assert_int_equal(memory_add_window(m, GIB(100), BIT(40), NULL, 0), 0);
	check_next(m, 0, GIB(2), GIB(67) - 1, true);
	check_next(m, GIB(67), GIB(67), GIB(67) + 0x222, false);
	check_next(m, GIB(67) + 0x222, GIB(67) + 0x222, GIB(67) + 0x222, false);
	check_next(m, GIB(67) + 0x223, GIB(100), GIB(200), true);
	assert_int_equal(iopt_memory_write(m, GIB(66) - 1, "ab", 2), 0);
	assert_int_equal(iopt_memory_write(m, GIB(2) + MIB(1), "ab", 2), 0);
	check_next(m, GIB(2) + 5, GIB(2) + 5, GIB(2) + MIB(1) - 1, true);
	check_next(m, GIB(2) + MIB(1), GIB(2) + MIB(1), GIB(2) + MIB(1) + 0xffff, false);
	check_next(m, GIB(3), GIB(3), GIB(66) - 0x10001, true);
	check_next(m, GIB(66) - 0x10000, GIB(66) - 0x10000, GIB(66) + 0xffff, false);
	check_next(m, GIB(66) + 0x10000, GIB(66) + 0x10000, GIB(67) - 1, true);
	/* Reading changes nothing about it; the end may lie anywhere. */
	assert_int_equal(value_at(m, GIB(2)), 0);
	assert_int_equal(iopt_memory_next(m, &first, GIB(3) + 9, &last, &blank), 0);
	assert_int_equal(last, GIB(3) + 9);
	first = GIB(80);
	assert_int_equal(iopt_memory_next(m, &first, GIB(90), &last, &blank), -IOPT_ENOENT);
	iopt_memory_destroy(m);
}

static void test_alloc(void **state)
{
	struct iopt_memory *m = memory_fresh();
	struct iopt_window w;
	uint64_t pa, ones = UINT64_MAX, generation;

	(void)state;
	iopt_memory_budget(m, 0);
	assert_int_equal(memory_alloc(m, 4096, &pa), -IOPT_ENOMEM);
	assert_int_equal(m->window_count, 0);
	iopt_memory_budget(m, 2);
	assert_int_equal(memory_alloc(m, 4096, &pa), 0);
	assert_int_equal(pa, 0x80000000);
	assert_int_equal(iopt_memory_window(m, 0, &w), 0);
	assert_int_equal(w.base, 0x80000000);
	assert_int_equal(w.last, 0xbfffffff);
	assert_int_equal(iopt_memory_write(m, pa, &ones, 8), 0);
	assert_int_equal(iopt_memory_write(m, pa + 4096, &ones, 8), 0);
	assert_int_equal(memory_alloc(m, MIB(1), &pa), 0);
	assert_int_equal(pa, 0x80100000);
	assert_int_equal(memory_alloc(m, 4096, &pa), -IOPT_ENOMEM);
	assert_int_equal(iopt_memory_allocated(m), 4096 + MIB(1));
	iopt_memory_budget(m, UINT64_MAX);
	/* Whatever was there before, what is handed out is zero; its neighbours stay. */
	generation = m->generation;
	assert_true(memory_free(m, 0x80000000));
	assert_true(m->generation > generation);
	assert_false(memory_free(m, 0x80000000));
	assert_int_equal(memory_alloc(m, 1024, &pa), 0);
	assert_int_equal(pa, 0x80000000);
	assert_int_equal(value_at(m, pa), 0);
	assert_int_equal(value_at(m, pa + 4096), UINT64_MAX);
	assert_int_equal(memory_alloc(m, 4096, &pa), 0);
	assert_int_equal(pa, 0x80001000);
	assert_int_equal(value_at(m, pa), 0);
	/* Over many frames, of which some were written. */
	assert_int_equal(iopt_memory_write(m, 0x8023fffc, &ones, 8), 0);
	assert_int_equal(memory_alloc(m, MIB(2), &pa), 0);
	assert_int_equal(pa, 0x80200000);
	assert_int_equal(value_at(m, 0x8023fff8), 0);
	assert_int_equal(value_at(m, 0x80240000), 0);
	iopt_memory_destroy(m);
}

/* Without RAM: the next place where nothing is, and failure where none is. */
static void test_default_ram(void **state)
{
	struct iopt_memory *m = memory_fresh();
	uint64_t pa;

	(void)state;
	assert_int_equal(memory_add_window(m, 0x80001000, 1, NULL, 0), 0);
	assert_int_equal(memory_add_window(m, 0xffffffff, GIB(2), NULL, 0), 0);
	assert_int_equal(memory_alloc(m, 4096, &pa), 0);
	assert_int_equal(pa, GIB(6));
	iopt_memory_destroy(m);

	m = memory_fresh();
	assert_int_equal(memory_add_window(m, 0x7fffffff, UINT64_MAX - 0x7fffffff, NULL, 0), 0);
	assert_int_equal(memory_alloc(m, 4096, &pa), -IOPT_ENOMEM);
	iopt_memory_destroy(m);
}

/* A dump with a window for each page, in rising order and not. */
static void test_many_windows(void **state)
{
	enum { COUNT = 100000 };
	struct memory_window *w = calloc(COUNT, sizeof(*w));
	struct iopt_memory *m = memory_fresh();
	struct test_file f = {.bytes = UINT64_MAX};
	struct memory_file *file = add_file(m, &f, "f");
	uint64_t i;

	(void)state;
	assert_non_null(w);
	for (i = 0; i < COUNT; i++)
		assert_int_equal(memory_add_window(m, i << 13, 4096, file, i << 12), 0);
	for (i = 0; i < COUNT; i++)
		w[i] = (struct memory_window){.range = {(i << 13) + 4096, (i << 13) + 8191},
					      .file = file,
					      .offset = MEMORY_ZEROS};
	assert_int_equal(memory_add_windows(m, w, COUNT), 0);
	assert_int_equal(memory_add_windows(m, w + 7, 1), -IOPT_EEXIST);
	assert_int_equal(m->window_count, 2 * COUNT);
	for (i = 1; i < m->window_count; i++)
		assert_int_equal(m->windows[i].range.first, m->windows[i - 1].range.last + 1);
	for (i = 0; i < COUNT; i += 97) {
		assert_int_equal(value_at(m, (i << 13) + 8) & 0xff, content((i << 12) + 8));
		assert_int_equal(value_at(m, (i << 13) + 4096), 0);
	}
	assert_true(memory_has(m, 0, (uint64_t)COUNT << 13));
	free(w);
	iopt_memory_destroy(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_ram),
		cmocka_unit_test(test_top),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_frame_that_grows),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_alloc),
		cmocka_unit_test(test_default_ram),
		cmocka_unit_test(test_many_windows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
