/* SPDX-License-Identifier: MIT */
/* Bytes as they are, at an address that the user must name. */
#include "memdump.h"

static int raw_read(struct memdump_file *file, const uint64_t *base, struct memdump *dump,
		    struct iopt_error *error)
{
	struct memdump_segment s = {.offset = 0};
	struct error_place place = {.source = file->path};

	if (!base)
		return error_at(
			error, place, IOPT_FAILURE_USAGE, IOPT_EINVAL,
			"is no dump of a known kind, and raw contents need an address (FILE@ADDR)");
	if (!range_make(*base, file->bytes, &s.range))
		return error_at(error, place, IOPT_FAILURE_REQUEST, IOPT_ERANGE,
				"0x%llx bytes at 0x%llx leave the 64-bit address space",
				(unsigned long long)file->bytes, (unsigned long long)*base);
	if (memdump_add(dump, s))
		return memdump_add_failed(file, -IOPT_ENOMEM, error);
	return 0;
}

const struct memdump_format memdump_raw = {
	.read = raw_read,
};
