/* SPDX-License-Identifier: MIT */
/* Which device has which stream ID: stream mapping groups (v1, v2), or single IDs (v3). */
#include <stdlib.h>

#include "device.h"
#include "error.h"
#include "smmu_v3_build.h"

/* Of SMR.MASK: one less than stream IDs have, but for EXIDS; none without SMRs. */
static unsigned stream_mask_bits(const struct iopt_smmu_config *c)
{
	if (c->stream_indexed)
		return 0;
	return c->exids ? 16 : (unsigned)min_u64(c->sid_bits, 15);
}

/* arm_smmu_probe_device() */
static int check_streams(const struct iopt_smmu *smmu, const struct iopt_device_config *c,
			 struct iopt_error *error)
{
	const uint32_t ids =
		(uint32_t)low_bits(smmu->v3 ? smmu->v3->sid_bits : smmu->config.sid_bits);
	const unsigned mask_bits = stream_mask_bits(&smmu->config);

	if (!c->stream_count)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "a device behind an SMMU has at least one stream ID");
	for (unsigned i = 0; i < c->stream_count; i++) {
		const struct iopt_stream *s = &c->streams[i];

		if (s->mask && smmu_is_v3(smmu))
			return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
					 "v3 has no masks of stream IDs");
		if (s->id & ~ids)
			return error_set(error, IOPT_FAILURE_REQUEST,
					 smmu_is_v3(smmu) ? IOPT_ERANGE : IOPT_EINVAL,
					 "stream ID 0x%x: the SMMU has %u bits", s->id,
					 smmu->config.sid_bits);
		if (s->mask & ~(uint32_t)low_bits(mask_bits))
			return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
					 "mask 0x%x of stream ID 0x%x: the SMMU has %u bits",
					 s->mask, s->id, mask_bits);
	}
	return 0;
}

/* ---- v1, v2 ---- */

/* arm_smmu_find_sme(): an entry that covers it all, or a free one; overlapping is fatal. */
static int find_match(const struct iopt_smmu *smmu, const struct iopt_stream *s,
		      struct iopt_error *error)
{
	int unused = -IOPT_ENOSPC;

	if (smmu->config.stream_indexed)
		return (int)s->id;
	for (unsigned i = 0; i < smmu->config.stream_groups; i++) {
		const struct smmu_match *m = &smmu->matches[i];
		uint32_t differ = s->id ^ m->stream.id;

		if (!m->uses) {
			if (unused < 0)
				unused = (int)i;
			continue;
		}
		if ((s->mask & m->stream.mask) == s->mask && !(differ & ~m->stream.mask))
			return (int)i;
		if (!(differ & ~(m->stream.mask | s->mask)))
			return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
					 "stream ID 0x%x, mask 0x%x conflicts with 0x%x, mask 0x%x",
					 s->id, s->mask, m->stream.id, m->stream.mask);
	}
	if (unused < 0)
		error_set(error, IOPT_FAILURE_REQUEST, IOPT_ENOSPC,
			  "all %u stream mapping groups are taken", smmu->config.stream_groups);
	return unused;
}

/* The entry that a stream of a device has: the only one that covers it. */
static struct smmu_match *match_of(struct iopt_smmu *smmu, const struct iopt_stream *s)
{
	for (unsigned i = 0; i < smmu->config.stream_groups; i++) {
		struct smmu_match *m = &smmu->matches[i];

		if (m->uses && (s->mask & m->stream.mask) == s->mask &&
		    !((s->id ^ m->stream.id) & ~m->stream.mask))
			return m;
	}
	return NULL;
}

static void release_matches(struct iopt_smmu *smmu, const struct iopt_device_config *c,
			    unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct smmu_match *m = match_of(smmu, &c->streams[i]);

		if (m && !--m->uses)
			*m = (struct smmu_match){0};
	}
}

static int claim_matches(struct iopt_smmu *smmu, const struct iopt_device_config *c,
			 struct dma_group **group, struct iopt_error *error)
{
	for (unsigned i = 0; i < c->stream_count; i++) {
		int at = find_match(smmu, &c->streams[i], error);
		struct smmu_match *m = &smmu->matches[at < 0 ? 0 : at];

		if (at >= 0 && *group && m->group && m->group != *group)
			at = error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				       "its stream IDs are shared with two groups");
		if (at < 0) {
			release_matches(smmu, c, i);
			return at;
		}
		if (!m->uses++)
			m->stream = c->streams[i];
		if (m->group)
			*group = m->group;
	}
	return 0;
}

/* ---- v3 ---- */

static void release_sids(struct iopt_smmu *smmu, const struct iopt_device *device)
{
	size_t to = 0;

	for (size_t i = 0; i < smmu->sid_count; i++)
		if (smmu->sids[i].device != device)
			smmu->sids[to++] = smmu->sids[i];
	smmu->sid_count = to;
}

/* arm_smmu_insert_master(): each ID once. */
static int claim_sid(struct iopt_smmu *smmu, struct iopt_device *device, uint32_t id,
		     struct iopt_error *error)
{
	for (size_t i = 0; i < smmu->sid_count; i++)
		if (smmu->sids[i].id == id)
			return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
					 "stream ID 0x%x is %s's", id,
					 smmu->sids[i].device->config.name);
	if (smmu->sid_count == smmu->sid_room) {
		size_t room = smmu->sid_room ? 2 * smmu->sid_room : 16;
		struct smmu_sid *sids = realloc(smmu->sids, room * sizeof(*sids));

		if (!sids)
			return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ENOMEM, "out of memory");
		smmu->sids = sids;
		smmu->sid_room = room;
	}
	smmu->sids[smmu->sid_count++] = (struct smmu_sid){id, device};
	return 0;
}

/* ---- both ---- */

int smmu_claim_streams(struct iopt_smmu *smmu, struct iopt_device *device, struct dma_group **group,
		       struct iopt_error *error)
{
	const struct iopt_device_config *c = &device->config;
	int ret = check_streams(smmu, c, error);

	*group = NULL;
	if (ret)
		return ret;
	if (!smmu_is_v3(smmu))
		return claim_matches(smmu, c, group, error);
	for (unsigned i = 0; !ret && i < c->stream_count; i++)
		ret = claim_sid(smmu, device, c->streams[i].id, error);
	if (!ret)
		ret = smmu->ops->prepare(smmu, device, error);
	if (ret)
		release_sids(smmu, device);
	return ret;
}

void smmu_name_group(struct iopt_smmu *smmu, const struct iopt_device *device,
		     struct dma_group *group)
{
	for (unsigned i = 0; !smmu_is_v3(smmu) && i < device->config.stream_count; i++)
		match_of(smmu, &device->config.streams[i])->group = group;
}

void smmu_release_streams(struct iopt_smmu *smmu, const struct iopt_device *device)
{
	if (smmu_is_v3(smmu))
		release_sids(smmu, device);
	else
		release_matches(smmu, &device->config, device->config.stream_count);
}
