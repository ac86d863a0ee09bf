/* SPDX-License-Identifier: MIT */
/*
 * Intel HEX and Motorola S-records: bytes as text, with their addresses.  Sources: Intel,
 * "Hexadecimal Object File Format Specification", revision A; the S-record format of the M68000
 * family.  Neither says an address above 4 GiB.
 */
#include "../core/error.h"
#include "emit.h"

enum {
	LINE_BYTES = 32,
	IHEX_DATA = 0,
	IHEX_END = 1,
	IHEX_UPPER_ADDRESS = 4,
};

/* Collects the image's bytes into lines. */
struct hexing {
	const struct emit *e;
	struct writer *w;
	void (*line)(struct hexing *h);
	uint64_t at;	/* the address of the line's first byte */
	uint64_t upper; /* Intel HEX: address bits 31:16 that were written last */
	size_t used;
	uint8_t bytes[LINE_BYTES];
};

static int collect(void *arg, const void *data, size_t bytes)
{
	struct hexing *h = arg;
	const uint8_t *p = data;

	while (bytes) {
		/* Lines end at multiples of their length, so that none crosses 64 KiB. */
		size_t room = LINE_BYTES - (h->at + h->used) % LINE_BYTES;
		size_t part = bytes < room ? bytes : room;

		memcpy(h->bytes + h->used, p, part);
		h->used += part;
		p += part;
		bytes -= part;
		if (part == room)
			h->line(h);
	}
	return h->w->error;
}

static int hexing_run(struct hexing *h)
{
	const struct iopt_sink sink = {collect, h};
	const struct image *im = h->e->image;
	struct range r;
	int err;

	h->at = im->base;
	if (!range_make(h->at, im->size, &r) || r.last >> 32)
		return error_set(h->e->error, IOPT_FAILURE_REQUEST, IOPT_ERANGE,
				 "such a file has no addresses above 4 GiB, and the tables reach"
				 " %#llx",
				 (unsigned long long)r.last);
	err = emit_bytes(h->e, &sink);
	if (!err && h->used)
		h->line(h);
	return err;
}

/* Upper case, as loaders of old want it. */
static void put_byte(struct writer *w, uint8_t byte)
{
	char *p = writer_room(w, 2);

	p[0] = "0123456789ABCDEF"[byte >> 4];
	p[1] = "0123456789ABCDEF"[byte & 15];
	w->used += 2;
}

/* The bytes of a line and their sum. */
static uint8_t put_all(struct writer *w, const uint8_t *bytes, size_t count)
{
	uint8_t sum = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		put_byte(w, bytes[i]);
		sum = (uint8_t)(sum + bytes[i]);
	}
	return sum;
}

/* ---- Intel HEX ---- */

static void ihex_record(struct writer *w, uint8_t type, uint64_t address, const uint8_t *bytes,
			size_t count)
{
	const uint8_t head[] = {(uint8_t)count, (uint8_t)(address >> 8), (uint8_t)address, type};
	uint8_t sum;

	writer_char(w, ':');
	sum = put_all(w, head, sizeof(head));
	sum = (uint8_t)(sum + put_all(w, bytes, count));
	put_byte(w, (uint8_t)-sum);
	writer_char(w, '\n');
}

static void ihex_line(struct hexing *h)
{
	const uint64_t upper = h->at >> 16;

	if (upper != h->upper) {
		const uint8_t bytes[] = {(uint8_t)(upper >> 8), (uint8_t)upper};

		ihex_record(h->w, IHEX_UPPER_ADDRESS, 0, bytes, sizeof(bytes));
		h->upper = upper;
	}
	ihex_record(h->w, IHEX_DATA, h->at, h->bytes, h->used);
	h->at += h->used;
	h->used = 0;
}

int emit_ihex(struct emit *e, struct writer *w)
{
	struct hexing h = {.e = e, .w = w, .line = ihex_line, .upper = UINT64_MAX};
	int err = hexing_run(&h);

	if (!err)
		ihex_record(w, IHEX_END, 0, NULL, 0);
	return err;
}

/* ---- S-records ---- */

/* 'digits' address bytes; the count is of all that follows it. */
static void srec_record(struct writer *w, char type, unsigned address_bytes, uint64_t address,
			const uint8_t *bytes, size_t count)
{
	uint8_t head[5] = {(uint8_t)(address_bytes + count + 1)};
	uint8_t sum;
	unsigned i;

	for (i = 0; i < address_bytes; i++)
		head[1 + i] = (uint8_t)(address >> 8 * (address_bytes - 1 - i));
	writer_char(w, 'S');
	writer_char(w, type);
	sum = put_all(w, head, 1 + address_bytes);
	sum = (uint8_t)(sum + put_all(w, bytes, count));
	put_byte(w, (uint8_t)~sum);
	writer_char(w, '\n');
}

static void srec_line(struct hexing *h)
{
	srec_record(h->w, '3', 4, h->at, h->bytes, h->used);
	h->at += h->used;
	h->used = 0;
}

int emit_srec(struct emit *e, struct writer *w)
{
	struct hexing h = {.e = e, .w = w, .line = srec_line};
	int err;

	srec_record(w, '0', 2, 0, (const uint8_t *)e->symbol, strlen(e->symbol));
	err = hexing_run(&h);
	if (!err)
		srec_record(w, '7', 4, 0, NULL, 0); /* nothing to start */
	return err;
}
