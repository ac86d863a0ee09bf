/* SPDX-License-Identifier: MIT */
/*
 * The allocator of I/O virtual addresses against the recorded runs of Linux's own, against numbers
 * that its code gave (each with its id), and at its edges.
 */
#include "iova.h"
#include "vectors.h"

#define PAGE UINT64_C(0x1000)

static struct iopt_iova *iova_open(enum iopt_profile profile, uint64_t granule, uint64_t start_pfn)
{
	struct iopt_iova_config config = IOPT_INIT(struct iopt_iova_config);
	struct iopt_iova *v;

	config.profile = profile;
	config.granule = granule;
	config.start_pfn = start_pfn;
	assert_int_equal(iopt_iova_create(&config, &v, NULL), 0);
	return v;
}

static struct iopt_iova_inside inside(const struct iopt_iova *v)
{
	struct iopt_iova_inside in = IOPT_INIT(struct iopt_iova_inside);

	assert_int_equal(iopt_iova_inside(v, &in), 0);
	return in;
}

/* ---- recorded runs ---- */

static void check_range(const json_t *op, int r, struct iopt_iova_range range)
{
	assert_int_equal(!r, json_is_true(json_object_get(op, "ok")));
	if (r)
		return;
	assert_int_equal(range.pfn_lo, vector_hex(op, "pfn_lo"));
	assert_int_equal(range.pfn_hi, vector_hex(op, "pfn_hi"));
}

static void replay_op(struct iopt_iova *v, const json_t *op)
{
	const char *name = json_string_value(json_object_get(op, "op"));
	struct iopt_iova_range range = {0, 0};
	uint64_t pfn;

	if (strcmp(name, "alloc") == 0) {
		check_range(op,
			    iopt_iova_alloc(v, vector_hex(op, "size"), vector_hex(op, "limit_pfn"),
					    json_is_true(json_object_get(op, "size_aligned")),
					    &range, NULL),
			    range);
	} else if (strcmp(name, "alloc_fast") == 0) {
		iopt_iova_alloc_fast(v, vector_hex(op, "size"), vector_hex(op, "limit_pfn"),
				     json_is_true(json_object_get(op, "flush_rcache")), &pfn, NULL);
		assert_int_equal(pfn, vector_hex(op, "pfn"));
	} else if (strcmp(name, "free") == 0) {
		iopt_iova_free(v, vector_hex(op, "pfn"));
	} else if (strcmp(name, "free_fast") == 0) {
		iopt_iova_free_fast(v, vector_hex(op, "pfn"), vector_hex(op, "size"));
	} else if (strcmp(name, "find") == 0) {
		check_range(op, iopt_iova_find(v, vector_hex(op, "pfn"), &range), range);
	} else if (strcmp(name, "reserve") == 0) {
		check_range(op,
			    iopt_iova_reserve(v, vector_hex(op, "pfn_lo_arg"),
					      vector_hex(op, "pfn_hi_arg"), &range, NULL),
			    range);
	} else {
		fail_msg("unknown operation %s", name);
	}
}

static void check_end(const json_t *vector, const struct iopt_iova *v)
{
	struct iopt_iova_inside in = inside(v);
	struct iopt_iova_range range;
	uint64_t pfn = 0;
	size_t i;
	json_t *want;

	json_array_foreach(json_object_get(vector, "final_ranges"), i, want)
	{
		assert_int_equal(iopt_iova_next(v, pfn, &range), 0);
		assert_int_equal(range.pfn_lo,
				 strtoull(json_string_value(json_array_get(want, 0)), NULL, 16));
		assert_int_equal(range.pfn_hi,
				 strtoull(json_string_value(json_array_get(want, 1)), NULL, 16));
		pfn = range.pfn_hi + 1;
	}
	assert_int_equal(iopt_iova_next(v, pfn, &range), -IOPT_ENOENT);
	assert_int_equal(in.range_count, i);
	assert_int_equal(in.max32_alloc_size, vector_hex(vector, "final_max32_alloc_size"));
	assert_int_equal(in.warns, vector_int(vector, "warns"));
}

static void replay(const json_t *vector)
{
	struct iopt_iova *v = iova_open(IOPT_PROFILE_LINUX_6_1, vector_hex(vector, "granule"),
					vector_hex(vector, "start_pfn"));
	size_t i;
	json_t *op;

	assert_int_equal(inside(v).dma_32bit_pfn, vector_hex(vector, "dma_32bit_pfn"));
	json_array_foreach(json_object_get(vector, "ops"), i, op) replay_op(v, op);
	check_end(vector, v);
	iopt_iova_destroy(v);
}

/* ---- numbers that Linux's code gave ---- */

enum { STEPS_MAX = 12 };

enum action { END, ALLOC, FREE, RESERVE, PCI };

/* 'last' is the highest address that may be used (or the last reserved); 'at' what comes out. */
struct step {
	enum action action;
	uint64_t pages, last, at;
};

struct golden {
	const char *id;
	enum iopt_profile profile;
	uint64_t start_pfn;
	struct step steps[STEPS_MAX];
};

#define B24 0xffffff
#define B32 0xffffffff
#define B48 0xffffffffffff

static const struct golden goldens[] = {
	{"V1", .start_pfn = 1,
	 .steps = {{ALLOC, 1, B48, 0xfffffffff000},
		   {ALLOC, 1, B48, 0xffffffffe000},
		   {ALLOC, 2, B48, 0xffffffffc000},
		   {ALLOC, 3, B48, 0xffffffff8000},
		   {ALLOC, 5, B48, 0xffffffff0000},
		   {ALLOC, 16, B48, 0xfffffffe0000},
		   {ALLOC, 33, B48, 0xfffffff80000},
		   {ALLOC, 1, B48, 0xfffffff7f000},
		   {ALLOC, 512, B48, 0xffffffc00000},
		   {ALLOC, 513, B48, 0xffffff800000},
		   {ALLOC, 1, B48, 0xffffff7ff000}}},
	{"V2", .start_pfn = 1,
	 .steps = {{ALLOC, 1, B32, 0xfffff000},
		   {ALLOC, 1, B32, 0xffffe000},
		   {ALLOC, 2, B32, 0xffffc000},
		   {ALLOC, 3, B32, 0xffff8000},
		   {ALLOC, 5, B32, 0xffff0000},
		   {ALLOC, 16, B32, 0xfffe0000},
		   {ALLOC, 33, B32, 0xfff80000},
		   {ALLOC, 1, B32, 0xfff7f000},
		   {ALLOC, 512, B32, 0xffc00000},
		   {ALLOC, 513, B32, 0xff800000},
		   {ALLOC, 1, B32, 0xff7ff000}}},
	{"V3", .start_pfn = 1,
	 .steps = {{ALLOC, 1, B32, 0xfffff000},
		   {ALLOC, 1, B32, 0xffffe000},
		   {ALLOC, 1, B32, 0xffffd000},
		   {FREE, 1, 0, 0xfffff000},
		   {FREE, 1, 0, 0xffffe000},
		   {ALLOC, 1, B32, 0xffffe000},
		   {ALLOC, 1, B32, 0xfffff000},
		   {ALLOC, 1, B32, 0xffffc000}}},
	{"V3 of Linux 4.9", .profile = IOPT_PROFILE_LINUX_4_9, .start_pfn = 1,
	 .steps = {{ALLOC, 1, B32, 0xfffff000},
		   {ALLOC, 1, B32, 0xffffe000},
		   {ALLOC, 1, B32, 0xffffd000},
		   {FREE, 1, 0, 0xfffff000},
		   {FREE, 1, 0, 0xffffe000},
		   {ALLOC, 1, B32, 0xfffff000},
		   {ALLOC, 1, B32, 0xffffe000},
		   {ALLOC, 1, B32, 0xffffc000}}},
	{"V4", .start_pfn = 1,
	 .steps = {{ALLOC, 3, B32, 0xffffc000},
		   {FREE, 3, 0, 0xffffc000},
		   {ALLOC, 2, B32, 0xffffa000},
		   {ALLOC, 4, B32, 0xffffc000},
		   {ALLOC, 3, B32, 0xffff4000}}},
	{"V5", .start_pfn = 1,
	 .steps = {{ALLOC, 33, B32, 0xfffc0000},
		   {ALLOC, 1, B32, 0xfffbf000},
		   {FREE, 33, 0, 0xfffc0000},
		   {ALLOC, 1, B32, 0xfffff000},
		   {ALLOC, 33, B32, 0xfffc0000}}},
	{"V5b", .start_pfn = 1,
	 .steps = {{ALLOC, 33, B32, 0xfffc0000},
		   {ALLOC, 1, B32, 0xfffbf000},
		   {FREE, 33, 0, 0xfffc0000},
		   {ALLOC, 33, B32, 0xfffc0000},
		   {ALLOC, 1, B32, 0xfffbe000}}},
	{"V6", .start_pfn = 1,
	 .steps = {{PCI, 1, B48, 0xfffff000},
		   {ALLOC, 1, B48, 0xfffffffff000},
		   {PCI, 1, B48, 0xffffe000}}},
	{"V7", .start_pfn = 1,
	 .steps = {{RESERVE, 256, 0x80fffff, 0x8000000},
		   {RESERVE, 256, 0xffffffff, 0xfff00000},
		   {ALLOC, 1, B32, 0xffeff000}}},
	{"V12", .start_pfn = 0x40000,
	 .steps = {{ALLOC, 1, 0x7fffffff, 0x7ffff000},
		   {ALLOC, 256, 0x7fffffff, 0x7fe00000},
		   {ALLOC, 1, 0x7fffffff, 0x7fdff000}}},
	{"V13", .start_pfn = 1,
	 .steps = {{ALLOC, 17, B32, 0xfffe0000}, {ALLOC, 1, B32, 0xfffdf000}}},
	{"V14", .start_pfn = 1,
	 .steps = {{ALLOC, 32, B32, 0xfffe0000},
		   {ALLOC, 31, B32, 0xfffc0000},
		   {ALLOC, 1, B32, 0xfffbf000}}},
	{"V17", .start_pfn = 1,
	 .steps = {{ALLOC, 1, B32, 0xfffff000},
		   {ALLOC, 1, B24, 0xfff000},
		   {ALLOC, 1, B32, 0xffe000}}},
	{"V18", .start_pfn = 1,
	 .steps = {{ALLOC, 1, B48, 0xfffffffff000},
		   {ALLOC, 1, B32, 0xfffff000},
		   {ALLOC, 1, B48, 0xffffffffe000}}},
	{"V22", .start_pfn = 1,
	 .steps = {{ALLOC, 1, B48, 0xfffffffff000},
		   {ALLOC, 512, B48, 0xffffffc00000},
		   {ALLOC, 1, B48, 0xffffffbff000}}},
	{"V23", .start_pfn = 1,
	 .steps = {{RESERVE, 0x10000, 0xefffffff, 0xe0000000},
		   {ALLOC, 0x10000, B32, 0xf0000000},
		   {ALLOC, 0x10000, B32, 0xd0000000}}},
};

/* alloc_iova_fast() with flushing: the address, 0 for none. */
static uint64_t fast(struct iopt_iova *v, uint64_t pages, uint64_t last)
{
	uint64_t pfn;

	iopt_iova_alloc_fast(v, pages, last / PAGE, true, &pfn, NULL);
	return pfn * PAGE;
}

/* As the DMA layer asks for a PCI device: below 4 GiB first, without flushing. */
static uint64_t fast_pci(struct iopt_iova *v, uint64_t pages, uint64_t last)
{
	uint64_t pfn;

	iopt_iova_alloc_fast(v, pages, B32 / PAGE, false, &pfn, NULL);
	return pfn ? pfn * PAGE : fast(v, pages, last);
}

static void take_step(struct iopt_iova *v, const struct step *s)
{
	struct iopt_iova_range range;

	switch (s->action) {
	case ALLOC:
		assert_int_equal(fast(v, s->pages, s->last), s->at);
		break;
	case PCI:
		assert_int_equal(fast_pci(v, s->pages, s->last), s->at);
		break;
	case FREE:
		assert_int_equal(iopt_iova_free_fast(v, s->at / PAGE, s->pages), 0);
		break;
	case RESERVE:
		assert_int_equal(iopt_iova_reserve(v, s->at / PAGE, s->last / PAGE, &range, NULL),
				 0);
		assert_int_equal(range.pfn_hi - range.pfn_lo + 1, s->pages);
		break;
	case END:
		break;
	}
}

static void run_golden(void **state)
{
	const struct golden *g = *state;
	struct iopt_iova *v = iova_open(g->profile, PAGE, g->start_pfn);
	size_t i;

	for (i = 0; i < STEPS_MAX; i++)
		take_step(v, &g->steps[i]);
	iopt_iova_destroy(v);
}

/* Linux 4.9 gives the addresses of V2 and reserves no more than was asked for. */
static void v2_of_linux_4_9(void **state)
{
	static const uint64_t sizes[] = {1, 1, 2, 3, 5, 16, 33, 1, 512, 513, 1};
	struct iopt_iova *v = iova_open(IOPT_PROFILE_LINUX_4_9, PAGE, 1);
	const struct golden *v2 = &goldens[1];
	struct iopt_iova_range range;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		uint64_t at = fast(v, sizes[i], B32);

		assert_int_equal(at, v2->steps[i].at);
		assert_int_equal(iopt_iova_find(v, at / PAGE, &range), 0);
		assert_int_equal(range.pfn_hi - range.pfn_lo + 1, sizes[i]);
	}
	iopt_iova_destroy(v);
}

static void v8(void **state)
{
	struct iopt_iova *v = iova_open(IOPT_PROFILE_LINUX_6_1, PAGE, 1);
	uint64_t at, last = 0;
	unsigned count = 0;

	(void)state;
	while ((at = fast(v, 1, 0xfffff)) != 0) {
		last = at;
		count++;
	}
	assert_int_equal(count, 255);
	assert_int_equal(last, 0x1000);
	assert_int_equal(inside(v).max32_alloc_size, 1);
	iopt_iova_destroy(v);
}

static void v9(void **state)
{
	struct iopt_iova *v = iova_open(IOPT_PROFILE_LINUX_6_1, PAGE, 1);
	unsigned count = 0;

	(void)state;
	assert_int_equal(fast(v, 64, 0xfffff), 0xc0000);
	assert_int_equal(fast(v, 64, 0xfffff), 0x80000);
	assert_int_equal(fast(v, 64, 0xfffff), 0x40000);
	assert_int_equal(fast(v, 64, 0xfffff), 0);
	while (fast(v, 1, 0xfffff))
		count++;
	assert_int_equal(count, 63);
	iopt_iova_destroy(v);
}

static void v19(void **state)
{
	struct iopt_iova *v = iova_open(IOPT_PROFILE_LINUX_6_1, PAGE, 1);
	struct iopt_iova_inside in;
	uint64_t pfns[300], pfn;
	unsigned i;

	(void)state;
	for (i = 0; i < 300; i++)
		pfns[i] = fast(v, 1, B32) / PAGE;
	for (i = 0; i < 300; i++)
		assert_int_equal(iopt_iova_free_fast(v, pfns[i], 1), 0);
	in = inside(v);
	assert_int_equal(in.classes[0].depot, 1);
	assert_int_equal(in.classes[0].loaded, 300 - 2 * IOVA_MAGAZINE_PFNS);
	assert_int_equal(in.classes[0].prev, IOVA_MAGAZINE_PFNS);
	assert_int_equal(in.range_count, 300);
	for (i = 0; i < 300; i++) {
		assert_int_equal(iopt_iova_cached_pfn(v, 0, i, &pfn), 0);
		/* the second magazine went to the depot when the third was begun */
		assert_int_equal(pfn, i < 46	? pfns[299 - i]
				      : i < 173 ? pfns[126 - (i - 46)]
						: pfns[253 - (i - 173)]);
	}
	assert_int_equal(iopt_iova_cached_pfn(v, 0, 300, &pfn), -IOPT_ENOENT);
	assert_int_equal(iopt_iova_cached_pfn(v, IOPT_IOVA_CLASSES, 0, &pfn), -IOPT_EINVAL);
	assert_int_equal(fast(v, 1, B32), 0xffed4000);
	assert_int_equal(fast(v, 1, B32), 0xffed5000);
	assert_int_equal(fast(v, 1, B32), 0xffed6000);
	iopt_iova_destroy(v);
}

static void v20(void **state)
{
	struct iopt_iova *v = iova_open(IOPT_PROFILE_LINUX_6_1, PAGE, 1);
	uint64_t at[63];
	unsigned i;

	(void)state;
	for (i = 0; i < 63; i++)
		at[i] = fast(v, 1, 0x3ffff);
	for (i = 0; i < 63; i++)
		assert_int_equal(iopt_iova_free_fast(v, at[i] / PAGE, 1), 0);
	assert_int_equal(fast(v, 32, 0x3ffff), 0x20000);
	assert_int_equal(fast(v, 1, 0x3ffff), 0x1f000);
	iopt_iova_destroy(v);
}

static void v21(void **state)
{
	struct iopt_iova *v = iova_open(IOPT_PROFILE_LINUX_6_1, PAGE, 1);
	uint64_t first = fast(v, 16, 0xfffff);
	unsigned i;

	(void)state;
	for (i = 1; i < 15; i++)
		assert_int_not_equal(fast(v, 16, 0xfffff), 0);
	assert_int_equal(fast(v, 16, 0xfffff), 0);
	assert_int_equal(inside(v).max32_alloc_size, 16);
	assert_int_equal(fast(v, 8, 0xfffff), 0x8000);
	assert_int_equal(iopt_iova_free_fast(v, first / PAGE, 16), 0);
	assert_int_equal(inside(v).max32_alloc_size, 16);
	assert_int_equal(fast(v, 16, 0xfffff), 0xf0000);
	iopt_iova_destroy(v);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(goldens)] = {0};
	const struct CMUnitTest others[] = {
		cmocka_unit_test(v2_of_linux_4_9),
		cmocka_unit_test(v8),
		cmocka_unit_test(v9),
		cmocka_unit_test(v19),
		cmocka_unit_test(v20),
		cmocka_unit_test(v21),
	};
	int failed = vectors_run("recorded runs", "vectors/iova", replay);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(goldens); i++)
		tests[i] = (struct CMUnitTest){.name = goldens[i].id,
					       .test_func = run_golden,
					       .initial_state = (void *)&goldens[i]};
	failed += cmocka_run_group_tests_name("golden numbers", tests, NULL, NULL);
	failed += cmocka_run_group_tests_name("golden series", others, NULL, NULL);
	return failed;
}
