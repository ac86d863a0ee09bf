/* SPDX-License-Identifier: MIT */
#include "candidates.h"

#include <stdio.h>
#include <stdlib.h>

#include "command.h"

const char *candidate_typed(const struct candidates *c)
{
	return c->typed + c->lead;
}

void candidate_add(struct candidates *c, const char *name, size_t length)
{
	size_t typed = strlen(candidate_typed(c));
	char *whole;
	int bytes;

	if (typed > length || memcmp(candidate_typed(c), name, typed) != 0)
		return;
	c->kept = c->lead;
	if (!c->lead) {
		c->add(c->arg, name, length);
		return;
	}
	bytes = asprintf(&whole, "%.*s%.*s", (int)c->lead, c->typed, (int)length, name);
	if (bytes < 0)
		return;
	c->add(c->arg, whole, (size_t)bytes);
	free(whole);
}

void candidate_add_text(struct candidates *c, const char *name)
{
	candidate_add(c, name, strlen(name));
}

void candidate_part(struct candidates *c, const char *separators)
{
	const char *p;

	while ((p = strpbrk(candidate_typed(c), separators)) != NULL)
		c->lead = (size_t)(p + 1 - c->typed);
}

/* ---- the arguments of a command ---- */

static void add_options(const struct session *s, const struct args_spec *spec, const bool *given,
			struct candidates *c)
{
	const char *equals = strchr(candidate_typed(c), '=');
	const struct arg_spec *part;
	size_t i;

	if (equals) {
		part = args_find_option(spec, candidate_typed(c));
		c->lead = (size_t)(equals + 1 - c->typed);
		if (part && part->value)
			arg_candidates(s, part, c);
		return;
	}
	for (i = 0; i < spec->count; i++) {
		part = &spec->list[i];
		if (part->option && (!given[i] || part->repeated))
			candidate_add(c, part->name, part->name_length);
	}
}

/* Of a list that has a member, what follows the list, too. */
static void add_positional(const struct session *s, const struct args_spec *spec, size_t at,
			   const bool *given, struct candidates *c)
{
	const struct arg_spec *part = args_next_positional(spec, &at);
	const size_t lead = c->lead;

	arg_candidates(s, part, c);
	if (!part->repeated || !given[part - spec->list] || !args_needed_after(spec, at))
		return;
	at++;
	part = args_next_positional(spec, &at);
	c->lead = lead;
	if (part)
		arg_candidates(s, part, c);
}

void args_candidates(const struct session *s, struct candidates *c)
{
	bool given[ARG_SPECS_MAX] = {false}, options;
	const struct arg_spec *part;
	struct args_spec spec;
	size_t at = 0, after, i;

	if (!args_spec_parse(c->command->args, &spec))
		return;
	options = spec.has_options;
	for (i = 0; i < c->count; i++) {
		const char *text = c->words[i].text;
		bool is_option = options && text[0] == '-' && text[1];

		if (is_option && strcmp(text, "--") == 0) {
			options = false;
			continue;
		}
		part = is_option ? args_find_option(&spec, text) : args_next_positional(&spec, &at);
		if (part)
			given[part - spec.list] = true;
		if (is_option && part && part->value && !strchr(text, '=') && ++i == c->count) {
			arg_candidates(s, part, c);
			return;
		}
	}
	after = at;
	if (options && candidate_typed(c)[0] == '-')
		add_options(s, &spec, given, c);
	else if (args_next_positional(&spec, &after))
		add_positional(s, &spec, at, given, c);
	else if (options && !candidate_typed(c)[0])
		add_options(s, &spec, given, c);
}
