/* SPDX-License-Identifier: MIT */
#include "command.h"

#include <inttypes.h>
#include <unistd.h>

#include "../core/suggest.h"
#include "interrupt.h"
#include "script.h"

/* How many of the words a command's name takes; 0: it is another. */
static size_t name_match(const char *name, const struct word *words, size_t count)
{
	size_t taken = 0;

	while (taken < count) {
		size_t length = strcspn(name, " ");

		if (strlen(words[taken].text) != length ||
		    memcmp(words[taken].text, name, length) != 0)
			return 0;
		taken++;
		name += length;
		if (!*name)
			return taken;
		name++;
	}
	return 0;
}

const struct command *command_find(const struct word *words, size_t count, size_t *taken)
{
	size_t i;

	for (i = 0; i < command_count; i++) {
		*taken = name_match(commands[i].name, words, count);
		if (*taken)
			return &commands[i];
	}
	return NULL;
}

bool command_is_group(const char *word)
{
	size_t length = strlen(word), i;

	for (i = 0; i < command_count; i++)
		if (strncmp(commands[i].name, word, length) == 0 && commands[i].name[length] == ' ')
			return true;
	return false;
}

/* "mem lod": what follows "mem " in the table is near. */
static int fail_unknown_in_group(struct session *s, const struct word *words, size_t count)
{
	size_t length = strlen(words[0].text), i;
	struct suggestion near;
	char hint[NAME_BYTES + 32];

	if (count < 2)
		return fail_usage(s, &words[0], "%s needs a second word; see: help %s",
				  words[0].text, words[0].text);
	suggest_begin(&near, words[1].text);
	for (i = 0; i < command_count; i++) {
		const char *name = commands[i].name;

		if (strncmp(name, words[0].text, length) == 0 && name[length] == ' ')
			suggest_try(&near, name + length + 1, strlen(name + length + 1));
	}
	return fail_usage(s, &words[1], "unknown command '%s %s'%s", words[0].text, words[1].text,
			  suggest_text(&near, hint, sizeof(hint)));
}

/* What other programs call it; NULL: nothing that we know. */
static const char *other_name(const char *word)
{
	static const char *const names[][2] = {{"q", "quit"},
					       {"bye", "quit"},
					       {"ls", "domain list"},
					       {"list", "domain list"},
					       {"show", "domain show"},
					       {"open", "domain open' or 'load"},
					       {"close", "domain delete"},
					       {"save", "dump -o"},
					       {"print", "echo"},
					       {"run", "source"},
					       {"memory", "mem"},
					       {"dma_map_single", "dma map-page"}};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i][0], word) == 0)
			return names[i][1];
	return NULL;
}

static int fail_unknown(struct session *s, const struct word *words, size_t count)
{
	struct suggestion near;
	char hint[2 * NAME_BYTES];
	size_t i;

	if (command_is_group(words[0].text))
		return fail_unknown_in_group(s, words, count);
	if (strpbrk(words[0].text, "./") && !access(words[0].text, F_OK))
		return fail_usage(
			s, &words[0],
			"'%s' is a file, not a command: -m for a dump, -t for tables, -f for a script",
			words[0].text);
	if (other_name(words[0].text))
		return fail_usage(s, &words[0], "unknown command '%s'; did you mean '%s'?",
				  words[0].text, other_name(words[0].text));
	suggest_begin(&near, words[0].text);
	for (i = 0; i < command_count; i++)
		suggest_try(&near, commands[i].name, strcspn(commands[i].name, " "));
	suggest_text(&near, hint, sizeof(hint));
	/* a function of Linux */
	for (i = 0; i < command_count && !*hint && strchr(words[0].text, '_'); i++)
		if (help_speaks_of(&commands[i], words[0].text))
			snprintf(hint, sizeof(hint), "; help has something: help %.60s",
				 words[0].text);
	return fail_usage(s, &words[0], "unknown command '%s'%s", words[0].text, hint);
}

static int run_parsed(struct session *s, const struct command *command, const struct word *words,
		      size_t count)
{
	struct args args;
	int r;

	out_begin_result(&s->out, command->name, command->text);
	r = args_parse(s, command, words, count, &args);
	if (!r)
		r = command->run(s, &args, &s->out);
	progress_end(&s->progress);
	args_destroy(&args);
	return r;
}

static bool is_help_word(const char *text)
{
	return strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0 || strcmp(text, "?") == 0;
}

/* "map ?" and "map --help" are "help map"; the words that an option of the program stands for ask
 * nothing. */
static bool asks_for_help(const struct session *s, const struct command *command,
			  const struct word *words, size_t count)
{
	return count == 1 && !s->out.muted && is_help_word(words->text) &&
	       strcmp(command->name, "echo") != 0 && strcmp(command->name, "complete") != 0;
}

/* Finds, parses and runs; the exit status, before '!'. */
static int run_words(struct session *s, const struct word *words, size_t count)
{
	const struct word help = {.text = "help", .place = words->place};
	const struct command *command;
	size_t taken, ignored;

	command = command_find(words, count, &taken);
	if (!command && count <= 2 && is_help_word(words[count - 1].text) &&
	    (count == 1 || command_is_group(words->text)))
		return run_parsed(s, command_find(&help, 1, &ignored), words, count - 1);
	if (!command) {
		out_begin_result(&s->out, words->text, NULL);
		return fail_unknown(s, words, count);
	}
	if (asks_for_help(s, command, words + taken, count - taken))
		return run_parsed(s, command_find(&help, 1, &ignored), words, taken);
	return run_parsed(s, command, words + taken, count - taken);
}

/*
 * The error gets the place of the word that it is about, unless it knows one of its own in another
 * file; a file that is wrong as a whole is named in the message.
 */
static struct place place_error(struct session *s)
{
	const struct word *word = s->blame ? s->blame : s->word;
	struct place place = word ? word->place : (struct place){0, 0};
	struct iopt_error *e = &s->error;
	char message[sizeof(e->message)];

	if (e->line && e->source[0])
		return place;
	if (e->source[0] && !strstr(e->message, e->source)) {
		snprintf(message, sizeof(message), "%.120s: %.130s", e->source, e->message);
		memcpy(e->message, message, sizeof(message));
	}
	snprintf(e->source, sizeof(e->source), "%s", s->source ? s->source->name : "");
	e->line = place.line;
	e->column = place.column;
	return place;
}

/* What makes a failure of a command that did what it was asked to; the exit status. */
static int check_done(struct session *s, int status, bool negated)
{
	if (s->out.error)
		return fail_library(s, NULL, s->out.error);
	if (!status && s->out.truncated)
		return fail(s, NULL, IOPT_E2BIG, IOPT_FAILURE_LIMIT,
			    "stopped after %" PRIu64 " records (set max-records)", s->out.records);
	if (!status && negated)
		return fail(s, NULL, IOPT_EINVAL, IOPT_FAILURE_REQUEST,
			    "this command was expected to fail");
	return status;
}

/* Shows the result and why it failed; the exit status. */
static int finish(struct session *s, int status, bool negated)
{
	bool expected = negated && status == 1, unwanted = negated && !status;
	struct place place = {0, 0};
	bool failed;

	status = check_done(s, status, negated);
	failed = status && s->error.code;
	if (failed)
		place = place_error(s);
	/* as text the answer is shown although there should be none */
	out_end_result(&s->out, !status, failed && (s->out.json || !unwanted) ? &s->error : NULL);
	if (failed)
		show_so_far(s);
	else if (s->flush_each)
		writer_flush(&s->out.w);
	if (failed && !expected && !s->out.w.error)
		report_error(&s->report, &s->error, s->source, place);
	if (s->out.w.error)
		return IOPT_FAILURE_IO;
	return expected ? 0 : status;
}

static void begin(struct session *s, const struct word *word)
{
	s->word = word;
	s->blame = NULL;
	s->error = IOPT_INIT(struct iopt_error);
}

static size_t count_findings(const struct session *s)
{
	size_t count = 0, i;

	for (i = 0; i < s->memory_count; i++)
		count += iopt_dma_finding_count(s->memories[i]->memory);
	return count;
}

/* Misuse of the DMA API succeeds, as in Linux, and is easily missed. */
static void tell_findings(struct session *s, size_t before)
{
	const size_t now = count_findings(s);

	if (now > before)
		tell(s, "%zu finding%s: dma check", now - before, now - before == 1 ? "" : "s");
}

int command_run(struct session *s, const struct words *words)
{
	const struct word *word = words->list;
	size_t count = words->count, findings = count_findings(s);
	bool negated = strcmp(word->text, "!") == 0;
	int status;

	begin(s, word);
	if (negated && count > 1) {
		s->word = ++word;
		count--;
		status = run_words(s, word, count);
	} else if (negated) {
		out_begin_result(&s->out, "!", NULL);
		status = fail_usage(s, word, "'!' goes before a command");
		negated = false;
	} else {
		status = run_words(s, word, count);
	}
	status = finish(s, status, negated);
	tell_findings(s, findings);
	s->word = NULL;
	return status;
}

/* What could not even be read as words; those before are. */
static int fail_words(struct session *s, const struct words *words)
{
	struct word word = {.place = {s->error.line, s->error.column}};
	const struct word *first = words->list;
	const struct command *command;
	size_t count = words->count, taken;
	int status;

	if (count && strcmp(first->text, "!") == 0) {
		first++;
		count--;
	}
	command = command_find(first, count, &taken);
	s->word = &word;
	out_begin_result(&s->out, command ? command->name : count ? first->text : "", NULL);
	s->error.source[0] = '\0';
	status = finish(s, (int)s->error.failure, false);
	s->word = NULL;
	return status;
}

/* A negative answer ends a script, too, and nothing has said so. */
static void tell_end(struct session *s, const struct words *words)
{
	if (s->error.code || !s->script || !s->script->is_file || s->quit || !words->count)
		return;
	s->word = words->list;
	note(s, "the script ends here: '%.40s' is answered by no", words->list->text);
	s->word = NULL;
}

int command_run_source(struct session *s, struct source *source)
{
	struct variables variables = {look_up_variable, s};
	struct words words = {.list = NULL};
	int status = 0, now, r;

	s->source = source;
	while (!s->quit && !s->out.w.error && !(s->interactive && interrupted())) {
		begin(s, NULL);
		r = words_read(&words, source, &variables, &s->error);
		if (!r)
			break;
		if (r > 0 && !words.count)
			continue;
		if (r == -IOPT_EINTR)
			break;
		now = r < 0 ? fail_words(s, &words) : command_run(s, &words);
		if (now > status)
			status = now;
		if (now && !s->keep_going) {
			tell_end(s, &words);
			break;
		}
	}
	words_destroy(&words);
	s->source = NULL;
	return status;
}
