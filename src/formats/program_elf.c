/* SPDX-License-Identifier: MIT */
/*
 * ELF programs of both classes and byte orders, field by field out of the file's bytes.  Whatever
 * the headers say is held against the file's size before it is read.
 */
#include "program_elf.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../core/base.h"
#include "../core/errno_text.h"
#include "../core/error.h"
#include "../core/memory.h"
#include "spool.h"

enum {
	ENTRIES_PER_READ = 256,
	ENTRY_BYTES_MAX = 64,
	ENTRIES_MAX = 4 << 20,
	STRINGS_MAX = 256 << 20,
};

struct program {
	const char *path;
	const struct program_elf_visitor *visitor;
	struct iopt_error *error;
	int fd;
	uint64_t bytes;
	bool is64, big_endian;
	uint64_t phoff, shoff, phnum, shnum;
	char *strings; /* of the symbol table that is being read */
	uint64_t string_bytes;
};

static int damaged(const struct program *p, const char *what)
{
	return error_at(p->error, (struct error_place){.source = p->path}, IOPT_FAILURE_INPUT,
			IOPT_ENOEXEC, "damaged ELF file: %s", what);
}

/* ---- fields ---- */

static uint64_t load(const struct program *p, const unsigned char *at, size_t bytes)
{
	switch (bytes) {
	case 1:
		return *at;
	case 2:
		return p->big_endian ? load_be16(at) : load_le16(at);
	case 4:
		return p->big_endian ? load_be32(at) : load_le32(at);
	default:
		return p->big_endian ? load_be64(at) : load_le64(at);
	}
}

#define FIELD(p, from, kind, member)                                  \
	((p)->is64 ? load(p, (from) + offsetof(Elf64_##kind, member), \
			  sizeof(((Elf64_##kind *)0)->member))        \
		   : load(p, (from) + offsetof(Elf32_##kind, member), \
			  sizeof(((Elf32_##kind *)0)->member)))
#define BYTES(p, kind) ((p)->is64 ? sizeof(Elf64_##kind) : sizeof(Elf32_##kind))

static bool in_file(const struct program *p, uint64_t offset, uint64_t bytes)
{
	return offset <= p->bytes && bytes <= p->bytes - offset;
}

static int read_bytes(const struct program *p, uint64_t offset, void *to, uint64_t bytes,
		      const char *what)
{
	if (!in_file(p, offset, bytes) || read_at(p->fd, offset, to, bytes))
		return damaged(p, what);
	return 0;
}

typedef int entry_fn(struct program *p, const unsigned char *entry, uint64_t number);

/* Each entry of a table of 'count', 'bytes' each. */
static int each_entry(struct program *p, uint64_t offset, uint64_t count, size_t bytes,
		      entry_fn *fn, const char *what)
{
	unsigned char entries[ENTRIES_PER_READ * ENTRY_BYTES_MAX];
	uint64_t part;
	int err = 0;

	assert(bytes <= ENTRY_BYTES_MAX);
	if (count > ENTRIES_MAX || !in_file(p, offset, count * bytes))
		return damaged(p, what);
	for (uint64_t i = 0; !err && i < count; i += part) {
		part = min_u64(count - i, ENTRIES_PER_READ);
		err = read_bytes(p, offset + i * bytes, entries, part * bytes, what);
		for (uint64_t k = 0; !err && k < part; k++)
			err = fn(p, entries + k * bytes, i + k);
	}
	return err;
}

/* ---- headers ---- */

static int read_ident(struct program *p)
{
	unsigned char ident[EI_NIDENT];

	if (!in_file(p, 0, sizeof(ident)) || read_at(p->fd, 0, ident, sizeof(ident)) ||
	    memcmp(ident, ELFMAG, SELFMAG) != 0)
		return error_at(p->error, (struct error_place){.source = p->path},
				IOPT_FAILURE_INPUT, IOPT_ENOEXEC, "not an ELF file");
	p->is64 = ident[EI_CLASS] == ELFCLASS64;
	p->big_endian = ident[EI_DATA] == ELFDATA2MSB;
	if ((!p->is64 && ident[EI_CLASS] != ELFCLASS32) ||
	    (!p->big_endian && ident[EI_DATA] != ELFDATA2LSB) || ident[EI_VERSION] != EV_CURRENT)
		return damaged(p, "its class, byte order or version is unknown");
	return 0;
}

static int read_section(const struct program *p, uint64_t i, unsigned char *to)
{
	const size_t bytes = BYTES(p, Shdr);

	if (i >= ENTRIES_MAX || !in_file(p, p->shoff, 0))
		return damaged(p, "a section header is not there");
	return read_bytes(p, p->shoff + i * bytes, to, bytes, "a section header is not there");
}

/* With very many of them the first section header has the numbers. */
static int read_numbers(struct program *p)
{
	unsigned char first[sizeof(Elf64_Shdr)];
	int err;

	if ((p->shnum || !p->shoff) && p->phnum != PN_XNUM)
		return 0;
	err = read_section(p, 0, first);
	if (err)
		return err;
	if (p->phnum == PN_XNUM)
		p->phnum = FIELD(p, first, Shdr, sh_info);
	if (!p->shnum)
		p->shnum = FIELD(p, first, Shdr, sh_size);
	return 0;
}

static int read_header(struct program *p)
{
	unsigned char ehdr[sizeof(Elf64_Ehdr)];
	int err = read_ident(p);

	if (!err)
		err = read_bytes(p, 0, ehdr, BYTES(p, Ehdr), "its header is not all there");
	if (err)
		return err;
	p->phoff = FIELD(p, ehdr, Ehdr, e_phoff);
	p->shoff = FIELD(p, ehdr, Ehdr, e_shoff);
	p->phnum = FIELD(p, ehdr, Ehdr, e_phnum);
	p->shnum = FIELD(p, ehdr, Ehdr, e_shnum);
	if (p->phnum && FIELD(p, ehdr, Ehdr, e_phentsize) != BYTES(p, Phdr))
		return damaged(p, "program headers of an unknown size");
	if (p->shnum && FIELD(p, ehdr, Ehdr, e_shentsize) != BYTES(p, Shdr))
		return damaged(p, "section headers of an unknown size");
	return read_numbers(p);
}

/* ---- symbols ---- */

static int show_symbol(struct program *p, const unsigned char *sym, uint64_t number)
{
	const uint64_t name = FIELD(p, sym, Sym, st_name);
	const unsigned type = ELF64_ST_TYPE(FIELD(p, sym, Sym, st_info));

	(void)number;
	if (FIELD(p, sym, Sym, st_shndx) == SHN_UNDEF || type == STT_FILE || type == STT_SECTION ||
	    name >= p->string_bytes || !p->strings[name])
		return 0;
	return p->visitor->symbol(p->visitor->arg, p->strings + name, FIELD(p, sym, Sym, st_value));
}

/* All of the string table, with a NUL behind it. */
static int read_strings(struct program *p, uint64_t section)
{
	static const char what[] = "the symbols' names are not there";
	unsigned char shdr[sizeof(Elf64_Shdr)];
	uint64_t offset;
	int err = section < p->shnum ? read_section(p, section, shdr) : damaged(p, what);

	if (err)
		return err;
	offset = FIELD(p, shdr, Shdr, sh_offset);
	p->string_bytes = FIELD(p, shdr, Shdr, sh_size);
	if (FIELD(p, shdr, Shdr, sh_type) != SHT_STRTAB || p->string_bytes > STRINGS_MAX ||
	    !in_file(p, offset, p->string_bytes))
		return damaged(p, what);
	free(p->strings);
	p->strings = malloc(p->string_bytes + 1);
	if (!p->strings)
		return error_set(p->error, IOPT_FAILURE_LIMIT, IOPT_ENOMEM, "out of memory");
	p->strings[p->string_bytes] = '\0';
	return read_bytes(p, offset, p->strings, p->string_bytes, what);
}

static int show_section(struct program *p, const unsigned char *shdr, uint64_t number)
{
	int err;

	(void)number;
	/* a program has one symbol table; more are not worth the time that they may take */
	if (FIELD(p, shdr, Shdr, sh_type) != SHT_SYMTAB || p->strings)
		return 0;
	if (FIELD(p, shdr, Shdr, sh_entsize) != BYTES(p, Sym))
		return damaged(p, "symbols of an unknown size");
	err = read_strings(p, FIELD(p, shdr, Shdr, sh_link));
	return err ? err
		   : each_entry(p, FIELD(p, shdr, Shdr, sh_offset),
				FIELD(p, shdr, Shdr, sh_size) / BYTES(p, Sym), BYTES(p, Sym),
				show_symbol, "the symbols are not all there");
}

/* ---- segments ---- */

static int show_segment(struct program *p, const unsigned char *phdr, uint64_t number)
{
	const uint64_t flags = FIELD(p, phdr, Phdr, p_flags);
	const struct elf_segment s = {
		.va = FIELD(p, phdr, Phdr, p_vaddr),
		.pa = FIELD(p, phdr, Phdr, p_paddr),
		.size = FIELD(p, phdr, Phdr, p_memsz),
		.access = (uint8_t)((flags & PF_R ? IOPT_ACCESS_R : 0) |
				    (flags & PF_W ? IOPT_ACCESS_W : 0) |
				    (flags & PF_X ? IOPT_ACCESS_X : 0)),
		.number = (unsigned)number,
	};

	if (FIELD(p, phdr, Phdr, p_type) != PT_LOAD || !s.size)
		return 0;
	return p->visitor->segment(p->visitor->arg, &s);
}

static int open_program(struct program *p)
{
	struct stat st;

	p->fd = open(p->path, O_RDONLY | O_CLOEXEC);
	if (p->fd < 0 || fstat(p->fd, &st))
		return error_at(p->error, (struct error_place){.source = p->path}, IOPT_FAILURE_IO,
				iopt_error_of_errno(errno), "%s", errno_text(errno));
	p->bytes = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
	return read_header(p);
}

static void close_program(struct program *p)
{
	free(p->strings);
	if (p->fd >= 0)
		close(p->fd);
}

int program_elf_read(const char *path, const struct program_elf_visitor *visitor,
		     struct iopt_error *error)
{
	struct program p = {.path = path, .visitor = visitor, .error = error};
	int err = open_program(&p);

	if (!err)
		err = each_entry(&p, p.shoff, p.shnum, BYTES(&p, Shdr), show_section,
				 "the section headers are not all there");
	if (!err)
		err = each_entry(&p, p.phoff, p.phnum, BYTES(&p, Phdr), show_segment,
				 "the program headers are not all there");
	close_program(&p);
	return err;
}

/* ---- one section ---- */

static int read_section_names(struct program *p)
{
	unsigned char ehdr[sizeof(Elf64_Ehdr)], first[sizeof(Elf64_Shdr)];
	uint64_t index;
	int err = read_bytes(p, 0, ehdr, BYTES(p, Ehdr), "its header is not all there");

	if (err)
		return err;
	index = FIELD(p, ehdr, Ehdr, e_shstrndx);
	if (index == SHN_XINDEX) {
		err = read_section(p, 0, first);
		if (!err)
			index = FIELD(p, first, Shdr, sh_link);
	}
	return err ? err : read_strings(p, index);
}

/* The section in 'shdr'; ENOENT. */
static int find_section(struct program *p, const char *name, unsigned char *shdr)
{
	int err = read_section_names(p);

	for (uint64_t i = 0; !err && i < p->shnum; i++) {
		uint64_t at;

		err = read_section(p, i, shdr);
		at = FIELD(p, shdr, Shdr, sh_name);
		if (!err && at < p->string_bytes && !strcmp(p->strings + at, name))
			return 0;
	}
	return err ? err
		   : error_at(p->error, (struct error_place){.source = p->path}, IOPT_FAILURE_INPUT,
			      IOPT_ENOENT, "it has no section %.60s", name);
}

static int place_section(struct program *p, const unsigned char *shdr, struct iopt_memory *memory)
{
	const uint64_t offset = FIELD(p, shdr, Shdr, sh_offset);
	const uint64_t size = FIELD(p, shdr, Shdr, sh_size);
	const uint64_t addr = FIELD(p, shdr, Shdr, sh_addr);
	unsigned char bytes[4096];
	uint64_t part;
	int err;

	if (FIELD(p, shdr, Shdr, sh_type) == SHT_NOBITS || !in_file(p, offset, size))
		return damaged(p, "the section has no bytes in the file");
	err = memory_add_window(memory, addr, size, NULL, 0);
	for (uint64_t done = 0; !err && done < size; done += part) {
		part = min_u64(size - done, sizeof(bytes));
		if (read_at(p->fd, offset + done, bytes, part))
			err = -IOPT_EIO;
		else
			err = iopt_memory_write(memory, addr + done, bytes, part);
	}
	if (err)
		error_at(p->error, (struct error_place){.source = p->path}, IOPT_FAILURE_INPUT,
			 -err, "the section: %s", iopt_error_text(err));
	return err;
}

int iopt_memory_load_section(struct iopt_memory *memory, const char *path, const char *section,
			     struct iopt_error *error)
{
	struct program p = {.path = path, .error = error};
	unsigned char shdr[sizeof(Elf64_Shdr)];
	int err = open_program(&p);

	if (!err)
		err = find_section(&p, section, shdr);
	if (!err)
		err = place_section(&p, shdr, memory);
	close_program(&p);
	return err;
}
