/* SPDX-License-Identifier: MIT */
#include "find.h"

#include <stdlib.h>

#include "attrs.h"
#include "domain.h"

enum { INDEX_MAX = 1 << 20, ROOM_MIN = 64 };

/* Tables that point to each other have more slots than anybody can read. */
#define SLOTS_MAX BIT(28)

struct output {
	struct iopt_extent extent;
	uint64_t reach; /* the last byte that it, or one before it, leads to */
};

struct output_index {
	const struct pgtable_ops *ops; /* the space's own */
	struct pgtable_ops watching;
	uint64_t changes; /* of the memory, when it was made */
	size_t count, room;
	struct output *list;
};

static uint64_t extent_bytes(const struct iopt_extent *e)
{
	return e->size * e->count;
}

/* ---- the index ---- */

void output_index_drop(struct pgtable *t)
{
	struct output_index *x = t->outputs;

	if (!x)
		return;
	t->ops = x->ops;
	t->outputs = NULL;
	free(x->list);
	free(x);
}

static int watching_map_pages(struct pgtable *t, struct iopt_pages *pages)
{
	output_index_drop(t);
	return t->ops->map_pages(t, pages);
}

static void watching_unmap_pages(struct pgtable *t, struct iopt_pages *pages)
{
	output_index_drop(t);
	t->ops->unmap_pages(t, pages);
}

struct indexing {
	struct output_index *index;
	uint64_t slots;
};

static int index_table(void *arg, const struct iopt_table *table)
{
	struct indexing *i = arg;

	i->slots += table->slots;
	return i->slots > SLOTS_MAX ? -IOPT_E2BIG : 0;
}

static int index_extent(void *arg, const struct iopt_extent *e)
{
	struct output_index *x = ((struct indexing *)arg)->index;

	if (x->count == x->room) {
		size_t room = x->room ? 2 * x->room : ROOM_MIN;
		struct output *list;

		if (room > INDEX_MAX)
			return -IOPT_E2BIG;
		list = realloc(x->list, room * sizeof(*list));
		if (!list)
			return -IOPT_ENOMEM;
		x->list = list;
		x->room = room;
	}
	x->list[x->count++] = (struct output){.extent = *e};
	return 0;
}

static int compare_outputs(const void *a, const void *b)
{
	const struct iopt_extent *x = &((const struct output *)a)->extent;
	const struct iopt_extent *y = &((const struct output *)b)->extent;

	if (x->pa != y->pa)
		return x->pa < y->pa ? -1 : 1;
	return (x->iova > y->iova) - (x->iova < y->iova);
}

static void index_sort(struct output_index *x)
{
	uint64_t reach = 0;

	if (x->count)
		qsort(x->list, x->count, sizeof(*x->list), compare_outputs);
	for (size_t i = 0; i < x->count; i++) {
		const struct iopt_extent *e = &x->list[i].extent;

		reach = max_u64(reach, e->pa + (extent_bytes(e) - 1));
		x->list[i].reach = reach;
	}
}

static void index_watch(struct pgtable *t, struct output_index *x, uint64_t changes)
{
	x->ops = t->ops;
	x->watching = *t->ops;
	x->watching.map_pages = watching_map_pages;
	x->watching.unmap_pages = watching_unmap_pages;
	x->changes = changes;
	t->ops = &x->watching;
	t->outputs = x;
}

/* The space's index, made if need be.  E2BIG: it would be too large. */
static int index_of(struct iopt_domain *d, unsigned space, struct output_index **index)
{
	struct pgtable *t = &d->spaces[space];
	struct iopt_visitor visitor = IOPT_INIT(struct iopt_visitor);
	struct indexing indexing = {.index = t->outputs};
	int ret;

	*index = t->outputs;
	if (t->outputs && t->outputs->changes == d->memory->changes)
		return 0;
	output_index_drop(t);
	indexing.index = calloc(1, sizeof(*indexing.index));
	if (!indexing.index)
		return -IOPT_ENOMEM;
	visitor.table = index_table;
	visitor.extent = index_extent;
	visitor.reenter = true;
	visitor.arg = &indexing;
	ret = iopt_domain_visit(d, space, &visitor);
	if (ret) {
		free(indexing.index->list);
		free(indexing.index);
		return ret;
	}
	index_sort(indexing.index);
	index_watch(t, indexing.index, d->memory->changes);
	*index = indexing.index;
	return 0;
}

/* The first output that begins past 'pa'. */
static size_t index_past(const struct output_index *x, uint64_t pa)
{
	size_t low = 0, high = x->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (x->list[middle].extent.pa <= pa)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The first of those before 'end' that may still lead into [pa, …). */
static size_t index_from(const struct output_index *x, size_t end, uint64_t pa)
{
	size_t low = 0, high = end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (x->list[middle].reach < pa)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* ---- asking ---- */

struct finding {
	struct iopt_domain *domain;
	const struct iopt_find *what;
	int (*fn)(void *arg, unsigned space, const struct iopt_extent *extent);
	void *arg;
	unsigned space;
	uint64_t slots;
	struct range pa; /* that is looked for in this stage */
	uint64_t moved;	 /* by a second stage: from its output to this stage's */
};

/* What the leaf at e->iova is, after the extent was cut there. */
static void read_leaf(struct pgtable *t, struct iopt_extent *e)
{
	struct pgtable_walk w;

	t->ops->walk(t, e->iova, &w);
	if (w.count && !w.absent && w.steps[w.count - 1].level == e->level)
		e->desc = w.steps[w.count - 1].desc;
}

/* Leaves of the extent the entries that have a byte in 'range', whose first such is 'first'. */
static void cut(struct pgtable *t, struct iopt_extent *e, uint64_t first, struct range range)
{
	const uint64_t last = min_u64(range.last, first + (extent_bytes(e) - 1));
	const uint64_t skip = range.first > first ? (range.first - first) / e->size : 0;

	e->count = (last - first) / e->size - skip + 1;
	e->iova += skip * e->size;
	e->pa += skip * e->size;
	if (skip)
		read_leaf(t, e);
}

static int tell(struct finding *f, struct iopt_extent *e)
{
	struct pgtable *t = &f->domain->spaces[f->space];
	const struct iopt_find *what = f->what;
	const struct range iova = {what->iova_first, what->iova_last};
	struct iopt_attrs attrs;

	if (what->by_iova) {
		if (!ranges_overlap(iova, (struct range){e->iova, e->iova + extent_bytes(e) - 1}))
			return 0;
		cut(t, e, e->iova, iova);
	}
	if (what->query) {
		space_attrs(t, e->desc, e->level, e->inherited, &attrs);
		if (!iopt_query_matches(what->query, e, &attrs))
			return 0;
	}
	return f->fn(f->arg, f->space, e);
}

/* An extent that leads into the range, whose address is the second stage's if there is one. */
static int tell_output(struct finding *f, const struct iopt_extent *e)
{
	struct pgtable *t = &f->domain->spaces[f->space];
	struct iopt_extent part = *e;

	if (!ranges_overlap(f->pa, (struct range){e->pa, e->pa + (extent_bytes(e) - 1)}))
		return 0;
	cut(t, &part, part.pa, f->pa);
	part.pa += f->moved;
	return tell(f, &part);
}

static int visit_table(void *arg, const struct iopt_table *table)
{
	struct finding *f = arg;

	f->slots += table->slots;
	return f->slots > SLOTS_MAX ? -IOPT_E2BIG : 0;
}

static int visit_any(void *arg, const struct iopt_extent *e)
{
	struct iopt_extent whole = *e;

	return tell(arg, &whole);
}

static int visit_output(void *arg, const struct iopt_extent *e)
{
	return tell_output(arg, e);
}

/* Short descriptors' runs are whole where the visit is not cut inside one. */
static void set_range(const struct finding *f, struct iopt_visitor *visitor)
{
	enum { SUPERSECTION_SHIFT = 24 };
	const uint64_t mask = f->domain->spaces[f->space].ops->format->run_shift
				      ? low_bits(SUPERSECTION_SHIFT)
				      : 0;

	visitor->last = UINT64_MAX;
	if (!f->what->by_iova)
		return;
	visitor->first = f->what->iova_first & ~mask;
	visitor->last = f->what->iova_last | mask;
}

static int find_by_visit(struct finding *f, int (*extent)(void *arg, const struct iopt_extent *e))
{
	struct iopt_visitor visitor = IOPT_INIT(struct iopt_visitor);

	set_range(f, &visitor);
	visitor.table = visit_table;
	visitor.extent = extent;
	visitor.reenter = true;
	visitor.arg = f;
	return iopt_domain_visit(f->domain, f->space, &visitor);
}

static int find_by_index(struct finding *f)
{
	struct output_index *x;
	int ret = index_of(f->domain, f->space, &x);
	size_t end;

	if (ret == -IOPT_E2BIG)
		return find_by_visit(f, visit_output);
	if (ret)
		return ret;
	end = index_past(x, f->pa.last);
	for (size_t i = index_from(x, end, f->pa.first); i < end && !ret; i++)
		ret = tell_output(f, &x->list[i].extent);
	return ret;
}

static int find_spaces(struct finding *f, bool by_pa)
{
	int ret = 0;

	for (f->space = 0; !ret && f->space < f->domain->space_count; f->space++)
		ret = by_pa ? find_by_index(f) : find_by_visit(f, visit_any);
	return ret;
}

/* Of the second stage: what leads there is an output address of the first. */
static int find_above(void *arg, unsigned space, const struct iopt_extent *e)
{
	struct finding *f = arg;
	const struct range pa = {f->what->pa_first, f->what->pa_last};
	const uint64_t first = max_u64(e->pa, pa.first);
	const uint64_t last = min_u64(e->pa + (extent_bytes(e) - 1), pa.last);

	(void)space;
	f->moved = e->pa - e->iova;
	f->pa = (struct range){first - f->moved, last - f->moved};
	return find_spaces(f, true);
}

int iopt_find(struct iopt_domain *d, const struct iopt_find *what,
	      int (*fn)(void *arg, unsigned space, const struct iopt_extent *extent), void *arg)
{
	struct finding f = {.domain = d, .what = what, .fn = fn, .arg = arg};
	struct iopt_find below;
	int ret;

	if (what->struct_size < sizeof(*what))
		return -IOPT_EINVAL;
	if (!d->space_count)
		return -IOPT_ENOENT;
	ret = domain_refresh(d);
	if (ret)
		return ret;
	f.pa = (struct range){what->pa_first, what->pa_last};
	if (!what->by_pa || !d->stage2)
		return find_spaces(&f, what->by_pa);
	below = *what;
	below.by_iova = false;
	below.query = NULL;
	return iopt_find(d->stage2, &below, find_above, &f);
}
