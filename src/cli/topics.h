/* SPDX-License-Identifier: MIT */
/* What help explains beside commands. */
#ifndef IOPT_CLI_TOPICS_H
#define IOPT_CLI_TOPICS_H

#include <stddef.h>

struct topic {
	const char *name; /* "exit-status" */
	const char *help; /* one line */
	const char *text; /* as a command's detail: paragraphs, lines after a tab are examples */
};

extern const struct topic topics[];
extern const size_t topic_count;

#endif
