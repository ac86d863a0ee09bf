/* SPDX-License-Identifier: MIT */
/* Reading tables: visits, attributes, walks. */
#ifndef IOPT_API_WALK_H
#define IOPT_API_WALK_H

#include "domain.h"

#ifdef __cplusplus
extern "C" {
#endif

enum iopt_type {
	IOPT_TYPE_INVALID,  /* hardware ignores it */
	IOPT_TYPE_RESERVED, /* hardware must not see it */
	IOPT_TYPE_TABLE,
	IOPT_TYPE_BLOCK,
	IOPT_TYPE_PAGE,
	IOPT_TYPE_SECTION,
	IOPT_TYPE_SUPERSECTION,
	IOPT_TYPE_LARGE,
};

/* "invalid", "reserved", "table", … */
IOPT_API const char *iopt_type_name(enum iopt_type type);

struct iopt_table {
	uint64_t pa;
	uint64_t iova, last; /* that it covers */
	uint64_t slots, bytes;
	int level;
	bool again;	    /* reached before at this level: shown once, not entered */
	uint64_t same_as;   /* iova of the first time, if so */
	uint64_t inherited; /* hierarchical permission bits of the tables above */
};

/* Entry first + i holds desc + i * step; zero descriptors are in no run. */
struct iopt_run {
	uint64_t first, count;
	enum iopt_type type;
	uint64_t desc, step;
};

/* 'count' entries of 'size' bytes with consecutive addresses and the same attributes. */
struct iopt_extent {
	uint64_t iova, pa, size, count;
	uint64_t desc;	    /* the first */
	uint64_t inherited; /* hierarchical permission bits of the tables above */
	enum iopt_type type;
	int level;
};

/*
 * Each callback may be NULL; what is not 0 ends the visit and is returned.  A table comes before
 * its runs, those before the tables below it; extents come in rising order of iova.
 */
struct iopt_visitor {
	size_t struct_size;
	uint64_t first, last; /* input addresses; both 0: all */
	bool expand;	      /* every run and extent is one entry */
	bool reenter; /* shared tables are entered each time: a callback has to set a limit */
	bool limits;  /* a table below other hierarchical bits is another one; so with 'extent' */
	int (*table)(void *arg, const struct iopt_table *table);
	int (*run)(void *arg, const struct iopt_table *table, const struct iopt_run *run);
	int (*extent)(void *arg, const struct iopt_extent *extent);
	void *arg;
};

/* Depth first, rising.  ENOMEM; bounded by the memory's content, however hostile. */
IOPT_API int iopt_domain_visit(struct iopt_domain *domain, unsigned space,
			       const struct iopt_visitor *visitor);

enum iopt_access { IOPT_ACCESS_X = 1, IOPT_ACCESS_W = 2, IOPT_ACCESS_R = 4 };
enum iopt_share { IOPT_SHARE_NONE, IOPT_SHARE_RESERVED, IOPT_SHARE_OUTER, IOPT_SHARE_INNER };

/* What a leaf means, after the hierarchical bits and the registers of its space. */
struct iopt_attrs {
	size_t struct_size;
	uint8_t level_count; /* exception levels in 'access' */
	struct {
		uint8_t el;	/* 0 to 3 */
		uint8_t access; /* enum iopt_access */
	} access[2];
	char memory[20]; /* "normal-wb", "device-nGnRE", …, "mair:0x4f", "reserved" */
	bool known;	 /* by 'mair': neither reserved nor in a register that was not given */
	uint8_t mair;	 /* the same as a MAIR attribute */
	enum iopt_share share;
	bool ns, ng, af, contiguous, dbm, gp;
	bool nse; /* EL3 with FEAT_RME: Root, or with ns Realm */
	uint8_t software; /* bits 58:55 */
	uint8_t index;	  /* raw: AttrIndx, MemAttr, or TEX:C:B */
};

IOPT_API int iopt_domain_attrs(const struct iopt_domain *domain, unsigned space,
			       const struct iopt_extent *extent, struct iopt_attrs *attrs);

enum { IOPT_STEPS_MAX = 16 };

/* One descriptor that a walk read. */
struct iopt_step {
	uint64_t table, index;
	uint64_t desc_pa; /* of stage 1 below a stage 2: an intermediate physical address */
	uint64_t desc;
	enum iopt_type type; /* of desc 0: invalid */
	int level;
	int stage;
	bool absent; /* the memory does not hold it: no desc, and why: */
	enum iopt_presence presence;
};

/*
 * A walk with all it met: the steps of stage 1, then those of stage 2 for the last address that it
 * was asked for.  Without a fault: pa, and what the leaf (or both leaves together) allow.
 */
struct iopt_walk {
	size_t struct_size;
	unsigned space; /* the half */
	unsigned step_count;
	struct iopt_step steps[IOPT_STEPS_MAX];
	uint64_t pa, ipa;   /* ipa: what stage 1 gave, the same as pa without a stage 2 */
	uint64_t size;	    /* around pa, mapped by one leaf of each stage */
	uint64_t inherited; /* hierarchical bits above the stage 1 leaf */
	struct iopt_attrs attrs;
	struct iopt_fault fault;
};

/*
 * What hardware would do for an access ('access' of enum iopt_access: one of them, or 0:
 * permissions are not asked) from exception level 'el'.  EFAULT: walk->fault says why.  EINVAL: the
 * regime has no such exception level.
 */
IOPT_API int iopt_walk(struct iopt_domain *domain, uint64_t iova, unsigned access, unsigned el,
		       struct iopt_walk *walk);

#ifdef __cplusplus
}
#endif

#endif
