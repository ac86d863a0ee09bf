/* SPDX-License-Identifier: MIT */
/* Memories and files for tests, and bytes that tell where they are from. */
#ifndef CONTENTS_H
#define CONTENTS_H

#include "memory.h"

struct iopt_memory *memory_fresh(void);

/* What stands at 'offset' of a file: any byte but 0. */
uint8_t content(uint64_t offset);

/* A file that holds this, open at its start. */
int file_of(const void *data, size_t bytes);

/* A file whose byte at 'offset' is content(offset), and that ends at 'bytes'. */
struct test_file {
	uint64_t bytes;
	unsigned reads, closes;
};

/* A window's backing by such a file, which stays the caller's. */
struct memory_file *add_file(struct iopt_memory *m, struct test_file *f, const char *source);

uint8_t byte_at(struct iopt_memory *m, uint64_t pa);
void assert_absent(struct iopt_memory *m, uint64_t pa);

/* memdump_load() of such a file. */
int load_bytes(struct iopt_memory *m, const void *data, size_t bytes, const uint64_t *base,
	       struct iopt_error *error);
/* It fails like this, says so, and leaves no window behind. */
void assert_dump_refused(const void *data, size_t bytes, const uint64_t *base, int code,
			 enum iopt_failure failure);

#endif
