/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a dump.  The first says what is in the memory before: bit 0: RAM, bit 1: a base is
 * given.  What loads is read back here and there.
 */
#include "dump_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	const uint64_t base = 0x3ff0;

	if (bytes)
		load_and_read(data + 1, bytes - 1, *data & 2 ? &base : NULL, *data & 1);
	return 0;
}
