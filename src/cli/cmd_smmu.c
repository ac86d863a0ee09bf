/* SPDX-License-Identifier: MIT */
#include "handlers.h"

static int check_new_smmu(struct session *s, const struct arg *name)
{
	if (!named_find(&s->objects.smmus, name->text))
		return 0;
	return fail(s, name->word, IOPT_EEXIST, IOPT_FAILURE_REQUEST,
		    "there is already an SMMU '%s'", name->text);
}

static void read_config(const struct args *a, struct iopt_smmu_config *config)
{
	config->model = (enum iopt_smmu_model)args_number(a, "--model", IOPT_SMMU_V2);
	config->base = args_number(a, "--base", 0);
	config->ias = (unsigned)args_number(a, "--ias", 0);
	config->oas = (unsigned)args_number(a, "--oas", 0);
	config->granules = args_number(a, "--granules", 0);
	config->stages = (unsigned)args_number(a, "--stages", 0);
	config->sid_bits = (unsigned)args_number(a, "--sid-bits", 0);
	config->linear = args_get(a, "--linear") != NULL;
	config->linear_cd = args_get(a, "--linear-cd") != NULL;
	config->ssid_bits = (unsigned)args_number(a, "--ssid-bits", 0);
	config->stalls = args_get(a, "--stalls") != NULL;
	config->non_coherent_walk = args_get(a, "--non-coherent-walk") != NULL;
	config->allow_bypass = args_get(a, "--allow-bypass") != NULL;
	config->register_page = args_number(a, "--register-page", 0);
	config->stream_indexed = args_get(a, "--stream-indexed") != NULL;
	config->exids = args_get(a, "--exids") != NULL;
	config->vmid16 = args_get(a, "--vmid16") != NULL;
	config->kernel = (enum iopt_smmu_kernel)args_number(a, "--kernel", IOPT_KERNEL_ARM64);
}

/* Counts that the library keeps in fewer bits than a number has. */
static int read_counts(struct session *s, const struct args *a, struct iopt_smmu_config *config)
{
	const struct {
		const char *option, *what;
		unsigned *count;
	} counts[] = {
		{"--context-banks", "context banks", &config->context_banks},
		{"--stream-groups", "stream mapping groups", &config->stream_groups},
		{"--stage2-banks", "context banks", &config->stage2_banks},
		{"--context-irqs", "context interrupts", &config->context_irqs},
		{"--register-pages", "pages", &config->register_pages},
	};

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		const struct arg *arg = args_get(a, counts[i].option);

		if (arg && (!arg->number || arg->number > UINT16_MAX))
			return fail_usage(s, arg->word, "'%s' is no number of %s", arg->text,
					  counts[i].what);
		*counts[i].count = arg ? (unsigned)arg->number : 0;
	}
	return 0;
}

static void show_granules(struct out *o, uint64_t granules)
{
	out_begin_list(o, "granules");
	for (; granules; granules &= granules - 1)
		out_hex(o, NULL, granules & -granules);
	out_end(o);
}

/* What only v1 and v2 have. */
static void show_banks(struct out *o, const struct iopt_smmu_config *config)
{
	out_count(o, "context_bank_count", config->context_banks);
	out_count(o, "stage2_bank_count", config->stage2_banks);
	if (config->model == IOPT_SMMU_V1)
		out_count(o, "context_irq_count", config->context_irqs);
	out_count(o, "stream_group_count", config->stream_groups);
	out_bool(o, "stream_indexed", config->stream_indexed);
	out_bool(o, "exids", config->exids);
	out_bool(o, "vmid16", config->vmid16);
	out_hex(o, "register_page", config->register_page);
	out_count(o, "register_pages", config->register_pages);
	out_str(o, "kernel", iopt_smmu_kernel_name(config->kernel));
}

static void show_config(struct out *o, const struct named_smmu *v,
			const struct iopt_smmu_config *config)
{
	unsigned stage;

	out_str(o, "name", v->named.name);
	out_str(o, "model", iopt_smmu_model_name(config->model));
	out_str(o, "memory", v->memory->name);
	out_hex(o, "base", config->base);
	out_count(o, "ias", config->ias);
	out_count(o, "oas", config->oas);
	show_granules(o, config->granules);
	out_begin_list(o, "stages");
	for (stage = 1; stage <= 2; stage++)
		if (config->stages >> (stage - 1) & 1)
			out_count(o, NULL, stage);
	out_end(o);
	out_count(o, "sid_bits", config->sid_bits);
	out_str(o, "unmatched", config->allow_bypass ? "bypass" : "fault");
	if (config->model == IOPT_SMMU_V3)
		out_bool(o, "linear", config->linear);
	else
		show_banks(o, config);
	out_bool(o, "coherent_walk", !config->non_coherent_walk);
}

void show_smmu_config(struct out *o, const struct named_smmu *v)
{
	struct iopt_smmu_config config = IOPT_INIT(struct iopt_smmu_config);

	iopt_smmu_info(v->smmu, &config);
	show_config(o, v, &config);
}

void show_streams(struct out *o, const struct iopt_device_config *config)
{
	unsigned i;

	out_begin_list(o, "streams");
	for (i = 0; i < config->stream_count; i++) {
		out_begin_object(o, NULL);
		out_bits(o, "sid", config->streams[i].id, false);
		out_bits(o, "mask", config->streams[i].mask, false);
		out_end(o);
	}
	out_end(o);
}

int cmd_smmu_add(struct session *s, const struct args *a, struct out *o)
{
	struct iopt_smmu_config config = IOPT_INIT(struct iopt_smmu_config);
	const struct arg *name = args_get(a, "NAME");
	struct named_smmu *added;
	struct iopt_smmu *smmu;
	int r = check_new_smmu(s, name);

	read_config(a, &config);
	if (!r)
		r = read_counts(s, a, &config);
	if (r)
		return r;
	r = iopt_smmu_create(s->memory->memory, &config, &smmu, &s->error);
	if (r)
		return fail_library(s, NULL, r);
	added = named_add(&s->objects.smmus, name->text, sizeof(*added));
	if (!added) {
		iopt_smmu_destroy(smmu);
		return fail_library(s, NULL, IOPT_ENOMEM);
	}
	added->smmu = smmu;
	added->memory = s->memory;
	out_begin_object(o, "smmu");
	show_smmu_config(o, added);
	out_end(o);
	return 0;
}

int cmd_smmu_list(struct session *s, const struct args *a, struct out *o)
{
	struct iopt_smmu_config config = IOPT_INIT(struct iopt_smmu_config);
	const struct named *n;
	unsigned devices;

	(void)a;
	for (n = s->objects.smmus.oldest; n; n = n->newer) {
		const struct named_smmu *v = (const struct named_smmu *)n;

		iopt_smmu_info(v->smmu, &config);
		for (devices = 0; iopt_smmu_device(v->smmu, devices);)
			devices++;
		out_begin_record(o, "{name:-16} {model:-7} ias {ias} oas {oas} granules {granules}"
				    " stages {stages}, devices {device_count}");
		show_config(o, v, &config);
		out_count(o, "device_count", devices);
		out_end_record(o);
	}
	out_records(o);
	return 0;
}

static const char *first_behind(const struct session *s, const struct named_smmu *smmu)
{
	const struct named *n;

	for (n = s->objects.devices.oldest; n; n = n->newer)
		if (((const struct named_device *)n)->smmu == smmu)
			return n->name;
	return "a device";
}

int cmd_smmu_delete(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *smmu = args_get(a, "SMMU");
	int r = iopt_smmu_destroy(smmu->smmu->smmu);

	out_str(o, "name", smmu->text);
	if (r)
		return fail(s, smmu->word, -r, IOPT_FAILURE_REQUEST, "%s is behind %s",
			    first_behind(s, smmu->smmu), smmu->text);
	named_delete(&s->objects.smmus, &smmu->smmu->named);
	return 0;
}
