/* SPDX-License-Identifier: MIT */
#include "regs.h"

/* ---- control registers ---- */

static const struct reg_layout tcr_el1_lower = {
	.name = "tcr",
	.fields = {{"ips", BITS(34, 32)},
		   {"tg", BITS(15, 14)},
		   {"sh", BITS(13, 12)},
		   {"orgn", BITS(11, 10)},
		   {"irgn", BITS(9, 8)},
		   {"tsz", BITS(5, 0)}},
	.fixed = BIT(23), /* EPD1 */
};

static const struct reg_layout tcr_el1_upper = {
	.name = "tcr",
	.fields = {{"ips", BITS(34, 32)},
		   {"tg", BITS(31, 30)},
		   {"sh", BITS(29, 28)},
		   {"orgn", BITS(27, 26)},
		   {"irgn", BITS(25, 24)},
		   {"tsz", BITS(21, 16)}},
	.fixed = BIT(7), /* EPD0 */
};

/* TCR_EL2 without E2H, and TCR_EL3 */
static const struct reg_layout tcr_el2 = {
	.name = "tcr",
	.fields = {{"ips", BITS(18, 16)},
		   {"tg", BITS(15, 14)},
		   {"sh", BITS(13, 12)},
		   {"orgn", BITS(11, 10)},
		   {"irgn", BITS(9, 8)},
		   {"tsz", BITS(5, 0)}},
	.fixed = BIT(31) | BIT(23), /* RES1 */
};

static const struct reg_layout vtcr_el2 = {
	.name = "vtcr",
	.fields = {{"ps", BITS(18, 16)},
		   {"tg", BITS(15, 14)},
		   {"sh", BITS(13, 12)},
		   {"orgn", BITS(11, 10)},
		   {"irgn", BITS(9, 8)},
		   {"sl", BITS(7, 6)},
		   {"tsz", BITS(5, 0)}},
	.fixed = BIT(31), /* RES1 */
};

static const struct reg_layout ttbcr_lower = {
	.name = "tcr",
	.fields = {{"ips", 0},
		   {"tg", 0},
		   {"sh", BITS(13, 12)},
		   {"orgn", BITS(11, 10)},
		   {"irgn", BITS(9, 8)},
		   {"tsz", BITS(2, 0)}},
	.fixed = BIT(31) | BIT(23), /* EAE, EPD1 */
	.tsz_from_32 = true,
};

static const struct reg_layout ttbcr_upper = {
	.name = "tcr",
	.fields = {{"ips", 0},
		   {"tg", 0},
		   {"sh", BITS(29, 28)},
		   {"orgn", BITS(27, 26)},
		   {"irgn", BITS(25, 24)},
		   {"tsz", BITS(18, 16)}},
	.fixed = BIT(31) | BIT(7), /* EAE, EPD0 */
	.tsz_from_32 = true,
};

static const struct reg_layout vtcr_a32 = {
	.name = "vtcr",
	.fields = {{"ps", 0},
		   {"tg", 0},
		   {"sh", BITS(13, 12)},
		   {"orgn", BITS(11, 10)},
		   {"irgn", BITS(9, 8)},
		   {"sl", BITS(7, 6)},
		   {"tsz", BITS(4, 0)}}, /* S:T0SZ */
	.fixed = BIT(31),
	.tsz_from_32 = true,
};

static const struct reg_layout ttbcr_v7s = {.name = "tcr"};

const struct reg_layout *reg_control(enum iopt_format format, enum iopt_regime regime, bool upper)
{
	switch (format) {
	case IOPT_ARM_64_LPAE_S1:
		if (regime != IOPT_REGIME_EL1)
			return &tcr_el2;
		return upper ? &tcr_el1_upper : &tcr_el1_lower;
	case IOPT_ARM_64_LPAE_S2:
		return &vtcr_el2;
	case IOPT_ARM_32_LPAE_S1:
		return upper ? &ttbcr_upper : &ttbcr_lower;
	case IOPT_ARM_32_LPAE_S2:
		return &vtcr_a32;
	default:
		return &ttbcr_v7s;
	}
}

struct iopt_register reg_pack(const struct reg_layout *layout, const unsigned *values)
{
	struct iopt_register r = {.name = layout->name, .value = layout->fixed};

	for (unsigned i = 0; i < IOPT_FIELDS_MAX && layout->fields[i].name; i++) {
		uint64_t bits = layout->fields[i].bits;

		r.fields[i].name = layout->fields[i].name;
		r.fields[i].value = values[i];
		r.field_count++;
		if (bits)
			r.value |= field_put(bits, values[i]);
	}
	return r;
}

/* The size that T0SZ of AArch32 means, as 64 - ias: the field is signed and counts from 32. */
static unsigned tsz_of_a32(uint64_t value, uint64_t bits)
{
	uint64_t raw = field_get(value, bits), top = (field_get(~UINT64_C(0), bits) >> 1) + 1;

	if (bits != BITS(4, 0)) /* TTBCR's is not signed */
		return 32 + (unsigned)raw;
	return raw & top ? 32 - (unsigned)(2 * top - raw) : 32 + (unsigned)raw;
}

struct iopt_register reg_unpack(const struct reg_layout *layout, uint64_t value)
{
	struct iopt_register r = {.name = layout->name, .value = value};

	for (unsigned i = 0; i < IOPT_FIELDS_MAX && layout->fields[i].name; i++) {
		uint64_t bits = layout->fields[i].bits;

		r.fields[i].name = layout->fields[i].name;
		if (layout->tsz_from_32 && !strcmp(layout->fields[i].name, "tsz"))
			r.fields[i].value = tsz_of_a32(value, bits);
		else
			r.fields[i].value = bits ? (unsigned)field_get(value, bits) : 0;
		r.field_count++;
	}
	return r;
}

/* ---- codes ---- */

static const uint8_t oas_codes[] = {32, 36, 40, 42, 44, 48, 52};

int reg_oas_code(unsigned oas)
{
	for (unsigned i = 0; i < ARRAY_SIZE(oas_codes); i++)
		if (oas_codes[i] == oas)
			return (int)i;
	return -1;
}

unsigned reg_oas(unsigned code)
{
	return code < ARRAY_SIZE(oas_codes) ? oas_codes[code] : 0;
}

static const struct {
	uint64_t granule;
	uint8_t tg0, tg1;
} granule_codes[] = {{1 << 12, 0, 2}, {1 << 14, 2, 1}, {1 << 16, 1, 3}};

unsigned reg_granule_code(uint64_t granule, bool upper)
{
	for (unsigned i = 0; i < ARRAY_SIZE(granule_codes); i++)
		if (granule_codes[i].granule == granule)
			return upper ? granule_codes[i].tg1 : granule_codes[i].tg0;
	return 0;
}

uint64_t reg_granule(unsigned code, bool upper)
{
	for (unsigned i = 0; i < ARRAY_SIZE(granule_codes); i++)
		if ((upper ? granule_codes[i].tg1 : granule_codes[i].tg0) == code)
			return granule_codes[i].granule;
	return 0;
}

/* ---- table bases ---- */

#define TTBR_BADDR	 BITS(47, 1) /* and CnP in bit 0, ASID or VMID in 63:48 */
#define TTBR_BADDR_51_48 BITS(5, 2)
#define V7S_TTBR_BASE	 BITS(31, 7)
#define V7S_TTBR_S	 BIT(1)
#define V7S_TTBR_RGN_WB	 BIT(3)
#define V7S_TTBR_NOS	 BIT(5)
#define V7S_TTBR_IRGN0	 BIT(6)

uint64_t reg_ttbr_a64(uint64_t root)
{
	return (root & BITS(47, 0)) | field_put(TTBR_BADDR_51_48, root >> 48);
}

uint64_t reg_ttbr_a64_root(uint64_t ttbr, enum iopt_oa_layout layout)
{
	if (layout == IOPT_OA_48)
		return ttbr & TTBR_BADDR;
	return (ttbr & BITS(47, 6)) | field_get(ttbr, TTBR_BADDR_51_48) << 48;
}

uint64_t reg_ttbr_v7s(uint64_t root, uint32_t quirks, bool non_coherent_walk)
{
	uint64_t walk = V7S_TTBR_S;

	if (quirks & IOPT_QUIRK_ARM_MTK_EXT)
		return (root | root >> 32) & BITS(31, 0);
	if (!non_coherent_walk)
		walk |= V7S_TTBR_NOS | V7S_TTBR_IRGN0 | V7S_TTBR_RGN_WB;
	return root | walk;
}

uint64_t reg_ttbr_v7s_root(uint64_t ttbr, uint32_t quirks)
{
	uint64_t root = ttbr & V7S_TTBR_BASE;

	if (quirks & IOPT_QUIRK_ARM_MTK_EXT)
		root |= (ttbr & BITS(2, 0)) << 32;
	return root;
}

uint64_t reg_ttbr_v7s_move(uint64_t ttbr, uint64_t root, uint32_t quirks)
{
	if (quirks & IOPT_QUIRK_ARM_MTK_EXT)
		return reg_ttbr_v7s(root, quirks, true);
	return root | (ttbr & ~V7S_TTBR_BASE);
}

const struct iopt_register *space_register(const struct pgtable *t, const char *name)
{
	for (unsigned i = 0; i < t->register_count; i++)
		if (!strcmp(t->registers[i].name, name))
			return &t->registers[i];
	return NULL;
}
