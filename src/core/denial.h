/* SPDX-License-Identifier: MIT */
/* Why a leaf does not give an access. */
#ifndef IOPT_DENIAL_H
#define IOPT_DENIAL_H

#include "pgtable.h"

/* The leaf that a stage's walk ended at. */
struct leaf {
	struct pgtable t; /* a copy, whose controls may be changed */
	uint64_t desc, inherited;
	int level;
};

struct iopt_attrs leaf_attrs(const struct leaf *l);

/*
 * The causes, as a mask, that have to be taken out together for one access of access[who], and no
 * more; 0 if it is given anyway, or nothing helps.
 */
unsigned denial_causes(const struct leaf *l, unsigned who, unsigned access);
/* "AP[2] is 1; APTable[1] of level 0": 'walk' tells which of its tables it was. */
void denial_text(const struct leaf *l, const struct iopt_walk *walk, unsigned causes, char *to,
		 size_t room);

#endif
