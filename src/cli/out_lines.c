/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "out.h"

static int write_plain(void *arg, const void *data, size_t bytes)
{
	struct out *o = arg;

	writer_bytes(&o->w, data, bytes);
	return o->w.error;
}

static int keep_part(struct out_lines *l, const char *data, size_t bytes)
{
	if (l->used + bytes + 1 > l->room) {
		size_t room = 2 * (l->used + bytes) + 256;
		char *line = realloc(l->line, room);

		if (!line)
			return -IOPT_ENOMEM;
		l->line = line;
		l->room = room;
	}
	memcpy(l->line + l->used, data, bytes);
	l->used += bytes;
	l->line[l->used] = '\0';
	return 0;
}

static void show_line(struct out_lines *l)
{
	if (l->heading) {
		out_str(l->out, "heading", l->line);
	} else {
		out_begin_record(l->out, NULL);
		out_str(l->out, "text", l->line);
		out_end_record(l->out);
	}
	l->heading = false;
	l->used = 0;
}

static int write_line_records(void *arg, const void *data, size_t bytes)
{
	struct out_lines *l = arg;
	const char *p = data, *end = p + bytes;

	while (p < end) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		const char *stop = newline ? newline : end;
		int r = keep_part(l, p, (size_t)(stop - p));

		if (r)
			return r;
		if (newline)
			show_line(l);
		if (l->out->truncated)
			return -IOPT_E2BIG;
		p = newline ? newline + 1 : end;
	}
	return l->out->w.error;
}

/* As they are, up to as many as there may be. */
static int write_lines(void *arg, const void *data, size_t bytes)
{
	struct out_lines *l = arg;
	const char *p = data, *end = p + bytes;

	while (p < end) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		const char *stop = newline ? newline + 1 : end;

		if (!l->middle && !l->heading && !out_count_record(l->out))
			return -IOPT_E2BIG;
		writer_bytes(&l->out->w, p, (size_t)(stop - p));
		l->middle = !newline;
		l->heading &= !newline;
		p = stop;
	}
	return l->out->w.error;
}

struct iopt_sink out_lines_begin(struct out_lines *lines, struct out *o, bool heading)
{
	*lines = (struct out_lines){.out = o, .heading = heading};
	return (struct iopt_sink){o->json ? write_line_records : write_lines, lines};
}

void out_lines_end(struct out_lines *lines)
{
	if (lines->used)
		show_line(lines);
	free(lines->line);
}

struct iopt_sink out_json_sink(struct out_lines *lines, struct out *o, bool document)
{
	*lines = (struct out_lines){.out = o};
	if (document && !o->json)
		return (struct iopt_sink){write_plain, o};
	return (struct iopt_sink){write_lines, lines};
}

enum iopt_dump out_json_format(const struct out *o, enum iopt_dump format)
{
	return o->json && format == IOPT_DUMP_JSON ? IOPT_DUMP_JSON_1 : format;
}

struct iopt_sink out_raw_sink(struct out *o)
{
	return (struct iopt_sink){o->json ? NULL : write_plain, o};
}
