/* SPDX-License-Identifier: MIT */
/* The fields that a decoder told, to look at them. */
#ifndef TOLD_H
#define TOLD_H

#include "iopt.h"

struct told {
	uint64_t covered, value; /* bits that were told, and what they were */
	unsigned count, last_lo;
	char texts[64][200];
};

/* A sink's function, of a zeroed struct told: they come in falling order and do not overlap. */
int told_keep(void *arg, const struct iopt_field *field);
/* "AttrIndx=1: MAIR attribute 1" */
void assert_told(const struct told *t, const char *text);

#endif
