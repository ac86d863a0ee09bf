/* SPDX-License-Identifier: MIT */
#include <unistd.h>

#include "expr.h"
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

void show_domain(struct out *o, const char *name, const struct named_domain *d)
{
	struct iopt_space space = IOPT_INIT(struct iopt_space);

	out_begin_object(o, name);
	out_str(o, "name", d->name);
	out_str(o, "memory", d->memory->name);
	if (!iopt_domain_space(d->domain, 0, &space))
		show_space(o, &space);
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

static int check_new_name(struct session *s, const struct arg *name)
{
	if (!find_domain(s, name->text))
		return 0;
	return fail(s, name->word, IOPT_EEXIST, IOPT_FAILURE_REQUEST,
		    "there is already a domain '%s'", name->text);
}

/* The new domain becomes the current one; the result shows it. */
static int show_new(struct session *s, struct out *o, const char *name, struct iopt_domain *domain)
{
	struct named_domain *d = add_domain(s, name, domain, s->memory);

	if (!d)
		return fail_library(s, NULL, IOPT_ENOMEM);
	show_domain(o, "domain", d);
	warn_domain(s, d);
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

int cmd_domain_create(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *name = args_get(a, "NAME"), *quirk;
	struct iopt_config config = IOPT_INIT(struct iopt_config);
	struct iopt_domain *domain;
	int r = check_new_name(s, name);
	size_t i;

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
	return r ? fail_library(s, NULL, r) : show_new(s, o, name->text, domain);
}

/* "arm-ns+arm-ttbr1" */
static bool read_quirks(const char *text, uint64_t *mask)
{
	*mask = 0;
	while (*text) {
		size_t length = strcspn(text, "+");
		unsigned i;

		for (i = 0; i < IOPT_QUIRK_COUNT; i++) {
			const char *name = iopt_quirk_name((enum iopt_quirk)(1u << i));

			if (strlen(name) == length && strncmp(name, text, length) == 0)
				break;
		}
		if (i == IOPT_QUIRK_COUNT)
			return false;
		*mask |= 1u << i;
		text += length;
		text += *text == '+';
	}
	return true;
}

/* Names that domain open makes something of; "tcr.tsz" is a field of one. */
static bool is_known_key(const char *key)
{
	static const char *const known[] = {"ttbr", "tcr",  "mair", "vttbr", "vtcr",
					    "prrr", "nmrr", "ias",  "oas",   "quirks"};
	size_t length = strcspn(key, "."), i;

	for (i = 0; i < ARRAY_SIZE(known); i++)
		if (strlen(known[i]) == length && strncmp(known[i], key, length) == 0)
			return true;
	return false;
}

/* One "K=V". */
static int read_pair(struct session *s, const struct word *word, char *pair,
		     struct iopt_registers *registers)
{
	char *value = strchr(pair, '=');
	uint64_t number;
	int r;

	if (!value || value == pair)
		return fail_usage(s, word, "'%s' is not NAME=VALUE", pair);
	*value++ = '\0';
	if (strcmp(pair, "quirks") == 0)
		r = read_quirks(value, &number) ? 0 : -IOPT_EINVAL;
	else
		r = expr_number(value, &number);
	if (r == -IOPT_ERANGE)
		return fail(s, word, IOPT_ERANGE, IOPT_FAILURE_USAGE,
			    "'%s' of %s does not fit in 64 bits", value, pair);
	if (r)
		return fail_usage(s, word, "'%s' is no value for %s", value, pair);
	if (!is_known_key(pair))
		warn(s, "'%s' is no register of these tables", pair);
	r = iopt_registers_set(registers, pair, number);
	return r ? fail_library(s, word, r) : 0;
}

static int read_pairs(struct session *s, const struct arg *arg, struct iopt_registers *registers)
{
	const char *p = arg->text;
	char pair[2 * NAME_BYTES];
	int r = 0;

	while (*p && !r) {
		size_t length = strcspn(p, ",");

		if (length >= sizeof(pair))
			return fail_usage(s, arg->word, "a register of more than %zu characters",
					  sizeof(pair) - 1);
		memcpy(pair, p, length);
		pair[length] = '\0';
		r = read_pair(s, arg->word, pair, registers);
		p += length;
		p += *p == ',';
	}
	return r;
}

static int read_registers(struct session *s, const struct arg *arg,
			  struct iopt_registers *registers)
{
	int r;

	if (strchr(arg->text, '=') && access(arg->text, F_OK))
		return read_pairs(s, arg, registers);
	r = iopt_registers_load(registers, arg->text, &s->error);
	return r ? fail_library(s, arg->word, r) : 0;
}

int cmd_domain_open(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *name = args_get(a, "NAME"), *given = args_get(a, "--registers");
	struct iopt_config config = IOPT_INIT(struct iopt_config);
	struct iopt_registers *registers;
	struct iopt_domain *domain;
	int r = check_new_name(s, name);

	if (r)
		return r;
	if (!given)
		return fail_usage(s, NULL, "domain open needs --registers FILE or K=V,...");
	config.format = (enum iopt_format)args_number(a, "--format", IOPT_ARM_64_LPAE_S1);
	config.regime = (enum iopt_regime)args_number(a, "--regime", IOPT_REGIME_EL1);
	config.cpu_page_size = s->settings.cpu_page_size;
	config.big_endian = args_number(a, "--endian", 0) == 1;
	r = iopt_registers_create(&registers);
	if (r)
		return fail_library(s, NULL, r);
	r = read_registers(s, given, registers);
	if (!r) {
		r = iopt_domain_open(s->memory->memory, &config, registers, &domain, &s->error);
		r = r ? fail_library(s, given->word, r) : show_new(s, o, name->text, domain);
	}
	iopt_registers_destroy(registers);
	return r;
}

int cmd_domain_list(struct session *s, const struct args *a, struct out *o)
{
	struct iopt_space space = IOPT_INIT(struct iopt_space);
	size_t i;

	(void)a;
	for (i = 0; i < s->domain_count; i++) {
		const struct named_domain *d = s->domains[i];

		if (iopt_domain_space(d->domain, 0, &space))
			continue;
		out_begin_record(o, "{name:-16} {memory:-12} {format:-14} ias {ias} oas {oas}"
				    " granule {granule} root {root}[ ({current})]");
		out_str(o, "name", d->name);
		out_str(o, "memory", d->memory->name);
		out_str(o, "format", iopt_format_name(space.format));
		out_count(o, "ias", space.ias);
		out_count(o, "oas", space.oas);
		out_hex(o, "granule", space.granule);
		out_hex(o, "root", space.root);
		out_bool(o, "current", d == s->domain);
		out_end_record(o);
	}
	out_records(o, false);
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

int cmd_domain_delete(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *given = args_get(a, "DOMAIN");

	out_str(o, "name", given->domain->name);
	delete_domain(s, given->domain);
	return 0;
}
