/* SPDX-License-Identifier: MIT */
/* "Did you mean": the known name that is nearest to what was typed. */
#ifndef IOPT_SUGGEST_H
#define IOPT_SUGGEST_H

#include <stddef.h>

struct suggestion {
	const char *typed;
	size_t length;
	const char *best; /* NULL: nothing is near */
	size_t best_length;
	unsigned distance;
};

void suggest_begin(struct suggestion *s, const char *typed);
void suggest_try(struct suggestion *s, const char *name, size_t length);

/* "; did you mean 'domain'?", or "", in 'to'; returns it. */
const char *suggest_text(const struct suggestion *s, char *to, size_t room);

#endif
