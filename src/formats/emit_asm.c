/* SPDX-License-Identifier: MIT */
/*
 * Assembly for gas, through the C preprocessor: .quad and .word, or .byte where the tables' byte
 * order is not known to be the program's.
 */
#include "emit.h"

enum { WORDS_PER_LINE = 4, BYTES_PER_LINE = 16 };

struct listing {
	const struct emit *e;
	struct writer *w;
	unsigned column; /* words on the line so far */
	uint64_t zeros;	 /* bytes that were not written yet */
};

static void end_line(struct listing *l)
{
	if (l->column)
		writer_char(l->w, '\n');
	l->column = 0;
}

static void end_zeros(struct listing *l)
{
	if (!l->zeros)
		return;
	end_line(l);
	writer_str(l->w, "\t.zero ");
	writer_hex(l->w, l->zeros);
	writer_char(l->w, '\n');
	l->zeros = 0;
}

/* The directive at the beginning of a line, or a comma. */
static void begin_item(struct listing *l, const char *directive)
{
	writer_str(l->w, l->column ? ", " : directive);
	l->column++;
}

static void put_bytes(struct listing *l, uint64_t value)
{
	unsigned bytes = 1u << l->e->word_shift, i;

	for (i = 0; i < bytes; i++) {
		begin_item(l, "\t.byte ");
		writer_str(l->w, "0x");
		writer_digits(l->w, value >> 8 * (bytes - 1 - i) & 0xff, 2);
		if (l->column == BYTES_PER_LINE)
			end_line(l);
	}
}

static void put_number(struct listing *l, const struct emit_word *word)
{
	const bool wide = l->e->word_shift == 3;

	begin_item(l, wide ? "\t.quad " : "\t.word ");
	if (word->linked) {
		writer_str(l->w, l->e->base_symbol);
		writer_str(l->w, " + ");
		writer_hex(l->w, word->value);
	} else {
		writer_str(l->w, "0x");
		writer_digits(l->w, word->value, wide ? 16 : 8);
	}
	if (l->column == WORDS_PER_LINE)
		end_line(l);
}

static int put_word(void *arg, const struct emit_word *word)
{
	struct listing *l = arg;

	if (word->begins) {
		end_zeros(l);
		end_line(l);
		writer_str(l->w, "\t/* ");
		emit_write_place(l->e, l->w, word->begins);
		writer_str(l->w, " */\n");
	}
	if (!word->value && !word->linked) {
		l->zeros += BIT(l->e->word_shift);
		return l->w->error;
	}
	end_zeros(l);
	if (l->e->big_endian && !l->e->base_symbol)
		put_bytes(l, word->value);
	else
		put_number(l, word);
	return l->w->error;
}

static void write_byte_order(const struct emit *e, struct writer *w)
{
	if (e->big_endian && !e->base_symbol)
		return;
	writer_str(w, e->big_endian ? "#if !defined(__AARCH64EB__) && !defined(__ARMEB__)\n"
				      "#error \"the tables are big-endian\"\n#endif\n\n"
				    : "#if defined(__AARCH64EB__) || defined(__ARMEB__)\n"
				      "#error \"the tables are little-endian\"\n#endif\n\n");
}

/* Register values as absolute symbols; the linker could not take what is wider than an address. */
static void write_registers(const struct emit *e, struct writer *w)
{
	unsigned i;

	for (i = 0; i < e->register_count; i++) {
		const struct emit_register *r = &e->registers[i];

		if (!emit_register_is_symbol(e, r))
			continue;
		writer_str(w, "\t.globl ");
		emit_write_register(e, w, r);
		writer_str(w, "\n\t.set ");
		emit_write_register(e, w, r);
		writer_str(w, ", ");
		writer_hex(w, r->value);
		writer_char(w, '\n');
	}
}

static void write_symbol(struct writer *w, const char *before, const char *symbol,
			 const char *after)
{
	writer_str(w, before);
	writer_str(w, symbol);
	writer_str(w, after);
}

int emit_asm(struct emit *e, struct writer *w)
{
	struct listing l = {.e = e, .w = w};
	int err;

	emit_write_about(e, w, "/* ", " */\n");
	write_byte_order(e, w);
	write_registers(e, w);
	write_symbol(w, "\n\t.section .", e->symbol, ", \"a\", %progbits\n\t.balign ");
	writer_hex(w, emit_align(e));
	write_symbol(w, "\n\t.globl ", e->symbol, "\n");
	write_symbol(w, "\t.type ", e->symbol, ", %object\n");
	write_symbol(w, "", e->symbol, ":\n");
	err = emit_words(e, put_word, &l);
	end_zeros(&l);
	end_line(&l);
	write_symbol(w, "\t.size ", e->symbol, ", . - ");
	write_symbol(w, "", e->symbol, "\n");
	write_symbol(w, "\t.globl ", e->symbol, "_end\n");
	write_symbol(w, "", e->symbol, "_end:\n");
	writer_str(w, "\n\t.section .note.GNU-stack, \"\", %progbits\n");
	return err;
}
