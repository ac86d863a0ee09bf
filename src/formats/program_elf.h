/* SPDX-License-Identifier: MIT */
/* What of an ELF program goes where, and its symbols. */
#ifndef IOPT_PROGRAM_ELF_H
#define IOPT_PROGRAM_ELF_H

#include "../core/iopt.h"

/* One PT_LOAD that is not empty. */
struct elf_segment {
	uint64_t va, pa, size;
	uint8_t access;	 /* enum iopt_access */
	unsigned number; /* among the program headers */
};

/* What is not 0 ends it and is returned. */
struct program_elf_visitor {
	int (*segment)(void *arg, const struct elf_segment *segment);
	/* Those that are defined and have a name, in the order of the file. */
	int (*symbol)(void *arg, const char *name, uint64_t value);
	void *arg;
};

/* The symbols first.  ENOEXEC: no ELF file, or a damaged one; E2BIG; EIO, ENOENT, …: unreadable. */
int program_elf_read(const char *path, const struct program_elf_visitor *visitor,
		     struct iopt_error *error);

#endif
