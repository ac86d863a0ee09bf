/* SPDX-License-Identifier: MIT */
/* drivers/iommu/iommu.c's groups. */
#include "group.h"

#include <stdlib.h>

#include "dma.h"
#include "dma_check.h"
#include "error.h"
#include "profile.h"
#include "trace.h"

static int fail(struct iopt_error *error, int code, const char *why)
{
	return error_set(error, IOPT_FAILURE_REQUEST, code, "%s", why);
}

/* ---- life ---- */

static struct dma_group *group_create(struct dma_state *state, enum iopt_default_domain type)
{
	static const enum iopt_domain_type types[] = {
		[IOPT_DEFAULT_STRICT] = IOPT_DOMAIN_DMA,
		[IOPT_DEFAULT_LAZY] = IOPT_DOMAIN_DMA_FQ,
		[IOPT_DEFAULT_PASSTHROUGH] = IOPT_DOMAIN_IDENTITY,
	};
	const struct profile *p = profile_of(state->memory);
	struct dma_group *group = calloc(1, sizeof(*group));
	struct dma_group **at;

	if ((type == IOPT_DEFAULT_LAZY && !p->lazy_domains) ||
	    (type == IOPT_DEFAULT_PASSTHROUGH && !p->identity_domains))
		type = IOPT_DEFAULT_STRICT;
	if (!group)
		return NULL;
	group->first_default = domain_alloc(state->memory, types[type]);
	if (!group->first_default) {
		free(group);
		return NULL;
	}
	group->first_default->binding.owner = group;
	group->default_domain = group->first_default;
	group->id = state->group_count++;
	for (at = &state->groups; *at;)
		at = &(*at)->next;
	*at = group;
	return group;
}

static void own_domain_destroy(struct iopt_domain *d)
{
	if (!d)
		return;
	d->binding.owner = NULL;
	iopt_domain_destroy(d);
}

static void group_destroy(struct dma_state *state, struct dma_group *group)
{
	struct dma_group **at;

	for (at = &state->groups; *at != group;)
		at = &(*at)->next;
	*at = group->next;
	own_domain_destroy(group->first_default);
	own_domain_destroy(group->blocking_domain);
	free(group);
}

/* The DMA layer maps in granules, and cannot have one larger than a page. */
static int check_granule(const struct iopt_domain *d, const struct iopt_device *device,
			 struct iopt_error *error)
{
	if (!domain_is_dma(d) || domain_granule(d) <= device_page(device))
		return 0;
	return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
			 "the SMMU's smallest page, 0x%llx bytes, is larger than the CPU's: no DMA "
			 "domain can be had",
			 (unsigned long long)domain_granule(d));
}

/* __iommu_attach_device() */
static int attach_one(struct iopt_device *device, struct iopt_domain *d, struct iopt_error *error)
{
	struct iopt_memory *m = device->state->memory;
	const bool bound = d->binding.smmu;
	int ret;

	trace_call(m, "arm_smmu_attach_dev", trace_text("dev", device->config.name),
		   trace_text("type", iopt_domain_type_name(d->type)));
	ret = smmu_bind_domain(device->config.smmu, d, device_page(device), error);
	if (!ret)
		ret = check_granule(d, device, error);
	if (!ret)
		ret = smmu_bind_device(d, device, error);
	if (ret && !bound)
		smmu_unbind_domain(d);
	trace_return(m, "arm_smmu_attach_dev", ret);
	return ret;
}

/* What translates for the group from now on. */
static void group_attached(struct dma_group *group, struct iopt_domain *d)
{
	group->domain = d;
	for (struct iopt_device *device = group->devices; device; device = device->group_next) {
		device->guest.given = false;
		smmu_attached(device, d);
	}
}

/* All of its devices are behind one SMMU: what suits one suits each. */
static int group_set_domain(struct dma_group *group, struct iopt_domain *d,
			    struct iopt_error *error)
{
	int ret = attach_one(group->devices, d, error);

	if (!ret)
		group_attached(group, d);
	return ret;
}

static void group_add(struct dma_group *group, struct iopt_device *device)
{
	device->group = group;
	device->group_next = group->devices;
	group->devices = device;
	group->device_count++;
	device->config.smmu->device_count++;
	smmu_name_group(device->config.smmu, device, group);
}

static void group_remove(struct iopt_device *device)
{
	struct dma_group *group = device->group;
	struct iopt_device **at;

	for (at = &group->devices; *at != device;)
		at = &(*at)->group_next;
	*at = device->group_next;
	device->group = NULL;
	device->config.smmu->device_count--;
	smmu_attached(device, NULL);
	smmu_release_streams(device->config.smmu, device);
	if (!--group->device_count)
		group_destroy(device->state, group);
}

/* iommu_device_use_default_domain() */
static int use_default_domain(struct iopt_device *device, struct iopt_error *error)
{
	struct dma_group *group = device->group;

	if (group->owned || (group->owner_count && group->domain != group->default_domain))
		return fail(error, IOPT_EBUSY, "its group is owned by a user");
	group->owner_count++;
	return 0;
}

int group_join(struct iopt_device *device, struct iopt_error *error)
{
	struct iopt_memory *m = device->state->memory;
	struct dma_group *group;
	int ret;

	trace_call(m, "iommu_probe_device", trace_text("dev", device->config.name));
	ret = smmu_claim_streams(device->config.smmu, device, &group, error);
	if (ret)
		goto out;
	/* What comes from outside is always translated. */
	if (!group)
		group = group_create(device->state, device->config.untrusted
							    ? IOPT_DEFAULT_STRICT
							    : device->config.default_domain);
	if (!group) {
		smmu_release_streams(device->config.smmu, device);
		ret = fail(error, IOPT_ENOMEM, "out of memory");
		goto out;
	}
	group_add(group, device);
	trace_note(m, "%s: group %d, stream ID 0x%x", device->config.name, group->id,
		   device->config.streams[0].id);
	ret = group->domain ? attach_one(device, group->domain, error)
			    : group_set_domain(group, group->default_domain, error);
	if (!ret)
		domain_map_direct(group->default_domain, device);
	if (!ret)
		ret = use_default_domain(device, error);
	if (ret)
		group_remove(device);
out:
	trace_return(m, "iommu_probe_device", ret);
	return ret;
}

void group_leave(struct iopt_device *device)
{
	if (device->bound)
		device->group->owner_count--;
	group_remove(device);
}

/* ---- attach and detach ---- */

/* Are buffers of its devices mapped in it? */
static bool group_uses(const struct dma_group *group, const struct iopt_domain *domain)
{
	const struct iopt_device *device;
	const struct iopt_buffer *b;

	for (device = group->devices; device; device = device->group_next) {
		if (!device->live && !device->leaks)
			continue;
		for (b = device->state->oldest; b; b = b->newer)
			if (b->device == device && b->domain == domain)
				return true;
		for (b = device->leaks; b; b = b->chain)
			if (b->domain == domain)
				return true;
	}
	return false;
}

/* iommu_change_dev_def_domain(): the DMA API's domain from now on. */
static int change_default(struct dma_group *group, struct iopt_domain *d, struct iopt_error *error)
{
	struct iopt_device *device;
	int ret;

	if (group_uses(group, group->default_domain))
		return fail(error, IOPT_EBUSY, "its default domain has live buffers");
	if (group->domain != group->default_domain)
		return fail(error, IOPT_EBUSY, "it is attached to something else than its default");
	ret = group_set_domain(group, d, error);
	if (ret)
		return ret;
	group->default_domain = d;
	for (device = group->devices; device; device = device->group_next) {
		domain_map_direct(d, device);
		device_setup_dma(device);
	}
	return 0;
}

static bool is_default_type(const struct iopt_domain *d)
{
	return domain_is_dma(d) || d->type == IOPT_DOMAIN_IDENTITY;
}

static int attach_checked(struct iopt_device *device, struct iopt_domain *d,
			  struct iopt_error *error)
{
	struct dma_group *group = device->group;

	if (!group)
		return fail(error, IOPT_ENODEV, "it is behind no SMMU");
	if (d->memory != device->state->memory)
		return fail(error, IOPT_EINVAL, "the domain is in another memory");
	if (group->device_count != 1)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "it shares group %d with other devices", group->id);
	if (d->binding.owner && d != group->default_domain)
		return fail(error, IOPT_EINVAL, "the domain is another group's");
	if (d->type == IOPT_DOMAIN_IDENTITY && !profile_of(d->memory)->identity_domains &&
	    !smmu_is_v3(device->config.smmu))
		return fail(error, IOPT_EINVAL, "that kernel's driver has no identity domains");
	if (is_default_type(d))
		return d == group->domain ? 0 : change_default(group, d, error);
	if (group->domain != group->default_domain && group->domain != group->blocking_domain)
		return fail(error, IOPT_EBUSY, "it is attached to something else than its default");
	return group_set_domain(group, d, error);
}

int iopt_attach(struct iopt_device *device, struct iopt_domain *d, struct iopt_error *error)
{
	struct iopt_memory *m = device->state->memory;
	const char *function =
		is_default_type(d) ? "iommu_group_store_type" : "iommu_attach_device";
	int ret;

	trace_call(m, function, trace_text("dev", device->config.name),
		   trace_text("type", iopt_domain_type_name(d->type)));
	ret = attach_checked(device, d, error);
	trace_return(m, function, ret);
	return ret;
}

static int detach_checked(struct iopt_device *device, struct iopt_error *error)
{
	struct dma_group *group = device->group;

	if (!group)
		return fail(error, IOPT_ENODEV, "it is behind no SMMU");
	if (group->device_count != 1)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "it shares group %d with other devices", group->id);
	if (group->domain == group->blocking_domain)
		return fail(error, IOPT_EINVAL,
			    "its group is owned by a user, who has nothing "
			    "attached");
	if (group->domain != group->default_domain)
		return group_set_domain(
			group, group->owned ? group->blocking_domain : group->default_domain,
			error);
	if (group->default_domain != group->first_default)
		return change_default(group, group->first_default, error);
	return fail(error, IOPT_EINVAL, "it is attached to its default domain");
}

int iopt_detach(struct iopt_device *device, struct iopt_error *error)
{
	struct iopt_memory *m = device->state->memory;
	int ret;

	trace_call(m, "iommu_detach_device", trace_text("dev", device->config.name));
	ret = detach_checked(device, error);
	trace_return(m, "iommu_detach_device", ret);
	return ret;
}

/* What is mapped in it goes with its tables; the memory behind it stays the buffers'. */
static void forget_buffers(struct dma_state *state, const struct iopt_domain *d)
{
	struct iopt_device *device;
	struct iopt_buffer *b;

	for (b = state->oldest; b; b = b->newer)
		if (b->domain == d)
			b->domain = NULL;
	for (device = state->devices; device; device = device->next)
		for (b = device->leaks; b; b = b->chain)
			if (b->domain == d)
				b->domain = NULL;
}

void domain_unbind(struct iopt_domain *d)
{
	struct dma_state *state = d->memory->dma;
	struct iopt_device *device;
	struct dma_group *group;

	if (!state)
		return;
	forget_buffers(state, d);
	for (group = state->groups; group; group = group->next) {
		const bool was_default = group->default_domain == d;

		if (was_default)
			group->default_domain = group->first_default;
		if (group->domain == d)
			group_attached(group, group->owned ? group->blocking_domain
							   : group->default_domain);
		for (device = group->devices; was_default && device; device = device->group_next)
			device_setup_dma(device);
	}
	domain_dma_destroy(d);
	smmu_unbind_domain(d);
}

struct iopt_device *iopt_domain_device(const struct iopt_domain *d, unsigned i)
{
	struct iopt_device *device = d->memory->dma ? d->memory->dma->devices : NULL;

	for (; device; device = device->next)
		if (device->group && device->group->domain == d && !i--)
			break;
	return device;
}

/* ---- ownership ---- */

int iopt_device_unbind(struct iopt_device *device, struct iopt_error *error)
{
	if (!device->bound)
		return fail(error, IOPT_EINVAL, "no driver is bound to it");
	check_unbind(device);
	device->bound = false;
	if (device->group)
		device->group->owner_count--;
	return 0;
}

int iopt_device_bind(struct iopt_device *device, struct iopt_error *error)
{
	int ret;

	if (device->bound)
		return fail(error, IOPT_EBUSY, "a driver is bound to it");
	ret = device->group ? use_default_domain(device, error) : 0;
	if (!ret)
		device->bound = true;
	return ret;
}

static int claim(struct dma_group *group, struct iopt_memory *m, struct iopt_error *error)
{
	int ret;

	if (!group)
		return fail(error, IOPT_ENODEV, "it is behind no SMMU");
	if (group->owner_count)
		return fail(error, IOPT_EPERM,
			    group->owned ? "its group is owned already"
					 : "a driver is bound in its group");
	if (group->domain != group->default_domain)
		return fail(error, IOPT_EBUSY, "it is attached to something else than its default");
	if (!group->blocking_domain)
		group->blocking_domain = domain_alloc(m, IOPT_DOMAIN_BLOCKED);
	if (!group->blocking_domain)
		return fail(error, IOPT_ENOMEM, "out of memory");
	group->blocking_domain->binding.owner = group;
	ret = group_set_domain(group, group->blocking_domain, error);
	if (ret)
		return ret;
	group->owned = true;
	group->owner_count = 1;
	return 0;
}

int iopt_device_claim(struct iopt_device *device, struct iopt_error *error)
{
	struct iopt_memory *m = device->state->memory;
	int ret;

	trace_call(m, "iommu_group_claim_dma_owner", trace_text("dev", device->config.name));
	ret = claim(device->group, m, error);
	trace_return(m, "iommu_group_claim_dma_owner", ret);
	return ret;
}

int iopt_device_release(struct iopt_device *device, struct iopt_error *error)
{
	struct dma_group *group = device->group;

	if (!group || !group->owned)
		return fail(error, IOPT_EINVAL, "nobody owns its group");
	group->owned = false;
	group->owner_count = 0;
	group_attached(group, group->default_domain);
	trace_note(device->state->memory,
		   "iommu_group_release_dma_owner: group %d is back in its "
		   "default domain",
		   group->id);
	return 0;
}
