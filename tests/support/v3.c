/* SPDX-License-Identifier: MIT */
#include "v3.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct iopt_memory *v3_memory(void)
{
	struct iopt_memory *m;

	assert_int_equal(iopt_memory_create(&m), 0);
	assert_int_equal(iopt_memory_add_ram(m, 0x80000000, 0x40000000, NULL), 0);
	return m;
}

struct iopt_smmu *v3_smmu(struct iopt_memory *m, struct iopt_smmu_config config)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct iopt_smmu *smmu;

	config.struct_size = sizeof(config);
	config.model = IOPT_SMMU_V3;
	if (iopt_smmu_create(m, &config, &smmu, &error))
		fail_msg("%s", error.message);
	return smmu;
}
