/* SPDX-License-Identifier: MIT */
/*
 * READ FIRST: translation tables, whatever their format.
 *
 *   iova        input address of a translation; oa (output address) or pa is what comes out
 *   granule     bytes that one last-level descriptor maps
 *   level       -1..3, rising from the root downwards (short descriptors: 1..2)
 *   slot        one descriptor's place in a table; index its number
 *   table       a descriptor that points to the next level, and what it points to
 *   leaf        a descriptor that maps: block or page; section, supersection, large or small page
 *   run         slots that only together are one leaf: supersection, large page: 16 equal ones
 *   first table the root; only its width is odd: ias - block_shift(start_level) index bits.  That
 *               rule gives short first tables, concatenated stage 2, and v7s level 1.
 *
 * A format (struct pgtable_format) is constants and small functions, one row for each layout of
 * descriptors: pgtable_lpae.c, pgtable_v7s.c.  pgtable_engine.h has the steps over one table
 * (place, fill, clear, drop, split), linux_policy.h composes them to what Linux does, best_fit.h to
 * what firmware wants, and pgtable_walk.h and pgtable_visit.h read.  All are inlined over one row at a time by
 * PGTABLE_INSTANTIATE(), so that each row gets code of its own; struct pgtable_ops is the way in.
 *
 * A tree (struct pgtable) is a root in a memory, its geometry, and what new descriptors carry.
 */
#ifndef IOPT_PGTABLE_H
#define IOPT_PGTABLE_H

#include "base.h"
#include "iopt.h"
#include "memory.h"
#include "seen.h"

enum {
	PGTABLE_LEVEL_MIN = -1,
	PGTABLE_LEVEL_MAX = 3,
	PGTABLE_LEVELS = PGTABLE_LEVEL_MAX - PGTABLE_LEVEL_MIN + 1,
	PGTABLE_PROTS = 1 << IOPT_PROT_COUNT,
};

enum pgtable_kind { PGTABLE_INVALID, PGTABLE_TABLE, PGTABLE_LEAF };

/*
 * What distinguishes one layout of descriptors from another.  The zero descriptor is invalid in
 * each.  'attrs' is a leaf's attribute bits as tree->attrs has them: those of a last-level leaf
 * that is no run; place_attrs() moves them to where a leaf of another level has them.
 */
struct pgtable_format {
	const char *name;
	uint8_t granule_shift;	/* log2 bytes mapped by a last-level descriptor */
	uint8_t index_bits;	/* input address bits resolved by one table below the first */
	uint8_t desc_shift;	/* log2 bytes of a descriptor: 3 or 2 */
	uint8_t oa_carry_shift; /* output address bits below it are stored in one piece, in place */
	uint8_t run_shift;	/* log2 slots of a run; 0: no runs, and Linux's LPAE rules */
	int8_t first_level;	/* lowest level that a walk may start at */
	int8_t first_leaf_level;
	int8_t last_level;
	bool big_endian;
	/* log2 leaves that a contiguous hint joins, from PGTABLE_LEVEL_MIN on; and the hint. */
	uint8_t contiguous_shift[PGTABLE_LEVELS];
	uint64_t contiguous;

	enum pgtable_kind (*kind)(uint64_t desc, int level);
	enum iopt_type (*type)(uint64_t desc, int level); /* of one that is not zero */
	uint64_t (*next_table)(uint64_t desc);
	/* As stored: low bits of a misaligned leaf included, but for those of a run. */
	uint64_t (*leaf_oa)(uint64_t desc, int level);
	/* The same as Linux decodes it, iopte_to_paddr(): what it answers and what it splits. */
	uint64_t (*linux_oa)(uint64_t desc, int level);
	/* Everything but the address: equal if two leaves differ in nothing else. */
	uint64_t (*leaf_attrs)(uint64_t desc, int level);
	bool (*is_run)(uint64_t desc, int level);
	bool (*accessed)(uint64_t desc, int level); /* access flag */
	uint64_t (*make_table)(uint64_t pa);
	uint64_t (*make_leaf)(uint64_t oa, int level, bool run, uint64_t attrs);
	uint64_t (*place_attrs)(uint64_t attrs, int level, bool run);
	/* What of a leaf goes to the leaves, and the table descriptor, that replace it. */
	uint64_t (*split_attrs)(uint64_t desc, int level);
	uint64_t (*split_table)(uint64_t desc);
	/* The i-th of the single leaves that a run is the same as. */
	uint64_t (*run_part)(uint64_t desc, int level, unsigned i);
	/* Permission bits of a table descriptor that limit what is below it. */
	uint64_t (*inherit)(uint64_t desc);
};

/*
 * The table used last, at whatever level: where it is, never what is in it.  Worth nothing once
 * the memory's generation has moved.  Never the first table, whose index is wider.
 */
struct pgtable_hint {
	uint64_t tag; /* iova bits above the table's */
	uint64_t generation;
	char *table;   /* host address */
	uint64_t size; /* of a leaf in it, if one may be mapped there; 0: read only */
	uint8_t shift; /* log2 bytes of a slot */
	int8_t level;
};

/* What registers beside the table base say about every descriptor of a space: space_controls(). */
struct pgtable_controls {
	bool wxn, uwxn;	 /* writable means not executable; for PL1 also what PL0 may write */
	bool ha, hd;	 /* hardware sets the access flag; and the dirty state (DBM) */
	bool hpd;	 /* hierarchical permissions are off */
	bool tbi, tbid;	 /* the top byte of an input address is ignored; but not of a fetch */
	bool afe, tre;	 /* short descriptors: AP[0] is an access flag; TEX[0], C, B are an index */
	bool fwb;	 /* stage 2: MemAttr overrides instead of combining */
	bool e2h;	 /* EL2&0 */
	bool xnx;	 /* stage 2 has XN[1:0], not only XN */
	bool non_secure; /* the walk is: NS bits do not count */
	bool has_mair, has_prrr, has_dacr;
	uint8_t sh; /* of table walks; with LPA2 of everything */
	uint64_t mair;
	uint32_t prrr, nmrr, dacr;
};

struct pgtable_ops;
struct output_index;

struct pgtable {
	/* what every call looks at */
	const struct pgtable_ops *ops;
	struct iopt_memory *memory;
	struct pgtable_hint hint;
	uint64_t iova_mask;  /* 2^ias - 1 */
	uint64_t iova_base;  /* what the bits above must be: 0, or all set for an upper half */
	uint64_t oa_beyond;  /* the bits that no output address has */
	uint64_t map_beyond; /* those that new leaves cannot have */
	uint64_t page_sizes;
	uint64_t root;
	uint64_t root_bytes; /* as allocated */
	uint8_t root_shift;  /* log2 bytes of a slot of the first table */
	uint8_t root_bits;   /* its index bits */
	int8_t start_level;
	int8_t range_level;	       /* of the fault for an iova out of range */
	int8_t stage;		       /* 1 or 2 */
	bool access_flag;	       /* a leaf without it faults */
	uint64_t walked;	       /* the table that translate walked to last */
	uint64_t table_bits;	       /* OR-ed into new table descriptors */
	uint64_t table_alloc;	       /* bytes to allocate for a table below the first */
	uint64_t table_mask;	       /* what an address of a table may be */
	uint64_t attrs[PGTABLE_PROTS]; /* by prot */

	void (*on_tlb)(void *arg, const struct iopt_tlb_event *event);
	void *on_tlb_arg;

	uint64_t first, last; /* input addresses that reach it */
	bool is_half;	      /* another space takes the rest */
	struct seen *made;    /* of tables that were found: those made since; NULL: all are ours */
	struct pgtable_controls controls;
	struct output_index *outputs; /* of find.h, and then 'ops' is its; NULL: none */

	/* what it was made from */
	enum iopt_format format;
	enum iopt_regime regime;
	enum iopt_oa_layout oa_layout;
	uint8_t ias, oas;
	uint32_t quirks;
	bool non_coherent_walk;
	bool upper; /* TTBR1's half, as registers of a CPU say it; not Linux's quirk */
	unsigned register_count;
	struct iopt_register registers[IOPT_REGISTERS_MAX];
	const char *warning;
};

/* Each level of one walk: where the descriptor was, and what it said. */
struct pgtable_step {
	uint64_t table, index, desc_pa, desc;
	int level;
};

struct pgtable_walk {
	struct pgtable_step steps[PGTABLE_LEVELS];
	unsigned count;
	bool absent; /* the last step's descriptor is not in the memory: no desc */
};

/*
 * A stretch of input addresses with consecutive output addresses and the same attributes, to be
 * mapped by leaves of 'first_level' to 'last_level' (best_fit.h); both addresses suit all of these
 * levels, or the stretch is not large enough for those that they do not suit.
 */
struct pgtable_span {
	uint64_t iova, oa, bytes; /* bytes: not 0, multiples of the last level's leaf */
	uint64_t attrs;		  /* as struct pgtable's */
	int8_t first_level, last_level;
	bool runs; /* contiguous hints, large pages, supersections */
};

struct pgtable_ops {
	const struct pgtable_format *format;
	/* Firmware's rule: where nothing is mapped.  ENOMEM, EEXIST: some of it is done. */
	int (*map_span)(struct pgtable *t, const struct pgtable_span *span);
	/* Linux's rules (linux_policy.h); 'done' of pages is the answer. */
	int (*map_pages)(struct pgtable *t, struct iopt_pages *pages);
	void (*unmap_pages)(struct pgtable *t, struct iopt_pages *pages); /* sets 'done' */
	uint64_t (*iova_to_phys)(struct pgtable *t, uint64_t iova);
	/* hardware's (pgtable_walk.h) */
	/* EFAULT with *fault filled in, which may be NULL. */
	int (*translate)(struct pgtable *t, uint64_t iova, uint64_t *oa, struct iopt_fault *fault);
	size_t (*translate_many)(struct pgtable *t, const uint64_t *iova, size_t count,
				 uint64_t *oa);
	/* All steps from the root, without a range check: 'iova' is cut to the first table. */
	void (*walk)(struct pgtable *t, uint64_t iova, struct pgtable_walk *walk);
	int (*visit)(struct pgtable *t, const struct iopt_visitor *visitor);
	/* Frees every table of the tree that the memory's allocator made. */
	int (*free_tables)(struct pgtable *t);
};

/* What a descriptor is; a block where the architecture has none is reserved. */
static inline enum iopt_type pgtable_type(const struct pgtable_format *f, uint64_t desc, int level)
{
	enum iopt_type type = f->type(desc, level);

	return type == IOPT_TYPE_BLOCK && level < f->first_leaf_level ? IOPT_TYPE_RESERVED : type;
}

/* log2 bytes of iova that one slot at 'level' covers */
static inline unsigned block_shift(const struct pgtable_format *f, int level)
{
	return f->granule_shift + (unsigned)(f->last_level - level) * f->index_bits;
}

/* Bytes of a table at 'level'; the first is as wide as its index. */
static inline uint64_t table_bytes(const struct pgtable *t, int level)
{
	const struct pgtable_format *f = t->ops->format;

	return BIT((level == t->start_level ? t->root_bits : f->index_bits) + f->desc_shift);
}

/* log2 leaves of 'level' that only together are one, or that a contiguous hint joins; 0: none. */
static inline unsigned contiguous_shift(const struct pgtable_format *f, int level)
{
	return f->run_shift ? f->run_shift : f->contiguous_shift[level - PGTABLE_LEVEL_MIN];
}

/* What stands in a slot of the table at 'table'; false: the memory does not hold it. */
static inline bool pgtable_slot(const struct pgtable *t, uint64_t table, uint64_t index,
				uint64_t *desc)
{
	const struct pgtable_format *f = t->ops->format;
	const void *slot = memory_read(t->memory, table + (index << f->desc_shift),
				       UINT64_C(1) << f->desc_shift);

	if (!slot)
		return false;
	if (f->desc_shift == 3)
		*desc = f->big_endian ? load_be64(slot) : load_le64(slot);
	else
		*desc = f->big_endian ? load_be32(slot) : load_le32(slot);
	return true;
}

/* Does the first table have a slot for it? */
static inline bool pgtable_in_range(const struct pgtable *t, uint64_t iova)
{
	return !((iova ^ t->iova_base) & ~t->iova_mask);
}

/* The same, and it is this half's too. */
static inline bool pgtable_reaches(const struct pgtable *t, uint64_t iova)
{
	return pgtable_in_range(t, iova) && iova >= t->first && iova <= t->last;
}

#endif
