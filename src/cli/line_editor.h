/* SPDX-License-Identifier: MIT */
/* One line from a terminal. */
#ifndef IOPT_CLI_LINE_EDITOR_H
#define IOPT_CLI_LINE_EDITOR_H

#include "session.h"

enum line_result { LINE_READ, LINE_DROPPED /* Ctrl-C */, LINE_END };

/* 'history': where lines are kept, or NULL. */
void line_editor_init(struct session *s, const char *history);
void line_editor_end(void);
/* *line, without its newline, is the caller's to free.  'more': it belongs to the one before. */
enum line_result line_editor_read(const char *prompt, bool more, char **line);

#endif
