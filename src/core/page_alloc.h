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
};

struct page_zone;

struct page_alloc {
	struct page_zone **zones; /* by address */
	size_t zone_count;
	uint64_t budget;    /* allocations that may still succeed; UINT64_MAX: no limit */
	uint64_t allocated; /* bytes */
};

/* Pages of [base, base + bytes), both multiples of 4 KiB.  ENOMEM. */
int page_alloc_add(struct page_alloc *p, uint64_t base, uint64_t bytes);
void page_alloc_destroy(struct page_alloc *p);

/* 'shift': log2 of the size.  ENOMEM. */
int page_alloc(struct page_alloc *p, unsigned shift, uint64_t *pa);
/* The size of the allocation that begins at pa, which is free then; 0: none does. */
uint64_t page_free(struct page_alloc *p, uint64_t pa);
/*
 * Takes every page that [first, last] touches out of the allocator's hands, for contents that were
 * put there from outside.  EBUSY: one is allocated, nothing changed; ENOMEM.
 */
int page_alloc_reserve(struct page_alloc *p, uint64_t first, uint64_t last);

#endif
