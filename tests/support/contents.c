/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "contents.h"
#include "memdump.h"

struct iopt_memory *memory_fresh(void)
{
	struct iopt_memory *m;

	assert_int_equal(iopt_memory_create(&m), 0);
	return m;
}

uint8_t content(uint64_t offset)
{
	return (uint8_t)(offset * 0x9e3779b97f4a7c15u >> 56 | 1);
}

int file_of(const void *data, size_t bytes)
{
	int fd = memfd_create("test", 0);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, bytes), bytes);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static int file_read(void *arg, uint64_t offset, void *to, size_t bytes)
{
	struct test_file *f = arg;
	size_t i;

	f->reads++;
	if (offset + bytes > f->bytes)
		return -IOPT_EIO;
	for (i = 0; i < bytes; i++)
		((uint8_t *)to)[i] = content(offset + i);
	return 0;
}

static void file_close(void *arg)
{
	((struct test_file *)arg)->closes++;
}

struct memory_file *add_file(struct iopt_memory *m, struct test_file *f, const char *source)
{
	struct memory_backing backing = {file_read, file_close, f};
	struct memory_file *file = memory_add_file(m, backing, source);

	assert_non_null(file);
	return file;
}

uint8_t byte_at(struct iopt_memory *m, uint64_t pa)
{
	uint8_t byte;

	assert_int_equal(iopt_memory_read(m, pa, &byte, 1), 1);
	return byte;
}

void assert_absent(struct iopt_memory *m, uint64_t pa)
{
	uint8_t byte;

	assert_int_equal(iopt_memory_read(m, pa, &byte, 1), 0);
}

int load_bytes(struct iopt_memory *m, const void *data, size_t bytes, const uint64_t *base,
	       struct iopt_error *error)
{
	return memdump_load(m, file_of(data, bytes), "the dump", base, error);
}

void assert_dump_refused(const void *data, size_t bytes, const uint64_t *base, int code,
			 enum iopt_failure failure)
{
	struct iopt_error e = IOPT_INIT(struct iopt_error);
	struct iopt_memory *m = memory_fresh();

	assert_int_equal(load_bytes(m, data, bytes, base, &e), -code);
	assert_int_equal(e.code, code);
	assert_int_equal(e.failure, failure);
	assert_string_equal(e.source, "the dump");
	assert_true(e.message[0] != '\0');
	assert_int_equal(m->window_count, 0);
	iopt_memory_destroy(m);
}
