/* SPDX-License-Identifier: MIT */
/*
 * lint's rules about slots that only together are something: the Contiguous bit of 64-bit
 * descriptors, and the copies of short ones.  Arm ARM: "The Contiguous bit", "VMSAv8-32
 * Short-descriptor format descriptors".
 */
#include "lint.h"

#define DESC_CONTIGUOUS BIT(52)
#define DESC_DBM	BIT(51)
#define DESC_AP2	BIT(7)
/* What hardware sets by itself, one entry at a time, and what it does not look at. */
#define DESC_FREE (BITS(63, 55) | BIT(10))

/* The part of the leaves that lies in [first, first + slots). */
static struct lint_place part_of(const struct lint_leaves *v, uint64_t first, uint64_t slots)
{
	const uint64_t from = max_u64(v->place.index, first);
	const uint64_t end = min_u64(v->place.index + v->place.count, first + slots);

	return (struct lint_place){v->place.table, from, end - from};
}

/* Why the group that begins at slot 'first' is none; NULL: it is one. */
static const char *contiguous_fault(const struct lint *l, const struct lint_leaves *v,
				    uint64_t first, uint64_t slots)
{
	const struct pgtable_format *f = l->t->ops->format;
	const uint64_t free = DESC_FREE | (v->desc & DESC_DBM ? DESC_AP2 : 0);
	uint64_t base = 0, desc, oa;

	for (uint64_t i = 0; i < slots; i++) {
		if (!pgtable_slot(l->t, v->place.table->pa, first + i, &desc))
			return "part of the group is not in memory";
		if (f->kind(desc, v->level) != PGTABLE_LEAF)
			return "not all entries of the group are leaves";
		if (!(desc & DESC_CONTIGUOUS))
			return "not all entries of the group have the Contiguous bit";
		if ((f->leaf_attrs(desc, v->level) ^ f->leaf_attrs(v->desc, v->level)) & ~free)
			return "the entries of the group have different attributes";
		oa = f->leaf_oa(desc, v->level);
		if (!i)
			base = oa;
		if (oa != base + i * v->size)
			return "the output addresses of the group are not consecutive";
	}
	return base & (slots * v->size - 1) ? "the output address is not aligned to the group"
					    : NULL;
}

/* All of the group is in these leaves, whose addresses are consecutive: one look is enough. */
static bool is_plain_group(const struct lint *l, const struct lint_leaves *v, uint64_t first,
			   uint64_t slots)
{
	const uint64_t desc = v->desc + (first - v->place.index) * v->step;

	return first >= v->place.index && first + slots <= v->place.index + v->place.count &&
	       v->step == v->size &&
	       !(l->t->ops->format->leaf_oa(desc, v->level) & (slots * v->size - 1));
}

void lint_contiguous(struct lint *l, const struct lint_leaves *v)
{
	const unsigned shift = contiguous_shift(l->t->ops->format, v->level);
	const uint64_t slots = BIT(shift), end = v->place.index + v->place.count;

	if (l->view.v7s || !v->attrs.contiguous || !lint_wants(l, LINT_CONTIGUOUS))
		return;
	if (!shift || v->place.table->slots < slots) {
		lint_find(l, LINT_CONTIGUOUS, v->place, 0, "%s",
			  shift ? "the table is shorter than a group"
				: "this level has no contiguous entries");
		return;
	}
	for (uint64_t i = align_down(v->place.index, slots); i < end; i += slots) {
		const char *fault =
			is_plain_group(l, v, i, slots) ? NULL : contiguous_fault(l, v, i, slots);

		if (fault)
			lint_find(l, LINT_CONTIGUOUS, part_of(v, i, slots), (uintptr_t)fault, "%s",
				  fault);
	}
}

/* Are all of these slots the same? */
static bool are_copies(const struct lint *l, const struct lint_leaves *v, uint64_t first,
		       uint64_t slots)
{
	uint64_t desc;

	if (first + slots > v->place.table->slots)
		return false;
	for (uint64_t i = 0; i < slots; i++)
		if (!pgtable_slot(l->t, v->place.table->pa, first + i, &desc) || desc != v->desc)
			return false;
	return true;
}

void lint_copies(struct lint *l, const struct lint_leaves *v)
{
	const struct pgtable_format *f = l->t->ops->format;
	const uint64_t slots = BIT(f->run_shift), end = v->place.index + v->place.count;

	if (!f->run_shift || !f->is_run(v->desc, v->level) || !lint_wants(l, LINT_RUN_COPIES))
		return;
	for (uint64_t i = align_down(v->place.index, slots); i < end; i += slots) {
		const struct lint_place part = part_of(v, i, slots);
		/* the run is these leaves' first copy, or one a step on */
		struct lint_leaves at = *v;

		at.desc += (part.index - v->place.index) * v->step;
		if (!are_copies(l, &at, i, slots))
			lint_find(l, LINT_RUN_COPIES, part, 0,
				  "not all 16 descriptors of this %s are the same",
				  iopt_type_name(v->type));
	}
}
