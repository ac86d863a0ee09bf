/* SPDX-License-Identifier: MIT */
/*
 * The visit of a whole tree: tables, runs and extents, each table once.  Inlined over one format
 * like the engine; only pgtable_*.c may include this.
 */
#ifndef IOPT_PGTABLE_VISIT_H
#define IOPT_PGTABLE_VISIT_H

#include "pgtable_walk.h"

struct visit_table {
	uint64_t pa, iova, slots, next; /* next: slot to look at */
	uint64_t inherited;
	int level;
};

enum { NO_PA = 1 }; /* no leaf is there */

struct visit {
	struct pgtable *t;
	const struct iopt_visitor *visitor;
	uint64_t first, last;
	struct seen seen;
	struct iopt_extent extent;   /* pending; count 0: none */
	uint64_t next_iova, next_pa; /* what would join it; pa NO_PA: nothing */
	struct visit_table stack[PGTABLE_LEVELS];
	unsigned depth;
	uint64_t tables; /* entered */
};

/* Bytes that a step of one slot means: a table's size, or what the slot covers. */
PGTABLE_INLINE uint64_t run_step(const struct pgtable_format *f, enum iopt_type type, int level)
{
	return type == IOPT_TYPE_TABLE ? BIT(f->index_bits + f->desc_shift)
				       : BIT(block_shift(f, level));
}

/* Adds slot 'i' to *r; false: it does not belong there. */
PGTABLE_INLINE bool run_grows(const struct pgtable_format *f, struct iopt_run *r, uint64_t i,
			      uint64_t desc, enum iopt_type type, int level)
{
	if (!r->count || i != r->first + r->count || type != r->type)
		return false;
	if (r->count == 1) {
		if (desc != r->desc && desc - r->desc != run_step(f, type, level))
			return false;
		r->step = desc - r->desc;
	} else if (desc != r->desc + r->count * r->step) {
		return false;
	}
	r->count++;
	return true;
}

PGTABLE_INLINE int visit_runs(const struct pgtable_format *f, const struct visit *v,
			      const struct iopt_table *table)
{
	const struct iopt_visitor *to = v->visitor;
	struct iopt_run r = {0};
	uint64_t n;

	for (uint64_t i = 0; i < table->slots; i += n) {
		const char *span =
			slots_span(f, v->t, table->pa + (i << f->desc_shift), table->slots - i, &n);
		uint64_t generation = v->t->memory->generation;

		for (uint64_t j = 0; span && j < n; j++) {
			uint64_t desc = desc_load(f, span, j);
			enum iopt_type type;
			int ret;

			if (!desc)
				continue;
			type = pgtable_type(f, desc, table->level);
			if (!to->expand && run_grows(f, &r, i + j, desc, type, table->level))
				continue;
			ret = r.count ? to->run(to->arg, table, &r) : 0;
			if (ret)
				return ret;
			r = (struct iopt_run){i + j, 1, type, desc, 0};
			if (unlikely(v->t->memory->generation != generation))
				n = j + 1; /* the callback may have moved the frame */
		}
	}
	return r.count ? to->run(to->arg, table, &r) : 0;
}

/* All that the table translates here is asked for: the next time it is the same. */
PGTABLE_INLINE bool visit_covers(const struct pgtable_format *f, const struct visit *v,
				 const struct visit_table *table)
{
	uint64_t size = table->slots << block_shift(f, table->level); /* 0: 2^64 */

	return v->first <= table->iova && v->last >= table->iova + (size - 1);
}

/* Is any of the table in memory? */
PGTABLE_INLINE bool table_present(const struct pgtable_format *f, struct pgtable *t, uint64_t pa,
				  uint64_t slots)
{
	uint64_t n;

	for (uint64_t i = 0; i < slots; i += n)
		if (slots_span(f, t, pa + (i << f->desc_shift), slots - i, &n))
			return true;
	return false;
}

PGTABLE_INLINE int visit_flush(struct visit *v)
{
	int ret = v->extent.count ? v->visitor->extent(v->visitor->arg, &v->extent) : 0;

	v->extent.count = 0;
	v->next_pa = NO_PA;
	return ret;
}

/* Shows a table and, the first time, makes it the top of the stack. */
PGTABLE_INLINE int visit_enter(const struct pgtable_format *f, struct visit *v,
			       const struct visit_table *table)
{
	const struct iopt_visitor *to = v->visitor;
	struct iopt_table shown = {
		.pa = table->pa,
		.iova = table->iova,
		.last = table->iova + (table->slots << block_shift(f, table->level)) - 1,
		.slots = table->slots,
		.bytes = table->slots << f->desc_shift,
		.level = table->level,
		.inherited = table->inherited,
	};
	struct seen_entry *seen;
	bool added = true;
	int ret = 0;

	if (!table_present(f, v->t, table->pa, table->slots))
		return 0;
	if (!to->reenter && visit_covers(f, v, table)) {
		seen = seen_find(&v->seen, table->pa, table->level,
				 to->extent || to->limits ? table->inherited : 0, &added);
		if (!seen)
			return -IOPT_ENOMEM;
		if (added)
			seen->iova = table->iova;
		shown.again = !added;
		shown.same_as = seen->iova;
	}
	/* what is not entered stands where its extents would */
	if (shown.again)
		ret = visit_flush(v);
	if (!ret && to->table)
		ret = to->table(to->arg, &shown);
	if (!ret && added && to->run)
		ret = visit_runs(f, v, &shown);
	if (!ret && added)
		v->stack[v->depth++] = *table;
	return ret;
}

/* How many slots from span's 'at' on, the table's 'i', are one run of equals; 1: it stands alone.
 */
PGTABLE_INLINE uint64_t run_slots(const struct pgtable_format *f, const char *span, uint64_t at,
				  uint64_t i, uint64_t left, uint64_t desc, int level)
{
	uint64_t n = BIT(f->run_shift);

	if (!f->run_shift || !f->is_run(desc, level) || i & (n - 1) || left < n)
		return 1;
	for (uint64_t k = 1; k < n; k++)
		if (desc_load(f, span, at + k) != desc)
			return 1;
	return n;
}

/* One more leaf, 'size' bytes of it: joins the pending extent or takes its place. */
PGTABLE_INLINE int visit_leaf(const struct pgtable_format *f, struct visit *v, int level,
			      uint64_t iova, uint64_t size, uint64_t desc, uint64_t inherited)
{
	const uint64_t pa = leaf_translate(f, desc, level, block_shift(f, level), iova);
	const enum iopt_type type = pgtable_type(f, desc, level);
	struct iopt_extent *e = &v->extent;
	int ret = 0;

	if (pa == v->next_pa && iova == v->next_iova && size == e->size && level == e->level &&
	    type == e->type && inherited == e->inherited &&
	    f->leaf_attrs(desc, level) == f->leaf_attrs(e->desc, level)) {
		e->count++;
	} else {
		if (e->count)
			ret = v->visitor->extent(v->visitor->arg, e);
		*e = (struct iopt_extent){iova, pa, size, 1, desc, inherited, type, level};
	}
	v->next_iova = iova + size;
	v->next_pa = v->visitor->expand ? NO_PA : pa + size;
	return ret;
}

PGTABLE_INLINE void visit_below(const struct pgtable_format *f, const struct visit_table *table,
				uint64_t i, uint64_t desc, struct visit_table *below)
{
	*below = (struct visit_table){
		.pa = f->next_table(desc),
		.iova = table->iova + (i << block_shift(f, table->level)),
		.slots = BIT(f->index_bits),
		.inherited = table->inherited | f->inherit(desc),
		.level = table->level + 1,
	};
}

/* The first slot of a table that the range touches, and the one after its last. */
PGTABLE_INLINE uint64_t visit_first(const struct pgtable_format *f, const struct visit *v,
				    const struct visit_table *table)
{
	return v->first > table->iova ? (v->first - table->iova) >> block_shift(f, table->level)
				      : 0;
}

PGTABLE_INLINE uint64_t visit_end(const struct pgtable_format *f, const struct visit *v,
				  const struct visit_table *table)
{
	return min_u64((v->last - table->iova) >> block_shift(f, table->level), table->slots - 1) +
	       1;
}

/*
 * The 'n' slots at 'span', the table's next, up to and with a table in one of them; or until a
 * callback has moved the frame.
 */
PGTABLE_INLINE int visit_span(const struct pgtable_format *f, struct visit *v,
			      struct visit_table *table, int level, const char *span, uint64_t n,
			      struct visit_table *below)
{
	const struct iopt_memory *m = v->t->memory;
	const uint64_t generation = m->generation, first = table->next;
	const uint64_t inherited = table->inherited;
	const unsigned shift = block_shift(f, level);
	const bool leaves = v->visitor->extent;
	uint64_t iova = table->iova + (first << shift), i, slots;
	int ret = 0;

	for (i = 0; i < n; i += slots, iova += slots << shift) {
		uint64_t desc = desc_load(f, span, i);
		enum pgtable_kind kind = desc_kind(f, desc, level);

		slots = 1;
		if (kind == PGTABLE_TABLE) {
			visit_below(f, table, first + i, desc, below);
			i++;
			break;
		}
		if (kind == PGTABLE_INVALID || !leaves)
			continue;
		slots = run_slots(f, span, i, first + i, n - i, desc, level);
		ret = visit_leaf(f, v, level, iova, slots << shift, desc, inherited);
		if (unlikely(ret || m->generation != generation)) {
			i += slots;
			break;
		}
	}
	table->next = first + i;
	return ret;
}

/*
 * The top of the stack from its next slot on, up to and with a table in it, which *below then
 * describes (level of none: PGTABLE_LEVEL_MIN), or to its end.
 */
PGTABLE_INLINE int visit_slots(const struct pgtable_format *f, struct visit *v,
			       struct visit_table *below)
{
	struct visit_table *table = &v->stack[v->depth - 1];
	const uint64_t end = visit_end(f, v, table);
	uint64_t n;
	int ret = 0;

	below->level = PGTABLE_LEVEL_MIN;
	while (!ret && below->level == PGTABLE_LEVEL_MIN && table->next < end) {
		const char *span = slots_span(f, v->t, table->pa + (table->next << f->desc_shift),
					      end - table->next, &n);

		if (!span)
			table->next += n;
		else if (table->level == f->last_level) /* most are: a loop of their own */
			ret = visit_span(f, v, table, f->last_level, span, n, below);
		else
			ret = visit_span(f, v, table, table->level, span, n, below);
	}
	return ret;
}

PGTABLE_INLINE int visit_all(const struct pgtable_format *f, struct pgtable *t,
			     const struct iopt_visitor *visitor)
{
	struct visit v = {
		.t = t,
		.visitor = visitor,
		.next_pa = NO_PA,
		.first = max_u64(visitor->first, t->first),
		.last = min_u64(visitor->last, t->last),
	};
	struct visit_table table = {
		.pa = t->root,
		.iova = t->iova_base,
		.slots = BIT(t->root_bits),
		.level = t->start_level,
	};
	int ret = 0;

	if (v.first > v.last)
		return 0;
	do {
		table.next = visit_first(f, &v, &table);
		ret = memory_poll(t->memory, v.tables++, NULL, 0, 0);
		if (!ret)
			ret = visit_enter(f, &v, &table);
		for (table.level = PGTABLE_LEVEL_MIN;
		     !ret && v.depth && table.level == PGTABLE_LEVEL_MIN;) {
			ret = visit_slots(f, &v, &table);
			if (table.level == PGTABLE_LEVEL_MIN)
				v.depth--;
		}
	} while (!ret && v.depth);
	if (!ret && visitor->extent)
		ret = visit_flush(&v);
	seen_destroy(&v.seen);
	return ret;
}

#endif
