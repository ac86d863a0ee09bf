/* SPDX-License-Identifier: MIT */
/* help, the manual page's COMMANDS, and what the tests ask about the table. */
#include <stdio.h>

#include "../core/ascii.h"
#include "../core/suggest.h"
#include "handlers.h"
#include "topics.h"

enum { DETAIL_MAX = 4096 };

static const char list_template[] = "  {name:-17} {help}";

/* The lines of 'detail' after a tab. */
static void show_examples(struct out *o, const char *detail)
{
	const char *p;
	char line[256];

	out_begin_list(o, "examples");
	for (p = strchr(detail, '\t'); p; p = strchr(p, '\t')) {
		snprintf(line, sizeof(line), "%.*s", (int)strcspn(p + 1, "\n"), p + 1);
		out_str(o, NULL, line);
		p++;
	}
	out_end(o);
}

/* The paragraphs between them. */
static void show_prose(struct out *o, const char *detail)
{
	char text[DETAIL_MAX];
	size_t used = 0;

	while (*detail) {
		size_t length = strcspn(detail, "\n");
		bool skip = *detail == '\t';

		length += detail[length] == '\n';
		/* one blank line where an example was */
		skip |= length == 1 && used > 1 && text[used - 2] == '\n';
		if (!skip && used + length < sizeof(text)) {
			memcpy(text + used, detail, length);
			used += length;
		}
		detail += length;
	}
	while (used && text[used - 1] == '\n')
		used--;
	text[used] = '\0';
	out_prose(o, "detail", text);
}

static void show_one(struct out *o, const char *help, const char *detail)
{
	out_str(o, "help", help);
	show_examples(o, detail);
	show_prose(o, detail);
}

static void show_command(struct out *o, const struct command *c, const char *text)
{
	char usage[512];

	snprintf(usage, sizeof(usage), "%s%s%s", c->name, *c->args ? " " : "", c->args);
	out_begin_record(o, text);
	out_str(o, "name", c->name);
	out_prose(o, "usage", usage);
	show_one(o, c->help, c->detail);
	out_end_record(o);
}

static bool show_topic(struct out *o, const char *name)
{
	size_t i;

	for (i = 0; i < topic_count; i++) {
		if (strcmp(topics[i].name, name) != 0)
			continue;
		out_begin_record(o, "{topic}: {help}\n<<examples \n        {}>>\n\n{detail}\n");
		out_str(o, "topic", topics[i].name);
		show_one(o, topics[i].help, topics[i].text);
		out_end_record(o);
		return true;
	}
	return false;
}

static void list_topics(struct out *o)
{
	size_t i;

	for (i = 0; i < topic_count; i++) {
		out_begin_record(o, "  help {topic:-12} {help}");
		out_str(o, "topic", topics[i].name);
		out_str(o, "help", topics[i].help);
		out_end_record(o);
	}
}

/* Does the command's name begin with the first 'count' words? */
static bool is_asked_for(const struct command *c, const struct args *a, size_t count)
{
	const char *p = c->name;
	size_t i;

	for (i = 0; i < count; i++) {
		size_t length = strlen(a->list[i].text);

		if (strncmp(p, a->list[i].text, length) != 0 || (p[length] && p[length] != ' '))
			return false;
		p += length + (p[length] == ' ');
	}
	return true;
}

/* How many of the words some command's name begins with. */
static size_t count_fitting(const struct args *a)
{
	size_t count = 0, i;

	while (count < a->count) {
		for (i = 0; i < command_count; i++)
			if (is_asked_for(&commands[i], a, count + 1))
				break;
		if (i == command_count)
			break;
		count++;
	}
	return count;
}

/* As 'word' is, in capitals or not. */
static bool mentions(const char *text, const char *word)
{
	for (; *text; text++) {
		size_t i = 0;

		while (word[i] && ascii_lower(text[i]) == ascii_lower(word[i]))
			i++;
		if (!word[i])
			return true;
	}
	return false;
}

bool help_speaks_of(const struct command *c, const char *word)
{
	return strlen(word) > 2 &&
	       (mentions(c->help, word) || mentions(c->detail, word) || mentions(c->args, word));
}

/* What is neither command nor topic may be a word that they explain. */
static size_t list_mentions(struct session *s, struct out *o, const char *word)
{
	size_t found = 0, i;

	for (i = 0; i < command_count; i++) {
		if (!help_speaks_of(&commands[i], word))
			continue;
		if (!found++)
			note(s, "there is no command or topic '%s'; these speak of it", word);
		show_command(o, &commands[i], list_template);
	}
	return found;
}

/* A mistake, or a word that commands explain. */
static int explain_unknown(struct session *s, const struct args *a, struct out *o)
{
	size_t fitting = count_fitting(a), skip = 0, i;
	const struct arg *wrong = &a->list[fitting];
	char hint[NAME_BYTES + 32], before[NAME_BYTES];
	struct suggestion near;

	before[0] = '\0';
	for (i = 0; i < fitting; i++)
		skip += (size_t)snprintf(before + skip, sizeof(before) - skip, "%s ",
					 a->list[i].text);
	suggest_begin(&near, wrong->text);
	for (i = 0; i < command_count; i++) {
		const char *rest = commands[i].name + skip;

		if (is_asked_for(&commands[i], a, fitting) && strlen(commands[i].name) > skip)
			suggest_try(&near, rest, strcspn(rest, " "));
	}
	for (i = 0; i < topic_count && !fitting; i++)
		suggest_try(&near, topics[i].name, strlen(topics[i].name));
	suggest_text(&near, hint, sizeof(hint));
	if (!*hint && a->count == 1 && list_mentions(s, o, wrong->text)) {
		out_records(o);
		return 0;
	}
	return fail_usage(s, wrong->word, "there is no %s '%s%s'%s",
			  fitting ? "command" : "command or topic", before, wrong->text, hint);
}

static int show_check(struct session *s)
{
	const char *wrong = command_check_table();

	return *wrong ? fail_usage(s, NULL, "in the command table: %s", wrong) : 0;
}

int cmd_help(struct session *s, const struct args *a, struct out *o)
{
	static const char plain[] = "{name}: {help}\n\n{usage}\n\n{detail}\n";
	static const char with_examples[] =
		"{name}: {help}\n\n{usage}\n<<examples \n        {}>>\n\n{detail}\n";
	size_t found = 0, i;

	if (a->count == 1 && strcmp(a->list[0].text, "--man") == 0)
		return show_manual(o);
	if (a->count == 1 && strcmp(a->list[0].text, "--check") == 0)
		return show_check(s);
	if (!a->count)
		list_topics(o);
	for (i = 0; i < command_count; i++) {
		if (!is_asked_for(&commands[i], a, a->count))
			continue;
		show_command(o, &commands[i],
			     !a->count				? list_template
			     : strchr(commands[i].detail, '\t') ? with_examples
								: plain);
		found++;
	}
	if (!found && !(a->count == 1 && show_topic(o, a->list[0].text)))
		return explain_unknown(s, a, o);
	out_records(o);
	return 0;
}

/* Usages that parse, names that can be found, words in every column. */
const char *command_check_table(void)
{
	static char why[128];
	struct args_spec spec;
	size_t i, taken;

	snprintf(why, sizeof(why), "type %s", arg_types_check());
	if (*arg_types_check())
		return why;
	for (i = 0; i < command_count; i++) {
		const struct command *c = &commands[i];
		char name[2][NAME_BYTES] = {"", ""};
		int words = sscanf(c->name, "%63s %63s", name[0], name[1]);
		const struct word word[2] = {{.text = name[0]}, {.text = name[1]}};

		snprintf(why, sizeof(why), "%s", c->name);
		if (!c->run || !*c->help || !*c->detail || !args_spec_parse(c->args, &spec))
			return why;
		if (command_find(word, (size_t)words, &taken) != c || taken != (size_t)words)
			return why;
		if (words == 2 && command_find(word, 1, &taken))
			return why;
	}
	return "";
}
