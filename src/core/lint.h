/* SPDX-License-Identifier: MIT */
/* lint's inside: one look at all tables, rules that report to it.  iopt/lint.h is the contract. */
#ifndef IOPT_LINT_H
#define IOPT_LINT_H

#include "explain.h"
#include "seen.h"

enum lint_rule {
#define RULE(name, ...) LINT_##name,
#include "lint_rules.def"
#undef RULE
	LINT_RULES,
};

/* 'count' slots of a table from 'index' on. */
struct lint_place {
	const struct iopt_table *table;
	uint64_t index, count;
};

/* The last finding of a rule, to which what follows it may belong; finding.rule NULL: none. */
struct lint_pending {
	struct iopt_lint_finding finding;
	uint64_t key;
};

/* A stretch of output addresses, and the leaf that maps its first. */
struct lint_output {
	struct range pa;
	uint64_t iova, table;
	uint32_t index;
	int8_t level;
	uint8_t space, type; /* enum of lint_output.c */
	bool writable;
};

enum { LINT_OUTPUTS_MAX = 1 << 20 };

struct lint {
	struct iopt_domain *domain;
	struct pgtable *t; /* the half that is looked at, its number and its fields */
	unsigned space;
	struct descriptor_view view;
	uint32_t rules; /* those that are asked for */
	int (*fn)(void *arg, const struct iopt_lint_finding *finding);
	void *arg;
	int ret; /* what ended it */
	struct lint_pending pending[LINT_RULES];
	uint64_t path[PGTABLE_LEVELS]; /* the tables above, by level */
	struct seen levels;	       /* of every table: iova is its first level */
	struct range *tables;	       /* where they lie */
	size_t table_count, table_room;
	struct lint_output *outputs;
	size_t output_count, output_room;
	bool too_many;
};

/* Leaves of one table with the same attributes: entry i has desc + i * step. */
struct lint_leaves {
	struct lint_place place;
	uint64_t desc, step;
	uint64_t iova, size; /* of the first slot */
	enum iopt_type type;
	int level;
	struct iopt_attrs attrs;
};

static inline bool lint_wants(const struct lint *l, enum lint_rule rule)
{
	return l->rules >> rule & 1;
}

/*
 * A rule found something.  It joins the rule's last finding if it follows it and 'key' is the same;
 * the message then is the first's.
 */
void lint_find(struct lint *l, enum lint_rule rule, struct lint_place place, uint64_t key,
	       const char *format, ...) __attribute__((format(printf, 5, 6)));
/* The same where it is not about whole slots: place, count and space are those of 'where'. */
void lint_find_at(struct lint *l, enum lint_rule rule, const struct iopt_lint_finding *where,
		  uint64_t key, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* RES0 and RES1 of one descriptor, apart from 'except'. */
void lint_fixed_bits(struct lint *l, struct lint_place place, uint64_t desc, int level,
		     uint64_t except);

/* lint_leaf.c */
void lint_leaves(struct lint *l, const struct lint_leaves *leaves);
/* lint_runs.c: runs that only together mean something. */
void lint_contiguous(struct lint *l, const struct lint_leaves *leaves);
void lint_copies(struct lint *l, const struct lint_leaves *leaves);

/* lint_output.c: what is mapped to where, kept and compared when all is seen.  ENOMEM in l->ret. */
void lint_keep_leaves(struct lint *l, const struct lint_leaves *leaves);
void lint_keep_table(struct lint *l, const struct iopt_table *table);
void lint_compare(struct lint *l);

#endif
