/* SPDX-License-Identifier: MIT */
#ifndef BENCH_DMA_H
#define BENCH_DMA_H

#include <stdbool.h>
#include <stdint.h>

enum { BENCH_DMA_PASSES = 5, BENCH_DMA_LIVE = 100000 };

/* One pass of allocating a coherent buffer and freeing it again, over and over. */
struct bench_dma {
	double ns;	      /* for both together */
	double full_to_empty; /* with BENCH_DMA_LIVE other buffers alive, over the same with none */
};

/* False: failed. */
bool bench_dma_pass(uint64_t size, struct bench_dma *result);

#endif
