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

struct shell {
	char *text;	/* the line that was read last, with its newline */
	unsigned lines; /* so far */
};

static enum line_result read_line(struct shell *shell, const char *prompt)
{
	enum line_result result;
	char *line = NULL;

	free(shell->text);
	shell->text = NULL;
	result = line_editor_read(prompt, &line);
	if (result != LINE_READ)
		return result;
	if (asprintf(&shell->text, "%s\n", line) < 0)
		shell->text = NULL;
	free(line);
	shell->lines++;
	return shell->text ? LINE_READ : LINE_END;
}

/* An open quote, or a backslash at the end: the command goes on. */
static int read_more(struct source *source)
{
	struct shell *shell = source->more_arg;
	enum line_result result = read_line(shell, "    > ");

	if (result == LINE_READ)
		source->text = shell->text;
	return result == LINE_READ ? 1 : result == LINE_DROPPED ? -IOPT_EINTR : 0;
}

static int run_line(struct session *s, struct shell *shell)
{
	struct source source;
	int status;

	source_init(&source, "shell", NULL, shell->text);
	source.first_line = source.line = shell->lines;
	source.more = read_more;
	source.more_arg = shell;
	status = command_run_source(s, &source);
	after_command(s);
	source_destroy(&source);
	return status;
}

int shell_run(struct session *s)
{
	struct shell shell = {.text = NULL};
	char *history = history_path();
	enum line_result result;
	int status = 0, now;

	line_editor_init(s, history);
	while (!s->quit && !s->out.w.error) {
		result = read_line(&shell, "iopt> ");
		if (result == LINE_END)
			break;
		if (result == LINE_DROPPED)
			continue;
		now = run_line(s, &shell);
		if (s->keep_going && now > status)
			status = now;
	}
	if (!s->quit)
		(void)!write(STDOUT_FILENO, "\n", 1);
	line_editor_end();
	free(shell.text);
	free(history);
	return status;
}
