/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "contents.h"
#include "memdump.h"

#define GIB(n) ((uint64_t)(n) << 30)

static void test_raw(void **state)
{
	struct iopt_memory *m = memory_fresh();
	struct iopt_window w = IOPT_INIT(struct iopt_window);
	uint64_t base = 0x12345, top = -UINT64_C(5);

	(void)state;
	assert_int_equal(load_bytes(m, "hello", 5, &base, NULL), 0);
	assert_int_equal(byte_at(m, 0x12345), 'h');
	assert_int_equal(byte_at(m, 0x12349), 'o');
	assert_absent(m, 0x12344);
	assert_absent(m, 0x1234a);
	assert_int_equal(iopt_memory_window(m, 0, &w), 0);
	assert_int_equal(w.kind, IOPT_WINDOW_DATA);
	assert_string_equal(w.source, "the dump");
	assert_int_equal(load_bytes(m, "world", 5, &base, NULL), -IOPT_EEXIST);
	assert_int_equal(load_bytes(m, "world", 5, &top, NULL), 0);
	assert_int_equal(byte_at(m, UINT64_MAX), 'd');
	top++;
	assert_int_equal(load_bytes(m, "world", 5, &top, NULL), -IOPT_ERANGE);
	iopt_memory_destroy(m);
	assert_dump_refused("hello", 5, NULL, IOPT_EINVAL, IOPT_FAILURE_USAGE);
	assert_dump_refused("", 0, &base, IOPT_ENOEXEC, IOPT_FAILURE_INPUT);
	assert_dump_refused("\x7f"
			    "ELF",
			    4, &base, IOPT_EINVAL, IOPT_FAILURE_USAGE);
	assert_dump_refused("\x7f"
			    "ELF",
			    4, NULL, IOPT_ENOEXEC, IOPT_FAILURE_INPUT);
}

static void test_files(void **state)
{
	struct iopt_memory *m = memory_fresh();
	struct iopt_error e = IOPT_INIT(struct iopt_error);
	uint64_t base = 0;

	(void)state;
	assert_int_equal(iopt_memory_load(m, "/nowhere/at all", &base, &e), -IOPT_ENOENT);
	assert_int_equal(e.failure, IOPT_FAILURE_IO);
	assert_string_equal(e.source, "/nowhere/at all");
	assert_int_equal(iopt_memory_load(m, "/", &base, &e), -IOPT_EISDIR);
	assert_int_equal(e.failure, IOPT_FAILURE_IO);
	assert_int_equal(iopt_memory_load(m, "/dev/null", &base, &e), -IOPT_ENOEXEC);
	assert_int_equal(m->window_count, 0);
	iopt_memory_destroy(m);
}

/* What is not a file that can be read at any offset is copied first. */
static void test_pipe(void **state)
{
	struct iopt_memory *m = memory_fresh();
	uint64_t base = 0;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "through a pipe", 14), 14);
	close(ends[1]);
	assert_int_equal(memdump_load(m, ends[0], "pipe", &base, NULL), 0);
	assert_int_equal(byte_at(m, 13), 'e');
	assert_absent(m, 14);
	iopt_memory_destroy(m);
}

/* Bytes go into RAM where RAM is, windows appear around it; allocation goes round them. */
static void test_over_ram(void **state)
{
	struct iopt_memory *m = memory_fresh();
	struct iopt_error e = IOPT_INIT(struct iopt_error);
	uint64_t base = GIB(1) - 0x1000, pa, i;
	uint8_t data[0x4000];

	(void)state;
	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + 1);
	assert_int_equal(iopt_memory_add_ram(m, GIB(1), 0x2000, NULL), 0);
	assert_int_equal(iopt_memory_add_ram(m, GIB(2), GIB(1), NULL), 0);
	assert_int_equal(load_bytes(m, data, sizeof(data), &base, &e), 0);
	assert_int_equal(m->window_count, 4);
	for (i = 0; i < sizeof(data); i++)
		assert_int_equal(byte_at(m, base + i), data[i]);
	assert_int_equal(memory_alloc(m, 4096, &pa), 0);
	assert_int_equal(pa, GIB(2));
	/* Where a table lives nothing is loaded. */
	assert_int_equal(load_bytes(m, data, 5000, &pa, &e), -IOPT_EBUSY);
	assert_int_equal(e.failure, IOPT_FAILURE_REQUEST);
	assert_int_equal(byte_at(m, pa), 0);
	assert_true(memory_free(m, pa));
	base = pa + 5;
	assert_int_equal(load_bytes(m, data, 5000, &base, &e), 0);
	assert_int_equal(byte_at(m, base + 4999), data[4999]);
	assert_int_equal(load_bytes(m, data + 1, 5000, &base, &e), 0);
	assert_int_equal(byte_at(m, base), data[1]);
	assert_int_equal(memory_alloc(m, 4096, &pa), 0);
	assert_int_equal(pa, GIB(2) + 0x2000);
	iopt_memory_destroy(m);
}

/* Holes become zeros where RAM was written, and cost nothing where it was not. */
static void test_sparse(void **state)
{
	struct iopt_memory *m = memory_fresh();
	uint64_t base = 0, first = 0, last;
	int fd = file_of("x", 1);
	bool blank;

	(void)state;
	assert_int_equal(pwrite(fd, "y", 1, GIB(20) + 5), 1);
	assert_int_equal(ftruncate(fd, GIB(40)), 0);
	assert_int_equal(iopt_memory_add_ram(m, 0, GIB(64), NULL), 0);
	assert_int_equal(iopt_memory_write(m, 0x1000, "old", 3), 0);
	assert_int_equal(iopt_memory_write(m, GIB(30), "old", 3), 0);
	assert_int_equal(iopt_memory_write(m, GIB(50), "old", 3), 0);
	assert_int_equal(memdump_load(m, fd, "sparse", &base, NULL), 0);
	assert_int_equal(m->window_count, 1);
	assert_int_equal(byte_at(m, 0), 'x');
	assert_int_equal(byte_at(m, 0x1000), 0);
	assert_int_equal(byte_at(m, GIB(20) + 5), 'y');
	assert_int_equal(byte_at(m, GIB(30)), 0);
	assert_int_equal(byte_at(m, GIB(50)), 'o');
	assert_int_equal(iopt_memory_next(m, &first, UINT64_MAX, &last, &blank), 0);
	assert_int_equal(last, 0xffff);
	first = 0x10000;
	assert_int_equal(iopt_memory_next(m, &first, UINT64_MAX, &last, &blank), 0);
	assert_true(blank);
	assert_int_equal(last, GIB(20) - 1);
	iopt_memory_destroy(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_raw),    cmocka_unit_test(test_files),
		cmocka_unit_test(test_pipe),   cmocka_unit_test(test_over_ram),
		cmocka_unit_test(test_sparse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
