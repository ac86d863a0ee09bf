/* SPDX-License-Identifier: MIT */
/* From what a spec says to plans, and to tables. */
#include <stdio.h>
#include <stdlib.h>

#include "../core/error.h"
#include "spec.h"

/* The base of tables for which none is given: where table memory is otherwise, too. */
#define DEFAULT_BASE UINT64_C(0x80000000)

static bool has_mair(const struct iopt_spec *spec)
{
	return spec->config.regime != IOPT_REGIME_STAGE2 && spec->config.format != IOPT_ARM_V7S;
}

/* The member of the spec that a message is about; where it is not there, the whole. */
static struct error_place member_place(const struct iopt_spec *spec, const char *member)
{
	if (json_object_get(spec->part.root, member))
		return json_where(json_member(&spec->part, spec->part.root, member));
	return json_input_place(&spec->in, 0);
}

/* What core said without a place is bad input at one. */
static int blame_place(const struct iopt_spec *spec, struct error_place place, int err)
{
	if (err == -IOPT_ENOMEM || err == -IOPT_E2BIG || !spec->error)
		return err;
	error_add_place(spec->error, place);
	spec->error->failure = IOPT_FAILURE_INPUT;
	return err;
}

static struct error_place region_place(const struct iopt_spec *spec,
				       const struct spec_regions *regions, size_t i,
				       const char *member)
{
	const struct spec_place *place = regions->places ? &regions->places[i] : NULL;
	const json_t *object;

	if (!place)
		return (struct error_place){0};
	if (!place->at.part)
		return (struct error_place){place->source, place->line, place->line ? 1 : 0};
	object = json_value(place->at);
	if (json_object_get(object, member))
		return json_where(json_member(&spec->part, object, member));
	return json_where(place->at);
}

/* ---- geometry ---- */

/* What the regions of a half need, if all of it can be told. */
static void measure(const struct iopt_spec *spec, unsigned half, struct build_half *to)
{
	const struct spec_regions *regions = &spec->halves[half];

	to->there = regions->count != 0;
	to->needs = (struct range){UINT64_MAX, 0};
	for (size_t i = 0; i < regions->count; i++) {
		const struct plan_region *r = &regions->list[i];
		struct range va;

		if (!range_make(r->va, r->size, &va))
			continue; /* the plan will say so */
		to->needs.first = min_u64(to->needs.first, va.first);
		to->needs.last = max_u64(to->needs.last, va.last);
	}
}

/* An attribute for each memory type that a region has. */
static int choose_mair(struct iopt_spec *spec)
{
	bool used[256] = {false};
	uint8_t mair;

	for (unsigned half = 0; half < 2; half++) {
		const struct spec_regions *regions = &spec->halves[half];

		for (size_t i = 0; i < regions->count; i++) {
			const char *memory = regions->list[i].wish.memory;

			/* neighbours mostly have the same */
			if (i && !strcmp(memory, regions->list[i - 1].wish.memory))
				continue;
			if (attrs_mair_of(memory, &mair))
				used[mair] = true;
		}
	}
	if (build_mair(used, &spec->config.mair))
		return blame_place(spec, member_place(spec, "regions"),
				   error_set(spec->error, IOPT_FAILURE_INPUT, IOPT_ENOEXEC,
					     "more than eight memory types: MAIR holds no more"));
	return 0;
}

static int describe(struct iopt_spec *spec)
{
	const char *member;
	int err = 0;

	for (unsigned half = 0; half < 2; half++)
		measure(spec, half, &spec->config.halves[half]);
	if (!spec->halves[0].count && !spec->halves[1].count)
		return blame_place(spec, member_place(spec, "regions"),
				   error_set(spec->error, IOPT_FAILURE_INPUT, IOPT_ENOEXEC,
					     "there is no region: nothing is mapped"));
	if (has_mair(spec) && !spec->has_mair)
		err = choose_mair(spec);
	if (err)
		return err;
	err = build_describe(&spec->config, spec->spaces, &spec->space_count, &member, spec->error);
	return err ? blame_place(spec, member_place(spec, member), err) : 0;
}

/* ---- plans ---- */

static int plan_half(struct iopt_spec *spec, unsigned space)
{
	const struct spec_regions *regions = &spec->halves[spec->half_of[space]];
	struct plan_blame blame = {0};
	struct pgtable tree;
	int err;

	err = space_init(&tree, NULL, &spec->spaces[space], spec->error);
	if (err)
		err = blame_place(spec, member_place(spec, "ias"), err);
	else
		err = plan_make(&spec->plans[space], &tree, regions->list, regions->count, &blame,
				spec->error);
	if (err && blame.member)
		err = blame_place(spec, region_place(spec, regions, blame.region, blame.member),
				  err);
	return err;
}

/* That of the spec; another one is looked at when it is used. */
static int check_base(const struct iopt_spec *spec)
{
	const uint64_t align = build_base_align(spec->plans, spec->space_count);

	if (!spec->has_base || !(spec->base & (align - 1)))
		return 0;
	return blame_place(spec, member_place(spec, "base"),
			   error_set(spec->error, IOPT_FAILURE_INPUT, IOPT_ENOEXEC,
				     "base 0x%llx is not a multiple of 0x%llx, as its tables",
				     (unsigned long long)spec->base, (unsigned long long)align));
}

int spec_plan(struct iopt_spec *spec)
{
	unsigned n = 0;
	int err = describe(spec);

	for (unsigned half = 0; half < 2; half++)
		if (spec->config.halves[half].there)
			spec->half_of[n++] = half;
	for (unsigned i = 0; !err && i < spec->space_count; i++)
		err = plan_half(spec, i);
	return err ? err : check_base(spec);
}

/* ---- what the outside asks ---- */

const char *iopt_spec_base(const struct iopt_spec *spec, uint64_t *base)
{
	*base = spec->has_base ? spec->base : DEFAULT_BASE;
	return spec->base_symbol;
}

static uint64_t chosen_base(const struct iopt_spec *spec, const uint64_t *base)
{
	uint64_t own;

	iopt_spec_base(spec, &own);
	return base ? *base : own;
}

int iopt_spec_plan(const struct iopt_spec *spec, const uint64_t *base, struct iopt_plan *plan)
{
	const uint64_t first = chosen_base(spec, base);
	uint64_t end = first;
	int err = 0;

	if (plan->struct_size < sizeof(*plan))
		return -IOPT_EINVAL;
	*plan = (struct iopt_plan){
		.struct_size = sizeof(*plan),
		.base = first,
		.space_count = spec->space_count,
		.align = build_base_align(spec->plans, spec->space_count),
	};
	for (unsigned i = 0; !err && i < spec->space_count; i++) {
		const struct plan *p = &spec->plans[i];

		err = plan_end(p, end, &end);
		plan->table_count += p->table_count;
		plan->spaces[i].start_level = p->tree.start_level;
		plan->spaces[i].last_level = p->tree.ops->format->last_level;
		plan->spaces[i].ias = p->tree.ias;
		plan->spaces[i].root_bytes = p->tree.root_bytes;
		for (unsigned k = 0; k < PGTABLE_LEVELS; k++)
			plan->spaces[i].tables[k] = p->tables[k];
	}
	plan->bytes = end - first;
	return err;
}

int iopt_spec_region(const struct iopt_spec *spec, size_t i, struct iopt_plan_region *to)
{
	unsigned space = 0;
	const struct plan_region *r;
	struct plan_cost cost;

	if (to->struct_size < sizeof(*to))
		return -IOPT_EINVAL;
	for (; space < spec->space_count; space++) {
		size_t count = spec->halves[spec->half_of[space]].count;

		if (i < count)
			break;
		i -= count;
	}
	if (space == spec->space_count)
		return -IOPT_ENOENT;
	r = &spec->halves[spec->half_of[space]].list[i];
	cost = plan_cost(&spec->plans[space], r);
	*to = (struct iopt_plan_region){
		.struct_size = sizeof(*to),
		.name = r->name,
		.space = space,
		.va = r->va,
		.pa = r->pa,
		.size = r->size,
		.tables = cost.tables,
		.align = cost.align,
		.saves = cost.saves,
	};
	return 0;
}

bool iopt_spec_allows(const struct iopt_spec *spec, const char *rule)
{
	for (size_t i = 0; i < json_array_size(spec->allow); i++)
		if (!strcmp(json_string_value(json_array_get(spec->allow, i)), rule))
			return true;
	return false;
}

/* Of several, the one that refines the others: it comes later. */
void iopt_spec_blame(const struct iopt_spec *spec, unsigned space, uint64_t va, const char *member,
		     const char *message, struct iopt_error *error)
{
	const struct spec_regions *regions = &spec->halves[spec->half_of[space]];

	error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL, "%s", message);
	for (size_t i = regions->count; i--;) {
		const struct plan_region *r = &regions->list[i];

		if (va - r->va < r->size) {
			error_add_place(error, region_place(spec, regions, i, member));
			return;
		}
	}
}

int iopt_spec_build(const struct iopt_spec *spec, const uint64_t *base, struct iopt_memory **memory,
		    struct iopt_domain **domain, struct iopt_error *error)
{
	int err = iopt_memory_create(memory);

	*domain = NULL;
	if (err)
		return error_set(error, IOPT_FAILURE_LIMIT, -err, "%s", iopt_error_text(err));
	iopt_memory_on_progress(*memory, &spec->progress);
	err = build_domain(*memory, spec->spaces, spec->plans, spec->space_count,
			   chosen_base(spec, base), domain, error);
	if (err) {
		/* a base of the spec's own is what is wrong with it */
		if (!base && err != -IOPT_EINTR && error &&
		    error->failure == IOPT_FAILURE_REQUEST &&
		    json_object_get(spec->part.root, "base")) {
			error_add_place(error, member_place(spec, "base"));
			error->failure = IOPT_FAILURE_INPUT;
		}
		iopt_memory_destroy(*memory);
		*memory = NULL;
	}
	return err;
}
