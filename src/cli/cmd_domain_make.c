/* SPDX-License-Identifier: MIT */
/* domain create and domain open. */
#include <inttypes.h>
#include <unistd.h>

#include "handlers.h"

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

static int check_new_name(struct session *s, const struct arg *name)
{
	if (!find_domain(s, name->text))
		return 0;
	return fail(s, name->word, IOPT_EEXIST, IOPT_FAILURE_REQUEST,
		    "there is already a domain '%s'", name->text);
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
