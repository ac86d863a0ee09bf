/* SPDX-License-Identifier: MIT */
#include "profile.h"

#include <limits.h>

static const struct profile rows[] = {
	[IOPT_PROFILE_LINUX_6_1] = {.name = "linux-6.1",
				    .iova_rounds = true,
				    .iova_caches = true,
				    .iova_depot_max = 32,
				    .iova_retries = true},
	[IOPT_PROFILE_LINUX_4_9] = {.name = "linux-4.9",
				    .doubt = "read in the sources of its time, not measured"},
	[IOPT_PROFILE_MAINLINE] = {.name = "mainline",
				   .doubt = "read in its sources, not measured; a depot is not"
					    " trimmed with time",
				   .iova_rounds = true,
				   .iova_caches = true,
				   .iova_depot_max = UINT_MAX,
				   .iova_retries = true},
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
