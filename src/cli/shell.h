/* SPDX-License-Identifier: MIT */
/* The shell: lines from a terminal, with history and completion where there is readline. */
#ifndef IOPT_CLI_SHELL_H
#define IOPT_CLI_SHELL_H

#include "session.h"

/* The exit status: 0, or with --keep-going the highest of a command. */
int shell_run(struct session *s);

#endif
