/* SPDX-License-Identifier: MIT */
/* What a device cannot be, with the reason, and how the rest is kept and told again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base.h"
#include "fixture.h"
#include "iopt.h"

#define MANY 1025 /* ranges, windows, regions */

static const struct iopt_dma_range good_range = {0, 0x80000000, 0x1000};
static const struct iopt_dma_range empty_range = {0, 0x80000000, 0};
static const struct iopt_dma_range far_range = {UINT64_MAX - 0xffe, 0, 0x1000};
static const struct iopt_dma_range far_memory = {0, UINT64_MAX - 0xffe, 0x1000};
static const struct iopt_resv_region good_region = {0x1000, 0x1000, IOPT_RESV_RESERVED};
static const struct iopt_resv_region empty_region = {0x1000, 0, IOPT_RESV_RESERVED};
static const struct iopt_resv_region far_region = {UINT64_MAX, 2, IOPT_RESV_MSI};
static const struct iopt_resv_region software_region = {0x1000, 0x1000, IOPT_RESV_SW_MSI};
static const struct iopt_resv_region odd_region = {0x1000, 0x1000, IOPT_RESV_COUNT};
static const struct iopt_resv_region large_direct = {0, BIT(32) + 1, IOPT_RESV_DIRECT};
static const struct iopt_resv_region large_relaxable = {0, BIT(33), IOPT_RESV_DIRECT_RELAXABLE};
static const struct iopt_stream stream = {.id = 1};

static char long_name[65];

/* 'smmu': put it behind one. */
static const struct {
	struct iopt_device_config config;
	bool smmu;
	const char *reason;
} refused[] = {
	{{.name = ""}, false, "a name of at most 63 bytes"},
	{{.name = long_name}, false, "a name of at most 63 bytes"},
	{{.cpu_page_size = 8 * KIB}, false, "the CPU page size is 4k, 16k or 64k"},
	{{.streams = &stream, .stream_count = 1}, false, "stream IDs are those of an SMMU"},
	{{.streams = &stream, .stream_count = 4097}, true, "stream IDs are those of an SMMU"},
	{{.dma_mask_bits = 65}, false, "a mask has at most 64 bits"},
	{{.coherent_mask_bits = 65}, false, "a mask has at most 64 bits"},
	{{.bus_base = 0x2000, .bus_limit = 0x1fff}, false, "the bus ends before it begins"},
	{{.segment_boundary = 0x1000}, false, "a power of two less 1"},
	{{.max_segment = BIT(32)}, false, "a segment has less than 4 GiB"},
	{{.default_domain = IOPT_DEFAULT_PASSTHROUGH + 1}, false, "no such default domain"},
	{{.untrusted = true}, false, "only a PCI device is untrusted"},
	{{.dma_ranges = &good_range, .dma_range_count = MANY}, false, "at most 1024 dma-ranges"},
	{{.dma_ranges = &good_range, .dma_range_count = 1, .bus_base = 1},
	 false,
	 "dma-ranges say where the bus"},
	{{.dma_ranges = &good_range, .dma_range_count = 1, .bus_limit = 1},
	 false,
	 "dma-ranges say where the bus"},
	{{.dma_ranges = &empty_range, .dma_range_count = 1}, false, "dma-range 0 is empty"},
	{{.dma_ranges = &far_range, .dma_range_count = 1}, false, "dma-range 0 is empty"},
	{{.dma_ranges = &far_memory, .dma_range_count = 1}, false, "dma-range 0 is empty"},
	{{.pci = true, .windows = &good_region, .window_count = MANY},
	 false,
	 "at most 1024 windows and regions"},
	{{.regions = &good_region, .region_count = MANY}, true, "at most 1024 windows and regions"},
	{{.windows = &good_region, .window_count = 1}, false, "only a PCI device is behind a host"},
	{{.pci = true, .windows = &empty_region, .window_count = 1}, false, "window 0 is empty"},
	{{.regions = &good_region, .region_count = 1}, false, "there is no SMMU"},
	{{.regions = &empty_region, .region_count = 1}, true, "region 0 is empty"},
	{{.regions = &far_region, .region_count = 1}, true, "region 0 is empty"},
	{{.regions = &software_region, .region_count = 1}, true, "region 0 is empty"},
	{{.regions = &odd_region, .region_count = 1}, true, "region 0 is empty"},
	{{.regions = &large_direct, .region_count = 1}, true, "has at most 4 GiB"},
	{{.regions = &large_relaxable, .region_count = 1}, true, "has at most 4 GiB"},
};

static struct iopt_memory *make_memory(void)
{
	struct iopt_memory *m;

	assert_int_equal(iopt_memory_create(&m), 0);
	assert_int_equal(iopt_memory_add_ram(m, 0x80000000, 0x10000000, NULL), 0);
	return m;
}

static struct iopt_smmu *make_smmu(struct iopt_memory *m)
{
	struct iopt_smmu_config config = IOPT_INIT(struct iopt_smmu_config);
	struct iopt_smmu *smmu;

	assert_int_equal(iopt_smmu_create(m, &config, &smmu, NULL), 0);
	return smmu;
}

static void test_refused(void **state)
{
	struct iopt_memory *m = make_memory();
	struct iopt_smmu *smmu = make_smmu(m);
	uint64_t before = iopt_memory_allocated(m);

	(void)state;
	memset(long_name, 'n', sizeof(long_name) - 1);
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		struct iopt_error error = IOPT_INIT(struct iopt_error);
		struct iopt_device_config config = refused[i].config;
		struct iopt_device *device = NULL;

		config.struct_size = sizeof(config);
		config.name = config.name ? config.name : "dev";
		config.smmu = refused[i].smmu ? smmu : NULL;
		if (refused[i].smmu && !config.streams) {
			config.streams = &stream;
			config.stream_count = 1;
		}
		assert_int_equal(iopt_device_create(m, &config, &device, &error), -IOPT_EINVAL);
		assert_null(device);
		if (!strstr(error.message, refused[i].reason))
			fail_msg("\"%s\", not \"%s\"", error.message, refused[i].reason);
		assert_int_equal(iopt_memory_allocated(m), before);
	}
	assert_int_equal(iopt_smmu_destroy(smmu), 0);
	iopt_memory_destroy(m);
}

/* An SMMU and an area belong to the memory that they were made in. */
static void test_other_memory(void **state)
{
	struct iopt_device_config config = IOPT_INIT(struct iopt_device_config);
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct iopt_memory *m = make_memory(), *other = make_memory();
	struct iopt_domain *d;
	struct iopt_device *device;

	(void)state;
	config.name = "dev";
	config.smmu = make_smmu(other);
	config.streams = &stream;
	config.stream_count = 1;
	assert_int_equal(iopt_device_create(m, &config, &device, &error), -IOPT_EINVAL);
	assert_string_equal(error.message, "the SMMU or the area is in another memory");
	config.smmu = make_smmu(m);
	config.struct_size--;
	assert_int_equal(iopt_device_create(m, &config, &device, &error), -IOPT_EINVAL);
	config.struct_size++;
	assert_int_equal(iopt_device_create(m, &config, &device, &error), 0);
	assert_int_equal(iopt_domain_new(other, IOPT_DOMAIN_UNMANAGED, &d, NULL), 0);
	assert_int_equal(iopt_attach(device, d, &error), -IOPT_EINVAL);
	assert_string_equal(error.message, "the domain is in another memory");
	iopt_domain_destroy(d);
	assert_int_equal(iopt_device_destroy(device, NULL), 0);
	assert_int_equal(iopt_device_destroy(NULL, NULL), 0);
	iopt_memory_destroy(m);
	iopt_memory_destroy(other);
}

/* What is told is what was given; a caller that knows less is told nothing. */
static void test_info(void **state)
{
	struct iopt_device_config config = IOPT_INIT(struct iopt_device_config), told = {0};
	struct iopt_device_limits limits = {0};
	struct iopt_memory *m = make_memory();
	struct iopt_device *device;

	(void)state;
	config.name = "dev";
	config.bus_base = 0x80000000;
	config.bus_limit = 0x87ffffff;
	assert_int_equal(iopt_device_create(m, &config, &device, NULL), 0);
	told.name = "untouched";
	iopt_device_info(device, &told);
	assert_string_equal(told.name, "untouched");
	told.struct_size = sizeof(told);
	iopt_device_info(device, &told);
	assert_string_equal(told.name, "dev");
	assert_int_equal(told.dma_mask_bits, 32);
	assert_int_equal(told.max_segment, 0x10000);
	assert_true(told.bus_limit == 0x87ffffff);
	assert_int_equal(iopt_device_group(device), -1);
	assert_null(iopt_device_domain(device));
	assert_null(iopt_device_default_domain(device));
	iopt_device_limits(device, &limits);
	assert_int_equal(limits.required_mask, 0);
	limits.struct_size = sizeof(limits);
	iopt_device_limits(device, &limits);
	assert_true(limits.addressing_limited); /* RAM goes on behind its bus */
	assert_false(limits.noexec);
	assert_true(limits.max_mapping == UINT64_MAX);
	assert_int_equal(iopt_device_destroy(device, NULL), 0);
	iopt_memory_destroy(m);
}

/* Below 32 bits a mask must reach all RAM below 4 GiB. */
static void test_masks(void **state)
{
	static const struct {
		unsigned bits;
		bool reaches;
	} cases[] = {{0, false}, {1, false}, {24, false}, {31, false},
		     {32, true}, {40, true}, {64, true},  {65, false}};
	struct iopt_device_config config = IOPT_INIT(struct iopt_device_config);
	struct iopt_memory *m = make_memory();
	struct iopt_device *device;

	(void)state;
	config.name = "dev";
	assert_int_equal(iopt_device_create(m, &config, &device, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(iopt_device_supports(device, cases[i].bits), cases[i].reaches);
		assert_int_equal(iopt_device_set_mask(device, cases[i].bits, i % 2, NULL) == 0,
				 cases[i].reaches);
	}
	assert_int_equal(iopt_device_destroy(device, NULL), 0);
	iopt_memory_destroy(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_other_memory),
		cmocka_unit_test(test_info),
		cmocka_unit_test(test_masks),
	};

	return cmocka_run_group_tests_name("devices", tests, NULL, NULL);
}
