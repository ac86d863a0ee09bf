/* SPDX-License-Identifier: MIT */
/* Numbers and attributes in pictures, as people say them. */
#include "plot.h"

void plot_write_size(struct writer *w, uint64_t bytes)
{
	static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	unsigned unit = bytes ? (63u - (unsigned)__builtin_clzll(bytes)) / 10 : 0;
	uint64_t whole = bytes >> 10 * unit, part = bytes & low_bits(10 * unit);

	writer_dec(w, whole);
	if (unit && whole < 100 && part) {
		writer_char(w, '.');
		writer_dec(w, (part >> 10 * (unit - 1)) * 10 >> 10);
	}
	writer_char(w, ' ');
	writer_str(w, units[unit]);
}

void plot_write_span(struct writer *w, uint64_t first, uint64_t last)
{
	if (last - first == UINT64_MAX)
		writer_str(w, "16 EiB");
	else
		plot_write_size(w, last - first + 1);
}

static void write_access(struct writer *w, const struct iopt_attrs *a)
{
	unsigned i;

	for (i = 0; i < a->level_count; i++) {
		unsigned access = a->access[i].access;

		writer_str(w, i ? ", el" : "el");
		writer_dec(w, a->access[i].el);
		writer_char(w, ' ');
		writer_char(w, access & IOPT_ACCESS_R ? 'r' : '-');
		writer_char(w, access & IOPT_ACCESS_W ? 'w' : '-');
		writer_char(w, access & IOPT_ACCESS_X ? 'x' : '-');
	}
}

void plot_write_class(struct writer *w, const struct iopt_attrs *a)
{
	static const char *const shares[] = {"", "", " \u00b7 outer", " \u00b7 inner"};

	writer_str(w, a->memory);
	writer_str(w, " \u00b7 ");
	write_access(w, a);
	writer_str(w, shares[a->share]);
	if (a->ns)
		writer_str(w, " \u00b7 ns");
}

void plot_write_count(struct writer *w, uint64_t count, const char *noun)
{
	writer_dec(w, count);
	writer_char(w, ' ');
	writer_str(w, noun);
	if (count != 1)
		writer_char(w, 's');
}
