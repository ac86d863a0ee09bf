/* SPDX-License-Identifier: MIT */
/* Each switch between kernels by what it changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base.h"
#include "board.h"
#include "fixture.h"

static const enum iopt_profile all[] = {IOPT_PROFILE_LINUX_6_1, IOPT_PROFILE_LINUX_4_9,
					IOPT_PROFILE_MAINLINE};

static uint64_t value_of(enum iopt_profile profile, const char *name)
{
	const char *have, *text;
	uint64_t value;

	for (unsigned i = 0; (have = iopt_profile_switch(profile, i, &value, &text)); i++) {
		assert_true(*text);
		if (strcmp(have, name) == 0)
			return value;
	}
	fail_msg("there is no switch %s", name);
	return 0;
}

/* A board of that kernel; with the default domain set up anew, by it. */
static void open_as(struct board *b, enum iopt_profile profile, struct iopt_smmu_config smmu,
		    struct iopt_device_config device)
{
	static const struct iopt_stream stream = {.id = 1};

	*b = (struct board){0};
	assert_int_equal(iopt_memory_create(&b->memory), 0);
	assert_int_equal(iopt_memory_set_profile(b->memory, profile), 0);
	assert_int_equal(iopt_memory_profile(b->memory), profile);
	smmu.struct_size = sizeof(smmu);
	assert_int_equal(iopt_smmu_create(b->memory, &smmu, &b->smmu, NULL), 0);
	device.struct_size = sizeof(device);
	device.name = "rx";
	device.smmu = b->smmu;
	device.streams = &stream;
	device.stream_count = 1;
	assert_int_equal(iopt_device_create(b->memory, &device, &b->device, NULL), 0);
	b->domain = iopt_device_default_domain(b->device);
}

static void open_plain(struct board *b, enum iopt_profile profile)
{
	open_as(b, profile, (struct iopt_smmu_config){0}, (struct iopt_device_config){0});
}

/* ---- the table ---- */

static void test_table(void **state)
{
	struct iopt_memory *m;
	const char *text;
	uint64_t value;

	(void)state;
	/* what was compared with the kernel has no doubt, all else says so */
	assert_null(iopt_profile_doubt(IOPT_PROFILE_LINUX_6_1));
	assert_non_null(iopt_profile_doubt(IOPT_PROFILE_LINUX_4_9));
	assert_non_null(iopt_profile_doubt(IOPT_PROFILE_MAINLINE));
	assert_null(iopt_profile_switch(IOPT_PROFILE_COUNT, 0, &value, &text));
	assert_int_equal(iopt_memory_create(&m), 0);
	assert_int_equal(iopt_memory_profile(m), IOPT_PROFILE_LINUX_6_1);
	assert_int_equal(iopt_memory_set_profile(m, IOPT_PROFILE_COUNT), -IOPT_EINVAL);
	iopt_memory_destroy(m);
}

/* ---- addresses ---- */

static void test_rounding(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct board b;
		struct iopt_buffer *buffer;

		open_plain(&b, all[i]);
		buffer = must_alloc(b.device, 0x5000, 0, false);
		assert_int_equal(info_of(buffer).iova_size,
				 value_of(all[i], "iova_rounds") ? 0x8000 : 0x5000);
		assert_int_equal(info_of(buffer).iova, 0xffff8000);
		iopt_dma_release(buffer, NULL, NULL);
		board_close(&b);
	}
}

static void test_base(void **state)
{
	static const struct iopt_dma_range range = {0x40000000, 0, 0x10000000};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct iopt_iova_inside inside = IOPT_INIT(struct iopt_iova_inside);
		struct board b;

		open_as(&b, all[i], (struct iopt_smmu_config){0},
			(struct iopt_device_config){.dma_ranges = &range, .dma_range_count = 1});
		iopt_iova_inside(iopt_domain_iova(b.domain), &inside);
		assert_int_equal(inside.start_pfn,
				 value_of(all[i], "iova_base_from_ranges") ? 0x40000 : 1);
		board_close(&b);
	}
}

/* 4 GiB that are all but used up; 64 pages, which no cache keeps: where does the next one go, and
 * the one after a free? */
static void test_pci(void **state)
{
	static const uint64_t wanted[3][3] = {
		{0xfffc0000, 0xfffffffc0000, 0xfffc0000},
		{0xfffffffc0000, 0xfffffff80000, 0xfffffffc0000},
		{0xfffc0000, 0xfffffffc0000, 0xfffffff80000},
	};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct iopt_device_config config = {
			.pci = true, .dma_mask_bits = 48, .coherent_mask_bits = 48};
		struct iopt_buffer *first, *second, *third;
		struct iopt_iova_range range;
		struct board b;

		open_as(&b, all[i], (struct iopt_smmu_config){0}, config);
		iopt_iova_reserve(iopt_domain_iova(b.domain), 0, 0xfffbf, &range, NULL);
		first = must_alloc(b.device, 0x40000, 0, false);
		assert_int_equal(info_of(first).iova, wanted[i][0]);
		second = must_alloc(b.device, 0x40000, 0, false);
		assert_int_equal(info_of(second).iova, wanted[i][1]);
		iopt_dma_release(first, NULL, NULL);
		third = must_alloc(b.device, 0x40000, 0, false);
		assert_int_equal(info_of(third).iova, wanted[i][2]);
		iopt_dma_release(second, NULL, NULL);
		iopt_dma_release(third, NULL, NULL);
		board_close(&b);
	}
}

/* ---- buffers ---- */

static void test_pool_fallback(void **state)
{
	struct iopt_device_config config = {
		.pool_base = 0x80000000, .pool_size = 0x2000, .pool_shared = true};

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		const enum iopt_profile profile = all[i / 2];
		struct iopt_buffer *buffer;
		struct board b;
		int ret;

		config.pool_shared = i & 1;
		open_as(&b, profile, (struct iopt_smmu_config){0}, config);
		ret = iopt_dma_alloc(b.device, 0x4000, 0, false, &buffer, NULL);
		assert_int_equal(
			ret, (i & 1) && value_of(profile, "pool_falls_back") ? 0 : -IOPT_ENOMEM);
		if (!ret) {
			assert_int_equal(info_of(buffer).source, IOPT_SOURCE_IOMMU);
			iopt_dma_release(buffer, NULL, NULL);
		}
		board_close(&b);
	}
}

static void test_unmap_size(void **state)
{
	const struct iopt_release small = {.struct_size = sizeof(small), .size = 0x1000};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct iopt_buffer *buffer;
		struct board b;
		uint64_t pa;

		open_plain(&b, all[i]);
		buffer = must_alloc(b.device, 0x4000, 0, false);
		iopt_dma_release(buffer, &small, NULL);
		assert_int_equal(findings(b.memory, "D3"), 1);
		assert_int_equal(iopt_translate(b.domain, 0xffffd000, &pa, NULL),
				 value_of(all[i], "unmaps_recorded_size") ? -IOPT_EFAULT : 0);
		board_close(&b);
	}
}

static int count_blocks(void *arg, const struct iopt_extent *extent)
{
	*(uint64_t *)arg += extent->type == IOPT_TYPE_BLOCK;
	return 0;
}

static void test_coalescing(void **state)
{
	static const struct iopt_segment list[] = {{0x200000, MIB}, {0x300000, MIB}};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct iopt_visitor visitor = IOPT_INIT(struct iopt_visitor);
		struct iopt_buffer *buffer;
		uint64_t blocks = 0;
		struct board b;

		open_plain(&b, all[i]);
		assert_int_equal(
			iopt_dma_map_sg(b.device, list, 2, IOPT_DMA_TO_DEVICE, 0, &buffer, NULL),
			0);
		visitor.extent = count_blocks;
		visitor.arg = &blocks;
		iopt_domain_visit(b.domain, 0, &visitor);
		assert_int_equal(blocks, value_of(all[i], "sg_coalesces"));
		iopt_dma_release(buffer, NULL, NULL);
		board_close(&b);
	}
}

/* 128K and 4K with a maximum of 64K: one of both, or two. */
static void test_wrap(void **state)
{
	static const struct iopt_segment list[] = {{0x200000, 0x20000}, {0x400000, 0x1000}};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct iopt_buffer *buffer;
		struct board b;

		open_plain(&b, all[i]);
		assert_int_equal(
			iopt_dma_map_sg(b.device, list, 2, IOPT_DMA_TO_DEVICE, 0, &buffer, NULL),
			0);
		assert_int_equal(info_of(buffer).dma_count,
				 value_of(all[i], "sg_length_wraps") ? 1 : 2);
		iopt_dma_release(buffer, NULL, NULL);
		board_close(&b);
	}
}

static void test_attributes(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		const bool privileged = value_of(all[i], "privileged");
		struct iopt_walk walk = IOPT_INIT(struct iopt_walk);
		struct iopt_buffer *buffer;
		struct board b;

		open_plain(&b, all[i]);
		buffer = must_alloc(b.device, 0x3000,
				    IOPT_DMA_FORCE_CONTIGUOUS | IOPT_DMA_PRIVILEGED, false);
		assert_int_equal(info_of(buffer).source, value_of(all[i], "force_contiguous")
								 ? IOPT_SOURCE_CONTIGUOUS
								 : IOPT_SOURCE_IOMMU);
		assert_int_equal(iopt_walk(b.domain, info_of(buffer).iova, IOPT_ACCESS_R, 0, &walk),
				 privileged ? -IOPT_EFAULT : 0);
		iopt_dma_release(buffer, NULL, NULL);
		board_close(&b);
	}
}

static void test_prot_none(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct board b;
		uint64_t pa;

		open_plain(&b, all[i]);
		assert_int_equal(iopt_map(b.domain, 0x1000, 0x1000, 0x1000, 0),
				 value_of(all[i], "prot_none_maps_nothing") ? 0 : -IOPT_EINVAL);
		assert_int_equal(iopt_translate(b.domain, 0x1000, &pa, NULL), -IOPT_EFAULT);
		board_close(&b);
	}
}

static void test_atomic_pool(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		const bool grows = value_of(all[i], "atomic_pool_grows");
		struct iopt_buffer *buffer[3], *more;
		struct board b;

		open_plain(&b, all[i]);
		/* 256 KiB for ever, or as much again as soon as some is taken */
		buffer[0] = must_alloc(b.device, 128 * KIB, 0, true);
		buffer[1] = must_alloc(b.device, 128 * KIB, 0, true);
		assert_int_equal(iopt_dma_alloc(b.device, 4 * KIB, 0, true, &more, NULL),
				 grows ? 0 : -IOPT_ENOMEM);
		assert_int_equal(findings(b.memory, "W3"), !grows);
		if (grows)
			iopt_dma_release(more, NULL, NULL);
		for (unsigned k = 0; k < 2; k++)
			iopt_dma_release(buffer[k], NULL, NULL);
		board_close(&b);
	}
}

static void test_pool_blocks(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct iopt_dma_pool_info info = IOPT_INIT(struct iopt_dma_pool_info);
		struct iopt_dma_pool *pool;
		struct board b;

		open_plain(&b, all[i]);
		assert_int_equal(iopt_dma_pool_create(b.device, 64, 0, 0, &pool, NULL), 0);
		iopt_dma_pool_info(pool, &info);
		assert_int_equal(info.chunk_blocks,
				 value_of(all[i], "pool_loses_last_block") ? 63 : 64);
		iopt_dma_pool_destroy(pool, NULL);
		/* and none may cross it */
		assert_int_equal(iopt_dma_pool_create(b.device, 96, 32, 0, &pool, NULL), 0);
		iopt_dma_pool_info(pool, &info);
		assert_int_equal(info.chunk_blocks, 42);
		iopt_dma_pool_destroy(pool, NULL);
		board_close(&b);
	}
}

static void test_mmap(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct iopt_buffer *buffer;
		struct board b;

		open_plain(&b, all[i]);
		buffer = must_alloc(b.device, 0x2000, 0, false);
		assert_int_equal(iopt_dma_mmap(buffer, 0, 3, NULL),
				 value_of(all[i], "mmap_checks") ? -IOPT_ENXIO : 0);
		iopt_dma_release(buffer, NULL, NULL);
		board_close(&b);
	}
}

/* ---- domains ---- */

static void test_domains(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct iopt_domain *identity;
		struct board b;

		open_as(&b, all[i], (struct iopt_smmu_config){0},
			(struct iopt_device_config){.default_domain = IOPT_DEFAULT_LAZY});
		assert_int_equal(iopt_domain_type(b.domain), value_of(all[i], "lazy_domains")
								     ? IOPT_DOMAIN_DMA_FQ
								     : IOPT_DOMAIN_DMA);
		assert_int_equal(iopt_domain_new(b.memory, IOPT_DOMAIN_IDENTITY, &identity, NULL),
				 0);
		assert_int_equal(iopt_attach(b.device, identity, NULL),
				 value_of(all[i], "identity_domains") ? 0 : -IOPT_EINVAL);
		iopt_domain_destroy(identity);
		board_close(&b);
		open_as(&b, all[i], (struct iopt_smmu_config){0},
			(struct iopt_device_config){.default_domain = IOPT_DEFAULT_PASSTHROUGH});
		assert_int_equal(iopt_domain_type(b.domain), value_of(all[i], "identity_domains")
								     ? IOPT_DOMAIN_IDENTITY
								     : IOPT_DOMAIN_DMA);
		board_close(&b);
	}
}

static void test_untrusted(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct iopt_buffer *buffer;
		struct board b;
		int ret;

		open_as(&b, all[i], (struct iopt_smmu_config){0},
			(struct iopt_device_config){.pci = true, .untrusted = true});
		ret = iopt_dma_map_page(b.device, 0x1004, 4, IOPT_DMA_TO_DEVICE, 0, &buffer, NULL);
		assert_int_equal(ret, value_of(all[i], "bounces_untrusted") ? -IOPT_ENOMEM : 0);
		if (!ret)
			iopt_dma_release(buffer, NULL, NULL);
		board_close(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),	      cmocka_unit_test(test_rounding),
		cmocka_unit_test(test_base),	      cmocka_unit_test(test_pci),
		cmocka_unit_test(test_pool_fallback), cmocka_unit_test(test_unmap_size),
		cmocka_unit_test(test_coalescing),    cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_attributes),    cmocka_unit_test(test_prot_none),
		cmocka_unit_test(test_atomic_pool),   cmocka_unit_test(test_pool_blocks),
		cmocka_unit_test(test_mmap),	      cmocka_unit_test(test_domains),
		cmocka_unit_test(test_untrusted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
