/* SPDX-License-Identifier: MIT */
#include "span_tree.h"

static void span_update(struct span *s)
{
	s->highest = s->range.last;
	if (s->left)
		s->highest = max_u64(s->highest, s->left->highest);
	if (s->right)
		s->highest = max_u64(s->highest, s->right->highest);
}

/* Equal ranges are told apart by where the nodes are. */
static bool span_before(const struct span *a, const struct span *b)
{
	if (a->range.first != b->range.first)
		return a->range.first < b->range.first;
	return (uintptr_t)a < (uintptr_t)b;
}

/* What is before 'at', and the rest.  Depth is logarithmic, whatever is asked for. */
static void span_split(struct span *s, const struct span *at, struct span **before,
		       struct span **after)
{
	if (!s) {
		*before = *after = NULL;
	} else if (span_before(s, at)) {
		*before = s;
		span_split(s->right, at, &s->right, after);
		span_update(s);
	} else {
		*after = s;
		span_split(s->left, at, before, &s->left);
		span_update(s);
	}
}

static struct span *span_join(struct span *before, struct span *after)
{
	if (!before || !after)
		return before ? before : after;
	if (before->priority > after->priority) {
		before->right = span_join(before->right, after);
		span_update(before);
		return before;
	}
	after->left = span_join(before, after->left);
	span_update(after);
	return after;
}

/* A xorshift step. */
static uint32_t next_priority(struct span_tree *tree)
{
	uint32_t x = tree->seed ? tree->seed : 1;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return tree->seed = x;
}

static struct span *insert_below(struct span *at, struct span *s)
{
	if (!at || at->priority < s->priority) {
		span_split(at, s, &s->left, &s->right);
		at = s;
	} else if (span_before(s, at)) {
		at->left = insert_below(at->left, s);
	} else {
		at->right = insert_below(at->right, s);
	}
	span_update(at);
	return at;
}

void span_insert(struct span_tree *tree, struct span *s)
{
	s->left = s->right = NULL;
	s->priority = next_priority(tree);
	tree->root = insert_below(tree->root, s);
}

static struct span *remove_below(struct span *at, struct span *s)
{
	if (at == s)
		return span_join(s->left, s->right);
	if (span_before(s, at))
		at->left = remove_below(at->left, s);
	else
		at->right = remove_below(at->right, s);
	span_update(at);
	return at;
}

void span_remove(struct span_tree *tree, struct span *s)
{
	tree->root = remove_below(tree->root, s);
}

static int overlap_below(struct span *s, struct range range,
			 int (*fn)(void *arg, struct span *span), void *arg)
{
	int ret;

	if (!s || s->highest < range.first)
		return 0;
	ret = overlap_below(s->left, range, fn, arg);
	if (!ret && ranges_overlap(s->range, range))
		ret = fn(arg, s);
	if (!ret && s->range.first <= range.last)
		ret = overlap_below(s->right, range, fn, arg);
	return ret;
}

int span_overlap(const struct span_tree *tree, struct range range,
		 int (*fn)(void *arg, struct span *span), void *arg)
{
	return overlap_below(tree->root, range, fn, arg);
}
