/* SPDX-License-Identifier: MIT */
/* smmu show: the devices behind an SMMU, and its registers with their fields. */
#include "handlers.h"

/* What names a domain in its SMMU. */
static void show_context(struct out *o, const struct iopt_domain *domain)
{
	unsigned bank, asid, vmid;

	if (!domain || iopt_domain_context(domain, &bank, &asid, &vmid))
		return;
	out_count(o, "context_bank", bank);
	out_count(o, "asid", asid);
	out_count(o, "vmid", vmid);
}

static void show_devices(struct session *s, struct out *o, const struct named_smmu *v)
{
	const struct named *n;

	out_begin_list(o, "devices");
	for (n = s->objects.devices.oldest; n; n = n->newer) {
		const struct named_device *d = (const struct named_device *)n;
		struct iopt_device_config config = IOPT_INIT(struct iopt_device_config);
		const struct named_domain *domain;

		if (d->smmu != v)
			continue;
		iopt_device_info(d->device, &config);
		domain = domain_named(s, iopt_device_domain(d->device));
		out_begin_object(o, NULL);
		out_str(o, "name", n->name);
		out_signed(o, "group", iopt_device_group(d->device));
		if (domain)
			out_str(o, "domain", domain->name);
		else
			out_null(o, "domain");
		show_context(o, iopt_device_domain(d->device));
		show_streams(o, &config);
		out_end(o);
	}
	out_end(o);
}

/* ---- registers ---- */

struct showing {
	struct session *s;
	struct out *o;
	const struct named_smmu *smmu;
	bool all;      /* idle registers, too */
	int bank;      /* whose registers are being told; -1: none's */
	uint64_t mask; /* of the register that is being told: bits that are known */
};

static bool is_reserved(const struct iopt_field *field)
{
	static const char *const names[] = {"RES0", "RES1", "IGNORED"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(field->name, names[i]))
			return true;
	return false;
}

static bool is_known(const struct showing *show, const struct iopt_field *field)
{
	return show->mask & BITS(field->hi, field->lo);
}

static int show_number(void *arg, const struct iopt_field *field)
{
	const struct showing *show = arg;
	struct out *o = show->o;

	/* the explanations below are all that text needs */
	if (is_known(show, field) && !is_reserved(field))
		out_bits(o, out_name(o, field->name), field->value,
			 show->s->verbose || field->quiet);
	return 0;
}

static int explain_field(void *arg, const struct iopt_field *field)
{
	const struct showing *show = arg;
	const struct iopt_field_sink list = field_list(show->o);

	return is_known(show, field) ? list.field(list.arg, field) : 0;
}

static void show_fields(struct showing *show, const struct iopt_smmu_step *step)
{
	const struct iopt_field_sink numbers = {show_number, show}, explain = {explain_field, show};

	show->mask = step->mask;
	out_begin_object(show->o, "fields");
	if (step->decodable)
		iopt_decode(step->decodable, &step->value, 1, &numbers);
	out_end(show->o);
	if (!show->s->verbose || !step->decodable)
		return;
	out_begin_list(show->o, "explained");
	iopt_decode(step->decodable, &step->value, 1, &explain);
	out_end(show->o);
}

/* The domain that has a context bank, by its name. */
static void show_owner(const struct showing *show, int bank)
{
	struct session *s = show->s;

	for (size_t i = 0; i < s->domain_count; i++) {
		const struct iopt_domain *d = s->domains[i]->domain;
		unsigned has, asid, vmid;

		if (iopt_domain_smmu(d) == show->smmu->smmu &&
		    !iopt_domain_context(d, &has, &asid, &vmid) && (int)has == bank)
			out_str(show->o, "domain", s->domains[i]->name);
	}
}

/* Ends what is told of one bank, and begins the next. */
static void go_to_bank(struct showing *show, int bank)
{
	struct out *o = show->o;

	if (bank == show->bank)
		return;
	out_end(o);
	if (show->bank < 0)
		out_begin_list(o, "context_banks");
	else
		out_end(o);
	show->bank = bank;
	out_begin_object(o, NULL);
	out_count(o, "bank", (unsigned)bank);
	show_owner(show, bank);
	out_begin_object(o, "registers");
}

static int show_register(void *arg, const struct iopt_smmu_step *step)
{
	struct showing *show = arg;
	struct out *o = show->o;

	if (step->idle && !show->all)
		return 0;
	go_to_bank(show, step->bank);
	out_begin_object(o, out_name(o, step->name));
	out_hex(o, "value", step->value);
	if (step->kind == IOPT_SMMU_UPDATE)
		out_hex(o, "mask", step->mask);
	show_fields(show, step);
	out_end(o);
	return 0;
}

/* "registers" of the SMMU, and "context_banks" where its model has such. */
static int show_registers(struct session *s, struct out *o, const struct named_smmu *v, bool all)
{
	struct showing show = {.s = s, .o = o, .smmu = v, .all = all, .bank = -1};
	const struct iopt_smmu_step_sink sink = {show_register, &show};
	struct iopt_smmu_config config = IOPT_INIT(struct iopt_smmu_config);
	int r;

	iopt_smmu_info(v->smmu, &config);
	out_begin_object(o, "registers");
	r = iopt_smmu_registers(v->smmu, &sink);
	out_end(o);
	if (show.bank >= 0) {
		out_end(o);
		out_end(o);
	} else if (config.model != IOPT_SMMU_V3) {
		out_begin_list(o, "context_banks");
		out_end(o);
	}
	return r;
}

int cmd_smmu_show(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *smmu = args_get(a, "SMMU");
	int r;

	out_begin_object(o, "smmu");
	show_smmu_config(o, smmu->smmu);
	show_devices(s, o, smmu->smmu);
	r = show_registers(s, o, smmu->smmu, args_get(a, "--all"));
	out_end(o);
	return r ? fail_library(s, smmu->word, r) : 0;
}
