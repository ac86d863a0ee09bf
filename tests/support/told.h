/* SPDX-License-Identifier: MIT */
/* The fields that a decoder told, to look at them. */
#ifndef TOLD_H
#define TOLD_H

#include "iopt.h"

enum { TOLD_WORDS = 8 };

struct told {
	uint64_t covered[TOLD_WORDS], value[TOLD_WORDS]; /* bits that were told, what they were */
	unsigned count, last_lo;
	char texts[128][200];
};

/* A sink's function, of a zeroed struct told: they come in falling order and do not overlap. */
int told_keep(void *arg, const struct iopt_field *field);
/* "AttrIndx=1: MAIR attribute 1" */
void assert_told(const struct told *t, const char *text);

#endif
