/* SPDX-License-Identifier: MIT */
/* What tables for firmware must not be, unless it is asked for. */
#include "firmware.h"

struct linting {
	struct building *b;
	struct iopt_lint_finding first; /* rule NULL: none */
};

/*
 * What a stage 2 lets a guest do, the guest restricts itself: memory that is writable and
 * executable is what it is for.
 */
static bool is_asked(const struct building *b, const char *rule)
{
	struct iopt_space space = IOPT_INIT(struct iopt_space);
	const struct arg *allow;
	size_t i;

	iopt_domain_space(b->domain, 0, &space);
	if (space.regime == IOPT_REGIME_STAGE2 && strcmp(rule, "alias-types") != 0)
		return false;
	for (i = 0; (allow = args_nth(b->a, "--allow", i)) != NULL; i++)
		if (strcmp(allow->text, rule) == 0)
			return false;
	return !iopt_spec_allows(b->spec, rule);
}

static int keep_first(void *arg, const struct iopt_lint_finding *finding)
{
	struct linting *l = arg;

	l->first = *finding;
	return 1;
}

static int run_rule(struct linting *l, const char *rule)
{
	struct iopt_lint_options options = IOPT_INIT(struct iopt_lint_options);

	if (!is_asked(l->b, rule))
		return 0;
	options.rules = &rule;
	options.rule_count = 1;
	return iopt_lint(l->b->domain, &options, keep_first, l);
}

static int fail_finding(struct building *b, const struct iopt_lint_finding *f)
{
	char message[sizeof(b->s->error.message)];

	snprintf(message, sizeof(message), "%s: 0x%llx: %s (--allow %s builds it)", f->rule,
		 (unsigned long long)f->iova, f->message, f->rule);
	iopt_spec_blame(b->spec, f->space, f->iova,
			strcmp(f->rule, "alias-types") ? "access" : "memory", message,
			&b->s->error);
	return fail_library(b->s, b->file->word, IOPT_EINVAL);
}

int firmware_lint(struct building *b)
{
	static const char *const rules[] = {"write-execute", "alias-types"};
	struct linting l = {.b = b};
	int r = 0;
	size_t i;

	for (i = 0; !r && i < ARRAY_SIZE(rules); i++)
		r = run_rule(&l, rules[i]);
	if (r < 0)
		return fail_library(b->s, b->file->word, r);
	if (r)
		return fail_finding(b, &l.first);
	r = run_rule(&l, "device-execute");
	if (r < 0)
		return fail_library(b->s, b->file->word, r);
	if (r)
		warn(b->s, "device-execute: 0x%llx: %s", (unsigned long long)l.first.iova,
		     l.first.message);
	return 0;
}
