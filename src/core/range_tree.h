/* SPDX-License-Identifier: MIT */
/*
 * Disjoint ranges of numbers in rising order: a balanced tree (AVL) to find one, and a list through
 * the same nodes to step to its neighbours.  The nodes are the caller's and stay where they are, so
 * that a pointer to one is good until it is removed.  Finding is O(log n), a step O(1); inserting
 * beside a known neighbour needs no search and on average moves O(1) nodes.
 */
#ifndef IOPT_RANGE_TREE_H
#define IOPT_RANGE_TREE_H

#include "base.h"

struct range_node {
	/* What finding reads comes first, for the processor's cache. */
	uint64_t last;
	struct range_node *child[2];
	uint64_t first;			  /* both edges may be moved while the order stays */
	struct range_node *below, *above; /* neighbours; NULL at the ends */
	struct range_node *parent;
	int height;
};

struct range_tree {
	struct range_node *root;
};

/* A tree of one range; 'top' is never removed and nothing is inserted above it. */
void range_tree_init(struct range_tree *t, struct range_node *top);

/* The lowest range that ends at 'at' or above; NULL: none. */
struct range_node *range_tree_from(const struct range_tree *t, uint64_t at);

/* 'node', with its edges set, fits between 'above' and the range below that. */
void range_tree_insert(struct range_tree *t, struct range_node *node, struct range_node *above);
void range_tree_remove(struct range_tree *t, struct range_node *node);

#endif
