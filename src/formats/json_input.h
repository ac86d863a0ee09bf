/* SPDX-License-Identifier: MIT */
/*
 * Small pieces of JSON, parsed by jansson, and typed looks at them.  Every failure is bad input
 * (IOPT_FAILURE_INPUT, -ENOEXEC) at the exact place in the file.
 */
#ifndef IOPT_JSON_INPUT_H
#define IOPT_JSON_INPUT_H

#include <jansson.h>

#include "json_scan.h"

/* Longer pieces are refused: parsed, JSON takes up to twenty times as much room as its text. */
enum { JSON_PART_BYTES = 32 << 20 };

/* One value of the input; 'hidden' is a slice of its text that was left out. */
struct json_part {
	const struct json_input *in;
	json_t *root;
	struct json_slice slice, hidden;
};

/* Names given twice are refused.  'hidden' is empty or what is between two brackets. */
int json_part_parse(struct json_part *part, const struct json_input *in, struct json_slice slice,
		    struct json_slice hidden);
/* All of the text, however long it is. */
int json_part_parse_all(struct json_part *part, const struct json_input *in);
void json_part_free(struct json_part *part);

/* A member of an object (by 'key') or an element of an array. */
struct json_ref {
	const struct json_part *part;
	const json_t *in;
	const char *key;
	size_t index;
};

static inline struct json_ref json_member(const struct json_part *part, const json_t *object,
					  const char *key)
{
	return (struct json_ref){part, object, key, 0};
}

static inline struct json_ref json_element(const struct json_part *part, const json_t *array,
					   size_t index)
{
	return (struct json_ref){part, array, NULL, index};
}

/* NULL: there is none. */
json_t *json_value(struct json_ref ref);
/* Where the value is, or what it should be in. */
struct error_place json_where(struct json_ref ref);
/* Fails at the value, or at what it should be in. */
int json_fail(struct json_ref ref, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Fails at the name of a member that is there. */
int json_fail_name(struct json_ref ref, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* What is there must be of this kind; a value that is missing fails too. */
int json_take_hex(struct json_ref ref, uint64_t *value); /* "0x1f" */
int json_take_number(struct json_ref ref, int64_t min, int64_t max, int64_t *value);
int json_take_bool(struct json_ref ref, bool *value);
int json_take_string(struct json_ref ref, const char **value);
int json_take_array(struct json_ref ref, const json_t **array);
int json_take_object(struct json_ref ref, const json_t **object);
/* One of the words that name(0), name(1), … give up to NULL; its number. */
int json_take_word(struct json_ref ref, const char *(*name)(unsigned i), unsigned *i);

/* "0x1f", at most 64 bits; false: it is no such number. */
bool hex_parse(const char *text, uint64_t *value);

#endif
