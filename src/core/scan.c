/* SPDX-License-Identifier: MIT */
/*
 * First tables by their bytes alone.  What leads only to tables that are there, down to leaves that
 * look like leaves, is hardly anything else; what a better one leads to is only a part of it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "pgtable.h"
#include "pgtable_rows.h"

enum {
	KINDS_MAX = 32,	       /* of leaves' attributes: real tables have few */
	QUEUE_MAX = 4096,      /* tables of one level that are followed */
	LAST_MAX = 256,	       /* of the last level: enough of a sample */
	SLOTS_BAD_MAX = 64,    /* a table with more than that is none */
	CANDIDATES_MAX = 4096, /* kept before parts of others are left out */
	MOST_MAX = 256,
	FLAT_MIN = 1024, /* leaves of a first table that leads to no other */
	ASK_PAGES = 4096,
};

#define LPAE_AF	       BIT(10)
#define LPAE_SH	       BITS(9, 8)
#define LPAE_SPARE     BITS(11, 2) /* of a table: not looked at, and so hardly ever set */
#define LPAE_HIGH      BITS(50, 48)
#define V7S_TABLE_ZERO BIT(9) /* bit 4 should be, but Linux sets it */

/* What a page may be the first table of. */
static const struct hypothesis {
	const struct pgtable_ops *ops;
	enum iopt_format format;
	int start_level;
	uint64_t slots;
} hypotheses[] = {
	{&pgtable_a64_4k, IOPT_ARM_64_LPAE_S1, 0, 512},
	{&pgtable_a64_4k, IOPT_ARM_64_LPAE_S1, 1, 512},
	{&pgtable_a64_4k, IOPT_ARM_64_LPAE_S1, 2, 512},
	{&pgtable_a64_16k, IOPT_ARM_64_LPAE_S1, 1, 2048},
	{&pgtable_a64_16k, IOPT_ARM_64_LPAE_S1, 2, 2048},
	{&pgtable_a64_64k, IOPT_ARM_64_LPAE_S1, 1, 64},
	{&pgtable_a64_64k, IOPT_ARM_64_LPAE_S1, 2, 8192},
	{&pgtable_v7s, IOPT_ARM_V7S, 1, 4096},
};

/* What was met below a page. */
struct tally {
	uint64_t good, bad, tables, leaves;
	uint64_t kinds[KINDS_MAX];
	unsigned kind_count;
	int deepest;
};

struct candidate {
	const struct hypothesis *h;
	uint64_t pa, tables, leaves, good, bad;
	unsigned kinds, score;
	int deepest;
};

struct scan {
	struct iopt_memory *memory;
	struct candidate *list;
	size_t count;
	struct seen reached; /* tables below candidates: iova is the best score that leads there */
	uint64_t queue[2][QUEUE_MAX];
	size_t queued[2];
};

/* ---- one table ---- */

/* Linux and others use few combinations; bytes that are no table have as many as leaves. */
static bool is_known_kind(struct tally *t, uint64_t attrs)
{
	for (unsigned i = 0; i < t->kind_count; i++)
		if (t->kinds[i] == attrs)
			return true;
	if (t->kind_count == KINDS_MAX)
		return false;
	t->kinds[t->kind_count++] = attrs;
	return true;
}

static bool is_good_leaf(const struct pgtable_format *f, struct tally *t, uint64_t desc, int level)
{
	const uint64_t loose = low_bits(block_shift(f, level)) & ~BIT(16); /* nT */

	if (level < f->first_leaf_level)
		return false;
	if (f->desc_shift == 3 && (!(desc & LPAE_AF) || field_get(desc, LPAE_SH) == 1 ||
				   desc & LPAE_HIGH || f->leaf_oa(desc, level) & loose))
		return false;
	return is_known_kind(t, f->leaf_attrs(desc, level));
}

static bool is_good_table(const struct pgtable_format *f, struct iopt_memory *m, uint64_t desc)
{
	uint64_t bytes, next = f->next_table(desc);

	if (f->desc_shift == 3 ? desc & (LPAE_SPARE | LPAE_HIGH) : desc & V7S_TABLE_ZERO)
		return false;
	return memory_span(m, next, &bytes) != NULL;
}

/* The table's slots; those that lead to tables go into 'below' (may be NULL). */
static void tally_table(struct scan *s, const struct pgtable_format *f, uint64_t table,
			uint64_t slots, int level, struct tally *t, unsigned below)
{
	const struct pgtable at = {.ops = &(struct pgtable_ops){.format = f}, .memory = s->memory};
	const uint64_t bad = t->bad;
	uint64_t desc;

	for (uint64_t i = 0; i < slots && t->bad < bad + SLOTS_BAD_MAX; i++) {
		enum pgtable_kind kind;

		if (!pgtable_slot(&at, table, i, &desc)) {
			t->bad++;
			continue;
		}
		kind = f->kind(desc, level);
		if (!desc || (kind == PGTABLE_INVALID && level == f->last_level &&
			      f->type(desc, level) == IOPT_TYPE_INVALID))
			continue; /* of the last level: what is swapped out */
		if (kind == PGTABLE_LEAF && is_good_leaf(f, t, desc, level)) {
			t->good++;
			t->leaves++;
		} else if (kind == PGTABLE_TABLE && is_good_table(f, s->memory, desc)) {
			t->good++;
			if (s->queued[below] < (level + 1 == f->last_level ? LAST_MAX : QUEUE_MAX))
				s->queue[below][s->queued[below]++] = f->next_table(desc);
		} else {
			t->bad++;
		}
	}
	t->tables++;
	t->deepest = level;
}

static bool is_plausible(const struct tally *t)
{
	return t->good && t->bad * 8 <= t->good;
}

/* ---- one page ---- */

static unsigned score_of(const struct tally *t)
{
	const uint64_t share = 50 * t->good / (t->good + t->bad);
	const unsigned tables = 5 * log2_up(t->tables), leaves = 3 * log2_up(t->leaves);

	return (unsigned)share + (tables < 25 ? tables : 25) + (leaves < 25 ? leaves : 25);
}

/* The tables of a level are parts of this candidate. */
static int mark_reached(struct scan *s, unsigned queue, unsigned score)
{
	for (size_t i = 0; i < s->queued[queue]; i++) {
		bool added;
		struct seen_entry *e = seen_find(&s->reached, s->queue[queue][i], 0, 0, &added);

		if (!e)
			return -IOPT_ENOMEM;
		e->iova = max_u64(e->iova, score);
	}
	return 0;
}

/* Level by level, so that a sample of each is seen.  1: it is a candidate. */
static int follow(struct scan *s, const struct hypothesis *h, uint64_t pa, struct tally *t)
{
	const struct pgtable_format *f = h->ops->format;
	unsigned now = 0;

	*t = (struct tally){0};
	s->queued[0] = 0;
	tally_table(s, f, pa, h->slots, h->start_level, t, 0);
	if (!is_plausible(t))
		return 0;
	for (int level = h->start_level + 1; level <= f->last_level && s->queued[now];
	     level++, now = !now) {
		s->queued[!now] = 0;
		for (size_t i = 0; i < s->queued[now]; i++)
			tally_table(s, f, s->queue[now][i], BIT(f->index_bits), level, t, !now);
		if (!is_plausible(t))
			return 0;
	}
	/* leaves alone are found in any data, unless they are very many */
	return t->leaves && (t->tables > 1 || t->leaves >= FLAT_MIN);
}

/* Once more, to mark what the candidate leads to: its score is known now. */
static int mark_parts(struct scan *s, const struct hypothesis *h, uint64_t pa, unsigned score)
{
	const struct pgtable_format *f = h->ops->format;
	struct tally t = {0};
	unsigned now = 0;
	int ret;

	s->queued[0] = 0;
	tally_table(s, f, pa, h->slots, h->start_level, &t, 0);
	ret = mark_reached(s, 0, score);
	for (int level = h->start_level + 1; !ret && level < f->last_level && s->queued[now];
	     level++, now = !now) {
		s->queued[!now] = 0;
		for (size_t i = 0; i < s->queued[now]; i++)
			tally_table(s, f, s->queue[now][i], BIT(f->index_bits), level, &t, !now);
		ret = mark_reached(s, !now, score);
	}
	return ret;
}

static int compare_candidates(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	if (x->pa != y->pa)
		return x->pa < y->pa ? -1 : 1;
	return x->h->start_level - y->h->start_level;
}

/* When the list is full its worse half makes room. */
static void make_room(struct scan *s)
{
	if (s->count < CANDIDATES_MAX)
		return;
	qsort(s->list, s->count, sizeof(*s->list), compare_candidates);
	s->count = CANDIDATES_MAX / 2;
}

static int try_page(struct scan *s, const struct hypothesis *h, uint64_t pa)
{
	struct tally t;
	struct candidate c = {.h = h, .pa = pa};

	if (!follow(s, h, pa, &t))
		return 0;
	c.tables = t.tables;
	c.leaves = t.leaves;
	c.good = t.good;
	c.bad = t.bad;
	c.kinds = t.kind_count;
	c.deepest = t.deepest;
	c.score = score_of(&t);
	make_room(s);
	s->list[s->count++] = c;
	return mark_parts(s, h, pa, c.score);
}

static uint64_t root_align(const struct hypothesis *h)
{
	return h->format == IOPT_ARM_V7S ? h->slots << h->ops->format->desc_shift
					 : BIT(h->ops->format->granule_shift);
}

static int try_all(struct scan *s, uint64_t pa)
{
	int ret = 0;

	for (size_t i = 0; i < ARRAY_SIZE(hypotheses) && !ret; i++)
		if (!(pa & (root_align(&hypotheses[i]) - 1)))
			ret = try_page(s, &hypotheses[i], pa);
	return ret;
}

/* ---- the memory ---- */

/* Pages of [first, last] that hold anything; blank stretches are passed over. */
static int scan_stretch(struct scan *s, uint64_t first, uint64_t last,
			int (*fn)(void *arg, const struct iopt_root *root), void *arg)
{
	enum { PAGE = 4096 };
	uint64_t pages = 0;
	int ret = 0;

	for (uint64_t pa = align_up(first, PAGE); !ret && pa >= first && pa <= last; pa += PAGE) {
		const uint64_t *words = memory_find(s->memory, pa, PAGE);
		uint64_t any = 0;

		for (unsigned i = 0; words && i < PAGE / sizeof(*words); i++)
			any |= words[i];
		if (any)
			ret = try_all(s, pa);
		if (!ret && ++pages % ASK_PAGES == 0)
			ret = fn(arg, NULL);
		if (pa > UINT64_MAX - PAGE)
			break;
	}
	return ret;
}

static int scan_memory(struct scan *s, uint64_t first, uint64_t last,
		       int (*fn)(void *arg, const struct iopt_root *root), void *arg)
{
	uint64_t stretch_last;
	bool blank;
	int ret = 0;

	while (!ret && !iopt_memory_next(s->memory, &first, last, &stretch_last, &blank)) {
		if (!blank)
			ret = scan_stretch(s, first, stretch_last, fn, arg);
		first = stretch_last + 1;
		if (!first || first > last)
			break;
	}
	return ret;
}

/* ---- telling ---- */

static void describe(const struct candidate *c, struct iopt_root *r)
{
	static const unsigned lines = IOPT_SCAN_REASONS;
	const size_t room = sizeof(r->reasons[0]);

	*r = IOPT_INIT(struct iopt_root);
	r->pa = c->pa;
	r->format = c->h->format;
	r->granule = BIT(c->h->ops->format->granule_shift);
	r->start_level = c->h->start_level;
	r->score = c->score;
	snprintf(r->reasons[0], room, "%llu of %llu entries make sense",
		 (unsigned long long)c->good, (unsigned long long)(c->good + c->bad));
	snprintf(r->reasons[1], room, "%llu tables, down to level %d",
		 (unsigned long long)c->tables, c->deepest);
	snprintf(r->reasons[2], room, "%llu leaves of %u kinds", (unsigned long long)c->leaves,
		 c->kinds);
	snprintf(r->reasons[3], room, "no better table leads to it");
	r->reason_count = lines;
}

static bool is_part(const struct scan *s, const struct candidate *c)
{
	const struct seen_entry *e = seen_get(&s->reached, c->pa);

	return e && e->iova >= c->score;
}

/* A page is one first table, as which it is likeliest. */
static bool is_told(const struct scan *s, size_t count, uint64_t pa)
{
	for (size_t i = 0; i < count; i++)
		if (s->list[i].pa == pa)
			return true;
	return false;
}

static int tell(struct scan *s, unsigned most, int (*fn)(void *arg, const struct iopt_root *root),
		void *arg)
{
	struct iopt_root root;
	size_t told = 0;
	int ret = 0;

	if (s->count)
		qsort(s->list, s->count, sizeof(*s->list), compare_candidates);
	for (size_t i = 0; i < s->count && told < most && !ret; i++) {
		if (is_part(s, &s->list[i]) || is_told(s, told, s->list[i].pa))
			continue;
		describe(&s->list[i], &root);
		s->list[told++] = s->list[i];
		ret = fn(arg, &root);
	}
	return ret;
}

int iopt_scan(struct iopt_memory *memory, uint64_t first, uint64_t last, unsigned most,
	      int (*fn)(void *arg, const struct iopt_root *root), void *arg)
{
	struct scan *s = calloc(1, sizeof(*s));
	int ret = -IOPT_ENOMEM;

	if (s)
		s->list = calloc(CANDIDATES_MAX, sizeof(*s->list));
	if (!most || most > MOST_MAX || first > last) {
		ret = -IOPT_EINVAL;
	} else if (s && s->list) {
		s->memory = memory;
		ret = scan_memory(s, first, last, fn, arg);
		if (!ret)
			ret = tell(s, most, fn, arg);
	}
	if (s) {
		seen_destroy(&s->reached);
		free(s->list);
	}
	free(s);
	return ret;
}
