/* SPDX-License-Identifier: MIT */

#include "../core/ascii.h"
#include "handlers.h"

void name_of_file(const char *path, char *name, size_t room)
{
	const char *slash = strrchr(path, '/'), *p = slash ? slash + 1 : path;
	size_t length = strcspn(p, "."), i;

	if (length >= room)
		length = room - 1;
	for (i = 0; i < length; i++)
		name[i] = ascii_is_alnum(p[i]) || (i && p[i] == '-') ? p[i] : '_';
	name[length] = '\0';
	if (!length)
		snprintf(name, room, "loaded");
}

int add_loaded(struct session *s, const char *name, struct iopt_memory *memory,
		      struct iopt_domain *domain, struct out *o)
{
	struct named_memory *m = add_memory(s, name, memory);
	struct named_domain *d;

	if (!m) {
		iopt_domain_destroy(domain);
		return fail_library(s, NULL, IOPT_ENOMEM);
	}
	m->of_load = true;
	d = add_domain(s, name, domain, m);
	if (!d)
		return fail_library(s, NULL, IOPT_ENOMEM);
	show_domain(o, "domain", d);
	warn_domain(s, d);
	return 0;
}

static bool is_taken(const struct session *s, const char *name)
{
	return find_domain(s, name) || find_memory(s, name);
}

void find_free_name(struct session *s, char name[static NAME_BYTES])
{
	char wanted[NAME_BYTES - 12];
	unsigned i;

	if (!is_taken(s, name))
		return;
	snprintf(wanted, sizeof(wanted), "%.*s", (int)sizeof(wanted) - 1, name);
	for (i = 2; is_taken(s, name); i++)
		snprintf(name, NAME_BYTES, "%s-%u", wanted, i);
	note(s, "'%s' is taken: it is called %s here", wanted, name);
}

static int choose_name(struct session *s, const struct args *a, char name[static NAME_BYTES])
{
	const struct arg *given = args_get(a, "NAME");

	if (!given) {
		name_of_file(args_get(a, "FILE")->text, name, NAME_BYTES);
		return 0;
	}
	snprintf(name, NAME_BYTES, "%s", given->text);
	if (!is_taken(s, name))
		return 0;
	return fail(s, given->word, IOPT_EEXIST, IOPT_FAILURE_REQUEST, "there is already a %s '%s'",
		    find_domain(s, name) ? "domain" : "memory", name);
}

int cmd_load(struct session *s, const struct args *a, struct out *o)
{
	static const enum iopt_load formats[] = {IOPT_LOAD_JSON, IOPT_LOAD_JSONL, IOPT_LOAD_RAW};
	const struct arg *file = args_get(a, "FILE"), *base = args_get(a, "--base");
	const struct arg *format = args_get(a, "-F");
	const struct iopt_progress progress = {progress_step, &s->progress};
	struct iopt_memory *memory;
	struct iopt_domain *domain;
	char name[NAME_BYTES];
	int r = choose_name(s, a, name);

	if (r)
		return r;
	r = iopt_load_watched(file->text, format ? formats[format->number] : IOPT_LOAD_AUTO,
			      base ? &base->number : NULL, &progress, &memory, &domain, &s->error);
	if (r) /* what is wrong with the file names it */
		return fail_library(s, base && !s->error.source[0] ? base->word : file->word, r);
	find_free_name(s, name);
	return add_loaded(s, name, memory, domain, o);
}
