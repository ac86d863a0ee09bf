/* SPDX-License-Identifier: MIT */
/*
 * Output files that appear whole or not at all: written beside, checked, renamed.  What is no
 * regular file (a FIFO, a device, /dev/stdout) is written straight.
 */
#ifndef IOPT_CLI_OUTFILE_H
#define IOPT_CLI_OUTFILE_H

#include "../core/base.h"
#include "../core/iopt.h"

enum { OUTFILES_MAX = 64 }; /* that appear together */

struct outfile {
	char *path; /* where it appears */
	char *temp; /* where it is until then; NULL: written straight */
	int fd;
	uint64_t bytes;
	bool hole; /* the end has been skipped, not written */
};

/*
 * A negative code with 'error': failure, source (the path) and message.  After that nothing is to
 * be closed.
 */
int outfile_open(struct outfile *f, const char *path, struct iopt_error *error);
/* Its code tells what write() said; outfile_commit() says it again to people. */
struct iopt_sink outfile_sink(struct outfile *f);
/* Takes everything and keeps nothing. */
struct iopt_sink outfile_nowhere(void);
/* That many zeros, as a hole where the file can have one. */
int outfile_zeros(struct outfile *f, uint64_t bytes);
/* Holds what is at the path already the same bytes?  Only of what is written beside. */
bool outfile_is_same(const struct outfile *f);
/* Makes all of the files appear, or none, and closes them. */
int outfile_commit(struct outfile *files, size_t count, struct iopt_error *error);
void outfile_abort(struct outfile *f);

/* The IOPT_E* code for an errno; 'error' gets its text, with 'path' as source. */
int outfile_error(struct iopt_error *error, const char *path, int number);

#endif
