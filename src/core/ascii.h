/* SPDX-License-Identifier: MIT */
/*
 * Characters of ASCII, whatever locale the program that uses the library has set: <ctype.h> would
 * take bytes of other scripts for letters, and in Turkish the small I is not an i.
 */
#ifndef IOPT_ASCII_H
#define IOPT_ASCII_H

#include <stdbool.h>

static inline bool ascii_is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static inline bool ascii_is_upper(int c)
{
	return c >= 'A' && c <= 'Z';
}

static inline int ascii_lower(int c)
{
	return ascii_is_upper(c) ? c + ('a' - 'A') : c;
}

static inline bool ascii_is_alpha(int c)
{
	return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
}

static inline bool ascii_is_alnum(int c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c);
}

static inline bool ascii_is_xdigit(int c)
{
	return ascii_is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f');
}

static inline bool ascii_is_space(int c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Equal but for upper and lower case. */
static inline bool ascii_same(const char *a, const char *b)
{
	while (*a && ascii_lower(*a) == ascii_lower(*b))
		a++, b++;
	return *a == *b;
}

#endif
