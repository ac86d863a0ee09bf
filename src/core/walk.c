/* SPDX-License-Identifier: MIT */
/*
 * One walk told whole: the steps of both stages, what the leaves allow, and the fault that hardware
 * would report.  Arm ARM: "Address translation stages", "MMU faults".
 */
#include "attrs.h"
#include "domain.h"

/* ---- steps ---- */

/* Why there is no descriptor. */
static enum iopt_presence presence_at(struct iopt_memory *m, uint64_t pa)
{
	uint64_t last = UINT64_MAX;
	enum iopt_presence presence = iopt_memory_presence(m, pa, &last);

	/* It begins in the memory and ends outside, or the host has no memory for it. */
	return presence == IOPT_PRESENT ? IOPT_ABSENT : presence;
}

static void add_steps(struct iopt_walk *walk, const struct pgtable *t, const struct pgtable_walk *w)
{
	const struct pgtable_format *f = t->ops->format;

	for (unsigned i = 0; i < w->count && walk->step_count < IOPT_STEPS_MAX; i++) {
		const struct pgtable_step *s = &w->steps[i];
		struct iopt_step *step = &walk->steps[walk->step_count++];

		*step = (struct iopt_step){
			.table = s->table,
			.index = s->index,
			.desc_pa = s->desc_pa,
			.desc = s->desc,
			.type = pgtable_type(f, s->desc, s->level),
			.level = s->level,
			.stage = t->stage,
			.absent = w->absent && i + 1 == w->count,
		};
		if (step->absent)
			step->presence = presence_at(t->memory, s->desc_pa);
	}
}

/* Hierarchical bits of the tables above the last step. */
static uint64_t inherited(const struct pgtable *t, const struct pgtable_walk *w)
{
	uint64_t bits = 0;

	for (unsigned i = 0; i + 1 < w->count; i++)
		bits |= t->ops->format->inherit(w->steps[i].desc);
	return bits;
}

/* log2 bytes of a leaf: a short descriptor's run counts as what it says that it is. */
static unsigned leaf_shift(const struct pgtable *t, const struct pgtable_step *leaf)
{
	const struct pgtable_format *f = t->ops->format;

	return block_shift(f, leaf->level) +
	       (f->is_run(leaf->desc, leaf->level) ? f->run_shift : 0);
}

/* ---- one stage ---- */

struct stage {
	struct pgtable *t;
	struct pgtable_walk w;
	struct iopt_fault fault;
	struct iopt_attrs attrs;
	uint64_t out, size; /* where it leads, and around it */
};

/* Translates without asking for permissions; the steps are there after a fault too. */
static void stage_walk(struct stage *s, struct pgtable *t, uint64_t in)
{
	const struct pgtable_step *last;

	*s = (struct stage){.t = t};
	t->ops->translate(t, in, &s->out, &s->fault);
	if (!pgtable_reaches(t, in))
		return;
	t->ops->walk(t, in, &s->w);
	/* hardware goes no further than to the descriptor that faults */
	while (s->fault.type && s->w.count > 1 &&
	       s->w.steps[s->w.count - 1].level > s->fault.level) {
		s->w.count--;
		s->w.absent = false;
	}
	if (s->fault.type)
		return;
	last = &s->w.steps[s->w.count - 1];
	s->size = BIT(leaf_shift(t, last));
	space_attrs(t, last->desc, last->level, inherited(t, &s->w), &s->attrs);
}

/* Short descriptors: what DACR denies is a fault of its own. */
static bool domain_denied(const struct stage *s)
{
	const struct pgtable_step *last = &s->w.steps[s->w.count - 1];

	return s->t->format == IOPT_ARM_V7S &&
	       !(v7s_domain(s->t, last->desc, last->level, inherited(s->t, &s->w)) & 1);
}

/* The fault if 'el', one of the regime's, may not do this. */
static void stage_permission(struct stage *s, unsigned access, unsigned el)
{
	const int level = s->w.steps[s->w.count - 1].level;

	for (unsigned i = 0; i < s->attrs.level_count; i++) {
		if (s->attrs.access[i].el == el && (s->attrs.access[i].access & access) != access)
			s->fault = (struct iopt_fault){domain_denied(s) ? IOPT_FAULT_DOMAIN
									: IOPT_FAULT_PERMISSION,
						       level, s->t->stage};
	}
}

static bool regime_has(const struct pgtable *t, unsigned el)
{
	switch (t->regime) {
	case IOPT_REGIME_EL2:
		return el == 2 || (el == 0 && t->controls.e2h);
	case IOPT_REGIME_EL3:
		return el == 3;
	default:
		return el <= 1;
	}
}

/* ---- both ---- */

/* A stage 1 table that is not there: stage 2 may say why. */
static void table_fault(const struct iopt_domain *d, const struct stage *one, struct stage *two,
			struct iopt_walk *walk)
{
	const struct pgtable_step *last = &one->w.steps[one->w.count - 1];

	stage_walk(two, &d->stage2->spaces[0], last->desc_pa);
	if (!two->fault.type && walk->step_count)
		walk->steps[walk->step_count - 1].presence =
			presence_at(d->stage2->memory, two->out);
	if (!two->fault.type)
		stage_permission(two, IOPT_ACCESS_R, 1);
	if (!two->fault.type)
		two->fault = one->fault;
}

static void walk_stage2(struct iopt_domain *d, struct stage *one, unsigned access, unsigned el,
			struct iopt_walk *walk)
{
	const bool table = one->fault.type == IOPT_FAULT_EXTERNAL;
	struct stage two;

	if (table)
		table_fault(d, one, &two, walk);
	else
		stage_walk(&two, &d->stage2->spaces[0], one->out);
	add_steps(walk, two.t, &two.w);
	if (!table && !two.fault.type && access)
		stage_permission(&two, access, el);
	if (!two.fault.type) {
		walk->pa = two.out;
		walk->size = min_u64(one->size, two.size);
		for (unsigned i = 0; i < one->attrs.level_count && i < 2; i++)
			one->attrs.access[i].access &= two.attrs.access[i].access;
		attrs_combine(&one->attrs, &two.attrs, two.t->controls.fwb);
	}
	one->fault = two.fault;
}

int iopt_walk(struct iopt_domain *d, uint64_t iova, unsigned access, unsigned el,
	      struct iopt_walk *walk)
{
	struct pgtable *t = domain_space_of(d, &iova, access == IOPT_ACCESS_X);
	struct stage one;
	int ret;

	if (walk->struct_size < sizeof(*walk) || (access && !regime_has(t, el)))
		return -IOPT_EINVAL;
	*walk = (struct iopt_walk){
		.struct_size = sizeof(*walk),
		.space = (unsigned)(t - d->spaces),
	};
	if (!d->space_count) {
		/* no walk: nothing translates, or everything to itself */
		if (t->ops->translate(t, iova, &walk->pa, &walk->fault))
			return -IOPT_EFAULT;
		walk->ipa = walk->pa;
		return 0;
	}
	ret = domain_refresh(d);
	if (ret)
		return ret;
	stage_walk(&one, t, iova);
	add_steps(walk, t, &one.w);
	walk->inherited = inherited(t, &one.w);
	if (!one.fault.type && access)
		stage_permission(&one, access, el);
	if (!one.fault.type) {
		walk->pa = walk->ipa = one.out;
		walk->size = one.size;
	}
	if (d->stage2 && (!one.fault.type || one.fault.type == IOPT_FAULT_EXTERNAL))
		walk_stage2(d, &one, access, el, walk);
	walk->fault = one.fault;
	walk->attrs = one.attrs;
	if (walk->fault.type) {
		walk->pa = 0;
		return -IOPT_EFAULT;
	}
	return 0;
}
