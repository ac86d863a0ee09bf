/* SPDX-License-Identifier: MIT */
/*
 * A buffered writer over a sink: the bytes of every output file and of stdout.  The first error
 * sticks, what is put after it is dropped, and writer_flush() tells.  Numbers take no printf().
 */
#ifndef IOPT_WRITER_H
#define IOPT_WRITER_H

#include "../core/base.h"
#include "../core/iopt.h"

enum { WRITER_BYTES = 1 << 14 };

struct writer {
	struct iopt_sink sink;
	size_t used;
	int error;
	char buf[WRITER_BYTES];
};

static inline void writer_init(struct writer *w, struct iopt_sink sink)
{
	w->sink = sink;
	w->used = 0;
	w->error = 0;
}

/* Hands on what is buffered; the first error of this writer, or 0. */
static inline int writer_flush(struct writer *w)
{
	if (!w->error && w->used)
		w->error = w->sink.write(w->sink.arg, w->buf, w->used);
	w->used = 0;
	return w->error;
}

/* Room for 'bytes' <= WRITER_BYTES; the caller adds to 'used' what it puts there. */
static inline char *writer_room(struct writer *w, size_t bytes)
{
	if (unlikely(w->used + bytes > sizeof(w->buf)))
		writer_flush(w);
	return w->buf + w->used;
}

static inline void writer_bytes(struct writer *w, const void *data, size_t bytes)
{
	const char *p = data;

	while (bytes) {
		size_t part = bytes < sizeof(w->buf) ? bytes : sizeof(w->buf);

		memcpy(writer_room(w, part), p, part);
		w->used += part;
		p += part;
		bytes -= part;
	}
}

static inline void writer_str(struct writer *w, const char *s)
{
	writer_bytes(w, s, strlen(s));
}

static inline void writer_char(struct writer *w, char c)
{
	*writer_room(w, 1) = c;
	w->used++;
}

static inline void writer_dec(struct writer *w, uint64_t v)
{
	char digits[20];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + v % 10);
	while (v /= 10);
	writer_bytes(w, digits + at, sizeof(digits) - at);
}

static inline void writer_signed(struct writer *w, int64_t v)
{
	if (v < 0)
		writer_char(w, '-');
	writer_dec(w, v < 0 ? -(uint64_t)v : (uint64_t)v);
}

/* 'digits' hex digits, leading zeros included. */
static inline void writer_digits(struct writer *w, uint64_t v, unsigned digits)
{
	char *p = writer_room(w, digits);

	w->used += digits;
	for (; digits; v >>= 4)
		p[--digits] = "0123456789abcdef"[v & 15];
}

/* "0x1f000" */
static inline void writer_hex(struct writer *w, uint64_t v)
{
	writer_bytes(w, "0x", 2);
	writer_digits(w, v, v ? (67 - (unsigned)__builtin_clzll(v)) / 4 : 1);
}

/* One character of UTF-8; bytes that are none are U+FFFD, one by one. */
static inline uint32_t utf8_next(const char **s)
{
	const unsigned char *p = (const unsigned char *)*s;
	unsigned more = *p >= 0xf0 ? 3 : *p >= 0xe0 ? 2 : 1;
	uint32_t c = *p & (0x3fu >> more);
	unsigned i;

	(*s)++;
	if (*p < 0x80)
		return *p;
	if (*p < 0xc2 || *p > 0xf4)
		return 0xfffd;
	for (i = 1; i <= more; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0xfffd;
		c = c << 6 | (p[i] & 0x3f);
	}
	if ((more > 1 && c >> (5 * more + 1) == 0) || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0xfffd;
	*s += more;
	return c;
}

/* Characters that steer a terminal, or turn the order of what is read round. */
static inline bool utf8_is_unsafe(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || (c >= 0x200e && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

/* Foreign text: what is unsafe becomes \u001b and so on; a backslash goes before 'quote's. */
static inline void writer_escape(struct writer *w, const char *s, const char *quote)
{
	while (*s) {
		const char *start = s;
		uint32_t c = utf8_next(&s);

		if (c == 0xfffd || utf8_is_unsafe(c)) {
			writer_bytes(w, "\\u", 2);
			writer_digits(w, c, 4);
		} else {
			if (c < 0x80 && strchr(quote, (int)c))
				writer_char(w, '\\');
			writer_bytes(w, start, (size_t)(s - start));
		}
	}
}

static inline void writer_text(struct writer *w, const char *s)
{
	writer_escape(w, s, "");
}

/* With its quotes. */
static inline void writer_json_string(struct writer *w, const char *s)
{
	writer_char(w, '"');
	writer_escape(w, s, "\"\\");
	writer_char(w, '"');
}

#endif
