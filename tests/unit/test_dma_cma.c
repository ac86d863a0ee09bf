/* SPDX-License-Identifier: MIT */
/* Contiguous memory areas: which is asked, for how many pages, and what comes instead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base.h"
#include "board.h"
#include "fixture.h"

#define RAM  0x80000000
#define AREA 0x84000000
#define OWN  0x86000000

static int add_area(struct iopt_memory *m, const char *name, uint64_t base, uint64_t size,
		    bool is_default, struct iopt_cma **cma)
{
	struct iopt_cma_config config = IOPT_INIT(struct iopt_cma_config);

	config.name = name;
	config.base = base;
	config.size = size;
	config.is_default = is_default;
	return iopt_cma_create(m, &config, cma, NULL);
}

static struct iopt_cma_info area_info(const struct iopt_cma *cma)
{
	struct iopt_cma_info info = IOPT_INIT(struct iopt_cma_info);

	iopt_cma_info(cma, &info);
	return info;
}

struct place {
	struct iopt_memory *memory;
	struct iopt_cma *area, *own;
};

static void place_open(struct place *p)
{
	assert_int_equal(iopt_memory_create(&p->memory), 0);
	assert_int_equal(iopt_memory_add_ram(p->memory, RAM, 128 * MIB, NULL), 0);
	assert_int_equal(add_area(p->memory, "all", AREA, 4 * MIB, true, &p->area), 0);
	assert_int_equal(add_area(p->memory, "own", OWN, 2 * MIB, false, &p->own), 0);
}

static struct iopt_device *device(struct place *p, struct iopt_cma *cma, bool coherent)
{
	struct iopt_device_config config = IOPT_INIT(struct iopt_device_config);
	struct iopt_device *d;

	config.name = cma ? "own" : "plain";
	config.cma = cma;
	config.coherent = coherent;
	assert_int_equal(iopt_device_create(p->memory, &config, &d, NULL), 0);
	return d;
}

static void test_default(void **state)
{
	struct iopt_buffer *b[4];
	struct iopt_device *d;
	struct place p;

	(void)state;
	place_open(&p);
	d = device(&p, NULL, true);
	/* one page is none of its business */
	b[0] = must_alloc(d, 0x1000, 0, false);
	assert_null(info_of(b[0]).cma);
	assert_int_equal(info_of(b[0]).iova, RAM);
	/* as many pages as are needed, aligned to the power of two above */
	b[1] = must_alloc(d, 0x2001, 0, false);
	assert_ptr_equal(info_of(b[1]).cma, p.area);
	assert_int_equal(info_of(b[1]).iova, AREA);
	assert_int_equal(area_info(p.area).used, 3);
	b[2] = must_alloc(d, 0x2000, 0, false);
	assert_int_equal(info_of(b[2]).iova, AREA + 0x4000);
	/* but to no more than 2^8 pages */
	b[3] = must_alloc(d, 0x180000, 0, false);
	assert_int_equal(info_of(b[3]).iova, AREA + 0x100000);
	assert_int_equal(area_info(p.area).used, 3 + 2 + 0x180);
	assert_int_equal(area_info(p.area).pages_taken, 3 + 2 + 0x180);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(iopt_dma_release(b[i], NULL, NULL), 0);
	assert_int_equal(area_info(p.area).used, 0);
	assert_int_equal(area_info(p.area).max_chunk, 1024);
	iopt_memory_destroy(p.memory);
}

static void test_own(void **state)
{
	struct iopt_buffer *b[3];
	struct iopt_device *d;
	struct place p;

	(void)state;
	place_open(&p);
	d = device(&p, p.own, true);
	/* its own area, for one page too */
	b[0] = must_alloc(d, 1, 0, false);
	assert_int_equal(info_of(b[0]).iova, OWN);
	/* and no other: pages when it has none */
	b[1] = must_alloc(d, 2 * MIB, 0, false);
	assert_null(info_of(b[1]).cma);
	assert_int_equal(info_of(b[1]).iova, RAM);
	assert_int_equal(area_info(p.own).pages_failed, 512);
	assert_int_equal(area_info(p.area).used, 0);
	/* what may not wait does not ask */
	b[2] = must_alloc(d, 0x2000, 0, true);
	assert_null(info_of(b[2]).cma);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(iopt_dma_release(b[i], NULL, NULL), 0);
	assert_int_equal(iopt_memory_allocated(p.memory), 0);
	iopt_memory_destroy(p.memory);
}

/* More than the page allocator has in one piece: 4 MiB of the area, with pages of 4 KiB. */
static void test_larger_than_pages(void **state)
{
	struct iopt_buffer *b, *c;
	struct iopt_device *d;
	struct place p;

	(void)state;
	place_open(&p);
	d = device(&p, NULL, true);
	assert_int_equal(iopt_dma_alloc(d, 4 * MIB + 1, 0, false, &b, NULL), -IOPT_ENOMEM);
	b = must_alloc(d, 4 * MIB, 0, false);
	assert_ptr_equal(info_of(b).cma, p.area);
	/* the area is full: the largest block of pages instead */
	c = must_alloc(d, 4 * MIB, 0, false);
	assert_null(info_of(c).cma);
	iopt_dma_release(c, NULL, NULL);
	iopt_dma_release(b, NULL, NULL);
	iopt_memory_destroy(p.memory);
}

/* An area out of reach is given up for pages within. */
static void test_out_of_reach(void **state)
{
	struct iopt_device_config config = IOPT_INIT(struct iopt_device_config);
	struct iopt_device *d;
	struct iopt_buffer *b;
	struct place p;

	(void)state;
	place_open(&p);
	config.name = "near";
	config.bus_limit = RAM + MIB - 1;
	assert_int_equal(iopt_device_create(p.memory, &config, &d, NULL), 0);
	b = must_alloc(d, 0x2000, 0, false);
	assert_null(info_of(b).cma);
	assert_int_equal(info_of(b).iova, RAM);
	assert_int_equal(area_info(p.area).used, 0);
	iopt_dma_release(b, NULL, NULL);
	iopt_memory_destroy(p.memory);
}

/* The atomic pool's blocks are the default area's. */
static void test_atomic_pool(void **state)
{
	struct iopt_device *d;
	struct iopt_buffer *b;
	struct place p;

	(void)state;
	place_open(&p);
	d = device(&p, NULL, false);
	b = must_alloc(d, 0x1000, 0, true);
	assert_int_equal(info_of(b).source, IOPT_SOURCE_ATOMIC_POOL);
	assert_int_equal(info_of(b).iova, AREA);
	assert_true(area_info(p.area).used >= 32);
	iopt_dma_release(b, NULL, NULL);
	assert_int_equal(iopt_device_destroy(d, NULL), 0);
	assert_int_equal(area_info(p.area).used, 0);
	iopt_memory_destroy(p.memory);
}

/* Behind an SMMU, one block is asked for by attribute; mapped like any. */
static void test_mapped(void **state)
{
	struct iopt_cma *area;
	struct iopt_buffer *b;
	uint64_t pa;
	struct board board;

	(void)state;
	board_open_plain(&board);
	assert_int_equal(add_area(board.memory, "all", RAM + 64 * MIB, 4 * MIB, true, &area), 0);
	b = must_alloc(board.device, 0x5000, 0, false);
	assert_null(info_of(b).cma);
	iopt_dma_release(b, NULL, NULL);
	b = must_alloc(board.device, 0x5000, IOPT_DMA_FORCE_CONTIGUOUS, false);
	assert_ptr_equal(info_of(b).cma, area);
	assert_int_equal(info_of(b).source, IOPT_SOURCE_CONTIGUOUS);
	assert_int_equal(iopt_translate(board.domain, info_of(b).iova + 0x4fff, &pa, NULL), 0);
	assert_int_equal(pa, RAM + 64 * MIB + 0x4fff);
	iopt_dma_release(b, NULL, NULL);
	assert_int_equal(area_info(area).used, 0);
	/* no tables: what was taken of the area goes back */
	iopt_memory_budget(board.memory, 0);
	assert_int_equal(iopt_dma_alloc(board.device, 0x5000 + 0x40000000,
					IOPT_DMA_FORCE_CONTIGUOUS, false, &b, NULL),
			 -IOPT_ENOMEM);
	iopt_memory_budget(board.memory, UINT64_MAX);
	assert_int_equal(area_info(area).used, 0);
	board_close(&board);
}

/* A used area comes out as zeros. */
static void test_zeroed(void **state)
{
	static const char junk[4] = {1, 2, 3, 4};
	char now[4];
	struct iopt_device *d;
	struct iopt_buffer *b;
	struct place p;

	(void)state;
	place_open(&p);
	d = device(&p, NULL, true);
	b = must_alloc(d, 0x2000, 0, false);
	assert_int_equal(iopt_memory_write(p.memory, AREA + 0x1ffc, junk, 4), 0);
	iopt_dma_release(b, NULL, NULL);
	b = must_alloc(d, 0x2000, 0, false);
	assert_int_equal(iopt_memory_read(p.memory, AREA + 0x1ffc, now, 4), 4);
	assert_memory_equal(now, "\0\0\0\0", 4);
	iopt_dma_release(b, NULL, NULL);
	iopt_memory_destroy(p.memory);
}

static void test_refused(void **state)
{
	struct iopt_device_config config = IOPT_INIT(struct iopt_device_config);
	struct iopt_device *d;
	struct iopt_cma *cma;
	struct iopt_buffer *b;
	struct place p;

	(void)state;
	place_open(&p);
	assert_int_equal(add_area(p.memory, "x", RAM + MIB, 2 * MIB, false, &cma), -IOPT_EINVAL);
	assert_int_equal(add_area(p.memory, "x", RAM, MIB, false, &cma), -IOPT_EINVAL);
	assert_int_equal(add_area(p.memory, "x", 0, 2 * MIB, false, &cma), -IOPT_EINVAL);
	assert_int_equal(add_area(p.memory, "x", RAM, 256 * MIB, false, &cma), -IOPT_EINVAL);
	assert_int_equal(add_area(p.memory, "", RAM, 2 * MIB, false, &cma), -IOPT_EINVAL);
	assert_int_equal(add_area(p.memory, "x", RAM, 2 * MIB, true, &cma), -IOPT_EBUSY);
	assert_int_equal(add_area(p.memory, "x", OWN, 2 * MIB, false, &cma), -IOPT_EEXIST);
	d = device(&p, NULL, true);
	b = must_alloc(d, 1, 0, false);
	assert_int_equal(add_area(p.memory, "x", RAM, 2 * MIB, false, &cma), -IOPT_EBUSY);
	iopt_dma_release(b, NULL, NULL);
	assert_int_equal(add_area(p.memory, "x", RAM, 2 * MIB, false, &cma), 0);
	config.name = "y";
	config.cma = cma;
	config.cpu_page_size = 64 * KIB;
	assert_int_equal(iopt_device_create(p.memory, &config, &d, NULL), -IOPT_EINVAL);
	iopt_memory_destroy(p.memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_default),
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_larger_than_pages),
		cmocka_unit_test(test_out_of_reach),
		cmocka_unit_test(test_atomic_pool),
		cmocka_unit_test(test_mapped),
		cmocka_unit_test(test_zeroed),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
