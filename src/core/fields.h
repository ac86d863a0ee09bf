/* SPDX-License-Identifier: MIT */
/*
 * The list of fields (fields.def) as data: what is in each register and in each kind of descriptor.
 * A descriptor is described by several sets side by side, since what its attributes are does not
 * depend on where its address is; together they have every bit once.
 */
#ifndef IOPT_FIELDS_H
#define IOPT_FIELDS_H

#include "iopt.h"
#include "pgtable.h"

enum field_kind {
	FIELD_WORDS,   /* text: a meaning for each value, "no|yes" */
	FIELD_NUMBER,  /* text: of what */
	FIELD_ADDRESS, /* at: the address bit that the lowest one is; text: of what, or "" */
	FIELD_SIZE,    /* at - value: bits of an input address */
	FIELD_SIGNED,  /* the same, of a value with a sign */
	FIELD_MEMORY,  /* an attribute as MAIR has it */
	FIELD_STAGE2,  /* words, those for FWB behind the others */
	FIELD_INDEX,   /* into MAIR */
	FIELD_RES0,    /* told only if it is not what it should be */
	FIELD_RES1,
	FIELD_UNUSED, /* hardware does not look at it: told only if it is not 0; text: what it is */
};

/* Bits are numbered through the words of a structure; a field lies within one of them. */
struct field_row {
	uint16_t hi, lo;
	uint8_t kind, at;
	bool quiet; /* of little interest while it is 0 */
	const char *name, *text;
};

/* Rows in falling order. */
struct field_set {
	const char *name;
	unsigned bits;
	const struct field_row *rows;
	size_t count;
};

enum field_set_id {
#define SET(id, bits, ...) FIELDS_##id,
#define REGISTER(...)
#include "fields.def"
#undef REGISTER
#undef SET
	FIELD_SET_COUNT,
};

/* Side by side. */
enum { FIELD_SETS_MAX = 3 };

const struct field_set *field_set(enum field_set_id id);

/* A register, or one of its forms: that in which the bits of 'mask' are 'match'. */
struct field_register {
	const char *name, *title;
	uint64_t mask, match;
	enum field_set_id set;
};

extern const struct field_register field_registers[];
extern const size_t field_register_count;

static inline uint64_t field_value(const struct field_row *row, const uint64_t *words)
{
	return field_get(words[row->lo / 64], BITS(row->hi % 64, row->lo % 64));
}

/*
 * All fields of 'words' in falling order, which the sets of 'list' have side
 * by side.  'controls' (may be NULL)
 * has the MAIR that indexes go to.  What the sink returns if it is not 0.
 */
int fields_tell(const struct field_set *const *list, unsigned count, const uint64_t *words,
		const struct pgtable_controls *controls, const struct iopt_field_sink *sink);

/* An attribute as MAIR has it, in words. */
void memory_text(uint8_t mair, char *to, size_t room);

#endif
