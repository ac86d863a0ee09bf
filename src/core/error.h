/* SPDX-License-Identifier: MIT */
/*
 * Filling in struct iopt_error.  Each function returns -code, so that a failure is one statement:
 *
 *     return error_set(error, IOPT_FAILURE_INPUT, IOPT_ENOEXEC, "no segments in it");
 *
 * 'error' may be NULL.  What is too long is cut between two UTF-8 characters.
 */
#ifndef IOPT_ERROR_H
#define IOPT_ERROR_H

#include "iopt.h"

/* Where in a file; line and column count from 1, 0: none.  'source' may be NULL. */
struct error_place {
	const char *source;
	unsigned line, column;
};

/* Without a place. */
int error_set(struct iopt_error *error, enum iopt_failure failure, int code, const char *format,
	      ...) __attribute__((format(printf, 4, 5)));
int error_at(struct iopt_error *error, struct error_place place, enum iopt_failure failure,
	     int code, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Adds the place to an error that was set without one. */
void error_add_place(struct iopt_error *error, struct error_place place);

#endif
