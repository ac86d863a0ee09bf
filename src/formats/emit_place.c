/* SPDX-License-Identifier: MIT */
/* What says where the tables go: a fragment of a linker script, and a device tree. */
#include "emit.h"

static void write_named(struct writer *w, const char *before, const char *name, const char *after)
{
	writer_str(w, before);
	writer_str(w, name);
	writer_str(w, after);
}

/* ---- linker script ---- */

/* ASSERT(<name> == …, "…"), with what stands between to be written by the caller. */
static void end_assert(const struct emit *e, struct writer *w, const char *why)
{
	write_named(w, ", \"", e->symbol, ": ");
	writer_str(w, why);
	writer_str(w, "\")\n");
}

static void write_linked_section(const struct emit *e, struct writer *w)
{
	write_named(w, ".", e->symbol, " : ");
	if (e->phys_offset) {
		write_named(w, "AT(ADDR(.", e->symbol, ") + ");
		writer_hex(w, e->phys_offset);
		writer_str(w, ") ");
	}
	writer_str(w, "ALIGN(");
	writer_hex(w, emit_align(e));
	writer_str(w, ")\n{\n");
	write_named(w, "\tKEEP(*(.", e->symbol, "))\n}\n");
	if (!e->aarch32) {
		/* bits above would not be where the linker adds them */
		write_named(w, "ASSERT(", e->symbol, " + ");
		writer_hex(w, e->phys_offset + e->image->size - 1);
		writer_str(w, " < 0x1000000000000");
		end_assert(e, w, "past the 48 bits of a table's address");
	}
	if (strcmp(e->base_symbol, e->symbol) == 0)
		return;
	write_named(w, "PROVIDE(", e->base_symbol, " = ");
	write_named(w, "", e->symbol, ");\n");
	write_named(w, "ASSERT(", e->symbol, " == ");
	writer_str(w, e->base_symbol);
	end_assert(e, w, "not at the symbol that they were built for");
}

/* Where the script goes on afterwards is not for the tables to say. */
static void write_fixed_section(const struct emit *e, struct writer *w)
{
	const uint64_t at = emit_link_base(e);

	write_named(w, "", e->symbol, "_resume = .;\n");
	write_named(w, ".", e->symbol, " ");
	writer_hex(w, at);
	writer_str(w, " : AT(");
	writer_hex(w, e->image->base);
	writer_str(w, ")\n{\n");
	write_named(w, "\tKEEP(*(.", e->symbol, "))\n}\n");
	write_named(w, ". = ", e->symbol, "_resume;\n");
	write_named(w, "ASSERT(", e->symbol, " == ");
	writer_hex(w, at);
	end_assert(e, w, "not at the address that they were built for");
}

int emit_ld(struct emit *e, struct writer *w)
{
	emit_write_about(e, w, "/* ", " */\n");
	writer_str(w, "/* To be named by INCLUDE inside SECTIONS. */\n");
	if (e->base_symbol)
		write_linked_section(e, w);
	else
		write_fixed_section(e, w);
	write_named(w, "ASSERT(SIZEOF(.", e->symbol, ") == ");
	writer_hex(w, e->image->size);
	end_assert(e, w, "not the tables that this goes with");
	return 0;
}

/* ---- device tree ---- */

/* "<0x0 0x80000000" */
static void write_cells(struct writer *w, const char *before, uint64_t value)
{
	writer_str(w, before);
	writer_hex(w, value >> 32);
	writer_char(w, ' ');
	writer_hex(w, value & low_bits(32));
}

/* Names of nodes have a hyphen where symbols have an underscore. */
static void write_node_name(const struct emit *e, struct writer *w)
{
	const char *p;

	for (p = e->symbol; *p; p++)
		writer_char(w, *p == '_' && p != e->symbol ? '-' : *p);
	writer_char(w, '@');
}

int emit_dts(struct emit *e, struct writer *w)
{
	const uint64_t base = e->image->base;

	emit_write_about(e, w, "/* ", " */\n");
	writer_str(w, "/dts-v1/;\n\n/ {\n"
		      "\t#address-cells = <2>;\n\t#size-cells = <2>;\n\n"
		      "\treserved-memory {\n"
		      "\t\t#address-cells = <2>;\n\t\t#size-cells = <2>;\n\t\tranges;\n\n\t\t");
	write_named(w, "", e->symbol, ": ");
	write_node_name(e, w);
	writer_digits(w, base, base ? (67 - (unsigned)__builtin_clzll(base)) / 4 : 1);
	write_cells(w, " {\n\t\t\treg = <", base);
	write_cells(w, " ", e->image->size);
	writer_str(w, ">;\n\t\t\tno-map;\n\t\t};\n\t};\n};\n");
	return 0;
}
