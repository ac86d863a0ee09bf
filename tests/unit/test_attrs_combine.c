/* SPDX-License-Identifier: MIT */
/* What memory two stages make together, byte by byte of MAIR, and with HCR_EL2.FWB. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "attrs.h"

static struct iopt_attrs memory_of(uint8_t mair, enum iopt_share share)
{
	struct iopt_attrs a = {.struct_size = sizeof(a)};

	attrs_set_memory(&a, mair, share);
	return a;
}

/* The weaker of both, whichever stage it comes from; but write-allocate hints are stage 1's. */
static void test_weaker(void **state)
{
	static const struct {
		uint8_t one, two, want;
	} cases[] = {
		{0x00, 0x00, 0x00}, {0x00, 0x04, 0x00}, {0x04, 0x00, 0x00}, {0x0c, 0x08, 0x08},
		{0x04, 0x0c, 0x04}, {0x04, 0xff, 0x04}, {0xff, 0x04, 0x04}, {0x44, 0x0c, 0x0c},
		{0x00, 0x44, 0x00}, {0xff, 0xff, 0xff}, {0xff, 0x44, 0x44}, {0x44, 0xff, 0x44},
		{0xff, 0xaa, 0xbb}, /* write-through now, and allocating as stage 1 said */
		{0xee, 0xbb, 0xaa}, {0xaa, 0xff, 0xaa}, {0xbb, 0xaa, 0xbb}, {0xdd, 0xff, 0xdd},
		{0x11, 0xbb, 0x11}, /* transient write-through is write-through already */
		{0x55, 0xbb, 0x99}, /* transient write-back is not */
		{0x4f, 0xff, 0x4f}, /* outer and inner each by itself */
		{0xf4, 0x4f, 0x44}, {0xff, 0x4f, 0x4f}, {0xfb, 0xbf, 0xbb},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct iopt_attrs one = memory_of(cases[i].one, IOPT_SHARE_INNER),
				  two = memory_of(cases[i].two, IOPT_SHARE_INNER);

		attrs_combine(&one, &two, false);
		if (!one.known || one.mair != cases[i].want)
			fail_msg("0x%02x below 0x%02x is 0x%02x, not 0x%02x", cases[i].one,
				 cases[i].two, one.mair, cases[i].want);
	}
}

/* Outer is more than inner, and either more than none; not cacheable is outer. */
static void test_share(void **state)
{
	static const enum iopt_share none = IOPT_SHARE_NONE, inner = IOPT_SHARE_INNER,
				     outer = IOPT_SHARE_OUTER;
	static const enum iopt_share cases[][3] = {
		{IOPT_SHARE_NONE, IOPT_SHARE_NONE, IOPT_SHARE_NONE},
		{IOPT_SHARE_NONE, IOPT_SHARE_INNER, IOPT_SHARE_INNER},
		{IOPT_SHARE_INNER, IOPT_SHARE_NONE, IOPT_SHARE_INNER},
		{IOPT_SHARE_INNER, IOPT_SHARE_OUTER, IOPT_SHARE_OUTER},
		{IOPT_SHARE_OUTER, IOPT_SHARE_INNER, IOPT_SHARE_OUTER},
		{IOPT_SHARE_OUTER, IOPT_SHARE_NONE, IOPT_SHARE_OUTER},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct iopt_attrs one = memory_of(0xff, cases[i][0]),
				  two = memory_of(0xff, cases[i][1]);

		attrs_combine(&one, &two, false);
		assert_int_equal(one.share, cases[i][2]);
	}
	for (int fwb = 0; fwb <= 1; fwb++) {
		struct iopt_attrs one = memory_of(0xff, inner), two = memory_of(0x44, none);

		two.index = 5;
		attrs_combine(&one, &two, fwb);
		assert_string_equal(one.memory, "normal-nc");
		assert_int_equal(one.share, outer);
	}
}

/* MemAttr with FWB: 0xx device, 101 not cacheable, 110 write-back, 111 as stage 1 has it. */
static void test_fwb(void **state)
{
	static const struct {
		uint8_t one;
		unsigned index;
		uint8_t two;
		const char *want;
	} cases[] = {
		{0xff, 7, 0, "normal-wb"},	 {0x04, 7, 0, "device-nGnRE"},
		{0x44, 6, 0xff, "normal-wb"},	 {0x00, 6, 0xff, "normal-wb"},
		{0xff, 5, 0x44, "normal-nc"},	 {0xbb, 5, 0x44, "normal-nc"},
		{0x04, 5, 0x44, "device-nGnRE"}, {0x0c, 5, 0x44, "device-GRE"},
		{0xff, 1, 0x04, "device-nGnRE"}, {0x00, 3, 0x0c, "device-GRE"},
	};
	struct iopt_attrs one, two = {.index = 7};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		one = memory_of(cases[i].one, IOPT_SHARE_INNER);
		two = memory_of(cases[i].two, IOPT_SHARE_INNER);
		if (cases[i].index == 7)
			attrs_set_stage1(&two, IOPT_SHARE_INNER);
		two.known = cases[i].index != 7;
		two.index = (uint8_t)cases[i].index;
		attrs_combine(&one, &two, true);
		assert_string_equal(one.memory, cases[i].want);
	}
	/* what nobody knows stays unknown, under a stage 2 that leaves it alone */
	one = (struct iopt_attrs){.index = 3};
	attrs_set_unknown(&one, IOPT_SHARE_INNER);
	two = (struct iopt_attrs){.index = 7};
	attrs_combine(&one, &two, true);
	assert_string_equal(one.memory, "index:3");
	assert_false(one.known);
	two = memory_of(0x44, IOPT_SHARE_OUTER);
	two.index = 5;
	attrs_combine(&one, &two, true);
	assert_string_equal(one.memory, "index:3");
}

/* One stage's type is not known, or reserved: nobody can say what comes out. */
static void test_unknown(void **state)
{
	struct iopt_attrs one = memory_of(0xff, IOPT_SHARE_INNER), two = {.index = 4};

	(void)state;
	attrs_set_reserved(&two, IOPT_SHARE_INNER);
	attrs_combine(&one, &two, false);
	assert_string_equal(one.memory, "reserved");
	assert_false(one.known);
	two = memory_of(0x04, IOPT_SHARE_NONE);
	attrs_combine(&one, &two, false);
	assert_false(one.known);
	one = memory_of(0xff, IOPT_SHARE_INNER);
	attrs_set_reserved(&two, IOPT_SHARE_INNER);
	two.known = false;
	two.index = 4;
	attrs_combine(&one, &two, true);
	assert_string_equal(one.memory, "reserved");
}

/* Words and bytes: each byte has a word, and the word means it again. */
static void test_words(void **state)
{
	static const char *const wrong[] = {"",		 "normal",    "mair:",	   "mair:0x4",
					    "mair:0x4g", "mair:0xg4", "mair:0x4F", "mair:0x4ff"};
	uint8_t mair;

	(void)state;
	for (unsigned byte = 0; byte < 256; byte++) {
		struct iopt_attrs a = memory_of((uint8_t)byte, IOPT_SHARE_INNER);

		assert_true(attrs_mair_of(a.memory, &mair));
		/* two bytes for each of these words: the one that allocates most comes back */
		if (byte == 0xaa || byte == 0xee)
			assert_int_equal(mair, byte | 0x11);
		else
			assert_int_equal(mair, byte);
	}
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_false(attrs_mair_of(wrong[i], &mair));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_weaker), cmocka_unit_test(test_share),
		cmocka_unit_test(test_fwb),    cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests_name("attributes of two stages", tests, NULL, NULL);
}
