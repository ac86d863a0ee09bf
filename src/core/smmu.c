/* SPDX-License-Identifier: MIT */
/* Arm SMMU v1, v2 and v3 as Linux's drivers see them: "arm_smmu_device_cfg_probe()". */
#include "smmu.h"

#include <stdlib.h>

#include "dma.h"
#include "error.h"
#include "regs.h"

enum {
	BANKS_DEFAULT = 16,
	STREAM_GROUPS_DEFAULT = 32,
	SID_BITS_DEFAULT = 16,
	SID_BITS_INDEXED = 7,
	SSID_BITS_MAX = 20,
	SID_BITS_V2_MAX = 16, /* SMR.ID, with 15 or 16 bits */
	REGISTER_PAGES_MIN = 2,
};

#define GRANULES (BIT(12) | BIT(14) | BIT(16))
#define AARCH32	 (BIT(IOPT_ARM_32_LPAE_S1) | BIT(IOPT_ARM_32_LPAE_S2) | BIT(IOPT_ARM_V7S))
#define AARCH64	 (BIT(IOPT_ARM_64_LPAE_S1) | BIT(IOPT_ARM_64_LPAE_S2))

static const struct smmu_model {
	const char *name;
	uint64_t granules, formats;
	unsigned bits_max, ias, oas; /* sizes: the largest, and the defaults */
	unsigned sid_bits_max;
	bool banks, version2; /* it has context banks, and the registers of version 2 */
	const struct smmu_ops *ops;
} models[IOPT_SMMU_MODEL_COUNT] = {
	[IOPT_SMMU_V2] = {"v2", GRANULES, AARCH32 | AARCH64, 48, 48, 48, SID_BITS_V2_MAX, true,
			  true, &smmu_v2_ops},
	[IOPT_SMMU_V1] = {"v1", BIT(12), AARCH32, 40, 32, 40, SID_BITS_V2_MAX, true, false,
			  &smmu_v2_ops},
	[IOPT_SMMU_MMU500] = {"mmu500", GRANULES, AARCH32 | AARCH64, 48, 48, 48, SID_BITS_V2_MAX,
			      true, true, &smmu_v2_ops},
	[IOPT_SMMU_V3] = {"v3", GRANULES, AARCH64, 52, 48, 48, 32, false, false, &smmu_v3_ops},
};

const char *iopt_smmu_model_name(enum iopt_smmu_model model)
{
	return (unsigned)model < IOPT_SMMU_MODEL_COUNT ? models[model].name : NULL;
}

const char *iopt_smmu_kernel_name(enum iopt_smmu_kernel kernel)
{
	static const char *const names[] = {"arm64", "arm-lpae", "arm"};

	return (unsigned)kernel < IOPT_KERNEL_COUNT ? names[kernel] : NULL;
}

bool smmu_walks(const struct iopt_smmu *smmu, enum iopt_format format)
{
	return models[smmu->config.model].formats & BIT(format);
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
		c->sid_bits = c->stream_indexed ? SID_BITS_INDEXED : SID_BITS_DEFAULT;
	if (!c->context_banks)
		c->context_banks = BANKS_DEFAULT;
	if (!c->stream_groups)
		c->stream_groups = c->stream_indexed && c->sid_bits <= SID_BITS_INDEXED
					   ? 1u << c->sid_bits
					   : STREAM_GROUPS_DEFAULT;
	if (!c->context_irqs)
		c->context_irqs = c->context_banks;
	if (!c->register_page)
		c->register_page = BIT(12);
	if (!c->register_pages)
		c->register_pages = 1u << log2_up(max_u64(c->context_banks, REGISTER_PAGES_MIN));
}

/* What only some have, and what does not go together. */
static int check_choices(const struct iopt_smmu_config *c, struct iopt_error *error)
{
	const struct smmu_model *m = &models[c->model];
	const struct {
		bool wrong;
		const char *why;
	} rules[] = {
		{c->linear && m->banks, "only v3 has a stream table"},
		{(c->linear_cd || c->ssid_bits || c->stalls) && m->banks,
		 "only v3 has substreams and stalls"},
		{c->ssid_bits > SSID_BITS_MAX, "v3 has substream IDs of up to 20 bits"},
		{(c->stage2_banks || c->stream_indexed) && !m->banks,
		 "v3 has neither context banks nor stream mapping groups"},
		{(c->exids || c->vmid16) && !m->version2,
		 "only v2 and mmu500 have 16-bit masks of stream IDs and 16-bit VMIDs"},
		{(unsigned)c->kernel >= IOPT_KERNEL_COUNT, "no such kernel"},
		{c->kernel && !m->banks, "only arm64 has a driver for v3"},
		{c->exids && c->stream_indexed, "without SMRs there are no masks of stream IDs"},
		{c->stream_indexed &&
			 (c->sid_bits > SID_BITS_INDEXED || c->stream_groups != BIT(c->sid_bits)),
		 "stream-indexed, an SMMU has a group for each of at most 7 bits of stream ID"},
		{c->stage2_banks > c->context_banks,
		 "there are not as many context banks as those of stage 2"},
		{c->register_page != BIT(12) && c->register_page != BIT(16),
		 "a page of registers has 4 or 64 KiB"},
		{!is_power_of_two(c->register_pages) || c->register_pages < REGISTER_PAGES_MIN ||
			 c->register_pages > SMMU_BANKS_MAX,
		 "pages of registers are a power of two from 2 to 128"},
		{m->banks && c->register_pages < c->context_banks,
		 "there are at most as many context banks as pages of global registers"},
	};

	for (unsigned i = 0; i < ARRAY_SIZE(rules); i++)
		if (rules[i].wrong)
			return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL, "%s",
					 rules[i].why);
	return 0;
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
	return check_choices(c, error);
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
	s->ops = models[c.model].ops;
	ret = s->ops->create ? s->ops->create(s, error) : 0;
	if (ret) {
		free(s);
		return ret;
	}
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
	if (smmu->ops->destroy)
		smmu->ops->destroy(smmu);
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
