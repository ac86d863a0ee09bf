/* SPDX-License-Identifier: MIT */
/*
 * Each window is a zone with one binary tree over units of 1 KiB.  A node is a byte that says how
 * large the largest free block below it is, so that the lowest block that fits is found by going
 * down once.  Nodes of 64 MiB and more lie in one array; what is below a 64 MiB node is a chunk,
 * an array of its own that appears when the first smaller block in it is taken.
 *
 * A byte holds how many orders are missing from "all free": fresh zeroed memory means free, so
 * that a large zone costs nothing before it is used.
 */
#include "page_alloc.h"

#include <stdlib.h>

#include "iopt.h"

enum {
	CHUNK_ORDER = 16,
	NODE_MISSING = 0x3f,
	NODE_ALLOCATED = 0x40, /* one allocation, of the size of this node */
	NODE_RESERVED = 0x80,  /* outside the window, or taken by page_alloc_reserve() */
};

/* What is below a node of CHUNK_ORDER. */
struct page_chunk {
	struct page_chunk *next;	 /* of the zone, in no order */
	uint8_t nodes[2 << CHUNK_ORDER]; /* heap-shaped; [1] is not used, its place is in 'top' */
};

struct page_zone {
	struct range range; /* the window */
	uint64_t base;	    /* of the tree: the window's, aligned down to the largest block */
	unsigned order;	    /* of the whole tree: log2 units */
	uint8_t *top;	    /* heap-shaped, [1] is the root */
	struct page_chunk **chunks;
	struct page_chunk *all;
};

/* The 'index'-th block of 2^order units. */
struct node {
	unsigned order;
	uint64_t index;
};

static uint8_t *node_byte(const struct page_zone *z, struct node n)
{
	struct page_chunk *chunk;
	unsigned depth;

	if (n.order >= CHUNK_ORDER)
		return &z->top[BIT(z->order - n.order) + n.index];
	depth = CHUNK_ORDER - n.order;
	chunk = z->chunks[n.index >> depth];
	return &chunk->nodes[BIT(depth) + (n.index & low_bits(depth))];
}

static struct node node_child(struct node n, unsigned which)
{
	return (struct node){n.order - 1, 2 * n.index + which};
}

static struct range node_units(struct node n)
{
	uint64_t first = n.index << n.order;

	return (struct range){first, first + low_bits(n.order)};
}

/* 1 + the order of the largest free block in it; 0: none is free. */
static unsigned node_longest(const struct page_zone *z, struct node n)
{
	return n.order + 1 - (*node_byte(z, n) & NODE_MISSING);
}

static void node_take(const struct page_zone *z, struct node n, uint8_t flag)
{
	*node_byte(z, n) = (uint8_t)((n.order + 1) | flag);
}

/* From what its halves say. */
static void node_update(const struct page_zone *z, struct node n)
{
	unsigned left = node_longest(z, node_child(n, 0));
	unsigned right = node_longest(z, node_child(n, 1));
	unsigned longest = left > right ? left : right;

	if (left == n.order && right == n.order)
		longest = n.order + 1;
	*node_byte(z, n) = (uint8_t)(n.order + 1 - longest);
}

static void update_above(const struct page_zone *z, struct node n)
{
	while (n.order < z->order) {
		n = (struct node){n.order + 1, n.index / 2};
		node_update(z, n);
	}
}

/* Before going below 'n': false if there is no memory for its chunk. */
static bool node_open(struct page_zone *z, struct node n)
{
	struct page_chunk *chunk;

	if (n.order != CHUNK_ORDER || z->chunks[n.index])
		return true;
	chunk = calloc(1, sizeof(*chunk));
	if (!chunk)
		return false;
	chunk->next = z->all;
	z->all = chunk;
	z->chunks[n.index] = chunk;
	return true;
}

static struct node zone_root(const struct page_zone *z)
{
	return (struct node){z->order, 0};
}

/* Nothing in 'units' is allocated. */
static int node_reserve(struct page_zone *z, struct node n, struct range units)
{
	struct range here = node_units(n);
	int err;

	if (!ranges_overlap(here, units) || (*node_byte(z, n) & NODE_RESERVED))
		return 0;
	if (units.first <= here.first && here.last <= units.last) {
		node_take(z, n, NODE_RESERVED);
		return 0;
	}
	if (!node_open(z, n))
		return -IOPT_ENOMEM;
	err = node_reserve(z, node_child(n, 0), units);
	if (!err)
		err = node_reserve(z, node_child(n, 1), units);
	node_update(z, n);
	return err;
}

static bool node_busy(const struct page_zone *z, struct node n, struct range units)
{
	uint8_t byte = *node_byte(z, n);

	if (!ranges_overlap(node_units(n), units) || !byte || (byte & NODE_RESERVED))
		return false;
	if (byte & NODE_ALLOCATED)
		return true;
	return n.order &&
	       (node_busy(z, node_child(n, 0), units) || node_busy(z, node_child(n, 1), units));
}

static struct range zone_units(const struct page_zone *z, struct range bytes)
{
	return (struct range){(bytes.first - z->base) >> PAGE_ALLOC_MIN_SHIFT,
			      (bytes.last - z->base) >> PAGE_ALLOC_MIN_SHIFT};
}

/* The tree is larger than the window: what is beside the window must never be handed out. */
static int zone_fence(struct page_zone *z)
{
	struct range inside = zone_units(z, z->range);
	struct range all = node_units(zone_root(z));
	int err = 0;

	if (inside.first)
		err = node_reserve(z, zone_root(z), (struct range){0, inside.first - 1});
	if (!err && inside.last < all.last)
		err = node_reserve(z, zone_root(z), (struct range){inside.last + 1, all.last});
	return err;
}

static void zone_finish(struct page_zone *z)
{
	struct page_chunk *chunk, *next;

	for (chunk = z->all; chunk; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	free(z->chunks);
	free(z->top);
}

static int zone_init(struct page_zone *z, struct range range)
{
	int err = -IOPT_ENOMEM;
	uint64_t units;

	*z = (struct page_zone){.range = range};
	z->base = align_down(range.first, BIT(PAGE_ALLOC_MAX_SHIFT));
	units = ((range.last - z->base) >> PAGE_ALLOC_MIN_SHIFT) + 1;
	z->order = log2_up(units);
	if (z->order < CHUNK_ORDER)
		z->order = CHUNK_ORDER;
	z->top = calloc(2, BIT(z->order - CHUNK_ORDER));
	z->chunks = calloc(BIT(z->order - CHUNK_ORDER), sizeof(void *));
	if (z->top && z->chunks)
		err = zone_fence(z);
	if (err)
		zone_finish(z);
	return err;
}

/* The first zone that ends at or after pa; zone_count: none does. */
static size_t zone_search(const struct page_alloc *p, uint64_t pa)
{
	size_t low = 0, high = p->zone_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (p->zones[middle].range.last < pa)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int page_alloc_add(struct page_alloc *p, uint64_t base, uint64_t bytes)
{
	struct page_zone zone, *zones;
	struct range range;
	size_t at;
	int err;

	if (!bytes || ((base | bytes) & 0xfff))
		return -IOPT_EINVAL;
	if (!range_make(base, bytes, &range) || bytes > BIT(PAGE_ALLOC_WINDOW_SHIFT))
		return -IOPT_ERANGE;
	zones = realloc(p->zones, (p->zone_count + 1) * sizeof(*zones));
	if (!zones)
		return -IOPT_ENOMEM;
	p->zones = zones;
	err = zone_init(&zone, range);
	if (err)
		return err;
	at = zone_search(p, base);
	memmove(&zones[at + 1], &zones[at], (p->zone_count - at) * sizeof(*zones));
	zones[at] = zone;
	p->zone_count++;
	return 0;
}

void page_alloc_remove(struct page_alloc *p, uint64_t base)
{
	const size_t at = zone_search(p, base);

	zone_finish(&p->zones[at]);
	p->zone_count--;
	memmove(&p->zones[at], &p->zones[at + 1], (p->zone_count - at) * sizeof(*p->zones));
}

void page_alloc_destroy(struct page_alloc *p)
{
	size_t i;

	for (i = 0; i < p->zone_count; i++)
		zone_finish(&p->zones[i]);
	free(p->zones);
	*p = (struct page_alloc){.budget = p->budget};
}

/* A block of 2^order units that is known to be there. */
static int zone_alloc(struct page_zone *z, unsigned order, uint64_t *pa)
{
	struct node n = zone_root(z);

	while (n.order > order) {
		if (!node_open(z, n))
			return -IOPT_ENOMEM;
		n = node_child(n, 0);
		if (node_longest(z, n) <= order)
			n.index++;
	}
	node_take(z, n, NODE_ALLOCATED);
	update_above(z, n);
	*pa = z->base + (n.index << n.order << PAGE_ALLOC_MIN_SHIFT);
	return 0;
}

int page_alloc(struct page_alloc *p, unsigned shift, uint64_t *pa)
{
	unsigned order = shift - PAGE_ALLOC_MIN_SHIFT;
	size_t i;
	int err;

	if (shift < PAGE_ALLOC_MIN_SHIFT || shift > PAGE_ALLOC_MAX_SHIFT)
		return -IOPT_EINVAL;
	if (!p->budget)
		return -IOPT_ENOMEM;
	for (i = 0; i < p->zone_count; i++)
		if (node_longest(&p->zones[i], zone_root(&p->zones[i])) > order)
			break;
	if (i == p->zone_count)
		return -IOPT_ENOMEM;
	err = zone_alloc(&p->zones[i], order, pa);
	if (err)
		return err;
	if (p->budget != UINT64_MAX)
		p->budget--;
	p->allocated += BIT(shift);
	return 0;
}

/* The allocated node that has 'unit'; if it is not allocated, a node that says so. */
static struct node zone_find(const struct page_zone *z, uint64_t unit)
{
	struct node n = zone_root(z);

	while (n.order && *node_byte(z, n) &&
	       !(*node_byte(z, n) & (NODE_ALLOCATED | NODE_RESERVED)))
		n = node_child(n, unit >> (n.order - 1) & 1);
	return n;
}

uint64_t page_free(struct page_alloc *p, uint64_t pa)
{
	size_t i = zone_search(p, pa);
	struct page_zone *z;
	struct node n;
	uint64_t bytes;

	if (i == p->zone_count || p->zones[i].range.first > pa)
		return 0;
	z = &p->zones[i];
	n = zone_find(z, (pa - z->base) >> PAGE_ALLOC_MIN_SHIFT);
	if (!(*node_byte(z, n) & NODE_ALLOCATED) || pa - z->base != n.index << n.order
									    << PAGE_ALLOC_MIN_SHIFT)
		return 0;
	*node_byte(z, n) = 0;
	update_above(z, n);
	bytes = BIT(n.order + PAGE_ALLOC_MIN_SHIFT);
	p->allocated -= bytes;
	return bytes;
}

bool page_alloc_busy(const struct page_alloc *p, uint64_t first, uint64_t last)
{
	size_t i;

	for (i = zone_search(p, first); i < p->zone_count; i++) {
		const struct page_zone *z = &p->zones[i];
		struct range part = {max_u64(first, z->range.first), min_u64(last, z->range.last)};

		if (part.first > part.last)
			break;
		if (node_busy(z, zone_root(z), zone_units(z, part)))
			return true;
	}
	return false;
}

int page_alloc_reserve(struct page_alloc *p, uint64_t first, uint64_t last)
{
	size_t i;
	int err;

	if (page_alloc_busy(p, first, last))
		return -IOPT_EBUSY;
	for (i = zone_search(p, first); i < p->zone_count; i++) {
		struct page_zone *z = &p->zones[i];
		struct range part = {max_u64(first, z->range.first), min_u64(last, z->range.last)};

		if (part.first > part.last)
			break;
		err = node_reserve(z, zone_root(z), zone_units(z, part));
		if (err)
			return err;
	}
	return 0;
}
