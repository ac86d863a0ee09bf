/* SPDX-License-Identifier: MIT */
/* What the fuzz targets of the memory dumps share: bytes as a file, loaded and read back. */
#ifndef DUMP_TARGET_H
#define DUMP_TARGET_H

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base.h"
#include "memdump.h"

static inline void read_stretches(struct iopt_memory *m)
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
	/* What is there, absent or excluded goes on up to somewhere. */
	for (count = 0, first = 0; count < 64; count++, first = last + 1) {
		last = UINT64_MAX;
		if (iopt_memory_presence(m, first, &last) >= IOPT_PRESENCE_COUNT || last < first)
			abort();
		if (last == UINT64_MAX)
			break;
	}
}

/*
 * Spoils the first 'head' bytes of 'file', and appends to them: the input's first byte says how
 * many changes follow, 3 bytes each (where: 2, little-endian; what); the rest is appended.  How
 * many bytes the file has then; there is room for head + bytes.
 */
static inline size_t change_and_append(uint8_t *file, size_t head, const uint8_t *data,
				       size_t bytes)
{
	size_t changes, i;

	if (!bytes)
		return head;
	changes = min_u64(data[0] % 16, (bytes - 1) / 3);
	for (i = 0; i < changes; i++)
		file[load_le16(data + 1 + 3 * i) % head] = data[3 + 3 * i];
	i = 1 + 3 * changes;
	memcpy(file + head, data + i, bytes - i);
	return head + bytes - i;
}

/* A failure has a code and says why. */
static inline void load_and_read(const void *data, size_t bytes, const uint64_t *base, bool ram)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct iopt_memory *m;
	int fd;

	if (iopt_memory_create(&m))
		return;
	if (ram)
		iopt_memory_add_ram(m, 0x2000, 0x4000, NULL);
	fd = memfd_create("fuzz", 0);
	if (fd < 0 || write(fd, data, bytes) != (ssize_t)bytes || lseek(fd, 0, SEEK_SET))
		abort();
	if (!memdump_load(m, fd, "fuzz", base, &error))
		read_stretches(m);
	else if (!error.code || !error.message[0])
		abort();
	iopt_memory_destroy(m);
}

#endif
