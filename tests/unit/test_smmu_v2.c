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

/* ---- configurations ---- */

static void open_with(struct board *b, struct iopt_smmu_config config)
{
	board_open(b, config, (struct iopt_device_config){0});
	steps_take(&steps, b->smmu);
}

static int try_stream(struct board *b, uint32_t id, uint32_t mask, struct iopt_device **device)
{
	struct iopt_device_config config = IOPT_INIT(struct iopt_device_config);
	const struct iopt_stream stream = {.id = id, .mask = mask};

	config.name = "tx";
	config.smmu = b->smmu;
	config.streams = &stream;
	config.stream_count = 1;
	return iopt_device_create(b->memory, &config, device, NULL);
}

/* Formats and sizes by kernel, stage and model. */
static void test_formats(void **state)
{
	static const struct {
		struct iopt_smmu_config smmu;
		enum iopt_format format;
		unsigned ias, oas;
	} rows[] = {
		{{.kernel = IOPT_KERNEL_ARM64}, IOPT_ARM_64_LPAE_S1, 48, 48},
		{{.kernel = IOPT_KERNEL_ARM_LPAE}, IOPT_ARM_32_LPAE_S1, 32, 40},
		{{.kernel = IOPT_KERNEL_ARM_LPAE, .stages = 2}, IOPT_ARM_32_LPAE_S2, 40, 40},
		{{.kernel = IOPT_KERNEL_ARM}, IOPT_ARM_V7S, 32, 32},
		{{.kernel = IOPT_KERNEL_ARM, .stages = 2}, IOPT_ARM_32_LPAE_S2, 40, 40},
		{{.kernel = IOPT_KERNEL_ARM, .model = IOPT_SMMU_V1}, IOPT_ARM_V7S, 32, 32},
		{{.kernel = IOPT_KERNEL_ARM_LPAE, .oas = 36}, IOPT_ARM_32_LPAE_S1, 32, 36},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct iopt_space space = IOPT_INIT(struct iopt_space);
		struct board b;

		open_with(&b, rows[i].smmu);
		assert_int_equal(iopt_domain_space(b.domain, 0, &space), 0);
		assert_int_equal(space.format, rows[i].format);
		assert_int_equal(space.ias, rows[i].ias);
		assert_int_equal(space.oas, rows[i].oas);
		board_close(&b);
	}
}

static void test_short_descriptors(void **state)
{
	struct board b;
	uint64_t root;

	(void)state;
	open_with(&b, (struct iopt_smmu_config){.kernel = IOPT_KERNEL_ARM, .stage2_banks = 3});
	root = b.domain->spaces[0].root;
	assert_register(&steps, 3, "cba2r", 0);
	assert_register(&steps, 3, "cbar", 0x0001f300);
	assert_register(&steps, 3, "contextidr", 3);
	assert_register(&steps, 3, "ttbr0", root | 0x6a);
	assert_int_equal(steps.list[steps_last(&steps, 3, "ttbr0")].bytes, 4);
	assert_register(&steps, 3, "ttbr1", 0);
	assert_register(&steps, 3, "prrr", 0x800b8204);
	assert_register(&steps, 3, "nmrr", 0x40004000);
	assert_register(&steps, 3, "sctlr", 0x1067);
	assert_register(&steps, -1, "s2cr0", 3);
	board_close(&b);
}

static void test_stage2(void **state)
{
	struct board b;

	(void)state;
	open_with(&b, (struct iopt_smmu_config){.stages = 2, .stage2_banks = 3});
	assert_register(&steps, 0, "cba2r", 1);
	assert_register(&steps, 0, "cbar", 1);
	assert_register(&steps, 0, "tcr", 0x80053590);
	assert_register(&steps, 0, "ttbr0", b.domain->spaces[0].root);
	assert_register(&steps, 0, "sctlr", 0x67);
	assert_no_register(&steps, 0, "ttbr1");
	assert_no_register(&steps, 0, "tcr2");
	assert_no_register(&steps, 0, "mair0");
	board_close(&b);
}

static void test_vmid16(void **state)
{
	struct iopt_device *second;
	struct board b;

	(void)state;
	open_with(&b, (struct iopt_smmu_config){.stages = 2, .vmid16 = true});
	assert_register(&steps, 0, "cba2r", 0x10001);
	assert_register(&steps, 0, "cbar", 0);
	assert_register(&steps, -1, "scr0", 0x80001c36);
	board_close(&b);
	open_with(&b, (struct iopt_smmu_config){.vmid16 = true});
	second = board_device(&b, "tx", 2);
	steps_take(&steps, b.smmu);
	assert_register(&steps, 1, "cba2r", 0x10001);
	assert_register(&steps, 1, "cbar", 0x1f300);
	assert_int_equal(iopt_device_destroy(second, NULL), 0);
	board_close(&b);
}

static void test_bypass(void **state)
{
	struct board b;

	(void)state;
	board_open(&b, (struct iopt_smmu_config){.allow_bypass = true},
		   (struct iopt_device_config){.default_domain = IOPT_DEFAULT_PASSTHROUGH});
	steps_take(&steps, b.smmu);
	assert_register(&steps, -1, "scr0", 0x1836);
	assert_true(steps.list[steps_last(&steps, -1, "scr0")].mask & 0x400);
	assert_register(&steps, -1, "s2cr0", 0x10000);
	assert_register(&steps, -1, "s2cr1", 0x10000);
	assert_register(&steps, 0, "sctlr", 0);
	board_close(&b);
}

static void test_exids(void **state)
{
	struct iopt_device *device;
	struct board b;

	(void)state;
	open_with(&b, (struct iopt_smmu_config){0});
	assert_int_equal(try_stream(&b, 0x4000, 0x8000, &device), -IOPT_EINVAL);
	board_close(&b);
	open_with(&b, (struct iopt_smmu_config){.exids = true});
	assert_int_equal(try_stream(&b, 0x4000, 0x8000, &device), 0);
	steps_take(&steps, b.smmu);
	assert_register(&steps, -1, "scr0", 0x1c3e);
	assert_register(&steps, -1, "smr1", 0x80004000);
	assert_register(&steps, -1, "s2cr1", 0x401);
	assert_register(&steps, -1, "s2cr2", 0x20000);
	assert_int_equal(iopt_device_destroy(device, NULL), 0);
	board_close(&b);
}

/* The index is the stream ID; there is nothing to match, and nothing to overlap. */
static void test_stream_indexed(void **state)
{
	struct iopt_device *device, *none;
	struct board b;

	(void)state;
	open_with(&b, (struct iopt_smmu_config){.stream_indexed = true, .sid_bits = 3});
	assert_int_equal(try_stream(&b, 8, 0, &none), -IOPT_EINVAL);
	assert_int_equal(try_stream(&b, 6, 1, &none), -IOPT_EINVAL);
	assert_int_equal(try_stream(&b, 7, 0, &device), 0);
	steps_take(&steps, b.smmu);
	assert_no_register(&steps, -1, "smr1");
	assert_register(&steps, -1, "s2cr1", 0);
	assert_register(&steps, -1, "s2cr7", 1);
	assert_register(&steps, -1, "s2cr0", 0x20000);
	assert_no_register(&steps, -1, "s2cr8");
	assert_int_equal(iopt_device_destroy(device, NULL), 0);
	board_close(&b);
}

static void test_v1_interrupts(void **state)
{
	struct iopt_device *second;
	struct board b;

	(void)state;
	open_with(&b, (struct iopt_smmu_config){.model = IOPT_SMMU_V1, .context_irqs = 2});
	second = board_device(&b, "tx", 2);
	steps_take(&steps, b.smmu);
	assert_register(&steps, 0, "cbar", 0x0101f300);
	assert_register(&steps, 1, "cbar", 0x0001f300);
	assert_no_register(&steps, 0, "cba2r");
	assert_no_register(&steps, 0, "tcr2");
	assert_register(&steps, 0, "tcr", 0x80803520);
	assert_int_equal(iopt_device_destroy(second, NULL), 0);
	board_close(&b);
}

static void test_places(void **state)
{
	struct board b;
	int at;

	(void)state;
	open_with(&b, (struct iopt_smmu_config){.register_page = 1 << 16, .register_pages = 64});
	at = steps_last(&steps, 0, "sctlr");
	assert_int_equal(steps.list[at].offset, 64 << 16);
	assert_int_equal(steps.list[steps_last(&steps, 5, "sctlr")].offset, 69 << 16);
	assert_int_equal(steps.list[steps_last(&steps, 0, "cbar")].offset, 1 << 16);
	assert_int_equal(steps.list[steps_last(&steps, 0, "cba2r")].offset, (1 << 16) + 0x800);
	assert_int_equal(steps.list[steps_last(&steps, -1, "s2cr2")].offset, 0xc08);
	/* a context is on last, and its stream after that */
	assert_true(at > steps_last(&steps, 0, "mair1"));
	assert_true(steps_last(&steps, 0, "tcr2") < steps_last(&steps, 0, "ttbr0"));
	assert_true(steps_last(&steps, 0, "tcr") < steps_last(&steps, 0, "ttbr0"));
	assert_true(steps_last(&steps, -1, "smr0") > at);
	assert_true(steps_last(&steps, -1, "s2cr0") > steps_last(&steps, -1, "smr0"));
	board_close(&b);
}

/* Stage 1 has no use for the first banks; what is refused leaves nothing behind. */
static void test_no_bank(void **state)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct iopt_config config = IOPT_INIT(struct iopt_config);
	struct iopt_device *second, *none;
	struct iopt_domain *d;
	struct board b;

	(void)state;
	open_with(&b, (struct iopt_smmu_config){.context_banks = 3, .stage2_banks = 1});
	second = board_device(&b, "tx", 2);
	assert_int_equal(try_stream(&b, 3, 0, &none), -IOPT_ENOSPC);
	config.format = IOPT_ARM_64_LPAE_S2;
	config.ias = config.oas = 40;
	assert_int_equal(iopt_domain_create(b.memory, &config, &d, NULL), 0);
	assert_int_equal(iopt_attach(second, d, &error), 0);
	steps_take(&steps, b.smmu);
	assert_register(&steps, -1, "s2cr0", 1);
	assert_register(&steps, -1, "s2cr1", 0);
	assert_register(&steps, -1, "smr2", 0);
	assert_register(&steps, 0, "cbar", 1);
	iopt_domain_destroy(d);
	steps_take(&steps, b.smmu);
	assert_register(&steps, 0, "sctlr", 0);
	assert_register(&steps, -1, "s2cr1", 2);
	assert_int_equal(iopt_device_destroy(second, NULL), 0);
	board_close(&b);
}

/* Stage 2 where there are both; said before the first attach, of an unmanaged domain. */
static void test_nesting(void **state)
{
	static const struct {
		unsigned stages;
		enum iopt_format format;
	} rows[] = {{0, IOPT_ARM_64_LPAE_S2}, {1, IOPT_ARM_64_LPAE_S1}, {2, IOPT_ARM_64_LPAE_S2}};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct iopt_space space = IOPT_INIT(struct iopt_space);
		struct iopt_domain *d;
		struct board b;

		open_with(&b, (struct iopt_smmu_config){.stages = rows[i].stages});
		assert_int_equal(iopt_domain_enable_nesting(b.domain, NULL), -IOPT_EINVAL);
		assert_int_equal(iopt_domain_new(b.memory, IOPT_DOMAIN_UNMANAGED, &d, NULL), 0);
		assert_int_equal(iopt_domain_enable_nesting(d, NULL), 0);
		assert_true(iopt_domain_is_nesting(d));
		assert_int_equal(iopt_attach(b.device, d, NULL), 0);
		assert_int_equal(iopt_domain_space(d, 0, &space), 0);
		assert_int_equal(space.format, rows[i].format);
		assert_int_equal(iopt_domain_enable_nesting(d, NULL), -IOPT_EPERM);
		iopt_domain_destroy(d);
		board_close(&b);
	}
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
		{.kernel = IOPT_KERNEL_ARM, .exids = true, .vmid16 = true},
		{.kernel = IOPT_KERNEL_ARM_LPAE, .stages = 2, .stream_indexed = true},
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
		cmocka_unit_test(test_context_values), cmocka_unit_test(test_bank),
		cmocka_unit_test(test_formats),	       cmocka_unit_test(test_short_descriptors),
		cmocka_unit_test(test_stage2),	       cmocka_unit_test(test_vmid16),
		cmocka_unit_test(test_bypass),	       cmocka_unit_test(test_exids),
		cmocka_unit_test(test_stream_indexed), cmocka_unit_test(test_v1_interrupts),
		cmocka_unit_test(test_places),	       cmocka_unit_test(test_no_bank),
		cmocka_unit_test(test_nesting),	       cmocka_unit_test(test_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
