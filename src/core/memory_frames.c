/* SPDX-License-Identifier: MIT */
#include "memory_frames.h"

#include <stdlib.h>
#include <sys/mman.h>

enum {
	/* Small enough for a limited address space, large enough to be rare. */
	SLAB_FRAMES = 64,
	SLAB_BYTES = SLAB_FRAMES * FRAME_BYTES,
	TABLE_ROOM_MIN = 64,
};

/* Fresh pages of the host; NULL: out of memory. */
static char *host_pages(size_t bytes, int protection)
{
	void *p = mmap(NULL, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

struct memory_frames *frames_create(void)
{
	struct memory_frames *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	memset(f->clean, 0xff, sizeof(f->clean));
	f->zeros = host_pages(FRAME_BYTES, PROT_READ);
	if (f->zeros)
		return f;
	free(f);
	return NULL;
}

void frames_destroy(struct memory_frames *f)
{
	size_t i;

	if (!f)
		return;
	for (i = 0; i < f->slab_count; i++)
		munmap(f->slabs[i], SLAB_BYTES);
	munmap((void *)f->zeros, FRAME_BYTES);
	free(f->slabs);
	free(f->table);
	free(f);
}

/* ---- host memory ---- */

static bool slab_add(struct memory_frames *f)
{
	char **slabs = realloc(f->slabs, (f->slab_count + 1) * sizeof(*slabs));

	if (!slabs)
		return false;
	f->slabs = slabs;
	slabs[f->slab_count] = host_pages(SLAB_BYTES, PROT_READ | PROT_WRITE);
	if (!slabs[f->slab_count])
		return false;
	f->slab_count++;
	f->slab_used = 0;
	return true;
}

char *frames_take(struct memory_frames *f)
{
	char *host = f->spare;

	if (host) {
		memcpy(&f->spare, host, sizeof(f->spare));
		return memset(host, 0, FRAME_BYTES);
	}
	if ((!f->slab_count || f->slab_used == SLAB_FRAMES) && !slab_add(f))
		return NULL;
	return f->slabs[f->slab_count - 1] + f->slab_used++ * FRAME_BYTES;
}

void frames_give(struct memory_frames *f, char *host)
{
	memcpy(host, &f->spare, sizeof(f->spare));
	f->spare = host;
}

/* ---- the table ---- */

static size_t home(const struct memory_frames *f, uint64_t number)
{
	/* The high half of a product is spread best: 2^64 over the golden ratio. */
	return number * UINT64_C(0x9e3779b97f4a7c15) >> 32 & (f->room - 1);
}

/* Where 'number' is, or the empty place where it would be. */
static struct memory_frame *place(const struct memory_frames *f, uint64_t number)
{
	size_t i = home(f, number);

	while (f->table[i].host && f->table[i].number != number)
		i = (i + 1) & (f->room - 1);
	return &f->table[i];
}

struct memory_frame *frames_find(const struct memory_frames *f, uint64_t number)
{
	struct memory_frame *frame = f->table ? place(f, number) : NULL;

	return frame && frame->host ? frame : NULL;
}

static bool table_grow(struct memory_frames *f)
{
	struct memory_frames grown = {.room = f->room ? 2 * f->room : TABLE_ROOM_MIN};
	size_t i;

	grown.table = calloc(grown.room, sizeof(*grown.table));
	if (!grown.table)
		return false;
	for (i = 0; i < f->room; i++)
		if (f->table[i].host)
			*place(&grown, f->table[i].number) = f->table[i];
	free(f->table);
	f->table = grown.table;
	f->room = grown.room;
	return true;
}

uint64_t frames_oldest(const struct memory_frames *f)
{
	return f->clean[f->next_clean];
}

struct memory_frame *frames_insert(struct memory_frames *f, uint64_t number, char *host, bool own)
{
	struct memory_frame *frame;

	if (2 * f->count >= f->room && !table_grow(f))
		return NULL;
	frame = place(f, number);
	*frame = (struct memory_frame){.number = number, .own = own};
	frame->host = host;
	f->count++;
	if (!own) {
		assert(f->clean[f->next_clean] == FRAME_NONE);
		frame->turn = f->next_clean;
		f->clean[f->next_clean] = number;
		f->next_clean = (f->next_clean + 1) % FRAMES_CLEAN_MAX;
	}
	return frame;
}

void frames_adopt(struct memory_frames *f, struct memory_frame *frame)
{
	f->clean[frame->turn] = FRAME_NONE;
	frame->own = true;
}

void frames_remove(struct memory_frames *f, struct memory_frame *frame)
{
	size_t hole = (size_t)(frame - f->table), i = hole;

	if (!frame->own)
		f->clean[frame->turn] = FRAME_NONE;
	frames_give(f, frame->host);
	f->count--;
	/* Whoever comes behind moves up, unless that were before his home. */
	for (;;) {
		i = (i + 1) & (f->room - 1);
		if (!f->table[i].host)
			break;
		if (((i - home(f, f->table[i].number)) & (f->room - 1)) >=
		    ((i - hole) & (f->room - 1))) {
			f->table[hole] = f->table[i];
			hole = i;
		}
	}
	f->table[hole].host = NULL;
}

/* By looking at every place of the table. */
static uint64_t next_own_by_table(const struct memory_frames *f, uint64_t first, uint64_t last)
{
	uint64_t best = FRAME_NONE;
	size_t i;

	for (i = 0; i < f->room; i++) {
		const struct memory_frame *frame = &f->table[i];

		if (frame->host && frame->own && first <= frame->number && frame->number <= last &&
		    frame->number < best)
			best = frame->number;
	}
	return best;
}

uint64_t frames_next_own(const struct memory_frames *f, uint64_t first, uint64_t last)
{
	uint64_t number;

	/* One by one, as long as that is no more work than to look at the whole table. */
	for (number = first; number <= last; number++) {
		const struct memory_frame *frame = frames_find(f, number);

		if (frame && frame->own)
			return number;
		if (number - first >= f->room)
			return next_own_by_table(f, number, last);
	}
	return FRAME_NONE;
}
