/* SPDX-License-Identifier: MIT */
#include "domain.h"

struct counting {
	const struct pgtable *t;
	struct iopt_stats *stats;
	uint64_t used; /* in the table that is looked at */
	bool any;      /* a table is being looked at */
};

/* The table before this one is complete. */
static void end_table(struct counting *c)
{
	c->stats->empty += c->any && !c->used;
	c->used = 0;
	c->any = false;
}

static int count_table(void *arg, const struct iopt_table *table)
{
	struct counting *c = arg;
	struct iopt_stats_level *l = &c->stats->levels[table->level - c->t->start_level];

	end_table(c);
	if (table->again) {
		c->stats->shared++;
		return 0;
	}
	c->any = true;
	l->tables++;
	l->bytes += table->bytes;
	l->slots += table->slots;
	c->stats->tables++;
	c->stats->bytes += table->bytes;
	return 0;
}

/* Where sizes are counted: there are no more than that in any format. */
static struct iopt_stats_size *size_row(struct iopt_stats *s, uint64_t size)
{
	unsigned i = 0;

	while (i < s->size_count && s->sizes[i].size < size)
		i++;
	if (i < s->size_count && s->sizes[i].size == size)
		return &s->sizes[i];
	assert(s->size_count < IOPT_STATS_SIZES);
	memmove(&s->sizes[i + 1], &s->sizes[i], (s->size_count - i) * sizeof(s->sizes[0]));
	s->size_count++;
	s->sizes[i] = (struct iopt_stats_size){.size = size};
	return &s->sizes[i];
}

/* Leaves with consecutive addresses: could they be joined, and is one block enough for all? */
static void count_savings(struct counting *c, const struct iopt_table *table,
			  const struct iopt_run *run)
{
	const struct pgtable_format *f = c->t->ops->format;
	const unsigned shift = block_shift(f, table->level);
	const unsigned join = contiguous_shift(f, table->level);
	const uint64_t oa = f->leaf_oa(run->desc, table->level), whole = table->slots << shift;
	const uint64_t end = run->first + run->count;
	uint64_t i = align_up(run->first, BIT(join));

	if (run->count > 1 && run->step != BIT(shift))
		return;
	if (run->count == table->slots && !(oa & (whole - 1)) && table->level > c->t->start_level &&
	    table->level - 1 >= f->first_leaf_level) {
		c->stats->block_tables++;
		c->stats->block_bytes += table->bytes;
	}
	if (!join || f->is_run(run->desc, table->level) || run->desc & f->contiguous)
		return;
	for (; i + BIT(join) <= end; i += BIT(join)) {
		if ((oa + ((i - run->first) << shift)) & (BIT(shift + join) - 1))
			return; /* nor are those after it */
		c->stats->joinable += BIT(join);
		c->stats->spared += BIT(join) - 1;
	}
}

static int count_run(void *arg, const struct iopt_table *table, const struct iopt_run *run)
{
	struct counting *c = arg;
	const struct pgtable_format *f = c->t->ops->format;
	const unsigned shift = block_shift(f, table->level);
	struct iopt_stats_size *row;

	if (run->type == IOPT_TYPE_INVALID || run->type == IOPT_TYPE_RESERVED)
		return 0;
	c->used += run->count;
	c->stats->levels[table->level - c->t->start_level].used += run->count;
	if (run->type == IOPT_TYPE_TABLE)
		return 0;
	row = size_row(c->stats,
		       BIT(shift + (f->is_run(run->desc, table->level) ? f->run_shift : 0)));
	row->leaves += run->count;
	row->bytes += run->count << shift;
	c->stats->leaves += run->count;
	c->stats->mapped += run->count << shift;
	count_savings(c, table, run);
	return 0;
}

int iopt_domain_stats(struct iopt_domain *d, unsigned space, struct iopt_stats *stats)
{
	struct iopt_visitor visitor = IOPT_INIT(struct iopt_visitor);
	struct counting c = {.stats = stats};
	int ret;

	if (stats->struct_size < sizeof(*stats))
		return -IOPT_EINVAL;
	if (space >= d->space_count)
		return -IOPT_ENOENT;
	*stats = IOPT_INIT(struct iopt_stats);
	c.t = &d->spaces[space];
	stats->level_count = (unsigned)(c.t->ops->format->last_level - c.t->start_level) + 1;
	for (unsigned i = 0; i < stats->level_count; i++)
		stats->levels[i].level = c.t->start_level + (int)i;
	visitor.table = count_table;
	visitor.run = count_run;
	visitor.arg = &c;
	ret = iopt_domain_visit(d, space, &visitor);
	end_table(&c);
	return ret;
}
