/* SPDX-License-Identifier: MIT */
/* SMMUv3: what stands in memory, which registers lead there, and how streams go through it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base.h"
#include "iopt.h"
#include "memory.h"
#include "smmu_v3.h"
#include "steps.h"
#include "v3.h"

static struct steps steps;

static struct iopt_device *make_device(struct iopt_memory *m, struct iopt_smmu *smmu, uint32_t sid)
{
	const struct iopt_stream stream = {.id = sid};
	struct iopt_device_config config = IOPT_INIT(struct iopt_device_config);
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct iopt_device *device;

	config.name = "dev";
	config.smmu = smmu;
	config.streams = &stream;
	config.stream_count = 1;
	if (iopt_device_create(m, &config, &device, &error))
		fail_msg("%s", error.message);
	return device;
}

static uint64_t word(struct iopt_memory *m, uint64_t pa)
{
	uint8_t bytes[8];

	assert_int_equal(iopt_memory_read(m, pa, bytes, 8), 8);
	return load_le64(bytes);
}

static void put(struct iopt_memory *m, uint64_t pa, uint64_t value)
{
	uint8_t bytes[8];

	store_le64(bytes, value);
	assert_int_equal(iopt_memory_write(m, pa, bytes, 8), 0);
}

/* ---- what Linux's driver builds ---- */

static struct iopt_route *open_route(struct iopt_memory *m, struct iopt_registers *r, uint32_t sid,
				     const uint32_t *ssid)
{
	struct iopt_streams streams = IOPT_INIT(struct iopt_streams);
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct iopt_route *route;

	streams.memory = m;
	streams.registers = r;
	streams.model = IOPT_SMMU_V3;
	if (iopt_route_open(&streams, sid, ssid, NULL, &route, &error))
		fail_msg("%s", error.message);
	return route;
}

static struct iopt_route_info info_of(struct iopt_memory *m, const struct iopt_smmu *smmu,
				      uint32_t sid)
{
	struct iopt_route_info info = IOPT_INIT(struct iopt_route_info);
	struct iopt_registers *r;
	struct iopt_route *route;

	assert_int_equal(iopt_registers_create(&r), 0);
	assert_int_equal(iopt_streams_registers(smmu, r), 0);
	route = open_route(m, r, sid, NULL);
	iopt_route_info(route, &info);
	iopt_route_close(route);
	iopt_registers_destroy(r);
	return info;
}

/* The first word of the CD, and the third of the STE, of what the tables' code makes of it. */
static const struct {
	enum iopt_format format;
	unsigned ias, oas, granule_shift;
	bool non_coherent;
	uint64_t word;
} golden[] = {
	{IOPT_ARM_64_LPAE_S1, 48, 48, 12, false, 0x0001e205c0003510},
	{IOPT_ARM_64_LPAE_S1, 48, 48, 12, true, 0x0001e205c0002010},
	{IOPT_ARM_64_LPAE_S1, 39, 40, 12, false, 0x0001e202c0003519},
	{IOPT_ARM_64_LPAE_S1, 48, 48, 14, false, 0x0001e205c0003590},
	{IOPT_ARM_64_LPAE_S1, 48, 48, 16, false, 0x0001e205c0003550},
	{IOPT_ARM_64_LPAE_S1, 52, 52, 16, false, 0x0001e206c000354c},
	{IOPT_ARM_64_LPAE_S2, 40, 48, 12, false, 0x044d355800000001},
	{IOPT_ARM_64_LPAE_S2, 48, 48, 12, false, 0x044d359000000001},
	{IOPT_ARM_64_LPAE_S2, 44, 44, 12, false, 0x044c359400000001},
	{IOPT_ARM_64_LPAE_S2, 48, 48, 16, false, 0x044d759000000001},
	{IOPT_ARM_64_LPAE_S2, 48, 48, 14, false, 0x044db59000000001},
	{IOPT_ARM_64_LPAE_S2, 40, 40, 14, false, 0x044ab59800000001},
	{IOPT_ARM_64_LPAE_S2, 36, 40, 12, false, 0x044a355c00000001},
	{IOPT_ARM_64_LPAE_S2, 32, 40, 12, true, 0x044a206000000001},
};

static void check_golden(size_t i)
{
	struct iopt_config config = IOPT_INIT(struct iopt_config);
	const bool stage2 = golden[i].format == IOPT_ARM_64_LPAE_S2;
	struct iopt_memory *m = v3_memory();
	struct iopt_smmu *smmu = v3_smmu(
		m, (struct iopt_smmu_config){.ias = 52, .oas = 52, .stages = stage2 ? 2u : 0u});
	const struct iopt_stream stream = {.id = 5};
	struct iopt_device_config device_config = IOPT_INIT(struct iopt_device_config);
	struct iopt_device *device;
	struct iopt_domain *d;
	struct iopt_route_info info;

	config.format = golden[i].format;
	config.ias = golden[i].ias;
	config.oas = golden[i].oas;
	config.non_coherent_walk = golden[i].non_coherent;
	config.page_sizes = iopt_granule_page_sizes(config.format, BIT(golden[i].granule_shift));
	assert_int_equal(iopt_domain_create(m, &config, &d, NULL), 0);
	device_config.name = "dev";
	device_config.smmu = smmu;
	device_config.streams = &stream;
	device_config.stream_count = 1;
	device_config.default_domain = IOPT_DEFAULT_PASSTHROUGH; /* so that the ID is free */
	assert_int_equal(iopt_device_create(m, &device_config, &device, NULL), 0);
	assert_true(info_of(m, smmu, 5).ste[0] == 0x9);
	assert_int_equal(iopt_attach(device, d, NULL), 0);
	info = info_of(m, smmu, 5);
	if (stage2) {
		assert_int_equal(info.config, IOPT_ROUTE_S2);
		assert_int_equal(info.ste[0], 0xd);
		assert_true(info.ste[2] == golden[i].word);
	} else {
		assert_int_equal(info.config, IOPT_ROUTE_S1);
		assert_int_equal(info.ste[0] & 0xf, 0xb);
		assert_int_equal(info.ste[1], 0xd6);
		assert_true(info.cd[0] == golden[i].word);
		assert_int_equal(info.cd[3], 0xf404ff44);
	}
	assert_int_equal(iopt_detach(device, NULL), 0);
	assert_true(info_of(m, smmu, 5).ste[0] == 0x9);
	iopt_domain_destroy(d);
	iopt_memory_destroy(m);
}

static void test_golden(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(golden); i++)
		check_golden(i);
}

static void test_registers(void **state)
{
	struct iopt_memory *m = v3_memory();
	struct iopt_smmu *two = v3_smmu(m, (struct iopt_smmu_config){0});
	struct iopt_smmu *linear = v3_smmu(m, (struct iopt_smmu_config){.sid_bits = 8});

	(void)state;
	steps_take(&steps, two);
	assert_register(&steps, -1, "cr1", 0xd75);
	assert_register(&steps, -1, "cr2", 6);
	assert_register(&steps, -1, "strtab_base", 0x4000000080000000);
	assert_register(&steps, -1, "strtab_base_cfg", 0x00010210);
	assert_register(&steps, -1, "cmdq_base", 0x4000000080001008);
	assert_register(&steps, -1, "eventq_base", 0x4000000080002007);
	assert_register(&steps, -1, "cr0", 0xd);
	steps_take(&steps, linear);
	assert_register(&steps, -1, "strtab_base_cfg", 8);
	/* the commands that resetting sends */
	assert_int_equal(word(m, 0x80001000), 0x04);
	assert_int_equal(word(m, 0x80001020), 0x30);
	iopt_memory_destroy(m);
}

/* Untouched entries, the second level when it is needed, and everything given back. */
static void test_life(void **state)
{
	struct iopt_memory *m = v3_memory();
	struct iopt_smmu *smmu = v3_smmu(m, (struct iopt_smmu_config){0});
	struct iopt_device *device;

	(void)state;
	assert_int_equal(word(m, 0x80000000 + 8), 0);
	assert_string_equal(info_of(m, smmu, 0x123).event.name, "C_BAD_STREAMID");
	device = make_device(m, smmu, 0x123);
	assert_int_equal(word(m, 0x80000000 + 8) & 0x1f, 9);
	assert_int_equal(info_of(m, smmu, 0x123).config, IOPT_ROUTE_S1);
	assert_true(info_of(m, smmu, 0x124).ste[0] == 1);
	assert_true(info_of(m, smmu, 0x124).ste[1] == BIT(44));
	assert_int_equal(iopt_device_destroy(device, NULL), 0);
	assert_int_equal(info_of(m, smmu, 0x123).config, IOPT_ROUTE_ABORT);
	assert_int_equal(iopt_smmu_destroy(smmu), 0);
	assert_int_equal(iopt_memory_allocated(m), 0);
	smmu = v3_smmu(m, (struct iopt_smmu_config){.linear = true, .allow_bypass = true});
	assert_int_equal(info_of(m, smmu, 0xffff).config, IOPT_ROUTE_BYPASS);
	assert_string_equal(info_of(m, smmu, 0x10000).event.name, "C_BAD_STREAMID");
	assert_int_equal(iopt_smmu_destroy(smmu), 0);
	assert_int_equal(iopt_memory_allocated(m), 0);
	iopt_memory_destroy(m);
}

/* Each allocation fails once: nothing is there then that was not before. */
static void test_budget(void **state)
{
	struct iopt_smmu_config config = {.struct_size = sizeof(config), .model = IOPT_SMMU_V3};
	const struct iopt_stream stream = {.id = 0x123};
	struct iopt_device_config device_config = IOPT_INIT(struct iopt_device_config);
	struct iopt_memory *m = v3_memory();
	struct iopt_smmu *smmu;
	struct iopt_device *device;
	uint64_t before;

	(void)state;
	for (unsigned n = 0; n < 3; n++) {
		iopt_memory_budget(m, n);
		assert_int_equal(iopt_smmu_create(m, &config, &smmu, NULL), -IOPT_ENOMEM);
		assert_int_equal(iopt_memory_allocated(m), 0);
	}
	iopt_memory_budget(m, UINT64_MAX);
	assert_int_equal(iopt_smmu_create(m, &config, &smmu, NULL), 0);
	device_config.name = "dev";
	device_config.smmu = smmu;
	device_config.streams = &stream;
	device_config.stream_count = 1;
	iopt_memory_budget(m, 0);
	before = iopt_memory_allocated(m);
	assert_int_equal(iopt_device_create(m, &device_config, &device, NULL), -IOPT_ENOMEM);
	assert_int_equal(iopt_memory_allocated(m), before);
	/* the second level, which stays; then the first table */
	for (unsigned n = 0; n < 2; n++) {
		iopt_memory_budget(m, 1);
		assert_int_equal(iopt_device_create(m, &device_config, &device, NULL),
				 -IOPT_ENOMEM);
		assert_true(info_of(m, smmu, 0x123).config == IOPT_ROUTE_ABORT);
	}
	iopt_memory_budget(m, UINT64_MAX);
	assert_int_equal(iopt_device_create(m, &device_config, &device, NULL), 0);
	assert_int_equal(iopt_device_destroy(device, NULL), 0);
	assert_int_equal(iopt_smmu_destroy(smmu), 0);
	assert_int_equal(iopt_memory_allocated(m), 0);
	iopt_memory_destroy(m);
}

/* ---- what anybody may have written ---- */

enum { STRTAB = 0x80100000, CDS = 0x80200000, ROOT1 = 0x80300000, ROOT2 = 0x80400000 };

static struct iopt_registers *make_registers(uint64_t base, uint64_t cfg)
{
	struct iopt_registers *r;

	assert_int_equal(iopt_registers_create(&r), 0);
	assert_int_equal(iopt_registers_set(r, "strtab_base", base), 0);
	assert_int_equal(iopt_registers_set(r, "smmuv3.strtab_base_cfg", cfg), 0);
	return r;
}

static void put_ste(struct iopt_memory *m, uint64_t pa, unsigned config, unsigned cdmax)
{
	put(m, pa, STE_V | field_put(STE_CONFIG, config) | CDS | field_put(STE_S1CDMAX, cdmax));
	put(m, pa + 8, field_put(STE_S1DSS, S1DSS_SSID0));
	/* 40-bit IPAs, 4K, from level 1 on, 48 bits out */
	put(m, pa + 16, 7 | STE_S2AA64 | STE_S2R | UINT64_C(0x00053558) << 32);
	put(m, pa + 24, ROOT2);
}

static void put_cd(struct iopt_memory *m, uint64_t pa, unsigned asid)
{
	put(m, pa, 0x0000e205c0003519 | field_put(CD_ASID, asid)); /* 39 bits, 4K */
	put(m, pa + 8, ROOT1);
	put(m, pa + 24, 0xf404ff44);
}

/* Stage 1: iova 0x40000000 of 1 GiB to IPA 0x80000000; stage 2: 1 GiB blocks, 1 to 1, read only. */
static void put_tables(struct iopt_memory *m)
{
	put(m, ROOT1 + 8, 0x80000000 | 0xf45);
	put(m, ROOT2 + 2 * 8, 0x80000000 | 0x7fd);
}

static struct iopt_event event_of(struct iopt_memory *m, struct iopt_registers *r, uint32_t sid,
				  const uint32_t *ssid, uint64_t iova, unsigned access,
				  uint64_t *pa)
{
	struct iopt_route_answer answer = IOPT_INIT(struct iopt_route_answer);
	struct iopt_route *route = open_route(m, r, sid, ssid);
	int ret = iopt_route_translate(route, iova, access, false, &answer);

	assert_true(ret == 0 || ret == -IOPT_EFAULT);
	*pa = ret ? 0 : answer.pa;
	iopt_route_close(route);
	return answer.event;
}

static void test_nested(void **state)
{
	struct iopt_memory *m = v3_memory();
	struct iopt_registers *r = make_registers(STRTAB, 4);
	struct iopt_event e;
	uint64_t pa;

	(void)state;
	put_ste(m, STRTAB + 3 * 64, STE_NESTED, 0);
	put_cd(m, CDS, 9);
	put_tables(m);
	e = event_of(m, r, 3, NULL, 0x40001234, IOPT_ACCESS_R, &pa);
	assert_null(e.name);
	assert_true(pa == 0x80001234);
	/* stage 1 maps it not */
	e = event_of(m, r, 3, NULL, 0x1000, IOPT_ACCESS_R, &pa);
	assert_string_equal(e.name, "F_TRANSLATION");
	assert_int_equal(e.stage, 1);
	/* stage 2 lets nobody write */
	put(m, ROOT2 + 2 * 8, 0x80000000 | 0x77d);
	e = event_of(m, r, 3, NULL, 0x40001234, IOPT_ACCESS_W, &pa);
	assert_string_equal(e.name, "F_PERMISSION");
	assert_int_equal(e.stage, 2);
	assert_true(e.ipa == 0x80001234);
	assert_true(e.words[1] & EVENT_1_S2);
	assert_false(e.words[1] & EVENT_1_RNW);
	assert_int_equal(field_get(e.words[1], EVENT_1_CLASS), 2);
	/* its tables are somewhere that stage 2 does not know; then its CD, too */
	put(m, CDS + 8, 0x40000000);
	e = event_of(m, r, 3, NULL, 0x40001234, IOPT_ACCESS_R, &pa);
	assert_string_equal(e.name, "F_TRANSLATION");
	assert_string_equal(e.what, "TT");
	assert_true(e.ipa == 0x40000008);
	put(m, ROOT2 + 2 * 8, 0);
	e = event_of(m, r, 3, NULL, 0x40001234, IOPT_ACCESS_R, &pa);
	assert_string_equal(e.name, "F_TRANSLATION");
	assert_string_equal(e.what, "CD");
	assert_true(e.ipa == CDS);
	iopt_registers_destroy(r);
	iopt_memory_destroy(m);
}

static int count_ssid(void *arg, uint32_t ssid)
{
	uint64_t *seen = arg;

	*seen |= BIT(ssid / 512);
	return 0;
}

static void test_substreams(void **state)
{
	static const uint32_t zero = 0, one = 1, far = 0x402, beyond = 0x1000;
	struct iopt_memory *m = v3_memory();
	struct iopt_registers *r = make_registers(STRTAB, 4);
	struct iopt_route *route;
	uint64_t pa, seen = 0;

	(void)state;
	put_ste(m, STRTAB, STE_S1, 12);
	put(m, STRTAB, word(m, STRTAB) | field_put(STE_S1FMT, S1FMT_64K_L2));
	put(m, CDS, 0x80210000 | 1);
	put(m, CDS + 8, 0x80220000 | 1);
	put_cd(m, 0x80210000, 1);
	put_cd(m, 0x80220000 + 2 * 64, 2);
	put_tables(m);
	assert_null(event_of(m, r, 0, NULL, 0x40001234, 0, &pa).name);
	assert_null(event_of(m, r, 0, &far, 0x40001234, 0, &pa).name);
	assert_string_equal(event_of(m, r, 0, &zero, 0, 0, &pa).name, "F_STREAM_DISABLED");
	assert_string_equal(event_of(m, r, 0, &one, 0, 0, &pa).name, "C_BAD_CD");
	assert_string_equal(event_of(m, r, 0, &beyond, 0, 0, &pa).name, "C_BAD_SUBSTREAMID");
	assert_true(event_of(m, r, 0, &far, 0, 0, &pa).words[0] == 0x402810);
	route = open_route(m, r, 0, NULL);
	assert_int_equal(iopt_substreams_visit(route, count_ssid, &seen), 0);
	assert_true(seen == (BIT(0) | BIT(2)));
	iopt_route_close(route);
	put(m, STRTAB + 8, field_put(STE_S1DSS, S1DSS_TERMINATE));
	assert_string_equal(event_of(m, r, 0, NULL, 0, 0, &pa).name, "F_STREAM_DISABLED");
	put(m, STRTAB + 8, field_put(STE_S1DSS, S1DSS_BYPASS));
	assert_null(event_of(m, r, 0, NULL, 0x1234, 0, &pa).name);
	assert_true(pa == 0x1234);
	iopt_registers_destroy(r);
	iopt_memory_destroy(m);
}

static int count_stream(void *arg, const struct iopt_stream_found *found)
{
	unsigned *counts = arg;

	counts[found->again]++;
	return 0;
}

/* A first level of 2^17 entries that all lead to one second: work is what the memory holds. */
static void test_hostile(void **state)
{
	struct iopt_streams streams = IOPT_INIT(struct iopt_streams);
	struct iopt_memory *m = v3_memory();
	struct iopt_registers *r = make_registers(0x88000000, 0x1023f);
	unsigned counts[2] = {0, 0};
	uint64_t pa;

	(void)state;
	streams.memory = m;
	streams.registers = r;
	streams.model = IOPT_SMMU_V3;
	for (unsigned i = 0; i < 256; i++)
		put_ste(m, STRTAB + 64 * i, STE_BYPASS, 0);
	for (unsigned i = 0; i < 0x20000; i++)
		put(m, 0x88000000 + 8 * (uint64_t)i, STRTAB | 9);
	assert_int_equal(iopt_streams_visit(&streams, count_stream, counts, NULL), 0);
	assert_int_equal(counts[0], 256);
	assert_int_equal(counts[1], 0x1ffff);
	/* a Span that is too large; an entry that is no memory */
	put(m, 0x88000000, STRTAB | 10);
	assert_string_equal(event_of(m, r, 0, NULL, 0, 0, &pa).name, "C_BAD_STREAMID");
	put(m, 0x88000000, 0xfffffffffc000 | 9);
	assert_string_equal(event_of(m, r, 5, NULL, 0, 0, &pa).name, "F_STE_FETCH");
	iopt_registers_destroy(r);
	iopt_memory_destroy(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),	cmocka_unit_test(test_registers),
		cmocka_unit_test(test_life),	cmocka_unit_test(test_budget),
		cmocka_unit_test(test_nested),	cmocka_unit_test(test_substreams),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
