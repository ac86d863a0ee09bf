/* SPDX-License-Identifier: MIT */
/* dma_pool: Linux 6.1's layout of blocks, order of reuse, and what its debugging notices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base.h"
#include "board.h"

static struct iopt_dma_pool_info pool_info(const struct iopt_dma_pool *pool)
{
	struct iopt_dma_pool_info info = IOPT_INIT(struct iopt_dma_pool_info);

	iopt_dma_pool_info(pool, &info);
	return info;
}

static uint64_t must_take(struct iopt_dma_pool *pool)
{
	uint64_t iova, pa;

	assert_int_equal(iopt_dma_pool_alloc(pool, &iova, &pa, NULL), 0);
	return iova;
}

static void give_back(struct iopt_dma_pool *pool, uint64_t iova)
{
	assert_int_equal(iopt_dma_pool_free(pool, iova, NULL), 0);
}

/* Facts 18.5: blocks that can be used in a chunk, and what sysfs makes of it. */
static void test_blocks(void **state)
{
	static const struct {
		const char *id;
		uint64_t size, align, boundary, blocks, sysfs;
	} rows[] = {
		{"18.5a", 64, 0, 0, 63, 64},	{"18.5b", 1024, 0, 0, 3, 4},
		{"18.5c", 2048, 0, 0, 1, 2},	{"18.5d", 96, 32, 0, 42, 42},
		{"18.5e", 1000, 8, 0, 4, 4},	{"18.5f", 4096, 0, 0, 1, 1},
		{"18.5g", 5000, 0, 0, 1, 1},	{"18.5h", 64, 0, 256, 48, 64},
		{"18.5i", 24, 8, 64, 128, 170}, {"18.5j", 1, 0, 0, 1023, 1024},
		{"18.5k", 12, 0, 0, 341, 341},
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		struct iopt_dma_pool *pool;
		uint64_t taken[1024];
		struct board b;

		print_message("%s\n", rows[i].id);
		board_open_plain(&b);
		assert_int_equal(iopt_dma_pool_create(b.device, rows[i].size, rows[i].align,
						      rows[i].boundary, &pool, NULL),
				 0);
		for (uint64_t n = 0; n < rows[i].blocks; n++)
			taken[n] = must_take(pool);
		assert_int_equal(pool_info(pool).chunk_count, 1);
		assert_int_equal(pool_info(pool).chunk_blocks, rows[i].blocks);
		assert_int_equal(pool_info(pool).sysfs_blocks, rows[i].sysfs);
		give_back(pool, taken[0]);
		taken[0] = must_take(pool);
		assert_int_equal(pool_info(pool).chunk_count, 1);
		give_back(pool, must_take(pool));
		assert_int_equal(pool_info(pool).chunk_count, 2);
		for (uint64_t n = 0; n < rows[i].blocks; n++)
			give_back(pool, taken[n]);
		assert_int_equal(pool_info(pool).in_use, 0);
		assert_int_equal(iopt_dma_pool_destroy(pool, NULL), 0);
		assert_int_equal(findings_all(b.memory), 0);
		assert_int_equal(iovas_live(b.domain), 0);
		board_close(&b);
	}
}

static void test_boundary(void **state)
{
	static const uint64_t want[] = {0, 64, 128, 256, 320, 384, 512};
	struct iopt_dma_pool *pool;
	uint64_t taken[7];
	struct board b;

	(void)state;
	board_open_plain(&b);
	assert_int_equal(iopt_dma_pool_create(b.device, 64, 0, 256, &pool, NULL), 0);
	for (unsigned i = 0; i < 7; i++) {
		taken[i] = must_take(pool);
		assert_int_equal(taken[i] - taken[0], want[i]);
	}
	/* the block freed last is the next */
	give_back(pool, taken[2]);
	give_back(pool, taken[5]);
	assert_int_equal(must_take(pool), taken[5]);
	assert_int_equal(must_take(pool), taken[2]);
	for (unsigned i = 0; i < 7; i++)
		give_back(pool, taken[i]);
	assert_int_equal(iopt_dma_pool_destroy(pool, NULL), 0);
	board_close(&b);
}

static void test_refused(void **state)
{
	static const struct {
		uint64_t size, align, boundary;
	} rows[] = {{0, 0, 0},	 {8, 3, 0},	     {8, 0, 12},
		    {64, 0, 32}, {UINT64_MAX, 0, 0}, {8, BIT(63), 0}};
	struct iopt_dma_pool *pool;
	struct board b;

	(void)state;
	board_open_plain(&b);
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(iopt_dma_pool_create(b.device, rows[i].size, rows[i].align,
						      rows[i].boundary, &pool, NULL),
				 -IOPT_EINVAL);
	board_close(&b);
}

static void test_poison(void **state)
{
	unsigned char block[64], junk = 0x11;
	struct iopt_dma_pool *pool;
	uint64_t iova, pa;
	struct board b;

	(void)state;
	board_open_plain(&b);
	assert_int_equal(iopt_dma_pool_create(b.device, 64, 0, 0, &pool, NULL), 0);
	assert_int_equal(iopt_dma_pool_alloc(pool, &iova, &pa, NULL), 0);
	iopt_memory_read(b.memory, pa, block, sizeof(block));
	assert_int_equal(block[0], 0xa9);
	assert_int_equal(block[63], 0xa9);
	give_back(pool, iova);
	iopt_memory_read(b.memory, pa, block, sizeof(block));
	assert_int_equal(load_le32(block), 64);
	assert_int_equal(block[4], 0xa7);
	assert_int_equal(block[63], 0xa7);
	/* where the link is nobody looks; behind it somebody does */
	assert_int_equal(iopt_memory_write(b.memory, pa + 3, &junk, 1), 0);
	give_back(pool, must_take(pool));
	assert_int_equal(findings(b.memory, "P1"), 0);
	assert_int_equal(iopt_memory_write(b.memory, pa + 63, &junk, 1), 0);
	give_back(pool, must_take(pool));
	assert_int_equal(findings(b.memory, "P1"), 1);
	assert_int_equal(iopt_dma_pool_destroy(pool, NULL), 0);
	board_close(&b);
}

static void test_bad_free(void **state)
{
	struct iopt_dma_pool *pool;
	struct board b;
	uint64_t iova;

	(void)state;
	board_open_plain(&b);
	assert_int_equal(iopt_dma_pool_create(b.device, 64, 0, 0, &pool, NULL), 0);
	assert_int_equal(iopt_dma_pool_free(pool, 0x1000, NULL), -IOPT_EINVAL);
	iova = must_take(pool);
	assert_int_equal(iopt_dma_pool_free(pool, iova + 4, NULL), -IOPT_EINVAL);
	assert_int_equal(findings(b.memory, "P2"), 2);
	give_back(pool, iova);
	assert_int_equal(iopt_dma_pool_free(pool, iova, NULL), -IOPT_EINVAL);
	assert_int_equal(findings(b.memory, "P3"), 1);
	assert_int_equal(iopt_dma_pool_destroy(pool, NULL), 0);
	board_close(&b);
}

static void test_busy(void **state)
{
	struct iopt_dma_pool *pool;
	uint64_t before;
	struct board b;

	(void)state;
	board_open_plain(&b);
	before = iopt_memory_allocated(b.memory);
	assert_int_equal(iopt_dma_pool_create(b.device, 4096, 0, 0, &pool, NULL), 0);
	give_back(pool, must_take(pool));
	must_take(pool);
	assert_int_equal(iopt_dma_pool_destroy(pool, NULL), -IOPT_EBUSY);
	assert_int_equal(findings(b.memory, "P4"), 1);
	assert_true(iopt_memory_allocated(b.memory) > before);
	assert_int_equal(iovas_live(b.domain), 1);
	/* the device takes it along */
	board_close(&b);
}

static void test_no_memory(void **state)
{
	struct iopt_dma_pool *pool;
	uint64_t iova, pa;
	struct board b;
	int ret = -1;

	(void)state;
	board_open_plain(&b);
	assert_int_equal(iopt_dma_pool_create(b.device, 64, 0, 0, &pool, NULL), 0);
	/* a chunk's page, then a table or two more each time: those stay */
	for (uint64_t n = 0; ret; n++) {
		assert_true(n < 6);
		iopt_memory_budget(b.memory, n);
		ret = iopt_dma_pool_alloc(pool, &iova, &pa, NULL);
		assert_true(!ret || ret == -IOPT_ENOMEM);
		assert_int_equal(pool_info(pool).chunk_count, !ret);
	}
	give_back(pool, iova);
	iopt_memory_budget(b.memory, UINT64_MAX);
	assert_int_equal(iopt_dma_pool_destroy(pool, NULL), 0);
	board_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blocks),	  cmocka_unit_test(test_boundary),
		cmocka_unit_test(test_refused),	  cmocka_unit_test(test_poison),
		cmocka_unit_test(test_bad_free),  cmocka_unit_test(test_busy),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
