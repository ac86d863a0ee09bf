/* SPDX-License-Identifier: MIT */
#include "memdump.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "../core/errno_text.h"
#include "spool.h"
#include "unpack.h"

/* The last one is what everything else is. */
static const struct memdump_format *const formats[] = {&memdump_elf, &memdump_kdump, &memdump_lime,
						       &memdump_hexdump, &memdump_raw};

/* ---- lists ---- */

/* Room for one more of 'bytes' each. */
static int grow(void *list, size_t count, size_t *room, size_t bytes)
{
	void *old, *grown;

	if (count >= MEMDUMP_SEGMENTS_MAX)
		return -IOPT_E2BIG;
	if (count < *room)
		return 0;
	memcpy(&old, list, sizeof(old));
	grown = realloc(old, (*room ? 2 * *room : 16) * bytes);
	if (!grown)
		return -IOPT_ENOMEM;
	memcpy(list, &grown, sizeof(grown));
	*room = *room ? 2 * *room : 16;
	return 0;
}

int memdump_add(struct memdump *d, struct memdump_segment segment)
{
	int err = grow(&d->segments, d->count, &d->room, sizeof(*d->segments));

	if (!err)
		d->segments[d->count++] = segment;
	return err;
}

int memdump_add_excluded(struct memdump *d, struct range range)
{
	int err = grow(&d->excluded, d->excluded_count, &d->excluded_room, sizeof(*d->excluded));

	if (!err)
		d->excluded[d->excluded_count++] = range;
	return err;
}

void memdump_destroy(struct memdump *d)
{
	if (d->destroy)
		d->destroy(d->arg);
	free(d->segments);
	free(d->excluded);
	free(d->vmcoreinfo);
	*d = (struct memdump){0};
}

int memdump_read(const struct memdump *d, const struct memdump_file *file, uint64_t offset,
		 void *to, size_t bytes)
{
	return d->read ? d->read(d->arg, file, offset, to, bytes)
		       : memdump_file_read(file, offset, to, bytes);
}

/* ---- the file ---- */

int memdump_file_read(const struct memdump_file *file, uint64_t offset, void *to, size_t bytes)
{
	return file->flat ? memdump_flat_read(file->flat, file->fd, offset, to, bytes)
			  : read_at(file->fd, offset, to, bytes);
}

uint64_t memdump_file_hole(const struct memdump_file *file, uint64_t offset, uint64_t bytes)
{
	off_t data;

	if (file->flat)
		return memdump_flat_hole(file->flat, offset, bytes);
	data = lseek(file->fd, (off_t)offset, SEEK_DATA);
	/* No more data at all, unless the file was made shorter meanwhile. */
	if (data < 0 && errno == ENXIO && lseek(file->fd, 0, SEEK_END) >= (off_t)file->bytes)
		return bytes;
	return data > (off_t)offset ? min_u64((uint64_t)data - offset, bytes) : 0;
}

void memdump_file_close(struct memdump_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
	memdump_flat_destroy(file->flat);
	file->flat = NULL;
}

bool memdump_in_file(const struct memdump_file *file, uint64_t offset, uint64_t bytes)
{
	return offset <= file->bytes && bytes <= file->bytes - offset;
}

/* ---- what goes wrong ---- */

int memdump_truncated(const struct memdump_file *file, const char *what, uint64_t offset,
		      uint64_t bytes, struct iopt_error *error)
{
	return memdump_bad(file, error, IOPT_ENOEXEC,
			   "truncated: %s of 0x%llx bytes at offset 0x%llx, the file has 0x%llx",
			   what, (unsigned long long)bytes, (unsigned long long)offset,
			   (unsigned long long)file->bytes);
}

int memdump_unreadable(const struct memdump_file *file, uint64_t offset, struct iopt_error *error)
{
	return error_at(error, (struct error_place){.source = file->path}, IOPT_FAILURE_IO,
			IOPT_EIO, "cannot be read at offset 0x%llx", (unsigned long long)offset);
}

int memdump_refuse_base(const struct memdump_file *file, const char *what, struct iopt_error *error)
{
	return error_at(error, (struct error_place){.source = file->path}, IOPT_FAILURE_USAGE,
			IOPT_EINVAL, "%s has addresses of its own: name it without @ADDR", what);
}

int memdump_add_failed(const struct memdump_file *file, int code, struct iopt_error *error)
{
	const struct error_place place = {.source = file->path};

	if (code == -IOPT_E2BIG)
		return error_at(error, place, IOPT_FAILURE_LIMIT, IOPT_E2BIG,
				"more than %d pieces of memory", MEMDUMP_SEGMENTS_MAX);
	return error_at(error, place, IOPT_FAILURE_LIMIT, IOPT_ENOMEM, "out of memory");
}

int memdump_step(const struct memdump_file *file, const char *what, uint64_t done, uint64_t total,
		 struct iopt_error *error)
{
	const struct iopt_progress *p = &file->progress;

	if (!p->step || !p->step(p->arg, what, done, total))
		return 0;
	return error_at(error, (struct error_place){.source = file->path}, IOPT_FAILURE_REQUEST,
			IOPT_EINTR, "interrupted while it was loaded");
}

/* ---- loading ---- */

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

static int read_dump(struct memdump_file *file, const uint64_t *base, struct memdump *dump,
		     struct iopt_error *error)
{
	unsigned char head[MEMDUMP_HEAD_BYTES];
	size_t bytes = min_u64(sizeof(head), file->bytes), i;
	int err = memdump_file_read(file, 0, head, bytes);

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
	struct memdump_file file = {.fd = fd, .path = path, .progress = m->progress};
	struct memdump dump = {0};
	int err;

	err = unpack(&file.fd, path, NULL, &file.progress, error);
	if (!err)
		err = file_measure(&file, error);
	if (!err)
		err = memdump_flat_open(&file, error);
	if (!err)
		err = read_dump(&file, base, &dump, error);
	if (!err) {
		err = memdump_resolve(&dump);
		if (err)
			err = memdump_add_failed(&file, err, error);
	}
	if (!err)
		return memdump_place(m, &dump, &file, error);
	memdump_file_close(&file);
	memdump_destroy(&dump);
	return err;
}

int iopt_memory_load(struct iopt_memory *m, const char *path, const uint64_t *base,
		     struct iopt_error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return error_at(error, (struct error_place){.source = path}, IOPT_FAILURE_IO,
				iopt_error_of_errno(errno), "%s", errno_text(errno));
	return memdump_load(m, fd, path, base, error);
}
