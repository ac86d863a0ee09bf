/* SPDX-License-Identifier: MIT */
/* Where the shell sends what its commands print: to the terminal, a pager, a program or a file. */
#ifndef IOPT_CLI_REDIRECT_H
#define IOPT_CLI_REDIRECT_H

#include <sys/types.h>

#include "outfile.h"
#include "session.h"

enum redirect_kind {
	REDIRECT_PAGER, /* once it is more than a screen holds; else the terminal */
	REDIRECT_PROGRAM,
	REDIRECT_FILE,
	REDIRECT_APPEND,
};

/* What a line says: commands, then where their output goes. */
struct redirect_line {
	size_t plain;	 /* bytes of commands before the one that is redirected */
	size_t commands; /* and with that one */
	enum redirect_kind kind;
	char *target; /* a command for sh, or a path; NULL: nothing is redirected */
};

struct redirect {
	struct session *session;
	enum redirect_kind kind;
	const char *path; /* the target, while it is redirected */
	struct iopt_sink terminal;
	bool color; /* on the terminal */
	struct outfile file;
	int fd;	     /* of the pipe, or of what is appended to; -1: none yet */
	pid_t child; /* 0: none */
	char *held;  /* less than a screen */
	size_t used, room;
	unsigned rows, columns, row, column; /* of the screen, and where the text is */
};

/*
 * Looks for | > >> outside quotes and comments.  EINVAL with 'error' and its column: nothing, or
 * more than one word, stands behind it.  'target' is the caller's to free.
 */
int redirect_parse(const char *text, struct redirect_line *line, struct iopt_error *error);

/* Is there one of them? */
bool redirect_find(const char *text, enum redirect_kind *kind);

/* From here on the session's output goes there.  An errno with 'error': it does not. */
int redirect_begin(struct redirect *r, struct session *s, enum redirect_kind kind,
		   const char *target, struct iopt_error *error);
/* Back to the terminal; waits for the program.  What writing said; a program that left early is
 * no failure. */
int redirect_end(struct redirect *r, struct iopt_error *error);

#endif
