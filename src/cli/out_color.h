/* SPDX-License-Identifier: MIT */
/* Which words of an answer are worth a color: what one would look for in a long listing. */
#ifndef IOPT_CLI_OUT_COLOR_H
#define IOPT_CLI_OUT_COLOR_H

#include <stddef.h>

#define COLOR_OFF "\033[0m"

/* The sequence that begins it for a field at path[0..path_length), shown as 'text'; NULL: none. */
const char *out_color_of(const char *path, size_t path_length, const char *text, size_t length);

#endif
