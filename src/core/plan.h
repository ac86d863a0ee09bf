/* SPDX-License-Identifier: MIT */
/*
 * From regions to tables: what is to be mapped where, checked and put in order; how many tables
 * that takes, before any is made; and the tables.
 *
 * Regions do not overlap, unless a later one says which earlier one it refines: it lies within that
 * one and takes its place.  A guard keeps as many bytes on both sides of its region unmapped; out
 * of what the region refines they are cut.
 */
#ifndef IOPT_PLAN_H
#define IOPT_PLAN_H

#include "attrs.h"
#include "pgtable.h"

enum { PLAN_NONE = -1 };

struct plan_region {
	const char *name; /* for messages */
	uint64_t va, pa, size;
	uint64_t page_size; /* of every leaf; 0: the best */
	uint64_t guard;	    /* bytes on both sides */
	struct attrs_wish wish;
	bool no_runs;
	int64_t refines; /* number of an earlier region, or PLAN_NONE */
};

/* A stretch of one region, or of several that go on alike; 'region' is the first. */
struct plan_span {
	struct pgtable_span map;
	uint64_t table_bits; /* of the tables above */
	size_t region;
};

struct plan {
	struct pgtable tree;	 /* geometry and registers; no memory, no root */
	struct plan_span *spans; /* rising */
	size_t count, room;
	/* By level from PGTABLE_LEVEL_MIN on, the first included; and all of them. */
	uint64_t tables[PGTABLE_LEVELS], table_count;
};

/* Which region, and which of its members ("va", "access", …), a plan fails at. */
struct plan_blame {
	size_t region;
	const char *member;
};

/*
 * EINVAL, EEXIST, ERANGE with a reason in 'error' (message only) and *blame: a region is empty,
 * misaligned, out of the address sizes, has attributes that there are no bits for, or overlaps
 * another.  ENOMEM: no blame.  plan_free() in any case.
 */
int plan_make(struct plan *plan, const struct pgtable *tree, const struct plan_region *regions,
	      size_t count, struct plan_blame *blame, struct iopt_error *error);
void plan_free(struct plan *plan);

/* plan_count.c: the tables of a plan whose spans are there; errors as those of plan_make(). */
int plan_count(struct plan *plan, const struct plan_region *regions, struct plan_blame *blame,
	       struct iopt_error *error);

/* Where it ends: of what begins at 'base' and is packed as image_plan() does.  ERANGE. */
int plan_end(const struct plan *plan, uint64_t base, uint64_t *end);

/* What one region costs alone. */
struct plan_cost {
	uint64_t tables; /* below the first */
	uint64_t align;	 /* of va, pa and size: with that it costs least; 0: no better */
	uint64_t saves;	 /* tables, then */
};

struct plan_cost plan_cost(const struct plan *plan, const struct plan_region *region);

/* Maps all spans in 't', an empty tree of the same geometry.  ENOMEM. */
int plan_build(const struct plan *plan, struct pgtable *t);

#endif
