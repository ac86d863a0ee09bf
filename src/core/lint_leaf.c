/* SPDX-License-Identifier: MIT */
/* lint's rules about leaves: each looks at neighbours with the same attributes at once. */
#include <stdio.h>

#include "attrs.h"
#include "lint.h"

#define NT	   BIT(16) /* of a 64-bit block: no part of its address */
#define LPAE_SH	   BITS(9, 8)
#define SMALL_AP   (BIT(9) | BITS(5, 4))
#define SECTION_AP (BIT(15) | BITS(11, 10))

/* "el1 rwx el0 r--" of the levels in question. */
static const char *access_text(const struct iopt_attrs *a, char to[static 24])
{
	int length = 0;

	for (unsigned i = 0; i < a->level_count && i < ARRAY_SIZE(a->access); i++) {
		const unsigned access = a->access[i].access;

		length += snprintf(
			to + length, (size_t)(24 - length), "%sel%u %c%c%c", i ? " " : "",
			a->access[i].el, access & IOPT_ACCESS_R ? 'r' : '-',
			access & IOPT_ACCESS_W ? 'w' : '-', access & IOPT_ACCESS_X ? 'x' : '-');
	}
	return to;
}

static unsigned access_key(const struct iopt_attrs *a)
{
	return a->access[0].access | (a->level_count > 1 ? a->access[1].access : 0) << 4;
}

static void check_write_execute(struct lint *l, const struct lint_leaves *v)
{
	const struct iopt_attrs *a = &v->attrs;
	unsigned writes = 0, executes = 0;
	char text[24];

	if (l->t->regime == IOPT_REGIME_STAGE2)
		return;
	/* the level itself; and what EL0, which comes last, writes, the other executes */
	for (unsigned i = 0; i < a->level_count; i++) {
		writes |= a->access[i].access & IOPT_ACCESS_W ? 1u << i : 0;
		executes |= a->access[i].access & IOPT_ACCESS_X ? 1u << i : 0;
	}
	if (writes & executes || (writes & 2 && executes & 1))
		lint_find(l, LINT_WRITE_EXECUTE, v->place, access_key(a),
			  "writable and executable: %s", access_text(a, text));
}

static void check_device_execute(struct lint *l, const struct lint_leaves *v)
{
	const struct iopt_attrs *a = &v->attrs;
	char text[24];

	if (!a->known || !mair_is_device(a->mair))
		return;
	for (unsigned i = 0; i < a->level_count; i++)
		if (a->access[i].access & IOPT_ACCESS_X) {
			lint_find(l, LINT_DEVICE_EXECUTE, v->place, access_key(a),
				  "%s is executable: %s", a->memory, access_text(a, text));
			return;
		}
}

/* The bits of the address that its size leaves no room for. */
static uint64_t loose_bits(const struct lint *l, const struct lint_leaves *v)
{
	uint64_t bits = v->size - 1;

	if (l->view.v7s) /* decoded without them */
		return 0;
	return v->size > BIT(16) ? bits & ~NT : bits;
}

static void check_address(struct lint *l, const struct lint_leaves *v)
{
	const struct pgtable_format *f = l->t->ops->format;
	const uint64_t oa = f->leaf_oa(v->desc, v->level), loose = oa & loose_bits(l, v);
	const uint64_t last = f->leaf_oa(v->desc + (v->place.count - 1) * v->step, v->level);
	struct lint_place beyond = v->place;

	if (loose)
		lint_find(l, LINT_OA_MISALIGNED, v->place, loose,
			  "output address 0x%llx is no multiple of 0x%llx", (unsigned long long)oa,
			  (unsigned long long)v->size);
	if (!((oa | last) & l->t->oa_beyond))
		return;
	while (beyond.count &&
	       !(f->leaf_oa(v->desc + (beyond.index - v->place.index) * v->step, v->level) &
		 l->t->oa_beyond)) {
		beyond.index++;
		beyond.count--;
	}
	if (beyond.count)
		lint_find(l, LINT_OA_RANGE, beyond, 0, "output address 0x%llx is beyond %u bits",
			  (unsigned long long)f->leaf_oa(
				  v->desc + (beyond.index - v->place.index) * v->step, v->level),
			  l->t->oas);
}

static void check_reserved_fields(struct lint *l, const struct lint_leaves *v)
{
	const uint64_t ap = v->level == 1 ? SECTION_AP : SMALL_AP;
	const uint64_t none = v->level == 1 ? BIT(15) : BIT(9);

	if (!l->view.v7s && v->attrs.share == IOPT_SHARE_RESERVED &&
	    field_get(v->desc, LPAE_SH) == IOPT_SHARE_RESERVED && l->t->oa_layout != IOPT_OA_LPA2)
		lint_find(l, LINT_RESERVED, v->place, 1, "SH is 1, which is reserved");
	if (l->view.v7s && !l->view.afe && !(l->t->quirks & IOPT_QUIRK_NO_PERMS) &&
	    (v->desc & ap) == none)
		lint_find(l, LINT_RESERVED, v->place, 2, "AP[2:0] is 4, which is reserved");
}

/* An attribute of MAIR that the architecture gives no meaning ("MAIR_EL1"). */
static bool mair_is_unpredictable(uint8_t mair)
{
	char text[160];

	memory_text(mair, text, sizeof(text));
	return strcmp(text, "unpredictable") == 0;
}

static void check_memory_type(struct lint *l, const struct lint_leaves *v)
{
	const struct iopt_attrs *a = &v->attrs;

	if (strcmp(a->memory, "reserved") == 0)
		lint_find(l, LINT_MEMORY_TYPE, v->place, a->index,
			  "memory attribute %u is reserved", a->index);
	else if (a->known && mair_is_unpredictable(a->mair))
		lint_find(l, LINT_MEMORY_TYPE, v->place, a->index,
			  "AttrIndx %u is 0x%02x in MAIR, which is unpredictable", a->index,
			  a->mair);
}

static void check_access_flag(struct lint *l, const struct lint_leaves *v)
{
	if (l->t->access_flag && !v->attrs.af)
		lint_find(l, LINT_ACCESS_FLAG, v->place, 0,
			  "the access flag is clear: the first access faults");
}

static void check_fixed_bits(struct lint *l, const struct lint_leaves *v)
{
	/* address bits have a rule of their own */
	lint_fixed_bits(l, v->place, v->desc, v->level, loose_bits(l, v) & ~low_bits(12));
}

void lint_leaves(struct lint *l, const struct lint_leaves *leaves)
{
	static void (*const checks[])(struct lint * l, const struct lint_leaves *v) = {
		check_write_execute,   check_device_execute, check_address,    check_memory_type,
		check_reserved_fields, check_access_flag,    check_fixed_bits, lint_contiguous,
		lint_copies,	       lint_keep_leaves,
	};

	for (size_t i = 0; i < ARRAY_SIZE(checks) && !l->ret; i++)
		checks[i](l, leaves);
}
