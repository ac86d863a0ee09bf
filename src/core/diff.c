/* SPDX-License-Identifier: MIT */
#include "diff.h"

#include "attrs.h"

/* ---- break before make ---- */

/*
 * Arm ARM, "Using break-before-make when updating translation table entries".  Both entries are
 * valid: what was not, may be written at once.
 */
static bool changes_type(const struct iopt_change *c)
{
	return strcmp(c->before.attrs.memory, c->after.attrs.memory) != 0;
}

static bool may_write(const struct iopt_attrs *a)
{
	for (unsigned i = 0; i < a->level_count && i < ARRAY_SIZE(a->access); i++)
		if (a->access[i].access & IOPT_ACCESS_W)
			return true;
	return false;
}

static bool moves_writable(const struct iopt_change *c)
{
	return c->what & IOPT_CHANGE_PA &&
	       (may_write(&c->before.attrs) || may_write(&c->after.attrs));
}

static bool moves(const struct iopt_change *c)
{
	return c->what & IOPT_CHANGE_PA;
}

static bool changes_size(const struct iopt_change *c)
{
	return c->what & IOPT_CHANGE_SIZE;
}

static bool changes_contiguous(const struct iopt_change *c)
{
	return c->before.attrs.contiguous != c->after.attrs.contiguous;
}

static bool becomes_global(const struct iopt_change *c)
{
	return c->before.attrs.ng && !c->after.attrs.ng;
}

static const struct {
	const char *reason;
	bool (*applies)(const struct iopt_change *c);
} reasons[] = {
	{"the size of the block or page changes, or a table takes its place", changes_size},
	{"the memory type or cacheability changes", changes_type},
	{"the output address changes, and one of the two is writable", moves_writable},
	{"the output address changes, unless both hold the same", moves},
	{"the Contiguous bit changes", changes_contiguous},
	{"a global entry takes the place of one that is not", becomes_global},
};

const char *iopt_break_before_make(unsigned i)
{
	return i < ARRAY_SIZE(reasons) ? reasons[i].reason : NULL;
}

/* ---- judging ---- */

static bool same_attrs(const struct iopt_attrs *a, const struct iopt_attrs *b)
{
	if (a->level_count != b->level_count || strcmp(a->memory, b->memory) != 0)
		return false;
	for (unsigned i = 0; i < a->level_count; i++)
		if (a->access[i].el != b->access[i].el ||
		    a->access[i].access != b->access[i].access)
			return false;
	return a->share == b->share && a->ns == b->ns && a->nse == b->nse && a->ng == b->ng &&
	       a->af == b->af && a->contiguous == b->contiguous && a->dbm == b->dbm &&
	       a->gp == b->gp && a->software == b->software;
}

static void read_attrs(const struct diff *d, unsigned side, struct iopt_change_side *s)
{
	const struct iopt_extent *e = &s->extent;

	if (e->type == IOPT_TYPE_TABLE)
		s->attrs = IOPT_INIT(struct iopt_attrs);
	else
		space_attrs(&d->domains[side]->spaces[d->space], e->desc, e->level, e->inherited,
			    &s->attrs);
}

bool diff_judge(const struct diff *d, struct iopt_change *c)
{
	const struct iopt_extent *x = &c->before.extent, *y = &c->after.extent;
	const bool tables = x->type == IOPT_TYPE_TABLE && y->type == IOPT_TYPE_TABLE;

	if (c->kind != IOPT_ADDED)
		read_attrs(d, 0, &c->before);
	if (c->kind != IOPT_REMOVED)
		read_attrs(d, 1, &c->after);
	if (c->kind != IOPT_CHANGED)
		return true;
	if (x->size != y->size || (x->type == IOPT_TYPE_TABLE) != (y->type == IOPT_TYPE_TABLE)) {
		c->what |= IOPT_CHANGE_SIZE;
	} else if (tables) {
		c->what |= x->inherited != y->inherited ? IOPT_CHANGE_ATTRS : 0;
		return c->what;
	}
	if (x->type != IOPT_TYPE_TABLE && y->type != IOPT_TYPE_TABLE) {
		c->what |= x->pa != y->pa ? IOPT_CHANGE_PA : 0;
		c->what |= same_attrs(&c->before.attrs, &c->after.attrs) ? 0 : IOPT_CHANGE_ATTRS;
	}
	for (size_t i = 0; c->what && i < ARRAY_SIZE(reasons) && !c->break_before_make; i++)
		if (reasons[i].applies(c))
			c->break_before_make = reasons[i].reason;
	return c->what;
}

/* ---- telling ---- */

/* Does the side go on where the last one ended? */
static bool side_grows(const struct iopt_change_side *last, const struct iopt_change_side *s,
		       uint64_t size)
{
	const struct iopt_extent *x = &last->extent, *y = &s->extent;

	return x->type == y->type && x->size == y->size && x->inherited == y->inherited &&
	       (y->type == IOPT_TYPE_TABLE || x->pa + size == y->pa) && last->table == s->table &&
	       same_attrs(&last->attrs, &s->attrs);
}

static bool change_grows(struct iopt_change *last, const struct iopt_change *c)
{
	if (!last->struct_size || last->kind != c->kind || last->what != c->what ||
	    last->level != c->level || last->iova + last->size != c->iova)
		return false;
	if (c->kind != IOPT_ADDED && !side_grows(&last->before, &c->before, last->size))
		return false;
	if (c->kind != IOPT_REMOVED && !side_grows(&last->after, &c->after, last->size))
		return false;
	last->size += c->size;
	last->count += c->count;
	return true;
}

int diff_flush(struct diff *d)
{
	const int ret = d->pending.struct_size ? d->fn(d->arg, &d->pending) : 0;

	d->pending.struct_size = 0;
	return ret;
}

int diff_add(struct diff *d, struct iopt_change *c)
{
	int ret;

	if (!diff_judge(d, c) || change_grows(&d->pending, c))
		return 0;
	ret = diff_flush(d);
	d->pending = *c;
	d->pending.struct_size = sizeof(*c);
	d->pending.space = d->space;
	return ret;
}

int iopt_diff(struct iopt_domain *a, struct iopt_domain *b, const struct iopt_diff_options *options,
	      int (*fn)(void *arg, const struct iopt_change *change), void *arg)
{
	struct diff d = {.domains = {a, b}, .fn = fn, .arg = arg};
	const bool tables = options && options->descriptors;
	int ret;

	if (options && options->struct_size < sizeof(*options))
		return -IOPT_EINVAL;
	if (!a->space_count || !b->space_count)
		return -IOPT_ENOENT;
	ret = domain_refresh(a);
	if (!ret)
		ret = domain_refresh(b);
	for (; !ret && (d.space < a->space_count || d.space < b->space_count); d.space++) {
		ret = tables ? diff_tables(&d) : diff_mappings(&d);
		if (!ret)
			ret = diff_flush(&d);
	}
	return ret;
}
