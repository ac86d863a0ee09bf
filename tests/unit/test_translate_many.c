/* SPDX-License-Identifier: MIT */
/*
 * Many translations at once are as many single ones: in groups and in what is left of them, across
 * halves, with tagged addresses, below a second stage, in domains without tables; and they stop at
 * the first that fails.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base.h"
#include "fixture.h"
#include "world.h"

enum { MOST = 70 };

#define UPPER	  UINT64_C(0xffffff8000000000)
#define NOT_THERE UINT64_C(0x3fffff000)

/* The same one by one; every output address after the first fault is left alone. */
static void assert_same(struct iopt_domain *d, const uint64_t *iova, size_t count)
{
	uint64_t many[MOST], pa;
	size_t done;

	for (size_t i = 0; i < count; i++)
		many[i] = ~UINT64_C(0);
	done = iopt_translate_many(d, iova, count, many);
	for (size_t i = 0; i < count && i <= done; i++) {
		int ret = iopt_translate(d, iova[i], &pa, NULL);

		if (i == done) {
			assert_int_equal(ret, -IOPT_EFAULT);
		} else {
			assert_int_equal(ret, 0);
			assert_true(many[i] == pa);
		}
	}
	assert_true(done <= count);
}

/* Pages, blocks and what is between them, so that a group ends at different levels. */
static void test_every_format(void **state)
{
	uint64_t iova[MOST];

	(void)state;
	for (int format = 0; format < IOPT_FORMAT_COUNT; format++) {
		struct fixture f;

		fixture_open(&f, (struct iopt_config){.format = (enum iopt_format)format});
		assert_int_equal(iopt_map(f.domain, 0, 16 * MIB, 20 * MIB, IOPT_READ), 0);
		assert_int_equal(iopt_map(f.domain, 64 * MIB, 128 * MIB, 96 * KIB, IOPT_READ), 0);
		for (unsigned i = 0; i < MOST; i++)
			iova[i] = i % 3 ? i * 257 * KIB + i : 64 * MIB + i % 24 * 4 * KIB + 8;
		for (size_t count = 0; count <= MOST; count++)
			assert_same(f.domain, iova, count);
		assert_int_equal(iopt_translate_many(f.domain, iova, MOST, (uint64_t[MOST]){0}),
				 MOST);
		/* the first that fails, wherever in a group it is */
		for (size_t bad = 0; bad < MOST; bad++) {
			uint64_t was = iova[bad], pa[MOST];

			iova[bad] = 48 * MIB;
			assert_int_equal(iopt_translate_many(f.domain, iova, MOST, pa), bad);
			assert_same(f.domain, iova, MOST);
			iova[bad] = NOT_THERE;
			assert_int_equal(iopt_translate_many(f.domain, iova, MOST, pa), bad);
			iova[bad] = was | BIT(52);
			assert_int_equal(iopt_translate_many(f.domain, iova, MOST, pa), bad);
			iova[bad] = was;
		}
		for (unsigned i = 0; i < MOST; i++)
			iova[i] = BIT(52);
		assert_int_equal(iopt_translate_many(f.domain, iova, MOST, (uint64_t[MOST]){0}), 0);
		fixture_close(&f);
	}
}

/* ---- tables that are not all there, or lead too far ---- */

static void make_halves(struct world *w)
{
	world_put64(w, RAM, (RAM + 0x1000) | 3);
	world_put64(w, RAM + 8, 0x80000000 | 0x401);
	world_put64(w, RAM + 0x1000, 0x90000000 | 0x401);
	world_put64(w, RAM + 0x4000, 0xc0000000 | 0x401);
	world_set(w, "ttbr0_el1", RAM);
	world_set(w, "ttbr1_el1", RAM + 0x4000);
	world_set(w, "tcr_el1", TCR_39);
	world_set(w, "mair_el1", 0xff);
}

/* What an entry of level 2 may be, and not translate. */
static const uint64_t bad[] = {
	0x700000000 | 3,     /* a table in no memory */
	BIT(40) | RAM | 3,   /* a table beyond 40 bits */
	0x700000000 | 0x403, /* the same, which would be good pages */
	BIT(40) | RAM | 0x403,
	BIT(40) | 0x401, /* a block beyond them */
	0x90000000 | 1,	 /* without the access flag */
	0,
	2, /* nothing */
};

static void test_bad_tables(void **state)
{
	struct world *w = *state;
	uint64_t iova[32], pa[32];

	make_halves(w);
	world_open(w, IOPT_REGIME_ANY);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		for (unsigned k = 0; k < 32; k++)
			iova[k] = k == 20 ? 2 * MIB : k % 2 ? k * 64 * KIB % (2 * MIB) : GIB + k;
		world_put64(w, RAM + 0x1008, bad[i]);
		assert_int_equal(iopt_translate_many(w->domain, iova, 32, pa), 20);
		assert_same(w->domain, iova, 32);
	}
	/* the same one level higher, so that the group still goes on */
	world_put64(w, RAM + 0x10, BIT(40) | (RAM + 0x1000) | 3);
	iova[20] = 2 * GIB;
	assert_int_equal(iopt_translate_many(w->domain, iova, 32, pa), 20);
	/* a table that half of them go through, and the first itself */
	world_put64(w, RAM, 0x700000000 | 3);
	assert_int_equal(iopt_translate_many(w->domain, iova, 32, pa), 1);
	world_set(w, "ttbr0_el1", 0x700000000);
	world_open(w, IOPT_REGIME_ANY);
	assert_int_equal(iopt_translate_many(w->domain, iova, 32, pa), 0);
}

/* Each by a block of its own in one table. */
static void test_bad_blocks(void **state)
{
	struct world *w = *state;
	uint64_t iova[32], pa[32];

	make_halves(w);
	for (unsigned k = 0; k < 32; k++) {
		iova[k] = 2 * k * MIB + k;
		world_put64(w, RAM + 0x1000 + 8 * k, (0x90000000 + 4 * k * MIB) | 0x401);
	}
	world_open(w, IOPT_REGIME_ANY);
	assert_int_equal(iopt_translate_many(w->domain, iova, 32, pa), 32);
	assert_same(w->domain, iova, 32);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		for (unsigned k = 0; k < 32; k++) {
			world_put64(w, RAM + 0x1000 + 8 * k, bad[i]);
			assert_int_equal(iopt_translate_many(w->domain, iova, 32, pa), k);
			world_put64(w, RAM + 0x1000 + 8 * k, (0x90000000 + 4 * k * MIB) | 0x401);
		}
	}
}

/* All in one block of the first table, and what would be one; where they lead there are tables. */
static void test_first_level(void **state)
{
	struct world *w = *state;
	uint64_t iova[32], pa[32];

	make_halves(w);
	world_put64(w, RAM + 0x18, RAM | 0x401);
	world_open(w, IOPT_REGIME_ANY);
	for (unsigned k = 0; k < 32; k++)
		iova[k] = 3 * GIB + 8 * k;
	assert_int_equal(iopt_translate_many(w->domain, iova, 32, pa), 32);
	for (unsigned k = 0; k < 32; k++)
		assert_true(pa[k] == RAM + 8 * k);
	world_set(w, "tcr_el1", (TCR_39 & ~BITS(5, 0)) | 16); /* 48 bits: level 0 has no blocks */
	world_open(w, IOPT_REGIME_ANY);
	for (unsigned k = 0; k < 32; k++)
		iova[k] = 3 * 512 * GIB + 8 * k;
	assert_int_equal(iopt_translate_many(w->domain, iova, 32, pa), 0);
	for (unsigned k = 16; k < 32; k++)
		iova[k] = 512 * GIB * (k % 2 ? 1 : 3);
	assert_int_equal(iopt_translate_many(w->domain, iova + 16, 16, pa), 0);
}

/* Last tables whose frames are kept at the same place, so that one is always not at hand. */
static void test_frames_in_the_way(void **state)
{
	const uint64_t other = RAM + 4096 * 64 * KIB;
	struct world *w = *state;
	uint64_t iova[MOST];

	make_halves(w);
	assert_int_equal(iopt_memory_add_ram(w->memory, other, MIB, NULL), 0);
	world_put64(w, RAM + 0x1000, (RAM + 0x2000) | 3);
	world_put64(w, RAM + 0x1008, (other + 0x2000) | 3);
	for (unsigned i = 0; i < MOST; i++) {
		world_put64(w, RAM + 0x2000 + 8 * i, (0x80000000 + i * UINT64_C(0x1000)) | 0x403);
		world_put64(w, other + 0x2000 + 8 * i, (0x90000000 - i * UINT64_C(0x1000)) | 0x403);
		iova[i] = (i % 3 ? 2 * MIB : 0) + i * UINT64_C(0x1000) + i;
	}
	world_open(w, IOPT_REGIME_ANY);
	assert_same(w->domain, iova, MOST);
	assert_int_equal(iopt_translate_many(w->domain, iova, MOST, (uint64_t[MOST]){0}), MOST);
}

/* Memory behind the 40 bits of output addresses: tables that are there, and must not be read. */
static void test_out_of_reach(void **state)
{
	struct world *w = *state;
	uint64_t iova[32], pa[32];
	struct iopt_fault fault;

	make_halves(w);
	assert_int_equal(iopt_memory_add_ram(w->memory, BIT(40), MIB, NULL), 0);
	world_put64(w, BIT(40), 0x90000000 | 0x401); /* of 2 MiB blocks */
	world_put64(w, BIT(40) + 8, (BIT(40) + 0x1000) | 3);
	world_put64(w, BIT(40) + 0x1000, 0xa0000000 | 0x403);
	world_put64(w, RAM + 0x1008, (BIT(40) + 0x1000) | 3);
	world_put64(w, RAM + 0x10, BIT(40) | 3);
	world_open(w, IOPT_REGIME_ANY);
	for (unsigned level = 1; level <= 2; level++) {
		for (unsigned k = 0; k < 32; k++)
			iova[k] = (level == 1 ? 2 * GIB : 2 * MIB) + 8 * k;
		assert_int_equal(iopt_translate_many(w->domain, iova, 32, pa), 0);
		assert_int_equal(iopt_translate(w->domain, iova[0], pa, &fault), -IOPT_EFAULT);
		assert_int_equal(fault.type, IOPT_FAULT_ADDRESS_SIZE);
		assert_int_equal(fault.level, level);
		/* again where the walk has been, and when only some go there */
		assert_int_equal(iopt_translate(w->domain, iova[0], pa, &fault), -IOPT_EFAULT);
		for (unsigned k = 0; k < 20; k++)
			iova[k] = GIB + k * MIB;
		assert_int_equal(iopt_translate_many(w->domain, iova, 32, pa), 20);
		for (unsigned k = 0; k < 20; k++)
			iova[k] = 8 * k;
		assert_int_equal(iopt_translate_many(w->domain, iova, 32, pa), 20);
	}
	/* a table two levels down, by way of one that may not be read */
	assert_fault(w, 2 * GIB + 2 * MIB, IOPT_FAULT_ADDRESS_SIZE, 1, 1);
	world_put64(w, RAM + 0x10, (RAM + 0x2000) | 3);
	world_put64(w, RAM + 0x2000, BIT(40) | 0x401);
	assert_fault(w, 2 * GIB, IOPT_FAULT_ADDRESS_SIZE, 2, 1);
	world_set(w, "ttbr0_el1", BIT(40));
	world_open(w, IOPT_REGIME_ANY);
	assert_fault(w, 0, IOPT_FAULT_ADDRESS_SIZE, 0, 1);
	for (unsigned k = 0; k < 32; k++)
		iova[k] = 8 * k;
	assert_int_equal(iopt_translate_many(w->domain, iova, 32, pa), 0);
}

/* A crowd whose addresses differ in their upper bits alone, at each level. */
static void test_far_apart(void **state)
{
	static const unsigned shifts[] = {12, 21, 30, 39, 44};
	uint64_t iova[32], pa[32];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(shifts); i++) {
		const unsigned count = shifts[i] == 44 ? 16 : 32;
		struct fixture f;

		fixture_open(&f, (struct iopt_config){.ias = 48, .oas = 48});
		for (unsigned k = 0; k < 32; k++) {
			/* below, with a part of its own at every level */
			iova[k] = (uint64_t)(k % count) << shifts[i] | (k < count ? 0 : 8) |
				  (UINT64_C(0x345678912000) & (BIT(shifts[i]) - 1));
			if (k < count)
				assert_int_equal(iopt_map(f.domain, iova[k],
							  MIB * (k + 1) + 4 * KIB * k, 4 * KIB,
							  IOPT_READ),
						 0);
		}
		assert_int_equal(iopt_translate_many(f.domain, iova, 32, pa), 32);
		for (unsigned k = 0; k < 32; k++)
			assert_true(pa[k] == MIB * (k % count + 1) + 4 * KIB * (k % count) +
						     (k < count ? 0 : 8));
		assert_same(f.domain, iova, 32);
		fixture_close(&f);
	}
}

/* Whatever lies around the tables, in descriptors that would be good: it is never looked at. */
static void test_surrounded(void **state)
{
	struct world *w = *state;
	uint64_t iova[32], pa[32];

	for (uint64_t at = 0; at < 0x10000; at += 8)
		world_put64(w, RAM + at, 0xc0000000 | 0x401);
	for (uint64_t k = 0; k < 512; k++) {
		world_put64(w, RAM + 0x4000 + 8 * k, (k + 1) * GIB | 0x401);
		world_put64(w, RAM + 0x8000 + 8 * k, 2 * (k + 1) * MIB | 0x401);
		world_put64(w, RAM + 0xc000 + 8 * k, (k + 7) * 4 * KIB | 0x403);
	}
	world_put64(w, RAM + 0x4000 + 8 * 3, (RAM + 0x8000) | 3);
	world_put64(w, RAM + 0x8000 + 8 * 5, (RAM + 0xc000) | 3);
	world_set(w, "ttbr0_el1", RAM + 0x4000);
	world_set(w, "tcr_el1", TCR_39 | BIT(23));
	world_open(w, IOPT_REGIME_ANY);
	for (unsigned k = 0; k < 32; k++)
		iova[k] = k * GIB % (512 * GIB) + (k == 3 ? 9 * MIB : 0) + k;
	assert_int_equal(iopt_translate_many(w->domain, iova, 32, pa), 32);
	for (unsigned k = 0; k < 32; k++)
		if (k != 3)
			assert_true(pa[k] == (k + 1) * GIB + k);
	assert_same(w->domain, iova, 32);
	for (unsigned k = 0; k < 32; k++)
		iova[k] = 3 * GIB + 2 * k * MIB + (k == 5 ? 0 : k);
	assert_int_equal(iopt_translate_many(w->domain, iova, 32, pa), 32);
	for (unsigned k = 0; k < 32; k++)
		assert_true(pa[k] == (k == 5 ? 28 * KIB : 2 * (k + 1) * MIB + k));
	assert_same(w->domain, iova, 32);
	for (unsigned k = 0; k < 32; k++)
		iova[k] = 3 * GIB + 10 * MIB + k * 4 * KIB + k;
	assert_int_equal(iopt_translate_many(w->domain, iova, 32, pa), 32);
	for (unsigned k = 0; k < 32; k++)
		assert_true(pa[k] == (k + 7) * 4 * KIB + k);
	assert_same(w->domain, iova, 32);
}

/* Where page 'i' of table 'k' of the test below leads. */
static uint64_t page_of(unsigned k, unsigned i)
{
	return 0x90000000 + (512 * k + i) * UINT64_C(0x1000);
}

static unsigned slot_of(unsigned k)
{
	return (37 * k + 5) % 512;
}

/* Table 'k' of pages, at 'pa', each of them good: whoever reads the wrong one is told nothing. */
static void fill_table(struct world *w, uint64_t pa, unsigned k)
{
	for (unsigned i = 0; i < 512; i++)
		world_put64(w, pa + 8 * i, page_of(k, i) | 0x403);
}

/*
 * Tables full of pages below a full one, in descriptors that would be good pages themselves; then
 * one of those that is a block, leads nowhere, or leads too far: none of the others suffers.
 */
static void test_full_tables(void **state)
{
	static const uint64_t odd[] = {RAM | 0x401, 0x700000000 | 0x403, BIT(40) | 0x403, 0};
	struct world *w = *state;
	uint64_t iova[32], pa[32];

	assert_int_equal(iopt_memory_add_ram(w->memory, BIT(40), MIB, NULL), 0);
	for (unsigned k = 0; k < 512; k++)
		world_put64(w, RAM + 0x8000 + 8 * k, (RAM + 0x10000 + k % 32 * 0x1000) | 0x403);
	for (unsigned k = 0; k < 32; k++) {
		fill_table(w, RAM + 0x10000 + k * 0x1000, k);
		iova[k] = 3 * GIB + 2 * k * MIB + slot_of(k) * 0x1000 + k;
	}
	fill_table(w, BIT(40), 100);
	fill_table(w, RAM, 99); /* where a block leads */
	for (unsigned k = 0; k < 512; k++)
		world_put64(w, RAM + 0x4000 + 8 * k, (RAM + 0x8000) | 0x403);
	world_set(w, "ttbr0_el1", RAM + 0x4000);
	world_set(w, "tcr_el1", TCR_39 | BIT(23));
	world_set(w, "mair_el1", 0xff);
	world_open(w, IOPT_REGIME_ANY);
	/* first no frame is at hand, then all are; then they part one level higher */
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned k = 0; k < 32 && round == 2; k++)
			iova[k] += (k - UINT64_C(3)) * GIB;
		assert_int_equal(iopt_translate_many(w->domain, iova, 32, pa), 32);
		for (unsigned k = 0; k < 32; k++)
			assert_true(pa[k] == (page_of(k, slot_of(k)) | k));
	}
	for (size_t i = 0; i < ARRAY_SIZE(odd); i++) {
		for (unsigned at = 0; at < 32; at++) {
			world_put64(w, RAM + 0x8000 + 8 * at, odd[i]);
			assert_int_equal(iopt_translate_many(w->domain, iova, 32, pa), i ? at : 32);
			for (unsigned k = 0; k < (i ? at : 32); k++)
				assert_true(pa[k] == (k != at ? page_of(k, slot_of(k)) | k
							      : RAM | (iova[k] & (2 * MIB - 1))));
			world_put64(w, RAM + 0x8000 + 8 * at,
				    (RAM + 0x10000 + at * 0x1000) | 0x403);
		}
	}
	for (unsigned k = 0; k < 512; k++)
		world_put64(w, RAM + 0x8000 + 8 * k, RAM | 0x401);
	assert_int_equal(iopt_translate_many(w->domain, iova, 32, pa), 32);
	for (unsigned k = 0; k < 32; k++)
		assert_true(pa[k] == (RAM | (iova[k] & (2 * MIB - 1))));
}

/* Sixteen first tables in a row are larger than a frame of the memory: each part is its own. */
static void test_wide_root(void **state)
{
	struct world *w = *state;
	uint64_t iova[32], pa[32];

	/* the first part, then the others backwards: in the host's memory another is behind it */
	for (unsigned n = 0; n < 32; n++) {
		const unsigned k = n < 8 ? n : 39 - n;

		iova[k] = (uint64_t)k << 35;
		world_put64(w, RAM + 8 * (iova[k] >> 25), (uint64_t)(k + 1) << 25 | 0x7fd);
	}
	world_set(w, "vttbr_el2", RAM);
	world_set(w, "vtcr_el2", 0x80028058); /* 16K, 40 bits, from level 2 on */
	world_open(w, IOPT_REGIME_STAGE2);
	assert_int_equal(iopt_translate_many(w->domain, iova, 32, pa), 32);
	for (unsigned k = 0; k < 32; k++)
		assert_true(pa[k] == (uint64_t)(k + 1) << 25);
	assert_same(w->domain, iova, 32);
}

/* ---- halves and what is not plain ---- */

static void test_halves(void **state)
{
	struct world *w = *state;
	uint64_t iova[48], pa[48];

	make_halves(w);
	world_open(w, IOPT_REGIME_ANY);
	for (unsigned k = 0; k < 48; k++)
		iova[k] = (k / 17 % 2 ? UPPER : 0) + k * 0x1008;
	assert_int_equal(iopt_translate_many(w->domain, iova, 48, pa), 48);
	assert_true(pa[16] == 0x90000000 + 16 * 0x1008 && pa[17] == 0xc0000000 + 17 * 0x1008);
	assert_same(w->domain, iova, 48);
	iova[20] = UPPER + 2 * GIB;
	assert_int_equal(iopt_translate_many(w->domain, iova, 48, pa), 20);
	iova[20] = 1 + BIT(40); /* between the halves */
	assert_int_equal(iopt_translate_many(w->domain, iova, 48, pa), 20);
}

/* With TBI0 the top byte of the lower half does not count, one by one as in a crowd. */
static void test_tagged(void **state)
{
	struct world *w = *state;
	uint64_t iova[33], pa[33];

	make_halves(w);
	world_set(w, "tcr_el1", TCR_39 | BIT(37));
	world_open(w, IOPT_REGIME_ANY);
	for (unsigned k = 0; k < 33; k++)
		iova[k] = (uint64_t)k << 56 | (0x1000 + k);
	assert_int_equal(iopt_translate_many(w->domain, iova, 33, pa), 33);
	for (unsigned k = 0; k < 33; k++)
		assert_true(pa[k] == 0x90001000 + k);
	iova[7] = UINT64_C(0x5a) << 56 | 2 * GIB;
	assert_int_equal(iopt_translate_many(w->domain, iova, 33, pa), 7);
}

/* Domains by type: one that nothing is attached to, and one that changes nothing. */
static void test_without_tables(void **state)
{
	struct world *w = *state;
	uint64_t iova[20], pa[20];
	struct iopt_pages pages = run_of(0x1000, 0x1000, 4 * KIB, 1);
	struct iopt_fault fault;
	struct iopt_domain *d;

	for (unsigned k = 0; k < 20; k++)
		iova[k] = UINT64_C(0x1000000000001) * k;
	assert_int_equal(iopt_domain_new(w->memory, IOPT_DOMAIN_DMA, &d, NULL), 0);
	assert_int_equal(iopt_translate_many(d, iova, 20, pa), 0);
	assert_int_equal(iopt_translate(d, 0, pa, NULL), -IOPT_EFAULT);
	assert_int_equal(iopt_translate(d, 0, pa, &fault), -IOPT_EFAULT);
	assert_int_equal(fault.type, IOPT_FAULT_TRANSLATION);
	assert_int_equal(iopt_iova_to_phys(d, 0x1000), 0);
	assert_int_equal(iopt_map_pages(d, &pages), -IOPT_ENODEV);
	pages.done = 1;
	iopt_unmap_pages(d, &pages);
	assert_int_equal(pages.done, 0);
	assert_ptr_equal(iopt_domain_memory(d), w->memory);
	iopt_domain_destroy(d);

	assert_int_equal(iopt_domain_new(w->memory, IOPT_DOMAIN_IDENTITY, &d, NULL), 0);
	assert_int_equal(iopt_translate_many(d, iova, 20, pa), 20);
	assert_memory_equal(iova, pa, sizeof(pa));
	assert_true(iopt_iova_to_phys(d, UINT64_MAX) == UINT64_MAX);
	assert_int_equal(iopt_map_pages(d, &pages), -IOPT_EINVAL);
	iopt_domain_destroy(d);
	assert_int_equal(iopt_domain_new(w->memory, IOPT_DOMAIN_TYPE_COUNT, &d, NULL),
			 -IOPT_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_format),
		cmocka_unit_test_setup_teardown(test_bad_tables, world_set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(test_bad_blocks, world_set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(test_first_level, world_set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(test_frames_in_the_way, world_set_up,
						world_tear_down),
		cmocka_unit_test_setup_teardown(test_out_of_reach, world_set_up, world_tear_down),
		cmocka_unit_test(test_far_apart),
		cmocka_unit_test_setup_teardown(test_surrounded, world_set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(test_full_tables, world_set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(test_wide_root, world_set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(test_halves, world_set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(test_tagged, world_set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(test_without_tables, world_set_up, world_tear_down),
	};

	return cmocka_run_group_tests_name("many translations", tests, NULL, NULL);
}
