/* SPDX-License-Identifier: MIT */
/*
 * The text of a hexdump.  Its bytes go into a temporary file, one behind the other; addresses that
 * no line has are absent.
 *
 * Groups of more than a byte are little-endian numbers (md, gdb, hexdump) or bytes in their order
 * (xxd): the characters at the end of the lines tell, in the whole text, since many a line has
 * none that do.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "hexdump_line.h"
#include "memdump.h"
#include "spool.h"

enum { LINES_PER_STEP = 1 << 14 };

/* What a '*' may stand for: it costs the text nothing. */
#define SPOOL_BYTES_MAX (UINT64_C(1) << 30)

struct text {
	struct memdump_file *file;
	struct iopt_error *error;
	char buffer[1 << 16];
	size_t used, filled;
	uint64_t taken; /* of the file */
	unsigned line;
};

struct hexdump {
	struct text text;
	struct memdump *dump;
	uint64_t base;
	bool numbers;		     /* groups are */
	struct hexdump_line last;    /* with bytes; count 0: none yet */
	bool repeat;		     /* a '*' followed it */
	struct memdump_segment open; /* goes on as long as addresses do */
	bool is_open;
	struct spool spool;
};

static int text_bad(const struct text *t, unsigned column, const char *what)
{
	return error_at(
		t->error,
		(struct error_place){.source = t->file->path, .line = t->line, .column = column},
		IOPT_FAILURE_INPUT, IOPT_ENOEXEC, "%s", what);
}

/* ---- lines ---- */

static int text_fill(struct text *t)
{
	const size_t left = t->filled - t->used;
	size_t bytes = min_u64(sizeof(t->buffer) - left, t->file->bytes - t->taken);

	memmove(t->buffer, t->buffer + t->used, left);
	t->used = 0;
	t->filled = left + bytes;
	if (memdump_file_read(t->file, t->taken, t->buffer + left, bytes))
		return memdump_unreadable(t->file, t->taken, t->error);
	t->taken += bytes;
	return 0;
}

/* The next line, without what ends it; *line NULL: there is none. */
static int text_next(struct text *t, const char **line, size_t *length)
{
	const char *from = t->buffer + t->used, *end;
	int err = 0;

	*line = NULL;
	if (t->filled - t->used <= HEXDUMP_LINE_CHARS_MAX && t->taken < t->file->bytes) {
		err = text_fill(t);
		from = t->buffer;
	}
	if (err || t->used == t->filled)
		return err;
	t->line++;
	end = memchr(from, '\n', t->filled - t->used);
	*length = end ? (size_t)(end - from) : t->filled - t->used;
	if (*length > HEXDUMP_LINE_CHARS_MAX)
		return text_bad(t, HEXDUMP_LINE_CHARS_MAX + 1,
				"a line of more than 4096 characters");
	t->used += *length + (end != NULL);
	*line = from;
	if (t->line % LINES_PER_STEP)
		return 0;
	return memdump_step(t->file, "reading the text", t->taken - (t->filled - t->used),
			    t->file->bytes, t->error);
}

static void text_rewind(struct text *t)
{
	t->used = t->filled = 0;
	t->taken = 0;
	t->line = 0;
}

static bool hexdump_recognise(const unsigned char *head, size_t bytes)
{
	const char *text = (const char *)head;
	struct hexdump_line line;
	size_t at = 0, length;

	while (at < bytes) {
		const char *end = memchr(text + at, '\n', bytes - at);

		length = end ? (size_t)(end - (text + at)) : bytes - at;
		hexdump_line_parse(text + at, length, &line);
		if (line.kind == HEXDUMP_DATA && line.count)
			return true;
		if (line.kind != HEXDUMP_NOTHING)
			return false;
		at += length + 1;
	}
	return false;
}

/* ---- which order ---- */

/* Reads the text once: the first line whose characters tell decides, else what lines look like. */
static int find_order(struct hexdump *h)
{
	struct hexdump_line line;
	const char *text;
	size_t length;
	bool known = false;
	int err, order;

	while (!(err = text_next(&h->text, &text, &length)) && text) {
		hexdump_line_parse(text, length, &line);
		if (line.kind == HEXDUMP_BAD)
			return text_bad(&h->text, line.column, line.what);
		order = hexdump_line_order(&line);
		if (order) {
			h->numbers = order > 0;
			break;
		}
		if (!known && line.kind == HEXDUMP_DATA && line.width > 1)
			h->numbers = line.numbers;
		known |= line.width > 1;
	}
	text_rewind(&h->text);
	return err;
}

/* ---- bytes ---- */

static int add_failed(const struct hexdump *h, int err)
{
	const struct error_place place = {.source = h->text.file->path, .line = h->text.line};

	if (err == -IOPT_ENOSPC || err == -IOPT_EIO)
		return error_at(h->text.error, place, IOPT_FAILURE_IO, -err,
				"while it was unpacked: %s", iopt_error_text(err));
	if (err == -IOPT_E2BIG)
		return error_at(h->text.error, place, IOPT_FAILURE_LIMIT, IOPT_E2BIG,
				"more than 0x%llx bytes, or too many pieces",
				(unsigned long long)SPOOL_BYTES_MAX);
	return memdump_add_failed(h->text.file, err, h->text.error);
}

static int close_segment(struct hexdump *h)
{
	int err = h->is_open ? memdump_add(h->dump, h->open) : 0;

	h->is_open = false;
	return err;
}

/* Bytes at an address of the memory. */
static int put(struct hexdump *h, uint64_t address, const uint8_t *bytes, size_t count)
{
	struct range range;
	int err = 0;

	if (!range_make(address, count, &range))
		return -IOPT_ERANGE;
	if (h->is_open && (!address || h->open.range.last != address - 1))
		err = close_segment(h);
	if (!h->is_open)
		h->open = (struct memdump_segment){range, h->spool.bytes};
	h->is_open = true;
	h->open.range.last = range.last;
	return err ? err : spool_put(&h->spool, bytes, count);
}

/* The bytes from 'from' on, up to 'end', that a '*' stands for. */
static int put_repeated(struct hexdump *h, uint64_t from, uint64_t end)
{
	const struct memdump_segment zeros = {{from, end - 1}, MEMORY_ZEROS};
	uint8_t many[4096];
	size_t bytes = 0;
	int err = 0;

	if (from == end)
		return 0;
	if (is_all_zero(h->last.bytes, h->last.count)) {
		err = close_segment(h);
		return err ? err : memdump_add(h->dump, zeros);
	}
	/* Of whole lines. */
	for (; bytes + h->last.count <= sizeof(many); bytes += h->last.count)
		memcpy(many + bytes, h->last.bytes, h->last.count);
	for (; !err && from < end; from += min_u64(bytes, end - from))
		err = put(h, from, many, min_u64(bytes, end - from));
	return err;
}

static int end_repeat(struct hexdump *h, uint64_t address)
{
	uint64_t from;

	h->repeat = false;
	if (__builtin_add_overflow(h->last.address, h->last.count, &from) || address < from)
		return text_bad(&h->text, 1, "behind a '*', a higher address expected");
	return put_repeated(h, from, address);
}

static int take_data(struct hexdump *h, struct hexdump_line *line)
{
	int err = 0;

	if (__builtin_add_overflow(line->address, h->base, &line->address))
		return -IOPT_ERANGE;
	if (h->numbers)
		hexdump_line_swap(line);
	if (h->repeat)
		err = end_repeat(h, line->address);
	if (!err && line->count) {
		err = put(h, line->address, line->bytes, line->count);
		h->last = *line;
	}
	return err;
}

static int take_line(struct hexdump *h, struct hexdump_line *line)
{
	int err = 0;

	if (line->kind == HEXDUMP_BAD)
		return text_bad(&h->text, line->column, line->what);
	if (line->kind == HEXDUMP_DATA)
		err = take_data(h, line);
	if (line->kind == HEXDUMP_REPEAT && !h->last.count)
		return text_bad(&h->text, 1, "a '*' that follows no line");
	h->repeat |= line->kind == HEXDUMP_REPEAT;
	if (err == -IOPT_ERANGE)
		return text_bad(&h->text, 1, "its bytes leave the 64-bit address space");
	/* What is in words already says so. */
	return err == -IOPT_ENOEXEC ? err : err ? add_failed(h, err) : 0;
}

static int take_lines(struct hexdump *h)
{
	struct hexdump_line line;
	const char *text;
	size_t length;
	int err;

	while (!(err = text_next(&h->text, &text, &length)) && text) {
		hexdump_line_parse(text, length, &line);
		err = take_line(h, &line);
		if (err)
			return err;
	}
	if (!err && h->repeat)
		return text_bad(&h->text, 1, "behind a '*', an address must end the text");
	if (!err && (err = close_segment(h)) != 0)
		return add_failed(h, err);
	return err;
}

/* The bytes take the place of the text. */
static int use_spool(struct hexdump *h)
{
	struct memdump_file *file = h->text.file;
	int fd, err = spool_finish(&h->spool, &fd);

	if (err)
		return add_failed(h, err);
	memdump_file_close(file);
	file->fd = fd;
	file->bytes = h->spool.bytes;
	return 0;
}

static int hexdump_read(struct memdump_file *file, const uint64_t *base, struct memdump *dump,
			struct iopt_error *error)
{
	struct hexdump *h = calloc(1, sizeof(*h));
	const char *directory;
	int err;

	if (!h)
		return memdump_add_failed(file, -IOPT_ENOMEM, error);
	h->text.file = file;
	h->text.error = error;
	h->dump = dump;
	h->base = base ? *base : 0;
	h->spool.bytes_max = h->spool.written_max = SPOOL_BYTES_MAX;
	err = spool_open(&h->spool, &directory);
	if (err) {
		free(h);
		return error_set(error, IOPT_FAILURE_IO, -err,
				 "%s: no temporary file can be made there (TMPDIR says where): %s",
				 directory, iopt_error_text(err));
	}
	err = find_order(h);
	if (!err)
		err = take_lines(h);
	if (!err)
		err = use_spool(h);
	spool_abandon(&h->spool);
	free(h);
	return err;
}

const struct memdump_format memdump_hexdump = {
	.recognise = hexdump_recognise,
	.read = hexdump_read,
};
