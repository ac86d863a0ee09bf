/* SPDX-License-Identifier: MIT */
/* $NAME and $DOMAIN.FIELD. */
#include <inttypes.h>
#include <stdlib.h>

#include "../core/ascii.h"
#include "../core/suggest.h"
#include "candidates.h"

static bool variable_name_is_valid(const char *name)
{
	const char *p;

	for (p = name; *p; p++)
		if (!ascii_is_alnum(*p) && *p != '_')
			return false;
	return *name && !ascii_is_digit(*name) && strlen(name) < NAME_BYTES;
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
	const char *word; /* NULL: the number */
	uint64_t value;
};

enum { SPACE_FIELDS = 12 };

/* Geometry. */
static void space_fields(const struct iopt_space *space, struct field fields[static SPACE_FIELDS])
{
	static const char *const levels[] = {"-1", "0", "1", "2", "3"};
	const struct field list[SPACE_FIELDS] = {
		{"root", NULL, space->root},
		{"ias", NULL, space->ias},
		{"oas", NULL, space->oas},
		{"granule", NULL, space->granule},
		{"first", NULL, space->first},
		{"last", NULL, space->last},
		{"page_sizes", NULL, space->page_sizes},
		{"start_level", levels[space->start_level + 1], 0},
		{"format", iopt_format_name(space->format), 0},
		{"regime", iopt_regime_name(space->regime), 0},
		{"endian", space->big_endian ? "big" : "little", 0},
		{"oa_layout", iopt_oa_layout_name(space->oa_layout), 0},
	};

	memcpy(fields, list, sizeof(list));
}

/* "tcr", "tcr.tsz" */
static bool register_field(const struct iopt_register *r, const char *name, uint64_t *value)
{
	size_t length = strlen(r->name);
	unsigned i;

	*value = r->value;
	if (strcmp(name, r->name) == 0)
		return true;
	if (strncmp(name, r->name, length) != 0 || name[length] != '.')
		return false;
	for (i = 0; i < r->field_count; i++) {
		*value = r->fields[i].value;
		if (strcmp(name + length + 1, r->fields[i].name) == 0)
			return true;
	}
	return false;
}

/* A field of a domain, of its first half: geometry, a register or a field of one. */
static int domain_field(const struct named_domain *d, const char *name, char *to, size_t room)
{
	struct iopt_space space = IOPT_INIT(struct iopt_space);
	struct field fields[SPACE_FIELDS];
	uint64_t value;
	unsigned i;

	if (iopt_domain_space(d->domain, 0, &space))
		return -IOPT_ENOENT;
	space_fields(&space, fields);
	for (i = 0; i < SPACE_FIELDS; i++) {
		if (strcmp(name, fields[i].name) != 0)
			continue;
		if (fields[i].word)
			snprintf(to, room, "%s", fields[i].word);
		else
			snprintf(to, room, "0x%" PRIx64, fields[i].value);
		return 0;
	}
	for (i = 0; i < space.register_count; i++) {
		if (!register_field(&space.registers[i], name, &value))
			continue;
		snprintf(to, room, "0x%" PRIx64, value);
		return 0;
	}
	return -IOPT_ENOENT;
}

/* "ring.iova": of a buffer, also of one that was given back. */
static int buffer_field(const struct session *s, const char *name, char *to, size_t room)
{
	const char *dot = strrchr(name, '.');
	const struct named_buffer *b;
	char object[NAME_BYTES];
	uint64_t value;

	if (!dot || (size_t)(dot - name) >= sizeof(object))
		return -IOPT_ENOENT;
	snprintf(object, sizeof(object), "%.*s", (int)(dot - name), name);
	b = buffer_named(&s->objects, object);
	if (!b)
		return -IOPT_ENOENT;
	if (strcmp(dot, ".iova") == 0)
		value = b->iova;
	else if (strcmp(dot, ".pa") == 0)
		value = b->pa;
	else if (strcmp(dot, ".size") == 0)
		value = b->size;
	else
		return -IOPT_ENOENT;
	snprintf(to, room, "0x%" PRIx64, value);
	return 0;
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

/* The domain that the name begins with, and where its field does; names may have dots, too. */
static const struct named_domain *domain_of(const struct session *s, const char *name,
					    const char **field)
{
	const struct named_domain *d, *found = NULL;
	char object[NAME_BYTES];
	const char *dot;

	for (dot = strchr(name, '.'); dot; dot = strchr(dot + 1, '.')) {
		if ((size_t)(dot - name) >= sizeof(object))
			break;
		snprintf(object, sizeof(object), "%.*s", (int)(dot - name), name);
		d = find_domain(s, object);
		if (!d)
			continue;
		found = d;
		*field = dot + 1;
	}
	return found;
}

int look_up_variable(void *session, const char *name, char *to, size_t room,
		     struct iopt_error *error)
{
	const struct session *s = session;
	const struct variable *v = find_variable(s, name);
	const struct named_domain *d;
	const char *field;

	if (v && strlen(v->value) < room) {
		snprintf(to, room, "%s", v->value);
		return 0;
	}
	if (!buffer_field(s, name, to, room))
		return 0;
	d = domain_of(s, name, &field);
	if (!d)
		return unknown_variable(s, name, error);
	if (!domain_field(d, field, to, room))
		return 0;
	error_set(error, IOPT_EINVAL, IOPT_FAILURE_USAGE, "domain %s has no field '%s'", d->name,
		  field);
	return -IOPT_EINVAL;
}

/* ---- completion ---- */

static void add_pair(struct candidates *c, const char *object, const char *field)
{
	char text[4 * NAME_BYTES];

	snprintf(text, sizeof(text), "%s%s", object, field);
	candidate_add_text(c, text);
}

/* "d0.tcr.tsz" once "d0.tcr" is there. */
static void add_register(struct candidates *c, const char *object, const struct iopt_register *r)
{
	char text[3 * NAME_BYTES];
	unsigned i;

	add_pair(c, object, r->name);
	snprintf(text, sizeof(text), "%s%s.", object, r->name);
	for (i = 0; i < r->field_count && !strncmp(candidate_typed(c), text, strlen(text)); i++)
		add_pair(c, text, r->fields[i].name);
}

static void add_fields(const struct named_domain *d, struct candidates *c)
{
	struct iopt_space space = IOPT_INIT(struct iopt_space);
	struct field fields[SPACE_FIELDS];
	char object[NAME_BYTES + 1];
	unsigned i;

	if (iopt_domain_space(d->domain, 0, &space))
		return;
	snprintf(object, sizeof(object), "%s.", d->name);
	space_fields(&space, fields);
	for (i = 0; i < SPACE_FIELDS; i++)
		add_pair(c, object, fields[i].name);
	for (i = 0; i < space.register_count; i++)
		add_register(c, object, &space.registers[i]);
}

static void add_buffers(const struct session *s, bool fields, struct candidates *c)
{
	enum { SHOWN_MAX = 1000 };
	const struct named *n = s->objects.buffers.newest;
	unsigned i;

	for (i = 0; n && i < SHOWN_MAX; i++, n = n->older) {
		add_pair(c, n->name, fields ? ".iova" : ".");
		if (fields) {
			add_pair(c, n->name, ".pa");
			add_pair(c, n->name, ".size");
		}
	}
}

void variable_candidates(const struct session *s, struct candidates *c)
{
	const char *dollar = strrchr(candidate_typed(c), '$'), *field;
	const struct named_domain *d;
	size_t i;

	c->lead = (size_t)(dollar + 1 - c->typed) + (dollar[1] == '{');
	d = domain_of(s, candidate_typed(c), &field);
	if (d)
		add_fields(d, c);
	for (i = 0; i < s->variable_count; i++)
		candidate_add_text(c, s->variables[i].name);
	for (i = 0; i < s->domain_count && !d; i++)
		add_pair(c, s->domains[i]->name, ".");
	add_buffers(s, strchr(candidate_typed(c), '.'), c);
}
