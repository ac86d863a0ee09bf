/* SPDX-License-Identifier: MIT */
/*
 * Random requests against a flat model: every format, granule and quirk, at random widths, both
 * byte orders, with and without room for tables.
 *
 *     test_model [OPERATIONS [SEED]]     or IOPT_PROPERTY_OPS and IOPT_PROPERTY_SEED
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "trial.h"

enum { OPERATIONS = 1000000, TRIAL_OPERATIONS = 2000, TRIAL_LEAVES = 8000 };

static uint64_t operations_per_row, seed;

#define MTK (IOPT_QUIRK_NO_PERMS | IOPT_QUIRK_ARM_MTK_EXT)

static const struct trial_row ROWS[] = {
	{"arm-64-lpae-s1 4k", IOPT_ARM_64_LPAE_S1, 12, 13, 48, 48, 0, IOPT_QUIRK_ARM_NS},
	{"arm-64-lpae-s1 16k", IOPT_ARM_64_LPAE_S1, 14, 15, 48, 48, 0, IOPT_QUIRK_ARM_NS},
	{"arm-64-lpae-s1 64k", IOPT_ARM_64_LPAE_S1, 16, 17, 52, 52, 0, IOPT_QUIRK_ARM_NS},
	{"arm-64-lpae-s1 4k ttbr1", IOPT_ARM_64_LPAE_S1, 12, 13, 48, 48, IOPT_QUIRK_ARM_TTBR1,
	 IOPT_QUIRK_ARM_NS},
	{"arm-64-lpae-s1 64k ttbr1", IOPT_ARM_64_LPAE_S1, 16, 17, 52, 52, IOPT_QUIRK_ARM_TTBR1, 0},
	{"arm-64-lpae-s2 4k", IOPT_ARM_64_LPAE_S2, 12, 13, 48, 48, 0, 0},
	{"arm-64-lpae-s2 4k concatenated", IOPT_ARM_64_LPAE_S2, 12, 40, 43, 48, 0, 0},
	{"arm-64-lpae-s2 16k", IOPT_ARM_64_LPAE_S2, 14, 15, 48, 48, 0, 0},
	{"arm-64-lpae-s2 64k", IOPT_ARM_64_LPAE_S2, 16, 17, 52, 52, 0, 0},
	{"arm-32-lpae-s1", IOPT_ARM_32_LPAE_S1, 12, 13, 32, 40, 0, IOPT_QUIRK_ARM_NS},
	{"arm-32-lpae-s2", IOPT_ARM_32_LPAE_S2, 12, 13, 40, 40, 0, 0},
	{"arm-v7s", IOPT_ARM_V7S, 12, 21, 32, 32, 0, IOPT_QUIRK_ARM_NS | IOPT_QUIRK_NO_PERMS},
	{"arm-v7s mtk", IOPT_ARM_V7S, 12, 21, 34, 35, MTK, IOPT_QUIRK_ARM_NS},
	{"arm-v7s mtk ttbr", IOPT_ARM_V7S, 12, 21, 34, 35, MTK | IOPT_QUIRK_ARM_MTK_TTBR_EXT, 0},
};

static void run_row(void **state)
{
	const struct trial_row *row = *state;
	struct trial t = {.random = seed * UINT64_C(0x9e3779b97f4a7c15) + (uint64_t)(row - ROWS)};
	uint64_t left = operations_per_row;

	while (left) {
		uint64_t n = left < TRIAL_OPERATIONS ? left : TRIAL_OPERATIONS;

		trial_open(&t, row);
		while (n-- && t.model.count < TRIAL_LEAVES) {
			trial_step(&t);
			left--;
		}
		trial_close(&t);
	}
}

static uint64_t number_or(const char *text, uint64_t otherwise)
{
	return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

int main(int argc, char **argv)
{
	struct CMUnitTest tests[ARRAY_SIZE(ROWS)] = {0};
	uint64_t operations = number_or(getenv("IOPT_PROPERTY_OPS"), OPERATIONS);

	seed = number_or(getenv("IOPT_PROPERTY_SEED"), 1);
	if (argc > 1)
		operations = number_or(argv[1], operations);
	if (argc > 2)
		seed = number_or(argv[2], seed);
	operations_per_row = operations / ARRAY_SIZE(ROWS) + 1;
	printf("%llu operations, seed %llu\n", (unsigned long long)operations,
	       (unsigned long long)seed);
	for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
		tests[i].name = ROWS[i].name;
		tests[i].test_func = run_row;
		tests[i].initial_state = (void *)&ROWS[i];
	}
	return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
