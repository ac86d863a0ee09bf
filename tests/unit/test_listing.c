/* SPDX-License-Identifier: MIT */
/* The listings for people, word by word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base.h"
#include "fixture.h"
#include "textfile.h"

static void open_listed(struct fixture *f, enum iopt_format format)
{
	const unsigned rwc = IOPT_READ | IOPT_WRITE | IOPT_CACHE;
	struct iopt_config config = IOPT_INIT(struct iopt_config);

	config.format = format;
	fixture_open(f, config);
	/* neighbours that differ in nothing but where they lead */
	assert_int_equal(iopt_map(f->domain, 0x1000, 0x40001000, 0x3000, rwc), 0);
	assert_int_equal(iopt_map(f->domain, 0x4000, 0x90001000, 0x1000, rwc), 0);
	assert_int_equal(iopt_map(f->domain, 0x5000, 0x90001000, 0x1000,
				  IOPT_READ | IOPT_MMIO | IOPT_NOEXEC | IOPT_PRIV),
			 0);
	assert_int_equal(iopt_map(f->domain, 0x50000, 0x40050000, 0x10000, IOPT_READ), 0);
	assert_int_equal(iopt_map(f->domain, 0x40000000, 0x40000000, 16 * MIB, rwc), 0);
}

static void assert_listing(enum iopt_format format, enum iopt_dump dump, const char *want)
{
	struct fixture f;
	struct text text;

	open_listed(&f, format);
	text = text_dump(f.domain, dump);
	assert_string_equal(text.data, want);
	text_free(&text);
	fixture_close(&f);
}

static void test_text(void **state)
{
	(void)state;
	assert_listing(
		IOPT_ARM_64_LPAE_S1, IOPT_DUMP_TEXT,
		"arm-64-lpae-s1 el1 ias 48 oas 48 granule 0x1000 root 0x80000000\n"
		"table 0x80000000 level 0 iova 0x0\n"
		"  [0] table 0x80001003  iova 0x0..0x7fffffffff -> table 0x80001000\n"
		"table 0x80001000 level 1 iova 0x0\n"
		"  [0] table 0x80002003  iova 0x0..0x3fffffff -> table 0x80002000\n"
		"  [1] table 0x80004003  iova 0x40000000..0x7fffffff -> table 0x80004000\n"
		"table 0x80002000 level 2 iova 0x0\n"
		"  [0] table 0x80003003  iova 0x0..0x1fffff -> table 0x80003000\n"
		"table 0x80003000 level 3 iova 0x0\n"
		"  [1..3] page 0x40001f47 +0x1000  iova 0x1000..0x3fff -> 0x40001000"
		" el1=rw- el0=rwx normal-wb share=inner ng af\n"
		"  [4] page 0x90001f47  iova 0x4000..0x4fff -> 0x90001000"
		" el1=rw- el0=rwx normal-wb share=inner ng af\n"
		"  [5] page 0x60000090001e8b  iova 0x5000..0x5fff -> 0x90001000"
		" el1=r-- el0=--- device-nGnRE share=outer ng af\n"
		"  [80..95] page 0x40050ec3 +0x1000  iova 0x50000..0x5ffff -> 0x40050000"
		" el1=r-x el0=r-x normal-nc share=outer ng af\n"
		"table 0x80004000 level 2 iova 0x40000000\n"
		"  [0..7] block 0x40000f45 +0x200000  iova 0x40000000..0x40ffffff -> 0x40000000"
		" el1=rw- el0=rwx normal-wb share=inner ng af\n");
}

static void test_csv(void **state)
{
	(void)state;
	assert_listing(IOPT_ARM_V7S, IOPT_DUMP_CSV,
		       "iova,last,pa,size,count,type,page_size,access,memory,share,flags,same_as\n"
		       "0x1000,0x3fff,0x40001000,0x3000,3,page,0x1000,el1=rwx el0=rwx,normal-wb,"
		       "inner,ng af,\n"
		       "0x4000,0x4fff,0x90001000,0x1000,1,page,0x1000,el1=rwx el0=rwx,normal-wb,"
		       "inner,ng af,\n"
		       "0x5000,0x5fff,0x90001000,0x1000,1,page,0x1000,el1=r-- el0=---,"
		       "device-nGnRE,outer,ng af,\n"
		       "0x50000,0x5ffff,0x40050000,0x10000,1,large,0x10000,el1=r-x el0=r-x,"
		       "normal-nc,outer,ng af,\n"
		       "0x40000000,0x40ffffff,0x40000000,0x1000000,1,supersection,0x1000000,"
		       "el1=rwx el0=rwx,normal-wb,inner,ng af,\n");
}

#define LINE(first, end, size, words) "0x" first "-0x" end "   " size " " words "\n"

static void test_ptdump(void **state)
{
	(void)state;
	assert_listing(
		IOPT_ARM_64_LPAE_S1, IOPT_DUMP_PTDUMP,
		LINE("0000000000001000", "0000000000005000", "       16K",
		     "PTE   USR RW x  SHD AF NG                MEM/NORMAL")
			LINE("0000000000005000", "0000000000006000", "        4K",
			     "PTE       ro NX     AF NG         UXN    DEVICE/nGnRE")
				LINE("0000000000050000", "0000000000060000", "       64K",
				     "PTE   USR ro x      AF NG                MEM/NORMAL-NC")
					LINE("0000000040000000", "0000000041000000", "       16M",
					     "PMD   USR RW x  SHD AF NG     BLK        "
					     "MEM/NORMAL"));
	assert_listing(
		IOPT_ARM_V7S, IOPT_DUMP_PTDUMP,
		LINE("0000000000001000", "0000000000005000", "       16K",
		     "PTE   USR RW x  SHD AF NG         MEM/NORMAL")
			LINE("0000000000005000", "0000000000006000", "        4K",
			     "PTE       ro NX     AF NG         DEVICE/nGnRE")
				LINE("0000000000050000", "0000000000060000", "       64K",
				     "PTE   USR ro x      AF NG CON     MEM/NORMAL-NC")
					LINE("0000000040000000", "0000000041000000", "       16M",
					     "PGD   USR RW x  SHD AF NG CON BLK MEM/NORMAL"));
}

/* The last page of the 64-bit space has no end; 1G blocks of a walk from level 1 are in its PGD. */
static void test_edges(void **state)
{
	struct iopt_config config = IOPT_INIT(struct iopt_config);
	struct fixture f;
	struct text text;

	(void)state;
	config.ias = 39;
	config.quirks = IOPT_QUIRK_ARM_TTBR1;
	fixture_open(&f, config);
	assert_int_equal(iopt_map(f.domain, 0xffffffffc0000000, 0x40000000, GIB, IOPT_READ), 0);
	text = text_dump(f.domain, IOPT_DUMP_PTDUMP);
	assert_string_equal(text.data,
			    LINE("ffffffffc0000000", "ffffffffffffffff", "        1G",
				 "PGD   USR ro x      AF NG     BLK        MEM/NORMAL-NC"));
	text_free(&text);
	text = text_dump(f.domain, IOPT_DUMP_CSV);
	assert_non_null(strstr(text.data, "\n0xffffffffc0000000,0xffffffffffffffff,0x40000000,"));
	text_free(&text);
	fixture_close(&f);
}

static void test_expand(void **state)
{
	struct iopt_dump_options options = IOPT_INIT(struct iopt_dump_options);
	struct fixture f;
	struct text text;
	struct iopt_sink sink = text_sink(&text);

	(void)state;
	open_listed(&f, IOPT_ARM_64_LPAE_S2);
	options.expand = true;
	assert_int_equal(iopt_dump(f.domain, IOPT_DUMP_CSV, &options, &sink, NULL), 0);
	assert_non_null(strstr(text.data, "\n0x2000,0x2fff,0x40002000,0x1000,1,page,"));
	text_free(&text);
	sink = text_sink(&text);
	assert_int_equal(iopt_dump(f.domain, IOPT_DUMP_TEXT, &options, &sink, NULL), 0);
	assert_non_null(strstr(text.data, "\n  [2] page 0x400027ff  iova 0x2000..0x2fff -> "));
	text_free(&text);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),   cmocka_unit_test(test_csv),
		cmocka_unit_test(test_ptdump), cmocka_unit_test(test_edges),
		cmocka_unit_test(test_expand),
	};

	return cmocka_run_group_tests_name("listing", tests, NULL, NULL);
}
