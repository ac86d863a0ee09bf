/* SPDX-License-Identifier: MIT */
/*
 * A stream through an SMMUv1, v2 or MMU-500: stream matching, S2CR, context bank.  Arm SMMU
 * architecture version 2: "Stream mapping", "SMMU_sGFSR", "SMMU_CBn_FSR", "SMMU_CBn_FSYNR0".
 */
#include <stdio.h>

#include "error.h"
#include "route.h"

#define SCR0_CLIENTPD  BIT(0)
#define SCR0_EXIDEN    BIT(3)
#define SCR0_USFCFG    BIT(10)
#define SMR_VALID      BIT(31)
#define SMR_MASK       BITS(30, 16)
#define SMR_EXIDS_MASK BITS(31, 16)
#define SMR_ID	       BITS(15, 0)
#define S2CR_EXIDVALID BIT(10)
#define S2CR_TYPE      BITS(17, 16)
#define S2CR_CBNDX     BITS(7, 0)
#define S2CR_PRIVCFG   BITS(25, 24)
#define S2CR_INSTCFG   BITS(27, 26)
#define CBAR_TYPE      BITS(17, 16)
#define CBAR_VMID      BITS(7, 0)
#define CBAR_CBNDX     BITS(15, 8)
#define CBA2R_VA64     BIT(0)
#define SCTLR_M	       BIT(0)
#define SCTLR_TRE      BIT(1)
#define SCTLR_AFE      BIT(2)
#define SCTLR_E	       BIT(4)
#define TCR_EAE	       BIT(31)
#define TCR2_PASIZE    BITS(2, 0)
#define TCR2_TBI       BITS(6, 5)
#define TTBR_ASID      BITS(63, 48)

enum { S2CR_TRANSLATE, S2CR_BYPASS, S2CR_FAULT };
enum { CBAR_STAGE2, CBAR_STAGE1, CBAR_STAGE1_FAULT, CBAR_NESTED };
enum { V2_GROUPS_MAX = 128 };

/* sGFSR */
enum { GFSR_ICF = 0, GFSR_USF = 1, GFSR_SMCF = 2, GFSR_UCBF = 3 };

#define FSR_FORMAT  BITS(10, 9)
#define FSYNR0_PLVL BITS(1, 0)
#define FSYNR0_PTWF BIT(3)
#define FSYNR0_WNR  BIT(4)
#define FSYNR0_PNU  BIT(5)
#define FSYNR0_IND  BIT(6)

/* ---- registers ---- */

static uint64_t numbered(const struct iopt_route *s, const char *name, int n)
{
	uint64_t value = 0;
	char full[32];

	snprintf(full, sizeof(full), "%s%d", name, n);
	route_register(&s->at, full, &value);
	return value;
}

static uint64_t of_bank(const struct iopt_route *s, const char *name, int bank)
{
	uint64_t value = 0;
	char full[32];

	snprintf(full, sizeof(full), "cb%d.%s", bank, name);
	route_register(&s->at, full, &value);
	return value;
}

/* ---- faults ---- */

static const struct {
	const char *name;
	unsigned bit;
} context_faults[] = {
	[IOPT_FAULT_TRANSLATION] = {"TF", 1}, [IOPT_FAULT_ADDRESS_SIZE] = {"ASF", 7},
	[IOPT_FAULT_ACCESS] = {"AFF", 2},     [IOPT_FAULT_PERMISSION] = {"PF", 3},
	[IOPT_FAULT_DOMAIN] = {"PF", 3},      [IOPT_FAULT_EXTERNAL] = {"EF", 4},
};

/* FSR.FORMAT of the bank's tables. */
static unsigned format_of(const struct iopt_route *s)
{
	if (of_bank(s, "cba2r", s->info.bank) & CBA2R_VA64)
		return 2;
	return of_bank(s, "tcr", s->info.bank) & TCR_EAE ? 1 : 0;
}

/* FSR, FSYNR0, FAR and IPAFAR of the context bank. */
static void v2_fault(const struct iopt_route *s, const struct route_access *a,
		     const struct iopt_walk *walk, struct iopt_event *e)
{
	const unsigned bit = context_faults[walk->fault.type].bit;
	const struct iopt_step *last = NULL;

	for (unsigned i = 0; i < walk->step_count && walk->steps[i].stage == 1; i++)
		last = &walk->steps[i];
	e->name = context_faults[walk->fault.type].name;
	e->id = bit;
	e->recorded = true;
	e->stage = walk->fault.stage;
	e->words[0] = BIT(bit) | field_put(FSR_FORMAT, format_of(s));
	e->words[1] = field_put(FSYNR0_PLVL, (unsigned)walk->fault.level & 3);
	if (a->access == IOPT_ACCESS_W)
		e->words[1] |= FSYNR0_WNR;
	if (a->privileged)
		e->words[1] |= FSYNR0_PNU;
	if (a->instruction)
		e->words[1] |= FSYNR0_IND;
	e->words[2] = a->iova;
	if (walk->fault.stage != 2)
		return;
	if (last && last->absent)
		e->words[1] |= FSYNR0_PTWF;
	e->has_ipa = true;
	e->ipa = e->words[3] = !last ? a->iova : last->absent ? last->desc_pa : walk->ipa;
}

/* sGFSR, sGFSYNR0 (which each transaction has its own of) and sGFSYNR1. */
static int global_fault(struct iopt_route *s, unsigned bit, const char *name, const char *why)
{
	route_bad(s, bit, name, "%s", why);
	s->info.event.words[0] = BIT(bit);
	s->info.event.words[3] = s->info.sid;
	return 0;
}

static void v2_override(const struct iopt_route *s, struct route_access *a)
{
	const uint64_t s2cr = s->info.match < 0 ? 0 : numbered(s, "s2cr", s->info.match);

	if (field_get(s2cr, S2CR_PRIVCFG) >= 2)
		a->privileged = field_get(s2cr, S2CR_PRIVCFG) == 3;
	if (field_get(s2cr, S2CR_INSTCFG) >= 2)
		a->instruction = field_get(s2cr, S2CR_INSTCFG) == 3;
	a->instruction &= a->access != IOPT_ACCESS_W;
}

/* ---- context banks ---- */

static uint64_t cpu_sctlr(uint64_t sctlr)
{
	return field_put(BIT(28), field_get(sctlr, SCTLR_TRE)) |
	       field_put(BIT(29), field_get(sctlr, SCTLR_AFE)) |
	       field_put(BIT(25), field_get(sctlr, SCTLR_E));
}

static enum iopt_arch arch_of(const struct iopt_route *s, int bank)
{
	if (of_bank(s, "cba2r", bank) & CBA2R_VA64)
		return IOPT_ARCH_AARCH64;
	return of_bank(s, "tcr", bank) & TCR_EAE ? IOPT_ARCH_AARCH32_LPAE : IOPT_ARCH_AARCH32_V7S;
}

static int open_stage1(struct iopt_route *s, int bank, struct iopt_error *error)
{
	const enum iopt_arch arch = arch_of(s, bank);
	const uint64_t tcr2 = of_bank(s, "tcr2", bank);
	uint64_t tcr = of_bank(s, "tcr", bank);
	const bool v7s = arch == IOPT_ARCH_AARCH32_V7S;

	if (arch == IOPT_ARCH_AARCH64)
		tcr |= field_put(BITS(34, 32), field_get(tcr2, TCR2_PASIZE)) |
		       field_put(BITS(38, 37), field_get(tcr2, TCR2_TBI));
	const struct route_setting list[] = {
		{"arch", arch},
		{"tcr", tcr},
		{"ttbr0", of_bank(s, "ttbr0", bank)},
		{"ttbr1", of_bank(s, "ttbr1", bank)},
		{"sctlr", cpu_sctlr(of_bank(s, "sctlr", bank))},
		{v7s ? "prrr" : "mair0", of_bank(s, v7s ? "prrr" : "mair0", bank)},
		{v7s ? "nmrr" : "mair1", of_bank(s, v7s ? "nmrr" : "mair1", bank)},
	};

	s->info.asid = (unsigned)(v7s ? of_bank(s, "contextidr", bank) & BITS(7, 0)
				      : field_get(list[2].value, TTBR_ASID));
	return route_open_cpu(s, list, ARRAY_SIZE(list), 1, IOPT_REGIME_EL1, error);
}

static int open_stage2(struct iopt_route *s, int bank, struct iopt_error *error)
{
	const bool a64 = of_bank(s, "cba2r", bank) & CBA2R_VA64;
	const struct route_setting list[] = {
		{"arch", a64 ? IOPT_ARCH_AARCH64 : IOPT_ARCH_AARCH32_LPAE},
		{"vtcr", of_bank(s, "tcr", bank)},
		{"vttbr", of_bank(s, "ttbr0", bank) & BITS(47, 0)},
		{"sctlr_el2", cpu_sctlr(of_bank(s, "sctlr", bank))},
	};

	s->info.vmid = (unsigned)field_get(of_bank(s, "cbar", bank), CBAR_VMID);
	return s->borrowed
		       ? 0
		       : route_open_cpu(s, list, ARRAY_SIZE(list), 2, IOPT_REGIME_STAGE2, error);
}

static int open_bank(struct iopt_route *s, int bank, struct iopt_error *error)
{
	const uint64_t cbar = of_bank(s, "cbar", bank);
	const unsigned type = (unsigned)field_get(cbar, CBAR_TYPE);
	int ret = 0;

	s->info.bank = bank;
	if (type == CBAR_STAGE1_FAULT)
		return global_fault(s, GFSR_ICF, "ICF", "CBAR.TYPE: stage 2 of the bank faults");
	s->info.config = type == CBAR_STAGE2   ? IOPT_ROUTE_S2
			 : type == CBAR_NESTED ? IOPT_ROUTE_NESTED
					       : IOPT_ROUTE_S1;
	s->info.wanted = s->info.config;
	if (!(of_bank(s, "sctlr", bank) & SCTLR_M)) {
		s->info.config = IOPT_ROUTE_BYPASS;
		return 0;
	}
	if (type == CBAR_STAGE2 || type == CBAR_NESTED)
		ret = open_stage2(s, type == CBAR_STAGE2 ? bank : (int)field_get(cbar, CBAR_CBNDX),
				  error);
	if (!ret && type != CBAR_STAGE2)
		ret = open_stage1(s, bank, error);
	return ret;
}

/* ---- stream matching ---- */

/* With 16-bit stream IDs the mask takes the place of SMR.VALID, which is in S2CR. */
static bool group_matches(const struct iopt_route *s, bool exids, int n)
{
	const uint64_t smr = numbered(s, "smr", n);
	const uint64_t valid = exids ? numbered(s, "s2cr", n) & S2CR_EXIDVALID : smr & SMR_VALID;
	const uint64_t mask = field_get(smr, exids ? SMR_EXIDS_MASK : SMR_MASK);

	return valid && !((s->info.sid ^ field_get(smr, SMR_ID)) & ~mask);
}

/* The group that the stream matches: -1: none; -2: more than one. */
static int match_of(const struct iopt_route *s, uint64_t scr0)
{
	uint64_t smr;
	int found = -1;

	/* An SMMU without SMRs has a group for each stream. */
	if (!route_register(&s->at, "smr0", &smr))
		return s->info.sid < V2_GROUPS_MAX ? (int)s->info.sid : -1;
	for (int i = 0; i < V2_GROUPS_MAX; i++) {
		if (!group_matches(s, scr0 & SCR0_EXIDEN, i))
			continue;
		if (found >= 0)
			return -2;
		found = i;
	}
	return found;
}

static int v2_look_up(struct iopt_route *s, struct iopt_error *error)
{
	struct iopt_error why = IOPT_INIT(struct iopt_error);
	uint64_t scr0, s2cr;
	int ret;

	if (!route_register(&s->at, "scr0", &scr0))
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "the registers do not say what becomes of streams: scr0 is "
				 "missing");
	s->info.config = s->info.wanted = IOPT_ROUTE_BYPASS;
	if (scr0 & SCR0_CLIENTPD)
		return 0;
	if (s->info.has_ssid)
		return global_fault(s, GFSR_USF, "USF", "this SMMU knows no SubstreamIDs");
	s->info.match = match_of(s, scr0);
	if (s->info.match == -2) {
		s->info.match = -1;
		return global_fault(s, GFSR_SMCF, "SMCF", "it matches more than one SMR");
	}
	if (s->info.match < 0)
		return scr0 & SCR0_USFCFG ? global_fault(s, GFSR_USF, "USF",
							 "it matches no SMR, and SCR0.USFCFG "
							 "is set")
					  : 0;
	s2cr = numbered(s, "s2cr", s->info.match);
	if (field_get(s2cr, S2CR_TYPE) == S2CR_BYPASS)
		return 0;
	if (field_get(s2cr, S2CR_TYPE) != S2CR_TRANSLATE)
		return global_fault(s, GFSR_ICF, "ICF", "S2CR.TYPE: its transactions fault");
	ret = open_bank(s, (int)field_get(s2cr, S2CR_CBNDX), &why);
	return ret && ret != -IOPT_ENOMEM ? global_fault(s, GFSR_UCBF, "UCBF", why.message) : ret;
}

const struct route_ops route_v2_ops = {
	.look_up = v2_look_up, .override = v2_override, .fault = v2_fault};
