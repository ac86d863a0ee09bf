/* SPDX-License-Identifier: MIT */
/* What a domain gets of its SMMU at the first attach: geometry, and a bank, ASID or VMID. */
#include "device.h"
#include "dma.h"
#include "error.h"
#include "trace.h"

static int fail(struct iopt_error *error, int code, const char *why)
{
	return error_set(error, IOPT_FAILURE_REQUEST, code, "%s", why);
}

/* Stage 1 where there is one, but stage 2 for nesting where there are both. */
static bool uses_stage2(const struct iopt_smmu *smmu, const struct iopt_domain *d)
{
	const unsigned stages = smmu->config.stages;

	return stages == 2 || (stages == 3 && d->binding.nesting);
}

/* What tables there are, by kernel; the sizes that they have at most. */
enum { LONG_64, LONG_32, SHORT_32 };
static const struct {
	enum iopt_format format;
	unsigned ias, oas;
} shapes[][2] = {
	[LONG_64] = {{IOPT_ARM_64_LPAE_S1, 64, 64}, {IOPT_ARM_64_LPAE_S2, 64, 64}},
	[LONG_32] = {{IOPT_ARM_32_LPAE_S1, 32, 40}, {IOPT_ARM_32_LPAE_S2, 40, 40}},
	[SHORT_32] = {{IOPT_ARM_V7S, 32, 32}, {IOPT_ARM_32_LPAE_S2, 40, 40}},
};

/* arm_smmu_init_domain_context(), arm_smmu_domain_finalise() */
static struct iopt_config smmu_geometry(const struct iopt_smmu *smmu, const struct iopt_domain *d)
{
	static const uint8_t kernels[] = {
		[IOPT_KERNEL_ARM64] = LONG_64,
		[IOPT_KERNEL_ARM_LPAE] = LONG_32,
		[IOPT_KERNEL_ARM] = SHORT_32,
	};
	const struct iopt_smmu_config *c = &smmu->config;
	struct iopt_config config = IOPT_INIT(struct iopt_config);
	const bool stage2 = uses_stage2(smmu, d);
	unsigned shape = kernels[c->kernel];

	if (!smmu_walks(smmu, shapes[shape][stage2].format))
		shape = LONG_32;
	config.format = shapes[shape][stage2].format;
	config.ias = (unsigned)min_u64(stage2 ? c->oas : c->ias, shapes[shape][stage2].ias);
	config.oas = (unsigned)min_u64(c->oas, shapes[shape][stage2].oas);
	config.quirks = d->binding.quirks;
	config.non_coherent_walk = c->non_coherent_walk;
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
	const struct pgtable *t = &d->spaces[0];
	const bool stage2 = t->stage == 2;

	if (d->space_count != 1 || d->stage2 || t->upper)
		return fail(error, IOPT_EINVAL, "an SMMU's context has one space");
	if (!(smmu->config.stages & (stage2 ? 2u : 1u)))
		return fail(error, IOPT_EINVAL, "the SMMU has not that stage");
	if (!smmu_walks(smmu, t->format) || t->oa_layout == IOPT_OA_LPA2)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "the SMMU does not walk %s%s", iopt_format_name(t->format),
				 t->oa_layout == IOPT_OA_LPA2 ? " with LPA2" : "");
	if (t->regime != IOPT_REGIME_EL1 && t->regime != IOPT_REGIME_STAGE2)
		return fail(error, IOPT_EINVAL, "an SMMU's contexts are those of EL1 and stage 2");
	if (t->format <= IOPT_ARM_64_LPAE_S2 &&
	    !(smmu->config.granules & BIT(t->ops->format->granule_shift)))
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

/* v1, v2: the first free bank, for stage 1 behind those that have stage 2 alone. */
static int take_bank(struct iopt_smmu *smmu, struct iopt_domain *d, unsigned start,
		     struct iopt_error *error)
{
	const unsigned count = smmu->config.context_banks;
	unsigned bank = start;

	while (bank < count && smmu->banks[bank])
		bank++;
	if (bank == count)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ENOSPC,
				 start ? "all %u context banks of stage 1 are taken"
				       : "all %u context banks are taken",
				 count - start);
	smmu->banks[bank] = d;
	smmu->bank_irqs[bank] = ++smmu->irqs_given % smmu->config.context_irqs;
	d->binding.bank = bank;
	return 0;
}

static int take_context(struct iopt_smmu *smmu, struct iopt_domain *d, struct iopt_error *error)
{
	const bool stage2 = d->spaces[0].stage == 2;
	struct domain_binding *b = &d->binding;
	int ret;

	b->bank = b->asid = b->vmid = 0;
	if (smmu_is_v3(smmu)) {
		if (stage2)
			b->vmid = free_id(smmu, true);
		else
			b->asid = free_id(smmu, false);
		return 0;
	}
	ret = take_bank(smmu, d, stage2 ? 0 : smmu->config.stage2_banks, error);
	if (ret)
		return ret;
	if (stage2)
		b->vmid = b->bank + 1;
	else
		b->asid = b->bank;
	return 0;
}

static void leave_context(struct iopt_domain *d)
{
	const struct smmu_ops *ops = d->binding.smmu->ops;

	if (ops->unbind)
		ops->unbind(d);
	if (!smmu_is_v3(d->binding.smmu))
		d->binding.smmu->banks[d->binding.bank] = NULL;
}

int smmu_bind_device(struct iopt_domain *d, const struct iopt_device *device,
		     struct iopt_error *error)
{
	const struct smmu_ops *ops = device->config.smmu->ops;

	return ops->bind ? ops->bind(d, device, error) : 0;
}

void smmu_attached(const struct iopt_device *device, const struct iopt_domain *d)
{
	struct iopt_smmu *smmu = device->config.smmu;

	if (smmu->ops->attached)
		smmu->ops->attached(smmu, device, d);
}

static int build(struct iopt_smmu *smmu, struct iopt_domain *d, uint64_t cpu_page_size,
		 struct iopt_error *error)
{
	struct iopt_config config = smmu_geometry(smmu, d);
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
	if (d->binding.quirks && smmu_is_v3(smmu))
		return fail(error, IOPT_EINVAL, "an SMMU v3 takes no table quirks");
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
