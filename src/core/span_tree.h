/* SPDX-License-Identifier: MIT */
/*
 * Ranges of numbers that may overlap, by their first: a treap in which each node knows the highest
 * last below it.  Nodes are the caller's.  All but span_overlap()'s results are O(log n).
 */
#ifndef IOPT_SPAN_TREE_H
#define IOPT_SPAN_TREE_H

#include "base.h"

struct span {
	struct range range;
	struct span *left, *right;
	uint64_t highest; /* last of all below it, itself included */
	uint32_t priority;
	void *owner;
};

struct span_tree {
	struct span *root;
	uint32_t seed; /* of priorities: the tree's shape is the same in every run */
};

/* 'range' and 'owner' are set. */
void span_insert(struct span_tree *tree, struct span *span);
void span_remove(struct span_tree *tree, struct span *span);

/*
 * Every span that shares a number with 'range', by rising first; what is not 0 from 'fn', which
 * must leave the tree alone, ends it and is returned.
 */
int span_overlap(const struct span_tree *tree, struct range range,
		 int (*fn)(void *arg, struct span *span), void *arg);

#endif
