/* SPDX-License-Identifier: MIT */
#include "lint.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "attrs.h"
#include "domain.h"
#include "space.h"

/* ---- the rules ---- */

static const struct {
	const char *id;
	enum iopt_severity severity;
	const char *title, *explanation;
} rules[] = {
#define RULE(name, id, severity, title, explanation) \
	[LINT_##name] = {id, IOPT_SEVERITY_##severity, title, explanation},
#include "lint_rules.def"
#undef RULE
};

static_assert(LINT_RULES <= 32, "a set of rules is a word");

const char *iopt_severity_name(enum iopt_severity severity)
{
	static const char *const names[] = {"note", "warning", "error"};

	return (unsigned)severity < ARRAY_SIZE(names) ? names[severity] : NULL;
}

int iopt_lint_rule(unsigned i, struct iopt_lint_rule *rule)
{
	if (rule->struct_size < sizeof(*rule))
		return -IOPT_EINVAL;
	if (i >= LINT_RULES)
		return -IOPT_ENOENT;
	rule->id = rules[i].id;
	rule->severity = rules[i].severity;
	rule->title = rules[i].title;
	rule->explanation = rules[i].explanation;
	return 0;
}

/* The set that is asked for; 0: an id that no rule has. */
static uint32_t wanted_rules(const struct iopt_lint_options *o)
{
	uint32_t set = 0;

	if (!o || !o->rule_count)
		return (uint32_t)low_bits(LINT_RULES);
	for (size_t i = 0; i < o->rule_count; i++) {
		unsigned k = 0;

		while (k < LINT_RULES && strcmp(rules[k].id, o->rules[i]) != 0)
			k++;
		if (k == LINT_RULES)
			return 0;
		set |= 1u << k;
	}
	return set;
}

/* ---- findings ---- */

static void tell_pending(struct lint *l, struct lint_pending *p)
{
	if (p->finding.rule && !l->ret)
		l->ret = l->fn(l->arg, &p->finding);
	p->finding.rule = NULL;
}

/* In the order of their addresses. */
static void tell_all(struct lint *l)
{
	for (;;) {
		struct lint_pending *lowest = NULL;

		for (unsigned i = 0; i < LINT_RULES; i++) {
			struct lint_pending *p = &l->pending[i];

			if (p->finding.rule && (!lowest || p->finding.iova < lowest->finding.iova))
				lowest = p;
		}
		if (!lowest)
			return;
		tell_pending(l, lowest);
	}
}

/* Does it follow the last one of its rule, and is the same? */
static bool pending_grows(struct lint_pending *p, const struct iopt_lint_finding *f, uint64_t key)
{
	struct iopt_lint_finding *last = &p->finding;

	if (!last->rule || p->key != key || last->level != f->level || last->space != f->space ||
	    !last->size || last->iova + last->size != f->iova)
		return false;
	last->size += f->size;
	last->count += f->count;
	return true;
}

static void find(struct lint *l, enum lint_rule rule, const struct iopt_lint_finding *f,
		 uint64_t key, const char *format, va_list list)
{
	struct lint_pending *p = &l->pending[rule];

	if (l->ret || !lint_wants(l, rule) || pending_grows(p, f, key))
		return;
	tell_pending(l, p);
	*p = (struct lint_pending){.finding = *f, .key = key};
	p->finding.struct_size = sizeof(p->finding);
	p->finding.rule = rules[rule].id;
	p->finding.severity = rules[rule].severity;
	vsnprintf(p->finding.message, sizeof(p->finding.message), format, list);
}

void lint_find_at(struct lint *l, enum lint_rule rule, const struct iopt_lint_finding *where,
		  uint64_t key, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	find(l, rule, where, key, format, list);
	va_end(list);
}

void lint_find(struct lint *l, enum lint_rule rule, struct lint_place place, uint64_t key,
	       const char *format, ...)
{
	const unsigned shift = block_shift(l->t->ops->format, place.table->level);
	const struct iopt_lint_finding f = {
		.space = l->space,
		.iova = place.table->iova + (place.index << shift),
		.size = place.count << shift,
		.table = place.table->pa,
		.index = place.index,
		.count = place.count,
		.level = place.table->level,
	};
	va_list list;

	va_start(list, format);
	find(l, rule, &f, key, format, list);
	va_end(list);
}

/* ---- what several rules need ---- */

/* The bits of a row that are not as they must be. */
static uint64_t wrong_bits(const struct field_row *row, uint64_t desc)
{
	const uint64_t bits = BITS(row->hi, row->lo);

	if (row->kind == FIELD_RES0)
		return desc & bits;
	return row->kind == FIELD_RES1 ? ~desc & bits : 0;
}

void lint_fixed_bits(struct lint *l, struct lint_place place, uint64_t desc, int level,
		     uint64_t except)
{
	const struct field_set *list[FIELD_SETS_MAX];
	const unsigned count = descriptor_sets(&l->view, level, desc, list);
	uint64_t wrong = 0;

	for (unsigned i = 0; i < count; i++)
		for (size_t k = 0; k < list[i]->count; k++)
			wrong |= wrong_bits(&list[i]->rows[k], desc);
	wrong &= ~except;
	if (wrong)
		lint_find(l, LINT_RES0, place, wrong,
			  "reserved bits 0x%llx of descriptor 0x%llx are not what they must be",
			  (unsigned long long)wrong, (unsigned long long)desc);
}

/* ---- tables ---- */

/* How many bytes of [pa, pa + bytes) are present, counted up to the first that is not. */
static uint64_t present_bytes(struct iopt_memory *m, uint64_t pa, uint64_t bytes)
{
	uint64_t done = 0, part;

	while (done < bytes && memory_span(m, pa + done, &part))
		done += part;
	return min_u64(done, bytes);
}

static void check_present(struct lint *l, struct lint_place place, uint64_t next, uint64_t bytes)
{
	uint64_t have = present_bytes(l->t->memory, next, bytes);

	if (!have)
		lint_find(l, LINT_TABLE_ABSENT, place, 0, "the table at 0x%llx is not in memory",
			  (unsigned long long)next);
	else if (have < bytes)
		lint_find(l, LINT_TABLE_ABSENT, place, next,
			  "the table at 0x%llx ends after 0x%llx of 0x%llx bytes",
			  (unsigned long long)next, (unsigned long long)have,
			  (unsigned long long)bytes);
}

static bool is_above(const struct lint *l, uint64_t table, int level)
{
	for (int i = l->t->start_level; i <= level; i++)
		if (l->path[i - PGTABLE_LEVEL_MIN] == table)
			return true;
	return false;
}

/* One slot that points to a table, or several that point to the same. */
static void check_table(struct lint *l, struct lint_place place, uint64_t desc)
{
	const struct pgtable_format *f = l->t->ops->format;
	const int level = place.table->level;
	const uint64_t next = f->next_table(desc);

	lint_fixed_bits(l, place, desc, level, 0);
	if (next & l->t->oa_beyond) {
		lint_find(l, LINT_OA_RANGE, place, 1, "the table at 0x%llx is beyond %u bits",
			  (unsigned long long)next, l->t->oas);
		return;
	}
	check_present(l, place, next, table_bytes(l->t, level + 1));
	/* said once: not again by the same table as one of the next level */
	if (is_above(l, next, level) && !is_above(l, place.table->pa, level - 1))
		lint_find(l, LINT_SELF_REFERENCE, place, next,
			  "leads back to the table at 0x%llx, which the walk comes through",
			  (unsigned long long)next);
}

static void check_tables(struct lint *l, struct lint_place place, uint64_t desc, uint64_t step)
{
	if (!step) {
		check_table(l, place, desc);
		return;
	}
	for (uint64_t i = 0; i < place.count && !l->ret; i++)
		check_table(l, (struct lint_place){place.table, place.index + i, 1},
			    desc + i * step);
}

/* ---- the visit ---- */

/* Of the space whose table this is: the entries that are looked at next are in it. */
static int see_table(void *arg, const struct iopt_table *table)
{
	struct lint *l = arg;
	struct seen_entry *e;
	bool added;

	l->path[table->level - PGTABLE_LEVEL_MIN] = table->pa;
	e = seen_find(&l->levels, table->pa, 0, 0, &added);
	if (!e)
		return -IOPT_ENOMEM;
	if (added) {
		e->iova = (uint64_t)(table->level - PGTABLE_LEVEL_MIN);
		lint_keep_table(l, table);
	} else if (e->iova != (uint64_t)(table->level - PGTABLE_LEVEL_MIN) &&
		   !is_above(l, table->pa, table->level - 1)) {
		lint_find(l, LINT_TABLE_LEVELS, (struct lint_place){table, 0, table->slots},
			  table->pa, "the table at 0x%llx is used at level %d too",
			  (unsigned long long)table->pa, (int)e->iova + PGTABLE_LEVEL_MIN);
	}
	return l->ret;
}

static void check_reserved(struct lint *l, struct lint_place place, uint64_t desc)
{
	if (place.table->level < l->t->ops->format->last_level)
		lint_find(l, LINT_BLOCK_LEVEL, place, 0, "a block at level %d: 0x%llx",
			  place.table->level, (unsigned long long)desc);
	else
		lint_find(l, LINT_RESERVED, place, 0, "the type of 0x%llx is reserved at level %d",
			  (unsigned long long)desc, place.table->level);
}

static void see_leaves(struct lint *l, struct lint_place place, const struct iopt_run *run,
		       uint64_t desc)
{
	const unsigned shift = block_shift(l->t->ops->format, place.table->level);
	struct lint_leaves leaves = {
		.place = place,
		.desc = desc,
		.step = run->step,
		.iova = place.table->iova + (place.index << shift),
		.size = BIT(shift),
		.type = run->type,
		.level = place.table->level,
	};

	space_attrs(l->t, desc, leaves.level, place.table->inherited, &leaves.attrs);
	lint_leaves(l, &leaves);
}

static int see_run(void *arg, const struct iopt_table *table, const struct iopt_run *run)
{
	const struct pgtable_format *f = ((struct lint *)arg)->t->ops->format;
	const uint64_t last = run->desc + (run->count - 1) * run->step;
	struct lint_place place = {table, run->first, run->count};
	struct lint *l = arg;

	if (run->type == IOPT_TYPE_TABLE) {
		check_tables(l, place, run->desc, run->step);
	} else if (run->type == IOPT_TYPE_RESERVED) {
		check_reserved(l, place, run->desc);
	} else if (run->type != IOPT_TYPE_INVALID &&
		   f->leaf_attrs(run->desc, table->level) == f->leaf_attrs(last, table->level)) {
		see_leaves(l, place, run, run->desc);
	} else if (run->type != IOPT_TYPE_INVALID) {
		/* the step carried into what is no address */
		place.count = 1;
		for (uint64_t i = 0; i < run->count && !l->ret; i++, place.index++)
			see_leaves(l, place, run, run->desc + i * run->step);
	}
	return l->ret;
}

static void check_start(struct lint *l)
{
	struct space_desc desc;
	const char *warning = l->t->warning;
	const struct iopt_table root = {
		.pa = l->t->root,
		.iova = l->t->iova_base,
		.slots = BIT(l->t->root_bits),
		.level = l->t->start_level,
	};

	if (!warning) {
		space_describe(l->t, &desc);
		warning = linux_warning(&desc);
	}
	if (warning)
		lint_find(l, LINT_START_LEVEL, (struct lint_place){&root, 0, root.slots}, 0, "%s",
			  warning);
	check_present(l, (struct lint_place){&root, 0, root.slots}, l->t->root, l->t->root_bytes);
}

static int lint_space(struct lint *l, unsigned space)
{
	struct iopt_visitor visitor = IOPT_INIT(struct iopt_visitor);

	l->space = space;
	l->t = &l->domain->spaces[space];
	l->view = space_view(l->t);
	check_start(l);
	visitor.limits = true;
	visitor.table = see_table;
	visitor.run = see_run;
	visitor.arg = l;
	return l->ret ? l->ret : iopt_domain_visit(l->domain, space, &visitor);
}

int iopt_lint(struct iopt_domain *d, const struct iopt_lint_options *options,
	      int (*fn)(void *arg, const struct iopt_lint_finding *finding), void *arg)
{
	struct lint l = {.domain = d, .fn = fn, .arg = arg, .rules = wanted_rules(options)};
	int ret;

	if (!l.rules || (options && options->struct_size < sizeof(*options)))
		return -IOPT_EINVAL;
	if (!d->space_count)
		return -IOPT_ENOENT;
	ret = domain_refresh(d);
	for (unsigned i = 0; !ret && i < d->space_count; i++) {
		ret = lint_space(&l, i);
		if (!ret)
			tell_all(&l);
	}
	if (!ret)
		lint_compare(&l);
	if (!ret)
		tell_all(&l);
	seen_destroy(&l.levels);
	free(l.tables);
	free(l.outputs);
	return ret ? ret : l.ret;
}
