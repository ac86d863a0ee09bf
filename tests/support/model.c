/* SPDX-License-Identifier: MIT */
#include "model.h"

#include <stdio.h>
#include <stdlib.h>

void model_init(struct model *m, const struct iopt_space *space)
{
	*m = (struct model){
		.short_descriptors = space->format == IOPT_ARM_V7S,
		.granule_shift = (unsigned)__builtin_ctzll(space->granule),
		.ias = space->ias,
		.oas = space->oas,
		.page_sizes = space->page_sizes,
		.iova_base = space->first,
	};
	m->index_bits = m->granule_shift - 3;
}

void model_destroy(struct model *m)
{
	free(m->leaves);
	*m = (struct model){0};
}

static uint64_t leaf_last(const struct model_leaf *leaf)
{
	return leaf->iova + (leaf->size - 1);
}

/* Number of the first leaf that ends at or after iova. */
static size_t model_index(const struct model *m, uint64_t iova)
{
	size_t low = 0, high = m->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (leaf_last(&m->leaves[middle]) < iova)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct model_leaf *model_find(const struct model *m, uint64_t iova)
{
	size_t i = model_index(m, iova);

	return i < m->count && m->leaves[i].iova <= iova ? &m->leaves[i] : NULL;
}

uint64_t model_translate(const struct model *m, uint64_t iova)
{
	const struct model_leaf *leaf = model_find(m, iova);

	return leaf ? leaf->pa + (iova - leaf->iova) : 0;
}

bool model_touches(const struct model *m, uint64_t first, uint64_t last)
{
	size_t i = model_index(m, first);

	return i < m->count && m->leaves[i].iova <= last;
}

/* Makes room for n leaves at number i, in place of 'gone' that are there. */
static struct model_leaf *model_replace(struct model *m, size_t i, size_t gone, size_t n)
{
	size_t count = m->count - gone + n;

	if (count > m->room) {
		m->room = count * 2;
		m->leaves = realloc(m->leaves, m->room * sizeof(*m->leaves));
		if (!m->leaves) {
			fprintf(stderr, "the model is out of memory\n");
			abort();
		}
	}
	if (m->count > i + gone)
		memmove(m->leaves + i + n, m->leaves + i + gone,
			(m->count - i - gone) * sizeof(*m->leaves));
	m->count = count;
	return m->leaves + i;
}

void model_forget(struct model *m, uint64_t first, uint64_t last)
{
	size_t i = model_index(m, first), end = i;

	while (end < m->count && m->leaves[end].iova <= last)
		end++;
	if (end > i)
		model_replace(m, i, end - i, 0);
}

void model_add(struct model *m, struct model_leaf first, uint64_t n)
{
	struct model_leaf *to = model_replace(m, model_index(m, first.iova), 0, n);

	for (uint64_t i = 0; i < n; i++) {
		to[i] = first;
		to[i].iova += i * first.size;
		to[i].pa += i * first.size;
	}
}

/* The leaf that holds iova becomes leaves of 'part' bytes. */
static void model_split(struct model *m, uint64_t iova, uint64_t part)
{
	size_t i = model_index(m, iova);
	struct model_leaf whole = m->leaves[i];
	uint64_t n = whole.size >> __builtin_ctzll(part);

	model_replace(m, i, 1, 0);
	whole.size = part;
	model_add(m, whole, n);
}

static bool model_in_range(const struct model *m, uint64_t iova)
{
	return !((iova ^ m->iova_base) & ~low_bits(m->ias));
}

/* Slots of 'size' bytes from iova to the end of its table page. */
static uint64_t slots_left(const struct model *m, uint64_t iova, uint64_t size)
{
	uint64_t slots = BIT(m->index_bits);

	return slots - ((iova - m->iova_base) / size & (slots - 1));
}

/* The same to the end of the space. */
static uint64_t slots_in_space(const struct model *m, uint64_t iova, uint64_t size)
{
	return (m->iova_base + low_bits(m->ias) - iova) / size + 1;
}

/* Bytes of one slot of the table that a leaf of 'size' is in, and how many slots it takes. */
static uint64_t short_slot(uint64_t size)
{
	return size >= 1 << 20 ? 1 << 20 : 1 << 12;
}

/* Makes room for one leaf; false: there is one in the way. */
static bool model_clear_for(struct model *m, uint64_t iova, uint64_t size)
{
	uint64_t slot = m->short_descriptors ? short_slot(size) : size;

	for (uint64_t at = iova; at - iova < size; at += slot) {
		const struct model_leaf *leaf = model_find(m, at);

		if (leaf && leaf->size >= slot)
			return false;
		model_forget(m, at, at + (slot - 1));
	}
	return true;
}

static int model_map_long(struct model *m, struct iopt_pages *p)
{
	uint64_t n = min_u64(p->count, slots_left(m, p->iova, p->page_size));

	if (n > slots_in_space(m, p->iova, p->page_size))
		return -IOPT_ERANGE;
	for (uint64_t i = 0; i < n; i++) {
		if (!model_clear_for(m, p->iova + i * p->page_size, p->page_size))
			return -IOPT_EEXIST;
	}
	if (n)
		model_add(m, (struct model_leaf){p->iova, p->pa, p->page_size, p->prot}, n);
	p->done = n * p->page_size;
	return 0;
}

static int model_map_short(struct model *m, struct iopt_pages *p)
{
	if (!p->count)
		return -IOPT_EINVAL;
	for (uint64_t i = 0; i < p->count; i++) {
		uint64_t at = i * p->page_size;

		if (!model_clear_for(m, p->iova + at, p->page_size))
			return -IOPT_EEXIST;
		model_add(m, (struct model_leaf){p->iova + at, p->pa + at, p->page_size, p->prot},
			  1);
		p->done += p->page_size;
	}
	return 0;
}

int model_map_pages(struct model *m, struct iopt_pages *p)
{
	p->done = 0;
	if (!m->short_descriptors &&
	    (!is_power_of_two(p->page_size) || !(m->page_sizes & p->page_size)))
		return -IOPT_EINVAL;
	if (!model_in_range(m, p->iova) || p->pa & ~low_bits(m->oas))
		return -IOPT_ERANGE;
	if (!(p->prot & (IOPT_READ | IOPT_WRITE)))
		return -IOPT_EINVAL;
	return m->short_descriptors ? model_map_short(m, p) : model_map_long(m, p);
}

static uint64_t model_unmap_long(struct model *m, const struct iopt_pages *p, uint64_t reported)
{
	uint64_t room = min_u64(slots_left(m, p->iova, p->page_size),
				slots_in_space(m, p->iova, p->page_size));
	uint64_t n = min_u64(p->count, room), done = 0;
	const struct model_leaf *leaf = model_find(m, p->iova);

	while (leaf && leaf->size > p->page_size) {
		model_split(m, p->iova, leaf->size >> m->index_bits);
		leaf = model_find(m, p->iova);
	}
	while (done < n * p->page_size) {
		uint64_t first = p->iova + done, last = first + (p->page_size - 1);
		bool empty = !model_touches(m, first, last);

		if (empty && (p->page_size == BIT(m->granule_shift) || reported <= done))
			break;
		model_forget(m, first, last);
		done += p->page_size;
	}
	return done;
}

/* A larger leaf around iova becomes leaves of 'size', by way of sections. */
static void model_split_short(struct model *m, uint64_t iova, uint64_t size)
{
	const struct model_leaf *leaf = model_find(m, iova);

	if (leaf && leaf->size > 1 << 20 && size < 1 << 20)
		model_split(m, iova, 1 << 20);
	leaf = model_find(m, iova);
	if (leaf && leaf->size > size)
		model_split(m, iova, size);
}

static uint64_t model_unmap_short(struct model *m, const struct iopt_pages *p, uint64_t reported)
{
	uint64_t slot = short_slot(p->page_size), done = 0;

	for (uint64_t i = 0; i < p->count; i++, done += p->page_size) {
		uint64_t first = p->iova + done;
		bool empty = false;

		model_split_short(m, first, p->page_size);
		for (uint64_t at = first; at - first < p->page_size; at += slot)
			empty |= !model_touches(m, at, at + (slot - 1));
		if (empty && (slot == 1 << 12 || reported <= done))
			break;
		model_forget(m, first, first + (p->page_size - 1));
	}
	return done;
}

uint64_t model_unmap_pages(struct model *m, const struct iopt_pages *p, uint64_t reported)
{
	if (!m->short_descriptors &&
	    (!is_power_of_two(p->page_size) || !(m->page_sizes & p->page_size)))
		return 0;
	if (!p->count || !model_in_range(m, p->iova))
		return 0;
	return m->short_descriptors ? model_unmap_short(m, p, reported)
				    : model_unmap_long(m, p, reported);
}

/* The size that the IOMMU layer chooses next, and how many of it. */
static uint64_t model_pick(const struct model *m, uint64_t iova, uint64_t pa, uint64_t size,
			   uint64_t *count)
{
	uint64_t chosen = 0, next = 0, both = iova | pa;

	for (unsigned shift = 0; shift < 64; shift++) {
		uint64_t candidate = m->page_sizes & BIT(shift);

		if (!candidate)
			continue;
		if (candidate <= size && !(both & (candidate - 1)))
			chosen = candidate;
		else if (!next && candidate > chosen)
			next = candidate;
	}
	if (next && !((iova ^ pa) & (next - 1))) {
		uint64_t off = next - (both & (next - 1)), end;

		if (!__builtin_add_overflow(off, next, &end) && end <= size)
			size = off;
	}
	*count = size / chosen;
	return chosen;
}

int model_map(struct model *m, uint64_t iova, uint64_t pa, uint64_t size, unsigned prot)
{
	uint64_t done = 0;

	while (done < size) {
		struct iopt_pages p = {.iova = iova + done, .pa = pa + done, .prot = prot};
		int code;

		p.page_size = model_pick(m, p.iova, p.pa, size - done, &p.count);
		code = model_map_pages(m, &p);
		done += p.done;
		if (code < 0 && done)
			model_forget(m, iova, iova + (done - 1));
		if (code < 0)
			return code;
	}
	return 0;
}

uint64_t model_unmap(struct model *m, uint64_t iova, uint64_t size, uint64_t reported)
{
	uint64_t done = 0;

	while (done < size) {
		struct iopt_pages p = {.iova = iova + done};
		uint64_t left = reported > done ? reported - done : 0, some;

		p.page_size = model_pick(m, p.iova, p.iova, size - done, &p.count);
		some = model_unmap_pages(m, &p, min_u64(left, p.page_size * p.count));
		if (!some)
			break;
		done += some;
	}
	return done;
}
