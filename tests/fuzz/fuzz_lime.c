/* SPDX-License-Identifier: MIT */
/* LiME: any bytes behind its magic. */
#include "dump_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	uint8_t *file = malloc(bytes + 8);

	if (!file)
		return 0;
	memcpy(file, "EMiL\1\0\0", 8);
	memcpy(file + 8, data, bytes);
	load_and_read(file, bytes + 8, NULL, false);
	free(file);
	return 0;
}
