/* SPDX-License-Identifier: MIT */
/* Why a walk ended as it did, in sentences. */
#include <stdarg.h>
#include <stdio.h>

#include "attrs.h"
#include "denial.h"
#include "domain.h"

struct teller {
	int (*tell)(void *arg, const char *sentence);
	void *arg;
	const char *prefix; /* which stage, where there are two */
	int ret;
};

static void say(struct teller *to, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct teller *to, const char *format, ...)
{
	char text[512];
	int length = snprintf(text, sizeof(text), "%s", to->prefix);
	va_list list;

	if (to->ret)
		return;
	va_start(list, format);
	vsnprintf(text + length, sizeof(text) - (size_t)length, format, list);
	va_end(list);
	to->ret = to->tell(to->arg, text);
}

/* ---- sentences about a leaf ---- */

static const struct {
	enum iopt_access access;
	const char *name;
} accesses[] = {{IOPT_ACCESS_R, "read"}, {IOPT_ACCESS_W, "write"}, {IOPT_ACCESS_X, "execute"}};

/* What one exception level may not, the accesses that have the same causes together. */
static void say_denied(struct teller *to, const struct leaf *l, const struct iopt_walk *walk,
		       unsigned who)
{
	const struct iopt_attrs a = leaf_attrs(l);
	unsigned masks[ARRAY_SIZE(accesses)], said = a.access[who].access;
	char names[32], why[256];

	for (unsigned i = 0; i < ARRAY_SIZE(accesses); i++)
		masks[i] =
			said & accesses[i].access ? 0 : denial_causes(l, who, accesses[i].access);
	for (unsigned i = 0; i < ARRAY_SIZE(accesses); i++) {
		size_t used = 0;

		for (unsigned k = i; k < ARRAY_SIZE(accesses); k++) {
			if (said & accesses[k].access || masks[k] != masks[i])
				continue;
			said |= accesses[k].access;
			used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
						 used ? ", " : "", accesses[k].name);
		}
		denial_text(l, walk, masks[i], why, sizeof(why));
		if (used)
			say(to, "EL%u may not %s%s%s", a.access[who].el, names, *why ? ": " : "",
			    why);
	}
}

static void say_domain(struct teller *to, const struct leaf *l)
{
	static const char *const words[] = {"no access", "client: permissions count",
					    "reserved: no access", "manager: all is allowed"};
	const struct pgtable_controls *c = &l->t.controls;
	unsigned domain = (unsigned)field_get(l->level == 1 ? l->desc : l->inherited, BITS(8, 5));

	if (l->t.format != IOPT_ARM_V7S || !c->has_dacr)
		return;
	if (l->level == 1 && l->t.ops->format->is_run(l->desc, 1))
		domain = 0;
	say(to, "domain %u is %s (DACR)", domain, words[c->dacr >> (2 * domain) & 3]);
}

/* Where the memory type is from. */
static void say_memory(struct teller *to, const struct leaf *l)
{
	const struct iopt_attrs a = leaf_attrs(l);
	const struct pgtable_controls *c = &l->t.controls;

	if (l->t.format == IOPT_ARM_V7S && !c->tre)
		say(to, "memory is %s: TEX is %u, C %u, B %u", a.memory, a.index >> 2u,
		    a.index >> 1u & 1u, a.index & 1u);
	else if (l->t.format == IOPT_ARM_V7S && c->has_prrr)
		say(to, "memory is %s: entry %u (TEX[0], C, B) of PRRR and NMRR", a.memory,
		    a.index);
	else if (l->t.format == IOPT_ARM_V7S)
		say(to, "memory is entry %u of PRRR and NMRR, which are not known", a.index);
	else if (l->t.regime == IOPT_REGIME_STAGE2)
		say(to, "memory is %s: MemAttr is 0x%x%s", a.memory, a.index,
		    c->fwb ? ", with HCR_EL2.FWB" : "");
	else if (c->has_mair)
		say(to, "memory is %s: AttrIndx %u is 0x%02x in MAIR", a.memory, a.index, a.mair);
	else
		say(to, "memory is attribute %u of MAIR, which is not known", a.index);
}

static const char *const share_names[] = {"not shareable", "shareability is reserved",
					  "outer shareable", "inner shareable"};

static void say_share(struct teller *to, const struct leaf *l)
{
	const struct iopt_attrs a = leaf_attrs(l);
	const char *from = "SH";

	if (!strncmp(a.memory, "device", 6) || !strcmp(a.memory, "normal-nc"))
		from = "as Device and Non-cacheable memory always is";
	else if (l->t.oa_layout == IOPT_OA_LPA2)
		from = l->t.regime == IOPT_REGIME_STAGE2 ? "VTCR.SH0" : "TCR.SH";
	else if (l->t.format == IOPT_ARM_V7S)
		from = l->t.controls.tre ? "S and PRRR" : "S";
	say(to, "%s: %s", share_names[a.share & 3], from);
}

static void say_leaf(struct teller *to, const struct leaf *l, const struct iopt_walk *walk)
{
	const struct iopt_attrs a = leaf_attrs(l);

	say_memory(to, l);
	say_share(to, l);
	say_domain(to, l);
	for (unsigned i = 0; i < a.level_count; i++)
		say_denied(to, l, walk, i);
	if (l->t.controls.hd && a.dbm)
		say(to, "DBM is 1: hardware makes it writable at the first write");
}

/* ---- faults ---- */

static void say_fault(struct teller *to, const struct pgtable *t, const struct iopt_walk *walk,
		      const struct iopt_step *last)
{
	static const char *const missing[IOPT_PRESENCE_COUNT] = {
		[IOPT_PRESENT] = "is not in the memory",
		[IOPT_ABSENT] = "is not in the memory",
		[IOPT_EXCLUDED] = "is in a page that the dump leaves out",
		[IOPT_UNREADABLE] = "cannot be read: the dump is damaged there",
	};
	const enum iopt_fault_type type = walk->fault.type;

	if (!last)
		say(to,
		    "the address is outside 0x%llx..0x%llx, what the table base register translates",
		    (unsigned long long)t->first, (unsigned long long)t->last);
	else if (last->absent)
		say(to, "the descriptor at 0x%llx %s", (unsigned long long)last->desc_pa,
		    missing[last->presence]);
	else if (type == IOPT_FAULT_TRANSLATION && last->type == IOPT_TYPE_RESERVED)
		say(to, "the descriptor is reserved: level %d has no blocks, or bits 1:0 are none",
		    last->level);
	else if (type == IOPT_FAULT_TRANSLATION && last->type == IOPT_TYPE_INVALID)
		say(to, "the descriptor is invalid");
	else if (type == IOPT_FAULT_TRANSLATION)
		say(to, "the address is outside what stage %d translates", walk->fault.stage);
	else if (type == IOPT_FAULT_ADDRESS_SIZE)
		say(to, "its address has more than %u bits", t->oas);
	else if (type == IOPT_FAULT_ACCESS)
		say(to, "the access flag is 0, and hardware does not set it");
	else if (type == IOPT_FAULT_EXTERNAL)
		say(to, "a table is not in the memory");
}

static void say_asked(struct teller *to, unsigned access, unsigned el)
{
	for (unsigned i = 0; i < ARRAY_SIZE(accesses); i++)
		if (access & accesses[i].access)
			say(to, "EL%u asked to %s it", el, accesses[i].name);
}

/* ---- all ---- */

static const struct iopt_step *last_step(const struct iopt_walk *walk, int stage)
{
	const struct iopt_step *last = NULL;

	for (unsigned i = 0; i < walk->step_count; i++)
		if (walk->steps[i].stage == stage)
			last = &walk->steps[i];
	return last;
}

static bool is_leaf(const struct iopt_step *s)
{
	return s && !s->absent && s->type >= IOPT_TYPE_BLOCK;
}

/* What a stage's leaf says, if the walk came so far and did not fault before asking. */
static void explain_stage(struct teller *to, const struct pgtable *t, const struct iopt_walk *walk)
{
	const struct iopt_step *last = last_step(walk, t->stage);
	const bool asked =
		walk->fault.type == IOPT_FAULT_PERMISSION || walk->fault.type == IOPT_FAULT_DOMAIN;
	const bool faults = walk->fault.type && walk->fault.stage == t->stage;
	struct leaf l;

	if (faults && !asked) {
		say_fault(to, t, walk, last);
		return;
	}
	if (!is_leaf(last))
		return;
	l = (struct leaf){*t, last->desc, t->stage == 1 ? walk->inherited : 0, last->level};
	say_leaf(to, &l, walk);
}

int iopt_walk_explain(const struct iopt_domain *d, const struct iopt_walk *walk, unsigned access,
		      unsigned el, int (*tell)(void *arg, const char *sentence), void *arg)
{
	struct teller to = {tell, arg, "", 0};

	if (walk->struct_size < sizeof(*walk) || walk->space >= d->space_count ||
	    walk->step_count > IOPT_STEPS_MAX)
		return -IOPT_EINVAL;
	if (walk->fault.type == IOPT_FAULT_PERMISSION || walk->fault.type == IOPT_FAULT_DOMAIN)
		say_asked(&to, access, el);
	if (d->stage2)
		to.prefix = "stage 1: ";
	explain_stage(&to, &d->spaces[walk->space], walk);
	if (d->stage2) {
		to.prefix = "stage 2: ";
		explain_stage(&to, &d->stage2->spaces[0], walk);
		to.prefix = "";
		if (!walk->fault.type)
			say(&to, "both together: memory is %s, %s", walk->attrs.memory,
			    share_names[walk->attrs.share & 3]);
	}
	return to.ret;
}
