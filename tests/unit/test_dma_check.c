/* SPDX-License-Identifier: MIT */
/* Each rule of iopt_dma_check(): what makes it speak, and what does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base.h"
#include "board.h"
#include "fixture.h"

/* ---- giving back ---- */

static void test_release_rules(void **state)
{
	static const struct {
		const char *rule;
		enum iopt_buffer_kind kind;
		struct iopt_release release;
	} rows[] = {
		{"D3", IOPT_BUFFER_COHERENT, {.size = 0x3000}},
		{"D3", IOPT_BUFFER_PAGE, {.size = 0x3000}},
		{"D3", IOPT_BUFFER_COHERENT, {.size = 0x30000}},
		{"D4", IOPT_BUFFER_COHERENT, {.other_kind = true}},
		{"D4", IOPT_BUFFER_PAGE, {.other_kind = true}},
		{"D5", IOPT_BUFFER_COHERENT, {.pa = 0x1000}},
		{"D6", IOPT_BUFFER_SG, {.nents = 1}},
		{"D7", IOPT_BUFFER_PAGE, {.has_direction = true, .direction = IOPT_DMA_TO_DEVICE}},
		{"D7", IOPT_BUFFER_SG, {.has_direction = true, .direction = IOPT_DMA_TO_DEVICE}},
		{NULL, IOPT_BUFFER_COHERENT, {.size = 0x5000}},
		{NULL, IOPT_BUFFER_PAGE, {.has_direction = true, .size = 0x5000}},
		{NULL, IOPT_BUFFER_SG, {.has_direction = true, .nents = 2}},
	};
	const struct iopt_segment list[] = {{0x90000000, 0x1000}, {0x90002000, 0x1000}};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		struct iopt_buffer *buffer;
		struct board b;

		board_open_plain(&b);
		if (rows[i].kind == IOPT_BUFFER_COHERENT)
			buffer = must_alloc(b.device, 0x5000, 0, false);
		else if (rows[i].kind == IOPT_BUFFER_PAGE)
			buffer = must_map(b.device, 0x90000000, 0x5000, IOPT_DMA_BIDIRECTIONAL);
		else
			assert_int_equal(iopt_dma_map_sg(b.device, list, 2, IOPT_DMA_BIDIRECTIONAL,
							 0, &buffer, NULL),
					 0);
		must_release(buffer, rows[i].release);
		assert_int_equal(findings_all(b.memory), rows[i].rule ? 1 : 0);
		if (rows[i].rule)
			assert_int_equal(findings(b.memory, rows[i].rule), 1);
		board_close(&b);
	}
}

static void test_short_free(void **state)
{
	struct iopt_buffer_info info;
	struct iopt_buffer *buffer;
	struct board b;
	uint64_t pa, before;

	(void)state;
	board_open_plain(&b);
	before = iopt_memory_allocated(b.memory);
	buffer = must_alloc(b.device, 0x5000, 0, false);
	info = info_of(buffer);
	must_release(buffer, (struct iopt_release){.size = 0x3000});
	/* unmapped as far as it was said, the rest stays until the device goes */
	assert_int_equal(iopt_translate(b.domain, info.iova + 0x2000, &pa, NULL), -IOPT_EFAULT);
	assert_int_equal(iopt_translate(b.domain, info.iova + 0x3000, &pa, NULL), 0);
	assert_true(iopt_memory_allocated(b.memory) >= before + 0x5000);
	/* its addresses are now taken for four pages, not for eight */
	buffer = must_alloc(b.device, 0x3000, 0, false);
	assert_int_equal(info_of(buffer).iova, info.iova);
	must_free(buffer);
	board_close(&b);
}

static void test_not_checked(void **state)
{
	struct iopt_buffer *buffer;
	struct board b;

	(void)state;
	board_open_plain(&b);
	assert_int_equal(
		iopt_dma_map_page(b.device, 0x90000000, 1, IOPT_DMA_TO_DEVICE, 0, &buffer, NULL),
		0);
	must_free(buffer);
	assert_int_equal(findings(b.memory, "D8"), 1);
	board_close(&b);
}

static void test_release_by_handle(void **state)
{
	struct iopt_buffer *buffer;
	struct board b;
	uint64_t iova;

	(void)state;
	board_open_plain(&b);
	buffer = must_alloc(b.device, 0x1000, 0, false);
	iova = info_of(buffer).iova;
	assert_int_equal(iopt_dma_release_at(b.device, iova + 8, NULL, NULL), -IOPT_ENOENT);
	assert_int_equal(findings(b.memory, "D2"), 1);
	assert_int_equal(findings(b.memory, "X2"), 0);
	assert_int_equal(iopt_dma_release_at(b.device, UINT64_MAX, NULL, NULL), -IOPT_ENOENT);
	assert_int_equal(findings(b.memory, "D1"), 1);
	assert_int_equal(iopt_dma_release_at(b.device, iova, NULL, NULL), 0);
	assert_int_equal(findings_all(b.memory), 2);
	/* once more */
	assert_int_equal(iopt_dma_release_at(b.device, iova, NULL, NULL), -IOPT_ENOENT);
	assert_int_equal(findings(b.memory, "D2"), 2);
	assert_int_equal(findings(b.memory, "X2"), 1);
	board_close(&b);
}

static void test_unmapped_behind_its_back(void **state)
{
	struct iopt_buffer *buffer;
	uint64_t done;
	struct board b;

	(void)state;
	board_open_plain(&b);
	buffer = must_alloc(b.device, 0x5000, 0, false);
	assert_int_equal(iopt_unmap(b.domain, info_of(buffer).iova + 0x1000, 0x1000, &done), 0);
	must_free(buffer);
	assert_int_equal(findings(b.memory, "W1"), 1);
	board_close(&b);
}

/* ---- syncing ---- */

static void test_sync_rules(void **state)
{
	static const struct {
		const char *rule;
		enum iopt_dma_direction mapped;
		struct iopt_sync sync;
		int ret;
	} rows[] = {
		{NULL, IOPT_DMA_BIDIRECTIONAL, {.for_cpu = true}, 0},
		{NULL, IOPT_DMA_FROM_DEVICE, {.for_cpu = true}, 0},
		{NULL, IOPT_DMA_TO_DEVICE, {.for_cpu = false}, 0},
		{NULL, IOPT_DMA_FROM_DEVICE, {.for_cpu = false}, 0},
		{"D14", IOPT_DMA_BIDIRECTIONAL, {.size = 0x1001}, -IOPT_ERANGE},
		{"D14", IOPT_DMA_BIDIRECTIONAL, {.offset = 0x1000}, -IOPT_ERANGE},
		{"D14", IOPT_DMA_BIDIRECTIONAL, {.offset = UINT64_MAX, .size = 2}, -IOPT_ERANGE},
		{"D15",
		 IOPT_DMA_FROM_DEVICE,
		 {.for_cpu = true, .has_direction = true, .direction = IOPT_DMA_TO_DEVICE},
		 0},
		{"D16",
		 IOPT_DMA_TO_DEVICE,
		 {.for_cpu = true, .has_direction = true, .direction = IOPT_DMA_FROM_DEVICE},
		 0},
		{"D17",
		 IOPT_DMA_FROM_DEVICE,
		 {.has_direction = true, .direction = IOPT_DMA_TO_DEVICE},
		 0},
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		struct iopt_sync sync = rows[i].sync;
		struct iopt_buffer *buffer;
		struct board b;

		board_open_plain(&b);
		buffer = must_map(b.device, 0x90000000, 0x1000, rows[i].mapped);
		sync.struct_size = sizeof(sync);
		assert_int_equal(iopt_dma_sync(buffer, &sync, NULL), rows[i].ret);
		if (rows[i].rule)
			assert_int_equal(findings(b.memory, rows[i].rule), 1);
		else
			assert_int_equal(findings_all(b.memory), 0);
		must_free(buffer);
		board_close(&b);
	}
}

static void test_sync_elsewhere(void **state)
{
	const struct iopt_segment list[] = {{0x90000000, 0x1000}, {0x90002000, 0x1000}};
	struct iopt_sync sync = IOPT_INIT(struct iopt_sync);
	struct iopt_buffer *buffer;
	struct board b;
	uint64_t iova;

	(void)state;
	board_open_plain(&b);
	sync.size = 8;
	assert_int_equal(iopt_dma_sync_at(b.device, 0x1000, &sync, NULL), -IOPT_ENOENT);
	assert_int_equal(findings(b.memory, "D13"), 1);
	assert_int_equal(iopt_dma_map_sg(b.device, list, 2, IOPT_DMA_TO_DEVICE, 0, &buffer, NULL),
			 0);
	iova = info_of(buffer).iova;
	sync.nents = 1;
	assert_int_equal(iopt_dma_sync_at(b.device, iova, &sync, NULL), 0);
	assert_int_equal(findings(b.memory, "D18"), 1);
	must_free(buffer);
	assert_int_equal(iopt_dma_sync_at(b.device, iova, &sync, NULL), -IOPT_ENOENT);
	assert_int_equal(findings(b.memory, "X2"), 1);
	board_close(&b);
}

/* ---- mapping ---- */

static void test_list_rules(void **state)
{
	struct iopt_device_config config = {.max_segment = 0x2000, .segment_boundary = 0x3fff};
	struct iopt_segment list[] = {{0x90000000, 0x2000}, {0x90008000, 0x2000}};
	struct iopt_buffer *buffer;
	struct board b;

	(void)state;
	board_open(&b, (struct iopt_smmu_config){0}, config);
	assert_int_equal(iopt_dma_map_sg(b.device, list, 2, IOPT_DMA_TO_DEVICE, 0, &buffer, NULL),
			 0);
	assert_int_equal(findings_all(b.memory), 0);
	must_free(buffer);
	list[0].size = 0x6000;
	assert_int_equal(iopt_dma_map_sg(b.device, list, 2, IOPT_DMA_TO_DEVICE, 0, &buffer, NULL),
			 0);
	assert_int_equal(findings(b.memory, "D19"), 1);
	assert_true(findings(b.memory, "D20") >= 1);
	must_free(buffer);
	board_close(&b);
}

static void test_same_cache_line(void **state)
{
	struct iopt_buffer *buffers[10];
	struct board b;

	(void)state;
	board_open_plain(&b);
	buffers[0] = must_map(b.device, 0x90000000, 32, IOPT_DMA_TO_DEVICE);
	buffers[1] = must_map(b.device, 0x90000010, 32, IOPT_DMA_TO_DEVICE);
	assert_int_equal(findings_all(b.memory), 0);
	buffers[2] = must_map(b.device, 0x90000040, 32, IOPT_DMA_FROM_DEVICE);
	assert_int_equal(findings_all(b.memory), 0);
	buffers[3] = must_map(b.device, 0x90000060, 32, IOPT_DMA_FROM_DEVICE);
	assert_int_equal(findings(b.memory, "D21"), 1);
	assert_int_equal(findings(b.memory, "X1"), 0);
	for (unsigned i = 4; i < 10; i++)
		buffers[i] = must_map(b.device, 0x90000060, 32, IOPT_DMA_FROM_DEVICE);
	assert_int_equal(findings(b.memory, "D22"), 0);
	must_free(must_map(b.device, 0x90000060, 32, IOPT_DMA_FROM_DEVICE));
	assert_int_equal(findings(b.memory, "D22"), 1);
	for (unsigned i = 0; i < 10; i++)
		must_free(buffers[i]);
	board_close(&b);
}

static void test_sharing(void **state)
{
	struct iopt_buffer *first, *second, *coherent;
	struct board b;

	(void)state;
	board_open_plain(&b);
	first = must_map(b.device, 0x90000000, 0x2000, IOPT_DMA_FROM_DEVICE);
	second = must_map(b.device, 0x90001000, 0x2000, IOPT_DMA_TO_DEVICE);
	assert_int_equal(findings(b.memory, "X1"), 1);
	must_free(first);
	must_free(second);
	/* it is kept, but not found again */
	assert_int_equal(findings(b.memory, "X1"), 1);
	coherent = must_alloc(b.device, 0x3000, 0, false);
	first = must_map(b.device, info_of(coherent).segments[0].pa + 0x1800, 0x100,
			 IOPT_DMA_FROM_DEVICE);
	assert_int_equal(findings(b.memory, "X1"), 2);
	must_free(first);
	assert_int_equal(findings(b.memory, "X1"), 1);
	must_free(coherent);
	assert_int_equal(iopt_dma_map_page(b.device, 0x90000000, 0x2000, IOPT_DMA_FROM_DEVICE,
					   IOPT_DMA_SKIP_CPU_SYNC, &first, NULL),
			 0);
	iopt_dma_mapping_error(first);
	must_free(must_map(b.device, 0x90001000, 0x2000, IOPT_DMA_FROM_DEVICE));
	must_free(first);
	assert_int_equal(findings_all(b.memory), 1);
	board_close(&b);
}

static void test_cache_line_neighbours(void **state)
{
	struct iopt_buffer *first;
	struct board b;

	(void)state;
	for (unsigned coherent = 0; coherent < 2; coherent++) {
		board_open(&b, (struct iopt_smmu_config){0},
			   (struct iopt_device_config){.coherent = coherent});
		first = must_map(b.device, 0x90000000, 0x50, IOPT_DMA_FROM_DEVICE);
		must_free(must_map(b.device, 0x90000050, 0x10, IOPT_DMA_FROM_DEVICE));
		assert_int_equal(findings(b.memory, "X9"), !coherent);
		assert_int_equal(findings_all(b.memory), !coherent);
		must_free(first);
		board_close(&b);
	}
}

static void test_driver_leaves(void **state)
{
	struct iopt_buffer *buffer;
	struct board b;

	(void)state;
	board_open_plain(&b);
	assert_int_equal(iopt_device_unbind(b.device, NULL), 0);
	assert_int_equal(iopt_device_bind(b.device, NULL), 0);
	assert_int_equal(findings_all(b.memory), 0);
	buffer = must_alloc(b.device, 0x3000, 0, false);
	assert_int_equal(iopt_device_unbind(b.device, NULL), 0);
	assert_int_equal(findings(b.memory, "D23"), 1);
	must_free(buffer);
	board_close(&b);
}

static void test_atomic_pool_exhausted(void **state)
{
	struct iopt_buffer *buffer;
	struct board b;

	(void)state;
	board_open_plain(&b);
	/* larger than the pool at its beginning: an atomic caller cannot wait for more */
	assert_int_equal(iopt_dma_alloc(b.device, 256 * KIB, 0, true, &buffer, NULL), -IOPT_ENOMEM);
	assert_int_equal(findings(b.memory, "W3"), 1);
	board_close(&b);
}

/* ---- the list itself ---- */

static void test_rules(void **state)
{
	const char *id, *other;

	(void)state;
	for (unsigned i = 0; iopt_dma_rule(i, &id); i++)
		for (unsigned j = 0; j < i; j++) {
			iopt_dma_rule(j, &other);
			assert_string_not_equal(id, other);
		}
	assert_null(iopt_dma_rule(1000, &id));
}

static void test_too_many(void **state)
{
	struct board b;

	(void)state;
	board_open_plain(&b);
	for (unsigned i = 0; i < 70000; i++)
		iopt_dma_release_at(b.device, i, NULL, NULL);
	assert_int_equal(findings_all(b.memory), 65536);
	assert_int_equal(findings(b.memory, "D24"), 1);
	board_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_release_rules),
		cmocka_unit_test(test_short_free),
		cmocka_unit_test(test_not_checked),
		cmocka_unit_test(test_release_by_handle),
		cmocka_unit_test(test_unmapped_behind_its_back),
		cmocka_unit_test(test_sync_rules),
		cmocka_unit_test(test_sync_elsewhere),
		cmocka_unit_test(test_list_rules),
		cmocka_unit_test(test_same_cache_line),
		cmocka_unit_test(test_sharing),
		cmocka_unit_test(test_cache_line_neighbours),
		cmocka_unit_test(test_driver_leaves),
		cmocka_unit_test(test_atomic_pool_exhausted),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
