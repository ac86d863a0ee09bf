/* SPDX-License-Identifier: MIT */
/*
 * Linux's allocator of I/O virtual addresses told as plainly as can be: a sorted array that every
 * search goes through from end to end, and lists for what is cached.
 */
#ifndef IOVA_MODEL_H
#define IOVA_MODEL_H

#include "base.h"
#include "iopt.h"

enum { IOVA_MODEL_RANGES = 4096, IOVA_MODEL_PARKED = 8192, IOVA_MODEL_MAGAZINE = 127 };

/* Freed pfns of one size, oldest first: full magazines of the depot, then prev, then loaded. */
struct iova_model_class {
	uint64_t depot[IOVA_MODEL_PARKED];
	uint64_t prev[IOVA_MODEL_MAGAZINE], loaded[IOVA_MODEL_MAGAZINE];
	size_t depot_count, prev_count, loaded_count;
};

struct iova_model {
	bool rounds, caches, retries;
	size_t depot_max; /* magazines */
	uint64_t start_pfn, dma_32bit_pfn, max32_alloc_size, top;
	/* The last is the anchor. */
	struct range ranges[IOVA_MODEL_RANGES];
	size_t count;
	uint64_t cached32, cached; /* the 'last' of a range: it never moves */
	uint64_t warns;
	struct iova_model_class classes[IOPT_IOVA_CLASSES];
};

void iova_model_init(struct iova_model *m, enum iopt_profile profile, unsigned granule_shift,
		     uint64_t start_pfn);
/* All: 0 on success, or the library's code. */
int iova_model_alloc(struct iova_model *m, uint64_t size, uint64_t limit_pfn, bool aligned,
		     struct range *range);
int iova_model_free(struct iova_model *m, uint64_t pfn);
int iova_model_alloc_fast(struct iova_model *m, uint64_t size, uint64_t limit_pfn, bool flush,
			  uint64_t *pfn);
int iova_model_free_fast(struct iova_model *m, uint64_t pfn, uint64_t size);
int iova_model_reserve(struct iova_model *m, uint64_t lo, uint64_t hi, struct range *range);
int iova_model_find(const struct iova_model *m, uint64_t pfn, struct range *range);

#endif
