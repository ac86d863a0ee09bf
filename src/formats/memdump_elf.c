/* SPDX-License-Identifier: MIT */
/*
 * ELF: what PT_LOAD segments have in the file is at their physical addresses, the rest of them is
 * zero.  libelf translates the headers, whatever their class and byte order; where they are, and
 * how many, is checked here first, since libelf silently cuts short what lies past the end of a
 * file.
 */
#include <elf.h>
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>

#include "memdump.h"

enum {
	PHDRS_PER_READ = 256,
	PHDRS_MAX = MEMDUMP_SEGMENTS_MAX,
	NOTES_BYTES_MAX = 1 << 20,
};

struct elf_core {
	const struct memdump_file *file;
	struct memdump *dump;
	struct iopt_error *error;
	bool is64;
	unsigned encoding; /* ELFDATA2LSB, ELFDATA2MSB */
	uint64_t phoff, shoff;
	uint64_t phdr_count;
	uint64_t phdr_bytes;
};

static bool elf_recognise(const unsigned char *head, size_t bytes)
{
	return bytes >= SELFMAG && !memcmp(head, ELFMAG, SELFMAG);
}

/* 'bytes' of headers as they are in the file, into the host's structs of the same class. */
static bool translate(const struct elf_core *core, Elf_Type type, void *from, size_t bytes,
		      void *to)
{
	Elf_Data source = {.d_buf = from, .d_type = type, .d_version = EV_CURRENT, .d_size = bytes};
	Elf_Data dest = {.d_buf = to, .d_version = EV_CURRENT, .d_size = bytes};

	return core->is64 ? elf64_xlatetom(&dest, &source, core->encoding) != NULL
			  : elf32_xlatetom(&dest, &source, core->encoding) != NULL;
}

static int read_headers(const struct elf_core *core, uint64_t offset, size_t bytes, Elf_Type type,
			void *to)
{
	union {
		Elf64_Ehdr ehdr;
		Elf64_Phdr phdrs[PHDRS_PER_READ];
	} raw;

	assert(bytes <= sizeof(raw));
	if (memdump_file_read(core->file, offset, &raw, bytes))
		return memdump_unreadable(core->file, offset, core->error);
	if (!translate(core, type, &raw, bytes, to))
		return memdump_bad(core->file, core->error, IOPT_ENOEXEC,
				   "bad ELF header at offset 0x%llx", (unsigned long long)offset);
	return 0;
}

static bool in_file(const struct elf_core *core, uint64_t offset, uint64_t bytes)
{
	return memdump_in_file(core->file, offset, bytes);
}

static int truncated(const struct elf_core *core, const char *what, uint64_t offset, uint64_t bytes)
{
	return memdump_truncated(core->file, what, offset, bytes, core->error);
}

static int read_ident(struct elf_core *core)
{
	unsigned char ident[EI_NIDENT];
	size_t bytes;

	if (!in_file(core, 0, sizeof(ident)))
		return truncated(core, "an ELF header", 0, sizeof(Elf32_Ehdr));
	if (memdump_file_read(core->file, 0, ident, sizeof(ident)))
		return memdump_unreadable(core->file, 0, core->error);
	if ((ident[EI_CLASS] != ELFCLASS32 && ident[EI_CLASS] != ELFCLASS64) ||
	    (ident[EI_DATA] != ELFDATA2LSB && ident[EI_DATA] != ELFDATA2MSB) ||
	    ident[EI_VERSION] != EV_CURRENT)
		return memdump_bad(core->file, core->error, IOPT_ENOEXEC,
				   "ELF of unknown class %u, data %u, version %u", ident[EI_CLASS],
				   ident[EI_DATA], ident[EI_VERSION]);
	core->is64 = ident[EI_CLASS] == ELFCLASS64;
	core->encoding = ident[EI_DATA];
	core->phdr_bytes = core->is64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	bytes = core->is64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
	return in_file(core, 0, bytes) ? 0 : truncated(core, "an ELF header", 0, bytes);
}

/* More program headers than fit into e_phnum: the first section header has their number. */
static int read_extended_count(struct elf_core *core)
{
	size_t bytes = core->is64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
	union {
		Elf32_Shdr s32;
		Elf64_Shdr s64;
	} shdr = {0};
	int err;

	if (!core->shoff)
		return memdump_bad(core->file, core->error, IOPT_ENOEXEC,
				   "no section header has the number of program headers");
	if (!in_file(core, core->shoff, bytes))
		return truncated(core, "a section header", core->shoff, bytes);
	err = read_headers(core, core->shoff, bytes, ELF_T_SHDR, &shdr);
	if (!err)
		core->phdr_count = core->is64 ? shdr.s64.sh_info : shdr.s32.sh_info;
	return err;
}

static int read_ehdr(struct elf_core *core)
{
	unsigned entry_bytes;
	union {
		Elf32_Ehdr e32;
		Elf64_Ehdr e64;
	} ehdr = {0};
	int err;

	err = read_headers(core, 0, core->is64 ? sizeof(ehdr.e64) : sizeof(ehdr.e32), ELF_T_EHDR,
			   &ehdr);
	if (err)
		return err;
	core->phoff = core->is64 ? ehdr.e64.e_phoff : ehdr.e32.e_phoff;
	core->shoff = core->is64 ? ehdr.e64.e_shoff : ehdr.e32.e_shoff;
	core->phdr_count = core->is64 ? ehdr.e64.e_phnum : ehdr.e32.e_phnum;
	entry_bytes = core->is64 ? ehdr.e64.e_phentsize : ehdr.e32.e_phentsize;
	if (core->phdr_count == PN_XNUM)
		err = read_extended_count(core);
	if (!err && core->phdr_count && entry_bytes != core->phdr_bytes)
		err = memdump_bad(core->file, core->error, IOPT_ENOEXEC,
				  "program headers of %u bytes", entry_bytes);
	return err;
}

/* What of a segment is there; 'number' is its place among the program headers. */
static int add_segment(const struct elf_core *core, const Elf64_Phdr *ph, uint64_t number)
{
	uint64_t size = max_u64(ph->p_filesz, ph->p_memsz);
	struct memdump_segment data = {.offset = ph->p_offset}, zeros = {.offset = MEMORY_ZEROS};
	struct range all;
	int err = 0;

	/* All ones is what Linux says of memory that has no one physical address (/proc/kcore). */
	if (!size || (size > 1 && ph->p_paddr == (core->is64 ? UINT64_MAX : UINT32_MAX)))
		return 0;
	if (!range_make(ph->p_paddr, size, &all))
		return memdump_bad(core->file, core->error, IOPT_ENOEXEC,
				   "segment %llu: 0x%llx bytes at 0x%llx leave the address space",
				   (unsigned long long)number, (unsigned long long)size,
				   (unsigned long long)ph->p_paddr);
	if (ph->p_filesz && !in_file(core, ph->p_offset, ph->p_filesz))
		return truncated(core, "a segment", ph->p_offset, ph->p_filesz);
	if (range_make(all.first, ph->p_filesz, &data.range))
		err = memdump_add(core->dump, data);
	if (!err && size > ph->p_filesz) {
		zeros.range = (struct range){all.first + ph->p_filesz, all.last};
		err = memdump_add(core->dump, zeros);
	}
	return err ? memdump_add_failed(core->file, err, core->error) : 0;
}

/* Notes are an extra: what of them is not there, or is too much, is left alone. */
static int read_notes(const struct elf_core *core, const Elf64_Phdr *ph)
{
	unsigned char *notes;
	int err = 0;

	if (ph->p_filesz > NOTES_BYTES_MAX || !in_file(core, ph->p_offset, ph->p_filesz))
		return 0;
	notes = malloc(ph->p_filesz + 1);
	if (!notes)
		return memdump_add_failed(core->file, -IOPT_ENOMEM, core->error);
	if (!memdump_file_read(core->file, ph->p_offset, notes, ph->p_filesz))
		err = memdump_take_notes(core->dump, notes, ph->p_filesz,
					 core->encoding == ELFDATA2MSB);
	free(notes);
	return err ? memdump_add_failed(core->file, err, core->error) : 0;
}

static Elf64_Phdr widen(const Elf32_Phdr *ph)
{
	return (Elf64_Phdr){
		.p_type = ph->p_type,
		.p_offset = ph->p_offset,
		.p_paddr = ph->p_paddr,
		.p_filesz = ph->p_filesz,
		.p_memsz = ph->p_memsz,
	};
}

static int read_phdrs(const struct elf_core *core, uint64_t first, uint64_t count)
{
	union {
		Elf32_Phdr p32[PHDRS_PER_READ];
		Elf64_Phdr p64[PHDRS_PER_READ];
	} phdrs;
	uint64_t i;
	int err;

	err = read_headers(core, core->phoff + first * core->phdr_bytes, count * core->phdr_bytes,
			   ELF_T_PHDR, &phdrs);
	for (i = 0; !err && i < count; i++) {
		Elf64_Phdr ph = core->is64 ? phdrs.p64[i] : widen(&phdrs.p32[i]);

		if (ph.p_type == PT_LOAD)
			err = add_segment(core, &ph, first + i);
		else if (ph.p_type == PT_NOTE && !core->dump->vmcoreinfo)
			err = read_notes(core, &ph);
	}
	return err;
}

static int elf_read(struct memdump_file *file, const uint64_t *base, struct memdump *dump,
		    struct iopt_error *error)
{
	struct elf_core core = {.file = file, .dump = dump, .error = error};
	uint64_t done, part;
	int err;

	if (base)
		return memdump_refuse_base(file, "an ELF core", error);
	elf_version(EV_CURRENT);
	err = read_ident(&core);
	if (!err)
		err = read_ehdr(&core);
	if (err)
		return err;
	if (core.phdr_count > PHDRS_MAX)
		return error_at(error, (struct error_place){.source = file->path},
				IOPT_FAILURE_LIMIT, IOPT_E2BIG, "%llu program headers",
				(unsigned long long)core.phdr_count);
	if (!in_file(&core, core.phoff, core.phdr_count * core.phdr_bytes))
		return truncated(&core, "program headers", core.phoff,
				 core.phdr_count * core.phdr_bytes);
	for (done = 0; !err && done < core.phdr_count; done += part) {
		part = min_u64(core.phdr_count - done, PHDRS_PER_READ);
		err = read_phdrs(&core, done, part);
	}
	if (!err && !dump->count)
		err = memdump_bad(file, error, IOPT_ENOEXEC, "no segment of it is memory");
	return err;
}

const struct memdump_format memdump_elf = {
	.recognise = elf_recognise,
	.read = elf_read,
};
