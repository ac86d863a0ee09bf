/* SPDX-License-Identifier: MIT */
#include "iova_cache.h"

#include <stdlib.h>

int iova_cache_init(struct iova_cache *c, unsigned depot_max)
{
	size_t i;

	*c = (struct iova_cache){.depot_max = depot_max};
	for (i = 0; i < IOPT_IOVA_CLASSES; i++) {
		struct iova_class *k = &c->classes[i];

		k->loaded = calloc(1, sizeof(*k->loaded));
		k->prev = calloc(1, sizeof(*k->prev));
		if (!k->loaded || !k->prev)
			return -IOPT_ENOMEM;
	}
	return 0;
}

static void free_depot(struct iova_class *k)
{
	while (k->depot_count)
		free(k->depot[--k->depot_count]);
}

void iova_cache_destroy(struct iova_cache *c)
{
	size_t i;

	for (i = 0; i < IOPT_IOVA_CLASSES; i++) {
		struct iova_class *k = &c->classes[i];

		free_depot(k);
		free(k->depot);
		free(k->loaded);
		free(k->prev);
	}
}

static struct iova_class *class_of(struct iova_cache *c, uint64_t size)
{
	unsigned order = log2_up(size);

	return order < IOPT_IOVA_CLASSES ? &c->classes[order] : NULL;
}

static void swap_magazines(struct iova_class *k)
{
	struct iova_magazine *m = k->loaded;

	k->loaded = k->prev;
	k->prev = m;
}

/* Puts a magazine that is not empty in the place of the loaded one, if there is any. */
static bool reload(struct iova_class *k)
{
	if (k->loaded->count)
		return true;
	if (k->prev->count) {
		swap_magazines(k);
		return true;
	}
	if (!k->depot_count)
		return false;
	free(k->loaded);
	k->loaded = k->depot[--k->depot_count];
	return true;
}

uint64_t iova_cache_get(struct iova_cache *c, uint64_t size, uint64_t end)
{
	struct iova_class *k = class_of(c, size);
	struct iova_magazine *m;
	uint64_t pfn;
	size_t i;

	if (!k || !reload(k))
		return 0;
	m = k->loaded;
	for (i = m->count; m->pfns[i - 1] > end - size; i--)
		if (i == 1)
			return 0;
	pfn = m->pfns[i - 1];
	m->pfns[i - 1] = m->pfns[--m->count];
	return pfn;
}

static void drain_magazine(struct iova_magazine *m, struct iova_cache_drain drain)
{
	size_t i;

	for (i = 0; i < m->count; i++)
		drain.put(drain.arg, m->pfns[i]);
	m->count = 0;
}

static bool depot_has_room(struct iova_class *k)
{
	size_t room = k->depot_room ? 2 * k->depot_room : 8;
	struct iova_magazine **depot;

	if (k->depot_count < k->depot_room)
		return true;
	depot = realloc(k->depot, room * sizeof(struct iova_magazine *));
	if (!depot)
		return false;
	k->depot = depot;
	k->depot_room = room;
	return true;
}

/* Both magazines are full: an empty one becomes the loaded one; the old one in *overflow. */
static bool store_in_depot(struct iova_cache *c, struct iova_class *k,
			   struct iova_magazine **overflow)
{
	bool full = k->depot_count >= c->depot_max;
	struct iova_magazine *fresh = calloc(1, sizeof(*fresh));

	if (!fresh || (!full && !depot_has_room(k))) {
		free(fresh);
		return false;
	}
	if (full)
		*overflow = k->loaded;
	else
		k->depot[k->depot_count++] = k->loaded;
	k->loaded = fresh;
	return true;
}

bool iova_cache_put(struct iova_cache *c, uint64_t pfn, uint64_t size,
		    struct iova_cache_drain drain)
{
	struct iova_class *k = class_of(c, size);
	struct iova_magazine *overflow = NULL;

	if (!k)
		return false;
	if (k->loaded->count == IOVA_MAGAZINE_PFNS) {
		if (k->prev->count < IOVA_MAGAZINE_PFNS)
			swap_magazines(k);
		else if (!store_in_depot(c, k, &overflow))
			return false;
	}
	k->loaded->pfns[k->loaded->count++] = pfn;
	if (overflow)
		drain_magazine(overflow, drain);
	free(overflow);
	return true;
}

void iova_cache_flush(struct iova_cache *c, struct iova_cache_drain drain)
{
	size_t i, n;

	/* Which range leaves the tree first can matter, so this is Linux's order. */
	for (i = 0; i < IOPT_IOVA_CLASSES; i++) {
		drain_magazine(c->classes[i].loaded, drain);
		drain_magazine(c->classes[i].prev, drain);
	}
	for (i = 0; i < IOPT_IOVA_CLASSES; i++) {
		struct iova_class *k = &c->classes[i];

		for (n = 0; n < k->depot_count; n++)
			drain_magazine(k->depot[n], drain);
		free_depot(k);
	}
}

bool iova_cache_peek(const struct iova_cache *c, unsigned class_index, size_t i, uint64_t *pfn)
{
	const struct iova_class *k = &c->classes[class_index];
	const struct iova_magazine *m = k->loaded;
	size_t next = 0;

	while (i >= m->count) {
		i -= m->count;
		if (next > k->depot_count)
			return false;
		m = next ? k->depot[k->depot_count - next] : k->prev;
		next++;
	}
	*pfn = m->pfns[m->count - 1 - i];
	return true;
}
