/* SPDX-License-Identifier: MIT */
/* What iopt_smmu_program() tells, kept, and what becomes of the registers by it. */
#ifndef STEPS_H
#define STEPS_H

#include "iopt.h"

enum { STEPS_MAX = 4096 };

struct steps {
	struct iopt_smmu_step list[STEPS_MAX];
	unsigned count;
};

/* All steps of the SMMU as it is now. */
void steps_take(struct steps *s, const struct iopt_smmu *smmu);
/* Index of the last step of that name in the bank (-1: none); -1: there is none. */
int steps_last(const struct steps *s, int bank, const char *name);
/* The register was written, and last with 'value'. */
void assert_register(const struct steps *s, int bank, const char *name, uint64_t value);
void assert_no_register(const struct steps *s, int bank, const char *name);

#endif
