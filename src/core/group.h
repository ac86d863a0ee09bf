/* SPDX-License-Identifier: MIT */
/* IOMMU groups: who is in, which domain is attached, who owns it. */
#ifndef IOPT_GROUP_H
#define IOPT_GROUP_H

#include "device.h"

/*
 * iommu_probe_device() and iommu_device_use_default_domain(): a group by its stream IDs, attached
 * to its default domain.  As iopt_device_create() fails; nothing is left behind then.
 */
int group_join(struct iopt_device *device, struct iopt_error *error);
void group_leave(struct iopt_device *device);

#endif
