/* SPDX-License-Identifier: MIT */
/* One line on a terminal's stderr that says how far a long command is, until it is done. */
#ifndef IOPT_CLI_PROGRESS_H
#define IOPT_CLI_PROGRESS_H

#include "../core/iopt.h"

struct progress {
	bool off; /* stderr is no terminal, or nobody wants to know */
	bool shown;
	int64_t begun, drawn; /* in ms; 0: not yet */
};

void progress_init(struct progress *p, bool quiet);
/* For struct iopt_progress, 'arg' is a struct progress: not 0 after an interrupt. */
int progress_step(void *arg, const char *what, uint64_t done, uint64_t total);
/* Erases the line, and the next command begins anew. */
void progress_end(struct progress *p);

#endif
