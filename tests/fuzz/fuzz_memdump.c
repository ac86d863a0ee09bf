/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a dump.  The first says what is in the memory before: bit 0: RAM, bit 1: a base is
 * given.  What loads is read back here and there.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "memdump.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void read_stretches(struct iopt_memory *m)
{
	uint64_t first = 0, last;
	char buffer[256];
	unsigned count;
	bool blank;

	for (count = 0; count < 64; count++) {
		if (iopt_memory_next(m, &first, UINT64_MAX, &last, &blank))
			break;
		if (last < first)
			abort();
		iopt_memory_read(m, first, buffer, sizeof(buffer));
		iopt_memory_read(m, last, buffer, 1);
		if (last == UINT64_MAX)
			break;
		first = last + 1;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct iopt_memory *m;
	uint64_t base = 0x3ff0;
	int fd, flags;

	if (!bytes || iopt_memory_create(&m))
		return 0;
	flags = *data++;
	bytes--;
	if (flags & 1)
		iopt_memory_add_ram(m, 0x2000, 0x4000, NULL);
	fd = memfd_create("fuzz", 0);
	if (fd < 0 || write(fd, data, bytes) != (ssize_t)bytes || lseek(fd, 0, SEEK_SET))
		abort();
	if (!memdump_load(m, fd, "fuzz", flags & 2 ? &base : NULL, &error))
		read_stretches(m);
	else if (!error.code || !error.message[0])
		abort();
	iopt_memory_destroy(m);
	return 0;
}
