/* SPDX-License-Identifier: MIT */
/* Commands that come from somewhere else than the line at hand: script files, loop bodies. */
#ifndef IOPT_CLI_SCRIPT_H
#define IOPT_CLI_SCRIPT_H

#include "source.h"

struct session;

/* Scripts in scripts and loops in loops: each costs stack. */
enum { SCRIPT_DEPTH_MAX = 16 };

/* What runs now, innermost first.  A body of a loop is no file. */
struct script {
	struct script *outer;
	unsigned depth;
	bool is_file;
	uint64_t device, inode;
};

/*
 * Runs the commands of a file ("-": stdin), or of a text; *status is the highest exit status.  A
 * negative code with s->error: it did not begin.  ELOOP: the file is running already, or too many
 * are.  EISDIR, ENOENT and so on: it cannot be read.
 */
int script_run_file(struct session *s, const char *path, int *status);
int script_run_text(struct session *s, const char *name, const char *text, int *status);

#endif
