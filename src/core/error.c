/* SPDX-License-Identifier: MIT */
#include "error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base.h"

static const struct {
	int code;
	const char *name, *text;
} errors[] = {
#define IOPT_ERROR(name, number, text) {number, #name, text},
#include "error.def"
#undef IOPT_ERROR
};

/* The header's enum and the table say the same. */
#define IOPT_ERROR(name, number, text) static_assert(IOPT_##name == (number), #name);
#include "error.def"
#undef IOPT_ERROR

static size_t error_index(int code)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(errors); i++)
		if (errors[i].code == code || -errors[i].code == code)
			break;
	return i;
}

const char *iopt_error_name(int code)
{
	size_t i = error_index(code);

	return i < ARRAY_SIZE(errors) ? errors[i].name : "EUNKNOWN";
}

const char *iopt_error_text(int code)
{
	size_t i = error_index(code);

	return i < ARRAY_SIZE(errors) ? errors[i].text : "unknown error";
}

int iopt_error_of_errno(int number)
{
	switch (number) {
#define IOPT_ERROR(name, value, text) \
	case name:                    \
		return IOPT_##name;
#include "error.def"
#undef IOPT_ERROR
	case EDQUOT:
		return IOPT_ENOSPC;
	default:
		return IOPT_EIO;
	}
}

/* A string that filled its buffer may end within a character: drop the part of it. */
static void cut_between_characters(char *s)
{
	size_t length = strlen(s), lead = length;
	unsigned char c;

	while (lead && length - lead < 3 && ((unsigned char)s[lead - 1] & 0xc0) == 0x80)
		lead--;
	if (!lead)
		return;
	c = (unsigned char)s[--lead];
	if ((c >= 0xc0 && length - lead < 2) || (c >= 0xe0 && length - lead < 3) ||
	    (c >= 0xf0 && length - lead < 4))
		s[lead] = '\0';
}

/* By way of a copy: the arguments may quote the text that is replaced. */
static void put_text(char to[static 256], const char *format, va_list args)
{
	char text[256];
	int length = vsnprintf(text, sizeof(text), format, args);

	if (length < 0)
		text[0] = '\0';
	else if ((size_t)length >= sizeof(text))
		cut_between_characters(text);
	memcpy(to, text, strlen(text) + 1);
}

static_assert(sizeof(((struct iopt_error *)0)->message) == 256, "put_text()");

static void put_error(struct iopt_error *error, enum iopt_failure failure, int code,
		      const char *format, va_list args)
{
	error->failure = failure;
	error->code = code;
	put_text(error->message, format, args);
}

void error_add_place(struct iopt_error *error, struct error_place place)
{
	const char *source = place.source ? place.source : "";
	size_t length = strlen(source), room = sizeof(error->source) - 1;

	if (!error)
		return;
	error->line = place.line;
	error->column = place.column;
	memmove(error->source, source, length < room ? length : room);
	error->source[length < room ? length : room] = '\0';
	if (length > room)
		cut_between_characters(error->source);
}

int error_set(struct iopt_error *error, enum iopt_failure failure, int code, const char *format,
	      ...)
{
	va_list args;

	if (!error)
		return -code;
	va_start(args, format);
	put_error(error, failure, code, format, args);
	va_end(args);
	error_add_place(error, (struct error_place){0});
	return -code;
}

int error_at(struct iopt_error *error, struct error_place place, enum iopt_failure failure,
	     int code, const char *format, ...)
{
	va_list args;

	if (!error)
		return -code;
	va_start(args, format);
	put_error(error, failure, code, format, args);
	va_end(args);
	error_add_place(error, place);
	return -code;
}
