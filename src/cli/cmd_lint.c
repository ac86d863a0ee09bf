/* SPDX-License-Identifier: MIT */
/* lint: the rules, and what they find. */
#include <stdlib.h>

#include "handlers.h"
#include "interrupt.h"

static int show_finding(void *arg, const struct iopt_lint_finding *f)
{
	struct out *o = arg;

	if (interrupted())
		return -IOPT_EINTR;
	out_begin_record(o, "{iova:-18} {size:12} {severity}: {rule}: {message}"
			    " (table {table} level {level} index {index})");
	out_str(o, "rule", f->rule);
	out_str(o, "severity", iopt_severity_name(f->severity));
	out_hex(o, "iova", f->iova);
	out_hex(o, "size", f->size);
	out_count(o, "count", f->count);
	out_hex(o, "table", f->table);
	out_signed(o, "level", f->level);
	out_count(o, "index", f->index);
	out_str(o, "message", f->message);
	out_end_record(o);
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

static int lint_domain(struct session *s, const struct args *a, struct out *o,
		       const struct named_domain *d)
{
	struct iopt_lint_options options = IOPT_INIT(struct iopt_lint_options);
	const char **ids;
	int r = read_rules(a, &ids, &options.rule_count);

	if (r)
		return fail_library(s, NULL, r);
	options.rules = ids;
	r = iopt_lint(d->domain, &options, show_finding, o);
	free(ids);
	out_records(o);
	if (r == -IOPT_E2BIG && o->truncated)
		return 0;
	if (r == -IOPT_ENOENT)
		return fail(s, NULL, IOPT_ENODEV, IOPT_FAILURE_REQUEST, "%s has no tables yet",
			    d->name);
	if (r)
		return fail_library(s, NULL, r);
	return o->records ? 1 : 0;
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
