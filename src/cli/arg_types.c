/* SPDX-License-Identifier: MIT */
/* What the placeholders of usage strings stand for: parsing, and what a word is completed to. */
#include <stdlib.h>
#include <unistd.h>

#include "../core/ascii.h"
#include "../core/expr.h"
#include "../core/suggest.h"
#include "arg_names.h"
#include "arg_objects.h"
#include "candidates.h"
#include "command.h"

/*
 * A type has a parser, a list of names, or both (the names then only for completion).  What it is
 * completed to are the names, files, what a completer finds, or nothing if it is plain.
 */
struct arg_type {
	const char *placeholder;
	int (*parse)(struct session *s, struct arg *arg);
	const char *(*name)(const struct session *s, size_t i); /* NULL past the end */
	completer_fn *complete;
	const char *files; /* suffixes of those that it is likely to be; "": any; NULL: no file */
	bool plain;	   /* a number or text that only its author knows */
};

static int fail_number(struct session *s, const struct arg *arg, int code, const char *text)
{
	if (code == -IOPT_ERANGE)
		return fail(s, arg->word, IOPT_ERANGE, IOPT_FAILURE_USAGE,
			    "'%s' is below zero or does not fit in 64 bits", text);
	return fail_usage(s, arg->word, "'%s' is not a number", text);
}

static int parse_number(struct session *s, struct arg *arg)
{
	int r = expr_number(arg->text, &arg->number);

	return r ? fail_number(s, arg, r, arg->text) : 0;
}

static int parse_bits(struct session *s, struct arg *arg)
{
	int r = parse_number(s, arg);

	if (!r && (!arg->number || arg->number > 64))
		r = fail_usage(s, arg->word, "'%s' is not a number of bits from 1 to 64",
			       arg->text);
	return r;
}

static int parse_budget(struct session *s, struct arg *arg)
{
	arg->number = UINT64_MAX;
	return strcmp(arg->text, "off") == 0 ? 0 : parse_number(s, arg);
}

static int parse_granule(struct session *s, struct arg *arg)
{
	int r = parse_number(s, arg);

	if (!r && arg->number != 1 << 12 && arg->number != 1 << 14 && arg->number != 1 << 16)
		r = fail_usage(s, arg->word, "'%s' is not 4k, 16k or 64k", arg->text);
	return r;
}

static int fail_range(struct session *s, const struct arg *arg, int code, const char *or_else)
{
	if (code == -IOPT_ERANGE)
		return fail(s, arg->word, IOPT_ERANGE, IOPT_FAILURE_USAGE,
			    "'%s' leaves the 64-bit space", arg->text);
	return fail_usage(s, arg->word,
			  "'%s' is not a range: FIRST..LAST (inclusive) or START:LENGTH%s",
			  arg->text, or_else);
}

static int parse_range(struct session *s, struct arg *arg)
{
	int r = expr_range(arg->text, &arg->range);

	return r ? fail_range(s, arg, r, "") : 0;
}

/* An address alone is that byte. */
static int parse_place(struct session *s, struct arg *arg)
{
	int r = expr_range(arg->text, &arg->range);

	if (r != -IOPT_EINVAL || expr_number(arg->text, &arg->range.first))
		return r ? fail_range(s, arg, r, ", nor an address") : 0;
	arg->range.last = arg->range.first;
	return 0;
}

/* The part of a list up to the next comma, in 'part'; what follows, or NULL at the end. */
static const char *list_part(const char *text, char *part, size_t room)
{
	size_t length = strcspn(text, ",");

	snprintf(part, room, "%.*s", (int)(length < room ? length : room - 1), text);
	return text[length] ? text + length + 1 : NULL;
}

/* "4k,2m": a bit for each. */
static int parse_sizes(struct session *s, struct arg *arg)
{
	const char *p = arg->text;
	char part[NAME_BYTES];

	while (p) {
		uint64_t size;
		int r;

		p = list_part(p, part, sizeof(part));
		r = expr_number(part, &size);
		if (r)
			return fail_number(s, arg, r, part);
		if (!is_power_of_two(size))
			return fail_usage(s, arg->word, "'%s' is not a power of two", part);
		arg->number |= size;
	}
	return 0;
}

static unsigned prot_of_word(const char *word)
{
	unsigned i;

	for (i = 0; i < IOPT_PROT_COUNT; i++)
		if (strcmp(iopt_prot_name((enum iopt_prot)(1u << i)), word) == 0)
			return 1u << i;
	return 0;
}

/* "rwc"; 0: other letters. */
static unsigned prot_of_letters(const char *word)
{
	static const char letters[] = "rwcnmp";
	unsigned prot = 0;

	for (; *word; word++) {
		const char *found = strchr(letters, *word);

		if (!found)
			return 0;
		prot |= 1u << (found - letters);
	}
	return prot;
}

static int parse_prot(struct session *s, struct arg *arg)
{
	const char *p = arg->text;
	char part[NAME_BYTES];

	if (strcmp(p, "none") == 0)
		return 0;
	while (p) {
		unsigned prot;

		p = list_part(p, part, sizeof(part));
		prot = prot_of_word(part);
		if (!prot)
			prot = prot_of_letters(part);
		if (!prot)
			return fail_usage(
				s, arg->word,
				"'%s' is no protection: read,write,cache,noexec,mmio,priv,"
				" none, or letters of rwcnmp",
				part);
		arg->number |= prot;
	}
	return 0;
}

/* FILE or FILE@ADDR, split at the last '@' unless that is part of the file's name. */
static int parse_file_at(struct session *s, struct arg *arg)
{
	const char *at = strrchr(arg->text, '@');

	if (!at || strchr(at, '/') || !access(arg->text, F_OK))
		return 0;
	arg->owned = strndup(arg->text, (size_t)(at - arg->text));
	if (!arg->owned)
		return fail_library(s, arg->word, IOPT_ENOMEM);
	arg->text = at + 1;
	arg->has_number = true;
	if (parse_number(s, arg))
		return (int)s->error.failure;
	arg->text = arg->owned;
	return 0;
}

/* A number, or what the linker has an address for. */
static int parse_base(struct session *s, struct arg *arg)
{
	const char *p = arg->text;

	arg->has_number = ascii_is_digit(*p);
	if (arg->has_number)
		return parse_number(s, arg);
	while (ascii_is_alnum(*p) || *p == '_' || *p == '.' || *p == '$')
		p++;
	if (!*arg->text || *p)
		return fail_usage(s, arg->word, "'%s' is neither a number nor a symbol", arg->text);
	return 0;
}

static int parse_word(struct session *s, struct arg *arg)
{
	(void)s;
	(void)arg;
	return 0;
}

static int parse_name(struct session *s, struct arg *arg)
{
	if (name_is_valid(arg->text))
		return 0;
	return fail_usage(s, arg->word,
			  "'%s' is no name: up to %d letters, digits, '_', '-', '.' and '@'",
			  arg->text, NAME_BYTES - 1);
}

static const char *near_name(const struct session *s, const struct arg_type *type,
			     const char *typed, char *hint, size_t room)
{
	struct suggestion near;
	const char *name;
	size_t i;

	suggest_begin(&near, typed);
	for (i = 0; (name = type->name(s, i)) != NULL; i++)
		suggest_try(&near, name, strlen(name));
	return suggest_text(&near, hint, room);
}

static int parse_domain(struct session *s, struct arg *arg)
{
	char hint[NAME_BYTES + 32];

	arg->domain = find_domain(s, arg->text);
	if (arg->domain)
		return 0;
	return fail(s, arg->word, IOPT_ENOENT, IOPT_FAILURE_REQUEST, "there is no domain '%s'%s",
		    arg->text, near_name(s, arg->spec->type, arg->text, hint, sizeof(hint)));
}

static int parse_memory(struct session *s, struct arg *arg)
{
	char hint[NAME_BYTES + 32];

	arg->memory = find_memory(s, arg->text);
	if (arg->memory)
		return 0;
	return fail(s, arg->word, IOPT_ENOENT, IOPT_FAILURE_REQUEST, "there is no memory '%s'%s",
		    arg->text, near_name(s, arg->spec->type, arg->text, hint, sizeof(hint)));
}

static int parse_iova_space(struct session *s, struct arg *arg)
{
	char hint[NAME_BYTES + 32];

	arg->iova = find_iova(s, arg->text);
	if (arg->iova)
		return 0;
	return fail(s, arg->word, IOPT_ENOENT, IOPT_FAILURE_REQUEST,
		    "there is no IOVA space '%s'%s", arg->text,
		    near_name(s, arg->spec->type, arg->text, hint, sizeof(hint)));
}

#define TABLE_FILES ".json .jsonl .bin .img .raw"
#define DUMP_FILES                                                                         \
	".elf .core .lime .kdump .vmcore .dump .dmp .mem .raw .bin .img .hex .gz .xz .zst" \
	" core"

static const struct arg_type types[] = {
	{"IOVA", .parse = parse_number, .plain = true},
	{"PA", .parse = parse_number, .plain = true},
	{"IPA", .parse = parse_number, .plain = true},
	{"ADDR", .parse = parse_number, .plain = true},
	{"BASE", .parse = parse_number, .plain = true},
	{"ADDR|SYMBOL", .parse = parse_base, .plain = true},
	{"SIZE", .parse = parse_number, .plain = true},
	{"PGSIZE", .parse = parse_number, .plain = true},
	{"COUNT", .parse = parse_number, .plain = true},
	{"LEN", .parse = parse_number, .plain = true},
	{"NUMBER", .parse = parse_number, .plain = true},
	{"PFN", .parse = parse_number, .plain = true},
	{"PFN-LO", .parse = parse_number, .plain = true},
	{"PFN-HI", .parse = parse_number, .plain = true},
	{"BITS", .parse = parse_bits, .plain = true},
	{"N|off", .parse = parse_budget, .name = off_name},
	{"GRANULE", .parse = parse_granule, .name = granule_name},
	{"SIZE,...", .parse = parse_sizes, .name = size_name, .complete = complete_list},
	{"RANGE", .parse = parse_range, .plain = true},
	{"ADDR|RANGE", .parse = parse_place, .plain = true},
	{"PROT", .parse = parse_prot, .name = prot_name, .complete = complete_list},
	{"FILE", .parse = parse_word, .files = ""},
	{"FILE|DOMAIN", .parse = parse_word, .name = domain_name, .files = TABLE_FILES},
	{"ASSERTION", .parse = parse_word, .complete = complete_assertion},
	{"SPEC", .parse = parse_word, .files = ".json"},
	{"FILE[@ADDR]", .parse = parse_file_at, .files = DUMP_FILES},
	{"FILE|K=V,...", .parse = parse_word, .complete = complete_pairs, .files = ".json"},
	{"NAME", .parse = parse_name, .plain = true},
	{"VARIABLE", .parse = parse_word, .name = variable_name},
	{"VALUE", .parse = parse_word, .complete = complete_setting},
	{"WORD", .parse = parse_word, .plain = true},
	{"SYMBOL", .parse = parse_word, .plain = true},
	{"COMMANDS", .parse = parse_word, .complete = complete_script},
	{"COMMAND", .parse = parse_word, .name = command_name},
	{"DOMAIN", .parse = parse_domain, .name = domain_name},
	{"MEMORY", .parse = parse_memory, .name = memory_name},
	{"SPACE", .parse = parse_iova_space, .name = iova_name},
	{"SPACE|DOMAIN", .parse = parse_space_or_domain, .name = space_or_domain_name},
	{"SMMU", .parse = parse_smmu, .name = smmu_name},
	{"DEV", .parse = parse_device, .name = device_name},
	{"POOL", .parse = parse_pool, .name = pool_name},
	{"BUFFER", .parse = parse_buffer, .name = buffer_name},
	{"SID", .parse = parse_stream, .plain = true},
	{"STREAM", .parse = parse_substream, .complete = complete_stream},
	{"SEG", .parse = parse_segment, .plain = true},
	{"BUS:PA:SIZE", .parse = parse_dma_range, .plain = true},
	{"TYPE:RANGE", .parse = parse_region, .complete = complete_region_type},
	{"HOST", .parse = parse_pci_host, .name = pci_host_name},
	{"RID", .parse = parse_rid, .plain = true},
	{"AREA", .parse = parse_area, .name = area_name},
	{"STAGE,...", .parse = parse_stages, .name = stage_name, .complete = complete_list},
	{"MODEL", .name = model_name},
	{"TYPE", .name = domain_type_name},
	{"DIR", .name = direction_name},
	{"ATTR", .name = dma_attr_name},
	{"FORMAT", .name = format_name},
	{"REGIME", .name = regime_name},
	{"QUIRK", .name = quirk_name},
	{"SETTING", .name = setting_name},
	{"EXPR", .parse = parse_word, .complete = complete_question},
	{"DOMAIN|FILE", .parse = parse_word, .name = domain_name, .files = TABLE_FILES},
	{"RULE", .name = lint_rule_name},
	{"REGISTER=VALUE", .parse = parse_word, .name = register_name},
};

/* Files that a command wants, where its usage says only FILE. */
static const struct {
	const char *command, *argument, *suffixes;
} files[] = {
	{"source", "FILE", ".iopt"},
	{"load", "FILE", TABLE_FILES},
	{"dtb load", "FILE", ".dtb"},
	{"mem save", "FILE", ".raw .bin .elf .core"},
	{"dump", "-o", ".json .jsonl .csv .txt .svg .dot .bin .img .raw"},
	{"smmu dump", "-o", ".txt .json .c .h"},
	{"lint", "-o", ".sarif .txt"},
	{"build", "-o", ".bin .json .c .h .S .o .hex .srec .ld .dts .svg"},
	{"build", "-M", ".d"},
};

const char *arg_types_check(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (types[i].plain == (types[i].name || types[i].complete || types[i].files))
			return types[i].placeholder;
	return "";
}

const struct arg_type *arg_type_find(const char *placeholder, size_t length)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (strncmp(types[i].placeholder, placeholder, length) == 0 &&
		    !types[i].placeholder[length])
			return &types[i];
	return NULL;
}

/* The i-th word of "text|json", its length in *length; NULL past the end. */
static const char *choice(const struct arg_spec *spec, size_t i, size_t *length)
{
	const char *p = spec->value, *end = p + spec->value_length;

	for (;; i--) {
		const char *bar = memchr(p, '|', (size_t)(end - p));

		*length = (size_t)((bar ? bar : end) - p);
		if (!i)
			return p;
		if (!bar)
			return NULL;
		p = bar + 1;
	}
}

const char *arg_value_name(const struct session *s, const struct arg_spec *spec, size_t i,
			   size_t *length)
{
	const char *name;

	if (!spec->type)
		return choice(spec, i, length);
	name = spec->type->name ? spec->type->name(s, i) : NULL;
	*length = name ? strlen(name) : 0;
	return name;
}

int arg_parse(struct session *s, struct arg *arg)
{
	const struct arg_spec *spec = arg->spec;
	struct suggestion near;
	char hint[NAME_BYTES + 32];
	const char *name;
	size_t length;

	if (spec->type && spec->type->parse)
		return spec->type->parse(s, arg);
	suggest_begin(&near, arg->text);
	for (arg->number = 0; (name = arg_value_name(s, spec, arg->number, &length)) != NULL;
	     arg->number++) {
		if (strlen(arg->text) == length && memcmp(name, arg->text, length) == 0)
			return 0;
		suggest_try(&near, name, length);
	}
	return fail_usage(s, arg->word, "'%s' is no %.*s%s", arg->text, (int)spec->value_length,
			  spec->value, suggest_text(&near, hint, sizeof(hint)));
}

/* NULL: no file. */
static const char *suffixes_of(const struct arg_spec *spec, const struct command *command)
{
	size_t i;

	if (!spec->type || !spec->type->files)
		return NULL;
	for (i = 0; i < ARRAY_SIZE(files); i++)
		if (strcmp(files[i].command, command->name) == 0 &&
		    strlen(files[i].argument) == spec->name_length &&
		    memcmp(files[i].argument, spec->name, spec->name_length) == 0)
			return files[i].suffixes;
	return spec->type->files;
}

void arg_candidates(const struct session *s, const struct arg_spec *spec, struct candidates *c)
{
	const char *suffixes = suffixes_of(spec, c->command), *name;
	const size_t lead = c->lead;
	size_t i, length;

	if (suffixes)
		candidate_add_files(c, suffixes);
	if (spec->type && spec->type->complete) {
		spec->type->complete(s, spec, c);
		c->lead = lead;
		return;
	}
	for (i = 0; (name = arg_value_name(s, spec, i, &length)) != NULL; i++)
		candidate_add(c, name, length);
}
