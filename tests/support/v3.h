/* SPDX-License-Identifier: MIT */
/* What tests of SMMUv3 begin with. */
#ifndef V3_H
#define V3_H

#include "iopt.h"

/* With 1 GiB of RAM at 0x80000000. */
struct iopt_memory *v3_memory(void);
/* 'config' as far as it is set, as a v3. */
struct iopt_smmu *v3_smmu(struct iopt_memory *memory, struct iopt_smmu_config config);

#endif
