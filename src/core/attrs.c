/* SPDX-License-Identifier: MIT */
/*
 * What the attribute bits of a leaf mean, with the hierarchical bits above it and the registers of
 * its space.  Arm ARM: "Data access permissions", "Instruction execution permissions", "MAIR_ELx",
 * "Stage 2 memory region type and Cacheability attributes", "PRRR", "NMRR".
 */
#include <stdio.h>

#include "domain.h"
#include "regs.h"

/* ---- memory types ---- */

/* A MAIR attribute byte: outer policy, then inner. */
static void memory_of_mair(uint8_t attr, char *name, size_t room)
{
	static const struct {
		uint8_t attr;
		const char *name;
	} known[] = {
		{0x00, "device-nGnRnE"}, {0x04, "device-nGnRE"}, {0x08, "device-nGRE"},
		{0x0c, "device-GRE"},	 {0x44, "normal-nc"},	 {0xaa, "normal-wt"},
		{0xbb, "normal-wt"},	 {0xee, "normal-wb"},	 {0xff, "normal-wb"},
		{0xf0, "normal-tagged"},
	};

	for (unsigned i = 0; i < ARRAY_SIZE(known); i++) {
		if (known[i].attr == attr) {
			snprintf(name, room, "%s", known[i].name);
			return;
		}
	}
	snprintf(name, room, "mair:0x%02x", attr);
}

/* Stage 2's four bits as a MAIR attribute: no allocation hints, so all of them set. */
static uint8_t mair_of_memattr(unsigned memattr)
{
	static const uint8_t policy[] = {0, 0x4, 0xb, 0xf};

	if (memattr < 4)
		return (uint8_t)(memattr << 2);
	return (uint8_t)(policy[memattr >> 2] << 4 | policy[memattr & 3]);
}

/* ---- 64-bit descriptors ---- */

#define LPAE_NS		BIT(5)
#define LPAE_AP1	BIT(6)
#define LPAE_AP2	BIT(7)
#define LPAE_SH		BITS(9, 8)
#define LPAE_AF		BIT(10)
#define LPAE_NG		BIT(11)
#define LPAE_DBM	BIT(51)
#define LPAE_CONTIGUOUS BIT(52)
#define LPAE_PXN	BIT(53)
#define LPAE_UXN	BIT(54)
#define LPAE_SOFTWARE	BITS(58, 55)
#define TABLE_PXN	BIT(59)
#define TABLE_UXN	BIT(60)
#define TABLE_AP0	BIT(61) /* no access from EL0 */
#define TABLE_AP1	BIT(62) /* read only */
#define TABLE_NS	BIT(63)

static uint8_t access_bits(bool read, bool write, bool execute)
{
	return (uint8_t)((read ? IOPT_ACCESS_R : 0) | (write ? IOPT_ACCESS_W : 0) |
			 (execute ? IOPT_ACCESS_X : 0));
}

/* Writable from EL0 means not executable at EL1. */
static void stage1_el1_access(uint64_t desc, uint64_t table, struct iopt_attrs *a)
{
	const bool write = !(desc & LPAE_AP2) && !(table & TABLE_AP1);
	const bool el0 = desc & LPAE_AP1 && !(table & TABLE_AP0);
	const bool pxn = desc & LPAE_PXN || table & TABLE_PXN || (el0 && write);
	const bool uxn = desc & LPAE_UXN || table & TABLE_UXN;

	a->level_count = 2;
	a->access[0].el = 1;
	a->access[0].access = access_bits(true, write, !pxn);
	a->access[1].el = 0;
	a->access[1].access = access_bits(el0, el0 && write, !uxn);
}

static void stage1_single_access(uint64_t desc, uint64_t table, uint8_t el, struct iopt_attrs *a)
{
	const bool write = !(desc & LPAE_AP2) && !(table & TABLE_AP1);

	a->level_count = 1;
	a->access[0].el = el;
	a->access[0].access = access_bits(true, write, !(desc & LPAE_UXN) && !(table & TABLE_UXN));
}

/* XN[1:0], bits 54:53: 0 both may execute, 1 EL0 alone, 2 neither, 3 EL1 alone. */
static void stage2_access(uint64_t desc, struct iopt_attrs *a)
{
	const bool read = desc & LPAE_AP1, write = desc & LPAE_AP2;
	const bool xn1 = desc & LPAE_UXN, xn0 = desc & LPAE_PXN;

	a->level_count = 2;
	a->access[0].el = 1;
	a->access[0].access = access_bits(read, write, xn1 == xn0);
	a->access[1].el = 0;
	a->access[1].access = access_bits(read, write, !xn1);
}

static void lpae_memory(const struct pgtable *t, uint64_t desc, struct iopt_attrs *a)
{
	const struct iopt_register *mair = space_register(t, "mair");

	if (t->regime == IOPT_REGIME_STAGE2) {
		a->index = (uint8_t)field_get(desc, BITS(5, 2));
		memory_of_mair(mair_of_memattr(a->index), a->memory, sizeof(a->memory));
		return;
	}
	a->index = (uint8_t)field_get(desc, BITS(4, 2));
	if (mair)
		memory_of_mair((uint8_t)(mair->value >> (8 * a->index)), a->memory,
			       sizeof(a->memory));
	else
		snprintf(a->memory, sizeof(a->memory), "index:%u", a->index);
}

static void lpae_attrs(const struct pgtable *t, uint64_t desc, uint64_t table, struct iopt_attrs *a)
{
	switch (t->regime) {
	case IOPT_REGIME_EL1:
		stage1_el1_access(desc, table, a);
		break;
	case IOPT_REGIME_STAGE2:
		stage2_access(desc, a);
		break;
	default:
		stage1_single_access(desc, table, t->regime == IOPT_REGIME_EL2 ? 2 : 3, a);
		break;
	}
	lpae_memory(t, desc, a);
	a->share = (enum iopt_share)field_get(desc, LPAE_SH);
	a->af = desc & LPAE_AF;
	a->dbm = desc & LPAE_DBM;
	a->contiguous = desc & LPAE_CONTIGUOUS;
	a->software = (uint8_t)field_get(desc, LPAE_SOFTWARE);
	if (t->regime != IOPT_REGIME_STAGE2) {
		a->ns = desc & LPAE_NS || table & TABLE_NS;
		a->ng = desc & LPAE_NG;
	}
}

/* ---- short descriptors ---- */

#define SMALL_XN    BIT(0)
#define SMALL_AP0   BIT(4)
#define SMALL_AP1   BIT(5)
#define SMALL_TEX0  BIT(6)
#define SMALL_AP2   BIT(9)
#define SMALL_S	    BIT(10)
#define SMALL_NG    BIT(11)
#define SECTION_NS  BIT(19)
#define SECTION_PXN BIT(0)
#define V7S_CB	    BITS(3, 2)
#define PTABLE_PXN  BIT(2)
#define PTABLE_NS   BIT(3)

/* Any leaf's attribute bits, moved to where a small page has them. */
static uint64_t as_small_page(const struct iopt_extent *e)
{
	const uint64_t desc = e->desc;

	switch (e->type) {
	case IOPT_TYPE_SECTION:
	case IOPT_TYPE_SUPERSECTION:
		return (desc >> 6 & BITS(11, 4)) | (desc & V7S_CB) | (desc >> 4 & SMALL_XN);
	case IOPT_TYPE_LARGE:
		return (desc & (BITS(11, 9) | BITS(5, 2))) | (desc >> 6 & BITS(8, 6)) |
		       (desc >> 15 & SMALL_XN);
	default:
		return desc & (BITS(11, 2) | SMALL_XN);
	}
}

/* TEX[0], C and B through PRRR and NMRR, as with SCTLR.TRE. */
static void v7s_memory(const struct pgtable *t, uint64_t small, struct iopt_attrs *a)
{
	static const uint8_t policy[] = {0x4, 0xf, 0xa, 0xe}; /* NC, WBWA, WT, WB */
	const struct iopt_register *prrr = space_register(t, "prrr");
	const struct iopt_register *nmrr = space_register(t, "nmrr");
	unsigned type, inner, outer;
	uint8_t attr;

	a->index = (uint8_t)(field_get(small, V7S_CB) | (small & SMALL_TEX0 ? 4 : 0));
	if (!prrr || !nmrr) {
		snprintf(a->memory, sizeof(a->memory), "index:%u", a->index);
		return;
	}
	type = prrr->value >> (2 * a->index) & 3;
	inner = nmrr->value >> (2 * a->index) & 3;
	outer = nmrr->value >> (16 + 2 * a->index) & 3;
	attr = type == 0 ? 0x00 : type == 1 ? 0x04 : (uint8_t)(policy[outer] << 4 | policy[inner]);
	memory_of_mair(attr, a->memory, sizeof(a->memory));
	if (type == 2) {
		bool shared = prrr->value & (small & SMALL_S ? BIT(19) : BIT(18));
		bool not_outer = prrr->value & BIT(24 + a->index);

		a->share = !shared     ? IOPT_SHARE_NONE
			   : not_outer ? IOPT_SHARE_INNER
				       : IOPT_SHARE_OUTER;
	} else {
		a->share = IOPT_SHARE_OUTER;
	}
}

/* AP[2:1] as with SCTLR.AFE; without permissions (MediaTek) everything may. */
static void v7s_attrs_of(const struct pgtable *t, const struct iopt_extent *e, struct iopt_attrs *a)
{
	const bool no_perms = t->quirks & IOPT_QUIRK_NO_PERMS;
	const bool section = e->level == 1;
	const uint64_t small =
		no_perms ? as_small_page(e) & ~(SMALL_XN | SMALL_AP2) : as_small_page(e);
	const bool write = !(small & SMALL_AP2), execute = !(small & SMALL_XN);
	const bool pl0 = no_perms || small & SMALL_AP1;
	const bool pxn = section ? e->desc & SECTION_PXN : e->inherited & PTABLE_PXN;

	a->level_count = 2;
	a->access[0].el = 1;
	a->access[0].access = access_bits(true, write, execute && !pxn);
	a->access[1].el = 0;
	a->access[1].access = access_bits(pl0, pl0 && write, pl0 && execute);
	v7s_memory(t, small, a);
	a->ns = section ? e->desc & SECTION_NS : e->inherited & PTABLE_NS;
	a->ng = small & SMALL_NG;
	a->af = no_perms || small & SMALL_AP0;
}

int iopt_domain_attrs(const struct iopt_domain *d, unsigned space, const struct iopt_extent *e,
		      struct iopt_attrs *attrs)
{
	const struct pgtable *t = &d->spaces[space];

	if (attrs->struct_size < sizeof(*attrs))
		return -IOPT_EINVAL;
	if (space >= d->space_count)
		return -IOPT_ENOENT;
	*attrs = (struct iopt_attrs){.struct_size = sizeof(*attrs)};
	if (t->format == IOPT_ARM_V7S)
		v7s_attrs_of(t, e, attrs);
	else
		lpae_attrs(t, e->desc, e->inherited, attrs);
	return 0;
}
