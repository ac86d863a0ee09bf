/* SPDX-License-Identifier: MIT */
/* What dumps write too: table JSON of the tables where the image has them, and the picture. */
#include "dump.h"
#include "emit.h"

static int pass(void *arg, const void *data, size_t bytes)
{
	struct writer *w = arg;

	writer_bytes(w, data, bytes);
	return w->error;
}

int emit_json(struct emit *e, struct writer *w)
{
	const struct iopt_sink sink = {pass, w};
	struct iopt_memory *memory;
	struct iopt_domain *moved = NULL;
	int err = iopt_memory_create(&memory);

	if (err)
		return err;
	err = image_relocate(e->image->domain, e->image->base, memory, &moved, e->error);
	if (!err)
		err = iopt_dump(moved, IOPT_DUMP_JSON, NULL, &sink, e->error);
	iopt_domain_destroy(moved);
	iopt_memory_destroy(memory);
	return err;
}

/* Where the tables are is not in it. */
int emit_svg(struct emit *e, struct writer *w)
{
	const struct iopt_sink sink = {pass, w};

	return iopt_dump(e->image->domain, IOPT_DUMP_SVG, NULL, &sink, e->error);
}
