/* SPDX-License-Identifier: MIT */
/* Any text behind one good line of a hexdump; the first byte chooses which. */
#include "dump_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static const char *const lines[] = {
	"40000000: 03 10 00 40\n",
	"40000000: 40001003 00000000    ...@....\n",
	"40000000: 0310 0040  ...@\n",
	"40000000  03 10 00 40  |...@|\n*\n40000100\n",
	"0x40000000 <x>:\t0x0000000040001003\n",
	"=> md 0\n",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	const uint64_t base = 0x3ff0;
	const char *line;
	char *file;

	if (!bytes)
		return 0;
	line = lines[*data % ARRAY_SIZE(lines)];
	file = malloc(bytes + strlen(line));
	if (!file)
		return 0;
	memcpy(file, line, strlen(line));
	memcpy(file + strlen(line), data + 1, bytes - 1);
	load_and_read(file, strlen(line) + bytes - 1, *data & 0x80 ? &base : NULL, *data & 0x40);
	free(file);
	return 0;
}
