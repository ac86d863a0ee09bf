/* SPDX-License-Identifier: MIT */
/* Streaming: scatterlists and pages, against what Linux 6.1's own code answered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "board.h"
#include "dma_sg.h"
#include "fixture.h"

/* ---- scatterlists ---- */

struct sg_row {
	const char *id;
	struct iopt_segment in[24];
	uint64_t boundary;
	uint32_t max;
	uint64_t iova;
	struct iopt_segment out[4];
};

static void check_sg(const struct sg_row *row)
{
	const struct sg_limits limits = {4 * KIB, row->boundary ? row->boundary : UINT64_MAX,
					 row->max ? row->max : 64 * KIB, false};
	struct iopt_segment laid[24], dma[24];
	size_t count = 0, used, want = 0;

	print_message("%s\n", row->id);
	while (count < 24 && row->in[count].size)
		count++;
	while (want < 4 && row->out[want].size)
		want++;
	sg_lay_out(&limits, row->in, count, laid);
	used = sg_finalise(&limits, row->in, count, laid, row->iova, dma);
	assert_int_equal(used, want);
	for (size_t i = 0; i < want; i++) {
		assert_int_equal(dma[i].pa, row->out[i].pa);
		assert_int_equal(dma[i].size, row->out[i].size);
	}
}

/* Pages far from each other: only offset and length matter to the layout. */
#define AT(n, offset) (0x80000000 + (n)*0x100000 + (offset))

static void test_sg_layout(void **state)
{
	static const struct sg_row rows[] = {
		{.id = "18.4a",
		 .in = {{AT(0, 0), 0x1000}, {AT(1, 0), 0x1000}, {AT(2, 0), 0x1000}},
		 .iova = 0xffff0000,
		 .out = {{0xffff0000, 0x3000}}},
		{.id = "18.4b",
		 .in = {{AT(0, 0x200), 0x800}, {AT(1, 0), 0x1000}, {AT(2, 0x100), 0x300}},
		 .iova = 0xffff0000,
		 .out = {{0xffff0200, 0x800}, {0xffff1000, 0x1000}, {0xffff2100, 0x300}}},
		{.id = "18.4c",
		 .in = {{AT(0, 0xc00), 0x400},
			{AT(1, 0), 0x1000},
			{AT(2, 0), 0x800},
			{AT(3, 0), 0x1000}},
		 .iova = 0xffff0000,
		 .out = {{0xffff0c00, 0x1c00}, {0xffff3000, 0x1000}}},
		{.id = "18.4e",
		 .in = {{AT(0, 0), 0x6000}, {AT(1, 0), 0x6000}, {AT(2, 0), 0x6000}},
		 .boundary = 0x7fff,
		 .iova = 0xfffe0000,
		 .out = {{0xfffe0000, 0x6000}, {0xfffe8000, 0x6000}, {0xffff0000, 0x6000}}},
		{.id = "18.4f",
		 .in = {{AT(0, 0), 0x6000}, {AT(1, 0), 0x6000}, {AT(2, 0), 0x6000}},
		 .boundary = 0xffff,
		 .iova = 0xfffe0000,
		 .out = {{0xfffe0000, 0xc000}, {0xffff0000, 0x6000}}},
		{.id = "18.4g",
		 .in = {{AT(0, 0), 0x8000}, {AT(1, 0), 0x8000}},
		 .boundary = 0x7fff,
		 .iova = 0xffff0000,
		 .out = {{0xffff0000, 0x8000}, {0xffff8000, 0x8000}}},
		{.id = "18.4h, the unsigned wrap",
		 .in = {{AT(0, 0), 0x20000}, {AT(1, 0), 0x1000}},
		 .iova = 0xfffc0000,
		 .out = {{0xfffc0000, 0x21000}}},
		{.id = "18.4i",
		 .in = {{AT(0, 0), 0x10000}, {AT(1, 0), 0x10000}},
		 .iova = 0xfffe0000,
		 .out = {{0xfffe0000, 0x10000}, {0xffff0000, 0x10000}}},
		{.id = "18.4j",
		 .in = {{AT(0, 0), 0x10000}, {AT(1, 0), 0x10000}},
		 .max = 0x20000,
		 .iova = 0xfffe0000,
		 .out = {{0xfffe0000, 0x20000}}},
	};
	struct sg_row twenty = {.id = "18.4d",
				.iova = 0xfffe0000,
				.out = {{0xfffe0000, 0x10000}, {0xffff0000, 0x4000}}};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
		check_sg(&rows[i]);
	for (unsigned i = 0; i < 20; i++)
		twenty.in[i] = (struct iopt_segment){AT(i, 0), 0x1000};
	check_sg(&twenty);
}

static void test_sg_padding(void **state)
{
	const struct sg_limits limits = {4 * KIB, 0x7fff, 64 * KIB, false};
	const struct iopt_segment in[] = {
		{AT(0, 0), 0x6000}, {AT(1, 0), 0x6000}, {AT(2, 0), 0x6000}};
	struct iopt_segment laid[3];

	(void)state;
	assert_int_equal(sg_lay_out(&limits, in, 3, laid), 0x16000);
	assert_int_equal(laid[0].size, 0x8000);
	assert_int_equal(laid[1].size, 0x8000);
	assert_int_equal(laid[2].size, 0x6000);
}

static void test_sg_mapped(void **state)
{
	const struct iopt_segment in[] = {
		{0x90000c00, 0x400}, {0x90005000, 0x1000}, {0x9000a000, 0x800}};
	struct iopt_buffer_info info;
	struct iopt_buffer *buffer;
	struct board b;
	uint64_t pa;

	(void)state;
	board_open_plain(&b);
	assert_int_equal(iopt_dma_map_sg(b.device, in, 3, IOPT_DMA_TO_DEVICE, 0, &buffer, NULL), 0);
	info = info_of(buffer);
	assert_int_equal(info.dma_count, 1);
	assert_int_equal(info.dma[0].pa, info.iova);
	assert_int_equal(info.dma[0].size, 0x1c00);
	assert_int_equal(info.mapped, 0x3000);
	assert_int_equal(info.iova_size, 0x4000);
	for (unsigned i = 0; i < 0x1c00; i += 0x400) {
		uint64_t want = i < 0x400    ? in[0].pa
				: i < 0x1400 ? in[1].pa + i - 0x400
					     : in[2].pa + i - 0x1400;

		assert_int_equal(iopt_translate(b.domain, info.iova + i, &pa, NULL), 0);
		assert_int_equal(pa, want);
	}
	must_free(buffer);
	assert_int_equal(findings_all(b.memory), 0);
	board_close(&b);
}

/* The second one has no output address: the first must not stay mapped. */
static void test_sg_undone(void **state)
{
	const struct iopt_segment in[] = {{0x90000000, 0x1000}, {BIT(48), 0x1000}};
	struct iopt_buffer *buffer;
	struct board b;
	uint64_t pa;

	(void)state;
	board_open_plain(&b);
	assert_int_equal(iopt_dma_map_sg(b.device, in, 2, IOPT_DMA_TO_DEVICE, 0, &buffer, NULL),
			 -IOPT_EINVAL);
	assert_int_equal(iopt_translate(b.domain, 0xffffe000, &pa, NULL), -IOPT_EFAULT);
	assert_int_equal(iovas_live(b.domain), 0);
	board_close(&b);
}

/* ---- attributes in the tables ---- */

static void test_prot(void **state)
{
	static const struct {
		bool coherent;
		enum iopt_dma_direction direction;
		unsigned attrs;
		uint64_t want; /* 18.7 */
	} rows[] = {
		{false, IOPT_DMA_TO_DEVICE, 0, 0xec3},
		{false, IOPT_DMA_FROM_DEVICE, 0, 0xe43},
		{false, IOPT_DMA_BIDIRECTIONAL, 0, 0xe43},
		{true, IOPT_DMA_TO_DEVICE, 0, 0xfc7},
		{true, IOPT_DMA_BIDIRECTIONAL, 0, 0xf47},
		{true, IOPT_DMA_BIDIRECTIONAL, IOPT_DMA_PRIVILEGED, 0xf07},
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		struct iopt_device_config config = {.coherent = rows[i].coherent};
		struct iopt_walk walk = IOPT_INIT(struct iopt_walk);
		struct iopt_buffer *buffer;
		struct board b;

		board_open(&b, (struct iopt_smmu_config){0}, config);
		assert_int_equal(iopt_dma_map_page(b.device, 0x90000000, 0x1000, rows[i].direction,
						   rows[i].attrs, &buffer, NULL),
				 0);
		assert_int_equal(iopt_walk(b.domain, info_of(buffer).iova, 0, 1, &walk), 0);
		assert_int_equal(walk.steps[walk.step_count - 1].desc, 0x90000000 | rows[i].want);
		iopt_dma_mapping_error(buffer);
		must_free(buffer);
		board_close(&b);
	}
}

/* ---- streaming pages ---- */

static void test_map_page(void **state)
{
	struct iopt_sync sync = IOPT_INIT(struct iopt_sync);
	struct iopt_buffer_info info;
	struct iopt_buffer *buffer;
	struct board b;
	uint64_t pa;

	(void)state;
	board_open_plain(&b);
	assert_int_equal(
		iopt_dma_map_page(b.device, 0x90000ffc, 8, IOPT_DMA_FROM_DEVICE, 0, &buffer, NULL),
		0);
	info = info_of(buffer);
	assert_int_equal(info.iova, 0xffffeffc);
	assert_int_equal(info.iova_first, 0xffffe000);
	assert_int_equal(info.mapped, 0x2000);
	assert_int_equal(iopt_translate(b.domain, info.iova, &pa, NULL), 0);
	assert_int_equal(pa, 0x90000ffc);
	sync.for_cpu = true;
	assert_int_equal(iopt_dma_sync(buffer, &sync, NULL), 0);
	assert_int_equal(iopt_dma_sync_at(b.device, info.iova + 4, &sync, NULL), 0);
	assert_false(iopt_dma_mapping_error(buffer));
	must_free(buffer);
	assert_int_equal(findings_all(b.memory), 0);
	assert_int_equal(iovas_live(b.domain), 0);
	board_close(&b);
}

static void test_map_page_zero(void **state)
{
	struct iopt_buffer *buffer;
	struct board b;

	(void)state;
	board_open_plain(&b);
	assert_int_equal(
		iopt_dma_map_page(b.device, 0, 0x1000, IOPT_DMA_TO_DEVICE, 0, &buffer, NULL), 0);
	iopt_dma_mapping_error(buffer);
	must_free(buffer);
	/* what Linux takes for "not mapped" keeps its address */
	assert_int_equal(findings(b.memory, "W2"), 1);
	assert_int_equal(iovas_live(b.domain), 1);
	board_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sg_layout),     cmocka_unit_test(test_sg_padding),
		cmocka_unit_test(test_sg_mapped),     cmocka_unit_test(test_sg_undone),
		cmocka_unit_test(test_prot),	      cmocka_unit_test(test_map_page),
		cmocka_unit_test(test_map_page_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
