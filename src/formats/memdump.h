/* SPDX-License-Identifier: MIT */
/*
 * Memory dumps: a file format says what of a file is at which physical address (a struct
 * memdump), and one place puts that into a memory.
 */
#ifndef IOPT_MEMDUMP_H
#define IOPT_MEMDUMP_H

#include "../core/error.h"
#include "../core/memory.h"

struct memdump_flat;

/* A file that can be read at any offset. */
struct memdump_file {
	int fd;
	uint64_t bytes;
	const char *path;	   /* for messages, while it is loaded */
	struct memdump_flat *flat; /* where its bytes are, if it came as a stream; or NULL */
	struct iopt_progress progress;
};

/* Exactly 'bytes' at 'offset': 0, or -EIO if it cannot be read or is too short. */
int memdump_file_read(const struct memdump_file *file, uint64_t offset, void *to, size_t bytes);
/* How many of the 'bytes' at 'offset' are known to be zeros that take no place. */
uint64_t memdump_file_hole(const struct memdump_file *file, uint64_t offset, uint64_t bytes);
void memdump_file_close(struct memdump_file *file);

/* Bytes of the file from 'offset' on; MEMORY_ZEROS: zeros that the file does not hold. */
struct memdump_segment {
	struct range range;
	uint64_t offset;
};

enum {
	MEMDUMP_HEAD_BYTES = 4096,
	/* Of a dump: a piece for each page of 16 GiB. */
	MEMDUMP_SEGMENTS_MAX = 1 << 22,
	VMCOREINFO_BYTES_MAX = 1 << 16,
};

struct memdump {
	struct memdump_segment *segments;
	size_t count, room;
	/* Memory that the dump leaves out: rising. */
	struct range *excluded;
	size_t excluded_count, excluded_room;
	/* NULL: segments' offsets are the file's; otherwise of what this makes of it. */
	int (*read)(void *arg, const struct memdump_file *file, uint64_t offset, void *to,
		    size_t bytes);
	void (*destroy)(void *arg);
	void *arg;
	/* Lines of KEY=VALUE, ended by a 0; NULL: none. */
	char *vmcoreinfo;
};

struct memdump_format {
	/* By the file's first bytes, as many as there are.  NULL: whatever no other is. */
	bool (*recognise)(const unsigned char *head, size_t bytes);
	/*
	 * Appends to 'dump'.  'base' (may be NULL) is where the user wants raw bytes.  May put a
	 * file of its own in place of the one that it is given.
	 */
	int (*read)(struct memdump_file *file, const uint64_t *base, struct memdump *dump,
		    struct iopt_error *error);
};

extern const struct memdump_format memdump_elf, memdump_kdump, memdump_lime, memdump_hexdump,
	memdump_raw;

/* ENOMEM; E2BIG: more than MEMDUMP_SEGMENTS_MAX.  An empty segment is none. */
int memdump_add(struct memdump *dump, struct memdump_segment segment);
int memdump_add_excluded(struct memdump *dump, struct range range);
/* A failure of these in words. */
int memdump_add_failed(const struct memdump_file *file, int code, struct iopt_error *error);

/* Of segments that overlap the first one stays, later ones fill the gaps; rising order.  ENOMEM. */
int memdump_resolve(struct memdump *dump);
void memdump_destroy(struct memdump *dump);

/* Bytes at an offset of the dump's segments. */
int memdump_read(const struct memdump *dump, const struct memdump_file *file, uint64_t offset,
		 void *to, size_t bytes);

/*
 * A stream of pieces (makedumpfile's flattened format, of which QEMU's kdumps are): *file becomes
 * one that reads as if they had been put in their places.  Any other file stays as it is.
 */
int memdump_flat_open(struct memdump_file *file, struct iopt_error *error);
int memdump_flat_read(const struct memdump_flat *flat, int fd, uint64_t offset, void *to,
		      size_t bytes);
uint64_t memdump_flat_hole(const struct memdump_flat *flat, uint64_t offset, uint64_t bytes);
void memdump_flat_destroy(struct memdump_flat *flat);

/*
 * Takes the contents of a note called VMCOREINFO out of ELF notes; what is none, or is cut short,
 * is passed over.  ENOMEM.
 */
int memdump_take_notes(struct memdump *dump, const unsigned char *notes, size_t bytes,
		       bool big_endian);
/* The contents themselves. */
int memdump_take_vmcoreinfo(struct memdump *dump, const void *text, size_t bytes);

/*
 * Puts resolved segments into a memory: RAM is written, elsewhere windows appear.  Takes over the
 * file and what 'dump' has, on failure too.  EEXIST: something other than RAM is there; EBUSY:
 * allocated pages are; nothing changed then.  EIO, ENOMEM: RAM may have been written already.
 */
int memdump_place(struct iopt_memory *m, struct memdump *dump, struct memdump_file *file,
		  struct iopt_error *error);

/* iopt_memory_load() of an open file, which it takes over. */
int memdump_load(struct iopt_memory *m, int fd, const char *path, const uint64_t *base,
		 struct iopt_error *error);

/* Tells whoever waits; EINTR: he does no longer. */
int memdump_step(const struct memdump_file *file, const char *what, uint64_t done, uint64_t total,
		 struct iopt_error *error);

/* A failure that lies in the file. */
#define memdump_bad(file, error, code, ...)                                                     \
	error_at(error, (struct error_place){.source = (file)->path}, IOPT_FAILURE_INPUT, code, \
		 __VA_ARGS__)

/* It ends before the 'bytes' of 'what' that should be at 'offset'. */
int memdump_truncated(const struct memdump_file *file, const char *what, uint64_t offset,
		      uint64_t bytes, struct iopt_error *error);
/* Does the file hold 'bytes' at 'offset'? */
bool memdump_in_file(const struct memdump_file *file, uint64_t offset, uint64_t bytes);
int memdump_unreadable(const struct memdump_file *file, uint64_t offset, struct iopt_error *error);
/* 'what' ("an ELF core") has addresses of its own: a base makes no sense. */
int memdump_refuse_base(const struct memdump_file *file, const char *what,
			struct iopt_error *error);

#endif
