/* SPDX-License-Identifier: MIT */
/*
 * What stands beside the one domain that a device is attached to: domains by SubstreamID
 * (arm_smmu_write_ctx_desc()), and a guest's stage 1 above it.
 */
#include <stdlib.h>

#include "dma.h"
#include "error.h"
#include "smmu_v3_build.h"
#include "trace.h"

static int fail(struct iopt_error *error, int code, const char *why)
{
	return error_set(error, IOPT_FAILURE_REQUEST, code, "%s", why);
}

/* ---- substreams ---- */

/* The context descriptors that the device's STE leads to; NULL: none, or but one. */
static struct v3_contexts *contexts_of(const struct iopt_device *device)
{
	const struct dma_group *group = device->group;
	struct v3_contexts *c = group && group->domain ? group->domain->binding.contexts : NULL;

	return c && c->ssid_bits ? c : NULL;
}

static struct v3_substream **find(struct v3_contexts *c, uint32_t ssid)
{
	struct v3_substream **at = &c->substreams;

	while (*at && (*at)->ssid != ssid)
		at = &(*at)->next;
	return at;
}

static int check_substream(const struct iopt_device *device, uint32_t ssid,
			   const struct iopt_domain *d, struct iopt_error *error)
{
	struct v3_contexts *c = contexts_of(device);

	if (!device->group)
		return fail(error, IOPT_ENODEV, "it is behind no SMMU");
	if (!c)
		return fail(error, IOPT_EINVAL,
			    "the device, or what it is attached to, has no SubstreamIDs");
	if (!ssid || ssid >> c->ssid_bits)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ERANGE,
				 "SubstreamID 0x%x is none from 1 to 0x%llx", ssid,
				 (unsigned long long)low_bits(c->ssid_bits));
	if (d->memory != device->state->memory)
		return fail(error, IOPT_EINVAL, "the domain is in another memory");
	if (d->type != IOPT_DOMAIN_UNMANAGED || d == device->group->domain)
		return fail(error, IOPT_EINVAL, "a SubstreamID has an unmanaged domain of its own");
	if (*find(c, ssid))
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EBUSY,
				 "SubstreamID 0x%x has a domain already", ssid);
	return 0;
}

static int bind_substream(struct iopt_device *device, uint32_t ssid, struct iopt_domain *d,
			  struct iopt_error *error)
{
	struct v3_contexts *c = contexts_of(device);
	struct v3_substream *s;
	uint64_t cd[CD_WORDS], pa;

	if (d->spaces[0].stage != 1)
		return fail(error, IOPT_EINVAL, "a context descriptor is about stage 1");
	s = malloc(sizeof(*s));
	if (!s || v3_cd_at(d->memory, c, ssid, &pa)) {
		free(s);
		return fail(error, IOPT_ENOMEM, "no memory for context descriptors");
	}
	*s = (struct v3_substream){.ssid = ssid, .domain = d, .cd = pa};
	*find(c, ssid) = s;
	v3_make_cd(d, c->stalls, cd);
	v3_write_cd(d->memory, pa, cd);
	return 0;
}

int iopt_attach_substream(struct iopt_device *device, uint32_t ssid, struct iopt_domain *d,
			  struct iopt_error *error)
{
	const bool bound = d->binding.smmu;
	int ret = check_substream(device, ssid, d, error);

	if (ret)
		return ret;
	ret = smmu_bind_domain(device->config.smmu, d, device_page(device), error);
	if (!ret)
		ret = bind_substream(device, ssid, d, error);
	if (ret && !bound)
		smmu_unbind_domain(d);
	return ret;
}

/* The descriptor is no longer valid. */
static void drop(struct iopt_memory *m, struct v3_substream **at)
{
	static const uint64_t invalid[CD_WORDS];
	struct v3_substream *s = *at;

	v3_write_cd(m, s->cd, invalid);
	*at = s->next;
	free(s);
}

int iopt_detach_substream(struct iopt_device *device, uint32_t ssid, struct iopt_error *error)
{
	struct v3_contexts *c = contexts_of(device);
	struct v3_substream **at = c ? find(c, ssid) : NULL;

	if (!at || !*at)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "SubstreamID 0x%x has no domain", ssid);
	drop(device->state->memory, at);
	return 0;
}

struct iopt_domain *iopt_device_substream(const struct iopt_device *device, unsigned i,
					  uint32_t *ssid)
{
	const struct v3_contexts *c = contexts_of(device);
	const struct v3_substream *s = c ? c->substreams : NULL;

	while (s && i--)
		s = s->next;
	if (s)
		*ssid = s->ssid;
	return s ? s->domain : NULL;
}

void v3_forget_substreams(struct iopt_domain *d)
{
	struct iopt_domain *other;

	for (other = d->memory->dma->bound; other; other = other->binding.next) {
		struct v3_contexts *c = other->binding.contexts;
		struct v3_substream **at = c ? &c->substreams : NULL;

		while (at && *at) {
			if ((*at)->domain == d)
				drop(d->memory, at);
			else
				at = &(*at)->next;
		}
	}
}

/* ---- nesting ---- */

int iopt_device_nest(struct iopt_device *device, uint64_t cd, unsigned ssid_bits,
		     struct iopt_error *error)
{
	const struct iopt_domain *d = device->group ? device->group->domain : NULL;
	const struct iopt_smmu *smmu = device->config.smmu;

	if (!d || !smmu_is_v3(smmu) || d->spaces[0].stage != 2 || !(smmu->config.stages & 1))
		return fail(error, IOPT_EINVAL,
			    "a guest's stage 1 goes above stage 2 of an SMMUv3 that has both");
	if (ssid_bits > smmu->config.ssid_bits)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ERANGE,
				 "the SMMU has %u SubstreamID bits", smmu->config.ssid_bits);
	if (cd & ~STE_S1CONTEXTPTR || cd & low_bits(ssid_bits + STE_SHIFT))
		return fail(error, IOPT_EINVAL,
			    "context descriptors are aligned to their size, below 52 bits");
	device->guest = (struct guest_contexts){.given = true, .cd = cd, .ssid_bits = ssid_bits};
	trace_note(d->memory, "stage 1 of a guest: context descriptors at its 0x%llx",
		   (unsigned long long)cd);
	v3_write_streams(device->config.smmu, device, d);
	return 0;
}
