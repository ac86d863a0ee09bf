/* SPDX-License-Identifier: MIT */
#ifndef BENCH_BUILD_H
#define BENCH_BUILD_H

#include <stdbool.h>
#include <stdint.h>

enum { BENCH_BUILD_PASSES = 1 };

struct bench_build {
	double ns;	/* for each page, or region, from the description to the tables */
	double compare; /* of pages: to a first-touch memset of as many bytes as the tables have;
			   of regions: one of all, to one of 32,768 */
};

/* 64 GiB as 4 KiB pages; 'regions' not 0: that many separate blocks of 2 MiB.  False: failed. */
bool bench_build_pass(uint64_t regions, struct bench_build *result);

#endif
