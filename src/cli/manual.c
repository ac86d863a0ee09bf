/* SPDX-License-Identifier: MIT */
/* The manual page's COMMANDS, in mdoc, from the command table. */
#include "handlers.h"

/* A backslash begins an escape; a hyphen that people copy must stay one. */
static void put_escaped(struct writer *w, const char *text, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++) {
		if (text[i] == '\\')
			writer_str(w, "\\e");
		else if (text[i] == '-')
			writer_str(w, "\\-");
		else
			writer_char(w, text[i]);
	}
}

static bool ends_sentence(const char *p, size_t i)
{
	return p[i] == '.' && p[i + 1] == ' ' && p[i + 2] == ' ';
}

/* A sentence a line, as mdoc wants it. */
static void put_text(struct writer *w, const char *p, size_t length)
{
	size_t start = 0, i;

	for (i = 0; i < length; i++) {
		if (i + 2 >= length || !ends_sentence(p, i))
			continue;
		put_escaped(w, p + start, i + 1 - start);
		writer_char(w, '\n');
		start = i + 3;
	}
	put_escaped(w, p + start, length - start);
	writer_char(w, '\n');
}

/* Paragraphs stand between blank lines; lines after a tab are examples. */
static void put_detail(struct writer *w, const char *p)
{
	bool example = false;

	while (*p) {
		size_t length = strcspn(p, "\n");

		if (*p == '\t' && !example)
			writer_str(w, ".Bd -literal -offset indent\n");
		if (*p != '\t' && example)
			writer_str(w, ".Ed\n");
		example = *p == '\t';
		if (example)
			put_text(w, p + 1, length - 1);
		else if (length)
			put_text(w, p, length);
		p += length;
		p += *p == '\n';
	}
	if (example)
		writer_str(w, ".Ed\n");
}

int show_manual(struct out *o)
{
	struct out_lines lines;
	struct writer w;
	size_t i;

	writer_init(&w, out_lines_begin(&lines, o));
	writer_str(&w, ".Bl -tag -width Ds\n");
	for (i = 0; i < command_count; i++) {
		writer_str(&w, ".It Ic ");
		writer_str(&w, commands[i].name);
		if (*commands[i].args)
			writer_str(&w, " No ");
		put_text(&w, commands[i].args, strlen(commands[i].args));
		put_detail(&w, commands[i].detail);
	}
	writer_str(&w, ".El\n");
	writer_flush(&w);
	out_lines_end(&lines);
	out_records(o, false);
	return 0;
}
