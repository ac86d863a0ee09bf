/* SPDX-License-Identifier: MIT */
/* What the outputs that people read say alike. */
#include "emit.h"

void emit_write_upper(struct writer *w, const char *s)
{
	for (; *s; s++)
		writer_char(w, *s >= 'a' && *s <= 'z' ? (char)(*s - 'a' + 'A') : *s);
}

void emit_write_register(const struct emit *e, struct writer *w, const struct emit_register *r)
{
	emit_write_upper(w, e->symbol);
	writer_char(w, '_');
	emit_write_upper(w, r->name);
}

bool emit_register_is_symbol(const struct emit *e, const struct emit_register *r)
{
	return !r->linked && (!e->aarch32 || r->value <= UINT32_MAX);
}

static void write_space(const struct space_desc *d, struct writer *w)
{
	writer_str(w, iopt_format_name(d->format));
	writer_str(w, ", ");
	writer_str(w, iopt_regime_name(d->regime));
	writer_str(w, ", granule ");
	writer_dec(w, d->granule >> 10);
	writer_str(w, "K, input ");
	writer_dec(w, d->ias);
	writer_str(w, " bits, output ");
	writer_dec(w, d->oas);
	writer_str(w, " bits");
	if (d->big_endian)
		writer_str(w, ", big-endian");
}

void emit_write_about(const struct emit *e, struct writer *w, const char *begin, const char *end)
{
	unsigned i;

	writer_str(w, begin);
	writer_str(w, "Translation tables, written by iopt: do not edit.");
	writer_str(w, end);
	for (i = 0; i < e->image->domain->space_count; i++) {
		writer_str(w, begin);
		write_space(&e->image->spaces[i], w);
		writer_str(w, end);
	}
}

void emit_write_place(const struct emit *e, struct writer *w, const struct image_place *place)
{
	const struct image *im = e->image;
	bool first = true;
	int level;
	unsigned i;

	for (i = 0; i < im->domain->space_count; i++)
		if (place->to <= im->spaces[i].root &&
		    im->spaces[i].root - place->to < place->bytes)
			writer_str(w, i ? "root of the upper half, " : "root, ");
	writer_str(w, "level ");
	for (level = PGTABLE_LEVEL_MIN; level <= PGTABLE_LEVEL_MAX; level++) {
		if (!(place->levels & BIT(level - PGTABLE_LEVEL_MIN)))
			continue;
		writer_str(w, first ? "" : " and ");
		writer_signed(w, level);
		first = false;
	}
	writer_str(w, e->base_symbol ? ", at +" : ", at ");
	writer_hex(w, place->to);
}
