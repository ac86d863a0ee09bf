/* SPDX-License-Identifier: MIT */
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "iopt.h"

/* Where O_TMPFILE is not to be had: a name for a moment. */
static int open_and_unlink(const char *directory)
{
	char path[4096];
	int fd, n;

	n = snprintf(path, sizeof(path), "%s/iopt-XXXXXX", directory);
	if (n < 0 || (size_t)n >= sizeof(path))
		return -1;
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}

int spool_open(struct spool *s, const char **directory)
{
	*directory = secure_getenv("TMPDIR");
	if (!*directory || !**directory)
		*directory = "/tmp";
	s->fd = open(*directory, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
	if (s->fd < 0)
		s->fd = open_and_unlink(*directory);
	return s->fd < 0 ? -iopt_error_of_errno(errno) : 0;
}

bool is_all_zero(const void *data, size_t bytes)
{
	const char *p = data;

	/* If the first byte is zero and each equals the one before it, all are. */
	return !bytes || (!p[0] && !memcmp(p, p + 1, bytes - 1));
}

int read_at(int fd, uint64_t offset, void *to, size_t bytes)
{
	size_t done = 0;

	if (offset > INT64_MAX || bytes > INT64_MAX - offset)
		return -IOPT_EIO;
	while (done < bytes) {
		ssize_t n = pread(fd, (char *)to + done, bytes - done, (off_t)(offset + done));

		if (n > 0)
			done += (size_t)n;
		else if (!n || errno != EINTR)
			return n ? -iopt_error_of_errno(errno) : -IOPT_EIO;
	}
	return 0;
}

static int write_at(int fd, uint64_t offset, const char *from, size_t bytes)
{
	while (bytes) {
		ssize_t n = pwrite(fd, from, bytes, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -iopt_error_of_errno(errno);
		from += n;
		offset += (size_t)n;
		bytes -= (size_t)n;
	}
	return 0;
}

/* A block of the file, or what the last one has: a hole if it is zero. */
static int put_block(struct spool *s, const char *block, size_t bytes)
{
	int err;

	if (is_all_zero(block, bytes))
		return 0;
	if (bytes > s->written_max - s->written)
		return -IOPT_E2BIG;
	err = write_at(s->fd, align_down(s->bytes, SPOOL_BLOCK_BYTES), block, bytes);
	s->written += bytes;
	return err;
}

int spool_put(struct spool *s, const void *data, size_t bytes)
{
	const char *p = data;
	int err = 0;

	if (bytes > s->bytes_max - s->bytes)
		return -IOPT_E2BIG;
	while (bytes && !err) {
		/* Blocks of the file, whatever the pieces that come in. */
		size_t held = s->bytes % SPOOL_BLOCK_BYTES;
		size_t part = min_u64(bytes, SPOOL_BLOCK_BYTES - held);

		if (part == SPOOL_BLOCK_BYTES) {
			err = put_block(s, p, part);
		} else {
			memcpy(s->block + held, p, part);
			if (held + part == SPOOL_BLOCK_BYTES)
				err = put_block(s, s->block, SPOOL_BLOCK_BYTES);
		}
		s->bytes += part;
		p += part;
		bytes -= part;
	}
	return err;
}

int spool_finish(struct spool *s, int *fd)
{
	int err = put_block(s, s->block, s->bytes % SPOOL_BLOCK_BYTES);

	if (err)
		return err;
	if (ftruncate(s->fd, (off_t)s->bytes))
		return errno == ENOSPC || errno == EFBIG ? -IOPT_ENOSPC : -IOPT_EIO;
	*fd = s->fd;
	s->fd = -1;
	return 0;
}

void spool_abandon(struct spool *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}
