/* SPDX-License-Identifier: MIT */
/* What build's parts share. */
#ifndef IOPT_CLI_FIRMWARE_H
#define IOPT_CLI_FIRMWARE_H

#include "handlers.h"

/* One run of build; what is not there yet is NULL. */
struct building {
	struct session *s;
	const struct args *a;
	struct out *o;
	const struct arg *file; /* the spec */
	struct iopt_spec *spec;
	const char *base_symbol; /* NULL: 'base' */
	uint64_t base;
	struct iopt_memory *memory;
	struct iopt_domain *domain;
};

/* firmware_files.c: are all -o and what goes with them possible?  An exit status. */
int firmware_check_files(struct building *b);
/* All files, or none.  An exit status. */
int firmware_write_files(struct building *b);

/* firmware_lint.c: what tables for firmware must not be.  An exit status. */
int firmware_lint(struct building *b);

#endif
