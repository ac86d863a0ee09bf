/* SPDX-License-Identifier: MIT */
/* diff: two domains, each open already or loaded from a file for as long as it takes. */
#include "handlers.h"
#include "interrupt.h"

struct side {
	struct iopt_memory *memory; /* of a file; NULL: it is open already */
	struct iopt_domain *domain;
};

static void show_side(struct out *o, const char *name, const struct iopt_change *c,
		      const struct iopt_change_side *side, bool verbose)
{
	const struct iopt_extent *e = &side->extent;

	out_begin_object(o, name);
	out_hex(o, "pa", e->pa);
	out_str(o, "type", iopt_type_name(e->type));
	out_size(o, "page_size", e->size);
	if (c->descriptors)
		out_hex(o, "table", side->table);
	if (c->descriptors || verbose)
		out_hex(o, "descriptor", e->desc);
	if (e->type != IOPT_TYPE_TABLE) {
		out_begin_object(o, "attrs");
		show_attrs(o, &side->attrs, verbose);
		out_end(o);
	}
	out_end(o);
}

static void show_what(struct out *o, unsigned what)
{
	static const char *const names[] = {"pa", "attrs", "size"};
	unsigned i;

	out_begin_list(o, "what");
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (what >> i & 1)
			out_str(o, NULL, names[i]);
	out_end(o);
}

struct showing {
	struct session *s;
	struct out *o;
};

static int show_change(void *arg, const struct iopt_change *c)
{
	static const char *const kinds[] = {"added", "removed", "changed"};
	static const char *const signs[] = {"+", "-", "~"};
	const struct showing *w = arg;
	struct out *o = w->o;

	if (interrupted())
		return -IOPT_EINTR;
	out_begin_record(
		o,
		"{sign} {iova:-14} {last:-14} {size:6}[ level {level} index {index}][  {before.type}"
		" {before.page_size} {before.pa}][ {before.attrs.access} {before.attrs.memory}"
		" {before.attrs.share}][  -> {after.type} {after.page_size} {after.pa}]"
		"[ {after.attrs.access} {after.attrs.memory} {after.attrs.share}][  ({what})]"
		"[\n    break before make: {break_before_make}]");
	out_str(o, "change", kinds[c->kind]);
	if (!o->json)
		out_str(o, "sign", signs[c->kind]);
	out_hex(o, "iova", c->iova);
	out_hex(o, "last", c->iova + (c->size - 1));
	out_size(o, "size", c->size);
	if (c->descriptors) {
		out_signed(o, "level", c->level);
		out_count(o, "index", c->index);
		out_count(o, "count", c->count);
	}
	if (c->kind != IOPT_ADDED)
		show_side(o, "before", c, &c->before, w->s->verbose);
	if (c->kind != IOPT_REMOVED)
		show_side(o, "after", c, &c->after, w->s->verbose);
	if (c->kind == IOPT_CHANGED)
		show_what(o, c->what);
	if (c->break_before_make)
		out_str(o, "break_before_make", c->break_before_make);
	out_end_record(o);
	if (o->truncated)
		return -IOPT_E2BIG;
	return o->error ? o->error : o->w.error;
}

/* A domain of that name, or a file; a negative code, or a status that is reported. */
static int open_side(struct session *s, const struct arg *arg, struct side *side)
{
	const struct iopt_progress progress = {progress_step, &s->progress};
	const struct named_domain *d = find_domain(s, arg->text);
	int r;

	if (d) {
		side->domain = d->domain;
		return 0;
	}
	r = iopt_load_watched(arg->text, IOPT_LOAD_AUTO, NULL, &progress, &side->memory,
			      &side->domain, &s->error);
	if (r == -IOPT_ENOENT)
		return fail(s, arg->word, IOPT_ENOENT, IOPT_FAILURE_IO,
			    "there is neither a domain nor a file '%s'", arg->text);
	return r ? fail_library(s, arg->word, r) : 0;
}

static void close_side(struct side *side)
{
	if (!side->memory)
		return;
	iopt_domain_destroy(side->domain);
	iopt_memory_destroy(side->memory);
}

static int diff(struct session *s, const struct args *a, struct out *o, const struct side sides[2])
{
	struct iopt_diff_options options = IOPT_INIT(struct iopt_diff_options);
	struct showing showing = {s, o};
	int r;

	options.descriptors = args_get(a, "--descriptors") != NULL;
	r = iopt_diff(sides[0].domain, sides[1].domain, &options, show_change, &showing);
	out_records(o);
	if (r == -IOPT_E2BIG && o->truncated)
		return 0;
	if (r == -IOPT_E2BIG)
		return fail(s, NULL, IOPT_E2BIG, IOPT_FAILURE_LIMIT,
			    "tables that lead to each other again and again: not all was compared");
	if (r == -IOPT_ENOENT)
		return fail(s, NULL, IOPT_ENODEV, IOPT_FAILURE_REQUEST,
			    "one of them has no tables yet");
	if (r == -IOPT_EINVAL)
		return fail(s, args_get(a, "--descriptors")->word, IOPT_EINVAL,
			    IOPT_FAILURE_REQUEST,
			    "their tables are not of the same format and geometry");
	if (r)
		return fail_library(s, NULL, r);
	if (!o->records)
		tell(s, "no difference");
	return o->records ? 1 : 0;
}

int cmd_diff(struct session *s, const struct args *a, struct out *o)
{
	struct side sides[2] = {{NULL, NULL}, {NULL, NULL}};
	int r = open_side(s, args_nth(a, "DOMAIN|FILE", 0), &sides[0]);

	if (!r)
		r = open_side(s, args_nth(a, "DOMAIN|FILE", 1), &sides[1]);
	if (!r)
		r = diff(s, a, o, sides);
	close_side(&sides[0]);
	close_side(&sides[1]);
	return r;
}
