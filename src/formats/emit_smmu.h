/* SPDX-License-Identifier: MIT */
/* One programming sequence of an SMMU being written. */
#ifndef IOPT_EMIT_SMMU_H
#define IOPT_EMIT_SMMU_H

#include "../core/iopt.h"
#include "writer.h"

enum { SMMU_SYMBOL_MAX = 64 };

struct smmu_dump {
	const struct iopt_smmu *smmu;
	struct iopt_smmu_config config;
	const char *name;
	char symbol[SMMU_SYMBOL_MAX], upper[SMMU_SYMBOL_MAX]; /* what C names begin with */
	size_t steps, told; /* how many there are, and have been written */
	struct writer w;
};

static inline char ascii_upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* As iopt_smmu_program() fails, the writer's errors included. */
int smmu_dump_c(struct smmu_dump *d);
int smmu_dump_header(struct smmu_dump *d);

#endif
