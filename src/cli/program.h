/* SPDX-License-Identifier: MIT */
/* The program's own arguments: options, and where the command begins. */
#ifndef IOPT_CLI_PROGRAM_H
#define IOPT_CLI_PROGRAM_H

#include "session.h"

/* One of -f, -c, -m, -r, -t, to be done when all options are known. */
struct action {
	char letter;
	const char *value;
	struct place place;
};

struct program {
	struct session session;
	struct action *actions;
	size_t action_count;
	struct words arguments; /* all of them, with their places in the line below */
	struct source line;	/* the command line, as messages show it */
	const char *color;
	bool help, version;
	size_t command; /* index of the first argument that is no option */
};

/* Where each word stands in the command line as one would type it.  ENOMEM. */
int program_read_arguments(struct program *p, int argc, char **argv);

/* Options stand before the command; what follows is the command's.  An exit status. */
int program_parse_options(struct program *p);

/* Reports what is wrong with an option, as the result of a command without a name. */
int program_fail(struct program *p, const struct word *word, int code, enum iopt_failure failure,
		 const char *what);

#endif
