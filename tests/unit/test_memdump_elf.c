/* SPDX-License-Identifier: MIT */
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "contents.h"

struct segment {
	uint64_t paddr, offset, filesz, memsz;
	uint32_t type; /* 0: PT_LOAD */
};

/* Headers in either class and byte order. */
struct elf {
	bool is64, big;
	uint8_t *data;
	size_t bytes;
};

static void put(struct elf *e, size_t at, unsigned width, uint64_t value)
{
	unsigned i;

	for (i = 0; i < width; i++)
		e->data[at + (e->big ? width - 1 - i : i)] = (uint8_t)(value >> 8 * i);
}

static size_t ehdr_bytes(const struct elf *e)
{
	return e->is64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
}

static size_t phdr_bytes(const struct elf *e)
{
	return e->is64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
}

static void put_ehdr(struct elf *e, unsigned phnum, uint64_t shoff)
{
	unsigned word = e->is64 ? 8 : 4, at = 24;

	memcpy(e->data,
	       "\x7f"
	       "ELF",
	       4);
	e->data[EI_CLASS] = e->is64 ? ELFCLASS64 : ELFCLASS32;
	e->data[EI_DATA] = e->big ? ELFDATA2MSB : ELFDATA2LSB;
	e->data[EI_VERSION] = EV_CURRENT;
	put(e, 16, 2, ET_CORE);
	put(e, 18, 2, EM_AARCH64);
	put(e, 20, 4, EV_CURRENT);
	put(e, at + word, word, ehdr_bytes(e)); /* e_phoff */
	put(e, at + 2 * word, word, shoff);
	at += 3 * word + 4; /* behind e_flags */
	put(e, at, 2, ehdr_bytes(e));
	put(e, at + 2, 2, phdr_bytes(e));
	put(e, at + 4, 2, phnum);
	put(e, at + 6, 2, e->is64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr));
}

static void put_phdr(struct elf *e, size_t number, const struct segment *s)
{
	size_t at = ehdr_bytes(e) + number * phdr_bytes(e);

	put(e, at, 4, s->type ? s->type : PT_LOAD);
	if (e->is64) {
		put(e, at + 8, 8, s->offset);
		put(e, at + 16, 8, 0xffff800000000000); /* a virtual address, of no interest */
		put(e, at + 24, 8, s->paddr);
		put(e, at + 32, 8, s->filesz);
		put(e, at + 40, 8, s->memsz);
	} else {
		put(e, at + 4, 4, s->offset);
		put(e, at + 8, 4, 0xc0000000);
		put(e, at + 12, 4, s->paddr);
		put(e, at + 16, 4, s->filesz);
		put(e, at + 20, 4, s->memsz);
	}
}

/* 'bytes' in all; what is behind the headers is content(its offset). */
static struct elf elf_make(bool is64, bool big, const struct segment *s, size_t count, size_t bytes)
{
	struct elf e = {.is64 = is64, .big = big, .bytes = bytes};
	size_t i;

	e.data = malloc(bytes);
	assert_non_null(e.data);
	for (i = 0; i < bytes; i++)
		e.data[i] = content(i);
	memset(e.data, 0, ehdr_bytes(&e) + count * phdr_bytes(&e));
	put_ehdr(&e, (unsigned)count, 0);
	for (i = 0; i < count; i++)
		put_phdr(&e, i, &s[i]);
	return e;
}

static void test_elf_classes(void **state)
{
	static const struct segment s[] = {
		{0x80000000, 0x400, 0x100, 0x100, PT_NOTE},
		{0x80001000, 0x400, 0x100, 0x100, 0},
		{0x80000000, 0x500, 0x200, 0x300, 0}, /* zeros behind it */
		{0xc0000000, 0, 0, 0, 0},
		{0xc0000000, 0x700, 0x80, 0x40, 0}, /* more in the file than in memory */
		{0x90000000, 0, 0, 0x1000, 0},	    /* nothing but zeros */
	};
	unsigned kind;

	(void)state;
	for (kind = 0; kind < 4; kind++) {
		struct elf e = elf_make(kind & 1, kind & 2, s, ARRAY_SIZE(s), 0x800);
		struct iopt_error error = IOPT_INIT(struct iopt_error);
		struct iopt_memory *m = memory_fresh();

		assert_int_equal(load_bytes(m, e.data, e.bytes, NULL, &error), 0);
		assert_int_equal(byte_at(m, 0x80001000), content(0x400));
		assert_int_equal(byte_at(m, 0x800010ff), content(0x4ff));
		assert_absent(m, 0x80001100);
		assert_int_equal(byte_at(m, 0x80000000), content(0x500));
		assert_int_equal(byte_at(m, 0x800001ff), content(0x6ff));
		assert_int_equal(byte_at(m, 0x80000200), 0);
		assert_int_equal(byte_at(m, 0x800002ff), 0);
		assert_absent(m, 0x80000300);
		assert_int_equal(byte_at(m, 0xc000007f), content(0x77f));
		assert_absent(m, 0xc0000080);
		assert_int_equal(byte_at(m, 0x90000fff), 0);
		assert_absent(m, 0x90001000);
		iopt_memory_destroy(m);
		free(e.data);
	}
}

/* Whatever a header claims costs nothing. */
static void test_elf_lies(void **state)
{
	static const struct segment huge[] = {
		{0x1000, 0x400, 0x100, BIT(60), 0},
		{UINT64_MAX, 0x400, 0x100, 0x100, 0}, /* no physical address */
		{BIT(62), 0, 0, BIT(63) + BIT(62), 0},
	};
	static const struct segment bad[] = {
		{-UINT64_C(0x80), 0x400, 0x100, 0x100, 0}, /* leaves the space */
		{2, 0, 0, UINT64_MAX, 0},
		{0, 0x700, 0x101, 0x101, 0}, /* past the end of the file */
		{0, 0x801, 1, 1, 0},
		{0, UINT64_MAX, 1, 1, 0},
		{0, 1, UINT64_MAX, UINT64_MAX, 0},
		{0, 0x400, BIT(63), 1, 0},
		{0, 0x400, 0, 0, 0}, /* no memory at all */
		{0, 0x400, 0x10, 0x10, PT_NOTE},
	};
	struct elf e = elf_make(true, false, huge, ARRAY_SIZE(huge), 0x800);
	struct iopt_memory *m = memory_fresh();
	size_t i;

	(void)state;
	assert_int_equal(load_bytes(m, e.data, e.bytes, NULL, NULL), 0);
	assert_int_equal(byte_at(m, 0x10ff), content(0x4ff));
	assert_int_equal(byte_at(m, 0x1100), 0);
	assert_int_equal(byte_at(m, BIT(60) + 0xfff), 0);
	assert_absent(m, BIT(60) + 0x1000);
	assert_int_equal(byte_at(m, UINT64_MAX), 0);
	iopt_memory_destroy(m);
	/* Over RAM too. */
	m = memory_fresh();
	assert_int_equal(iopt_memory_add_ram(m, 0, BIT(52), NULL), 0);
	assert_int_equal(iopt_memory_write(m, BIT(51), "old", 3), 0);
	assert_int_equal(load_bytes(m, e.data, e.bytes, NULL, NULL), 0);
	assert_int_equal(byte_at(m, 0x10ff), content(0x4ff));
	assert_int_equal(byte_at(m, BIT(51)), 0);
	iopt_memory_destroy(m);
	free(e.data);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		e = elf_make(true, false, &bad[i], 1, 0x800);
		assert_dump_refused(e.data, e.bytes, NULL, IOPT_ENOEXEC, IOPT_FAILURE_INPUT);
		free(e.data);
	}
}

static void test_elf_headers(void **state)
{
	static const struct segment s = {0, 0x400, 0x10, 0x10, 0};
	static const struct {
		uint8_t at, width;
		uint64_t value;
	} bad[] = {
		{EI_CLASS, 1, 3},   {EI_CLASS, 1, 0}, {EI_DATA, 1, 0},	   {EI_DATA, 1, 3},
		{EI_VERSION, 1, 0}, {32, 8, 0x7c9},   {32, 8, UINT64_MAX}, {54, 2, 55},
		{54, 2, 0},	    {56, 2, 0},	      {56, 2, 0xfffe},	   {56, 2, PN_XNUM},
	};
	struct elf e;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		e = elf_make(true, false, &s, 1, 0x800);
		put(&e, bad[i].at, bad[i].width, bad[i].value);
		assert_dump_refused(e.data, e.bytes, NULL, IOPT_ENOEXEC, IOPT_FAILURE_INPUT);
		free(e.data);
	}
	/* The section header that has the number of program headers: outside, and too many. */
	e = elf_make(true, false, &s, 1, 0x800);
	put_ehdr(&e, PN_XNUM, 0x7c1);
	assert_dump_refused(e.data, e.bytes, NULL, IOPT_ENOEXEC, IOPT_FAILURE_INPUT);
	put_ehdr(&e, PN_XNUM, 0x600);
	memset(e.data + 0x600, 0, sizeof(Elf64_Shdr));
	put(&e, 0x600 + offsetof(Elf64_Shdr, sh_info), 4, UINT32_MAX);
	assert_dump_refused(e.data, e.bytes, NULL, IOPT_E2BIG, IOPT_FAILURE_LIMIT);
	put(&e, 0x600 + offsetof(Elf64_Shdr, sh_info), 4, 70000);
	assert_dump_refused(e.data, e.bytes, NULL, IOPT_ENOEXEC, IOPT_FAILURE_INPUT);
	free(e.data);
}

/* Cut anywhere, it is refused, and the message says where. */
static void test_elf_truncated(void **state)
{
	static const struct segment s[] = {
		{0x1000, 0x100, 0x40, 0x40, 0},
		{0x2000, 0x140, 0x40, 0x80, 0},
	};
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct iopt_memory *m = memory_fresh();
	size_t bytes;
	unsigned kind;

	(void)state;
	for (kind = 0; kind < 4; kind++) {
		struct elf e = elf_make(kind & 1, kind & 2, s, ARRAY_SIZE(s), 0x180);

		for (bytes = 4; bytes < e.bytes; bytes++)
			assert_dump_refused(e.data, bytes, NULL, IOPT_ENOEXEC, IOPT_FAILURE_INPUT);
		assert_int_equal(load_bytes(m, e.data, 0x17f, NULL, &error), -IOPT_ENOEXEC);
		assert_non_null(strstr(error.message, "0x140"));
		free(e.data);
	}
	iopt_memory_destroy(m);
}

/* More segments than e_phnum can say, one for each page. */
static void test_elf_many(void **state)
{
	enum { COUNT = 70000 };
	struct segment *s = calloc(COUNT, sizeof(*s));
	struct iopt_memory *m = memory_fresh();
	size_t shoff, i;
	struct elf e;

	(void)state;
	assert_non_null(s);
	for (i = 0; i < COUNT; i++)
		s[i] = (struct segment){(COUNT - i) << 13, i, 4096, 4096, 0};
	shoff = sizeof(Elf64_Ehdr) + COUNT * sizeof(Elf64_Phdr);
	e = elf_make(true, true, s, COUNT, shoff + sizeof(Elf64_Shdr));
	memset(e.data + shoff, 0, sizeof(Elf64_Shdr));
	put_ehdr(&e, PN_XNUM, shoff);
	put(&e, shoff + offsetof(Elf64_Shdr, sh_info), 4, COUNT);
	assert_int_equal(load_bytes(m, e.data, e.bytes, NULL, NULL), 0);
	assert_int_equal(m->window_count, COUNT);
	for (i = 0; i < COUNT; i += 1001) {
		assert_int_equal(byte_at(m, s[i].paddr + 77), e.data[i + 77]);
		assert_absent(m, s[i].paddr + 4096);
	}
	iopt_memory_destroy(m);
	free(e.data);
	free(s);
}

/* Segments that overlap, against a map of bytes: the first in the file wins. */
static void check_overlaps(uint64_t *seed)
{
	enum { COUNT = 12, SPACE = 600, ABSENT = -1 };
	struct segment s[COUNT];
	struct iopt_memory *m = memory_fresh();
	int want[SPACE];
	size_t i, j;
	struct elf e;

	for (j = 0; j < SPACE; j++)
		want[j] = ABSENT;
	for (i = 0; i < COUNT; i++) {
		*seed = *seed * 6364136223846793005u + 1442695040888963407u;
		s[i].paddr = (*seed >> 20) % 400;
		s[i].filesz = (*seed >> 30) % 100;
		s[i].memsz = *seed >> 60 & 1 ? (*seed >> 40) % 200 : s[i].filesz;
		s[i].offset = 0x400 + (*seed >> 50) % 0x300;
		s[i].type = 0;
		for (j = 0; j < max_u64(s[i].filesz, s[i].memsz); j++) {
			if (want[s[i].paddr + j] == ABSENT)
				want[s[i].paddr + j] =
					j < s[i].filesz ? content(s[i].offset + j) : 0;
		}
	}
	e = elf_make(true, false, s, COUNT, 0x800);
	assert_int_equal(load_bytes(m, e.data, e.bytes, NULL, NULL), 0);
	for (j = 0; j < SPACE; j++) {
		if (want[j] == ABSENT)
			assert_absent(m, j);
		else
			assert_int_equal(byte_at(m, j), want[j]);
	}
	iopt_memory_destroy(m);
	free(e.data);
}

static void test_elf_overlaps(void **state)
{
	uint64_t seed = 42;
	unsigned i;

	(void)state;
	for (i = 0; i < 300; i++)
		check_overlaps(&seed);
}

/* Any byte may be anything: it loads or it does not. */
static void test_elf_torture(void **state)
{
	static const struct segment s[] = {
		{0x1000, 0x100, 0x40, 0x40, 0},
		{0x2000, 0x140, 0x40, 0x80, 0},
	};
	static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};
	struct elf e = elf_make(true, false, s, ARRAY_SIZE(s), 0x180);
	size_t at, i;

	(void)state;
	for (at = 4; at < 64 + 2 * 56; at++) {
		uint8_t old = e.data[at];

		for (i = 0; i < ARRAY_SIZE(values); i++) {
			struct iopt_error error = IOPT_INIT(struct iopt_error);
			struct iopt_memory *m = memory_fresh();
			char buffer[0x100];

			e.data[at] = values[i];
			if (load_bytes(m, e.data, e.bytes, NULL, &error))
				assert_int_not_equal(error.code, 0);
			else
				iopt_memory_read(m, 0x1000, buffer, sizeof(buffer));
			iopt_memory_destroy(m);
		}
		e.data[at] = old;
	}
	free(e.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_elf_classes), cmocka_unit_test(test_elf_lies),
		cmocka_unit_test(test_elf_headers), cmocka_unit_test(test_elf_truncated),
		cmocka_unit_test(test_elf_many),    cmocka_unit_test(test_elf_overlaps),
		cmocka_unit_test(test_elf_torture),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
