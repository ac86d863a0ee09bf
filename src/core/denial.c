/* SPDX-License-Identifier: MIT */
/*
 * Which bits took a permission away is not told by a second model of permissions: the leaf is asked
 * again (space_attrs()) with one possible cause after the other taken out, and those count without
 * which the permission comes back.
 */
#include "denial.h"

#include <stdio.h>

#include "attrs.h"
#include "space.h"

struct iopt_attrs leaf_attrs(const struct leaf *l)
{
	struct iopt_attrs a;

	space_attrs(&l->t, l->desc, l->level, l->inherited, &a);
	return a;
}

enum where { IN_LEAF, IN_TABLES, IN_WXN, IN_UWXN, IN_DACR };

struct cause {
	enum where where;
	bool when_clear; /* it counts if all of the bits are clear, not if one is set */
	uint64_t bits;
	const char *text;
};

#define WXN_TEXT  "it is writable and SCTLR.WXN is 1"
#define UWXN_TEXT "PL0 may write it and SCTLR.UWXN is 1"

/*
 * What is taken out first must not bring another cause about that is not tried any more: "read
 * only" goes before what denies execution of what can be written, and EL0's access comes last.
 */
static const struct cause causes_two[] = {
	{IN_TABLES, false, BIT(62), "APTable[1]"},
	{IN_TABLES, false, BIT(61), "APTable[0]"},
	{IN_TABLES, false, BIT(60), "UXNTable"},
	{IN_TABLES, false, BIT(59), "PXNTable"},
	{IN_LEAF, false, BIT(7), "AP[2] is 1"},
	{IN_LEAF, false, BIT(54), "UXN is 1"},
	{IN_LEAF, false, BIT(53), "PXN is 1"},
	{IN_WXN, false, 0, WXN_TEXT},
	{IN_UWXN, false, 0, UWXN_TEXT},
	{IN_LEAF, false, BIT(6), "EL0 may write it (AP[2:1] is 1)"},
	{IN_LEAF, true, BIT(6), "AP[1] is 0"},
	{0},
};

/* AArch32: XN for both levels, and what cannot be read cannot be executed. */
static const struct cause causes_a32[] = {
	{IN_TABLES, false, BIT(62), "APTable[1]"},
	{IN_TABLES, false, BIT(61), "APTable[0]"},
	{IN_TABLES, false, BIT(60), "XNTable"},
	{IN_TABLES, false, BIT(59), "PXNTable"},
	{IN_LEAF, false, BIT(7), "AP[2] is 1"},
	{IN_LEAF, false, BIT(54), "XN is 1"},
	{IN_LEAF, false, BIT(53), "PXN is 1"},
	{IN_WXN, false, 0, WXN_TEXT},
	{IN_UWXN, false, 0, UWXN_TEXT},
	{IN_LEAF, true, BIT(6), "AP[1] is 0"},
	{0},
};

static const struct cause causes_one[] = {
	{IN_TABLES, false, BIT(62), "APTable[1]"},
	{IN_TABLES, false, BIT(60), "XNTable"},
	{IN_LEAF, false, BIT(7), "AP[2] is 1"},
	{IN_LEAF, false, BIT(54), "XN is 1"},
	{IN_WXN, false, 0, WXN_TEXT},
	{0},
};

static const struct cause causes_stage2[] = {
	{IN_LEAF, true, BIT(6), "S2AP[0] is 0"},
	{IN_LEAF, true, BIT(7), "S2AP[1] is 0"},
	{IN_LEAF, false, BITS(54, 53), "XN"},
	{0},
};

#define V7S_CAUSES(ap2, ap1, ap0, xn, in_pxn, pxn)                                              \
	{IN_DACR, false, 0, "DACR says so of its domain"}, {IN_LEAF, false, ap2, "AP[2] is 1"}, \
		{IN_LEAF, true, ap0, "AP[0] is 0"}, {IN_LEAF, false, xn, "XN is 1"},            \
		{in_pxn, false, pxn, "PXN is 1"}, {IN_WXN, false, 0, WXN_TEXT},                 \
		{IN_UWXN, false, 0, UWXN_TEXT}, {IN_LEAF, true, ap1, "AP[1] is 0"},             \
	{                                                                                       \
		0                                                                               \
	}

static const struct cause causes_section[] = {
	V7S_CAUSES(BIT(15), BIT(11), BIT(10), BIT(4), IN_LEAF, BIT(0))};
static const struct cause causes_small[] = {
	V7S_CAUSES(BIT(9), BIT(5), BIT(4), BIT(0), IN_TABLES, BIT(2))};
static const struct cause causes_large[] = {
	V7S_CAUSES(BIT(9), BIT(5), BIT(4), BIT(15), IN_TABLES, BIT(2))};

static const struct cause *causes_of(const struct leaf *l)
{
	const struct format_rule *rule = format_rule(l->t.format);

	if (rule->v7s && l->level == 1)
		return causes_section;
	if (rule->v7s)
		return l->t.ops->format->is_run(l->desc, 2) ? causes_large : causes_small;
	if (rule->stage2)
		return causes_stage2;
	if (l->t.regime != IOPT_REGIME_EL1 && !l->t.controls.e2h)
		return causes_one;
	return rule->aarch32 ? causes_a32 : causes_two;
}

static bool cause_counts(const struct leaf *l, const struct cause *c)
{
	switch (c->where) {
	case IN_LEAF:
		return c->when_clear ? !(l->desc & c->bits) : l->desc & c->bits;
	case IN_TABLES:
		return space_limits(&l->t, l->inherited) & c->bits;
	case IN_WXN:
		return l->t.controls.wxn;
	case IN_UWXN:
		return l->t.controls.uwxn;
	case IN_DACR:
		break;
	}
	return l->t.controls.has_dacr;
}

static void cause_remove(struct leaf *l, const struct cause *c)
{
	switch (c->where) {
	case IN_LEAF:
		l->desc = c->when_clear ? l->desc | c->bits : l->desc & ~c->bits;
		break;
	case IN_TABLES:
		l->inherited &= ~c->bits;
		break;
	case IN_WXN:
		l->t.controls.wxn = false;
		break;
	case IN_UWXN:
		l->t.controls.uwxn = false;
		break;
	case IN_DACR:
		l->t.controls.has_dacr = false;
		break;
	}
}

/* Is there the access, with the causes in 'removed' taken out? */
static bool granted_without(const struct leaf *l, unsigned removed, unsigned who, unsigned access)
{
	const struct cause *c = causes_of(l);
	struct leaf trial = *l;
	struct iopt_attrs a;

	for (unsigned i = 0; c[i].text; i++)
		if (removed >> i & 1)
			cause_remove(&trial, &c[i]);
	a = leaf_attrs(&trial);
	return a.access[who].access & access;
}

/*
 * The causes, as a mask, that have to be taken out together for an access, and no more: first all
 * that may be, one after the other until it is there, then back with each that is not needed.
 */
unsigned denial_causes(const struct leaf *l, unsigned who, unsigned access)
{
	const struct cause *c = causes_of(l);
	unsigned removed = 0;

	for (unsigned i = 0; c[i].text && !granted_without(l, removed, who, access); i++)
		if (cause_counts(l, &c[i]))
			removed |= 1u << i;
	if (!granted_without(l, removed, who, access))
		return 0;
	for (unsigned i = 0; c[i].text; i++)
		if (removed >> i & 1 && granted_without(l, removed & ~(1u << i), who, access))
			removed &= ~(1u << i);
	return removed;
}

void denial_text(const struct leaf *l, const struct iopt_walk *walk, unsigned causes, char *to,
		 size_t room)
{
	const struct cause *c = causes_of(l);
	size_t used = 0;

	*to = '\0';
	for (unsigned i = 0; c[i].text && used < room; i++) {
		if (!(causes >> i & 1))
			continue;
		used += (size_t)snprintf(to + used, room - used, "%s%s", used ? "; " : "",
					 c[i].text);
		for (unsigned k = 0; c[i].where == IN_TABLES && k < walk->step_count; k++) {
			const struct iopt_step *s = &walk->steps[k];

			if (s->type == IOPT_TYPE_TABLE && s->stage == 1 && s->desc & c[i].bits &&
			    used < room)
				used += (size_t)snprintf(to + used, room - used, " of level %d",
							 s->level);
		}
	}
}
