/* SPDX-License-Identifier: MIT */
/*
 * Linux's rcache of one CPU (drivers/iommu/iova.c, "Magazine caches for IOVA ranges"): freed ranges
 * of 1, 2, 4, … 32 pages wait in magazines to be handed out again, newest first, and stay in the
 * tree meanwhile.  Each class of sizes has two magazines at hand, 'loaded' and 'prev', and a depot
 * of full ones.
 */
#ifndef IOPT_IOVA_CACHE_H
#define IOPT_IOVA_CACHE_H

#include "base.h"
#include "iopt.h"

enum { IOVA_MAGAZINE_PFNS = 127 };

struct iova_magazine {
	uint64_t count;
	uint64_t pfns[IOVA_MAGAZINE_PFNS];
};

struct iova_class {
	struct iova_magazine *loaded, *prev;
	struct iova_magazine **depot;
	size_t depot_count, depot_room;
};

struct iova_cache {
	struct iova_class classes[IOPT_IOVA_CLASSES];
	unsigned depot_max; /* magazines of each class */
};

/* What goes back to the tree is handed to this. */
struct iova_cache_drain {
	void (*put)(void *arg, uint64_t pfn);
	void *arg;
};

/* ENOMEM: destroy it all the same. */
int iova_cache_init(struct iova_cache *c, unsigned depot_max);
void iova_cache_destroy(struct iova_cache *c);

/*
 * The newest of the loaded magazine whose pages end below 'end'; the others are not looked at.  0:
 * none.  With an 'end' below 'size' Linux's subtraction wraps, and any will do.
 */
uint64_t iova_cache_get(struct iova_cache *c, uint64_t size, uint64_t end);

/* False: too large a size, or no memory for a magazine.  A full depot drains the loaded one. */
bool iova_cache_put(struct iova_cache *c, uint64_t pfn, uint64_t size,
		    struct iova_cache_drain drain);

void iova_cache_flush(struct iova_cache *c, struct iova_cache_drain drain);

/* The i-th pfn of a class in the order in which they would be handed out; false past the end. */
bool iova_cache_peek(const struct iova_cache *c, unsigned class_index, size_t i, uint64_t *pfn);

#endif
