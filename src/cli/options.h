/* SPDX-License-Identifier: MIT */
/* The program's own options, as a table: parsing, --help, the shells' completion. */
#ifndef IOPT_CLI_OPTIONS_H
#define IOPT_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct option_row {
	char letter;	   /* 0: none */
	const char *name;  /* "--file" */
	const char *value; /* "FILE"; "auto|always|never"; NULL: none */
	const char *help;
};

extern const struct option_row option_rows[];
extern const size_t option_count;

/* The row of "-f" or "--file" (up to a '='); NULL: there is none. */
const struct option_row *option_find(const char *word);

#endif
