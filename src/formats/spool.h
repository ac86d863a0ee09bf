/* SPDX-License-Identifier: MIT */
/* A temporary file without a name that is written once from its start; zeros become holes. */
#ifndef IOPT_SPOOL_H
#define IOPT_SPOOL_H

#include "../core/base.h"

enum { SPOOL_BLOCK_BYTES = 4096 };

struct spool {
	int fd;
	uint64_t bytes, written;
	uint64_t bytes_max, written_max;
	char block[SPOOL_BLOCK_BYTES]; /* the last one, if it is not full */
};

/* In $TMPDIR or /tmp.  EIO: no file can be made there; *directory is where. */
int spool_open(struct spool *s, const char **directory);
/* E2BIG: past a limit; ENOSPC, EIO. */
int spool_put(struct spool *s, const void *data, size_t bytes);
/* Writes the rest and gives the file its size; *fd is the caller's from now on.  As above. */
int spool_finish(struct spool *s, int *fd);
void spool_abandon(struct spool *s);

bool is_all_zero(const void *data, size_t bytes);

/* Exactly 'bytes' at 'offset' of a file: 0, or -EIO if it cannot be read or is too short. */
int read_at(int fd, uint64_t offset, void *to, size_t bytes);

#endif
