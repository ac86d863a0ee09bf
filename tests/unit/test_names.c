/* SPDX-License-Identifier: MIT */
/* Every enumerator has a name of its own, and what is none has none. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base.h"
#include "iopt.h"

typedef const char *name_fn(int value);

#define NAME_FN(function, type)                          \
	static const char *name_of_##function(int value) \
	{                                                \
		return function((enum type)value);       \
	}

NAME_FN(iopt_format_name, iopt_format)
NAME_FN(iopt_regime_name, iopt_regime)
NAME_FN(iopt_arch_name, iopt_arch)
NAME_FN(iopt_presence_name, iopt_presence)
NAME_FN(iopt_reserved_kind_name, iopt_reserved_kind)
NAME_FN(iopt_oa_layout_name, iopt_oa_layout)
NAME_FN(iopt_fault_name, iopt_fault_type)
NAME_FN(iopt_type_name, iopt_type)
NAME_FN(iopt_smmu_model_name, iopt_smmu_model)
NAME_FN(iopt_smmu_kernel_name, iopt_smmu_kernel)
NAME_FN(iopt_domain_type_name, iopt_domain_type)
NAME_FN(iopt_dma_direction_name, iopt_dma_direction)
NAME_FN(iopt_buffer_source_name, iopt_buffer_source)
NAME_FN(iopt_resv_type_name, iopt_resv_type)
NAME_FN(iopt_route_config_name, iopt_route_config)
NAME_FN(iopt_profile_name, iopt_profile)
NAME_FN(iopt_quirk_name, iopt_quirk)
NAME_FN(iopt_prot_name, iopt_prot)
NAME_FN(iopt_dma_attr_name, iopt_dma_attr)

static const struct {
	name_fn *name;
	int first, count; /* from 'first' on */
	const char *one, *last;
} lists[] = {
	{name_of_iopt_format_name, 0, IOPT_FORMAT_COUNT, "arm-64-lpae-s1", "arm-v7s"},
	{name_of_iopt_regime_name, 0, IOPT_REGIME_COUNT, "el1", "stage2"},
	{name_of_iopt_arch_name, 0, IOPT_ARCH_COUNT, "aarch64", "aarch32-v7s"},
	{name_of_iopt_presence_name, 0, IOPT_PRESENCE_COUNT, "present", "unreadable"},
	{name_of_iopt_reserved_kind_name, 0, IOPT_RESERVED_COUNT, "reserved", "cma"},
	{name_of_iopt_oa_layout_name, 0, 3, "48", "lpa2"},
	{name_of_iopt_fault_name, 1, 6, "translation", "external"},
	{name_of_iopt_type_name, 0, 8, "invalid", "large"},
	{name_of_iopt_smmu_model_name, 0, IOPT_SMMU_MODEL_COUNT, "v2", "v3"},
	{name_of_iopt_smmu_kernel_name, 0, IOPT_KERNEL_COUNT, "arm64", "arm"},
	{name_of_iopt_domain_type_name, 0, IOPT_DOMAIN_TYPE_COUNT, "unmanaged", "blocked"},
	{name_of_iopt_dma_direction_name, 0, IOPT_DMA_DIRECTION_COUNT, "bidirectional",
	 "from-device"},
	{name_of_iopt_buffer_source_name, 0, 6, "device-pool", "caller"},
	{name_of_iopt_resv_type_name, 0, IOPT_RESV_COUNT, "direct", "pci-gap"},
	{name_of_iopt_route_config_name, 0, IOPT_ROUTE_CONFIG_COUNT, "bad", "nested"},
	{name_of_iopt_profile_name, 0, IOPT_PROFILE_COUNT, NULL, NULL},
};

static void test_enumerators(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		const int first = lists[i].first, end = first + lists[i].count;

		for (int a = first; a < end; a++) {
			assert_non_null(lists[i].name(a));
			for (int b = first; b < a; b++)
				assert_string_not_equal(lists[i].name(a), lists[i].name(b));
		}
		if (lists[i].one) {
			assert_string_equal(lists[i].name(first), lists[i].one);
			assert_string_equal(lists[i].name(end - 1), lists[i].last);
		}
		assert_null(lists[i].name(end));
		assert_null(lists[i].name(-1));
		assert_null(lists[i].name(INT32_MAX));
	}
	assert_null(iopt_fault_name(IOPT_FAULT_NONE));
}

/* One bit has a name, none and two have not. */
static void test_flags(void **state)
{
	static const struct {
		name_fn *name;
		unsigned bits; /* that have one */
		const char *one;
	} flags[] = {
		{name_of_iopt_quirk_name, (1 << IOPT_QUIRK_COUNT) - 1, "arm-ns"},
		{name_of_iopt_prot_name, (1 << IOPT_PROT_COUNT) - 1, "read"},
		{name_of_iopt_dma_attr_name, 0x3f6, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		for (unsigned bit = 0; bit < 31; bit++)
			assert_true(!flags[i].name(1 << bit) == !(flags[i].bits & 1u << bit));
		assert_null(flags[i].name(0));
		assert_null(flags[i].name(6));
		if (flags[i].one)
			assert_string_equal(flags[i].name(1), flags[i].one);
	}
}

/* Codes are errnos, back and forth, each with its own name and text. */
static void test_errors(void **state)
{
	static const int codes[] = {
#define IOPT_ERROR(name, number, text) name,
#include "error.def"
#undef IOPT_ERROR
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		const char *name = iopt_error_name(codes[i]), *text = iopt_error_text(codes[i]);

		assert_int_equal(iopt_error_of_errno(codes[i]), codes[i]);
		assert_string_equal(name, strerrorname_np(codes[i]));
		assert_string_equal(iopt_error_name(-codes[i]), name);
		assert_true(*text);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(iopt_error_text(codes[k]), text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_enumerators),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
