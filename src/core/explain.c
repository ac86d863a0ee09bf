/* SPDX-License-Identifier: MIT */
#include "explain.h"

#include "domain.h"
#include "space.h"

/* ---- registers ---- */

static bool is_first_form(size_t i)
{
	return !i || strcmp(field_registers[i].name, field_registers[i - 1].name) != 0;
}

int iopt_decodable(size_t i, struct iopt_decodable *d)
{
	size_t k = 0;

	if (d->struct_size < sizeof(*d))
		return -IOPT_EINVAL;
	for (; k < field_register_count; k++)
		if (is_first_form(k) && !i--)
			break;
	if (k == field_register_count)
		return -IOPT_ENOENT;
	d->name = field_registers[k].name;
	d->title = field_registers[k].title;
	d->bits = field_set(field_registers[k].set)->bits;
	return 0;
}

static bool fits(const struct field_set *set, const uint64_t *words)
{
	return set->bits >= 64 || !(words[0] >> set->bits);
}

int iopt_decode(const char *name, const uint64_t *words, size_t count,
		const struct iopt_field_sink *sink)
{
	for (size_t i = 0; i < field_register_count; i++) {
		const struct field_register *r = &field_registers[i];
		const struct field_set *set = field_set(r->set);

		if (strcmp(r->name, name) != 0)
			continue;
		if (count != (set->bits + 63) / 64)
			return -IOPT_EINVAL;
		if ((words[0] & r->mask) != r->match)
			continue;
		return fits(set, words) ? fields_tell(&set, 1, words, NULL, sink) : -IOPT_ERANGE;
	}
	return -IOPT_ENOENT;
}

/* What iopt.h names for opening and is no register, or another name of one. */
static const char *const other_names[] = {
	"ttbr",	 "tcr", "mair", "vttbr",	"vtcr",	 "prrr",   "nmrr",
	"ias",	 "oas", "arch", "quirks",	"ttbr0", "ttbr1",  "hcr",
	"sctlr", "scr", "dacr", "id_aa64mmfr1", "ttbcr", "hsctlr",
};

/* "ttbr0_el2" is ttbr0's, whatever the level; HTCR may also be called ttbcr_el2. */
static bool is_other_name(const char *name)
{
	size_t length = strlen(name);

	if (length > 4 && !strncmp(name + length - 4, "_el", 3) && name[length - 1] >= '1' &&
	    name[length - 1] <= '3')
		length -= 4;
	for (size_t i = 0; i < ARRAY_SIZE(other_names); i++)
		if (strlen(other_names[i]) == length && !strncmp(other_names[i], name, length))
			return true;
	return false;
}

bool iopt_register_is_known(const char *name)
{
	const char *dot = strchr(name, '.');
	char whole[16];

	if (dot) {
		if ((size_t)(dot - name) >= sizeof(whole) || !domain_register_name(dot + 1))
			return false;
		memcpy(whole, name, (size_t)(dot - name));
		whole[dot - name] = '\0';
		name = whole;
	}
	for (size_t i = 0; i < field_register_count; i++)
		if (!strcmp(field_registers[i].name, name))
			return true;
	return is_other_name(name);
}

/* ---- descriptors ---- */

/* clang-format off */
static const struct {
	uint8_t granule_shift;
	bool aarch32;
	enum iopt_oa_layout layout;
	enum field_set_id table, leaves[4]; /* by level */
} addresses[] = {
	{12, false, IOPT_OA_48, FIELDS_next_4k,
	 {0, FIELDS_oa_4k_l1, FIELDS_oa_4k_l2, FIELDS_oa_4k_l3}},
	{14, false, IOPT_OA_48, FIELDS_next_16k,
	 {0, 0, FIELDS_oa_16k_l2, FIELDS_oa_16k_l3}},
	{16, false, IOPT_OA_48, FIELDS_next_64k,
	 {0, 0, FIELDS_oa_64k_l2, FIELDS_oa_64k_l3}},
	{16, false, IOPT_OA_LPA, FIELDS_next_64k_lpa,
	 {0, FIELDS_oa_64k_lpa_l1, FIELDS_oa_64k_lpa_l2, FIELDS_oa_64k_lpa_l3}},
	{12, false, IOPT_OA_LPA2, FIELDS_next_4k_lpa2,
	 {FIELDS_oa_4k_lpa2_l0, FIELDS_oa_4k_lpa2_l1, FIELDS_oa_4k_lpa2_l2, FIELDS_oa_4k_lpa2_l3}},
	{14, false, IOPT_OA_LPA2, FIELDS_next_16k_lpa2,
	 {0, FIELDS_oa_16k_lpa2_l1, FIELDS_oa_16k_lpa2_l2, FIELDS_oa_16k_lpa2_l3}},
	{12, true, IOPT_OA_48, FIELDS_next_a32,
	 {0, FIELDS_oa_a32_l1, FIELDS_oa_a32_l2, FIELDS_oa_a32_l3}},
};
/* clang-format on */

static enum field_set_id address_set(const struct descriptor_view *v, int level, bool table)
{
	size_t i = 0;

	while (addresses[i].granule_shift != v->format->granule_shift ||
	       addresses[i].layout != v->oa_layout || addresses[i].aarch32 != v->aarch32)
		i++;
	return table ? addresses[i].table : addresses[i].leaves[level];
}

static enum field_set_id table_attributes(const struct descriptor_view *v)
{
	if (v->regime == IOPT_REGIME_STAGE2)
		return v->aarch32 ? FIELDS_table_a32_stage2 : FIELDS_table_stage2;
	if (v->aarch32)
		return v->el0 ? FIELDS_table_a32_two : FIELDS_table_a32_one;
	return v->el0 ? FIELDS_table_two : FIELDS_table_one;
}

static enum field_set_id leaf_attributes(const struct descriptor_view *v)
{
	if (v->regime == IOPT_REGIME_STAGE2) {
		if (v->aarch32)
			return v->xnx ? FIELDS_leaf_a32_stage2_xnx : FIELDS_leaf_a32_stage2;
		return v->xnx ? FIELDS_leaf_stage2 : FIELDS_leaf_stage2_xn;
	}
	if (v->aarch32)
		return v->el0 ? FIELDS_leaf_a32_two : FIELDS_leaf_a32_hyp;
	if (v->el0)
		return FIELDS_leaf_two;
	return v->regime == IOPT_REGIME_EL3 ? FIELDS_leaf_el3 : FIELDS_leaf_el2;
}

static unsigned lpae_sets(const struct descriptor_view *v, int level, enum iopt_type type,
			  const struct field_set **list)
{
	const bool table = type == IOPT_TYPE_TABLE;

	if (type == IOPT_TYPE_INVALID) {
		list[0] = field_set(FIELDS_lpae_invalid);
		return 1;
	}
	list[0] = field_set(level == 3 ? FIELDS_lpae_type_last : FIELDS_lpae_type);
	if (type == IOPT_TYPE_RESERVED) {
		if (level < 3)
			list[0] = field_set(FIELDS_lpae_type_reserved);
		list[1] = field_set(FIELDS_lpae_reserved);
		return 2;
	}
	list[1] = field_set(table ? table_attributes(v) : leaf_attributes(v));
	list[2] = field_set(address_set(v, level, table));
	return 3;
}

static unsigned v7s_sets(const struct descriptor_view *v, int level, enum iopt_type type,
			 const struct field_set **list)
{
	const bool mtk = v->mtk_leaf, super = type == IOPT_TYPE_SUPERSECTION;

	switch (type) {
	case IOPT_TYPE_TABLE:
		list[0] = field_set(v->mtk_table ? FIELDS_mtk_table : FIELDS_v7s_table);
		return 1;
	case IOPT_TYPE_SECTION:
	case IOPT_TYPE_SUPERSECTION:
		list[0] = field_set(super ? FIELDS_v7s_supersection : FIELDS_v7s_section);
		list[1] = field_set(v->afe ? FIELDS_v7s_af_l1 : FIELDS_v7s_ap_l1);
		if (super)
			list[2] = field_set(mtk ? FIELDS_mtk_far : FIELDS_v7s_far);
		else
			list[2] = field_set(mtk ? FIELDS_mtk_near : FIELDS_v7s_near);
		return 3;
	case IOPT_TYPE_PAGE:
	case IOPT_TYPE_LARGE:
		list[0] = field_set(type == IOPT_TYPE_LARGE ? FIELDS_v7s_large : FIELDS_v7s_small);
		list[1] = field_set(mtk	     ? FIELDS_mtk_l2
				    : v->afe ? FIELDS_v7s_af_l2
					     : FIELDS_v7s_ap_l2);
		return 2;
	default:
		list[0] = field_set(level == 1 ? FIELDS_v7s_invalid_l1 : FIELDS_v7s_invalid_l2);
		return 1;
	}
}

unsigned descriptor_sets(const struct descriptor_view *v, int level, uint64_t desc,
			 const struct field_set *list[static FIELD_SETS_MAX])
{
	enum iopt_type type = pgtable_type(v->format, desc, level);

	return v->v7s ? v7s_sets(v, level, type, list) : lpae_sets(v, level, type, list);
}

static int descriptor_tell(const struct descriptor_view *v, int level, uint64_t desc,
			   const struct pgtable_controls *controls,
			   const struct iopt_field_sink *sink)
{
	const struct field_set *list[FIELD_SETS_MAX];

	if (level < v->format->first_level || level > v->format->last_level)
		return -IOPT_EINVAL;
	if (v->v7s && desc >> 32)
		return -IOPT_ERANGE;
	return fields_tell(list, descriptor_sets(v, level, desc, list), &desc, controls, sink);
}

int iopt_descriptor_decode(struct iopt_descriptor *d, const struct iopt_field_sink *sink)
{
	const struct format_rule *rule;
	struct descriptor_view view;
	struct space_desc space;
	const struct pgtable_ops *ops;
	int ret;

	if (d->struct_size < sizeof(*d) || (unsigned)d->format >= IOPT_FORMAT_COUNT ||
	    (unsigned)d->regime >= IOPT_REGIME_COUNT)
		return -IOPT_EINVAL;
	rule = format_rule(d->format);
	space = (struct space_desc){
		.format = d->format,
		.oa_layout = d->oa_layout,
		.granule = d->granule ? d->granule : BIT(12),
	};
	ops = space_ops(&space);
	if (!ops || (rule->aarch32 && (space.granule != BIT(12) || d->oa_layout != IOPT_OA_48)))
		return -IOPT_EINVAL;
	view = (struct descriptor_view){
		.format = ops->format,
		.oa_layout = d->oa_layout,
		.regime = rule->stage2 ? IOPT_REGIME_STAGE2 : d->regime,
		.v7s = rule->v7s,
		.aarch32 = rule->aarch32,
		.el0 = d->regime == IOPT_REGIME_EL1,
		.xnx = !rule->aarch32,
	};
	if (!rule->stage2 && d->regime == IOPT_REGIME_STAGE2)
		return -IOPT_EINVAL;
	ret = descriptor_tell(&view, d->level, d->desc, NULL, sink);
	if (!ret)
		d->type = pgtable_type(ops->format, d->desc, d->level);
	return ret;
}

struct descriptor_view space_view(const struct pgtable *t)
{
	const struct format_rule *rule = format_rule(t->format);

	return (struct descriptor_view){
		.format = t->ops->format,
		.oa_layout = t->oa_layout,
		.regime = t->regime,
		.v7s = rule->v7s,
		.aarch32 = rule->aarch32,
		.el0 = t->regime == IOPT_REGIME_EL1 || t->controls.e2h,
		.xnx = t->controls.xnx,
		.afe = t->controls.afe,
		.mtk_leaf = t->quirks & (IOPT_QUIRK_ARM_MTK_EXT | IOPT_QUIRK_ARM_MTK_TTBR_EXT),
		.mtk_table = t->quirks & IOPT_QUIRK_ARM_MTK_TTBR_EXT,
	};
}

static int space_decode(const struct pgtable *t, int level, uint64_t desc,
			const struct iopt_field_sink *sink)
{
	const struct descriptor_view view = space_view(t);

	return descriptor_tell(&view, level, desc, &t->controls, sink);
}

int iopt_domain_decode(const struct iopt_domain *d, unsigned space, int level, uint64_t desc,
		       const struct iopt_field_sink *sink)
{
	if (space >= d->space_count)
		return -IOPT_ENOENT;
	return space_decode(&d->spaces[space], level, desc, sink);
}

/* ---- steps ---- */

/* The space of a step: its own half, or the stage 2 below. */
static const struct pgtable *step_space(const struct iopt_domain *d, const struct iopt_walk *walk,
					unsigned i)
{
	if (i >= walk->step_count || i >= IOPT_STEPS_MAX || walk->space >= d->space_count)
		return NULL;
	if (d->stage2 && walk->steps[i].stage == 2)
		return &d->stage2->spaces[0];
	return &d->spaces[walk->space];
}

int iopt_step_decode(const struct iopt_domain *d, const struct iopt_walk *walk, unsigned i,
		     const struct iopt_field_sink *sink)
{
	const struct pgtable *t = step_space(d, walk, i);

	if (!t || walk->steps[i].absent)
		return -IOPT_ENOENT;
	return space_decode(t, walk->steps[i].level, walk->steps[i].desc, sink);
}

int iopt_step_index(const struct iopt_domain *d, const struct iopt_walk *walk, unsigned i,
		    unsigned *hi, unsigned *lo)
{
	const struct pgtable *t = step_space(d, walk, i);
	const struct pgtable_format *f;
	int level;

	if (!t)
		return -IOPT_ENOENT;
	f = t->ops->format;
	level = walk->steps[i].level;
	if (level < f->first_level || level > f->last_level)
		return -IOPT_EINVAL;
	*lo = block_shift(f, level);
	*hi = *lo + (level == t->start_level ? t->root_bits : f->index_bits) - 1;
	return 0;
}
