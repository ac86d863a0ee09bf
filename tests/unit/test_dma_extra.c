/* SPDX-License-Identifier: MIT */
/* What Linux 6.1's operations have beyond the old ones, and what is asked before mapping. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base.h"
#include "board.h"
#include "fixture.h"

static uint64_t behind(struct board *b, uint64_t iova)
{
	uint64_t pa;

	assert_int_equal(iopt_translate(b->domain, iova, &pa, NULL), 0);
	return pa;
}

/* ---- map_resource ---- */

static void test_resource(void **state)
{
	struct iopt_walk walk = IOPT_INIT(struct iopt_walk);
	struct iopt_buffer *buffer;
	struct board b;

	(void)state;
	board_open(&b, (struct iopt_smmu_config){0}, (struct iopt_device_config){.coherent = true});
	assert_int_equal(iopt_dma_map_resource(b.device, 0x9000804, 0x10, IOPT_DMA_BIDIRECTIONAL, 0,
					       &buffer, NULL),
			 0);
	assert_int_equal(info_of(buffer).iova, 0xfffff804);
	assert_int_equal(behind(&b, 0xfffff804), 0x9000804);
	assert_int_equal(iopt_walk(b.domain, 0xfffff804, IOPT_ACCESS_W, 1, &walk), 0);
	assert_string_equal(walk.attrs.memory, "device-nGnRE");
	assert_int_equal(
		iopt_dma_release(buffer,
				 &(struct iopt_release){.struct_size = sizeof(struct iopt_release),
							.has_direction = true,
							.direction = IOPT_DMA_TO_DEVICE},
				 NULL),
		0);
	assert_int_equal(findings(b.memory, "D7"), 1);
	assert_int_equal(findings(b.memory, "D8"), 1);
	assert_int_equal(iovas_live(b.domain), 0);
	/* memory is none */
	assert_int_equal(iopt_memory_add_ram(b.memory, 0x10000000, MIB, NULL), 0);
	assert_int_equal(iopt_dma_map_resource(b.device, 0xffff000, 0x1001, IOPT_DMA_TO_DEVICE, 0,
					       &buffer, NULL),
			 -IOPT_EINVAL);
	assert_int_equal(iopt_dma_map_resource(b.device, 0xffff000, 0x1000, IOPT_DMA_TO_DEVICE, 0,
					       &buffer, NULL),
			 0);
	must_free(buffer);
	assert_int_equal(
		iopt_dma_map_resource(b.device, 0, 0, IOPT_DMA_TO_DEVICE, 0, &buffer, NULL),
		-IOPT_EINVAL);
	board_close(&b);
}

/* No dma-range is looked at, only mask and limit. */
static void test_resource_direct(void **state)
{
	static const struct iopt_dma_range range = {0, 0x80000000, 0x40000000};
	struct iopt_device_config config = IOPT_INIT(struct iopt_device_config);
	struct iopt_buffer *buffer;
	struct iopt_device *d;
	struct iopt_memory *m;

	(void)state;
	assert_int_equal(iopt_memory_create(&m), 0);
	config.name = "x";
	config.dma_ranges = &range;
	config.dma_range_count = 1;
	assert_int_equal(iopt_device_create(m, &config, &d, NULL), 0);
	assert_int_equal(
		iopt_dma_map_resource(d, 0x9000000, 0x10, IOPT_DMA_TO_DEVICE, 0, &buffer, NULL), 0);
	assert_int_equal(info_of(buffer).iova, 0x9000000);
	must_free(buffer);
	assert_int_equal(
		iopt_dma_map_resource(d, 0x3ffffff8, 9, IOPT_DMA_TO_DEVICE, 0, &buffer, NULL),
		-IOPT_ENOMEM);
	assert_int_equal(findings(m, "W4"), 1);
	iopt_memory_destroy(m);
}

/* ---- alloc_pages, alloc_noncontiguous ---- */

static void test_pages(void **state)
{
	struct iopt_buffer *buffer;
	struct iopt_buffer_info info;
	struct board b;

	(void)state;
	board_open_plain(&b);
	assert_int_equal(
		iopt_dma_alloc_pages(b.device, 0x2001, IOPT_DMA_TO_DEVICE, false, &buffer, NULL),
		0);
	info = info_of(buffer);
	assert_int_equal(info.kind, IOPT_BUFFER_PAGE);
	assert_int_equal(info.source, IOPT_SOURCE_CONTIGUOUS);
	assert_int_equal(info.mapped, 0x3000);
	assert_int_equal(info.segments[0].size, 0x3000);
	assert_int_equal(behind(&b, info.iova + 0x2fff), info.segments[0].pa + 0x2fff);
	assert_int_equal(iopt_dma_sync(buffer,
				       &(struct iopt_sync){.struct_size = sizeof(struct iopt_sync)},
				       NULL),
			 0);
	must_free(buffer);
	assert_int_equal(findings_all(b.memory), 0);
	board_close(&b);
}

/* Each step without memory: the block goes back, and the addresses. */
static void test_pages_budget(void **state)
{
	struct iopt_buffer *buffer;
	struct board b;
	int ret = -1;

	(void)state;
	for (uint64_t n = 0; ret; n++) {
		board_open_plain(&b);
		iopt_memory_budget(b.memory, n);
		ret = iopt_dma_alloc_pages(b.device, 0x3000, IOPT_DMA_TO_DEVICE, false, &buffer,
					   NULL);
		iopt_memory_budget(b.memory, UINT64_MAX);
		if (!ret)
			must_free(buffer);
		else
			assert_int_equal(ret, -IOPT_ENOMEM);
		assert_int_equal(iovas_live(b.domain), 0);
		assert_true(iopt_memory_allocated(b.memory) <= 4 * 4 * KIB);
		board_close(&b);
		assert_true(n < 10);
	}
}

static void test_noncontiguous(void **state)
{
	struct iopt_buffer *held[2], *buffer;
	struct iopt_buffer_info info;
	struct board b;

	(void)state;
	board_open_plain(&b);
	/* a page in the way, so that the pages are apart */
	held[0] = must_alloc(b.device, 0x1000, 0, false);
	held[1] = must_alloc(b.device, 0x1000, 0, false);
	must_free(held[0]);
	assert_int_equal(iopt_dma_alloc_noncontiguous(b.device, 0x3001, IOPT_DMA_BIDIRECTIONAL, 0,
						      &buffer, NULL),
			 0);
	info = info_of(buffer);
	assert_int_equal(info.kind, IOPT_BUFFER_SG);
	assert_int_equal(info.dma_count, 1);
	assert_int_equal(info.segment_count, 2);
	assert_int_equal(info.nents, 2);
	assert_int_equal(info.dma[0].pa, info.iova);
	assert_int_equal(behind(&b, info.iova), info.segments[0].pa);
	assert_int_equal(behind(&b, info.iova + info.segments[0].size), info.segments[1].pa);
	must_free(buffer);
	must_free(held[1]);
	assert_int_equal(iovas_live(b.domain), 0);
	assert_int_equal(findings_all(b.memory), 0);
	assert_int_equal(iopt_dma_alloc_noncontiguous(b.device, 0x1000, IOPT_DMA_BIDIRECTIONAL,
						      IOPT_DMA_FORCE_CONTIGUOUS, &buffer, NULL),
			 -IOPT_EINVAL);
	assert_int_equal(
		iopt_dma_alloc_noncontiguous(b.device, 0, IOPT_DMA_BIDIRECTIONAL, 0, &buffer, NULL),
		-IOPT_EINVAL);
	board_close(&b);
}

static void test_direct_pages(void **state)
{
	struct iopt_device_config config = IOPT_INIT(struct iopt_device_config);
	struct iopt_buffer *buffer;
	struct iopt_device *d;
	struct iopt_memory *m;

	(void)state;
	assert_int_equal(iopt_memory_create(&m), 0);
	config.name = "x";
	assert_int_equal(iopt_device_create(m, &config, &d, NULL), 0);
	assert_int_equal(iopt_dma_alloc_pages(d, 1, IOPT_DMA_TO_DEVICE, true, &buffer, NULL), 0);
	assert_int_equal(info_of(buffer).source, IOPT_SOURCE_DIRECT);
	assert_int_equal(info_of(buffer).iova, info_of(buffer).segments[0].pa);
	must_free(buffer);
	assert_int_equal(
		iopt_dma_alloc_noncontiguous(d, 0x5000, IOPT_DMA_TO_DEVICE, 0, &buffer, NULL), 0);
	assert_int_equal(info_of(buffer).dma_count, 1);
	assert_int_equal(info_of(buffer).segment_count, 1);
	must_free(buffer);
	assert_int_equal(iopt_memory_allocated(m), 0);
	iopt_memory_destroy(m);
}

/* ---- what is asked before ---- */

static struct iopt_device_limits limits_of(const struct iopt_device *device)
{
	struct iopt_device_limits limits = IOPT_INIT(struct iopt_device_limits);

	iopt_device_limits(device, &limits);
	return limits;
}

static void test_limits(void **state)
{
	struct iopt_device_config config = IOPT_INIT(struct iopt_device_config);
	struct iopt_device *d;
	struct board b;

	(void)state;
	board_open(&b, (struct iopt_smmu_config){.non_coherent_walk = true},
		   (struct iopt_device_config){.dma_mask_bits = 31});
	assert_int_equal(limits_of(b.device).required_mask, 0xffffffff);
	assert_true(limits_of(b.device).addressing_limited);
	assert_int_equal(limits_of(b.device).max_mapping, UINT64_MAX);
	assert_int_equal(limits_of(b.device).opt_mapping, 128 * KIB);
	assert_int_equal(limits_of(b.device).merge_boundary, 0xfff);
	assert_true(limits_of(b.device).noexec);
	assert_false(limits_of(b.device).cache_coherency);
	board_close(&b);
	board_open(&b, (struct iopt_smmu_config){.non_coherent_walk = true},
		   (struct iopt_device_config){.coherent = true});
	assert_true(limits_of(b.device).cache_coherency);
	board_close(&b);
	board_open(&b, (struct iopt_smmu_config){.model = IOPT_SMMU_V3, .non_coherent_walk = true},
		   (struct iopt_device_config){.coherent = true});
	assert_false(limits_of(b.device).cache_coherency);
	assert_int_equal(iopt_memory_add_ram(b.memory, 0x140000000, MIB, NULL), 0);
	config.name = "direct";
	assert_int_equal(iopt_device_create(b.memory, &config, &d, NULL), 0);
	assert_int_equal(limits_of(d).required_mask, 0x1ffffffff);
	assert_true(limits_of(d).addressing_limited);
	assert_int_equal(limits_of(d).merge_boundary, 0);
	assert_int_equal(limits_of(d).opt_mapping, UINT64_MAX);
	assert_false(limits_of(d).noexec);
	assert_int_equal(iopt_device_destroy(d, NULL), 0);
	board_close(&b);
}

/* ---- nesting and quirks ---- */

static void test_nesting(void **state)
{
	struct iopt_space space = IOPT_INIT(struct iopt_space);
	struct iopt_domain *d, *built;
	struct iopt_config config = IOPT_INIT(struct iopt_config);
	struct board b;

	(void)state;
	for (unsigned stages = 1; stages <= 3; stages++) {
		board_open(&b, (struct iopt_smmu_config){.stages = stages},
			   (struct iopt_device_config){0});
		assert_int_equal(iopt_domain_new(b.memory, IOPT_DOMAIN_UNMANAGED, &d, NULL), 0);
		assert_false(iopt_domain_is_nesting(d));
		assert_int_equal(iopt_domain_enable_nesting(d, NULL), 0);
		assert_true(iopt_domain_is_nesting(d));
		assert_int_equal(iopt_attach(b.device, d, NULL), 0);
		assert_int_equal(iopt_domain_space(d, 0, &space), 0);
		assert_int_equal(space.format,
				 stages == 1 ? IOPT_ARM_64_LPAE_S1 : IOPT_ARM_64_LPAE_S2);
		assert_int_equal(iopt_domain_enable_nesting(d, NULL), -IOPT_EPERM);
		assert_int_equal(iopt_domain_enable_nesting(b.domain, NULL), -IOPT_EINVAL);
		assert_int_equal(iopt_detach(b.device, NULL), 0);
		iopt_domain_destroy(d);
		board_close(&b);
	}
	board_open_plain(&b);
	assert_int_equal(iopt_domain_create(b.memory, &config, &built, NULL), 0);
	assert_int_equal(iopt_domain_set_quirks(built, 0, NULL), -IOPT_EPERM);
	iopt_domain_destroy(built);
	board_close(&b);
}

static void test_quirks(void **state)
{
	struct iopt_space space = IOPT_INIT(struct iopt_space);
	struct iopt_domain *d;
	struct board b;

	(void)state;
	board_open_plain(&b);
	assert_int_equal(iopt_domain_new(b.memory, IOPT_DOMAIN_UNMANAGED, &d, NULL), 0);
	assert_int_equal(iopt_domain_set_quirks(d, IOPT_QUIRK_ARM_TTBR1, NULL), 0);
	assert_int_equal(iopt_attach(b.device, d, NULL), 0);
	assert_int_equal(iopt_domain_space(d, 0, &space), 0);
	assert_int_equal(space.quirks, IOPT_QUIRK_ARM_TTBR1);
	assert_int_equal(space.last, UINT64_MAX);
	assert_int_equal(iopt_domain_set_quirks(d, 0, NULL), -IOPT_EPERM);
	assert_int_equal(iopt_detach(b.device, NULL), 0);
	iopt_domain_destroy(d);
	board_close(&b);
	board_open(&b, (struct iopt_smmu_config){.model = IOPT_SMMU_V3},
		   (struct iopt_device_config){0});
	assert_int_equal(iopt_domain_new(b.memory, IOPT_DOMAIN_UNMANAGED, &d, NULL), 0);
	assert_int_equal(iopt_domain_set_quirks(d, IOPT_QUIRK_ARM_TTBR1, NULL), 0);
	assert_int_equal(iopt_domain_quirks(d), IOPT_QUIRK_ARM_TTBR1);
	assert_int_equal(iopt_attach(b.device, d, NULL), -IOPT_EINVAL);
	assert_ptr_equal(iopt_device_domain(b.device), b.domain);
	iopt_domain_destroy(d);
	board_close(&b);
}

/* ---- flush ---- */

static void count_all(void *arg, const struct iopt_tlb_event *event)
{
	*(unsigned *)arg += event->kind == IOPT_TLB_ALL;
}

static void test_flush(void **state)
{
	unsigned count = 0;
	struct board b;

	(void)state;
	board_open_plain(&b);
	iopt_domain_on_tlb(b.domain, count_all, &count);
	iopt_domain_flush(b.domain);
	assert_int_equal(count, 1);
	iopt_domain_on_tlb(b.domain, NULL, NULL);
	board_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resource),      cmocka_unit_test(test_resource_direct),
		cmocka_unit_test(test_pages),	      cmocka_unit_test(test_pages_budget),
		cmocka_unit_test(test_noncontiguous), cmocka_unit_test(test_direct_pages),
		cmocka_unit_test(test_limits),	      cmocka_unit_test(test_nesting),
		cmocka_unit_test(test_quirks),	      cmocka_unit_test(test_flush),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
