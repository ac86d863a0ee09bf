/* SPDX-License-Identifier: MIT */
/* The registers of a context bank, made of those that the tables' code reports. */
#include "regs.h"
#include "smmu_v2.h"
#include "space.h"

/* SMMU_CBn_TCR, with VTCR's fields of stage 2 */
#define TCR_EAE	  BIT(31)
#define TCR_RES1  BIT(31) /* stage 2 */
#define TCR_EPD1  BIT(23)
#define TCR_A1	  BIT(22)
#define TCR_PS	  BITS(18, 16)
#define TCR_TG0	  BITS(15, 14)
#define TCR_SH0	  BITS(13, 12)
#define TCR_ORGN0 BITS(11, 10)
#define TCR_IRGN0 BITS(9, 8)
#define TCR_EPD0  BIT(7)
#define TCR_SL0	  BITS(7, 6)
#define TCR_T0SZ  BITS(5, 0)

/* SMMU_CBn_TCR2 */
#define TCR2_SEP      BITS(17, 15)
#define TCR2_SEP_NONE 7
#define TCR2_AS	      BIT(4)
#define TCR2_PASIZE   BITS(3, 0)

#define TTBR_ASID  BITS(63, 48)
#define TTBR_BADDR BITS(47, 0)

/* By what names Linux's table code reports them. */
static const struct {
	const char *name;
	uint64_t bits;
} tcr_fields[] = {
	{"ps", TCR_PS},	     {"tg", TCR_TG0}, {"sh", TCR_SH0},	 {"orgn", TCR_ORGN0},
	{"irgn", TCR_IRGN0}, {"sl", TCR_SL0}, {"tsz", TCR_T0SZ},
};

static uint64_t register_value(const struct space_desc *d, const char *name)
{
	for (unsigned i = 0; i < d->register_count; i++)
		if (!strcmp(d->registers[i].name, name))
			return d->registers[i].value;
	return 0;
}

static unsigned field_of(const struct space_desc *d, const char *control, const char *name)
{
	for (unsigned i = 0; i < d->register_count; i++)
		for (unsigned k = 0; k < d->registers[i].field_count; k++)
			if (!strcmp(d->registers[i].name, control) &&
			    !strcmp(d->registers[i].fields[k].name, name))
				return d->registers[i].fields[k].value;
	return 0;
}

/* The fields that a register has, each at its place in TCR. */
static uint32_t tcr_of(const struct space_desc *d, const char *control)
{
	uint64_t tcr = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(tcr_fields); i++)
		tcr |= field_put(tcr_fields[i].bits, field_of(d, control, tcr_fields[i].name));
	return (uint32_t)tcr;
}

/* arm_smmu_lpae_tcr(), arm_smmu_lpae_tcr2() */
static void lpae_context(struct v2_context *c, const struct space_desc *d)
{
	const bool upper = d->quirks & IOPT_QUIRK_ARM_TTBR1;
	const uint64_t asid = field_put(TTBR_ASID, c->asid), mair = register_value(d, "mair");

	c->tcr = tcr_of(d, "tcr");
	if (upper)
		c->tcr = (uint32_t)((c->tcr << 16 & ~TCR_A1) | TCR_EPD0);
	else
		c->tcr |= (uint32_t)TCR_EPD1;
	c->tcr2 = (uint32_t)(field_put(TCR2_PASIZE, field_of(d, "tcr", "ips")) |
			     field_put(TCR2_SEP, TCR2_SEP_NONE));
	if (c->aarch64)
		c->tcr2 |= (uint32_t)TCR2_AS;
	else
		c->tcr |= (uint32_t)TCR_EAE;
	c->ttbr[0] = c->ttbr[1] = asid;
	c->ttbr[upper] |= register_value(d, "ttbr") & TTBR_BADDR;
	c->mair[0] = (uint32_t)mair;
	c->mair[1] = (uint32_t)(mair >> 32);
}

struct v2_context v2_context(const struct iopt_domain *domain)
{
	const struct pgtable *t = &domain->spaces[0];
	const struct format_rule *rule = format_rule(t->format);
	struct v2_context c = {
		.stage2 = rule->stage2,
		.aarch64 = !rule->aarch32 && !rule->v7s,
		.short_descriptors = rule->v7s,
		.big_endian = t->ops->format->big_endian,
		.asid = domain->binding.asid,
		.vmid = domain->binding.vmid,
	};
	struct space_desc d;

	space_describe(t, &d);
	if (!d.register_count)
		linux_registers(&d);
	if (c.stage2) {
		c.tcr = tcr_of(&d, "vtcr") | (uint32_t)TCR_RES1;
		c.ttbr[0] = register_value(&d, "vttbr") & TTBR_BADDR;
	} else if (c.short_descriptors) {
		c.tcr = (uint32_t)register_value(&d, "tcr");
		c.ttbr[0] = (uint32_t)register_value(&d, "ttbr");
		c.mair[0] = (uint32_t)register_value(&d, "prrr");
		c.mair[1] = (uint32_t)register_value(&d, "nmrr");
	} else {
		lpae_context(&c, &d);
	}
	return c;
}
