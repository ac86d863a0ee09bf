/* SPDX-License-Identifier: MIT */
/* Commands cut into words: "…", '…', \, # comments, ; and $variables, as a shell does it. */
#ifndef IOPT_CLI_WORDS_H
#define IOPT_CLI_WORDS_H

#include "report.h"

struct word {
	const char *text;
	struct place place;
	size_t offset; /* of its text, while the words are read */
};

struct words {
	struct word *list;
	size_t count, room;
	char *text;
	size_t text_used, text_room;
};

/* Looks up "NAME" or "NAME.FIELD": its value in to[0..room), or a negative code with 'error'. */
struct variables {
	int (*look_up)(void *arg, const char *name, char *to, size_t room,
		       struct iopt_error *error);
	void *arg;
};

/*
 * The next command of a source, which may have no words: 1; 0: the source has ended; a negative
 * code with 'error' and its place, the words before it, the rest of the line skipped.
 */
int words_read(struct words *w, struct source *source, const struct variables *variables,
	       struct iopt_error *error);

/* Words that are there already, as those of the command line.  'text' is not copied; ENOMEM. */
int words_add(struct words *w, const char *text, struct place place);

void words_clear(struct words *w);
void words_destroy(struct words *w);

#endif
