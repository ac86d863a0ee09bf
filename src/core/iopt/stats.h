/* SPDX-License-Identifier: MIT */
/* What tables cost, and where tables may be. */
#ifndef IOPT_API_STATS_H
#define IOPT_API_STATS_H

#include "domain.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { IOPT_STATS_LEVELS = 5, IOPT_STATS_SIZES = 12, IOPT_SCAN_REASONS = 4 };

struct iopt_stats_level {
	int level;
	uint64_t tables, bytes;
	uint64_t slots, used; /* used: tables and leaves */
};

struct iopt_stats_size {
	uint64_t size;	 /* of a leaf */
	uint64_t leaves; /* of a run of short descriptors each slot is one */
	uint64_t bytes;	 /* that they map */
};

/*
 * One half.  Tables are counted once, however often they are reached.  What could be saved: tables
 * that are full of leaves that one block could replace; and, where the format joins leaves (by the
 * Contiguous bit, or as large pages and supersections), the entries in a TLB that this would spare.
 */
struct iopt_stats {
	size_t struct_size;
	unsigned level_count, size_count;
	struct iopt_stats_level levels[IOPT_STATS_LEVELS]; /* from the root down */
	struct iopt_stats_size sizes[IOPT_STATS_SIZES];	   /* rising */
	uint64_t tables, bytes, leaves, mapped;
	uint64_t shared; /* times that a table was reached again */
	uint64_t empty;	 /* tables that translate nothing */
	uint64_t block_tables, block_bytes;
	uint64_t joinable; /* leaves that could be joined and are not */
	uint64_t spared;   /* TLB entries fewer if they were */
};

/* ENOENT: no such half.  ENOMEM. */
IOPT_API int iopt_domain_stats(struct iopt_domain *domain, unsigned space,
			       struct iopt_stats *stats);

/* What may be a first table. */
struct iopt_root {
	size_t struct_size;
	uint64_t pa;
	enum iopt_format format; /* of its descriptors: arm-64-lpae-s1 (any LPAE), or arm-v7s */
	uint64_t granule;
	int start_level;
	unsigned score; /* to 100 */
	unsigned reason_count;
	char reasons[IOPT_SCAN_REASONS][80];
};

/*
 * Looks at every granule in [first, last] that holds anything: would it be a first table, would
 * everything that it leads to make sense?  Tells up to 'most' (1 to 256) of the likeliest, best
 * first.  Tables that a better one leads to are left out.  What 'fn' returns if it is not 0 ends
 * it and is returned; it is also asked, with NULL, from time to time on the way.  EINVAL, ENOMEM.
 */
IOPT_API int iopt_scan(struct iopt_memory *memory, uint64_t first, uint64_t last, unsigned most,
		       int (*fn)(void *arg, const struct iopt_root *root), void *arg);

#ifdef __cplusplus
}
#endif

#endif
