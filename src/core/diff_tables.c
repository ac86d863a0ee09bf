/* SPDX-License-Identifier: MIT */
/*
 * Two domains of the same geometry table by table, from their roots: slot by slot, and down where
 * both have a table.
 */
#include "diff.h"

struct pair {
	uint64_t tables[2], inherited[2];
	uint64_t iova, slots, next;
	int level;
};

struct lockstep {
	struct diff *d;
	const struct pgtable *t[2];
	struct pair stack[PGTABLE_LEVELS];
	unsigned depth;
	uint64_t slots;
};

static bool same_geometry(const struct pgtable *a, const struct pgtable *b)
{
	return a->ops->format == b->ops->format && a->root_bits == b->root_bits &&
	       a->start_level == b->start_level && a->iova_base == b->iova_base;
}

/* What stands in slot 'i' of one side; what is absent translates nothing, as 0 does. */
static uint64_t slot_of(const struct lockstep *l, unsigned side, const struct pair *p, uint64_t i)
{
	const struct pgtable *t = l->t[side];
	uint64_t desc;

	return pgtable_slot(t, p->tables[side], i, &desc) ? desc : 0;
}

static struct iopt_change_side side_of(const struct lockstep *l, unsigned side,
				       const struct pair *p, uint64_t desc)
{
	const struct pgtable_format *f = l->t[side]->ops->format;
	const unsigned shift = block_shift(f, p->level);
	const uint64_t iova = p->iova + (p->next << shift);
	struct iopt_change_side s = {
		.table = p->tables[side],
		.extent = {.iova = iova,
			   .size = BIT(shift),
			   .count = 1,
			   .desc = desc,
			   .inherited = p->inherited[side],
			   .level = p->level},
	};
	uint64_t mask = BIT(shift) - 1;

	s.extent.type = pgtable_type(f, desc, p->level);
	if (s.extent.type == IOPT_TYPE_TABLE) {
		s.extent.inherited = f->inherit(desc);
		s.extent.pa = f->next_table(desc);
		return s;
	}
	if (f->run_shift && f->is_run(desc, p->level))
		mask = BIT(shift + f->run_shift) - 1;
	s.extent.pa = (f->leaf_oa(desc, p->level) & ~mask) | (iova & mask);
	return s;
}

static int add(const struct lockstep *l, const struct pair *p, const uint64_t descs[2],
	       const bool valid[2])
{
	const unsigned shift = block_shift(l->t[0]->ops->format, p->level);
	struct iopt_change c = {
		.kind = !valid[0]  ? IOPT_ADDED
			: valid[1] ? IOPT_CHANGED
				   : IOPT_REMOVED,
		.iova = p->iova + (p->next << shift),
		.size = BIT(shift),
		.descriptors = true,
		.level = p->level,
		.index = p->next,
		.count = 1,
	};

	if (valid[0])
		c.before = side_of(l, 0, p, descs[0]);
	if (valid[1])
		c.after = side_of(l, 1, p, descs[1]);
	return diff_add(l->d, &c);
}

static void descend(struct lockstep *l, const struct pair *p, const uint64_t descs[2])
{
	const struct pgtable_format *f = l->t[0]->ops->format;
	struct pair *below = &l->stack[l->depth++];

	*below = (struct pair){
		.iova = p->iova + (p->next << block_shift(f, p->level)),
		.slots = BIT(f->index_bits),
		.level = p->level + 1,
	};
	for (unsigned i = 0; i < 2; i++) {
		below->tables[i] = f->next_table(descs[i]);
		below->inherited[i] = p->inherited[i] | f->inherit(descs[i]);
	}
}

/* The slot that is next in the top of the stack. */
static int compare_slot(struct lockstep *l, struct pair *p)
{
	const struct pgtable_format *f = l->t[0]->ops->format;
	const uint64_t descs[] = {slot_of(l, 0, p, p->next), slot_of(l, 1, p, p->next)};
	const enum pgtable_kind kinds[] = {f->kind(descs[0], p->level),
					   f->kind(descs[1], p->level)};
	const enum iopt_type types[] = {pgtable_type(f, descs[0], p->level),
					pgtable_type(f, descs[1], p->level)};
	bool valid[2];
	int ret = 0;

	for (unsigned i = 0; i < 2; i++)
		valid[i] = kinds[i] != PGTABLE_INVALID && types[i] != IOPT_TYPE_RESERVED;
	if ((valid[0] || valid[1]) && (descs[0] != descs[1] || p->inherited[0] != p->inherited[1]))
		ret = add(l, p, descs, valid);
	if (!ret && valid[0] && valid[1] && kinds[0] == PGTABLE_TABLE && kinds[1] == PGTABLE_TABLE)
		descend(l, p, descs);
	p->next++;
	return ret;
}

int diff_tables(struct diff *d)
{
	struct lockstep l = {.d = d, .depth = 1};
	int ret = 0;

	if (d->space >= d->domains[0]->space_count || d->space >= d->domains[1]->space_count)
		return -IOPT_EINVAL;
	for (unsigned i = 0; i < 2; i++) {
		l.t[i] = &d->domains[i]->spaces[d->space];
		l.stack[0].tables[i] = l.t[i]->root;
	}
	if (!same_geometry(l.t[0], l.t[1]))
		return -IOPT_EINVAL;
	l.stack[0].iova = l.t[0]->iova_base;
	l.stack[0].slots = BIT(l.t[0]->root_bits);
	l.stack[0].level = l.t[0]->start_level;
	while (!ret && l.depth) {
		struct pair *p = &l.stack[l.depth - 1];

		if (p->next == p->slots)
			l.depth--;
		else if (++l.slots > DIFF_SLOTS_MAX)
			ret = -IOPT_E2BIG;
		else
			ret = compare_slot(&l, p);
		if (!ret)
			ret = memory_poll(d->domains[0]->memory, l.slots / 64, NULL, 0, 0);
	}
	return ret;
}
