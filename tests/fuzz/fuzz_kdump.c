/* SPDX-License-Identifier: MIT */
/* A kdump whose headers, bitmaps and descriptors were changed, with any data in its pages. */
#include "dump_target.h"
#include "kdump_skeleton.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	uint8_t *file = malloc(SKELETON_DATA + bytes);

	if (!file)
		return 0;
	load_and_read(file, skeleton_change(file, data, bytes), NULL, bytes & 1);
	free(file);
	return 0;
}
