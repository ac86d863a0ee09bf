/* SPDX-License-Identifier: MIT */
/*
 * lint's rules that hold leaves against each other, or against the tables: what is mapped where is
 * kept, and compared when everything has been seen.
 */
#include <stdlib.h>

#include "attrs.h"
#include "lint.h"

enum { ROOM_MIN = 256, TYPES_MAX = 256, TYPE_UNKNOWN = 255 };

/* Types that are kept apart: allocation hints, tags and write-back's kinds are none. */
static uint8_t policy_class(unsigned policy)
{
	enum { NON_CACHEABLE, THROUGH, BACK };

	if (policy == 4 || !policy)
		return NON_CACHEABLE;
	return policy >> 2 == 0 || policy >> 2 == 2 ? THROUGH : BACK;
}

static uint8_t type_class(const struct iopt_attrs *a)
{
	enum { TAGGED = 0xf0, NORMAL = 4 };

	if (!a->known)
		return TYPE_UNKNOWN;
	if (mair_is_device(a->mair))
		return a->mair >> 2;
	if (a->mair == TAGGED)
		return NORMAL + 3 * policy_class(0xf) + policy_class(0xf);
	return (uint8_t)(NORMAL + 3 * policy_class(a->mair >> 4) + policy_class(a->mair & 15));
}

static const char *class_name(uint8_t type)
{
	static const char *const names[] = {
		"device-nGnRnE",
		"device-nGnRE",
		"device-nGRE",
		"device-GRE",
		"normal-nc",
		"normal outer nc, inner wt",
		"normal outer nc, inner wb",
		"normal outer wt, inner nc",
		"normal-wt",
		"normal outer wt, inner wb",
		"normal outer wb, inner nc",
		"normal outer wb, inner wt",
		"normal-wb",
	};

	return type < ARRAY_SIZE(names) ? names[type] : "of unknown type";
}

/* ---- keeping ---- */

/* Room for one more of 'size' bytes; false: no more are kept, or ENOMEM in l->ret. */
static bool make_room(struct lint *l, void **list, size_t *room, size_t count, size_t size)
{
	size_t more = *room ? *room * 2 : ROOM_MIN;
	void *grown;

	if (count < *room)
		return true;
	if (more > LINT_OUTPUTS_MAX) {
		l->too_many = true;
		return false;
	}
	grown = realloc(*list, more * size);
	if (!grown) {
		l->ret = -IOPT_ENOMEM;
		return false;
	}
	*list = grown;
	*room = more;
	return true;
}

void lint_keep_table(struct lint *l, const struct iopt_table *table)
{
	void *list = l->tables;

	if (!lint_wants(l, LINT_TABLE_WRITABLE))
		return;
	if (make_room(l, &list, &l->table_room, l->table_count, sizeof(*l->tables))) {
		l->tables = list;
		l->tables[l->table_count++] =
			(struct range){table->pa, table->pa + (table->bytes - 1)};
	}
}

/* The same stretch goes on, with the same meaning. */
static bool output_grows(struct lint *l, const struct lint_output *o)
{
	struct lint_output *last = l->output_count ? &l->outputs[l->output_count - 1] : NULL;
	uint64_t size;

	if (!last || last->type != o->type || last->writable != o->writable ||
	    last->space != o->space || last->pa.last + 1 != o->pa.first || !o->pa.first)
		return false;
	size = last->pa.last - last->pa.first + 1;
	if (last->iova + size != o->iova)
		return false;
	last->pa.last = o->pa.last;
	return true;
}

static void keep(struct lint *l, const struct lint_output *o)
{
	void *list = l->outputs;

	if (output_grows(l, o))
		return;
	if (make_room(l, &list, &l->output_room, l->output_count, sizeof(*o))) {
		l->outputs = list;
		l->outputs[l->output_count++] = *o;
	}
}

/* What slot i of the leaves maps; a short run's slot its part of the run. */
static uint64_t leaf_address(const struct lint *l, const struct lint_leaves *v, uint64_t i)
{
	const struct pgtable_format *f = l->t->ops->format;
	const uint64_t desc = v->desc + i * v->step;
	uint64_t mask = v->size - 1;

	if (f->run_shift && f->is_run(desc, v->level))
		mask = (v->size << f->run_shift) - 1;
	return (f->leaf_oa(desc, v->level) & ~mask) | ((v->iova + i * v->size) & mask);
}

static bool is_writable(const struct iopt_attrs *a)
{
	return (a->access[0].access | (a->level_count > 1 ? a->access[1].access : 0)) &
	       IOPT_ACCESS_W;
}

void lint_keep_leaves(struct lint *l, const struct lint_leaves *v)
{
	const struct pgtable_format *f = l->t->ops->format;
	const bool run = f->run_shift && f->is_run(v->desc, v->level);
	const bool plain = v->step == v->size && !run;
	const uint64_t bytes = plain ? v->place.count * v->size : v->size;
	struct lint_output o = {
		.table = v->place.table->pa,
		.level = (int8_t)v->level,
		.space = (uint8_t)l->space,
		.type = type_class(&v->attrs),
		.writable = is_writable(&v->attrs),
	};

	if (!(lint_wants(l, LINT_ALIAS_TYPES) || lint_wants(l, LINT_TABLE_WRITABLE)))
		return;
	/* the same page again and again is kept once, consecutive ones as one */
	for (uint64_t i = 0; i < v->place.count && !l->ret; i++) {
		o.pa.first = leaf_address(l, v, i);
		o.pa.last = o.pa.first + (bytes - 1);
		o.iova = v->iova + i * v->size;
		o.index = (uint32_t)(v->place.index + i);
		if (o.pa.last < o.pa.first)
			return;
		keep(l, &o);
		if (plain || (!v->step && !run))
			return;
	}
}

/* ---- comparing ---- */

static int compare_tables(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

/* By where it leads, then by where from, so that the answer does not depend on the sort. */
static int compare_outputs(const void *a, const void *b)
{
	const struct lint_output *x = a, *y = b;

	if (x->pa.first != y->pa.first)
		return x->pa.first < y->pa.first ? -1 : 1;
	if (x->space != y->space)
		return x->space < y->space ? -1 : 1;
	return (x->iova > y->iova) - (x->iova < y->iova);
}

/* The first table that ends at 'pa' or behind it.  Tables are of a few sizes, aligned to them. */
static size_t first_table(const struct lint *l, uint64_t pa)
{
	size_t low = 0, high = l->table_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (l->tables[middle].last < pa)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct iopt_lint_finding place_in(const struct lint_output *o, struct range pa)
{
	return (struct iopt_lint_finding){
		.space = o->space,
		.iova = o->iova + (pa.first - o->pa.first),
		.size = pa.last - pa.first + 1,
		.table = o->table,
		.index = o->index,
		.count = 1,
		.level = o->level,
	};
}

static void compare_with_tables(struct lint *l, const struct lint_output *o)
{
	size_t first = first_table(l, o->pa.first), end = first;
	struct iopt_lint_finding where;
	struct range pa;

	while (end < l->table_count && l->tables[end].first <= o->pa.last)
		end++;
	if (!o->writable || end == first)
		return;
	pa.first = max_u64(l->tables[first].first, o->pa.first);
	pa.last = min_u64(l->tables[end - 1].last, o->pa.last);
	where = place_in(o, pa);
	where.count = end - first;
	lint_find_at(l, LINT_TABLE_WRITABLE, &where, pa.first,
		     "%zu of the tables can be written here, the first at 0x%llx", end - first,
		     (unsigned long long)l->tables[first].first);
}

/* Of each type the output, among those seen, that reaches furthest. */
struct furthest {
	const struct lint_output *by_type[TYPES_MAX];
	uint8_t types[TYPES_MAX];
	unsigned count;
};

static void compare_with_others(struct lint *l, const struct furthest *f,
				const struct lint_output *o)
{
	for (unsigned i = 0; i < f->count; i++) {
		const struct lint_output *other = f->by_type[f->types[i]];
		struct range pa = {o->pa.first, min_u64(o->pa.last, other->pa.last)};
		const struct iopt_lint_finding where = place_in(o, pa);

		if (other->type == o->type || other->pa.last < o->pa.first)
			continue;
		lint_find_at(l, LINT_ALIAS_TYPES, &where, other->type,
			     "0x%llx is %s here, and %s at iova 0x%llx",
			     (unsigned long long)pa.first, class_name(o->type),
			     class_name(other->type),
			     (unsigned long long)(other->iova + (pa.first - other->pa.first)));
	}
}

static void reach(struct furthest *f, const struct lint_output *o)
{
	const struct lint_output **slot = &f->by_type[o->type];

	if (!*slot)
		f->types[f->count++] = o->type;
	if (!*slot || (*slot)->pa.last < o->pa.last)
		*slot = o;
}

static void compare_types(struct lint *l)
{
	struct furthest furthest = {0};

	qsort(l->outputs, l->output_count, sizeof(*l->outputs), compare_outputs);
	for (size_t i = 0; i < l->output_count && !l->ret; i++) {
		const struct lint_output *o = &l->outputs[i];

		if (o->type == TYPE_UNKNOWN)
			continue;
		compare_with_others(l, &furthest, o);
		reach(&furthest, o);
	}
}

void lint_compare(struct lint *l)
{
	if (l->table_count)
		qsort(l->tables, l->table_count, sizeof(*l->tables), compare_tables);
	for (size_t i = 0; i < l->output_count && l->table_count && !l->ret; i++)
		compare_with_tables(l, &l->outputs[i]);
	if (l->output_count && lint_wants(l, LINT_ALIAS_TYPES))
		compare_types(l);
	if (l->too_many)
		lint_find_at(l, LINT_TOO_MANY, &(struct iopt_lint_finding){.count = 1}, 0,
			     "more than %d stretches or tables: the others were not compared",
			     LINT_OUTPUTS_MAX);
}
