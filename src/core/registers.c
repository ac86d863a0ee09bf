/* SPDX-License-Identifier: MIT */
#include "iopt.h"

#include <stdlib.h>
#include <string.h>

enum { REGISTERS_LIMIT = 4096 };

struct register_entry {
	char name[64];
	uint64_t value;
};

struct iopt_registers {
	struct register_entry *entries;
	size_t count, room;
};

int iopt_registers_create(struct iopt_registers **registers)
{
	*registers = calloc(1, sizeof(**registers));
	return *registers ? 0 : -IOPT_ENOMEM;
}

void iopt_registers_destroy(struct iopt_registers *registers)
{
	if (!registers)
		return;
	free(registers->entries);
	free(registers);
}

static struct register_entry *registers_find(const struct iopt_registers *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->count; i++) {
		if (!strcmp(r->entries[i].name, name))
			return &r->entries[i];
	}
	return NULL;
}

static int registers_grow(struct iopt_registers *r)
{
	size_t room = r->room ? 2 * r->room : 16;
	struct register_entry *entries;

	if (r->count < r->room)
		return 0;
	if (r->count == REGISTERS_LIMIT)
		return -IOPT_E2BIG;
	entries = realloc(r->entries, room * sizeof(*entries));
	if (!entries)
		return -IOPT_ENOMEM;
	r->entries = entries;
	r->room = room;
	return 0;
}

int iopt_registers_set(struct iopt_registers *registers, const char *name, uint64_t value)
{
	size_t length = strlen(name);
	struct register_entry *e;
	int err;

	if (!length || length >= sizeof(e->name))
		return -IOPT_EINVAL;
	e = registers_find(registers, name);
	if (!e) {
		err = registers_grow(registers);
		if (err)
			return err;
		e = &registers->entries[registers->count++];
		memcpy(e->name, name, length + 1);
	}
	e->value = value;
	return 0;
}

int iopt_registers_get(const struct iopt_registers *registers, const char *name, uint64_t *value)
{
	const struct register_entry *e = registers_find(registers, name);

	if (!e)
		return -IOPT_ENOENT;
	*value = e->value;
	return 0;
}
