/* SPDX-License-Identifier: MIT */
/*
 * JSON text by its outline only: where a value begins and ends, not what is in it.  Large files
 * are cut into values that are small enough to be parsed one by one, whatever their layout is.
 */
#ifndef IOPT_JSON_SCAN_H
#define IOPT_JSON_SCAN_H

#include "../core/base.h"
#include "../core/error.h"
#include "../core/iopt/memory.h"

/* The text of one file, for messages too. */
struct json_input {
	const char *source;
	struct iopt_error *error;
	char *text; /* NUL follows */
	size_t size;
	struct iopt_progress progress; /* of who waits until it is parsed, if anybody does */
};

/* At byte 'at' of 'total' (0: not known), not too often: does whoever waits do no longer? */
static inline bool json_input_stopped(const struct json_input *in, size_t at, size_t total)
{
	const struct iopt_progress *p = &in->progress;

	return unlikely(p->step) && p->step(p->arg, "reading", at, total);
}

/* Fails so; returns -EINTR. */
int json_input_interrupted(const struct json_input *in);

/*
 * Reads at most 'limit' bytes.  'path' must live as long as 'in'.  IO failures; E2BIG: longer than
 * the limit; ENOMEM.
 */
int json_input_read(struct json_input *in, const char *path, size_t limit,
		    struct iopt_error *error);
/* The same for one who waits, who is asked until the text is parsed; EINTR. */
int json_input_read_watched(struct json_input *in, const char *path, size_t limit,
			    const struct iopt_progress *progress, struct iopt_error *error);
void json_input_free(struct json_input *in);

/* Of byte 'at' of the text. */
struct error_place json_input_place(const struct json_input *in, size_t at);
/* Fails as bad input at byte 'at' of the text; returns -ENOEXEC. */
int json_input_fail(const struct json_input *in, size_t at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Bytes [start, end) of the text. */
struct json_slice {
	size_t start, end;
};

struct json_cursor {
	const struct json_input *in;
	size_t at;
};

/* The next character that is no white space, still to be read; 0 at the end. */
char json_peek(struct json_cursor *c);
/* Steps over 'want', or fails. */
int json_expect(struct json_cursor *c, char want);
/* Steps over one value, whose outline alone is checked. */
int json_skip(struct json_cursor *c, struct json_slice *value);
/*
 * Before each element of a list that ends with 'close', the first too: 1 if there is one, 0 after
 * the list.  '*count' counts them and is 0 before the first.
 */
int json_next(struct json_cursor *c, char close, size_t *count);

/*
 * Where value number 'number' of 'whole' begins, in the order of the text, 'whole' itself being
 * number 0; what lies in 'hidden' does not count.
 */
size_t json_nth_value(const struct json_input *in, struct json_slice whole,
		      struct json_slice hidden, size_t number);

#endif
