/* SPDX-License-Identifier: MIT */
#include "table_load.h"

#include "../core/error.h"
#include "descriptor.h"
#include "table_header.h"
#include "table_set.h"

enum { SPACES_MAX = 2, POLL_TABLES = 16 };

struct table_load {
	const struct json_input *in;
	struct iopt_memory *memory;
	struct space_desc spaces[SPACES_MAX];
	size_t starts[SPACES_MAX]; /* of their headers */
	bool has_root[SPACES_MAX];
	struct pgtable trees[SPACES_MAX]; /* for their geometry */
	unsigned space_count;
	bool lines; /* tables follow their header instead of being in it */
	struct table_set set;
};

/* One object of the outermost level, or a space of two: where its long members are. */
struct outline {
	struct json_slice whole;
	struct json_slice schema, spaces, tables; /* as values; empty if not there */
};

static const char *type_word(unsigned i)
{
	return iopt_type_name((enum iopt_type)i);
}

static bool slice_is(const struct json_input *in, struct json_slice s, const char *text)
{
	return s.end - s.start == strlen(text) && !memcmp(in->text + s.start, text, strlen(text));
}

static int outline_member(struct json_cursor *c, struct outline *o)
{
	struct json_slice key, value;
	struct json_slice *keep = NULL;
	int err = json_skip(c, &key);

	if (!err && c->in->text[key.start] != '"')
		err = json_input_fail(c->in, key.start, "a name in quotes expected");
	if (!err)
		err = json_expect(c, ':');
	if (!err)
		err = json_skip(c, &value);
	if (err)
		return err;
	if (slice_is(c->in, key, "\"schema\""))
		keep = &o->schema;
	else if (slice_is(c->in, key, "\"spaces\""))
		keep = &o->spaces;
	else if (slice_is(c->in, key, "\"tables\""))
		keep = &o->tables;
	if (keep && keep->end)
		return json_input_fail(c->in, key.start, "the name %.*s is given twice",
				       (int)(key.end - key.start), c->in->text + key.start);
	if (keep)
		*keep = value;
	return 0;
}

static int outline_read(struct json_cursor *c, struct outline *o)
{
	size_t count = 0;
	int err;

	*o = (struct outline){0};
	json_peek(c);
	o->whole.start = c->at;
	err = json_expect(c, '{');
	while (!err && (err = json_next(c, '}', &count)) > 0)
		err = outline_member(c, o);
	o->whole.end = c->at;
	return err;
}

/* What is between the brackets of a list: its elements are read one by one. */
static struct json_slice list_inside(const struct json_input *in, struct json_slice list)
{
	if (list.end - list.start < 2 || in->text[list.start] != '[')
		return (struct json_slice){0, 0};
	return (struct json_slice){list.start + 1, list.end - 1};
}

/* ---- one table ---- */

static int read_run(struct json_ref ref, struct table_run *run, unsigned *type)
{
	const struct json_part *part = ref.part;
	const json_t *array;
	int64_t first, count;
	int err = json_take_array(ref, &array);

	if (!err && json_array_size(array) != 5)
		err = json_fail(ref, "a run has five elements");
	if (!err)
		err = json_take_number(json_element(part, array, 0), 0, INT32_MAX, &first);
	if (!err)
		err = json_take_number(json_element(part, array, 1), 1, INT32_MAX, &count);
	if (!err)
		err = json_take_word(json_element(part, array, 2), type_word, type);
	if (!err)
		err = json_take_hex(json_element(part, array, 3), &run->desc);
	if (!err)
		err = json_take_hex(json_element(part, array, 4), &run->step);
	if (err)
		return err;
	run->first = (uint32_t)first;
	run->count = (uint32_t)count;
	return 0;
}

/* Does every descriptor of the run fit and have the type that the run says? */
static int check_descriptors(const struct table_load *load, struct json_ref desc,
			     const struct table_run *run, unsigned type)
{
	const struct table_entry *t = &load->set.tables[load->set.count - 1];
	const struct pgtable_format *f = load->trees[t->space].ops->format;
	uint64_t width = low_bits(8u << f->desc_shift), last, value = run->desc;
	uint32_t i;

	if (__builtin_mul_overflow(run->step, (uint64_t)run->count - 1, &last) ||
	    __builtin_add_overflow(last, run->desc, &last) || last > width || value > width)
		return json_fail(desc, "a descriptor of the run does not fit into %u bits",
				 8u << f->desc_shift);
	for (i = 0; i < run->count; i++, value += run->step) {
		if (!value)
			return json_fail(desc, "a zero descriptor is in no run");
		if ((unsigned)pgtable_type(f, value, t->level) != type)
			return json_fail(desc, "%#llx is of type %s at level %d, not %s",
					 (unsigned long long)value,
					 iopt_type_name(pgtable_type(f, value, t->level)), t->level,
					 type_word(type));
	}
	return 0;
}

static int read_runs(struct table_load *load, const struct json_part *part, const json_t *runs)
{
	struct table_entry *t = &load->set.tables[load->set.count - 1];
	uint64_t slots = t->bytes >> load->trees[t->space].ops->format->desc_shift, next = 0;
	size_t i;

	for (i = 0; i < json_array_size(runs); i++) {
		struct json_ref ref = json_element(part, runs, i);
		const json_t *array = json_value(ref);
		struct table_run run;
		unsigned type;
		int err = read_run(ref, &run, &type);

		if (err)
			return err;
		if (run.first < next)
			return json_fail(json_element(part, array, 0),
					 "the run begins before the end of the one before");
		next = (uint64_t)run.first + run.count;
		if (next > slots)
			return json_fail(json_element(part, array, 0),
					 "the run goes past the table's %llu entries",
					 (unsigned long long)slots);
		err = check_descriptors(load, json_element(part, array, 3), &run, type);
		if (!err)
			err = table_set_add_run(&load->set, &run);
		if (err)
			return err;
	}
	return 0;
}

/* Can a table of this level lie where it says, and is it where the tree could have it? */
static int check_place(struct table_load *load, const struct json_part *part,
		       const struct table_entry *t)
{
	const struct pgtable *tree = &load->trees[t->space];
	const struct pgtable_format *f = tree->ops->format;
	struct json_ref pa = json_member(part, part->root, "pa");
	struct range r;

	if (!range_make(t->pa, t->bytes, &r))
		return json_fail(pa, "the table leaves the 64-bit address space");
	if (t->level != tree->start_level) {
		if (f->next_table(f->make_table(t->pa)) != t->pa || t->pa & (t->bytes - 1))
			return json_fail(pa, "no descriptor can point to a table here");
		if (t->iova & (BIT(block_shift(f, t->level - 1)) - 1))
			return json_fail(json_member(part, part->root, "iova"),
					 "no table of level %d begins here", t->level);
		return 0;
	}
	if (t->pa != tree->root)
		return json_fail(pa, "only the root is a table of level %d", t->level);
	load->has_root[t->space] = true;
	return 0;
}

static int read_place(struct table_load *load, const struct json_part *part, struct table_entry *t)
{
	const struct pgtable *tree = &load->trees[t->space];
	struct json_ref iova = json_member(part, part->root, "iova");
	int64_t level;
	int err = json_take_hex(json_member(part, part->root, "pa"), &t->pa);

	if (!err)
		err = json_take_number(json_member(part, part->root, "level"), tree->start_level,
				       tree->ops->format->last_level, &level);
	if (!err)
		err = json_take_hex(iova, &t->iova);
	if (!err && !pgtable_in_range(tree, t->iova))
		err = json_fail(iova, "the space does not translate this address");
	if (err)
		return err;
	t->level = (int8_t)level;
	t->bytes = table_bytes(tree, t->level);
	return check_place(load, part, t);
}

static int read_table(struct table_load *load, const struct json_part *part)
{
	struct table_entry t = {.at = part->slice.start, .space = (uint8_t)(load->space_count - 1)};
	struct json_ref same = json_member(part, part->root, "same_as");
	const json_t *runs = NULL;
	int err;

	if (!json_is_object(part->root))
		return json_input_fail(load->in, part->slice.start, "a table must be an object");
	err = read_place(load, part, &t);
	if (err)
		return err;
	t.repeats = json_value(same) != NULL;
	if (t.repeats && json_object_get(part->root, "runs"))
		return json_fail(same, "a table has \"runs\" or \"same_as\", not both");
	err = t.repeats ? json_take_hex(same, &t.same_as)
			: json_take_array(json_member(part, part->root, "runs"), &runs);
	if (!err)
		err = table_set_add(&load->set, &t);
	return err || t.repeats ? err : read_runs(load, part, runs);
}

static int read_table_at(struct table_load *load, struct json_slice slice)
{
	struct json_part part;
	int err = json_part_parse(&part, load->in, slice, (struct json_slice){0, 0});

	if (err)
		return err;
	err = read_table(load, &part);
	json_part_free(&part);
	return err;
}

static int read_tables(struct table_load *load, struct json_slice list)
{
	struct json_cursor c = {load->in, list.start};
	struct json_slice slice;
	size_t count = 0;
	int err = json_expect(&c, '[');

	while (!err && (err = json_next(&c, ']', &count)) > 0) {
		err = json_skip(&c, &slice);
		if (!err)
			err = read_table_at(load, slice);
		if (!err && !(count % POLL_TABLES) &&
		    json_input_stopped(load->in, c.at, load->in->size))
			err = json_input_interrupted(load->in);
	}
	return err;
}

/* ---- headers and documents ---- */

static int check_name(const struct table_load *load, const struct json_part *part)
{
	struct json_ref ref = json_member(part, part->root, "name");
	const char *name;
	int err = json_take_string(ref, &name);

	if (!err && strcmp(name, table_space_name(load->space_count)) != 0)
		err = json_fail(ref, "the space here must be \"%s\"",
				table_space_name(load->space_count));
	return err;
}

/* Sets up a space by itself, so that its geometry can judge its tables. */
static int read_header(struct table_load *load, const struct json_part *part, bool named)
{
	unsigned i = load->space_count;
	struct space_desc *desc = &load->spaces[i];
	struct iopt_domain *alone;
	struct pgtable *tree;
	int err;

	if (i == SPACES_MAX)
		return json_input_fail(load->in, part->slice.start, "more than two spaces");
	err = table_check_schema(part, part->root, "iopt.table/1");
	if (!err && named)
		err = check_name(load, part);
	if (!err)
		err = table_header_read(part, part->root, desc);
	if (!err)
		err = table_adopt(load->in, part->slice.start, load->memory, desc, 1, &alone);
	if (err)
		return err;
	tree = &load->trees[i];
	*tree = alone->spaces[0];
	iopt_domain_destroy(alone);
	load->set.trees[i] = tree;
	load->starts[i] = part->slice.start;
	load->space_count++;
	return 0;
}

static int read_space(struct table_load *load, const struct outline *o, bool named)
{
	struct json_part part;
	int err = json_part_parse(&part, load->in, o->whole, list_inside(load->in, o->tables));

	if (err)
		return err;
	err = read_header(load, &part, named);
	/* The same member may be there by an escaped name. */
	if (!err && !o->tables.end && json_object_get(part.root, "tables"))
		err = json_fail(json_member(&part, part.root, "tables"),
				"\"tables\" must be written without escapes");
	json_part_free(&part);
	return err;
}

static int read_document(struct table_load *load, const struct outline *o, bool named)
{
	int err = read_space(load, o, named);

	if (err)
		return err;
	if (!o->tables.end)
		return json_input_fail(load->in, o->whole.start, "\"tables\" is missing");
	return read_tables(load, o->tables);
}

static int read_both(struct table_load *load, const struct outline *o)
{
	struct json_cursor c = {load->in, o->spaces.start};
	struct json_part part;
	struct outline space;
	size_t count = 0;
	int err = json_part_parse(&part, load->in, o->whole, list_inside(load->in, o->spaces));

	if (err)
		return err;
	err = table_check_schema(&part, part.root, "iopt.tables/1");
	json_part_free(&part);
	if (!err)
		err = json_expect(&c, '[');
	while (!err && (err = json_next(&c, ']', &count)) > 0) {
		err = outline_read(&c, &space);
		if (!err)
			err = read_document(load, &space, true);
	}
	if (!err && load->space_count != SPACES_MAX)
		err = json_input_fail(load->in, o->spaces.start, "two spaces expected");
	return err;
}

static int read_value(struct table_load *load, const struct outline *o, bool again)
{
	if (again && !load->lines)
		return json_input_fail(load->in, o->whole.start, "nothing may follow the document");
	if (!again && o->spaces.end)
		return read_both(load, o);
	if (!again && o->tables.end)
		return read_document(load, o, false);
	if (again && !o->schema.end)
		return read_table_at(load, o->whole);
	if (o->tables.end)
		return json_input_fail(load->in, o->tables.start, "\"tables\" in JSON Lines");
	/* JSON Lines: its tables come behind the header, and then perhaps a second space. */
	load->lines = true;
	return read_space(load, o, again);
}

static int read_text(struct table_load *load)
{
	struct json_cursor c = {load->in, 0};
	struct outline o;
	bool again = false;
	int err = 0;

	for (; !err && json_peek(&c); again = true) {
		err = outline_read(&c, &o);
		if (!err)
			err = read_value(load, &o, again);
	}
	if (!err && c.at < load->in->size)
		err = json_input_fail(load->in, c.at, "a zero byte is no JSON");
	if (!err && !again)
		err = json_input_fail(load->in, 0, "there is nothing in it");
	return err;
}

static int check_roots(const struct table_load *load)
{
	unsigned i;

	for (i = 0; i < load->space_count; i++) {
		if (!load->has_root[i])
			return json_input_fail(load->in, load->starts[i],
					       "no table at the root, %#llx",
					       (unsigned long long)load->spaces[i].root);
	}
	return 0;
}

int table_load(const struct json_input *in, struct iopt_memory *memory, struct iopt_domain **domain)
{
	struct table_load load = {.in = in, .memory = memory, .set.in = in};
	int err = read_text(&load);

	if (!err)
		err = check_roots(&load);
	if (!err)
		err = table_set_store(&load.set, memory);
	table_set_free(&load.set);
	if (!err)
		err = table_adopt(in, load.starts[0], memory, load.spaces, load.space_count,
				  domain);
	return err;
}
