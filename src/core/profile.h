/* SPDX-License-Identifier: MIT */
/* What differs between the kernels that are modelled: a row of data for each, no code. */
#ifndef IOPT_PROFILE_H
#define IOPT_PROFILE_H

#include "memory.h"

/* When PCI devices get addresses below 4 GiB first. */
enum { PROFILE_PCI_NEVER, PROFILE_PCI_EACH, PROFILE_PCI_UNTIL_FAILURE };

struct profile {
	const char *name;
	const char *doubt; /* what of it was not measured; NULL: nothing */
#define PROFILE_SWITCH(name, type, text) type name;
#include "profile_switches.def"
#undef PROFILE_SWITCH
};

/* NULL: there is no such profile. */
const struct profile *profile_row(enum iopt_profile profile);

/* The kernel whose DMA layer runs in this memory. */
static inline const struct profile *profile_of(const struct iopt_memory *m)
{
	return profile_row(m->profile);
}

#endif
