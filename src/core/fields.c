/* SPDX-License-Identifier: MIT */
#include "fields.h"

#include <stdio.h>

#include "attrs.h"

/* ---- the list as tables ---- */

#define ROW(hi, lo, kind, at, name, text)  {hi, lo, kind, at, false, name, text},
#define WORDS(hi, lo, name, text)	   ROW(hi, lo, FIELD_WORDS, 0, name, text)
#define OPTION(hi, lo, name, text)	   {hi, lo, FIELD_WORDS, 0, true, name, text},
#define NUMBER(hi, lo, name, text)	   ROW(hi, lo, FIELD_NUMBER, 0, name, text)
#define SPARE(hi, lo, name, text)	   {hi, lo, FIELD_NUMBER, 0, true, name, text},
#define ADDRESS(hi, lo, name, text)	   ROW(hi, lo, FIELD_ADDRESS, lo, name, text)
#define ADDRESS_AT(hi, lo, at, name, text) ROW(hi, lo, FIELD_ADDRESS, at, name, text)
#define SIZE(hi, lo, name, from)	   ROW(hi, lo, FIELD_SIZE, from, name, "")
#define SIZE_SIGNED(hi, lo, name, from)	   ROW(hi, lo, FIELD_SIGNED, from, name, "")
#define MEMORY(hi, lo, name)		   ROW(hi, lo, FIELD_MEMORY, 0, name, "")
#define INDEX(hi, lo, name)		   ROW(hi, lo, FIELD_INDEX, 0, name, "")
#define STAGE2_MEMORY(hi, lo, name, words) ROW(hi, lo, FIELD_STAGE2, 0, name, words)
#define RES0(hi, lo)			   ROW(hi, lo, FIELD_RES0, 0, "RES0", "must be zero")
#define RES1(hi, lo)			   ROW(hi, lo, FIELD_RES1, 0, "RES1", "must be one")
#define UNUSED(hi, lo, text)		   ROW(hi, lo, FIELD_UNUSED, 0, "IGNORED", text)

#define SET(id, bits, ...) static const struct field_row rows_##id[] = {__VA_ARGS__};
#define REGISTER(...)
#include "fields.def"
#undef REGISTER
#undef SET

static const struct field_set sets[] = {
#define SET(id, bits, ...) {#id, bits, rows_##id, ARRAY_SIZE(rows_##id)},
#define REGISTER(...)
#include "fields.def"
#undef REGISTER
#undef SET
};

const struct field_set *field_set(enum field_set_id id)
{
	return &sets[id];
}

const struct field_register field_registers[] = {
#define SET(...)
#define REGISTER(name, title, mask, match, set) {name, title, mask, match, FIELDS_##set},
#include "fields.def"
#undef REGISTER
#undef SET
};

const size_t field_register_count = ARRAY_SIZE(field_registers);

/* ---- meanings ---- */

static const char *policy_text(unsigned policy)
{
	static const char *const kinds[] = {"write-through transient", "write-back transient",
					    "write-through", "write-back"};

	return policy == 4 ? "non-cacheable" : kinds[policy >> 2];
}

static const char *allocate_text(unsigned policy)
{
	static const char *const hints[] = {" no-allocate", " write-allocate", " read-allocate",
					    " read-write-allocate"};

	return policy == 4 ? "" : hints[policy & 3];
}

void memory_text(uint8_t mair, char *to, size_t room)
{
	struct iopt_attrs a = IOPT_INIT(struct iopt_attrs);
	const unsigned outer = mair >> 4, inner = mair & 15;

	attrs_set_memory(&a, mair, IOPT_SHARE_NONE);
	if (mair_is_device(mair) || mair == MAIR_NORMAL_NC || mair == 0xf0)
		snprintf(to, room, "%s", a.memory);
	else if (!(mair & 0xf2))
		snprintf(to, room, "device memory with the XS attribute cleared, with FEAT_XS");
	else if (mair == 0x40 || mair == 0xa0)
		snprintf(to, room, "%s with the XS attribute cleared, with FEAT_XS",
			 mair == 0x40 ? "normal-nc" : "normal-wt");
	else if (!outer || !inner)
		snprintf(to, room, "unpredictable");
	else
		snprintf(to, room, "%s%souter %s%s, inner %s%s",
			 strncmp(a.memory, "mair", 4) != 0 ? a.memory : "normal", ": ",
			 policy_text(outer), allocate_text(outer), policy_text(inner),
			 allocate_text(inner));
}

/* The value-th of "a|b|c". */
static void word_text(const char *words, uint64_t value, char *to, size_t room)
{
	while (value--) {
		words = strchr(words, '|');
		assert(words);
		words++;
	}
	snprintf(to, room, "%.*s", (int)strcspn(words, "|"), words);
}

static void index_text(uint64_t index, const struct pgtable_controls *c, char *to, size_t room)
{
	int length = snprintf(to, room, "MAIR attribute %u", (unsigned)index);

	if (!c || !c->has_mair)
		return;
	length += snprintf(to + length, room - (size_t)length,
			   ", 0x%02x: ", (unsigned)(c->mair >> (8 * index) & 0xff));
	memory_text((uint8_t)(c->mair >> (8 * index)), to + length, room - (size_t)length);
}

static void address_text(const struct field_row *row, uint64_t value, char *to, size_t room)
{
	const unsigned long long address = value << row->at;

	snprintf(to, room, "0x%llx%s%s", address, *row->text ? ": " : "", row->text);
}

static void size_text(const struct field_row *row, uint64_t value, char *to, size_t room)
{
	const unsigned width = row->hi - row->lo + 1u;
	int bits = (int)value;

	if (row->kind == FIELD_SIGNED && value >> (width - 1))
		bits -= 1 << width;
	snprintf(to, room, "%d-bit input addresses", (int)row->at - bits);
}

static void meaning_text(const struct field_row *row, uint64_t value,
			 const struct pgtable_controls *c, char *to, size_t room)
{
	switch ((enum field_kind)row->kind) {
	case FIELD_WORDS:
		word_text(row->text, value, to, room);
		break;
	case FIELD_ADDRESS:
		address_text(row, value, to, room);
		break;
	case FIELD_SIZE:
	case FIELD_SIGNED:
		size_text(row, value, to, room);
		break;
	case FIELD_MEMORY:
		memory_text((uint8_t)value, to, room);
		break;
	case FIELD_STAGE2:
		word_text(row->text, value + (c && c->fwb ? 16 : 0), to, room);
		break;
	case FIELD_INDEX:
		index_text(value, c, to, room);
		break;
	case FIELD_NUMBER:
	case FIELD_RES0:
	case FIELD_RES1:
	case FIELD_UNUSED:
		snprintf(to, room, "%s", row->text);
		break;
	}
}

/* ---- telling ---- */

static bool is_told(const struct field_row *row, uint64_t value)
{
	switch ((enum field_kind)row->kind) {
	case FIELD_RES0:
	case FIELD_UNUSED:
		return value;
	case FIELD_RES1:
		return value != low_bits(row->hi - row->lo + 1u);
	default:
		return true;
	}
}

static int tell(const struct field_row *row, const uint64_t *words,
		const struct pgtable_controls *controls, const struct iopt_field_sink *sink)
{
	struct iopt_field field = {
		.name = row->name,
		.hi = row->hi,
		.lo = row->lo,
		.value = field_value(row, words),
	};

	field.quiet = row->quiet && !field.value;
	if (!is_told(row, field.value))
		return 0;
	meaning_text(row, field.value, controls, field.meaning, sizeof(field.meaning));
	return sink->field(sink->arg, &field);
}

int fields_tell(const struct field_set *const *list, unsigned count, const uint64_t *words,
		const struct pgtable_controls *controls, const struct iopt_field_sink *sink)
{
	size_t at[FIELD_SETS_MAX] = {0};
	int ret = 0;

	assert(count <= FIELD_SETS_MAX);
	while (!ret) {
		const struct field_row *next = NULL;
		unsigned from = 0;

		for (unsigned i = 0; i < count; i++) {
			const struct field_row *row = &list[i]->rows[at[i]];

			if (at[i] < list[i]->count && (!next || row->hi > next->hi)) {
				next = row;
				from = i;
			}
		}
		if (!next)
			break;
		at[from]++;
		ret = tell(next, words, controls, sink);
	}
	return ret;
}
