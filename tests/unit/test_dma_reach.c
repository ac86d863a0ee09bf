/* SPDX-License-Identifier: MIT */
/* What a device reaches: dma-ranges, addresses that are not handed out, memory that is kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base.h"
#include "board.h"
#include "fixture.h"

#define RAM 0x80000000

static struct iopt_memory *memory_with_ram(uint64_t size)
{
	struct iopt_memory *m;

	assert_int_equal(iopt_memory_create(&m), 0);
	assert_int_equal(iopt_memory_add_ram(m, RAM, size, NULL), 0);
	return m;
}

static struct iopt_device *direct_device(struct iopt_memory *m, struct iopt_device_config config)
{
	struct iopt_device *device;

	config.struct_size = sizeof(config);
	config.name = "dsp";
	assert_int_equal(iopt_device_create(m, &config, &device, NULL), 0);
	return device;
}

static struct iopt_device_config config_of(const struct iopt_device *device)
{
	struct iopt_device_config config = IOPT_INIT(struct iopt_device_config);

	iopt_device_info(device, &config);
	return config;
}

/* ---- dma-ranges ---- */

static void test_direct_offset(void **state)
{
	static const struct iopt_dma_range ranges[] = {{0x40000000, RAM, MIB},
						       {0, RAM + 16 * MIB, 2 * MIB}};
	struct iopt_memory *m = memory_with_ram(32 * MIB);
	struct iopt_device *d = direct_device(
		m, (struct iopt_device_config){.dma_ranges = ranges, .dma_range_count = 2});
	struct iopt_buffer *b;
	uint64_t pa;

	(void)state;
	assert_int_equal(config_of(d).bus_base, 0);
	assert_int_equal(config_of(d).bus_limit, 0x400fffff);
	assert_int_equal(config_of(d).dma_mask_bits, 31);
	b = must_alloc(d, 0x3000, 0, false);
	assert_int_equal(info_of(b).segments[0].pa, RAM);
	assert_int_equal(info_of(b).iova, 0x40000000);
	assert_int_equal(iopt_device_access(d, 0x40002fff, 1, IOPT_READ, &pa, NULL), 0);
	assert_int_equal(pa, RAM + 0x2fff);
	assert_int_equal(iopt_device_access(d, 0x200000, 1, IOPT_READ, &pa, NULL), -IOPT_EFAULT);
	/* the address of a byte in it finds the buffer */
	assert_int_equal(iopt_dma_release_at(d, 0x40000000, NULL, NULL), 0);
	assert_int_equal(
		iopt_dma_map_page(d, RAM + 16 * MIB + 0x123, 8, IOPT_DMA_TO_DEVICE, 0, &b, NULL),
		0);
	assert_int_equal(info_of(b).iova, 0x123);
	iopt_dma_release(b, NULL, NULL);
	/* in none of them */
	assert_int_equal(iopt_dma_map_page(d, RAM + 2 * MIB, 8, IOPT_DMA_TO_DEVICE, 0, &b, NULL),
			 -IOPT_ENOMEM);
	assert_int_equal(findings(m, "W4"), 1);
	iopt_memory_destroy(m);
}

/* Only the first byte is looked for in the ranges, and the last one against the bus. */
static void test_direct_edges(void **state)
{
	static const struct iopt_dma_range range = {0x1000, RAM + 0x1000, 0x2000};
	struct iopt_memory *m = memory_with_ram(MIB);
	struct iopt_device *d = direct_device(
		m, (struct iopt_device_config){.dma_ranges = &range, .dma_range_count = 1});
	const struct iopt_segment list[] = {{RAM + 0x1000, 0x800}, {RAM + 0x2800, 0x800}};
	struct iopt_buffer *b;

	(void)state;
	assert_int_equal(config_of(d).dma_mask_bits, 14);
	assert_int_equal(iopt_dma_map_page(d, RAM + 0xfff, 1, IOPT_DMA_TO_DEVICE, 0, &b, NULL),
			 -IOPT_ENOMEM);
	assert_int_equal(iopt_dma_map_page(d, RAM + 0x2fff, 2, IOPT_DMA_TO_DEVICE, 0, &b, NULL),
			 -IOPT_ENOMEM);
	assert_int_equal(iopt_dma_map_page(d, RAM + 0x2fff, 1, IOPT_DMA_TO_DEVICE, 0, &b, NULL), 0);
	assert_int_equal(info_of(b).iova, 0x2fff);
	iopt_dma_release(b, NULL, NULL);
	assert_int_equal(iopt_dma_map_sg(d, list, 2, IOPT_DMA_TO_DEVICE, 0, &b, NULL), 0);
	assert_int_equal(info_of(b).dma[0].pa, 0x1000);
	assert_int_equal(info_of(b).dma[1].pa, 0x2800);
	assert_int_equal(info_of(b).segments[1].pa, RAM + 0x2800);
	iopt_dma_release(b, NULL, NULL);
	/* the lowest memory is below the range: as Linux, no other is tried */
	assert_int_equal(iopt_dma_alloc(d, 8, 0, false, &b, NULL), -IOPT_ENOMEM);
	assert_int_equal(iopt_memory_allocated(m), 0);
	iopt_memory_destroy(m);
}

static void test_bad_ranges(void **state)
{
	static const struct iopt_dma_range empty = {0, 0, 0}, wraps = {UINT64_MAX, 0, 2},
					   good = {0, 0, 4096};
	struct iopt_device_config config = IOPT_INIT(struct iopt_device_config);
	struct iopt_memory *m = memory_with_ram(MIB);
	struct iopt_device *device;

	(void)state;
	config.name = "x";
	config.dma_range_count = 1;
	config.dma_ranges = &empty;
	assert_int_equal(iopt_device_create(m, &config, &device, NULL), -IOPT_EINVAL);
	config.dma_ranges = &wraps;
	assert_int_equal(iopt_device_create(m, &config, &device, NULL), -IOPT_EINVAL);
	config.dma_ranges = &good;
	config.bus_limit = 0xffff;
	assert_int_equal(iopt_device_create(m, &config, &device, NULL), -IOPT_EINVAL);
	config.bus_limit = 0;
	config.untrusted = true;
	assert_int_equal(iopt_device_create(m, &config, &device, NULL), -IOPT_EINVAL);
	config.untrusted = false;
	assert_int_equal(iopt_device_create(m, &config, &device, NULL), 0);
	iopt_memory_destroy(m);
}

/* Behind an SMMU only the bounds count: start_pfn and the bus limit. */
static void test_bounds(void **state)
{
	static const struct iopt_dma_range ranges[] = {{0x80000000, 0x10000000, 0x10000000},
						       {0x40000000, 0, 0x1000}};
	struct iopt_iova_inside inside = IOPT_INIT(struct iopt_iova_inside);
	struct iopt_buffer *buffer;
	struct board b;

	(void)state;
	board_open(&b, (struct iopt_smmu_config){0},
		   (struct iopt_device_config){.dma_ranges = ranges, .dma_range_count = 2});
	assert_int_equal(iopt_iova_inside(iopt_domain_iova(b.domain), &inside), 0);
	assert_int_equal(inside.start_pfn, 0x40000);
	assert_int_equal(inside.range_count, 0);
	buffer = must_alloc(b.device, 0x1000, 0, false);
	assert_int_equal(info_of(buffer).iova, 0x8ffff000);
	iopt_dma_release(buffer, NULL, NULL);
	board_close(&b);
}

/* ---- what is not handed out ---- */

static bool held(const struct iopt_domain *domain, uint64_t address)
{
	struct iopt_iova_range range;

	return !iopt_iova_find(iopt_domain_iova(domain), address >> 12, &range);
}

static void assert_held(const struct iopt_domain *d, uint64_t first, uint64_t last)
{
	assert_true(held(d, first));
	assert_true(held(d, last));
	assert_false(held(d, first - 0x1000));
	if (last >> 12 < UINT64_MAX >> 12)
		assert_false(held(d, last + 1));
}

static void test_pci(void **state)
{
	static const struct iopt_dma_range ranges[] = {{0x60000000, 0xc0000000, 0x10000000},
						       {0x2000, 0x80000000, 0x1ffffe000}};
	static const struct iopt_dma_range apart[] = {{0x80000000, 0, 0x1000},
						      {0x10000000, 0, 0x1000000}};
	static const struct iopt_resv_region window = {.base = 0x40000000, .size = 0x8000001};
	struct board b;

	(void)state;
	board_open(&b, (struct iopt_smmu_config){0},
		   (struct iopt_device_config){.pci = true,
					       .dma_ranges = apart,
					       .dma_range_count = 2,
					       .windows = &window,
					       .window_count = 1});
	/* up to the first page of the range that follows, which Linux loses */
	assert_true(held(b.domain, 0));
	assert_true(held(b.domain, 0x10000000));
	assert_false(held(b.domain, 0x10001000));
	assert_false(held(b.domain, 0x10fff000));
	assert_true(held(b.domain, 0x11000000));
	assert_true(held(b.domain, 0x80000fff));
	assert_true(held(b.domain, UINT64_MAX));
	assert_int_equal(findings_all(b.memory), 0);
	board_close(&b);

	/* overlapping ones: no address is set up, and the SMMU translates */
	board_open(&b, (struct iopt_smmu_config){0},
		   (struct iopt_device_config){
			   .pci = true, .dma_ranges = ranges, .dma_range_count = 2});
	assert_false(iopt_device_uses_iommu(b.device));
	assert_int_equal(findings(b.memory, "X5"), 1);
	board_close(&b);
}

static void test_window_alone(void **state)
{
	static const struct iopt_resv_region window = {.base = 0xffff0000, .size = 0x10000};
	struct iopt_resv_region region;
	struct iopt_buffer *buffer;
	struct board b;

	(void)state;
	board_open(&b, (struct iopt_smmu_config){0},
		   (struct iopt_device_config){.pci = true, .windows = &window, .window_count = 1});
	assert_held(b.domain, 0xffff0000, 0xffffffff);
	assert_int_equal(iopt_domain_resv_region(b.domain, 0, &region), 0);
	assert_int_equal(region.base, 0xffff0000);
	assert_int_equal(region.size, 0x10000);
	assert_int_equal(region.type, IOPT_RESV_PCI_WINDOW);
	assert_int_equal(iopt_domain_resv_region(b.domain, 1, &region), -IOPT_ENOENT);
	buffer = must_alloc(b.device, 0x1000, 0, false);
	assert_int_equal(info_of(buffer).iova, 0xfffef000);
	iopt_dma_release(buffer, NULL, NULL);
	board_close(&b);
}

static const struct iopt_resv_region regions[] = {
	{0xfff00000, 0x100000, IOPT_RESV_RESERVED},
	{0x8020000, 0x10000, IOPT_RESV_MSI},
	{0x90000800, 0x2000, IOPT_RESV_DIRECT},
	{0x90010000, 0x1000, IOPT_RESV_DIRECT_RELAXABLE},
	{0xffe00000, 0x100000, IOPT_RESV_RESERVED},
};

static void test_regions(void **state)
{
	struct iopt_resv_region region;
	struct iopt_device *other;
	struct iopt_buffer *buffer;
	uint64_t pa;
	struct board b;

	(void)state;
	board_open(&b, (struct iopt_smmu_config){0},
		   (struct iopt_device_config){.regions = regions, .region_count = 5});
	assert_held(b.domain, 0x8020000, 0x802ffff);
	assert_held(b.domain, 0x90000000, 0x90002fff);
	assert_held(b.domain, 0x90010000, 0x90010fff);
	assert_held(b.domain, 0xffe00000, 0xffffffff);
	/* software's MSI region stays an address like any other, but is told of */
	assert_false(held(b.domain, 0x8000000));
	assert_int_equal(iopt_device_resv_region(b.device, 0, &region), 0);
	assert_int_equal(region.type, IOPT_RESV_SW_MSI);
	assert_int_equal(iopt_device_resv_region(b.device, 4, &region), 0);
	assert_int_equal(region.base, 0xffe00000); /* two that touch are one */
	assert_int_equal(region.size, 0x200000);
	assert_int_equal(iopt_device_resv_region(b.device, 5, &region), -IOPT_ENOENT);
	/* direct ones, rounded up at both ends */
	assert_int_equal(iopt_translate(b.domain, 0x90000800, &pa, NULL), -IOPT_EFAULT);
	assert_int_equal(iopt_translate(b.domain, 0x90001000, &pa, NULL), 0);
	assert_int_equal(pa, 0x90001000);
	assert_int_equal(iopt_translate(b.domain, 0x90002fff, &pa, NULL), 0);
	assert_int_equal(iopt_translate(b.domain, 0x90010000, &pa, NULL), 0);
	assert_int_equal(iopt_translate(b.domain, 0x8020000, &pa, NULL), -IOPT_EFAULT);
	buffer = must_alloc(b.device, 0x1000, 0, false);
	assert_int_equal(info_of(buffer).iova, 0xffdff000);
	iopt_dma_release(buffer, NULL, NULL);
	/* another device, in a domain of its own, has none of it */
	other = board_device(&b, "tx", 2);
	assert_int_equal(iopt_domain_resv_region(iopt_device_default_domain(other), 0, &region),
			 -IOPT_ENOENT);
	assert_int_equal(iopt_device_destroy(other, NULL), 0);
	board_close(&b);
}

/* Two streams that share a stream mapping entry share group and domain: the first decides. */
static void test_first_device_only(void **state)
{
	static const struct iopt_resv_region late = {0xf0000000, 0x1000, IOPT_RESV_DIRECT};
	struct iopt_device_config config = IOPT_INIT(struct iopt_device_config);
	struct iopt_stream stream = {.id = 1};
	struct iopt_device *second;
	uint64_t pa;
	struct board b;

	(void)state;
	board_open(&b, (struct iopt_smmu_config){0},
		   (struct iopt_device_config){.regions = regions, .region_count = 1});
	config.name = "second";
	config.smmu = b.smmu;
	config.streams = &stream;
	config.stream_count = 1;
	config.regions = &late;
	config.region_count = 1;
	assert_int_equal(iopt_device_create(b.memory, &config, &second, NULL), 0);
	assert_ptr_equal(iopt_device_default_domain(second), b.domain);
	assert_false(held(b.domain, 0xf0000000));
	/* but it is mapped to itself for every device */
	assert_int_equal(iopt_translate(b.domain, 0xf0000000, &pa, NULL), 0);
	assert_int_equal(iopt_device_destroy(second, NULL), 0);
	board_close(&b);
}

static void test_direct_fails(void **state)
{
	static const struct iopt_resv_region far = {0x1000000000000, 0x1000, IOPT_RESV_DIRECT};
	struct board b;

	(void)state;
	board_open(&b, (struct iopt_smmu_config){0},
		   (struct iopt_device_config){.regions = &far, .region_count = 1});
	assert_int_equal(findings(b.memory, "X10"), 1);
	assert_true(iopt_device_uses_iommu(b.device));
	board_close(&b);
}

static void test_untrusted(void **state)
{
	struct board b;

	(void)state;
	board_open(&b, (struct iopt_smmu_config){0},
		   (struct iopt_device_config){.pci = true,
					       .untrusted = true,
					       .default_domain = IOPT_DEFAULT_PASSTHROUGH});
	assert_int_equal(iopt_domain_type(b.domain), IOPT_DOMAIN_DMA);
	board_close(&b);
}

/* ---- memory that is kept ---- */

static int keep(struct iopt_memory *m, uint64_t base, uint64_t size)
{
	struct iopt_reserved r = IOPT_INIT(struct iopt_reserved);

	r.kind = IOPT_RESERVED_NO_MAP;
	r.base = base;
	r.size = size;
	r.name = "fw";
	return iopt_memory_reserve(m, &r, NULL);
}

static void test_reserve(void **state)
{
	struct iopt_reserved r = IOPT_INIT(struct iopt_reserved);
	struct iopt_memory *m;
	struct iopt_device *d;
	struct iopt_buffer *b;

	(void)state;
	assert_int_equal(iopt_memory_create(&m), 0);
	/* before the RAM is there, and after; not even in part of a page */
	assert_int_equal(keep(m, RAM, 0x1000), 0);
	assert_int_equal(iopt_memory_add_ram(m, RAM, MIB, NULL), 0);
	assert_int_equal(keep(m, RAM + 0x1004, 4), 0);
	assert_int_equal(keep(m, RAM + 0x1000, 0x1000), -IOPT_EEXIST);
	assert_int_equal(keep(m, 0, 0), -IOPT_EINVAL);
	assert_int_equal(keep(m, UINT64_MAX, 2), -IOPT_ERANGE);
	d = direct_device(m, (struct iopt_device_config){0});
	b = must_alloc(d, 1, 0, false);
	assert_int_equal(info_of(b).iova, RAM + 0x2000);
	assert_int_equal(keep(m, RAM + 0x2fff, 1), -IOPT_EBUSY);
	assert_int_equal(iopt_memory_reserved(m, 1, &r), 0);
	assert_int_equal(r.base, RAM + 0x1004);
	assert_int_equal(r.size, 4);
	assert_int_equal(r.kind, IOPT_RESERVED_NO_MAP);
	assert_string_equal(r.name, "fw");
	assert_int_equal(iopt_memory_reserved(m, 2, &r), -IOPT_ENOENT);
	iopt_dma_release(b, NULL, NULL);
	iopt_memory_destroy(m);
}

/* A pool may lie in what firmware keeps for it, as "shared-dma-pool" does. */
static void test_pool_in_reserved(void **state)
{
	struct iopt_memory *m = memory_with_ram(4 * MIB);
	struct iopt_device_config config = IOPT_INIT(struct iopt_device_config);
	struct iopt_device *d;
	struct iopt_buffer *b;

	(void)state;
	assert_int_equal(keep(m, RAM + MIB, MIB), 0);
	config.name = "x";
	config.pool_base = RAM + 0xff000;
	config.pool_size = MIB;
	assert_int_equal(iopt_device_create(m, &config, &d, NULL), -IOPT_EBUSY);
	d = direct_device(m, (struct iopt_device_config){.pool_base = RAM + MIB, .pool_size = MIB});
	b = must_alloc(d, 0x1000, 0, false);
	assert_int_equal(info_of(b).iova, RAM + MIB);
	iopt_dma_release(b, NULL, NULL);
	iopt_memory_destroy(m);
}

/* A pool's handles are the device's bus addresses. */
static void test_pool_offset(void **state)
{
	static const struct iopt_dma_range range = {0, RAM, 2 * MIB};
	struct iopt_memory *m = memory_with_ram(4 * MIB);
	struct iopt_device_config config = {
		.dma_ranges = &range,
		.dma_range_count = 1,
		.pool_base = RAM + MIB,
		.pool_size = 2 * MIB,
	};
	struct iopt_device *d = direct_device(m, config);
	struct iopt_buffer *b = must_alloc(d, 0x1000, 0, false), *c;

	(void)state;
	assert_int_equal(info_of(b).iova, MIB);
	assert_int_equal(info_of(b).segments[0].pa, RAM + MIB);
	assert_int_equal(findings(m, "W5"), 0);
	c = must_alloc(d, MIB, 0, false);
	assert_int_equal(findings(m, "W5"), 1);
	iopt_dma_release(c, NULL, NULL);
	iopt_dma_release(b, NULL, NULL);
	iopt_memory_destroy(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_direct_offset), cmocka_unit_test(test_direct_edges),
		cmocka_unit_test(test_bad_ranges),    cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_pci),	      cmocka_unit_test(test_window_alone),
		cmocka_unit_test(test_regions),	      cmocka_unit_test(test_first_device_only),
		cmocka_unit_test(test_direct_fails),  cmocka_unit_test(test_untrusted),
		cmocka_unit_test(test_reserve),	      cmocka_unit_test(test_pool_in_reserved),
		cmocka_unit_test(test_pool_offset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
