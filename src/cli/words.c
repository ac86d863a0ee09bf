/* SPDX-License-Identifier: MIT */
#include "words.h"
#include "../core/ascii.h"

#include <stdlib.h>
#include <string.h>

enum { VALUE_MAX = 4096, VARIABLE_NAME_MAX = 128, VARIABLE_DOTS_MAX = 2 };

struct lexer {
	struct words *words;
	struct source *source;
	const struct variables *variables;
	struct iopt_error *error;
};

void words_clear(struct words *w)
{
	w->count = 0;
	w->text_used = 0;
}

void words_destroy(struct words *w)
{
	free(w->list);
	free(w->text);
}

int words_add(struct words *w, const char *text, struct place place)
{
	if (w->count == w->room) {
		size_t room = w->room ? 2 * w->room : 16;
		struct word *list = realloc(w->list, room * sizeof(*list));

		if (!list)
			return -IOPT_ENOMEM;
		w->list = list;
		w->room = room;
	}
	w->list[w->count++] = (struct word){.text = text, .place = place, .offset = w->text_used};
	return 0;
}

static struct place lexer_place(const struct lexer *l)
{
	const struct source *s = l->source;

	return (struct place){s->line, (unsigned)(s->at - s->line_start) + 1};
}

static int lexer_fail(struct lexer *l, struct place place, int code, const char *why)
{
	char message[sizeof(l->error->message)];

	snprintf(message, sizeof(message), "%s", why);
	error_set(l->error, code, IOPT_FAILURE_USAGE, "%s", message);
	snprintf(l->error->source, sizeof(l->error->source), "%s", l->source->name);
	l->error->line = place.line;
	l->error->column = place.column;
	source_skip_line(l->source);
	return -code;
}

static int lexer_put(struct lexer *l, const char *text, size_t bytes)
{
	struct words *w = l->words;

	if (w->text_used + bytes > w->text_room) {
		size_t room = 2 * (w->text_used + bytes) + 256;
		char *p = realloc(w->text, room);

		if (!p)
			return lexer_fail(l, lexer_place(l), IOPT_ENOMEM, "out of memory");
		w->text = p;
		w->text_room = room;
	}
	memcpy(w->text + w->text_used, text, bytes);
	w->text_used += bytes;
	return 0;
}

/* The character at 'at', or -1 at the end of what is held. */
static int lexer_peek(const struct lexer *l)
{
	const struct source *s = l->source;

	return s->at < s->used ? (unsigned char)s->buf[s->at] : -1;
}

/* Puts the character at 'at' into the word. */
static int lexer_take(struct lexer *l)
{
	char c = l->source->buf[l->source->at];

	source_advance(l->source);
	return lexer_put(l, &c, 1);
}

static bool is_name_char(int c)
{
	return ascii_is_alnum(c) || c == '_';
}

/* After "${": up to the brace on the same line; 0: there is none, or nothing before it. */
static size_t braced_length(const char *p, const char *end)
{
	const char *close = memchr(p, '}', (size_t)(end - p));

	return close && !memchr(p, '\n', (size_t)(close - p)) ? (size_t)(close - p) : 0;
}

/* After the '$': NAME or NAME.FIELD, or NAME.REGISTER.FIELD; 0: it is no variable. */
static size_t variable_length(const char *p, const char *end)
{
	const char *q = p;
	unsigned dots;

	if (p == end || !(ascii_is_alpha(*p) || *p == '_'))
		return 0;
	for (dots = 0; dots <= VARIABLE_DOTS_MAX; dots++) {
		while (q < end && is_name_char((unsigned char)*q))
			q++;
		/* a range of variables, $a..$b, has no field */
		if (dots == VARIABLE_DOTS_MAX || end - q < 2 || *q != '.' ||
		    !is_name_char((unsigned char)q[1]))
			break;
		q++;
	}
	return (size_t)(q - p);
}

/*
 * The value of what is named; "file.json" is the variable "file" and more text if nothing else is
 * called so.  *length is cut to what was used.
 */
static int look_up(struct lexer *l, char *name, size_t *length, char *value, size_t room)
{
	const struct variables *v = l->variables;
	int r = v->look_up(v->arg, name, value, room, l->error);
	struct iopt_error other;
	char *dot;

	if (!r)
		return 0;
	while ((dot = strrchr(name, '.')) != NULL) {
		*dot = '\0';
		if (v->look_up(v->arg, name, value, room, &other))
			continue;
		*length = (size_t)(dot - name);
		return 0;
	}
	return r;
}

static int lex_variable(struct lexer *l)
{
	const struct place place = lexer_place(l);
	char name[VARIABLE_NAME_MAX], value[VALUE_MAX];
	const char *p, *end;
	size_t length, skip;
	int r;

	source_advance(l->source);
	p = l->source->buf + l->source->at;
	end = l->source->buf + l->source->used;
	skip = p < end && *p == '{';
	length = skip ? braced_length(p + 1, end) : variable_length(p, end);
	if (skip && !length)
		return lexer_fail(l, place, IOPT_EINVAL, "'${' without NAME} after it");
	if (!length)
		return lexer_put(l, "$", 1);
	if (length >= sizeof(name))
		return lexer_fail(l, place, IOPT_EINVAL, "this variable's name is too long");
	memcpy(name, l->source->buf + l->source->at + skip, length);
	name[length] = '\0';
	r = look_up(l, name, &length, value, sizeof(value));
	if (r)
		return lexer_fail(l, place, -r, l->error->message);
	l->source->at += length + 2 * skip;
	return lexer_put(l, value, strlen(value));
}

/* A backslash outside single quotes: the next character as it is; before a newline, nothing. */
static int lex_backslash(struct lexer *l)
{
	int c;

	source_advance(l->source);
	c = lexer_peek(l);
	if (c < 0)
		return lexer_put(l, "\\", 1);
	if (c != '\n')
		return lexer_take(l);
	source_advance(l->source);
	c = lexer_peek(l) < 0 ? source_continue(l->source, l->error) : 0;
	return c < 0 ? c : 0;
}

static int lex_quoted(struct lexer *l, int quote)
{
	struct place place = lexer_place(l);
	int r = 0;

	source_advance(l->source);
	while (!r) {
		int c = lexer_peek(l);
		bool more = l->source->at + 1 < l->source->used;

		if (c == quote)
			break;
		if (c < 0) {
			r = source_continue(l->source, l->error);
			if (!r)
				return lexer_fail(l, place, IOPT_EINVAL,
						  "this quote is never closed");
			r = r < 0 ? r : 0;
		} else if (quote == '"' && c == '$') {
			r = lex_variable(l);
		} else if (quote == '"' && c == '\\' && more &&
			   strchr("\"\\$\n", l->source->buf[l->source->at + 1])) {
			r = lex_backslash(l);
		} else {
			r = lexer_take(l);
		}
	}
	if (!r)
		source_advance(l->source);
	return r;
}

static int lex_word(struct lexer *l)
{
	int r = words_add(l->words, NULL, lexer_place(l));

	if (r)
		return lexer_fail(l, lexer_place(l), -r, "out of memory");
	while (!r) {
		int c = lexer_peek(l);

		if (c < 0 || ascii_is_space(c) || c == ';')
			break;
		if (c == '\'' || c == '"')
			r = lex_quoted(l, c);
		else if (c == '\\')
			r = lex_backslash(l);
		else if (c == '$')
			r = lex_variable(l);
		else
			r = lexer_take(l);
	}
	return r ? r : lexer_put(l, "", 1);
}

/* 1: a word begins; 0: the command ends. */
static int lex_blanks(struct lexer *l)
{
	struct source *s = l->source;

	for (;;) {
		int c = lexer_peek(l);
		bool joined = c == '\\' && s->at + 1 < s->used && s->buf[s->at + 1] == '\n';

		if (c == '\n' || c == ';')
			source_advance(s);
		if (c < 0 || c == '\n' || c == ';')
			return 0;
		if (c == '#') {
			while (lexer_peek(l) >= 0 && lexer_peek(l) != '\n')
				source_advance(s);
		} else if (joined) {
			int r = lex_backslash(l);

			if (r)
				return r;
		} else if (ascii_is_space(c)) {
			source_advance(s);
		} else {
			return 1;
		}
	}
}

int words_read(struct words *w, struct source *source, const struct variables *variables,
	       struct iopt_error *error)
{
	struct lexer l = {w, source, variables, error};
	size_t complete = 0, i;
	int r;

	words_clear(w);
	if (source->at == source->used) {
		source_restart(source);
		r = source_fill(source, error);
		if (r <= 0)
			return r;
	}
	while ((r = lex_blanks(&l)) > 0) {
		r = lex_word(&l);
		if (r)
			break;
		complete = w->count;
	}
	w->count = complete;
	for (i = 0; i < w->count; i++)
		w->list[i].text = w->text + w->list[i].offset;
	return r ? r : 1;
}
