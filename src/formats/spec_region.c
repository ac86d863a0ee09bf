/* SPDX-License-Identifier: MIT */
/* "regions": what is to be mapped. */
#include <stdio.h>
#include <stdlib.h>

#include "../core/error.h"
#include "spec.h"

/* One object, before its defaults. */
struct reading {
	struct plan_region *region;
	unsigned half;
	bool has_va, has_pa, has_size, has_el0;
	char name[SPEC_NAME_BYTES];
};

int spec_reserve(struct iopt_spec *spec, unsigned half, bool placed)
{
	struct spec_regions *regions = &spec->halves[half];
	size_t room = regions->room ? 2 * regions->room : 32;
	struct spec_place *places;
	struct plan_region *list;

	if (regions->count < regions->room)
		return 0;
	if (room > SPEC_REGIONS_MAX)
		return spec_out_of_memory(spec);
	list = realloc(regions->list, room * sizeof(*list));
	if (list)
		regions->list = list;
	places = list && placed ? realloc(regions->places, room * sizeof(*places)) : NULL;
	if (places)
		regions->places = places;
	if (!list || (placed && !places))
		return spec_out_of_memory(spec);
	regions->room = room;
	return 0;
}

struct spec_place *spec_last_place(struct iopt_spec *spec, unsigned half)
{
	return &spec->halves[half].places[spec->halves[half].count - 1];
}

struct plan_region *spec_add_region(struct iopt_spec *spec, unsigned half, const char *name)
{
	struct spec_regions *regions = &spec->halves[half];
	char *copy;

	if (spec_reserve(spec, half, true))
		return NULL;
	copy = strdup(name);
	if (!copy) {
		spec_out_of_memory(spec);
		return NULL;
	}
	regions->places[regions->count] = (struct spec_place){.name = copy};
	regions->list[regions->count] = (struct plan_region){
		.name = copy,
		.wish = {.access = IOPT_ACCESS_R | IOPT_ACCESS_W,
			 .memory = "normal-wb",
			 .share = IOPT_SHARE_INNER,
			 .global = true},
		.refines = PLAN_NONE,
	};
	return &regions->list[regions->count++];
}

/* Regions may have the same name, and then none that refines one. */
enum { SEVERAL = -1 };

int spec_name_region(struct iopt_spec *spec, unsigned half)
{
	struct spec_regions *regions = &spec->halves[half];
	const size_t last = regions->count - 1;
	const json_t *known;

	if (!regions->names)
		regions->names = json_object();
	known = json_object_get(regions->names, regions->list[last].name);
	if (json_object_set_new_nocheck(regions->names, regions->list[last].name,
					json_integer(known ? SEVERAL : (json_int_t)last)))
		return spec_out_of_memory(spec);
	return 0;
}

/* ---- members ---- */

static int read_name(struct iopt_spec *spec, struct json_ref ref, void *to)
{
	const char *name;

	(void)spec;
	(void)to;
	return json_take_string(ref, &name); /* it was read before the others */
}

#define READ_NUMBER(member, field, seen)                                                \
	static int read_##member(struct iopt_spec *spec, struct json_ref ref, void *to) \
	{                                                                               \
		struct reading *r = to;                                                 \
                                                                                        \
		seen;                                                                   \
		return spec_number(spec, ref, &r->region->field);                       \
	}

READ_NUMBER(va, va, r->has_va = true)
READ_NUMBER(pa, pa, r->has_pa = true)
READ_NUMBER(size, size, r->has_size = true)
READ_NUMBER(page_size, page_size, )
READ_NUMBER(guard, guard, )

static int read_memory(struct iopt_spec *spec, struct json_ref ref, void *to)
{
	(void)spec;
	return spec_memory(ref, ((struct reading *)to)->region->wish.memory);
}

static int read_access(struct iopt_spec *spec, struct json_ref ref, void *to)
{
	(void)spec;
	return spec_access(ref, &((struct reading *)to)->region->wish.access);
}

static int read_el0(struct iopt_spec *spec, struct json_ref ref, void *to)
{
	struct reading *r = to;

	r->has_el0 = true;
	if (spec->config.regime == IOPT_REGIME_EL2 || spec->config.regime == IOPT_REGIME_EL3)
		return json_fail_name(ref, "the regime %s has no el0",
				      iopt_regime_name(spec->config.regime));
	return spec_access(ref, &r->region->wish.el0);
}

static int read_share(struct iopt_spec *spec, struct json_ref ref, void *to)
{
	(void)spec;
	return spec_share(ref, &((struct reading *)to)->region->wish.share);
}

static int read_ns(struct iopt_spec *spec, struct json_ref ref, void *to)
{
	(void)spec;
	return json_take_bool(ref, &((struct reading *)to)->region->wish.ns);
}

static int read_nse(struct iopt_spec *spec, struct json_ref ref, void *to)
{
	(void)spec;
	return json_take_bool(ref, &((struct reading *)to)->region->wish.nse);
}

static int read_global(struct iopt_spec *spec, struct json_ref ref, void *to)
{
	(void)spec;
	return json_take_bool(ref, &((struct reading *)to)->region->wish.global);
}

static int read_contiguous(struct iopt_spec *spec, struct json_ref ref, void *to)
{
	static const char *const words[] = {"auto", "never"};
	unsigned i;
	int err = spec_word(ref, words, ARRAY_SIZE(words), &i);

	(void)spec;
	((struct reading *)to)->region->no_runs = i;
	return err;
}

/* One that stands before: in an include, or earlier in the list. */
static int read_refines(struct iopt_spec *spec, struct json_ref ref, void *to)
{
	struct reading *r = to;
	const json_t *number;
	const char *name;
	int err = json_take_string(ref, &name);

	if (err)
		return err;
	number = json_object_get(spec->halves[r->half].names, name);
	if (!number)
		return json_fail(ref, "no region before this one is called \"%.80s\"", name);
	if (json_integer_value(number) == SEVERAL)
		return json_fail(ref, "several regions before this one are called \"%.80s\"", name);
	r->region->refines = json_integer_value(number);
	return 0;
}

static const struct spec_member members[] = {
	{"name", read_name},
	{"va", read_va},
	{"pa", read_pa},
	{"size", read_size},
	{"memory", read_memory},
	{"access", read_access},
	{"el0", read_el0},
	{"share", read_share},
	{"ns", read_ns},
	{"nse", read_nse},
	{"global", read_global},
	{"page_size", read_page_size},
	{"contiguous", read_contiguous},
	{"guard", read_guard},
	{"refines", read_refines},
	{NULL, NULL},
};

/* ---- one region ---- */

/* An address that is not given is the other one: nothing is moved. */
static int finish(struct iopt_spec *spec, struct reading *r, struct json_ref ref)
{
	struct plan_region *plan = r->region;

	if (!r->has_size)
		return json_fail(ref, "region %.80s: \"size\" is missing", plan->name);
	if (!r->has_va && !r->has_pa)
		return json_fail(ref, "region %.80s: \"va\" is missing", plan->name);
	if (!r->has_va)
		plan->va = plan->pa;
	if (!r->has_pa)
		plan->pa = plan->va;
	if (spec->config.regime == IOPT_REGIME_STAGE2 && !r->has_el0)
		plan->wish.el0 = plan->wish.access;
	if (plan->page_size && !is_power_of_two(plan->page_size))
		return json_fail(json_member(ref.part, json_value(ref), "page_size"),
				 "\"page_size\" is no power of two");
	return 0;
}

static int read_region(struct iopt_spec *spec, struct json_ref ref, unsigned half)
{
	struct reading r = {.half = half};
	const json_t *object;
	const char *name;
	int err = json_take_object(ref, &object);

	if (err)
		return err;
	name = json_string_value(json_object_get(object, "name"));
	if (!name) {
		snprintf(r.name, sizeof(r.name), "%s%zu", half ? "ttbr1." : "", ref.index);
		name = r.name;
	}
	r.region = spec_add_region(spec, half, name);
	if (!r.region)
		return -IOPT_ENOMEM;
	spec_last_place(spec, half)->at = ref;
	err = spec_members(spec, object, members, &r);
	if (!err)
		err = finish(spec, &r, ref);
	return err ? err : spec_name_region(spec, half);
}

int spec_read_regions(struct iopt_spec *spec, struct json_ref ref, unsigned half)
{
	const json_t *list;
	int err = json_take_array(ref, &list);

	for (size_t i = 0; !err && i < json_array_size(list); i++)
		err = read_region(spec, json_element(&spec->part, list, i), half);
	return err;
}
