/* SPDX-License-Identifier: MIT */
#ifndef BENCH_IOVA_H
#define BENCH_IOVA_H

#include <stdbool.h>
#include <stdint.h>

enum { BENCH_IOVA_PASSES = 3 };

/* One pass over 'items' single-page ranges that all live at once. */
struct bench_iova {
	double ns;	      /* for each */
	double last_to_first; /* what the last tenth cost, over the first */
};

/* Allocating them from an empty space, or freeing them, the oldest first; false: failed. */
bool bench_iova_pass(bool frees, uint64_t items, struct bench_iova *result);

#endif
