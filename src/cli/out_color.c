/* SPDX-License-Identifier: MIT */
#include "out_color.h"

#include <stdbool.h>
#include <string.h>

#define RED    "\033[1;31m"
#define YELLOW "\033[33m"
#define CYAN   "\033[36m"

static bool always(const char *text, size_t length)
{
	(void)text;
	return length;
}

/* "el1 rwx": somebody may write what somebody may execute. */
static bool is_writable_code(const char *text, size_t length)
{
	size_t i;

	for (i = 0; i + 1 < length; i++)
		if (text[i] == 'w' && text[i + 1] == 'x')
			return true;
	return false;
}

static bool is_device(const char *text, size_t length)
{
	return length >= 6 && memcmp(text, "device", 6) == 0;
}

static bool is_error(const char *text, size_t length)
{
	return length == 5 && memcmp(text, "error", 5) == 0;
}

/* By the end of the path; the first that fits. */
static const struct {
	const char *path;
	bool (*fits)(const char *text, size_t length);
	const char *color;
} rules[] = {
	{"severity", is_error, RED},
	{"severity", always, YELLOW},
	{"access", is_writable_code, RED},
	{"memory", is_device, CYAN},
};

const char *out_color_of(const char *path, size_t path_length, const char *text, size_t length)
{
	size_t i;

	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		size_t n = strlen(rules[i].path);
		const char *end = path + path_length - n;

		if (path_length >= n && memcmp(end, rules[i].path, n) == 0 &&
		    (path_length == n || end[-1] == '.') && rules[i].fits(text, length))
			return rules[i].color;
	}
	return NULL;
}
