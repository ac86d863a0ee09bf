/* SPDX-License-Identifier: MIT */
/*
 * One row of formats becomes code: PGTABLE_INSTANTIATE(symbol, format) defines the struct
 * pgtable_ops 'symbol'.  What is rare, or called from several places, is a function of its own; the
 * one-page calls are short leaf functions that hand over to the general ones.
 */
#ifndef IOPT_PGTABLE_INSTANTIATE_H
#define IOPT_PGTABLE_INSTANTIATE_H

#include "best_fit.h"
#include "linux_policy.h"
#include "pgtable_visit.h"

#define PGTABLE_OUTLINED static __attribute__((noinline))
#define PGTABLE_COLD	 static __attribute__((noinline, cold))

#define PGTABLE_INSTANTIATE(symbol, fmt)                                                         \
	PGTABLE_COLD void symbol##_free_below(struct pgtable *t, uint64_t table, int level,      \
					      struct seen *seen)                                 \
	{                                                                                        \
		engine_free_below(&(fmt), t, table, level, seen, symbol##_free_below);           \
	}                                                                                        \
	static int symbol##_free_tables(struct pgtable *t)                                       \
	{                                                                                        \
		struct seen seen = {0};                                                          \
                                                                                                 \
		symbol##_free_below(t, t->root, t->start_level, &seen);                          \
		seen_destroy(&seen);                                                             \
		return 0;                                                                        \
	}                                                                                        \
	PGTABLE_OUTLINED int symbol##_place(struct pgtable *t, uint64_t iova, int level,         \
					    struct place *p)                                     \
	{                                                                                        \
		return engine_place(&(fmt), t, iova, level, false, p);                           \
	}                                                                                        \
	PGTABLE_OUTLINED int symbol##_place_make(struct pgtable *t, uint64_t iova, int level,    \
						 struct place *p)                                \
	{                                                                                        \
		return engine_place(&(fmt), t, iova, level, true, p);                            \
	}                                                                                        \
	PGTABLE_COLD uint64_t symbol##_make_room(struct pgtable *t, char *slots, uint64_t n,     \
						 int level, uint64_t iova)                       \
	{                                                                                        \
		return linux_make_room(&(fmt), t, slots, n, level, iova, symbol##_free_below);   \
	}                                                                                        \
	PGTABLE_OUTLINED int symbol##_map_many(struct pgtable *t, struct iopt_pages *r)          \
	{                                                                                        \
		return linux_map_pages(&(fmt), t, r, symbol##_place_make, symbol##_make_room);   \
	}                                                                                        \
	static int symbol##_map_pages(struct pgtable *t, struct iopt_pages *r)                   \
	{                                                                                        \
		if (likely(r->count == 1 && linux_map_one(&(fmt), t, r)))                        \
			return 0;                                                                \
		return symbol##_map_many(t, r);                                                  \
	}                                                                                        \
	PGTABLE_OUTLINED int symbol##_map_span(struct pgtable *t, const struct pgtable_span *s)  \
	{                                                                                        \
		return best_fit_map(&(fmt), t, s, symbol##_place_make);                          \
	}                                                                                        \
	PGTABLE_COLD bool symbol##_unmap_odd(struct pgtable *t, char *slots,                     \
					     const struct leaves *l, uint64_t iova, bool queued) \
	{                                                                                        \
		return linux_unmap_odd(&(fmt), t, slots, l, iova, queued, symbol##_free_below);  \
	}                                                                                        \
	PGTABLE_COLD int64_t symbol##_unmap_split(struct pgtable *t, struct place *p,            \
						  uint64_t iova, uint64_t count,                 \
						  const struct leaves *l)                        \
	{                                                                                        \
		return linux_unmap_split(&(fmt), t, p, iova, count, l);                          \
	}                                                                                        \
	PGTABLE_OUTLINED void symbol##_unmap_many(struct pgtable *t, struct iopt_pages *r)       \
	{                                                                                        \
		r->done = 0;                                                                     \
		linux_unmap_pages(&(fmt), t, r, symbol##_place, symbol##_unmap_odd,              \
				  symbol##_unmap_split);                                         \
	}                                                                                        \
	static void symbol##_unmap_pages(struct pgtable *t, struct iopt_pages *r)                \
	{                                                                                        \
		if (unlikely(r->count != 1 || !linux_unmap_one(&(fmt), t, r)))                   \
			symbol##_unmap_many(t, r);                                               \
		else if (!r->queued)                                                             \
			tlb_pages(t, r->iova, r->page_size, 1);                                  \
	}                                                                                        \
	static void symbol##_walk(struct pgtable *t, uint64_t iova, struct pgtable_walk *w)      \
	{                                                                                        \
		walk_steps(&(fmt), t, iova, w);                                                  \
	}                                                                                        \
	static uint64_t symbol##_iova_to_phys(struct pgtable *t, uint64_t iova)                  \
	{                                                                                        \
		struct pgtable_walk w;                                                           \
                                                                                                 \
		symbol##_walk(t, iova, &w);                                                      \
		return linux_iova_to_phys(&(fmt), &w, iova);                                     \
	}                                                                                        \
	PGTABLE_OUTLINED int symbol##_translate_far(struct pgtable *t, uint64_t iova,            \
						    uint64_t *oa, struct iopt_fault *fault)      \
	{                                                                                        \
		struct iopt_fault found = walk_translate(&(fmt), t, iova, oa);                   \
                                                                                                 \
		if (fault)                                                                       \
			*fault = found;                                                          \
		return found.type ? -IOPT_EFAULT : 0;                                            \
	}                                                                                        \
	PGTABLE_OUTLINED int symbol##_translate_walk(struct pgtable *t, uint64_t iova,           \
						     uint64_t *oa, struct iopt_fault *fault)     \
	{                                                                                        \
		if (likely(walk_translate_near(&(fmt), t, iova, oa)))                            \
			return 0;                                                                \
		return symbol##_translate_far(t, iova, oa, fault);                               \
	}                                                                                        \
	static int symbol##_translate(struct pgtable *t, uint64_t iova, uint64_t *oa,            \
				      struct iopt_fault *fault)                                  \
	{                                                                                        \
		if (likely(walk_translate_hint(&(fmt), t, iova, oa)))                            \
			return 0;                                                                \
		return symbol##_translate_walk(t, iova, oa, fault);                              \
	}                                                                                        \
	static size_t symbol##_translate_many(struct pgtable *t, const uint64_t *iova,           \
					      size_t count, uint64_t *oa)                        \
	{                                                                                        \
		return walk_translate_many(&(fmt), t, iova, count, oa, symbol##_translate_walk); \
	}                                                                                        \
	static int symbol##_visit(struct pgtable *t, const struct iopt_visitor *visitor)         \
	{                                                                                        \
		return visit_all(&(fmt), t, visitor);                                            \
	}                                                                                        \
	const struct pgtable_ops symbol = {                                                      \
		.format = &(fmt),                                                                \
		.map_span = symbol##_map_span,                                                   \
		.map_pages = symbol##_map_pages,                                                 \
		.unmap_pages = symbol##_unmap_pages,                                             \
		.iova_to_phys = symbol##_iova_to_phys,                                           \
		.translate = symbol##_translate,                                                 \
		.translate_many = symbol##_translate_many,                                       \
		.walk = symbol##_walk,                                                           \
		.visit = symbol##_visit,                                                         \
		.free_tables = symbol##_free_tables,                                             \
	}

#endif
