/* SPDX-License-Identifier: MIT */
/*
 * C: an array of the tables' words, and a header that declares it and gives what the registers must
 * hold.  The header serves C, C++ and assembly; both need gcc's attributes and C99's <stdint.h>.
 */
#include "emit.h"

enum { WORDS_PER_LINE = 4 };

/* ---- what both have ---- */

static bool is_wide(const struct emit *e)
{
	return e->word_shift == 3;
}

static const char *word_type(const struct emit *e)
{
	return is_wide(e) ? "uint64_t" : "uint32_t";
}

/* "extern const uint64_t iopt_tables[0x600];" */
static void write_declarations(const struct emit *e, struct writer *w)
{
	writer_str(w, "extern const ");
	writer_str(w, word_type(e));
	writer_char(w, ' ');
	writer_str(w, e->symbol);
	writer_char(w, '[');
	writer_hex(w, e->image->size >> e->word_shift);
	writer_str(w, "];\nextern const ");
	writer_str(w, word_type(e));
	writer_char(w, ' ');
	writer_str(w, e->symbol);
	writer_str(w, "_end[];\n");
	if (e->base_symbol && strcmp(e->base_symbol, e->symbol) != 0) {
		writer_str(w, "extern const char ");
		writer_str(w, e->base_symbol);
		writer_str(w, "[];\n");
	}
}

/* ---- the header ---- */

static void begin_define(const struct emit *e, struct writer *w, const char *what)
{
	writer_str(w, "#define ");
	emit_write_upper(w, e->symbol);
	writer_char(w, '_');
	emit_write_upper(w, what);
}

/* "IOPT_TABLES_U64(0x1000)" */
static void write_constant(const struct emit *e, struct writer *w, unsigned bits, uint64_t value)
{
	emit_write_upper(w, e->symbol);
	writer_str(w, bits == 64 ? "_U64(" : "_U32(");
	writer_hex(w, value);
	writer_char(w, ')');
}

static void define_number(const struct emit *e, struct writer *w, const char *what, uint64_t value)
{
	begin_define(e, w, what);
	writer_char(w, ' ');
	write_constant(e, w, 64, value);
	writer_char(w, '\n');
}

/* What makes constants of numbers, in C and in assembly. */
static void write_constant_macros(const struct emit *e, struct writer *w)
{
	writer_str(w, "#ifdef __ASSEMBLER__\n");
	begin_define(e, w, "u32");
	writer_str(w, "(x) x\n");
	begin_define(e, w, "u64");
	writer_str(w, "(x) x\n");
	if (e->base_symbol) {
		begin_define(e, w, "at");
		writer_str(w, "(x) (");
		writer_str(w, e->base_symbol);
		writer_str(w, e->aarch32 ? " + (x & 0xffffffff))\n" : " + x)\n");
	}
	writer_str(w, "#else\n#include <stdint.h>\n");
	begin_define(e, w, "u32");
	writer_str(w, "(x) UINT32_C(x)\n");
	begin_define(e, w, "u64");
	writer_str(w, "(x) UINT64_C(x)\n");
	if (e->base_symbol) {
		begin_define(e, w, "at");
		writer_str(w, "(x) ((uint64_t)(uintptr_t)");
		writer_str(w, e->base_symbol);
		writer_str(w, " + UINT64_C(x))\n");
	}
	writer_str(w, "#endif\n\n");
}

static void define_address(const struct emit *e, struct writer *w, const char *what, uint64_t value,
			   unsigned bits)
{
	begin_define(e, w, what);
	writer_char(w, ' ');
	if (e->base_symbol) {
		emit_write_upper(w, e->symbol);
		writer_str(w, "_AT(");
		writer_hex(w, value);
		writer_char(w, ')');
	} else {
		write_constant(e, w, bits, value);
	}
	writer_char(w, '\n');
}

static void write_registers(const struct emit *e, struct writer *w)
{
	unsigned i;

	writer_str(w, "\n/* What the registers must hold. */\n");
	for (i = 0; i < e->register_count; i++) {
		const struct emit_register *r = &e->registers[i];

		if (r->linked) {
			define_address(e, w, r->name, r->value, r->bits);
			continue;
		}
		begin_define(e, w, r->name);
		writer_char(w, ' ');
		write_constant(e, w, r->bits, r->value);
		writer_char(w, '\n');
	}
}

int emit_header(struct emit *e, struct writer *w)
{
	emit_write_about(e, w, "/* ", " */\n");
	writer_str(w, "#ifndef ");
	emit_write_upper(w, e->symbol);
	writer_str(w, "_H\n");
	begin_define(e, w, "h");
	writer_str(w, "\n\n");
	write_constant_macros(e, w);
	writer_str(
		w,
		"/* Where the tables are in physical memory; they take, and are aligned to. */\n");
	define_address(e, w, "base", e->base_symbol ? e->phys_offset : e->image->base, 64);
	define_number(e, w, "size", e->image->size);
	define_number(e, w, "align", emit_align(e));
	write_registers(e, w);
	writer_str(w, "\n#ifndef __ASSEMBLER__\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n");
	write_declarations(e, w);
	writer_str(w, "#ifdef __cplusplus\n}\n#endif\n#endif\n\n#endif\n");
	return 0;
}

/* ---- the array ---- */

/* A line of words: left out where all of them are zero. */
struct line {
	const struct emit *e;
	struct writer *w;
	uint64_t at;
	unsigned count;
	bool any;
	struct emit_word words[WORDS_PER_LINE];
};

static void write_word(const struct emit *e, struct writer *w, const struct emit_word *word)
{
	if (word->linked)
		writer_str(w, "LINKED(");
	else if (e->big_endian && !e->base_symbol)
		writer_str(w, "BIG_ENDIAN_(");
	writer_str(w, "0x");
	writer_digits(w, word->value, is_wide(e) ? 16 : 8);
	if (word->linked || (e->big_endian && !e->base_symbol))
		writer_char(w, ')');
	writer_char(w, ',');
}

static void end_line(struct line *l)
{
	unsigned i;

	if (l->count && (l->any || !l->at)) {
		writer_str(l->w, "\t[");
		writer_hex(l->w, l->at >> l->e->word_shift);
		writer_str(l->w, "] =");
		for (i = 0; i < l->count; i++) {
			writer_char(l->w, ' ');
			write_word(l->e, l->w, &l->words[i]);
		}
		writer_char(l->w, '\n');
	}
	l->count = 0;
	l->any = false;
}

static int put_word(void *arg, const struct emit_word *word)
{
	struct line *l = arg;

	if (word->begins) {
		end_line(l);
		writer_str(l->w, "\t/* ");
		emit_write_place(l->e, l->w, word->begins);
		writer_str(l->w, " */\n");
	}
	if (!l->count)
		l->at = word->at;
	l->words[l->count++] = *word;
	l->any |= word->value || word->linked;
	if (l->count == WORDS_PER_LINE)
		end_line(l);
	return l->w->error;
}

static void write_linked_macro(const struct emit *e, struct writer *w)
{
	writer_str(w, "/* The linker adds where the tables are. */\n#define LINKED(x) ((");
	writer_str(w, word_type(e));
	writer_str(w, ")(uintptr_t)");
	writer_str(w, e->base_symbol);
	writer_str(w, is_wide(e) ? " + UINT64_C(x))\n" : " + UINT32_C(x))\n");
}

/* Words are numbers here, so that the compiler's byte order counts. */
static void write_byte_order(const struct emit *e, struct writer *w)
{
	if (e->big_endian && !e->base_symbol) {
		writer_str(w, "#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__\n"
			      "#define BIG_ENDIAN_(x) x\n#else\n#define BIG_ENDIAN_(x) ");
		writer_str(w, is_wide(e) ? "__builtin_bswap64(x)" : "__builtin_bswap32(x)");
		writer_str(w, "\n#endif\n");
		return;
	}
	writer_str(w, "#if __BYTE_ORDER__ != __ORDER_");
	writer_str(w, e->big_endian ? "BIG" : "LITTLE");
	writer_str(w, "_ENDIAN__\n#error \"the tables are ");
	writer_str(w, e->big_endian ? "big" : "little");
	writer_str(w, "-endian\"\n#endif\n");
}

static void write_asserts(const struct emit *e, struct writer *w)
{
	writer_str(w, "\n_Static_assert(sizeof(");
	writer_str(w, e->symbol);
	writer_str(w, ") == ");
	writer_hex(w, e->image->size);
	writer_str(w, ", \"the size of the tables\");\n");
	if (e->base_symbol) {
		writer_str(w, "_Static_assert(sizeof(uintptr_t) == sizeof(");
		writer_str(w, word_type(e));
		writer_str(w, "), \"the machine's addresses\");\n");
	}
	if (!e->header)
		return;
	writer_str(w, "_Static_assert(");
	emit_write_upper(w, e->symbol);
	writer_str(w, "_SIZE == ");
	writer_hex(w, e->image->size);
	writer_str(w, " && ");
	emit_write_upper(w, e->symbol);
	writer_str(w, "_ALIGN == ");
	writer_hex(w, emit_align(e));
	writer_str(w, ", \"the header is of other tables\");\n");
}

/* C has no name for the end of an object. */
static void write_end_symbol(const struct emit *e, struct writer *w)
{
	writer_str(w, "\n__asm__(\".globl ");
	writer_str(w, e->symbol);
	writer_str(w, "_end\\n.set ");
	writer_str(w, e->symbol);
	writer_str(w, "_end, ");
	writer_str(w, e->symbol);
	writer_str(w, " + ");
	writer_hex(w, e->image->size);
	writer_str(w, "\");\n");
}

int emit_c(struct emit *e, struct writer *w)
{
	struct line l = {.e = e, .w = w};
	int err;

	emit_write_about(e, w, "/* ", " */\n");
	if (e->header) {
		writer_str(w, "#include \"");
		writer_str(w, e->header);
		writer_str(w, "\"\n\n");
	} else {
		writer_str(w, "#include <stdint.h>\n\n");
		write_declarations(e, w);
		writer_char(w, '\n');
	}
	write_byte_order(e, w);
	if (e->base_symbol)
		write_linked_macro(e, w);
	writer_str(w, "\n__attribute__((used, aligned(");
	writer_hex(w, emit_align(e));
	writer_str(w, "), section(\".");
	writer_str(w, e->symbol);
	writer_str(w, "\")))\nconst ");
	writer_str(w, word_type(e));
	writer_char(w, ' ');
	writer_str(w, e->symbol);
	writer_char(w, '[');
	writer_hex(w, e->image->size >> e->word_shift);
	writer_str(w, "] = {\n");
	err = emit_words(e, put_word, &l);
	end_line(&l);
	writer_str(w, "};\n");
	write_asserts(e, w);
	write_end_symbol(e, w);
	return err;
}
