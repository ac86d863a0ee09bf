/* SPDX-License-Identifier: MIT */
/* What is wrong, or likely to be wrong, with tables. */
#ifndef IOPT_API_LINT_H
#define IOPT_API_LINT_H

#include "walk.h"

#ifdef __cplusplus
extern "C" {
#endif

enum iopt_severity {
	IOPT_SEVERITY_NOTE,
	IOPT_SEVERITY_WARNING, /* works, and should not be like that */
	IOPT_SEVERITY_ERROR,   /* the architecture does not say what happens, or says: a fault */
};

/* "note", "warning", "error" */
IOPT_API const char *iopt_severity_name(enum iopt_severity severity);

struct iopt_lint_rule {
	size_t struct_size;
	const char *id; /* "write-execute" */
	enum iopt_severity severity;
	const char *title;	 /* one line */
	const char *explanation; /* paragraphs, blank lines between them */
};

/* The i-th rule; ENOENT past the end. */
IOPT_API int iopt_lint_rule(unsigned i, struct iopt_lint_rule *rule);

/*
 * 'count' neighbouring slots in which a rule found the same: [iova, iova + size) from slot 'index'
 * of the table at 'table' on (they may go on into the tables behind it).
 */
struct iopt_lint_finding {
	size_t struct_size;
	const char *rule; /* its id */
	enum iopt_severity severity;
	unsigned space;	     /* the half */
	uint64_t iova, size; /* size 0: 2^64 */
	uint64_t table, index, count;
	int level;
	char message[160]; /* about the first of them */
};

struct iopt_lint_options {
	size_t struct_size;
	const char *const *rules; /* ids; none: every rule */
	size_t rule_count;
};

/*
 * Looks at every table of the domain once, however often it is reached (but again below other
 * hierarchical permission bits), and tells what the rules find: of each half, and of each rule in
 * rising order.  What 'fn' returns if it is not 0 ends it and is returned.  'options' may be NULL.
 * EINVAL: no rule has that id.  ENOENT: the domain has no tables.  ENOMEM.
 *
 * Rules that compare the outputs of leaves with each other keep up to a million stretches of them;
 * what is beyond is not compared, and the rule "too-many" says so.
 */
IOPT_API int iopt_lint(struct iopt_domain *domain, const struct iopt_lint_options *options,
		       int (*fn)(void *arg, const struct iopt_lint_finding *finding), void *arg);

#ifdef __cplusplus
}
#endif

#endif
