/* SPDX-License-Identifier: MIT */
/* Simulated physical memory: RAM, or what a dump holds. */
#ifndef IOPT_API_MEMORY_H
#define IOPT_API_MEMORY_H

#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The kernel that is modelled; the others differ from Linux 6.1 in what is known to differ. */
enum iopt_profile {
	IOPT_PROFILE_LINUX_6_1,
	IOPT_PROFILE_LINUX_4_9,
	IOPT_PROFILE_MAINLINE,
	IOPT_PROFILE_COUNT,
};

/* "linux-6.1", …; NULL past the end. */
IOPT_API const char *iopt_profile_name(enum iopt_profile profile);
/* What of it was not measured, for people; NULL: it was compared with the kernel itself. */
IOPT_API const char *iopt_profile_doubt(enum iopt_profile profile);
/*
 * The i-th of what differs between them: its name, its value for this one (0 or 1, a count, a way),
 * and what it says.  NULL past the end.
 */
IOPT_API const char *iopt_profile_switch(enum iopt_profile profile, unsigned i, uint64_t *value,
					 const char **text);

struct iopt_memory;

enum iopt_window_kind {
	IOPT_WINDOW_RAM,  /* zero until written, tables are allocated in it */
	IOPT_WINDOW_DATA, /* contents of a file, or of a loaded table */
};

/* A part [base, last] of a memory; what lies in no window is absent, which is not zero. */
struct iopt_window {
	size_t struct_size;
	enum iopt_window_kind kind;
	uint64_t base, last;
	const char *source; /* file it came from, "" for RAM */
};

IOPT_API int iopt_memory_create(struct iopt_memory **memory);
/*
 * Which kernel's DMA layer runs in it from now on; IOVA spaces of domains stay what they were when
 * they were set up.  EINVAL: no such profile.
 */
IOPT_API int iopt_memory_set_profile(struct iopt_memory *memory, enum iopt_profile profile);
IOPT_API enum iopt_profile iopt_memory_profile(const struct iopt_memory *memory);
/* Domains that live in it must be destroyed before; its SMMUs, devices and buffers go with it. */
IOPT_API void iopt_memory_destroy(struct iopt_memory *memory);

/*
 * RAM at [base, base + size): multiples of 4 KiB (EINVAL), nothing there yet (EEXIST), not past the
 * 64-bit space nor over 4 PiB (ERANGE).  ENOMEM.
 */
IOPT_API int iopt_memory_add_ram(struct iopt_memory *memory, uint64_t base, uint64_t size,
				 struct iopt_error *error);
/*
 * step() is told now and then how far 'what' is, in bytes (total 0: not known); not 0: stop.
 * Without a 'what' (NULL) there is nothing to tell, and it is only asked.
 */
struct iopt_progress {
	int (*step)(void *arg, const char *what, uint64_t done, uint64_t total);
	void *arg;
};

/* For everything in this memory that may take long; NULL: nobody waits. */
IOPT_API void iopt_memory_on_progress(struct iopt_memory *memory,
				      const struct iopt_progress *progress);

/*
 * The contents of a file, recognised by content: ELF core, kdump (plain, or flattened as it comes
 * through a pipe), LiME, each at its own physical addresses (with a base: EINVAL); the text of a
 * hexdump, its addresses moved up by *base; otherwise raw bytes at *base; raw without a base is
 * EINVAL.  gzip, xz and zstd are unpacked.  Where RAM is, the bytes are written into it, unless
 * pages of it are allocated: EBUSY; over another file's window: EEXIST.  ERANGE: leaves the 64-bit
 * space.  ENOEXEC: bad content, truncated content too; EOPNOTSUPP: a part of a split dump, or
 * compressed in a way that this build cannot read.  E2BIG: more than it unpacks to at most, or more
 * pieces than are kept.  EINTR: progress said so.  ENOENT, EIO, ENOMEM.  The file stays open.
 */
IOPT_API int iopt_memory_load(struct iopt_memory *memory, const char *path, const uint64_t *base,
			      struct iopt_error *error);

/* What a memory has at an address. */
enum iopt_presence {
	IOPT_PRESENT,
	IOPT_ABSENT,	 /* no window, no file knows of memory there */
	IOPT_EXCLUDED,	 /* a dump says that memory is there, and leaves it out */
	IOPT_UNREADABLE, /* a dump should have it, but its data is damaged or cannot be read */
	IOPT_PRESENCE_COUNT,
};

/* "present", "absent", …; NULL past the end. */
IOPT_API const char *iopt_presence_name(enum iopt_presence presence);
/* At pa; *last is moved down to an address up to which everything is like that. */
IOPT_API enum iopt_presence iopt_memory_presence(struct iopt_memory *memory, uint64_t pa,
						 uint64_t *last);

/* Copies what is present from pa on, up to the first byte that is not; returns how much. */
IOPT_API size_t iopt_memory_read(struct iopt_memory *memory, uint64_t pa, void *to, size_t bytes);
/* All or nothing: EFAULT if a byte of it is not present, ENOMEM. */
IOPT_API int iopt_memory_write(struct iopt_memory *memory, uint64_t pa, const void *from,
			       size_t bytes);
/*
 * The first present stretch at or after *first, up to 'last': *first and *stretch_last are moved
 * to it.  ENOENT: nothing more.  'blank': as far as known it was never written and is all zero.
 */
IOPT_API int iopt_memory_next(struct iopt_memory *memory, uint64_t *first, uint64_t last,
			      uint64_t *stretch_last, bool *blank);

/* Only 'count' more allocations of pages (a table is one) succeed; UINT64_MAX: no limit. */
IOPT_API void iopt_memory_budget(struct iopt_memory *memory, uint64_t count);
/* What is left of it. */
IOPT_API uint64_t iopt_memory_budget_left(const struct iopt_memory *memory);
/* Bytes handed out by the allocator and not yet freed. */
IOPT_API uint64_t iopt_memory_allocated(const struct iopt_memory *memory);
/* The i-th window by address; ENOENT past the end. */
IOPT_API int iopt_memory_window(const struct iopt_memory *memory, size_t i,
				struct iopt_window *window);

/* Why memory is not there for tables and buffers. */
enum iopt_reserved_kind {
	IOPT_RESERVED_PLAIN,  /* /memreserve/, or a node of /reserved-memory */
	IOPT_RESERVED_NO_MAP, /* the same with "no-map": the CPU does not even map it */
	IOPT_RESERVED_POOL,   /* coherent pool of a device */
	IOPT_RESERVED_CMA,    /* contiguous memory area: see iopt_cma_create() */
	IOPT_RESERVED_COUNT,
};

IOPT_API const char *iopt_reserved_kind_name(enum iopt_reserved_kind kind); /* "no-map" */

/* [base, base + size); the name is for people, NULL is none. */
struct iopt_reserved {
	size_t struct_size;
	enum iopt_reserved_kind kind;
	uint64_t base, size;
	const char *name;
};

/*
 * PLAIN and NO_MAP ones: pages of it are no longer handed out, nor will be when RAM is added there.
 * The name is copied.  EINVAL: empty, or another kind; ERANGE: leaves the 64-bit space; EEXIST:
 * some of it is reserved; EBUSY: some of it is allocated; ENOMEM.
 */
IOPT_API int iopt_memory_reserve(struct iopt_memory *memory, const struct iopt_reserved *reserved,
				 struct iopt_error *error);
/* The i-th by address, of every kind; its name is the memory's.  ENOENT past the end. */
IOPT_API int iopt_memory_reserved(const struct iopt_memory *memory, size_t i,
				  struct iopt_reserved *reserved);

#ifdef __cplusplus
}
#endif

#endif
