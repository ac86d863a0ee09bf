/* SPDX-License-Identifier: MIT */
/* LiME, version 1: each range of memory behind a header of 32 bytes. */
#include "memdump.h"

enum { LIME_HEADER_BYTES = 32, LIME_VERSION = 1, RANGES_PER_STEP = 4096 };

#define LIME_MAGIC 0x4c694d45u

static bool lime_recognise(const unsigned char *head, size_t bytes)
{
	return bytes >= 4 && load_le32(head) == LIME_MAGIC;
}

/* One range, whose header is at *at; *at moves behind it. */
static int read_range(const struct memdump_file *file, uint64_t *at, struct memdump *dump,
		      struct iopt_error *error)
{
	unsigned char header[LIME_HEADER_BYTES];
	struct memdump_segment s;
	uint64_t bytes;
	int err;

	if (!memdump_in_file(file, *at, sizeof(header)))
		return memdump_truncated(file, "a LiME header", *at, sizeof(header), error);
	if (memdump_file_read(file, *at, header, sizeof(header)))
		return memdump_unreadable(file, *at, error);
	if (load_le32(header) != LIME_MAGIC)
		return memdump_bad(file, error, IOPT_ENOEXEC, "no LiME header at offset 0x%llx",
				   (unsigned long long)*at);
	if (load_le32(header + 4) != LIME_VERSION)
		return memdump_bad(file, error, IOPT_ENOEXEC,
				   "a LiME header of unknown version %u at offset 0x%llx",
				   load_le32(header + 4), (unsigned long long)*at);
	s.range = (struct range){load_le64(header + 8), load_le64(header + 16)};
	s.offset = *at + sizeof(header);
	if (s.range.first > s.range.last)
		return memdump_bad(file, error, IOPT_ENOEXEC,
				   "the LiME header at offset 0x%llx ends (0x%llx) before it "
				   "begins (0x%llx)",
				   (unsigned long long)*at, (unsigned long long)s.range.last,
				   (unsigned long long)s.range.first);
	/* All 2^64 bytes would be 0: no file has them either. */
	bytes = s.range.last - s.range.first + 1;
	if (!bytes || !memdump_in_file(file, s.offset, bytes))
		return memdump_truncated(file, "a range", s.offset, bytes ? bytes : UINT64_MAX,
					 error);
	err = memdump_add(dump, s);
	if (err)
		return memdump_add_failed(file, err, error);
	*at = s.offset + bytes;
	return 0;
}

static int lime_read(struct memdump_file *file, const uint64_t *base, struct memdump *dump,
		     struct iopt_error *error)
{
	uint64_t at = 0;
	int err = 0;

	if (base)
		return memdump_refuse_base(file, "a LiME dump", error);
	while (!err && at < file->bytes) {
		err = read_range(file, &at, dump, error);
		if (!err && dump->count % RANGES_PER_STEP == 1)
			err = memdump_step(file, "reading headers", at, file->bytes, error);
	}
	return err;
}

const struct memdump_format memdump_lime = {
	.recognise = lime_recognise,
	.read = lime_read,
};
