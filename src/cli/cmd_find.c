/* SPDX-License-Identifier: MIT */
/* find: mappings by address and by what they are. */

#include "../core/ascii.h"
#include "handlers.h"
#include "suggest.h"

struct listing {
	struct session *s;
	struct out *o;
	const struct named_domain *d;
};

static int show_found(void *arg, unsigned space, const struct iopt_extent *extent)
{
	const struct listing *l = arg;

	return show_mapping(l->s, l->o, l->d->domain, space, extent);
}

/* The word of the expression that the error is about, if one is near it: "; did you mean …?"; or
 * where all are named. */
static const char *near_word(const char *text, char *hint, size_t room)
{
	struct suggestion near;
	const char *known;
	char word[NAME_BYTES];
	size_t length = 0;
	unsigned i;

	while (length < sizeof(word) - 1 &&
	       (ascii_is_alnum(text[length]) || (text[length] && strchr("._-:", text[length]))))
		length++;
	snprintf(word, sizeof(word), "%.*s", (int)length, text);
	suggest_begin(&near, word);
	for (i = 0; (known = iopt_query_word(i)) != NULL; i++) {
		if (strcmp(known, word) == 0)
			return "";
		suggest_try(&near, known, strlen(known));
	}
	suggest_text(&near, hint, room);
	return *word && !*hint ? "; see: help find" : hint;
}

/* Where in the source the expression's character is: behind the quote that it may begin with. */
static struct place place_in(const struct session *s, const struct word *word, unsigned column)
{
	struct place place = word->place;
	size_t length = 0;
	const char *line = s->source ? source_line(s->source, place.line, &length) : NULL;

	if (line && place.column && place.column <= length && strchr("'\"", line[place.column - 1]))
		place.column++;
	place.column += column - 1;
	return place;
}

static int parse_query(struct session *s, const struct arg *arg, struct iopt_query **query)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	char hint[NAME_BYTES + 32];
	static struct word blamed;
	int r = iopt_query_parse(arg->text, query, &error);

	if (!r)
		return 0;
	if (r == -IOPT_ENOMEM)
		return fail_library(s, arg->word, r);
	blamed = *arg->word;
	if (error.column)
		blamed.place = place_in(s, arg->word, error.column);
	return fail(
		s, &blamed, -r, IOPT_FAILURE_USAGE, "%s%s", error.message,
		near_word(arg->text + (error.column ? error.column - 1 : 0), hint, sizeof(hint)));
}

/* Is an exception level asked about that these tables say nothing of?  Then say so. */
static void note_levels(struct session *s, const struct named_domain *d, const char *text)
{
	const struct iopt_extent any = {
		.type = IOPT_TYPE_PAGE, .level = 3, .size = 4096, .count = 1};
	struct iopt_attrs attrs = IOPT_INIT(struct iopt_attrs);
	const char *p;
	unsigned i;

	if (iopt_domain_attrs(d->domain, 0, &any, &attrs))
		return;
	for (p = strstr(text, "el"); p; p = strstr(p + 1, "el")) {
		if (p[2] < '0' || p[2] > '3' || p[3] != '.')
			continue;
		for (i = 0; i < attrs.level_count && attrs.access[i].el != p[2] - '0';)
			i++;
		if (i < attrs.level_count)
			continue;
		note(s, "the tables of %s say nothing of el%c, but of el%u%s", d->name, p[2],
		     attrs.access[0].el, attrs.level_count > 1 ? " and el0" : "");
		return;
	}
}

static int find(struct session *s, struct out *o, const struct named_domain *d,
		const struct iopt_find *what, const char *text)
{
	struct listing listing = {s, o, d};
	int r = iopt_find(d->domain, what, show_found, &listing);

	out_records(o);
	if (r == -IOPT_E2BIG && o->truncated)
		return 0;
	if (r == -IOPT_E2BIG)
		return fail(s, NULL, IOPT_E2BIG, IOPT_FAILURE_LIMIT,
			    "the tables of %s lead to each other again and again: not all of them"
			    " were searched",
			    d->name);
	if (r == -IOPT_ENOENT)
		return fail(s, NULL, IOPT_ENODEV, IOPT_FAILURE_REQUEST, "%s has no tables yet",
			    d->name);
	if (r)
		return fail_library(s, NULL, r);
	if (!o->records)
		tell(s, "nothing found");
	if (!o->records && text)
		note_levels(s, d, text);
	return o->records ? 0 : 1;
}

int cmd_find(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *pa = args_get(a, "--pa"), *iova = args_get(a, "--iova");
	const struct arg *attr = args_get(a, "--attr");
	struct iopt_find what = IOPT_INIT(struct iopt_find);
	struct iopt_query *query = NULL;
	const struct named_domain *d;
	int r;

	if (!pa && !iova && !attr)
		return fail_usage(s, NULL, "find what?  --pa, --iova or --attr");
	d = args_domain(s, a);
	if (!d)
		return (int)s->error.failure;
	if (pa) {
		what.by_pa = true;
		what.pa_first = pa->range.first;
		what.pa_last = pa->range.last;
	}
	if (iova) {
		what.by_iova = true;
		what.iova_first = iova->range.first;
		what.iova_last = iova->range.last;
	}
	r = check_present(s, d);
	if (!r && attr)
		r = parse_query(s, attr, &query);
	if (r)
		return r;
	what.query = query;
	r = find(s, o, d, &what, attr ? attr->text : NULL);
	iopt_query_destroy(query);
	return r;
}
