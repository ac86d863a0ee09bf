/* SPDX-License-Identifier: MIT */
/*
 * From words to descriptor bits, by asking the decoder: of the few bits that matter every pattern
 * is decoded until one means what is wanted.  So the two cannot disagree, and what no pattern means
 * is refused, whatever the regime's rules are.
 */
#include <stdio.h>

#include "attrs.h"
#include "error.h"

/* The bits of 'n', lowest first, put where 'mask' has ones. */
static uint64_t deposit(uint64_t mask, unsigned n)
{
	uint64_t bits = 0;

	for (; mask; mask &= mask - 1, n >>= 1)
		if (n & 1)
			bits |= mask & -mask;
	return bits;
}

static unsigned patterns(uint64_t mask)
{
	return 1u << __builtin_popcountll(mask);
}

/* What the bits mean on a leaf of the last level. */
static struct iopt_attrs decode(const struct pgtable *t, struct attrs_code code)
{
	const struct pgtable_format *f = t->ops->format;
	const int level = f->last_level;
	struct iopt_attrs a;
	uint64_t attrs = f->place_attrs(code.leaf, level, false);

	space_attrs(t, f->make_leaf(0, level, false, attrs), level, code.table, &a);
	return a;
}

enum iopt_share attrs_share(const char *memory, enum iopt_share share)
{
	uint8_t mair;

	if (attrs_mair_of(memory, &mair) && (mair_is_device(mair) || mair == MAIR_NORMAL_NC))
		return IOPT_SHARE_OUTER;
	return share;
}

static bool access_is(const struct iopt_attrs *a, const struct attrs_wish *w)
{
	return a->access[0].access == w->access &&
	       (a->level_count < 2 || a->access[1].access == w->el0);
}

static void access_text(char to[static 16], unsigned el, unsigned access)
{
	snprintf(to, 16, "el%u %c%c%c", el, access & IOPT_ACCESS_R ? 'r' : '-',
		 access & IOPT_ACCESS_W ? 'w' : '-', access & IOPT_ACCESS_X ? 'x' : '-');
}

static int refuse_access(const struct pgtable *t, const struct attrs_wish *w,
			 struct iopt_error *error)
{
	const struct iopt_attrs a = decode(t, (struct attrs_code){0, 0});
	char own[16], el0[16];

	access_text(own, a.access[0].el, w->access);
	access_text(el0, 0, w->el0);
	return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
			 "no descriptor of %s (%s) means %s%s%s", iopt_format_name(t->format),
			 iopt_regime_name(t->regime), own, a.level_count > 1 ? " with " : "",
			 a.level_count > 1 ? el0 : "");
}

/* Where several patterns will do, the one that forbids more: execute-never set. */
static int encode_access(const struct pgtable *t, const struct attrs_choice *c,
			 const struct attrs_wish *w, struct attrs_code *code,
			 struct iopt_error *error)
{
	for (unsigned k = 0; k < patterns(c->table_access); k++) {
		for (unsigned n = patterns(c->access); n--;) {
			struct attrs_code try = {
				.leaf = code->leaf | deposit(c->access, n) |
					deposit(c->above_access, k),
				.table = deposit(c->table_access, k),
			};
			struct iopt_attrs a = decode(t, try);

			if (access_is(&a, w)) {
				*code = try;
				return 0;
			}
		}
	}
	return refuse_access(t, w, error);
}

static bool memory_is(const struct iopt_attrs *a, const struct attrs_wish *w)
{
	char byte[sizeof(w->memory)];

	if (!strcmp(a->memory, w->memory))
		return true;
	snprintf(byte, sizeof(byte), "mair:0x%02x", a->mair);
	return a->known && !strcmp(byte, w->memory);
}

/* The lowest index that has the type, and the share, which short descriptors may tie to it. */
static int encode_memory(const struct pgtable *t, const struct attrs_choice *c,
			 const struct attrs_wish *w, struct attrs_code *code, const char **member,
			 struct iopt_error *error)
{
	const enum iopt_share share = attrs_share(w->memory, w->share);
	bool found = false;

	code->leaf |= c->share[share];
	for (unsigned n = 0; n < patterns(c->memory); n++) {
		struct attrs_code try = {code->leaf | deposit(c->memory, n), code->table};
		struct iopt_attrs a = decode(t, try);

		if (!memory_is(&a, w))
			continue;
		found = true;
		if (a.share == share) {
			*code = try;
			return 0;
		}
	}
	*member = found ? "share" : "memory";
	return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
			 found ? "no descriptor of %s (%s) has %s with this shareability"
			       : "no descriptor of %s (%s) means %s",
			 iopt_format_name(t->format), iopt_regime_name(t->regime), w->memory);
}

/* A bit by itself, which not all descriptors have. */
static int encode_flag(const struct pgtable *t, const struct attrs_code *bits, const char *name,
		       struct attrs_code *code, struct iopt_error *error)
{
	if (!bits->leaf)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "descriptors of %s (%s) have no %s bit",
				 iopt_format_name(t->format), iopt_regime_name(t->regime), name);
	code->leaf |= bits->leaf;
	code->table |= bits->table;
	return 0;
}

int attrs_encode(const struct pgtable *t, const struct attrs_wish *w, struct attrs_code *code,
		 const char **member, struct iopt_error *error)
{
	struct attrs_choice c;
	int ret;

	if (t->format == IOPT_ARM_V7S)
		attrs_v7s_choice(t, &c);
	else
		attrs_lpae_choice(t, &c);
	*code = (struct attrs_code){c.fixed, 0};
	if (!w->global)
		code->leaf |= c.global.leaf;
	*member = "access";
	ret = encode_access(t, &c, w, code, error);
	if (!ret)
		ret = encode_memory(t, &c, w, code, member, error);
	if (!ret && w->ns)
		ret = encode_flag(t, &c.ns, *member = "ns", code, error);
	if (!ret && w->nse)
		ret = encode_flag(t, &c.nse, *member = "nse", code, error);
	return ret;
}
