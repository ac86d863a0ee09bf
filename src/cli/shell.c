/* SPDX-License-Identifier: MIT */
#include "shell.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "interrupt.h"
#include "line_editor.h"

/* Makes each directory on the way to a file. */
static void make_parents(char *path)
{
	char *p;

	for (p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		mkdir(path, 0700);
		*p = '/';
	}
}

/* $XDG_STATE_HOME/iopt/history, made if it is not there, for no one else to read; or NULL. */
static char *history_path(void)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char *path = NULL;
	int fd, r;

	if (state && *state == '/')
		r = asprintf(&path, "%s/iopt/history", state);
	else if (home && *home == '/')
		r = asprintf(&path, "%s/.local/state/iopt/history", home);
	else
		return NULL;
	if (r < 0)
		return NULL;
	make_parents(path);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		free(path);
		return NULL;
	}
	(void)!fchmod(fd, 0600);
	close(fd);
	return path;
}

/* An answer that Ctrl-C has cut off does not end the session. */
static void after_command(struct session *s)
{
	if (writer_flush(&s->out.w) == -IOPT_EINTR)
		s->out.w.error = 0;
	interrupt_clear();
}

int shell_run(struct session *s)
{
	char *history = history_path(), *line = NULL;
	enum line_result result;
	unsigned number = 0;
	int status = 0;

	line_editor_init(s, history);
	while (!s->quit && !s->out.w.error) {
		struct source source;

		result = line_editor_read("iopt> ", &line);
		if (result == LINE_END)
			break;
		if (result == LINE_DROPPED)
			continue;
		source_init(&source, "shell", NULL, line);
		source.line = ++number;
		status = command_run_source(s, &source);
		after_command(s);
		source_destroy(&source);
		free(line);
	}
	if (!s->quit)
		(void)!write(STDOUT_FILENO, "\n", 1);
	line_editor_end();
	free(history);
	return status;
}
