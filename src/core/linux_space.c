/* SPDX-License-Identifier: MIT */
/* What Linux 6.1 makes of a configuration, in the order of its checks, and the registers for it. */
#include "error.h"
#include "regs.h"
#include "space.h"

#define SIZES_4K  (BIT(12) | BIT(21) | BIT(30))
#define SIZES_16K (BIT(14) | BIT(25))
#define SIZES_64K (BIT(16) | BIT(29))
#define SIZE_4T	  BIT(42) /* 64K level 1: needs 52-bit output addresses */
#define SIZES_V7S (BIT(12) | BIT(16) | BIT(20) | BIT(24))

enum {
	OAS_48 = 48,
	OAS_52 = 52,
	V7S_BITS = 32,
	V7S_MTK_IAS = 34,
	V7S_MTK_OAS = 35,
	TTST_IAS = 25, /* below it a first level needs FEAT_TTST */
};

uint64_t iopt_granule_page_sizes(enum iopt_format format, uint64_t granule)
{
	if (format_rule(format)->v7s)
		return granule == BIT(12) ? SIZES_V7S : 0;
	if (granule == BIT(12))
		return SIZES_4K;
	if (format_rule(format)->aarch32)
		return 0;
	return granule == BIT(14) ? SIZES_16K : granule == BIT(16) ? SIZES_64K | SIZE_4T : 0;
}

static int refuse(struct iopt_error *error, const char *why)
{
	return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL, "%s", why);
}

static int refuse_bits(struct iopt_error *error, const struct format_rule *rule, const char *what,
		       unsigned have, unsigned most)
{
	return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL, "%s: %s %u is above %u",
			 rule->name, what, have, most);
}

static int check_quirks(const struct space_desc *d, struct iopt_error *error)
{
	const struct format_rule *rule = format_rule(d->format);

	for (uint32_t q = 1; q; q <<= 1)
		if (d->quirks & q & ~rule->quirks)
			return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
					 "%s does not have the quirk %s", rule->name,
					 iopt_quirk_name((enum iopt_quirk)q));
	return 0;
}

/* arm_lpae_restrict_pgsizes(): the granule, and the sizes of it that stay. */
static uint64_t choose_granule(uint64_t sizes, uint64_t cpu_page_size, uint64_t *keep, bool lpa)
{
	uint64_t below = sizes & (cpu_page_size - 1), above = sizes & ~(cpu_page_size - 1), granule;

	if (sizes & cpu_page_size)
		granule = cpu_page_size;
	else if (below)
		granule = BIT(63 - __builtin_clzll(below));
	else
		granule = above & -above;
	*keep = granule == BIT(12) ? SIZES_4K : granule == BIT(14) ? SIZES_16K : 0;
	if (granule == BIT(16))
		*keep = SIZES_64K | (lpa ? SIZE_4T : 0);
	*keep &= sizes;
	return granule;
}

static int lpae_space(const struct iopt_config *c, struct space_desc *d, struct iopt_error *error)
{
	const struct format_rule *rule = format_rule(d->format);
	unsigned most;
	int ret;

	if (rule->aarch32) {
		most = rule->stage2 ? 40 : 32;
		if (d->ias > most)
			return refuse_bits(error, rule, "ias", d->ias, most);
		if (d->oas > 40)
			return refuse_bits(error, rule, "oas", d->oas, 40);
		d->page_sizes &= SIZES_4K;
	}
	ret = check_quirks(d, error);
	if (ret)
		return ret;
	d->granule = choose_granule(d->page_sizes, c->cpu_page_size, &d->page_sizes, d->oas > 48);
	most = d->granule == BIT(16) ? OAS_52 : OAS_48;
	d->ias = d->ias < most ? d->ias : most;
	d->oas = d->oas < most ? d->oas : most;
	if (!(d->page_sizes & (BIT(12) | BIT(14) | BIT(16))))
		return refuse(error, "the page sizes hold none of the granules 4k, 16k and 64k");
	if (d->quirks & IOPT_QUIRK_ARM_OUTER_WBWA && !d->non_coherent_walk)
		return refuse(error, "arm-outer-wbwa is for walks that are not coherent");
	if (reg_oas_code(d->oas) < 0)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "oas %u is none of 32, 36, 40, 42, 44, 48 and 52", d->oas);
	if (BIT(d->ias) <= d->granule)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "ias %u leaves nothing to translate above the granule", d->ias);
	d->oa_layout = d->oas == OAS_52 ? IOPT_OA_LPA : IOPT_OA_48;
	d->start_level = space_start_level(d->format, d->granule, d->ias);
	return 0;
}

static int v7s_space(struct space_desc *d, struct iopt_error *error)
{
	const struct format_rule *rule = format_rule(d->format);
	const bool mtk = d->quirks & IOPT_QUIRK_ARM_MTK_EXT;
	const unsigned ias = mtk ? V7S_MTK_IAS : V7S_BITS, oas = mtk ? V7S_MTK_OAS : V7S_BITS;
	int ret;

	if (d->ias > ias)
		return refuse_bits(error, rule, "ias", d->ias, ias);
	if (d->oas > oas)
		return refuse_bits(error, rule, "oas", d->oas, oas);
	ret = check_quirks(d, error);
	if (ret)
		return ret;
	if (mtk && !(d->quirks & IOPT_QUIRK_NO_PERMS))
		return refuse(error, "arm-mtk-ext needs no-perms: its address bits lie there");
	if (d->quirks & IOPT_QUIRK_ARM_MTK_TTBR_EXT && !mtk)
		return refuse(error, "arm-mtk-ttbr-ext needs arm-mtk-ext");
	if (d->ias <= 20)
		return refuse(error, "ias of short descriptors is at least 21: one bit of level 1");
	d->granule = BIT(12);
	d->page_sizes &= SIZES_V7S;
	d->start_level = 1;
	return 0;
}

int linux_space(const struct iopt_config *c, struct space_desc *d, struct iopt_error *error)
{
	const struct format_rule *rule;
	struct iopt_config config = *c;

	if ((unsigned)c->format >= IOPT_FORMAT_COUNT || (unsigned)c->regime >= IOPT_REGIME_COUNT)
		return refuse(error, "no such format or regime");
	rule = format_rule(c->format);
	if (c->ias > 64 || c->oas > 64)
		return refuse(error, "ias and oas are at most 64 bits");
	if (!c->cpu_page_size)
		config.cpu_page_size = BIT(12);
	else if (c->cpu_page_size != BIT(12) && c->cpu_page_size != BIT(14) &&
		 c->cpu_page_size != BIT(16))
		return refuse(error, "the CPU page size is 4k, 16k or 64k");
	*d = (struct space_desc){
		.format = c->format,
		.regime = rule->stage2 ? IOPT_REGIME_STAGE2 : c->regime,
		.ias = c->ias ? c->ias : rule->default_ias,
		.oas = c->oas ? c->oas : rule->default_oas,
		.page_sizes =
			c->page_sizes ? c->page_sizes : iopt_granule_page_sizes(c->format, BIT(12)),
		.quirks = c->quirks,
		.non_coherent_walk = c->non_coherent_walk,
		.big_endian = c->big_endian,
	};
	if (!rule->stage2 && c->regime == IOPT_REGIME_STAGE2)
		return refuse(error, "a stage 1 format has no stage 2 regime");
	if (c->regime != IOPT_REGIME_EL1 && c->regime != IOPT_REGIME_STAGE2 &&
	    c->format != IOPT_ARM_64_LPAE_S1)
		return refuse(error, "only arm-64-lpae-s1 has the regimes el2 and el3");
	if (d->regime != IOPT_REGIME_EL1 && d->quirks & IOPT_QUIRK_ARM_TTBR1)
		return refuse(error, "only the regime el1 has an upper half for arm-ttbr1");
	return rule->v7s ? v7s_space(d, error) : lpae_space(&config, d, error);
}

/* ---- registers ---- */

/* SL0 as arm_64_lpae_alloc_pgtable_s2() has it; AArch32 has the 4K encoding. */
static unsigned stage2_sl(const struct space_desc *d)
{
	int start = d->granule == BIT(12) ? d->start_level + 1 : d->start_level;

	return (unsigned)(~start & 3);
}

static void lpae_registers(struct space_desc *d)
{
	const bool upper = d->quirks & IOPT_QUIRK_ARM_TTBR1, coherent = !d->non_coherent_walk;
	const struct format_rule *rule = format_rule(d->format);
	const unsigned sh = coherent ? 3 : 2, irgn = coherent;
	const unsigned orgn = coherent || d->quirks & IOPT_QUIRK_ARM_OUTER_WBWA;
	const unsigned ips = (unsigned)reg_oas_code(d->oas);
	const unsigned tg = reg_granule_code(d->granule, upper);
	const unsigned stage1[] = {ips, tg, sh, orgn, irgn, 64 - d->ias};
	const unsigned stage2[] = {ips, tg, sh, orgn, irgn, stage2_sl(d), 64 - d->ias};

	d->registers[d->register_count++] = (struct iopt_register){
		.name = rule->stage2 ? "vttbr" : "ttbr",
		.value = reg_ttbr_a64(d->root),
	};
	d->registers[d->register_count++] =
		reg_pack(reg_control(d->format, d->regime, upper), rule->stage2 ? stage2 : stage1);
	if (!rule->stage2)
		d->registers[d->register_count++] =
			(struct iopt_register){.name = "mair", .value = LINUX_MAIR};
}

void linux_registers(struct space_desc *d)
{
	d->register_count = 0;
	if (!format_rule(d->format)->v7s) {
		lpae_registers(d);
		return;
	}
	d->registers[d->register_count++] = (struct iopt_register){
		.name = "ttbr",
		.value = reg_ttbr_v7s(d->root, d->quirks, d->non_coherent_walk),
	};
	d->registers[d->register_count++] = (struct iopt_register){.name = "tcr"};
	d->registers[d->register_count++] =
		(struct iopt_register){.name = "prrr", .value = LINUX_PRRR};
	d->registers[d->register_count++] =
		(struct iopt_register){.name = "nmrr", .value = LINUX_NMRR};
}

/* "VTCR_EL2", SL0: where a walk of each granule may start depends on the output address size. */
const char *linux_warning(const struct space_desc *d)
{
	const struct format_rule *rule = format_rule(d->format);

	if (rule->v7s || rule->aarch32)
		return NULL;
	if (rule->stage2 && d->granule == BIT(12) && d->start_level == 0 && d->oas < 44)
		return "stage 2 with the 4K granule starts at level 0 only if oas is 44 or more";
	if (rule->stage2 && d->granule == BIT(14) && d->start_level == 0)
		return "stage 2 with the 16K granule does not start at level 0";
	if (rule->stage2 && d->granule == BIT(14) && d->start_level == 1 && d->oas < 42)
		return "stage 2 with the 16K granule starts at level 1 only if oas is 42 or more";
	if (rule->stage2 && d->granule == BIT(16) && d->start_level == 1 && d->oas < 44)
		return "stage 2 with the 64K granule starts at level 1 only if oas is 44 or more";
	if (rule->stage2 && d->ias > d->oas)
		return "stage 2 translates no more address bits than oas has";
	if (d->ias < TTST_IAS)
		return "an ias below 25 needs FEAT_TTST";
	return NULL;
}
