/* SPDX-License-Identifier: MIT */
/*
 * Firmware's rule, composed of the engine's steps: the largest leaves that fit, joined by
 * contiguous hints or as runs, in tables that are made on the way.  Only pgtable_*.c may include
 * this.
 */
#ifndef IOPT_BEST_FIT_H
#define IOPT_BEST_FIT_H

#include "pgtable_engine.h"

/* The lowest of the span's levels whose leaf begins at 'iova' and fits into 'left' bytes. */
PGTABLE_INLINE int best_fit_level(const struct pgtable_format *f, const struct pgtable_span *s,
				  uint64_t iova, uint64_t left)
{
	int level = s->first_level;

	for (; level < s->last_level; level++) {
		uint64_t size = BIT(block_shift(f, level));

		if (!(iova & (size - 1)) && left >= size)
			break;
	}
	return level;
}

/* 'n' leaves of one slot each. */
PGTABLE_INLINE void best_fit_singles(const struct pgtable_format *f, char *slots, uint64_t n,
				     struct leaves l)
{
	slots_fill_plain(f, slots, n, &l, f->place_attrs(l.attrs, l.level, false));
}

/* 'n' slots that are whole runs: equal ones, or, each for itself, with the hint. */
PGTABLE_INLINE void best_fit_runs(const struct pgtable_format *f, char *slots, uint64_t n,
				  struct leaves l)
{
	if (f->run_shift) {
		l.per_page = BIT(f->run_shift);
		l.size = BIT(block_shift(f, l.level)) << f->run_shift;
		slots_fill(f, slots, n >> f->run_shift, &l);
		return;
	}
	l.attrs |= f->contiguous;
	best_fit_singles(f, slots, n, l);
}

/*
 * 'n' slots of one table from 'iova' on: single leaves up to where a run may begin, runs, and what
 * is left over.
 */
PGTABLE_INLINE void best_fit_fill(const struct pgtable_format *f, char *slots, uint64_t n,
				  uint64_t iova, struct leaves l, bool runs)
{
	const unsigned shift = block_shift(f, l.level);
	const uint64_t run = BIT(contiguous_shift(f, l.level));
	uint64_t head = -(iova >> shift) & (run - 1), body;

	if (!runs || run == 1 || (iova ^ l.oa) & ((run << shift) - 1) || head + run > n) {
		best_fit_singles(f, slots, n, l);
		return;
	}
	body = align_down(n - head, run);
	best_fit_singles(f, slots, head, l);
	l.oa += head << shift;
	slots += head << f->desc_shift;
	best_fit_runs(f, slots, body, l);
	l.oa += body << shift;
	slots += body << f->desc_shift;
	best_fit_singles(f, slots, n - head - body, l);
}

PGTABLE_INLINE int best_fit_map(const struct pgtable_format *f, struct pgtable *t,
				const struct pgtable_span *s, place_fn *find)
{
	uint64_t iova = s->iova, oa = s->oa, left = s->bytes, tables = 0, n;

	for (; left; iova += n, oa += n, left -= n) {
		struct leaves l = {.oa = oa, .attrs = s->attrs, .per_page = 1};
		struct place p;
		unsigned shift;
		int ret;

		l.level = best_fit_level(f, s, iova, left);
		shift = block_shift(f, l.level);
		l.size = BIT(shift);
		ret = place_at(f, t, iova, l.level, find, &p);
		if (!ret)
			ret = memory_poll(t->memory, ++tables, NULL, 0, 0);
		if (unlikely(ret))
			return ret;
		n = min_u64(p.left, left >> shift);
		best_fit_fill(f, p.slot, n, iova, l, s->runs);
		n <<= shift;
	}
	return 0;
}

#endif
