/* SPDX-License-Identifier: MIT */
/*
 * Context descriptors of an SMMUv3 as Linux's driver writes them: tables of them by SubstreamID,
 * stalls, upper halves, big-endian tables; and which domains an SMMU takes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base.h"
#include "fixture.h"
#include "iopt.h"
#include "smmu_v3.h"
#include "v3.h"

static struct iopt_device *make_device(struct iopt_memory *m, struct iopt_smmu *smmu,
				       const char *name, uint32_t sid, unsigned ssid_bits,
				       bool can_stall)
{
	const struct iopt_stream stream = {.id = sid};
	struct iopt_device_config config = IOPT_INIT(struct iopt_device_config);
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct iopt_device *device;

	config.name = name;
	config.smmu = smmu;
	config.streams = &stream;
	config.stream_count = 1;
	config.ssid_bits = ssid_bits;
	config.can_stall = can_stall;
	if (iopt_device_create(m, &config, &device, &error))
		fail_msg("%s", error.message);
	return device;
}

static struct iopt_domain *make_domain(struct iopt_memory *m, struct iopt_config config)
{
	struct iopt_domain *d;

	config.struct_size = sizeof(config);
	assert_int_equal(iopt_domain_create(m, &config, &d, NULL), 0);
	return d;
}

/* *r has to live as long as the route. */
static struct iopt_route *open_route(struct iopt_memory *m, const struct iopt_smmu *smmu,
				     uint32_t sid, const uint32_t *ssid,
				     struct iopt_route_info *info, struct iopt_registers **r)
{
	struct iopt_streams streams = IOPT_INIT(struct iopt_streams);
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct iopt_route *route;

	assert_int_equal(iopt_registers_create(r), 0);
	assert_int_equal(iopt_streams_registers(smmu, *r), 0);
	streams.memory = m;
	streams.registers = *r;
	streams.model = IOPT_SMMU_V3;
	if (iopt_route_open(&streams, sid, ssid, NULL, &route, &error))
		fail_msg("%s", error.message);
	*info = IOPT_INIT(struct iopt_route_info);
	iopt_route_info(route, info);
	return route;
}

static struct iopt_route_info info_of(struct iopt_memory *m, const struct iopt_smmu *smmu,
				      uint32_t sid, const uint32_t *ssid)
{
	struct iopt_route_info info;
	struct iopt_registers *r;

	iopt_route_close(open_route(m, smmu, sid, ssid, &info, &r));
	iopt_registers_destroy(r);
	return info;
}

/* Where hardware takes an address by way of registers and memory alone; UINT64_MAX: nowhere. */
static uint64_t goes_to(struct iopt_memory *m, const struct iopt_smmu *smmu, uint32_t sid,
			const uint32_t *ssid, uint64_t iova)
{
	struct iopt_route_answer answer = IOPT_INIT(struct iopt_route_answer);
	struct iopt_route_info info;
	struct iopt_registers *r;
	struct iopt_route *route = open_route(m, smmu, sid, ssid, &info, &r);
	int ret = iopt_route_translate(route, iova, IOPT_ACCESS_R, false, &answer);

	iopt_route_close(route);
	iopt_registers_destroy(r);
	return ret ? UINT64_MAX : answer.pa;
}

static void assert_refuses(struct iopt_device *device, struct iopt_domain *d, const char *reason)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);

	assert_int_equal(iopt_attach(device, d, &error), -IOPT_EINVAL);
	if (!strstr(error.message, reason))
		fail_msg("\"%s\", not \"%s\"", error.message, reason);
}

/* ---- SubstreamIDs ---- */

/* More than ten bits: two levels, the second made when it is needed, each budget too small. */
static void test_two_levels(void **state)
{
	static const uint32_t near = 5, far = 0x402, farther = 0x403, unused = 0x801;
	struct iopt_memory *m = v3_memory();
	struct iopt_smmu *smmu = v3_smmu(m, (struct iopt_smmu_config){.ssid_bits = 16});
	struct iopt_device *device = make_device(m, smmu, "dev", 3, 12, false);
	struct iopt_domain *d = make_domain(m, (struct iopt_config){0});
	struct iopt_route_info info;
	uint64_t before;
	uint32_t ssid = 0;

	(void)state;
	assert_int_equal(iopt_map(d, 0x1000, 0x90000000, 0x1000, IOPT_READ), 0);
	info = info_of(m, smmu, 3, NULL);
	assert_int_equal(info.ssid_bits, 12);
	assert_int_equal(field_get(info.ste[0], STE_S1FMT), S1FMT_64K_L2);
	assert_int_equal(iopt_attach_substream(device, near, d, NULL), 0);
	before = iopt_memory_allocated(m);
	iopt_memory_budget(m, 0);
	assert_int_equal(iopt_attach_substream(device, far, d, NULL), -IOPT_ENOMEM);
	assert_null(iopt_device_substream(device, 1, &ssid));
	assert_int_equal(iopt_memory_allocated(m), before);
	iopt_memory_budget(m, 1);
	assert_int_equal(iopt_attach_substream(device, far, d, NULL), 0);
	iopt_memory_budget(m, 0);
	assert_int_equal(iopt_attach_substream(device, farther, d, NULL), 0);
	assert_int_equal(iopt_attach_substream(device, farther, d, NULL), -IOPT_EBUSY);
	iopt_memory_budget(m, UINT64_MAX);
	assert_true(goes_to(m, smmu, 3, &near, 0x1234) == 0x90000234);
	assert_true(goes_to(m, smmu, 3, &far, 0x1234) == 0x90000234);
	assert_true(goes_to(m, smmu, 3, &farther, 0x1234) == 0x90000234);
	assert_string_equal(info_of(m, smmu, 3, &unused).event.name, "C_BAD_SUBSTREAMID");
	assert_ptr_equal(iopt_device_substream(device, 0, &ssid), d);
	assert_int_equal(ssid, near);
	assert_int_equal(iopt_detach_substream(device, far, NULL), 0);
	assert_int_equal(iopt_detach_substream(device, far, NULL), -IOPT_EINVAL);
	assert_string_equal(info_of(m, smmu, 3, &far).event.name, "C_BAD_CD");
	assert_true(goes_to(m, smmu, 3, &farther, 0x1234) == 0x90000234);
	/* a domain that goes takes all its descriptors with it */
	iopt_domain_destroy(d);
	assert_string_equal(info_of(m, smmu, 3, &near).event.name, "C_BAD_CD");
	assert_string_equal(info_of(m, smmu, 3, &farther).event.name, "C_BAD_CD");
	assert_null(iopt_device_substream(device, 0, &ssid));
	assert_int_equal(iopt_device_destroy(device, NULL), 0);
	assert_int_equal(iopt_smmu_destroy(smmu), 0);
	assert_int_equal(iopt_memory_allocated(m), 0);
	iopt_memory_destroy(m);
}

/* One level has ten bits at most, whatever device and SMMU could do. */
static void test_linear(void **state)
{
	struct iopt_memory *m = v3_memory();
	struct iopt_smmu *smmu =
		v3_smmu(m, (struct iopt_smmu_config){.ssid_bits = 16, .linear_cd = true});
	struct iopt_device *device = make_device(m, smmu, "dev", 3, 12, false);
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct iopt_domain *d = make_domain(m, (struct iopt_config){0});
	struct iopt_route_info info = info_of(m, smmu, 3, NULL);

	(void)state;
	assert_int_equal(info.ssid_bits, 10);
	assert_int_equal(field_get(info.ste[0], STE_S1FMT), S1FMT_LINEAR);
	assert_int_equal(iopt_attach_substream(device, 0x400, d, &error), -IOPT_ERANGE);
	assert_string_equal(error.message, "SubstreamID 0x400 is none from 1 to 0x3ff");
	assert_int_equal(iopt_attach_substream(device, 0x3ff, d, NULL), 0);
	iopt_domain_destroy(d);
	iopt_memory_destroy(m);
}

static void test_substreams_refused(void **state)
{
	struct iopt_memory *m = v3_memory(), *other = v3_memory();
	struct iopt_smmu *smmu = v3_smmu(m, (struct iopt_smmu_config){.ssid_bits = 4});
	struct iopt_device *with = make_device(m, smmu, "with", 3, 4, false);
	struct iopt_device *without = make_device(m, smmu, "without", 4, 0, false);
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct iopt_domain *d = make_domain(m, (struct iopt_config){0});
	struct iopt_domain *two =
		make_domain(m, (struct iopt_config){.format = IOPT_ARM_64_LPAE_S2});
	struct iopt_domain *foreign = make_domain(other, (struct iopt_config){0});

	(void)state;
	assert_int_equal(iopt_attach_substream(without, 1, d, &error), -IOPT_EINVAL);
	assert_non_null(strstr(error.message, "has no SubstreamIDs"));
	assert_int_equal(iopt_detach_substream(without, 1, NULL), -IOPT_EINVAL);
	assert_int_equal(iopt_attach_substream(with, 1, foreign, &error), -IOPT_EINVAL);
	assert_string_equal(error.message, "the domain is in another memory");
	assert_int_equal(iopt_attach_substream(with, 1, two, &error), -IOPT_EINVAL);
	assert_string_equal(error.message, "a context descriptor is about stage 1");
	assert_null(iopt_domain_smmu(two));
	/* a domain with SubstreamIDs and a device without do not go together */
	assert_int_equal(iopt_attach(with, d, NULL), 0);
	assert_refuses(without, d, "the domain has 4 substream ID bits, the device 0");
	assert_int_equal(iopt_attach_substream(with, 1, d, &error), -IOPT_EINVAL);
	assert_int_equal(iopt_detach(with, NULL), 0);
	iopt_domain_destroy(d);
	iopt_domain_destroy(two);
	iopt_domain_destroy(foreign);
	iopt_memory_destroy(m);
	iopt_memory_destroy(other);
}

/* ---- what descriptors say ---- */

static void test_stalls(void **state)
{
	struct iopt_memory *m = v3_memory();
	struct iopt_smmu *smmu = v3_smmu(m, (struct iopt_smmu_config){.stalls = true});
	struct iopt_device *can = make_device(m, smmu, "can", 1, 0, true);
	struct iopt_device *cannot = make_device(m, smmu, "cannot", 2, 0, false);
	struct iopt_domain *d = make_domain(m, (struct iopt_config){0});
	struct iopt_route_info info = info_of(m, smmu, 1, NULL);

	(void)state;
	assert_true(info.cd[0] & CD_S);
	assert_false(info.ste[1] & STE_S1STALLD);
	info = info_of(m, smmu, 2, NULL);
	assert_false(info.cd[0] & CD_S);
	assert_true(info.ste[1] & STE_S1STALLD);
	assert_int_equal(iopt_attach(can, d, NULL), 0);
	assert_refuses(cannot, d, "the domain's faults stall, the device's do not");
	assert_int_equal(iopt_detach(can, NULL), 0);
	iopt_domain_destroy(d);
	d = make_domain(m, (struct iopt_config){0});
	assert_int_equal(iopt_attach(cannot, d, NULL), 0);
	assert_refuses(can, d, "the domain's faults do not stall, the device's do");
	iopt_domain_destroy(d);
	iopt_memory_destroy(m);
}

/* The upper half is TTB1's, with a granule code of its own. */
static void test_upper(void **state)
{
	static const uint64_t granules[] = {4 * KIB, 16 * KIB, 64 * KIB};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(granules); i++) {
		struct iopt_memory *m = v3_memory();
		struct iopt_smmu *smmu = v3_smmu(m, (struct iopt_smmu_config){0});
		struct iopt_device *device = make_device(m, smmu, "dev", 1, 0, false);
		struct iopt_domain *d = make_domain(
			m, (struct iopt_config){.ias = 39,
						.quirks = IOPT_QUIRK_ARM_TTBR1,
						.page_sizes = iopt_granule_page_sizes(
							IOPT_ARM_64_LPAE_S1, granules[i])});
		const uint64_t iova = UINT64_C(0xffffff8000000000) + 64 * KIB;
		struct iopt_route_info info;

		assert_int_equal(iopt_map(d, iova, 0x90000000, 64 * KIB, IOPT_READ), 0);
		assert_int_equal(iopt_attach(device, d, NULL), 0);
		info = info_of(m, smmu, 1, NULL);
		assert_true(info.cd[0] & CD_EPD0);
		assert_false(info.cd[0] & CD_EPD1);
		assert_true(info.cd[1] == 0 && info.cd[2] != 0);
		assert_int_equal(field_get(info.cd[0], CD_T1SZ), 25);
		assert_true(goes_to(m, smmu, 1, NULL, iova + 0x123) == 0x90000123);
		assert_true(goes_to(m, smmu, 1, NULL, 64 * KIB) == UINT64_MAX);
		iopt_domain_destroy(d);
		iopt_memory_destroy(m);
	}
}

static void test_big_endian(void **state)
{
	(void)state;
	for (unsigned stage = 1; stage <= 2; stage++) {
		struct iopt_memory *m = v3_memory();
		struct iopt_smmu *smmu = v3_smmu(m, (struct iopt_smmu_config){0});
		struct iopt_device *device = make_device(m, smmu, "dev", 1, 0, false);
		struct iopt_domain *d = make_domain(
			m, (struct iopt_config){.format = stage == 2 ? IOPT_ARM_64_LPAE_S2
								     : IOPT_ARM_64_LPAE_S1,
						.ias = 40,
						.big_endian = true});
		struct iopt_route_info info;

		assert_int_equal(iopt_map(d, 0x1000, 0x90000000, 0x1000, IOPT_READ), 0);
		assert_int_equal(iopt_attach(device, d, NULL), 0);
		info = info_of(m, smmu, 1, NULL);
		assert_true(stage == 2 ? info.ste[2] & STE_S2ENDI : info.cd[0] & CD_ENDI);
		assert_true(goes_to(m, smmu, 1, NULL, 0x1234) == 0x90000234);
		iopt_domain_destroy(d);
		iopt_memory_destroy(m);
	}
}

/* Tables that were opened by their base alone: the descriptor says what Linux would. */
static void test_opened(void **state)
{
	struct iopt_memory *m = v3_memory();
	struct iopt_smmu *smmu = v3_smmu(m, (struct iopt_smmu_config){0});
	struct iopt_device *device = make_device(m, smmu, "dev", 1, 0, false);
	struct iopt_domain *made = make_domain(m, (struct iopt_config){0}), *d;
	struct iopt_config config = IOPT_INIT(struct iopt_config);
	struct iopt_space space = IOPT_INIT(struct iopt_space);
	struct iopt_registers *r;

	(void)state;
	assert_int_equal(iopt_map(made, 0x1000, 0x90000000, 0x1000, IOPT_READ), 0);
	assert_int_equal(iopt_domain_space(made, 0, &space), 0);
	assert_int_equal(iopt_registers_create(&r), 0);
	assert_int_equal(iopt_registers_set(r, "ttbr", space.root), 0);
	assert_int_equal(iopt_domain_open(m, &config, r, &d, NULL), 0);
	iopt_registers_destroy(r);
	assert_int_equal(iopt_attach(device, d, NULL), 0);
	assert_true(info_of(m, smmu, 1, NULL).cd[3] == 0xf404ff44);
	assert_true(goes_to(m, smmu, 1, NULL, 0x1234) == 0x90000234);
	iopt_domain_destroy(d);
	iopt_domain_destroy(made);
	iopt_memory_destroy(m);
}

/* ---- domains that an SMMU does not take ---- */

static void test_domains_refused(void **state)
{
	static const struct {
		struct iopt_config config;
		const char *reason;
	} cases[] = {
		{{.regime = IOPT_REGIME_EL2}, "contexts are those of EL1 and stage 2"},
		{{.regime = IOPT_REGIME_EL3}, "contexts are those of EL1 and stage 2"},
		{{.format = IOPT_ARM_V7S}, "does not walk arm-v7s"},
		{{.format = IOPT_ARM_32_LPAE_S1}, "does not walk arm-32-lpae-s1"},
		{{.page_sizes = BIT(14)}, "has not the domain's granule"},
		{{.ias = 48}, "48"},
		{{.ias = 40, .oas = 44}, "44"},
	};
	struct iopt_memory *m = v3_memory();
	struct iopt_smmu *smmu =
		v3_smmu(m, (struct iopt_smmu_config){.ias = 40, .oas = 40, .granules = BIT(12)});
	struct iopt_device *device = make_device(m, smmu, "dev", 1, 0, false);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct iopt_domain *d = make_domain(m, cases[i].config);

		assert_refuses(device, d, cases[i].reason);
		assert_null(iopt_domain_smmu(d));
		iopt_domain_destroy(d);
	}
	iopt_memory_destroy(m);
}

/* A guest's stage 1 needs a stage 2 below it, and descriptors where an STE can point. */
static void test_nest_refused(void **state)
{
	struct iopt_memory *m = v3_memory();
	struct iopt_smmu *smmu = v3_smmu(m, (struct iopt_smmu_config){.ssid_bits = 4});
	struct iopt_device *device = make_device(m, smmu, "dev", 1, 4, false);
	struct iopt_domain *two = make_domain(
		m, (struct iopt_config){.format = IOPT_ARM_64_LPAE_S2, .ias = 40, .oas = 40});

	(void)state;
	assert_int_equal(iopt_device_nest(device, 0x1000, 0, NULL), -IOPT_EINVAL);
	assert_int_equal(iopt_attach(device, two, NULL), 0);
	assert_int_equal(iopt_device_nest(device, 0x1000, 5, NULL), -IOPT_ERANGE);
	assert_int_equal(iopt_device_nest(device, BIT(52), 0, NULL), -IOPT_EINVAL);
	assert_int_equal(iopt_device_nest(device, 0x20, 0, NULL), -IOPT_EINVAL);
	assert_int_equal(iopt_device_nest(device, 0x1040, 4, NULL), -IOPT_EINVAL);
	assert_int_equal(info_of(m, smmu, 1, NULL).config, IOPT_ROUTE_S2);
	assert_int_equal(iopt_device_nest(device, 0x1400, 4, NULL), 0);
	assert_int_equal(info_of(m, smmu, 1, NULL).wanted, IOPT_ROUTE_NESTED);
	iopt_domain_destroy(two);
	iopt_memory_destroy(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_levels),
		cmocka_unit_test(test_linear),
		cmocka_unit_test(test_substreams_refused),
		cmocka_unit_test(test_stalls),
		cmocka_unit_test(test_upper),
		cmocka_unit_test(test_big_endian),
		cmocka_unit_test(test_opened),
		cmocka_unit_test(test_domains_refused),
		cmocka_unit_test(test_nest_refused),
	};

	return cmocka_run_group_tests_name("contexts", tests, NULL, NULL);
}
