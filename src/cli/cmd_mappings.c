/* SPDX-License-Identifier: MIT */
/* The coalesced mappings of a domain, a record each. */
#include "handlers.h"
#include "interrupt.h"

static const char mapping_text[] =
	"{iova:-14} {last:-14} -> {pa:-14} {size:6} {count:3} x {page_size:-4} {type:-5} {attrs.access} "
	"{attrs.memory} {attrs.share}[ {attrs.ns}][ {attrs.nse}][ {attrs.ng}][ {attrs.af}][ {attrs.contiguous}]"
	"[ {attrs.dbm}][ software {attrs.software}][ index {attrs.index}][ desc {descriptor}]"
	"[ inherited {inherited}]";

struct listing {
	struct session *s;
	struct out *o;
	struct iopt_domain *domain;
	unsigned space;
};

static void show_access(struct out *o, const struct iopt_attrs *attrs)
{
	static const char *const levels[] = {"el0", "el1", "el2", "el3"};
	unsigned i;

	out_begin_object(o, "access");
	for (i = 0; i < attrs->level_count; i++) {
		unsigned access = attrs->access[i].access;
		char text[4] = {access & IOPT_ACCESS_R ? 'r' : '-',
				access & IOPT_ACCESS_W ? 'w' : '-',
				access & IOPT_ACCESS_X ? 'x' : '-', '\0'};

		out_str(o, levels[attrs->access[i].el & 3], text);
	}
	out_end(o);
}

static void show_flag(struct out *o, const char *name, bool value)
{
	if (value)
		out_bool(o, name, true);
}

void show_attrs(struct out *o, const struct iopt_attrs *attrs, bool verbose)
{
	static const char *const shares[] = {[IOPT_SHARE_NONE] = "none",
					     [IOPT_SHARE_RESERVED] = "reserved",
					     [IOPT_SHARE_OUTER] = "outer",
					     [IOPT_SHARE_INNER] = "inner"};

	show_access(o, attrs);
	out_str(o, "memory", attrs->memory);
	out_str(o, "share", shares[attrs->share & 3]);
	show_flag(o, "ns", attrs->ns);
	show_flag(o, "nse", attrs->nse);
	show_flag(o, "ng", attrs->ng);
	show_flag(o, "af", attrs->af);
	show_flag(o, "contiguous", attrs->contiguous);
	show_flag(o, "dbm", attrs->dbm);
	if (attrs->software)
		out_count(o, "software", attrs->software);
	if (verbose)
		out_count(o, "index", attrs->index);
}

/* Does it let nobody in, although it is there? */
static bool is_shut(const struct iopt_attrs *attrs)
{
	unsigned i, any = 0;

	for (i = 0; i < attrs->level_count; i++)
		any |= attrs->access[i].access;
	return attrs->level_count && !any;
}

/* What the visit is to do. */
static int end_record(struct out *o)
{
	out_end_record(o);
	if (o->truncated)
		return -IOPT_E2BIG;
	return o->error ? o->error : o->w.error;
}

int show_mapping(struct session *s, struct out *o, const struct iopt_domain *domain, unsigned space,
		 const struct iopt_extent *extent)
{
	struct iopt_attrs attrs = IOPT_INIT(struct iopt_attrs);
	int r;

	if (interrupted())
		return -IOPT_EINTR;
	r = iopt_domain_attrs(domain, space, extent, &attrs);
	if (r)
		return r;
	s->shut += is_shut(&attrs);
	out_begin_record(o, mapping_text);
	out_hex(o, "iova", extent->iova);
	out_hex(o, "last", extent->iova + extent->size * extent->count - 1);
	out_hex(o, "pa", extent->pa);
	out_size(o, "size", extent->size * extent->count);
	out_count(o, "count", extent->count);
	out_str(o, "type", iopt_type_name(extent->type));
	out_size(o, "page_size", extent->size);
	out_begin_object(o, "attrs");
	show_attrs(o, &attrs, s->verbose);
	out_end(o);
	if (s->verbose) {
		out_hex(o, "descriptor", extent->desc);
		out_hex(o, "inherited", extent->inherited);
	}
	return end_record(o);
}

static int show_extent(void *arg, const struct iopt_extent *extent)
{
	const struct listing *l = arg;

	return show_mapping(l->s, l->o, l->domain, l->space, extent);
}

/* What is below a table that was shown before is listed there. */
static int show_again(void *arg, const struct iopt_table *table)
{
	struct listing *l = arg;
	struct out *o = l->o;

	if (interrupted())
		return -IOPT_EINTR;
	if (!table->again)
		return 0;
	out_begin_record(o, "{iova:-14} {last:-14} same tables as at {same_as}");
	out_hex(o, "iova", table->iova);
	out_hex(o, "last", table->last);
	out_str(o, "type", "table");
	out_hex(o, "same_as", table->same_as);
	return end_record(o);
}

int show_mappings(struct session *s, struct out *o, struct named_domain *d, bool expand)
{
	struct iopt_space space = IOPT_INIT(struct iopt_space);
	struct listing listing = {.s = s, .o = o, .domain = d->domain};
	struct iopt_visitor visitor = IOPT_INIT(struct iopt_visitor);
	int r = 0;

	visitor.last = UINT64_MAX;
	visitor.expand = expand;
	visitor.table = show_again;
	visitor.extent = show_extent;
	visitor.arg = &listing;
	for (; !r && !iopt_domain_space(d->domain, listing.space, &space); listing.space++)
		r = iopt_domain_visit(d->domain, listing.space, &visitor);
	out_records(o);
	if (r == -IOPT_E2BIG && o->truncated)
		return 0;
	return r ? fail_library(s, NULL, r) : 0;
}
