/* SPDX-License-Identifier: MIT */
/*
 * The steps that every policy is made of, over one table at a time: place, fill, clear, drop,
 * split, free.  Each takes the format as a constant and is inlined, so that what a format does not
 * have leaves no code.  Only pgtable_*.c may include this.
 */
#ifndef IOPT_PGTABLE_ENGINE_H
#define IOPT_PGTABLE_ENGINE_H

#include "pgtable.h"
#include "seen.h"

/* scripts/coverage counts a function once, not once for each row that it is inlined into. */
#ifndef PGTABLE_INLINE
#define PGTABLE_INLINE static inline __attribute__((always_inline))
#endif

typedef uint64_t __attribute__((may_alias)) desc64_t;
typedef uint32_t __attribute__((may_alias)) desc32_t;

PGTABLE_INLINE bool desc_swapped(const struct pgtable_format *f)
{
	return f->big_endian == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
}

PGTABLE_INLINE uint64_t desc_load(const struct pgtable_format *f, const void *slots, uint64_t i)
{
	if (f->desc_shift == 3) {
		uint64_t desc = ((const desc64_t *)slots)[i];

		return desc_swapped(f) ? __builtin_bswap64(desc) : desc;
	}
	uint32_t desc = ((const desc32_t *)slots)[i];

	return desc_swapped(f) ? __builtin_bswap32(desc) : desc;
}

PGTABLE_INLINE void desc_store(const struct pgtable_format *f, void *slots, uint64_t i,
			       uint64_t desc)
{
	if (f->desc_shift == 3)
		((desc64_t *)slots)[i] = desc_swapped(f) ? __builtin_bswap64(desc) : desc;
	else
		((desc32_t *)slots)[i] =
			desc_swapped(f) ? __builtin_bswap32((uint32_t)desc) : (uint32_t)desc;
}

/* A block where the architecture has none is no leaf. */
PGTABLE_INLINE enum pgtable_kind desc_kind(const struct pgtable_format *f, uint64_t desc, int level)
{
	enum pgtable_kind kind = f->kind(desc, level);

	return kind == PGTABLE_LEAF && level < f->first_leaf_level ? PGTABLE_INVALID : kind;
}

PGTABLE_INLINE uint64_t index_mask(const struct pgtable_format *f)
{
	return BIT(f->index_bits) - 1;
}

/* Number of the slot of the first table that translates 'iova'; bits above ias do not count. */
PGTABLE_INLINE uint64_t root_index(const struct pgtable *t, uint64_t iova)
{
	return (iova & t->iova_mask) >> t->root_shift;
}

PGTABLE_INLINE void tlb_event(const struct pgtable *t, const struct iopt_tlb_event *event)
{
	if (t->on_tlb)
		t->on_tlb(t->on_tlb_arg, event);
}

/* tlb_add_page() for each of 'count' pages. */
PGTABLE_INLINE void tlb_pages(const struct pgtable *t, uint64_t iova, uint64_t size, uint64_t count)
{
	tlb_event(t, &(struct iopt_tlb_event){IOPT_TLB_PAGE, iova, size, size, count});
}

PGTABLE_INLINE void tlb_walk(const struct pgtable *t, uint64_t iova, uint64_t size,
			     uint64_t granule)
{
	tlb_event(t, &(struct iopt_tlb_event){IOPT_TLB_WALK, iova, size, granule, 1});
}

/* ---- the hint: where the table used last is ---- */

PGTABLE_INLINE void hint_set(const struct pgtable_format *f, struct pgtable *t, uint64_t iova,
			     int level, const char *table, bool may_write)
{
	unsigned shift = block_shift(f, level);

	t->hint = (struct pgtable_hint){
		.tag = iova >> (shift + f->index_bits),
		.generation = t->memory->generation,
		.table = (char *)table,
		.size = may_write ? BIT(shift) : 0,
		.shift = (uint8_t)shift,
		.level = (int8_t)level,
	};
}

/* Is slot 'index', counted over the whole space, in the table used last? */
PGTABLE_INLINE bool hint_covers(const struct pgtable_format *f, const struct pgtable *t,
				uint64_t index)
{
	return index >> f->index_bits == t->hint.tag && t->hint.generation == t->memory->generation;
}

/* The slot for a leaf of 'size' at 'iova', to be written, if the table used last has it. */
PGTABLE_INLINE char *hint_slot(const struct pgtable_format *f, const struct pgtable *t,
			       uint64_t iova, uint64_t size)
{
	uint64_t index = iova >> t->hint.shift;

	if (unlikely(size != t->hint.size || !hint_covers(f, t, index)))
		return NULL;
	return t->hint.table + ((index & index_mask(f)) << f->desc_shift);
}

/* ---- places ---- */

/* A slot that may be written. */
struct place {
	char *slot;
	uint64_t left; /* slots from here to the end of the table, or of its page */
	int level;
	bool whole; /* all of the table is in memory */
};

/* Why the slot at 'pa' is not to be had: the host has no room for what is there, or nothing is. */
PGTABLE_INLINE int slot_missing(const struct pgtable_format *f, const struct pgtable *t,
				uint64_t pa)
{
	return memory_has(t->memory, pa, UINT64_C(1) << f->desc_shift) ? -IOPT_ENOMEM
								       : -IOPT_EFAULT;
}

PGTABLE_INLINE int place_here(const struct pgtable_format *f, struct pgtable *t, uint64_t pa,
			      uint64_t index, int level, struct place *p)
{
	/* a concatenated first table is several pages: Linux stops at the end of each */
	uint64_t slots = level == t->start_level && t->root_bits < f->index_bits
				 ? BIT(t->root_bits)
				 : BIT(f->index_bits);

	uint64_t bytes;

	p->slot = memory_write(t->memory, pa, UINT64_C(1) << f->desc_shift);
	if (!p->slot)
		return slot_missing(f, t, pa);
	/* short descriptors: the first table is one, however wide */
	if (f->run_shift && level == t->start_level)
		slots = BIT(t->root_bits);
	p->left = slots - (index & (slots - 1));
	p->level = level;
	p->whole = memory_peek(t->memory, pa) != NULL;
	if (unlikely(!p->whole)) {
		/* the rest of the table may be absent */
		memory_span(t->memory, pa, &bytes);
		p->left = min_u64(p->left, bytes >> f->desc_shift);
	}
	if (unlikely(t->memory->foreign))
		memory_changed(t->memory);
	return 0;
}

/* Frees a table that this tree has allocated; false: it has not. */
PGTABLE_INLINE bool table_free(struct pgtable *t, uint64_t table)
{
	struct seen_entry *e = t->made ? seen_get(t->made, table) : NULL;

	if (t->made && !(e && e->iova))
		return false;
	if (e)
		e->iova = 0;
	return memory_free(t->memory, table);
}

/* A zeroed table where descriptors can point to; one that was found keeps a list of those it made.
 */
PGTABLE_INLINE int table_alloc(struct pgtable *t, uint64_t *table)
{
	struct seen_entry *e = NULL;
	bool added;
	int ret = memory_alloc(t->memory, t->table_alloc, table);

	if (ret)
		return ret;
	if (t->made)
		e = seen_find(t->made, *table, 0, 0, &added);
	if (*table & ~t->table_mask || (t->made && !e)) {
		memory_free(t->memory, *table);
		return -IOPT_ENOMEM;
	}
	if (e)
		e->iova = 1; /* live */
	return 0;
}

/* A new table, linked at 'pa'. */
PGTABLE_INLINE int table_add(const struct pgtable_format *f, struct pgtable *t, uint64_t pa,
			     uint64_t *desc)
{
	uint64_t table;
	void *slot;
	int ret = table_alloc(t, &table);

	if (ret)
		return ret;
	slot = memory_write(t->memory, pa, UINT64_C(1) << f->desc_shift);
	if (!slot) {
		memory_free(t->memory, table);
		return -IOPT_ENOMEM;
	}
	*desc = f->make_table(table) | t->table_bits;
	desc_store(f, slot, 0, *desc);
	return 0;
}

/*
 * Descends to the slot of 'level' for 'iova', adding missing tables if 'make', and leaves the hint
 * there.  ENOENT: no table on the way.  EEXIST: a leaf on the way, which *p then is.
 */
PGTABLE_INLINE int engine_place(const struct pgtable_format *f, struct pgtable *t, uint64_t iova,
				int level, bool make, struct place *p)
{
	uint64_t table = t->root, index = root_index(t, iova), desc, beyond = 0;

	for (int l = t->start_level;; l++) {
		uint64_t pa = table + (index << f->desc_shift);
		const void *slot;
		int ret;

		beyond |= table & t->oa_beyond;
		if (l == level) {
			ret = place_here(f, t, pa, index, l, p);
			if (!ret && l > t->start_level && p->whole && !beyond &&
			    !t->memory->foreign)
				hint_set(f, t, iova, l, p->slot - (index << f->desc_shift), true);
			return ret;
		}
		slot = memory_read(t->memory, pa, UINT64_C(1) << f->desc_shift);
		if (unlikely(!slot))
			return slot_missing(f, t, pa);
		desc = desc_load(f, slot, 0);
		switch (desc_kind(f, desc, l)) {
		case PGTABLE_LEAF:
			ret = place_here(f, t, pa, index, l, p);
			return ret ? ret : -IOPT_EEXIST;
		case PGTABLE_INVALID:
			if (!make)
				return -IOPT_ENOENT;
			ret = table_add(f, t, pa, &desc);
			if (ret)
				return ret;
			break;
		case PGTABLE_TABLE:
			break;
		}
		table = f->next_table(desc);
		index = iova >> block_shift(f, l + 1) & index_mask(f);
	}
}

typedef int place_fn(struct pgtable *t, uint64_t iova, int level, struct place *p);

/* The slot of 'level' for 'iova': in the table used last, or by 'find'. */
PGTABLE_INLINE int place_at(const struct pgtable_format *f, struct pgtable *t, uint64_t iova,
			    int level, place_fn *find, struct place *p)
{
	uint64_t index = iova >> t->hint.shift;

	if (unlikely(t->hint.size != BIT(block_shift(f, level)) || !hint_covers(f, t, index)))
		return find(t, iova, level, p);
	index &= index_mask(f);
	p->slot = t->hint.table + (index << f->desc_shift);
	p->left = BIT(f->index_bits) - index;
	p->level = level;
	return 0;
}

/* ---- slots of one table ---- */

PGTABLE_INLINE bool slots_zero(const struct pgtable_format *f, const void *slots, uint64_t n)
{
	uint64_t any = 0;

	for (uint64_t i = 0; i < n; i++)
		any |= f->desc_shift == 3 ? ((const desc64_t *)slots)[i]
					  : ((const desc32_t *)slots)[i];
	return !any;
}

/*
 * What 'pages' leaves of one size are made of: 'per_page' slots each (1, or a run's), that many
 * 'size' bytes apart.
 */
struct leaves {
	uint64_t oa, size, attrs, per_page;
	int level;
};

/*
 * Leaves of one slot.  From one to the next only the address moves on, until it carries into bits
 * that the format stores elsewhere: between two such places the descriptor itself counts up.
 */
PGTABLE_INLINE void slots_fill_plain(const struct pgtable_format *f, char *slots, uint64_t pages,
				     const struct leaves *l, uint64_t attrs)
{
	const unsigned shift = block_shift(f, l->level);
	uint64_t oa = l->oa, n;

	for (; pages; pages -= n, oa += n << shift, slots += n << f->desc_shift) {
		uint64_t room = BIT(f->oa_carry_shift) - (oa & (BIT(f->oa_carry_shift) - 1));
		uint64_t desc = f->make_leaf(oa, l->level, false, attrs);

		n = min_u64(pages, (room + BIT(shift) - 1) >> shift);
		for (uint64_t i = 0; i < n; i++, desc += BIT(shift))
			desc_store(f, slots, i, desc);
	}
}

PGTABLE_INLINE void slots_fill(const struct pgtable_format *f, char *slots, uint64_t pages,
			       const struct leaves *l)
{
	const int level = l->level;
	uint64_t oa = l->oa, attrs = f->place_attrs(l->attrs, level, l->per_page > 1);

	if (likely(!f->run_shift || l->per_page == 1)) {
		slots_fill_plain(f, slots, pages, l, attrs);
		return;
	}
	for (; pages; pages--, oa += l->size, slots += l->per_page << f->desc_shift) {
		uint64_t desc = f->make_leaf(oa, level, true, attrs);

		for (uint64_t i = 0; i < l->per_page; i++)
			desc_store(f, slots, i, desc);
	}
}

/* Leading slots that are leaves; with 'single' also no part of a run. */
PGTABLE_INLINE uint64_t slots_leaves(const struct pgtable_format *f, const char *slots, uint64_t n,
				     int level, bool single)
{
	uint64_t i = 0;

	for (; i < n; i++) {
		uint64_t desc = desc_load(f, slots, i);

		if (desc_kind(f, desc, level) != PGTABLE_LEAF ||
		    (f->run_shift && single && f->is_run(desc, level)))
			break;
	}
	return i;
}

/* Up to 'most' slots at 'pa' that are present, or NULL and how many are not; *n is at least 1. */
PGTABLE_INLINE const char *slots_span(const struct pgtable_format *f, struct pgtable *t,
				      uint64_t pa, uint64_t most, uint64_t *n)
{
	const uint64_t desc_bytes = UINT64_C(1) << f->desc_shift;
	uint64_t bytes;
	const char *slots = memory_span(t->memory, pa, &bytes);

	if (slots && bytes >= desc_bytes)
		bytes = align_down(bytes, desc_bytes);
	else
		slots = NULL;
	*n = min_u64(most, (bytes + desc_bytes - 1) >> f->desc_shift);
	return slots;
}

/* ---- tables that go ---- */

/* Frees the table and all below it: by name, since it calls itself. */
typedef void free_below_fn(struct pgtable *t, uint64_t table, int level, struct seen *seen);

/*
 * What the allocator did not make (a dump's tables) stays, but what hangs below it goes.  A hostile
 * table may point back: a table that is not, or no longer, ours is entered once a level.
 */
PGTABLE_INLINE void engine_free_below(const struct pgtable_format *f, struct pgtable *t,
				      uint64_t table, int level, struct seen *seen,
				      free_below_fn *self)
{
	uint64_t slots = table_bytes(t, level) >> f->desc_shift, n;

	if (!table_free(t, table) && seen_add(seen, table, level, 0) <= 0)
		return;
	if (level == f->last_level)
		return;
	for (uint64_t i = 0; i < slots; i += n) {
		const char *span = slots_span(f, t, table + (i << f->desc_shift), slots - i, &n);
		uint64_t generation = t->memory->generation;

		for (uint64_t j = 0; span && j < n; j++) {
			uint64_t desc = desc_load(f, span, j);

			if (desc_kind(f, desc, level) != PGTABLE_TABLE)
				continue;
			self(t, f->next_table(desc), level + 1, seen);
			if (t->memory->generation != generation)
				n = j + 1; /* the span may be gone */
		}
	}
}

/* Unlinks the table at 'slot', tells, and frees it and all below. */
PGTABLE_INLINE void engine_drop(const struct pgtable_format *f, struct pgtable *t, char *slot,
				int level, uint64_t iova, free_below_fn *free_below)
{
	uint64_t table = f->next_table(desc_load(f, slot, 0));
	struct seen seen = {0};

	desc_store(f, slot, 0, 0);
	tlb_walk(t, iova, BIT(block_shift(f, level)), BIT(f->granule_shift));
	free_below(t, table, level + 1, &seen);
	memory_changed(t->memory); /* also when nothing of it was ours: a hint may point into it */
	seen_destroy(&seen);
}

/* ---- splits ---- */

/*
 * The leaf at *p becomes a table of leaves one level down that are 'per_page' slots each, all but
 * slots [hole, hole + holes).  Nothing is changed on failure.
 */
PGTABLE_INLINE int engine_split(const struct pgtable_format *f, struct pgtable *t,
				const struct place *p, uint64_t per_page, uint64_t hole,
				uint64_t holes)
{
	uint64_t desc = desc_load(f, p->slot, 0), table;
	unsigned shift = block_shift(f, p->level + 1);
	struct leaves l = {
		.oa = f->linux_oa(desc, p->level),
		.size = per_page << shift,
		.attrs = f->split_attrs(desc, p->level),
		.per_page = per_page,
		.level = p->level + 1,
	};
	char *slots;
	int ret = table_alloc(t, &table);

	if (ret)
		return ret;
	slots = memory_write(t->memory, table, BIT(f->index_bits + f->desc_shift));
	if (!slots) {
		memory_free(t->memory, table);
		return -IOPT_ENOMEM;
	}
	slots_fill(f, slots, BIT(f->index_bits) / per_page, &l);
	memset(slots + (hole << f->desc_shift), 0, holes << f->desc_shift);
	desc_store(f, p->slot, 0, f->make_table(table) | f->split_table(desc) | t->table_bits);
	return 0;
}

/* The run that slot number 'index' of its table is part of becomes as many single leaves. */
PGTABLE_INLINE void engine_split_run(const struct pgtable_format *f, char *slot, uint64_t index,
				     int level)
{
	uint64_t part = index & (BIT(f->run_shift) - 1), desc = desc_load(f, slot, 0);

	slot -= part << f->desc_shift;
	for (unsigned i = 0; i < 1u << f->run_shift; i++)
		desc_store(f, slot, i, f->run_part(desc, level, i));
}

#endif
