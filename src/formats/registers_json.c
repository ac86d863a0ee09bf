/* SPDX-License-Identifier: MIT */
/* iopt_registers_load(): register values from JSON, in any of the shapes that iopt.h names. */
#include <stdio.h>

#include "../core/domain.h"
#include "../core/error.h"
#include "json_input.h"

enum { REGISTERS_BYTES = 16 << 20 };

struct reading {
	struct iopt_registers *to;
	const struct json_part *part;
};

/* Members with other names may hold whatever they like. */
static bool is_ours(const char *name)
{
	return iopt_register_is_known(name);
}

/* ENOENT: it is no number. */
static int number_of(struct json_ref ref, uint64_t *value)
{
	const json_t *v = json_value(ref);

	if (json_is_integer(v) && json_integer_value(v) >= 0) {
		*value = (uint64_t)json_integer_value(v);
		return 0;
	}
	return json_is_string(v) && hex_parse(json_string_value(v), value) ? 0 : -IOPT_ENOENT;
}

static int keep(const struct reading *r, struct json_ref ref, const char *name, uint64_t value)
{
	int err = iopt_registers_set(r->to, name, value);

	/* A long name is nobody's register. */
	if (!err || err == -IOPT_EINVAL)
		return 0;
	if (err == -IOPT_E2BIG)
		return json_fail(ref, "too many values");
	return error_set(r->part->in->error, IOPT_FAILURE_LIMIT, -err, "%s", iopt_error_text(err));
}

static int read_value(const struct reading *r, struct json_ref ref, const char *name, bool ours)
{
	uint64_t value;

	if (!number_of(ref, &value))
		return keep(r, ref, name, value);
	return ours ? json_fail(ref, "\"%s\" must be a number, or \"0x…\" of at most 64 bits",
				ref.key)
		    : 0;
}

/* The members of 'fields' as "name.field". */
static int read_fields(const struct reading *r, const json_t *fields, const char *name)
{
	const char *key;
	json_t *value;
	int err;

	json_object_foreach((json_t *)fields, key, value)
	{
		bool ours = is_ours(name) && domain_register_name(key) != NULL;
		char full[128];

		if (snprintf(full, sizeof(full), "%s.%s", name, key) >= (int)sizeof(full))
			continue;
		err = read_value(r, json_member(r->part, fields, key), full, ours);
		if (err)
			return err;
	}
	return 0;
}

/* {"value":…,"fields":{…}}, or the fields themselves */
static int read_register(const struct reading *r, const json_t *object, const char *name)
{
	struct json_ref value = json_member(r->part, object, "value");
	const json_t *fields;
	int err;

	if (!json_value(value))
		return read_fields(r, object, name);
	err = read_value(r, value, name, is_ours(name));
	if (err || !json_object_get(object, "fields"))
		return err;
	err = json_take_object(json_member(r->part, object, "fields"), &fields);
	return err ? err : read_fields(r, fields, name);
}

static const char *arch_word(unsigned i)
{
	return iopt_arch_name((enum iopt_arch)i);
}

static int read_arch(const struct reading *r, struct json_ref ref)
{
	unsigned arch;
	int err = json_take_word(ref, arch_word, &arch);

	return err ? err : keep(r, ref, "arch", arch);
}

static const char *quirk_word(unsigned i)
{
	return i < IOPT_QUIRK_COUNT ? iopt_quirk_name((enum iopt_quirk)BIT(i)) : NULL;
}

static int read_quirks(const struct reading *r, struct json_ref ref)
{
	const json_t *list;
	uint64_t mask = 0;
	unsigned quirk;
	size_t i;
	int err = json_take_array(ref, &list);

	for (i = 0; !err && i < json_array_size(list); i++) {
		err = json_take_word(json_element(r->part, list, i), quirk_word, &quirk);
		if (!err)
			mask |= BIT(quirk);
	}
	return err ? err : keep(r, ref, "quirks", mask);
}

static int read_members(const struct reading *r, const json_t *object, bool outermost)
{
	const char *key;
	json_t *value;
	int err = 0;

	json_object_foreach((json_t *)object, key, value)
	{
		struct json_ref ref = json_member(r->part, object, key);

		if (!strcmp(key, "quirks"))
			err = read_quirks(r, ref);
		else if (!strcmp(key, "arch"))
			err = read_arch(r, ref);
		else if (outermost && !strcmp(key, "registers") && json_is_object(value))
			err = read_members(r, value, false);
		else if (json_is_object(value))
			err = read_register(r, value, key);
		else
			err = read_value(r, ref, key, is_ours(key));
		if (err)
			return err;
	}
	return 0;
}

int iopt_registers_load(struct iopt_registers *registers, const char *path,
			struct iopt_error *error)
{
	struct json_input in;
	struct json_part part;
	struct reading r = {registers, &part};
	int err = json_input_read(&in, path, REGISTERS_BYTES, error);

	if (err)
		return err;
	err = json_part_parse(&part, &in, (struct json_slice){0, in.size},
			      (struct json_slice){0, 0});
	if (!err && !json_is_object(part.root))
		err = json_input_fail(&in, 0, "an object expected");
	if (!err)
		err = read_members(&r, part.root, true);
	json_part_free(&part);
	json_input_free(&in);
	return err;
}
