/* SPDX-License-Identifier: MIT */
#include "dump.h"

#include "../core/error.h"

static int dump_as(struct dump *d, enum iopt_dump format)
{
	switch (format) {
	case IOPT_DUMP_TEXT:
		return dump_text(d);
	case IOPT_DUMP_PTDUMP:
		return dump_ptdump(d);
	case IOPT_DUMP_CSV:
		return dump_csv(d);
	case IOPT_DUMP_JSON:
		return dump_json(d, DUMP_LINES);
	case IOPT_DUMP_JSON_1:
		return dump_json(d, DUMP_ONE_LINE);
	case IOPT_DUMP_JSONL:
		return dump_json(d, DUMP_JSONL);
	case IOPT_DUMP_SVG:
		return dump_svg(d);
	case IOPT_DUMP_DOT:
		return dump_dot(d);
	}
	return -IOPT_EINVAL;
}

int iopt_dump(struct iopt_domain *domain, enum iopt_dump format,
	      const struct iopt_dump_options *options, const struct iopt_sink *sink,
	      struct iopt_error *error)
{
	const struct iopt_dump_options none = IOPT_INIT(struct iopt_dump_options);
	struct dump d = {.domain = domain, .options = options ? options : &none};
	int err, written;

	if (!domain->space_count)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ENODEV,
				 "the domain has no tables before it is attached");
	writer_init(&d.w, *sink);
	err = dump_as(&d, format);
	/* A cancelled dump is still handed on as far as it came. */
	written = writer_flush(&d.w);
	if (!err)
		err = written;
	if (!err)
		return 0;
	if (written)
		return error_set(error, IOPT_FAILURE_IO, -err, "%s", iopt_error_text(err));
	return error_set(error, err == -IOPT_ENOMEM ? IOPT_FAILURE_LIMIT : IOPT_FAILURE_REQUEST,
			 -err, "%s", iopt_error_text(err));
}
