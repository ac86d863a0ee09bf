/* SPDX-License-Identifier: MIT */
/* Arm SMMU v1, v2 and v3 as Linux's drivers see them: "arm_smmu_device_cfg_probe()". */
#include "smmu.h"

#include <stdlib.h>

#include "dma.h"
#include "error.h"
#include "regs.h"
#include "trace.h"

enum {
	BANKS_DEFAULT = 16,
	STREAM_GROUPS_DEFAULT = 32,
	SID_BITS_DEFAULT = 16,
	SID_BITS_V2_MAX = 16, /* SMR.ID, with 15 or 16 bits */
	V3_CPU_BITS = 48,
};

static const struct smmu_model {
	const char *name;
	uint64_t granules;
	unsigned bits_max, ias, oas; /* sizes: the largest, and the defaults */
	unsigned sid_bits_max;
	const struct smmu_ops *ops;
} models[IOPT_SMMU_MODEL_COUNT] = {
	[IOPT_SMMU_V2] = {"v2", BIT(12) | BIT(14) | BIT(16), 48, 48, 48, SID_BITS_V2_MAX,
			  &smmu_v2_ops},
	[IOPT_SMMU_V1] = {"v1", BIT(12), 40, 32, 40, SID_BITS_V2_MAX, &smmu_v2_ops},
	[IOPT_SMMU_MMU500] = {"mmu500", BIT(12) | BIT(14) | BIT(16), 48, 48, 48, SID_BITS_V2_MAX,
			      &smmu_v2_ops},
	[IOPT_SMMU_V3] = {"v3", BIT(12) | BIT(14) | BIT(16), 52, 48, 48, 32, &smmu_v3_ops},
};

const char *iopt_smmu_model_name(enum iopt_smmu_model model)
{
	return (unsigned)model < IOPT_SMMU_MODEL_COUNT ? models[model].name : NULL;
}

/* ---- instances ---- */

static void fill_defaults(struct iopt_smmu_config *c)
{
	const struct smmu_model *m = &models[c->model];

	if (!c->ias)
		c->ias = m->ias;
	if (!c->oas)
		c->oas = m->oas;
	if (!c->granules)
		c->granules = m->granules;
	if (!c->stages)
		c->stages = 3;
	if (!c->sid_bits)
		c->sid_bits = SID_BITS_DEFAULT;
	if (!c->context_banks)
		c->context_banks = BANKS_DEFAULT;
	if (!c->stream_groups)
		c->stream_groups = STREAM_GROUPS_DEFAULT;
}

static int check_config(const struct iopt_smmu_config *c, struct iopt_error *error)
{
	const struct smmu_model *m = &models[c->model];
	const unsigned sizes[] = {c->ias, c->oas};

	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++)
		if (reg_oas_code(sizes[i]) < 0 || sizes[i] > m->bits_max)
			return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
					 "%s: %s %u is none of 32, 36, 40, 42, 44, 48 and 52 up to "
					 "%u",
					 m->name, i ? "oas" : "ias", sizes[i], m->bits_max);
	if (c->granules & ~m->granules)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "%s has not all of these granules", m->name);
	if (c->ias == 52 && !(c->granules & BIT(16)))
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "52-bit addresses need the 64k granule");
	if (c->stages & ~3u)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL, "stages are 1 and 2");
	if (c->sid_bits > m->sid_bits_max)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "%s has stream IDs of up to %u bits", m->name, m->sid_bits_max);
	if (c->context_banks > SMMU_BANKS_MAX || c->stream_groups > SMMU_STREAM_GROUPS_MAX)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "at most %d context banks and stream mapping groups",
				 SMMU_BANKS_MAX);
	if (c->linear && c->model != IOPT_SMMU_V3)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "only v3 has a stream table");
	return 0;
}

int iopt_smmu_create(struct iopt_memory *memory, const struct iopt_smmu_config *config,
		     struct iopt_smmu **smmu, struct iopt_error *error)
{
	struct dma_state *state = dma_state(memory);
	struct iopt_smmu_config c = *config;
	struct iopt_smmu *s;
	int ret;

	if (config->struct_size < sizeof(c) || (unsigned)config->model >= IOPT_SMMU_MODEL_COUNT)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL, "no such SMMU model");
	fill_defaults(&c);
	ret = check_config(&c, error);
	if (ret)
		return ret;
	s = state ? calloc(1, sizeof(*s)) : NULL;
	if (!s)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ENOMEM, "out of memory");
	s->state = state;
	s->config = c;
	s->next = state->smmus;
	state->smmus = s;
	*smmu = s;
	return 0;
}

int iopt_smmu_destroy(struct iopt_smmu *smmu)
{
	struct iopt_smmu **at;
	struct iopt_domain *d;

	if (!smmu)
		return 0;
	if (smmu->device_count)
		return -IOPT_EBUSY;
	/* A domain keeps its tables, and may be bound to another one. */
	while (true) {
		for (d = smmu->state->bound; d && d->binding.smmu != smmu;)
			d = d->binding.next;
		if (!d)
			break;
		smmu_unbind_domain(d);
	}
	for (at = &smmu->state->smmus; *at != smmu;)
		at = &(*at)->next;
	*at = smmu->next;
	free(smmu->sids);
	free(smmu);
	return 0;
}

void iopt_smmu_info(const struct iopt_smmu *smmu, struct iopt_smmu_config *config)
{
	if (config->struct_size < sizeof(*config))
		return;
	*config = smmu->config;
	config->struct_size = sizeof(*config);
}

struct iopt_device *iopt_smmu_device(const struct iopt_smmu *smmu, unsigned i)
{
	struct iopt_device *d;

	for (d = smmu->state->devices; d; d = d->next)
		if (d->config.smmu == smmu && !i--)
			break;
	return d;
}

int iopt_smmu_program(const struct iopt_smmu *smmu, const struct iopt_smmu_step_sink *sink)
{
	return models[smmu->config.model].ops->program(smmu, sink);
}

/* ---- the context of a domain ---- */

static int fail(struct iopt_error *error, int code, const char *why)
{
	return error_set(error, IOPT_FAILURE_REQUEST, code, "%s", why);
}

static bool smmu_uses_stage1(const struct iopt_smmu *smmu)
{
	return smmu->config.stages & 1;
}

/*
 * arm_smmu_init_domain_context(), arm_smmu_domain_finalise(): stage 1 where there is one; v1 has
 * only AArch32's long descriptors.
 */
static struct iopt_config smmu_geometry(const struct iopt_smmu *smmu)
{
	const struct iopt_smmu_config *c = &smmu->config;
	struct iopt_config config = IOPT_INIT(struct iopt_config);
	const bool stage1 = smmu_uses_stage1(smmu);

	config.ias = stage1 ? c->ias : c->oas;
	config.oas = c->oas;
	config.non_coherent_walk = c->non_coherent_walk;
	if (c->model == IOPT_SMMU_V1) {
		config.format = stage1 ? IOPT_ARM_32_LPAE_S1 : IOPT_ARM_32_LPAE_S2;
		config.ias = (unsigned)min_u64(config.ias, stage1 ? 32 : 40);
		config.oas = (unsigned)min_u64(config.oas, 40);
	} else {
		config.format = stage1 ? IOPT_ARM_64_LPAE_S1 : IOPT_ARM_64_LPAE_S2;
	}
	for (unsigned shift = 12; shift <= 16; shift += 2)
		if (c->granules & BIT(shift))
			config.page_sizes |= iopt_granule_page_sizes(config.format, BIT(shift));
	if (c->oas < 52)
		config.page_sizes &= ~BIT(42);
	return config;
}

/* Can the SMMU walk what the caller has built? */
static int check_built(const struct iopt_smmu *smmu, const struct iopt_domain *d,
		       struct iopt_error *error)
{
	struct iopt_config can = smmu_geometry(smmu);
	const struct pgtable *t = &d->spaces[0];
	const bool stage2 = t->stage == 2;

	if (d->space_count != 1 || d->stage2 || t->upper)
		return fail(error, IOPT_EINVAL, "an SMMU's context has one space");
	if (!(smmu->config.stages & (stage2 ? 2u : 1u)))
		return fail(error, IOPT_EINVAL, "the SMMU has not that stage");
	if (stage2)
		can.format = can.format == IOPT_ARM_32_LPAE_S1 ? IOPT_ARM_32_LPAE_S2
							       : IOPT_ARM_64_LPAE_S2;
	if (t->format != can.format)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "the SMMU does not walk %s", iopt_format_name(t->format));
	if (t->regime != IOPT_REGIME_EL1 && t->regime != IOPT_REGIME_STAGE2)
		return fail(error, IOPT_EINVAL, "an SMMU's contexts are those of EL1 and stage 2");
	if (!(smmu->config.granules & BIT(t->ops->format->granule_shift)))
		return fail(error, IOPT_EINVAL, "the SMMU has not the domain's granule");
	if (t->ias > (stage2 ? smmu->config.oas : smmu->config.ias) || t->oas > smmu->config.oas)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "ias %u, oas %u: more than the SMMU has", t->ias, t->oas);
	return 0;
}

/* The lowest number from 1 that no bound domain has: the ASIDs of all v3, the VMIDs of one. */
static unsigned free_id(const struct iopt_smmu *smmu, bool vmid)
{
	const struct iopt_domain *d;
	unsigned id = 1;

	for (d = smmu->state->bound; d;) {
		const struct domain_binding *b = &d->binding;
		bool same = smmu_is_v3(b->smmu) && (!vmid || b->smmu == smmu);

		if (same && (vmid ? b->vmid : b->asid) == id) {
			id++;
			d = smmu->state->bound;
		} else {
			d = b->next;
		}
	}
	return id;
}

/* v1, v2: the first free bank; stage 1 takes any, as all are modelled to have both stages. */
static int take_context(struct iopt_smmu *smmu, struct iopt_domain *d, struct iopt_error *error)
{
	const bool stage2 = d->spaces[0].stage == 2;
	struct domain_binding *b = &d->binding;

	b->bank = b->asid = b->vmid = 0;
	if (smmu_is_v3(smmu)) {
		if (stage2)
			b->vmid = free_id(smmu, true);
		else
			b->asid = free_id(smmu, false);
		return 0;
	}
	while (b->bank < smmu->config.context_banks && smmu->banks[b->bank])
		b->bank++;
	if (b->bank == smmu->config.context_banks)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ENOSPC,
				 "all %u context banks are taken", smmu->config.context_banks);
	smmu->banks[b->bank] = d;
	if (stage2)
		b->vmid = b->bank + 1;
	else
		b->asid = b->bank;
	return 0;
}

static void leave_context(struct iopt_domain *d)
{
	if (!smmu_is_v3(d->binding.smmu))
		d->binding.smmu->banks[d->binding.bank] = NULL;
}

static int build(struct iopt_smmu *smmu, struct iopt_domain *d, uint64_t cpu_page_size,
		 struct iopt_error *error)
{
	struct iopt_config config = smmu_geometry(smmu);
	int ret;

	config.cpu_page_size = cpu_page_size;
	ret = domain_build(d, &config, error);
	if (!ret && d->type == IOPT_DOMAIN_BLOCKED)
		d->spaces[0].page_sizes = 0; /* nothing can be mapped into it */
	trace_note(smmu->state->memory, "%s, ias %u, oas %u, page sizes 0x%llx",
		   iopt_format_name(config.format), d->spaces[0].ias, d->spaces[0].oas,
		   (unsigned long long)d->spaces[0].page_sizes);
	return ret;
}

int smmu_bind_domain(struct iopt_smmu *smmu, struct iopt_domain *d, uint64_t cpu_page_size,
		     struct iopt_error *error)
{
	const char *function =
		smmu_is_v3(smmu) ? "arm_smmu_domain_finalise" : "arm_smmu_init_domain_context";
	int ret = 0;

	if (d->type == IOPT_DOMAIN_IDENTITY)
		return 0;
	if (d->binding.smmu == smmu)
		return 0;
	if (d->binding.smmu)
		return fail(error, smmu_is_v3(smmu) ? IOPT_ENXIO : IOPT_EINVAL,
			    "the domain belongs to another SMMU");
	trace_call(smmu->state->memory, function,
		   trace_text("smmu", models[smmu->config.model].name),
		   trace_text("type", iopt_domain_type_name(d->type)));
	if (d->space_count)
		ret = check_built(smmu, d, error);
	else
		ret = build(smmu, d, cpu_page_size, error);
	if (!ret)
		ret = take_context(smmu, d, error);
	if (!ret) {
		d->binding.smmu = smmu;
		d->binding.next = smmu->state->bound;
		smmu->state->bound = d;
	}
	trace_return(smmu->state->memory, function, ret);
	return ret;
}

void smmu_unbind_domain(struct iopt_domain *d)
{
	struct iopt_domain **at;

	if (!d->binding.smmu)
		return;
	for (at = &d->binding.smmu->state->bound; *at != d;)
		at = &(*at)->binding.next;
	*at = d->binding.next;
	leave_context(d);
	d->binding.smmu = NULL;
	d->binding.next = NULL;
}
