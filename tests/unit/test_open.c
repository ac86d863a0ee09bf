/* SPDX-License-Identifier: MIT */
/*
 * Tables that are there, opened by a space's own registers: what these may say and may not; and
 * callers that ask for what there is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base.h"
#include "fixture.h"

struct given {
	const char *name;
	uint64_t value;
};

static int open_with(struct iopt_config config, const struct given *given, size_t count,
		     struct iopt_domain **d, struct iopt_error *error)
{
	struct iopt_registers *r;
	struct iopt_memory *m;
	int ret;

	config.struct_size = sizeof(config);
	*error = IOPT_INIT(struct iopt_error);
	assert_int_equal(iopt_memory_create(&m), 0);
	assert_int_equal(iopt_memory_add_ram(m, 0x80000000, MIB, NULL), 0);
	assert_int_equal(iopt_registers_create(&r), 0);
	for (size_t i = 0; i < count && given[i].name; i++)
		assert_int_equal(iopt_registers_set(r, given[i].name, given[i].value), 0);
	ret = iopt_domain_open(m, &config, r, d, error);
	iopt_registers_destroy(r);
	if (ret)
		iopt_memory_destroy(m);
	return ret;
}

static void close_it(struct iopt_domain *d)
{
	struct iopt_memory *m = iopt_domain_memory(d);

	iopt_domain_destroy(d);
	iopt_memory_destroy(m);
}

static const struct {
	struct iopt_config config;
	struct given given[5];
	const char *reason;
} refused[] = {
	{{.format = IOPT_FORMAT_COUNT}, {{"ttbr", 0}}, "no such format or regime"},
	{{.regime = IOPT_REGIME_COUNT}, {{"ttbr", 0}}, "no such format or regime"},
	{{0}, {{"vttbr", 0}}, "ttbr is missing"},
	{{.format = IOPT_ARM_64_LPAE_S2}, {{"ttbr", 0}}, "vttbr is missing"},
	{{0}, {{"ttbr", 0}, {"ias", 65}}, "ias is 0x41, more than 0x40"},
	{{0}, {{"ttbr", 0}, {"oas", 65}}, "oas is 0x41, more than 0x40"},
	{{0}, {{"ttbr", 0}, {"quirks", 64}}, "quirks is 0x40, more than 0x3f"},
	{{.ias = 65}, {{"ttbr", 0}}, "ias is 0x41"},
	{{0}, {{"ttbr", 0}, {"quirks", 2}}, "does not have all of these quirks"},
	{{.format = IOPT_ARM_V7S}, {{"ttbr", 0}, {"quirks", 16}}, "all of these quirks"},
	{{0}, {{"ttbr", 0}, {"tcr.tsz", 64}}, "tcr.tsz is 0x40, more than the field holds"},
	{{0}, {{"ttbr", 0}, {"tcr.tg", 4}}, "tcr.tg is 0x4"},
	{{0}, {{"ttbr", 0}, {"tcr.sh", 4}}, "tcr.sh is 0x4"},
	{{.format = IOPT_ARM_64_LPAE_S2}, {{"vttbr", 0}, {"vtcr.sl", 4}}, "vtcr.sl is 0x4"},
	{{0}, {{"ttbr", 0}, {"tcr.tg", 3}, {"tcr.tsz", 25}}, "TG names none of the granules"},
	{{.page_sizes = BIT(13)}, {{"ttbr", 0}}, "TG names none of the granules"},
	{{0}, {{"ttbr", 0}, {"oas", 33}}, "oas is none of 32, 36"},
	{{0}, {{"ttbr", 0}, {"ias", 12}}, "ias does not suit the granule"},
	{{0}, {{"ttbr", 0}, {"ias", 53}}, "ias does not suit the granule"},
	{{0}, {{"ttbr", 0}, {"tcr.tsz", 52}}, "ias does not suit the granule"},
	{{.format = IOPT_ARM_64_LPAE_S2},
	 {{"vttbr", 0}, {"vtcr.tsz", 34}, {"vtcr.sl", 2}},
	 "start level does not suit"},
	{{.format = IOPT_ARM_64_LPAE_S2},
	 {{"vttbr", 0}, {"vtcr.tsz", 24}, {"vtcr.sl", 3}},
	 "40-bit addresses do not start at level 3"},
	{{.format = IOPT_ARM_V7S}, {{"ttbr", 0}, {"ias", 20}}, "does not suit short descriptors"},
	{{.format = IOPT_ARM_V7S}, {{"ttbr", 0}, {"ias", 33}}, "does not suit short descriptors"},
	{{.format = IOPT_ARM_V7S}, {{"ttbr", 0}, {"oas", 41}}, "does not suit short descriptors"},
	{{.format = IOPT_ARM_V7S},
	 {{"ttbr", 0}, {"quirks", IOPT_QUIRK_ARM_MTK_EXT}, {"ias", 35}},
	 "does not suit short descriptors"},
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		struct iopt_domain *d = NULL;
		struct iopt_error error;

		assert_int_equal(open_with(refused[i].config, refused[i].given,
					   ARRAY_SIZE(refused[i].given), &d, &error),
				 -IOPT_EINVAL);
		assert_null(d);
		if (!strstr(error.message, refused[i].reason))
			fail_msg("\"%s\", not \"%s\"", error.message, refused[i].reason);
	}
}

static const struct {
	struct iopt_config config;
	struct given given[5];
	unsigned ias, oas;
	uint64_t granule, root;
	int start_level;
	enum iopt_oa_layout layout;
} opened[] = {
	/* nothing but the base: Linux's defaults */
	{{0}, {{"ttbr", 0x80000000}}, 48, 48, 0x1000, 0x80000000, 0, IOPT_OA_48},
	{{.page_sizes = BIT(16)}, {{"ttbr", 0x80000000}}, 48, 48, 0x10000, 0x80000000, 1, 0},
	/* the control register by its fields, and as a number: 39 bits, 16K, 40 bits out */
	{{0},
	 {{"ttbr", 0x80000000}, {"tcr.tsz", 25}, {"tcr.tg", 2}, {"tcr.ips", 2}, {"tcr.irgn", 1}},
	 39,
	 40,
	 0x4000,
	 0x80000000,
	 1,
	 0},
	{{0}, {{"ttbr", 0x80000fff}, {"tcr", 0x200008119}}, 39, 40, 0x4000, 0x80000fc0, 1, 0},
	/* 52 bits of 64K, whose upper four bits of the root are below the others */
	{{0},
	 {{"ttbr", 0x80000004}, {"tcr.tsz", 12}, {"tcr.tg", 1}, {"tcr.ips", 6}},
	 52,
	 52,
	 0x10000,
	 0x1000080000000,
	 1,
	 IOPT_OA_LPA},
	{{.format = IOPT_ARM_64_LPAE_S2},
	 {{"vttbr", 0x80000000}, {"vtcr.tsz", 24}, {"vtcr.sl", 1}, {"vtcr.ps", 2}},
	 40,
	 40,
	 0x1000,
	 0x80000000,
	 1,
	 0},
	{{.format = IOPT_ARM_32_LPAE_S1}, {{"ttbr", 0x80000fe0}}, 32, 40, 0x1000, 0x80000fc0, 1, 0},
	{{.format = IOPT_ARM_V7S}, {{"ttbr", 0x80004059}}, 32, 32, 0x1000, 0x80004000, 1, 0},
	{{.format = IOPT_ARM_V7S},
	 {{"ttbr", 0x80004059}, {"ias", 28}, {"oas", 40}},
	 28,
	 40,
	 0x1000,
	 0x80004000,
	 1,
	 0},
	{{.format = IOPT_ARM_V7S, .ias = 25},
	 {{"ttbr", 0x800040ff}},
	 25,
	 32,
	 0x1000,
	 0x80004080,
	 1,
	 0},
};

static void test_opened(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(opened); i++) {
		struct iopt_space space = IOPT_INIT(struct iopt_space);
		struct iopt_error error;
		struct iopt_domain *d;

		if (open_with(opened[i].config, opened[i].given, ARRAY_SIZE(opened[i].given), &d,
			      &error))
			fail_msg("%zu: %s", i, error.message);
		assert_int_equal(iopt_domain_space(d, 0, &space), 0);
		if (space.ias != opened[i].ias || space.oas != opened[i].oas ||
		    space.granule != opened[i].granule || space.root != opened[i].root ||
		    space.start_level != opened[i].start_level ||
		    space.oa_layout != opened[i].layout)
			fail_msg("%zu: ias %u oas %u granule 0x%llx root 0x%llx level %d layout %d",
				 i, space.ias, space.oas, (unsigned long long)space.granule,
				 (unsigned long long)space.root, space.start_level,
				 space.oa_layout);
		close_it(d);
	}
}

/* ---- what a caller may not ask ---- */

static void test_older_callers(void **state)
{
	struct iopt_pages pages = run_of(0, 0, 4 * KIB, 1);
	struct iopt_visitor visitor = IOPT_INIT(struct iopt_visitor);
	struct iopt_attrs attrs = IOPT_INIT(struct iopt_attrs);
	struct iopt_extent extent = {.size = 4 * KIB, .level = 3, .desc = 3};
	struct iopt_space space = {.struct_size = 8};
	struct fixture f;

	(void)state;
	fixture_open(&f, (struct iopt_config){0});
	assert_int_equal(iopt_domain_space(f.domain, 0, &space), -IOPT_EINVAL);
	space.struct_size = sizeof(space);
	assert_int_equal(iopt_domain_space(f.domain, 1, &space), -IOPT_ENOENT);
	pages.struct_size--;
	assert_refused(&f, pages, IOPT_EINVAL);
	pages.struct_size++;
	pages.prot = 1 << IOPT_PROT_COUNT;
	assert_refused(&f, pages, IOPT_EINVAL);
	pages.prot = IOPT_READ;
	assert_int_equal(iopt_map_pages(f.domain, &pages), 0);
	pages.struct_size--;
	pages.done = 5;
	iopt_unmap_pages(f.domain, &pages);
	assert_int_equal(pages.done, 5);
	assert_leads(&f, 0x123, 0x123);
	visitor.struct_size--;
	assert_int_equal(iopt_domain_visit(f.domain, 0, &visitor), -IOPT_EINVAL);
	visitor.struct_size++;
	assert_int_equal(iopt_domain_visit(f.domain, 1, &visitor), -IOPT_ENOENT);
	attrs.struct_size--;
	assert_int_equal(iopt_domain_attrs(f.domain, 0, &extent, &attrs), -IOPT_EINVAL);
	attrs.struct_size++;
	assert_int_equal(iopt_domain_attrs(f.domain, 1, &extent, &attrs), -IOPT_ENOENT);
	assert_int_equal(iopt_domain_attrs(f.domain, 0, &extent, &attrs), 0);
	fixture_close(&f);
}

/* Ranges that leave the 64-bit space are no ranges, whatever is mapped. */
static void test_wrapping(void **state)
{
	uint64_t unmapped = 1;
	struct fixture f;

	(void)state;
	fixture_open(&f, (struct iopt_config){0});
	assert_int_equal(iopt_map(f.domain, UINT64_MAX - 0xfff, 0, 8 * KIB, IOPT_READ),
			 -IOPT_ERANGE);
	assert_int_equal(iopt_map(f.domain, 0, UINT64_MAX - 0xfff, 8 * KIB, IOPT_READ),
			 -IOPT_ERANGE);
	assert_int_equal(iopt_map(f.domain, 0, 0, 4 * KIB, 1 << IOPT_PROT_COUNT), -IOPT_EINVAL);
	assert_int_equal(iopt_unmap(f.domain, UINT64_MAX - 0xfff, 8 * KIB, &unmapped),
			 -IOPT_ERANGE);
	assert_int_equal(unmapped, 0);
	assert_int_equal(iopt_map(f.domain, 0, 0, 0, IOPT_READ), 0);
	assert_int_equal(iopt_unmap(f.domain, 0, 0, &unmapped), 0);
	fixture_close(&f);
}

/* Table memory above what descriptors, or the base, can say. */
static void test_out_of_reach(void **state)
{
	static const struct {
		enum iopt_format format;
		uint64_t ram;
	} cases[] = {{IOPT_ARM_V7S, BIT(32)}, {IOPT_ARM_64_LPAE_S1, BIT(48)}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct iopt_config config = IOPT_INIT(struct iopt_config);
		struct iopt_error error = IOPT_INIT(struct iopt_error);
		struct iopt_domain *d = NULL;
		struct iopt_memory *m;

		config.format = cases[i].format;
		assert_int_equal(iopt_memory_create(&m), 0);
		assert_int_equal(iopt_memory_add_ram(m, cases[i].ram, MIB, NULL), 0);
		assert_int_equal(iopt_domain_create(m, &config, &d, &error), -IOPT_EINVAL);
		assert_non_null(strstr(error.message, "is out of reach of"));
		assert_int_equal(iopt_memory_allocated(m), 0);
		iopt_memory_destroy(m);
	}
}

static void test_config_refused(void **state)
{
	static const struct {
		struct iopt_config config;
		const char *reason;
	} cases[] = {
		{{.format = IOPT_FORMAT_COUNT}, "no such format or regime"},
		{{.regime = IOPT_REGIME_COUNT}, "no such format or regime"},
		{{.regime = IOPT_REGIME_STAGE2}, "no stage 2 regime"},
		{{.format = IOPT_ARM_32_LPAE_S1, .regime = IOPT_REGIME_EL2},
		 "only arm-64-lpae-s1 has the regimes"},
		{{.format = IOPT_ARM_V7S, .regime = IOPT_REGIME_EL3},
		 "only arm-64-lpae-s1 has the regimes"},
		{{.regime = IOPT_REGIME_EL2, .quirks = IOPT_QUIRK_ARM_TTBR1},
		 "only the regime el1"},
		{{.cpu_page_size = 8 * KIB}, "the CPU page size is 4k, 16k or 64k"},
		{{.format = IOPT_ARM_V7S, .quirks = IOPT_QUIRK_ARM_MTK_TTBR_EXT},
		 "arm-mtk-ttbr-ext needs arm-mtk-ext"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct iopt_error error = IOPT_INIT(struct iopt_error);
		struct iopt_config config = cases[i].config;
		struct iopt_domain *d = NULL;
		struct iopt_memory *m;

		config.struct_size = sizeof(config);
		assert_int_equal(iopt_memory_create(&m), 0);
		assert_int_equal(iopt_domain_create(m, &config, &d, &error), -IOPT_EINVAL);
		if (!strstr(error.message, cases[i].reason))
			fail_msg("\"%s\", not \"%s\"", error.message, cases[i].reason);
		iopt_memory_destroy(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),	      cmocka_unit_test(test_opened),
		cmocka_unit_test(test_older_callers), cmocka_unit_test(test_wrapping),
		cmocka_unit_test(test_out_of_reach),  cmocka_unit_test(test_config_refused),
	};

	return cmocka_run_group_tests_name("opening", tests, NULL, NULL);
}
