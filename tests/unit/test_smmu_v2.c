/* SPDX-License-Identifier: MIT */
/* SMMU v1, v2 and MMU-500: what the driver writes, to the bit and in its order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "board.h"
#include "domain.h"
#include "fixture.h"
#include "smmu_v2.h"
#include "steps.h"

static struct steps steps;

/* ---- values ---- */

static void test_context_values(void **state)
{
	/* Linux's, by geometry */
	static const struct {
		enum iopt_format format;
		uint64_t granule;
		unsigned ias, oas;
		bool non_coherent;
		uint32_t tcr, tcr2;
	} rows[] = {
		{IOPT_ARM_64_LPAE_S1, 1 << 12, 48, 48, false, 0x00803510, 0x38015},
		{IOPT_ARM_64_LPAE_S1, 1 << 12, 48, 48, true, 0x00802010, 0x38015},
		{IOPT_ARM_64_LPAE_S1, 1 << 12, 39, 40, false, 0x00803519, 0x38012},
		{IOPT_ARM_64_LPAE_S1, 1 << 12, 32, 40, false, 0x00803520, 0x38012},
		{IOPT_ARM_32_LPAE_S1, 1 << 12, 32, 40, false, 0x80803520, 0x38002},
		{IOPT_ARM_64_LPAE_S1, 1 << 14, 48, 48, false, 0x0080b510, 0x38015},
		{IOPT_ARM_64_LPAE_S1, 1 << 16, 48, 48, false, 0x00807510, 0x38015},
		{IOPT_ARM_64_LPAE_S1, 1 << 16, 52, 52, false, 0x0080750c, 0x38016},
		{IOPT_ARM_64_LPAE_S2, 1 << 12, 40, 48, false, 0x80053558, 0},
		{IOPT_ARM_64_LPAE_S2, 1 << 12, 48, 48, false, 0x80053590, 0},
		{IOPT_ARM_64_LPAE_S2, 1 << 12, 44, 44, false, 0x80043594, 0},
		{IOPT_ARM_64_LPAE_S2, 1 << 16, 48, 48, false, 0x80057590, 0},
		{IOPT_ARM_64_LPAE_S2, 1 << 14, 48, 48, false, 0x8005b590, 0},
		{IOPT_ARM_64_LPAE_S2, 1 << 14, 40, 40, false, 0x8002b598, 0},
		{IOPT_ARM_64_LPAE_S2, 1 << 12, 36, 40, false, 0x8002355c, 0},
		{IOPT_ARM_64_LPAE_S2, 1 << 12, 32, 40, true, 0x80022060, 0},
	};
	struct iopt_memory *memory;

	(void)state;
	assert_int_equal(iopt_memory_create(&memory), 0);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct iopt_config config = IOPT_INIT(struct iopt_config);
		struct iopt_domain *d;
		struct v2_context c;

		config.format = rows[i].format;
		config.page_sizes = iopt_granule_page_sizes(rows[i].format, rows[i].granule);
		config.ias = rows[i].ias;
		config.oas = rows[i].oas;
		config.non_coherent_walk = rows[i].non_coherent;
		assert_int_equal(iopt_domain_create(memory, &config, &d, NULL), 0);
		c = v2_context(d);
		assert_int_equal(c.tcr, rows[i].tcr);
		assert_int_equal(c.tcr2, rows[i].tcr2);
		iopt_domain_destroy(d);
	}
	iopt_memory_destroy(memory);
}

static void test_bank(void **state)
{
	struct iopt_domain *d;
	struct board b;

	(void)state;
	board_open_plain(&b);
	d = iopt_device_default_domain(board_device(&b, "tx", 0x123));
	steps_take(&steps, b.smmu);
	assert_register(&steps, 1, "cba2r", 1);
	assert_register(&steps, 1, "cbar", 0x0001f300);
	assert_register(&steps, 1, "tcr2", 0x38015);
	assert_register(&steps, 1, "tcr", 0x00803510);
	assert_register(&steps, 1, "ttbr0", d->spaces[0].root | UINT64_C(1) << 48);
	assert_register(&steps, 1, "ttbr1", UINT64_C(1) << 48);
	assert_register(&steps, 1, "mair0", 0xf404ff44);
	assert_register(&steps, 1, "mair1", 0);
	assert_register(&steps, 1, "sctlr", 0x1067);
	assert_register(&steps, 2, "sctlr", 0);
	assert_register(&steps, -1, "scr0", 0x1c36);
	assert_register(&steps, -1, "smr0", 0x80000001);
	assert_register(&steps, -1, "smr1", 0x80000123);
	assert_register(&steps, -1, "smr2", 0);
	assert_register(&steps, -1, "s2cr0", 0);
	assert_register(&steps, -1, "s2cr1", 1);
	assert_register(&steps, -1, "s2cr2", 0x20000);
	assert_no_register(&steps, 1, "contextidr");
	assert_no_register(&steps, -1, "sacr");
	assert_int_equal(iopt_device_destroy(iopt_domain_device(d, 0), NULL), 0);
	board_close(&b);
}

/* ---- the list ---- */

static int ignore_field(void *arg, const struct iopt_field *field)
{
	(void)arg;
	(void)field;
	return 0;
}

/* Every register is decoded by the name that its step gives, and has its bits alone. */
static void check_steps(void)
{
	const struct iopt_field_sink sink = {ignore_field, NULL};

	for (unsigned i = 0; i < steps.count; i++) {
		const struct iopt_smmu_step *step = &steps.list[i];

		assert_true(step->bytes == 4 || step->bytes == 8);
		assert_int_equal(step->offset % step->bytes, 0);
		assert_true(!(step->value & ~step->mask));
		if (step->kind == IOPT_SMMU_WRITE || step->kind == IOPT_SMMU_UPDATE)
			assert_non_null(step->decodable);
		if (step->decodable)
			assert_int_equal(iopt_decode(step->decodable, &step->value, 1, &sink), 0);
	}
}

static void test_steps(void **state)
{
	static const struct iopt_smmu_config rows[] = {
		{.model = IOPT_SMMU_V2},
		{.model = IOPT_SMMU_V2, .stages = 2},
		{.model = IOPT_SMMU_V1},
		{.model = IOPT_SMMU_V1, .stages = 2},
		{.model = IOPT_SMMU_MMU500, .context_banks = 128, .stream_groups = 128},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct board b;

		board_open(&b, rows[i], (struct iopt_device_config){0});
		steps_take(&steps, b.smmu);
		check_steps();
		board_close(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_context_values),
		cmocka_unit_test(test_bank),
		cmocka_unit_test(test_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
