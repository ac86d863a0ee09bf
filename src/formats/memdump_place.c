/* SPDX-License-Identifier: MIT */
/* From a dump's segments, however they overlap, to bytes in RAM and windows of a memory. */
#include <stdlib.h>

#include "../core/page_alloc.h"
#include "memdump.h"
#include "spool.h"

/* ---- segments that overlap ---- */

/* The segments that cover a place: a heap with the first of the file on top. */
struct cover {
	size_t *heap;
	size_t count;
};

static void cover_push(struct cover *c, size_t segment)
{
	size_t i = c->count++;

	for (; i && c->heap[(i - 1) / 2] > segment; i = (i - 1) / 2)
		c->heap[i] = c->heap[(i - 1) / 2];
	c->heap[i] = segment;
}

static void cover_pop(struct cover *c)
{
	size_t moved = c->heap[--c->count], i = 0, child;

	while ((child = 2 * i + 1) < c->count) {
		if (child + 1 < c->count && c->heap[child + 1] < c->heap[child])
			child++;
		if (moved <= c->heap[child])
			break;
		c->heap[i] = c->heap[child];
		i = child;
	}
	c->heap[i] = moved;
}

static bool is_resolved(const struct memdump *d)
{
	size_t i;

	for (i = 1; i < d->count; i++)
		if (d->segments[i].range.first <= d->segments[i - 1].range.last)
			return false;
	return true;
}

/* Appends [first, last] of 's', to the last piece if it only goes on there. */
static int add_piece(struct memdump *to, const struct memdump_segment *s, struct range piece)
{
	struct memdump_segment *before = to->count ? &to->segments[to->count - 1] : NULL;
	struct memdump_segment new = {.range = piece, .offset = s->offset};

	if (s->offset != MEMORY_ZEROS)
		new.offset += piece.first - s->range.first;
	if (!before || before->range.last + 1 != piece.first ||
	    (new.offset == MEMORY_ZEROS) != (before->offset == MEMORY_ZEROS) ||
	    (new.offset != MEMORY_ZEROS &&new.offset !=
	     before->offset + (piece.first - before->range.first)))
		return memdump_add(to, new);
	before->range.last = piece.last;
	return 0;
}

/* Goes up through the addresses; 'order' has the segments by address. */
static int sweep(const struct memdump *d, const size_t *order, struct cover *c, struct memdump *to)
{
	const struct memdump_segment *s = d->segments;
	uint64_t at = 0, last;
	size_t next = 0;
	int err;

	while (c->count || next < d->count) {
		if (!c->count)
			at = s[order[next]].range.first;
		while (next < d->count && s[order[next]].range.first <= at)
			cover_push(c, order[next++]);
		while (c->count && s[c->heap[0]].range.last < at)
			cover_pop(c);
		if (!c->count)
			continue;
		last = s[c->heap[0]].range.last;
		if (next < d->count)
			last = min_u64(last, s[order[next]].range.first - 1);
		err = add_piece(to, &s[c->heap[0]], (struct range){at, last});
		if (err || last == UINT64_MAX)
			return err;
		at = last + 1;
	}
	return 0;
}

static int by_address(const void *a, const void *b, void *segments)
{
	const struct memdump_segment *s = segments;
	uint64_t x = s[*(const size_t *)a].range.first, y = s[*(const size_t *)b].range.first;

	return x < y ? -1 : x > y;
}

int memdump_resolve(struct memdump *d)
{
	struct memdump resolved = {0};
	struct cover cover = {0};
	size_t *order, i;
	int err = -IOPT_ENOMEM;

	if (is_resolved(d))
		return 0;
	order = calloc(d->count, sizeof(*order));
	cover.heap = calloc(d->count, sizeof(*cover.heap));
	if (order && cover.heap) {
		for (i = 0; i < d->count; i++)
			order[i] = i;
		qsort_r(order, d->count, sizeof(*order), by_address, d->segments);
		err = sweep(d, order, &cover, &resolved);
	}
	free(order);
	free(cover.heap);
	if (err) {
		free(resolved.segments);
		return err;
	}
	free(d->segments);
	d->segments = resolved.segments;
	d->count = resolved.count;
	d->room = resolved.room;
	return 0;
}

/* ---- into a memory ---- */

struct placement {
	struct iopt_memory *m;
	struct memdump *dump;
	struct memdump_file *file;
	struct iopt_error *error;
	struct memdump in_ram;	/* what RAM is there to take */
	struct memdump outside; /* becomes windows */
};

static int no_memory(struct placement *p)
{
	return error_set(p->error, IOPT_FAILURE_LIMIT, IOPT_ENOMEM, "out of memory");
}

static int refuse(struct placement *p, int code, uint64_t pa, const char *what)
{
	return error_at(p->error, (struct error_place){.source = p->file->path},
			IOPT_FAILURE_REQUEST, code, "at 0x%llx: %s", (unsigned long long)pa, what);
}

/* Cuts one segment along the windows that are there. */
static int split_segment(struct placement *p, const struct memdump_segment *s)
{
	uint64_t at = s->range.first, last;
	size_t i = memory_window_search(p->m, at);

	for (;;) {
		const struct memory_window *w = i < p->m->window_count ? &p->m->windows[i] : NULL;
		bool inside = w && w->range.first <= at;

		last = s->range.last;
		if (w)
			last = min_u64(last, inside ? w->range.last : w->range.first - 1);
		if (inside && !w->ram)
			return refuse(p, IOPT_EEXIST, at, "another file's contents are there");
		if (add_piece(inside ? &p->in_ram : &p->outside, s, (struct range){at, last}))
			return no_memory(p);
		if (last == s->range.last)
			return 0;
		at = last + 1;
		i += inside;
	}
}

/* Nothing may be in the way, and nothing may be allocated later where contents come to lie. */
static int claim_ram(struct placement *p)
{
	size_t i;

	for (i = 0; i < p->in_ram.count; i++) {
		struct range r = p->in_ram.segments[i].range;

		if (page_alloc_busy(p->m->pages, r.first, r.last))
			return refuse(p, IOPT_EBUSY, r.first,
				      "translation tables or buffers are allocated in this RAM");
	}
	for (i = 0; i < p->in_ram.count; i++) {
		struct range r = p->in_ram.segments[i].range;

		if (page_alloc_reserve(p->m->pages, r.first, r.last))
			return no_memory(p);
	}
	return 0;
}

/* Zeros over RAM: only what was written before needs them. */
static int write_zeros(struct placement *p, struct range r)
{
	uint64_t first = r.first, last, part;
	bool blank;

	while (!iopt_memory_next(p->m, &first, r.last, &last, &blank)) {
		for (; !blank && first <= last; first += part) {
			char *to;

			part = min_u64(last - first + 1, FRAME_BYTES - (first & (FRAME_BYTES - 1)));
			to = memory_write(p->m, first, part);
			if (!to)
				return no_memory(p);
			memset(to, 0, part);
			if (first + (part - 1) == last)
				break;
		}
		if (last == r.last)
			break;
		first = last + 1;
	}
	return 0;
}

/* The part of a frame at 'pa': 'bytes' from the file's 'offset'. */
static int write_part(struct placement *p, uint64_t pa, uint64_t bytes, uint64_t offset)
{
	char buffer[FRAME_BYTES];
	void *to;

	if (memdump_read(p->dump, p->file, offset, buffer, bytes))
		return p->dump->read ? memdump_bad(p->file, p->error, IOPT_ENOEXEC,
						   "the memory at 0x%llx is damaged",
						   (unsigned long long)pa)
				     : memdump_unreadable(p->file, offset, p->error);
	if (is_all_zero(buffer, bytes))
		return write_zeros(p, (struct range){pa, pa + (bytes - 1)});
	to = memory_write(p->m, pa, bytes);
	if (!to)
		return no_memory(p);
	memcpy(to, buffer, bytes);
	return 0;
}

static uint64_t hole_bytes(const struct placement *p, uint64_t offset, uint64_t bytes)
{
	return p->dump->read ? 0 : memdump_file_hole(p->file, offset, bytes);
}

static int write_segment(struct placement *p, const struct memdump_segment *s)
{
	uint64_t size = s->range.last - s->range.first + 1, done = 0, part;
	int err = 0;

	if (s->offset == MEMORY_ZEROS)
		return write_zeros(p, s->range);
	while (!err && done < size) {
		uint64_t pa = s->range.first + done;

		part = hole_bytes(p, s->offset + done, size - done);
		if (part) {
			err = write_zeros(p, (struct range){pa, pa + (part - 1)});
		} else {
			part = min_u64(size - done, FRAME_BYTES - (pa & (FRAME_BYTES - 1)));
			err = write_part(p, pa, part, s->offset + done);
		}
		done += part;
		if (!err)
			err = memdump_step(p->file, "copying", done, size, p->error);
	}
	return err;
}

static int write_ram(struct placement *p)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < p->in_ram.count; i++)
		err = write_segment(p, &p->in_ram.segments[i]);
	if (p->in_ram.count)
		memory_changed(p->m);
	return err;
}

/* ---- a file as backing ---- */

struct backing {
	struct memdump_file file;
	struct memdump dump; /* its reader; the lists are used up */
};

static int backing_read(void *arg, uint64_t offset, void *to, size_t bytes)
{
	const struct backing *b = arg;

	return memdump_read(&b->dump, &b->file, offset, to, bytes);
}

static void backing_close(void *arg)
{
	struct backing *b = arg;

	memdump_file_close(&b->file);
	memdump_destroy(&b->dump);
	free(b);
}

/* The memory keeps the file and the dump's reader; nothing is left in their place. */
static struct memory_file *give_file(struct placement *p)
{
	struct memory_backing backing = {.read = backing_read, .close = backing_close};
	struct backing *b = malloc(sizeof(*b));

	if (!b)
		return NULL;
	*b = (struct backing){.file = *p->file, .dump = *p->dump};
	b->file.path = NULL;
	b->file.progress = (struct iopt_progress){0};
	b->dump.segments = NULL;
	b->dump.excluded = NULL;
	b->dump.vmcoreinfo = NULL;
	p->dump->destroy = NULL;
	p->file->fd = -1;
	p->file->flat = NULL;
	backing.arg = b;
	return memory_add_file(p->m, backing, p->file->path);
}

static int add_windows(struct placement *p)
{
	struct memory_window *windows = calloc(p->outside.count + 1, sizeof(*windows));
	struct memory_file *file = windows ? give_file(p) : NULL;
	int err = -IOPT_ENOMEM;
	size_t i;

	if (file) {
		for (i = 0; i < p->outside.count; i++)
			windows[i] =
				(struct memory_window){.range = p->outside.segments[i].range,
						       .file = file,
						       .offset = p->outside.segments[i].offset};
		err = memory_add_windows(p->m, windows, p->outside.count);
	}
	free(windows);
	if (!err && p->dump->excluded_count) {
		memory_file_exclude(file, p->dump->excluded, p->dump->excluded_count);
		p->dump->excluded = NULL;
	}
	if (err && err != -IOPT_ENOMEM)
		return refuse(p, IOPT_EIO, p->outside.segments[0].range.first, "cannot be read");
	return err ? no_memory(p) : 0;
}

int memdump_place(struct iopt_memory *m, struct memdump *dump, struct memdump_file *file,
		  struct iopt_error *error)
{
	struct placement p = {.m = m, .dump = dump, .file = file, .error = error};
	int err = 0;
	size_t i;

	for (i = 0; !err && i < dump->count; i++)
		err = split_segment(&p, &dump->segments[i]);
	if (!err)
		err = claim_ram(&p);
	if (!err && memory_windows_reserve(m, p.outside.count))
		err = no_memory(&p);
	if (!err)
		err = write_ram(&p);
	if (!err && (p.outside.count || dump->excluded_count))
		err = add_windows(&p);
	if (!err && dump->vmcoreinfo) {
		free(m->vmcoreinfo);
		m->vmcoreinfo = dump->vmcoreinfo;
		dump->vmcoreinfo = NULL;
	}
	memdump_file_close(file);
	memdump_destroy(dump);
	free(p.in_ram.segments);
	free(p.outside.segments);
	return err;
}
