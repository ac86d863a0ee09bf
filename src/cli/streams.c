/* SPDX-License-Identifier: MIT */
#include "streams.h"

int streams_of(struct session *s, const struct named_smmu *smmu, struct chosen_streams *c)
{
	struct iopt_smmu_config config = IOPT_INIT(struct iopt_smmu_config);
	int r = iopt_registers_create(&c->owned);

	if (!r)
		r = iopt_streams_registers(smmu->smmu, c->owned);
	if (r) {
		iopt_registers_destroy(c->owned);
		c->owned = NULL;
		return fail_library(s, NULL, r);
	}
	iopt_smmu_info(smmu->smmu, &config);
	c->memory = smmu->memory;
	c->streams.memory = smmu->memory->memory;
	c->streams.registers = c->owned;
	c->streams.model = config.model;
	return 0;
}

int choose_streams(struct session *s, const struct args *a, struct chosen_streams *c)
{
	const struct arg *given = args_get(a, "-s");
	const struct named *only = s->objects.smmus.oldest;

	*c = (struct chosen_streams){.streams = IOPT_INIT(struct iopt_streams)};
	if (given)
		return streams_of(s, given->smmu, c);
	if (s->decoded) {
		c->memory = s->decoded_memory;
		c->streams.memory = s->decoded_memory->memory;
		c->streams.registers = s->decoded;
		c->streams.model = IOPT_SMMU_V3;
		return 0;
	}
	if (!only)
		return fail_usage(
			s, NULL,
			"there is no SMMU: smmu decode --registers FILE reads one, smmu add makes one");
	if (only->newer)
		return fail_usage(s, NULL, "there are several SMMUs: -s says which");
	return streams_of(s, (const struct named_smmu *)only, c);
}

bool has_one_smmu_v3(const struct session *s)
{
	const struct named *only = s->objects.smmus.oldest;
	struct iopt_smmu_config config = IOPT_INIT(struct iopt_smmu_config);

	if (s->decoded || !only || only->newer)
		return s->decoded != NULL;
	iopt_smmu_info(((const struct named_smmu *)only)->smmu, &config);
	return config.model == IOPT_SMMU_V3;
}

void chosen_streams_destroy(struct chosen_streams *c)
{
	iopt_registers_destroy(c->owned);
}
