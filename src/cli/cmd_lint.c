/* SPDX-License-Identifier: MIT */
/* lint: the rules, and what they find. */
#include <inttypes.h>
#include <stdlib.h>

#include "handlers.h"
#include "interrupt.h"

struct linting {
	struct session *s;
	struct out *o;
	const struct named_domain *d;
	const struct arg *file; /* or NULL */
	struct iopt_lint_options options;
	uint64_t counts[IOPT_SEVERITY_ERROR + 1]; /* of findings that were shown */
};

static int show_finding(void *arg, const struct iopt_lint_finding *f)
{
	struct linting *l = arg;
	struct out *o = l->o;

	if (interrupted())
		return -IOPT_EINTR;
	out_begin_record(o, "{iova:-18} {size:6} {severity}: {rule}: {message}"
			    " (table {table} level {level} index {index})");
	out_str(o, "rule", f->rule);
	out_str(o, "severity", iopt_severity_name(f->severity));
	out_hex(o, "iova", f->iova);
	out_size(o, "size", f->size);
	out_count(o, "count", f->count);
	out_hex(o, "table", f->table);
	out_signed(o, "level", f->level);
	out_count(o, "index", f->index);
	out_str(o, "message", f->message);
	out_end_record(o);
	l->counts[f->severity]++;
	if (o->truncated)
		return -IOPT_E2BIG;
	return o->error ? o->error : o->w.error;
}

static int list_rules(struct out *o)
{
	struct iopt_lint_rule rule = IOPT_INIT(struct iopt_lint_rule);
	unsigned i;

	for (i = 0; !iopt_lint_rule(i, &rule); i++) {
		out_begin_record(o, "{rule:-18} {severity:-8} {title}");
		out_str(o, "rule", rule.id);
		out_str(o, "severity", iopt_severity_name(rule.severity));
		out_str(o, "title", rule.title);
		out_end_record(o);
	}
	out_records(o);
	return 0;
}

static int explain_rule(struct out *o, unsigned i)
{
	struct iopt_lint_rule rule = IOPT_INIT(struct iopt_lint_rule);

	iopt_lint_rule(i, &rule);
	out_str(o, "rule", rule.id);
	out_str(o, "severity", iopt_severity_name(rule.severity));
	out_str(o, "title", rule.title);
	out_prose(o, "explanation", rule.explanation);
	return 0;
}

/* The ids of --rule; the list is the caller's, the ids are the library's. */
static int read_rules(const struct args *a, const char ***ids, size_t *count)
{
	struct iopt_lint_rule rule = IOPT_INIT(struct iopt_lint_rule);
	const struct arg *arg;

	*ids = calloc(a->count + 1, sizeof(**ids));
	if (!*ids)
		return -IOPT_ENOMEM;
	for (*count = 0; (arg = args_nth(a, "--rule", *count)) != NULL; ++*count) {
		iopt_lint_rule((unsigned)arg->number, &rule);
		(*ids)[*count] = rule.id;
	}
	return 0;
}

/* What the library said, when it was no end by the limit; an exit status. */
static int lint_status(const struct linting *l, int r, uint64_t findings)
{
	if (r == -IOPT_E2BIG && l->o->truncated)
		return 0;
	if (r == -IOPT_ENOENT)
		return fail(l->s, NULL, IOPT_ENODEV, IOPT_FAILURE_REQUEST, "%s has no tables yet",
			    l->d->name);
	if (r)
		return fail_library(l->s, l->file ? l->file->word : NULL, r);
	return findings ? 1 : 0;
}

static int ask_cancelled(void *arg)
{
	(void)arg;
	return interrupted();
}

/* The file whose bytes the tables are, or the domain's name. */
static const char *artifact_of(const struct named_domain *d)
{
	struct iopt_window window = IOPT_INIT(struct iopt_window);
	size_t i;

	for (i = 0; !iopt_memory_window(d->memory->memory, i, &window); i++)
		if (*window.source)
			return window.source;
	return d->name;
}

static int write_sarif(const struct linting *l, const struct iopt_sink *sink, bool one_line,
		       uint64_t *findings)
{
	struct iopt_sarif_options options = IOPT_INIT(struct iopt_sarif_options);

	options.artifact = artifact_of(l->d);
	options.one_line = one_line;
	options.cancelled = ask_cancelled;
	return iopt_lint_sarif(l->d->domain, &l->options, &options, sink, findings);
}

/* A failed write says which file it was. */
static int fail_file(const struct linting *l, int code)
{
	struct iopt_error *e = &l->s->error;

	if (!e->code)
		error_set(e, -code, 0, "%s", iopt_error_text(code));
	if (!e->source[0])
		snprintf(e->source, sizeof(e->source), "%s", l->file->text);
	return fail_library(l->s, l->file->word, code);
}

/* As text: the records, without limit. */
static int write_text(struct linting *l, struct outfile *file, uint64_t *findings)
{
	const uint64_t before = l->o->records;
	int r, written;

	out_redirect(l->o, outfile_sink(file));
	r = iopt_lint(l->d->domain, &l->options, show_finding, l);
	*findings = l->o->records - before;
	l->o->records = before;
	written = out_restore(l->o);
	return r ? r : written;
}

static int lint_to_file(struct linting *l, bool sarif)
{
	struct outfile file = {.fd = -1};
	uint64_t findings = 0;
	struct iopt_sink sink;
	int r;

	writer_flush(&l->o->w);
	r = outfile_open(&file, l->file->text, &l->s->error);
	if (r)
		return fail_file(l, r);
	sink = outfile_sink(&file);
	r = sarif ? write_sarif(l, &sink, false, &findings) : write_text(l, &file, &findings);
	if (r) {
		outfile_abort(&file);
		return r == -IOPT_ENOENT || r == -IOPT_EINTR ? lint_status(l, r, 0)
							     : fail_file(l, r);
	}
	r = outfile_commit(&file, 1, &l->s->error);
	if (r)
		return fail_file(l, r);
	out_str(l->o, "file", l->file->text);
	out_count(l->o, "findings", findings);
	out_records(l->o);
	return findings ? 1 : 0;
}

static void tell_counts(const struct linting *l)
{
	const uint64_t errors = l->counts[IOPT_SEVERITY_ERROR],
		       warnings = l->counts[IOPT_SEVERITY_WARNING];

	tell(l->s, "%" PRIu64 " error%s, %" PRIu64 " warning%s", errors, errors == 1 ? "" : "s",
	     warnings, warnings == 1 ? "" : "s");
}

static int lint_to_stdout(struct linting *l, bool sarif)
{
	struct out_lines lines;
	struct iopt_sink sink;
	uint64_t findings = 0;
	int r;

	if (sarif) {
		sink = out_json_sink(&lines, l->o, true);
		r = write_sarif(l, &sink, l->o->json, &findings);
	} else {
		r = iopt_lint(l->d->domain, &l->options, show_finding, l);
		findings = l->o->records;
		tell_counts(l);
	}
	out_records(l->o);
	return lint_status(l, r, findings);
}

static bool is_sarif_name(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && strcmp(dot, ".sarif") == 0;
}

static int lint_domain(struct session *s, const struct args *a, struct out *o,
		       const struct named_domain *d)
{
	struct linting l = {.s = s, .o = o, .d = d, .file = args_get(a, "-o")};
	const struct arg *form = args_get(a, "-F");
	const bool sarif = form ? form->number == 1 : l.file && is_sarif_name(l.file->text);
	const char **ids;
	int r;

	l.options = IOPT_INIT(struct iopt_lint_options);
	r = read_rules(a, &ids, &l.options.rule_count);
	if (r)
		return fail_library(s, NULL, r);
	l.options.rules = ids;
	r = l.file ? lint_to_file(&l, sarif) : lint_to_stdout(&l, sarif);
	free(ids);
	return r;
}

int cmd_lint(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *explain = args_get(a, "--explain"), *list = args_get(a, "--list");
	const struct arg *about = explain ? explain : list;
	struct named_domain *d;

	if (about && a->count > 1)
		return fail_usage(s, about->word, "this option of lint goes alone");
	if (explain)
		return explain_rule(o, (unsigned)explain->number);
	if (list)
		return list_rules(o);
	d = args_domain(s, a);
	return d ? lint_domain(s, a, o, d) : (int)s->error.failure;
}
