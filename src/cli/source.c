/* SPDX-License-Identifier: MIT */
#include "source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../core/errno_text.h"
#include "report.h"

void source_init(struct source *s, const char *name, FILE *file, const char *text)
{
	*s = (struct source){.name = name, .file = file, .text = text, .first_line = 1, .line = 1};
}

void source_destroy(struct source *s)
{
	free(s->buf);
	if (s->file && s->file != stdin)
		fclose(s->file);
}

void source_restart(struct source *s)
{
	s->first_line = s->line;
	s->used = 0;
	s->at = 0;
	s->line_start = 0;
}

static int source_getc(struct source *s)
{
	if (s->ended)
		return EOF;
	if (s->file)
		return getc_unlocked(s->file);
	if (!s->text || !*s->text)
		return EOF;
	return (unsigned char)*s->text++;
}

static bool source_grow(struct source *s)
{
	size_t room = s->room ? 2 * s->room : 256;
	char *buf = realloc(s->buf, room);

	if (!buf)
		return false;
	s->buf = buf;
	s->room = room;
	return true;
}

static int source_fail(struct source *s, struct iopt_error *error, int code,
		       enum iopt_failure failure, const char *why)
{
	error_set(error, code, failure, "%s", why);
	snprintf(error->source, sizeof(error->source), "%s", s->name);
	error->line = s->line;
	error->column = 1;
	s->ended = true;
	s->at = s->used; /* -k does not go on with half a line */
	return -code;
}

/* "\r\n" ends a line as "\n" does, and a mark before UTF-8 is no part of the first one. */
static void source_normalize(struct source *s, size_t before)
{
	size_t bytes = s->used - before;
	char *p = s->buf + before;

	if (bytes >= 2 && p[bytes - 1] == '\n' && p[bytes - 2] == '\r') {
		p[bytes - 2] = '\n';
		bytes--;
	}
	if (s->line == 1 && !before && bytes >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
		bytes -= 3;
		memmove(p, p + 3, bytes);
	}
	s->used = before + bytes;
}

int source_fill(struct source *s, struct iopt_error *error)
{
	size_t before = s->used;
	bool any;
	int c = 0;

	while (c != '\n') {
		c = source_getc(s);
		if (c == EOF)
			break;
		if (c == '\0')
			return source_fail(s, error, IOPT_ENOEXEC, IOPT_FAILURE_INPUT,
					   "a NUL byte: this is no script");
		if (s->used >= SOURCE_COMMAND_MAX)
			return source_fail(s, error, IOPT_E2BIG, IOPT_FAILURE_INPUT,
					   "a command of more than 1 MiB");
		if (s->used == s->room && !source_grow(s))
			return source_fail(s, error, IOPT_ENOMEM, IOPT_FAILURE_REQUEST,
					   "out of memory");
		s->buf[s->used++] = (char)c;
	}
	if (!s->ended && s->file && ferror(s->file))
		return source_fail(s, error, iopt_error_of_errno(errno), IOPT_FAILURE_IO,
				   errno_text(errno));
	any = s->used > before;
	if (any)
		source_normalize(s, before);
	return any;
}

int source_continue(struct source *s, struct iopt_error *error)
{
	int r = source_fill(s, error);

	if (r || !s->more)
		return r;
	r = s->more(s);
	if (r == -IOPT_EINTR)
		error_set(error, IOPT_EINTR, IOPT_FAILURE_REQUEST, "interrupted");
	return r > 0 ? source_fill(s, error) : r;
}

void source_skip_line(struct source *s)
{
	while (s->at < s->used)
		source_advance(s);
}

const char *source_line(const struct source *s, unsigned line, size_t *length)
{
	const char *p, *end, *newline;
	unsigned n = s->first_line;

	if (line < n || !s->used)
		return NULL;
	p = s->buf;
	end = s->buf + s->used;
	for (; n < line; n++) {
		newline = memchr(p, '\n', (size_t)(end - p));
		if (!newline)
			return NULL;
		p = newline + 1;
	}
	newline = memchr(p, '\n', (size_t)(end - p));
	*length = (size_t)((newline ? newline : end) - p);
	return *length ? p : NULL;
}
