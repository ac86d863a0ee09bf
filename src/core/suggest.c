/* SPDX-License-Identifier: MIT */
#include "suggest.h"

#include <stdio.h>
#include <string.h>

enum { NAME_MAX_COMPARED = 40 };

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

/* Insertions, deletions, replacements, and neighbours swapped, from a to b. */
static unsigned distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
	unsigned rows[3][NAME_MAX_COMPARED + 1];
	unsigned *before = rows[0], *last = rows[1], *now = rows[2], *spare;
	size_t i, k;

	for (k = 0; k <= b_length; k++)
		last[k] = (unsigned)k;
	for (i = 1; i <= a_length; i++) {
		now[0] = (unsigned)i;
		for (k = 1; k <= b_length; k++) {
			unsigned differs = a[i - 1] != b[k - 1];

			now[k] = min3(last[k] + 1, now[k - 1] + 1, last[k - 1] + differs);
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
				now[k] = min3(now[k], before[k - 2] + 1, now[k]);
		}
		spare = before;
		before = last;
		last = now;
		now = spare;
	}
	return last[b_length];
}

void suggest_begin(struct suggestion *s, const char *typed)
{
	*s = (struct suggestion){.typed = typed, .length = strlen(typed)};
	s->distance = (unsigned)(s->length + 2) / 3 + 1;
}

void suggest_try(struct suggestion *s, const char *name, size_t length)
{
	unsigned d;

	if (!s->length || s->length > NAME_MAX_COMPARED || length > NAME_MAX_COMPARED)
		return;
	/* what was begun and not ended is as near as one wrong letter */
	if (s->length > 1 && s->length < length && memcmp(s->typed, name, s->length) == 0)
		d = 1;
	else
		d = distance(s->typed, s->length, name, length);
	if (d < s->distance && d < length) {
		s->distance = d;
		s->best = name;
		s->best_length = length;
	}
}

const char *suggest_text(const struct suggestion *s, char *to, size_t room)
{
	to[0] = '\0';
	if (s->best)
		snprintf(to, room, "; did you mean '%.*s'?", (int)s->best_length, s->best);
	return to;
}
