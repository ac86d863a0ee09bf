/* SPDX-License-Identifier: MIT */
/* Bits, fields, byte order and ranges: what every other file builds on. Inline only. */
#ifndef IOPT_BASE_H
#define IOPT_BASE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static_assert(sizeof(void *) == 8,
	      "physical addresses are added to host pointers: 64-bit hosts only");

/* One bit, and the field [hi:lo], numbered as in the Arm ARM's figures. */
#define BIT(n)	     (UINT64_C(1) << (n))
#define BITS(hi, lo) ((~UINT64_C(0) >> (63 - (hi))) & (~UINT64_C(0) << (lo)))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define likely(x)     __builtin_expect(!!(x), 1)
#define unlikely(x)   __builtin_expect(!!(x), 0)

/* [first, last], both inclusive: the last byte of the 64-bit space is an address like any other. */
struct range {
	uint64_t first, last;
};

static inline uint64_t field_get(uint64_t value, uint64_t field)
{
	return (value & field) >> __builtin_ctzll(field);
}

static inline uint64_t field_put(uint64_t field, uint64_t value)
{
	return value << __builtin_ctzll(field) & field;
}

static inline bool is_power_of_two(uint64_t x)
{
	return x && !(x & (x - 1));
}

/* 'align' is a power of two. */
static inline uint64_t align_down(uint64_t x, uint64_t align)
{
	return x & ~(align - 1);
}

/* Wraps to 0 past the end of the space. */
static inline uint64_t align_up(uint64_t x, uint64_t align)
{
	return align_down(x + align - 1, align);
}

/* log2 of x, rounded up; 0 for 0 and 1. */
static inline unsigned log2_up(uint64_t x)
{
	return x > 1 ? 64u - (unsigned)__builtin_clzll(x - 1) : 0;
}

/* The n lowest bits set; n up to 64. */
static inline uint64_t low_bits(unsigned n)
{
	return n ? ~UINT64_C(0) >> (64 - n) : 0;
}

static inline uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static inline uint64_t max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* [start, start + size - 1]; false if it is empty or leaves the 64-bit space. */
static inline bool range_make(uint64_t start, uint64_t size, struct range *r)
{
	*r = (struct range){start, start + size - 1};
	return size && r->last >= start;
}

static inline bool ranges_overlap(struct range a, struct range b)
{
	return a.first <= b.last && b.first <= a.last;
}

/* Numbers in memory, whatever the host's byte order; 'p' need not be aligned. */
static inline uint16_t load_le16(const void *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? v : __builtin_bswap16(v);
}

static inline uint32_t load_le32(const void *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? v : __builtin_bswap32(v);
}

static inline uint64_t load_le64(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? v : __builtin_bswap64(v);
}

static inline uint16_t load_be16(const void *p)
{
	return __builtin_bswap16(load_le16(p));
}

static inline uint32_t load_be32(const void *p)
{
	return __builtin_bswap32(load_le32(p));
}

static inline uint64_t load_be64(const void *p)
{
	return __builtin_bswap64(load_le64(p));
}

static inline void store_le32(void *p, uint32_t v)
{
	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		v = __builtin_bswap32(v);
	memcpy(p, &v, sizeof(v));
}

static inline void store_le64(void *p, uint64_t v)
{
	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		v = __builtin_bswap64(v);
	memcpy(p, &v, sizeof(v));
}

#endif
