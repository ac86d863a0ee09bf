/* SPDX-License-Identifier: MIT */
#include "shell.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "handlers.h"
#include "interrupt.h"
#include "line_editor.h"
#include "redirect.h"

enum { HISTORY_BYTES_MAX = 4 << 20 };

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

/* A file that nobody else may read. */
static bool is_history(int fd, off_t *bytes)
{
	struct stat st;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || fchmod(fd, 0600))
		return false;
	*bytes = st.st_size;
	return true;
}

/* One that is too long to be read as a whole is put aside. */
static bool put_aside(const char *path)
{
	char *old;
	bool done;
	int fd;

	if (asprintf(&old, "%s.old", path) < 0)
		return false;
	done = !rename(path, old);
	free(old);
	fd = done ? open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* $XDG_STATE_HOME/iopt/history, made if it is not there, for no one else to read; or NULL. */
static char *history_path(void)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char *path = NULL;
	off_t bytes = 0;
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
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
	if (fd < 0 || !is_history(fd, &bytes) || (bytes > HISTORY_BYTES_MAX && !put_aside(path))) {
		free(path);
		path = NULL;
	}
	if (fd >= 0)
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
	unsigned lines; /* so far, up to its first */
	unsigned inner; /* lines of it that follow: pasted, or of the history */
};

static enum line_result read_line(struct shell *shell, const char *prompt, bool more)
{
	enum line_result result;
	char *line = NULL;
	const char *p;

	free(shell->text);
	shell->text = NULL;
	result = line_editor_read(prompt, more, &line);
	if (result != LINE_READ)
		return result;
	if (asprintf(&shell->text, "%s\n", line) < 0)
		shell->text = NULL;
	shell->lines += 1 + shell->inner;
	for (shell->inner = 0, p = line; (p = strchr(p, '\n')) != NULL; p++)
		shell->inner++;
	free(line);
	return shell->text ? LINE_READ : LINE_END;
}

/* An open quote, or a backslash at the end: the command goes on. */
static int read_more(struct source *source)
{
	struct shell *shell = source->more_arg;
	enum line_result result = read_line(shell, "    > ", true);

	if (result == LINE_READ)
		source->text = shell->text;
	return result == LINE_READ ? 1 : result == LINE_DROPPED ? -IOPT_EINTR : 0;
}

static int fail_redirect(struct session *s, const struct shell *shell, struct iopt_error *error)
{
	struct source source = {.name = "shell", .buf = shell->text, .line = shell->lines};

	source.first_line = shell->lines;
	source.used = strlen(shell->text);
	if (error->source[0]) { /* a file, which the message does not name */
		char message[sizeof(error->message)];

		snprintf(message, sizeof(message), "%.100s: %.140s", error->source, error->message);
		error_set(error, error->code, error->failure, "%s", message);
	}
	snprintf(error->source, sizeof(error->source), "shell");
	report_error(&s->report, error, &source, (struct place){shell->lines, error->column});
	return (int)error->failure;
}

/* The commands of a text, which is a line or a part of it. */
static int run_text(struct session *s, struct shell *shell, const char *text)
{
	struct source source;
	int status;

	source_init(&source, "shell", NULL, text);
	source.first_line = source.line = shell->lines;
	source.more = read_more;
	source.more_arg = shell;
	status = command_run_source(s, &source);
	source_destroy(&source);
	return status;
}

static bool is_json_name(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && strcmp(dot, ".json") == 0;
}

/* The same with what it prints going somewhere else. */
static int run_to(struct session *s, struct shell *shell, const char *text, enum redirect_kind kind,
		  const char *target)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct redirect redirect;
	int status;

	if (kind == REDIRECT_FILE && !s->out.json && is_json_name(target))
		tell(s,
		     "%s gets what the screen would: dump -o writes JSON, set json on says it all so",
		     target);
	if (redirect_begin(&redirect, s, kind, target, &error))
		return fail_redirect(s, shell, &error);
	status = run_text(s, shell, text);
	if (redirect_end(&redirect, &error)) {
		s->out.w.error = 0;
		return error.code == IOPT_EINTR ? status : fail_redirect(s, shell, &error);
	}
	if (redirect.child) /* that it went away early is not our failure */
		s->out.w.error = 0;
	return status;
}

static int run_line(struct session *s, struct shell *shell)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct redirect_line line;
	char *plain, *last;
	int status;

	if (redirect_parse(shell->text, &line, &error))
		return fail_redirect(s, shell, &error);
	if (!line.target)
		return run_to(s, shell, shell->text, REDIRECT_PAGER, NULL);
	plain = strndup(shell->text, line.plain);
	last = strndup(shell->text, line.commands);
	if (last) /* blanks, so that columns stay what they are */
		memset(last, ' ', line.plain);
	status = plain && last ? run_to(s, shell, plain, REDIRECT_PAGER, NULL)
			       : fail_library(s, NULL, IOPT_ENOMEM);
	if (!status || s->keep_going)
		status = run_to(s, shell, last, line.kind, line.target);
	free(plain);
	free(last);
	free(line.target);
	return status;
}

int shell_run(struct session *s)
{
	struct shell shell = {.text = NULL};
	char *history = history_path();
	enum line_result result;
	int status = 0, now;
	size_t i;

	line_editor_init(s, history);
	if (!s->out.json) {
		writer_str(&s->out.w,
			   "help start: first steps.  help: all commands.  Tab completes.\n");
		writer_flush(&s->out.w);
	}
	for (i = 0; i < s->domain_count; i++)
		tell_domain(s, s->domains[i]);
	while (!s->quit && !s->out.w.error) {
		char prompt[NAME_BYTES + 8];

		snprintf(prompt, sizeof(prompt), s->domain ? "iopt %s> " : "iopt> ",
			 s->domain ? s->domain->name : "");
		result = read_line(&shell, prompt, false);
		if (result == LINE_END)
			break;
		if (result == LINE_DROPPED)
			continue;
		out_measure(&s->out);
		now = run_line(s, &shell);
		after_command(s);
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
