/* SPDX-License-Identifier: MIT */
/*
 * Memory dumps: a file format says what of a file is at which physical address (a struct
 * memdump), and one place puts that into a memory.
 */
#ifndef IOPT_MEMDUMP_H
#define IOPT_MEMDUMP_H

#include "../core/error.h"
#include "../core/memory.h"

/* A file that can be read at any offset. */
struct memdump_file {
	int fd;
	uint64_t bytes;
	const char *path; /* for messages */
};

/* Bytes of the file from 'offset' on; MEMORY_ZEROS: zeros that the file does not hold. */
struct memdump_segment {
	struct range range;
	uint64_t offset;
};

struct memdump {
	struct memdump_segment *segments;
	size_t count, room;
};

enum { MEMDUMP_HEAD_BYTES = 64 };

struct memdump_format {
	/* By the file's first bytes, as many as there are.  NULL: whatever no other is. */
	bool (*recognise)(const unsigned char *head, size_t bytes);
	/* Appends to 'dump'.  'base' (may be NULL) is where the user wants raw bytes. */
	int (*read)(const struct memdump_file *file, const uint64_t *base, struct memdump *dump,
		    struct iopt_error *error);
};

extern const struct memdump_format memdump_elf, memdump_raw;

/* ENOMEM.  An empty segment is none. */
int memdump_add(struct memdump *dump, struct memdump_segment segment);

/* Of segments that overlap the first one stays, later ones fill the gaps; rising order.  ENOMEM. */
int memdump_resolve(struct memdump *dump);

/*
 * Puts resolved segments into a memory: RAM is written, elsewhere windows appear.  Takes over
 * file->fd, on failure too.  EEXIST: something other than RAM is there; EBUSY: allocated pages
 * are; nothing changed then.  EIO, ENOMEM: RAM may have been written already.
 */
int memdump_place(struct iopt_memory *m, const struct memdump *dump,
		  const struct memdump_file *file, struct iopt_error *error);

/* iopt_memory_load() of an open file, which it takes over. */
int memdump_load(struct iopt_memory *m, int fd, const char *path, const uint64_t *base,
		 struct iopt_error *error);

/* A failure that lies in the file. */
#define memdump_bad(file, error, code, ...)                                                     \
	error_at(error, (struct error_place){.source = (file)->path}, IOPT_FAILURE_INPUT, code, \
		 __VA_ARGS__)

#endif
