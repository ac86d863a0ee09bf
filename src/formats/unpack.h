/* SPDX-License-Identifier: MIT */
/*
 * What lies in front of a dump: gzip, xz or zstd.  Unpacked once, streaming, into a temporary file
 * without a name, in which zeros are holes.
 */
#ifndef IOPT_UNPACK_H
#define IOPT_UNPACK_H

#include "../core/error.h"

/* 33 KB of zstd can hold 1 GiB of zeros. */
struct unpack_limits {
	uint64_t bytes;	  /* as they come out */
	uint64_t written; /* that are not holes */
};

/*
 * '*fd', open for reading at its start, becomes a file that can be read at any offset and holds
 * the contents: the same one if it is such a file and not compressed, otherwise a temporary one
 * in $TMPDIR or /tmp, and the old one is closed.  On failure *fd stays open.  'limits' NULL:
 * 64 GiB, of which 4 GiB written.  ENOEXEC: bad compressed data; E2BIG: a limit; EIO, ENOSPC,
 * ENOMEM, EOPNOTSUPP.  'path' is for messages.  'progress' may be NULL; EINTR: it said so.
 */
int unpack(int *fd, const char *path, const struct unpack_limits *limits,
	   const struct iopt_progress *progress, struct iopt_error *error);

#endif
