/* SPDX-License-Identifier: MIT */
/* Devices, their groups, and what translates for them. */
#ifndef IOPT_API_DEVICE_H
#define IOPT_API_DEVICE_H

#include "smmu.h"

#ifdef __cplusplus
extern "C" {
#endif

struct iopt_stream {
	uint32_t id, mask;
};

/* What Linux's command line makes of default domains: iommu.strict, iommu.passthrough. */
enum iopt_default_domain { IOPT_DEFAULT_STRICT, IOPT_DEFAULT_LAZY, IOPT_DEFAULT_PASSTHROUGH };

/* Zero is the default: not coherent, 32-bit masks, no limits, no pool. */
struct iopt_device_config {
	size_t struct_size;
	const char *name; /* copied */
	struct iopt_smmu *smmu;
	const struct iopt_stream *streams; /* copied */
	unsigned stream_count;
	bool coherent, pci;
	enum iopt_default_domain default_domain;    /* used by the first device of a group */
	unsigned dma_mask_bits, coherent_mask_bits; /* of streaming and of coherent buffers */
	uint64_t bus_base, bus_limit;  /* first and last reachable bus address; limit 0: none */
	uint64_t max_segment;	       /* bytes; 0: 64 KiB */
	uint64_t segment_boundary;     /* mask that a segment must not cross; 0: none */
	uint64_t pool_base, pool_size; /* coherent pool, shared by all that name it; 0: none */
	uint64_t cpu_page_size;	       /* 0: 4 KiB */
	unsigned ssid_bits; /* pasid-num-bits: SubstreamIDs that it has */
	bool can_stall;	    /* dma-can-stall: its faults may wait for software */
};

/*
 * The device is probed and its driver bound: behind an SMMU it is attached to a default domain,
 * that of its group.  EINVAL: no name, no or bad sizes, stream IDs in conflict with another
 * device's, or (v1, v2) wider than the SMMU's; ERANGE: the same with v3; ENOSPC: no stream mapping
 * group or context bank is left; EBUSY: the pool's memory is in use, or the group is owned by a
 * user; ENOMEM.
 */
IOPT_API int iopt_device_create(struct iopt_memory *memory, const struct iopt_device_config *config,
				struct iopt_device **device, struct iopt_error *error);
/* EBUSY: buffers or pools are live.  What was leaked is taken back. */
IOPT_API int iopt_device_destroy(struct iopt_device *device, struct iopt_error *error);
IOPT_API void iopt_device_info(const struct iopt_device *device, struct iopt_device_config *config);
/* The domain that translates its accesses; NULL: none does. */
IOPT_API struct iopt_domain *iopt_device_domain(const struct iopt_device *device);
/*
 * The DMA API's.  The one that the group had from the beginning belongs to the group:
 * iopt_domain_destroy() does nothing to it.
 */
IOPT_API struct iopt_domain *iopt_device_default_domain(const struct iopt_device *device);
/* Number of its IOMMU group, from 0; -1: behind no SMMU. */
IOPT_API int iopt_device_group(const struct iopt_device *device);
/* Is the DMA API's backend dma-iommu?  Otherwise dma-direct. */
IOPT_API bool iopt_device_uses_iommu(const struct iopt_device *device);
/* dma_set_mask() or dma_set_coherent_mask(); EIO: dma_supported() says no. */
IOPT_API int iopt_device_set_mask(struct iopt_device *device, unsigned bits, bool coherent,
				  struct iopt_error *error);
/* dma_supported(): any mask behind an SMMU; otherwise it must reach the RAM below 4 GiB. */
IOPT_API bool iopt_device_supports(const struct iopt_device *device, unsigned bits);

/*
 * iommu_attach_device() for UNMANAGED and BLOCKED domains.  EINVAL: not alone in its group, (v1,
 * v2) the domain is another SMMU's, or the SMMU has not the domain's format or sizes; ENXIO:
 * another SMMU's with v3; ENODEV: behind no SMMU; EBUSY: attached to something else than its
 * default; ENOSPC: no context bank is left; ENOMEM.  A DMA, DMA_FQ or IDENTITY domain becomes the
 * group's default domain instead, as if written to its 'type' in sysfs: EBUSY: buffers are live.
 * On failure everything is as before.
 */
IOPT_API int iopt_attach(struct iopt_device *device, struct iopt_domain *domain,
			 struct iopt_error *error);
/*
 * iommu_detach_device(): back to the default domain; from a default domain that iopt_attach() set,
 * to the one of the beginning (EBUSY: buffers are live).  EINVAL: nothing to detach from.
 */
IOPT_API int iopt_detach(struct iopt_device *device, struct iopt_error *error);

/* The driver goes: dma-debug looks at what it left (D23).  EINVAL: none is bound. */
IOPT_API int iopt_device_unbind(struct iopt_device *device, struct iopt_error *error);
/* EBUSY: one is, or the group is owned by a user. */
IOPT_API int iopt_device_bind(struct iopt_device *device, struct iopt_error *error);
/*
 * iommu_group_claim_dma_owner() for a user such as VFIO: the group is attached to a blocking
 * domain.  ENODEV: no group; EPERM: a driver is bound in it, or it is owned; EBUSY: not attached to
 * its default domain.
 */
IOPT_API int iopt_device_claim(struct iopt_device *device, struct iopt_error *error);
/* iommu_group_release_dma_owner(): back to the default domain.  EINVAL: nobody owns it. */
IOPT_API int iopt_device_release(struct iopt_device *device, struct iopt_error *error);

#ifdef __cplusplus
}
#endif

#endif
