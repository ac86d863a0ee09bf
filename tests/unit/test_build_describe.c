/* SPDX-License-Identifier: MIT */
/*
 * Regimes as firmware wants them: what is refused and why, how AArch32's two halves share 32 bits,
 * and where a stage 2 with concatenated tables starts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "build.h"

#define KIB64 BIT(16)

/* ---- refused ---- */

static const struct {
	struct build_config config;
	const char *member, *reason;
} refused[] = {
	{{.granule = 8192}, "granule", "no granule of 0x2000 bytes"},
	{{.format = IOPT_ARM_32_LPAE_S1, .granule = KIB64}, "granule", "no granule"},
	{{.oas = 33}, "oas", "none of 32, 36, 40, 42, 44, 48 and 52"},
	{{.oas = 53}, "oas", "have 52 bits"},
	{{.format = IOPT_ARM_32_LPAE_S1, .oas = 42}, "oas", "have 40 bits"},
	{{.format = IOPT_ARM_V7S, .oas = 40}, "oas", "have 32 bits"},
	{{.format = IOPT_ARM_V7S, .oas = 31}, "oas", "have 32 bits"},
	{{.halves = {{true, .ias = 49}}}, "ias", "more than 48 bits take the 64k granule"},
	{{.halves = {{true, .ias = 53}}}, "ias", "from 16 to 48 bits"},
	{{.halves = {{true, .ias = 15}}}, "ias", "from 16 to 48 bits"},
	{{.oas = 52, .halves = {{true, .ias = 53}}}, "ias", "from 16 to 52 bits"},
	{{.granule = KIB64, .halves = {{true, .ias = 53}}}, "ias", "from 16 to 52 bits"},
	{{.format = IOPT_ARM_32_LPAE_S1, .halves = {{true, .ias = 33}}},
	 "ias",
	 "from 25 to 32 bits"},
	{{.format = IOPT_ARM_32_LPAE_S1, .halves = {{true, .ias = 24}}},
	 "ias",
	 "from 25 to 32 bits"},
	{{.format = IOPT_ARM_32_LPAE_S2,
	  .regime = IOPT_REGIME_STAGE2,
	  .halves = {{true, .ias = 41}}},
	 "ias",
	 "from 25 to 40 bits"},
	{{.format = IOPT_ARM_64_LPAE_S2,
	  .regime = IOPT_REGIME_STAGE2,
	  .oas = 40,
	  .halves = {{true, .ias = 42}}},
	 "ias",
	 "stage 2 translates no more bits than oas, 40"},
	{{.format = IOPT_ARM_64_LPAE_S2, .regime = IOPT_REGIME_EL1},
	 "regime",
	 "a format of stage 2"},
	{{.regime = IOPT_REGIME_STAGE2}, "regime", "a format of stage 1"},
	{{.format = IOPT_ARM_32_LPAE_S1, .regime = IOPT_REGIME_EL2},
	 "regime",
	 "only arm-64-lpae-s1 has the regimes el2 and el3"},
	{{.format = IOPT_ARM_V7S, .regime = IOPT_REGIME_EL3},
	 "regime",
	 "only arm-64-lpae-s1 has the regimes el2 and el3"},
	{{.regime = IOPT_REGIME_EL2, .halves = {{.ias = 39}, {true, .ias = 39}}},
	 "ttbr1",
	 "only the regime el1 has a second half"},
	{{.format = IOPT_ARM_V7S, .halves = {{true, .ias = 32}, {true, .ias = 32}}},
	 "ias",
	 "25 to 31 bits, 32 - TTBCR.N"},
	{{.format = IOPT_ARM_V7S, .halves = {{true, .ias = 31}, {true, .ias = 31}}},
	 "ttbr1",
	 "has an ias of 32"},
	{{.format = IOPT_ARM_32_LPAE_S1, .halves = {{true, .ias = 32}, {true, .ias = 31}}},
	 "ias",
	 "at most 31"},
	{{.format = IOPT_ARM_32_LPAE_S1, .halves = {{true, .ias = 31}, {true, .ias = 32}}},
	 "ias",
	 "at most 31"},
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		struct iopt_error error = IOPT_INIT(struct iopt_error);
		struct build_config config = refused[i].config;
		struct space_desc spaces[2];
		const char *member = "-";
		unsigned count;

		config.halves[0].there = true;
		if (!config.halves[0].ias)
			config.halves[0].needs.last = 0xffff;
		assert_int_equal(build_describe(&config, spaces, &count, &member, &error),
				 -IOPT_EINVAL);
		if (strcmp(member, refused[i].member) != 0 ||
		    !strstr(error.message, refused[i].reason))
			fail_msg("%zu: %s: %s", i, member, error.message);
	}
}

/* ---- what becomes of the others ---- */

static unsigned describe(struct build_config config, struct space_desc spaces[2])
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	const char *member;
	unsigned count;

	config.halves[0].there = true;
	if (build_describe(&config, spaces, &count, &member, &error))
		fail_msg("%s: %s", member, error.message);
	return count;
}

static uint64_t value_of(const struct space_desc *s, const char *name)
{
	for (unsigned i = 0; i < s->register_count; i++)
		if (!strcmp(s->registers[i].name, name))
			return s->registers[i].value;
	fail_msg("no %s", name);
	return 0;
}

/* Short descriptors: TTBCR.N says where the halves meet, and the upper one has all 32 bits. */
static void test_short_halves(void **state)
{
	static const unsigned widths[] = {0, 25, 28, 31};
	struct space_desc s[2];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(widths); i++) {
		struct build_config config = {.format = IOPT_ARM_V7S,
					      .halves = {{.ias = widths[i]}, {.there = true}}};
		unsigned ias = widths[i] ? widths[i] : 31;

		assert_int_equal(describe(config, s), 2);
		assert_int_equal(s[0].ias, ias);
		assert_int_equal(s[1].ias, 32);
		assert_int_equal(value_of(&s[0], "tcr"), 32 - ias);
		assert_int_equal(value_of(&s[1], "tcr"), 32 - ias);
		assert_true(value_of(&s[1], "prrr") == BUILD_PRRR);
		assert_true(value_of(&s[1], "nmrr") == BUILD_NMRR);
	}
	assert_int_equal(describe((struct build_config){.format = IOPT_ARM_V7S}, s), 1);
	assert_int_equal(s[0].ias, 32);
	assert_int_equal(value_of(&s[0], "tcr"), 0);
}

/* Long descriptors of AArch32: T0SZ and T1SZ of 1 each, both halves enabled. */
static void test_long_halves(void **state)
{
	const struct build_config config = {.format = IOPT_ARM_32_LPAE_S1,
					    .halves = {{.there = true}, {.there = true}}};
	struct space_desc s[2];
	uint64_t tcr;

	(void)state;
	assert_int_equal(describe(config, s), 2);
	tcr = value_of(&s[0], "tcr");
	assert_true(tcr == value_of(&s[1], "tcr"));
	assert_int_equal(field_get(tcr, BITS(2, 0)), 1);
	assert_int_equal(field_get(tcr, BITS(18, 16)), 1);
	assert_false(tcr & (BIT(7) | BIT(23)));
	assert_true(tcr & BIT(31));
	assert_true(s[1].upper && !s[0].upper);
	assert_int_equal(s[0].quirks | s[1].quirks, 0);
}

/* Sizes that nobody gave are the fewest that hold what is to be mapped. */
static void test_fewest_bits(void **state)
{
	static const struct {
		uint64_t last;
		unsigned ias;
	} cases[] = {{0, 25},		{BIT(25) - 1, 25}, {BIT(25), 26},
		     {BIT(39) - 1, 39}, {BIT(39), 40},	   {BIT(48) - 1, 48}};
	struct space_desc s[2];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct build_config config = {.halves = {{.needs = {0, cases[i].last}}}};

		assert_int_equal(describe(config, s), 1);
		assert_int_equal(s[0].ias, cases[i].ias);
		assert_int_equal(64 - field_get(value_of(&s[0], "tcr"), BITS(5, 0)), s[0].ias);
		config.halves[1] = (struct build_half){true, 0, {~cases[i].last, UINT64_MAX}};
		assert_int_equal(describe(config, s), 2);
		assert_int_equal(s[1].ias, cases[i].ias);
	}
}

/* Sixteen concatenated tables save a level; the third of 4K tables is no place to start. */
static void test_stage2_start(void **state)
{
	static const struct {
		uint64_t granule;
		unsigned ias;
		int level;
	} cases[] = {
		{0x1000, 25, 2},  {0x1000, 30, 2},  {0x1000, 34, 2},  {0x1000, 35, 1},
		{0x1000, 39, 1},  {0x1000, 43, 1},  {0x1000, 44, 0},  {0x1000, 48, 0},
		{0x4000, 25, 3},  {0x4000, 29, 3},  {0x4000, 30, 2},  {0x4000, 40, 2},
		{0x4000, 41, 1},  {0x10000, 29, 3}, {0x10000, 33, 3}, {0x10000, 34, 2},
		{0x10000, 46, 2}, {0x10000, 47, 1},
	};
	struct space_desc s[2];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct build_config config = {.format = IOPT_ARM_64_LPAE_S2,
						    .regime = IOPT_REGIME_STAGE2,
						    .granule = cases[i].granule,
						    .halves = {{.ias = cases[i].ias}}};

		describe(config, s);
		if (s[0].start_level != cases[i].level)
			fail_msg("%u bits of 0x%llx: level %d, not %d", cases[i].ias,
				 (unsigned long long)cases[i].granule, s[0].start_level,
				 cases[i].level);
	}
}

/* 52 bits of 4K and 16K are another layout, which TCR.DS turns on. */
static void test_wide(void **state)
{
	static const struct {
		uint64_t granule;
		enum iopt_regime regime;
		enum iopt_oa_layout layout;
		uint64_t ds_bit;
	} cases[] = {
		{0x1000, IOPT_REGIME_EL1, IOPT_OA_LPA2, BIT(59)},
		{0x4000, IOPT_REGIME_EL1, IOPT_OA_LPA2, BIT(59)},
		{0x10000, IOPT_REGIME_EL1, IOPT_OA_LPA, BIT(59)},
		{0x1000, IOPT_REGIME_EL2, IOPT_OA_LPA2, BIT(32)},
		{0x4000, IOPT_REGIME_EL3, IOPT_OA_LPA2, BIT(32)},
		{0x10000, IOPT_REGIME_EL3, IOPT_OA_LPA, BIT(32)},
	};
	struct space_desc s[2];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct build_config config = {.regime = cases[i].regime,
						    .granule = cases[i].granule,
						    .oas = 52,
						    .halves = {{.ias = 52}}};

		describe(config, s);
		assert_int_equal(s[0].oa_layout, cases[i].layout);
		assert_true((value_of(&s[0], "tcr") & cases[i].ds_bit) ==
			    (cases[i].layout == IOPT_OA_LPA2 ? cases[i].ds_bit : 0));
	}
}

static void test_mair(void **state)
{
	bool used[256] = {0};
	uint64_t mair;

	(void)state;
	assert_int_equal(build_mair(used, &mair), 0);
	assert_true(mair == 0);
	used[0x44] = used[0xff] = used[0x04] = true;
	assert_int_equal(build_mair(used, &mair), 0);
	assert_true(mair == 0xff4404);
	for (unsigned i = 0; i < 8; i++)
		used[0x40 + i] = true;
	assert_int_equal(build_mair(used, &mair), -IOPT_E2BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),	     cmocka_unit_test(test_short_halves),
		cmocka_unit_test(test_long_halves),  cmocka_unit_test(test_fewest_bits),
		cmocka_unit_test(test_stage2_start), cmocka_unit_test(test_wide),
		cmocka_unit_test(test_mair),
	};

	return cmocka_run_group_tests_name("regimes of firmware", tests, NULL, NULL);
}
