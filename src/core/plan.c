/* SPDX-License-Identifier: MIT */
/* Regions, checked and in order, as spans without overlap. */
#include "plan.h"

#include <stdlib.h>

#include "error.h"

/* A region that is being covered, and how far it is. */
struct open_region {
	size_t region;
	uint64_t cursor;
	bool done; /* covered to its last byte */
};

struct planning {
	struct plan *plan;
	const struct plan_region *regions;
	size_t count;
	struct plan_blame *blame;
	struct iopt_error *error;
	struct open_region *stack;
	size_t depth;
	/* what was put last, and the guard that reaches farthest */
	bool have_last, have_guard;
	uint64_t last, guard_last;
	size_t last_region, guard_region;
	/* the attributes of the last region that was encoded */
	const struct attrs_wish *wish;
	struct attrs_code code;
};

/* ---- complaints ---- */

static int blame(struct planning *p, size_t region, const char *member)
{
	*p->blame = (struct plan_blame){region, member};
	return 0;
}

#define REFUSE(p, region, member, code, ...) \
	(blame(p, region, member), error_set((p)->error, IOPT_FAILURE_REQUEST, code, __VA_ARGS__))

static unsigned long long hex(uint64_t v)
{
	return v;
}

static uint64_t last_of(const struct plan_region *r)
{
	return r->va + (r->size - 1);
}

/* ---- one region by itself ---- */

static int check_aligned(struct planning *p, size_t i)
{
	const struct plan_region *r = &p->regions[i];
	const struct {
		const char *member;
		uint64_t value;
	} values[] = {{"va", r->va}, {"pa", r->pa}, {"size", r->size}, {"guard", r->guard}};
	const uint64_t granule = BIT(p->plan->tree.ops->format->granule_shift);

	for (unsigned k = 0; k < ARRAY_SIZE(values); k++) {
		uint64_t align = r->page_size && k < 3 ? r->page_size : granule;

		if (values[k].value & (align - 1))
			return REFUSE(p, i, values[k].member, IOPT_EINVAL,
				      "region %s: %s 0x%llx is not a multiple of 0x%llx%s", r->name,
				      values[k].member, hex(values[k].value), hex(align),
				      align == granule ? "" : ", its page_size");
	}
	return 0;
}

static int check_range(struct planning *p, size_t i)
{
	const struct plan_region *r = &p->regions[i];
	const struct pgtable *t = &p->plan->tree;
	struct range va, pa;

	if (!r->size)
		return REFUSE(p, i, "size", IOPT_EINVAL, "region %s is empty", r->name);
	if (!range_make(r->va, r->size, &va) || !pgtable_reaches(t, va.first) ||
	    !pgtable_reaches(t, va.last))
		return REFUSE(p, i, "va", IOPT_ERANGE,
			      "region %s, 0x%llx bytes at 0x%llx, leaves 0x%llx..0x%llx, what %u "
			      "bits (ias) translate",
			      r->name, hex(r->size), hex(r->va), hex(t->first), hex(t->last),
			      t->ias);
	if (!range_make(r->pa, r->size, &pa) || pa.last & t->map_beyond)
		return REFUSE(p, i, "pa", IOPT_ERANGE,
			      "region %s, 0x%llx bytes at 0x%llx, leaves the %u bits of output "
			      "addresses (oas)",
			      r->name, hex(r->size), hex(r->pa), t->oas);
	return 0;
}

static bool level_may_map(const struct pgtable *t, const struct plan_region *r, int level)
{
	return level >= t->start_level &&
	       !((r->va ^ r->pa) & (BIT(block_shift(t->ops->format, level)) - 1));
}

/* A leaf size, or a run's of short descriptors, as levels. */
static int force_levels(struct planning *p, size_t i, struct pgtable_span *map)
{
	const struct plan_region *r = &p->regions[i];
	const struct pgtable *t = &p->plan->tree;
	const struct pgtable_format *f = t->ops->format;

	for (int level = f->first_leaf_level; level <= f->last_level; level++) {
		unsigned shift = block_shift(f, level);
		bool run = f->run_shift && r->page_size == BIT(shift) << f->run_shift;

		if (level < t->start_level || (r->page_size != BIT(shift) && !run))
			continue;
		map->first_level = map->last_level = (int8_t)level;
		if (f->run_shift)
			map->runs = run;
		return 0;
	}
	return REFUSE(p, i, "page_size", IOPT_EINVAL,
		      "region %s: these tables have no leaves of 0x%llx bytes", r->name,
		      hex(r->page_size));
}

/* How a region is mapped, but for the range. */
static int choose_levels(struct planning *p, size_t i, struct pgtable_span *map)
{
	const struct plan_region *r = &p->regions[i];
	const struct pgtable_format *f = p->plan->tree.ops->format;

	map->runs = !r->no_runs;
	if (r->page_size)
		return force_levels(p, i, map);
	map->last_level = f->last_level;
	map->first_level = f->first_leaf_level;
	while (!level_may_map(&p->plan->tree, r, map->first_level))
		map->first_level++;
	return 0;
}

static bool wish_is(const struct attrs_wish *a, const struct attrs_wish *b)
{
	return a->access == b->access && a->el0 == b->el0 && a->share == b->share &&
	       a->ns == b->ns && a->nse == b->nse && a->global == b->global &&
	       !strcmp(a->memory, b->memory);
}

/* Neighbours mostly want the same: it is encoded once. */
static int encode(struct planning *p, size_t i)
{
	const struct attrs_wish *wish = &p->regions[i].wish;
	const char *member;
	int ret;

	if (p->wish && wish_is(p->wish, wish))
		return 0;
	ret = attrs_encode(&p->plan->tree, wish, &p->code, &member, p->error);
	if (ret)
		blame(p, i, member);
	else
		p->wish = wish;
	return ret;
}

/* ---- spans ---- */

static bool continues(const struct plan_span *a, const struct plan_span *b)
{
	return a->map.iova + a->map.bytes == b->map.iova && a->map.oa + a->map.bytes == b->map.oa &&
	       a->map.attrs == b->map.attrs && a->table_bits == b->table_bits &&
	       a->map.first_level == b->map.first_level && a->map.last_level == b->map.last_level &&
	       a->map.runs == b->map.runs;
}

static int put(struct planning *p, const struct plan_span *span)
{
	struct plan *plan = p->plan;
	struct plan_span *last = plan->count ? &plan->spans[plan->count - 1] : NULL;

	if (last && continues(last, span)) {
		last->map.bytes += span->map.bytes;
		return 0;
	}
	if (plan->count == plan->room) {
		size_t room = plan->room ? 2 * plan->room : 64;
		struct plan_span *spans = realloc(plan->spans, room * sizeof(*spans));

		if (!spans)
			return error_set(p->error, IOPT_FAILURE_LIMIT, IOPT_ENOMEM,
					 "out of memory");
		plan->spans = spans;
		plan->room = room;
	}
	plan->spans[plan->count++] = *span;
	return 0;
}

/* [first, last] of a region. */
static int cover(struct planning *p, size_t i, uint64_t first, uint64_t last)
{
	const struct plan_region *r = &p->regions[i];
	struct plan_span span = {
		.map = {.iova = first, .oa = r->pa + (first - r->va), .bytes = last - first + 1},
		.region = i,
	};
	int ret = choose_levels(p, i, &span.map);

	if (!ret && r->page_size && (first | (last + 1)) & (r->page_size - 1))
		ret = REFUSE(p, i, "page_size", IOPT_EINVAL,
			     "region %s: 0x%llx..0x%llx, what others leave of it, is not made of "
			     "0x%llx bytes, its page_size",
			     r->name, hex(first), hex(last), hex(r->page_size));
	if (!ret)
		ret = encode(p, i);
	if (ret)
		return ret;
	span.map.attrs = p->code.leaf;
	span.table_bits = p->code.table;
	p->have_last = true;
	p->last = last;
	p->last_region = i;
	return put(p, &span);
}

/* The region on top of the stack goes on past 'last', unless that is its end. */
static void step_past(struct open_region *o, uint64_t last, uint64_t end)
{
	o->done = last >= end;
	o->cursor = last + 1;
}

static int close_region(struct planning *p)
{
	const struct open_region o = p->stack[--p->depth];
	const struct plan_region *r = &p->regions[o.region];
	const uint64_t last = last_of(r);
	uint64_t reach = last;
	int ret = o.done ? 0 : cover(p, o.region, o.cursor, last);

	if (__builtin_add_overflow(last, r->guard, &reach))
		reach = UINT64_MAX;
	if (r->guard && (!p->have_guard || reach > p->guard_last)) {
		p->have_guard = true;
		p->guard_last = reach;
		p->guard_region = o.region;
	}
	if (p->depth)
		step_past(&p->stack[p->depth - 1], reach,
			  last_of(&p->regions[p->stack[p->depth - 1].region]));
	return ret;
}

static int check_guards(struct planning *p, size_t i)
{
	const struct plan_region *r = &p->regions[i];
	size_t other;

	if (p->have_guard && p->guard_last >= r->va)
		other = p->guard_region;
	else if (r->guard && p->have_last && r->va - p->last <= r->guard)
		other = p->last_region;
	else
		return 0;
	return REFUSE(p, i, "va", IOPT_EEXIST, "region %s is in the guard between it and %s",
		      r->name, p->regions[other].name);
}

/* What it lies in is covered up to it, or to its guard. */
static int cover_before(struct planning *p, struct open_region *o, const struct plan_region *r)
{
	uint64_t end = r->va > r->guard ? r->va - r->guard : 0;

	return !o->done && end > o->cursor ? cover(p, o->region, o->cursor, end - 1) : 0;
}

static int open_inside(struct planning *p, size_t i)
{
	const struct plan_region *r = &p->regions[i];
	struct open_region *o = &p->stack[p->depth - 1];
	const struct plan_region *outer = &p->regions[o->region];

	if (r->refines != (int64_t)o->region)
		return REFUSE(p, i, "va", IOPT_EEXIST,
			      "regions %s (0x%llx..0x%llx) and %s (0x%llx..0x%llx) overlap",
			      outer->name, hex(outer->va), hex(last_of(outer)), r->name, hex(r->va),
			      hex(last_of(r)));
	if (last_of(r) > last_of(outer))
		return REFUSE(p, i, "refines", IOPT_ERANGE,
			      "region %s reaches to 0x%llx, past %s, which it refines and which "
			      "ends at 0x%llx",
			      r->name, hex(last_of(r)), outer->name, hex(last_of(outer)));
	return cover_before(p, o, r);
}

static int open_region(struct planning *p, size_t i)
{
	const struct plan_region *r = &p->regions[i];
	int ret = 0;

	while (!ret && p->depth && last_of(&p->regions[p->stack[p->depth - 1].region]) < r->va)
		ret = close_region(p);
	if (!ret && p->depth)
		ret = open_inside(p, i);
	else if (!ret && r->refines != PLAN_NONE)
		ret = REFUSE(p, i, "refines", IOPT_ERANGE, "region %s is not within %s", r->name,
			     p->regions[r->refines].name);
	if (!ret)
		ret = check_guards(p, i);
	p->stack[p->depth++] = (struct open_region){.region = i, .cursor = r->va};
	return ret;
}

/* ---- all ---- */

struct order {
	uint64_t va, last;
	size_t region;
};

/* What is refined comes before what refines it: it begins earlier, ends later, or is older. */
static int compare(const void *one, const void *two)
{
	const struct order *a = one, *b = two;

	if (a->va != b->va)
		return a->va < b->va ? -1 : 1;
	if (a->last != b->last)
		return a->last > b->last ? -1 : 1;
	return a->region < b->region ? -1 : a->region > b->region;
}

/* Mostly they are: then nothing is moved. */
static bool is_sorted(const struct order *order, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (compare(&order[i - 1], &order[i]) > 0)
			return false;
	return true;
}

static int plan_spans(struct planning *p, struct order *order)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < p->count; i++) {
		assert(p->regions[i].refines < (int64_t)i);
		ret = check_range(p, i);
		if (!ret)
			ret = check_aligned(p, i);
		order[i] = (struct order){p->regions[i].va, last_of(&p->regions[i]), i};
	}
	if (!ret && !is_sorted(order, p->count))
		qsort(order, p->count, sizeof(*order), compare);
	for (size_t i = 0; !ret && i < p->count; i++)
		ret = open_region(p, order[i].region);
	while (!ret && p->depth)
		ret = close_region(p);
	return ret;
}

static int plan_regions(struct planning *p)
{
	struct order *order = malloc((p->count + 1) * sizeof(*order));
	int ret = -IOPT_ENOMEM;

	p->stack = malloc((p->count + 1) * sizeof(*p->stack));
	if (order && p->stack)
		ret = plan_spans(p, order);
	else
		error_set(p->error, IOPT_FAILURE_LIMIT, IOPT_ENOMEM, "out of memory");
	free(order);
	free(p->stack);
	return ret;
}

int plan_make(struct plan *plan, const struct pgtable *tree, const struct plan_region *regions,
	      size_t count, struct plan_blame *where, struct iopt_error *error)
{
	struct planning p = {
		.plan = plan,
		.regions = regions,
		.count = count,
		.blame = where,
		.error = error,
	};
	int ret;

	*plan = (struct plan){.tree = *tree};
	ret = plan_regions(&p);
	return ret ? ret : plan_count(plan, regions, where, error);
}

void plan_free(struct plan *plan)
{
	free(plan->spans);
	plan->spans = NULL;
	plan->count = plan->room = 0;
}
