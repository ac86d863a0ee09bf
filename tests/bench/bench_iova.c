/* SPDX-License-Identifier: MIT */
/* Does the millionth I/O virtual address cost what the first did? */
#include "bench_iova.h"

#include <stdlib.h>
#include <time.h>

#include "iopt.h"

enum { PARTS = 10 };

#define LIMIT_PFN UINT64_C(0xfffffffff) /* 48 bits of address */

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static bool alloc_part(struct iopt_iova *iova, uint64_t *pfns, uint64_t from, uint64_t to)
{
	for (uint64_t i = from; i < to; i++) {
		if (iopt_iova_alloc_fast(iova, 1, LIMIT_PFN, false, &pfns[i], NULL))
			return false;
	}
	return true;
}

static bool free_part(struct iopt_iova *iova, const uint64_t *pfns, uint64_t from, uint64_t to)
{
	for (uint64_t i = from; i < to; i++) {
		if (iopt_iova_free(iova, pfns[i]))
			return false;
	}
	return true;
}

static bool timed_parts(struct iopt_iova *iova, uint64_t *pfns, bool frees, uint64_t items,
			struct bench_iova *result)
{
	double parts[PARTS], sum = 0;

	for (uint64_t i = 0; i < PARTS; i++) {
		uint64_t from = items * i / PARTS, to = items * (i + 1) / PARTS;
		double start = now();

		if (!(frees ? free_part(iova, pfns, from, to) : alloc_part(iova, pfns, from, to)))
			return false;
		parts[i] = now() - start;
		sum += parts[i];
	}
	result->ns = sum / (double)items;
	result->last_to_first = parts[PARTS - 1] / parts[0];
	return true;
}

bool bench_iova_pass(bool frees, uint64_t items, struct bench_iova *result)
{
	struct iopt_iova_config config = IOPT_INIT(struct iopt_iova_config);
	uint64_t *pfns = calloc(items, sizeof(*pfns));
	struct iopt_iova *iova = NULL;
	bool done;

	config.start_pfn = 1;
	done = pfns && !iopt_iova_create(&config, &iova, NULL) &&
	       (!frees || alloc_part(iova, pfns, 0, items)) &&
	       timed_parts(iova, pfns, frees, items, result);
	iopt_iova_destroy(iova);
	free(pfns);
	return done;
}
