/* SPDX-License-Identifier: MIT */
#include "image.h"

#include <stdlib.h>

#include "../core/error.h"
#include "descriptor.h"
#include "writer.h"

static const struct pgtable_format *format_of(const struct image *im, unsigned space)
{
	return im->domain->spaces[space].ops->format;
}

static uint32_t *bucket_of(const struct image *im, uint64_t pa)
{
	size_t i = (size_t)(pa * UINT64_C(0x9e3779b97f4a7c15) >> 20);

	for (;; i++) {
		uint32_t *bucket = &im->buckets[i & im->bucket_mask];

		if (!*bucket || im->places[*bucket - 1].pa == pa)
			return bucket;
	}
}

/* The place that holds [pa, pa + bytes); part of a first table may be used as a table, too. */
static struct image_place *find_place(const struct image *im, uint64_t pa, uint64_t bytes)
{
	uint32_t bucket = im->buckets ? *bucket_of(im, pa) : 0;
	unsigned i;

	if (bucket && im->places[bucket - 1].bytes >= bytes)
		return &im->places[bucket - 1];
	for (i = 0; i <= im->planning; i++) {
		struct image_place *root;

		if (im->roots[i] >= im->count)
			continue;
		root = &im->places[im->roots[i]];
		if (pa >= root->pa && bytes <= root->bytes && pa - root->pa <= root->bytes - bytes)
			return root;
	}
	return NULL;
}

static int grow_buckets(struct image *im)
{
	size_t count = im->buckets ? 2 * (im->bucket_mask + 1) : 256, i;

	if (im->buckets && 2 * im->count <= im->bucket_mask)
		return 0;
	free(im->buckets);
	im->buckets = calloc(count, sizeof(*im->buckets));
	if (!im->buckets)
		return -IOPT_ENOMEM;
	im->bucket_mask = count - 1;
	for (i = 0; i < im->count; i++)
		*bucket_of(im, im->places[i].pa) = (uint32_t)i + 1;
	return 0;
}

static int grow_places(struct image *im)
{
	size_t room = im->room ? 2 * im->room : 64;
	struct image_place *places;

	if (im->count < im->room)
		return 0;
	if (im->count >= UINT32_MAX / 2)
		return -IOPT_ENOMEM;
	places = realloc(im->places, room * sizeof(*places));
	if (!places)
		return -IOPT_ENOMEM;
	im->places = places;
	im->room = room;
	return 0;
}

/* Can a descriptor, or for the root a register, hold the address? */
static bool reaches(struct image *im, uint64_t to, bool root)
{
	const struct pgtable_format *f = format_of(im, im->planning);

	if (!root)
		return f->next_table(f->make_table(to)) == to;
	return !domain_move_root(&im->spaces[im->planning], to);
}

static uint64_t root_align(uint64_t bytes)
{
	return max_u64(bytes, IMAGE_ROOT_ALIGN);
}

static int add_place(struct image *im, struct image_place place, bool root)
{
	uint64_t align = root ? root_align(place.bytes) : place.bytes, end;
	int err = grow_places(im);

	if (!err)
		err = grow_buckets(im);
	if (err)
		return err;
	if (__builtin_add_overflow(im->base + im->size, align - 1, &end))
		return -IOPT_ERANGE;
	place.to = end & ~(align - 1);
	if (__builtin_add_overflow(place.to, place.bytes, &end) || !reaches(im, place.to, root))
		return -IOPT_ERANGE;
	im->size = end - im->base;
	im->places[im->count] = place;
	*bucket_of(im, place.pa) = (uint32_t)++im->count;
	return 0;
}

static int plan_table(void *arg, const struct iopt_table *table)
{
	struct image *im = arg;
	uint8_t level = (uint8_t)BIT(table->level - PGTABLE_LEVEL_MIN);
	struct image_place place = {table->pa, table->bytes, 0, level, (uint8_t)im->planning};
	struct image_place *there = find_place(im, table->pa, table->bytes);
	bool root = im->roots[im->planning] == SIZE_MAX;
	uint64_t to;

	if (!there || (root && there->to & (root_align(table->bytes) - 1))) {
		if (root)
			im->roots[im->planning] = im->count;
		return add_place(im, place, root);
	}
	to = there->to + (table->pa - there->pa);
	if (root)
		im->roots[im->planning] = (size_t)(there - im->places);
	there->levels |= level;
	return reaches(im, to, root) ? 0 : -IOPT_ERANGE;
}

static int plan_space(struct image *im, unsigned i)
{
	struct iopt_visitor visitor = IOPT_INIT(struct iopt_visitor);
	int err;

	visitor.last = UINT64_MAX;
	visitor.table = plan_table;
	visitor.arg = im;
	im->planning = i;
	im->roots[i] = SIZE_MAX;
	domain_describe(im->domain, i, &im->spaces[i]);
	err = iopt_domain_visit(im->domain, i, &visitor);
	return !err && im->roots[i] == SIZE_MAX ? -IOPT_EFAULT : err;
}

static int plan_failed(int err, struct iopt_error *error)
{
	switch (err) {
	case -IOPT_EFAULT:
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EFAULT,
				 "the first table is not in the memory");
	case -IOPT_ERANGE:
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ERANGE,
				 "the tables do not fit below the highest address that a "
				 "descriptor or register can hold");
	default:
		return error_set(error,
				 err == -IOPT_ENOMEM ? IOPT_FAILURE_LIMIT : IOPT_FAILURE_REQUEST,
				 -err, "%s", iopt_error_text(err));
	}
}

int image_plan(struct image *im, struct iopt_domain *domain, const uint64_t *base,
	       struct iopt_error *error)
{
	const struct pgtable *t = &domain->spaces[0];
	uint64_t align = root_align(table_bytes(t, t->start_level));
	unsigned i;
	int err = 0;

	*im = (struct image){.domain = domain, .base = base ? *base : t->root};
	if (im->base & (align - 1))
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "the base must be a multiple of %#llx, as the first table",
				 (unsigned long long)align);
	for (i = 0; !err && i < domain->space_count; i++)
		err = plan_space(im, i);
	return err ? plan_failed(err, error) : 0;
}

void image_free(struct image *im)
{
	free(im->places);
	free(im->buckets);
	im->places = NULL;
	im->buckets = NULL;
}

/* A word that is a table descriptor at any level at which its table is used points to the copy. */
static uint64_t rewrite(const struct image *im, const struct image_place *place, uint64_t desc,
			bool *linked)
{
	const struct pgtable_format *f = format_of(im, place->space);
	int level;

	for (level = PGTABLE_LEVEL_MIN; level <= PGTABLE_LEVEL_MAX; level++) {
		const struct image_place *below;
		uint64_t pa, to;

		if (!(place->levels & BIT(level - PGTABLE_LEVEL_MIN)) ||
		    f->kind(desc, level) != PGTABLE_TABLE)
			continue;
		pa = f->next_table(desc);
		below = find_place(im, pa, BIT(f->index_bits + f->desc_shift));
		if (!below)
			continue;
		to = below->to + (pa - below->pa);
		*linked = true;
		return desc ^ f->make_table(pa) ^ f->make_table(to);
	}
	return desc;
}

uint64_t image_word(const struct image *im, const struct image_place *place, uint64_t at,
		    bool *linked)
{
	const struct pgtable_format *f = format_of(im, place->space);
	struct iopt_memory *memory = im->domain->spaces[0].memory; /* nested: the view */
	const void *p = memory_read(memory, place->pa + at, BIT(f->desc_shift));
	/* What is absent reads as zero: nothing is mapped by it. */
	uint64_t desc = p ? descriptor_load(f, p) : 0;

	*linked = false;
	return desc ? rewrite(im, place, desc, linked) : 0;
}

static void emit_zeros(struct writer *w, uint64_t bytes)
{
	static const char zeros[256];

	while (bytes) {
		size_t part = (size_t)min_u64(bytes, sizeof(zeros));

		writer_bytes(w, zeros, part);
		bytes -= part;
	}
}

static void emit_place(const struct image *im, const struct image_place *place, struct writer *w)
{
	const struct pgtable_format *f = format_of(im, place->space);
	uint64_t word = BIT(f->desc_shift), at;
	bool linked;

	for (at = 0; at < place->bytes; at += word) {
		uint64_t desc = image_word(im, place, at, &linked);

		descriptor_store(f, writer_room(w, (size_t)word), desc);
		w->used += word;
	}
}

int image_emit(const struct image *im, const struct iopt_sink *sink)
{
	struct writer w;
	uint64_t at = im->base;
	size_t i;

	writer_init(&w, *sink);
	for (i = 0; i < im->count && !w.error; i++) {
		w.error = memory_poll(im->domain->memory, i, NULL, 0, 0);
		emit_zeros(&w, im->places[i].to - at);
		emit_place(im, &im->places[i], &w);
		at = im->places[i].to + im->places[i].bytes;
	}
	return writer_flush(&w);
}
