/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>

#include "../core/ascii.h"
#include "../core/expr.h"
#include "complete.h"
#include "handlers.h"

/* A sum becomes its value: put into another sum as text it would mean something else. */
static int evaluate(struct session *s, const struct arg *value, char *to, size_t room)
{
	uint64_t number;
	int r = ascii_is_digit(value->text[0]) ? expr_number(value->text, &number) : -IOPT_EINVAL;

	if (r == -IOPT_ERANGE)
		return fail(s, value->word, IOPT_ERANGE, IOPT_FAILURE_USAGE,
			    "'%s' is below zero or does not fit in 64 bits", value->text);
	if (!r && strpbrk(value->text, "+-"))
		snprintf(to, room, "0x%" PRIx64, number);
	else
		snprintf(to, room, "%s", value->text);
	return 0;
}

int fail_variable_name(struct session *s, const struct arg *name)
{
	return fail_usage(s, name->word,
			  "'%s' is no variable's name: letters, digits and '_', no digit first",
			  name->text);
}

int cmd_let(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *name = args_get(a, "VARIABLE"), *value = args_get(a, "VALUE");
	char text[VARIABLE_VALUE_MAX + 1];
	int r;

	if (strlen(value->text) > VARIABLE_VALUE_MAX)
		return fail_usage(s, value->word, "a value of more than %d bytes",
				  VARIABLE_VALUE_MAX);
	r = evaluate(s, value, text, sizeof(text));
	if (r)
		return r;
	r = set_variable(s, name->text, text);
	if (r == -IOPT_EINVAL)
		return fail_variable_name(s, name);
	if (r)
		return fail_library(s, NULL, r);
	out_str(o, "name", name->text);
	out_str(o, "value", text);
	return 0;
}

int cmd_echo(struct session *s, const struct args *a, struct out *o)
{
	size_t bytes = 1, i;
	char *text, *p;

	for (i = 0; i < a->count; i++)
		bytes += strlen(a->list[i].text) + 1;
	text = p = malloc(bytes);
	if (!text)
		return fail_library(s, NULL, IOPT_ENOMEM);
	*p = '\0';
	for (i = 0; i < a->count; i++) {
		if (i)
			*p++ = ' ';
		p = stpcpy(p, a->list[i].text);
	}
	out_str(o, "text", text);
	free(text);
	return 0;
}

static void show_candidate(void *arg, const char *name, size_t length)
{
	struct out *o = arg;
	char *text = strndup(name, length);

	if (!text)
		return;
	out_begin_record(o, "{candidate}");
	out_str(o, "candidate", text);
	out_end_record(o);
	free(text);
}

int cmd_complete(struct session *s, const struct args *a, struct out *o)
{
	struct candidates c = {.add = show_candidate, .arg = o, .typed = ""};
	struct words words = {.list = NULL};
	size_t i;
	int r = 0;

	for (i = 0; i < a->count && !r; i++) {
		const char *text = a->list[i].text;

		if (i + 1 == a->count && (i || strcmp(text, "--") != 0))
			c.typed = text;
		else if (i || strcmp(text, "--") != 0)
			r = words_add(&words, text, (struct place){0, 0});
	}
	if (!r)
		complete_program(s, words.list, words.count, &c);
	words_destroy(&words);
	out_records(o);
	return r ? fail_library(s, NULL, r) : 0;
}

int cmd_version(struct session *s, const struct args *a, struct out *o)
{
	unsigned i;

	(void)s;
	(void)a;
	out_str(o, "version", iopt_version());
	out_begin_list(o, "codecs");
	for (i = 0; iopt_codec_name(i); i++)
		out_str(o, NULL, iopt_codec_name(i));
	out_end(o);
	return 0;
}

int cmd_quit(struct session *s, const struct args *a, struct out *o)
{
	(void)a;
	(void)o;
	s->quit = true;
	return 0;
}

/* ---- profiles ---- */

static void show_switches(struct out *o, enum iopt_profile profile)
{
	const char *name, *text;
	uint64_t value;
	unsigned i;

	out_begin_object(o, "switches");
	for (i = 0; (name = iopt_profile_switch(profile, i, &value, &text)) != NULL; i++)
		out_count(o, name, value);
	out_end(o);
}

int cmd_profiles(struct session *s, const struct args *a, struct out *o)
{
	enum iopt_profile profile;

	(void)a;
	for (profile = 0; iopt_profile_name(profile); profile++) {
		out_begin_record(o, NULL);
		out_str(o, "name", iopt_profile_name(profile));
		out_bool(o, "selected", profile == s->settings.profile);
		if (iopt_profile_doubt(profile))
			out_str(o, "doubt", iopt_profile_doubt(profile));
		else
			out_null(o, "doubt");
		show_switches(o, profile);
		out_end_record(o);
	}
	out_records(o);
	return 0;
}
