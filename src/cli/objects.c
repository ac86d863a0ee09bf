/* SPDX-License-Identifier: MIT */
#include "objects.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TABLE_FIRST = 16, RELEASED_MAX = 1024 };

/* ---- names ---- */

static struct named **table_head(const struct name_table *t, const char *name)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
	return &t->heads[(hash >> 32 ^ hash) & (t->size - 1)];
}

/* False: out of memory, and there is no table yet; a full one only gets longer chains. */
static bool table_grow(struct name_table *t)
{
	struct name_table larger = {.size = t->size ? 2 * t->size : TABLE_FIRST};
	struct named *n;

	larger.heads = calloc(larger.size, sizeof(struct named *));
	if (!larger.heads)
		return t->size;
	for (n = t->oldest; n; n = n->newer) {
		struct named **head = table_head(&larger, n->name);

		n->chain = *head;
		*head = n;
	}
	free(t->heads);
	t->heads = larger.heads;
	t->size = larger.size;
	return true;
}

void *named_find(const struct name_table *t, const char *name)
{
	struct named *n;

	if (!t->size)
		return NULL;
	for (n = *table_head(t, name); n; n = n->chain)
		if (strcmp(n->name, name) == 0)
			return n;
	return NULL;
}

static bool table_link(struct name_table *t, struct named *n)
{
	struct named **head;

	if (t->count >= t->size && !table_grow(t))
		return false;
	head = table_head(t, n->name);
	n->chain = *head;
	*head = n;
	n->older = t->newest;
	n->newer = NULL;
	*(t->newest ? &t->newest->newer : &t->oldest) = n;
	t->newest = n;
	t->count++;
	return true;
}

static void table_unlink(struct name_table *t, struct named *n)
{
	struct named **at = table_head(t, n->name);

	while (*at != n)
		at = &(*at)->chain;
	*at = n->chain;
	*(n->older ? &n->older->newer : &t->oldest) = n->newer;
	*(n->newer ? &n->newer->older : &t->newest) = n->older;
	t->count--;
}

void *named_add(struct name_table *t, const char *name, size_t bytes)
{
	struct named *n = calloc(1, bytes);

	if (!n)
		return NULL;
	snprintf(n->name, sizeof(n->name), "%s", name);
	if (table_link(t, n))
		return n;
	free(n);
	return NULL;
}

void named_delete(struct name_table *t, struct named *n)
{
	table_unlink(t, n);
	free(n);
}

static void table_destroy(struct name_table *t)
{
	while (t->oldest)
		named_delete(t, t->oldest);
	free(t->heads);
}

void objects_destroy(struct objects *o)
{
	table_destroy(&o->smmus);
	table_destroy(&o->devices);
	table_destroy(&o->pools);
	table_destroy(&o->cmas);
	table_destroy(&o->buffers);
	table_destroy(&o->released);
}

/* ---- SMMUs and devices ---- */

struct named_smmu *smmu_named(const struct objects *o, const struct iopt_smmu *smmu)
{
	struct named *n;

	for (n = o->smmus.oldest; n; n = n->newer)
		if (((struct named_smmu *)n)->smmu == smmu)
			break;
	return (struct named_smmu *)n;
}

struct named_device *device_named(const struct objects *o, const struct iopt_device *device)
{
	struct iopt_device_config config = IOPT_INIT(struct iopt_device_config);
	struct named_device *d;

	iopt_device_info(device, &config);
	d = named_find(&o->devices, config.name);
	return d && d->device == device ? d : NULL;
}

bool objects_in_memory(const struct objects *o, const struct named_memory *memory)
{
	const struct named *n;

	for (n = o->smmus.oldest; n; n = n->newer)
		if (((const struct named_smmu *)n)->memory == memory)
			return true;
	for (n = o->devices.oldest; n; n = n->newer)
		if (((const struct named_device *)n)->memory == memory)
			return true;
	return false;
}

void areas_forget_memory(struct objects *o, const struct named_memory *memory)
{
	struct named *n = o->cmas.oldest, *next;

	for (; n; n = next) {
		next = n->newer;
		if (((const struct named_cma *)n)->memory == memory)
			named_delete(&o->cmas, n);
	}
}

/* ---- buffers ---- */

struct named_buffer *buffer_named(const struct objects *o, const char *name)
{
	struct named_buffer *b = named_find(&o->buffers, name);

	return b ? b : named_find(&o->released, name);
}

void buffer_make_name(struct objects *o, char *to)
{
	do
		snprintf(to, NAME_BYTES, "buf%" PRIu64, o->unnamed++);
	while (named_find(&o->buffers, to));
}

struct named_buffer *buffer_add_name(struct objects *o, const char *name)
{
	struct named *before = named_find(&o->released, name);
	struct named_buffer *b = named_add(&o->buffers, name, sizeof(*b));

	if (b && before)
		named_delete(&o->released, before);
	return b;
}

void buffer_set_released(struct objects *o, struct named_buffer *b)
{
	table_unlink(&o->buffers, &b->named);
	b->buffer = NULL;
	if (!table_link(&o->released, &b->named))
		free(b);
	else if (o->released.count > RELEASED_MAX)
		named_delete(&o->released, o->released.oldest);
}

/* Those of a table whose device is 'device' and whose pool is 'pool', each where it is not NULL. */
static void forget(struct name_table *t, const struct named_device *device,
		   const struct named_pool *pool)
{
	struct named *n, *next;

	for (n = t->oldest; n; n = next) {
		const struct named_buffer *b = (const struct named_buffer *)n;

		next = n->newer;
		if ((!device || b->device == device) && (!pool || b->pool == pool))
			named_delete(t, n);
	}
}

void buffers_forget_device(struct objects *o, const struct named_device *device)
{
	forget(&o->released, device, NULL);
}

void buffers_forget_pool(struct objects *o, const struct named_pool *pool)
{
	forget(&o->buffers, NULL, pool);
	forget(&o->released, NULL, pool);
}
