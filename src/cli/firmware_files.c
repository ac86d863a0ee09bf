/* SPDX-License-Identifier: MIT */
/* The files that build writes: outputs, sidecars, and the dependencies for make. */
#include <stdlib.h>

#include "firmware.h"

/* A file that is being made, and what it is for. */
struct output {
	const char *path; /* as the user wrote it; of a sidecar ours */
	char *owned;
	struct outfile file;
};

struct outputs {
	struct building *b;
	struct output list[OUTFILES_MAX];
	size_t count;
	const struct word *at; /* which option is written */
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* ---- before anything is made ---- */

static int fail_kind(struct building *b, const struct arg *file)
{
	struct iopt_output kind = IOPT_INIT(struct iopt_output);
	char known[160] = "";
	size_t used = 0, i;

	for (i = 0; !iopt_output(i, &kind) && used < sizeof(known); i++)
		used += (size_t)snprintf(known + used, sizeof(known) - used, " %s", kind.suffix);
	return fail_usage(b->s, file->word, "'%s': the name's end says what to write:%s",
			  file->text, known);
}

static int check_file(struct building *b, const struct arg *file)
{
	struct iopt_output kind = IOPT_INIT(struct iopt_output);

	if (iopt_output_of(base_name(file->text), &kind))
		return fail_kind(b, file);
	if (b->base_symbol && !kind.links)
		return fail_usage(b->s, file->word,
				  "'%s' needs a number as --base: nobody links a %s", file->text,
				  kind.what);
	return 0;
}

/* Two -o that are one file, or one the other's sidecar. */
static int check_pair(struct building *b, const struct arg *one, const struct arg *two)
{
	struct iopt_output kind = IOPT_INIT(struct iopt_output);
	size_t length = strlen(one->text);

	iopt_output_of(base_name(one->text), &kind);
	if (strncmp(two->text, one->text, length) != 0 ||
	    (two->text[length] && !(kind.sidecar && !strcmp(two->text + length, ".json"))))
		return 0;
	return fail_usage(b->s, two->word, "'%s' would be written twice", two->text);
}

int firmware_check_files(struct building *b)
{
	const struct arg *file, *other;
	size_t count = 0, i;
	int r = 0;

	for (; !r && (file = args_nth(b->a, "-o", count)) != NULL; count++) {
		r = check_file(b, file);
		for (i = 0; !r && (other = args_nth(b->a, "-o", i)) != NULL; i++)
			if (other != file)
				r = check_pair(b, file, other);
	}
	if (!r && count > (OUTFILES_MAX - 1) / 2)
		r = fail_usage(b->s, NULL, "more than %d files", (OUTFILES_MAX - 1) / 2);
	if (!r && !count && args_get(b->a, "-M"))
		r = fail_usage(b->s, args_get(b->a, "-M")->word,
			       "-M needs -o: of what does it tell?");
	return r;
}

/* ---- writing ---- */

/* The next file; a code. */
static int open_output(struct outputs *all, const char *path, char *owned)
{
	struct output *o = &all->list[all->count];
	int r;

	if (!path)
		return -IOPT_ENOMEM;
	*o = (struct output){.path = path, .owned = owned};
	r = outfile_open(&o->file, path, &all->b->s->error);
	if (r)
		free(owned);
	else
		all->count++;
	return r;
}

/* The header that C includes: the first one that is written, too. */
static const char *header_name(const struct building *b)
{
	const struct arg *file;
	size_t i;

	for (i = 0; (file = args_nth(b->a, "-o", i)) != NULL; i++) {
		size_t length = strlen(file->text);

		if (length > 2 && !strcmp(file->text + length - 2, ".h"))
			return base_name(file->text);
	}
	return NULL;
}

static int emit(struct outputs *all, const struct arg *file)
{
	const struct building *b = all->b;
	const struct arg *symbol = args_get(b->a, "--symbol");
	struct iopt_emit_options options = IOPT_INIT(struct iopt_emit_options);
	struct iopt_output kind = IOPT_INIT(struct iopt_output);
	struct output *o = &all->list[all->count];
	struct iopt_sink sink, sidecar = outfile_nowhere();
	char *path = NULL;
	int r = open_output(all, file->text, NULL);

	if (r)
		return r;
	sink = outfile_sink(&o->file);
	iopt_output_of(base_name(file->text), &kind);
	if (kind.sidecar && o->file.temp) {
		r = asprintf(&path, "%s.json", file->text) < 0 ? -IOPT_ENOMEM
							       : open_output(all, path, path);
		if (r)
			return r;
		sidecar = outfile_sink(&all->list[all->count - 1].file);
	}
	options.base = b->base_symbol ? NULL : &b->base;
	options.base_symbol = b->base_symbol;
	options.phys_offset = args_number(b->a, "--phys-offset", 0);
	options.symbol = symbol ? symbol->text : NULL;
	options.header = header_name(b);
	options.cpu_registers = true;
	return iopt_emit(b->domain, base_name(file->text), &options, &sink, &sidecar, &b->s->error);
}

/* A name as make reads it. */
static void put_name(struct writer *w, const char *name)
{
	for (; *name; name++) {
		if (*name == '$')
			writer_char(w, '$');
		else if (*name == ' ' || *name == '#' || *name == ':' || *name == '\\')
			writer_char(w, '\\');
		writer_char(w, *name);
	}
}

/* Every output depends on every file that was read; what was read may go away. */
static int write_depfile(struct outputs *all)
{
	const struct arg *file = args_get(all->b->a, "-M");
	const size_t outputs = all->count;
	struct writer w;
	const char *name;
	size_t i;
	int r;

	all->at = file->word;
	r = open_output(all, file->text, NULL);
	if (r)
		return r;
	writer_init(&w, outfile_sink(&all->list[outputs].file));
	for (i = 0; i < outputs; i++) {
		if (i)
			writer_char(&w, ' ');
		put_name(&w, all->list[i].path);
	}
	writer_char(&w, ':');
	for (i = 0; (name = iopt_spec_file(all->b->spec, i)) != NULL; i++) {
		writer_str(&w, " \\\n  ");
		put_name(&w, name);
	}
	writer_char(&w, '\n');
	for (i = 0; (name = iopt_spec_file(all->b->spec, i)) != NULL; i++) {
		writer_char(&w, '\n');
		put_name(&w, name);
		writer_str(&w, ":\n");
	}
	return writer_flush(&w);
}

static int write_all(struct outputs *all)
{
	const struct arg *file;
	int r = 0;
	size_t i;

	for (i = 0; !r && (file = args_nth(all->b->a, "-o", i)) != NULL; i++) {
		all->at = file->word;
		r = emit(all, file);
	}
	if (!r && args_get(all->b->a, "-M"))
		r = write_depfile(all);
	return r;
}

/* With --if-changed files that are the same already keep their time. */
static int commit(struct outputs *all)
{
	struct outfile files[OUTFILES_MAX];
	size_t count = 0, i;

	for (i = 0; i < all->count; i++) {
		struct outfile *f = &all->list[i].file;

		if (args_get(all->b->a, "--if-changed") && outfile_is_same(f))
			outfile_abort(f);
		else
			files[count++] = *f;
	}
	return outfile_commit(files, count, &all->b->s->error);
}

/* A failed write says which file it was; what the library has a reason for is about the spec. */
static int fail_output(struct outputs *all, int code)
{
	struct iopt_error *e = &all->b->s->error;
	const struct arg *base = args_get(all->b->a, "--base");

	if (!e->code || !e->message[0])
		error_set(e, code < 0 ? -code : code, IOPT_FAILURE_IO, "%s", iopt_error_text(code));
	if (e->failure == IOPT_FAILURE_IO && !e->source[0] && all->count)
		snprintf(e->source, sizeof(e->source), "%s", all->list[all->count - 1].path);
	if (e->failure == IOPT_FAILURE_IO && all->at)
		return fail_library(all->b->s, all->at, code);
	return fail_library(all->b->s, base ? base->word : all->b->file->word, code);
}

int firmware_write_files(struct building *b)
{
	struct outputs all = {.b = b};
	size_t i;
	int r;

	writer_flush(&b->o->w);
	r = write_all(&all);
	for (i = 0; r && i < all.count; i++)
		outfile_abort(&all.list[i].file);
	if (!r)
		r = commit(&all);
	if (r)
		r = fail_output(&all, r);
	out_begin_list(b->o, "files");
	for (i = 0; !r && i < all.count; i++)
		out_str(b->o, NULL, all.list[i].path);
	out_end(b->o);
	for (i = 0; i < all.count; i++)
		free(all.list[i].owned);
	return r;
}
