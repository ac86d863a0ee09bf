/* SPDX-License-Identifier: MIT */
/*
 * A dump that came through a pipe: a header of 4096 bytes, then pieces, each with its offset and
 * size in the file that it should be, big-endian whoever wrote it.  A later piece replaces what an
 * earlier one had there; the pieces end with an offset and a size of -1.
 *
 * Nothing is copied: the pieces' places are kept, and reading looks them up.
 */
#include <stdlib.h>

#include "memdump.h"
#include "spool.h"

enum {
	FLAT_HEADER_BYTES = 4096,
	FLAT_TYPE = 1,
	FLAT_VERSION = 1,
	PIECE_HEADER_BYTES = 16,
	PIECES_PER_STEP = 4096,
};

#define PIECES_END UINT64_MAX

static const char signature[16] = "makedumpfile";

struct memdump_flat {
	struct memdump pieces; /* the 'addresses' are offsets in the file that it should be */
};

static int check_header(const struct memdump_file *file, struct iopt_error *error)
{
	unsigned char header[32];
	uint64_t type, version;

	if (!memdump_in_file(file, 0, FLAT_HEADER_BYTES))
		return memdump_truncated(file, "the header of a flattened dump", 0,
					 FLAT_HEADER_BYTES, error);
	if (read_at(file->fd, 0, header, sizeof(header)))
		return memdump_unreadable(file, 0, error);
	type = load_be64(header + 16);
	version = load_be64(header + 24);
	if (type == FLAT_TYPE && version == FLAT_VERSION)
		return 0;
	return memdump_bad(file, error, IOPT_ENOEXEC,
			   "a flattened dump of unknown type 0x%llx, version 0x%llx",
			   (unsigned long long)type, (unsigned long long)version);
}

/* One piece, whose header is at *at; *at moves behind it.  PIECES_END: there is none. */
static int read_piece(const struct memdump_file *file, uint64_t *at, struct memdump *pieces,
		      struct iopt_error *error)
{
	unsigned char header[PIECE_HEADER_BYTES];
	struct memdump_segment s;
	uint64_t offset, size;
	int err;

	if (!memdump_in_file(file, *at, sizeof(header)))
		return memdump_truncated(file, "a piece's header", *at, sizeof(header), error);
	if (read_at(file->fd, *at, header, sizeof(header)))
		return memdump_unreadable(file, *at, error);
	offset = load_be64(header);
	size = load_be64(header + 8);
	if (offset == UINT64_MAX && size == UINT64_MAX) {
		*at = PIECES_END;
		return 0;
	}
	s.offset = *at + sizeof(header);
	if (!range_make(offset, size, &s.range) || s.range.last >= INT64_MAX)
		return memdump_bad(file, error, IOPT_ENOEXEC,
				   "bad piece at offset 0x%llx: 0x%llx bytes for offset 0x%llx",
				   (unsigned long long)*at, (unsigned long long)size,
				   (unsigned long long)offset);
	if (!memdump_in_file(file, s.offset, size))
		return memdump_truncated(file, "a piece", s.offset, size, error);
	err = memdump_add(pieces, s);
	if (err)
		return memdump_add_failed(file, err, error);
	*at = s.offset + size;
	return 0;
}

static void reverse(struct memdump *d)
{
	size_t i;

	for (i = 0; i < d->count / 2; i++) {
		struct memdump_segment s = d->segments[i];

		d->segments[i] = d->segments[d->count - 1 - i];
		d->segments[d->count - 1 - i] = s;
	}
}

static int read_pieces(const struct memdump_file *file, struct memdump *pieces,
		       struct iopt_error *error)
{
	uint64_t at = FLAT_HEADER_BYTES;
	int err = 0;

	while (!err && at != PIECES_END) {
		err = read_piece(file, &at, pieces, error);
		if (!err && pieces->count % PIECES_PER_STEP == 1)
			err = memdump_step(file, "finding the pieces", min_u64(at, file->bytes),
					   file->bytes, error);
	}
	if (!err && !pieces->count)
		err = memdump_bad(file, error, IOPT_ENOEXEC, "a flattened dump of nothing");
	if (err)
		return err;
	/* The first one wins there, the last one here. */
	reverse(pieces);
	err = memdump_resolve(pieces);
	return err ? memdump_add_failed(file, err, error) : 0;
}

int memdump_flat_open(struct memdump_file *file, struct iopt_error *error)
{
	char head[sizeof(signature)];
	struct memdump_flat *flat;
	int err;

	if (file->bytes < sizeof(head) || read_at(file->fd, 0, head, sizeof(head)) ||
	    memcmp(head, signature, sizeof(head)) != 0)
		return 0;
	flat = calloc(1, sizeof(*flat));
	if (!flat)
		return memdump_add_failed(file, -IOPT_ENOMEM, error);
	err = check_header(file, error);
	if (!err)
		err = read_pieces(file, &flat->pieces, error);
	if (err) {
		memdump_flat_destroy(flat);
		return err;
	}
	file->flat = flat;
	file->bytes = flat->pieces.segments[flat->pieces.count - 1].range.last + 1;
	return 0;
}

void memdump_flat_destroy(struct memdump_flat *flat)
{
	if (!flat)
		return;
	memdump_destroy(&flat->pieces);
	free(flat);
}

/* The first piece that ends at or after 'offset'; count: none does. */
static size_t piece_search(const struct memdump_flat *flat, uint64_t offset)
{
	const struct memdump_segment *s = flat->pieces.segments;
	size_t low = 0, high = flat->pieces.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s[middle].range.last < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

uint64_t memdump_flat_hole(const struct memdump_flat *flat, uint64_t offset, uint64_t bytes)
{
	size_t i = piece_search(flat, offset);

	if (i == flat->pieces.count)
		return bytes;
	if (flat->pieces.segments[i].range.first <= offset)
		return 0;
	return min_u64(flat->pieces.segments[i].range.first - offset, bytes);
}

int memdump_flat_read(const struct memdump_flat *flat, int fd, uint64_t offset, void *to,
		      size_t bytes)
{
	size_t i = piece_search(flat, offset), part;
	char *p = to;

	for (; bytes; offset += part, p += part, bytes -= part) {
		const struct memdump_segment *s = &flat->pieces.segments[i];
		int err;

		if (i == flat->pieces.count)
			return -IOPT_EIO;
		if (s->range.first > offset) {
			/* Never written: a hole in the file that it should be. */
			part = min_u64(s->range.first - offset, bytes);
			memset(p, 0, part);
			continue;
		}
		part = min_u64(s->range.last - offset + 1, bytes);
		err = read_at(fd, s->offset + (offset - s->range.first), p, part);
		if (err)
			return err;
		i += offset + part > s->range.last;
	}
	return 0;
}
