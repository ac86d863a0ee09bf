/* SPDX-License-Identifier: MIT */
/* RAM, and the pages that are allocated in it. */
#include "error.h"
#include "memory.h"
#include "memory_frames.h"
#include "page_alloc.h"

/* RAM of a memory that was given none. */
#define DEFAULT_RAM_BASE  UINT64_C(0x80000000)
#define DEFAULT_RAM_BYTES BIT(PAGE_ALLOC_MAX_SHIFT)

static int ram_error(struct iopt_error *error, int code, uint64_t base, uint64_t size,
		     const char *what)
{
	return error_set(error, IOPT_FAILURE_REQUEST, code, "RAM of 0x%llx bytes at 0x%llx: %s",
			 (unsigned long long)size, (unsigned long long)base, what);
}

int iopt_memory_add_ram(struct iopt_memory *m, uint64_t base, uint64_t size,
			struct iopt_error *error)
{
	struct memory_window w = {.offset = MEMORY_ZEROS, .ram = true};
	int err;

	if (!size || ((base | size) & 0xfff))
		return ram_error(error, IOPT_EINVAL, base, size,
				 "address and size must be multiples of 4 KiB, and the size not 0");
	if (!range_make(base, size, &w.range))
		return ram_error(error, IOPT_ERANGE, base, size, "leaves the 64-bit address space");
	if (size > BIT(PAGE_ALLOC_WINDOW_SHIFT))
		return ram_error(error, IOPT_ERANGE, base, size, "more than 4 PiB");
	if (memory_windows_overlap(m, &w, 1))
		return ram_error(error, IOPT_EEXIST, base, size, "something is already there");
	err = memory_windows_reserve(m, 1);
	if (!err)
		err = page_alloc_add(m->pages, base, size);
	if (!err) {
		err = memory_reserve_again(m, w.range);
		if (err)
			page_alloc_remove(m->pages, base);
	}
	if (err)
		return ram_error(error, -err, base, size, iopt_error_text(err));
	/* Room is there, nothing is read and nothing overlaps: it cannot fail. */
	return memory_add_windows(m, &w, 1);
}

static bool has_ram(const struct iopt_memory *m)
{
	return m->pages->zone_count != 0;
}

/* At the first multiple of its size from the default on where nothing is. */
static int add_default_ram(struct iopt_memory *m)
{
	uint64_t base;

	for (base = DEFAULT_RAM_BASE; base; base += DEFAULT_RAM_BYTES) {
		size_t i = memory_window_search(m, base);
		uint64_t taken;

		if (i == m->window_count ||
		    m->windows[i].range.first > base + (DEFAULT_RAM_BYTES - 1))
			return iopt_memory_add_ram(m, base, DEFAULT_RAM_BYTES, NULL);
		taken = m->windows[i].range.last;
		base = max_u64(base, align_down(taken, DEFAULT_RAM_BYTES));
	}
	return -IOPT_ENOMEM;
}

/* What was never written is zero: only own frames need to be cleared. */
static void clear(struct iopt_memory *m, uint64_t first, uint64_t last)
{
	uint64_t number = first >> FRAME_SHIFT;

	for (;;) {
		const struct memory_frame *frame;
		uint64_t from, to;

		number = frames_next_own(m->frames, number, last >> FRAME_SHIFT);
		if (number == FRAME_NONE)
			return;
		frame = frames_find(m->frames, number);
		from = max_u64(first, number << FRAME_SHIFT) & (FRAME_BYTES - 1);
		to = number == last >> FRAME_SHIFT ? last & (FRAME_BYTES - 1) : FRAME_BYTES - 1;
		memset(frame->host + from, 0, to - from + 1);
		number++;
	}
}

int memory_alloc(struct iopt_memory *m, uint64_t bytes, uint64_t *pa)
{
	int err = 0;

	assert(is_power_of_two(bytes));
	if (!has_ram(m) && m->pages->budget)
		err = add_default_ram(m);
	if (!err)
		err = page_alloc(m->pages, log2_up(bytes), pa);
	if (err)
		return -IOPT_ENOMEM;
	clear(m, *pa, *pa + (bytes - 1));
	return 0;
}

uint64_t memory_free(struct iopt_memory *m, uint64_t pa)
{
	uint64_t bytes = page_free(m->pages, pa);

	if (bytes)
		memory_changed(m);
	return bytes;
}

void iopt_memory_budget(struct iopt_memory *m, uint64_t count)
{
	m->pages->budget = count;
}

uint64_t iopt_memory_budget_left(const struct iopt_memory *m)
{
	return m->pages->budget;
}

uint64_t iopt_memory_allocated(const struct iopt_memory *m)
{
	return m->pages->allocated;
}
