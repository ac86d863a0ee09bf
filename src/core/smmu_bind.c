/* SPDX-License-Identifier: MIT */
/* What a domain gets of its SMMU at the first attach: geometry, and a bank, ASID or VMID. */
#include "dma.h"
#include "error.h"
#include "smmu.h"
#include "trace.h"

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
		   trace_text("smmu", iopt_smmu_model_name(smmu->config.model)),
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
