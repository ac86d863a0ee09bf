/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "command.h"
#include "interrupt.h"
#include "options.h"
#include "outfile.h"
#include "program.h"
#include "script.h"
#include "shell.h"

static int write_stdout(void *arg, const void *data, size_t bytes)
{
	const char *p = data;

	(void)arg;
	while (bytes) {
		ssize_t done;

		if (interrupted())
			return -IOPT_EINTR;
		done = write(STDOUT_FILENO, p, bytes);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0) {
			struct iopt_error unused;

			return outfile_error(&unused, "stdout", errno);
		}
		p += done;
		bytes -= (size_t)done;
	}
	return 0;
}

/* A closed standard descriptor must not become some file's: one that cannot be used instead. */
static void open_standard_descriptors(void)
{
	static const int unusable[] = {O_WRONLY, O_RDONLY, O_RDWR};
	int fd;

	for (fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			(void)!open("/dev/null", unusable[fd]);
}

static bool wants_color(const char *color, int fd)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");

	if (color && strcmp(color, "auto") != 0)
		return strcmp(color, "always") == 0;
	return isatty(fd) && !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
}

static void show_options(struct writer *w)
{
	size_t i;

	writer_str(w, "usage: iopt [OPTION...] [COMMAND [ARG...]]\n\n"
		      "Builds, shows and converts Arm translation tables.\n\n");
	for (i = 0; i < option_count; i++) {
		const struct option_row *o = &option_rows[i];
		char left[64];

		snprintf(left, sizeof(left), "%c%c%s %s%s%s", o->letter ? '-' : ' ',
			 o->letter ? o->letter : ' ', o->letter ? "," : " ", o->name,
			 o->value ? " " : "", o->value ? o->value : "");
		snprintf(left + strlen(left), sizeof(left) - strlen(left), "%*s",
			 (int)(32 - strlen(left)), "");
		writer_str(w, "  ");
		writer_str(w, left);
		writer_str(w, o->help);
		writer_char(w, '\n');
	}
	writer_str(w, "\nCommands ('help COMMAND' explains one):\n\n");
}

/* --help and --version are the commands of that name. */
static int run_word(struct program *p, const char *word)
{
	struct words words = {.list = NULL};
	int r = words_add(&words, word, (struct place){0, 0});

	r = r ? IOPT_FAILURE_REQUEST : command_run(&p->session, &words);
	words_destroy(&words);
	return r;
}

static int show_help(struct program *p)
{
	if (!p->session.out.json)
		show_options(&p->session.out.w);
	return run_word(p, "help");
}

/* The commands that options stand for; their answers are not shown unless they fail. */
static int run_setup(struct program *p, const struct action *action)
{
	static const struct {
		char letter;
		const char *words[4];
	} known[] = {{'m', {"mem", "load"}},
		     {'r', {"domain", "open", "main", "--registers"}},
		     {'t', {"load", "--"}}};
	struct words words = {.list = NULL};
	size_t i = 0, k;
	int r = 0;

	while (known[i].letter != action->letter)
		i++;
	for (k = 0; k < ARRAY_SIZE(known[i].words) && known[i].words[k] && !r; k++)
		r = words_add(&words, known[i].words[k], action->place);
	if (!r)
		r = words_add(&words, action->value, action->place);
	p->session.source = &p->line;
	p->session.out.muted = true;
	r = r ? IOPT_FAILURE_REQUEST : command_run(&p->session, &words);
	p->session.out.muted = false;
	p->session.source = NULL;
	words_destroy(&words);
	return r;
}

static int run_script(struct program *p, const struct action *action)
{
	struct session *s = &p->session;
	char message[sizeof(s->error.source) + sizeof(s->error.message) + 4];
	int status = 0, r;

	if (action->letter == 'c')
		r = script_run_text(s, "-c", action->value, &status);
	else
		r = script_run_file(s, action->value, &status);
	if (!r)
		return status;
	snprintf(message, sizeof(message), "%s: %s", s->error.source, s->error.message);
	return program_fail(p, &(struct word){.place = action->place}, -r, IOPT_FAILURE_IO,
			    message);
}

static int run_argument_command(struct program *p)
{
	struct words words = p->arguments;
	int status;

	words.list += p->command;
	words.count -= p->command;
	p->session.source = &p->line;
	status = command_run(&p->session, &words);
	p->session.source = NULL;
	return status;
}

static bool may_go_on(const struct program *p, int status)
{
	return (!status || p->session.keep_going) && !p->session.quit && !p->session.out.w.error;
}

/* -m before -r and -t before the scripts, each in the order given; the highest status. */
static int run_actions(struct program *p, const char *letters)
{
	int status = 0, now;
	size_t i;

	for (i = 0; i < p->action_count && may_go_on(p, status); i++) {
		const struct action *action = &p->actions[i];

		if (!strchr(letters, action->letter))
			continue;
		now = strchr("fc", action->letter) ? run_script(p, action) : run_setup(p, action);
		if (now > status)
			status = now;
	}
	return status;
}

/* Is one of these options given? */
static bool has_action(const struct program *p, const char *letters)
{
	size_t i;

	for (i = 0; i < p->action_count; i++)
		if (strchr(letters, p->actions[i].letter))
			return true;
	return false;
}

static int run_default(struct program *p)
{
	const struct action from_stdin = {'f', "-", {0, 0}};

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return run_script(p, &from_stdin);
	p->session.interactive = p->session.flush_each = true;
	interrupt_init(true);
	return shell_run(&p->session);
}

static int run_all(struct program *p)
{
	static const char *const rounds[] = {"m", "rt", "fc"};
	int status = 0, now;
	size_t i;

	p->session.at_terminal =
		isatty(STDERR_FILENO) && !has_action(p, "f"); /* -c is typed, too */
	for (i = 0; i < ARRAY_SIZE(rounds) && may_go_on(p, status); i++) {
		now = run_actions(p, rounds[i]);
		if (now > status)
			status = now;
	}
	if (!may_go_on(p, status))
		return status;
	if (p->command < p->arguments.count)
		now = run_argument_command(p);
	else if (!has_action(p, "fc"))
		now = run_default(p);
	else
		now = 0;
	return now > status ? now : status;
}

static int run(struct program *p)
{
	int status = program_parse_options(p);

	progress_init(&p->session.progress, p->session.report.quiet);
	p->session.report.color = wants_color(p->color, STDERR_FILENO);
	p->session.out.color = wants_color(p->color, STDOUT_FILENO);
	out_measure(&p->session.out);
	if (status)
		return status;
	if (p->help)
		return show_help(p);
	return p->version ? run_word(p, "version") : run_all(p);
}

/* What could not be written is a failure of its own; a reader who went away knows it already. */
static int finish(struct program *p, int status)
{
	struct iopt_error error;
	int r = writer_flush(&p->session.out.w);

	if (!r)
		return status;
	if (r != -IOPT_EPIPE) {
		error_set(&error, -r, IOPT_FAILURE_IO, "cannot write to stdout: %s",
			  iopt_error_text(r));
		report_error(&p->session.report, &error, NULL, (struct place){0, 0});
	}
	return IOPT_FAILURE_IO;
}

int main(int argc, char **argv)
{
	static const char no_memory[] = "iopt: error: out of memory\n";
	static struct program program;
	struct program *p = &program;
	int status = IOPT_FAILURE_REQUEST;

	open_standard_descriptors();
	interrupt_init(false);
	if (session_init(&p->session, (struct iopt_sink){.write = write_stdout}, false) ||
	    program_read_arguments(p, argc, argv))
		(void)!write(STDERR_FILENO, no_memory, strlen(no_memory));
	else
		status = run(p);
	status = finish(p, status);
	session_destroy(&p->session);
	source_destroy(&p->line);
	words_destroy(&p->arguments);
	free(p->actions);
	return status;
}
