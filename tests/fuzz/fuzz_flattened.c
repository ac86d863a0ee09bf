/* SPDX-License-Identifier: MIT */
/*
 * A flattened kdump: pieces of a changed one, of sizes that the input chooses, or any bytes where
 * the pieces should be.
 */
#include "dump_target.h"
#include "kdump_skeleton.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

enum { HEADER_BYTES = 4096, PIECES_MAX = 64, PIECE_HEADER_BYTES = 16 };

static void put_be64(uint8_t *to, uint64_t value)
{
	store_le64(to, __builtin_bswap64(value));
}

static size_t put_piece(uint8_t *to, uint64_t offset, const uint8_t *from, size_t bytes)
{
	put_be64(to, offset);
	put_be64(to + 8, bytes);
	memcpy(to + PIECE_HEADER_BYTES, from, bytes);
	return PIECE_HEADER_BYTES + bytes;
}

/* The input's bytes say how large each piece is, and whether it is put elsewhere. */
static size_t flatten(uint8_t *to, const uint8_t *file, size_t bytes, const uint8_t *sizes,
		      size_t size_count)
{
	size_t at = 0, used = 0, i;

	for (i = 0; at < bytes && i < PIECES_MAX; i++) {
		size_t size = i < size_count ? 1 + sizes[i] * 16u : bytes - at;

		size = min_u64(size, bytes - at);
		used += put_piece(to + used, i < size_count && sizes[i] == 255 ? at / 2 : at,
				  file + at, size);
		at += size;
	}
	memset(to + used, 0xff, PIECE_HEADER_BYTES);
	return used + PIECE_HEADER_BYTES;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	const size_t room =
		2 * HEADER_BYTES + PIECES_MAX * PIECE_HEADER_BYTES + SKELETON_DATA + 2 * bytes;
	uint8_t *file = malloc(SKELETON_DATA + bytes), *flat = calloc(1, room);
	size_t used, size_count;

	if (file && flat && bytes > 2) {
		memcpy(flat, "makedumpfile", 12);
		put_be64(flat + 16, 1);
		put_be64(flat + 24, 1);
		size_count = min_u64(data[0] % 32, bytes - 1);
		if (data[0] & 0x80) {
			memcpy(flat + HEADER_BYTES, data + 1, bytes - 1);
			used = bytes - 1;
		} else {
			used = flatten(flat + HEADER_BYTES, file,
				       skeleton_change(file, data + 1, bytes - 1), data + 1,
				       size_count);
		}
		load_and_read(flat, HEADER_BYTES + used, NULL, bytes & 1);
	}
	free(file);
	free(flat);
	return 0;
}
