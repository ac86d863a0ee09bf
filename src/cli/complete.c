/* SPDX-License-Identifier: MIT */
#include "complete.h"

#include <stdlib.h>

#include "command.h"
#include "options.h"
#include "topics.h"

/* Was a command's word at 'start' seen before in the table, after the same words? */
static bool is_repeated(size_t i, size_t start, size_t length)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (strncmp(commands[k].name, commands[i].name, start + length) == 0 &&
		    (commands[k].name[start + length] == ' ' || !commands[k].name[start + length]))
			return true;
	return false;
}

/* The word of each command's name that follows 'words'. */
static void complete_name(const struct word *words, size_t count, struct candidates *c)
{
	size_t i, k;

	for (i = 0; i < command_count; i++) {
		const char *name = commands[i].name;
		size_t at = 0, length = strcspn(name, " ");

		for (k = 0; k < count; k++) {
			if (strlen(words[k].text) != length ||
			    memcmp(words[k].text, name + at, length) != 0 || !name[at + length])
				break;
			at += length + 1;
			length = strcspn(name + at, " ");
		}
		if (k == count && !is_repeated(i, at, length))
			candidate_add(c, name + at, length);
	}
}

static void complete_help(const struct word *words, size_t count, struct candidates *c)
{
	size_t i;

	complete_name(words, count, c);
	for (i = 0; i < topic_count && !count; i++)
		candidate_add(c, topics[i].name, strlen(topics[i].name));
}

void complete_command(const struct session *s, const struct word *words, size_t count,
		      struct candidates *c)
{
	const size_t lead = c->lead;
	size_t taken;

	if (count && strcmp(words->text, "!") == 0) {
		words++;
		count--;
	}
	if (!c->literal && strchr(candidate_typed(c), '$')) {
		variable_candidates(s, c);
		c->lead = lead;
	}
	c->command = command_find(words, count, &taken);
	if (!c->command) {
		complete_name(words, count, c);
		return;
	}
	c->words = words + taken;
	c->count = count - taken;
	if (strcmp(c->command->name, "help") == 0)
		complete_help(c->words, c->count, c);
	else
		args_candidates(s, c);
}

/* ---- commands as text ---- */

/* What is not there yet may be made by the commands before. */
static int look_up_or_empty(void *session, const char *name, char *to, size_t room,
			    struct iopt_error *error)
{
	if (look_up_variable(session, name, to, room, error))
		snprintf(to, room, "0");
	return 0;
}

void complete_text(struct session *s, const char *before, struct candidates *c)
{
	struct variables variables = {look_up_or_empty, s};
	struct words words = {.list = NULL};
	size_t length = strlen(before);
	struct iopt_error error;
	struct source source;

	source_init(&source, "shell", NULL, before);
	while (words_read(&words, &source, &variables, &error) > 0 && source.at < source.used)
		;
	if (length && strchr(";\n", before[length - 1]))
		words_clear(&words);
	complete_command(s, words.list, words.count, c);
	words_destroy(&words);
	source_destroy(&source);
}

/* Where the last word of a text begins: behind a blank, or a quote that is still open. */
static size_t last_word(const char *text)
{
	size_t start = 0, i;
	char quote = '\0';

	for (i = 0; text[i]; i++) {
		if (quote) {
			quote = text[i] == quote ? '\0' : quote;
		} else if (strchr("\"'", text[i])) {
			quote = text[i];
			start = i + 1;
		} else if (text[i] == '\\' && text[i + 1]) {
			i++;
		} else if (strchr(" \t\n;", text[i])) {
			start = i + 1;
		}
	}
	return start;
}

void complete_script(const struct session *s, const struct arg_spec *spec, struct candidates *c)
{
	const char *text = candidate_typed(c);
	size_t start = last_word(text);
	char *before = strndup(text, start);

	(void)spec;
	c->lead += start;
	if (before) /* what is looked up stays as it is */
		complete_text((struct session *)s, before, c);
	free(before);
}

/* ---- the program's arguments ---- */

/* Options whose value is an argument of a command. */
static const struct {
	char letter;
	const char *command, *argument;
} option_values[] = {
	{'f', "source", "FILE"},	  {'t', "load", "FILE"},
	{'m', "mem load", "FILE[@ADDR]"}, {'r', "domain open", "--registers"},
	{'c', "foreach", "COMMANDS"},
};

static const struct command *command_named(const char *name)
{
	size_t i = 0;

	while (i < command_count && strcmp(commands[i].name, name) != 0)
		i++;
	return i < command_count ? &commands[i] : NULL;
}

static void complete_argument(const struct session *s, const char *name, struct candidates *c)
{
	struct args_spec spec;
	size_t i;

	if (!args_spec_parse(c->command->args, &spec))
		return;
	for (i = 0; i < spec.count; i++)
		if (strlen(name) == spec.list[i].name_length &&
		    memcmp(name, spec.list[i].name, spec.list[i].name_length) == 0)
			arg_candidates(s, &spec.list[i], c);
}

static void complete_option_value(const struct session *s, const struct option_row *option,
				  struct candidates *c)
{
	const char *p = option->value;
	size_t i, length;

	for (i = 0; i < ARRAY_SIZE(option_values); i++) {
		if (option_values[i].letter != option->letter)
			continue;
		c->command = command_named(option_values[i].command);
		complete_argument(s, option_values[i].argument, c);
		return;
	}
	for (; *p; p += length + (p[length] == '|')) {
		length = strcspn(p, "|");
		candidate_add(c, p, length);
	}
}

static void complete_option(const struct session *s, struct candidates *c)
{
	const char *typed = candidate_typed(c), *equals = strchr(typed, '=');
	const struct option_row *option = option_find(typed);
	size_t i;

	if (equals && option && option->value) {
		c->lead += (size_t)(equals + 1 - typed);
		complete_option_value(s, option, c);
		return;
	}
	for (i = 0; i < option_count; i++)
		candidate_add_text(c, option_rows[i].name);
}

void complete_program(const struct session *s, const struct word *words, size_t count,
		      struct candidates *c)
{
	const struct option_row *option;
	size_t at = 0;

	for (; at < count && words[at].text[0] == '-' && words[at].text[1]; at++) {
		if (strcmp(words[at].text, "--") == 0) {
			complete_command(s, words + at + 1, count - at - 1, c);
			return;
		}
		option = option_find(words[at].text);
		if (!option || !option->value || strchr(words[at].text, '='))
			continue;
		if (++at == count) {
			complete_option_value(s, option, c);
			return;
		}
	}
	if (at == count && candidate_typed(c)[0] == '-')
		complete_option(s, c);
	else
		complete_command(s, words + at, count - at, c);
}
