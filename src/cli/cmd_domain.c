/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <unistd.h>

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

/* Memory may come later; until then nothing can be read. */
static void tell_absent(struct session *s, const struct named_domain *d)
{
	struct iopt_space space = IOPT_INIT(struct iopt_space);
	unsigned i;

	for (i = 0; !d->stage2 && !iopt_domain_space(d->domain, i, &space); i++) {
		uint64_t last = UINT64_MAX;

		if (iopt_memory_presence(d->memory->memory, space.root, &last) != IOPT_PRESENT)
			tell(s, "the first table at 0x%" PRIx64 " is not in memory %s yet",
			     space.root, d->memory->name);
	}
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

static int check_new_name(struct session *s, const struct arg *name)
{
	if (!find_domain(s, name->text))
		return 0;
	return fail(s, name->word, IOPT_EEXIST, IOPT_FAILURE_REQUEST,
		    "there is already a domain '%s'", name->text);
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

/* The new domain becomes the current one; the result shows it. */
static int show_new(struct session *s, struct out *o, const char *name,
		    const struct named_domain *made)
{
	struct named_domain *d = add_domain(s, name, made->domain, made->memory);

	if (!d)
		return fail_library(s, NULL, IOPT_ENOMEM);
	d->stage2 = made->stage2;
	show_domain(o, "domain", d);
	warn_domain(s, d);
	tell_domain(s, d);
	tell_absent(s, d);
	return 0;
}

static int read_page_sizes(struct session *s, const struct args *a, struct iopt_config *config)
{
	const struct arg *granule = args_get(a, "--granule"), *sizes = args_get(a, "--page-sizes");

	if (granule && sizes)
		return fail_usage(s, sizes->word, "either --granule or --page-sizes, not both");
	config->page_sizes = sizes ? sizes->number : 0;
	if (!granule)
		return 0;
	config->page_sizes = iopt_granule_page_sizes(config->format, granule->number);
	if (config->page_sizes)
		return 0;
	return fail_usage(s, granule->word, "%s has no granule of %s",
			  iopt_format_name(config->format), granule->text);
}

/* iommu_domain_alloc(): the first attach decides all the rest. */
static int create_typed(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *name = args_get(a, "NAME"), *type = args_get(a, "--type");
	const struct arg *nesting = args_get(a, "--nesting");
	struct iopt_domain *domain;
	size_t i;
	int r;

	for (i = 0; i < a->count; i++)
		if (&a->list[i] != name && &a->list[i] != type && &a->list[i] != nesting)
			return fail_usage(s, a->list[i].word,
					  "with --type, the first attach decides the geometry");
	r = iopt_domain_new(s->memory->memory, (enum iopt_domain_type)type->number, &domain,
			    &s->error);
	if (r)
		return fail_library(s, type->word, r);
	r = nesting ? iopt_domain_enable_nesting(domain, &s->error) : 0;
	if (r) {
		iopt_domain_destroy(domain);
		return fail_library(s, nesting->word, r);
	}
	return show_new(s, o, name->text,
			&(struct named_domain){.domain = domain, .memory = s->memory});
}

int cmd_domain_create(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *name = args_get(a, "NAME"), *quirk, *nesting = args_get(a, "--nesting");
	struct iopt_config config = IOPT_INIT(struct iopt_config);
	struct iopt_domain *domain;
	int r = check_new_name(s, name);
	size_t i;

	if (args_get(a, "--type"))
		return r ? r : create_typed(s, a, o);
	if (nesting)
		return fail_usage(s, nesting->word, "--nesting goes with --type unmanaged");
	config.format = (enum iopt_format)args_number(a, "--format", IOPT_ARM_64_LPAE_S1);
	config.regime = (enum iopt_regime)args_number(a, "--regime", IOPT_REGIME_EL1);
	config.ias = (unsigned)args_number(a, "--ias", 0);
	config.oas = (unsigned)args_number(a, "--oas", 0);
	config.cpu_page_size = args_number(a, "--cpu-page-size", s->settings.cpu_page_size);
	config.non_coherent_walk = args_get(a, "--non-coherent-walk") != NULL;
	config.big_endian = args_number(a, "--endian", 0) == 1;
	for (i = 0; (quirk = args_nth(a, "--quirk", i)) != NULL; i++)
		config.quirks |= 1u << quirk->number;
	if (!r)
		r = read_page_sizes(s, a, &config);
	if (r)
		return r;
	r = iopt_domain_create(s->memory->memory, &config, &domain, &s->error);
	if (r == -IOPT_ENOMEM && !iopt_memory_budget_left(s->memory->memory))
		return fail_no_room(s, s->memory);
	if (r)
		return fail_library(s, NULL, r);
	return show_new(s, o, name->text,
			&(struct named_domain){.domain = domain, .memory = s->memory});
}

/* Without --format they are a CPU's registers, with it a space's own. */
static int open_domain(struct session *s, const struct args *a,
		       const struct iopt_registers *registers, struct iopt_memory *memory,
		       struct iopt_domain **domain)
{
	const struct arg *stage2 = args_get(a, "--stage2"), *endian = args_get(a, "--endian");
	const struct arg *regime = args_get(a, "--regime"), *format = args_get(a, "--format");
	struct iopt_config config = IOPT_INIT(struct iopt_config);
	uint64_t chosen = IOPT_REGIME_ANY; /* what is given with the registers */

	iopt_registers_get(registers, "regime", &chosen);
	if (!format && endian)
		return fail_usage(s, endian->word,
				  "--endian goes with --format; otherwise SCTLR.EE"
				  " says it");
	if (!format)
		return iopt_domain_open_cpu(
			memory, registers,
			regime ? (enum iopt_regime)regime->number : (enum iopt_regime)chosen,
			stage2 ? stage2->domain->domain : NULL, domain, &s->error);
	if (stage2)
		return fail_usage(s, stage2->word, "--stage2 does not go with --format");
	config.format = (enum iopt_format)format->number;
	config.regime = regime ? (enum iopt_regime)regime->number : IOPT_REGIME_EL1;
	config.cpu_page_size = s->settings.cpu_page_size;
	config.big_endian = endian && endian->number == 1;
	return iopt_domain_open(memory, &config, registers, domain, &s->error);
}

/* The note names the kernel's own tables and nothing else. */
static int read_vmcoreinfo(struct session *s, const struct args *a,
			   struct iopt_registers *registers, const struct iopt_memory *memory)
{
	const struct arg *format = args_get(a, "--format");

	if (format)
		return fail_usage(s, format->word, "--format does not go with --vmcoreinfo");
	return iopt_registers_vmcoreinfo(registers, memory, &s->error);
}

/* One was opened: who asks for no other may not know that it is there. */
static void note_regimes(struct session *s, const struct iopt_registers *registers,
			 const struct iopt_domain *domain)
{
	struct iopt_space space = IOPT_INIT(struct iopt_space);
	enum iopt_regime r;

	if (iopt_domain_space(domain, 0, &space))
		return;
	for (r = IOPT_REGIME_EL1; r < IOPT_REGIME_COUNT; r++)
		if (r != space.regime && iopt_registers_have(registers, r))
			tell(s,
			     "tables of %s are there, too: FILE,regime=%s as registers, or --regime",
			     iopt_regime_name(r), iopt_regime_name(r));
}

int cmd_domain_open(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *name = args_get(a, "NAME"), *given = args_get(a, "--registers");
	const struct arg *note = args_get(a, "--vmcoreinfo");
	const struct arg *stage2 = args_get(a, "--stage2");
	struct named_memory *memory = stage2 ? stage2->domain->memory : s->memory;
	struct iopt_registers *registers;
	struct iopt_domain *domain = NULL;
	int r = check_new_name(s, name);

	if (r)
		return r;
	if (!given && !note && !access(name->text, F_OK))
		return fail_usage(s, name->word,
				  "the name that it is to have comes first: domain open NAME"
				  " --registers %s",
				  name->text);
	if (!given == !note)
		return fail_usage(s, note ? note->word : NULL,
				  "domain open needs --registers FILE or K=V,..., or"
				  " --vmcoreinfo");
	r = iopt_registers_create(&registers);
	if (r)
		return fail_library(s, NULL, r);
	r = note ? read_vmcoreinfo(s, a, registers, memory->memory)
		 : read_registers(s, given, registers);
	if (!r)
		r = open_domain(s, a, registers, memory->memory, &domain);
	if (!r && given && !args_get(a, "--regime") && !args_get(a, "--format"))
		note_regimes(s, registers, domain);
	iopt_registers_destroy(registers);
	if (r < 0)
		return fail_library(s, given ? given->word : note->word, r);
	if (r)
		return r;
	return show_new(s, o, name->text,
			&(struct named_domain){.domain = domain,
					       .memory = memory,
					       .stage2 = stage2 ? stage2->domain : NULL});
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
