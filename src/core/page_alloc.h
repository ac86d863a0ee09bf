/* SPDX-License-Identifier: MIT */
/*
 * A buddy allocator over RAM windows: naturally aligned powers of two from 1 KiB to 1 GiB, always
 * the lowest address that fits.  It keeps its state beside the memory, never in it.
 */
#ifndef IOPT_PAGE_ALLOC_H
#define IOPT_PAGE_ALLOC_H

#include "base.h"

enum {
	PAGE_ALLOC_MIN_SHIFT = 10,
	PAGE_ALLOC_MAX_SHIFT = 30,
	/* log2 of the largest window: what the architecture's physical addresses reach. */
	PAGE_ALLOC_WINDOW_SHIFT = 52,
};

struct page_zone;

/* Begin with everything zero but the budget. */
struct page_alloc {
	struct page_zone *zones; /* by address */
	size_t zone_count;
	uint64_t budget;    /* allocations that may still succeed; UINT64_MAX: no limit */
	uint64_t allocated; /* bytes */
};

/*
 * Pages of [base, base + bytes), which no other window has.  EINVAL: empty, or no multiples of
 * 4 KiB; ERANGE: leaves the 64-bit space, or larger than the largest window; ENOMEM.
 */
int page_alloc_add(struct page_alloc *p, uint64_t base, uint64_t bytes);
/* Takes a window back of which nothing was handed out. */
void page_alloc_remove(struct page_alloc *p, uint64_t base);
void page_alloc_destroy(struct page_alloc *p);

/* 'shift': log2 of the size.  EINVAL: not from MIN_SHIFT to MAX_SHIFT; ENOMEM. */
int page_alloc(struct page_alloc *p, unsigned shift, uint64_t *pa);
/* The size of the allocation that begins at pa, which is free then; 0: none does. */
uint64_t page_free(struct page_alloc *p, uint64_t pa);

/* Is a byte of [first, last] allocated? */
bool page_alloc_busy(const struct page_alloc *p, uint64_t first, uint64_t last);
/*
 * Takes all of [first, last], in units of 1 KiB, out of the allocator's hands, for contents that
 * were put there from outside.  EBUSY: some of it is allocated, nothing changed; ENOMEM.
 */
int page_alloc_reserve(struct page_alloc *p, uint64_t first, uint64_t last);

#endif
