/* SPDX-License-Identifier: MIT */
/*
 * What a domain ought to hold, kept without any table: a sorted list of leaves.  The rules are
 * Linux's, told over addresses and sizes alone.  What such a list cannot know is where an empty
 * table stands, which counts when more than a page is unmapped at once; there, and only there, it
 * believes the answer that it is given.
 */
#ifndef MODEL_H
#define MODEL_H

#include "base.h"
#include "iopt.h"

struct model_leaf {
	uint64_t iova, pa, size;
	unsigned prot;
};

struct model {
	bool short_descriptors;
	unsigned granule_shift, index_bits, ias, oas;
	uint64_t page_sizes;
	uint64_t iova_base; /* bits above ias: 0, or all set */
	struct model_leaf *leaves;
	size_t count, room;
};

void model_init(struct model *m, const struct iopt_space *space);
void model_destroy(struct model *m);

/* The leaf that maps iova; NULL: none. */
const struct model_leaf *model_find(const struct model *m, uint64_t iova);
/* Where iova leads; 0: nowhere. */
uint64_t model_translate(const struct model *m, uint64_t iova);
/* Is any of [first, last] mapped? */
bool model_touches(const struct model *m, uint64_t first, uint64_t last);

/* map_pages() as it must go: the code, and pages->done. */
int model_map_pages(struct model *m, struct iopt_pages *pages);
/* unmap_pages(): 'reported' is what the library said; returns what it may have said. */
uint64_t model_unmap_pages(struct model *m, const struct iopt_pages *pages, uint64_t reported);
int model_map(struct model *m, uint64_t iova, uint64_t pa, uint64_t size, unsigned prot);
uint64_t model_unmap(struct model *m, uint64_t iova, uint64_t size, uint64_t reported);

/* Forgets [first, last], which no leaf crosses the ends of. */
void model_forget(struct model *m, uint64_t first, uint64_t last);
/* Adds n leaves where none are. */
void model_add(struct model *m, struct model_leaf first, uint64_t n);

#endif
