/* SPDX-License-Identifier: MIT */
#include "seen.h"

#include <stdlib.h>
#include <sys/random.h>

#include "iopt.h"

enum { SEEN_ROOM_MIN = 256 };

/* Inherited bits are in the highest or the lowest of a descriptor; never 0. */
static uint64_t seen_key(int level, uint64_t inherited)
{
	return inherited | (uint64_t)(level + 2) << 40;
}

static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 32) * UINT64_C(0xd6e8feb86659fd93);
	x = (x ^ x >> 32) * UINT64_C(0xd6e8feb86659fd93);
	return x ^ x >> 32;
}

static uint64_t seen_hash(const struct seen *s, uint64_t table, uint64_t key)
{
	return mix(mix(table ^ s->seed) + key);
}

static struct seen_entry *seen_slot(const struct seen *s, uint64_t table, uint64_t key)
{
	uint64_t i = seen_hash(s, table, key);

	for (;; i++) {
		struct seen_entry *e = &s->entries[i & (s->room - 1)];

		if (!e->key || (e->table == table && e->key == key))
			return e;
	}
}

static int seen_grow(struct seen *s)
{
	struct seen big = {
		.room = s->room ? s->room * 2 : SEEN_ROOM_MIN,
		.count = s->count,
		.seed = s->seed,
	};

	if (!big.seed && getrandom(&big.seed, sizeof(big.seed), GRND_NONBLOCK) < 0)
		big.seed = (uintptr_t)s;
	big.entries = calloc(big.room, sizeof(*big.entries));
	if (!big.entries)
		return -IOPT_ENOMEM;
	for (uint64_t i = 0; i < s->room; i++) {
		const struct seen_entry *e = &s->entries[i];

		if (e->key)
			*seen_slot(&big, e->table, e->key) = *e;
	}
	free(s->entries);
	*s = big;
	return 0;
}

struct seen_entry *seen_find(struct seen *s, uint64_t table, int level, uint64_t inherited,
			     bool *added)
{
	uint64_t key = seen_key(level, inherited);
	struct seen_entry *e;

	if (s->count * 2 >= s->room && seen_grow(s))
		return NULL;
	e = seen_slot(s, table, key);
	*added = !e->key;
	if (*added) {
		*e = (struct seen_entry){.table = table, .key = key};
		s->count++;
	}
	return e;
}

struct seen_entry *seen_get(const struct seen *s, uint64_t table)
{
	struct seen_entry *e = s->room ? seen_slot(s, table, seen_key(0, 0)) : NULL;

	return e && e->key ? e : NULL;
}

int seen_add(struct seen *s, uint64_t table, int level, uint64_t inherited)
{
	bool added;

	return seen_find(s, table, level, inherited, &added) ? added : -IOPT_ENOMEM;
}

void seen_destroy(struct seen *s)
{
	free(s->entries);
	*s = (struct seen){0};
}
