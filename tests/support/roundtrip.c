/* SPDX-License-Identifier: MIT */
#include "roundtrip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct bytes {
	char *data;
	size_t size, room;
};

static int bytes_write(void *arg, const void *data, size_t size)
{
	struct bytes *b = arg;

	if (size > b->room - b->size) {
		size_t room = (b->size + size) * 2;
		char *bigger = realloc(b->data, room);

		if (!bigger)
			return -IOPT_ENOMEM;
		b->data = bigger;
		b->room = room;
	}
	memcpy(b->data + b->size, data, size);
	b->size += size;
	return 0;
}

static bool bytes_equal(const struct bytes *a, const struct bytes *b)
{
	return a->size == b->size && (!a->size || !memcmp(a->data, b->data, a->size));
}

static int save(const char *path, const struct bytes *b)
{
	FILE *f = fopen(path, "wb");
	bool ok = f && fwrite(b->data, 1, b->size, f) == b->size;

	if (f && fclose(f))
		ok = false;
	return ok ? 0 : -IOPT_EIO;
}

struct trip {
	char folder[64], path[96], sidecar[112];
	struct iopt_error error;
	const char *failed;
};

/* What a domain is in one of the formats. */
static struct bytes dump(struct trip *t, struct iopt_domain *domain, enum iopt_dump format)
{
	struct iopt_dump_options options = IOPT_INIT(struct iopt_dump_options);
	struct bytes b = {0};
	struct iopt_sink sink = {bytes_write, &b};

	if (iopt_dump(domain, format, &options, &sink, &t->error) < 0)
		t->failed = "iopt_dump";
	return b;
}

static struct bytes image(struct trip *t, struct iopt_domain *domain)
{
	struct bytes b = {0}, side = {0};
	struct iopt_sink sink = {bytes_write, &b}, side_sink = {bytes_write, &side};

	if (iopt_image_write(domain, NULL, "t.bin", &sink, &side_sink, &t->error) < 0)
		t->failed = "iopt_image_write";
	else if (save(t->sidecar, &side) < 0)
		t->failed = "writing the sidecar";
	free(side.data);
	return b;
}

/* Through a file: bytes to a domain of their own. */
static struct iopt_domain *load(struct trip *t, const struct bytes *b, enum iopt_load format,
				struct iopt_memory **memory)
{
	struct iopt_domain *domain = NULL;

	*memory = NULL;
	if (t->failed)
		return NULL;
	if (save(t->path, b) < 0)
		t->failed = "writing a file";
	else if (iopt_load(t->path, format, NULL, memory, &domain, &t->error) < 0)
		t->failed = "iopt_load";
	return domain;
}

static void drop(struct iopt_domain *domain, struct iopt_memory *memory)
{
	if (domain)
		iopt_domain_destroy(domain);
	if (memory)
		iopt_memory_destroy(memory);
}

static void json_trip(struct trip *t, struct iopt_domain *domain)
{
	struct bytes json = dump(t, domain, IOPT_DUMP_JSON);
	struct bytes lines = dump(t, domain, IOPT_DUMP_JSONL), again = {0};
	struct iopt_memory *memory;
	struct iopt_domain *loaded = load(t, &json, IOPT_LOAD_JSON, &memory);

	if (loaded)
		again = dump(t, loaded, IOPT_DUMP_JSON);
	if (!t->failed && !bytes_equal(&json, &again))
		t->failed = "JSON -> load -> JSON differs";
	free(again.data);
	again = (struct bytes){0};
	drop(loaded, memory);
	loaded = load(t, &lines, IOPT_LOAD_JSONL, &memory);
	if (loaded)
		again = dump(t, loaded, IOPT_DUMP_JSON);
	if (!t->failed && !bytes_equal(&json, &again))
		t->failed = "JSON Lines -> load -> JSON differs";
	drop(loaded, memory);
	free(json.data);
	free(lines.data);
	free(again.data);
}

static void raw_trip(struct trip *t, struct iopt_domain *domain)
{
	struct bytes raw = image(t, domain), again = {0}, json = {0}, third = {0};
	struct iopt_memory *memory, *json_memory = NULL;
	struct iopt_domain *loaded = load(t, &raw, IOPT_LOAD_RAW, &memory), *from_json = NULL;

	if (loaded) {
		again = image(t, loaded);
		json = dump(t, loaded, IOPT_DUMP_JSON);
		from_json = load(t, &json, IOPT_LOAD_JSON, &json_memory);
	}
	if (!t->failed && !bytes_equal(&raw, &again))
		t->failed = "raw -> load -> raw differs";
	if (from_json)
		third = image(t, from_json);
	if (!t->failed && !bytes_equal(&raw, &third))
		t->failed = "raw -> JSON -> raw differs";
	drop(from_json, json_memory);
	drop(loaded, memory);
	free(raw.data);
	free(again.data);
	free(json.data);
	free(third.data);
}

int roundtrip(struct iopt_domain *domain, char *why, size_t why_bytes)
{
	struct trip t = {.folder = "/tmp/iopt-test-XXXXXX", .error = IOPT_INIT(struct iopt_error)};

	if (!mkdtemp(t.folder)) {
		snprintf(why, why_bytes, "no temporary folder");
		return -1;
	}
	snprintf(t.path, sizeof(t.path), "%s/t.bin", t.folder);
	snprintf(t.sidecar, sizeof(t.sidecar), "%s.json", t.path);
	json_trip(&t, domain);
	if (!t.failed)
		raw_trip(&t, domain);
	unlink(t.path);
	unlink(t.sidecar);
	rmdir(t.folder);
	if (t.failed)
		snprintf(why, why_bytes, "%s: %s", t.failed, t.error.message);
	return t.failed ? -1 : 0;
}
