/* SPDX-License-Identifier: MIT */
/*
 * CD and STE as the registers of a CPU that would walk the same tables: what those registers mean
 * is known already.  Arm SMMU architecture version 3: "Context Descriptor", "Stream Table Entry".
 */
#include "error.h"
#include "regs.h"
#include "route_v3.h"
#include "smmu_v3.h"

enum { TSZ_LEAST = 12, TSZ_MOST = 39, TSZ_MOST_STT = 48 };

/* The fields that a register has elsewhere. */
struct moved {
	uint64_t from, to;
};

/* TCR_EL1, and with E2H TCR_EL2 */
static const struct moved cd_tcr_el1[] = {
	{CD_T0SZ, BITS(5, 0)},	 {CD_EPD0, BIT(7)},	 {CD_IR0, BITS(9, 8)},
	{CD_OR0, BITS(11, 10)},	 {CD_SH0, BITS(13, 12)}, {CD_TG0, BITS(15, 14)},
	{CD_T1SZ, BITS(21, 16)}, {CD_EPD1, BIT(23)},	 {CD_WALK1, BITS(29, 24)},
	{CD_TG1, BITS(31, 30)},	 {CD_IPS, BITS(34, 32)}, {CD_TBI, BITS(38, 37)},
	{CD_AFFD, BIT(39)},	 {CD_HA, BIT(39)},	 {CD_HD, BIT(40)},
};

/* TCR_EL2 */
static const struct moved cd_tcr_el2[] = {
	{CD_T0SZ, BITS(5, 0)},	{CD_IR0, BITS(9, 8)},	{CD_OR0, BITS(11, 10)},
	{CD_SH0, BITS(13, 12)}, {CD_TG0, BITS(15, 14)}, {CD_IPS, BITS(18, 16)},
	{BIT(38), BIT(20)},	{CD_AFFD, BIT(21)},	{CD_HA, BIT(21)},
	{CD_HD, BIT(22)},
};

/* TTBCR with EAE */
static const struct moved cd_ttbcr[] = {
	{BITS(2, 0), BITS(2, 0)}, {CD_EPD0, BIT(7)},	    {CD_IR0, BITS(9, 8)},
	{CD_OR0, BITS(11, 10)},	  {CD_SH0, BITS(13, 12)},   {BITS(18, 16), BITS(18, 16)},
	{CD_EPD1, BIT(23)},	  {CD_WALK1, BITS(29, 24)},
};

static const struct moved cd_sctlr[] = {{CD_WXN, BIT(19)}, {CD_UWXN, BIT(20)}, {CD_ENDI, BIT(25)}};

static uint64_t moved(uint64_t word, const struct moved *list, size_t count)
{
	uint64_t value = 0;

	for (size_t i = 0; i < count; i++)
		value |= field_put(list[i].to, field_get(word, list[i].from));
	return value;
}

#define MOVED(word, list) moved(word, list, ARRAY_SIZE(list))

unsigned v3_output_bits(uint64_t code)
{
	return reg_oas((unsigned)code) ? reg_oas((unsigned)code) : 52;
}

/* ---- stage 1 ---- */

static int refuse(struct iopt_error *error, const char *why)
{
	return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL, "%s", why);
}

static const char *half_problem(const struct iopt_route *s, unsigned tsz, uint64_t ttb)
{
	const unsigned ips = v3_output_bits(field_get(s->info.cd[0], CD_IPS));
	uint64_t idr3;
	bool stt = route_register(&s->at, "idr3", &idr3) && idr3 & IDR3_STT;

	if (s->info.cd[0] & CD_AA64 && (tsz < TSZ_LEAST || tsz > (stt ? TSZ_MOST_STT : TSZ_MOST)))
		return "TxSZ is out of range";
	if (s->info.cd[0] & CD_AA64 && ttb & ~low_bits(ips))
		return "TTBx is beyond the size that IPS says";
	return NULL;
}

static const char *cd_problem(const struct iopt_route *s)
{
	const uint64_t *cd = s->info.cd;
	const char *problem = NULL;

	if (!(cd[0] & CD_EPD0))
		problem = half_problem(s, (unsigned)field_get(cd[0], CD_T0SZ), cd[1] & CD_TTB);
	if (!problem && !(cd[0] & CD_EPD1))
		problem = half_problem(s, (unsigned)field_get(cd[0], CD_T1SZ), cd[2] & CD_TTB);
	return problem;
}

/* Which half has its hierarchical permissions disabled: HPD0 and HPD1 of TCR_EL1. */
static uint64_t hpd_of(const uint64_t *cd)
{
	return field_put(BIT(41), field_get(cd[1], CD_HAD)) |
	       field_put(BIT(42), field_get(cd[2], CD_HAD));
}

static int open_el1(struct iopt_route *s, struct iopt_error *error)
{
	const uint64_t *cd = s->info.cd;
	const bool a64 = cd[0] & CD_AA64;
	const struct route_setting list[] = {
		{"arch", a64 ? IOPT_ARCH_AARCH64 : IOPT_ARCH_AARCH32_LPAE},
		{"tcr",
		 a64 ? MOVED(cd[0], cd_tcr_el1) | hpd_of(cd) : MOVED(cd[0], cd_ttbcr) | BIT(31)},
		{"ttbr0", reg_ttbr_a64(cd[1] & CD_TTB)},
		{"ttbr1", reg_ttbr_a64(cd[2] & CD_TTB)},
		{"mair", cd[3]},
		{"sctlr", MOVED(cd[0], cd_sctlr)},
	};

	return route_open_cpu(s, list, ARRAY_SIZE(list), 1, IOPT_REGIME_EL1, error);
}

/* Contexts of EL2: with CR2.E2H as those of EL1, otherwise with one half. */
static int open_el2(struct iopt_route *s, struct iopt_error *error)
{
	const uint64_t *cd = s->info.cd;
	const bool e2h = !s->unmapped && cd[0] & CD_AA64;
	uint64_t cr2 = 0;

	route_register(&s->at, "cr2", &cr2);
	if (!e2h)
		return refuse(error, "contexts of EL2 are those of AArch64");
	if (!(cr2 & CR2_E2H)) {
		const struct route_setting list[] = {
			{"tcr_el2", MOVED(cd[0], cd_tcr_el2) | BIT(31) | BIT(23) |
					    field_put(BIT(24), field_get(cd[1], CD_HAD))},
			{"ttbr0_el2", reg_ttbr_a64(cd[1] & CD_TTB)},
			{"mair_el2", cd[3]},
			{"sctlr_el2", MOVED(cd[0], cd_sctlr)},
		};

		return route_open_cpu(s, list, ARRAY_SIZE(list), 1, IOPT_REGIME_EL2, error);
	}
	const struct route_setting list[] = {
		{"hcr_el2", BIT(34)},
		{"tcr_el2", MOVED(cd[0], cd_tcr_el1) | hpd_of(cd)},
		{"ttbr0_el2", reg_ttbr_a64(cd[1] & CD_TTB)},
		{"ttbr1_el2", reg_ttbr_a64(cd[2] & CD_TTB)},
		{"mair_el2", cd[3]},
		{"sctlr_el2", MOVED(cd[0], cd_sctlr)},
	};

	return route_open_cpu(s, list, ARRAY_SIZE(list), 1, IOPT_REGIME_EL2, error);
}

int v3_open_stage1(struct iopt_route *s, struct iopt_error *error)
{
	const uint64_t epd = CD_EPD0 | CD_EPD1;
	const char *problem = cd_problem(s);

	if (problem)
		return refuse(error, problem);
	if ((s->info.cd[0] & epd) == epd) {
		s->unmapped = true;
		return 0;
	}
	if (s->info.config == IOPT_ROUTE_S1 && field_get(s->info.ste[1], STE_STRW) == STRW_EL2)
		return open_el2(s, error);
	return open_el1(s, error);
}

/* ---- stage 2 ---- */

/* VTCR_EL2's upper bits */
static const struct moved ste_vtcr[] = {
	{STE_S2VTCR, BITS(18, 0)}, {STE_S2AFFD, BIT(21)}, {STE_S2HA, BIT(21)}, {STE_S2HD, BIT(22)}};

int v3_open_stage2(struct iopt_route *s, struct iopt_error *error)
{
	const uint64_t *ste = s->info.ste, ttb = ste[3] & STE_S2TTB;
	const bool a64 = ste[2] & STE_S2AA64;
	const unsigned bits = v3_output_bits(field_get(ste[2], BITS(50, 48)));
	const struct route_setting list[] = {
		{"arch", a64 ? IOPT_ARCH_AARCH64 : IOPT_ARCH_AARCH32_LPAE},
		{"vtcr", MOVED(ste[2], ste_vtcr) | BIT(31)},
		{"vttbr", reg_ttbr_a64(ttb)},
		{"hcr_el2", field_put(BIT(46), field_get(ste[1], STE_S2FWB)) |
				    field_put(BIT(2), field_get(ste[2], STE_S2PTW))},
		{"sctlr_el2", field_put(BIT(25), field_get(ste[2], STE_S2ENDI))},
	};

	if (a64 && ttb & ~low_bits(bits))
		return refuse(error, "S2TTB is beyond the size that S2PS says");
	return route_open_cpu(s, list, ARRAY_SIZE(list), 2, IOPT_REGIME_STAGE2, error);
}
