/* SPDX-License-Identifier: MIT */
#include "stage2_view.h"

#include <stdlib.h>

#include "attrs.h"

enum {
	PIECES_MAX = 1 << 20,
	EXTENTS_MAX = 1 << 22,
};

/*
 * Tables that point to each other have more slots than anybody can read; honest ones hardly more
 * than the memory has room for, since few of them are shared.
 */
#define SLOTS_MAX    BIT(28)
#define SLOTS_SHARED BIT(20)

struct pieces {
	struct iopt_domain *stage2;
	struct memory_file *file;
	struct memory_window *windows;
	size_t count, room;
	uint64_t extents, slots, slots_max;
};

static uint64_t slots_max(const struct iopt_memory *memory)
{
	struct iopt_window window = IOPT_INIT(struct iopt_window);
	uint64_t slots = SLOTS_SHARED;

	for (size_t i = 0; slots < SLOTS_MAX && !iopt_memory_window(memory, i, &window); i++)
		slots += (window.last - window.base) / sizeof(uint64_t) + 1;
	return min_u64(slots, SLOTS_MAX);
}

/* The view's windows are bytes of the memory below: the offset is an address there. */
static int view_read(void *arg, uint64_t offset, void *to, size_t bytes)
{
	return iopt_memory_read(arg, offset, to, bytes) == bytes ? 0 : -IOPT_EFAULT;
}

static void view_close(void *arg)
{
	(void)arg;
}

static int piece_add(struct pieces *p, uint64_t ipa, uint64_t last, uint64_t pa)
{
	if (p->count == p->room) {
		size_t room = p->room ? 2 * p->room : 64;
		struct memory_window *windows;

		if (room > PIECES_MAX)
			return -IOPT_E2BIG;
		windows = realloc(p->windows, room * sizeof(*windows));
		if (!windows)
			return -IOPT_ENOMEM;
		p->windows = windows;
		p->room = room;
	}
	p->windows[p->count++] = (struct memory_window){
		.range = {ipa, last},
		.file = p->file,
		.offset = pa,
	};
	return 0;
}

/* The present stretches of one extent that stage 1's walks may read. */
static int view_extent(void *arg, const struct iopt_extent *e)
{
	struct pieces *p = arg;
	const struct pgtable *t = &p->stage2->spaces[0];
	uint64_t pa = e->pa, last = min_u64(e->pa + (e->size * e->count - 1), ~t->oa_beyond), end;
	struct iopt_attrs attrs;
	bool blank;

	if (++p->extents > EXTENTS_MAX)
		return -IOPT_E2BIG;
	space_attrs(t, e->desc, e->level, e->inherited, &attrs);
	if (!(attrs.access[0].access & IOPT_ACCESS_R) || pa & t->oa_beyond ||
	    (t->access_flag && !attrs.af))
		return 0;
	while (pa <= last && !iopt_memory_next(p->stage2->memory, &pa, last, &end, &blank)) {
		int ret = piece_add(p, e->iova + (pa - e->pa), e->iova + (end - e->pa), pa);

		if (ret)
			return ret;
		pa = end + 1;
		if (!pa)
			break;
	}
	return 0;
}

/* Shared tables count each time, since their leaves do. */
static int view_table(void *arg, const struct iopt_table *table)
{
	struct pieces *p = arg;

	p->slots += table->slots;
	return p->slots > p->slots_max ? -IOPT_E2BIG : 0;
}

int stage2_view(struct iopt_domain *stage2, struct iopt_memory **view)
{
	struct iopt_visitor visitor = IOPT_INIT(struct iopt_visitor);
	struct pieces p = {.stage2 = stage2, .slots_max = slots_max(stage2->memory)};
	struct memory_backing backing = {view_read, view_close, stage2->memory};
	int ret = iopt_memory_create(view);

	if (ret)
		return ret;
	p.file = memory_add_file(*view, backing, "stage 2");
	visitor.table = view_table;
	visitor.extent = view_extent;
	visitor.reenter = true;
	visitor.arg = &p;
	ret = p.file ? iopt_domain_visit(stage2, 0, &visitor) : -IOPT_ENOMEM;
	if (!ret && p.count)
		ret = memory_add_windows(*view, p.windows, p.count);
	free(p.windows);
	if (ret) {
		iopt_memory_destroy(*view);
		*view = NULL;
	}
	return ret;
}
