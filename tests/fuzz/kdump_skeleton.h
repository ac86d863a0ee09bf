/* SPDX-License-Identifier: MIT */
/*
 * A kdump of three pages of 1 KiB at 0x400, 0x800 and 0x2000, and one at 0xc00 that is left out: a
 * good file, from which the input makes a bad one; what it appends is the pages' data.
 */
#ifndef KDUMP_SKELETON_H
#define KDUMP_SKELETON_H

#include <stdint.h>
#include <string.h>

#include "dump_target.h"

enum {
	SKELETON_BLOCK = 1024,
	SKELETON_DESCS = 4 * SKELETON_BLOCK,
	SKELETON_DATA = SKELETON_DESCS + 3 * 24,
};

static inline void skeleton_make(uint8_t *file)
{
	static const uint32_t numbers[] = {
		/* status, block size, blocks of the sub-header and of both bitmaps, pages */
		1, SKELETON_BLOCK, 1, 2, 9, 3, 0, 3, 0, 1};
	size_t i;

	memset(file, 0, SKELETON_DATA);
	memcpy(file, "KDUMP   \6", 9);
	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		store_le32(file + 424 + 4 * i, numbers[i]);
	store_le64(file + SKELETON_BLOCK + 96, 9); /* max_mapnr_64 */
	file[2 * SKELETON_BLOCK] = 0x0e;
	file[2 * SKELETON_BLOCK + 1] = 1;
	file[3 * SKELETON_BLOCK] = 0x06;
	file[3 * SKELETON_BLOCK + 1] = 1;
	for (i = 0; i < 3; i++) {
		store_le64(file + SKELETON_DESCS + 24 * i, SKELETON_DATA + 8 * i);
		store_le32(file + SKELETON_DESCS + 24 * i + 8, 100);
		store_le32(file + SKELETON_DESCS + 24 * i + 12, 1u << (i == 2 ? 5 : i));
	}
}

/* 'file' has room for SKELETON_DATA + bytes; how many it gets. */
static inline size_t skeleton_change(uint8_t *file, const uint8_t *data, size_t bytes)
{
	skeleton_make(file);
	return change_and_append(file, SKELETON_DATA, data, bytes);
}

#endif
