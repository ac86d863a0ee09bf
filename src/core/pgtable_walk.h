/* SPDX-License-Identifier: MIT */
/*
 * Reading tables as hardware does: one walk with all its steps, and translations one by one and in
 * groups.  Inlined over one format like the engine; only pgtable_*.c may include this.
 */
#ifndef IOPT_PGTABLE_WALK_H
#define IOPT_PGTABLE_WALK_H

#include "pgtable_engine.h"

/* What a leaf, alone, maps 'iova' to; 'shift' is its slot's. */
PGTABLE_INLINE uint64_t leaf_translate(const struct pgtable_format *f, uint64_t desc, int level,
				       unsigned shift, uint64_t iova)
{
	uint64_t oa = f->leaf_oa(desc, level), within = BIT(shift) - 1;

	if (f->run_shift && f->is_run(desc, level))
		within = (within << f->run_shift) | (BIT(f->run_shift) - 1);
	return oa ^ ((oa ^ iova) & within);
}

/* At a level where leaves may be: one that translates without a fault. */
PGTABLE_INLINE bool leaf_good_here(const struct pgtable_format *f, const struct pgtable *t,
				   uint64_t desc, int level)
{
	return f->kind(desc, level) == PGTABLE_LEAF && !(f->leaf_oa(desc, level) & t->oa_beyond) &&
	       (f->accessed(desc, level) | !t->access_flag); /* one branch, not two */
}

PGTABLE_INLINE bool leaf_good(const struct pgtable_format *f, const struct pgtable *t,
			      uint64_t desc, int level)
{
	return level >= f->first_leaf_level && leaf_good_here(f, t, desc, level);
}

PGTABLE_INLINE void walk_steps(const struct pgtable_format *f, struct pgtable *t, uint64_t iova,
			       struct pgtable_walk *w)
{
	uint64_t table = t->root, index = root_index(t, iova);

	*w = (struct pgtable_walk){0};
	for (int level = t->start_level;; level++) {
		uint64_t pa = table + (index << f->desc_shift);
		const void *slot = memory_read(t->memory, pa, UINT64_C(1) << f->desc_shift);
		uint64_t desc = slot ? desc_load(f, slot, 0) : 0;

		w->steps[w->count++] = (struct pgtable_step){table, index, pa, desc, level};
		w->absent = !slot;
		if (w->absent || desc_kind(f, desc, level) != PGTABLE_TABLE)
			return;
		table = f->next_table(desc);
		index = iova >> block_shift(f, level + 1) & index_mask(f);
	}
}

/* The fault at the end of the steps, in the order in which hardware checks; NONE: a good leaf. */
PGTABLE_INLINE struct iopt_fault walk_fault(const struct pgtable_format *f, const struct pgtable *t,
					    const struct pgtable_walk *w)
{
	const struct pgtable_step *last = &w->steps[w->count - 1];
	enum pgtable_kind kind = desc_kind(f, last->desc, last->level);
	struct iopt_fault fault = {.level = last->level, .stage = t->stage};

	for (unsigned i = 0; i + 1 < w->count; i++) {
		if (w->steps[i + 1].table & t->oa_beyond) {
			fault.type = IOPT_FAULT_ADDRESS_SIZE;
			fault.level = w->steps[i].level;
			return fault;
		}
	}
	if (w->absent)
		fault.type = IOPT_FAULT_EXTERNAL;
	else if (kind == PGTABLE_INVALID)
		fault.type = IOPT_FAULT_TRANSLATION;
	else if (f->leaf_oa(last->desc, last->level) & t->oa_beyond)
		fault.type = IOPT_FAULT_ADDRESS_SIZE;
	else if (t->access_flag && !f->accessed(last->desc, last->level))
		fault.type = IOPT_FAULT_ACCESS;
	return fault;
}

/* The whole of it, with the fault if there is one. */
PGTABLE_INLINE struct iopt_fault walk_translate(const struct pgtable_format *f, struct pgtable *t,
						uint64_t iova, uint64_t *oa)
{
	const struct pgtable_step *last;
	struct iopt_fault fault;
	struct pgtable_walk w;

	if (!pgtable_reaches(t, iova))
		return (struct iopt_fault){IOPT_FAULT_TRANSLATION, t->range_level, t->stage};
	if (t->root & t->oa_beyond)
		return (struct iopt_fault){IOPT_FAULT_ADDRESS_SIZE, t->range_level, t->stage};
	walk_steps(f, t, iova, &w);
	fault = walk_fault(f, t, &w);
	last = &w.steps[w.count - 1];
	if (!fault.type)
		*oa = leaf_translate(f, last->desc, last->level, block_shift(f, last->level), iova);
	return fault;
}

/*
 * The common case, as a short leaf function: tables in frames used lately, a good leaf at the end.
 * False: ask walk_translate().  The hint is set at the second walk in a row that ends in one
 * table, so that random walks stay short.
 */
PGTABLE_INLINE bool walk_translate_near(const struct pgtable_format *f, struct pgtable *t,
					uint64_t iova, uint64_t *oa)
{
	uint64_t at = t->root + (root_index(t, iova) << f->desc_shift), desc, index;
	unsigned shift = t->root_shift;
	int level = t->start_level;
	const char *slot;

	if (unlikely(!pgtable_reaches(t, iova) || t->root & t->oa_beyond))
		return false;
	for (;; level++) {
		slot = memory_peek(t->memory, at);
		if (unlikely(!slot))
			return false;
		desc = desc_load(f, slot, 0);
		if (desc_kind(f, desc, level) != PGTABLE_TABLE)
			break;
		at = f->next_table(desc);
		if (unlikely(at & t->oa_beyond))
			return false;
		shift -= f->index_bits;
		at += (iova >> shift & index_mask(f)) << f->desc_shift;
	}
	if (unlikely(!leaf_good(f, t, desc, level)))
		return false;
	*oa = leaf_translate(f, desc, level, shift, iova);
	index = iova >> shift;
	if (level > t->start_level) {
		if (t->walked == index >> f->index_bits)
			hint_set(f, t, iova, level,
				 slot - ((index & index_mask(f)) << f->desc_shift), false);
		t->walked = index >> f->index_bits;
	}
	return true;
}

PGTABLE_INLINE bool walk_translate_hint(const struct pgtable_format *f, const struct pgtable *t,
					uint64_t iova, uint64_t *oa)
{
	unsigned shift = t->hint.shift;
	uint64_t index = iova >> shift, desc;

	if (unlikely(!hint_covers(f, t, index)))
		return false;
	desc = desc_load(f, t->hint.table, index & index_mask(f));
	/* the hint is never set where no leaf may be */
	if (unlikely(!leaf_good_here(f, t, desc, t->hint.level)))
		return false;
	*oa = leaf_translate(f, desc, t->hint.level, shift, iova);
	return true;
}

/* ---- groups ---- */

enum { WALK_GROUP = 16 };

/* From a table's descriptor, of a slot of 'shift', to the one in that table; false: not to be had.
 */
PGTABLE_INLINE bool walk_down(const struct pgtable_format *f, struct pgtable *t, uint64_t iova,
			      unsigned shift, uint64_t *desc)
{
	uint64_t table = f->next_table(*desc);
	uint64_t index = iova >> (shift - f->index_bits) & index_mask(f);
	const void *slot =
		memory_read(t->memory, table + (index << f->desc_shift), BIT(f->desc_shift));

	if (unlikely(!slot || table & t->oa_beyond))
		return false;
	*desc = desc_load(f, slot, 0);
	return true;
}

/*
 * WALK_GROUP walks level by level, so that as many misses of the host's caches are under way at a
 * time: from 'desc' of 'level' on, where some have come to their end and some have not; 'lane' has
 * their numbers.  False, here and below: one of them is not plain, and nothing is known.
 */
PGTABLE_INLINE bool walk_lanes(const struct pgtable_format *f, struct pgtable *t,
			       const uint64_t *iova, uint64_t *oa, uint64_t desc[static WALK_GROUP],
			       int level)
{
	unsigned lane[WALK_GROUP], going = WALK_GROUP, still;

	for (unsigned j = 0; j < WALK_GROUP; j++)
		lane[j] = j;
	for (; going; going = still, level++) {
		const unsigned shift = block_shift(f, level);

		still = 0;
		for (unsigned k = 0; k < going; k++) {
			unsigned j = lane[k];

			if (desc_kind(f, desc[j], level) == PGTABLE_TABLE) {
				if (unlikely(!walk_down(f, t, iova[j], shift, &desc[j])))
					return false;
				lane[still++] = j;
			} else if (likely(leaf_good(f, t, desc[j], level))) {
				oa[j] = leaf_translate(f, desc[j], level, shift, iova[j]);
			} else {
				return false;
			}
		}
	}
	return true;
}

/* The table in which they part: above, all of them have the same descriptors. */
struct parting {
	uint64_t table;
	const void *slots;
	uint64_t mask; /* of an index into it */
	unsigned shift;
	int level;
};

PGTABLE_INLINE bool walk_together(const struct pgtable_format *f, struct pgtable *t,
				  const uint64_t *iova, struct parting *p)
{
	uint64_t out = t->root & t->oa_beyond, differ = 0, desc;

	/* concatenated first tables may be larger than a frame */
	if (unlikely(table_bytes(t, t->start_level) > FRAME_BYTES))
		return false;
	for (unsigned j = 0; j < WALK_GROUP; j++) {
		out |= (iova[j] ^ t->iova_base) & ~t->iova_mask;
		differ |= iova[j] ^ iova[0];
	}
	*p = (struct parting){t->root, NULL, t->iova_mask >> t->root_shift, t->root_shift,
			      t->start_level};
	for (; !out; p->level++) {
		/* a table is aligned to its size: it does not leave its frame */
		p->slots = memory_read(t->memory, p->table, (p->mask + 1) << f->desc_shift);
		if (!p->slots)
			return false;
		if (differ >> p->shift)
			return true;
		desc = desc_load(f, p->slots, iova[0] >> p->shift & p->mask);
		if (desc_kind(f, desc, p->level) != PGTABLE_TABLE)
			return true;
		p->table = f->next_table(desc);
		p->shift -= f->index_bits;
		p->mask = index_mask(f);
		out |= p->table & t->oa_beyond;
	}
	return false;
}

/* The ends of all of them: without a branch, faults are looked at once for all. */
PGTABLE_INLINE bool walk_leaves(const struct pgtable_format *f, const struct pgtable *t,
				const uint64_t *iova, uint64_t *oa,
				const uint64_t desc[static WALK_GROUP], int level)
{
	const unsigned shift = block_shift(f, level);
	const bool any_age = !t->access_flag;
	bool good = level >= f->first_leaf_level;
	uint64_t out = 0;

	for (unsigned j = 0; j < WALK_GROUP; j++) {
		good &= f->kind(desc[j], level) == PGTABLE_LEAF;
		good &= f->accessed(desc[j], level) | any_age;
		out |= f->leaf_oa(desc[j], level);
		oa[j] = leaf_translate(f, desc[j], level, shift, iova[j]);
	}
	return good & !(out & t->oa_beyond);
}

/* Each of them from a table's descriptor, of a slot of 'shift', to the one in that table. */
PGTABLE_INLINE bool walk_all_down(const struct pgtable_format *f, struct pgtable *t,
				  const uint64_t *iova, unsigned shift,
				  uint64_t desc[static WALK_GROUP])
{
	const struct iopt_memory *m = t->memory;
	const void *slot[WALK_GROUP];
	uint64_t out = 0, missed = 0;

	for (unsigned j = 0; j < WALK_GROUP; j++) {
		uint64_t table = f->next_table(desc[j]);
		uint64_t index = iova[j] >> (shift - f->index_bits) & index_mask(f);
		uint64_t pa = table + (index << f->desc_shift);
		const struct memory_cached *c = memory_cached(m, pa);

		out |= table;
		missed |= c->frame ^ pa >> FRAME_SHIFT;
		slot[j] = memory_behind(c, pa);
	}
	if (unlikely(out & t->oa_beyond))
		return false;
	if (likely(!missed)) {
		for (unsigned j = 0; j < WALK_GROUP; j++)
			desc[j] = desc_load(f, slot[j], 0);
		return true;
	}
	for (unsigned j = 0; j < WALK_GROUP; j++)
		if (!walk_down(f, t, iova[j], shift, &desc[j]))
			return false;
	return true;
}

PGTABLE_INLINE bool walk_group(const struct pgtable_format *f, struct pgtable *t,
			       const uint64_t *iova, uint64_t *oa)
{
	uint64_t desc[WALK_GROUP];
	struct parting p;

	if (!walk_together(f, t, iova, &p))
		return false;
	for (unsigned j = 0; j < WALK_GROUP; j++)
		desc[j] = desc_load(f, p.slots, iova[j] >> p.shift & p.mask);
	for (; p.level < f->last_level; p.level++, p.shift -= f->index_bits) {
		unsigned tables = 0;

		for (unsigned j = 0; j < WALK_GROUP; j++)
			tables += desc_kind(f, desc[j], p.level) == PGTABLE_TABLE;
		if (!tables)
			return walk_leaves(f, t, iova, oa, desc, p.level);
		if (tables != WALK_GROUP)
			return walk_lanes(f, t, iova, oa, desc, p.level);
		if (!walk_all_down(f, t, iova, p.shift, desc))
			return false;
	}
	return walk_leaves(f, t, iova, oa, desc, f->last_level);
}

typedef int translate_fn(struct pgtable *t, uint64_t iova, uint64_t *oa, struct iopt_fault *fault);

PGTABLE_INLINE size_t walk_translate_many(const struct pgtable_format *f, struct pgtable *t,
					  const uint64_t *iova, size_t count, uint64_t *oa,
					  translate_fn *one)
{
	size_t done = 0;

	while (done < count) {
		size_t n = count - done < WALK_GROUP ? count - done : WALK_GROUP;

		if (n == WALK_GROUP && walk_group(f, t, iova + done, oa + done)) {
			done += n;
			continue;
		}
		for (; n; n--, done++)
			if (one(t, iova[done], &oa[done], NULL))
				return done;
	}
	return count;
}

#endif
