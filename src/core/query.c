/* SPDX-License-Identifier: MIT */
#include "query.h"

static bool has_flag(const struct iopt_attrs *a, enum flag flag)
{
	const bool flags[] = {a->ns, a->ng, a->af, a->contiguous, a->dbm, a->gp};

	return flags[flag];
}

static bool has_access(const struct iopt_attrs *a, unsigned el, uint64_t access)
{
	for (unsigned i = 0; i < a->level_count && i < ARRAY_SIZE(a->access); i++)
		if ((el == ANY_LEVEL || a->access[i].el == el) && a->access[i].access & access)
			return true;
	return false;
}

static const char *word_of(const struct iopt_extent *e, const struct iopt_attrs *a, enum word word)
{
	static const char *const shares[] = {"none", "reserved", "outer", "inner"};

	return word == MEMORY  ? a->memory
	       : word == SHARE ? shares[a->share & 3]
			       : iopt_type_name(e->type);
}

static uint64_t number_of(const struct iopt_extent *e, const struct iopt_attrs *a,
			  enum number number)
{
	switch (number) {
	case LEVEL:
		return (uint64_t)(int64_t)e->level;
	case PAGE_SIZE:
		return e->size;
	case SIZE:
		return e->size * e->count;
	case COUNT:
		return e->count;
	case IOVA:
		return e->iova;
	case PA:
		return e->pa;
	case SOFTWARE:
		return a->software;
	case INDEX:
		return a->index;
	}
	return 0;
}

static bool compare(uint64_t x, enum comparison c, uint64_t y)
{
	switch (c) {
	case EQUAL:
		return x == y;
	case NOT_EQUAL:
		return x != y;
	case LESS:
		return x < y;
	case LESS_EQUAL:
		return x <= y;
	case MORE:
		return x > y;
	case MORE_EQUAL:
		return x >= y;
	}
	return false;
}

/* Levels have a sign. */
static bool compare_number(const struct step *s, uint64_t have)
{
	const uint64_t bias = s->what == LEVEL ? BIT(63) : 0;

	return compare(have ^ bias, s->comparison, s->value ^ bias);
}

static bool test(const struct step *s, const struct iopt_extent *e, const struct iopt_attrs *a)
{
	switch (s->kind) {
	case STEP_FLAG:
		return has_flag(a, s->what);
	case STEP_ACCESS:
		return has_access(a, s->what, s->value);
	case STEP_WORD:
		return (strcmp(word_of(e, a, s->what), s->word) == 0) == (s->comparison == EQUAL);
	default:
		return compare_number(s, number_of(e, a, s->what));
	}
}

bool iopt_query_matches(const struct iopt_query *query, const struct iopt_extent *e,
			const struct iopt_attrs *a)
{
	bool stack[STACK_MAX];
	unsigned top = 0;

	for (size_t i = 0; i < query->count; i++) {
		const struct step *s = &query->steps[i];

		switch (s->kind) {
		case STEP_NOT:
			stack[top - 1] = !stack[top - 1];
			break;
		case STEP_AND:
			top--;
			stack[top - 1] &= stack[top];
			break;
		case STEP_OR:
			top--;
			stack[top - 1] |= stack[top];
			break;
		default:
			assert(top < STACK_MAX);
			stack[top++] = test(s, e, a);
			break;
		}
	}
	return stack[0];
}
