/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sha256.h>
#include <stdio.h>
#include <stdlib.h>

#include "../core/errno_text.h"
#include "../core/error.h"
#include "image.h"
#include "table_header.h"

enum { SIDECAR_BYTES = 1 << 20 };

#define IMAGE_BYTES (UINT64_C(4) << 30)

/* What the sidecar says. */
struct sidecar {
	struct json_input in;
	struct json_part part;
	uint64_t base, size;
	struct space_desc spaces[2];
	unsigned count;
};

static int read_spaces(struct sidecar *s)
{
	const json_t *spaces, *space;
	unsigned i;
	int err = json_take_array(json_member(&s->part, s->part.root, "spaces"), &spaces);

	if (!err && json_array_size(spaces) != 2)
		err = json_fail(json_member(&s->part, s->part.root, "spaces"),
				"two spaces expected");
	for (i = 0; !err && i < 2; i++) {
		err = json_take_object(json_element(&s->part, spaces, i), &space);
		if (!err)
			err = table_header_read(&s->part, space, &s->spaces[i]);
	}
	s->count = 2;
	return err;
}

static int read_members(struct sidecar *s)
{
	const json_t *root = s->part.root;
	struct json_ref size = json_member(&s->part, root, "size");
	struct range r;
	int err = json_take_hex(json_member(&s->part, root, "base"), &s->base);

	if (!err)
		err = json_take_hex(size, &s->size);
	if (!err && (!range_make(s->base, s->size, &r) || s->size > IMAGE_BYTES))
		err = json_fail(size, "an image of this size is not possible here");
	if (err)
		return err;
	if (json_object_get(root, "spaces")) {
		err = table_check_schema(&s->part, root, "iopt.images/1");
		return err ? err : read_spaces(s);
	}
	s->count = 1;
	err = table_check_schema(&s->part, root, "iopt.image/1");
	return err ? err : table_header_read(&s->part, root, &s->spaces[0]);
}

static int sidecar_read(struct sidecar *s, const char *path, struct iopt_error *error)
{
	int err = json_input_read(&s->in, path, SIDECAR_BYTES, error);

	s->part.root = NULL;
	if (err)
		return err;
	err = json_part_parse(&s->part, &s->in, (struct json_slice){0, s->in.size},
			      (struct json_slice){0, 0});
	return err ? err : read_members(s);
}

static void sidecar_free(struct sidecar *s)
{
	json_part_free(&s->part);
	json_input_free(&s->in);
}

static int store(struct iopt_memory *memory, uint64_t pa, const char *data, size_t bytes)
{
	/* Frames of zeros need no memory. */
	if (!bytes || (!data[0] && !memcmp(data, data + 1, bytes - 1)))
		return 0;
	return iopt_memory_write(memory, pa, data, bytes);
}

static int size_differs(const struct sidecar *s, const char *verb)
{
	return json_fail(json_member(&s->part, s->part.root, "size"),
			 "the image is %s than the %#llx bytes that its sidecar says", verb,
			 (unsigned long long)s->size);
}

/* The file's bytes to 'base' on; all of them are hashed. */
static int copy_file(const struct sidecar *s, FILE *file, struct iopt_memory *memory,
		     SHA256_CTX *sha256)
{
	char *data = malloc(FRAME_BYTES);
	uint64_t done = 0, parts = 0;
	int err = data ? 0 : -IOPT_ENOMEM;

	while (!err && done < s->size) {
		size_t got = fread(data, 1, (size_t)min_u64(FRAME_BYTES, s->size - done), file);

		if (!got)
			break;
		SHA256_Update(sha256, (const uint8_t *)data, got);
		err = store(memory, s->base + done, data, got);
		done += got;
		if (!err)
			err = memory_poll(memory, ++parts, "reading", done, s->size);
	}
	free(data);
	if (err)
		return error_set(s->in.error, IOPT_FAILURE_LIMIT, -err, "%s", iopt_error_text(err));
	if (ferror(file))
		return error_set(s->in.error, IOPT_FAILURE_IO, iopt_error_of_errno(errno), "%s",
				 errno_text(errno));
	if (done < s->size)
		return size_differs(s, "shorter");
	return getc(file) == EOF ? 0 : size_differs(s, "longer");
}

static int check_sha256(const struct sidecar *s, SHA256_CTX *sha256)
{
	struct json_ref ref = json_member(&s->part, s->part.root, "sha256");
	char digest[SHA256_DIGEST_STRING_LENGTH];
	const char *wanted;
	int err = json_take_string(ref, &wanted);

	if (err)
		return err;
	SHA256_End(sha256, digest);
	if (strcmp(digest, wanted) != 0)
		return json_fail(ref, "the image's SHA-256 is %s: it is not what was written",
				 digest);
	return 0;
}

static int copy_image(const struct sidecar *s, FILE *file, struct iopt_memory *memory)
{
	SHA256_CTX sha256;
	int err = memory_add_window(memory, s->base, s->size, NULL, 0);

	if (err)
		return error_set(s->in.error, IOPT_FAILURE_LIMIT, -err, "%s", iopt_error_text(err));
	SHA256_Init(&sha256);
	err = copy_file(s, file, memory, &sha256);
	return err ? err : check_sha256(s, &sha256);
}

static int check_roots(const struct sidecar *s, const struct iopt_domain *domain)
{
	unsigned i;

	for (i = 0; i < s->count; i++) {
		const struct pgtable *t = &domain->spaces[i];
		uint64_t bytes = table_bytes(t, t->start_level), at = t->root - s->base;

		if (at > s->size || bytes > s->size - at)
			return json_input_fail(&s->in, 0,
					       "the first table, at %#llx, is not in the image",
					       (unsigned long long)t->root);
	}
	return 0;
}

static int load_with(const char *sidecar, FILE *file, struct iopt_memory *memory,
		     struct iopt_domain **domain, struct iopt_error *error)
{
	struct sidecar s = {0};
	int err = sidecar_read(&s, sidecar, error);

	if (!err)
		err = copy_image(&s, file, memory);
	if (!err)
		err = table_adopt(&s.in, 0, memory, s.spaces, s.count, domain);
	if (!err) {
		err = check_roots(&s, *domain);
		if (err)
			iopt_domain_destroy(*domain);
	}
	sidecar_free(&s);
	return err;
}

int image_load(const char *path, struct iopt_memory *memory, struct iopt_domain **domain,
	       struct iopt_error *error)
{
	struct error_place place = {.source = path};
	FILE *file = fopen(path, "rb");
	char *sidecar = NULL;
	int err;

	if (!file)
		return error_at(error, place, IOPT_FAILURE_IO, iopt_error_of_errno(errno), "%s",
				errno_text(errno));
	if (asprintf(&sidecar, "%s.json", path) < 0) {
		fclose(file);
		return error_at(error, place, IOPT_FAILURE_LIMIT, IOPT_ENOMEM, "out of memory");
	}
	err = load_with(sidecar, file, memory, domain, error);
	if (err == -IOPT_ENOENT)
		err = error_at(error, place, IOPT_FAILURE_INPUT, IOPT_ENOEXEC,
			       "no table JSON, and no image either: the sidecar %s is missing "
			       "(memory dumps: mem load)",
			       sidecar);
	free(sidecar);
	fclose(file);
	return err;
}

struct moving {
	struct iopt_memory *memory;
	uint64_t at;
};

static int moving_write(void *arg, const void *data, size_t bytes)
{
	struct moving *m = arg;
	int err = store(m->memory, m->at, data, bytes);

	m->at += bytes;
	return err;
}

int image_relocate(struct iopt_domain *domain, uint64_t base, struct iopt_memory *memory,
		   struct iopt_domain **moved, struct iopt_error *error)
{
	struct moving m = {memory, base};
	struct iopt_sink sink = {moving_write, &m};
	struct image im;
	int err = image_plan(&im, domain, &base, error);

	if (err)
		goto out;
	err = memory_add_window(memory, base, im.size, NULL, 0);
	if (!err)
		err = image_emit(&im, &sink);
	if (!err)
		err = domain_adopt(memory, im.spaces, domain->space_count, moved, error);
	else
		error_set(error, IOPT_FAILURE_LIMIT, -err, "%s", iopt_error_text(err));
out:
	image_free(&im);
	return err;
}
