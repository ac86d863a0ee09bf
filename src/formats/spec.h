/* SPDX-License-Identifier: MIT */
/*
 * What a spec ("iopt.spec/1") says, with the files that it includes.  iopt/build.h is the contract
 * with the outside; here is what the readers share.
 */
#ifndef IOPT_SPEC_H
#define IOPT_SPEC_H

#include "../core/build.h"
#include "json_input.h"

/* Where a region stands: an object of the spec, or a line of a file that is included. */
struct spec_place {
	struct json_ref at; /* at.part NULL: a line of 'source' */
	const char *source;
	unsigned line; /* 0: none */
	char *name;    /* owned; NULL: the region's name is someone else's */
};

/* Regions as plan_make() wants them, and beside each its place. */
struct spec_regions {
	struct plan_region *list;
	struct spec_place *places; /* NULL: made by a program, which have none */
	size_t count, room;
	json_t *names; /* the number of the one of each name; below 0: there are several */
};

/* A symbol of an ELF file that is included. */
struct spec_symbol {
	char *name;
	uint64_t value;
};

struct iopt_spec {
	struct json_input in;
	struct json_part part;
	struct iopt_error *error; /* of the call that is running */
	struct iopt_progress progress;
	struct build_config config;
	bool has_base, has_mair;
	uint64_t base;
	const char *base_symbol; /* in the JSON; NULL: none */
	const json_t *allow;	 /* a list, or NULL */
	struct spec_regions halves[2];
	char *path;
	char **files; /* that were read, the spec first */
	size_t file_count;
	struct spec_symbol *symbols; /* by name */
	size_t symbol_count, symbol_room;
	struct space_desc spaces[2];
	struct plan plans[2];
	unsigned space_count;
	unsigned half_of[2]; /* which half a space is */
};

/* Bounds of what a spec may hold; past them it is bad input. */
enum { SPEC_BYTES = 64 << 20, SPEC_REGIONS_MAX = 4 << 20, SPEC_NAME_BYTES = 128 };

/*
 * Appends a region with the defaults, and its place; 'name' is copied.  NULL: out of memory, or too
 * many, with the error.
 */
struct plan_region *spec_add_region(struct iopt_spec *spec, unsigned half, const char *name);
/* Of the one added last. */
struct spec_place *spec_last_place(struct iopt_spec *spec, unsigned half);
/* Room for one more region; 'placed': and for its place.  ENOMEM. */
int spec_reserve(struct iopt_spec *spec, unsigned half, bool placed);

/* From here on what follows may refine the last one added.  ENOMEM. */
int spec_name_region(struct iopt_spec *spec, unsigned half);

/* ---- members: each fails at its place ---- */

struct spec_member {
	const char *name;
	int (*read)(struct iopt_spec *spec, struct json_ref ref, void *to);
};

/* Every member of 'object' by the table, which ends with a NULL name; unknown ones are refused. */
int spec_members(struct iopt_spec *spec, const json_t *object, const struct spec_member *table,
		 void *to);
/* An address or size in the words of the command line, or with "sym:NAME" of an included ELF. */
int spec_number(const struct iopt_spec *spec, struct json_ref ref, uint64_t *value);
/* One of the words; did you mean. */
int spec_word(struct json_ref ref, const char *const *words, unsigned count, unsigned *i);
int spec_access(struct json_ref ref, uint8_t *access);
int spec_memory(struct json_ref ref, char to[static 20]);
int spec_share(struct json_ref ref, enum iopt_share *share);

/* spec_region.c: "regions": a list of them. */
int spec_read_regions(struct iopt_spec *spec, struct json_ref ref, unsigned half);

/* ---- files that are included (spec_include.c) ---- */

/* What an include says beside the file, for all regions of it. */
struct spec_include {
	struct iopt_spec *spec;
	struct json_ref at; /* the file's name */
	const char *path;   /* as a file: relative to the spec */
	unsigned half;
};

int spec_read_includes(struct iopt_spec *spec, struct json_ref ref);
/* Whole granules that hold it; that lie in it (none: no region); as it is. */
enum spec_rounding { SPEC_ROUND_OUT, SPEC_ROUND_IN, SPEC_ROUND_NOT };

/* A region of an included file. */
struct spec_included {
	const char *name;
	unsigned line; /* 0: none */
	struct range va;
	uint64_t pa; /* of va.first */
	enum spec_rounding rounding;
	const char *memory;
	uint8_t access;
};

int spec_include_region(const struct spec_include *in, const struct spec_included *what);
/* Fails in a line of the file. */
int spec_include_fail(const struct spec_include *in, unsigned line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Remembers a file as read; its copy, which lives as long as the spec.  NULL: out of memory. */
const char *spec_add_file(struct iopt_spec *spec, const char *path);
int spec_out_of_memory(const struct iopt_spec *spec);

/* spec_plan.c: geometry, registers and plans of what was read. */
int spec_plan(struct iopt_spec *spec);

/* spec_lines.c: line by line. */
int spec_include_iomem(const struct spec_include *in);
int spec_include_map(const struct spec_include *in);
/* spec_dtb.c: memory and devices. */
int spec_include_dtb(const struct spec_include *in);
/* spec_elf.c: its segments and symbols. */
int spec_include_elf(const struct spec_include *in);

#endif
