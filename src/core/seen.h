/* SPDX-License-Identifier: MIT */
/* A set of tables that a walk has entered, so that a shared or self-referencing one is met once. */
#ifndef IOPT_SEEN_H
#define IOPT_SEEN_H

#include "base.h"

struct seen_entry {
	uint64_t table, key; /* key: level and inherited bits, never 0 */
	uint64_t iova;
};

struct seen {
	struct seen_entry *entries;
	uint64_t room, count; /* room: a power of two, or 0 */
	uint64_t seed;	      /* nobody can choose tables that collide */
};

/* The entry of (table, level, inherited), added if it is new, then with 'iova' 0; NULL: ENOMEM. */
struct seen_entry *seen_find(struct seen *s, uint64_t table, int level, uint64_t inherited,
			     bool *added);
/* The entry of (table, 0, 0); NULL: not there. */
struct seen_entry *seen_get(const struct seen *s, uint64_t table);
/* 1: added, 0: was there, -IOPT_ENOMEM. */
int seen_add(struct seen *s, uint64_t table, int level, uint64_t inherited);
void seen_destroy(struct seen *s);

#endif
