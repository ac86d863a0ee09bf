/* SPDX-License-Identifier: MIT */
/* Tables as what a firmware build takes: bytes, C, assembly, objects, and what goes with them. */
#ifndef IOPT_API_EMIT_H
#define IOPT_API_EMIT_H

#include "files.h"
#include "smmu.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A kind of output, known by the end of a file's name. */
struct iopt_output {
	size_t struct_size;
	const char *suffix; /* ".bin" */
	const char *what;   /* "raw image" */
	bool sidecar;	    /* FILE.json goes with it */
	bool links;	    /* the base may be a linker's symbol */
};

/* The i-th kind; ENOENT past the end. */
IOPT_API int iopt_output(size_t i, struct iopt_output *output);
/* The kind that the name of a file asks for; ENOENT: none. */
IOPT_API int iopt_output_of(const char *path, struct iopt_output *output);

struct iopt_emit_options {
	size_t struct_size;
	/* Physical address of the first table; NULL: where it is now. */
	const uint64_t *base;
	/*
	 * Instead of 'base': what a linker places at this symbol, so that addresses of tables
	 * become relocations.  It may be 'symbol' itself.
	 */
	const char *base_symbol;
	uint64_t phys_offset; /* physical address minus link address, modulo 2^64 */
	const char *symbol;   /* of the first table; NULL: "iopt_tables" */
	const char *header;   /* what C includes that declares it; NULL: nothing */
	/* Registers under the CPU's names (ttbr0_el1), not those of Linux's table code (ttbr). */
	bool cpu_registers;
};

/*
 * The domain's tables packed as iopt_image_write() does, as the kind of file that 'name' (without
 * folders) ends in.  'sidecar' is for kinds that have one and may be NULL.  EINVAL: no such kind, a
 * symbol that is no identifier, a base that does not suit the first table's alignment, a symbol as
 * base of a kind that cannot; ERANGE: past what descriptors, registers or the kind can hold.
 */
IOPT_API int iopt_emit(struct iopt_domain *domain, const char *name,
		       const struct iopt_emit_options *options, const struct iopt_sink *sink,
		       const struct iopt_sink *sidecar, struct iopt_error *error);

enum iopt_smmu_dump {
	IOPT_SMMU_DUMP_TEXT, /* a step a line */
	IOPT_SMMU_DUMP_JSON, /* one document, a step a line */
	IOPT_SMMU_DUMP_JSON_1,
	IOPT_SMMU_DUMP_C,      /* the steps as an array, and a function that takes them */
	IOPT_SMMU_DUMP_HEADER, /* declares that, and has every register as a macro */
};

/*
 * iopt_smmu_program() as a file; what C names begins with 'symbol' (NULL: made of 'name').  EINVAL:
 * it is no identifier; else what the sink says.
 */
IOPT_API int iopt_smmu_dump(const struct iopt_smmu *smmu, enum iopt_smmu_dump format,
			    const char *name, const char *symbol, const struct iopt_sink *sink,
			    struct iopt_error *error);

#ifdef __cplusplus
}
#endif

#endif
