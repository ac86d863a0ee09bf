/* SPDX-License-Identifier: MIT */
/* Which SMMU a command means, as its registers and the memory have it. */
#ifndef IOPT_CLI_STREAMS_H
#define IOPT_CLI_STREAMS_H

#include "args.h"

struct chosen_streams {
	struct iopt_streams streams;
	struct named_memory *memory;
	struct iopt_registers *owned; /* NULL: they are the session's */
};

/* By -s, or the SMMU that was decoded last, or the only one; an exit status, with s->error. */
int choose_streams(struct session *s, const struct args *a, struct chosen_streams *c);
/* Is one meant without -s, and does it have stream tables? */
bool has_one_smmu_v3(const struct session *s);
/* The registers of a built one. */
int streams_of(struct session *s, const struct named_smmu *smmu, struct chosen_streams *c);
void chosen_streams_destroy(struct chosen_streams *c);

#endif
