/* SPDX-License-Identifier: MIT */
/* SMMUs, devices, groups: who may attach what, with Linux's errnos. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "board.h"
#include "fixture.h"

static struct iopt_domain *new_domain(struct board *b, enum iopt_domain_type type)
{
	struct iopt_domain *d;

	assert_int_equal(iopt_domain_new(b->memory, type, &d, NULL), 0);
	return d;
}

static int try_streams(struct board *b, const struct iopt_stream *streams, unsigned count,
		       struct iopt_device **device)
{
	struct iopt_device_config config = IOPT_INIT(struct iopt_device_config);

	config.name = "tx";
	config.smmu = b->smmu;
	config.streams = streams;
	config.stream_count = count;
	return iopt_device_create(b->memory, &config, device, NULL);
}

/* ---- what a domain becomes ---- */

static void test_geometry(void **state)
{
	static const struct {
		struct iopt_smmu_config smmu;
		enum iopt_format format;
		unsigned ias, oas;
		uint64_t sizes;
	} rows[] = {
		{{0}, IOPT_ARM_64_LPAE_S1, 48, 48, 0x40201000},
		{{.stages = 2}, IOPT_ARM_64_LPAE_S2, 48, 48, 0x40201000},
		{{.stages = 1, .ias = 36, .oas = 40}, IOPT_ARM_64_LPAE_S1, 36, 40, 0x40201000},
		{{.stages = 2, .ias = 48, .oas = 40}, IOPT_ARM_64_LPAE_S2, 40, 40, 0x40201000},
		{{.model = IOPT_SMMU_V1}, IOPT_ARM_32_LPAE_S1, 32, 40, 0x40201000},
		{{.model = IOPT_SMMU_V1, .stages = 2}, IOPT_ARM_32_LPAE_S2, 40, 40, 0x40201000},
		{{.model = IOPT_SMMU_V3}, IOPT_ARM_64_LPAE_S1, 48, 48, 0x40201000},
		{{.model = IOPT_SMMU_V3, .stages = 2, .oas = 44},
		 IOPT_ARM_64_LPAE_S2,
		 44,
		 44,
		 0x40201000},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct iopt_space space = IOPT_INIT(struct iopt_space);
		struct board b;

		board_open(&b, rows[i].smmu, (struct iopt_device_config){0});
		assert_int_equal(iopt_domain_space(b.domain, 0, &space), 0);
		assert_int_equal(space.format, rows[i].format);
		assert_int_equal(space.ias, rows[i].ias);
		assert_int_equal(space.oas, rows[i].oas);
		assert_int_equal(space.page_sizes, rows[i].sizes);
		board_close(&b);
	}
}

static void test_before_the_first_attach(void **state)
{
	struct iopt_space space = IOPT_INIT(struct iopt_space);
	struct iopt_walk walk = IOPT_INIT(struct iopt_walk);
	struct iopt_fault fault;
	struct iopt_domain *d;
	struct board b;
	uint64_t pa, done;

	(void)state;
	board_open_plain(&b);
	d = new_domain(&b, IOPT_DOMAIN_DMA);
	assert_int_equal(iopt_domain_space(d, 0, &space), -IOPT_ENOENT);
	assert_int_equal(iopt_map(d, 0x1000, 0x1000, 0x1000, IOPT_READ), -IOPT_ENODEV);
	assert_int_equal(iopt_unmap(d, 0x1000, 0x1000, &done), -IOPT_EINVAL);
	assert_int_equal(iopt_translate(d, 0x1000, &pa, &fault), -IOPT_EFAULT);
	assert_int_equal(fault.type, IOPT_FAULT_TRANSLATION);
	assert_int_equal(iopt_walk(d, 0x1000, IOPT_ACCESS_R, 1, &walk), -IOPT_EFAULT);
	assert_int_equal(iopt_iova_to_phys(d, 0x1000), 0);
	assert_null(iopt_domain_iova(d));
	assert_null(iopt_domain_smmu(d));
	iopt_domain_destroy(d);
	board_close(&b);
}

static void test_identity(void **state)
{
	struct iopt_device_config config = {.default_domain = IOPT_DEFAULT_PASSTHROUGH};
	struct iopt_walk walk = IOPT_INIT(struct iopt_walk);
	struct iopt_buffer *buffer;
	struct board b;
	uint64_t pa;

	(void)state;
	board_open(&b, (struct iopt_smmu_config){0}, config);
	assert_int_equal(iopt_domain_type(b.domain), IOPT_DOMAIN_IDENTITY);
	assert_false(iopt_device_uses_iommu(b.device));
	assert_int_equal(iopt_map(b.domain, 0, 0, 0x1000, IOPT_READ), -IOPT_EINVAL);
	assert_int_equal(iopt_translate(b.domain, 0x12345, &pa, NULL), 0);
	assert_int_equal(pa, 0x12345);
	assert_int_equal(iopt_walk(b.domain, 0x12345, IOPT_ACCESS_W, 1, &walk), 0);
	assert_int_equal(walk.pa, 0x12345);
	buffer = must_alloc(b.device, 0x3000, 0, false);
	assert_int_equal(info_of(buffer).source, IOPT_SOURCE_DIRECT);
	assert_int_equal(iopt_dma_release(buffer, NULL, NULL), 0);
	board_close(&b);
}

/* ---- attach and detach ---- */

static void test_attach_unmanaged(void **state)
{
	struct iopt_domain *first, *second;
	struct board b;

	(void)state;
	board_open_plain(&b);
	first = new_domain(&b, IOPT_DOMAIN_UNMANAGED);
	second = new_domain(&b, IOPT_DOMAIN_BLOCKED);
	assert_int_equal(iopt_detach(b.device, NULL), -IOPT_EINVAL);
	assert_int_equal(iopt_attach(b.device, first, NULL), 0);
	assert_ptr_equal(iopt_device_domain(b.device), first);
	assert_ptr_equal(iopt_domain_device(first, 0), b.device);
	assert_null(iopt_domain_device(first, 1));
	assert_ptr_equal(iopt_domain_smmu(first), b.smmu);
	assert_int_equal(iopt_map(first, 0x1000, 0x90000000, 0x1000, IOPT_READ), 0);
	assert_int_equal(iopt_attach(b.device, second, NULL), -IOPT_EBUSY);
	assert_int_equal(iopt_detach(b.device, NULL), 0);
	assert_ptr_equal(iopt_device_domain(b.device), b.domain);
	assert_int_equal(iopt_attach(b.device, second, NULL), 0);
	assert_int_equal(iopt_map(second, 0x1000, 0x90000000, 0x1000, IOPT_READ), -IOPT_EINVAL);
	/* destroyed while attached: back to the default */
	iopt_domain_destroy(second);
	assert_ptr_equal(iopt_device_domain(b.device), b.domain);
	iopt_domain_destroy(first);
	board_close(&b);
}

static void test_attach_other_smmu(void **state)
{
	static const struct {
		enum iopt_smmu_model model;
		int code;
	} rows[] = {{IOPT_SMMU_V2, -IOPT_EINVAL}, {IOPT_SMMU_V3, -IOPT_ENXIO}};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct iopt_smmu_config config = IOPT_INIT(struct iopt_smmu_config);
		struct iopt_smmu *first;
		struct iopt_device *other;
		struct iopt_domain *d;
		struct board b;

		config.model = rows[i].model;
		board_open(&b, config, (struct iopt_device_config){0});
		first = b.smmu;
		assert_int_equal(iopt_smmu_create(b.memory, &config, &b.smmu, NULL), 0);
		other = board_device(&b, "tx", 1);
		d = new_domain(&b, IOPT_DOMAIN_UNMANAGED);
		assert_int_equal(iopt_attach(b.device, d, NULL), 0);
		assert_int_equal(iopt_attach(other, d, NULL), rows[i].code);
		assert_ptr_equal(iopt_device_domain(other), iopt_device_default_domain(other));
		iopt_domain_destroy(d);
		assert_int_equal(iopt_device_destroy(other, NULL), 0);
		assert_int_equal(iopt_smmu_destroy(b.smmu), 0);
		b.smmu = first;
		board_close(&b);
	}
}

static void test_attach_built(void **state)
{
	struct iopt_config config = IOPT_INIT(struct iopt_config);
	struct iopt_smmu_config smmu = {.granules = 4 * KIB, .stages = 1, .ias = 40, .oas = 40};
	struct iopt_domain *d;
	struct board b;

	(void)state;
	board_open(&b, smmu, (struct iopt_device_config){0});
	config.ias = config.oas = 40;
	assert_int_equal(iopt_domain_create(b.memory, &config, &d, NULL), 0);
	assert_int_equal(iopt_attach(b.device, d, NULL), 0);
	iopt_domain_destroy(d);
	config.ias = 48;
	assert_int_equal(iopt_domain_create(b.memory, &config, &d, NULL), 0);
	assert_int_equal(iopt_attach(b.device, d, NULL), -IOPT_EINVAL);
	iopt_domain_destroy(d);
	config.format = IOPT_ARM_64_LPAE_S2;
	config.ias = 40;
	assert_int_equal(iopt_domain_create(b.memory, &config, &d, NULL), 0);
	assert_int_equal(iopt_attach(b.device, d, NULL), -IOPT_EINVAL);
	iopt_domain_destroy(d);
	board_close(&b);
}

/* A DMA domain takes the default's place, as long as nothing lives in that. */
static void test_attach_default(void **state)
{
	struct iopt_buffer *buffer;
	struct iopt_domain *d;
	struct board b;

	(void)state;
	board_open_plain(&b);
	d = new_domain(&b, IOPT_DOMAIN_DMA);
	buffer = must_alloc(b.device, 1, 0, false);
	assert_int_equal(iopt_attach(b.device, d, NULL), -IOPT_EBUSY);
	assert_int_equal(iopt_dma_release(buffer, NULL, NULL), 0);
	assert_int_equal(iopt_attach(b.device, d, NULL), 0);
	assert_ptr_equal(iopt_device_default_domain(b.device), d);
	buffer = must_alloc(b.device, 1, 0, false);
	assert_ptr_equal(info_of(buffer).domain, d);
	assert_int_equal(iopt_detach(b.device, NULL), -IOPT_EBUSY);
	/* gone under its buffer: the memory is still given back */
	iopt_domain_destroy(d);
	assert_null(info_of(buffer).domain);
	assert_ptr_equal(iopt_device_default_domain(b.device), b.domain);
	assert_int_equal(iopt_dma_release(buffer, NULL, NULL), 0);
	board_close(&b);
}

static void test_default_is_not_the_callers(void **state)
{
	struct board b;

	(void)state;
	board_open_plain(&b);
	iopt_domain_destroy(b.domain);
	assert_ptr_equal(iopt_device_domain(b.device), b.domain);
	board_close(&b);
}

/* ---- stream IDs and groups ---- */

static void test_streams(void **state)
{
	const struct iopt_stream covered = {.id = 0x12}, overlap = {.id = 0x10, .mask = 0x1f},
				 wide = {.id = 0x10000}, far = {.id = 0x400, .mask = 0xf};
	const struct iopt_stream range = {.id = 0x10, .mask = 0xf};
	struct iopt_device *first, *second, *third;
	struct iopt_domain *d;
	struct board b;

	(void)state;
	board_open_plain(&b);
	assert_int_equal(try_streams(&b, &range, 1, &first), 0);
	/* covered by an entry: the same group, and nobody attaches alone */
	assert_int_equal(try_streams(&b, &covered, 1, &second), 0);
	assert_int_equal(iopt_device_group(first), iopt_device_group(second));
	assert_ptr_equal(iopt_device_domain(first), iopt_device_domain(second));
	d = new_domain(&b, IOPT_DOMAIN_UNMANAGED);
	assert_int_equal(iopt_attach(first, d, NULL), -IOPT_EINVAL);
	assert_int_equal(try_streams(&b, &overlap, 1, &third), -IOPT_EINVAL);
	assert_int_equal(try_streams(&b, &wide, 1, &third), -IOPT_EINVAL);
	assert_int_equal(try_streams(&b, NULL, 0, &third), -IOPT_EINVAL);
	assert_int_equal(
		try_streams(&b, (struct iopt_stream[]){far, covered, {.id = 1}}, 3, &third),
		-IOPT_EINVAL);
	/* nothing of the refused one is left */
	assert_int_equal(try_streams(&b, &far, 1, &third), 0);
	assert_int_not_equal(iopt_device_group(third), iopt_device_group(first));
	assert_int_equal(iopt_device_destroy(second, NULL), 0);
	assert_int_equal(iopt_attach(first, d, NULL), 0);
	assert_int_equal(iopt_device_destroy(first, NULL), 0);
	assert_int_equal(iopt_device_destroy(third, NULL), 0);
	iopt_domain_destroy(d);
	board_close(&b);
}

static void test_streams_v3(void **state)
{
	const struct iopt_stream same = {.id = 1}, masked = {.id = 2, .mask = 1},
				 past = {.id = 256};
	struct iopt_smmu_config smmu = {.model = IOPT_SMMU_V3, .sid_bits = 8};
	struct iopt_device *device;
	unsigned bank, asid, vmid;
	struct board b;

	(void)state;
	board_open(&b, smmu, (struct iopt_device_config){0});
	assert_int_equal(iopt_domain_context(b.domain, &bank, &asid, &vmid), 0);
	assert_int_equal(asid, 1);
	assert_int_equal(try_streams(&b, &same, 1, &device), -IOPT_EINVAL);
	assert_int_equal(try_streams(&b, &masked, 1, &device), -IOPT_EINVAL);
	assert_int_equal(try_streams(&b, &past, 1, &device), -IOPT_ERANGE);
	device = board_device(&b, "tx", 2);
	assert_int_equal(iopt_domain_context(iopt_device_domain(device), &bank, &asid, &vmid), 0);
	assert_int_equal(asid, 2);
	assert_int_equal(iopt_device_destroy(device, NULL), 0);
	board_close(&b);
}

static void test_context_banks(void **state)
{
	struct iopt_smmu_config smmu = {.context_banks = 2, .stream_groups = 3};
	const struct iopt_stream third = {.id = 3};
	struct iopt_device *second, *none;
	unsigned bank, asid, vmid;
	struct board b;

	(void)state;
	board_open(&b, smmu, (struct iopt_device_config){0});
	second = board_device(&b, "tx", 2);
	assert_int_equal(iopt_domain_context(iopt_device_domain(second), &bank, &asid, &vmid), 0);
	assert_int_equal(bank, 1);
	assert_int_equal(asid, 1);
	assert_int_equal(try_streams(&b, &third, 1, &none), -IOPT_ENOSPC);
	assert_int_equal(iopt_device_destroy(second, NULL), 0);
	board_close(&b);
}

/* ---- who owns a group ---- */

static void test_ownership(void **state)
{
	struct iopt_buffer *buffer;
	struct iopt_domain *d;
	struct board b;
	uint64_t pa;

	(void)state;
	board_open_plain(&b);
	assert_int_equal(iopt_device_claim(b.device, NULL), -IOPT_EPERM);
	assert_int_equal(iopt_device_bind(b.device, NULL), -IOPT_EBUSY);
	assert_int_equal(iopt_device_unbind(b.device, NULL), 0);
	assert_int_equal(iopt_device_unbind(b.device, NULL), -IOPT_EINVAL);
	assert_int_equal(iopt_dma_alloc(b.device, 1, 0, false, &buffer, NULL), -IOPT_ENODEV);
	assert_int_equal(iopt_device_release(b.device, NULL), -IOPT_EINVAL);
	assert_int_equal(iopt_device_claim(b.device, NULL), 0);
	assert_int_equal(iopt_device_claim(b.device, NULL), -IOPT_EPERM);
	assert_int_equal(iopt_device_bind(b.device, NULL), -IOPT_EBUSY);
	assert_int_equal(iopt_domain_type(iopt_device_domain(b.device)), IOPT_DOMAIN_BLOCKED);
	assert_int_equal(iopt_device_access(b.device, 0x1000, 1, IOPT_READ, &pa, NULL),
			 -IOPT_EFAULT);
	d = new_domain(&b, IOPT_DOMAIN_UNMANAGED);
	assert_int_equal(iopt_attach(b.device, d, NULL), 0);
	assert_int_equal(iopt_detach(b.device, NULL), 0);
	assert_int_equal(iopt_domain_type(iopt_device_domain(b.device)), IOPT_DOMAIN_BLOCKED);
	assert_int_equal(iopt_device_release(b.device, NULL), 0);
	assert_ptr_equal(iopt_device_domain(b.device), b.domain);
	assert_int_equal(iopt_device_bind(b.device, NULL), 0);
	iopt_domain_destroy(d);
	board_close(&b);
}

/* ---- refused ---- */

static void test_smmu_refused(void **state)
{
	static const struct iopt_smmu_config rows[] = {
		{.ias = 33},
		{.oas = 52},
		{.model = IOPT_SMMU_V1, .granules = 1 << 16},
		{.model = IOPT_SMMU_V3, .ias = 52, .granules = 1 << 12},
		{.stages = 4},
		{.sid_bits = 17},
		{.context_banks = 129},
		{.linear = true},
		{.model = IOPT_SMMU_V1, .exids = true},
		{.model = IOPT_SMMU_V1, .vmid16 = true},
		{.model = IOPT_SMMU_V3, .stage2_banks = 1},
		{.model = IOPT_SMMU_V3, .kernel = IOPT_KERNEL_ARM},
		{.kernel = IOPT_KERNEL_COUNT},
		{.stream_indexed = true, .exids = true},
		{.stream_indexed = true, .sid_bits = 8},
		{.stream_indexed = true, .stream_groups = 4},
		{.context_banks = 4, .stage2_banks = 5},
		{.register_page = 1 << 14},
		{.register_pages = 24},
		{.register_pages = 8},
		{.register_pages = 256},
		{.model = IOPT_SMMU_MODEL_COUNT},
	};
	struct iopt_memory *memory;
	struct iopt_smmu *smmu;

	(void)state;
	assert_int_equal(iopt_memory_create(&memory), 0);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct iopt_error error = IOPT_INIT(struct iopt_error);
		struct iopt_smmu_config config = rows[i];

		config.struct_size = sizeof(config);
		assert_int_equal(iopt_smmu_create(memory, &config, &smmu, &error), -IOPT_EINVAL);
		assert_true(error.message[0]);
	}
	iopt_memory_destroy(memory);
}

static void test_device_refused(void **state)
{
	static const struct iopt_device_config rows[] = {
		{.name = NULL},
		{.name = ""},
		{.name = "rx", .cpu_page_size = 0x2000},
		{.name = "rx", .dma_mask_bits = 65},
		{.name = "rx", .bus_base = 2, .bus_limit = 1},
		{.name = "rx", .segment_boundary = 0x1000},
		{.name = "rx", .pool_base = 0x1001, .pool_size = 0x1000},
		{.name = "rx", .pool_base = UINT64_MAX - 0xfff, .pool_size = 0x2000},
		{.name = "rx", .stream_count = 1},
	};
	struct iopt_memory *memory;
	struct iopt_device *device;

	(void)state;
	assert_int_equal(iopt_memory_create(&memory), 0);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct iopt_device_config config = rows[i];

		config.struct_size = sizeof(config);
		assert_int_equal(iopt_device_create(memory, &config, &device, NULL), -IOPT_EINVAL);
	}
	iopt_memory_destroy(memory);
}

static void test_pool_in_use(void **state)
{
	struct iopt_device_config config = {.pool_base = 0x80000000, .pool_size = 0x4000};
	struct iopt_device *device;
	struct board b;

	(void)state;
	board_open_plain(&b);
	config.struct_size = sizeof(config);
	config.name = "dsp";
	/* where the SMMU's tables are */
	assert_int_equal(iopt_device_create(b.memory, &config, &device, NULL), -IOPT_EBUSY);
	config.pool_base = 0x90000000;
	assert_int_equal(iopt_device_create(b.memory, &config, &device, NULL), 0);
	config.pool_base = 0x90002000;
	assert_int_equal(iopt_device_create(b.memory, &config, &device, NULL), -IOPT_EBUSY);
	assert_int_equal(iopt_device_destroy(device, NULL), 0);
	board_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_geometry),
		cmocka_unit_test(test_before_the_first_attach),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_attach_unmanaged),
		cmocka_unit_test(test_attach_other_smmu),
		cmocka_unit_test(test_attach_built),
		cmocka_unit_test(test_attach_default),
		cmocka_unit_test(test_default_is_not_the_callers),
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_streams_v3),
		cmocka_unit_test(test_context_banks),
		cmocka_unit_test(test_ownership),
		cmocka_unit_test(test_smmu_refused),
		cmocka_unit_test(test_device_refused),
		cmocka_unit_test(test_pool_in_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
