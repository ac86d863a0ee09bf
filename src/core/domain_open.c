/* SPDX-License-Identifier: MIT */
/* A domain over tables that are already there, by a space's own registers. */
#include <stdio.h>

#include "error.h"
#include "regs.h"
#include "space.h"

struct opening {
	const struct iopt_config *config;
	const struct iopt_registers *registers;
	const struct format_rule *rule;
	struct space_desc desc;
	bool upper;
	struct iopt_error *error;
};

static bool given(const struct opening *o, const char *name, uint64_t *value)
{
	return !iopt_registers_get(o->registers, name, value);
}

static int refuse(const struct opening *o, const char *why)
{
	return error_set(o->error, IOPT_FAILURE_REQUEST, IOPT_EINVAL, "%s", why);
}

/* A number of the file, or of the configuration, that is at most 'most'; 0: neither. */
static int open_number(const struct opening *o, const char *name, uint64_t most, uint64_t fallback,
		       uint64_t *value)
{
	if (!given(o, name, value))
		*value = fallback;
	if (*value > most)
		return error_set(o->error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "%s is 0x%llx, more than 0x%llx", name, (unsigned long long)*value,
				 (unsigned long long)most);
	return 0;
}

static int open_config(struct opening *o)
{
	struct space_desc *d = &o->desc;
	uint64_t ias, oas, quirks;
	int ret = open_number(o, "ias", 64, o->config->ias, &ias);

	if (!ret)
		ret = open_number(o, "oas", 64, o->config->oas, &oas);
	if (!ret)
		ret = open_number(o, "quirks", BIT(IOPT_QUIRK_COUNT) - 1, o->config->quirks,
				  &quirks);
	if (ret)
		return ret;
	*d = (struct space_desc){
		.format = o->config->format,
		.regime = o->rule->stage2 ? IOPT_REGIME_STAGE2 : o->config->regime,
		.ias = (unsigned)ias,
		.oas = (unsigned)oas,
		.quirks = (uint32_t)quirks,
		.non_coherent_walk = o->config->non_coherent_walk,
		.big_endian = o->config->big_endian,
	};
	if (quirks & ~(uint64_t)o->rule->quirks)
		return error_set(o->error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "%s does not have all of these quirks", o->rule->name);
	o->upper = quirks & IOPT_QUIRK_ARM_TTBR1;
	return 0;
}

/* What Linux reports of a field that the register does not have is at most a TSZ. */
static uint64_t field_most(uint64_t bits)
{
	return bits && bits != BITS(2, 0) && bits != BITS(18, 16) && bits != BITS(4, 0)
		       ? field_get(bits, bits)
		       : 63;
}

/* The control register: whole, or by its fields; *any: something of it is given. */
static int open_control(const struct opening *o, struct iopt_register *control, bool *any)
{
	const struct reg_layout *layout = reg_control(o->desc.format, o->desc.regime, o->upper);
	unsigned values[IOPT_FIELDS_MAX] = {0};
	uint64_t value;

	*any = given(o, layout->name, &value);
	if (*any) {
		*control = reg_unpack(layout, value);
		return 0;
	}
	for (unsigned i = 0; i < IOPT_FIELDS_MAX && layout->fields[i].name; i++) {
		char name[32];

		snprintf(name, sizeof(name), "%s.%s", layout->name, layout->fields[i].name);
		if (given(o, name, &value)) {
			if (value > field_most(layout->fields[i].bits))
				return error_set(o->error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
						 "%s is 0x%llx, more than the field holds", name,
						 (unsigned long long)value);
			values[i] = (unsigned)value;
			*any = true;
		}
	}
	*control = reg_pack(layout, values);
	return 0;
}

static unsigned control_field(const struct iopt_register *control, const char *name)
{
	for (unsigned i = 0; i < control->field_count; i++)
		if (!strcmp(control->fields[i].name, name))
			return control->fields[i].value;
	return 0;
}

/* What the control register says of sizes, where nothing else does. */
static int lpae_geometry(struct opening *o, const struct iopt_register *control, bool have)
{
	struct space_desc *d = &o->desc;
	unsigned sl = control_field(control, "sl"), tsz = control_field(control, "tsz");
	unsigned ps = control_field(control, o->rule->stage2 ? "ps" : "ips");

	d->granule = BIT(12);
	if (o->config->page_sizes)
		d->granule = o->config->page_sizes & -o->config->page_sizes;
	if (have && !o->rule->aarch32)
		d->granule = reg_granule(control_field(control, "tg"), o->upper);
	if (d->granule != BIT(12) && d->granule != BIT(14) && d->granule != BIT(16))
		return refuse(o, "TG names none of the granules 4K, 16K and 64K");
	if (!d->ias)
		d->ias = have ? 64 - (tsz & 63) : o->rule->default_ias;
	if (!d->oas)
		d->oas = have && !o->rule->aarch32 ? reg_oas(ps) : o->rule->default_oas;
	if (reg_oas_code(d->oas) < 0)
		return refuse(o, "oas is none of 32, 36, 40, 42, 44, 48 and 52");
	if (BIT(d->ias & 63) <= d->granule || d->ias > 52)
		return refuse(o, "ias does not suit the granule");
	d->oa_layout = d->granule == BIT(16) && d->oas == 52 ? IOPT_OA_LPA : IOPT_OA_48;
	d->page_sizes = iopt_granule_page_sizes(d->format, d->granule);
	if (d->oa_layout != IOPT_OA_LPA)
		d->page_sizes &= ~BIT(42);
	d->start_level = space_start_level(d->format, d->granule, d->ias);
	if (have && o->rule->stage2)
		d->start_level = space_stage2_start(d, sl, false);
	if (have && !control_field(control, "irgn"))
		d->non_coherent_walk = true;
	return 0;
}

static void add_register(struct opening *o, struct iopt_register r)
{
	assert(o->desc.register_count < IOPT_REGISTERS_MAX);
	o->desc.registers[o->desc.register_count++] = r;
}

/* Tables are aligned to their size, and at least to 64 bytes. */
static uint64_t root_align(uint64_t root, unsigned bytes_shift)
{
	return align_down(root, BIT(bytes_shift > 6 ? bytes_shift : 6));
}

static int open_lpae(struct opening *o, uint64_t ttbr)
{
	struct space_desc *d = &o->desc;
	struct iopt_register control;
	bool have;
	unsigned shift, root_shift;
	uint64_t mair;
	int ret = open_control(o, &control, &have);

	if (!ret)
		ret = lpae_geometry(o, &control, have);
	if (ret)
		return ret;
	shift = (unsigned)__builtin_ctzll(d->granule);
	root_shift = shift + (unsigned)(3 - d->start_level) * (shift - 3);
	if (d->start_level < 0 || d->start_level > 3 || root_shift >= d->ias)
		return refuse(o, "the start level does not suit ias");
	d->root = root_align(reg_ttbr_a64_root(ttbr, d->oa_layout), d->ias - root_shift + 3);
	add_register(o, (struct iopt_register){.name = o->rule->stage2 ? "vttbr" : "ttbr",
					       .value = ttbr});
	if (have)
		add_register(o, control);
	if (!o->rule->stage2 && given(o, "mair", &mair))
		add_register(o, (struct iopt_register){.name = "mair", .value = mair});
	return 0;
}

static int open_v7s(struct opening *o, uint64_t ttbr)
{
	static const char *const names[] = {"tcr", "prrr", "nmrr"};
	struct space_desc *d = &o->desc;
	const bool mtk = d->quirks & IOPT_QUIRK_ARM_MTK_EXT;

	if (!d->ias)
		d->ias = o->rule->default_ias;
	if (!d->oas)
		d->oas = o->rule->default_oas;
	if (d->ias <= 20 || d->ias > (mtk ? 34 : 32) || d->oas > 40)
		return refuse(o, "ias or oas does not suit short descriptors");
	d->granule = BIT(12);
	d->page_sizes = iopt_granule_page_sizes(d->format, d->granule);
	d->start_level = 1;
	d->root = root_align(reg_ttbr_v7s_root(ttbr, d->quirks), d->ias - 20 + 2);
	add_register(o, (struct iopt_register){.name = "ttbr", .value = ttbr});
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		struct iopt_register r = {.name = names[i]};

		if (given(o, names[i], &r.value))
			add_register(o, r);
	}
	return 0;
}

int iopt_domain_open(struct iopt_memory *memory, const struct iopt_config *config,
		     const struct iopt_registers *registers, struct iopt_domain **domain,
		     struct iopt_error *error)
{
	struct opening o = {.config = config, .registers = registers, .error = error};
	const char *name;
	uint64_t ttbr;
	int ret;

	if ((unsigned)config->format >= IOPT_FORMAT_COUNT ||
	    (unsigned)config->regime >= IOPT_REGIME_COUNT)
		return refuse(&o, "no such format or regime");
	o.rule = format_rule(config->format);
	name = o.rule->stage2 ? "vttbr" : "ttbr";
	if (!given(&o, name, &ttbr))
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "the registers do not say where the tables are: %s is missing",
				 name);
	ret = open_config(&o);
	if (!ret)
		ret = o.rule->v7s ? open_v7s(&o, ttbr) : open_lpae(&o, ttbr);
	return ret ? ret : domain_adopt(memory, &o.desc, 1, domain, error);
}
