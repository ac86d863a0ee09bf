/* SPDX-License-Identifier: MIT */
/* Where commands come from, line by line: a script, stdin, a text, the shell, the command line. */
#ifndef IOPT_CLI_SOURCE_H
#define IOPT_CLI_SOURCE_H

#include <stdio.h>

#include "../core/iopt.h"

/* One command may not be longer than this: a script may be any file. */
enum { SOURCE_COMMAND_MAX = 1 << 20 };

/*
 * buf[0..used) holds the lines of the command that is read now, more only if it goes on over
 * several; 'at' is where reading is.
 */
struct source {
	const char *name; /* in messages */
	FILE *file;	  /* or */
	const char *text; /* what is left of a text */
	/* Asks for a line that the command goes on in, in 'text': 1; 0: there is none; EINTR. */
	int (*more)(struct source *s);
	void *more_arg;
	bool ended; /* nothing follows, also after an error */
	char *buf;
	size_t used, room, at;
	size_t line_start;	   /* of the line that 'at' is in */
	unsigned first_line, line; /* numbers of the lines at buf[0] and at 'at' */
};

void source_init(struct source *s, const char *name, FILE *file, const char *text);
void source_destroy(struct source *s);

/* Forgets what has been read. */
void source_restart(struct source *s);
/* Appends one line: 1; 0: there is none; or a negative code with 'error'. */
int source_fill(struct source *s, struct iopt_error *error);
/* The same in the middle of a command.  EINTR: it is given up. */
int source_continue(struct source *s, struct iopt_error *error);

/* Past the character at 'at'. */
static inline void source_advance(struct source *s)
{
	if (s->buf[s->at++] == '\n') {
		s->line++;
		s->line_start = s->at;
	}
}

/* Past the rest of the line, after an error in it. */
void source_skip_line(struct source *s);

/* Line number 'line' if it is still held, its length in *length; or NULL. */
const char *source_line(const struct source *s, unsigned line, size_t *length);

#endif
