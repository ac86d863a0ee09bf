/* SPDX-License-Identifier: MIT */
/* What differs between the kernels that are modelled: a row of data for each, no code. */
#ifndef IOPT_PROFILE_H
#define IOPT_PROFILE_H

#include "base.h"
#include "iopt.h"

struct profile {
	const char *name;
	const char *doubt; /* what of it was not measured; NULL: nothing */
	/* alloc_iova_fast() takes sizes below 32 pages up to a power of two. */
	bool iova_rounds;
	/* It and free_iova_fast() keep freed ranges of up to 32 pages in magazines, */
	bool iova_caches;
	/* of which, when they are full, the depot of each size takes this many. */
	unsigned iova_depot_max;
	/* A search that started below its limit, and found nothing, starts again at the limit. */
	bool iova_retries;
};

/* NULL: there is no such profile. */
const struct profile *profile_row(enum iopt_profile profile);

#endif
