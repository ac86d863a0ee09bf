/* SPDX-License-Identifier: MIT */
/* The swiotlb: what goes through it, what is copied when, and that nothing of it is lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base.h"
#include "board.h"
#include "fixture.h"

#define CALLER 0x10000000 /* the driver's own memory */

static void bounce_open(struct board *b)
{
	board_open(b, (struct iopt_smmu_config){0},
		   (struct iopt_device_config){.pci = true, .untrusted = true});
	assert_int_equal(iopt_memory_add_ram(b->memory, CALLER, MIB, NULL), 0);
	/* the lowest RAM is the caller's: nothing else is put there */
	assert_int_equal(iopt_memory_reserve(b->memory,
					     &(struct iopt_reserved){
						     .struct_size = sizeof(struct iopt_reserved),
						     .base = CALLER,
						     .size = MIB},
					     NULL),
			 0);
}

static void bounce_close(struct board *b)
{
	assert_int_equal(iopt_memory_set_swiotlb(b->memory, 0, NULL), 0);
	board_close(b);
}

static uint64_t slots_used(const struct board *b)
{
	uint64_t base, size, used;

	iopt_memory_swiotlb(b->memory, &base, &size, &used);
	return used;
}

static uint8_t byte_at(struct board *b, uint64_t pa)
{
	uint8_t byte = 0xee;

	assert_int_equal(iopt_memory_read(b->memory, pa, &byte, 1), 1);
	return byte;
}

static void put(struct board *b, uint64_t pa, uint8_t byte)
{
	assert_int_equal(iopt_memory_write(b->memory, pa, &byte, 1), 0);
}

static uint64_t behind(struct board *b, uint64_t iova)
{
	uint64_t pa;

	assert_int_equal(iopt_translate(b->domain, iova, &pa, NULL), 0);
	return pa;
}

static void test_untrusted_page(void **state)
{
	const struct iopt_sync to_device = {.struct_size = sizeof(to_device)};
	const struct iopt_sync to_cpu = {.struct_size = sizeof(to_cpu), .for_cpu = true};
	struct iopt_buffer *buffer, *aligned;
	uint64_t pa;
	struct board b;

	(void)state;
	bounce_open(&b);
	/* inactive: nothing but an error */
	assert_int_equal(iopt_dma_map_page(b.device, CALLER + 0x800, 0x100, IOPT_DMA_BIDIRECTIONAL,
					   0, &buffer, NULL),
			 -IOPT_ENOMEM);
	assert_int_equal(findings(b.memory, "W6"), 1);
	assert_int_equal(iovas_live(b.domain), 0);
	assert_int_equal(iopt_memory_set_swiotlb(b.memory, MIB, NULL), 0);
	put(&b, CALLER + 0x800, 1);
	put(&b, CALLER + 0x7ff, 2);
	put(&b, CALLER + 0x900, 3);
	assert_int_equal(iopt_dma_map_page(b.device, CALLER + 0x800, 0x100, IOPT_DMA_BIDIRECTIONAL,
					   0, &buffer, NULL),
			 0);
	assert_int_equal(info_of(buffer).bounced, 0x1000);
	assert_int_equal(slots_used(&b), 0x1000);
	/* the device sees the bytes, and none of their neighbours */
	pa = behind(&b, info_of(buffer).iova);
	assert_true(pa < CALLER || pa > CALLER + MIB);
	assert_int_equal(pa & 0xfff, 0);
	assert_int_equal(byte_at(&b, pa), 1);
	assert_int_equal(byte_at(&b, pa + 0x100), 0);
	/* what the CPU writes now, and what the device writes, go over with a sync */
	put(&b, CALLER + 0x801, 4);
	assert_int_equal(byte_at(&b, pa + 1), 0);
	assert_int_equal(iopt_dma_sync(buffer, &to_device, NULL), 0);
	assert_int_equal(byte_at(&b, pa + 1), 4);
	put(&b, pa + 2, 5);
	assert_int_equal(iopt_dma_sync(buffer, &to_cpu, NULL), 0);
	assert_int_equal(byte_at(&b, CALLER + 0x802), 5);
	put(&b, pa + 3, 6);
	/* whole pages are mapped as they are */
	assert_int_equal(iopt_dma_map_page(b.device, CALLER + 0x1000, 0x2000, IOPT_DMA_TO_DEVICE, 0,
					   &aligned, NULL),
			 0);
	assert_int_equal(info_of(aligned).bounced, 0);
	assert_int_equal(behind(&b, info_of(aligned).iova), CALLER + 0x1000);
	iopt_dma_release(aligned, NULL, NULL);
	iopt_dma_release(buffer, NULL, NULL);
	assert_int_equal(byte_at(&b, CALLER + 0x803), 6);
	assert_int_equal(byte_at(&b, CALLER + 0x900), 3);
	assert_int_equal(slots_used(&b), 0);
	assert_int_equal(iovas_live(b.domain), 0);
	bounce_close(&b);
}

/* What the device only reads is not copied back. */
static void test_to_device(void **state)
{
	struct iopt_buffer *buffer;
	struct board b;

	(void)state;
	bounce_open(&b);
	assert_int_equal(iopt_memory_set_swiotlb(b.memory, MIB, NULL), 0);
	assert_int_equal(
		iopt_dma_map_page(b.device, CALLER + 1, 1, IOPT_DMA_TO_DEVICE, 0, &buffer, NULL),
		0);
	put(&b, behind(&b, info_of(buffer).iova), 9);
	iopt_dma_release(buffer, NULL, NULL);
	assert_int_equal(byte_at(&b, CALLER + 1), 0);
	bounce_close(&b);
}

/* Each segment by itself: none is joined, and those of whole pages are not bounced. */
static void test_untrusted_list(void **state)
{
	const struct iopt_segment list[] = {
		{CALLER, 0x1000}, {CALLER + 0x1000, 0x1000}, {CALLER + 0x2000, 0x10}};
	struct iopt_buffer *buffer;
	struct board b;

	(void)state;
	bounce_open(&b);
	assert_int_equal(iopt_memory_set_swiotlb(b.memory, 64 * KIB, NULL), 0);
	assert_int_equal(iopt_dma_map_sg(b.device, list, 3, IOPT_DMA_FROM_DEVICE, 0, &buffer, NULL),
			 0);
	assert_int_equal(info_of(buffer).dma_count, 3);
	assert_int_equal(info_of(buffer).mapped, 0x3000);
	assert_int_equal(info_of(buffer).bounced, 0x1000);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(behind(&b, info_of(buffer).dma[i].pa), list[i].pa);
	put(&b, behind(&b, info_of(buffer).dma[2].pa + 15), 7);
	assert_int_equal(iopt_dma_release_at(b.device, info_of(buffer).iova, NULL, NULL), 0);
	assert_int_equal(byte_at(&b, CALLER + 0x200f), 7);
	assert_int_equal(iovas_live(b.domain), 0);
	assert_int_equal(slots_used(&b), 0);
	bounce_close(&b);
}

/* Full after a few: what was taken for the list goes back. */
static void test_full(void **state)
{
	struct iopt_segment list[20];
	struct iopt_buffer *buffer;
	struct board b;

	(void)state;
	bounce_open(&b);
	assert_int_equal(iopt_memory_set_swiotlb(b.memory, 64 * KIB, NULL), 0);
	for (unsigned i = 0; i < 20; i++)
		list[i] = (struct iopt_segment){CALLER + i * 0x2000 + 1, 1};
	assert_int_equal(iopt_dma_map_sg(b.device, list, 17, IOPT_DMA_TO_DEVICE, 0, &buffer, NULL),
			 -IOPT_ENOMEM);
	assert_int_equal(slots_used(&b), 0);
	assert_int_equal(iovas_live(b.domain), 0);
	assert_int_equal(iopt_dma_map_sg(b.device, list, 16, IOPT_DMA_TO_DEVICE, 0, &buffer, NULL),
			 0);
	assert_int_equal(slots_used(&b), 64 * KIB);
	assert_int_equal(iopt_memory_set_swiotlb(b.memory, MIB, NULL), -IOPT_EBUSY);
	iopt_dma_release(buffer, NULL, NULL);
	/* no tables: slots and addresses go back as well */
	iopt_memory_budget(b.memory, 0);
	assert_int_equal(
		iopt_dma_map_page(b.device, CALLER + 1, 1, IOPT_DMA_TO_DEVICE, 0, &buffer, NULL),
		0);
	iopt_dma_release(buffer, NULL, NULL);
	iopt_memory_budget(b.memory, UINT64_MAX);
	assert_int_equal(iopt_memory_set_swiotlb(b.memory, 100000, NULL), -IOPT_EINVAL);
	assert_int_equal(iopt_memory_set_swiotlb(b.memory, 4096, NULL), -IOPT_EINVAL);
	assert_int_equal(iopt_memory_set_swiotlb(b.memory, 2 * GIB, NULL), -IOPT_EINVAL);
	bounce_close(&b);
}

/* A size that is too small: the rest stays, and goes with the device. */
static void test_leaked(void **state)
{
	const struct iopt_release small = {.struct_size = sizeof(small), .size = 1};
	struct iopt_buffer *buffer;
	struct board b;

	(void)state;
	bounce_open(&b);
	assert_int_equal(iopt_memory_set_swiotlb(b.memory, 64 * KIB, NULL), 0);
	assert_int_equal(iopt_dma_map_page(b.device, CALLER + 0x1000, 0x1801, IOPT_DMA_TO_DEVICE, 0,
					   &buffer, NULL),
			 0);
	assert_int_equal(slots_used(&b), 0x2000);
	iopt_dma_release(buffer, &small, NULL);
	assert_int_equal(slots_used(&b), 0x2000);
	assert_int_equal(iopt_device_destroy(b.device, NULL), 0);
	assert_int_equal(slots_used(&b), 0);
	assert_int_equal(iopt_smmu_destroy(b.smmu), 0);
	iopt_memory_destroy(b.memory);
}

/* Without an SMMU: what is out of reach. */
static void test_direct(void **state)
{
	const struct iopt_segment list[] = {{CALLER, 16}, {2 * TIB + 0x123, 16}};
	struct iopt_device_config config = IOPT_INIT(struct iopt_device_config);
	struct iopt_buffer *buffer;
	struct iopt_device *d;
	uint64_t pa;
	struct board b;

	(void)state;
	bounce_open(&b);
	assert_int_equal(iopt_memory_add_ram(b.memory, 2 * TIB, MIB, NULL), 0);
	config.name = "near";
	assert_int_equal(iopt_device_create(b.memory, &config, &d, NULL), 0);
	assert_int_equal(iopt_dma_map_sg(d, list, 2, IOPT_DMA_TO_DEVICE, 0, &buffer, NULL),
			 -IOPT_EIO);
	assert_int_equal(findings(b.memory, "W4"), 1);
	assert_int_equal(iopt_memory_set_swiotlb(b.memory, MIB, NULL), 0);
	put(&b, 2 * TIB + 0x123, 1);
	assert_int_equal(iopt_dma_map_sg(d, list, 2, IOPT_DMA_TO_DEVICE, 0, &buffer, NULL), 0);
	assert_int_equal(info_of(buffer).dma[0].pa, CALLER);
	pa = info_of(buffer).dma[1].pa;
	assert_true(pa <= UINT32_MAX);
	assert_int_equal(byte_at(&b, pa), 1);
	iopt_dma_release(buffer, NULL, NULL);
	assert_int_equal(slots_used(&b), 0);
	/* out of reach itself */
	config.name = "nearer";
	config.bus_limit = 0xfff;
	assert_int_equal(iopt_device_destroy(d, NULL), 0);
	assert_int_equal(iopt_device_create(b.memory, &config, &d, NULL), 0);
	assert_int_equal(iopt_dma_map_page(d, CALLER, 8, IOPT_DMA_TO_DEVICE, 0, &buffer, NULL),
			 -IOPT_ENOMEM);
	assert_int_equal(findings(b.memory, "W4"), 2);
	assert_int_equal(slots_used(&b), 0);
	assert_int_equal(iopt_device_destroy(d, NULL), 0);
	bounce_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_untrusted_page), cmocka_unit_test(test_to_device),
		cmocka_unit_test(test_untrusted_list), cmocka_unit_test(test_full),
		cmocka_unit_test(test_leaked),	       cmocka_unit_test(test_direct),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
