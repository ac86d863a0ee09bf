/* SPDX-License-Identifier: MIT */
/*
 * One physical address space: sorted windows of RAM, or of what a dump holds.
 *
 * Memory is handed out in frames of 64 KiB, since no single table is larger; what is absent is
 * known to the byte.  RAM appears frame by frame when it is first written.  A dump's frame is read
 * when it is first asked for, may be evicted again, and becomes the memory's own for good when it
 * is written.  A frame that lies wholly inside windows can be found inline, through a direct-mapped
 * table of the frames used last; everything else takes memory_find().
 *
 * A pointer into a frame holds until 'generation' moves.
 */
#ifndef IOPT_MEMORY_H
#define IOPT_MEMORY_H

#include "base.h"
#include "iopt.h"

enum {
	FRAME_SHIFT = 16,
	FRAME_BYTES = 1 << FRAME_SHIFT,
	MEMORY_CACHE_SLOTS = 4096,
};

/* Where frame number 'frame' is: host address = pa + delta. */
struct memory_cached {
	uint64_t frame;
	uintptr_t delta;
};

struct memory_file;
struct memory_frames;
struct page_alloc;
struct dma_state;
struct trace;

#define MEMORY_ZEROS UINT64_MAX

/* What is at the addresses of 'range'. */
struct memory_window {
	struct range range;
	struct memory_file *file; /* NULL: none */
	uint64_t offset;	  /* in the file; MEMORY_ZEROS: zeros until written */
	bool ram;		  /* added by iopt_memory_add_ram() */
};

/* What is kept out of the page allocator, for what. */
struct memory_reserved {
	struct range range;
	enum iopt_reserved_kind kind;
	char *name;
};

struct iopt_memory {
	struct memory_cached cache[MEMORY_CACHE_SLOTS];
	/* Moves when any remembered host address or table address may be stale. */
	uint64_t generation;
	/* Moves when bytes or windows change in a way that the tables of one domain do not tell. */
	uint64_t changes;
	/* Tables are in it that were found, not made: a write through one may be to another. */
	bool foreign;
	struct memory_window *windows; /* by base, not overlapping */
	size_t window_count, window_room;
	struct memory_reserved *reserved; /* by base, not overlapping */
	size_t reserved_count;
	struct memory_frames *frames;
	struct page_alloc *pages;
	struct memory_file *files;
	struct dma_state *dma; /* of dma.h; NULL: no device or SMMU yet */
	struct trace *trace;   /* of trace.h; NULL: off */
	struct iopt_progress progress;
	char *vmcoreinfo; /* of the dump loaded last that has one; NULL: none */
	enum iopt_profile profile;
};

enum { MEMORY_POLL_EVERY = 64 };

/* Tells whoever waits, and asks: EINTR if he does no longer. */
int memory_ask(const struct iopt_memory *m, const char *what, uint64_t done, uint64_t total);
/*
 * The same now and then, inside what may take long, with the number of steps done.  'what' may be
 * NULL: nothing to tell.
 */
static inline int memory_poll(const struct iopt_memory *m, uint64_t steps, const char *what,
			      uint64_t done, uint64_t total)
{
	if (likely(steps % MEMORY_POLL_EVERY || !m->progress.step))
		return 0;
	return memory_ask(m, what, done, total);
}

/*
 * What is behind a window.  read() gives all 'bytes' at 'offset' and returns 0, or a negative code:
 * ENOMEM may pass, anything else says that they are unreadable.
 */
struct memory_backing {
	int (*read)(void *arg, uint64_t offset, void *to, size_t bytes);
	void (*close)(void *arg);
	void *arg;
};

/*
 * Takes over 'backing' for all windows that name it: closed with the memory, or when this fails.
 * 'source' is copied.  The returned handle is for memory_add_window(); NULL: out of memory.
 */
struct memory_file *memory_add_file(struct iopt_memory *m, struct memory_backing backing,
				    const char *source);
/*
 * [base, base + bytes) with the file's bytes from 'offset' on; 'file' NULL: zeros, to be written.
 * EEXIST: overlaps a window; ERANGE: leaves the 64-bit space; EINVAL: empty; EIO: could not be
 * read where it shares a frame with what was written before; ENOMEM.
 */
int memory_add_window(struct iopt_memory *m, uint64_t base, uint64_t bytes,
		      struct memory_file *file, uint64_t offset);
/*
 * Many at once, all or none, rising and not overlapping each other: a dump may have a hundred
 * thousand.  EEXIST, EIO, ENOMEM as above.
 */
int memory_add_windows(struct iopt_memory *m, const struct memory_window *windows, size_t count);

/* So that adding as many windows as that does not fail for want of memory.  ENOMEM. */
int memory_windows_reserve(struct iopt_memory *m, size_t count);
/* Does one of the 'windows' overlap one that is there? */
bool memory_windows_overlap(const struct iopt_memory *m, const struct memory_window *windows,
			    size_t count);
/*
 * What the file knows to be memory, but leaves out: rising ranges that do not overlap.  Taken over
 * (of malloc()); once for a file.  A window that is there wins.
 */
void memory_file_exclude(struct memory_file *file, struct range *ranges, size_t count);
/* Of memory_add_file(); "" for NULL. */
const char *memory_file_source(const struct memory_file *file);

/* The first window that ends at or after pa; window_count: none does. */
size_t memory_window_search(const struct iopt_memory *m, uint64_t pa);

/* Is every byte of [pa, pa + bytes) present? */
bool memory_has(const struct iopt_memory *m, uint64_t pa, uint64_t bytes);

/* [pa, pa + bytes) within one frame; NULL: absent, unreadable, or out of memory. */
const void *memory_find(struct iopt_memory *m, uint64_t pa, uint64_t bytes);
/* The same to be written: the frame is the memory's own from here on. */
void *memory_write(struct iopt_memory *m, uint64_t pa, uint64_t bytes);
/*
 * What is present from pa on, up to the end of its frame: *bytes of it; or NULL and *bytes, at
 * least 1 and not past the frame, that are absent or unreadable.
 */
const void *memory_span(struct iopt_memory *m, uint64_t pa, uint64_t *bytes);

/*
 * Of [first, last], which lies in windows of zeros: how far, from 'first' on, it is all untouched
 * ('blank'), or all written.
 */
uint64_t memory_blank_until(const struct iopt_memory *m, uint64_t first, uint64_t last,
			    bool *blank);

/* Where a frame used lately would be. */
static inline const struct memory_cached *memory_cached(const struct iopt_memory *m, uint64_t pa)
{
	return &m->cache[pa >> FRAME_SHIFT & (MEMORY_CACHE_SLOTS - 1)];
}

/* Valid if c->frame is pa's. */
static inline const void *memory_behind(const struct memory_cached *c, uint64_t pa)
{
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): one addition is the point of 'delta' */
	return (const void *)(pa + c->delta);
}

/* Only if its frame was used lately and is whole; otherwise NULL. */
static inline const void *memory_peek(const struct iopt_memory *m, uint64_t pa)
{
	const struct memory_cached *c = memory_cached(m, pa);

	return likely(c->frame == pa >> FRAME_SHIFT) ? memory_behind(c, pa) : NULL;
}

/* An aligned word or a table's part that does not leave its frame. */
static inline const void *memory_read(struct iopt_memory *m, uint64_t pa, uint64_t bytes)
{
	const struct memory_cached *c = memory_cached(m, pa);

	return likely(c->frame == pa >> FRAME_SHIFT) ? memory_behind(c, pa)
						     : memory_find(m, pa, bytes);
}

static inline void memory_changed(struct iopt_memory *m)
{
	m->generation++;
	m->changes++;
}

/*
 * Pages for tables and buffers, zeroed, lowest address first, aligned to their size (a power of
 * two from 1 KiB to 1 GiB).  ENOMEM: nothing left, or the budget is used up.
 */
int memory_alloc(struct iopt_memory *m, uint64_t bytes, uint64_t *pa);
/* Frees what memory_alloc() gave at 'pa': its size; 0 if it gave nothing there: nothing happens. */
uint64_t memory_free(struct iopt_memory *m, uint64_t pa);

/* iopt_memory_reserve() for every kind.  EEXIST, EBUSY, ENOMEM. */
int memory_reserve(struct iopt_memory *m, struct range range, enum iopt_reserved_kind kind,
		   const char *name, struct iopt_error *error);
/* The first reserved one that shares a byte with 'range'; NULL: none. */
const struct memory_reserved *memory_reserved_find(const struct iopt_memory *m, struct range range);
/* A window of RAM that is new: what was reserved in it before it came.  ENOMEM. */
int memory_reserve_again(struct iopt_memory *m, struct range window);
void memory_reserved_destroy(struct iopt_memory *m);

#endif
