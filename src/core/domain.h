/* SPDX-License-Identifier: MIT */
/*
 * A domain: one or two spaces of one memory.  Every request is checked here once; below, all
 * arguments are right.
 */
#ifndef IOPT_DOMAIN_H
#define IOPT_DOMAIN_H

#include "pgtable.h"

struct dma_group;
struct iopt_resv_region;
struct v3_contexts;
struct iova_queue;

/* What attaching it, and the DMA layer above it, add to a domain. */
struct domain_binding {
	struct iopt_domain *next; /* of all bound ones of its memory */
	struct iopt_smmu *smmu;	  /* since the first attach; NULL: not bound */
	struct dma_group *owner;  /* whose first default domain it is; NULL: the caller's */
	bool nesting;		  /* stage 2, where there are both */
	uint32_t quirks;	  /* asked for before the first attach */
	unsigned bank, asid, vmid;
	struct v3_contexts *contexts; /* of an SMMUv3, with stage 1; NULL: none */
	struct iopt_iova *iova;	      /* a DMA domain's, from when its addresses are set up */
	struct iova_queue *queue;
	uint64_t start_pfn;
	struct iopt_resv_region *regions; /* that are not handed out */
	unsigned region_count;
};

/*
 * Until its geometry is known a domain has no space, and spaces[0] with operations that refuse.
 */
struct iopt_domain {
	uint64_t split;		 /* the first iova that is the second half's */
	struct pgtable *half[2]; /* below it, and from it on; one space: both times that */
	struct pgtable spaces[2];
	unsigned space_count;
	struct iopt_memory *memory;
	bool owns_tables; /* made here, not found: they go with the domain */
	bool special;	  /* tagged addresses or a second stage: not the short way */
	/* What translates the output, and the memory that the input of that stage looks like. */
	struct iopt_domain *stage2;
	struct iopt_memory *view;
	uint64_t view_changes;		/* of the memory below, when the view was made */
	struct pgtable_ops view_ops[2]; /* those of the spaces, but for writing */
	struct seen made;		/* tables that mapping added to those that were found */
	enum iopt_domain_type type;
	struct domain_binding binding;
};

/* The half that 'iova' is in. */
static inline struct pgtable *domain_half(const struct iopt_domain *d, uint64_t iova)
{
	return d->half[iova >= d->split];
}

/*
 * What a table file says of a space whose tables are already in 'memory'.  Unlike iopt_config it
 * is taken as it stands, nothing clamped: a file may describe what Linux would not build.
 */
struct space_desc {
	enum iopt_format format;
	enum iopt_regime regime;
	enum iopt_oa_layout oa_layout;
	unsigned ias, oas;
	uint64_t granule, page_sizes, root;
	int start_level;
	uint32_t quirks;
	bool non_coherent_walk, big_endian;
	bool upper; /* TTBR1's half of a CPU's regime */
	unsigned register_count;
	struct iopt_register registers[IOPT_REGISTERS_MAX]; /* names from domain_register_name() */
};

/*
 * A domain over tables that are there.  With two spaces the first is the lower half.  EINVAL with
 * the reason in 'error' (message only): the geometry is impossible for the format.
 */
int domain_adopt(struct iopt_memory *memory, const struct space_desc *spaces, unsigned count,
		 struct iopt_domain **domain, struct iopt_error *error);

/* Looks at stage 2 again if anything has changed below the view. */
int domain_refresh(struct iopt_domain *domain);

/* The half that translates 'iova'; with TBI (but not TBID, for a fetch) the tag is taken off first.
 */
struct pgtable *domain_space_of(const struct iopt_domain *domain, uint64_t *iova, bool fetch);

/* The same below a second stage: stage 1 tables are read through it. */
int domain_adopt_nested(struct iopt_memory *memory, const struct space_desc *spaces, unsigned count,
			struct iopt_domain *stage2, struct iopt_domain **domain,
			struct iopt_error *error);

/*
 * The space of a domain that has none: an empty tree, as iopt_domain_create() makes it.  Errors as
 * there; the domain is as before then.
 */
int domain_build(struct iopt_domain *domain, const struct iopt_config *config,
		 struct iopt_error *error);
/* iommu_unmap(), and iommu_unmap_fast() if 'queued': how many bytes were mapped from iova on. */
uint64_t domain_unmap(struct iopt_domain *domain, uint64_t iova, uint64_t size, bool queued);

/* What domain_adopt() would need to describe space i: registers included. */
void domain_describe(const struct iopt_domain *domain, unsigned i, struct space_desc *desc);

/*
 * The library's own string for a register or field that a file names; NULL: no register has it.
 */
const char *domain_register_name(const char *name);

/*
 * The same registers for a first table at 'root' (as when an image is packed): the table base in
 * ttbr or vttbr is replaced, the bits beside it stay.  ERANGE: it does not fit.
 */
int domain_move_root(struct space_desc *desc, uint64_t root);

#endif
