/* SPDX-License-Identifier: MIT */
/*
 * Where a memory keeps the frames that it holds: a hash table by frame number over slabs of host
 * memory.  Own frames stay; clean ones, read from files, are few, and the oldest makes room.
 */
#ifndef IOPT_MEMORY_FRAMES_H
#define IOPT_MEMORY_FRAMES_H

#include "base.h"
#include "memory.h"

enum {
	FRAMES_CLEAN_MAX = 1536,
	FRAME_UNIT_SHIFT = 12, /* what is unreadable is known by these */
	FRAME_UNIT_BYTES = 1 << FRAME_UNIT_SHIFT,
	FRAME_UNIT_COUNT = FRAME_BYTES / FRAME_UNIT_BYTES,
};

#define FRAME_NONE UINT64_MAX

struct memory_frame {
	uint64_t number;
	char *host;    /* NULL: this place of the table is empty */
	uint32_t turn; /* of a clean one: its place in 'clean' */
	bool own;
	bool whole;   /* every byte of it is present */
	uint16_t bad; /* units of FRAME_UNIT_BYTES, the lowest first, that could not be read */
};

struct memory_frames {
	struct memory_frame *table; /* open addressing; NULL before the first frame */
	size_t room, count;
	uint64_t clean[FRAMES_CLEAN_MAX]; /* a ring of numbers, FRAME_NONE: free */
	uint32_t next_clean;
	const char *zeros; /* one frame that cannot be written */
	char *spare;	   /* given back, each begins with a pointer to the next */
	char **slabs;
	size_t slab_count, slab_used;
};

/* NULL: out of memory. */
struct memory_frames *frames_create(void);
void frames_destroy(struct memory_frames *f);

/* The frame, until the next insert or remove; NULL: not held. */
struct memory_frame *frames_find(const struct memory_frames *f, uint64_t number);

/* Host memory for a frame, zeroed; NULL: out of memory. */
char *frames_take(struct memory_frames *f);
void frames_give(struct memory_frames *f, char *host);

/* The clean frame that must be removed before another one is inserted; FRAME_NONE: none. */
uint64_t frames_oldest(const struct memory_frames *f);
/* 'host' is from frames_take() and belongs to the frame from now on.  NULL: out of memory. */
struct memory_frame *frames_insert(struct memory_frames *f, uint64_t number, char *host, bool own);
void frames_remove(struct memory_frames *f, struct memory_frame *frame);
/* A clean frame becomes an own one. */
void frames_adopt(struct memory_frames *f, struct memory_frame *frame);

/* The lowest own frame in [first, last]; FRAME_NONE: there is none. */
uint64_t frames_next_own(const struct memory_frames *f, uint64_t first, uint64_t last);

#endif
