/* SPDX-License-Identifier: MIT */
/* Intermediate physical memory: what stage 1 tables and their pages are read from. */
#ifndef IOPT_STAGE2_VIEW_H
#define IOPT_STAGE2_VIEW_H

#include "domain.h"

/*
 * A memory whose addresses are the input of 'stage2': present where that maps, readable, to bytes
 * that its own memory has.  It is a picture of the tables as they are now.  E2BIG: more than a
 * million pieces, or tables that point to each other; ENOMEM.
 */
int stage2_view(struct iopt_domain *stage2, struct iopt_memory **view);

#endif
