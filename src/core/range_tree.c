/* SPDX-License-Identifier: MIT */
#include "range_tree.h"

static int height(const struct range_node *n)
{
	return n ? n->height : 0;
}

static void measure(struct range_node *n)
{
	int a = height(n->child[0]), b = height(n->child[1]);

	n->height = 1 + (a > b ? a : b);
}

/* Where the tree points to n from. */
static struct range_node **place_of(struct range_tree *t, const struct range_node *n)
{
	return n->parent ? &n->parent->child[n->parent->child[1] == n] : &t->root;
}

/* 'by' (may be NULL), with all below it, comes where n is. */
static void replace(struct range_tree *t, const struct range_node *n, struct range_node *by)
{
	*place_of(t, n) = by;
	if (by)
		by->parent = n->parent;
}

static void set_child(struct range_node *n, int side, struct range_node *child)
{
	n->child[side] = child;
	if (child)
		child->parent = n;
}

/* n goes down to 'side', its child of the other side comes up in its place. */
static struct range_node *rotate(struct range_tree *t, struct range_node *n, int side)
{
	struct range_node *up = n->child[!side];

	replace(t, n, up);
	set_child(n, !side, up->child[side]);
	set_child(up, side, n);
	measure(n);
	measure(up);
	return up;
}

/* From n, below which a height has changed by one, upwards until a height is what it was. */
static void rebalance(struct range_tree *t, struct range_node *n)
{
	while (n) {
		int before = n->height, lean = height(n->child[1]) - height(n->child[0]);
		int tall = lean > 0;

		if (lean > 1 || lean < -1) {
			struct range_node *c = n->child[tall];

			if (height(c->child[!tall]) > height(c->child[tall]))
				rotate(t, c, tall);
			n = rotate(t, n, !tall);
		} else {
			measure(n);
		}
		if (n->height == before)
			return;
		n = n->parent;
	}
}

void range_tree_init(struct range_tree *t, struct range_node *top)
{
	*top = (struct range_node){.first = top->first, .last = top->last, .height = 1};
	t->root = top;
}

struct range_node *range_tree_from(const struct range_tree *t, uint64_t at)
{
	struct range_node *n = t->root, *found = NULL;

	while (n) {
		bool enough = n->last >= at;

		if (enough)
			found = n;
		n = n->child[!enough];
	}
	return found;
}

void range_tree_insert(struct range_tree *t, struct range_node *node, struct range_node *above)
{
	struct range_node *below = above->below;

	node->child[0] = node->child[1] = NULL;
	node->height = 1;
	node->above = above;
	node->below = below;
	above->below = node;
	if (below)
		below->above = node;
	/* Of two neighbours one is below the other in the tree, and has no child on this side. */
	if (below && !below->child[1])
		set_child(below, 1, node);
	else
		set_child(above, 0, node);
	rebalance(t, node->parent);
}

void range_tree_remove(struct range_tree *t, struct range_node *node)
{
	struct range_node *next = node->above, *changed = node->parent;

	/* There is always one above: what is removed is not the top. */
	next->below = node->below;
	if (node->below)
		node->below->above = next;
	if (!node->child[0] || !node->child[1]) {
		replace(t, node, node->child[!node->child[0]]);
	} else {
		/* The next higher is leftmost on the right side: it has no left child. */
		changed = next->parent == node ? next : next->parent;
		replace(t, next, next->child[1]);
		set_child(next, 0, node->child[0]);
		set_child(next, 1, node->child[1]);
		next->height = node->height;
		replace(t, node, next);
	}
	rebalance(t, changed);
}
