/* SPDX-License-Identifier: MIT */
/* The index of a space by its output addresses, which find.c makes and looks into. */
#ifndef IOPT_FIND_H
#define IOPT_FIND_H

#include "pgtable.h"

/*
 * Every mapping by rising pa.  While it is there the space's operations are a copy of its own whose
 * map_pages() and unmap_pages() drop it first, so that who maps without an index pays nothing.
 */
struct output_index;

/* Drops it, and gives the space its operations back; nothing if there is none. */
void output_index_drop(struct pgtable *t);

#endif
