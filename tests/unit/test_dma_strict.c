/* SPDX-License-Identifier: MIT */
/* The rules of iopt_dma_check() for what Linux itself does not see. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base.h"
#include "board.h"

static void test_pool_size(void **state)
{
	struct iopt_device_config config = {.pool_base = 0x90000000, .pool_size = 0x10000};
	struct iopt_buffer *buffer;
	struct board b;

	(void)state;
	board_open(&b, (struct iopt_smmu_config){0}, config);
	buffer = must_alloc(b.device, 0x3000, 0, false);
	assert_int_equal(findings(b.memory, "X3"), 1);
	must_release(buffer, (struct iopt_release){.size = 0x1000});
	assert_int_equal(findings(b.memory, "X6"), 1);
	assert_int_equal(findings(b.memory, "D3"), 0);
	/* somebody who mapped it himself is not told */
	assert_int_equal(iopt_map(b.domain, 0x90004000, 0x90004000, 0x4000, IOPT_READ), 0);
	buffer = must_alloc(b.device, 0x3000, 0, false);
	assert_int_equal(info_of(buffer).iova, 0x90004000);
	assert_int_equal(findings(b.memory, "X3"), 1);
	must_free(buffer);
	board_close(&b);
}

static void test_device_access(void **state)
{
	struct iopt_fault fault;
	struct iopt_buffer *buffer;
	struct board b;
	uint64_t iova, pa;

	(void)state;
	board_open_plain(&b);
	buffer = must_alloc(b.device, 0x5000, 0, false);
	iova = info_of(buffer).iova;
	assert_int_equal(iopt_device_access(b.device, iova, 0x5000, IOPT_WRITE, &pa, NULL), 0);
	assert_int_equal(pa, info_of(buffer).segments[0].pa);
	assert_int_equal(findings_all(b.memory), 0);
	assert_int_equal(iopt_device_access(b.device, iova + 0x4ffc, 8, IOPT_READ, &pa, &fault),
			 -IOPT_EFAULT);
	assert_int_equal(fault.type, IOPT_FAULT_TRANSLATION);
	assert_int_equal(findings(b.memory, "X4"), 1);
	must_free(buffer);
	assert_int_equal(iopt_device_access(b.device, iova, 8, IOPT_READ, &pa, NULL), -IOPT_EFAULT);
	assert_int_equal(findings(b.memory, "X2"), 1);
	buffer = must_map(b.device, 0x90000000, 0x1000, IOPT_DMA_TO_DEVICE);
	assert_int_equal(
		iopt_device_access(b.device, info_of(buffer).iova, 8, IOPT_READ, &pa, NULL), 0);
	assert_int_equal(findings(b.memory, "X7"), 0);
	assert_int_equal(
		iopt_device_access(b.device, info_of(buffer).iova, 8, IOPT_WRITE, &pa, &fault),
		-IOPT_EFAULT);
	assert_int_equal(fault.type, IOPT_FAULT_PERMISSION);
	assert_int_equal(findings(b.memory, "X7"), 1);
	must_free(buffer);
	board_close(&b);
}

static void test_setup_fails(void **state)
{
	struct iopt_device_config config = {.bus_base = BIT(50), .dma_mask_bits = 64};
	struct iopt_buffer *buffer;
	struct board b;

	(void)state;
	board_open(&b, (struct iopt_smmu_config){0}, config);
	assert_false(iopt_device_uses_iommu(b.device));
	assert_int_equal(findings(b.memory, "X5"), 1);
	assert_int_equal(
		iopt_dma_map_page(b.device, BIT(50), 1, IOPT_DMA_TO_DEVICE, 0, &buffer, NULL), 0);
	assert_int_equal(info_of(buffer).iova, BIT(50));
	iopt_dma_mapping_error(buffer);
	must_free(buffer);
	board_close(&b);
}

static void test_other_domain(void **state)
{
	struct iopt_buffer *buffer;
	struct iopt_domain *d;
	struct board b;

	(void)state;
	board_open_plain(&b);
	assert_int_equal(iopt_domain_new(b.memory, IOPT_DOMAIN_UNMANAGED, &d, NULL), 0);
	assert_int_equal(iopt_attach(b.device, d, NULL), 0);
	buffer = must_alloc(b.device, 0x1000, 0, false);
	assert_ptr_equal(info_of(buffer).domain, b.domain);
	assert_int_equal(findings(b.memory, "X8"), 1);
	must_free(buffer);
	iopt_domain_destroy(d);
	board_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pool_size),
		cmocka_unit_test(test_device_access),
		cmocka_unit_test(test_setup_fails),
		cmocka_unit_test(test_other_domain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
