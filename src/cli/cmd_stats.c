/* SPDX-License-Identifier: MIT */
/* stats and scan: what tables cost, and where they may be. */
#include <inttypes.h>

#include "handlers.h"
#include "interrupt.h"

static void show_levels(struct out *o, const struct iopt_stats *stats)
{
	unsigned i;

	out_begin_list(o, "levels");
	for (i = 0; i < stats->level_count; i++) {
		const struct iopt_stats_level *l = &stats->levels[i];

		out_begin_object(o, NULL);
		out_signed(o, "level", l->level);
		out_count(o, "tables", l->tables);
		out_hex(o, "bytes", l->bytes);
		out_count(o, "slots", l->slots);
		out_count(o, "used", l->used);
		out_end(o);
	}
	out_end(o);
}

static void show_sizes(struct out *o, const struct iopt_stats *stats)
{
	unsigned i;

	out_begin_list(o, "sizes");
	for (i = 0; i < stats->size_count; i++) {
		out_begin_object(o, NULL);
		out_hex(o, "size", stats->sizes[i].size);
		out_count(o, "leaves", stats->sizes[i].leaves);
		out_hex(o, "bytes", stats->sizes[i].bytes);
		out_end(o);
	}
	out_end(o);
}

static void show_space(struct out *o, const struct iopt_stats *stats, const char *name)
{
	out_begin_object(o, NULL);
	out_str(o, "name", name);
	out_count(o, "tables", stats->tables);
	out_hex(o, "bytes", stats->bytes);
	out_count(o, "leaves", stats->leaves);
	out_hex(o, "mapped", stats->mapped);
	out_count(o, "shared", stats->shared);
	out_count(o, "empty", stats->empty);
	show_levels(o, stats);
	show_sizes(o, stats);
	out_begin_object(o, "save_blocks");
	out_count(o, "tables", stats->block_tables);
	out_hex(o, "bytes", stats->block_bytes);
	out_end(o);
	out_begin_object(o, "save_joined");
	out_count(o, "leaves", stats->joinable);
	out_count(o, "entries", stats->spared);
	out_end(o);
	out_end(o);
}

int cmd_stats(struct session *s, const struct args *a, struct out *o)
{
	static const char *const names[] = {"ttbr0", "ttbr1"};
	struct iopt_stats stats = IOPT_INIT(struct iopt_stats);
	const struct named_domain *d = args_domain(s, a);
	unsigned i;
	int r = 0;

	if (!d)
		return (int)s->error.failure;
	r = check_present(s, d);
	if (r)
		return r;
	out_str(o, "domain", d->name);
	out_begin_list(o, "spaces");
	for (i = 0; i < ARRAY_SIZE(names) && !r; i++) {
		r = iopt_domain_stats(d->domain, i, &stats);
		if (!r)
			show_space(o, &stats, names[i]);
	}
	out_end(o);
	if (r == -IOPT_ENOENT && i == 1)
		return fail(s, NULL, IOPT_ENODEV, IOPT_FAILURE_REQUEST, "%s has no tables yet",
			    d->name);
	return r && r != -IOPT_ENOENT ? fail_library(s, NULL, r) : 0;
}

struct scanning {
	struct out *o;
	struct iopt_root best;
};

static int show_root(void *arg, const struct iopt_root *root)
{
	struct scanning *scanning = arg;
	struct out *o = scanning->o;
	unsigned i;

	if (interrupted())
		return -IOPT_EINTR;
	if (!root)
		return 0;
	if (!o->records)
		scanning->best = *root;
	out_begin_record(
		o,
		"{root:-14} score {score:3}  {format} granule {granule} start level {start_level}"
		"<<reasons ; {}>>");
	out_hex(o, "root", root->pa);
	out_count(o, "score", root->score);
	out_str(o, "format", iopt_format_name(root->format));
	out_hex(o, "granule", root->granule);
	out_signed(o, "start_level", root->start_level);
	out_begin_list(o, "reasons");
	for (i = 0; i < root->reason_count; i++)
		out_str(o, NULL, root->reasons[i]);
	out_end(o);
	out_end_record(o);
	if (o->truncated)
		return -IOPT_E2BIG;
	return o->error ? o->error : o->w.error;
}

int cmd_scan(struct session *s, const struct args *a, struct out *o)
{
	enum { MOST = 16, MOST_MAX = 256 };
	const struct arg *range = args_get(a, "RANGE"), *most = args_get(a, "--most");
	struct scanning scanning = {.o = o};
	int r;

	if (most && (!most->number || most->number > MOST_MAX))
		return fail_usage(s, most->word, "'%s' is not a number from 1 to %d", most->text,
				  MOST_MAX);
	r = iopt_scan(s->memory->memory, range ? range->range.first : 0,
		      range ? range->range.last : UINT64_MAX, most ? (unsigned)most->number : MOST,
		      show_root, &scanning);
	out_records(o);
	if (o->records)
		tell(s,
		     "domain open NAME --format %s --registers ttbr=0x%" PRIx64
		     " reads the first of them",
		     iopt_format_name(scanning.best.format), scanning.best.pa);
	if (r == -IOPT_E2BIG && o->truncated)
		return 0;
	if (r)
		return fail_library(s, NULL, r);
	return o->records ? 0 : 1;
}
