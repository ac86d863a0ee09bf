/* SPDX-License-Identifier: MIT */
#include "memory.h"

#include <stdlib.h>

#include "dma.h"
#include "memory_files.h"
#include "memory_frames.h"
#include "page_alloc.h"

static void cache_clear(struct iopt_memory *m)
{
	size_t i;

	for (i = 0; i < MEMORY_CACHE_SLOTS; i++)
		m->cache[i].frame = FRAME_NONE;
}

int iopt_memory_create(struct iopt_memory **memory)
{
	struct iopt_memory *m = calloc(1, sizeof(*m));

	*memory = NULL;
	if (!m)
		return -IOPT_ENOMEM;
	cache_clear(m);
	m->frames = frames_create();
	m->pages = calloc(1, sizeof(*m->pages));
	if (!m->frames || !m->pages) {
		iopt_memory_destroy(m);
		return -IOPT_ENOMEM;
	}
	m->pages->budget = UINT64_MAX;
	*memory = m;
	return 0;
}

void iopt_memory_destroy(struct iopt_memory *m)
{
	if (!m)
		return;
	dma_state_destroy(m->dma);
	memory_reserved_destroy(m);
	free(m->trace);
	memory_files_destroy(m);
	if (m->pages)
		page_alloc_destroy(m->pages);
	free(m->pages);
	frames_destroy(m->frames);
	free(m->windows);
	free(m->vmcoreinfo);
	free(m);
}

/* ---- windows ---- */

size_t memory_window_search(const struct iopt_memory *m, uint64_t pa)
{
	size_t low = 0, high = m->window_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (m->windows[middle].range.last < pa)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The last byte of what is present without a gap from pa on, not past 'last'; false: pa is not. */
static bool present_until(const struct iopt_memory *m, uint64_t pa, uint64_t last, uint64_t *end)
{
	size_t i = memory_window_search(m, pa);

	if (i == m->window_count || m->windows[i].range.first > pa)
		return false;
	while (m->windows[i].range.last < last && i + 1 < m->window_count &&
	       m->windows[i + 1].range.first == m->windows[i].range.last + 1)
		i++;
	*end = min_u64(last, m->windows[i].range.last);
	return true;
}

bool memory_has(const struct iopt_memory *m, uint64_t pa, uint64_t bytes)
{
	struct range want;
	uint64_t end;

	return range_make(pa, bytes, &want) && present_until(m, pa, want.last, &end) &&
	       end == want.last;
}

static struct range frame_range(uint64_t number)
{
	uint64_t first = number << FRAME_SHIFT;

	return (struct range){first, first | (FRAME_BYTES - 1)};
}

/* Fills in the part of frame 'number' that 'w' has. */
static int window_fill(const struct memory_window *w, uint64_t number, char *host)
{
	struct range all = frame_range(number);
	uint64_t first = max_u64(all.first, w->range.first);
	uint64_t last = min_u64(all.last, w->range.last);
	char *to = host + (first - all.first);

	if (w->offset != MEMORY_ZEROS)
		return w->file->backing.read(w->file->backing.arg,
					     w->offset + (first - w->range.first), to,
					     last - first + 1);
	memset(to, 0, last - first + 1);
	return 0;
}

int memory_windows_reserve(struct iopt_memory *m, size_t count)
{
	size_t room = m->window_room ? m->window_room : 16;
	struct memory_window *windows;

	while (room < m->window_count + count)
		room *= 2;
	if (room == m->window_room)
		return 0;
	windows = realloc(m->windows, room * sizeof(*windows));
	if (!windows)
		return -IOPT_ENOMEM;
	m->windows = windows;
	m->window_room = room;
	return 0;
}

bool memory_windows_overlap(const struct iopt_memory *m, const struct memory_window *windows,
			    size_t count)
{
	size_t i, at;

	for (i = 0; i < count; i++) {
		at = memory_window_search(m, windows[i].range.first);
		if (at < m->window_count && m->windows[at].range.first <= windows[i].range.last)
			return true;
	}
	return false;
}

/* From behind, so that each window moves once. */
static void windows_merge(struct iopt_memory *m, const struct memory_window *windows, size_t count)
{
	size_t to = m->window_count + count, old = m->window_count;

	m->window_count = to;
	while (count) {
		if (old && m->windows[old - 1].range.first > windows[count - 1].range.first)
			m->windows[--to] = m->windows[--old];
		else
			m->windows[--to] = windows[--count];
	}
}

static void cache_put(struct iopt_memory *m, const struct memory_frame *frame)
{
	m->cache[frame->number & (MEMORY_CACHE_SLOTS - 1)] = (struct memory_cached){
		frame->number, (uintptr_t)frame->host - (frame->number << FRAME_SHIFT)};
}

static void frame_drop(struct iopt_memory *m, struct memory_frame *frame)
{
	struct memory_cached *c = &m->cache[frame->number & (MEMORY_CACHE_SLOTS - 1)];

	if (c->frame == frame->number)
		c->frame = FRAME_NONE;
	frames_remove(m->frames, frame);
	m->generation++;
}

/*
 * Only the first and the last frame of a new window can be held already, with what other windows
 * have of them: a clean one is forgotten, an own one gets the new bytes.
 */
static int frame_extend(struct iopt_memory *m, const struct memory_window *w, uint64_t number)
{
	struct memory_frame *frame = frames_find(m->frames, number);

	if (!frame)
		return 0;
	if (frame->own)
		return window_fill(w, number, frame->host);
	frame_drop(m, frame);
	return 0;
}

static void frame_recount(struct iopt_memory *m, uint64_t number)
{
	struct memory_frame *frame = frames_find(m->frames, number);

	if (frame)
		frame->whole = !frame->bad && memory_has(m, number << FRAME_SHIFT, FRAME_BYTES);
}

int memory_add_windows(struct iopt_memory *m, const struct memory_window *windows, size_t count)
{
	size_t i;
	int err;

	if (memory_windows_overlap(m, windows, count))
		return -IOPT_EEXIST;
	err = memory_windows_reserve(m, count);
	/* What is written here is not present yet: nothing to undo. */
	for (i = 0; !err && i < count && m->frames->count; i++) {
		err = frame_extend(m, &windows[i], windows[i].range.first >> FRAME_SHIFT);
		if (!err)
			err = frame_extend(m, &windows[i], windows[i].range.last >> FRAME_SHIFT);
	}
	if (err)
		return err;
	windows_merge(m, windows, count);
	for (i = 0; i < count && m->frames->count; i++) {
		frame_recount(m, windows[i].range.first >> FRAME_SHIFT);
		frame_recount(m, windows[i].range.last >> FRAME_SHIFT);
	}
	memory_changed(m);
	return 0;
}

int memory_add_window(struct iopt_memory *m, uint64_t base, uint64_t bytes,
		      struct memory_file *file, uint64_t offset)
{
	struct memory_window w = {.file = file, .offset = file ? offset : MEMORY_ZEROS};

	if (!bytes)
		return -IOPT_EINVAL;
	if (!range_make(base, bytes, &w.range))
		return -IOPT_ERANGE;
	return memory_add_windows(m, &w, 1);
}

/* ---- frames ---- */

/* Unit by unit, since all at once cannot be read; what cannot stays zero and is marked. */
static int window_fill_units(const struct memory_window *w, uint64_t number, char *host,
			     uint16_t *bad)
{
	struct range all = frame_range(number);
	unsigned i;

	for (i = 0; i < FRAME_UNIT_COUNT; i++) {
		uint64_t at = all.first + i * FRAME_UNIT_BYTES;
		uint64_t first = max_u64(at, w->range.first);
		uint64_t last = min_u64(at + (FRAME_UNIT_BYTES - 1), w->range.last);
		char *to = host + (first - all.first);
		int err;

		if (first > last)
			continue;
		err = w->file->backing.read(w->file->backing.arg,
					    w->offset + (first - w->range.first), to,
					    last - first + 1);
		if (err == -IOPT_ENOMEM)
			return err;
		if (err) {
			memset(to, 0, last - first + 1);
			*bad |= (uint16_t)(1u << i);
		}
	}
	return 0;
}

/* Everything that windows have of it; the rest of 'host' stays.  ENOMEM. */
static int frame_fill(const struct iopt_memory *m, uint64_t number, char *host, uint16_t *bad)
{
	struct range all = frame_range(number);
	size_t i = memory_window_search(m, all.first);
	int err = 0;

	*bad = 0;
	for (; !err && i < m->window_count && m->windows[i].range.first <= all.last; i++) {
		err = window_fill(&m->windows[i], number, host);
		if (err && err != -IOPT_ENOMEM)
			err = window_fill_units(&m->windows[i], number, host, bad);
	}
	return err;
}

/* A frame that is not held.  NULL: out of memory. */
static struct memory_frame *frame_load(struct iopt_memory *m, uint64_t number, bool own)
{
	uint64_t oldest = frames_oldest(m->frames);
	struct memory_frame *frame = NULL;
	char *host = frames_take(m->frames);
	uint16_t bad;

	if (!host)
		return NULL;
	if (!frame_fill(m, number, host, &bad)) {
		if (!own && oldest != FRAME_NONE)
			frame_drop(m, frames_find(m->frames, oldest));
		frame = frames_insert(m->frames, number, host, own);
	}
	if (!frame) {
		frames_give(m->frames, host);
		return NULL;
	}
	frame->bad = bad;
	frame_recount(m, number);
	return frame;
}

static unsigned unit_of(uint64_t pa)
{
	return (pa & (FRAME_BYTES - 1)) >> FRAME_UNIT_SHIFT;
}

/* Is a byte of [pa, pa + bytes), within the frame, unreadable? */
static bool frame_is_bad(const struct memory_frame *frame, uint64_t pa, uint64_t bytes)
{
	return frame->bad &&
	       frame->bad >> unit_of(pa) & low_bits(unit_of(pa + (bytes - 1)) - unit_of(pa) + 1);
}

/* Does one window of zeros cover the frame?  Then nothing needs to be held before it is written. */
static bool frame_is_blank(const struct iopt_memory *m, uint64_t number)
{
	struct range all = frame_range(number);
	const struct memory_window *w = &m->windows[memory_window_search(m, all.first)];

	return w->range.first <= all.first && w->range.last >= all.last &&
	       w->offset == MEMORY_ZEROS;
}

const void *memory_find(struct iopt_memory *m, uint64_t pa, uint64_t bytes)
{
	uint64_t number = pa >> FRAME_SHIFT;
	struct memory_frame *frame = frames_find(m->frames, number);
	struct memory_frame zeros = {.number = number, .host = (char *)m->frames->zeros};

	assert(bytes && bytes <= FRAME_BYTES - (pa & (FRAME_BYTES - 1)));
	if (!(frame && frame->whole) && !memory_has(m, pa, bytes))
		return NULL;
	if (!frame && frame_is_blank(m, number)) {
		frame = &zeros;
		frame->whole = true;
	}
	if (!frame)
		frame = frame_load(m, number, false);
	if (!frame || frame_is_bad(frame, pa, bytes))
		return NULL;
	if (frame->whole)
		cache_put(m, frame);
	return frame->host + (pa & (FRAME_BYTES - 1));
}

void *memory_write(struct iopt_memory *m, uint64_t pa, uint64_t bytes)
{
	uint64_t number = pa >> FRAME_SHIFT;
	struct memory_frame *frame = frames_find(m->frames, number);

	assert(bytes && bytes <= FRAME_BYTES - (pa & (FRAME_BYTES - 1)));
	if (!(frame && frame->whole) && !memory_has(m, pa, bytes))
		return NULL;
	if (!frame || !frame->own) {
		if (frame)
			frames_adopt(m->frames, frame);
		else
			frame = frame_load(m, number, true);
		m->generation++;
	}
	if (!frame || frame_is_bad(frame, pa, bytes))
		return NULL;
	if (frame->whole)
		cache_put(m, frame);
	return frame->host + (pa & (FRAME_BYTES - 1));
}

/* Of present bytes in a frame with unreadable units: as many as are like the first, of 'bytes'. */
static const void *bad_span(struct iopt_memory *m, uint64_t pa, uint64_t *bytes)
{
	const struct memory_frame *frame = frames_find(m->frames, pa >> FRAME_SHIFT);
	unsigned unit = unit_of(pa), other = unit;
	bool bad;

	if (!frame)
		return NULL;
	bad = frame->bad >> unit & 1;
	while (other < FRAME_UNIT_COUNT && (frame->bad >> other & 1) == bad)
		other++;
	*bytes = min_u64(*bytes, (uint64_t)other * FRAME_UNIT_BYTES - (pa & (FRAME_BYTES - 1)));
	return bad ? NULL : frame->host + (pa & (FRAME_BYTES - 1));
}

const void *memory_span(struct iopt_memory *m, uint64_t pa, uint64_t *bytes)
{
	uint64_t last = pa | (FRAME_BYTES - 1), end;
	const void *host;
	size_t i;

	if (present_until(m, pa, last, &end)) {
		*bytes = end - pa + 1;
		host = memory_find(m, pa, *bytes);
		return host ? host : bad_span(m, pa, bytes);
	}
	i = memory_window_search(m, pa);
	if (i < m->window_count)
		last = min_u64(last, m->windows[i].range.first - 1);
	*bytes = last - pa + 1;
	return NULL;
}

uint64_t memory_blank_until(const struct iopt_memory *m, uint64_t first, uint64_t last, bool *blank)
{
	uint64_t number = first >> FRAME_SHIFT, end = last >> FRAME_SHIFT;
	const struct memory_frame *frame = frames_find(m->frames, number);

	*blank = !frame || !frame->own;
	if (*blank) {
		number = frames_next_own(m->frames, number, end);
	} else {
		while (number <= end && frame && frame->own)
			frame = frames_find(m->frames, ++number);
	}
	return number > end ? last : min_u64(last, (number << FRAME_SHIFT) - 1);
}
