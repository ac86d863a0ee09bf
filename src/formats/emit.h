/* SPDX-License-Identifier: MIT */
/*
 * One output of packed tables being written.  Each kind of output is a row of the table in emit.c:
 * a suffix and a function over struct emit.  What it writes depends on nothing but the tables and
 * the options: not on locale, time, folder or machine.
 *
 * Where the linker chooses the base, the image is planned for base 0, and a word that holds the
 * address of a table is "linked": the address of base_symbol is to be added to its value.  That is
 * as good as OR-ing it in, since no bit below the alignment of a table is set in an address, and
 * no attribute lies within the address bits.  Words are then no wider than an address of the
 * machine, so that one relocation does for each.
 */
#ifndef IOPT_EMIT_H
#define IOPT_EMIT_H

#include "image.h"
#include "writer.h"

enum { EMIT_REGISTERS_MAX = 2 * IOPT_REGISTERS_MAX, EMIT_SYMBOL_MAX = 128 };

struct emit_register {
	const char *name; /* "ttbr0_el1" */
	uint64_t value;
	uint8_t bits; /* 32 or 64 */
	bool linked;  /* the base symbol's address is to be added */
	/* The space whose table base it holds; -1: none. */
	int8_t root_of;
};

struct emit {
	const struct image *image;
	const char *name;	 /* of the file, without folders */
	const char *symbol;	 /* of the first table */
	const char *base_symbol; /* NULL: image->base is the number */
	const char *header;	 /* NULL: none */
	uint64_t phys_offset;	 /* of a physical address from a link address */
	bool cpu_registers;
	bool aarch32, big_endian;
	unsigned word_shift; /* log2 bytes of what emit_words() gives */
	unsigned register_count;
	struct emit_register registers[EMIT_REGISTERS_MAX];
	const struct iopt_sink *sidecar; /* or NULL */
	struct iopt_error *error;
};

/* Fills in registers, by the names that the regime's CPU has for them.  (emit_registers.c) */
void emit_registers(struct emit *e);
/* A space of the image with its registers under those names. */
void emit_cpu_names(const struct emit *e, unsigned space, struct space_desc *desc);
/*
 * The way back: Linux's name, and the lowest bit of it that is in the CPU's register.  NULL: no
 * CPU has a register of that name for tables.
 */
const char *emit_register_own(const char *name, unsigned *shift);

/* What the image has to be aligned to, wherever the linker puts it. */
uint64_t emit_align(const struct emit *e);
/* Where the linker has the tables: the base, less phys_offset; 0 if the base is a symbol. */
uint64_t emit_link_base(const struct emit *e);

struct emit_word {
	uint64_t at; /* from the beginning of the image */
	uint64_t value;
	bool linked;
	const struct image_place *begins; /* the table of which it is the first word, or NULL */
};

/* Every word in order, gaps between tables included; ends with what 'word' says if not 0. */
int emit_words(const struct emit *e, int (*word)(void *arg, const struct emit_word *w), void *arg);

/* Every byte in order, through 'sink'. */
int emit_bytes(const struct emit *e, const struct iopt_sink *sink);

/* ---- text (emit_text.c) ---- */

void emit_write_upper(struct writer *w, const char *s);
/* "IOPT_TABLES_TCR_EL1" */
void emit_write_register(const struct emit *e, struct writer *w, const struct emit_register *r);
/* Can a symbol of an object file have its value? */
bool emit_register_is_symbol(const struct emit *e, const struct emit_register *r);
/* A line on who wrote it, and one for each space. */
void emit_write_about(const struct emit *e, struct writer *w, const char *begin, const char *end);
/* "root, level 1, at 0x80000000" */
void emit_write_place(const struct emit *e, struct writer *w, const struct image_place *place);

/* The kinds.  0, or a negative code with or without e->error; what the writer keeps counts too. */
int emit_image(struct emit *e, struct writer *w);
int emit_json(struct emit *e, struct writer *w);
int emit_ihex(struct emit *e, struct writer *w);
int emit_srec(struct emit *e, struct writer *w);
int emit_c(struct emit *e, struct writer *w);
int emit_header(struct emit *e, struct writer *w);
int emit_asm(struct emit *e, struct writer *w);
int emit_elf(struct emit *e, struct writer *w);
int emit_ld(struct emit *e, struct writer *w);
int emit_dts(struct emit *e, struct writer *w);
int emit_svg(struct emit *e, struct writer *w);

#endif
