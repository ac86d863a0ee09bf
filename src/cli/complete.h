/* SPDX-License-Identifier: MIT */
/* What the last word of a line may become, from the command table and the session's names. */
#ifndef IOPT_CLI_COMPLETE_H
#define IOPT_CLI_COMPLETE_H

#include "args.h"

/* A command's words; the last one, perhaps empty, is the one to complete. */
void complete_command(const struct session *s, const struct word *words, size_t count,
		      struct candidates *c);
/* The same for the program's arguments, which may begin with options. */
void complete_program(const struct session *s, const struct word *words, size_t count,
		      struct candidates *c);

#endif
