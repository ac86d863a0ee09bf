/* SPDX-License-Identifier: MIT */
/*
 * What Linux 6.1's map_pages() and unmap_pages() do, composed of the engine's steps: the LPAE rule
 * (one table page at a time, all or nothing of it) and the short descriptors' (page by page, across
 * tables, keeping what precedes a failure) are the same loop; a format with runs has the second.
 * Sources: arm_lpae_map_pages(), __arm_lpae_map(), __arm_lpae_unmap(), arm_lpae_split_blk_unmap(),
 * arm_v7s_map_pages(), __arm_v7s_map(), __arm_v7s_unmap().  Where 6.1 is wrong, this is right:
 * split sections keep their output address, and no run leaves its table.
 */
#ifndef IOPT_LINUX_POLICY_H
#define IOPT_LINUX_POLICY_H

#include "pgtable_engine.h"

/*
 * The level for pages of 'size', and the slots of one; 0 slots: no level has it, and Linux walks to
 * the last before it says so.  LPAE wants an exact size; short descriptors take as many slots as
 * fit into it.
 */
PGTABLE_INLINE int linux_level(const struct pgtable_format *f, const struct pgtable *t,
			       uint64_t size, uint64_t *per_page)
{
	for (int level = f->first_leaf_level; level <= f->last_level; level++) {
		unsigned shift = block_shift(f, level);

		if (level < t->start_level)
			continue;
		if (f->run_shift ? size >= BIT(shift) : size == BIT(shift)) {
			*per_page = f->run_shift ? size >> shift : 1;
			return level;
		}
	}
	*per_page = 0;
	return f->last_level;
}

/*
 * Would a page of several slots leave its table?  Only odd sizes and misaligned pages can.  The
 * slots of one page after the other are looked at until they must repeat.
 */
PGTABLE_INLINE bool linux_overruns(const struct pgtable_format *f, const struct pgtable *t,
				   const struct iopt_pages *r, int level, uint64_t per_page)
{
	unsigned bits = level == t->start_level ? t->root_bits : f->index_bits;
	unsigned shift = block_shift(f, level);
	uint64_t iova = r->iova, pages;

	if (!f->run_shift || per_page <= 1)
		return false;
	pages = min_u64(r->count, t->iova_mask / r->page_size + 2);
	if (is_power_of_two(r->page_size) && !(iova & (r->page_size - 1)) && per_page <= BIT(bits))
		return false;
	for (; pages; pages--, iova += r->page_size)
		if ((iova >> shift & (BIT(bits) - 1)) + per_page > BIT(bits))
			return true;
	return false;
}

PGTABLE_INLINE int linux_check_map(const struct pgtable_format *f, const struct pgtable *t,
				   const struct iopt_pages *r)
{
	if (!f->run_shift && (!r->page_size || (r->page_size & t->page_sizes) != r->page_size))
		return -IOPT_EINVAL;
	if (!pgtable_reaches(t, r->iova) || r->pa & t->map_beyond)
		return -IOPT_ERANGE;
	if (!(r->prot & (IOPT_READ | IOPT_WRITE)))
		return -IOPT_EINVAL;
	if (f->run_shift && !r->count)
		return -IOPT_EINVAL;
	/* Linux counts in a signed 32-bit number: such a call has no meaning there */
	return r->count > INT32_MAX ? -IOPT_EINVAL : 0;
}

/* Of a half, the pages that do not reach into the other one; Linux has no halves, and wraps. */
PGTABLE_INLINE uint64_t linux_clip(const struct pgtable *t, const struct iopt_pages *r)
{
	if (likely(!t->is_half) || !r->page_size)
		return r->count;
	return min_u64(r->count, (t->last - r->iova) / r->page_size + 1);
}

/* Tables among n slots are dropped, up to the first leaf; returns the slots before it. */
PGTABLE_INLINE uint64_t linux_make_room(const struct pgtable_format *f, struct pgtable *t,
					char *slots, uint64_t n, int level, uint64_t iova,
					free_below_fn *free_below)
{
	uint64_t i = 0;

	for (; i < n; i++) {
		char *slot = slots + (i << f->desc_shift);
		uint64_t desc = desc_load(f, slot, 0);
		enum pgtable_kind kind = desc_kind(f, desc, level);

		if (kind == PGTABLE_LEAF || (f->run_shift && kind == PGTABLE_INVALID && desc))
			break;
		if (kind == PGTABLE_TABLE)
			engine_drop(f, t, slot, level, iova + (i << block_shift(f, level)),
				    free_below);
	}
	return i;
}

typedef uint64_t make_room_fn(struct pgtable *t, char *slots, uint64_t n, int level, uint64_t iova);

PGTABLE_INLINE int linux_map_pages(const struct pgtable_format *f, struct pgtable *t,
				   struct iopt_pages *r, place_fn *find, make_room_fn *make_room)
{
	uint64_t iova = r->iova, count = r->count;
	struct leaves l = {.oa = r->pa, .size = r->page_size, .attrs = t->attrs[r->prot]};
	int ret = linux_check_map(f, t, r);

	if (ret)
		return ret;
	l.level = linux_level(f, t, r->page_size, &l.per_page);
	if (linux_overruns(f, t, r, l.level, l.per_page))
		return -IOPT_ERANGE;
	count = linux_clip(t, r);
	do {
		struct place p;
		uint64_t n, room;

		ret = place_at(f, t, (iova & t->iova_mask) | t->iova_base, l.level, find, &p);
		if (unlikely(ret))
			return ret;
		if (unlikely(!l.per_page))
			return -IOPT_EINVAL;
		n = min_u64(count, l.per_page == 1 ? p.left : p.left / l.per_page);
		if (unlikely(f->run_shift && l.size != l.per_page << block_shift(f, l.level)))
			n = 1;
		if (unlikely(!f->run_shift && p.level == t->start_level &&
			     t->root_bits < f->index_bits && count > n))
			return -IOPT_ERANGE;
		room = n;
		if (unlikely(!slots_zero(f, p.slot, n * l.per_page))) {
			room = make_room(t, p.slot, n * l.per_page, l.level, iova) / l.per_page;
			if (room < n && !f->run_shift)
				return -IOPT_EEXIST;
		}
		slots_fill(f, p.slot, room, &l);
		r->done += room * l.size;
		if (unlikely(room < n))
			return -IOPT_EEXIST;
		iova += n * l.size;
		l.oa += n * l.size;
		count -= n;
	} while (f->run_shift && count);
	return 0;
}

/* ---- unmap ---- */

/*
 * Can the run be taken apart?  Not in a first table that is shorter than a run, and not one whose
 * address needs bits that single sections have no room for.
 */
PGTABLE_INLINE bool linux_run_splits(const struct pgtable_format *f, const struct pgtable *t,
				     uint64_t desc, int level)
{
	uint64_t oa = f->leaf_oa(desc, level);

	if (level == t->start_level && t->root_bits < f->run_shift)
		return false;
	return oa == f->linux_oa(desc, level) || oa & t->oa_beyond;
}

/*
 * One page that is not plain leaves: false if a slot of it is empty.  A part of a run is split off
 * first; tables go with everything below.
 */
PGTABLE_INLINE bool linux_unmap_odd(const struct pgtable_format *f, struct pgtable *t, char *slots,
				    const struct leaves *l, uint64_t iova, bool queued,
				    free_below_fn *free_below)
{
	unsigned shift = block_shift(f, l->level);

	for (uint64_t i = 0; i < l->per_page; i++)
		if (desc_kind(f, desc_load(f, slots, i), l->level) == PGTABLE_INVALID)
			return false;
	if (f->run_shift && l->per_page == 1 &&
	    desc_kind(f, desc_load(f, slots, 0), l->level) == PGTABLE_LEAF &&
	    f->is_run(desc_load(f, slots, 0), l->level)) {
		if (!linux_run_splits(f, t, desc_load(f, slots, 0), l->level))
			return false;
		engine_split_run(f, slots, (iova & t->iova_mask) >> shift, l->level);
		tlb_walk(t, iova, BIT(shift) << f->run_shift, BIT(shift) << f->run_shift);
	}
	for (uint64_t i = 0; i < l->per_page; i++) {
		char *slot = slots + (i << f->desc_shift);

		if (desc_kind(f, desc_load(f, slot, 0), l->level) == PGTABLE_TABLE) {
			engine_drop(f, t, slot, l->level, iova + (i << shift), free_below);
			continue;
		}
		desc_store(f, slot, 0, 0);
		if (!queued)
			tlb_pages(t, iova + (i << shift), BIT(shift), 1);
	}
	return true;
}

typedef bool unmap_odd_fn(struct pgtable *t, char *slots, const struct leaves *l, uint64_t iova,
			  bool queued);

/* Up to n pages of one table; returns how many.  Plain leaves go in one sweep. */
PGTABLE_INLINE uint64_t linux_unmap_here(const struct pgtable_format *f, struct pgtable *t,
					 char *slots, uint64_t n, const struct leaves *l,
					 uint64_t iova, bool queued, unmap_odd_fn *odd)
{
	unsigned shift = block_shift(f, l->level);
	uint64_t done = 0;

	while (done < n) {
		char *slot = slots + (done * l->per_page << f->desc_shift);
		uint64_t at = iova + done * l->size;
		uint64_t plain =
			slots_leaves(f, slot, (n - done) * l->per_page, l->level, l->per_page == 1);

		if (l->per_page > 1)
			plain -= plain % l->per_page;
		if (likely(plain)) {
			memset(slot, 0, plain << f->desc_shift);
			if (!queued)
				tlb_pages(t, at, BIT(shift), plain);
			done += l->per_page > 1 ? plain / l->per_page : plain;
		} else if (odd(t, slot, l, at, queued)) {
			done++;
		} else {
			break;
		}
	}
	return done;
}

/*
 * A leaf larger than the pages is in the way, at *p: it becomes a table without the pages.  Returns
 * how many of them are gone with that, 0 if the next level must be looked at, or a negative code.
 */
PGTABLE_INLINE int64_t linux_unmap_split(const struct pgtable_format *f, struct pgtable *t,
					 struct place *p, uint64_t iova, uint64_t count,
					 const struct leaves *l)
{
	unsigned shift = block_shift(f, p->level + 1), big = block_shift(f, p->level);
	uint64_t hole = iova >> shift & index_mask(f), holes = 0;

	if (f->run_shift) {
		/* sizes and places that no leaf below a section has: leave it whole */
		if (!is_power_of_two(l->size) || l->per_page > BIT(f->run_shift) ||
		    (l->per_page > 1 && (l->per_page != BIT(f->run_shift) || hole % l->per_page)))
			return -IOPT_EINVAL;
		if (f->is_run(desc_load(f, p->slot, 0), p->level)) {
			if (!linux_run_splits(f, t, desc_load(f, p->slot, 0), p->level))
				return -IOPT_EINVAL;
			engine_split_run(f, p->slot, (iova & t->iova_mask) >> big, p->level);
			tlb_walk(t, iova, BIT(big) << f->run_shift, BIT(big) << f->run_shift);
		}
		holes = l->per_page;
		count = 1;
	} else if (l->size == BIT(shift)) {
		holes = count = min_u64(count, BIT(f->index_bits) - hole);
	}
	if (engine_split(f, t, p, f->run_shift ? l->per_page : 1, hole, holes))
		return -IOPT_ENOMEM;
	if (!holes)
		return 0;
	tlb_pages(t, iova, l->size, count);
	return (int64_t)count;
}

typedef int64_t unmap_split_fn(struct pgtable *t, struct place *p, uint64_t iova, uint64_t count,
			       const struct leaves *l);

PGTABLE_INLINE void linux_unmap_pages(const struct pgtable_format *f, struct pgtable *t,
				      struct iopt_pages *r, place_fn *find, unmap_odd_fn *odd,
				      unmap_split_fn *split)
{
	uint64_t iova = r->iova, count = r->count;
	struct leaves l = {.size = r->page_size};

	if (!f->run_shift && (!r->page_size || (r->page_size & t->page_sizes) != r->page_size))
		return;
	if (!pgtable_reaches(t, iova) || count > INT32_MAX)
		return;
	count = linux_clip(t, r);
	l.level = linux_level(f, t, r->page_size, &l.per_page);
	if (f->run_shift && !l.per_page)
		return;
	while (count) {
		struct place p;
		uint64_t n;
		int ret = place_at(f, t, (iova & t->iova_mask) | t->iova_base, l.level, find, &p);

		if (unlikely(ret == -IOPT_EEXIST)) {
			int64_t gone = split(t, &p, iova, count, &l);

			if (!gone)
				continue;
			if (gone < 0)
				return;
			n = (uint64_t)gone;
		} else {
			if (unlikely(ret || !l.per_page))
				return;
			n = min_u64(count, l.per_page == 1 ? p.left : p.left / l.per_page);
			if (unlikely(f->run_shift && l.size != l.per_page
								       << block_shift(f, l.level)))
				n = min_u64(n, 1);
			n = linux_unmap_here(f, t, p.slot, n, &l, iova, r->queued, odd);
		}
		if (!n)
			return;
		r->done += n * l.size;
		iova += n * l.size;
		count -= n;
		if (!f->run_shift)
			return;
	}
}

/* ---- one page where the last one was: what drivers do most ---- */

/* Yes or no: without side effect if no. */
PGTABLE_INLINE bool linux_map_one(const struct pgtable_format *f, struct pgtable *t,
				  struct iopt_pages *r)
{
	char *slot = hint_slot(f, t, r->iova, r->page_size);
	int level = t->hint.level;
	uint64_t attrs;

	if (unlikely(!slot || r->pa & t->map_beyond || !(r->prot & (IOPT_READ | IOPT_WRITE)) ||
		     desc_load(f, slot, 0)))
		return false;
	attrs = f->place_attrs(t->attrs[r->prot], level, false);
	desc_store(f, slot, 0, f->make_leaf(r->pa, level, false, attrs));
	r->done = r->page_size;
	return true;
}

PGTABLE_INLINE bool linux_unmap_one(const struct pgtable_format *f, struct pgtable *t,
				    struct iopt_pages *r)
{
	char *slot = hint_slot(f, t, r->iova, r->page_size);
	int level = t->hint.level;
	uint64_t desc;

	if (unlikely(!slot))
		return false;
	desc = desc_load(f, slot, 0);
	if (unlikely(f->kind(desc, level) != PGTABLE_LEAF ||
		     (f->run_shift && f->is_run(desc, level))))
		return false;
	desc_store(f, slot, 0, 0);
	r->done = r->page_size;
	return true;
}

/* ---- iova_to_phys() ---- */

/* No range check, and bits of a misaligned leaf show: as Linux answers. 0: no mapping. */
PGTABLE_INLINE uint64_t linux_iova_to_phys(const struct pgtable_format *f,
					   const struct pgtable_walk *w, uint64_t iova)
{
	const struct pgtable_step *last = &w->steps[w->count - 1];
	unsigned shift = block_shift(f, last->level);

	if (w->absent || desc_kind(f, last->desc, last->level) != PGTABLE_LEAF)
		return 0;
	if (f->run_shift && f->is_run(last->desc, last->level))
		shift += f->run_shift;
	return f->linux_oa(last->desc, last->level) | (iova & (BIT(shift) - 1));
}

#endif
