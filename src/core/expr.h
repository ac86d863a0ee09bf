/* SPDX-License-Identifier: MIT */
/* Numbers as people write them: 0x1000, 0b11, 4k, 2mib, 1_000, and sums: 0x8000_0000+2m-4k. */
#ifndef IOPT_EXPR_H
#define IOPT_EXPR_H

#include "base.h"

/*
 * EINVAL: 'text' is no number, or no sum of them; ERANGE: it does not fit in 64 bits, or is below
 * zero.  There is never a wrap.
 */
int expr_number(const char *text, uint64_t *value);

/* "FIRST..LAST" (inclusive) or "START:LENGTH".  EINVAL, ERANGE; an empty range is EINVAL. */
int expr_range(const char *text, struct range *range);

#endif
