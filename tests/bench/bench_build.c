/* SPDX-License-Identifier: MIT */
/* Tables for firmware: from regions to tables, no file in between. */
#include "bench_build.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "iopt.h"

enum { FEW_REGIONS = 32768 };

#define BLOCK	    UINT64_C(0x200000)
#define PAGES_BYTES (UINT64_C(64) << 30)

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Nanoseconds from the regions to the tables, which have *bytes. */
static bool build(const struct iopt_region *regions, uint64_t count, double *ns, uint64_t *bytes)
{
	struct iopt_build_config config = IOPT_INIT(struct iopt_build_config);
	struct iopt_plan plan = IOPT_INIT(struct iopt_plan);
	struct iopt_memory *memory = NULL;
	struct iopt_domain *domain = NULL;
	struct iopt_spec *spec;
	double start = now();
	bool ok = !iopt_spec_make(&config, regions, count, &spec, NULL) &&
		  !iopt_spec_build(spec, NULL, &memory, &domain, NULL);

	*ns = now() - start;
	if (ok)
		ok = !iopt_spec_plan(spec, NULL, &plan);
	*bytes = plan.bytes;
	iopt_domain_destroy(domain);
	iopt_memory_destroy(memory);
	iopt_spec_free(spec);
	return ok;
}

static struct iopt_region region_at(uint64_t va, uint64_t size)
{
	return (struct iopt_region){
		.va = va,
		.pa = va,
		.size = size,
		.access = IOPT_ACCESS_R | IOPT_ACCESS_W,
		.share = IOPT_SHARE_INNER,
	};
}

static double memset_ns(uint64_t bytes)
{
	double start = now();
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return 0;
	memset(p, 1, bytes);
	start = now() - start;
	munmap(p, bytes);
	return start;
}

static bool build_pages(struct bench_build *result)
{
	struct iopt_region region = region_at(0, PAGES_BYTES);
	uint64_t bytes;
	double ns;

	region.page_size = 4096;
	region.no_runs = true;
	if (!build(&region, 1, &ns, &bytes))
		return false;
	result->ns = ns / (double)(PAGES_BYTES / region.page_size);
	result->compare = ns / memset_ns(bytes);
	return true;
}

/* Each second 2 MiB, so that none of them join. */
static bool build_regions(uint64_t count, struct bench_build *result)
{
	struct iopt_region *regions = malloc(count * sizeof(*regions));
	double few = 0, all, part;
	uint64_t bytes;
	bool ok = regions;

	for (uint64_t i = 0; ok && i < count; i++)
		regions[i] = region_at(2 * i * BLOCK, BLOCK);
	/* as long as all of them take: whoever shares the machine slows both alike */
	for (uint64_t i = 0; ok && i < count; i += FEW_REGIONS, few += part)
		ok = build(regions, FEW_REGIONS, &part, &bytes);
	ok = ok && build(regions, count, &all, &bytes);
	free(regions);
	if (!ok)
		return false;
	result->ns = all / (double)count;
	result->compare = all / few;
	return true;
}

/* A build is a program's whole life: no pass gets memory that one before it has touched. */
bool bench_build_pass(uint64_t regions, struct bench_build *result)
{
	mallopt(M_MMAP_THRESHOLD, 128 << 10);
	return regions ? build_regions(regions, result) : build_pages(result);
}
