/* SPDX-License-Identifier: MIT */
#include "profile.h"

#include <limits.h>

static const struct profile rows[] = {
	[IOPT_PROFILE_LINUX_6_1] =
		{
			.name = "linux-6.1",
			.iova_rounds = true,
			.iova_caches = true,
			.iova_depot_max = 32,
			.iova_retries = true,
			.iova_base_from_ranges = true,
			.pci_32bit = PROFILE_PCI_EACH,
			.sg_coalesces = true,
			.sg_length_wraps = true,
			.force_contiguous = true,
			.privileged = true,
			.lazy_domains = true,
			.identity_domains = true,
			.bounces_untrusted = true,
			.pool_loses_last_block = true,
			.atomic_pool_grows = true,
			.mmap_checks = true,
		},
	[IOPT_PROFILE_LINUX_4_9] =
		{
			.name = "linux-4.9",
			.doubt = "read in the sources of its time, not measured",
			.iova_base_from_ranges = true,
			.pci_32bit = PROFILE_PCI_NEVER,
			.pool_falls_back = true,
			.unmaps_recorded_size = true,
			.prot_none_maps_nothing = true,
			.pool_loses_last_block = true,
		},
	[IOPT_PROFILE_MAINLINE] =
		{
			.name = "mainline",
			.doubt = "read in its sources, not measured; a depot is not"
				 " trimmed with time",
			.iova_rounds = true,
			.iova_caches = true,
			.iova_depot_max = UINT_MAX,
			.iova_retries = true,
			.pci_32bit = PROFILE_PCI_UNTIL_FAILURE,
			.sg_coalesces = true,
			.sg_length_wraps = true,
			.force_contiguous = true,
			.privileged = true,
			.lazy_domains = true,
			.identity_domains = true,
			.bounces_untrusted = true,
			.atomic_pool_grows = true,
			.mmap_checks = true,
		},
};

static_assert(ARRAY_SIZE(rows) == IOPT_PROFILE_COUNT, "a row for each profile");

const struct profile *profile_row(enum iopt_profile profile)
{
	return (unsigned)profile < IOPT_PROFILE_COUNT ? &rows[profile] : NULL;
}

const char *iopt_profile_name(enum iopt_profile profile)
{
	const struct profile *row = profile_row(profile);

	return row ? row->name : NULL;
}

const char *iopt_profile_doubt(enum iopt_profile profile)
{
	const struct profile *row = profile_row(profile);

	return row ? row->doubt : NULL;
}

const char *iopt_profile_switch(enum iopt_profile profile, unsigned i, uint64_t *value,
				const char **text)
{
	const struct profile *row = profile_row(profile);
	const struct {
		const char *name, *text;
		uint64_t value;
	} switches[] = {
#define PROFILE_SWITCH(name, type, text) {#name, text, row ? row->name : 0},
#include "profile_switches.def"
#undef PROFILE_SWITCH
	};

	if (!row || i >= ARRAY_SIZE(switches))
		return NULL;
	*value = switches[i].value;
	*text = switches[i].text;
	return switches[i].name;
}

int iopt_memory_set_profile(struct iopt_memory *m, enum iopt_profile profile)
{
	if (!profile_row(profile))
		return -IOPT_EINVAL;
	m->profile = profile;
	return 0;
}

enum iopt_profile iopt_memory_profile(const struct iopt_memory *m)
{
	return m->profile;
}
