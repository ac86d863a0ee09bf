/* SPDX-License-Identifier: MIT */
/* What domains are like, and how they are listed, chosen and deleted. */
#include <inttypes.h>

#include "handlers.h"

static void show_sizes(struct out *o, uint64_t sizes)
{
	out_begin_list(o, "page_sizes");
	for (; sizes; sizes &= sizes - 1)
		out_hex(o, NULL, sizes & -sizes);
	out_end(o);
}

static void show_quirks(struct out *o, uint32_t quirks)
{
	unsigned i;

	out_begin_list(o, "quirks");
	for (i = 0; i < IOPT_QUIRK_COUNT; i++)
		if (quirks >> i & 1)
			out_str(o, NULL, iopt_quirk_name((enum iopt_quirk)(1u << i)));
	out_end(o);
}

static void show_registers(struct out *o, const struct iopt_space *space)
{
	unsigned i, k;

	out_begin_object(o, "registers");
	for (i = 0; i < space->register_count; i++) {
		const struct iopt_register *r = &space->registers[i];

		out_begin_object(o, r->name);
		out_hex(o, "value", r->value);
		out_begin_object(o, "fields");
		for (k = 0; k < r->field_count; k++)
			out_count(o, r->fields[k].name, r->fields[k].value);
		out_end(o);
		out_end(o);
	}
	out_end(o);
}

static void show_space(struct out *o, const struct iopt_space *space)
{
	out_str(o, "format", iopt_format_name(space->format));
	out_str(o, "regime", iopt_regime_name(space->regime));
	out_count(o, "ias", space->ias);
	out_count(o, "oas", space->oas);
	out_hex(o, "granule", space->granule);
	show_sizes(o, space->page_sizes);
	show_quirks(o, space->quirks);
	out_bool(o, "coherent_walk", !space->non_coherent_walk);
	out_str(o, "endian", space->big_endian ? "big" : "little");
	out_str(o, "oa_layout", iopt_oa_layout_name(space->oa_layout));
	out_signed(o, "start_level", space->start_level);
	out_hex(o, "root", space->root);
	show_registers(o, space);
}

static void show_no_space(struct out *o)
{
	static const char *const names[] = {
		"format",      "regime", "ias",		  "oas",    "granule",
		"page_sizes",  "quirks", "coherent_walk", "endian", "oa_layout",
		"start_level", "root",	 "registers"};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		out_null(o, names[i]);
}

/* Is it one of devices, and not only tables? */
static bool is_bound(const struct named_domain *d)
{
	struct iopt_space space = IOPT_INIT(struct iopt_space);

	return iopt_domain_type(d->domain) != IOPT_DOMAIN_UNMANAGED ||
	       iopt_domain_smmu(d->domain) || iopt_domain_space(d->domain, 0, &space);
}

static void show_binding(struct out *o, const struct named_domain *d)
{
	struct iopt_device_config config = IOPT_INIT(struct iopt_device_config);
	const struct iopt_device *device;
	unsigned bank, asid, vmid, i;

	out_str(o, "type", iopt_domain_type_name(iopt_domain_type(d->domain)));
	if (iopt_domain_is_nesting(d->domain))
		out_bool(o, "nesting", true);
	out_begin_list(o, "devices");
	for (i = 0; (device = iopt_domain_device(d->domain, i)) != NULL; i++) {
		iopt_device_info(device, &config);
		out_str(o, NULL, config.name);
	}
	out_end(o);
	if (iopt_domain_context(d->domain, &bank, &asid, &vmid))
		return;
	out_count(o, "context_bank", bank);
	out_count(o, "asid", asid);
	out_count(o, "vmid", vmid);
}

void show_domain(struct out *o, const char *name, const struct named_domain *d)
{
	struct iopt_space space = IOPT_INIT(struct iopt_space);

	out_begin_object(o, name);
	out_str(o, "name", d->name);
	out_str(o, "memory", d->memory->name);
	if (d->stage2)
		out_str(o, "stage2", d->stage2->name);
	if (is_bound(d))
		show_binding(o, d);
	if (!iopt_domain_space(d->domain, 0, &space))
		show_space(o, &space);
	else
		show_no_space(o);
	if (!iopt_domain_space(d->domain, 1, &space)) {
		out_begin_object(o, "ttbr1");
		show_space(o, &space);
		out_end(o);
	}
	out_end(o);
}

void warn_domain(struct session *s, const struct named_domain *d)
{
	struct iopt_space space = IOPT_INIT(struct iopt_space);
	unsigned i;

	for (i = 0; !iopt_domain_space(d->domain, i, &space); i++)
		if (space.warning)
			warn(s, "%s", space.warning);
}

int check_present(struct session *s, const struct named_domain *d)
{
	struct iopt_space space = IOPT_INIT(struct iopt_space);
	unsigned absent = 0, i;

	/* the first stage's tables are where the second says */
	for (i = 0; !d->stage2 && !iopt_domain_space(d->domain, i, &space); i++) {
		uint64_t last = UINT64_MAX;

		if (iopt_memory_presence(d->memory->memory, space.root, &last) == IOPT_PRESENT)
			continue;
		absent++;
		warn(s, "the first table of '%s' at 0x%llx is not in memory", d->name,
		     (unsigned long long)space.root);
	}
	if (!absent || absent < i)
		return 0;
	return fail(s, NULL, IOPT_EFAULT, IOPT_FAILURE_REQUEST,
		    "no table of '%s' is in memory: is it the right dump?", d->name);
}

void tell_domain(struct session *s, const struct named_domain *d)
{
	struct iopt_space space = IOPT_INIT(struct iopt_space);
	unsigned i;

	for (i = 0; !s->out.muted && !iopt_domain_space(d->domain, i, &space); i++)
		tell(s, "%s: %s, ias %u oas %u, granule 0x%" PRIx64 ", first table at 0x%" PRIx64,
		     d->name, iopt_format_name(space.format), space.ias, space.oas, space.granule,
		     space.root);
}

static void show_row(struct out *o, const struct named_domain *d)
{
	struct iopt_space space = IOPT_INIT(struct iopt_space);

	out_str(o, "name", d->name);
	out_str(o, "memory", d->memory->name);
	if (!iopt_domain_space(d->domain, 0, &space)) {
		out_str(o, "format", iopt_format_name(space.format));
		out_count(o, "ias", space.ias);
		out_count(o, "oas", space.oas);
		out_hex(o, "granule", space.granule);
		out_hex(o, "root", space.root);
	} else {
		out_null(o, "format");
		out_null(o, "ias");
		out_null(o, "oas");
		out_null(o, "granule");
		out_null(o, "root");
	}
	if (is_bound(d))
		show_binding(o, d);
}

int cmd_domain_list(struct session *s, const struct args *a, struct out *o)
{
	size_t i;

	(void)a;
	for (i = 0; i < s->domain_count; i++) {
		out_begin_record(o, "{name:-16} {memory:-12}[ {format:-14} ias {ias} oas {oas}"
				    " granule {granule} root {root}][, type {type}]"
				    "<<devices , {}>>[ ({current})]");
		show_row(o, s->domains[i]);
		out_bool(o, "current", s->domains[i] == s->domain);
		out_end_record(o);
	}
	out_records(o);
	return 0;
}

int cmd_domain_show(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *given = args_get(a, "DOMAIN");
	const struct named_domain *d = given ? given->domain : args_domain(s, a);

	if (!d)
		return (int)s->error.failure;
	show_domain(o, "domain", d);
	return 0;
}

int cmd_domain_use(struct session *s, const struct args *a, struct out *o)
{
	s->domain = args_get(a, "DOMAIN")->domain;
	out_str(o, "name", s->domain->name);
	return 0;
}

const struct named_domain *domain_above(const struct session *s, const struct named_domain *d)
{
	size_t i;

	for (i = 0; i < s->domain_count; i++)
		if (s->domains[i]->stage2 == d)
			return s->domains[i];
	return NULL;
}

/* Who still needs a domain that is to be deleted; 0: nobody. */
static int check_unused(struct session *s, const struct arg *given)
{
	struct iopt_device_config config = IOPT_INIT(struct iopt_device_config);
	const struct iopt_device *device = iopt_domain_device(given->domain->domain, 0);
	const struct named_domain *above = domain_above(s, given->domain);
	const struct named *n;

	if (above)
		return fail(s, given->word, IOPT_EBUSY, IOPT_FAILURE_REQUEST,
			    "%s is the stage 2 of %s", given->text, above->name);
	if (device) {
		iopt_device_info(device, &config);
		return fail(s, given->word, IOPT_EBUSY, IOPT_FAILURE_REQUEST,
			    "%s is attached to %s", config.name, given->text);
	}
	if (given->domain->of_group)
		return fail(s, given->word, IOPT_EBUSY, IOPT_FAILURE_REQUEST,
			    "%s belongs to a group of devices, and goes with the last of them",
			    given->text);
	for (n = s->objects.devices.oldest; n; n = n->newer)
		if (iopt_device_default_domain(((const struct named_device *)n)->device) ==
		    given->domain->domain)
			return fail(s, given->word, IOPT_EBUSY, IOPT_FAILURE_REQUEST,
				    "%s is the default domain of %s", given->text, n->name);
	return 0;
}

int cmd_domain_delete(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *given = args_get(a, "DOMAIN");
	int r;

	out_str(o, "name", given->text);
	r = check_unused(s, given);
	if (!r)
		delete_domain(s, given->domain);
	return r;
}

int cmd_domain_flush(struct session *s, const struct args *a, struct out *o)
{
	(void)s;
	iopt_domain_flush(args_get(a, "DOMAIN")->domain->domain);
	out_str(o, "name", args_get(a, "DOMAIN")->text);
	return 0;
}
