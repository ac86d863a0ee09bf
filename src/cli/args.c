/* SPDX-License-Identifier: MIT */
#include "args.h"

#include <stdlib.h>

#include "../core/ascii.h"
#include "../core/suggest.h"
#include "command.h"
#include "options.h"

static bool starts_option(const char *p)
{
	return p[0] == '-';
}

/* A longer usage does not fit into a message, nor onto two lines. */
enum { USAGE_MAX = 140 };

/* One part of a usage string, as "[-d DOMAIN]"; where the next begins, or NULL. */
static const char *spec_part(const char *p, struct arg_spec *spec)
{
	const char *end, *blank;

	*spec = (struct arg_spec){.optional = *p == '['};
	end = spec->optional ? strchr(p, ']') : p + strcspn(p, " ");
	if (!end)
		return NULL;
	p += spec->optional;
	spec->name = p;
	spec->name_length = (size_t)(end - p);
	spec->option = starts_option(p);
	blank = memchr(p, ' ', spec->name_length);
	if (blank) {
		spec->name_length = (size_t)(blank - p);
		spec->value = blank + 1;
		spec->value_length = (size_t)(end - spec->value);
	} else if (!spec->option) {
		spec->value = p;
		spec->value_length = spec->name_length;
	}
	if (*end == ']')
		end++;
	if (strncmp(end, "...", 3) == 0) {
		spec->repeated = true;
		end += 3;
	}
	return *end && *end != ' ' ? NULL : end + strspn(end, " ");
}

/* "IOVA..." names IOVA. */
static void spec_strip_dots(struct arg_spec *spec)
{
	if (spec->option || spec->name_length < 4 ||
	    strncmp(spec->name + spec->name_length - 3, "...", 3) != 0)
		return;
	spec->repeated = true;
	spec->name_length -= 3;
	spec->value_length -= 3;
}

static bool has_upper(const char *s, size_t length)
{
	while (length--)
		if (ascii_is_upper(*s++))
			return true;
	return false;
}

bool args_spec_parse(const char *usage, struct args_spec *spec)
{
	spec->count = 0;
	spec->has_options = false;
	while (*usage) {
		struct arg_spec *part = &spec->list[spec->count];

		if (spec->count == ARG_SPECS_MAX)
			return false;
		usage = spec_part(usage, part);
		if (!usage)
			return false;
		spec_strip_dots(part);
		spec->has_options |= part->option;
		spec->count++;
		if (!part->value)
			continue;
		part->type = arg_type_find(part->value, part->value_length);
		if (!part->type && has_upper(part->value, part->value_length))
			return false;
	}
	return true;
}

static bool slice_is(const char *slice, size_t length, const char *s)
{
	return strlen(s) == length && memcmp(slice, s, length) == 0;
}

const struct arg *args_nth(const struct args *a, const char *name, size_t n)
{
	size_t i;

	for (i = 0; i < a->count; i++)
		if (slice_is(a->list[i].spec->name, a->list[i].spec->name_length, name) && !n--)
			return &a->list[i];
	return NULL;
}

const struct arg *args_get(const struct args *a, const char *name)
{
	return args_nth(a, name, 0);
}

uint64_t args_number(const struct args *a, const char *name, uint64_t otherwise)
{
	const struct arg *arg = args_get(a, name);

	return arg ? arg->number : otherwise;
}

struct named_domain *args_domain(struct session *s, const struct args *a)
{
	const struct arg *arg = args_get(a, "-d");

	if (arg)
		return arg->domain;
	if (!s->domain && s->domain_count)
		fail_usage(s, NULL, "there is no current domain: domain use %s, or -d %s",
			   s->domains[0]->name, s->domains[0]->name);
	else if (!s->domain)
		fail_usage(s, NULL,
			   "there is no current domain: create or load one first, or open "
			   "a dump's (-r FILE, domain open; scan looks for tables)");
	return s->domain;
}

void args_destroy(struct args *a)
{
	size_t i;

	for (i = 0; i < a->count; i++)
		free(a->list[i].owned);
	free(a->list);
}

static int fail_args(struct session *s, const struct args *a, const struct word *blame,
		     const char *what, const char *which, size_t length)
{
	const struct command *c = a->command;

	if (strlen(c->args) > USAGE_MAX)
		return fail_usage(s, blame, "%s%.*s; see: help %s", what, (int)length, which,
				  c->name);
	return fail_usage(s, blame, "%s%.*s; usage: %s%s%s", what, (int)length, which, c->name,
			  *c->args ? " " : "", c->args);
}

/* What was perhaps meant by an argument that has no place. */
static int fail_too_many(struct session *s, const struct args *a, const struct word *word)
{
	if (*word->text == '>' || strcmp(word->text, "|") == 0)
		return fail_usage(
			s, word, "'%s' is for lines of the interactive shell alone%s", word->text,
			args_find_option(&a->spec, "-o") ? "; -o FILE writes a file" : "");
	if (strcmp(word->text, "&&") == 0 || strcmp(word->text, "||") == 0)
		return fail_usage(s, word,
				  "'%s' stands in an expression, which is one word, in quotes",
				  word->text);
	if (find_domain(s, word->text) && args_find_option(&a->spec, "-d"))
		return fail_usage(s, word, "too many arguments; did you mean '-d %s'?", word->text);
	return fail_args(s, a, word, "too many arguments", "", 0);
}

static int add_value(struct session *s, struct args *a, const struct arg_spec *spec,
		     const struct word *word, const char *text)
{
	struct arg *arg;

	if (a->count == a->room) {
		size_t room = a->room ? 2 * a->room : 8;
		struct arg *list = realloc(a->list, room * sizeof(*list));

		if (!list)
			return fail_library(s, word, IOPT_ENOMEM);
		a->list = list;
		a->room = room;
	}
	arg = &a->list[a->count++];
	*arg = (struct arg){.spec = spec, .word = word, .text = text};
	return spec->value ? arg_parse(s, arg) : 0;
}

const struct arg_spec *args_find_option(const struct args_spec *spec, const char *word)
{
	const size_t length = strcspn(word, "=");
	size_t i;

	for (i = 0; i < spec->count; i++)
		if (spec->list[i].option && spec->list[i].name_length == length &&
		    memcmp(spec->list[i].name, word, length) == 0)
			return &spec->list[i];
	return NULL;
}

static int fail_unknown_option(struct session *s, const struct args *a, const struct word *word)
{
	static const char *const synonyms[][2] = {{"--domain", "-d"},
						  {"--output", "-o"},
						  {"--format", "-F"},
						  {"-F", "--format"},
						  {"-r", "--registers"}};
	struct suggestion near;
	char hint[NAME_BYTES + 32];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(synonyms); i++)
		if (strcmp(synonyms[i][0], word->text) == 0 &&
		    args_find_option(&a->spec, synonyms[i][1]))
			return fail_usage(s, word, "%s has no option '%s'; did you mean '%s'?",
					  a->command->name, word->text, synonyms[i][1]);
	if (option_find(word->text))
		return fail_usage(
			s, word, "%s has no option '%s': it goes before the command, as in iopt %s",
			a->command->name, word->text, word->text);
	suggest_begin(&near, word->text);
	for (i = 0; i < a->spec.count; i++)
		if (a->spec.list[i].option)
			suggest_try(&near, a->spec.list[i].name, a->spec.list[i].name_length);
	return fail_usage(s, word, "%s has no option '%s'%s", a->command->name, word->text,
			  suggest_text(&near, hint, sizeof(hint)));
}

/* The option at words[*i], and its value, which may be the next word. */
static int parse_option(struct session *s, struct args *a, const struct word *words, size_t count,
			size_t *i)
{
	const struct word *word = &words[*i];
	const char *equals = strncmp(word->text, "--", 2) == 0 ? strchr(word->text, '=') : NULL;
	size_t length = equals ? (size_t)(equals - word->text) : strlen(word->text);
	const struct arg_spec *spec = args_find_option(&a->spec, word->text);
	size_t k;

	if (!spec)
		return fail_unknown_option(s, a, word);
	for (k = 0; k < a->count; k++)
		if (a->list[k].spec == spec && !spec->repeated)
			return fail_usage(s, word, "%.*s is given twice", (int)length, word->text);
	if (equals && !spec->value)
		return fail_usage(s, word, "%.*s takes no value", (int)length, word->text);
	if (equals)
		return add_value(s, a, spec, word, equals + 1);
	if (!spec->value)
		return add_value(s, a, spec, word, word->text);
	if (*i + 1 == count)
		return fail_usage(s, word, "%s needs a value: %.*s", word->text,
				  (int)spec->value_length, spec->value);
	(*i)++;
	return add_value(s, a, spec, &words[*i], words[*i].text);
}

const struct arg_spec *args_next_positional(const struct args_spec *spec, size_t *at)
{
	const struct arg_spec *part;

	while (*at < spec->count && spec->list[*at].option)
		(*at)++;
	if (*at == spec->count)
		return NULL;
	part = &spec->list[*at];
	if (!part->repeated)
		(*at)++;
	return part;
}

static int check_missing(struct session *s, const struct args *a)
{
	size_t i;

	for (i = 0; i < a->spec.count; i++) {
		const struct arg_spec *part = &a->spec.list[i];
		bool given = false;
		size_t k;

		for (k = 0; k < a->count; k++)
			given |= a->list[k].spec == part;
		if (!given && !part->optional && !part->option)
			return fail_args(s, a, NULL, "missing ", part->name, part->name_length);
	}
	return 0;
}

size_t args_needed_after(const struct args_spec *spec, size_t at)
{
	size_t needed = 0;

	while (++at < spec->count)
		needed += !spec->list[at].option && !spec->list[at].optional;
	return needed;
}

int args_parse(struct session *s, const struct command *command, const struct word *words,
	       size_t count, struct args *a)
{
	bool options;
	size_t at = 0, i;
	int r = 0;

	*a = (struct args){.command = command};
	if (!args_spec_parse(command->args, &a->spec))
		return fail_usage(s, NULL, "the usage of %s is malformed", command->name);
	options = a->spec.has_options;
	for (i = 0; i < count && !r; i++) {
		const struct word *word = &words[i];
		const struct arg_spec *part;

		if (options && strcmp(word->text, "--") == 0) {
			options = false;
		} else if (options && starts_option(word->text) && word->text[1]) {
			r = parse_option(s, a, words, count, &i);
		} else {
			part = args_next_positional(&a->spec, &at);
			/* a list leaves the last words to what follows it */
			if (part && part->repeated &&
			    count - i <= args_needed_after(&a->spec, at)) {
				at++;
				part = args_next_positional(&a->spec, &at);
			}
			r = part ? add_value(s, a, part, word, word->text)
				 : fail_too_many(s, a, word);
		}
	}
	return r ? r : check_missing(s, a);
}
