/* SPDX-License-Identifier: MIT */
/*
 * The DMA API over one memory: what its devices hold.
 *
 *     dma_alloc.c    coherent buffers: pool, scattered pages, one block, or direct
 *     dma_free.c     and back
 *     dma_pages.c    which page orders they are made of
 *     dma_map.c      streaming: pages and scatterlists
 *     dma_bounce.c   the swiotlb
 *     dma_extra.c    registers, pages and lists of them: what came later
 *     dma_iova.c     addresses of a DMA domain: set up, allocate, map, give back
 *     dma_buffer.c   live buffers, and how to find them
 *     dma_check.c    what dma-debug would say
 *     dma_reserve.c  pools of pages that were set aside: a device's own, the atomic one
 *     dma_cma.c      contiguous memory areas
 *     dma_regions.c  addresses that a DMA domain does not hand out
 *     dma_pool.c     dma_pool: small blocks out of coherent chunks
 */
#ifndef IOPT_DMA_H
#define IOPT_DMA_H

#include "device.h"
#include "page_map.h"
#include "span_tree.h"

/* No buffer is larger than what physical addresses reach. */
#define DMA_SIZE_MAX BIT(52)

/* ---- pages set aside ---- */

/* rmem's coherent pool: one for each region, shared by the devices that name it. */
struct coherent_pool {
	struct coherent_pool *next;
	struct page_map map;
};

/* A contiguous memory area. */
struct iopt_cma {
	struct iopt_cma *next;
	struct dma_state *state;
	char *name;
	struct page_map map;
	uint64_t pages_taken, pages_failed; /* ever */
};

/* One expansion of the atomic pool. */
struct atomic_area {
	struct atomic_area *next;
	struct iopt_cma *cma; /* it lies in; NULL: the page allocator's */
	struct page_map map;
};

struct atomic_pool {
	struct atomic_area *areas;
	uint64_t bytes, available;
};

/* The pool at [base, base + size), made or found.  EINVAL, EBUSY, ENOMEM. */
int coherent_pool_get(struct dma_state *state, uint64_t base, uint64_t size, unsigned page_shift,
		      struct coherent_pool **pool, struct iopt_error *error);
/* dma_alloc_from_dev_coherent(): 2^get_order(size) pages.  ENOMEM. */
int coherent_pool_alloc(struct coherent_pool *pool, uint64_t size, uint64_t *pa);
/* By the size that is given here, as Linux has it. */
void coherent_pool_free(struct coherent_pool *pool, uint64_t pa, uint64_t size);

/* dma_alloc_from_pool(): whole pages; grows like Linux's, which never shrinks.  ENOMEM. */
int atomic_pool_alloc(struct dma_state *state, uint64_t size, unsigned page_shift, uint64_t *pa);
void atomic_pool_free(struct dma_state *state, uint64_t pa, uint64_t size);
/* When nobody is left to use it. */
void atomic_pool_destroy(struct dma_state *state);

/*
 * dma_alloc_contiguous(): exactly the pages of 'size', aligned to at most 2^8 of them, from the
 * device's area or the default one; NULL: from none, and the page allocator is asked next.
 */
struct iopt_cma *dma_alloc_contiguous(const struct iopt_device *device, uint64_t size, bool atomic,
				      uint64_t *pa);
/* cma_alloc(): 'size' is whole pages.  ENOMEM. */
int cma_alloc(struct iopt_cma *cma, uint64_t size, uint64_t *pa);
void cma_free(struct iopt_cma *cma, uint64_t pa, uint64_t size);
void cma_free_area(struct iopt_cma *cma);

/* ---- segments and pages ---- */

struct segment_list {
	struct iopt_segment *items;
	size_t count, room;
};

/* Merges what is adjacent, as sg_alloc_table_from_pages() does.  ENOMEM. */
int segments_add(struct segment_list *list, uint64_t pa, uint64_t size);

/* Where pages come from: memory_alloc(), or a test that fails when it wants to. */
struct page_source {
	int (*alloc)(void *arg, unsigned order, uint64_t *pa);
	uint64_t (*free)(void *arg, uint64_t pa); /* the bytes that it had */
	void *arg;
	const struct iopt_memory *memory; /* whose progress is told and asks; NULL: none */
};

enum { PAGE_ORDERS = 32 };

struct page_request {
	uint64_t count;	     /* pages */
	uint64_t order_mask; /* orders that may be tried */
	unsigned page_shift;
};

/*
 * __iommu_dma_alloc_pages(): the largest order of the mask that still fits; one that fails is not
 * tried again for this buffer.  orders[i] counts chunks of each order.  ENOMEM, EINTR: all were
 * freed.
 */
int dma_pages_alloc(const struct page_source *source, struct page_request request,
		    struct segment_list *list, unsigned orders[static PAGE_ORDERS]);
/* Allocations that lie in [pa, pa + size), each as large as it was allocated. */
void dma_pages_free(struct iopt_memory *memory, uint64_t pa, uint64_t size);
/* Exclusive, as in Linux 6.1. */
unsigned page_max_order(unsigned page_shift);
struct page_source page_source_of(struct iopt_device *device);

/* ---- addresses of a DMA domain ---- */

/*
 * iommu_dma_init_domain().  EFAULT, ENOMEM: the device's handles will not be translated; EINVAL:
 * the domain is none of DMA.
 */
int domain_dma_init(struct iopt_domain *domain, const struct iopt_device *device,
		    struct iopt_error *error);
void domain_dma_destroy(struct iopt_domain *domain);
/*
 * Of its first device: PCI windows and gaps, and regions.  EINVAL: dma-ranges overlap; ENOMEM; what
 * was reserved by then stays, as in Linux.
 */
int domain_reserve_regions(struct iopt_domain *domain, const struct iopt_device *device,
			   struct iopt_error *error);
/* Every device's direct regions; where that fails is a finding (X10). */
void domain_map_direct(struct iopt_domain *domain, struct iopt_device *device);
/* flush_iotlb_all() */
void domain_flush_all(struct iopt_domain *domain);
uint64_t domain_granule(const struct iopt_domain *domain);
bool domain_is_dma(const struct iopt_domain *domain);
/* A domain that no caller made and no caller may destroy.  NULL: out of memory. */
struct iopt_domain *domain_alloc(struct iopt_memory *memory, enum iopt_domain_type type);

/* iommu_dma_alloc_iova(): 'size' in whole granules, below a mask of 'bits'.  ENOMEM. */
int dma_iova_alloc(struct iopt_device *device, uint64_t size, unsigned bits, uint64_t *iova);
/* iommu_dma_free_iova(), now. */
void dma_iova_free(struct iopt_domain *domain, uint64_t iova, uint64_t size);
/* What alloc_iova_fast() makes of a size in bytes. */
uint64_t dma_iova_rounded(const struct iopt_domain *domain, uint64_t size);
/* __iommu_dma_unmap(): unmaps and frees; returns what was mapped, of 'size' in whole granules. */
uint64_t dma_iova_unmap(struct iopt_domain *domain, uint64_t iova, uint64_t size);
/* iommu_map_sg(): all of it, in one range of addresses, or nothing. */
int dma_iova_map(struct iopt_domain *domain, uint64_t iova, const struct iopt_segment *segments,
		 size_t count, unsigned prot);
/* Says why iommu_map() or iommu_map_sg() failed: ENOMEM as Linux has it, or EINTR. */
int dma_not_mapped(int ret, struct iopt_error *error);
/* dma_info_to_prot() */
unsigned dma_prot(const struct iopt_device *device, enum iopt_dma_direction direction,
		  unsigned attrs);

/* ---- bounce buffers ---- */

/*
 * swiotlb_tbl_map_single(): slots for 's', at a multiple of 'align' and as many, with a copy of it
 * and zeros behind.  ENOMEM (W6): there is none, or it is full.
 */
int bounce_take(const struct iopt_buffer *b, struct iopt_segment s, uint64_t align,
		struct iopt_segment *bounce, struct iopt_error *error);
/* Copied back where the device may have written; does nothing with a bounce of no size. */
void bounce_give(const struct iopt_buffer *b, struct iopt_segment s, struct iopt_segment bounce);
void bounce_sync(const struct iopt_buffer *b, bool for_cpu, uint64_t offset, uint64_t size);
void bounce_destroy(struct dma_state *state);

/* ---- buffers ---- */

/* What is mapped by itself. */
struct dma_piece {
	uint64_t iova, iova_first, mapped;
	struct iopt_segment bounce; /* of swiotlb; size 0: the memory itself */
};

struct iopt_buffer {
	struct iopt_device *device;
	struct iopt_domain *domain; /* that maps it; NULL: none */
	enum iopt_buffer_kind kind;
	enum iopt_buffer_source source;
	enum iopt_dma_direction direction;
	unsigned attrs;
	bool atomic, zeroed;
	bool checked;	      /* the driver called dma_mapping_error() */
	struct iopt_cma *cma; /* its block is of that area; NULL: of none */
	uint64_t size, iova, mapped;
	uint64_t iova_first, iova_size; /* as the allocator gave them */
	struct iopt_segment *segments, *dma;
	size_t segment_count, dma_count, nents;
	struct iopt_segment one; /* what 'segments' and 'dma' most often are */

	uint64_t key; /* what it is found by: iova_first, or the handle */
	uint64_t serial;
	struct iopt_buffer *chain; /* of equal hashes */
	struct iopt_buffer *older, *newer;
	struct dma_piece *pieces; /* a bounced one's segments */
	size_t piece_count;
	struct dma_piece one_piece;
	struct span *spans; /* a streaming or direct one's memory */
	size_t span_count;
	struct span one_span;
	struct iopt_dma_pool *pool; /* it is a chunk of that */
};

struct buffer_table {
	struct iopt_buffer **heads;
	size_t size, count;
};

/* What was given back lately: use after unmap. */
enum { RELEASED_MAX = 1024 };
struct released {
	const struct iopt_device *device;
	uint64_t iova, size;
};

struct finding;

struct dma_state {
	struct iopt_memory *memory;
	struct iopt_smmu *smmus;
	struct iopt_device *devices;
	struct dma_group *groups;
	int group_count;
	struct iopt_domain *bound;
	struct iopt_dma_pool *dma_pools;
	struct coherent_pool *pools;
	struct iopt_cma *cmas, *default_cma;
	struct atomic_pool atomic;
	struct page_map bounce; /* slots of the swiotlb */

	struct iopt_buffer *oldest, *newest;
	struct buffer_table table;
	struct span_tree spans;
	uint64_t serial;

	struct finding *findings;
	size_t finding_count, finding_room;
	struct released released[RELEASED_MAX];
	size_t released_count; /* ever; the ring's place is this modulo its size */
};

/* Of the memory, made when it is first asked for; NULL: out of memory. */
struct dma_state *dma_state(struct iopt_memory *memory);
/* NULL is fine. */
void dma_state_destroy(struct dma_state *state);

/* NULL: out of memory. */
struct iopt_buffer *buffer_new(struct iopt_device *device, enum iopt_buffer_kind kind);
void buffer_free(struct iopt_buffer *b);
/* Takes over what a list holds, at least one. */
void buffer_set_segments(struct iopt_buffer *b, struct segment_list *list);
/* So that buffer_add() makes each segment known as memory in use.  ENOMEM. */
int buffer_make_spans(struct iopt_buffer *b);
/* From here on it is found and counted. */
void buffer_add(struct iopt_buffer *b);
void buffer_remove(struct iopt_buffer *b);
/* By handle; 'count' (may be NULL): how many there are with it. */
struct iopt_buffer *buffer_find(const struct iopt_device *device, uint64_t iova, unsigned *count);
/* The one that has [iova, iova + size) of the addresses that it was given; NULL: none. */
struct iopt_buffer *buffer_around(const struct iopt_device *device, uint64_t iova, uint64_t size);
/* Memory behind byte 'offset' of it. */
uint64_t buffer_pa(const struct iopt_buffer *b, uint64_t offset);

/* From an area or the page allocator, of the buffer's size in whole pages.  ENOMEM. */
int dma_block_alloc(struct iopt_buffer *b, uint64_t *pa, struct iopt_error *error);
/* iommu_dma_alloc_remap(): pages, addresses and mapping, or nothing.  ENOMEM. */
int dma_scattered_alloc(struct iopt_buffer *b, struct iopt_error *error);
/* All of the memory; of a device's pool what 'size' says. */
void dma_memory_back(const struct iopt_buffer *b, uint64_t size);
/* The pages behind a buffer: one block at 'pa', or all of them. */
void dma_block_free(const struct iopt_buffer *b, uint64_t pa);
void dma_scattered_free(const struct iopt_buffer *b);
/* dma_alloc_attrs() behind the checks, for a pool's chunks too. */
int dma_alloc(struct iopt_device *device, uint64_t size, unsigned attrs, bool atomic,
	      struct iopt_buffer **buffer, struct iopt_error *error);
/*
 * Gives back what the driver says, mapping first, and what it holds; true: that was all.  Otherwise
 * the rest stays, and the buffer with it.
 */
bool dma_free_coherent(struct iopt_buffer *b, const struct iopt_release *r);
bool dma_unmap_streaming(struct iopt_buffer *b, const struct iopt_release *r);
/*
 * __iommu_dma_map() of one segment with all of its rounding, bounced for an untrusted device.
 * ENOMEM: no addresses, no slots, or it cannot be mapped; nothing is left then.
 */
int dma_map_piece(const struct iopt_buffer *b, struct iopt_segment s, struct dma_piece *piece,
		  struct iopt_error *error);
void dma_unmap_piece(const struct iopt_buffer *b, struct iopt_segment s,
		     const struct dma_piece *piece);
/* dma_direct_map_page() */
int dma_direct_piece(const struct iopt_buffer *b, struct iopt_segment s, struct dma_piece *piece,
		     struct iopt_error *error);
/* A list whose segments are mapped each by itself. */
bool dma_in_pieces(const struct iopt_buffer *b);
/* A live buffer goes, in one way or the other. */
void dma_release(struct iopt_buffer *b, const struct iopt_release *r);
/* It is no longer live, but stays mapped and allocated until the device goes. */
void buffer_leak(struct iopt_buffer *b);
void device_reclaim_leaks(struct iopt_device *device);
/* The driver is there, and attributes and direction make sense. */
int dma_check_request(const struct iopt_device *device, unsigned attrs,
		      enum iopt_dma_direction direction, struct iopt_error *error);
enum { DMA_LIMIT_BYTES = 48 };

/* ", bus limit 0x…" in 'to', or nothing where there is none. */
const char *dma_limit_text(const struct iopt_device *device, char to[static DMA_LIMIT_BYTES]);
/* dma_capable() with a mask of 'bits'; *bus: where the device finds the first byte. */
bool dma_reaches(const struct iopt_device *device, uint64_t pa, uint64_t size, unsigned bits,
		 uint64_t *bus);
/* All pools of a device that goes with its memory. */
void dma_pools_destroy(struct dma_state *state);

#endif
