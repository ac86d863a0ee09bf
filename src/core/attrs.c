/* SPDX-License-Identifier: MIT */
/*
 * Memory types and how two stages combine.  Arm ARM: "MAIR_EL1", "Combining stage 1 and stage 2
 * memory type attributes".
 */
#include "attrs.h"

#include <stdio.h>

#include "domain.h"

static const struct {
	uint8_t mair;
	const char *name;
} memory_names[] = {
	{0x00, "device-nGnRnE"}, {0x04, "device-nGnRE"}, {0x08, "device-nGRE"},
	{0x0c, "device-GRE"},	 {0x44, "normal-nc"},	 {0xaa, "normal-wt"},
	{0xbb, "normal-wt"},	 {0xee, "normal-wb"},	 {0xff, "normal-wb"},
	{0xf0, "normal-tagged"},
};

void attrs_set_memory(struct iopt_attrs *a, uint8_t mair, enum iopt_share share)
{
	a->known = true;
	a->mair = mair;
	a->share = mair_is_device(mair) || mair == MAIR_NORMAL_NC ? IOPT_SHARE_OUTER : share;
	for (unsigned i = 0; i < ARRAY_SIZE(memory_names); i++) {
		if (memory_names[i].mair == mair) {
			snprintf(a->memory, sizeof(a->memory), "%s", memory_names[i].name);
			return;
		}
	}
	snprintf(a->memory, sizeof(a->memory), "mair:0x%02x", mair);
}

void attrs_set_reserved(struct iopt_attrs *a, enum iopt_share share)
{
	a->share = share;
	snprintf(a->memory, sizeof(a->memory), "reserved");
}

void attrs_set_unknown(struct iopt_attrs *a, enum iopt_share share)
{
	a->share = share;
	snprintf(a->memory, sizeof(a->memory), "index:%u", a->index);
}

void attrs_set_stage1(struct iopt_attrs *a, enum iopt_share share)
{
	a->share = share;
	snprintf(a->memory, sizeof(a->memory), "normal-s1");
}

/* The last byte of a name is the one that allocates most. */
bool attrs_mair_of(const char *memory, uint8_t *mair)
{
	static const char digits[] = "0123456789abcdef";
	const char *high, *low;

	for (unsigned i = ARRAY_SIZE(memory_names); i--;) {
		if (!strcmp(memory_names[i].name, memory)) {
			*mair = memory_names[i].mair;
			return true;
		}
	}
	if (strncmp(memory, "mair:0x", 7) != 0 || strlen(memory) != 9)
		return false;
	high = strchr(digits, memory[7]);
	low = strchr(digits, memory[8]);
	if (!high || !low)
		return false;
	*mair = (uint8_t)((high - digits) << 4 | (low - digits));
	return true;
}

/* Of two cache policies of four bits (0100: none, 0x and 10: through) the weaker, with stage 1's
 * hints. */
static uint8_t combine_policy(uint8_t one, uint8_t two)
{
	const bool through = one >> 2 == 0 || one >> 2 == 2;

	if (one == 4 || two == 4)
		return 4;
	return !through && two >> 2 == 2 ? (uint8_t)(0x8 | (one & 3)) : one;
}

/* With FWB: 7 leaves stage 1 alone, and not cacheable (5) makes no device memory normal. */
static bool fwb_keeps(unsigned memattr, const struct iopt_attrs *one)
{
	return memattr == 7 || (memattr == 5 && (!one->known || mair_is_device(one->mair)));
}

static uint8_t combine_mair(uint8_t one, uint8_t two)
{
	if (mair_is_device(one) && mair_is_device(two))
		return one < two ? one : two;
	if (mair_is_device(one) || mair_is_device(two))
		return mair_is_device(one) ? one : two;
	return (uint8_t)(combine_policy(one >> 4, two >> 4) << 4 |
			 combine_policy(one & 15, two & 15));
}

void attrs_combine(struct iopt_attrs *s1, const struct iopt_attrs *s2, bool fwb)
{
	enum iopt_share share = s1->share == IOPT_SHARE_OUTER || s2->share == IOPT_SHARE_OUTER
					? IOPT_SHARE_OUTER
				: s1->share > s2->share ? s1->share
							: s2->share;

	if (fwb && fwb_keeps(s2->index & 7, s1)) {
		if (s1->known)
			attrs_set_memory(s1, s1->mair, share);
	} else if (!s2->known) {
		s1->known = false;
		memcpy(s1->memory, s2->memory, sizeof(s1->memory));
	} else if (fwb) {
		attrs_set_memory(s1, s2->mair, share);
	} else if (s1->known) {
		attrs_set_memory(s1, combine_mair(s1->mair, s2->mair), share);
	}
}

uint64_t space_limits(const struct pgtable *t, uint64_t desc)
{
	return t->format == IOPT_ARM_V7S ? t->ops->format->inherit(desc) : lpae_limits(t, desc);
}

void space_attrs(const struct pgtable *t, uint64_t desc, int level, uint64_t inherited,
		 struct iopt_attrs *a)
{
	*a = (struct iopt_attrs){.struct_size = sizeof(*a)};
	if (t->format == IOPT_ARM_V7S)
		attrs_v7s(t, desc, level, inherited, a);
	else
		attrs_lpae(t, desc, inherited, a);
}

int iopt_domain_attrs(const struct iopt_domain *d, unsigned space, const struct iopt_extent *e,
		      struct iopt_attrs *attrs)
{
	if (attrs->struct_size < sizeof(*attrs))
		return -IOPT_EINVAL;
	if (space >= d->space_count)
		return -IOPT_ENOENT;
	space_attrs(&d->spaces[space], e->desc, e->level, e->inherited, attrs);
	return 0;
}
