/* SPDX-License-Identifier: MIT */
/* The manual page's COMMANDS, in mdoc, from the command table. */
#include "handlers.h"

enum { LINE_WIDTH = 78 };

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

struct filler {
	struct writer *w;
	size_t column;
};

static void fill_newline(struct filler *f)
{
	if (f->column)
		writer_char(f->w, '\n');
	f->column = 0;
}

/* Where in a word as "map_pages()," the parentheses are; NULL: there is more around it. */
static const char *find_call(const char *word, size_t length)
{
	const char *call = memmem(word, length, "()", 2);

	return call && *word != '(' && word + length - call <= 3 ? call : NULL;
}

static size_t escaped_length(const char *word, size_t length)
{
	size_t i, escapes = 0;

	for (i = 0; i < length; i++)
		escapes += word[i] == '\\' || word[i] == '-';
	return length + escapes;
}

/* One word; "map_pages()," is a function's name with what follows it. */
static void fill_word(struct filler *f, const char *word, size_t length)
{
	const char *call = find_call(word, length);
	size_t width = escaped_length(word, length);

	if (call)
		fill_newline(f);
	if (f->column && f->column + 1 + width > LINE_WIDTH)
		fill_newline(f);
	if (f->column)
		writer_char(f->w, ' ');
	else if (*word == '.' || *word == '\'')
		writer_str(f->w, "\\&"); /* or it would be a request */
	f->column += width + 1;
	if (!call) {
		put_escaped(f->w, word, length);
		return;
	}
	writer_str(f->w, ".Fn ");
	put_escaped(f->w, word, (size_t)(call - word));
	if (call + 2 < word + length) {
		writer_char(f->w, ' ');
		put_escaped(f->w, call + 2, (size_t)(word + length - call) - 2);
	}
	fill_newline(f);
}

/* Lines of a page's source are short, and each sentence begins one. */
static void put_text(struct writer *w, const char *p, size_t length)
{
	struct filler f = {w, 0};
	const char *end = p + length;

	while (p < end) {
		size_t word = strcspn(p, " \n"), blanks = strspn(p + word, " ");

		fill_word(&f, p, word);
		if (blanks > 1)
			fill_newline(&f);
		p += word + blanks;
	}
	fill_newline(&f);
}

static void put_line(struct writer *w, const char *p, size_t length)
{
	put_escaped(w, p, length);
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
			put_line(w, p + 1, length - 1);
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

	writer_init(&w, out_lines_begin(&lines, o, false));
	writer_str(&w, ".Bl -tag -width Ds\n");
	for (i = 0; i < command_count; i++) {
		writer_str(&w, ".It Ic ");
		writer_str(&w, commands[i].name);
		if (*commands[i].args)
			writer_str(&w, " No ");
		put_line(&w, commands[i].args, strlen(commands[i].args));
		put_detail(&w, commands[i].detail);
	}
	writer_str(&w, ".El\n");
	writer_flush(&w);
	out_lines_end(&lines);
	out_records(o);
	return 0;
}
