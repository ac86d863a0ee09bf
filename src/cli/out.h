/* SPDX-License-Identifier: MIT */
/*
 * What commands answer: one object per command, and one before it for each record that it lists.
 * A handler calls out_*() once for each field; whether that becomes JSON Lines or text, and how
 * foreign strings are escaped, is decided here.
 *
 * Text is made from the same fields by a template: "{iova:-18} -> {pa}[, level {fault.level}]".
 * {path:width} is a field, right-aligned, or left with a minus; what stands in [] is left out when
 * a field in it is missing, null or false; a true field is its own name, a list is joined by
 * commas.  <<path template>> is a template for each member of a list or object, whose {} is the
 * member itself if it has no fields, and {@} its name.  No template (NULL): every field by name,
 * indented; "": nothing.
 */
#ifndef IOPT_CLI_OUT_H
#define IOPT_CLI_OUT_H

#include "../core/base.h"
#include "../core/iopt.h"
#include "../formats/writer.h"

enum out_kind {
	OUT_HEX,
	OUT_SIZE, /* the same in JSON; in text 4k, 2m */
	OUT_COUNT,
	OUT_BITS,  /* a number in JSON, hexadecimal in text */
	OUT_QUIET, /* the same, and left out of text where [] allows */
	OUT_SIGNED,
	OUT_TRUE,
	OUT_FALSE,
	OUT_NULL,
	OUT_STRING,
	OUT_PROSE, /* our own paragraphs, wrapped; lines after a tab stay as they are */
	OUT_DATA,  /* a hex string that is shown as a hexdump */
	OUT_OBJECT,
	OUT_LIST,
};

/*
 * A field, or without a name a member of a list.  Objects and lists are followed by what they
 * hold; 'value' is then the index past it.  Strings are offsets into the text.
 */
struct out_node {
	enum out_kind kind;
	const char *name;
	uint64_t value;
	uint64_t address; /* of data */
};

enum { OUT_DEPTH_MAX = 16 };

struct out_names;

struct out {
	struct writer w;	/* stdout, or where it is redirected to */
	struct iopt_sink saved; /* stdout meanwhile */
	int saved_error;
	uint64_t saved_max;
	bool saved_color;
	bool json;
	bool color; /* of text, where it goes to a terminal */
	size_t prose_width;
	void (*show_held)(void *held); /* what is not seen yet, since it may be a page; or NULL */
	void *held;
	bool muted; /* successes are not shown: what options do before the first command */
	int error;  /* out of memory while a result was made */
	struct out_node *nodes;
	size_t node_count, node_room;
	char *text;
	size_t text_used, text_room;
	struct out_names *names; /* made for this result */
	size_t open[OUT_DEPTH_MAX];
	unsigned depth;
	const char *command, *result_template;
	const char *record_template;
	size_t record_nodes, record_text; /* where the record begins; the result's fields precede */
	uint64_t records, max_records;	  /* max 0: no limit */
	bool truncated;			  /* there were more */
	bool answer_known, answer_ok;	  /* by out_answer() */
	char *warnings;			  /* of this result: strings, one behind the other */
	size_t warnings_used, warnings_room;
};

void out_init(struct out *o, struct iopt_sink sink, bool json);
void out_destroy(struct out *o);
/* Paragraphs as wide as the terminal that stdout is, if it is one, and no wider than is read well.
 */
void out_measure(struct out *o);

/* A copy of a field's name, in lower case, that lives until the result is shown. */
const char *out_name(struct out *o, const char *name);
/* The fields; 'name' is NULL in a list and must live until the object is shown. */
void out_hex(struct out *o, const char *name, uint64_t value);
/* Bytes, mostly a power of two times a few. */
void out_size(struct out *o, const char *name, uint64_t value);
void out_count(struct out *o, const char *name, uint64_t value);
/* A field's value; 'quiet': text does without it. */
void out_bits(struct out *o, const char *name, uint64_t value, bool quiet);
void out_signed(struct out *o, const char *name, int64_t value);
void out_bool(struct out *o, const char *name, bool value);
void out_null(struct out *o, const char *name);
void out_str(struct out *o, const char *name, const char *value);
void out_prose(struct out *o, const char *name, const char *value);
/* 'hex': two digits for a byte, or ".." for one that is absent; 'address': of the first. */
void out_data(struct out *o, const char *name, uint64_t address, const char *hex);
void out_begin_object(struct out *o, const char *name);
void out_begin_list(struct out *o, const char *name);
void out_end(struct out *o);

/* A record of a listing command; past max_records it is not shown. */
void out_begin_record(struct out *o, const char *text_template);
void out_end_record(struct out *o);
/* One more record: false, and truncated, past max_records. */
bool out_count_record(struct out *o);
/* The result's "records" and "truncated". */
void out_records(struct out *o);

/* The result of 'command'; what is put before it begins is not shown. */
void out_begin_result(struct out *o, const char *command, const char *text_template);
/* 'error': with the place of what failed, or NULL. */
void out_end_result(struct out *o, bool ok, const struct iopt_error *error);
/* A member of the result's "warnings"; text has them on stderr. */
void out_warning(struct out *o, const char *message);
/*
 * For commands that answer once for each argument: the fields since the last time are an answer.
 * It is shown when the next one begins, or as the command's result.
 */
void out_answer(struct out *o, bool ok);
void out_next_answer(struct out *o);

/* What follows goes, without limit, to another sink, and then to stdout; what the first said. */
void out_redirect(struct out *o, struct iopt_sink sink);
int out_restore(struct out *o);

/*
 * For text that the library makes: each line is a record, with JSON {"text":…}.  A heading is none;
 * with JSON it becomes a field of the result.
 */
struct out_lines {
	struct out *out;
	bool heading; /* is what comes first */
	bool middle;  /* of a line that counts */
	char *line;
	size_t used, room;
};

struct iopt_sink out_lines_begin(struct out_lines *lines, struct out *o, bool heading);
void out_lines_end(struct out_lines *lines);
/* For JSON that the library makes: each of its lines is a record, or the document is one. */
struct iopt_sink out_json_sink(struct out_lines *lines, struct out *o, bool document);
/* The same document as it suits stdout: on one line where lines are records. */
enum iopt_dump out_json_format(const struct out *o, enum iopt_dump format);
/* For bytes as they are; without a function where stdout is JSON Lines. */
struct iopt_sink out_raw_sink(struct out *o);

/* out_text.c: nodes [first, end) as text. */
void out_text_show(struct out *o, size_t first, size_t end, const char *text_template);

#endif
