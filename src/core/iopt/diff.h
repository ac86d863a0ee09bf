/* SPDX-License-Identifier: MIT */
/* What differs between the tables of two domains. */
#ifndef IOPT_API_DIFF_H
#define IOPT_API_DIFF_H

#include "walk.h"

#ifdef __cplusplus
extern "C" {
#endif

enum iopt_change_kind { IOPT_ADDED, IOPT_REMOVED, IOPT_CHANGED };

/* What of a mapping, or descriptor, that both have differs. */
enum iopt_change_what {
	IOPT_CHANGE_PA = 1 << 0,
	IOPT_CHANGE_ATTRS = 1 << 1,
	IOPT_CHANGE_SIZE = 1 << 2, /* of the entries; of descriptors: their type */
};

/* One side of a change. */
struct iopt_change_side {
	struct iopt_extent extent; /* its first entry, from the change on; 'count' says nothing */
	struct iopt_attrs attrs;   /* not of a table */
	uint64_t table;		   /* descriptors: where the table is */
};

/*
 * [iova, iova + size) is in the second domain (ADDED), was in the first (REMOVED), or is in both
 * and differs.  Of descriptors: 'count' slots from 'index' on of the tables at 'level' there.
 */
struct iopt_change {
	size_t struct_size;
	enum iopt_change_kind kind;
	unsigned space; /* the half */
	unsigned what;	/* of enum iopt_change_what; 0 unless CHANGED */
	uint64_t iova, size;
	struct iopt_change_side before, after;
	/*
	 * Why the entry must be made invalid and the TLBs cleaned on the way from one to the other
	 * ("Using break-before-make when updating translation table entries"); NULL: no need.
	 */
	const char *break_before_make;
	bool descriptors;
	int level;
	uint64_t index, count;
};

/* The i-th of the reasons for break_before_make; NULL past the end. */
IOPT_API const char *iopt_break_before_make(unsigned i);

struct iopt_diff_options {
	size_t struct_size;
	bool descriptors; /* table by table, instead of mapping by mapping */
};

/*
 * Tells every difference in rising order, neighbours that change alike as one.  Mappings may be of
 * different formats; they are read side by side, and none is kept.  Where tables lie is no
 * difference.  Shared tables are read in each place.
 *
 * What 'fn' returns if it is not 0 ends it and is returned.  E2BIG: more than 2^28 slots in either.
 * EINVAL: descriptors of domains with different geometry.  ENOENT: no tables.  ENOMEM.
 */
IOPT_API int iopt_diff(struct iopt_domain *a, struct iopt_domain *b,
		       const struct iopt_diff_options *options,
		       int (*fn)(void *arg, const struct iopt_change *change), void *arg);

#ifdef __cplusplus
}
#endif

#endif
