/* SPDX-License-Identifier: MIT */
/*
 * 64-bit descriptors.  Arm ARM: "Data access permissions", "Instruction execution permissions",
 * "Hierarchical control of data and instruction access permissions", "Stage 2 memory region type
 * and Cacheability attributes", and of VMSAv8-32 "Access permissions".
 */
#include "attrs.h"
#include "space.h"

#define DESC_S2_MEMATTR BITS(5, 2)
#define DESC_ATTR_INDEX BITS(4, 2)
#define DESC_NS		BIT(5)
#define DESC_AP1	BIT(6) /* S2AP[0]: read */
#define DESC_AP2	BIT(7) /* S2AP[1]: write */
#define DESC_SH		BITS(9, 8)
#define DESC_AF		BIT(10)
#define DESC_NG		BIT(11)
#define DESC_NSE	BIT(11) /* of EL3, with FEAT_RME */
#define DESC_GP		BIT(50)
#define DESC_DBM	BIT(51)
#define DESC_CONTIGUOUS BIT(52)
#define DESC_PXN	BIT(53) /* stage 2: XN[0] */
#define DESC_UXN	BIT(54) /* XN where there is one privilege level; stage 2: XN[1] */
#define DESC_SOFTWARE	BITS(58, 55)
#define TABLE_PXN	BIT(59)
#define TABLE_UXN	BIT(60)
#define TABLE_AP0	BIT(61) /* no access from EL0 */
#define TABLE_AP1	BIT(62) /* read only */
#define TABLE_NS	BIT(63)

/* AP[2], the tables above it, and hardware's management of the dirty state. */
static bool stage1_writable(const struct pgtable_controls *c, uint64_t desc, uint64_t table)
{
	const bool dirty = c->hd && desc & DESC_DBM;

	return (!(desc & DESC_AP2) || dirty) && !(table & TABLE_AP1);
}

/* EL1&0 and EL2&0: what EL0 may write, the other level does not execute. */
static void access_two_a64(const struct pgtable_controls *c, uint64_t desc, uint64_t table,
			   struct iopt_attrs *a)
{
	const bool write = stage1_writable(c, desc, table);
	const bool el0 = desc & DESC_AP1 && !(table & TABLE_AP0);
	const bool pxn = desc & DESC_PXN || table & TABLE_PXN || (el0 && write);
	const bool uxn = desc & DESC_UXN || table & TABLE_UXN;

	a->access[0].access = access_bits(true, write, !pxn && !(c->wxn && write));
	a->access[1].access = access_bits(el0, el0 && write, !uxn && !(c->wxn && el0 && write));
}

/* PL1&0: XN is for both, and who executes must be able to read. */
static void access_two_a32(const struct pgtable_controls *c, uint64_t desc, uint64_t table,
			   struct iopt_attrs *a)
{
	const bool write = stage1_writable(c, desc, table);
	const bool pl0 = desc & DESC_AP1 && !(table & TABLE_AP0);
	const bool xn = desc & DESC_UXN || table & TABLE_UXN;
	const bool pxn = desc & DESC_PXN || table & TABLE_PXN || (c->uwxn && pl0 && write);

	a->access[0].access = access_bits(true, write, !xn && !pxn && !(c->wxn && write));
	a->access[1].access = access_bits(pl0, pl0 && write, !xn && pl0 && !(c->wxn && write));
}

static void access_one(const struct pgtable_controls *c, uint64_t desc, uint64_t table,
		       struct iopt_attrs *a)
{
	const bool write = stage1_writable(c, desc, table);
	const bool xn = desc & DESC_UXN || table & TABLE_UXN;

	a->access[0].access = access_bits(true, write, !xn && !(c->wxn && write));
}

/* XN[1:0]: 0 both levels may execute, 1 EL0 alone, 2 neither, 3 EL1 alone. */
static void access_stage2(const struct pgtable *t, uint64_t desc, struct iopt_attrs *a)
{
	const struct pgtable_controls *c = &t->controls;
	const bool a32 = format_rule(t->format)->aarch32;
	const bool read = desc & DESC_AP1;
	const bool write = desc & DESC_AP2 || (c->hd && desc & DESC_DBM);
	const bool xn1 = desc & DESC_UXN, xn0 = c->xnx && desc & DESC_PXN;

	a->access[0].access =
		access_bits(read, write, (c->xnx ? xn1 == xn0 : !xn1) && (read || !a32));
	a->access[1].access = access_bits(read, write, !xn1 && !(xn0 && xn1) && (read || !a32));
}

static bool has_el0(const struct pgtable *t)
{
	return t->regime == IOPT_REGIME_EL1 || t->controls.e2h;
}

/* HPD takes permissions away, not NSTable; who has one privilege level, has no bits for two. */
uint64_t lpae_limits(const struct pgtable *t, uint64_t desc)
{
	uint64_t limits = t->controls.non_secure ? 0 : TABLE_NS;

	if (t->regime == IOPT_REGIME_STAGE2)
		return 0;
	if (!t->controls.hpd)
		limits |= has_el0(t) ? TABLE_AP1 | TABLE_AP0 | TABLE_UXN | TABLE_PXN
				     : TABLE_AP1 | TABLE_UXN;
	return desc & limits;
}

static void lpae_access(const struct pgtable *t, uint64_t desc, uint64_t table,
			struct iopt_attrs *a)
{
	const struct pgtable_controls *c = &t->controls;
	const bool two = has_el0(t) || t->regime == IOPT_REGIME_STAGE2;
	static const uint8_t own_el[] = {
		[IOPT_REGIME_EL1] = 1,
		[IOPT_REGIME_EL2] = 2,
		[IOPT_REGIME_EL3] = 3,
		[IOPT_REGIME_STAGE2] = 1,
	};

	a->level_count = two ? 2 : 1;
	a->access[0].el = own_el[t->regime];
	if (t->regime == IOPT_REGIME_STAGE2)
		access_stage2(t, desc, a);
	else if (!two)
		access_one(c, desc, table, a);
	else if (format_rule(t->format)->aarch32)
		access_two_a32(c, desc, table, a);
	else
		access_two_a64(c, desc, table, a);
}

/* With HCR_EL2.FWB three bits override what stage 1 says. */
static void fwb_memory(unsigned memattr, enum iopt_share share, struct iopt_attrs *a)
{
	if (memattr < 4)
		attrs_set_memory(a, (uint8_t)(memattr << 2), share);
	else if (memattr == 4)
		attrs_set_reserved(a, share);
	else if (memattr == 7)
		attrs_set_stage1(a, share);
	else
		attrs_set_memory(a, memattr == 5 ? MAIR_NORMAL_NC : MAIR_NORMAL_WB, share);
}

/* Stage 2's four bits: outer policy, inner policy. */
static void stage2_memory(const struct pgtable_controls *c, enum iopt_share share,
			  struct iopt_attrs *a)
{
	static const uint8_t policy[] = {0x0, 0x4, 0xb, 0xf};
	const unsigned outer = a->index >> 2, inner = a->index & 3;

	if (c->fwb) {
		fwb_memory(a->index & 7, share, a);
	} else if (!outer) {
		attrs_set_memory(a, (uint8_t)(inner << 2), share);
	} else if (!inner) {
		attrs_set_reserved(a, share);
	} else {
		attrs_set_memory(a, (uint8_t)(policy[outer] << 4 | policy[inner]), share);
	}
}

static void lpae_memory(const struct pgtable *t, uint64_t desc, struct iopt_attrs *a)
{
	const struct pgtable_controls *c = &t->controls;
	const enum iopt_share share = t->oa_layout == IOPT_OA_LPA2
					      ? (enum iopt_share)c->sh
					      : (enum iopt_share)field_get(desc, DESC_SH);

	if (t->regime == IOPT_REGIME_STAGE2) {
		a->index = (uint8_t)field_get(desc, DESC_S2_MEMATTR);
		stage2_memory(c, share, a);
		return;
	}
	a->index = (uint8_t)field_get(desc, DESC_ATTR_INDEX);
	if (c->has_mair)
		attrs_set_memory(a, (uint8_t)(c->mair >> (8 * a->index)), share);
	else
		attrs_set_unknown(a, share);
}

void attrs_lpae(const struct pgtable *t, uint64_t desc, uint64_t inherited, struct iopt_attrs *a)
{
	const struct pgtable_controls *c = &t->controls;
	const bool a64 = !format_rule(t->format)->aarch32;

	inherited = lpae_limits(t, inherited);
	lpae_access(t, desc, inherited, a);
	lpae_memory(t, desc, a);
	a->af = desc & DESC_AF;
	a->dbm = a64 && desc & DESC_DBM;
	a->contiguous = desc & DESC_CONTIGUOUS;
	a->software = (uint8_t)field_get(desc, DESC_SOFTWARE);
	if (t->regime == IOPT_REGIME_STAGE2)
		return;
	a->ns = (!c->non_secure && desc & DESC_NS) || inherited & TABLE_NS;
	/* what a non-secure table describes is not global */
	a->ng = a->level_count == 2 && (desc & DESC_NG || inherited & TABLE_NS);
	a->nse = t->regime == IOPT_REGIME_EL3 && desc & DESC_NSE;
	a->gp = a64 && desc & DESC_GP;
}

/* ---- the way back ---- */

/*
 * Who may do what.  With one privilege level AP[1] is RES1 and PXN RES0; a stage 2 without FEAT_XNX
 * has one XN.
 */
static uint64_t access_choice(const struct pgtable *t)
{
	const bool two = has_el0(t), stage2 = t->regime == IOPT_REGIME_STAGE2;

	return DESC_AP1 | DESC_AP2 | DESC_UXN |
	       (stage2 ? t->controls.xnx : two) * (uint64_t)DESC_PXN;
}

void attrs_lpae_choice(const struct pgtable *t, struct attrs_choice *c)
{
	const bool stage2 = t->regime == IOPT_REGIME_STAGE2;

	*c = (struct attrs_choice){
		.access = access_choice(t),
		.memory = stage2 ? DESC_S2_MEMATTR : DESC_ATTR_INDEX,
		.fixed = DESC_AF,
	};
	for (unsigned share = 0; share < ARRAY_SIZE(c->share); share++)
		c->share[share] =
			t->oa_layout == IOPT_OA_LPA2 ? 0 : field_put(DESC_SH, share);
	if (!stage2)
		c->ns.leaf = DESC_NS;
	if (t->regime == IOPT_REGIME_EL3)
		c->nse.leaf = DESC_NSE;
	if (has_el0(t))
		c->global.leaf = DESC_NG;
}
