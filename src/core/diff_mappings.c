/* SPDX-License-Identifier: MIT */
/*
 * Two domains mapping by mapping: each is read a batch at a time, from where the last one ended,
 * and of what is next in both the part up to the nearest edge is one change, or none.
 */
#include <stdlib.h>

#include "diff.h"

enum { BATCH = 1024, FULL = 1 };

/* What is left of an extent, which may be a part of an entry. */
struct piece {
	struct iopt_extent extent;
	uint64_t last;
};

/* Extents of one domain in rising order. */
struct cursor {
	struct iopt_domain *domain;
	unsigned space;
	uint64_t next;	/* where the batch after this one begins */
	uint64_t slots; /* read up to now */
	bool ended;	/* there is no other batch */
	size_t at, count;
	struct piece batch[BATCH];
};

static int batch_table(void *arg, const struct iopt_table *table)
{
	struct cursor *c = arg;

	c->slots += table->slots;
	return c->slots > DIFF_SLOTS_MAX ? -IOPT_E2BIG : 0;
}

static int batch_extent(void *arg, const struct iopt_extent *e)
{
	struct cursor *c = arg;

	c->batch[c->count++] = (struct piece){*e, e->iova + (e->size * e->count - 1)};
	return c->count == BATCH ? FULL : 0;
}

static int cursor_fill(struct cursor *c)
{
	struct iopt_visitor visitor = IOPT_INIT(struct iopt_visitor);
	int ret;

	c->at = c->count = 0;
	visitor.first = c->next;
	visitor.last = UINT64_MAX;
	visitor.table = batch_table;
	visitor.extent = batch_extent;
	visitor.reenter = true;
	visitor.arg = c;
	ret = iopt_domain_visit(c->domain, c->space, &visitor);
	if (ret < 0)
		return ret;
	c->ended = ret != FULL;
	if (c->count) {
		c->next = c->batch[c->count - 1].last + 1;
		c->ended |= !c->next;
	}
	return 0;
}

/* What is next; NULL with *ret 0: nothing. */
static const struct piece *cursor_peek(struct cursor *c, int *ret)
{
	*ret = 0;
	if (c->at == c->count && !c->ended)
		*ret = cursor_fill(c);
	return c->at < c->count && !*ret ? &c->batch[c->at] : NULL;
}

/* Takes what lies before 'end' (0: all) away; the attributes are the same all along. */
static void cursor_take(struct cursor *c, uint64_t end)
{
	struct piece *p = &c->batch[c->at];

	if (!end || p->last < end) {
		c->at++;
		return;
	}
	p->extent.pa += end - p->extent.iova;
	p->extent.iova = end;
}

/* The first edge past the beginning of what comes first; 0: the end of all addresses. */
static uint64_t nearest_edge(const struct piece *a, const struct piece *b)
{
	const struct piece *first = !b || (a && a->extent.iova <= b->extent.iova) ? a : b;
	const struct piece *other = first == a ? b : a;

	if (!other)
		return first->last + 1;
	if (other->extent.iova > first->extent.iova)
		return min_u64(first->last, other->extent.iova - 1) + 1;
	return min_u64(first->last, other->last) + 1;
}

/* One step over both. */
static int step(struct diff *d, struct cursor *cursors, const struct piece *a,
		const struct piece *b)
{
	const uint64_t edge = nearest_edge(a, b);
	const bool in_a = a && (!b || a->extent.iova <= b->extent.iova);
	const bool in_b = b && (!a || b->extent.iova <= a->extent.iova);
	struct iopt_change c = {
		.kind = in_a && in_b ? IOPT_CHANGED
			: in_a	     ? IOPT_REMOVED
				     : IOPT_ADDED,
		.iova = in_a ? a->extent.iova : b->extent.iova,
	};

	c.size = edge - c.iova;
	if (in_a) {
		c.before.extent = a->extent;
		cursor_take(&cursors[0], edge);
	}
	if (in_b) {
		c.after.extent = b->extent;
		cursor_take(&cursors[1], edge);
	}
	return diff_add(d, &c);
}

int diff_mappings(struct diff *d)
{
	struct cursor *cursors = calloc(2, sizeof(*cursors));
	int ret = cursors ? 0 : -IOPT_ENOMEM;

	for (unsigned i = 0; !ret && i < 2; i++) {
		cursors[i].domain = d->domains[i];
		cursors[i].space = d->space;
		cursors[i].ended = d->space >= d->domains[i]->space_count;
		if (!cursors[i].ended)
			cursors[i].next = d->domains[i]->spaces[d->space].first;
	}
	while (!ret) {
		const struct piece *a = cursor_peek(&cursors[0], &ret), *b = NULL;

		if (!ret)
			b = cursor_peek(&cursors[1], &ret);
		if (ret || (!a && !b))
			break;
		ret = step(d, cursors, a, b);
	}
	free(cursors);
	return ret;
}
