/* SPDX-License-Identifier: MIT */
/* The DMA API: buffers, pools, and what dma-debug says. */
#ifndef IOPT_API_DMA_H
#define IOPT_API_DMA_H

#include "device.h"

#ifdef __cplusplus
extern "C" {
#endif

/* DMA_ATTR_*, with Linux's values. */
enum iopt_dma_attr {
	IOPT_DMA_WEAK_ORDERING = 1 << 1,
	IOPT_DMA_WRITE_COMBINE = 1 << 2,
	IOPT_DMA_NO_KERNEL_MAPPING = 1 << 4,
	IOPT_DMA_SKIP_CPU_SYNC = 1 << 5,
	IOPT_DMA_FORCE_CONTIGUOUS = 1 << 6,
	IOPT_DMA_ALLOC_SINGLE_PAGES = 1 << 7,
	IOPT_DMA_NO_WARN = 1 << 8,
	IOPT_DMA_PRIVILEGED = 1 << 9,
};

enum iopt_dma_direction {
	IOPT_DMA_BIDIRECTIONAL,
	IOPT_DMA_TO_DEVICE,
	IOPT_DMA_FROM_DEVICE,
	IOPT_DMA_DIRECTION_COUNT,
};

enum iopt_buffer_kind {
	IOPT_BUFFER_COHERENT,
	IOPT_BUFFER_PAGE,
	IOPT_BUFFER_SG,
	IOPT_BUFFER_RESOURCE, /* registers, not memory */
};

/* Where the memory of a coherent buffer came from. */
enum iopt_buffer_source {
	IOPT_SOURCE_DEVICE_POOL,
	IOPT_SOURCE_IOMMU,	/* scattered pages behind one range of IOVAs */
	IOPT_SOURCE_CONTIGUOUS, /* one block, mapped */
	IOPT_SOURCE_ATOMIC_POOL,
	IOPT_SOURCE_DIRECT, /* no translation */
	IOPT_SOURCE_CALLER, /* streaming: the caller's own memory */
};

IOPT_API const char *iopt_dma_attr_name(enum iopt_dma_attr attr); /* "force-contiguous" */
IOPT_API const char *iopt_dma_direction_name(enum iopt_dma_direction direction);
IOPT_API const char *iopt_buffer_source_name(enum iopt_buffer_source source);

struct iopt_segment {
	uint64_t pa, size;
};

struct iopt_buffer;

struct iopt_buffer_info {
	size_t struct_size;
	struct iopt_device *device;
	enum iopt_buffer_kind kind;
	enum iopt_buffer_source source;
	enum iopt_dma_direction direction;
	unsigned attrs;
	bool atomic;
	uint64_t size;			     /* as asked for */
	uint64_t iova;			     /* the handle */
	uint64_t mapped;		     /* bytes of IOVA that translate; 0: untranslated */
	uint64_t iova_first, iova_size;	     /* what the IOVA allocator gave for it, as it rounds */
	bool zeroed;			     /* by the allocation */
	struct iopt_cma *cma;		     /* the area that its block is of; NULL: none */
	struct iopt_domain *domain;	     /* that maps it; NULL: none */
	size_t nents;			     /* of a scatterlist, as the driver passed it */
	const struct iopt_segment *segments; /* of memory: a scatterlist as passed, pages merged */
	size_t segment_count;
	const struct iopt_segment
		*dma; /* of a scatterlist: address and length as the device sees them */
	size_t dma_count;
	uint64_t bounced; /* bytes of swiotlb that it goes through */
};

/*
 * dma_alloc_attrs(): 'atomic' is gfp without __GFP_DIRECT_RECLAIM.  EINVAL: size 0; ENOMEM where
 * Linux returns NULL, with what ran out in 'error'; nothing is left behind.
 */
IOPT_API int iopt_dma_alloc(struct iopt_device *device, uint64_t size, unsigned attrs, bool atomic,
			    struct iopt_buffer **buffer, struct iopt_error *error);
/*
 * dma_map_page_attrs() and dma_map_sg_attrs().  What dma-direct cannot reach, and parts of pages of
 * an untrusted device, go through the swiotlb; ENOMEM, or EIO of a list, without one.
 */
IOPT_API int iopt_dma_map_page(struct iopt_device *device, uint64_t pa, uint64_t size,
			       enum iopt_dma_direction direction, unsigned attrs,
			       struct iopt_buffer **buffer, struct iopt_error *error);
IOPT_API int iopt_dma_map_sg(struct iopt_device *device, const struct iopt_segment *segments,
			     size_t count, enum iopt_dma_direction direction, unsigned attrs,
			     struct iopt_buffer **buffer, struct iopt_error *error);
/*
 * dma_map_resource(): another device's registers, never cached.  EINVAL: RAM, which pfn_valid()
 * finds; ENOMEM.
 */
IOPT_API int iopt_dma_map_resource(struct iopt_device *device, uint64_t pa, uint64_t size,
				   enum iopt_dma_direction direction, unsigned attrs,
				   struct iopt_buffer **buffer, struct iopt_error *error);
/*
 * dma_alloc_pages(): one block, mapped for streaming; its kind is that of a page, its source that
 * of the block, and giving it back frees it.  EINVAL, ENOMEM.
 */
IOPT_API int iopt_dma_alloc_pages(struct iopt_device *device, uint64_t size,
				  enum iopt_dma_direction direction, bool atomic,
				  struct iopt_buffer **buffer, struct iopt_error *error);
/*
 * dma_alloc_noncontiguous(): pages that are apart, as a list of which the device sees one segment.
 * EINVAL: another attribute than ALLOC_SINGLE_PAGES; ENOMEM.
 */
IOPT_API int iopt_dma_alloc_noncontiguous(struct iopt_device *device, uint64_t size,
					  enum iopt_dma_direction direction, unsigned attrs,
					  struct iopt_buffer **buffer, struct iopt_error *error);
/* What a driver passes when it gives a buffer back; zero: what is right. */
struct iopt_release {
	size_t struct_size;
	uint64_t size;
	bool other_kind; /* by the wrong function */
	bool has_direction;
	enum iopt_dma_direction direction;
	size_t nents;
	uint64_t pa; /* of the CPU address, for a coherent buffer */
};

/*
 * dma_free_attrs(), dma_unmap_page_attrs(), dma_unmap_sg_attrs(), as the buffer's kind wants;
 * 'release' may be NULL.  The buffer is gone afterwards; dma-debug's opinion is among the findings.
 * A size that is too small has Linux's consequences: the rest stays mapped and allocated until the
 * device is destroyed.
 */
IOPT_API int iopt_dma_release(struct iopt_buffer *buffer, const struct iopt_release *release,
			      struct iopt_error *error);
/*
 * The same by the handle that a driver holds.  ENOENT: the device has no such buffer (a finding:
 * D1, D2, X2), and nothing happens.
 */
IOPT_API int iopt_dma_release_at(struct iopt_device *device, uint64_t iova,
				 const struct iopt_release *release, struct iopt_error *error);
IOPT_API void iopt_buffer_info(const struct iopt_buffer *buffer, struct iopt_buffer_info *info);
/* Live ones of a memory, oldest first: the one after 'buffer' (NULL: the first); NULL: no more. */
IOPT_API struct iopt_buffer *iopt_buffer_next(struct iopt_memory *memory,
					      const struct iopt_buffer *buffer);

/* What a driver syncs; zero but for 'for_cpu': the whole buffer, as it was mapped. */
struct iopt_sync {
	size_t struct_size;
	bool for_cpu;
	uint64_t offset, size;
	bool has_direction;
	enum iopt_dma_direction direction;
	size_t nents;
};

/*
 * dma_sync_single_for_cpu() and _for_device(), or those of a scatterlist.  EINVAL: a coherent
 * buffer has nothing to sync; ERANGE: not within the buffer (a finding: D14).
 */
IOPT_API int iopt_dma_sync(struct iopt_buffer *buffer, const struct iopt_sync *sync,
			   struct iopt_error *error);
/* The same by handle: [iova, iova + sync->size).  ENOENT: no such mapping (D13, X2). */
IOPT_API int iopt_dma_sync_at(struct iopt_device *device, uint64_t iova,
			      const struct iopt_sync *sync, struct iopt_error *error);
/* dma_mmap_attrs(): ENXIO: not that many pages from there on; EINVAL: not coherent. */
IOPT_API int iopt_dma_mmap(struct iopt_buffer *buffer, uint64_t page_offset, uint64_t pages,
			   struct iopt_error *error);
/*
 * dma_get_sgtable_attrs(): the chunks of memory, up to 'room' of them in 'segments' (may be NULL
 * for 0); returns how many there are.  EINVAL: not coherent.
 */
IOPT_API int64_t iopt_dma_sgtable(const struct iopt_buffer *buffer, struct iopt_segment *segments,
				  size_t room);
/* dma_mapping_error(): the driver has asked. */
IOPT_API bool iopt_dma_mapping_error(struct iopt_buffer *buffer);
/*
 * The device itself reads (IOPT_READ) or writes (IOPT_WRITE) [iova, iova + size), through whatever
 * translates its accesses; *pa is where the first byte is.  EFAULT: it cannot, *fault (may be NULL)
 * says why; what is wrong with it, even where it can, is a finding (X2, X4, X7).
 */
IOPT_API int iopt_device_access(struct iopt_device *device, uint64_t iova, uint64_t size,
				unsigned access, uint64_t *pa, struct iopt_fault *fault);

struct iopt_dma_pool;

/*
 * dma_pool_create(), _alloc(), _free(), _destroy().  EINVAL: size 0, an align or boundary that is
 * no power of two, a boundary below the size; ENOMEM.
 */
IOPT_API int iopt_dma_pool_create(struct iopt_device *device, uint64_t size, uint64_t align,
				  uint64_t boundary, struct iopt_dma_pool **pool,
				  struct iopt_error *error);
IOPT_API int iopt_dma_pool_alloc(struct iopt_dma_pool *pool, uint64_t *iova, uint64_t *pa,
				 struct iopt_error *error);
/* EINVAL: no block of the pool, or free already (findings P2, P3); nothing happens. */
IOPT_API int iopt_dma_pool_free(struct iopt_dma_pool *pool, uint64_t iova,
				struct iopt_error *error);
/*
 * The pool is gone in any case.  EBUSY: blocks are in use, their chunks are leaked, as Linux does,
 * until the device is destroyed.
 */
IOPT_API int iopt_dma_pool_destroy(struct iopt_dma_pool *pool, struct iopt_error *error);

struct iopt_dma_pool_info {
	size_t struct_size;
	struct iopt_device *device;
	uint64_t size, boundary;	  /* of a block, after Linux's rounding */
	uint64_t allocation;		  /* bytes of a chunk */
	size_t chunk_count, chunk_blocks; /* chunks; blocks that fit in one */
	size_t in_use, sysfs_blocks;	  /* sysfs counts blocks that can never be used */
};

IOPT_API void iopt_dma_pool_info(const struct iopt_dma_pool *pool, struct iopt_dma_pool_info *info);

/* One thing that dma-debug, or this library beyond it, has to say. */
struct iopt_finding {
	size_t struct_size;
	const char *rule; /* "D3", "X1": see iopt_dma_rule() */
	bool stricter;	  /* Linux itself does not notice */
	const char *device;
	uint64_t iova, size;
	char message[200];
	uint64_t other_iova, other_size; /* the second place that it is about; size 0: none */
};

/* Findings of this memory so far, and about what is live now; not 0 from 'fn' ends it.  ENOMEM. */
IOPT_API int iopt_dma_check(struct iopt_memory *memory,
			    int (*fn)(void *arg, const struct iopt_finding *finding), void *arg);
/* How many findings there are of what was done, those of what is live now not counted. */
IOPT_API size_t iopt_dma_finding_count(const struct iopt_memory *memory);
/* What a rule means, by its index; NULL past the end. */
IOPT_API const char *iopt_dma_rule(unsigned i, const char **id);

#ifdef __cplusplus
}
#endif

#endif
