/* SPDX-License-Identifier: MIT */
#include "script.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "outfile.h"

/* Puts a script on top of what runs; its outer ones are looked through for itself. */
static int enter(struct session *s, struct script *script)
{
	const struct script *o;

	script->outer = s->script;
	script->depth = s->script ? s->script->depth + 1 : 1;
	if (script->depth > SCRIPT_DEPTH_MAX) {
		error_set(&s->error, IOPT_ELOOP, IOPT_FAILURE_REQUEST,
			  "scripts and loops are nested more than %d deep", SCRIPT_DEPTH_MAX);
		return -IOPT_ELOOP;
	}
	for (o = s->script; o && script->is_file; o = o->outer) {
		if (!o->is_file || o->device != script->device || o->inode != script->inode)
			continue;
		error_set(&s->error, IOPT_ELOOP, IOPT_FAILURE_REQUEST,
			  "this script is running already: it would never end");
		return -IOPT_ELOOP;
	}
	s->script = script;
	return 0;
}

/* What the command that runs the script was doing is put aside meanwhile. */
static int run(struct session *s, struct source *source, struct script *script)
{
	struct source *outer = s->source;
	const struct word *word = s->word;
	int status = command_run_source(s, source);

	s->source = outer;
	s->word = word;
	s->blame = NULL;
	s->script = script->outer;
	return status;
}

/* Is someone at the other end who waits for an answer before going on? */
static bool is_dialogue(const struct stat *st)
{
	return !S_ISREG(st->st_mode);
}

static int fail_open(struct session *s, FILE *file, const char *path)
{
	int number = errno;

	if (file && file != stdin)
		fclose(file);
	return outfile_error(&s->error, path, number);
}

int script_run_file(struct session *s, const char *path, int *status)
{
	const bool is_stdin = strcmp(path, "-") == 0, flush_each = s->flush_each;
	FILE *file = is_stdin ? stdin : fopen(path, "re");
	struct script script = {.is_file = true};
	struct source source;
	struct stat st;
	int r;

	if (!file || fstat(fileno(file), &st))
		return fail_open(s, file, path);
	script.device = st.st_dev;
	script.inode = st.st_ino;
	source_init(&source, is_stdin ? "stdin" : path, file, NULL);
	r = enter(s, &script);
	if (!r) {
		s->flush_each = s->interactive || is_dialogue(&st);
		*status = run(s, &source, &script);
		s->flush_each = flush_each;
	}
	source_destroy(&source);
	return r;
}

int script_run_text(struct session *s, const char *name, const char *text, int *status)
{
	struct script script = {.is_file = false};
	struct source source;
	int r = enter(s, &script);

	if (r)
		return r;
	source_init(&source, name, NULL, text);
	*status = run(s, &source, &script);
	source_destroy(&source);
	return 0;
}
