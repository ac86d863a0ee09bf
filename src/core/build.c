/* SPDX-License-Identifier: MIT */
/*
 * Arm ARM: "TCR_EL1" to "VTCR_EL2" for what the sizes may be, "Concatenated translation tables for
 * the initial stage 2 lookup" for where a stage 2 may start, "PRRR" and "NMRR".
 */
#include "build.h"

#include "error.h"
#include "regs.h"

#define TCR_EPD0	BIT(7)
#define TCR_EPD1	BIT(23)
#define TCR_EL1_DS	BIT(59)
#define TCR_EL2_DS	BIT(32)
#define BUILD_BYTES_MAX (UINT64_C(4) << 30)

enum { IAS_MIN_A64 = 25, CONCATENATED_MAX_SHIFT = 4, OAS_52 = 52 };

struct describing {
	const struct build_config *c;
	const struct format_rule *rule;
	const char **member;
	struct iopt_error *error;
};

#define REFUSE(d, what, ...)    \
	(*(d)->member = (what), \
	 error_set((d)->error, IOPT_FAILURE_REQUEST, IOPT_EINVAL, __VA_ARGS__))

/* ---- sizes ---- */

static unsigned default_oas(const struct describing *d)
{
	return d->c->oas ? d->c->oas : d->rule->default_oas;
}

/* The fewest bits: those of the lower half's last address, or below the upper half's first. */
static unsigned fewest_bits(const struct build_half *half, bool upper)
{
	uint64_t reach = upper ? ~half->needs.first : half->needs.last;

	return 64u - (reach ? (unsigned)__builtin_clzll(reach) : 63u);
}

/* AArch32 divides 32 bits: what the upper half does not need is the lower one's. */
static unsigned choose_ias(const struct describing *d, unsigned i)
{
	const struct build_half *half = &d->c->halves[i];
	unsigned bits;

	if (half->ias)
		return half->ias;
	if (d->rule->aarch32 && !d->rule->stage2 && d->c->halves[1].there)
		return d->rule->v7s && i ? 32 : 31;
	if (d->rule->aarch32)
		return d->rule->default_ias;
	bits = fewest_bits(half, i);
	return bits < IAS_MIN_A64 ? IAS_MIN_A64 : bits;
}

static int check_granule(const struct describing *d, uint64_t granule)
{
	if (iopt_granule_page_sizes(d->c->format, granule))
		return 0;
	return REFUSE(d, "granule", "%s has no granule of 0x%llx bytes", d->rule->name,
		      (unsigned long long)granule);
}

static int check_oas(const struct describing *d, const struct space_desc *s)
{
	unsigned most = d->rule->v7s ? 32 : d->rule->aarch32 ? 40 : OAS_52;

	if (s->oas > most || (d->rule->v7s && s->oas < most))
		return REFUSE(d, "oas", "oas %u: output addresses of %s have %u bits", s->oas,
			      d->rule->name, most);
	if (!d->rule->v7s && reg_oas_code(s->oas) < 0)
		return REFUSE(d, "oas", "oas %u is none of 32, 36, 40, 42, 44, 48 and 52", s->oas);
	return 0;
}

static int check_ias(const struct describing *d, const struct space_desc *s)
{
	const bool stage2 = d->rule->stage2, wide = s->oa_layout != IOPT_OA_48;
	unsigned most = s->granule == BIT(16) || wide ? 52 : 48, least = 16;

	if (d->rule->aarch32) {
		most = stage2 ? 40 : 32;
		least = 25;
	}
	if (s->ias > 48 && s->ias <= 52 && most == 48 && !d->rule->aarch32)
		return REFUSE(d, "ias",
			      "ias %u: more than 48 bits take the 64k granule, or an oas "
			      "of 52 (FEAT_LPA2)",
			      s->ias);
	if (s->ias < least || s->ias > most)
		return REFUSE(d, "ias", "ias %u: %s translates from %u to %u bits here", s->ias,
			      d->rule->name, least, most);
	if (stage2 && s->ias > s->oas)
		return REFUSE(d, "ias", "ias %u: stage 2 translates no more bits than oas, %u",
			      s->ias, s->oas);
	return 0;
}

/*
 * Concatenated tables save a level wherever 16 of them hold it; but for level 3 of 4K tables, which
 * a walk starts at only with FEAT_TTST.
 */
static int start_level(const struct space_desc *s)
{
	const unsigned shift = (unsigned)__builtin_ctzll(s->granule), bits = shift - 3;
	unsigned top;
	int level = 3;

	if (!format_rule(s->format)->stage2)
		return space_start_level(s->format, s->granule, s->ias);
	for (top = s->ias - shift; top > bits; top -= bits)
		level--;
	return top <= CONCATENATED_MAX_SHIFT && level < (shift == 12 ? 2 : 3) ? level + 1 : level;
}

/* ---- registers ---- */

static struct iopt_register *find_register(struct space_desc *s, const char *name)
{
	for (unsigned i = 0; i < s->register_count; i++)
		if (!strcmp(s->registers[i].name, name))
			return &s->registers[i];
	return NULL;
}

static void set_register(struct space_desc *s, const char *name, uint64_t value)
{
	struct iopt_register *r = find_register(s, name);

	if (r)
		r->value = value;
}

/* TCR is one register for both halves; a half that is not there stays disabled. */
static void join_controls(const struct describing *d, struct space_desc *spaces, unsigned count)
{
	uint64_t value = 0;

	if (d->rule->v7s) {
		value = d->c->halves[1].there ? 32 - choose_ias(d, 0) : 0;
	} else {
		for (unsigned i = 0; i < count; i++)
			value |= find_register(&spaces[i], "tcr")->value;
		if (count > 1)
			value &= ~(TCR_EPD0 | TCR_EPD1);
	}
	for (unsigned i = 0; i < count; i++)
		set_register(&spaces[i], "tcr", value);
}

static void fill_registers(const struct describing *d, struct space_desc *s)
{
	const bool el1 = s->regime == IOPT_REGIME_EL1;
	struct iopt_register *control;

	/* linux_registers() knows an upper half by its quirk */
	s->quirks = s->upper && !d->rule->v7s ? IOPT_QUIRK_ARM_TTBR1 : 0;
	linux_registers(s);
	s->quirks = 0;
	set_register(s, "mair", d->c->mair);
	set_register(s, "prrr", BUILD_PRRR);
	set_register(s, "nmrr", BUILD_NMRR);
	control = find_register(s, d->rule->stage2 ? "vtcr" : "tcr");
	if (s->oa_layout == IOPT_OA_LPA2)
		control->value |= el1 ? TCR_EL1_DS : TCR_EL2_DS;
}

/* ---- spaces ---- */

static int describe_half(const struct describing *d, unsigned i, struct space_desc *s)
{
	const bool a64 = !d->rule->aarch32;
	int ret;

	*s = (struct space_desc){
		.format = d->c->format,
		.regime = d->c->regime,
		.ias = choose_ias(d, i),
		.oas = default_oas(d),
		.granule = d->c->granule ? d->c->granule : BIT(12),
		.upper = i,
	};
	ret = check_granule(d, s->granule);
	if (ret)
		return ret;
	s->page_sizes = iopt_granule_page_sizes(s->format, s->granule);
	if (a64 && s->granule == BIT(16) && s->oas == OAS_52)
		s->oa_layout = IOPT_OA_LPA;
	else if (a64 && s->granule != BIT(16) && s->oas == OAS_52)
		s->oa_layout = IOPT_OA_LPA2;
	ret = check_oas(d, s);
	if (!ret)
		ret = check_ias(d, s);
	if (ret)
		return ret;
	s->start_level = start_level(s);
	fill_registers(d, s);
	return 0;
}

static int check_regime(const struct describing *d)
{
	const bool stage2 = d->c->regime == IOPT_REGIME_STAGE2;

	if (stage2 != d->rule->stage2)
		return REFUSE(d, "regime", "%s is a format of stage %d", d->rule->name,
			      d->rule->stage2 ? 2 : 1);
	if (!stage2 && d->c->regime != IOPT_REGIME_EL1 && d->c->format != IOPT_ARM_64_LPAE_S1)
		return REFUSE(d, "regime", "only arm-64-lpae-s1 has the regimes el2 and el3");
	if (d->c->halves[1].there && d->c->regime != IOPT_REGIME_EL1)
		return REFUSE(d, "ttbr1", "only the regime el1 has a second half");
	return 0;
}

/* AArch32: where the halves meet is told by both widths. */
static int check_halves(const struct describing *d, const struct space_desc *spaces, unsigned count)
{
	if (!d->rule->aarch32 || count < 2)
		return 0;
	if (d->rule->v7s && (spaces[0].ias < 25 || spaces[0].ias > 31))
		return REFUSE(d, "ias",
			      "ias %u: a first half of short descriptors has 25 to 31 "
			      "bits, 32 - TTBCR.N",
			      spaces[0].ias);
	if (d->rule->v7s && spaces[1].ias != 32)
		return REFUSE(d, "ttbr1", "a second half of short descriptors has an ias of 32");
	if (!d->rule->v7s && (spaces[0].ias > 31 || spaces[1].ias > 31))
		return REFUSE(d, "ias", "two halves share 32 bits: each has an ias of at most 31");
	return 0;
}

int build_describe(const struct build_config *config, struct space_desc spaces[2], unsigned *count,
		   const char **member, struct iopt_error *error)
{
	const struct describing d = {config, format_rule(config->format), member, error};
	int ret = check_regime(&d);

	*count = 0;
	for (unsigned i = 0; !ret && i < ARRAY_SIZE(config->halves); i++)
		if (config->halves[i].there)
			ret = describe_half(&d, i, &spaces[(*count)++]);
	if (!ret)
		ret = check_halves(&d, spaces, *count);
	if (!ret && !d.rule->stage2)
		join_controls(&d, spaces, *count);
	return ret;
}

int build_mair(const bool used[static 256], uint64_t *mair)
{
	unsigned n = 0;

	*mair = 0;
	for (unsigned byte = 0; byte < 256; byte++) {
		if (!used[byte])
			continue;
		if (n == 8)
			return -IOPT_E2BIG;
		*mair |= (uint64_t)byte << (8 * n++);
	}
	return 0;
}

/* ---- domains ---- */

static uint64_t root_room(const struct plan *plan)
{
	const struct pgtable *t = &plan->tree;
	const struct pgtable_format *f = t->ops->format;

	return max_u64(t->root_bytes, BIT(f->index_bits + f->desc_shift));
}

uint64_t build_base_align(const struct plan *plans, unsigned count)
{
	uint64_t align = BIT(12); /* RAM is made of such pages */

	for (unsigned i = 0; i < count; i++)
		align = max_u64(align, root_room(&plans[i]));
	return align;
}

/* Room for all tables from 'base' on, in whole pages, gaps between two trees included. */
static int add_room(struct iopt_memory *memory, const struct plan *plans, unsigned count,
		    uint64_t base, struct iopt_error *error)
{
	uint64_t bytes = 0, align = build_base_align(plans, count), tables;
	struct range r;

	for (unsigned i = 0; i < count; i++) {
		const struct pgtable_format *f = plans[i].tree.ops->format;

		if (__builtin_mul_overflow(plans[i].table_count, BIT(f->index_bits + f->desc_shift),
					   &tables) ||
		    tables > BUILD_BYTES_MAX)
			return error_set(error, IOPT_FAILURE_LIMIT, IOPT_E2BIG,
					 "%llu tables are needed: that is more than 4 GiB",
					 (unsigned long long)plans[i].table_count);
		bytes += align_up(tables + root_room(&plans[i]), align);
	}
	if (!range_make(base, bytes, &r) || r.last & ~plans[0].tree.table_mask ||
	    r.last & plans[0].tree.oa_beyond)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ERANGE,
				 "base 0x%llx: 0x%llx bytes of tables from there on are out of "
				 "the reach of descriptors",
				 (unsigned long long)base, (unsigned long long)bytes);
	return iopt_memory_add_ram(memory, base, bytes, error);
}

static int add_root(struct iopt_memory *memory, const struct plan *plan, struct space_desc *desc)
{
	uint64_t root;
	int ret = memory_alloc(memory, root_room(plan), &root);

	return ret ? ret : domain_move_root(desc, root);
}

static int fill_tree(struct iopt_memory *memory, const struct plan *plan, struct space_desc *desc)
{
	struct pgtable tree;
	int ret = add_root(memory, plan, desc);

	if (!ret)
		ret = space_init(&tree, memory, desc, NULL);
	return ret ? ret : plan_build(plan, &tree);
}

int build_domain(struct iopt_memory *memory, const struct space_desc *spaces,
		 const struct plan *plans, unsigned count, uint64_t base,
		 struct iopt_domain **domain, struct iopt_error *error)
{
	const uint64_t align = build_base_align(plans, count);
	struct space_desc descs[2];
	int ret;

	if (base & (align - 1))
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "base 0x%llx is not a multiple of 0x%llx, as its tables",
				 (unsigned long long)base, (unsigned long long)align);
	ret = add_room(memory, plans, count, base, error);
	if (ret)
		return ret;
	for (unsigned i = 0; !ret && i < count; i++) {
		descs[i] = spaces[i];
		ret = fill_tree(memory, &plans[i], &descs[i]);
	}
	if (ret)
		return error_set(error,
				 ret == -IOPT_EINTR ? IOPT_FAILURE_REQUEST : IOPT_FAILURE_LIMIT,
				 -ret, "%s", iopt_error_text(ret));
	ret = domain_adopt(memory, descs, count, domain, error);
	if (ret)
		return ret;
	(*domain)->spaces[0].warning = linux_warning(&descs[0]);
	return 0;
}
