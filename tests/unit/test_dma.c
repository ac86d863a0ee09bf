/* SPDX-License-Identifier: MIT */
/* Coherent buffers against what Linux 6.1's own code answered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base.h"
#include "board.h"
#include "fixture.h"

static bool translates(struct iopt_domain *d, uint64_t iova)
{
	uint64_t pa;

	return !iopt_translate(d, iova, &pa, NULL);
}

/* ---- 18.9: coherent buffers ---- */

static void test_worked_example(void **state)
{
	struct iopt_buffer_info info;
	struct iopt_buffer *buffer;
	struct board b;

	(void)state;
	board_open_plain(&b);
	buffer = must_alloc(b.device, 0x5000, 0, false);
	info = info_of(buffer);
	assert_int_equal(info.iova, 0xffff8000);
	assert_int_equal(info.mapped, 0x5000);
	assert_int_equal(info.iova_size, 0x8000);
	assert_int_equal(info.source, IOPT_SOURCE_IOMMU);
	assert_int_equal(info.segment_count, 1);
	assert_true(info.zeroed);
	assert_true(translates(b.domain, 0xffffcfff));
	assert_false(translates(b.domain, 0xffffd000));
	must_free(buffer);
	assert_false(translates(b.domain, 0xffff8000));
	board_close(&b);
}

static int count_extents(void *arg, const struct iopt_extent *extent)
{
	uint64_t *counts = arg;

	counts[extent->type == IOPT_TYPE_BLOCK] += extent->count;
	return 0;
}

static void test_worked_example_large(void **state)
{
	struct iopt_visitor visitor = IOPT_INIT(struct iopt_visitor);
	uint64_t counts[2] = {0};
	struct iopt_buffer *buffer;
	struct board b;

	(void)state;
	board_open_plain(&b);
	buffer = must_alloc(b.device, 0x603000, 0, false);
	assert_int_equal(info_of(buffer).iova, 0xff800000);
	visitor.extent = count_extents;
	visitor.arg = counts;
	assert_int_equal(iopt_domain_visit(b.domain, 0, &visitor), 0);
	assert_int_equal(counts[1], 3);
	assert_int_equal(counts[0], 3);
	must_free(buffer);
	board_close(&b);
}

static void test_alignment_has_no_cap(void **state)
{
	struct iopt_buffer *buffer;
	struct board b;

	(void)state;
	board_open_plain(&b);
	/* 513 pages are aligned to 4 MiB */
	buffer = must_alloc(b.device, 513 * 4 * KIB, 0, false);
	assert_int_equal(info_of(buffer).iova, 0xffc00000);
	assert_int_equal(info_of(buffer).iova_size, 513 * 4 * KIB);
	must_free(buffer);
	board_close(&b);
}

static void test_pci_tries_32_bits_first(void **state)
{
	struct iopt_device_config wide = {.coherent_mask_bits = 48}, pci = wide;
	struct iopt_buffer *buffer;
	struct board b;

	(void)state;
	pci.pci = true;
	board_open(&b, (struct iopt_smmu_config){0}, pci);
	buffer = must_alloc(b.device, 1, 0, false);
	assert_int_equal(info_of(buffer).iova, 0xfffff000);
	must_free(buffer);
	board_close(&b);
	board_open(&b, (struct iopt_smmu_config){0}, wide);
	buffer = must_alloc(b.device, 1, 0, false);
	assert_int_equal(info_of(buffer).iova, 0xfffffffff000);
	must_free(buffer);
	board_close(&b);
}

static void test_bus_limit(void **state)
{
	struct iopt_device_config config = {.bus_base = 0x40000000, .bus_limit = 0x7fffffff};
	struct iopt_buffer *buffers[3];
	struct board b;

	(void)state;
	/* V12 */
	board_open(&b, (struct iopt_smmu_config){0}, config);
	buffers[0] = must_alloc(b.device, 0x1000, 0, false);
	buffers[1] = must_alloc(b.device, 0x100000, 0, false);
	buffers[2] = must_alloc(b.device, 0x1000, 0, false);
	assert_int_equal(info_of(buffers[0]).iova, 0x7ffff000);
	assert_int_equal(info_of(buffers[1]).iova, 0x7fe00000);
	assert_int_equal(info_of(buffers[2]).iova, 0x7fdff000);
	for (unsigned i = 0; i < 3; i++)
		must_free(buffers[i]);
	board_close(&b);
}

/* ---- where the memory comes from ---- */

static void test_sources(void **state)
{
	static const struct {
		bool coherent, atomic;
		unsigned attrs;
		enum iopt_buffer_source source;
	} rows[] = {
		{false, false, 0, IOPT_SOURCE_IOMMU},
		{true, false, 0, IOPT_SOURCE_IOMMU},
		{true, true, 0, IOPT_SOURCE_CONTIGUOUS},
		{false, true, 0, IOPT_SOURCE_ATOMIC_POOL},
		{false, false, IOPT_DMA_FORCE_CONTIGUOUS, IOPT_SOURCE_CONTIGUOUS},
		{true, true, IOPT_DMA_FORCE_CONTIGUOUS, IOPT_SOURCE_CONTIGUOUS},
		{false, true, IOPT_DMA_FORCE_CONTIGUOUS, IOPT_SOURCE_ATOMIC_POOL},
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		struct iopt_device_config config = {.coherent = rows[i].coherent};
		struct iopt_buffer *buffer;
		struct board b;

		board_open(&b, (struct iopt_smmu_config){0}, config);
		buffer = must_alloc(b.device, 0x3000, rows[i].attrs, rows[i].atomic);
		assert_int_equal(info_of(buffer).source, rows[i].source);
		assert_int_equal(info_of(buffer).mapped, 0x3000);
		assert_true(translates(b.domain, info_of(buffer).iova + 0x2fff));
		must_free(buffer);
		board_close(&b);
	}
}

static void test_no_block_too_large(void **state)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct iopt_buffer *buffer;
	struct board b;

	(void)state;
	board_open_plain(&b);
	buffer = must_alloc(b.device, 4 * MIB, IOPT_DMA_FORCE_CONTIGUOUS, false);
	must_free(buffer);
	assert_int_equal(iopt_dma_alloc(b.device, 4 * MIB + 1, IOPT_DMA_FORCE_CONTIGUOUS, false,
					&buffer, &error),
			 -IOPT_ENOMEM);
	assert_non_null(strstr(error.message, "contiguous"));
	board_close(&b);
}

static void test_device_pool(void **state)
{
	struct iopt_device_config config = {.pool_base = 0x90000000, .pool_size = 10 * 4 * KIB};
	struct iopt_buffer *first, *second;
	struct board b;

	(void)state;
	board_open(&b, (struct iopt_smmu_config){0}, config);
	first = must_alloc(b.device, 0x8000, 0, false);
	assert_int_equal(info_of(first).iova, 0x90000000);
	assert_int_equal(info_of(first).source, IOPT_SOURCE_DEVICE_POOL);
	assert_int_equal(info_of(first).mapped, 0);
	/* ten pages do not hold eight twice, and nothing else is tried */
	assert_int_equal(iopt_dma_alloc(b.device, 0x8000, 0, false, &second, NULL), -IOPT_ENOMEM);
	second = must_alloc(b.device, 0x1001, 0, false);
	assert_int_equal(info_of(second).iova, 0x90008000);
	assert_int_equal(iopt_dma_alloc(b.device, 1, 0, false, &second, NULL), -IOPT_ENOMEM);
	assert_int_equal(findings(b.memory, "X3"), 2);
	second = iopt_buffer_next(b.memory, first);
	must_free(second);
	must_free(first);
	board_close(&b);
}

static void test_pool_alignment(void **state)
{
	struct iopt_device_config config = {.pool_base = 0x90001000, .pool_size = 16 * 4 * KIB};
	struct iopt_buffer *first, *second;
	struct board b;

	(void)state;
	/* by the number of pages, from the pool's own beginning */
	board_open(&b, (struct iopt_smmu_config){0}, config);
	first = must_alloc(b.device, 1, 0, false);
	second = must_alloc(b.device, 3 * 4 * KIB, 0, false);
	assert_int_equal(info_of(second).iova, 0x90001000 + 4 * 4 * KIB);
	must_free(first);
	must_free(second);
	board_close(&b);
}

static void test_pool_is_zeroed(void **state)
{
	struct iopt_device_config config = {.pool_base = 0x90000000, .pool_size = 16 * 4 * KIB};
	unsigned char bytes[0x2000];
	struct iopt_buffer *buffer;
	struct board b;

	(void)state;
	board_open(&b, (struct iopt_smmu_config){0}, config);
	memset(bytes, 0x5a, sizeof(bytes));
	assert_int_equal(iopt_memory_write(b.memory, 0x90000000, bytes, sizeof(bytes)), 0);
	buffer = must_alloc(b.device, 0x1800, 0, false);
	assert_int_equal(iopt_memory_read(b.memory, 0x90000000, bytes, sizeof(bytes)),
			 sizeof(bytes));
	/* exactly the size that was asked for */
	assert_int_equal(bytes[0x17ff], 0);
	assert_int_equal(bytes[0x1800], 0x5a);
	must_free(buffer);
	board_close(&b);
}

static void test_direct(void **state)
{
	struct iopt_device_config config = IOPT_INIT(struct iopt_device_config);
	struct iopt_memory *memory;
	struct iopt_device *device;
	struct iopt_buffer *buffer;

	(void)state;
	assert_int_equal(iopt_memory_create(&memory), 0);
	assert_int_equal(iopt_memory_add_ram(memory, 0xffff0000, 0x20000, NULL), 0);
	config.name = "uart";
	assert_int_equal(iopt_device_create(memory, &config, &device, NULL), 0);
	buffer = must_alloc(device, 0x3001, IOPT_DMA_NO_KERNEL_MAPPING, false);
	assert_int_equal(info_of(buffer).source, IOPT_SOURCE_DIRECT);
	assert_int_equal(info_of(buffer).iova, 0xffff0000);
	assert_int_equal(info_of(buffer).mapped, 0);
	assert_false(info_of(buffer).zeroed);
	assert_null(iopt_device_domain(device));
	assert_int_equal(iopt_dma_mmap(buffer, 0, 4, NULL), 0);
	assert_int_equal(iopt_dma_mmap(buffer, 4, 1, NULL), -IOPT_ENXIO);
	assert_int_equal(iopt_dma_mmap(buffer, 1, 4, NULL), -IOPT_ENXIO);
	/* half of it is above the 32 bits of its mask */
	assert_int_equal(iopt_dma_alloc(device, 0x10000, 0, false, &buffer, NULL), -IOPT_ENOMEM);
	assert_int_equal(
		iopt_dma_map_page(device, 0xfffff000, 0x1001, IOPT_DMA_TO_DEVICE, 0, &buffer, NULL),
		-IOPT_ENOMEM);
	assert_int_equal(findings(memory, "W4"), 1);
	must_free(iopt_buffer_next(memory, NULL));
	assert_true(iopt_device_supports(device, 32));
	assert_false(iopt_device_supports(device, 31));
	assert_int_equal(iopt_device_set_mask(device, 31, true, NULL), -IOPT_EIO);
	assert_int_equal(iopt_device_set_mask(device, 64, true, NULL), 0);
	assert_int_equal(iopt_device_destroy(device, NULL), 0);
	assert_int_equal(iopt_memory_allocated(memory), 0);
	iopt_memory_destroy(memory);
}

/* A 64K CPU over a 4K SMMU: whole pages, of which only granules are mapped. */
static void test_large_cpu_page(void **state)
{
	struct iopt_smmu_config smmu = {.granules = 4 * KIB};
	struct iopt_device_config config = {.cpu_page_size = 64 * KIB};
	struct iopt_buffer *buffer;
	struct iopt_segment sg;
	struct board b;

	(void)state;
	board_open(&b, smmu, config);
	buffer = must_alloc(b.device, 5 * KIB, 0, false);
	assert_int_equal(info_of(buffer).mapped, 8 * KIB);
	assert_int_equal(info_of(buffer).segments[0].size, 8 * KIB);
	assert_int_equal(iopt_dma_sgtable(buffer, &sg, 1), 1);
	assert_int_equal(sg.size, 5 * KIB);
	must_free(buffer);
	board_close(&b);
}

static void test_granule_above_cpu_page(void **state)
{
	struct iopt_smmu_config smmu = IOPT_INIT(struct iopt_smmu_config);
	struct iopt_device_config config = IOPT_INIT(struct iopt_device_config);
	const struct iopt_stream stream = {.id = 1};
	struct iopt_memory *memory;
	struct iopt_device *device;
	struct iopt_smmu *s;

	(void)state;
	assert_int_equal(iopt_memory_create(&memory), 0);
	smmu.granules = 64 * KIB;
	assert_int_equal(iopt_smmu_create(memory, &smmu, &s, NULL), 0);
	config.name = "rx";
	config.smmu = s;
	config.streams = &stream;
	config.stream_count = 1;
	assert_int_equal(iopt_device_create(memory, &config, &device, NULL), -IOPT_EINVAL);
	assert_int_equal(iopt_memory_allocated(memory), 0);
	config.cpu_page_size = 64 * KIB;
	assert_int_equal(iopt_device_create(memory, &config, &device, NULL), 0);
	iopt_memory_destroy(memory);
}

/* ---- requests that are refused ---- */

static void test_refused(void **state)
{
	const struct iopt_segment empty = {0x90000000, 0};
	struct iopt_buffer *buffer;
	struct board b;

	(void)state;
	board_open_plain(&b);
	assert_int_equal(iopt_dma_alloc(b.device, 0, 0, false, &buffer, NULL), -IOPT_EINVAL);
	assert_int_equal(iopt_dma_alloc(b.device, 1, 1, false, &buffer, NULL), -IOPT_EINVAL);
	assert_int_equal(iopt_dma_alloc(b.device, UINT64_MAX, 0, false, &buffer, NULL),
			 -IOPT_ENOMEM);
	assert_int_equal(iopt_dma_alloc(b.device, BIT(52), 0, false, &buffer, NULL), -IOPT_ENOMEM);
	assert_int_equal(iopt_dma_alloc(b.device, 2 * GIB, 0, false, &buffer, NULL), -IOPT_ENOMEM);
	assert_int_equal(
		iopt_dma_map_page(b.device, 0x90000000, 0, IOPT_DMA_TO_DEVICE, 0, &buffer, NULL),
		-IOPT_EINVAL);
	assert_int_equal(
		iopt_dma_map_page(b.device, UINT64_MAX, 2, IOPT_DMA_TO_DEVICE, 0, &buffer, NULL),
		-IOPT_EINVAL);
	assert_int_equal(iopt_dma_map_page(b.device, 0x90000000, 1, IOPT_DMA_DIRECTION_COUNT, 0,
					   &buffer, NULL),
			 -IOPT_EINVAL);
	/* past the output addresses: dma_mapping_error() */
	assert_int_equal(
		iopt_dma_map_page(b.device, BIT(48), 0x1000, IOPT_DMA_TO_DEVICE, 0, &buffer, NULL),
		-IOPT_ENOMEM);
	assert_int_equal(iopt_dma_map_sg(b.device, &empty, 1, IOPT_DMA_TO_DEVICE, 0, &buffer, NULL),
			 -IOPT_EINVAL);
	assert_int_equal(iopt_dma_map_sg(b.device, &empty, 0, IOPT_DMA_TO_DEVICE, 0, &buffer, NULL),
			 -IOPT_EINVAL);
	assert_int_equal(iovas_live(b.domain), 0);
	board_close(&b);
}

static void test_small_mask(void **state)
{
	struct iopt_device_config config = {.coherent_mask_bits = 12};
	struct iopt_buffer *buffer;
	struct board b;

	(void)state;
	/* no page but page 0, which is never given */
	board_open(&b, (struct iopt_smmu_config){0}, config);
	assert_true(iopt_device_supports(b.device, 12));
	assert_int_equal(iopt_dma_alloc(b.device, 1, 0, false, &buffer, NULL), -IOPT_ENOMEM);
	assert_int_equal(iopt_device_set_mask(b.device, 13, true, NULL), 0);
	/* after which Linux does not look for one page below 4 GiB before some are freed */
	assert_int_equal(iopt_dma_alloc(b.device, 1, 0, false, &buffer, NULL), -IOPT_ENOMEM);
	board_close(&b);
	config.coherent_mask_bits = 13;
	board_open(&b, (struct iopt_smmu_config){0}, config);
	buffer = must_alloc(b.device, 1, 0, false);
	assert_int_equal(info_of(buffer).iova, 0x1000);
	assert_int_equal(iopt_dma_alloc(b.device, 1, 0, false, &buffer, NULL), -IOPT_ENOMEM);
	must_free(iopt_buffer_next(b.memory, NULL));
	board_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_worked_example),
		cmocka_unit_test(test_worked_example_large),
		cmocka_unit_test(test_alignment_has_no_cap),
		cmocka_unit_test(test_pci_tries_32_bits_first),
		cmocka_unit_test(test_bus_limit),
		cmocka_unit_test(test_sources),
		cmocka_unit_test(test_no_block_too_large),
		cmocka_unit_test(test_device_pool),
		cmocka_unit_test(test_pool_alignment),
		cmocka_unit_test(test_pool_is_zeroed),
		cmocka_unit_test(test_direct),
		cmocka_unit_test(test_large_cpu_page),
		cmocka_unit_test(test_granule_above_cpu_page),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_small_mask),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
