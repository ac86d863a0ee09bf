/* SPDX-License-Identifier: MIT */
/* Tables as files. */
#ifndef IOPT_API_FILES_H
#define IOPT_API_FILES_H

#include "lint.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What this build can unpack: files and the pages of kdumps: "gzip", …; NULL past the end. */
IOPT_API const char *iopt_codec_name(unsigned i);

/* Where bytes go: 0, or a negative code that ends the writing. */
struct iopt_sink {
	int (*write)(void *arg, const void *data, size_t bytes);
	void *arg;
};

enum iopt_dump {
	IOPT_DUMP_TEXT,	  /* every table with its entries */
	IOPT_DUMP_PTDUMP, /* Linux's debugfs lines */
	IOPT_DUMP_CSV,	  /* mappings */
	IOPT_DUMP_JSON,	  /* one document, a table a line */
	IOPT_DUMP_JSON_1, /* the same on one line */
	IOPT_DUMP_JSONL,  /* header, then a table a line */
	IOPT_DUMP_SVG,	  /* the address space as a picture */
	IOPT_DUMP_DOT,	  /* the tables as a graph, for Graphviz */
};

struct iopt_dump_options {
	size_t struct_size;
	bool expand; /* single entries instead of runs */
	/* Asked between tables; not 0 ends the dump and is returned. */
	int (*cancelled)(void *arg);
	void *arg;
};

IOPT_API int iopt_dump(struct iopt_domain *domain, enum iopt_dump format,
		       const struct iopt_dump_options *options, const struct iopt_sink *sink,
		       struct iopt_error *error);

/*
 * The table memory packed from *base (NULL: where the root is), root first, next-level addresses
 * rewritten; the sidecar (JSON, "iopt.image/1") names the image 'name'.  EINVAL: base does not suit
 * the root's alignment; ERANGE: past what descriptors or registers can hold.
 */
IOPT_API int iopt_image_write(struct iopt_domain *domain, const uint64_t *base, const char *name,
			      const struct iopt_sink *image, const struct iopt_sink *sidecar,
			      struct iopt_error *error);

enum iopt_load { IOPT_LOAD_AUTO, IOPT_LOAD_JSON, IOPT_LOAD_JSONL, IOPT_LOAD_RAW };

/*
 * Tables from a file into a memory of their own: JSON, JSON Lines, or a raw image beside which
 * PATH.json stands.  'base' (may be NULL) moves the tables there, packed as iopt_image_write()
 * does.  On failure nothing is left behind.
 */
IOPT_API int iopt_load(const char *path, enum iopt_load format, const uint64_t *base,
		       struct iopt_memory **memory, struct iopt_domain **domain,
		       struct iopt_error *error);
/* The same for one who waits; EINTR: he does no longer.  'progress' stays the memory's. */
IOPT_API int iopt_load_watched(const char *path, enum iopt_load format, const uint64_t *base,
			       const struct iopt_progress *progress, struct iopt_memory **memory,
			       struct iopt_domain **domain, struct iopt_error *error);

/*
 * The bytes of a section of an ELF file, at its address: tables that were linked.  ENOENT: no such
 * section; ENOEXEC; EINVAL: it is empty; EEXIST: something is there; EIO, ENOMEM.
 */
IOPT_API int iopt_memory_load_section(struct iopt_memory *memory, const char *path,
				      const char *section, struct iopt_error *error);

struct iopt_sarif_options {
	size_t struct_size;
	const char *artifact; /* the file that the tables are from, or what to call them */
	bool one_line;
	int (*cancelled)(void *arg); /* asked at each finding; NULL: never */
	void *arg;
};

/*
 * What iopt_lint() finds, as SARIF 2.1.0: every rule, every finding, its addresses as properties.
 * Errors as there, and the sink's; EINTR: cancelled.  *findings: how many.
 */
IOPT_API int iopt_lint_sarif(struct iopt_domain *domain, const struct iopt_lint_options *lint,
			     const struct iopt_sarif_options *options, const struct iopt_sink *sink,
			     uint64_t *findings);

#ifdef __cplusplus
}
#endif

#endif
