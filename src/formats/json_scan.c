/* SPDX-License-Identifier: MIT */
#include "json_scan.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "../core/errno_text.h"
#include "../core/error.h"

enum { POLL_TOKENS = 1 << 14, READ_BYTES = 1 << 20 };

/* The mark that some editors put before UTF-8 is no part of the text. */
static void json_drop_mark(struct json_input *in)
{
	if (in->size < 3 || memcmp(in->text, "\xef\xbb\xbf", 3) != 0)
		return;
	in->size -= 3;
	memmove(in->text, in->text + 3, in->size + 1);
}

static int json_read_all(struct json_input *in, FILE *file, size_t limit)
{
	struct error_place place = {.source = in->source};
	size_t room = 1 << 16;

	in->text = malloc(room);
	while (in->text) {
		size_t part = min_u64(room - 1 - in->size, READ_BYTES);
		size_t got = fread(in->text + in->size, 1, part, file);
		char *text;

		in->size += got;
		in->text[in->size] = '\0';
		if (json_input_stopped(in, in->size, 0))
			return json_input_interrupted(in);
		if (in->size > limit)
			return error_at(in->error, place, IOPT_FAILURE_LIMIT, IOPT_E2BIG,
					"longer than %zu MiB", limit >> 20);
		if (ferror(file))
			return error_at(in->error, place, IOPT_FAILURE_IO,
					iopt_error_of_errno(errno), "%s", errno_text(errno));
		if (got < part) {
			json_drop_mark(in);
			return 0;
		}
		if (in->size < room - 1)
			continue;
		room *= 2;
		text = realloc(in->text, room);
		if (!text)
			break;
		in->text = text;
	}
	return error_at(in->error, place, IOPT_FAILURE_LIMIT, IOPT_ENOMEM, "out of memory");
}

int json_input_read_watched(struct json_input *in, const char *path, size_t limit,
			    const struct iopt_progress *progress, struct iopt_error *error)
{
	FILE *file = fopen(path, "rb");
	int err;

	*in = (struct json_input){.source = path, .error = error};
	if (progress)
		in->progress = *progress;
	if (!file)
		return error_at(error, (struct error_place){.source = path}, IOPT_FAILURE_IO,
				iopt_error_of_errno(errno), "%s", errno_text(errno));
	err = json_read_all(in, file, limit);
	fclose(file);
	if (err)
		json_input_free(in);
	return err;
}

int json_input_read(struct json_input *in, const char *path, size_t limit, struct iopt_error *error)
{
	return json_input_read_watched(in, path, limit, NULL, error);
}

int json_input_interrupted(const struct json_input *in)
{
	return error_at(in->error, (struct error_place){.source = in->source}, IOPT_FAILURE_REQUEST,
			IOPT_EINTR, "interrupted while it was read");
}

void json_input_free(struct json_input *in)
{
	free(in->text);
	in->text = NULL;
	in->size = 0;
}

struct error_place json_input_place(const struct json_input *in, size_t at)
{
	struct error_place place = {in->source, 1, 1};
	size_t i;

	for (i = 0; i < at && i < in->size; i++) {
		if (in->text[i] == '\n') {
			place.line++;
			place.column = 1;
		} else if ((in->text[i] & 0xc0) != 0x80) {
			place.column++;
		}
	}
	return place;
}

int json_input_fail(const struct json_input *in, size_t at, const char *format, ...)
{
	char message[sizeof(in->error->message)];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	return error_at(in->error, json_input_place(in, at), IOPT_FAILURE_INPUT, IOPT_ENOEXEC, "%s",
			message);
}

static bool json_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

char json_peek(struct json_cursor *c)
{
	while (c->at < c->in->size && json_is_space(c->in->text[c->at]))
		c->at++;
	return c->in->text[c->at];
}

int json_expect(struct json_cursor *c, char want)
{
	if (json_peek(c) != want)
		return json_input_fail(c->in, c->at, "'%c' expected", want);
	c->at++;
	return 0;
}

/* From an opening quote to behind the closing one; false: there is none. */
static bool json_skip_string(struct json_cursor *c)
{
	const char *text = c->in->text;

	for (c->at++; c->at < c->in->size; c->at++) {
		if (text[c->at] == '"') {
			c->at++;
			return true;
		}
		if (text[c->at] == '\\')
			c->at++;
	}
	c->at = c->in->size;
	return false;
}

static void json_skip_word(struct json_cursor *c)
{
	while (c->at < c->in->size && !json_is_space(c->in->text[c->at]) &&
	       !strchr(",:[]{}\"", c->in->text[c->at]))
		c->at++;
}

int json_skip(struct json_cursor *c, struct json_slice *value)
{
	size_t depth = 0, tokens = 0;

	json_peek(c);
	value->start = c->at;
	do {
		if (!(++tokens % POLL_TOKENS) && json_input_stopped(c->in, c->at, c->in->size))
			return json_input_interrupted(c->in);
		switch (json_peek(c)) {
		case '\0':
			return json_input_fail(c->in, c->at, "the text ends too early");
		case '"':
			if (!json_skip_string(c))
				return json_input_fail(c->in, c->at, "a string has no end");
			break;
		case '[':
		case '{':
			depth++;
			c->at++;
			break;
		case ']':
		case '}':
		case ',':
		case ':':
			if (!depth)
				return json_input_fail(c->in, c->at, "a value is missing");
			depth -= c->in->text[c->at] == ']' || c->in->text[c->at] == '}';
			c->at++;
			break;
		default:
			json_skip_word(c);
		}
	} while (depth);
	value->end = c->at;
	return 0;
}

int json_next(struct json_cursor *c, char close, size_t *count)
{
	int err;

	if (json_peek(c) == close) {
		c->at++;
		return 0;
	}
	if (*count) {
		err = json_expect(c, ',');
		if (err)
			return err;
	}
	++*count;
	return 1;
}

size_t json_nth_value(const struct json_input *in, struct json_slice whole,
		      struct json_slice hidden, size_t number)
{
	struct json_cursor c = {in, whole.start};

	while (json_peek(&c) && c.at < whole.end) {
		size_t start = c.at;
		char first = in->text[start];

		if (start >= hidden.start && start < hidden.end) {
			c.at = hidden.end;
			continue;
		}
		if (first == '"')
			json_skip_string(&c);
		else if (strchr("[]{},:", first))
			c.at++;
		else
			json_skip_word(&c);
		/* A string before a colon is a name. */
		if (strchr("]},:", first) || (first == '"' && json_peek(&c) == ':'))
			continue;
		if (!number--)
			return start;
	}
	return whole.start;
}
