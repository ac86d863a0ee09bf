/* SPDX-License-Identifier: MIT */
/*
 * Arm SMMU v1, v2 and MMU-500: where registers are and what Linux's driver writes into them.  Arm
 * SMMU architecture version 2: "The System MMU address map"; Linux: drivers/iommu/arm/arm-smmu.
 */
#ifndef IOPT_SMMU_V2_H
#define IOPT_SMMU_V2_H

#include "smmu.h"

/* arm_smmu_init_context_bank(): what the registers of a context bank hold. */
struct v2_context {
	bool stage2, aarch64, short_descriptors, big_endian;
	uint32_t tcr, tcr2; /* tcr of stage 2: VTCR */
	uint64_t ttbr[2];
	uint32_t mair[2]; /* PRRR and NMRR of short descriptors */
	unsigned asid, vmid;
};

struct v2_context v2_context(const struct iopt_domain *domain);

#endif
