/* SPDX-License-Identifier: MIT */
/* dump: to stdout or to a file, in each format. */
#include <stdlib.h>
#include <unistd.h>

#include <inttypes.h>

#include "handlers.h"
#include "interrupt.h"

/* In the order of dump's usage. */
enum form { TEXT, MAPPINGS, PTDUMP, JSON, JSONL, RAW, CSV, DOT, SVG, FORM_UNKNOWN };

static const char *const form_names[] = {
	[TEXT] = "text",   [MAPPINGS] = "mappings", [PTDUMP] = "ptdump", [JSON] = "json",
	[JSONL] = "jsonl", [RAW] = "raw",	    [CSV] = "csv",	 [DOT] = "dot",
	[SVG] = "svg",	   [FORM_UNKNOWN] = ""};

struct dumping {
	struct session *s;
	const struct args *a;
	struct out *o;
	struct named_domain *d;
	enum form form;
	const struct arg *file; /* or NULL */
};

static enum form form_of_suffix(const char *path)
{
	static const struct {
		const char *suffix;
		enum form form;
	} known[] = {{".txt", TEXT}, {".json", JSON}, {".jsonl", JSONL}, {".bin", RAW},
		     {".img", RAW},  {".raw", RAW},   {".csv", CSV},	 {".dot", DOT},
		     {".gv", DOT},   {".svg", SVG}};
	const char *dot = strrchr(path, '.');
	size_t i;

	for (i = 0; dot && i < ARRAY_SIZE(known); i++)
		if (strcmp(dot, known[i].suffix) == 0)
			return known[i].form;
	return FORM_UNKNOWN;
}

static int ask_cancelled(void *arg)
{
	(void)arg;
	return interrupted() ? -IOPT_EINTR : 0;
}

static int dump_tables(struct dumping *d, enum iopt_dump format, const struct iopt_sink *sink)
{
	struct iopt_dump_options options = IOPT_INIT(struct iopt_dump_options);

	options.expand = args_get(d->a, "--expand") != NULL;
	options.cancelled = ask_cancelled;
	return iopt_dump(d->d->domain, format, &options, sink, &d->s->error);
}

static enum iopt_dump library_format(enum form form)
{
	switch (form) {
	case PTDUMP:
		return IOPT_DUMP_PTDUMP;
	case CSV:
		return IOPT_DUMP_CSV;
	case JSON:
		return IOPT_DUMP_JSON;
	case JSONL:
		return IOPT_DUMP_JSONL;
	case DOT:
		return IOPT_DUMP_DOT;
	case SVG:
		return IOPT_DUMP_SVG;
	default:
		return IOPT_DUMP_TEXT;
	}
}

/* The raw image alone: only into a pipe or a file that the shell has opened. */
static int dump_raw_to_stdout(struct dumping *d)
{
	const struct arg *base = args_get(d->a, "--base");
	struct iopt_sink image = out_raw_sink(d->o), nowhere = outfile_nowhere();

	if (!image.write)
		return fail_usage(d->s, NULL, "a raw image needs -o FILE here");
	if (isatty(STDOUT_FILENO))
		return fail_usage(d->s, NULL, "a raw image is not for a terminal: give -o FILE");
	return iopt_image_write(d->d->domain, base ? &base->number : NULL, "stdout", &image,
				&nowhere, &d->s->error);
}

static int dump_to_stdout(struct dumping *d)
{
	struct out_lines lines;
	struct iopt_sink sink;
	int r;

	if (d->form == RAW) {
		r = dump_raw_to_stdout(d);
	} else if (d->form == JSON || d->form == JSONL) {
		sink = out_json_sink(&lines, d->o, d->form == JSON);
		r = dump_tables(d, out_json_format(d->o, library_format(d->form)), &sink);
	} else {
		sink = out_lines_begin(&lines, d->o, d->form == CSV);
		r = dump_tables(d, library_format(d->form), &sink);
		out_lines_end(&lines);
	}
	/* the limit is told of all lists alike */
	if (r == -IOPT_E2BIG && d->o->truncated)
		r = forget_error(d->s);
	if (r < 0)
		return fail_library(d->s, NULL, r);
	if (!r)
		out_records(d->o);
	return r;
}

/* A failed write says which file it was; what the library has a reason for is not about it. */
static int fail_file(struct dumping *d, int code)
{
	struct iopt_error *e = &d->s->error;

	const struct arg *base = args_get(d->a, "--base");

	if (e->code && e->message[0] && !e->source[0])
		return fail_library(d->s, base ? base->word : NULL, code);
	if (!e->code || !e->message[0])
		error_set(e, -code, 0, "%s", iopt_error_text(code));
	if (!e->source[0])
		snprintf(e->source, sizeof(e->source), "%s", d->file->text);
	return fail_library(d->s, d->file->word, code);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The image and FILE.json, which appear together; a device or pipe gets the image alone. */
static int dump_raw_to_files(struct dumping *d, struct outfile *files, size_t *count)
{
	const struct arg *base = args_get(d->a, "--base");
	struct iopt_sink image = outfile_sink(&files[0]), sidecar = outfile_nowhere();
	char *path;
	int r;

	if (files[0].temp) {
		if (asprintf(&path, "%s.json", d->file->text) < 0)
			return -IOPT_ENOMEM;
		r = outfile_open(&files[1], path, &d->s->error);
		free(path);
		if (r)
			return r;
		*count = 2;
		sidecar = outfile_sink(&files[1]);
	}
	return iopt_image_write(d->d->domain, base ? &base->number : NULL, base_name(d->file->text),
				&image, &sidecar, &d->s->error);
}

static int write_mappings(struct dumping *d, struct outfile *file)
{
	uint64_t before = d->o->records;
	int status, r;

	out_redirect(d->o, outfile_sink(file));
	status = show_mappings(d->s, d->o, d->d, args_get(d->a, "--expand") != NULL);
	d->o->records = before;
	r = out_restore(d->o);
	return r ? r : status;
}

/* An exit status, or a negative code. */
static int write_files(struct dumping *d, struct outfile *files, size_t *count)
{
	struct iopt_sink sink = outfile_sink(&files[0]);

	if (d->form == MAPPINGS)
		return write_mappings(d, &files[0]);
	if (d->form == RAW)
		return dump_raw_to_files(d, files, count);
	return dump_tables(d, library_format(d->form), &sink);
}

static int dump_to_file(struct dumping *d)
{
	struct outfile files[2] = {{.fd = -1}, {.fd = -1}};
	size_t count = 1, i;
	int r;

	writer_flush(&d->o->w);
	out_str(d->o, "file", d->file->text);
	r = outfile_open(&files[0], d->file->text, &d->s->error);
	if (r)
		return fail_file(d, r);
	r = write_files(d, files, &count);
	if (!r) {
		uint64_t bytes = files[0].bytes;

		r = outfile_commit(files, count, &d->s->error);
		if (!r)
			out_hex(d->o, "size", bytes);
	} else {
		for (i = 0; i < count; i++)
			outfile_abort(&files[i]);
	}
	if (r < 0)
		return fail_file(d, r);
	if (!r && d->form != MAPPINGS)
		out_records(d->o);
	return r;
}

static int choose_form(struct dumping *d)
{
	const struct arg *given = args_get(d->a, "-F"), *base = args_get(d->a, "--base");

	d->form = given	    ? (enum form)given->number
		  : d->file ? form_of_suffix(d->file->text)
			    : MAPPINGS;
	if (d->form == FORM_UNKNOWN)
		return fail_usage(d->s, d->file->word,
				  "the name '%s' does not tell a format: give -F", d->file->text);
	if (base && d->form != RAW)
		return fail_usage(d->s, base->word, "--base is for raw images");
	return 0;
}

static int list_mappings(const struct dumping *d)
{
	int r;

	d->s->shut = 0;
	r = show_mappings(d->s, d->o, d->d, args_get(d->a, "--expand") != NULL);
	if (!r && !d->o->records)
		tell(d->s, "nothing is mapped in %s", d->d->name);
	if (!r && d->s->shut)
		tell(d->s, "%" PRIu64 " of them let nobody in: walk ADDRESS says why", d->s->shut);
	return r;
}

int cmd_dump(struct session *s, const struct args *a, struct out *o)
{
	struct dumping d = {.s = s, .a = a, .o = o, .file = args_get(a, "-o")};
	int r;

	d.d = args_domain(s, a);
	if (!d.d)
		return (int)s->error.failure;
	r = choose_form(&d);
	if (!r)
		r = check_present(s, d.d);
	if (r)
		return r;
	out_str(o, "format", form_names[d.form]);
	if (d.file)
		return dump_to_file(&d);
	return d.form == MAPPINGS ? list_mappings(&d) : dump_to_stdout(&d);
}
