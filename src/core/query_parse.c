/* SPDX-License-Identifier: MIT */
/* Questions about mappings: a recursive-descent parser, as deep as DEPTH_MAX, that makes steps. */
#include <stdio.h>
#include <stdlib.h>

#include "ascii.h"
#include "error.h"
#include "query.h"

static const char *const comparisons[] = {"==", "!=", "<", "<=", ">", ">="};

/* ---- names ---- */

static const struct name {
	const char *name;
	enum step_kind kind;
	unsigned what;
	unsigned access;
} names[] = {
	{"ns", STEP_FLAG, FLAG_NS, 0},
	{"ng", STEP_FLAG, FLAG_NG, 0},
	{"af", STEP_FLAG, FLAG_AF, 0},
	{"contiguous", STEP_FLAG, FLAG_CONTIGUOUS, 0},
	{"dbm", STEP_FLAG, FLAG_DBM, 0},
	{"gp", STEP_FLAG, FLAG_GP, 0},
	{"memory", STEP_WORD, MEMORY, 0},
	{"share", STEP_WORD, SHARE, 0},
	{"type", STEP_WORD, TYPE, 0},
	{"level", STEP_NUMBER, LEVEL, 0},
	{"page_size", STEP_NUMBER, PAGE_SIZE, 0},
	{"size", STEP_NUMBER, SIZE, 0},
	{"count", STEP_NUMBER, COUNT, 0},
	{"iova", STEP_NUMBER, IOVA, 0},
	{"pa", STEP_NUMBER, PA, 0},
	{"software", STEP_NUMBER, SOFTWARE, 0},
	{"index", STEP_NUMBER, INDEX, 0},
#define ACCESS(n)                                              \
	{"el" #n ".r", STEP_ACCESS, n, IOPT_ACCESS_R},         \
		{"el" #n ".w", STEP_ACCESS, n, IOPT_ACCESS_W}, \
	{                                                      \
		"el" #n ".x", STEP_ACCESS, n, IOPT_ACCESS_X    \
	}
	ACCESS(0),
	ACCESS(1),
	ACCESS(2),
	ACCESS(3),
#undef ACCESS
	{"r", STEP_ACCESS, ANY_LEVEL, IOPT_ACCESS_R},
	{"w", STEP_ACCESS, ANY_LEVEL, IOPT_ACCESS_W},
	{"x", STEP_ACCESS, ANY_LEVEL, IOPT_ACCESS_X},
};

static const struct {
	enum word word;
	const char *value;
} values[] = {
	{MEMORY, "device-nGnRnE"}, {MEMORY, "device-nGnRE"},
	{MEMORY, "device-nGRE"},   {MEMORY, "device-GRE"},
	{MEMORY, "normal-nc"},	   {MEMORY, "normal-wt"},
	{MEMORY, "normal-wb"},	   {MEMORY, "normal-tagged"},
	{MEMORY, "normal-s1"},	   {MEMORY, "reserved"},
	{SHARE, "none"},	   {SHARE, "outer"},
	{SHARE, "inner"},	   {SHARE, "reserved"},
	{TYPE, "block"},	   {TYPE, "page"},
	{TYPE, "section"},	   {TYPE, "supersection"},
	{TYPE, "large"},
};

const char *iopt_query_word(unsigned i)
{
	if (i < ARRAY_SIZE(names))
		return names[i].name;
	i -= ARRAY_SIZE(names);
	return i < ARRAY_SIZE(values) ? values[i].value : NULL;
}

const char *iopt_query_word_of(unsigned i)
{
	const unsigned value = i - (unsigned)ARRAY_SIZE(names);

	for (size_t k = 0; i >= ARRAY_SIZE(names) && value < ARRAY_SIZE(values) &&
			   k < ARRAY_SIZE(names); k++)
		if (names[k].kind == STEP_WORD && names[k].what == values[value].word)
			return names[k].name;
	return NULL;
}

/* ---- parsing ---- */

struct parser {
	const char *text, *at;
	struct iopt_error *error;
	struct step steps[STEPS_MAX];
	size_t count;
	unsigned depth;
};

static int fail_at(const struct parser *p, const char *at, int code, const char *format,
		   const char *word, size_t length)
{
	const struct error_place place = {NULL, 1, (unsigned)(at - p->text) + 1};

	return error_at(p->error, place, IOPT_FAILURE_USAGE, code, format, (int)length, word);
}

static void skip_blanks(struct parser *p)
{
	while (ascii_is_space(*p->at))
		p->at++;
}

static bool take(struct parser *p, const char *token)
{
	size_t length = strlen(token);

	skip_blanks(p);
	if (strncmp(p->at, token, length) != 0)
		return false;
	p->at += length;
	return true;
}

/* Letters, digits and what words of memory and access have in them; its length, at p->at. */
static size_t word_length(const struct parser *p)
{
	size_t n = 0;

	while (ascii_is_alnum(p->at[n]) || (p->at[n] && strchr("._-:", p->at[n])))
		n++;
	return n;
}

static int add_step(struct parser *p, const struct step *step)
{
	if (p->count == STEPS_MAX)
		return fail_at(p, p->at, IOPT_EINVAL, "the expression has too many parts%.*s", "",
			       0);
	p->steps[p->count++] = *step;
	return 0;
}

static int add_operator(struct parser *p, enum step_kind kind)
{
	return add_step(p, &(struct step){.kind = kind});
}

static unsigned digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c = (char)ascii_lower(c);
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 99;
}

static unsigned number_base(const char **p)
{
	const int second = **p == '0' ? ascii_lower((*p)[1]) : 0;

	if (second != 'x' && second != 'b')
		return 10;
	*p += 2;
	return second == 'x' ? 16 : 2;
}

/* Digits, '_' between them, and a suffix, up to 'end'. */
static int number_value(const char *p, const char *end, uint64_t *value)
{
	static const char suffixes[] = "kmgt";
	const unsigned base = number_base(&p);
	const char *found, *first = p;
	unsigned shift = 0;

	*value = 0;
	for (; p < end && (digit_value(*p) < base || (*p == '_' && p > first)); p++) {
		if (*p == '_')
			continue;
		if (__builtin_mul_overflow(*value, base, value) ||
		    __builtin_add_overflow(*value, digit_value(*p), value))
			return -IOPT_ERANGE;
	}
	if (p == first || p[-1] == '_')
		return -IOPT_EINVAL;
	found = p < end ? strchr(suffixes, ascii_lower(*p)) : NULL;
	if (found) {
		shift = 10 * (unsigned)(found - suffixes + 1);
		p++;
	}
	if (*value > UINT64_MAX >> shift)
		return -IOPT_ERANGE;
	*value <<= shift;
	return p == end ? 0 : -IOPT_EINVAL;
}

static int take_number(struct parser *p, struct step *step)
{
	const bool minus = take(p, "-");
	size_t length;
	int ret;

	skip_blanks(p);
	length = word_length(p);
	ret = number_value(p->at, p->at + length, &step->value);
	if (ret == -IOPT_ERANGE)
		return fail_at(p, p->at, IOPT_ERANGE, "'%.*s' does not fit in 64 bits", p->at,
			       length);
	if (ret)
		return fail_at(p, p->at, IOPT_EINVAL, "'%.*s' is no number", p->at, length);
	if (minus)
		step->value = -step->value;
	p->at += length;
	return 0;
}

/* "mair:0x4f" and "index:3" are memory, too. */
static bool is_raw_memory(const char *word)
{
	return strncmp(word, "mair:0x", 7) == 0 || strncmp(word, "index:", 6) == 0;
}

static int take_value(struct parser *p, struct step *step)
{
	size_t length;

	skip_blanks(p);
	length = word_length(p);
	snprintf(step->word, sizeof(step->word), "%.*s", (int)length, p->at);
	for (size_t i = 0; length < sizeof(step->word) && i < ARRAY_SIZE(values); i++) {
		if ((values[i].word == step->what && strcmp(values[i].value, step->word) == 0) ||
		    (step->what == MEMORY && is_raw_memory(step->word))) {
			p->at += length;
			return 0;
		}
	}
	return fail_at(p, p->at, IOPT_EINVAL,
		       step->what == MEMORY  ? "'%.*s' is no memory type"
		       : step->what == SHARE ? "'%.*s' is no shareability"
					     : "'%.*s' is no type of mapping",
		       p->at, length);
}

/* The longer ones first. */
static bool take_comparison(struct parser *p, enum comparison *c)
{
	static const enum comparison order[] = {EQUAL,	    NOT_EQUAL, LESS_EQUAL,
						MORE_EQUAL, LESS,      MORE};

	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		*c = order[i];
		if (take(p, comparisons[*c]))
			return true;
	}
	return false;
}

static int take_test(struct parser *p)
{
	struct step step = {.kind = STEP_FLAG};
	const struct name *name = NULL;
	const char *start, *operator;
	size_t length;
	int ret;

	skip_blanks(p);
	start = p->at;
	length = word_length(p);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strlen(names[i].name) == length && !memcmp(names[i].name, start, length))
			name = &names[i];
	if (!name && !length)
		return fail_at(p, start, IOPT_EINVAL,
			       *start ? "an attribute is expected before '%.*s'"
				      : "an attribute is expected at the end%.*s",
			       start, *start ? 1 : 0);
	if (!name)
		return fail_at(p, start, IOPT_EINVAL, "'%.*s' is no attribute", start, length);
	p->at += length;
	step.kind = name->kind;
	step.what = name->what;
	step.value = name->access;
	if (name->kind == STEP_FLAG || name->kind == STEP_ACCESS)
		return add_step(p, &step);
	skip_blanks(p);
	operator= p->at;
	if (!take_comparison(p, &step.comparison) ||
	    (name->kind == STEP_WORD && step.comparison > NOT_EQUAL))
		return fail_at(p, operator, IOPT_EINVAL,
			       name->kind == STEP_WORD ? "'%.*s' is compared by == or !="
						       : "'%.*s' is compared by == != < <= > or >=",
			       start, length);
	ret = name->kind == STEP_WORD ? take_value(p, &step) : take_number(p, &step);
	return ret ? ret : add_step(p, &step);
}

static int take_or(struct parser *p);

static int take_group(struct parser *p, const char *open)
{
	int ret;

	if (p->depth == DEPTH_MAX)
		return fail_at(p, open, IOPT_EINVAL, "the expression is nested too deep%.*s", "",
			       0);
	p->depth++;
	ret = take_or(p);
	p->depth--;
	skip_blanks(p);
	if (!ret && !take(p, ")"))
		ret = fail_at(p, p->at, IOPT_EINVAL, "')' is missing%.*s", "", 0);
	return ret;
}

static int take_unary(struct parser *p)
{
	bool negate = false;
	int ret;

	while (take(p, "!"))
		negate = !negate;
	skip_blanks(p);
	ret = take(p, "(") ? take_group(p, p->at - 1) : take_test(p);
	return !ret && negate ? add_operator(p, STEP_NOT) : ret;
}

static int take_and(struct parser *p)
{
	int ret = take_unary(p);

	while (!ret && take(p, "&&")) {
		ret = take_unary(p);
		if (!ret)
			ret = add_operator(p, STEP_AND);
	}
	return ret;
}

static int take_or(struct parser *p)
{
	int ret = take_and(p);

	while (!ret && take(p, "||")) {
		ret = take_and(p);
		if (!ret)
			ret = add_operator(p, STEP_OR);
	}
	return ret;
}

int iopt_query_parse(const char *text, struct iopt_query **query, struct iopt_error *error)
{
	struct parser *p = calloc(1, sizeof(*p));
	int ret = -IOPT_ENOMEM;

	*query = NULL;
	if (p) {
		*p = (struct parser){.text = text, .at = text, .error = error};
		ret = take_or(p);
		skip_blanks(p);
		if (!ret && *p->at)
			ret = fail_at(p, p->at, IOPT_EINVAL, "'%.*s': && or || is expected", p->at,
				      word_length(p) ? word_length(p) : 1);
	}
	if (!ret)
		*query = malloc(sizeof(**query) + p->count * sizeof(p->steps[0]));
	if (*query) {
		(*query)->count = p->count;
		memcpy((*query)->steps, p->steps, p->count * sizeof(p->steps[0]));
	} else if (!ret) {
		ret = -IOPT_ENOMEM;
	}
	free(p);
	return ret;
}

void iopt_query_destroy(struct iopt_query *query)
{
	free(query);
}
