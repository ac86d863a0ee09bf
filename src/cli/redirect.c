/* SPDX-License-Identifier: MIT */
#include "redirect.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../core/ascii.h"
#include "interrupt.h"
#include "words.h"

/* ---- the line ---- */

/* Past a quoted part, or a character after a backslash; NULL: a quote stays open. */
static const char *skip_quoted(const char *p)
{
	const char quote = *p++;

	if (quote == '\\')
		return *p ? p + 1 : p;
	while (*p && *p != quote)
		p += quote == '"' && *p == '\\' && p[1] ? 2 : 1;
	return *p ? p + 1 : NULL;
}

/* The operator, or NULL; *command: where the command before it begins. */
static const char *find_operator(const char *text, const char **command)
{
	bool in_word = false;
	const char *p;

	*command = text;
	for (p = text; p && *p;) {
		if (strchr("'\"\\", *p)) {
			p = skip_quoted(p);
			in_word = true;
			continue;
		}
		if (*p == '|' || *p == '>')
			return p;
		if (*p == '#' && !in_word) {
			p += strcspn(p, "\n");
			continue;
		}
		if (*p == ';' || *p == '\n')
			*command = p + 1;
		in_word = !ascii_is_space(*p) && *p != ';';
		p++;
	}
	return NULL;
}

static enum redirect_kind kind_of(const char *operator)
{
	if (*operator== '|')
		return REDIRECT_PROGRAM;
	return operator[1] == '>' ? REDIRECT_APPEND : REDIRECT_FILE;
}

bool redirect_find(const char *text, enum redirect_kind *kind)
{
	const char *command, *operator= find_operator(text, &command);

	if (operator)
		*kind = kind_of(operator);
	return operator;
}

/* The one word behind '>'. */
static int parse_path(const char *text, char **path, struct iopt_error *error)
{
	struct variables none = {.look_up = NULL};
	struct words words = {.list = NULL};
	struct source source;
	int r;

	source_init(&source, "shell", NULL, text);
	r = strchr(text, '$') ? -IOPT_EINVAL : words_read(&words, &source, &none, error);
	if (r > 0 && words.count == 1 && source.at == source.used)
		*path = strdup(words.list[0].text);
	words_destroy(&words);
	source_destroy(&source);
	if (*path)
		return 0;
	error_set(error, IOPT_EINVAL, IOPT_FAILURE_USAGE,
		  "one file name stands after '>', and nothing after that");
	return -IOPT_EINVAL;
}

int redirect_parse(const char *text, struct redirect_line *line, struct iopt_error *error)
{
	const char *command, *operator= find_operator(text, &command);
	const char *target = operator;
	int r = 0;

	*line = (struct redirect_line){.target = NULL};
	if (!operator)
		return 0;
	line->plain = (size_t)(command - text);
	line->commands = (size_t)(operator- text);
	line->kind = kind_of(operator);
	target += line->kind == REDIRECT_APPEND ? 2 : 1;
	target += strspn(target, " \t");
	if (line->kind != REDIRECT_PROGRAM) {
		r = parse_path(target, &line->target, error);
	} else if (*target && *target != '\n') {
		line->target = strdup(target);
	} else {
		error_set(error, IOPT_EINVAL, IOPT_FAILURE_USAGE, "a program stands after '|'");
		r = -IOPT_EINVAL;
	}
	error->line = 1;
	error->column = (unsigned)(operator- text) + 1;
	return r;
}

/* ---- programs ---- */

static int write_fd(int fd, const void *data, size_t bytes)
{
	const char *p = data;

	while (bytes) {
		ssize_t done;

		if (interrupted())
			return -IOPT_EINTR;
		done = write(fd, p, bytes);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -iopt_error_of_errno(errno);
		p += done;
		bytes -= (size_t)done;
	}
	return 0;
}

/* sh -c COMMAND with a pipe of ours as its stdin. */
static int spawn(struct redirect *r, const char *command)
{
	char *const argv[] = {(char *)"sh", (char *)"-c", (char *)command, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t defaults;
	int ends[2], error;

	if (pipe2(ends, O_CLOEXEC))
		return errno;
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE); /* which we ignore */
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
	error = posix_spawn(&r->child, "/bin/sh", &actions, &attributes, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	close(ends[0]);
	if (error) {
		r->child = 0;
		close(ends[1]);
		return error;
	}
	r->fd = ends[1];
	return 0;
}

static bool is_in_path(const char *name)
{
	const char *path = getenv("PATH"), *end;
	char file[512];

	for (; path && *path; path = *end ? end + 1 : end) {
		end = path + strcspn(path, ":");
		snprintf(file, sizeof(file), "%.*s/%s", (int)(end - path), path, name);
		if (!access(file, X_OK))
			return true;
	}
	return false;
}

/* NULL: none is wanted, or there. */
static const char *pager_command(void)
{
	const char *pager = getenv("PAGER");

	if (pager)
		return *pager && strcmp(pager, "cat") != 0 ? pager : NULL;
	if (!is_in_path("less"))
		return NULL;
	/* ends by itself if all fits, shows colors, leaves the text on the screen */
	setenv("LESS", "FRXS", 0);
	return "less";
}

/* ---- the pager: nothing is started until the text is longer than the screen ---- */

static bool fills_screen(struct redirect *r, const char *data, size_t bytes)
{
	size_t i;

	for (i = 0; i < bytes && r->row < r->rows; i++) {
		if (data[i] == '\n' || ++r->column > r->columns) {
			r->column = data[i] != '\n';
			r->row++;
		}
	}
	return r->row >= r->rows;
}

static int hold(struct redirect *r, const char *data, size_t bytes)
{
	if (r->used + bytes > r->room) {
		size_t room = 2 * (r->used + bytes);
		char *held = realloc(r->held, room);

		if (!held)
			return -IOPT_ENOMEM;
		r->held = held;
		r->room = room;
	}
	memcpy(r->held + r->used, data, bytes);
	r->used += bytes;
	return 0;
}

static int let_go(struct redirect *r)
{
	int code = r->child ? write_fd(r->fd, r->held, r->used)
			    : r->terminal.write(r->terminal.arg, r->held, r->used);

	r->used = 0;
	return code;
}

/* What the pager might have got: something is about to be said on stderr. */
static void show_held(void *arg)
{
	struct redirect *r = arg;

	if (!r->child && r->used)
		let_go(r);
}

static int write_pager(void *arg, const void *data, size_t bytes)
{
	struct redirect *r = arg;
	int code;

	if (r->child)
		return write_fd(r->fd, data, bytes);
	code = hold(r, data, bytes);
	if (code || !fills_screen(r, data, bytes))
		return code;
	if (spawn(r, pager_command()))
		r->rows = UINT32_MAX; /* the terminal, then */
	return let_go(r);
}

static int write_straight(void *arg, const void *data, size_t bytes)
{
	return write_fd(((struct redirect *)arg)->fd, data, bytes);
}

/* ---- begin and end ---- */

/* False: the terminal is no screen, or there is no pager. */
static bool measure_screen(struct redirect *r)
{
	struct winsize size;

	if (!pager_command() || !isatty(STDIN_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) ||
	    size.ws_row < 3 || !size.ws_col)
		return false;
	r->rows = size.ws_row - 1;
	r->columns = size.ws_col;
	return true;
}

int redirect_begin(struct redirect *r, struct session *s, enum redirect_kind kind,
		   const char *target, struct iopt_error *error)
{
	struct iopt_sink sink = {write_straight, r};
	int number = 0;

	*r = (struct redirect){.session = s, .kind = kind, .path = target, .fd = -1};
	writer_flush(&s->out.w);
	r->terminal = s->out.w.sink;
	r->color = s->out.color;
	if (kind == REDIRECT_PAGER) {
		sink = measure_screen(r) ? (struct iopt_sink){write_pager, r} : r->terminal;
	} else if (kind == REDIRECT_PROGRAM) {
		number = spawn(r, target);
	} else if (kind == REDIRECT_APPEND) {
		r->fd = open(target, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
		number = r->fd < 0 ? errno : 0;
	} else {
		int code = outfile_open(&r->file, target, error);

		if (code)
			return code;
		sink = outfile_sink(&r->file);
	}
	if (number)
		return outfile_error(error, target, number);
	s->out.show_held = kind == REDIRECT_PAGER ? show_held : NULL;
	s->out.held = r;
	s->out.w.sink = sink;
	s->out.color &= kind == REDIRECT_PAGER;
	return 0;
}

static void wait_for(pid_t child)
{
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
}

int redirect_end(struct redirect *r, struct iopt_error *error)
{
	struct writer *w = &r->session->out.w;
	int code = writer_flush(w);

	/* cut off by Ctrl-C is not whole, even if all of it so far was written */
	if (!code && interrupted())
		code = -IOPT_EINTR;
	if (!code && r->used)
		code = let_go(r);
	r->session->out.show_held = NULL;
	w->sink = r->terminal;
	r->session->out.color = r->color;
	if (r->fd >= 0 && close(r->fd) && !code)
		code = -iopt_error_of_errno(errno);
	if (r->child)
		wait_for(r->child);
	free(r->held);
	if (r->kind == REDIRECT_FILE && !code)
		return outfile_commit(&r->file, 1, error);
	if (r->kind == REDIRECT_FILE)
		outfile_abort(&r->file);
	if (code == -IOPT_EPIPE && r->child)
		code = 0;
	if (code) {
		error_set(error, -code, IOPT_FAILURE_IO, "%s", iopt_error_text(code));
		snprintf(error->source, sizeof(error->source), "%s",
			 r->kind == REDIRECT_PAGER ? "" : r->path);
	}
	return code;
}
