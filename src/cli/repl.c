/* SPDX-License-Identifier: MIT */
/* readline, through its callback interface: so that signals are seen while it waits. */
#ifdef IOPT_HAVE_READLINE

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "../core/ascii.h"
#include "complete.h"
#include "interrupt.h"
#include "line_editor.h"
#include "redirect.h"

enum { HISTORY_LINES = 1000 };

/* readline has no place for an argument of ours. */
static struct {
	struct session *session;
	const char *history;
	char *line;
	bool done, had_noflsh;
	char **found;
	size_t found_count;
	size_t lead; /* of them, what was there before */
} editor;

/* readline puts the '/' behind a directory itself. */
static void add_match(void *arg, const char *name, size_t length)
{
	char **list = realloc(editor.found, (editor.found_count + 1) * sizeof(*list));

	(void)arg;
	if (!list)
		return;
	editor.found = list;
	if (length > 1 && name[length - 1] == '/')
		length--;
	list[editor.found_count] = strndup(name, length);
	editor.found_count += list[editor.found_count] != NULL;
}

/* ---- quotes, as words.h has them ---- */

static const char special[] = " \t\n\\\"';$#|>";

static bool is_escape(const char *p, char quote)
{
	return *p == '\\' && p[1] && quote != '\'' && (!quote || strchr("\"\\$", p[1]));
}

/* The word that is meant, of one that is open in 'quote' ('\0': in none). */
static char *unquote(char *text, int quote)
{
	char *word = strdup(text), *to = word;
	const char *p;

	for (p = text; word && *p; p++) {
		p += is_escape(p, (char)quote);
		*to++ = *p;
	}
	if (word)
		*to = '\0';
	return word;
}

/* In the quotes that the user has begun, or with backslashes; readline adds the last quote. */
static char *put_quotes(char *text, int match_type, char *quote)
{
	char *word = malloc(4 * strlen(text) + 2), *to = word;
	const char *p;

	(void)match_type;
	if (!word)
		return NULL;
	if (*quote)
		*to++ = *quote;
	for (p = text; *p; p++) {
		if (*quote == '\'' && *p == '\'')
			to = stpcpy(to, "'\\'");
		else if (*quote != '\'' && strchr(*quote ? "\"\\$" : special, *p))
			*to++ = '\\';
		*to++ = *p;
	}
	*to = '\0';
	return word;
}

static int is_quoted(char *line, int at)
{
	int first = at;

	while (first > 0 && line[first - 1] == '\\')
		first--;
	return (at - first) & 1;
}

/* ---- completion ---- */

static void find_matches(char *text, int start, struct candidates *c)
{
	char *before = strndup(rl_line_buffer, (size_t)start);
	char *typed = unquote(text, rl_completion_quote_character);
	enum redirect_kind kind;

	if (before && typed) {
		c->typed = typed;
		c->literal = rl_completion_quote_character == '\'' || strstr(text, "\\$");
		if (!redirect_find(before, &kind))
			complete_text(editor.session, before, c);
		else if (kind != REDIRECT_PROGRAM)
			candidate_add_files(c, "");
	}
	c->typed = NULL;
	free(before);
	free(typed);
}

/* readline asks for one match at a time, and frees it. */
static char *next_match(const char *text, int state)
{
	static size_t at;

	(void)text;
	if (!state)
		at = 0;
	return at < editor.found_count ? editor.found[at++] : NULL;
}

/* "tcr_el1=" and "$d0." go on. */
static bool is_unfinished(void)
{
	const char *only = editor.found_count == 1 ? editor.found[0] : "";
	size_t length = strlen(only);

	return length && strchr("=.:", only[length - 1]);
}

/* Of "read,cache" only what is new is shown. */
static void show_parts(char **matches, int count, int longest)
{
	char **parts = malloc(((size_t)count + 2) * sizeof(*parts));
	int i;

	for (i = 0; parts && i <= count; i++) {
		size_t length = strlen(matches[i]);

		parts[i] = matches[i] + (length < editor.lead ? length : editor.lead);
	}
	if (parts) {
		parts[count + 1] = NULL;
		rl_display_match_list(parts, count, longest - (int)editor.lead);
	}
	rl_forced_update_display();
	free(parts);
}

static char **complete_line(const char *text, int start, int end)
{
	struct candidates c = {.add = add_match};
	char **matches;

	(void)end;
	editor.found_count = 0;
	find_matches((char *)text, start, &c);
	editor.lead = c.kept;
	rl_attempted_completion_over = 1;
	rl_filename_completion_desired = c.files;
	rl_completion_suppress_append = !c.files && is_unfinished();
	rl_completion_display_matches_hook = c.kept ? show_parts : NULL;
	matches = editor.found_count ? rl_completion_matches(text, next_match) : NULL;
	free(editor.found);
	editor.found = NULL;
	editor.found_count = 0;
	return matches;
}

static void on_line(char *line)
{
	editor.line = line;
	editor.done = true;
	rl_callback_handler_remove();
}

/* At the end of the input readline ends the line only sometimes: left to shell_run(). */
static void restore_terminal(void)
{
#if RL_READLINE_VERSION >= 0x0801
	rl_eof_found = 0;
#endif
	rl_deprep_terminal();
}

/* Ctrl-C must not throw away what is on its way to the screen: it may be the next prompt. */
static void keep_output(bool keep)
{
	struct termios t;

	if (tcgetattr(STDIN_FILENO, &t))
		return;
	if (keep)
		editor.had_noflsh = t.c_lflag & NOFLSH;
	if (keep || editor.had_noflsh)
		t.c_lflag |= NOFLSH;
	else
		t.c_lflag &= ~(tcflag_t)NOFLSH;
	tcsetattr(STDIN_FILENO, TCSANOW, &t);
}

void line_editor_init(struct session *s, const char *history)
{
	keep_output(true);
	editor.session = s;
	editor.history = history;
	rl_readline_name = "iopt";
	rl_attempted_completion_function = complete_line;
	rl_completer_word_break_characters = " \t\n\"';|>";
	rl_completer_quote_characters = "\"'";
	rl_filename_quote_characters = special;
	rl_filename_quoting_function = put_quotes;
	rl_filename_dequoting_function = unquote;
	rl_char_is_quoted_p = is_quoted;
	rl_deprep_term_function = restore_terminal;
	rl_persistent_signal_handlers = 1;
	using_history();
	history_write_timestamps = 1;
	history_comment_char = '#';
	stifle_history(HISTORY_LINES);
	/* Ctrl-C is shown once, by drop_line() */
	rl_variable_bind("echo-control-characters", "off");
	if (history)
		read_history(history);
}

void line_editor_end(void)
{
	keep_output(false);
	if (editor.history)
		history_truncate_file(editor.history, HISTORY_LINES);
	clear_history();
}

/* Ctrl-C: what was typed is gone, the terminal is as before. */
static void drop_line(void)
{
	interrupt_clear();
	rl_callback_sigcleanup();
	rl_free_line_state();
	/* behind all that was typed, and before readline goes back to the first column */
	rl_point = rl_end;
	rl_redisplay();
	fflush(rl_outstream);
	(void)!write(STDOUT_FILENO, "^C\n", 3);
	rl_callback_handler_remove();
	/* It may have come just after Enter. */
	free(editor.line);
}

static const char *last_line(void)
{
	const HIST_ENTRY *last =
		history_length ? history_get(history_base + history_length - 1) : NULL;

	return last ? last->line : "";
}

/* A line that begins like a time, "#1", is a comment, and would be taken for one. */
static void remember(const char *line)
{
	if (!*line || strcmp(last_line(), line) == 0 || (line[0] == '#' && ascii_is_digit(line[1])))
		return;
	add_history(line);
	if (editor.history)
		append_history(1, editor.history);
}

/* A command of several lines comes back as one: in the file only its first has a time. */
static void remember_more(const char *line)
{
	FILE *f = editor.history ? fopen(editor.history, "ae") : NULL;
	char *joined;

	if (asprintf(&joined, "%s\n%s", last_line(), line) >= 0) {
		HIST_ENTRY *old = replace_history_entry(history_length - 1, joined, NULL);

		if (old)
			free_history_entry(old);
		free(joined);
	}
	if (f) {
		fprintf(f, "%s\n", line);
		fclose(f);
	}
}

enum line_result line_editor_read(const char *prompt, bool more, char **line)
{
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};

	editor.line = NULL;
	editor.done = false;
	rl_callback_handler_install(prompt, on_line);
	while (!editor.done) {
		if (poll(&in, 1, -1) < 0 && errno == EINTR)
			rl_check_signals();
		else
			rl_callback_read_char();
		if (interrupted()) {
			drop_line();
			return LINE_DROPPED;
		}
	}
	if (!editor.line)
		return LINE_END;
	if (more)
		remember_more(editor.line);
	else
		remember(editor.line);
	*line = editor.line;
	return LINE_READ;
}

#else

typedef int repl_is_not_used;

#endif
