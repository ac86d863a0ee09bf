/* SPDX-License-Identifier: MIT */
/* Memory for those who come from outside: bytes, stretches and windows. */
#include "memory_files.h"

size_t iopt_memory_read(struct iopt_memory *m, uint64_t pa, void *to, size_t bytes)
{
	size_t done = 0;

	while (done < bytes) {
		uint64_t part;
		const void *from = memory_span(m, pa, &part);

		if (!from)
			break;
		part = min_u64(part, bytes - done);
		memcpy((char *)to + done, from, part);
		done += part;
		if (__builtin_add_overflow(pa, part, &pa))
			break;
	}
	return done;
}

/* What of [pa, pa + bytes) lies in pa's frame. */
static uint64_t frame_part(uint64_t pa, uint64_t bytes)
{
	return min_u64(bytes, FRAME_BYTES - (pa & (FRAME_BYTES - 1)));
}

/* Makes every frame of it the memory's own, so that writing cannot fail half-way. */
static int make_own(struct iopt_memory *m, uint64_t pa, uint64_t bytes)
{
	uint64_t done, part;

	if (bytes && !memory_has(m, pa, bytes))
		return -IOPT_EFAULT;
	for (done = 0; done < bytes; done += part) {
		part = frame_part(pa + done, bytes - done);
		if (!memory_find(m, pa + done, part))
			return -IOPT_EFAULT;
		if (!memory_write(m, pa + done, part))
			return -IOPT_ENOMEM;
	}
	return 0;
}

int iopt_memory_write(struct iopt_memory *m, uint64_t pa, const void *from, size_t bytes)
{
	int err = make_own(m, pa, bytes);
	uint64_t done, part;

	if (err)
		return err;
	for (done = 0; done < bytes; done += part) {
		part = frame_part(pa + done, bytes - done);
		memcpy(memory_write(m, pa + done, part), (const char *)from + done, part);
	}
	m->foreign = true;
	memory_changed(m);
	return 0;
}

/* How far, from 'first' on in this window, everything is as blank as it is there. */
static uint64_t window_stretch(const struct iopt_memory *m, const struct memory_window *w,
			       struct range part, bool *blank)
{
	part.last = min_u64(part.last, w->range.last);
	if (w->offset == MEMORY_ZEROS)
		return memory_blank_until(m, part.first, part.last, blank);
	*blank = false;
	return part.last;
}

int iopt_memory_next(struct iopt_memory *m, uint64_t *first, uint64_t last, uint64_t *stretch_last,
		     bool *blank)
{
	size_t i = memory_window_search(m, *first);
	uint64_t end;
	bool same;

	if (i == m->window_count)
		return -IOPT_ENOENT;
	*first = max_u64(*first, m->windows[i].range.first);
	if (*first > last)
		return -IOPT_ENOENT;
	end = window_stretch(m, &m->windows[i], (struct range){*first, last}, blank);
	/* The next window goes on with it if nothing lies between and it is as blank. */
	while (end < last && end == m->windows[i].range.last && ++i < m->window_count &&
	       m->windows[i].range.first == end + 1) {
		uint64_t more =
			window_stretch(m, &m->windows[i], (struct range){end + 1, last}, &same);

		if (same != *blank)
			break;
		end = more;
	}
	*stretch_last = end;
	return 0;
}

void iopt_memory_on_progress(struct iopt_memory *m, const struct iopt_progress *progress)
{
	m->progress = progress ? *progress : (struct iopt_progress){0};
}

int memory_ask(const struct iopt_memory *m, const char *what, uint64_t done, uint64_t total)
{
	return m->progress.step(m->progress.arg, what, done, total) ? -IOPT_EINTR : 0;
}

enum iopt_presence iopt_memory_presence(struct iopt_memory *m, uint64_t pa, uint64_t *last)
{
	size_t i = memory_window_search(m, pa);
	const struct memory_window *w = i < m->window_count ? &m->windows[i] : NULL;
	uint64_t bytes;
	bool there;

	if (!w || w->range.first > pa) {
		if (w)
			*last = min_u64(*last, w->range.first - 1);
		return memory_excluded(m, pa, last) ? IOPT_EXCLUDED : IOPT_ABSENT;
	}
	*last = min_u64(*last, w->range.last);
	if (w->offset == MEMORY_ZEROS)
		return IOPT_PRESENT;
	there = memory_span(m, pa, &bytes) != NULL;
	*last = min_u64(*last, pa + (bytes - 1));
	return there ? IOPT_PRESENT : IOPT_UNREADABLE;
}

int iopt_memory_window(const struct iopt_memory *m, size_t i, struct iopt_window *window)
{
	const struct memory_window *w;

	if (i >= m->window_count)
		return -IOPT_ENOENT;
	w = &m->windows[i];
	window->kind = w->ram ? IOPT_WINDOW_RAM : IOPT_WINDOW_DATA;
	window->base = w->range.first;
	window->last = w->range.last;
	window->source = memory_file_source(w->file);
	return 0;
}
