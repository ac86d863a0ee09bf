/* SPDX-License-Identifier: MIT */
#include "program.h"

#include <stdlib.h>

#include "../core/suggest.h"
#include "options.h"

static bool needs_quotes(const char *word)
{
	return !*word || strpbrk(word, " \t\n;'\"\\$#") != NULL;
}

int program_read_arguments(struct program *p, int argc, char **argv)
{
	size_t length = 1;
	char *text, *at;
	int i;

	for (i = 0; i < argc; i++)
		length += strlen(argv[i]) + 3;
	text = malloc(length);
	if (!text)
		return -IOPT_ENOMEM;
	at = stpcpy(text, "iopt");
	for (i = 1; i < argc; i++) {
		bool quoted = needs_quotes(argv[i]);

		*at++ = ' ';
		if (quoted)
			*at++ = '\'';
		if (words_add(&p->arguments, argv[i],
			      (struct place){1, (unsigned)(at - text) + 1})) {
			free(text);
			return -IOPT_ENOMEM;
		}
		at = stpcpy(at, argv[i]);
		if (quoted)
			*at++ = '\'';
	}
	*at = '\0';
	source_init(&p->line, "command line", NULL, NULL);
	p->line.buf = text;
	p->line.used = (size_t)(at - text);
	return 0;
}

int program_fail(struct program *p, const struct word *word, int code, enum iopt_failure failure,
		 const char *what)
{
	struct session *s = &p->session;
	int status;

	out_begin_result(&s->out, "", NULL);
	status = fail(s, word, code, failure, "%s", what);
	snprintf(s->error.source, sizeof(s->error.source), "%s", p->line.name);
	s->error.line = word->place.line;
	s->error.column = word->place.column;
	out_end_result(&s->out, false, &s->error);
	writer_flush(&s->out.w);
	report_error(&s->report, &s->error, &p->line, word->place);
	return status;
}

static int fail_option(struct program *p, const struct word *word, const char *what)
{
	return program_fail(p, word, IOPT_EINVAL, IOPT_FAILURE_USAGE, what);
}

static int fail_unknown_option(struct program *p, const struct word *word)
{
	char message[NAME_BYTES + 256], hint[NAME_BYTES + 32];
	struct suggestion near;
	size_t i;

	suggest_begin(&near, word->text);
	for (i = 0; i < option_count; i++)
		suggest_try(&near, option_rows[i].name, strlen(option_rows[i].name));
	snprintf(message, sizeof(message), "unknown option '%.200s'%s", word->text,
		 suggest_text(&near, hint, sizeof(hint)));
	return fail_option(p, word, message);
}

static int take_flag(struct program *p, const struct option_row *o, const char *value)
{
	switch (o->letter) {
	case 'j':
		p->session.out.json = true;
		break;
	case 'k':
		p->session.keep_going = true;
		break;
	case 'q':
		p->session.report.quiet = true;
		break;
	case 'v':
		p->session.verbose = true;
		break;
	case 'h':
		p->help = true;
		break;
	case 'V':
		p->version = true;
		break;
	default:
		p->color = value;
		return !value || (strcmp(value, "auto") != 0 && strcmp(value, "always") != 0 &&
				  strcmp(value, "never") != 0);
	}
	return 0;
}

static int take_option(struct program *p, const struct option_row *o, const struct word *word,
		       const char *value)
{
	struct action *list;

	if (!o->letter || !strchr("fcmrt", o->letter)) {
		if (take_flag(p, o, value))
			return fail_option(p, word, "--color is auto, always or never");
		return 0;
	}
	list = realloc(p->actions, (p->action_count + 1) * sizeof(*list));
	if (!list)
		return fail_option(p, word, "out of memory");
	p->actions = list;
	list[p->action_count++] = (struct action){o->letter, value, word->place};
	return 0;
}

static int fail_value(struct program *p, const struct word *word, const struct option_row *o)
{
	char message[80];

	snprintf(message, sizeof(message), "%s needs a value: %s", o->name, o->value);
	return fail_option(p, word, message);
}

/* "-jk" and "-cTEXT": several letters in one word. */
static int parse_letters(struct program *p, size_t *at)
{
	const struct word *word = &p->arguments.list[*at];
	const char *c;

	for (c = word->text + 1; *c; c++) {
		const char single[] = {'-', *c, '\0'};
		const struct option_row *o = option_find(single);
		int r;

		if (!o)
			return fail_unknown_option(p, word);
		if (o->value && c[1])
			return take_option(p, o, word, c + 1);
		if (o->value && *at + 1 == p->arguments.count)
			return fail_value(p, word, o);
		if (o->value) {
			word = &p->arguments.list[++*at];
			return take_option(p, o, word, word->text);
		}
		r = take_option(p, o, word, NULL);
		if (r)
			return r;
	}
	return 0;
}

static int parse_long(struct program *p, size_t *at)
{
	const struct word *word = &p->arguments.list[*at];
	const struct option_row *o = option_find(word->text);
	const char *equals = strchr(word->text, '=');

	if (!o)
		return fail_unknown_option(p, word);
	if (!o->value && equals)
		return fail_option(p, word, "this option takes no value");
	if (!o->value || equals)
		return take_option(p, o, word, equals ? equals + 1 : NULL);
	if (*at + 1 == p->arguments.count)
		return fail_value(p, word, o);
	word = &p->arguments.list[++*at];
	return take_option(p, o, word, word->text);
}

int program_parse_options(struct program *p)
{
	size_t i;
	int r = 0;

	for (i = 0; i < p->arguments.count && !r; i++) {
		const char *text = p->arguments.list[i].text;

		if (text[0] != '-' || !text[1])
			break;
		if (strcmp(text, "--") == 0) {
			i++;
			break;
		}
		r = text[1] == '-' ? parse_long(p, &i) : parse_letters(p, &i);
	}
	p->command = i;
	return r;
}
