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

/* ---- contiguous memory areas ---- */

struct iopt_cma;

struct iopt_cma_config {
	size_t struct_size;
	const char *name;	/* copied */
	uint64_t base, size;	/* of RAM */
	bool is_default;	/* of devices that have none: "linux,cma-default", cma= */
	uint64_t cpu_page_size; /* 0: 4 KiB */
};

/*
 * rmem_cma_setup(): RAM that is kept for large blocks.  EINVAL: no name, not RAM, or not a multiple
 * of CMA_MIN_ALIGNMENT_BYTES (2 MiB, 32 MiB or 512 MiB with pages of 4, 16 or 64 KiB); EBUSY: there
 * is a default area already, or pages of it are allocated; EEXIST: some of it is reserved; ENOMEM.
 * The memory owns it.
 */
IOPT_API int iopt_cma_create(struct iopt_memory *memory, const struct iopt_cma_config *config,
			     struct iopt_cma **cma, struct iopt_error *error);
/* In the order in which they were made: the one after 'cma' (NULL: the first); NULL: no more. */
IOPT_API struct iopt_cma *iopt_cma_next(const struct iopt_memory *memory,
					const struct iopt_cma *cma);

/* As /sys/kernel/debug/cma and /sys/kernel/mm/cma tell it. */
struct iopt_cma_info {
	size_t struct_size;
	const char *name;
	uint64_t base, size, page_size;
	bool is_default;
	uint64_t pages, used, max_chunk;    /* max_chunk: the longest free run */
	uint64_t pages_taken, pages_failed; /* alloc_pages_success, alloc_pages_fail */
};

IOPT_API void iopt_cma_info(const struct iopt_cma *cma, struct iopt_cma_info *info);

/* ---- bounce buffers ---- */

/*
 * swiotlb_init(): 'size' bytes of RAM, a power of two from 64 KiB to 1 GiB, or 0: none.  EINVAL;
 * EBUSY: mappings go through the one that there is; ENOMEM.
 */
IOPT_API int iopt_memory_set_swiotlb(struct iopt_memory *memory, uint64_t size,
				     struct iopt_error *error);
/* Where it is, its size (0: there is none), and what of it is taken. */
IOPT_API void iopt_memory_swiotlb(const struct iopt_memory *memory, uint64_t *base, uint64_t *size,
				  uint64_t *used);

/* ---- devices ---- */

/* An entry of dma-ranges: bus addresses [bus, bus + size) are memory from 'pa' on. */
struct iopt_dma_range {
	uint64_t bus, pa, size;
};

/* Linux's enum iommu_resv_type, and what else a DMA domain does not hand out. */
enum iopt_resv_type {
	IOPT_RESV_DIRECT, /* to be mapped to itself */
	IOPT_RESV_DIRECT_RELAXABLE,
	IOPT_RESV_RESERVED,
	IOPT_RESV_MSI,
	IOPT_RESV_SW_MSI,     /* which DMA domains hand out all the same */
	IOPT_RESV_PCI_WINDOW, /* of the host bridge's memory */
	IOPT_RESV_PCI_GAP,    /* between its dma-ranges */
	IOPT_RESV_COUNT,
};

IOPT_API const char *iopt_resv_type_name(enum iopt_resv_type type); /* "direct-relaxable" */

/* I/O virtual addresses. */
struct iopt_resv_region {
	uint64_t base, size;
	enum iopt_resv_type type;
};

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
	bool pool_shared; /* dma_declare_coherent_memory() of old, without DMA_MEMORY_EXCLUSIVE */
	uint64_t cpu_page_size; /* 0: 4 KiB */
	unsigned ssid_bits;	/* pasid-num-bits: SubstreamIDs that it has */
	bool can_stall;		/* dma-can-stall: its faults may wait for software */
	struct iopt_cma *cma;	/* its own area; NULL: the default one */
	bool untrusted;		/* PCI only: an external port */
	/*
	 * What of the bus is which memory, copied; none: all of it, as it is.  They say what
	 * bus_base and bus_limit are (which are then not given).
	 */
	const struct iopt_dma_range *dma_ranges;
	unsigned dma_range_count;
	/* PCI only: memory windows of the host bridge, bus addresses.  Copied. */
	const struct iopt_resv_region *windows;
	unsigned window_count;
	/* What firmware says of IOVAs: DIRECT, DIRECT_RELAXABLE, RESERVED, MSI.  Copied. */
	const struct iopt_resv_region *regions;
	unsigned region_count;
};

/*
 * The device is probed and its driver bound: behind an SMMU it is attached to a default domain,
 * that of its group.  EINVAL: no name, no or bad sizes or ranges, stream IDs in conflict with
 * another device's, or (v1, v2) wider than the SMMU's; ERANGE: the same with v3; ENOSPC: no stream
 * mapping group or context bank is left; EBUSY: the pool's memory is in use, or the group is owned
 * by a user; ENOMEM.
 */
IOPT_API int iopt_device_create(struct iopt_memory *memory, const struct iopt_device_config *config,
				struct iopt_device **device, struct iopt_error *error);
/* EBUSY: buffers or pools are live.  What was leaked is taken back. */
IOPT_API int iopt_device_destroy(struct iopt_device *device, struct iopt_error *error);
IOPT_API void iopt_device_info(const struct iopt_device *device, struct iopt_device_config *config);
/*
 * iommu_get_resv_regions(), as /sys/kernel/iommu_groups shows them: the i-th by address, those of
 * one type merged, with the SMMU's own MSI region.  ENOENT past the end.
 */
IOPT_API int iopt_device_resv_region(const struct iopt_device *device, unsigned i,
				     struct iopt_resv_region *region);
/*
 * The i-th range of addresses that it does not hand out, of its first device, in Linux's order;
 * sizes in whole granules.  ENOENT past the end.
 */
IOPT_API int iopt_domain_resv_region(const struct iopt_domain *domain, unsigned i,
				     struct iopt_resv_region *region);
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

/* What a driver asks before it maps; UINT64_MAX: no limit. */
struct iopt_device_limits {
	size_t struct_size;
	uint64_t required_mask;		   /* dma_get_required_mask() */
	uint64_t max_mapping, opt_mapping; /* dma_max_mapping_size(), dma_opt_mapping_size() */
	uint64_t merge_boundary;	   /* dma_get_merge_boundary(); 0: nothing is merged */
	bool addressing_limited;	   /* dma_addressing_limited() */
	bool cache_coherency, noexec;	   /* device_iommu_capable() */
};

IOPT_API void iopt_device_limits(const struct iopt_device *device,
				 struct iopt_device_limits *limits);

/*
 * iommu_set_pgtable_quirks(): what the tables get at the first attach, whose SMMU must be a v1 or
 * v2.  EINVAL: not UNMANAGED; EPERM: it has its tables already.
 */
IOPT_API int iopt_domain_set_quirks(struct iopt_domain *domain, uint32_t quirks,
				    struct iopt_error *error);
IOPT_API uint32_t iopt_domain_quirks(const struct iopt_domain *domain);
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

/*
 * A domain of its own for one SubstreamID (PASID) of a device behind an SMMUv3: a context
 * descriptor beside that of the stage 1 domain which the device is attached to, as
 * arm_smmu_write_ctx_desc() writes it, until either is detached or destroyed.  ENODEV: behind no
 * SMMU; EINVAL: device or SMMU has no SubstreamIDs, the domain is not UNMANAGED or not of stage 1;
 * ERANGE: 0, or too large; EBUSY: it has a domain; as iopt_attach() otherwise.
 */
IOPT_API int iopt_attach_substream(struct iopt_device *device, uint32_t ssid,
				   struct iopt_domain *domain, struct iopt_error *error);
/* EINVAL: that SubstreamID has no domain. */
IOPT_API int iopt_detach_substream(struct iopt_device *device, uint32_t ssid,
				   struct iopt_error *error);
/* The i-th that has one; NULL past the end. */
IOPT_API struct iopt_domain *iopt_device_substream(const struct iopt_device *device, unsigned i,
						   uint32_t *ssid);
/*
 * A guest's stage 1 above the stage 2 domain that the device is attached to: its 2^ssid_bits
 * context descriptors, which the guest writes, are at 'cd', an intermediate physical address.  Lasts
 * until something else is attached.  EINVAL: no stage 2 domain of an SMMUv3 with both stages is
 * attached, or 'cd' is not aligned to the descriptors; ERANGE: more bits than the SMMU has.
 */
IOPT_API int iopt_device_nest(struct iopt_device *device, uint64_t cd, unsigned ssid_bits,
			      struct iopt_error *error);

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
