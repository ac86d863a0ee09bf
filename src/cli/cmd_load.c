/* SPDX-License-Identifier: MIT */
#include <ctype.h>

#include "handlers.h"

/* "tables" for "some/where/tables.v2.json": what a name may not hold becomes '_'. */
static void name_of_file(const char *path, char *name, size_t room)
{
	const char *slash = strrchr(path, '/'), *p = slash ? slash + 1 : path;
	size_t length = strcspn(p, "."), i;

	if (length >= room)
		length = room - 1;
	for (i = 0; i < length; i++)
		name[i] = isalnum((unsigned char)p[i]) || (i && p[i] == '-') ? p[i] : '_';
	name[length] = '\0';
	if (!length)
		snprintf(name, room, "loaded");
}

/* Both a memory and a domain of this name, or neither. */
static int add_loaded(struct session *s, const char *name, struct iopt_memory *memory,
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

int cmd_load(struct session *s, const struct args *a, struct out *o)
{
	static const enum iopt_load formats[] = {IOPT_LOAD_JSON, IOPT_LOAD_JSONL, IOPT_LOAD_RAW};
	const struct arg *file = args_get(a, "FILE"), *given = args_get(a, "NAME");
	const struct arg *base = args_get(a, "--base"), *format = args_get(a, "-F");
	struct iopt_memory *memory;
	struct iopt_domain *domain;
	char name[NAME_BYTES];
	int r;

	if (given)
		snprintf(name, sizeof(name), "%s", given->text);
	else
		name_of_file(file->text, name, sizeof(name));
	if (find_domain(s, name) || find_memory(s, name))
		return fail(s, given ? given->word : file->word, IOPT_EEXIST, IOPT_FAILURE_REQUEST,
			    "there is already a %s '%s'",
			    find_domain(s, name) ? "domain" : "memory", name);
	r = iopt_load(file->text, format ? formats[format->number] : IOPT_LOAD_AUTO,
		      base ? &base->number : NULL, &memory, &domain, &s->error);
	if (r)
		return fail_library(s, file->word, r);
	return add_loaded(s, name, memory, domain, o);
}
