/* SPDX-License-Identifier: MIT */
/* Errors and warnings on stderr: place, message, the line and a caret. */
#ifndef IOPT_CLI_REPORT_H
#define IOPT_CLI_REPORT_H

#include <stdarg.h>

#include "../core/iopt.h"
#include "source.h"

#define PRINTF_LIKE(at, first) __attribute__((format(printf, at, first)))

struct report {
	bool color, quiet; /* quiet: errors only */
};

/* Where in what was typed: a word's place.  line 0: nowhere. */
struct place {
	unsigned line, column;
};

/* Fills 'error' but for its place.  'code' is positive. */
void error_set(struct iopt_error *error, int code, enum iopt_failure failure, const char *format,
	       ...) PRINTF_LIKE(4, 5);

/* An error that belongs to a command at 'where' in 'source' (NULL: to none). */
void report_error(const struct report *r, const struct iopt_error *error,
		  const struct source *source, struct place where);
/* 'kind': "warning: ", "note: ". */
void report_remark(const struct report *r, const char *kind, const char *message,
		   const struct source *source, struct place where);
/* Without a place. */
void report_told(const struct report *r, const char *message);

#endif
