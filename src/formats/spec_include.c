/* SPDX-License-Identifier: MIT */
/* "include": regions from what people have. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "../core/error.h"
#include "spec.h"

int spec_include_fail(const struct spec_include *in, unsigned line, const char *format, ...)
{
	const struct error_place place = {in->path, line, line ? 1 : 0};
	char message[200];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	return error_at(in->spec->error, place, IOPT_FAILURE_INPUT, IOPT_ENOEXEC, "%s", message);
}

/* To whole granules; false: nothing is left. */
static bool round_range(enum spec_rounding rounding, uint64_t granule, struct range *r)
{
	uint64_t end;

	if (rounding == SPEC_ROUND_OUT) {
		*r = (struct range){align_down(r->first, granule), r->last | (granule - 1)};
	} else if (rounding == SPEC_ROUND_IN) {
		end = align_down(r->last + 1, granule); /* 0: 2^64 */
		if (__builtin_add_overflow(r->first, granule - 1, &r->first))
			return false;
		r->first = align_down(r->first, granule);
		r->last = end - 1;
	}
	return r->first <= r->last;
}

int spec_include_region(const struct spec_include *in, const struct spec_included *what)
{
	const struct build_config *c = &in->spec->config;
	const uint64_t granule = is_power_of_two(c->granule) ? c->granule : BIT(12);
	const uint64_t delta = what->pa - what->va.first;
	struct range va = what->va;
	struct plan_region *region;
	struct spec_place *place;

	if (what->rounding != SPEC_ROUND_NOT && delta & (granule - 1))
		return spec_include_fail(in, what->line,
					 "%.60s: 0x%llx cannot be mapped to 0x%llx: they differ "
					 "within a granule",
					 what->name, (unsigned long long)what->va.first,
					 (unsigned long long)what->pa);
	if (!round_range(what->rounding, granule, &va))
		return 0;
	region = spec_add_region(in->spec, in->half, what->name);
	if (!region)
		return -IOPT_ENOMEM;
	place = spec_last_place(in->spec, in->half);
	if (!what->line) /* nowhere in the file: where the spec names it */
		place->at = in->at;
	place->source = in->path;
	place->line = what->line;
	region->va = va.first;
	region->pa = va.first + delta;
	region->size = va.last - va.first + 1;
	region->wish.access = what->access;
	snprintf(region->wish.memory, sizeof(region->wish.memory), "%s", what->memory);
	if (c->regime == IOPT_REGIME_STAGE2)
		region->wish.el0 = what->access;
	return spec_name_region(in->spec, in->half);
}

/* A path of the spec is relative to where the spec is. */
static char *resolve(const struct iopt_spec *spec, const char *name)
{
	const char *slash = strrchr(spec->path, '/');
	char *path;

	if (*name == '/' || !slash)
		return strdup(name);
	return asprintf(&path, "%.*s/%s", (int)(slash - spec->path), spec->path, name) < 0 ? NULL
											   : path;
}

typedef int include_fn(const struct spec_include *in);

/* What is wrong with the file as a whole is told where the spec names it. */
static int place_failure(struct iopt_spec *spec, struct json_ref ref, int err)
{
	char message[sizeof(spec->error->message)];

	if (!err || !spec->error || spec->error->line || spec->error->failure == IOPT_FAILURE_LIMIT)
		return err;
	memcpy(message, spec->error->message, sizeof(message));
	return json_fail(ref, "%.60s: %s", json_string_value(json_value(ref)), message);
}

typedef int include_fn(const struct spec_include *in);

static int include_file(struct iopt_spec *spec, struct json_ref ref, include_fn *read)
{
	struct spec_include in = {.spec = spec, .at = ref};
	const char *name;
	char *path;
	int err = json_take_string(ref, &name);

	if (err)
		return err;
	path = resolve(spec, name);
	if (path)
		in.path = spec_add_file(spec, path);
	free(path);
	if (!in.path)
		return spec_out_of_memory(spec);
	return place_failure(spec, ref, read(&in));
}

#define INCLUDE(kind)                                                                    \
	static int include_##kind(struct iopt_spec *spec, struct json_ref ref, void *to) \
	{                                                                                \
		(void)to;                                                                \
		return include_file(spec, ref, spec_include_##kind);                     \
	}

INCLUDE(dtb)
INCLUDE(elf)
INCLUDE(iomem)
INCLUDE(map)

static int read_include(struct iopt_spec *spec, struct json_ref ref)
{
	static const struct spec_member kinds[] = {
		{"dtb", include_dtb}, {"elf", include_elf}, {"iomem", include_iomem},
		{"map", include_map}, {NULL, NULL},
	};
	const json_t *object;
	int err = json_take_object(ref, &object);

	if (err)
		return err;
	if (json_object_size(object) != 1)
		return json_fail(ref,
				 "an include names one file: {\"elf\":FILE}, or dtb, iomem, map");
	return spec_members(spec, object, kinds, NULL);
}

int spec_read_includes(struct iopt_spec *spec, struct json_ref ref)
{
	const json_t *list;
	int err = json_take_array(ref, &list);

	for (size_t i = 0; !err && i < json_array_size(list); i++)
		err = read_include(spec, json_element(&spec->part, list, i));
	return err;
}
