/* SPDX-License-Identifier: MIT */
/* Arm SMMU v3: "arm_smmu_device_reset()" and what stands in memory. */
#include "smmu.h"

static int v3_program(const struct iopt_smmu *smmu, const struct iopt_smmu_step_sink *sink)
{
	(void)smmu;
	(void)sink;
	return 0;
}

const struct smmu_ops smmu_v3_ops = {.program = v3_program};
