/* SPDX-License-Identifier: MIT */
/* Every register access of Linux's driver, in its order: arm_smmu_device_reset() and attach. */
#include "smmu_v2.h"

#include <stdio.h>

#include "device.h"

/* ---- where registers are ---- */

/* The pages of the global space, and each bank's own. */
enum place { GLOBAL_0, GLOBAL_1, BANK };

enum v2_register {
	SCR0,
	SACR,
	SGFSR,
	TLBIALLNSNH,
	TLBIALLH,
	STLBGSYNC,
	STLBGSTATUS,
	SMR,
	SMR_EXIDS,
	S2CR,
	CBAR,
	CBA2R,
	SCTLR,
	ACTLR,
	TCR2,
	TTBR0,
	TTBR0_SHORT,
	TTBR1,
	TTBR1_SHORT,
	TCR,
	TTBCR,
	VTTBR,
	VTCR,
	CONTEXTIDR,
	MAIR0,
	MAIR1,
	PRRR,
	NMRR,
	FSR,
};

/* Offsets in the page; those of a whole set are one behind the other. */
static const struct {
	const char *name, *decodable;
	enum place place;
	uint16_t offset;
	uint8_t bytes;
	bool numbered;
} registers[] = {
	[SCR0] = {"scr0", "scr0", GLOBAL_0, 0x0, 4, false},
	[SACR] = {"sacr", "sacr", GLOBAL_0, 0x10, 4, false},
	[SGFSR] = {"sgfsr", "sgfsr", GLOBAL_0, 0x48, 4, false},
	[TLBIALLNSNH] = {"tlbiallnsnh", NULL, GLOBAL_0, 0x68, 4, false},
	[TLBIALLH] = {"tlbiallh", NULL, GLOBAL_0, 0x6c, 4, false},
	[STLBGSYNC] = {"stlbgsync", NULL, GLOBAL_0, 0x70, 4, false},
	[STLBGSTATUS] = {"stlbgstatus", NULL, GLOBAL_0, 0x74, 4, false},
	[SMR] = {"smr", "smr", GLOBAL_0, 0x800, 4, true},
	[SMR_EXIDS] = {"smr", "smr_exids", GLOBAL_0, 0x800, 4, true},
	[S2CR] = {"s2cr", "s2cr", GLOBAL_0, 0xc00, 4, true},
	[CBAR] = {"cbar", "cbar", GLOBAL_1, 0x0, 4, false},
	[CBA2R] = {"cba2r", "cba2r", GLOBAL_1, 0x800, 4, false},
	[SCTLR] = {"sctlr", "sctlr_cb", BANK, 0x0, 4, false},
	[ACTLR] = {"actlr", "actlr_cb", BANK, 0x4, 4, false},
	[TCR2] = {"tcr2", "tcr2_cb", BANK, 0x10, 4, false},
	[TTBR0] = {"ttbr0", "ttbr_cb", BANK, 0x20, 8, false},
	[TTBR0_SHORT] = {"ttbr0", "ttbr_cb_short", BANK, 0x20, 4, false},
	[TTBR1] = {"ttbr1", "ttbr_cb", BANK, 0x28, 8, false},
	[TTBR1_SHORT] = {"ttbr1", "ttbr_cb_short", BANK, 0x28, 4, false},
	[TCR] = {"tcr", "tcr_cb", BANK, 0x30, 4, false},
	[TTBCR] = {"tcr", "ttbcr_cb", BANK, 0x30, 4, false},
	[VTTBR] = {"ttbr0", "vttbr_cb", BANK, 0x20, 8, false},
	[VTCR] = {"tcr", "vtcr_cb", BANK, 0x30, 4, false},
	[CONTEXTIDR] = {"contextidr", "contextidr_cb", BANK, 0x34, 4, false},
	[MAIR0] = {"mair0", "mair0", BANK, 0x38, 4, false},
	[MAIR1] = {"mair1", "mair1", BANK, 0x3c, 4, false},
	[PRRR] = {"prrr", "prrr", BANK, 0x38, 4, false},
	[NMRR] = {"nmrr", "nmrr", BANK, 0x3c, 4, false},
	[FSR] = {"fsr", "fsr", BANK, 0x58, 4, false},
};

struct program {
	const struct iopt_smmu *smmu;
	const struct iopt_smmu_step_sink *sink;
	int ret; /* of the first step that the sink did not take */
};

/* Context banks are behind the global space, which has as many pages as they may have. */
static uint64_t place_of(const struct iopt_smmu_config *c, enum v2_register r, unsigned n)
{
	const uint64_t offset = registers[r].offset;

	if (registers[r].place == BANK)
		return ((uint64_t)c->register_pages + n) * c->register_page + offset;
	return registers[r].place * c->register_page + offset + 4 * (uint64_t)n;
}

/* 'n' in what follows: which of its kind, a context bank or mapping group; -1: there is but one. */
static bool is_idle(const struct iopt_smmu *smmu, enum v2_register r, int n)
{
	if (n < 0)
		return false;
	return registers[r].numbered ? !smmu->matches[n].uses : !smmu->banks[n];
}

static void put(struct program *p, enum iopt_smmu_step_kind kind, enum v2_register r, int n,
		uint64_t value, uint64_t mask)
{
	struct iopt_smmu_step step = {
		.kind = kind,
		.decodable = registers[r].decodable,
		.bytes = registers[r].bytes,
		.value = value,
		.mask = mask & low_bits(8u * registers[r].bytes),
		.bank = registers[r].numbered ? -1 : n,
		.idle = is_idle(p->smmu, r, n),
	};

	if (p->ret)
		return;
	step.offset = place_of(&p->smmu->config, r, n < 0 ? 0 : (unsigned)n);
	if (registers[r].numbered)
		snprintf(step.name, sizeof(step.name), "%s%d", registers[r].name, n);
	else
		snprintf(step.name, sizeof(step.name), "%s", registers[r].name);
	p->ret = p->sink->step(p->sink->arg, &step);
}

static void write_register(struct program *p, enum v2_register r, int n, uint64_t value)
{
	put(p, IOPT_SMMU_WRITE, r, n, value, UINT64_MAX);
}

static void trigger(struct program *p, enum v2_register r, int n, uint64_t value)
{
	put(p, IOPT_SMMU_TRIGGER, r, n, value, UINT64_MAX);
}

/* ---- stream mapping ---- */

#define SMR_VALID      BIT(31)
#define SMR_MASK       BITS(30, 16)
#define SMR_ID	       BITS(15, 0)
#define SMR_EXIDS_MASK BITS(31, 16)

#define S2CR_TYPE      BITS(17, 16)
#define S2CR_EXIDVALID BIT(10)
#define S2CR_CBNDX     BITS(7, 0)

enum { S2CR_TRANSLATE, S2CR_BYPASS, S2CR_FAULT };

/* Of a stream mapping group with nobody's streams, and before its device is attached. */
static uint32_t s2cr_default(const struct iopt_smmu_config *c)
{
	return (uint32_t)field_put(S2CR_TYPE, c->allow_bypass ? S2CR_BYPASS : S2CR_FAULT);
}

static uint32_t s2cr_value(const struct iopt_smmu_config *c, const struct smmu_match *m)
{
	const struct iopt_domain *d = m->group ? m->group->domain : NULL;
	const uint32_t valid = c->exids ? S2CR_EXIDVALID : 0;

	if (!d)
		return s2cr_default(c) | valid;
	if (d->type == IOPT_DOMAIN_IDENTITY)
		return (uint32_t)field_put(S2CR_TYPE, S2CR_BYPASS) | valid;
	return (uint32_t)(field_put(S2CR_TYPE, S2CR_TRANSLATE) |
			  field_put(S2CR_CBNDX, d->binding.bank)) |
	       valid;
}

static void write_smr(struct program *p, int n, const struct smmu_match *m)
{
	const uint64_t id = field_put(SMR_ID, m->stream.id);

	if (p->smmu->config.stream_indexed)
		return;
	if (p->smmu->config.exids)
		write_register(p, SMR_EXIDS, n, id | field_put(SMR_EXIDS_MASK, m->stream.mask));
	else
		write_register(p, SMR, n, SMR_VALID | id | field_put(SMR_MASK, m->stream.mask));
}

/* arm_smmu_write_sme() as devices are probed, arm_smmu_write_s2cr() as they are attached. */
static void write_streams(struct program *p)
{
	const struct iopt_smmu_config *c = &p->smmu->config;
	const struct smmu_match *m = p->smmu->matches;

	for (unsigned i = 0; i < c->stream_groups; i++)
		if (m[i].uses)
			write_smr(p, (int)i, &m[i]);
	for (unsigned i = 0; i < c->stream_groups; i++)
		if (m[i].uses)
			write_register(p, S2CR, (int)i, s2cr_value(c, &m[i]));
}

/* ---- context banks ---- */

#define CBAR_IRPTNDX	BITS(31, 24)
#define CBAR_TYPE	BITS(17, 16)
#define CBAR_S1_MEMATTR BITS(15, 12)
#define CBAR_S1_BPSHCFG BITS(9, 8)
#define CBAR_VMID	BITS(7, 0)
#define CBA2R_VMID16	BITS(31, 16)
#define CBA2R_VA64	BIT(0)

enum { CBAR_STAGE_2, CBAR_STAGE_1_BYPASS, CBAR_MEMATTR_WB = 15, CBAR_BPSHCFG_NONE = 3 };

#define SCTLR_S1_ASIDPNE BIT(12)
#define SCTLR_CFIE	 BIT(6)
#define SCTLR_CFRE	 BIT(5)
#define SCTLR_E		 BIT(4)
#define SCTLR_AFE	 BIT(2)
#define SCTLR_TRE	 BIT(1)
#define SCTLR_M		 BIT(0)

static bool is_v1(const struct program *p)
{
	return p->smmu->config.model == IOPT_SMMU_V1;
}

static uint32_t cbar_value(const struct program *p, const struct v2_context *c, int bank)
{
	uint64_t value = is_v1(p) ? field_put(CBAR_IRPTNDX, p->smmu->bank_irqs[bank]) : 0;

	if (!c->stage2)
		value |= field_put(CBAR_TYPE, CBAR_STAGE_1_BYPASS) |
			 field_put(CBAR_S1_MEMATTR, CBAR_MEMATTR_WB) |
			 field_put(CBAR_S1_BPSHCFG, CBAR_BPSHCFG_NONE);
	else if (!p->smmu->config.vmid16)
		value |= field_put(CBAR_TYPE, CBAR_STAGE_2) | field_put(CBAR_VMID, c->vmid);
	return (uint32_t)value;
}

/* Linux has ASID and VMID in one place, so that stage 1 writes its ASID here. */
static uint32_t cba2r_value(const struct program *p, const struct v2_context *c)
{
	uint64_t value = c->aarch64 ? CBA2R_VA64 : 0;

	if (p->smmu->config.vmid16)
		value |= field_put(CBA2R_VMID16, c->stage2 ? c->vmid : c->asid);
	return (uint32_t)value;
}

static uint32_t sctlr_value(const struct v2_context *c)
{
	uint64_t value = SCTLR_CFIE | SCTLR_CFRE | SCTLR_AFE | SCTLR_TRE | SCTLR_M;

	if (!c->stage2)
		value |= SCTLR_S1_ASIDPNE;
	if (c->big_endian)
		value |= SCTLR_E;
	return (uint32_t)value;
}

static void write_tables(struct program *p, const struct v2_context *c, int bank)
{
	if (c->stage2) {
		write_register(p, VTCR, bank, c->tcr);
		write_register(p, VTTBR, bank, c->ttbr[0]);
		return;
	}
	if (!is_v1(p))
		write_register(p, TCR2, bank, c->tcr2);
	write_register(p, c->aarch64 ? TCR : TTBCR, bank, c->tcr);
	if (c->short_descriptors) {
		write_register(p, CONTEXTIDR, bank, c->asid);
		write_register(p, TTBR0_SHORT, bank, c->ttbr[0]);
		write_register(p, TTBR1_SHORT, bank, c->ttbr[1]);
		write_register(p, PRRR, bank, c->mair[0]);
		write_register(p, NMRR, bank, c->mair[1]);
		return;
	}
	write_register(p, TTBR0, bank, c->ttbr[0]);
	write_register(p, TTBR1, bank, c->ttbr[1]);
	write_register(p, MAIR0, bank, c->mair[0]);
	write_register(p, MAIR1, bank, c->mair[1]);
}

/* arm_smmu_write_context_bank() */
static void write_bank(struct program *p, const struct iopt_domain *d, int bank)
{
	const struct v2_context c = v2_context(d);

	if (!is_v1(p))
		write_register(p, CBA2R, bank, cba2r_value(p, &c));
	write_register(p, CBAR, bank, cbar_value(p, &c, bank));
	write_tables(p, &c, bank);
	write_register(p, SCTLR, bank, sctlr_value(&c));
}

/* ---- reset ---- */

#define SCR0_VMID16EN BIT(31)
#define SCR0_BSU      BITS(15, 14)
#define SCR0_FB	      BIT(13)
#define SCR0_PTM      BIT(12)
#define SCR0_VMIDPNE  BIT(11)
#define SCR0_USFCFG   BIT(10)
#define SCR0_GCFGFIE  BIT(5)
#define SCR0_GCFGFRE  BIT(4)
#define SCR0_EXIDEN   BIT(3)
#define SCR0_GFIE     BIT(2)
#define SCR0_GFRE     BIT(1)
#define SCR0_CLIENTPD BIT(0)

#define SGFSR_ALL    (BIT(31) | BITS(8, 0))
#define FSR_ALL	     (BITS(31, 30) | BITS(8, 1))
#define GSTATUS_BUSY BIT(0)

#define MMU500_ACR_CACHE_LOCK	BIT(26)
#define MMU500_ACR_S2CRB_TLBEN	BIT(10)
#define MMU500_ACR_SMTNMB_TLBEN BIT(8)
#define MMU500_ACTLR_CPRE	BIT(1)

/* arm_mmu500_reset(), of revision 2 and later */
static void reset_mmu500(struct program *p)
{
	const uint64_t set = MMU500_ACR_S2CRB_TLBEN | MMU500_ACR_SMTNMB_TLBEN;

	put(p, IOPT_SMMU_UPDATE, SACR, -1, set, set | MMU500_ACR_CACHE_LOCK);
	for (unsigned i = 0; i < p->smmu->config.context_banks; i++)
		put(p, IOPT_SMMU_UPDATE, ACTLR, (int)i, 0, MMU500_ACTLR_CPRE);
}

static void reset_streams(struct program *p)
{
	const struct iopt_smmu_config *c = &p->smmu->config;

	for (unsigned i = 0; i < c->stream_groups; i++) {
		write_register(p, S2CR, (int)i, s2cr_default(c));
		if (!c->stream_indexed)
			write_register(p, c->exids ? SMR_EXIDS : SMR, (int)i, 0);
	}
}

static void enable(struct program *p)
{
	const struct iopt_smmu_config *c = &p->smmu->config;
	uint64_t set =
		SCR0_GFRE | SCR0_GFIE | SCR0_GCFGFRE | SCR0_GCFGFIE | SCR0_VMIDPNE | SCR0_PTM;
	const uint64_t clear = SCR0_CLIENTPD | SCR0_FB | SCR0_BSU | SCR0_USFCFG;

	if (!c->allow_bypass)
		set |= SCR0_USFCFG;
	if (c->vmid16)
		set |= SCR0_VMID16EN;
	if (c->exids)
		set |= SCR0_EXIDEN;
	trigger(p, STLBGSYNC, -1, UINT32_MAX);
	put(p, IOPT_SMMU_WAIT, STLBGSTATUS, -1, 0, GSTATUS_BUSY);
	put(p, IOPT_SMMU_UPDATE, SCR0, -1, set, set | clear);
}

static void reset(struct program *p)
{
	trigger(p, SGFSR, -1, SGFSR_ALL);
	reset_streams(p);
	for (unsigned i = 0; i < p->smmu->config.context_banks; i++) {
		write_register(p, SCTLR, (int)i, 0);
		trigger(p, FSR, (int)i, FSR_ALL);
	}
	trigger(p, TLBIALLH, -1, UINT32_MAX);
	trigger(p, TLBIALLNSNH, -1, UINT32_MAX);
	if (p->smmu->config.model == IOPT_SMMU_MMU500)
		reset_mmu500(p);
	enable(p);
}

static int v2_program(const struct iopt_smmu *smmu, const struct iopt_smmu_step_sink *sink)
{
	struct program p = {.smmu = smmu, .sink = sink};

	reset(&p);
	for (unsigned i = 0; i < smmu->config.context_banks; i++)
		if (smmu->banks[i])
			write_bank(&p, smmu->banks[i], (int)i);
	write_streams(&p);
	return p.ret;
}

const struct smmu_ops smmu_v2_ops = {.program = v2_program};
