/* SPDX-License-Identifier: MIT */
#ifndef BENCH_ASK_H
#define BENCH_ASK_H

#include <stdbool.h>

enum { BENCH_ASK_PASSES = 3 };

/* One question about 2^20 mapped pages, and the same by a plain C loop over the tables' bytes. */
struct bench_ask {
	double ns[BENCH_ASK_PASSES]; /* for one page */
	double to_loop[BENCH_ASK_PASSES];
};

/* The question of that name.  False: there is none, it failed, or the two do not agree. */
bool bench_ask_run(const char *name, struct bench_ask *result);

#endif
