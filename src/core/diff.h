/* SPDX-License-Identifier: MIT */
/* diff's inside: changes joined and told; two ways to find them. */
#ifndef IOPT_DIFF_H
#define IOPT_DIFF_H

#include "domain.h"

/* Tables that point to each other have more slots than anybody can read. */
#define DIFF_SLOTS_MAX BIT(28)

struct diff {
	struct iopt_domain *domains[2];
	unsigned space;
	int (*fn)(void *arg, const struct iopt_change *change);
	void *arg;
	struct iopt_change pending; /* struct_size 0: none */
};

/* Fills in attributes, what differs and why that needs a break; false: nothing does. */
bool diff_judge(const struct diff *d, struct iopt_change *c);
/* One more change, which may go on with the last one. */
int diff_add(struct diff *d, struct iopt_change *c);
int diff_flush(struct diff *d);

/* Of one half, of both domains: mapping by mapping; table by table (diff_tables.c). */
int diff_mappings(struct diff *d);
int diff_tables(struct diff *d);

#endif
