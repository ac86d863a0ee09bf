/* SPDX-License-Identifier: MIT */
/*
 * How many tables a plan takes, and the tables.  A slot of level L needs a table below it if a part
 * of a span lies in it that no leaf of level L or above maps.  Spans rise, so that of the slots
 * that one needs only the first can be the last one's, too.
 */
#include "error.h"
#include "plan.h"

/* The last slot of each level, below which there is a table, and whose span it was. */
struct last_slots {
	uint64_t slot[PGTABLE_LEVELS];
	size_t span[PGTABLE_LEVELS];
	bool have[PGTABLE_LEVELS];
};

/* Slots of 'level' below which a span needs a table: [first, last], but for those from 'whole' on
 * that are 'wholes'. */
struct needs {
	uint64_t first, last, wholes;
	bool any;
};

static struct needs needs_of(const struct pgtable_format *f, const struct pgtable_span *s,
			     int level)
{
	const unsigned shift = block_shift(f, level);
	const uint64_t end = s->iova + (s->bytes - 1);
	struct needs n = {.first = s->iova >> shift, .last = end >> shift, .any = true};
	uint64_t first_whole, last_whole;

	if (level >= s->last_level) {
		n.any = false;
		return n;
	}
	if (level < s->first_level)
		return n;
	/* what a leaf of this level maps, needs no table */
	first_whole = n.first + ((s->iova & (BIT(shift) - 1)) != 0);
	last_whole = n.last + ((~end & (BIT(shift) - 1)) == 0); /* exclusive */
	if (first_whole >= last_whole)
		return n;
	n.wholes = last_whole - first_whole;
	if (first_whole == n.first && last_whole == n.last + 1)
		n.any = false;
	else if (first_whole == n.first)
		n.first = n.last, n.wholes = 0;
	else if (last_whole == n.last + 1)
		n.last = n.first, n.wholes = 0;
	return n;
}

/* New tables below slots of 'level'; ENOTUNIQ does not exist: EEXIST, *other has other bits. */
static int count_level(const struct plan *plan, size_t i, int level, struct last_slots *seen,
		       uint64_t *tables, size_t *other)
{
	const struct plan_span *s = &plan->spans[i];
	struct needs n = needs_of(plan->tree.ops->format, &s->map, level);
	const int k = level - PGTABLE_LEVEL_MIN;

	if (!n.any)
		return 0;
	*tables += n.last - n.first + 1 - n.wholes;
	if (seen->have[k] && seen->slot[k] == n.first) {
		--*tables;
		*other = seen->span[k];
		if (plan->spans[*other].table_bits != s->table_bits)
			return -IOPT_EEXIST;
	}
	if (!seen->have[k] || seen->slot[k] != n.last)
		seen->span[k] = i;
	seen->have[k] = true;
	seen->slot[k] = n.last;
	return 0;
}

int plan_count(struct plan *plan, const struct plan_region *regions, struct plan_blame *blame,
	       struct iopt_error *error)
{
	const struct pgtable *t = &plan->tree;
	struct last_slots seen = {0};
	size_t other;

	plan->tables[t->start_level - PGTABLE_LEVEL_MIN] = 1;
	plan->table_count = 1;
	for (size_t i = 0; i < plan->count; i++) {
		for (int level = t->start_level; level < t->ops->format->last_level; level++) {
			uint64_t tables = 0;

			if (count_level(plan, i, level, &seen, &tables, &other)) {
				*blame = (struct plan_blame){plan->spans[i].region, "access"};
				return error_set(
					error, IOPT_FAILURE_REQUEST, IOPT_EEXIST,
					"regions %s and %s share a table, which can have only one "
					"PXN and NS for all of its pages",
					regions[plan->spans[other].region].name,
					regions[plan->spans[i].region].name);
			}
			plan->tables[level + 1 - PGTABLE_LEVEL_MIN] += tables;
			plan->table_count += tables;
		}
	}
	return 0;
}

int plan_end(const struct plan *plan, uint64_t base, uint64_t *end)
{
	const struct pgtable *t = &plan->tree;
	const struct pgtable_format *f = t->ops->format;
	const uint64_t bytes = BIT(f->index_bits + f->desc_shift), below = plan->table_count - 1;
	const uint64_t root_align = max_u64(t->root_bytes, 64);
	uint64_t tables;

	if (__builtin_add_overflow(base, root_align - 1, &base))
		return -IOPT_ERANGE;
	base = align_down(base, root_align);
	if (__builtin_add_overflow(base, t->root_bytes, end))
		return -IOPT_ERANGE;
	if (!below)
		return 0;
	if (__builtin_mul_overflow(below, bytes, &tables) ||
	    __builtin_add_overflow(*end, bytes - 1, end) ||
	    __builtin_add_overflow(align_down(*end, bytes), tables, end))
		return -IOPT_ERANGE;
	return 0;
}

/* ---- what a region costs ---- */

static uint64_t span_tables(const struct pgtable *t, const struct pgtable_span *s)
{
	uint64_t tables = 0;

	for (int level = t->start_level; level < t->ops->format->last_level; level++) {
		struct needs n = needs_of(t->ops->format, s, level);

		if (n.any)
			tables += n.last - n.first + 1 - n.wholes;
	}
	return tables;
}

static int first_level_for(const struct pgtable *t, uint64_t differs)
{
	const struct pgtable_format *f = t->ops->format;
	int level = f->first_leaf_level;

	while (level < f->last_level &&
	       (level < t->start_level || differs & (BIT(block_shift(f, level)) - 1)))
		level++;
	return level;
}

static int level_of_size(const struct pgtable_format *f, uint64_t size)
{
	int level = f->last_level;

	while (level > f->first_leaf_level && size > BIT(block_shift(f, level)) << f->run_shift)
		level--;
	return level;
}

struct plan_cost plan_cost(const struct plan *plan, const struct plan_region *r)
{
	const struct pgtable *t = &plan->tree;
	const struct pgtable_format *f = t->ops->format;
	struct pgtable_span s = {.iova = r->va, .bytes = r->size, .last_level = f->last_level};
	struct plan_cost cost = {0};

	s.first_level = (int8_t)first_level_for(t, r->va ^ r->pa);
	if (r->page_size)
		s.first_level = s.last_level = (int8_t)level_of_size(f, r->page_size);
	cost.tables = span_tables(t, &s);
	for (int level = f->last_level - 1; level >= f->first_leaf_level; level--) {
		const uint64_t size = BIT(block_shift(f, level));
		uint64_t first = align_down(r->va, size),
			 last = (r->va + (r->size - 1)) | (size - 1);
		uint64_t tables;

		if (level < t->start_level || r->page_size || r->size < size)
			break;
		s.iova = first;
		s.bytes = last - first + 1;
		s.first_level = (int8_t)level;
		tables = span_tables(t, &s);
		if (tables + cost.saves < cost.tables) {
			cost.saves = cost.tables - tables;
			cost.align = size;
		}
	}
	return cost;
}

/* ---- the tables ---- */

int plan_build(const struct plan *plan, struct pgtable *t)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < plan->count; i++) {
		t->table_bits = plan->spans[i].table_bits;
		ret = t->ops->map_span(t, &plan->spans[i].map);
		if (!ret)
			ret = memory_poll(t->memory, i, "building", i, plan->count);
	}
	t->table_bits = plan->tree.table_bits;
	return ret;
}
