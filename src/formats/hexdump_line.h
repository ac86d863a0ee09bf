/* SPDX-License-Identifier: MIT */
/*
 * One line of a hexdump as people paste it: U-Boot's md, xxd, hexdump -C, od -A x, gdb's x and
 * QEMU's xp.  An address, groups of hex digits, and perhaps what they are as characters.
 */
#ifndef IOPT_HEXDUMP_LINE_H
#define IOPT_HEXDUMP_LINE_H

#include "../core/base.h"

enum {
	HEXDUMP_LINE_BYTES_MAX = 256, /* xxd's most */
	HEXDUMP_LINE_CHARS_MAX = 4096,
};

enum hexdump_kind {
	HEXDUMP_NOTHING, /* empty, a comment, or what was typed at a prompt */
	HEXDUMP_DATA,	 /* perhaps of no bytes: an address that ends a dump */
	HEXDUMP_REPEAT,	 /* "*": like the line before, up to the next address */
	HEXDUMP_BAD,
};

struct hexdump_line {
	enum hexdump_kind kind;
	uint64_t address;
	unsigned width;	   /* bytes of a group; the last one may have fewer */
	size_t count;	   /* bytes in all */
	const char *chars; /* one for each byte, or NULL */
	bool numbers;	   /* it looks as if groups were numbers and not bytes in their order */
	uint8_t bytes[HEXDUMP_LINE_BYTES_MAX]; /* in the order of the digits */
	unsigned column;		       /* of what is bad, from 1 */
	const char *what;
};

/* 'text' has 'length' characters and no newline; 'line' points into it. */
void hexdump_line_parse(const char *text, size_t length, struct hexdump_line *line);

/* Turns each group round: it was printed as a little-endian number. */
void hexdump_line_swap(struct hexdump_line *line);

/* Do the characters say that groups are numbers (1), or bytes in their order (-1)?  0: neither. */
int hexdump_line_order(const struct hexdump_line *line);

#endif
