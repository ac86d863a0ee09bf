/* SPDX-License-Identifier: MIT */
/*
 * A relocatable ELF object of AArch64 or Arm.  Sources: "ELF for the Arm 64-bit Architecture"
 * (R_AARCH64_ABS64: S + A, with RELA), "ELF for the Arm Architecture" (R_ARM_ABS32: S + A, with
 * REL, so that A is in place).  A descriptor's attributes are part of A.
 */
#include <elf.h>
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../core/error.h"
#include "emit.h"
#include "spool.h"

/* In the order of the file; symbols of the tables name the first. */
enum { TABLES = 1, RELOCATIONS, SYMBOLS, STRINGS, SECTION_NAMES, GNU_STACK, SECTION_COUNT };

enum {
	SYMBOLS_MAX = 4 + EMIT_REGISTERS_MAX,
	STRINGS_MAX = SYMBOLS_MAX * (EMIT_SYMBOL_MAX + 32),
	COPY_BYTES = 1 << 16,
};

struct strings {
	char text[STRINGS_MAX];
	size_t used;
};

struct object {
	struct emit *e;
	Elf *elf;
	int class;
	unsigned char *image;
	size_t size, filled;
	void *relocations;
	size_t relocation_count, relocation_room;
	unsigned base_symbol; /* its index */
	struct strings strings, section_names;
	Elf64_Sym symbols[SYMBOLS_MAX];
	size_t symbol_count;
};

static Elf32_Word add_string(struct strings *s, const char *text)
{
	size_t at = s->used, length = strlen(text) + 1;

	assert(length <= sizeof(s->text) - at);
	memcpy(s->text + at, text, length);
	s->used += length;
	return (Elf32_Word)at;
}

/* ---- contents ---- */

static size_t relocation_bytes(const struct object *o)
{
	return gelf_fsize(o->elf, o->e->aarch32 ? ELF_T_REL : ELF_T_RELA, 1, EV_CURRENT);
}

/* Room for one more, which is as large in memory as in the file. */
static int grow_relocations(struct object *o)
{
	size_t room = o->relocation_room ? 2 * o->relocation_room : 64;
	void *more;

	if (o->relocation_count < o->relocation_room)
		return 0;
	more = realloc(o->relocations, room * relocation_bytes(o));
	if (!more)
		return -IOPT_ENOMEM;
	o->relocations = more;
	o->relocation_room = room;
	return 0;
}

static int add_relocation(struct object *o, const struct emit_word *word)
{
	int err = grow_relocations(o);

	if (err)
		return err;
	if (o->e->aarch32) {
		Elf32_Rel *r = o->relocations;

		r[o->relocation_count++] = (Elf32_Rel){(Elf32_Addr)word->at,
						       ELF32_R_INFO(o->base_symbol, R_ARM_ABS32)};
	} else {
		Elf64_Rela *r = o->relocations;

		r[o->relocation_count++] = (Elf64_Rela){
			word->at, ELF64_R_INFO((uint64_t)o->base_symbol, R_AARCH64_ABS64),
			(Elf64_Sxword)word->value};
	}
	return 0;
}

static int put_word(void *arg, const struct emit_word *word)
{
	struct object *o = arg;
	const unsigned bytes = 1u << o->e->word_shift;
	unsigned i;

	for (i = 0; i < bytes; i++) {
		unsigned shift = 8 * (o->e->big_endian ? bytes - 1 - i : i);

		o->image[word->at + i] = (unsigned char)(word->value >> shift);
	}
	return word->linked ? add_relocation(o, word) : 0;
}

static void add_symbol(struct object *o, const char *name, uint64_t value, uint64_t size,
		       unsigned char type, Elf64_Section section)
{
	o->symbols[o->symbol_count++] = (Elf64_Sym){
		.st_name = add_string(&o->strings, name),
		.st_info = ELF64_ST_INFO(STB_GLOBAL, type),
		.st_shndx = section,
		.st_value = value,
		.st_size = size,
	};
}

static void add_register(struct object *o, const struct emit_register *r)
{
	char name[EMIT_SYMBOL_MAX + 32];
	size_t length = 0;
	const char *parts[] = {o->e->symbol, "_", r->name}, *p;
	unsigned i;

	if (!emit_register_is_symbol(o->e, r))
		return;
	for (i = 0; i < ARRAY_SIZE(parts); i++)
		for (p = parts[i]; *p && length < sizeof(name) - 1; p++)
			name[length++] = *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;
	name[length] = 0;
	add_symbol(o, name, r->value, 0, STT_NOTYPE, SHN_ABS);
}

static void add_symbols(struct object *o)
{
	const struct emit *e = o->e;
	char end[EMIT_SYMBOL_MAX + 5];
	unsigned i;

	add_string(&o->strings, "");
	o->symbols[o->symbol_count++] = (Elf64_Sym){0};
	o->base_symbol = (unsigned)o->symbol_count;
	add_symbol(o, e->symbol, 0, o->size, STT_OBJECT, TABLES);
	memcpy(end, e->symbol, strlen(e->symbol) + 1);
	memcpy(end + strlen(e->symbol), "_end", 5);
	add_symbol(o, end, o->size, 0, STT_NOTYPE, TABLES);
	for (i = 0; i < e->register_count; i++)
		add_register(o, &e->registers[i]);
	if (e->base_symbol && strcmp(e->base_symbol, e->symbol) != 0) {
		o->base_symbol = (unsigned)o->symbol_count;
		add_symbol(o, e->base_symbol, 0, 0, STT_NOTYPE, SHN_UNDEF);
	}
}

/* ---- sections ---- */

static bool add_section(struct object *o, const char *name, GElf_Shdr header, Elf_Type type,
			void *bytes, size_t size)
{
	Elf_Scn *scn = elf_newscn(o->elf);
	Elf_Data *data = scn ? elf_newdata(scn) : NULL;
	GElf_Shdr before;

	if (!data || !gelf_getshdr(scn, &before))
		return false;
	header.sh_name = add_string(&o->section_names, name);
	data->d_buf = bytes;
	data->d_size = size;
	data->d_type = type;
	data->d_align = header.sh_addralign;
	data->d_version = EV_CURRENT;
	return gelf_update_shdr(scn, &header) != 0;
}

static bool add_tables(struct object *o)
{
	char name[EMIT_SYMBOL_MAX + 16] = ".";
	const GElf_Shdr header = {
		.sh_type = SHT_PROGBITS, .sh_flags = SHF_ALLOC, .sh_addralign = emit_align(o->e)};

	memcpy(name + 1, o->e->symbol, strlen(o->e->symbol) + 1);
	return add_section(o, name, header, ELF_T_BYTE, o->image, o->size);
}

static bool add_relocations(struct object *o)
{
	const bool rel = o->e->aarch32;
	char name[EMIT_SYMBOL_MAX + 16] = ".rela.";
	const GElf_Shdr header = {
		.sh_type = rel ? SHT_REL : SHT_RELA,
		.sh_flags = SHF_INFO_LINK,
		.sh_link = SYMBOLS,
		.sh_info = TABLES,
		.sh_entsize = relocation_bytes(o),
		.sh_addralign = rel ? 4 : 8,
	};

	if (rel)
		memcpy(name, ".rel.", 6);
	memcpy(name + strlen(name), o->e->symbol, strlen(o->e->symbol) + 1);
	return add_section(o, name, header, rel ? ELF_T_REL : ELF_T_RELA, o->relocations,
			   o->relocation_count * relocation_bytes(o));
}

/* In the class of the object; '*to' is the caller's to free. */
static bool add_symbol_table(struct object *o, void **to)
{
	const bool narrow = o->class == ELFCLASS32;
	const size_t entry = gelf_fsize(o->elf, ELF_T_SYM, 1, EV_CURRENT);
	const GElf_Shdr header = {
		.sh_type = SHT_SYMTAB,
		.sh_link = STRINGS,
		.sh_info = 1, /* the first that is global */
		.sh_entsize = entry,
		.sh_addralign = narrow ? 4 : 8,
	};
	size_t i;

	*to = calloc(o->symbol_count, entry);
	if (!*to)
		return false;
	for (i = 0; i < o->symbol_count; i++) {
		const Elf64_Sym *s = &o->symbols[i];

		if (narrow)
			((Elf32_Sym *)*to)[i] = (Elf32_Sym){s->st_name,
							    (Elf32_Addr)s->st_value,
							    (Elf32_Word)s->st_size,
							    s->st_info,
							    s->st_other,
							    s->st_shndx};
		else
			((Elf64_Sym *)*to)[i] = *s;
	}
	return add_section(o, ".symtab", header, ELF_T_SYM, *to, o->symbol_count * entry);
}

static bool add_strings(struct object *o)
{
	const GElf_Shdr strings = {.sh_type = SHT_STRTAB, .sh_addralign = 1};
	const GElf_Shdr stack = {.sh_type = SHT_PROGBITS, .sh_addralign = 1};
	Elf_Scn *names;
	Elf_Data *data;

	/* The names of sections are complete only after the last of them. */
	if (!add_section(o, ".strtab", strings, ELF_T_BYTE, o->strings.text, o->strings.used) ||
	    !add_section(o, ".shstrtab", strings, ELF_T_BYTE, o->section_names.text, 0) ||
	    !add_section(o, ".note.GNU-stack", stack, ELF_T_BYTE, NULL, 0))
		return false;
	names = elf_getscn(o->elf, SECTION_NAMES);
	data = names ? elf_getdata(names, NULL) : NULL;
	if (data)
		data->d_size = o->section_names.used;
	return data != NULL;
}

static bool begin_object(struct object *o)
{
	GElf_Ehdr header;

	if (!gelf_newehdr(o->elf, o->class) || !gelf_getehdr(o->elf, &header))
		return false;
	header.e_ident[EI_DATA] = o->e->big_endian ? ELFDATA2MSB : ELFDATA2LSB;
	header.e_type = ET_REL;
	header.e_machine = o->e->aarch32 ? EM_ARM : EM_AARCH64;
	header.e_flags = o->e->aarch32 ? EF_ARM_EABI_VER5 : 0;
	header.e_version = EV_CURRENT;
	header.e_shstrndx = SECTION_NAMES;
	add_string(&o->section_names, "");
	return gelf_update_ehdr(o->elf, &header) != 0;
}

/* ---- the file ---- */

static int copy_file(int fd, struct writer *w)
{
	off_t bytes = lseek(fd, 0, SEEK_END), at;
	char *part = malloc(COPY_BYTES);
	int err = !part ? -IOPT_ENOMEM : bytes < 0 ? -IOPT_EIO : 0;

	for (at = 0; !err && at < bytes; at += COPY_BYTES) {
		size_t n = bytes - at < COPY_BYTES ? (size_t)(bytes - at) : COPY_BYTES;

		err = read_at(fd, (uint64_t)at, part, n);
		if (!err)
			writer_bytes(w, part, n);
	}
	free(part);
	return err ? err : w->error;
}

static int build(struct object *o)
{
	void *symbols = NULL;
	bool good = begin_object(o);
	int err = 0;

	if (good) {
		add_symbols(o);
		err = emit_words(o->e, put_word, o);
	}
	if (err)
		return err;
	good = good && add_tables(o) && add_relocations(o) && add_symbol_table(o, &symbols) &&
	       add_strings(o) && elf_update(o->elf, ELF_C_WRITE) >= 0;
	free(symbols);
	if (!good)
		return error_set(o->e->error, IOPT_FAILURE_LIMIT, IOPT_ENOMEM, "libelf: %s",
				 elf_errmsg(-1));
	return 0;
}

int emit_elf(struct emit *e, struct writer *w)
{
	struct object *o = calloc(1, sizeof(*o));
	int fd = memfd_create("iopt", MFD_CLOEXEC), err = 0;

	if (!o || fd < 0 || e->image->size > SIZE_MAX / 2) {
		err = -IOPT_ENOMEM;
		goto out;
	}
	o->e = e;
	o->class = e->aarch32 ? ELFCLASS32 : ELFCLASS64;
	o->size = (size_t)e->image->size;
	o->image = malloc(o->size);
	elf_version(EV_CURRENT);
	o->elf = elf_begin(fd, ELF_C_WRITE, NULL);
	err = o->image && o->elf ? build(o) : -IOPT_ENOMEM;
	elf_end(o->elf);
	if (!err)
		err = copy_file(fd, w);
	free(o->image);
	free(o->relocations);
out:
	free(o);
	if (fd >= 0)
		close(fd);
	return err;
}
