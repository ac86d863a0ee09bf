/* SPDX-License-Identifier: MIT */
/* iopt_spec_load(): the spec's own members, in an order that lets each one know what it needs. */
#include "spec.h"

#include <stdlib.h>

#include "../core/ascii.h"
#include "../core/error.h"

/* ---- members ---- */

static int read_later(struct iopt_spec *spec, struct json_ref ref, void *to)
{
	(void)spec, (void)ref, (void)to;
	return 0;
}

static int read_schema(struct iopt_spec *spec, struct json_ref ref, void *to)
{
	static const char *const words[] = {"iopt.spec/1"};
	unsigned i;

	(void)spec, (void)to;
	return spec_word(ref, words, ARRAY_SIZE(words), &i);
}

static int read_format(struct iopt_spec *spec, struct json_ref ref, void *to)
{
	const char *words[IOPT_FORMAT_COUNT];
	unsigned i;
	int err;

	(void)to;
	for (i = 0; i < IOPT_FORMAT_COUNT; i++)
		words[i] = iopt_format_name((enum iopt_format)i);
	err = spec_word(ref, words, IOPT_FORMAT_COUNT, &i);
	spec->config.format = (enum iopt_format)i;
	return err;
}

/* An SMMU's stage 1 reads the same descriptors as EL1 and EL0 together. */
static int read_regime(struct iopt_spec *spec, struct json_ref ref, void *to)
{
	static const char *const words[] = {"el1", "el2", "el3", "stage2", "smmu"};
	unsigned i;
	int err = spec_word(ref, words, ARRAY_SIZE(words), &i);

	(void)to;
	spec->config.regime = i < IOPT_REGIME_COUNT ? (enum iopt_regime)i : IOPT_REGIME_EL1;
	return err;
}

static int read_granule(struct iopt_spec *spec, struct json_ref ref, void *to)
{
	(void)to;
	return spec_number(spec, ref, &spec->config.granule);
}

static int read_bits(struct json_ref ref, unsigned *bits)
{
	int64_t value;
	int err = json_take_number(ref, 1, 64, &value);

	*bits = (unsigned)value;
	return err;
}

static int read_ias(struct iopt_spec *spec, struct json_ref ref, void *to)
{
	(void)to;
	return read_bits(ref, &spec->config.halves[0].ias);
}

static int read_oas(struct iopt_spec *spec, struct json_ref ref, void *to)
{
	(void)to;
	return read_bits(ref, &spec->config.oas);
}

static bool is_symbol(const char *word)
{
	if (!ascii_is_alpha(*word) && *word != '_')
		return false;
	while (ascii_is_alnum(*word) || *word == '_' || *word == '.' || *word == '$')
		word++;
	return !*word;
}

/* An address, or what the linker will put there. */
static int read_base(struct iopt_spec *spec, struct json_ref ref, void *to)
{
	const char *word = json_string_value(json_value(ref));

	(void)to;
	if (word && is_symbol(word)) {
		spec->base_symbol = word;
		return 0;
	}
	spec->has_base = true;
	return spec_number(spec, ref, &spec->base);
}

static int read_mair(struct iopt_spec *spec, struct json_ref ref, void *to)
{
	(void)to;
	if (spec->config.regime == IOPT_REGIME_STAGE2 || spec->config.format == IOPT_ARM_V7S)
		return json_fail_name(ref, "%s (%s) has no MAIR",
				      iopt_format_name(spec->config.format),
				      iopt_regime_name(spec->config.regime));
	spec->has_mair = true;
	return spec_number(spec, ref, &spec->config.mair);
}

static int read_allow(struct iopt_spec *spec, struct json_ref ref, void *to)
{
	const char *word;
	int err = json_take_array(ref, &spec->allow);

	(void)to;
	for (size_t i = 0; !err && i < json_array_size(spec->allow); i++)
		err = json_take_string(json_element(&spec->part, spec->allow, i), &word);
	return err;
}

static int read_includes(struct iopt_spec *spec, struct json_ref ref, void *to)
{
	(void)to;
	return spec_read_includes(spec, ref);
}

static int read_regions(struct iopt_spec *spec, struct json_ref ref, void *to)
{
	return spec_read_regions(spec, ref, *(unsigned *)to);
}

static int read_upper_ias(struct iopt_spec *spec, struct json_ref ref, void *to)
{
	(void)to;
	return read_bits(ref, &spec->config.halves[1].ias);
}

static const struct spec_member upper_members[] = {
	{"ias", read_upper_ias},
	{"regions", read_regions},
	{NULL, NULL},
};

static int read_ttbr1(struct iopt_spec *spec, struct json_ref ref, void *to)
{
	unsigned half = 1;
	const json_t *object;
	int err = json_take_object(ref, &object);

	(void)to;
	spec->config.halves[1].ias = spec->config.halves[0].ias;
	if (spec->config.format == IOPT_ARM_V7S)
		spec->config.halves[1].ias = 0;
	return err ? err : spec_members(spec, object, upper_members, &half);
}

/*
 * The members in the order in which they are read: regions can use symbols of included files, and
 * refine their regions.
 */
static const struct spec_member members[] = {
	{"schema", read_schema},   {"format", read_format},    {"regime", read_regime},
	{"granule", read_granule}, {"ias", read_ias},	       {"oas", read_oas},
	{"mair", read_mair},	   {"include", read_includes}, {"base", read_base},
	{"regions", read_regions}, {"ttbr1", read_ttbr1},      {"allow", read_allow},
};

/* Names are checked first: a typo is a better message than what is missing without it. */
static int check_names(struct iopt_spec *spec)
{
	struct spec_member known[ARRAY_SIZE(members) + 1] = {0};

	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		known[i] = (struct spec_member){members[i].name, read_later};
	return spec_members(spec, spec->part.root, known, NULL);
}

/* What is not said: the one that goes with what is. */
static void choose_defaults(struct iopt_spec *spec)
{
	const json_t *root = spec->part.root;
	const char *regime = json_string_value(json_object_get(root, "regime"));
	const char *format = json_string_value(json_object_get(root, "format"));

	if (!format && regime && !strcmp(regime, "stage2"))
		spec->config.format = IOPT_ARM_64_LPAE_S2;
	if (!regime && format && strstr(format, "-s2"))
		spec->config.regime = IOPT_REGIME_STAGE2;
}

static int read_members(struct iopt_spec *spec)
{
	const json_t *root = spec->part.root;
	unsigned half = 0;
	int err;

	if (!json_is_object(root))
		return json_input_fail(&spec->in, 0,
				       "a spec is an object: {\"schema\":\"iopt.spec/1\",…}");
	err = check_names(spec);
	if (!err && !json_object_get(root, "schema"))
		err = json_input_fail(&spec->in, 0, "\"schema\" is missing: \"iopt.spec/1\"");
	choose_defaults(spec);
	for (size_t i = 0; !err && i < ARRAY_SIZE(members); i++)
		if (json_object_get(root, members[i].name))
			err = members[i].read(spec, json_member(&spec->part, root, members[i].name),
					      &half);
	return err;
}

/* ---- files ---- */

const char *spec_add_file(struct iopt_spec *spec, const char *path)
{
	char **files = realloc(spec->files, (spec->file_count + 1) * sizeof(*files));
	char *copy = strdup(path);

	if (files)
		spec->files = files;
	if (!files || !copy) {
		free(copy);
		spec_out_of_memory(spec);
		return NULL;
	}
	files[spec->file_count++] = copy;
	return copy;
}

const char *iopt_spec_file(const struct iopt_spec *spec, size_t i)
{
	return i < spec->file_count ? spec->files[i] : NULL;
}

/* ---- life ---- */

static int load(struct iopt_spec *spec, const char *path)
{
	int err;

	spec->path = strdup(path);
	if (!spec->path || !spec_add_file(spec, path))
		return spec_out_of_memory(spec);
	err = json_input_read_watched(&spec->in, spec->path, SPEC_BYTES, &spec->progress,
				      spec->error);
	if (!err)
		err = json_part_parse_all(&spec->part, &spec->in);
	if (!err)
		err = read_members(spec);
	return err ? err : spec_plan(spec);
}

int iopt_spec_load_watched(const char *path, const struct iopt_progress *progress,
			   struct iopt_spec **to, struct iopt_error *error)
{
	struct iopt_spec *spec = calloc(1, sizeof(*spec));
	int err;

	*to = NULL;
	if (!spec)
		return error_set(error, IOPT_FAILURE_LIMIT, IOPT_ENOMEM, "out of memory");
	spec->error = error;
	if (progress)
		spec->progress = *progress;
	err = load(spec, path);
	if (err)
		iopt_spec_free(spec);
	else
		*to = spec;
	return err;
}

int iopt_spec_load(const char *path, struct iopt_spec **to, struct iopt_error *error)
{
	return iopt_spec_load_watched(path, NULL, to, error);
}

/* ---- of a program ---- */

/* Without a copy of its name. */
static int take_region(struct iopt_spec *spec, const struct iopt_region *from)
{
	const char *memory = from->memory ? from->memory : "normal-wb";
	struct spec_regions *regions = &spec->halves[from->upper];
	struct plan_region *to;

	if (spec_reserve(spec, from->upper, false))
		return -IOPT_ENOMEM;
	to = &regions->list[regions->count++];
	*to = (struct plan_region){
		.name = from->name ? from->name : "region",
		.va = from->va,
		.pa = from->pa,
		.size = from->size,
		.page_size = from->page_size,
		.guard = from->guard,
		.no_runs = from->no_runs,
		.refines = PLAN_NONE,
		.wish = {.access = from->access,
			 .el0 = from->el0,
			 .share = from->share,
			 .ns = from->ns,
			 .nse = from->nse,
			 .global = !from->not_global},
	};
	if (strlen(memory) >= sizeof(to->wish.memory) ||
	    (to->page_size && !is_power_of_two(to->page_size)))
		return error_set(spec->error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "region %s: no such memory type, or page size", to->name);
	memcpy(to->wish.memory, memory, strlen(memory) + 1);
	return 0;
}

int iopt_spec_make(const struct iopt_build_config *config, const struct iopt_region *regions,
		   size_t count, struct iopt_spec **to, struct iopt_error *error)
{
	struct iopt_spec *spec = calloc(1, sizeof(*spec));
	int err = config->struct_size < sizeof(*config) ? -IOPT_EINVAL : 0;

	*to = NULL;
	if (!spec)
		return error_set(error, IOPT_FAILURE_LIMIT, IOPT_ENOMEM, "out of memory");
	spec->error = error;
	spec->config = (struct build_config){
		.format = config->format,
		.regime = config->regime,
		.granule = config->granule,
		.oas = config->oas,
		.mair = config->mair ? *config->mair : 0,
		.halves = {{.ias = config->ias}, {.ias = config->ias}},
	};
	spec->has_mair = config->mair;
	for (size_t i = 0; !err && i < count; i++)
		err = take_region(spec, &regions[i]);
	if (!err)
		err = spec_plan(spec);
	if (err)
		iopt_spec_free(spec);
	else
		*to = spec;
	return err;
}

static void free_regions(struct spec_regions *regions)
{
	for (size_t i = 0; regions->places && i < regions->count; i++)
		free(regions->places[i].name);
	free(regions->places);
	free(regions->list);
	json_decref(regions->names);
}

void iopt_spec_free(struct iopt_spec *spec)
{
	if (!spec)
		return;
	for (unsigned i = 0; i < 2; i++) {
		free_regions(&spec->halves[i]);
		plan_free(&spec->plans[i]);
	}
	for (size_t i = 0; i < spec->file_count; i++)
		free(spec->files[i]);
	for (size_t i = 0; i < spec->symbol_count; i++)
		free(spec->symbols[i].name);
	free(spec->files);
	free(spec->symbols);
	json_part_free(&spec->part);
	json_input_free(&spec->in);
	free(spec->path);
	free(spec);
}
