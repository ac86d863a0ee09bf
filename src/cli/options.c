/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <string.h>

const struct option_row option_rows[] = {
	{'f', "--file", "FILE", "run a script (- is stdin); repeatable, in order with -c"},
	{'c', "--command", "TEXT", "run commands; ';' or a newline separates them"},
	{'m', "--memory", "FILE[@ADDR]", "load memory contents first, as 'mem load'; repeatable"},
	{'r', "--registers", "FILE|K=V,...", "open the tables that these registers name"},
	{'t', "--table", "FILE", "load a table, as 'load'"},
	{'j', "--json", NULL, "JSON Lines on stdout"},
	{'k', "--keep-going", NULL, "go on after a failed command"},
	{0, "--color", "auto|always|never", "color in text and messages"},
	{'q', "--quiet", NULL, "no warnings"},
	{'v', "--verbose", NULL, "more in answers: raw attribute and descriptor bits"},
	{'h', "--help", NULL, "show this"},
	{'V', "--version", NULL, "show the version"},
};

const size_t option_count = sizeof(option_rows) / sizeof(option_rows[0]);

const struct option_row *option_find(const char *word)
{
	size_t length = strcspn(word, "="), i;

	for (i = 0; i < option_count; i++) {
		const struct option_row *o = &option_rows[i];

		if (word[0] == '-' && word[1] && word[1] == o->letter && !word[2])
			return o;
		if (strlen(o->name) == length && strncmp(word, o->name, length) == 0)
			return o;
	}
	return NULL;
}
