/* SPDX-License-Identifier: MIT */
#include "space.h"

#include "error.h"
#include "pgtable_rows.h"
#include "regs.h"

enum { CONCATENATED_MAX_SHIFT = 4 };

static const struct format_rule rules[IOPT_FORMAT_COUNT] = {
	[IOPT_ARM_64_LPAE_S1] = {"arm-64-lpae-s1", 48, 48,
				 IOPT_QUIRK_ARM_NS | IOPT_QUIRK_ARM_TTBR1 |
					 IOPT_QUIRK_ARM_OUTER_WBWA,
				 false, false, false},
	[IOPT_ARM_64_LPAE_S2] = {"arm-64-lpae-s2", 48, 48, 0, true, false, false},
	[IOPT_ARM_32_LPAE_S1] = {"arm-32-lpae-s1", 32, 40,
				 IOPT_QUIRK_ARM_NS | IOPT_QUIRK_ARM_TTBR1 |
					 IOPT_QUIRK_ARM_OUTER_WBWA,
				 false, false, true},
	[IOPT_ARM_32_LPAE_S2] = {"arm-32-lpae-s2", 40, 40, 0, true, false, true},
	[IOPT_ARM_V7S] = {"arm-v7s", 32, 32,
			  IOPT_QUIRK_ARM_NS | IOPT_QUIRK_NO_PERMS | IOPT_QUIRK_ARM_MTK_EXT |
				  IOPT_QUIRK_ARM_MTK_TTBR_EXT,
			  false, true, true},
};

const struct format_rule *format_rule(enum iopt_format format)
{
	return &rules[format];
}

/* ---- rows ---- */

const struct pgtable_ops *space_ops(const struct space_desc *d)
{
	static const struct {
		uint64_t granule;
		enum iopt_oa_layout layout;
		const struct pgtable_ops *ops[2];
	} lpae[] = {
		{1 << 12, IOPT_OA_48, {&pgtable_a64_4k, &pgtable_a64_4k_be}},
		{1 << 14, IOPT_OA_48, {&pgtable_a64_16k, &pgtable_a64_16k_be}},
		{1 << 16, IOPT_OA_48, {&pgtable_a64_64k, &pgtable_a64_64k_be}},
		{1 << 16, IOPT_OA_LPA, {&pgtable_a64_64k_lpa, &pgtable_a64_64k_lpa_be}},
		{1 << 12, IOPT_OA_LPA2, {&pgtable_a64_4k_lpa2, &pgtable_a64_4k_lpa2_be}},
		{1 << 14, IOPT_OA_LPA2, {&pgtable_a64_16k_lpa2, &pgtable_a64_16k_lpa2_be}},
	};

	if (format_rule(d->format)->v7s) {
		if (d->quirks & IOPT_QUIRK_ARM_MTK_TTBR_EXT)
			return d->big_endian ? &pgtable_v7s_mtk_ttbr_be : &pgtable_v7s_mtk_ttbr;
		if (d->quirks & IOPT_QUIRK_ARM_MTK_EXT)
			return d->big_endian ? &pgtable_v7s_mtk_be : &pgtable_v7s_mtk;
		return d->big_endian ? &pgtable_v7s_be : &pgtable_v7s;
	}
	for (unsigned i = 0; i < ARRAY_SIZE(lpae); i++)
		if (lpae[i].granule == d->granule && lpae[i].layout == d->oa_layout)
			return lpae[i].ops[d->big_endian];
	return NULL;
}

/* ---- geometry ---- */

int space_start_level(enum iopt_format format, uint64_t granule, unsigned ias)
{
	const struct format_rule *rule = format_rule(format);
	unsigned shift = (unsigned)__builtin_ctzll(granule), bits = shift - 3, top;
	int level = 3;

	if (rule->v7s)
		return 1;
	for (top = ias - shift; top > bits; top -= bits)
		level--;
	return rule->stage2 && level == 0 && top <= CONCATENATED_MAX_SHIFT ? 1 : level;
}

int space_stage2_start(const struct space_desc *d, unsigned sl0, bool sl2)
{
	static const int8_t starts_4k[] = {2, 1, 0, 3}, others[] = {3, 2, 1, 0};

	if (sl0 >= ARRAY_SIZE(others) || (format_rule(d->format)->aarch32 && sl0 > 1))
		return -2;
	if (d->granule != BIT(12))
		return others[sl0];
	return d->oa_layout == IOPT_OA_LPA2 && sl2 && !sl0 ? -1 : starts_4k[sl0];
}

static int space_geometry(struct pgtable *t, const struct space_desc *d, struct iopt_error *error)
{
	const struct pgtable_format *f = t->ops->format;
	const struct format_rule *rule = format_rule(d->format);
	unsigned most = f->index_bits + (rule->stage2 ? CONCATENATED_MAX_SHIFT : 0);

	if (rule->v7s)
		most = 34 - 20;
	if (d->start_level < f->first_level || d->start_level > f->last_level ||
	    (rule->v7s && d->start_level != f->first_level))
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "no walk of %s with this granule starts at level %d", rule->name,
				 d->start_level);
	t->start_level = (int8_t)d->start_level;
	t->root_shift = (uint8_t)block_shift(f, d->start_level);
	if (d->ias <= t->root_shift || d->ias - t->root_shift > most)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "%u-bit addresses do not start at level %d: its first table would "
				 "have %d index bits",
				 d->ias, d->start_level, (int)d->ias - t->root_shift);
	t->root_bits = (uint8_t)(d->ias - t->root_shift);
	t->root_bytes = BIT(t->root_bits + f->desc_shift);
	if (d->root & (min_u64(t->root_bytes, BIT(FRAME_SHIFT)) - 1) || d->root & 63)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "the first table at 0x%llx is not aligned to its size, 0x%llx",
				 (unsigned long long)d->root, (unsigned long long)t->root_bytes);
	return 0;
}

/*
 * Which input addresses reach the space.  A CPU's AArch32 halves share 32 bits: the upper one
 * begins where TTBCR says ("Determining which translation table base address register to use").
 */
static void space_range(struct pgtable *t, const struct format_rule *rule)
{
	const struct iopt_register *tcr = space_register(t, "tcr");
	uint64_t value = tcr ? tcr->value : 0;

	if (t->quirks & IOPT_QUIRK_ARM_TTBR1 || (t->upper && !rule->aarch32))
		t->iova_base = ~t->iova_mask;
	t->first = t->iova_base;
	t->last = t->iova_base | t->iova_mask;
	if (rule->stage2 || !rule->aarch32)
		return;
	if (t->upper && rule->v7s) {
		t->first = BIT(32 - (value & 7));
	} else if (t->upper) {
		t->iova_base = low_bits(32) & ~t->iova_mask;
		t->first = t->iova_base ? t->iova_base : BIT(32 - (value & 7));
		t->last = low_bits(32);
	}
}

static void space_encoding(struct pgtable *t, const struct format_rule *rule)
{
	for (unsigned prot = 0; prot < PGTABLE_PROTS; prot++)
		t->attrs[prot] = rule->v7s	? v7s_attrs(prot, t->quirks)
				 : rule->stage2 ? lpae_stage2_attrs(prot, t->quirks)
						: lpae_stage1_attrs(prot, t->quirks);
	t->table_bits = rule->v7s ? v7s_table_bits(t->quirks)
				  : lpae_table_bits(t->quirks, t->non_coherent_walk);
}

/* Where tables may lie: what a table descriptor can say. */
static uint64_t space_table_mask(const struct pgtable *t, const struct format_rule *rule)
{
	if (!rule->v7s)
		return t->oa_layout == IOPT_OA_48 ? BITS(47, 0) : BITS(51, 0);
	return t->quirks & IOPT_QUIRK_ARM_MTK_TTBR_EXT ? ~t->oa_beyond : BITS(31, 0);
}

/* Short descriptors have room for more only in supersections, which nobody writes here. */
static unsigned map_bits(const struct space_desc *d, const struct format_rule *rule)
{
	unsigned most = d->quirks & IOPT_QUIRK_ARM_MTK_EXT ? 35 : 32;

	return rule->v7s && d->oas > most ? most : d->oas;
}

int space_init(struct pgtable *t, struct iopt_memory *memory, const struct space_desc *d,
	       struct iopt_error *error)
{
	const struct format_rule *rule = format_rule(d->format);
	int ret;

	if (d->ias > 64 || d->oas > 64)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "ias and oas are at most 64 bits");
	*t = (struct pgtable){
		.ops = space_ops(d),
		.memory = memory,
		.hint = {.tag = UINT64_MAX, .generation = UINT64_MAX},
		.walked = UINT64_MAX,
		.iova_mask = low_bits(d->ias),
		.oa_beyond = ~low_bits(d->oas),
		.map_beyond = ~low_bits(map_bits(d, rule)),
		.page_sizes = d->page_sizes,
		.root = d->root,
		.range_level = rule->aarch32 ? 1 : 0,
		.stage = rule->stage2 ? 2 : 1,
		.format = d->format,
		.regime = d->regime,
		.oa_layout = d->oa_layout,
		.ias = (uint8_t)d->ias,
		.oas = (uint8_t)d->oas,
		.quirks = d->quirks,
		.non_coherent_walk = d->non_coherent_walk,
		.upper = d->upper,
		.register_count = d->register_count,
	};
	memcpy(t->registers, d->registers, sizeof(t->registers));
	if (!t->ops)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "%s has no 0x%llx granule with this layout of output addresses",
				 rule->name, (unsigned long long)d->granule);
	ret = space_geometry(t, d, error);
	if (ret)
		return ret;
	space_range(t, rule);
	t->controls = space_controls(t);
	t->access_flag = !t->controls.ha && (!rule->v7s || t->controls.afe) &&
			 !(d->quirks & IOPT_QUIRK_NO_PERMS);
	t->table_alloc = BIT(t->ops->format->index_bits + t->ops->format->desc_shift);
	t->table_mask = space_table_mask(t, rule);
	space_encoding(t, rule);
	return 0;
}

void space_describe(const struct pgtable *t, struct space_desc *d)
{
	*d = (struct space_desc){
		.format = t->format,
		.regime = t->regime,
		.oa_layout = t->oa_layout,
		.ias = t->ias,
		.oas = t->oas,
		.granule = BIT(t->ops->format->granule_shift),
		.page_sizes = t->page_sizes,
		.root = t->root,
		.start_level = t->start_level,
		.quirks = t->quirks,
		.non_coherent_walk = t->non_coherent_walk,
		.big_endian = t->ops->format->big_endian,
		.upper = t->upper,
		.register_count = t->register_count,
	};
	memcpy(d->registers, t->registers, sizeof(d->registers));
}
