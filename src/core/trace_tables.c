/* SPDX-License-Identifier: MIT */
/*
 * What a call wrote into the tables: a picture of those that its range touches, before and after.
 * The engine knows nothing of it, and nothing of it is done when nobody asks.
 */
#include "trace_tables.h"

#include <stdio.h>
#include <stdlib.h>

#include "trace.h"

static int compare_tables(const void *a, const void *b)
{
	const struct picture_table *x = a, *y = b;

	return (x->pa > y->pa) - (x->pa < y->pa);
}

static int compare_entries(const void *a, const void *b)
{
	const struct picture_entry *x = a, *y = b;

	if (x->table != y->table)
		return x->table < y->table ? -1 : 1;
	return (x->index > y->index) - (x->index < y->index);
}

/* ---- to take one ---- */

/* Room for one more of 'bytes' behind 'count'; NULL: out of memory. */
static void *grow(void *items, size_t count, size_t bytes)
{
	/* at each power of two */
	return count & (count - 1) ? items : realloc(items, (count ? 2 * count : 1) * bytes);
}

static int add_table(void *arg, const struct iopt_table *table)
{
	struct picture *p = arg;
	struct picture_table *tables;

	if (table->again)
		return 0;
	tables = grow(p->tables, p->table_count, sizeof(*tables));
	if (!tables)
		return -IOPT_ENOMEM;
	p->tables = tables;
	tables[p->table_count++] = (struct picture_table){table->pa, table->iova, table->level};
	return 0;
}

static int add_entry(void *arg, const struct iopt_table *table, const struct iopt_run *run)
{
	struct picture *p = arg;
	struct picture_entry *entries = grow(p->entries, p->entry_count, sizeof(*entries));

	if (!entries)
		return -IOPT_ENOMEM;
	p->entries = entries;
	entries[p->entry_count++] = (struct picture_entry){table->pa, run->first, run->desc};
	return 0;
}

void picture_take(struct picture *p, struct iopt_domain *d, struct range range)
{
	struct iopt_visitor visitor = IOPT_INIT(struct iopt_visitor);
	const unsigned space = d->space_count > 1 && range.first >= d->split;

	*p = (struct picture){0};
	visitor.first = range.first;
	visitor.last = range.last;
	visitor.expand = true;
	visitor.table = add_table;
	visitor.run = add_entry;
	visitor.arg = p;
	p->failed = iopt_domain_visit(d, space, &visitor) != 0;
	if (p->table_count)
		qsort(p->tables, p->table_count, sizeof(*p->tables), compare_tables);
	if (p->entry_count)
		qsort(p->entries, p->entry_count, sizeof(*p->entries), compare_entries);
}

void picture_destroy(struct picture *p)
{
	free(p->tables);
	free(p->entries);
}

static const struct picture_table *table_of(const struct picture *p, uint64_t pa)
{
	const struct picture_table key = {.pa = pa};

	return p->table_count
		       ? bsearch(&key, p->tables, p->table_count, sizeof(key), compare_tables)
		       : NULL;
}

/* ---- to compare two ---- */

/* Entries [index, index + count) of one table; each old and new one is a step above the last. */
struct change {
	const struct picture_table *table;
	uint64_t index, count;
	uint64_t old, old_step, new, new_step;
};

static void put_side(char *to, size_t room, uint64_t desc, uint64_t step)
{
	if (step)
		snprintf(to, room, "0x%llx (0x%llx more each)", (unsigned long long)desc,
			 (unsigned long long)step);
	else
		snprintf(to, room, "0x%llx", (unsigned long long)desc);
}

static void tell(struct iopt_memory *m, const struct change *c)
{
	char level[8], entries[64], old[64], new[64], text[256];

	if (!c->count)
		return;
	snprintf(level, sizeof(level), "%d", c->table->level);
	if (c->count == 1)
		snprintf(entries, sizeof(entries), "entry 0x%llx", (unsigned long long)c->index);
	else
		snprintf(entries, sizeof(entries), "entries 0x%llx to 0x%llx",
			 (unsigned long long)c->index,
			 (unsigned long long)(c->index + c->count - 1));
	put_side(old, sizeof(old), c->old, c->old_step);
	put_side(new, sizeof(new), c->new, c->new_step);
	snprintf(text, sizeof(text), "table 0x%llx, level %s: %s: %s -> %s",
		 (unsigned long long)c->table->pa, level, entries, old, new);
	trace_write(m, text, trace_number("table", c->table->pa), trace_text("level", level),
		    trace_number("index", c->index), trace_number("count", c->count),
		    trace_number("old", c->old), trace_number("old_step", c->old_step),
		    trace_number("new", c->new), trace_number("new_step", c->new_step));
}

/* As leaves follow each other; others stand alone. */
static bool is_step(uint64_t step)
{
	return !(step & (step - 1));
}

/* One more changed entry: goes on with what is pending, or takes its place. */
static void add_change(struct iopt_memory *m, struct change *c, const struct picture_table *table,
		       uint64_t index, uint64_t old, uint64_t new)
{
	if (c->count && c->table == table && index == c->index + c->count) {
		const uint64_t old_step = (old - c->old) / c->count;
		const uint64_t new_step = (new - c->new) / c->count;

		if (c->count == 1 && is_step(old_step) && is_step(new_step)) {
			c->old_step = old_step;
			c->new_step = new_step;
		}
		if (old == c->old + c->count * c->old_step &&
		    new == c->new + c->count * c->new_step) {
			c->count++;
			return;
		}
	}
	tell(m, c);
	*c = (struct change){table, index, 1, old, 0, new, 0};
}

static void tell_tables(struct iopt_memory *m, const struct picture *from, const struct picture *in,
			const char *what)
{
	for (size_t i = 0; i < from->table_count; i++) {
		const struct picture_table *t = &from->tables[i];

		if (!table_of(in, t->pa))
			trace_note(m, "table 0x%llx of level %d is %s, for 0x%llx and what follows",
				   (unsigned long long)t->pa, t->level, what,
				   (unsigned long long)t->iova);
	}
}

void picture_compare(struct iopt_memory *m, const struct picture *before,
		     const struct picture *after)
{
	struct change pending = {0};
	size_t i = 0, j = 0;

	if (before->failed || after->failed)
		return;
	tell_tables(m, after, before, "new");
	while (i < before->entry_count || j < after->entry_count) {
		const struct picture_entry *old = &before->entries[i], *new = &after->entries[j];
		const struct picture_table *table;
		const int order = i == before->entry_count  ? 1
				  : j == after->entry_count ? -1
							    : compare_entries(old, new);
		const struct picture_entry *at = order <= 0 ? old : new;

		i += order <= 0;
		j += order >= 0;
		table = table_of(after, at->table);
		/* what was in a table that is gone was not written */
		if (!table || (!order && old->desc == new->desc))
			continue;
		add_change(m, &pending, table, at->index, order <= 0 ? old->desc : 0,
			   order >= 0 ? new->desc : 0);
	}
	tell(m, &pending);
	tell_tables(m, before, after, "freed");
}
