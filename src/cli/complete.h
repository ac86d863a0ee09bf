/* SPDX-License-Identifier: MIT */
/* What a word may become, from the command table and the session's names. */
#ifndef IOPT_CLI_COMPLETE_H
#define IOPT_CLI_COMPLETE_H

#include "candidates.h"

/* 'words' stand before the one that is typed: those of a command; NULL: none. */
void complete_command(const struct session *s, const struct word *words, size_t count,
		      struct candidates *c);
/* The program's arguments, which may begin with options. */
void complete_program(const struct session *s, const struct word *words, size_t count,
		      struct candidates *c);
/* 'before': the text up to the word that is typed; it may have several commands. */
void complete_text(struct session *s, const char *before, struct candidates *c);

#endif
