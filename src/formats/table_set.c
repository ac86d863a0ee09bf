/* SPDX-License-Identifier: MIT */
#include "table_set.h"

#include <stdlib.h>

#include "../core/error.h"
#include "descriptor.h"

/* Frames that tables may lie in, 8 GiB: a short text can name tables very far apart. */
enum { TABLE_FRAMES_MAX = 1 << 17 };

static int out_of_memory(const struct table_set *set)
{
	return error_set(set->in->error, IOPT_FAILURE_LIMIT, IOPT_ENOMEM, "out of memory");
}

/* Room for one more element of 'bytes'. */
static void *grow(void *array, size_t count, size_t *room, size_t bytes)
{
	size_t want = *room ? 2 * *room : 64;
	void *grown;

	if (count < *room)
		return array;
	grown = realloc(array, want * bytes);
	if (grown)
		*room = want;
	return grown;
}

int table_set_add(struct table_set *set, const struct table_entry *table)
{
	struct table_entry *tables =
		set->count < UINT32_MAX ? grow(set->tables, set->count, &set->room, sizeof(*tables))
					: NULL;

	if (!tables)
		return out_of_memory(set);
	set->tables = tables;
	tables[set->count] = *table;
	tables[set->count].first_run = set->run_count;
	tables[set->count++].run_count = 0;
	return 0;
}

int table_set_add_run(struct table_set *set, const struct table_run *run)
{
	struct table_run *runs = grow(set->runs, set->run_count, &set->run_room, sizeof(*runs));

	if (!runs)
		return out_of_memory(set);
	set->runs = runs;
	runs[set->run_count++] = *run;
	set->tables[set->count - 1].run_count++;
	return 0;
}

void table_set_free(struct table_set *set)
{
	free(set->tables);
	free(set->runs);
	free(set->order);
}

static int compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* By address; at one address by space and level, what repeats behind what it repeats. */
static int compare_tables(const void *a, const void *b, void *tables)
{
	const struct table_entry *x = (const struct table_entry *)tables + *(const uint32_t *)a;
	const struct table_entry *y = (const struct table_entry *)tables + *(const uint32_t *)b;
	int order = compare(x->pa, y->pa);

	if (!order)
		order = compare(x->space, y->space);
	if (!order)
		order = (x->level > y->level) - (x->level < y->level);
	if (!order)
		order = x->repeats - y->repeats;
	return order ? order : compare(x->at, y->at);
}

static int sort_tables(struct table_set *set)
{
	size_t i;

	set->order = malloc((set->count + 1) * sizeof(*set->order));
	if (!set->order)
		return out_of_memory(set);
	for (i = 0; i < set->count; i++)
		set->order[i] = (uint32_t)i;
	qsort_r(set->order, set->count, sizeof(*set->order), compare_tables, set->tables);
	return 0;
}

static bool same_place(const struct table_entry *a, const struct table_entry *b)
{
	return a->pa == b->pa && a->space == b->space && a->level == b->level;
}

/* 'first' is the one with contents at this place, if there is any. */
static int check_place(const struct table_set *set, const struct table_entry *first,
		       const struct table_entry *t)
{
	if (t == first)
		return t->repeats ? json_input_fail(set->in, t->at, "no table that it repeats") : 0;
	if (!t->repeats)
		return json_input_fail(set->in, t->at, "the table at %#llx is given twice",
				       (unsigned long long)t->pa);
	if (first->at > t->at || first->iova != t->same_as)
		return json_input_fail(set->in, t->at,
				       "\"same_as\" is not the iova of the table"
				       " that was first at %#llx",
				       (unsigned long long)t->pa);
	return 0;
}

static int check_places(const struct table_set *set)
{
	const struct table_entry *first = NULL;
	size_t i;
	int err = 0;

	for (i = 0; !err && i < set->count; i++) {
		const struct table_entry *t = &set->tables[set->order[i]];

		if (!first || !same_place(first, t))
			first = t;
		err = check_place(set, first, t);
	}
	return err;
}

static int add_window(const struct table_set *set, struct iopt_memory *memory, struct range r,
		      uint64_t *frames)
{
	int err;

	*frames += (r.last >> FRAME_SHIFT) - (r.first >> FRAME_SHIFT) + 1;
	if (*frames > TABLE_FRAMES_MAX)
		return error_at(set->in->error, (struct error_place){.source = set->in->source},
				IOPT_FAILURE_LIMIT, IOPT_E2BIG, "the tables lie too far apart");
	err = memory_add_window(memory, r.first, r.last - r.first + 1, NULL, 0);
	return err ? error_set(set->in->error, IOPT_FAILURE_LIMIT, -err, "%s", iopt_error_text(err))
		   : 0;
}

/* One window for tables that touch; marks those that share memory. */
static int add_windows(struct table_set *set, struct iopt_memory *memory)
{
	struct table_entry *highest = NULL;
	struct range r = {0, 0};
	uint64_t frames = 0;
	size_t i;
	int err = 0;

	for (i = 0; !err && i < set->count; i++) {
		struct table_entry *t = &set->tables[set->order[i]];
		uint64_t last = t->pa + t->bytes - 1;

		if (t->repeats)
			continue;
		if (highest && t->pa <= r.last) {
			t->shares = true;
			highest->shares = true;
		} else if (!highest || t->pa - 1 != r.last) {
			err = highest ? add_window(set, memory, r, &frames) : 0;
			r = (struct range){t->pa, last};
		}
		if (!highest || last >= r.last) {
			r.last = last;
			highest = t;
		}
	}
	if (!err && highest)
		err = add_window(set, memory, r, &frames);
	return err;
}

static int store_run(const struct table_set *set, struct iopt_memory *memory,
		     const struct table_entry *t, const struct table_run *run)
{
	const struct pgtable_format *f = set->trees[t->space]->ops->format;
	uint64_t pa = t->pa + ((uint64_t)run->first << f->desc_shift), desc = run->desc;
	uint32_t left = run->count;

	while (left) {
		uint64_t room = (FRAME_BYTES - (pa & (FRAME_BYTES - 1))) >> f->desc_shift;
		uint32_t n = room < left ? (uint32_t)room : left, i;
		char *p = memory_write(memory, pa, (uint64_t)n << f->desc_shift);

		if (!p)
			return out_of_memory(set);
		for (i = 0; i < n; i++, desc += run->step)
			descriptor_store(f, p + ((size_t)i << f->desc_shift), desc);
		pa += (uint64_t)n << f->desc_shift;
		left -= n;
	}
	return 0;
}

/* Is [pa, end) what it would be if nothing but 'run' (NULL: zeros) were written there? */
static bool holds(const struct table_set *set, struct iopt_memory *memory, struct range slots,
		  const struct table_entry *t, const struct table_run *run)
{
	const struct pgtable_format *f = set->trees[t->space]->ops->format;
	uint64_t i;

	for (i = slots.first; i < slots.last; i++) {
		const void *p =
			memory_read(memory, t->pa + (i << f->desc_shift), BIT(f->desc_shift));
		uint64_t want = run ? run->desc + (i - run->first) * run->step : 0;

		if (!p || descriptor_load(f, p) != want)
			return false;
	}
	return true;
}

/* After all tables are written, one that shares its memory must still have its own contents. */
static bool is_intact(const struct table_set *set, struct iopt_memory *memory,
		      const struct table_entry *t)
{
	const struct pgtable_format *f = set->trees[t->space]->ops->format;
	uint64_t slot = 0;
	uint32_t i;

	for (i = 0; i < t->run_count; i++) {
		const struct table_run *run = &set->runs[t->first_run + i];
		uint64_t end = (uint64_t)run->first + run->count;

		if (!holds(set, memory, (struct range){slot, run->first}, t, NULL) ||
		    !holds(set, memory, (struct range){run->first, end}, t, run))
			return false;
		slot = end;
	}
	return holds(set, memory, (struct range){slot, t->bytes >> f->desc_shift}, t, NULL);
}

static int fill_windows(const struct table_set *set, struct iopt_memory *memory)
{
	size_t i;
	uint32_t k;
	int err = 0;

	for (i = 0; i < set->count; i++) {
		const struct table_entry *t = &set->tables[i];

		for (k = 0; !err && k < t->run_count; k++)
			err = store_run(set, memory, t, &set->runs[t->first_run + k]);
		if (!err && memory_poll(memory, i, NULL, 0, 0))
			err = json_input_interrupted(set->in);
		if (err)
			return err;
	}
	for (i = 0; i < set->count; i++) {
		const struct table_entry *t = &set->tables[i];

		if (t->shares && !is_intact(set, memory, t))
			return json_input_fail(set->in, t->at,
					       "the table at %#llx overlaps one with other"
					       " contents",
					       (unsigned long long)t->pa);
	}
	return 0;
}

int table_set_store(struct table_set *set, struct iopt_memory *memory)
{
	int err = sort_tables(set);

	if (!err)
		err = check_places(set);
	if (!err)
		err = add_windows(set, memory);
	return err ? err : fill_windows(set, memory);
}
