/* SPDX-License-Identifier: MIT */
/* help, the manual page's COMMANDS, and what the tests ask about the table. */
#include <stdio.h>

#include "handlers.h"
#include "suggest.h"

static void show_command(struct out *o, const struct command *c, const char *text)
{
	char usage[512];

	snprintf(usage, sizeof(usage), "%s%s%s", c->name, *c->args ? " " : "", c->args);
	out_begin_record(o, text);
	out_str(o, "name", c->name);
	out_prose(o, "usage", usage);
	out_str(o, "help", c->help);
	out_prose(o, "detail", c->detail);
	out_end_record(o);
}

/* Does the command's name begin with all of the words? */
static bool is_asked_for(const struct command *c, const struct args *a)
{
	const char *p = c->name;
	size_t i;

	for (i = 0; i < a->count; i++) {
		size_t length = strlen(a->list[i].text);

		if (strncmp(p, a->list[i].text, length) != 0 || (p[length] && p[length] != ' '))
			return false;
		p += length + (p[length] == ' ');
	}
	return true;
}

static int fail_unknown(struct session *s, const struct args *a)
{
	struct suggestion near;
	char hint[NAME_BYTES + 32];
	size_t i;

	suggest_begin(&near, a->list[0].text);
	for (i = 0; i < command_count; i++)
		suggest_try(&near, commands[i].name, strcspn(commands[i].name, " "));
	return fail_usage(s, a->list[0].word, "there is no command '%s'%s", a->list[0].text,
			  suggest_text(&near, hint, sizeof(hint)));
}

static int show_check(struct session *s)
{
	const char *wrong = command_check_table();

	return *wrong ? fail_usage(s, NULL, "in the command table: %s", wrong) : 0;
}

int cmd_help(struct session *s, const struct args *a, struct out *o)
{
	static const char list[] = "  {name:-16}{help}";
	static const char one[] = "{name}: {help}\n\n{usage}\n\n{detail}\n";
	size_t found = 0, i;

	if (a->count == 1 && strcmp(a->list[0].text, "--man") == 0)
		return show_manual(o);
	if (a->count == 1 && strcmp(a->list[0].text, "--check") == 0)
		return show_check(s);
	for (i = 0; i < command_count; i++) {
		if (!is_asked_for(&commands[i], a))
			continue;
		show_command(o, &commands[i], a->count ? one : list);
		found++;
	}
	if (!found)
		return fail_unknown(s, a);
	out_records(o, false);
	return 0;
}

/* Usages that parse, names that can be found, words in every column. */
const char *command_check_table(void)
{
	static char why[128];
	struct args_spec spec;
	size_t i, taken;

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
