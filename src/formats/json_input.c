/* SPDX-License-Identifier: MIT */
#include "json_input.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "../core/error.h"

static size_t slice_bytes(struct json_slice s)
{
	return s.end - s.start;
}

/* The text without what is hidden; NULL: out of memory. */
static char *json_part_text(const struct json_part *part, size_t *bytes)
{
	size_t head = part->slice.end - part->slice.start, tail = 0;
	char *text;

	if (slice_bytes(part->hidden)) {
		head = part->hidden.start - part->slice.start;
		tail = part->slice.end - part->hidden.end;
	}
	*bytes = head + tail;
	text = malloc(*bytes + 1);
	if (text) {
		memcpy(text, part->in->text + part->slice.start, head);
		memcpy(text + head, part->in->text + part->hidden.end, tail);
	}
	return text;
}

static int json_out_of_memory(const struct json_part *part)
{
	return error_at(part->in->error, (struct error_place){.source = part->in->source},
			IOPT_FAILURE_LIMIT, IOPT_ENOMEM, "out of memory");
}

static int json_part_fail(const struct json_part *part, const json_error_t *why)
{
	size_t at = why->position > 0 ? (size_t)why->position - 1 : 0;

	/* jansson has no words for most of its own failed allocations. */
	if (!why->text[0] || json_error_code(why) == json_error_out_of_memory)
		return json_out_of_memory(part);
	at = part->slice.start + at;
	if (slice_bytes(part->hidden) && at >= part->hidden.start)
		at += slice_bytes(part->hidden);
	if (at > part->slice.end)
		at = part->slice.end;
	return json_input_fail(part->in, at, "%s", why->text);
}

/* The text in pieces, so that one may stop between them. */
struct feeding {
	const struct json_part *part;
	size_t at;
	bool stopped;
};

static size_t feed(void *to, size_t room, void *arg)
{
	struct feeding *f = arg;
	const struct json_input *in = f->part->in;
	size_t bytes = (size_t)min_u64(room, in->size - f->at);

	f->stopped |= json_input_stopped(in, f->at, in->size);
	if (f->stopped)
		return SIZE_MAX;
	memcpy(to, in->text + f->at, bytes);
	f->at += bytes;
	return bytes;
}

int json_part_parse_all(struct json_part *part, const struct json_input *in)
{
	struct feeding f = {.at = 0};
	json_error_t why;

	*part = (struct json_part){in, NULL, {0, in->size}, {0, 0}};
	f.part = part;
	part->root = json_load_callback(feed, &f, JSON_REJECT_DUPLICATES, &why);
	if (f.stopped) {
		json_part_free(part);
		return json_input_interrupted(in);
	}
	return part->root ? 0 : json_part_fail(part, &why);
}

int json_part_parse(struct json_part *part, const struct json_input *in, struct json_slice slice,
		    struct json_slice hidden)
{
	json_error_t why;
	size_t bytes;
	char *text;

	*part = (struct json_part){in, NULL, slice, hidden};
	if (slice_bytes(slice) - slice_bytes(hidden) > JSON_PART_BYTES)
		return json_input_fail(in, slice.start, "too long for what it should hold");
	text = json_part_text(part, &bytes);
	if (!text)
		return json_out_of_memory(part);
	part->root = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, &why);
	free(text);
	return part->root ? 0 : json_part_fail(part, &why);
}

void json_part_free(struct json_part *part)
{
	json_decref(part->root);
	part->root = NULL;
}

/*
 * jansson keeps no positions, but it keeps the order: the n-th value of the tree is the n-th of
 * the text.
 */
static size_t json_count(json_t *value)
{
	size_t count = 1, i;
	const char *key;
	json_t *child;

	json_object_foreach(value, key, child) count += json_count(child);
	json_array_foreach(value, i, child) count += json_count(child);
	return count;
}

static bool json_find(json_t *value, const json_t *wanted, size_t *number)
{
	const char *key;
	json_t *child;
	size_t i;

	if (value == wanted)
		return true;
	++*number;
	json_object_foreach(value, key, child)
	{
		if (json_find(child, wanted, number))
			return true;
	}
	json_array_foreach(value, i, child)
	{
		if (json_find(child, wanted, number))
			return true;
	}
	return false;
}

/* true, false and null are one object each: a value is found by where it is, not by itself. */
static size_t json_number(struct json_ref ref)
{
	json_t *in = (json_t *)ref.in, *child;
	const char *key;
	size_t number = 0, i;

	json_find(ref.part->root, in, &number);
	if (!json_value(ref))
		return number;
	number++;
	json_object_foreach(in, key, child)
	{
		if (!strcmp(key, ref.key))
			return number;
		number += json_count(child);
	}
	json_array_foreach(in, i, child)
	{
		if (i == ref.index)
			return number;
		number += json_count(child);
	}
	return number;
}

static size_t json_at(struct json_ref ref)
{
	return json_nth_value(ref.part->in, ref.part->slice, ref.part->hidden, json_number(ref));
}

struct error_place json_where(struct json_ref ref)
{
	return json_input_place(ref.part->in, json_at(ref));
}

int json_fail(struct json_ref ref, const char *format, ...)
{
	char message[200];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	return json_input_fail(ref.part->in, json_at(ref), "%s", message);
}

/* Back from a value over the colon, to the quote before which no backslash stands. */
static size_t json_name_at(const struct json_input *in, size_t at)
{
	size_t i = at;

	while (i && in->text[i - 1] != '"')
		i--;
	for (i = i ? i - 1 : 0; i; i--)
		if (in->text[i - 1] == '"' && (i < 2 || in->text[i - 2] != '\\'))
			return i - 1;
	return at;
}

int json_fail_name(struct json_ref ref, const char *format, ...)
{
	char message[200];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	return json_input_fail(ref.part->in, json_name_at(ref.part->in, json_at(ref)), "%s",
			       message);
}

json_t *json_value(struct json_ref ref)
{
	return ref.key ? json_object_get(ref.in, ref.key) : json_array_get(ref.in, ref.index);
}

static int json_fail_kind(struct json_ref ref, const char *wanted)
{
	const char *verb = json_value(ref) ? "must be" : "is missing:";

	if (ref.key)
		return json_fail(ref, "\"%s\" %s %s", ref.key, verb, wanted);
	return json_fail(ref, "element %zu %s %s", ref.index, verb, wanted);
}

bool hex_parse(const char *text, uint64_t *value)
{
	uint64_t v = 0;

	if (text[0] != '0' || (text[1] != 'x' && text[1] != 'X') || !text[2])
		return false;
	for (text += 2; *text; text++) {
		unsigned digit = (unsigned)(*text >= '0' && *text <= '9'   ? *text - '0'
					    : *text >= 'a' && *text <= 'f' ? *text - 'a' + 10
					    : *text >= 'A' && *text <= 'F' ? *text - 'A' + 10
									   : 16);

		if (digit > 15 || v >> 60)
			return false;
		v = v << 4 | digit;
	}
	*value = v;
	return true;
}

int json_take_hex(struct json_ref ref, uint64_t *value)
{
	const char *text = json_string_value(json_value(ref));

	if (!text || !hex_parse(text, value))
		return json_fail_kind(ref, "a string \"0x…\" of at most 64 bits");
	return 0;
}

int json_take_number(struct json_ref ref, int64_t min, int64_t max, int64_t *value)
{
	const json_t *v = json_value(ref);
	char wanted[80];

	*value = json_integer_value(v);
	if (json_is_integer(v) && *value >= min && *value <= max)
		return 0;
	snprintf(wanted, sizeof(wanted), "a number from %lld to %lld", (long long)min,
		 (long long)max);
	return json_fail_kind(ref, wanted);
}

int json_take_bool(struct json_ref ref, bool *value)
{
	const json_t *v = json_value(ref);

	*value = json_is_true(v);
	return json_is_boolean(v) ? 0 : json_fail_kind(ref, "true or false");
}

int json_take_string(struct json_ref ref, const char **value)
{
	*value = json_string_value(json_value(ref));
	return *value ? 0 : json_fail_kind(ref, "a string");
}

int json_take_array(struct json_ref ref, const json_t **array)
{
	*array = json_value(ref);
	return json_is_array(*array) ? 0 : json_fail_kind(ref, "a list");
}

int json_take_object(struct json_ref ref, const json_t **object)
{
	*object = json_value(ref);
	return json_is_object(*object) ? 0 : json_fail_kind(ref, "an object");
}

int json_take_word(struct json_ref ref, const char *(*name)(unsigned i), unsigned *i)
{
	const char *word;
	int err = json_take_string(ref, &word);

	if (err)
		return err;
	for (*i = 0; name(*i); ++*i) {
		if (!strcmp(name(*i), word))
			return 0;
	}
	if (ref.key)
		return json_fail(ref, "\"%s\": unknown word \"%s\"", ref.key, word);
	return json_fail(ref, "unknown word \"%s\"", word);
}
