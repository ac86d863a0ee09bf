/* SPDX-License-Identifier: MIT */
/* build: from a spec to tables, as files or as a domain. */
#include "firmware.h"

enum { REGIONS_SHOWN = 20 };

/* ---- the plan ---- */

static void show_levels(struct building *b, const struct iopt_plan *plan)
{
	out_begin_list(b->o, "levels");
	for (unsigned i = 0; i < plan->space_count; i++) {
		for (int level = plan->spaces[i].start_level; level <= plan->spaces[i].last_level;
		     level++) {
			out_begin_object(b->o, NULL);
			if (plan->space_count > 1)
				out_str(b->o, "half", i ? "ttbr1" : "ttbr0");
			out_signed(b->o, "level", level);
			out_count(b->o, "tables", plan->spaces[i].tables[level + 1]);
			out_end(b->o);
		}
	}
	out_end(b->o);
}

/* The regions that cost most, the dearest first; how many. */
static size_t dearest_regions(const struct iopt_spec *spec,
			      struct iopt_plan_region top[static REGIONS_SHOWN])
{
	struct iopt_plan_region r = IOPT_INIT(struct iopt_plan_region);
	size_t count = 0, at;

	for (size_t i = 0; !iopt_spec_region(spec, i, &r); i++) {
		if (count == REGIONS_SHOWN && r.tables <= top[count - 1].tables)
			continue;
		for (at = count < REGIONS_SHOWN ? count++ : count - 1;
		     at && top[at - 1].tables < r.tables; at--)
			top[at] = top[at - 1];
		top[at] = r;
	}
	return count;
}

static void show_regions(struct building *b)
{
	struct iopt_plan_region top[REGIONS_SHOWN];
	size_t count = dearest_regions(b->spec, top);

	out_begin_list(b->o, "regions");
	for (size_t i = 0; i < count; i++) {
		out_begin_object(b->o, NULL);
		out_str(b->o, "name", top[i].name);
		out_hex(b->o, "va", top[i].va);
		out_hex(b->o, "size", top[i].size);
		out_count(b->o, "tables", top[i].tables);
		if (top[i].saves) {
			out_count(b->o, "saves", top[i].saves);
			out_hex(b->o, "align", top[i].align);
		}
		out_end(b->o);
	}
	out_end(b->o);
}

static void show_plan(struct building *b, const struct iopt_plan *plan)
{
	out_str(b->o, "spec", b->file->text);
	out_count(b->o, "tables", plan->table_count);
	out_hex(b->o, "bytes", plan->bytes);
	if (b->base_symbol)
		out_str(b->o, "base", b->base_symbol);
	else
		out_hex(b->o, "base", plan->base);
	show_levels(b, plan);
	if (args_get(b->a, "--plan"))
		show_regions(b);
}

static int check_budget(struct building *b, const struct iopt_plan *plan)
{
	const struct arg *most = args_get(b->a, "--max-tables");
	struct iopt_plan_region top[REGIONS_SHOWN];

	if (!most || plan->table_count <= most->number)
		return 0;
	dearest_regions(b->spec, top);
	return fail(b->s, most->word, IOPT_E2BIG, IOPT_FAILURE_LIMIT,
		    "%s needs %llu tables, more than %llu; region %s alone takes %llu",
		    b->file->text, (unsigned long long)plan->table_count,
		    (unsigned long long)most->number, top[0].name,
		    (unsigned long long)top[0].tables);
}

/* ---- build ---- */

/* The command's base, or the spec's, or a default. */
static void choose_base(struct building *b)
{
	const struct arg *given = args_get(b->a, "--base");

	b->base_symbol = iopt_spec_base(b->spec, &b->base);
	if (given && given->has_number) {
		b->base_symbol = NULL;
		b->base = given->number;
	} else if (given) {
		b->base_symbol = given->text;
	}
}

static int plan(struct building *b)
{
	const struct arg *given = args_get(b->a, "--base");
	struct iopt_plan plan = IOPT_INIT(struct iopt_plan);
	int r = iopt_spec_plan(b->spec, &b->base, &plan);

	if (r)
		return fail(b->s, b->file->word, -r, IOPT_FAILURE_REQUEST,
			    "the tables leave the 64-bit space from base 0x%llx on",
			    (unsigned long long)b->base);
	if (!b->base_symbol && b->base & (plan.align - 1))
		return fail(b->s, given ? given->word : b->file->word, IOPT_EINVAL,
			    IOPT_FAILURE_REQUEST,
			    "base 0x%llx is not a multiple of 0x%llx, as its tables",
			    (unsigned long long)b->base, (unsigned long long)plan.align);
	show_plan(b, &plan);
	return check_budget(b, &plan);
}

static int make_tables(struct building *b)
{
	const struct arg *given = args_get(b->a, "--base");
	const uint64_t *base = given && given->has_number ? &b->base : NULL;
	int r = iopt_spec_build(b->spec, base, &b->memory, &b->domain, &b->s->error);

	return r ? fail_library(b->s, base ? given->word : b->file->word, r) : 0;
}

/* Without files the tables are what one looks at next. */
static int open_tables(struct building *b)
{
	struct iopt_memory *memory = b->memory;
	struct iopt_domain *domain = b->domain;
	char name[NAME_BYTES];

	if (!b->s->interactive)
		tell(b->s, "without -o, or a command behind it, nothing of it is kept");
	name_of_file(b->file->text, name, sizeof(name));
	find_free_name(b->s, name);
	b->memory = NULL;
	b->domain = NULL;
	return add_loaded(b->s, name, memory, domain, b->o);
}

static int build(struct building *b)
{
	int r = firmware_check_files(b);

	if (!r)
		r = plan(b);
	if (r || (args_get(b->a, "--plan") && !args_get(b->a, "-o")))
		return r;
	r = make_tables(b);
	if (!r)
		r = firmware_lint(b);
	if (r)
		return r;
	return args_get(b->a, "-o") ? firmware_write_files(b) : open_tables(b);
}

int cmd_build(struct session *s, const struct args *a, struct out *o)
{
	struct building b = {.s = s, .a = a, .o = o, .file = args_get(a, "SPEC")};
	const struct iopt_progress progress = {progress_step, &s->progress};
	int r = iopt_spec_load_watched(b.file->text, &progress, &b.spec, &s->error);

	if (r)
		return fail_library(s, b.file->word, r);
	choose_base(&b);
	r = build(&b);
	if (b.domain) {
		iopt_domain_destroy(b.domain);
		iopt_memory_destroy(b.memory);
	}
	iopt_spec_free(b.spec);
	return r;
}
