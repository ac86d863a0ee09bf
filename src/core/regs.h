/* SPDX-License-Identifier: MIT */
/*
 * Translation registers by the names and fields that Linux's table code reports, and where those
 * fields are in the register of each regime.  Arm ARM: "TCR_EL1, Translation Control Register",
 * "TCR_EL2", "TCR_EL3", "VTCR_EL2", "TTBCR", "VTCR"; Linux: struct io_pgtable_cfg.
 */
#ifndef IOPT_REGS_H
#define IOPT_REGS_H

#include "domain.h"

struct reg_layout {
	const char *name; /* of the register: "tcr" */
	struct {
		const char *name;
		uint64_t bits;	   /* 0: Linux reports it, the register has no such field */
	} fields[IOPT_FIELDS_MAX]; /* NULL name: end */
	uint64_t fixed;		   /* set besides */
	bool tsz_from_32;	   /* T0SZ is signed and counts from 32 bits: AArch32 */
};

/* tcr or vtcr of a space; 'upper': of TTBR1's half. */
const struct reg_layout *reg_control(enum iopt_format format, enum iopt_regime regime, bool upper);

/* The control register whose fields, in the layout's order, are 'values'. */
struct iopt_register reg_pack(const struct reg_layout *layout, const unsigned *values);
/* All fields of a register value; those without bits are 0. */
struct iopt_register reg_unpack(const struct reg_layout *layout, uint64_t value);

/* oas <-> the code of TCR.IPS, VTCR.PS; -1 / 0: no such code. */
int reg_oas_code(unsigned oas);
unsigned reg_oas(unsigned code);
/* Granule (bytes) <-> the code of TG0 (and VTCR's), or of TG1; 0 / 3 codes as the manual has them.
 */
unsigned reg_granule_code(uint64_t granule, bool upper);
uint64_t reg_granule(unsigned code, bool upper);

/* Linux's constants: MAIR, PRRR, NMRR. */
#define LINUX_MAIR UINT64_C(0xf404ff44)
#define LINUX_PRRR UINT64_C(0x800b8204)
#define LINUX_NMRR UINT64_C(0x40004000)

/* TTBR or VTTBR for a first table at 'root': above 48 bits it goes into bits 5:2. */
uint64_t reg_ttbr_a64(uint64_t root);
uint64_t reg_ttbr_a64_root(uint64_t ttbr, enum iopt_oa_layout layout);
/* Short descriptors: with walk attributes, or, with MediaTek's quirk, with address bits 34:32. */
uint64_t reg_ttbr_v7s(uint64_t root, uint32_t quirks, bool non_coherent_walk);
uint64_t reg_ttbr_v7s_root(uint64_t ttbr, uint32_t quirks);
/* The same TTBR for another first table. */
uint64_t reg_ttbr_v7s_move(uint64_t ttbr, uint64_t root, uint32_t quirks);

/*
 * What the registers of a space say: tcr or vtcr, mair, prrr, nmrr, dacr, sctlr, hcr, scr.  Without
 * sctlr it is Linux's own: access flag and remap on, as its SMMU driver sets them.
 */
struct pgtable_controls space_controls(const struct pgtable *t);

/* The first register of that name; NULL: the space has none. */
const struct iopt_register *space_register(const struct pgtable *t, const char *name);

#endif
