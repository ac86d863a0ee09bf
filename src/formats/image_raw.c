/* SPDX-License-Identifier: MIT */
/* iopt_image_write(): the packed tables and the sidecar that says what they are. */
#include <sha256.h>

#include "../core/error.h"
#include "emit.h"
#include "table_header.h"

/* Passes bytes on and hashes them. */
struct hashing {
	const struct iopt_sink *to;
	SHA256_CTX sha256;
};

static int hashing_write(void *arg, const void *data, size_t bytes)
{
	struct hashing *h = arg;

	SHA256_Update(&h->sha256, data, bytes);
	return h->to->write(h->to->arg, data, bytes);
}

static void write_hex(struct writer *w, const char *before, uint64_t value)
{
	writer_str(w, before);
	writer_hex(w, value);
	writer_char(w, '"');
}

static void write_sha256(struct writer *w, struct hashing *h)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	size_t i;

	SHA256_Final(digest, &h->sha256);
	writer_str(w, ",\"sha256\":\"");
	for (i = 0; i < sizeof(digest); i++)
		writer_digits(w, digest[i], 2);
	writer_char(w, '"');
}

/* 'spaces' are the image's, with registers by the names that they shall have. */
static int write_sidecar(const struct image *im, const struct space_desc *spaces, const char *name,
			 struct hashing *h, const struct iopt_sink *sink)
{
	unsigned i, count = im->domain->space_count;
	struct writer w;

	writer_init(&w, *sink);
	writer_str(&w, count > 1 ? "{\"schema\":\"iopt.images/1\",\"file\":"
				 : "{\"schema\":\"iopt.image/1\",\"file\":");
	writer_json_string(&w, name);
	write_hex(&w, ",\"base\":\"", im->base);
	write_hex(&w, ",\"size\":\"", im->size);
	if (count == 1)
		write_hex(&w, ",\"root\":\"", im->spaces[0].root);
	write_sha256(&w, h);
	writer_str(&w, count > 1 ? ",\"spaces\":[" : ",");
	for (i = 0; count > 1 && i < count; i++) {
		writer_str(&w, i ? "},\n{\"name\":\"" : "\n{\"name\":\"");
		writer_str(&w, table_space_name(i));
		writer_str(&w, "\",");
		table_header_write(&w, &spaces[i], true);
	}
	if (count == 1)
		table_header_write(&w, &spaces[0], false);
	writer_str(&w, count > 1 ? "}]}\n" : "}\n");
	return writer_flush(&w);
}

int iopt_image_write(struct iopt_domain *domain, const uint64_t *base, const char *name,
		     const struct iopt_sink *image, const struct iopt_sink *sidecar,
		     struct iopt_error *error)
{
	struct hashing h = {.to = image};
	struct iopt_sink sink = {hashing_write, &h};
	struct image im;
	int err;

	if (!domain->space_count)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ENODEV,
				 "the domain has no tables before it is attached");
	err = image_plan(&im, domain, base, error);
	if (err)
		goto out;
	SHA256_Init(&h.sha256);
	err = image_emit(&im, &sink);
	if (!err)
		err = write_sidecar(&im, im.spaces, name, &h, sidecar);
	if (err)
		error_set(error, IOPT_FAILURE_IO, -err, "%s", iopt_error_text(err));
out:
	image_free(&im);
	return err;
}

static int pass(void *arg, const void *data, size_t bytes)
{
	struct writer *w = arg;

	writer_bytes(w, data, bytes);
	return w->error;
}

int emit_image(struct emit *e, struct writer *w)
{
	const struct iopt_sink to = {pass, w};
	struct hashing h = {.to = &to};
	const struct iopt_sink sink = {hashing_write, &h};
	struct space_desc spaces[ARRAY_SIZE(e->image->spaces)];
	unsigned i;
	int err;

	for (i = 0; i < e->image->domain->space_count; i++) {
		spaces[i] = e->image->spaces[i];
		if (e->cpu_registers)
			emit_cpu_names(e, i, &spaces[i]);
	}
	SHA256_Init(&h.sha256);
	err = emit_bytes(e, &sink);
	if (!err && e->sidecar)
		err = write_sidecar(e->image, spaces, e->name, &h, e->sidecar);
	return err;
}
