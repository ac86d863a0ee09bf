/* SPDX-License-Identifier: MIT */
#include "memdump.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "spool.h"
#include "unpack.h"

/* The last one is what everything else is. */
static const struct memdump_format *const formats[] = {&memdump_elf, &memdump_raw};

int memdump_add(struct memdump *dump, struct memdump_segment segment)
{
	if (dump->count == dump->room) {
		size_t room = dump->room ? 2 * dump->room : 16;
		struct memdump_segment *segments;

		segments = realloc(dump->segments, room * sizeof(*segments));
		if (!segments)
			return -IOPT_ENOMEM;
		dump->segments = segments;
		dump->room = room;
	}
	dump->segments[dump->count++] = segment;
	return 0;
}

static int io_error(const struct memdump_file *file, int code, struct iopt_error *error,
		    const char *what)
{
	return error_at(error, (struct error_place){.source = file->path}, IOPT_FAILURE_IO, -code,
			"cannot be %s: %s", what, iopt_error_text(code));
}

static int file_measure(struct memdump_file *file, struct iopt_error *error)
{
	off_t end = lseek(file->fd, 0, SEEK_END);

	if (end < 0)
		return io_error(file, -iopt_error_of_errno(errno), error, "read at any offset");
	file->bytes = (uint64_t)end;
	if (!file->bytes)
		return memdump_bad(file, error, IOPT_ENOEXEC, "is empty");
	return 0;
}

static int read_dump(const struct memdump_file *file, const uint64_t *base, struct memdump *dump,
		     struct iopt_error *error)
{
	unsigned char head[MEMDUMP_HEAD_BYTES];
	size_t bytes = min_u64(sizeof(head), file->bytes), i;
	int err = read_at(file->fd, 0, head, bytes);

	if (err)
		return io_error(file, err, error, "read");
	for (i = 0; i < ARRAY_SIZE(formats) - 1; i++)
		if (formats[i]->recognise(head, bytes))
			break;
	return formats[i]->read(file, base, dump, error);
}

int memdump_load(struct iopt_memory *m, int fd, const char *path, const uint64_t *base,
		 struct iopt_error *error)
{
	struct memdump_file file = {.fd = fd, .path = path};
	struct memdump dump = {0};
	int err;

	err = unpack(&file.fd, path, NULL, error);
	if (!err)
		err = file_measure(&file, error);
	if (!err)
		err = read_dump(&file, base, &dump, error);
	if (!err && memdump_resolve(&dump))
		err = error_set(error, IOPT_FAILURE_LIMIT, IOPT_ENOMEM, "out of memory");
	if (err)
		close(file.fd);
	else
		err = memdump_place(m, &dump, &file, error);
	free(dump.segments);
	return err;
}

int iopt_memory_load(struct iopt_memory *m, const char *path, const uint64_t *base,
		     struct iopt_error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return error_at(error, (struct error_place){.source = path}, IOPT_FAILURE_IO,
				iopt_error_of_errno(errno), "%s", strerror(errno));
	return memdump_load(m, fd, path, base, error);
}
