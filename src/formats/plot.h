/* SPDX-License-Identifier: MIT */
/*
 * The mappings of a domain as a picture needs them: bands of the address space, no more than fit
 * into one, however many mappings there are.  Neighbours that lie closest are joined until they
 * do; a joined band still knows what is where in it, as a row of cells.
 */
#ifndef IOPT_PLOT_H
#define IOPT_PLOT_H

#include "dump.h"

enum {
	PLOT_BANDS_MAX = 64,
	PLOT_CELLS = 96,
	PLOT_CLASSES_MAX = 64, /* the last of them takes whatever has no room of its own */
	/* Instead of a class: */
	PLOT_MIXED = PLOT_CLASSES_MAX, /* mappings of any class, with gaps */
	PLOT_SAME,		       /* tables that were shown before */
	PLOT_NOTHING,		       /* of a cell */
};

/* Mappings that look the same. */
struct plot_class {
	struct iopt_attrs attrs;
	uint64_t mappings, bytes;
};

struct plot_cell {
	unsigned class;
	uint64_t bytes; /* of that class, which has most of the cell */
};

struct plot_band {
	uint64_t first, last;
	uint64_t pa;	    /* of the first byte */
	uint64_t page_size; /* 0: several */
	uint64_t mappings;  /* entries */
	uint64_t bytes;	    /* mapped; all of it, but for PLOT_MIXED */
	uint64_t same_as;   /* PLOT_SAME: iova */
	unsigned class;
	unsigned space;
	bool scattered; /* output addresses do not follow each other */
};

struct plot {
	struct dump *d;
	struct plot_class classes[PLOT_CLASSES_MAX];
	unsigned class_count;
	struct plot_band *bands; /* by space, then rising */
	size_t count;
	struct plot_cell (*cells)[PLOT_CELLS]; /* of the PLOT_MIXED ones */
	unsigned space;			       /* that is being visited */
};

/* Visits all spaces.  0, ENOMEM, or what ended a visit; to be freed in any case. */
int plot_collect(struct plot *p, struct dump *d);
void plot_free(struct plot *p);

/* ---- words (plot_words.c) ---- */

/* "1.5 GiB"; what is left out is cut off. */
void plot_write_size(struct writer *w, uint64_t bytes);
/* The size of [first, last], which may be the whole 64-bit space. */
void plot_write_span(struct writer *w, uint64_t first, uint64_t last);
/* "normal-wb · el1 rw-, el0 --- · inner" */
void plot_write_class(struct writer *w, const struct iopt_attrs *attrs);
/* "1 mapping", "2 mappings" */
void plot_write_count(struct writer *w, uint64_t count, const char *noun);

/* Does an exception level have one of these permissions? */
static inline bool plot_may(const struct iopt_attrs *a, unsigned access)
{
	unsigned i;

	for (i = 0; i < a->level_count; i++)
		if (a->access[i].access & access)
			return true;
	return false;
}

#endif
