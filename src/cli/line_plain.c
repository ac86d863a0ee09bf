/* SPDX-License-Identifier: MIT */
/* Without readline: the terminal's own line discipline. */
#ifndef IOPT_HAVE_READLINE

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "interrupt.h"
#include "line_editor.h"

void line_editor_init(struct session *s, const char *history)
{
	(void)s;
	(void)history;
}

void line_editor_end(void)
{
}

enum line_result line_editor_read(const char *prompt, bool more, char **line)
{
	size_t room = 0;

	(void)more;
	*line = NULL;
	fputs(prompt, stdout);
	fflush(stdout);
	if (getline(line, &room, stdin) >= 0) {
		(*line)[strcspn(*line, "\n")] = '\0';
		return LINE_READ;
	}
	free(*line);
	if (!interrupted() || feof(stdin))
		return LINE_END;
	clearerr(stdin);
	interrupt_clear();
	(void)!write(STDOUT_FILENO, "\n", 1);
	return LINE_DROPPED;
}

#else

typedef int line_plain_is_not_used;

#endif
