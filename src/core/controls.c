/* SPDX-License-Identifier: MIT */
/*
 * Arm ARM: "TCR_EL1", "TCR_EL2", "VTCR_EL2", "SCTLR_EL1", "SCTLR", "HCR_EL2", "SCR_EL3", of which
 * only what changes the meaning of descriptors is looked at here.
 */
#include "regs.h"
#include "space.h"

#define SCTLR_WXN      BIT(19)
#define SCTLR_A32_UWXN BIT(20)
#define SCTLR_A32_TRE  BIT(28)
#define SCTLR_A32_AFE  BIT(29)
#define HCR_E2H	       BIT(34)
#define HCR_FWB	       BIT(46)
#define SCR_NS	       BIT(0)
#define MMFR1_XNX      BITS(31, 28)

/* Where a control register keeps them, for each half. */
struct control_bits {
	uint64_t ha, hd, hpd, tbi, tbid, sh;
};

static const struct control_bits tcr_el1_bits[2] = {
	{BIT(39), BIT(40), BIT(41), BIT(37), BIT(51), BITS(13, 12)},
	{BIT(39), BIT(40), BIT(42), BIT(38), BIT(52), BITS(29, 28)},
};
static const struct control_bits tcr_el2_bits = {BIT(21), BIT(22), BIT(24),
						 BIT(20), BIT(29), BITS(13, 12)};
static const struct control_bits vtcr_el2_bits = {BIT(21), BIT(22), 0, 0, 0, BITS(13, 12)};

static uint64_t register_value(const struct pgtable *t, const char *name, bool *have)
{
	const struct iopt_register *r = space_register(t, name);

	*have = r != NULL;
	return r ? r->value : 0;
}

static void controls_a64(const struct pgtable *t, struct pgtable_controls *c)
{
	const bool stage2 = t->regime == IOPT_REGIME_STAGE2;
	const bool upper = t->upper || t->quirks & IOPT_QUIRK_ARM_TTBR1;
	const struct control_bits *bits = &tcr_el2_bits;
	bool have;
	uint64_t tcr = register_value(t, stage2 ? "vtcr" : "tcr", &have);

	if (stage2)
		bits = &vtcr_el2_bits;
	else if (t->regime == IOPT_REGIME_EL1 || c->e2h)
		bits = &tcr_el1_bits[upper];
	c->ha = tcr & bits->ha;
	c->hd = c->ha && tcr & bits->hd;
	c->hpd = tcr & bits->hpd;
	c->tbi = tcr & bits->tbi;
	c->tbid = tcr & bits->tbid;
	c->sh = (uint8_t)field_get(tcr, bits->sh);
}

/* FEAT_XNX: as ID_AA64MMFR1_EL1 says; unknown, AArch64 has it and AArch32 has not. */
static bool controls_xnx(const struct pgtable *t)
{
	bool have;
	uint64_t mmfr1 = register_value(t, "mmfr1", &have);

	return have ? field_get(mmfr1, MMFR1_XNX) != 0 : !format_rule(t->format)->aarch32;
}

struct pgtable_controls space_controls(const struct pgtable *t)
{
	struct pgtable_controls c = {0};
	bool have, has_nmrr;
	uint64_t sctlr = register_value(t, "sctlr", &have), hcr;

	c.wxn = sctlr & SCTLR_WXN;
	if (format_rule(t->format)->aarch32) {
		c.uwxn = sctlr & SCTLR_A32_UWXN;
		c.afe = !have || sctlr & SCTLR_A32_AFE;
		c.tre = !have || sctlr & SCTLR_A32_TRE;
	}
	hcr = register_value(t, "hcr", &have);
	c.fwb = hcr & HCR_FWB;
	c.e2h = t->regime == IOPT_REGIME_EL2 && hcr & HCR_E2H;
	c.xnx = controls_xnx(t);
	c.non_secure = register_value(t, "scr", &have) & SCR_NS;
	c.mair = register_value(t, "mair", &c.has_mair);
	c.prrr = (uint32_t)register_value(t, "prrr", &c.has_prrr);
	c.nmrr = (uint32_t)register_value(t, "nmrr", &has_nmrr);
	c.has_prrr = c.has_prrr && has_nmrr;
	c.dacr = (uint32_t)register_value(t, "dacr", &c.has_dacr);
	if (!format_rule(t->format)->aarch32)
		controls_a64(t, &c);
	return c;
}
