/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <unistd.h>

#include "../formats/writer.h"

/* Of a long line only this much is shown around the place. */
enum { SHOWN_BEFORE = 60, SHOWN_BYTES = 140 };

void error_set(struct iopt_error *error, int code, enum iopt_failure failure, const char *format,
	       ...)
{
	va_list list;

	*error = IOPT_INIT(struct iopt_error);
	error->code = code;
	error->failure = failure;
	va_start(list, format);
	vsnprintf(error->message, sizeof(error->message), format, list);
	va_end(list);
}

static int write_stderr(void *arg, const void *data, size_t bytes)
{
	const char *p = data;

	(void)arg;
	while (bytes) {
		ssize_t done = write(STDERR_FILENO, p, bytes);

		if (done < 0)
			return -IOPT_EIO;
		p += done;
		bytes -= (size_t)done;
	}
	return 0;
}

static void put_colored(struct writer *w, const struct report *r, const char *color,
			const char *text)
{
	if (r->color)
		writer_str(w, color);
	writer_str(w, text);
	if (r->color)
		writer_str(w, "\033[0m");
}

static void put_place(struct writer *w, const char *name, struct place where)
{
	writer_str(w, "iopt: ");
	if (!name || !*name)
		return;
	writer_text(w, name);
	if (where.line) {
		writer_char(w, ':');
		writer_dec(w, where.line);
	}
	if (where.line && where.column) {
		writer_char(w, ':');
		writer_dec(w, where.column);
	}
	writer_str(w, ": ");
}

/* Characters as wide as what writer_text() makes of each; tabs stay what they are. */
static void put_line(struct writer *w, const char *line, size_t length, bool blank)
{
	char c[8];

	while (length) {
		const char *p = line;
		size_t n;

		memset(c, 0, sizeof(c));
		memcpy(c, line, length < 4 ? length : 4);
		p = c;
		if (*p == '\t') {
			writer_char(w, '\t');
			p++;
		} else {
			uint32_t u = utf8_next(&p);
			bool escaped = u == 0xfffd || utf8_is_unsafe(u);

			c[p - c] = '\0';
			if (blank)
				writer_bytes(w, "      ", escaped ? 6 : 1);
			else
				writer_text(w, c);
		}
		n = (size_t)(p - c);
		line += n;
		length -= n;
	}
}

static void put_caret(struct writer *w, const struct report *r, const struct source *source,
		      struct place where)
{
	size_t length, before = where.column - 1, skip = 0;
	const char *line = source_line(source, where.line, &length);

	if (!line || before > length)
		return;
	if (before > SHOWN_BEFORE)
		skip = before - SHOWN_BEFORE;
	while (skip && (line[skip] & 0xc0) == 0x80)
		skip--;
	if (length - skip > SHOWN_BYTES)
		length = skip + SHOWN_BYTES;
	writer_str(w, "  ");
	put_line(w, line + skip, length - skip, false);
	writer_str(w, "\n  ");
	put_line(w, line + skip, before - skip, true);
	put_colored(w, r, "\033[1;32m", "^");
	writer_char(w, '\n');
}

static void put_message(struct writer *w, const struct report *r, const char *kind,
			const char *message)
{
	put_colored(w, r, strcmp(kind, "error: ") != 0 ? "\033[1;35m" : "\033[1;31m", kind);
	writer_text(w, message);
	writer_char(w, '\n');
}

void report_error(const struct report *r, const struct iopt_error *error,
		  const struct source *source, struct place where)
{
	bool elsewhere = error->line && error->source[0] &&
			 !(source && strcmp(error->source, source->name) == 0);
	struct writer w;

	writer_init(&w, (struct iopt_sink){.write = write_stderr});
	if (elsewhere) {
		put_place(&w, error->source, (struct place){error->line, error->column});
		put_message(&w, r, "error: ", error->message);
	}
	if (!elsewhere || where.line) {
		put_place(&w, source ? source->name : NULL, where);
		put_message(&w, r, elsewhere ? "note: " : "error: ",
			    elsewhere ? "in this command" : error->message);
	}
	if (source && where.line && where.column)
		put_caret(&w, r, source, where);
	writer_flush(&w);
}

void report_remark(const struct report *r, const char *kind, const char *message,
		   const struct source *source, struct place where)
{
	struct writer w;

	if (r->quiet)
		return;
	writer_init(&w, (struct iopt_sink){.write = write_stderr});
	put_place(&w, source ? source->name : NULL, where);
	put_message(&w, r, kind, message);
	writer_flush(&w);
}

void report_told(const struct report *r, const char *message)
{
	struct writer w;

	if (r->quiet)
		return;
	writer_init(&w, (struct iopt_sink){.write = write_stderr});
	writer_text(&w, message);
	writer_char(&w, '\n');
	writer_flush(&w);
}
