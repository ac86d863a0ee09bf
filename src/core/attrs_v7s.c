/* SPDX-License-Identifier: MIT */
/*
 * Short descriptors.  Arm ARM: "VMSAv8-32 Short-descriptor format descriptors", "AP[2:0] access
 * permissions model", "Domains, Short-descriptor format only", "Short-descriptor format memory
 * region attributes, without TEX remap" and "with TEX remap".
 */
#include "attrs.h"
#include "pgtable_rows.h"

#define SMALL_XN	BIT(0)
#define SMALL_CB	BITS(3, 2)
#define SMALL_AP0	BIT(4)
#define SMALL_AP1	BIT(5)
#define SMALL_TEX	BITS(8, 6)
#define SMALL_AP2	BIT(9)
#define SMALL_S		BIT(10)
#define SMALL_NG	BIT(11)
#define L1_PXN		BIT(0)
#define L1_DOMAIN	BITS(8, 5)
#define L1_SUPERSECTION BIT(18)
#define L1_NS		BIT(19)
#define L2_SMALL	BIT(1)
#define TABLE_PXN	BIT(2)
#define TABLE_NS	BIT(3)
#define PRRR_NS0	BIT(18)
#define PRRR_NS1	BIT(19)

enum { DOMAIN_CLIENT = 1, DOMAIN_MANAGER = 3 };

/* Any leaf's attribute bits, moved to where a small page has them. */
static uint64_t as_small_page(uint64_t desc, int level)
{
	if (level == 1)
		return (desc >> 6 & BITS(11, 4)) | (desc & SMALL_CB) | (desc >> 4 & SMALL_XN);
	if (desc & L2_SMALL)
		return desc & (BITS(11, 2) | SMALL_XN);
	return (desc & (BITS(11, 9) | BITS(5, 2))) | (desc >> 6 & SMALL_TEX) |
	       (desc >> 15 & SMALL_XN);
}

/* ---- permissions ---- */

/* Read and write at PL1 and PL0, by AP[2:0]; with an access flag AP[0] is as if set. */
static void ap_access(uint64_t small, bool afe, uint8_t *pl1, uint8_t *pl0)
{
	enum { NONE = 0, RO = IOPT_ACCESS_R, RW = IOPT_ACCESS_R | IOPT_ACCESS_W };
	static const uint8_t model[8][2] = {
		{NONE, NONE}, {RW, NONE}, {RW, RO}, {RW, RW},
		{NONE, NONE}, {RO, NONE}, {RO, RO}, {RO, RO},
	};
	unsigned ap = (small & SMALL_AP2 ? 4 : 0) | (small & SMALL_AP1 ? 2 : 0) |
		      (afe || small & SMALL_AP0 ? 1 : 0);

	*pl1 = model[ap][0];
	*pl0 = model[ap][1];
}

static void client_access(const struct pgtable *t, uint64_t small, bool pxn, struct iopt_attrs *a)
{
	const struct pgtable_controls *c = &t->controls;
	const bool xn = small & SMALL_XN;
	uint8_t pl1, pl0;

	ap_access(small, c->afe, &pl1, &pl0);
	if (!xn && !pxn && pl1 & IOPT_ACCESS_R && !(c->wxn && pl1 & IOPT_ACCESS_W) &&
	    !(c->uwxn && pl0 & IOPT_ACCESS_W))
		pl1 |= IOPT_ACCESS_X;
	if (!xn && pl0 & IOPT_ACCESS_R && !(c->wxn && pl0 & IOPT_ACCESS_W))
		pl0 |= IOPT_ACCESS_X;
	a->access[0].access = pl1;
	a->access[1].access = pl0;
}

/* What DACR says of the domain; without one (an SMMU) everything is a client. */
unsigned v7s_domain(const struct pgtable *t, uint64_t desc, int level, uint64_t table)
{
	unsigned domain = (unsigned)field_get(level == 1 ? desc : table, L1_DOMAIN);

	if (level == 1 && desc & L1_SUPERSECTION)
		domain = 0;
	return t->controls.has_dacr ? t->controls.dacr >> (2 * domain) & 3 : DOMAIN_CLIENT;
}

static void v7s_access(const struct pgtable *t, uint64_t desc, int level, uint64_t table,
		       struct iopt_attrs *a)
{
	const unsigned domain = v7s_domain(t, desc, level, table);
	const uint8_t all = access_bits(true, true, true);

	a->level_count = 2;
	a->access[0].el = 1;
	if (t->quirks & IOPT_QUIRK_NO_PERMS || domain == DOMAIN_MANAGER)
		a->access[0].access = a->access[1].access = all;
	else if (domain == DOMAIN_CLIENT)
		client_access(t, as_small_page(desc, level),
			      level == 1 ? desc & L1_PXN : table & TABLE_PXN, a);
}

/* ---- memory ---- */

/* Cache policies of two bits, as MAIR has them: none, write-back allocating, through, back. */
static const uint8_t policies[] = {0x4, 0xf, 0xa, 0xe};

/* TEX[0], C and B are an index into PRRR and NMRR. */
static void remapped_memory(const struct pgtable_controls *c, uint64_t small, struct iopt_attrs *a)
{
	const bool shared = c->prrr & (small & SMALL_S ? PRRR_NS1 : PRRR_NS0);
	const bool inner_only = c->prrr & BIT(24 + a->index);
	const enum iopt_share share = !shared	   ? IOPT_SHARE_NONE
				      : inner_only ? IOPT_SHARE_INNER
						   : IOPT_SHARE_OUTER;
	const unsigned inner = c->nmrr >> (2 * a->index) & 3;
	const unsigned outer = c->nmrr >> (16 + 2 * a->index) & 3;

	/* what TEX[0]:C:B = 110 means is the implementation's */
	switch (a->index == 6 ? 3 : c->prrr >> (2 * a->index) & 3) {
	case 0:
		attrs_set_memory(a, MAIR_DEVICE_NGNRNE, share);
		break;
	case 1:
		attrs_set_memory(a, MAIR_DEVICE_NGNRE, share);
		break;
	case 2:
		attrs_set_memory(a, (uint8_t)(policies[outer] << 4 | policies[inner]), share);
		break;
	default:
		attrs_set_reserved(a, share);
		break;
	}
}

/* TEX, C and B as they stand. */
static void direct_memory(uint64_t small, struct iopt_attrs *a)
{
	enum { RESERVED = 0x01 }; /* no memory type has this byte */
	static const uint8_t types[] = {
		MAIR_DEVICE_NGNRNE, MAIR_DEVICE_NGNRE, 0xaa,	 0xee,
		MAIR_NORMAL_NC,	    RESERVED,	       RESERVED, 0xff,
		MAIR_DEVICE_NGNRE,  RESERVED,	       RESERVED, RESERVED,
		RESERVED,	    RESERVED,	       RESERVED, RESERVED,
	};
	const enum iopt_share share = small & SMALL_S ? IOPT_SHARE_OUTER : IOPT_SHARE_NONE;
	uint8_t mair;

	if (a->index & 0x10)
		mair = (uint8_t)(policies[a->index >> 2 & 3] << 4 | policies[a->index & 3]);
	else
		mair = types[a->index];
	if (mair == RESERVED)
		attrs_set_reserved(a, share);
	else
		attrs_set_memory(a, mair, share);
}

static void v7s_memory(const struct pgtable *t, uint64_t small, struct iopt_attrs *a)
{
	const struct pgtable_controls *c = &t->controls;

	a->index = (uint8_t)(field_get(small, SMALL_TEX) << 2 | field_get(small, SMALL_CB));
	if (!c->tre) {
		direct_memory(small, a);
		return;
	}
	a->index &= 7;
	if (c->has_prrr)
		remapped_memory(c, small, a);
	else
		attrs_set_unknown(a, small & SMALL_S ? IOPT_SHARE_OUTER : IOPT_SHARE_NONE);
}

void attrs_v7s(const struct pgtable *t, uint64_t desc, int level, uint64_t inherited,
	       struct iopt_attrs *a)
{
	const uint64_t small = as_small_page(desc, level);
	const bool ns = level == 1 ? desc & L1_NS : inherited & TABLE_NS;

	v7s_access(t, desc, level, inherited, a);
	v7s_memory(t, small, a);
	a->ns = !t->controls.non_secure && ns;
	a->ng = small & SMALL_NG;
	a->af = t->quirks & IOPT_QUIRK_NO_PERMS || small & SMALL_AP0;
}

/* ---- the way back ---- */

/*
 * AP[2:1] with an access flag.  PXN and NS are a section's own, but the table's of a page.  Without
 * remap TEX has three bits.
 */
void attrs_v7s_choice(const struct pgtable *t, struct attrs_choice *c)
{
	*c = (struct attrs_choice){
		.access = SMALL_AP1 | SMALL_AP2 | SMALL_XN | (t->controls.afe ? 0 : SMALL_AP0),
		.table_access = TABLE_PXN,
		.above_access = V7S_ATTRS_PXN,
		.memory = SMALL_CB | (t->controls.tre ? BIT(6) : SMALL_TEX),
		.share = {0, 0, SMALL_S, SMALL_S},
		.fixed = t->controls.afe ? SMALL_AP0 : 0,
		.ns = {V7S_ATTRS_NS, TABLE_NS},
		.global = {SMALL_NG, 0},
	};
}
