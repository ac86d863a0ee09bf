/* SPDX-License-Identifier: MIT */
#include "complete.h"

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
	const struct command *command;
	size_t taken;

	if (count && strcmp(words->text, "!") == 0) {
		words++;
		count--;
	}
	c->typed = count ? words[count - 1].text : "";
	count -= count != 0;
	if (strchr(c->typed, '$')) {
		variable_candidates(s, c);
		return;
	}
	command = command_find(words, count, &taken);
	if (!command)
		complete_name(words, count, c);
	else if (strcmp(command->name, "help") == 0)
		complete_help(words + taken, count - taken, c);
	else
		args_candidates(s, command->args, words + taken, count - taken, c);
}

static void complete_option_value(const struct option_row *option, struct candidates *c)
{
	const char *p = option->value;

	c->files |= strncmp(p, "FILE", 4) == 0;
	if (!strchr(p, '|') || c->files)
		return;
	while (*p) {
		size_t length = strcspn(p, "|");

		candidate_add(c, p, length);
		p += length + (p[length] == '|');
	}
}

void complete_program(const struct session *s, const struct word *words, size_t count,
		      struct candidates *c)
{
	size_t i, at = 0;

	c->typed = count ? words[count - 1].text : "";
	while (at + 1 < count && words[at].text[0] == '-') {
		const struct option_row *option = option_find(words[at].text);

		at++;
		if (!option || !option->value || strchr(words[at - 1].text, '='))
			continue;
		if (at + 1 == count) {
			complete_option_value(option, c);
			return;
		}
		at++;
	}
	if (at + 1 == count && c->typed[0] == '-') {
		for (i = 0; i < option_count; i++)
			candidate_add(c, option_rows[i].name, strlen(option_rows[i].name));
		return;
	}
	if (count)
		complete_command(s, words + at, count - at, c);
	else
		complete_name(words, 0, c);
}
