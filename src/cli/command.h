/* SPDX-License-Identifier: MIT */
/* The command table, from which everything that knows commands is made. */
#ifndef IOPT_CLI_COMMAND_H
#define IOPT_CLI_COMMAND_H

#include "args.h"
#include "session.h"

struct command {
	const char *name;   /* "map", "mem add" */
	const char *args;   /* "IOVA PA SIZE PROT [-d DOMAIN]": see args.h */
	const char *help;   /* one line */
	const char *detail; /* paragraphs between blank lines; lines after a tab are examples */
	const char *text;   /* template of the result in text: see out.h */
	/* The exit status; 1 with no s->error is a negative answer. */
	int (*run)(struct session *s, const struct args *a, struct out *o);
};

extern const struct command commands[];
extern const size_t command_count;

/* The command that the first words name, and how many words that takes; NULL: none. */
const struct command *command_find(const struct word *words, size_t count, size_t *taken);
/* Does a command of more than one word begin with 'word'? */
bool command_is_group(const char *word);

/* Does its help have the word, of three letters or more? */
bool help_speaks_of(const struct command *c, const char *word);

/* Runs one command, with or without '!', shows result and error; the exit status. */
int command_run(struct session *s, const struct words *words);
/* Runs all commands of a source; the exit status. */
int command_run_source(struct session *s, struct source *source);

/* Is the table what this program expects of it? "" or what is wrong (for the tests). */
const char *command_check_table(void);

#endif
