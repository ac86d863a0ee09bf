/* SPDX-License-Identifier: MIT */
/* Tables for firmware, from a spec ("iopt.spec/1"). */
#ifndef IOPT_API_BUILD_H
#define IOPT_API_BUILD_H

#include "memory.h"
#include "walk.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A spec and the files that it includes, read, checked, and planned. */
struct iopt_spec;

/*
 * Fails at the place in the spec or in an included file that is wrong.  ENOENT, EIO, …: a file
 * cannot be read.
 */
IOPT_API int iopt_spec_load(const char *path, struct iopt_spec **spec, struct iopt_error *error);
/* The same for one who waits, then and while tables are built; EINTR: he does no longer. */
IOPT_API int iopt_spec_load_watched(const char *path, const struct iopt_progress *progress,
				    struct iopt_spec **spec, struct iopt_error *error);
IOPT_API void iopt_spec_free(struct iopt_spec *spec);

/* What the spec of a program has instead of JSON. */
struct iopt_build_config {
	size_t struct_size;
	enum iopt_format format;
	enum iopt_regime regime;
	uint64_t granule;   /* 0: 4 KiB */
	unsigned ias, oas;  /* 0: the fewest that hold all regions; 48 (AArch32: 40, v7s: 32) */
	const uint64_t *mair; /* NULL: chosen */
};

struct iopt_region {
	const char *name; /* for messages; must live as long as the spec; NULL: "region" */
	bool upper;	  /* of TTBR1's half */
	uint64_t va, pa, size;
	uint64_t page_size, guard; /* 0: the best; none */
	const char *memory;	   /* NULL: "normal-wb" */
	uint8_t access, el0;	   /* enum iopt_access */
	enum iopt_share share;
	bool ns, not_global, no_runs;
	bool nse; /* EL3 with FEAT_RME: Root, or with ns Realm */
};

/*
 * As iopt_spec_load(), of 'count' regions.  What is wrong with one is told by its name.  EINVAL,
 * EEXIST, ERANGE, E2BIG, ENOMEM.
 */
IOPT_API int iopt_spec_make(const struct iopt_build_config *config,
			    const struct iopt_region *regions, size_t count,
			    struct iopt_spec **spec, struct iopt_error *error);

/* The i-th file that was read, the spec itself first; NULL past the end. */
IOPT_API const char *iopt_spec_file(const struct iopt_spec *spec, size_t i);
/* The linker's symbol that "base" names, or NULL; *base: its address, or a default. */
IOPT_API const char *iopt_spec_base(const struct iopt_spec *spec, uint64_t *base);
/* Does "allow" list the rule of iopt_lint()? */
IOPT_API bool iopt_spec_allows(const struct iopt_spec *spec, const char *rule);

enum { IOPT_PLAN_LEVELS = 5 };

/* How many tables it will be, and how many bytes from the base on, packed. */
struct iopt_plan {
	size_t struct_size;
	uint64_t base, align; /* 'align': what a base must be a multiple of */
	uint64_t table_count, bytes;
	unsigned space_count;
	struct {
		int start_level, last_level;
		unsigned ias;
		uint64_t root_bytes;
		uint64_t tables[IOPT_PLAN_LEVELS]; /* from level -1 on */
	} spaces[2];
};

/* 'base' NULL: the spec's own.  ERANGE: the tables leave the 64-bit space. */
IOPT_API int iopt_spec_plan(const struct iopt_spec *spec, const uint64_t *base,
			    struct iopt_plan *plan);

/* One region, and what it costs by itself. */
struct iopt_plan_region {
	size_t struct_size;
	const char *name;
	unsigned space;
	uint64_t va, pa, size;
	uint64_t tables; /* below the first */
	uint64_t align;	 /* of va, pa and size, with which it would take 'saves' tables less */
	uint64_t saves;
};

/* ENOENT past the end. */
IOPT_API int iopt_spec_region(const struct iopt_spec *spec, size_t i,
			      struct iopt_plan_region *region);

/*
 * The tables, in a memory of their own.  EINVAL, ERANGE: the base does not suit them; E2BIG: more
 * than 4 GiB; ENOMEM; EINTR.
 */
IOPT_API int iopt_spec_build(const struct iopt_spec *spec, const uint64_t *base,
			     struct iopt_memory **memory, struct iopt_domain **domain,
			     struct iopt_error *error);

/*
 * An error (IOPT_FAILURE_REQUEST, EINVAL) with this message at this member ('access') of the region
 * that maps 'va' of that space; without a place if none does.
 */
IOPT_API void iopt_spec_blame(const struct iopt_spec *spec, unsigned space, uint64_t va,
			      const char *member, const char *message, struct iopt_error *error);

#ifdef __cplusplus
}
#endif

#endif
