/* SPDX-License-Identifier: MIT */
/*
 * One dump of a domain being written.  Each dump_*() writes all spaces; 0, what the sink said, or
 * a code of the visit.
 */
#ifndef IOPT_DUMP_H
#define IOPT_DUMP_H

#include "../core/domain.h"
#include "writer.h"

struct dump {
	struct iopt_domain *domain;
	const struct iopt_dump_options *options;
	struct writer w;
};

/* To be called between tables; not 0 ends the dump. */
static inline int dump_check(const struct dump *d)
{
	if (d->w.error)
		return d->w.error;
	return d->options->cancelled ? d->options->cancelled(d->options->arg) : 0;
}

/* What goes between the tables of a JSON document. */
enum dump_layout { DUMP_LINES, DUMP_ONE_LINE, DUMP_JSONL };

int dump_json(struct dump *d, enum dump_layout layout);
int dump_text(struct dump *d);
int dump_ptdump(struct dump *d);
int dump_csv(struct dump *d);
int dump_svg(struct dump *d);
int dump_dot(struct dump *d);

#endif
