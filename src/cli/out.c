/* SPDX-License-Identifier: MIT */
#include "out.h"
#include "../core/ascii.h"

#include <stdlib.h>

/* Names that are made at run time; a block never moves. */
struct out_names {
	struct out_names *older;
	size_t used;
	char text[1000];
};

void out_init(struct out *o, struct iopt_sink sink, bool json)
{
	memset(o, 0, sizeof(*o));
	writer_init(&o->w, sink);
	o->json = json;
}

static void forget_names(struct out *o)
{
	while (o->names) {
		struct out_names *older = o->names->older;

		free(o->names);
		o->names = older;
	}
}

void out_destroy(struct out *o)
{
	forget_names(o);
	free(o->nodes);
	free(o->text);
	free(o->warnings);
}

static struct out_node *out_add(struct out *o, enum out_kind kind, const char *name)
{
	static struct out_node spare;
	struct out_node *n;

	if (unlikely(o->node_count == o->node_room)) {
		size_t room = o->node_room ? 2 * o->node_room : 64;
		struct out_node *nodes = realloc(o->nodes, room * sizeof(*nodes));

		if (!nodes) {
			o->error = -IOPT_ENOMEM;
			return &spare;
		}
		o->nodes = nodes;
		o->node_room = room;
	}
	n = &o->nodes[o->node_count++];
	n->kind = kind;
	n->name = name;
	return n;
}

const char *out_name(struct out *o, const char *name)
{
	const size_t bytes = strlen(name) + 1;
	struct out_names *block = o->names;
	char *copy;

	assert(bytes <= sizeof(block->text));
	if (!block || block->used + bytes > sizeof(block->text)) {
		block = malloc(sizeof(*block));
		if (!block) {
			o->error = -IOPT_ENOMEM;
			return "";
		}
		block->older = o->names;
		block->used = 0;
		o->names = block;
	}
	copy = block->text + block->used;
	for (size_t i = 0; i < bytes; i++)
		copy[i] = (char)ascii_lower(name[i]);
	block->used += bytes;
	return copy;
}

void out_hex(struct out *o, const char *name, uint64_t value)
{
	out_add(o, OUT_HEX, name)->value = value;
}

void out_size(struct out *o, const char *name, uint64_t value)
{
	out_add(o, OUT_SIZE, name)->value = value;
}

void out_count(struct out *o, const char *name, uint64_t value)
{
	out_add(o, OUT_COUNT, name)->value = value;
}

void out_bits(struct out *o, const char *name, uint64_t value, bool quiet)
{
	out_add(o, quiet ? OUT_QUIET : OUT_BITS, name)->value = value;
}

void out_signed(struct out *o, const char *name, int64_t value)
{
	out_add(o, OUT_SIGNED, name)->value = (uint64_t)value;
}

void out_bool(struct out *o, const char *name, bool value)
{
	out_add(o, value ? OUT_TRUE : OUT_FALSE, name);
}

void out_null(struct out *o, const char *name)
{
	out_add(o, OUT_NULL, name);
}

/* The offset of a copy; on failure that of nothing, which is never shown. */
static size_t out_copy(struct out *o, const char *s)
{
	size_t bytes = strlen(s) + 1, at = o->text_used;

	if (unlikely(at + bytes > o->text_room)) {
		size_t room = 2 * (at + bytes) + 256;
		char *text = realloc(o->text, room);

		if (!text) {
			o->error = -IOPT_ENOMEM;
			return 0;
		}
		o->text = text;
		o->text_room = room;
	}
	memcpy(o->text + at, s, bytes);
	o->text_used += bytes;
	return at;
}

void out_str(struct out *o, const char *name, const char *value)
{
	size_t at = out_copy(o, value);

	if (!o->error)
		out_add(o, OUT_STRING, name)->value = at;
}

void out_prose(struct out *o, const char *name, const char *value)
{
	size_t at = out_copy(o, value);

	if (!o->error)
		out_add(o, OUT_PROSE, name)->value = at;
}

void out_data(struct out *o, const char *name, uint64_t address, const char *hex)
{
	size_t at = out_copy(o, hex);
	struct out_node *n;

	if (o->error)
		return;
	n = out_add(o, OUT_DATA, name);
	n->value = at;
	n->address = address;
}

static void out_begin(struct out *o, enum out_kind kind, const char *name)
{
	assert(o->depth < OUT_DEPTH_MAX);
	o->open[o->depth++] = o->node_count;
	out_add(o, kind, name);
}

void out_begin_object(struct out *o, const char *name)
{
	out_begin(o, OUT_OBJECT, name);
}

void out_begin_list(struct out *o, const char *name)
{
	out_begin(o, OUT_LIST, name);
}

void out_end(struct out *o)
{
	assert(o->depth);
	o->depth--;
	if (!o->error)
		o->nodes[o->open[o->depth]].value = o->node_count;
}

static void json_nodes(struct out *o, size_t first, size_t end);

static void json_value(struct out *o, size_t i)
{
	const struct out_node *n = &o->nodes[i];
	bool list = n->kind == OUT_LIST;

	switch (n->kind) {
	case OUT_HEX:
	case OUT_SIZE:
		writer_char(&o->w, '"');
		writer_hex(&o->w, n->value);
		writer_char(&o->w, '"');
		break;
	case OUT_COUNT:
	case OUT_BITS:
	case OUT_QUIET:
		writer_dec(&o->w, n->value);
		break;
	case OUT_SIGNED:
		writer_signed(&o->w, (int64_t)n->value);
		break;
	case OUT_TRUE:
		writer_bytes(&o->w, "true", 4);
		break;
	case OUT_FALSE:
		writer_bytes(&o->w, "false", 5);
		break;
	case OUT_NULL:
		writer_bytes(&o->w, "null", 4);
		break;
	case OUT_STRING:
	case OUT_PROSE:
	case OUT_DATA:
		writer_json_string(&o->w, o->text + n->value);
		break;
	case OUT_OBJECT:
	case OUT_LIST:
		writer_char(&o->w, list ? '[' : '{');
		json_nodes(o, i + 1, n->value);
		writer_char(&o->w, list ? ']' : '}');
		break;
	}
}

static size_t node_next(const struct out *o, size_t i)
{
	const struct out_node *n = &o->nodes[i];

	return n->kind == OUT_OBJECT || n->kind == OUT_LIST ? n->value : i + 1;
}

static void json_nodes(struct out *o, size_t first, size_t end)
{
	size_t i;

	for (i = first; i < end; i = node_next(o, i)) {
		if (i > first)
			writer_char(&o->w, ',');
		if (o->nodes[i].name) {
			writer_char(&o->w, '"');
			writer_str(&o->w, o->nodes[i].name);
			writer_bytes(&o->w, "\":", 2);
		}
		json_value(o, i);
	}
}

void out_begin_record(struct out *o, const char *text_template)
{
	o->record_nodes = o->node_count;
	o->record_text = o->text_used;
	o->record_template = text_template;
}

bool out_count_record(struct out *o)
{
	o->truncated |= o->max_records && o->records == o->max_records;
	o->records += !o->truncated;
	return !o->truncated;
}

void out_end_record(struct out *o)
{
	bool shown = !o->error && out_count_record(o);

	if (shown && o->json) {
		writer_char(&o->w, '{');
		json_nodes(o, o->record_nodes, o->node_count);
		writer_bytes(&o->w, "}\n", 2);
	} else if (shown) {
		out_text_show(o, o->record_nodes, o->node_count, o->record_template);
	}
	o->node_count = o->record_nodes;
	o->text_used = o->record_text;
}

/* Text shows the records themselves: their number is for programs. */
void out_records(struct out *o)
{
	if (!o->json)
		return;
	out_count(o, "records", o->records);
	out_bool(o, "truncated", o->truncated);
}

void out_begin_result(struct out *o, const char *command, const char *text_template)
{
	o->command = command;
	o->result_template = text_template;
	forget_names(o);
	o->node_count = 0;
	o->text_used = 0;
	o->warnings_used = 0;
	o->depth = 0;
	o->records = 0;
	o->error = 0;
	o->truncated = false;
	o->answer_known = false;
}

/* Which come when they will, in the middle of a list too. */
void out_warning(struct out *o, const char *message)
{
	const size_t bytes = strlen(message) + 1, used = o->warnings_used;

	if (used + bytes > o->warnings_room) {
		size_t room = 2 * (used + bytes);
		char *grown = realloc(o->warnings, room);

		if (!grown) {
			o->error = -IOPT_ENOMEM;
			return;
		}
		o->warnings = grown;
		o->warnings_room = room;
	}
	memcpy(o->warnings + used, message, bytes);
	o->warnings_used += bytes;
}

static void json_warnings(struct out *o)
{
	const char *p = o->warnings, *end = p ? p + o->warnings_used : NULL;

	if (p == end)
		return;
	writer_str(&o->w, ",\"warnings\":[");
	for (; p < end; p += strlen(p) + 1) {
		if (p > o->warnings)
			writer_char(&o->w, ',');
		writer_json_string(&o->w, p);
	}
	writer_char(&o->w, ']');
}

static void json_error(struct out *o, const struct iopt_error *e)
{
	struct writer *w = &o->w;

	writer_str(w, ",\"error\":{\"code\":\"");
	writer_str(w, iopt_error_name(e->code));
	writer_str(w, "\",\"message\":");
	writer_json_string(w, e->message);
	if (e->source[0]) {
		writer_str(w, ",\"file\":");
		writer_json_string(w, e->source);
	}
	if (e->line) {
		writer_str(w, ",\"line\":");
		writer_dec(w, e->line);
		writer_str(w, ",\"column\":");
		writer_dec(w, e->column);
	}
	writer_char(w, '}');
}

static void json_result(struct out *o, bool ok, const struct iopt_error *error)
{
	/* a document that could not be completed */
	if (o->w.used && o->w.buf[o->w.used - 1] != '\n')
		writer_char(&o->w, '\n');
	writer_str(&o->w, "{\"command\":");
	writer_json_string(&o->w, o->command);
	writer_str(&o->w, ok ? ",\"ok\":true" : ",\"ok\":false");
	if (o->node_count)
		writer_char(&o->w, ',');
	json_nodes(o, 0, o->node_count);
	json_warnings(o);
	if (error)
		json_error(o, error);
	writer_bytes(&o->w, "}\n", 2);
}

void out_end_result(struct out *o, bool ok, const struct iopt_error *error)
{
	if (o->error)
		o->node_count = 0;
	if (o->answer_known)
		ok = o->answer_ok && !error;
	if (!(o->muted && ok) && o->json)
		json_result(o, ok, error);
	else if (!(o->muted && ok) && !error)
		out_text_show(o, 0, o->node_count, o->result_template);
	o->node_count = 0;
	o->text_used = 0;
	o->warnings_used = 0;
	o->answer_known = false;
}

void out_answer(struct out *o, bool ok)
{
	o->answer_known = true;
	o->answer_ok = ok;
}

void out_next_answer(struct out *o)
{
	if (o->answer_known)
		out_end_result(o, o->answer_ok, NULL);
}

void out_redirect(struct out *o, struct iopt_sink sink)
{
	writer_flush(&o->w);
	o->saved = o->w.sink;
	o->saved_error = o->w.error;
	o->saved_max = o->max_records;
	o->saved_color = o->color;
	o->color = false;
	o->max_records = 0;
	writer_init(&o->w, sink);
}

int out_restore(struct out *o)
{
	int r = writer_flush(&o->w);

	o->w.sink = o->saved;
	o->w.error = o->saved_error;
	o->max_records = o->saved_max;
	o->color = o->saved_color;
	return r;
}
