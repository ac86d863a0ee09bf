/* SPDX-License-Identifier: MIT */
/* $NAME and $DOMAIN.FIELD. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>

#include "session.h"
#include "suggest.h"

static bool variable_name_is_valid(const char *name)
{
	const char *p;

	for (p = name; *p; p++)
		if (!isalnum((unsigned char)*p) && *p != '_')
			return false;
	return *name && !isdigit((unsigned char)*name) && strlen(name) < NAME_BYTES;
}

static struct variable *find_variable(const struct session *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->variable_count; i++)
		if (strcmp(s->variables[i].name, name) == 0)
			return &s->variables[i];
	return NULL;
}

static struct variable *new_variable(struct session *s, const char *name)
{
	size_t count = s->variable_count + 1;
	struct variable *list = realloc(s->variables, count * sizeof(*list));

	if (!list)
		return NULL;
	s->variables = list;
	list[count - 1] = (struct variable){.value = NULL};
	snprintf(list[count - 1].name, NAME_BYTES, "%s", name);
	s->variable_count = count;
	return &list[count - 1];
}

int set_variable(struct session *s, const char *name, const char *value)
{
	struct variable *v = find_variable(s, name);
	char *copy;

	if (!variable_name_is_valid(name))
		return -IOPT_EINVAL;
	copy = strdup(value);
	if (copy && !v)
		v = new_variable(s, name);
	if (!copy || !v) {
		free(copy);
		return -IOPT_ENOMEM;
	}
	free(v->value);
	v->value = copy;
	return 0;
}

struct field {
	const char *name;
	uint64_t value;
};

/* The fields of a domain that are one number: geometry, and each register of its first half. */
static int domain_field(const struct named_domain *d, const char *field, uint64_t *value)
{
	struct iopt_space space = IOPT_INIT(struct iopt_space);
	unsigned i;

	if (iopt_domain_space(d->domain, 0, &space))
		return -IOPT_ENOENT;
	const struct field fields[] = {
		{"root", space.root},
		{"ias", space.ias},
		{"oas", space.oas},
		{"granule", space.granule},
		{"first", space.first},
		{"last", space.last},
		{"page_sizes", space.page_sizes},
	};
	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		*value = fields[i].value;
		if (strcmp(field, fields[i].name) == 0)
			return 0;
	}
	for (i = 0; i < space.register_count; i++) {
		*value = space.registers[i].value;
		if (strcmp(field, space.registers[i].name) == 0)
			return 0;
	}
	return -IOPT_ENOENT;
}

static int unknown_variable(const struct session *s, const char *name, struct iopt_error *error)
{
	struct suggestion near;
	char hint[NAME_BYTES + 32];
	size_t i;

	suggest_begin(&near, name);
	for (i = 0; i < s->variable_count; i++)
		suggest_try(&near, s->variables[i].name, strlen(s->variables[i].name));
	error_set(error, IOPT_EINVAL, IOPT_FAILURE_USAGE, "there is no variable '%s'%s", name,
		  suggest_text(&near, hint, sizeof(hint)));
	return -IOPT_EINVAL;
}

int look_up_variable(void *session, const char *name, char *to, size_t room,
		     struct iopt_error *error)
{
	const struct session *s = session;
	const struct variable *v = find_variable(s, name);
	const char *dot = strrchr(name, '.');
	const struct named_domain *d;
	char object[NAME_BYTES];
	uint64_t value;

	if (v && strlen(v->value) < room) {
		snprintf(to, room, "%s", v->value);
		return 0;
	}
	if (!dot || (size_t)(dot - name) >= sizeof(object))
		return unknown_variable(s, name, error);
	snprintf(object, sizeof(object), "%.*s", (int)(dot - name), name);
	d = find_domain(s, object);
	if (!d)
		return unknown_variable(s, name, error);
	if (domain_field(d, dot + 1, &value)) {
		error_set(error, IOPT_EINVAL, IOPT_FAILURE_USAGE, "domain %s has no field '%s'",
			  object, dot + 1);
		return -IOPT_EINVAL;
	}
	snprintf(to, room, "0x%" PRIx64, value);
	return 0;
}
