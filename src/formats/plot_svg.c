/* SPDX-License-Identifier: MIT */
/*
 * The address space as a picture: bands from the lowest address down the page, as high as the
 * logarithm of what they cover, with what lies between them folded.  Hue says what memory it is,
 * lightness whether it may be written, hatching that it may be executed.
 */
#include "plot.h"
#include "table_header.h"

enum {
	WIDTH = 1000,
	MARGIN = 24,
	BAND_X = 200,
	BAND_WIDTH = 470,
	NOTE_X = BAND_X + BAND_WIDTH + 14,
	TEXT_RISE = 4, /* of a baseline below the middle of its line */
	TITLE_HEIGHT = 78,
	HEADING_HEIGHT = 34,
	GAP_HEIGHT = 24,
	BAND_HEIGHT = 20, /* of a page of 4 KiB */
	PER_DOUBLING = 2,
	LEGEND_ROW = 24,
	LEGEND_MAX = 24,
	CELL_INSET = 3,
};

struct picture {
	struct plot plot;
	struct writer *w;
	unsigned y;
};

/* ---- kinds of memory ---- */

struct hue {
	const char *prefix; /* of the memory word */
	const char *writable, *read_only;
};

static const struct hue hues[] = {
	{"normal-wb", "#8fbaf3", "#cfe1fb"}, {"normal-wt", "#aeb0f5", "#dddefc"},
	{"normal-nc", "#83d0c0", "#c9ece5"}, {"normal-tagged", "#d6a8ea", "#eed9f7"},
	{"device", "#f4b56d", "#fbdfba"},    {"", "#c4c9d0", "#e4e7ea"},
};

/* In stage 1, at the level that the tables are of. */
static bool is_writable_code(const struct iopt_attrs *a)
{
	const unsigned both = IOPT_ACCESS_W | IOPT_ACCESS_X;

	return a->level_count && (a->access[0].access & both) == both;
}

static const char *colour_of(const struct picture *p, unsigned class)
{
	const struct iopt_attrs *a;
	size_t i;

	if (class >= PLOT_CLASSES_MAX)
		return class == PLOT_SAME ? "#d5d9de" : "none";
	a = &p->plot.classes[class].attrs;
	for (i = 0; strncmp(a->memory, hues[i].prefix, strlen(hues[i].prefix)) != 0; i++)
		;
	return plot_may(a, IOPT_ACCESS_W) ? hues[i].writable : hues[i].read_only;
}

/* ---- shapes ---- */

static void attribute(struct writer *w, const char *before, uint64_t value)
{
	writer_str(w, before);
	writer_dec(w, value);
	writer_char(w, '"');
}

static void begin_text(struct picture *p, const char *class, unsigned x, unsigned y)
{
	writer_str(p->w, "<text class=\"");
	writer_str(p->w, class);
	attribute(p->w, "\" x=\"", x);
	attribute(p->w, " y=\"", y);
	writer_char(p->w, '>');
}

static void end_text(struct picture *p)
{
	writer_str(p->w, "</text>\n");
}

/* 'class' and 'fill' may be NULL. */
static void rectangle(struct picture *p, const char *class, const char *fill, unsigned x,
		      unsigned y, unsigned width, unsigned height)
{
	attribute(p->w, "<rect x=\"", x);
	attribute(p->w, " y=\"", y);
	attribute(p->w, " width=\"", width);
	attribute(p->w, " height=\"", height);
	if (class) {
		writer_str(p->w, " class=\"");
		writer_str(p->w, class);
		writer_char(p->w, '"');
	}
	if (fill) {
		writer_str(p->w, " fill=\"");
		writer_str(p->w, fill);
		writer_char(p->w, '"');
	}
	writer_str(p->w, "/>\n");
}

static void swatch(struct picture *p, unsigned class, unsigned x, unsigned y, unsigned width,
		   unsigned height)
{
	const struct iopt_attrs *a =
		class < PLOT_CLASSES_MAX ? &p->plot.classes[class].attrs : NULL;

	rectangle(p, "edge", colour_of(p, class), x, y, width, height);
	if (a && plot_may(a, IOPT_ACCESS_X))
		rectangle(p, NULL, "url(#exec)", x, y, width, height);
	if (class == PLOT_SAME)
		rectangle(p, NULL, "url(#same)", x, y, width, height);
	if (a && p->plot.d->domain->spaces[0].stage == 1 && is_writable_code(a))
		rectangle(p, "danger", "none", x, y, width, height);
}

/* ---- bands ---- */

static unsigned band_height(const struct plot_band *b)
{
	uint64_t span = b->last - b->first;
	unsigned shift = span ? 64u - (unsigned)__builtin_clzll(span) : 0;
	unsigned height = BAND_HEIGHT + PER_DOUBLING * (shift > 12 ? shift - 12 : 0);

	return b->class == PLOT_MIXED ? height + 16 : height;
}

static void draw_cells(struct picture *p, size_t i, unsigned height)
{
	const struct plot_cell *cells = p->plot.cells[i];
	unsigned k, n;

	for (k = 0; k < PLOT_CELLS; k += n) {
		const unsigned class = cells[k].class;
		const unsigned x =
			BAND_X + CELL_INSET + k * (BAND_WIDTH - 2 * CELL_INSET) / PLOT_CELLS;

		for (n = 1; k + n < PLOT_CELLS && cells[k + n].class == class; n++)
			;
		if (class != PLOT_NOTHING)
			rectangle(p, NULL, colour_of(p, class), x, p->y + 20,
				  BAND_X + CELL_INSET +
					  (k + n) * (BAND_WIDTH - 2 * CELL_INSET) / PLOT_CELLS - x,
				  height - 20 - CELL_INSET);
	}
}

static void draw_inside(struct picture *p, size_t i, unsigned height)
{
	const struct plot_band *b = &p->plot.bands[i];
	const unsigned middle = p->y + (b->class == PLOT_MIXED ? 10 : height / 2) + TEXT_RISE;

	begin_text(p, b->class == PLOT_MIXED ? "small" : "in", BAND_X + 10, middle);
	if (b->class == PLOT_MIXED && !b->mappings) {
		writer_str(p->w, "tables that were shown before");
	} else if (b->class == PLOT_MIXED) {
		plot_write_count(p->w, b->mappings, "mapping");
		writer_str(p->w, ", ");
		plot_write_size(p->w, b->bytes);
		writer_str(p->w, " of ");
		plot_write_span(p->w, b->first, b->last);
	} else if (b->class == PLOT_SAME) {
		writer_str(p->w, "the same tables as at ");
		writer_hex(p->w, b->same_as);
	} else {
		plot_write_class(p->w, &p->plot.classes[b->class].attrs);
	}
	end_text(p);
	if (b->class == PLOT_MIXED)
		return;
	begin_text(p, "in end", BAND_X + BAND_WIDTH - 10, middle);
	plot_write_span(p->w, b->first, b->last);
	end_text(p);
}

/* To the right: where it leads, and how it is mapped. */
static void draw_note(struct picture *p, const struct plot_band *b, unsigned height)
{
	if (b->class >= PLOT_CLASSES_MAX)
		return;
	begin_text(p, "mono", NOTE_X, p->y + height / 2 + TEXT_RISE);
	writer_str(p->w, b->scattered ? "\u2192 scattered" : "\u2192 ");
	if (!b->scattered)
		writer_hex(p->w, b->pa);
	writer_str(p->w, "<tspan class=\"muted\" dx=\"10\">");
	if (b->page_size) {
		writer_dec(p->w, b->mappings);
		writer_str(p->w, " \u00d7 ");
		plot_write_size(p->w, b->page_size);
	} else {
		plot_write_count(p->w, b->mappings, "mapping");
	}
	writer_str(p->w, "</tspan>");
	end_text(p);
}

static void draw_address(struct picture *p, uint64_t address)
{
	begin_text(p, "mono end", BAND_X - 12, p->y + 12);
	writer_hex(p->w, address);
	end_text(p);
}

static void draw_band(struct picture *p, size_t i)
{
	const struct plot_band *b = &p->plot.bands[i];
	const unsigned height = band_height(b);

	writer_str(p->w, "<g><title>");
	writer_hex(p->w, b->first);
	writer_str(p->w, "..");
	writer_hex(p->w, b->last);
	writer_str(p->w, "</title>\n");
	draw_address(p, b->first);
	if (b->class == PLOT_MIXED) {
		rectangle(p, "mixed", NULL, BAND_X, p->y, BAND_WIDTH, height);
		draw_cells(p, i, height);
	} else {
		swatch(p, b->class, BAND_X, p->y, BAND_WIDTH, height);
	}
	draw_inside(p, i, height);
	draw_note(p, b, height);
	writer_str(p->w, "</g>\n");
	p->y += height;
}

static void draw_gap(struct picture *p, uint64_t first, uint64_t last)
{
	const unsigned middle = p->y + GAP_HEIGHT / 2;

	draw_address(p, first);
	rectangle(p, "gap", NULL, BAND_X, p->y, BAND_WIDTH, GAP_HEIGHT);
	begin_text(p, "muted middle", BAND_X + BAND_WIDTH / 2, middle + TEXT_RISE);
	plot_write_span(p->w, first, last);
	writer_str(p->w, " not mapped");
	end_text(p);
	p->y += GAP_HEIGHT;
}

/* What lies before a band: the rest of the space before it, or of the one that precedes it. */
static bool gap_before(const struct plot *p, size_t i, struct range *gap)
{
	const struct plot_band *b = &p->bands[i], *before = i ? b - 1 : NULL;
	const struct pgtable *t = &p->d->domain->spaces[b->space];

	gap->first = before && before->space == b->space ? before->last + 1 : t->first;
	gap->last = b->first - 1;
	return b->first > gap->first;
}

static bool gap_after(const struct plot *p, size_t i, struct range *gap)
{
	const struct plot_band *b = &p->bands[i];
	const struct pgtable *t = &p->d->domain->spaces[b->space];

	*gap = (struct range){b->last + 1, t->last};
	return (i + 1 == p->count || b[1].space != b->space) && b->last < t->last;
}

static bool begins_space(const struct plot *p, size_t i)
{
	return p->d->domain->space_count > 1 && (!i || p->bands[i - 1].space != p->bands[i].space);
}

/* ---- the page ---- */

static unsigned page_height(const struct picture *p)
{
	const struct plot *plot = &p->plot;
	unsigned height = TITLE_HEIGHT + MARGIN, rows = plot->class_count;
	struct range gap;
	size_t i;

	for (i = 0; i < plot->count; i++)
		height += band_height(&plot->bands[i]) +
			  (gap_before(plot, i, &gap) ? GAP_HEIGHT : 0u) +
			  (gap_after(plot, i, &gap) ? GAP_HEIGHT : 0u) +
			  (begins_space(plot, i) ? HEADING_HEIGHT : 0u);
	if (rows > LEGEND_MAX)
		rows = LEGEND_MAX;
	return height + HEADING_HEIGHT + (rows + 2) * LEGEND_ROW;
}

static const char style[] =
	"<style>\n"
	"text{font:13px ui-sans-serif,system-ui,'DejaVu Sans',Arial,sans-serif;fill:#1f2328}\n"
	".mono{font-family:ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;"
	"font-size:12px}\n"
	".title{font-size:20px;font-weight:600}\n"
	".heading{font-size:15px;font-weight:600}\n"
	".small,.in{font-size:12px}\n"
	".in{fill:#1f2328}\n"
	".muted{fill:#656d76}\n"
	".end{text-anchor:end}\n"
	".middle{text-anchor:middle;font-size:12px}\n"
	".page{fill:#ffffff}\n"
	".edge{stroke:#57606a;stroke-opacity:.55}\n"
	".mixed{fill:#f6f8fa;stroke:#57606a;stroke-opacity:.55}\n"
	".gap{fill:none;stroke:#8c959f;stroke-dasharray:3 4;stroke-opacity:.7}\n"
	".danger{stroke:#d1242f;stroke-width:2}\n"
	"@media (prefers-color-scheme:dark){\n"
	"text{fill:#e6edf3}.in{fill:#1f2328}.muted{fill:#9198a1}.page{fill:#0d1117}\n"
	".mixed{fill:#161b22}\n"
	"}\n"
	"</style>\n"
	"<defs>\n"
	"<pattern id=\"exec\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\" "
	"patternTransform=\"rotate(45)\"><rect width=\"1.6\" height=\"8\" fill=\"#1f2328\" "
	"fill-opacity=\".17\"/></pattern>\n"
	"<pattern id=\"same\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">"
	"<circle cx=\"2\" cy=\"2\" r=\"1\" fill=\"#1f2328\" fill-opacity=\".3\"/></pattern>\n"
	"</defs>\n";

static void draw_title(struct picture *p)
{
	struct space_desc d;
	uint64_t mappings = 0, bytes = 0;
	unsigned i;

	domain_describe(p->plot.d->domain, 0, &d);
	for (i = 0; i < p->plot.class_count; i++) {
		mappings += p->plot.classes[i].mappings;
		bytes += p->plot.classes[i].bytes;
	}
	begin_text(p, "title", MARGIN, 36);
	writer_str(p->w, iopt_format_name(d.format));
	writer_char(p->w, ' ');
	writer_str(p->w, iopt_regime_name(d.regime));
	end_text(p);
	begin_text(p, "muted", MARGIN, 58);
	writer_str(p->w, "input ");
	writer_dec(p->w, d.ias);
	writer_str(p->w, " bits, output ");
	writer_dec(p->w, d.oas);
	writer_str(p->w, " bits, granule ");
	plot_write_size(p->w, d.granule);
	writer_str(p->w, "; ");
	plot_write_size(p->w, bytes);
	writer_str(p->w, " in ");
	plot_write_count(p->w, mappings, "mapping");
	end_text(p);
	p->y = TITLE_HEIGHT;
}

static void draw_space(struct picture *p, unsigned space)
{
	begin_text(p, "heading", MARGIN, p->y + HEADING_HEIGHT - 12);
	writer_str(p->w, table_space_name(space));
	end_text(p);
	p->y += HEADING_HEIGHT;
}

static void draw_bands(struct picture *p)
{
	const struct plot *plot = &p->plot;
	struct range gap;
	size_t i;

	for (i = 0; i < plot->count && !p->w->error; i++) {
		if (begins_space(plot, i))
			draw_space(p, plot->bands[i].space);
		if (gap_before(plot, i, &gap))
			draw_gap(p, gap.first, gap.last);
		draw_band(p, i);
		if (gap_after(plot, i, &gap))
			draw_gap(p, gap.first, gap.last);
	}
}

/* What looks alike, the most first. */
static unsigned legend_order(const struct plot *p, unsigned *order)
{
	unsigned i, k;

	for (i = 0; i < p->class_count; i++) {
		for (k = i; k && p->classes[order[k - 1]].bytes < p->classes[i].bytes; k--)
			order[k] = order[k - 1];
		order[k] = i;
	}
	return i;
}

static void draw_legend(struct picture *p)
{
	unsigned order[PLOT_CLASSES_MAX], count = legend_order(&p->plot, order), i;

	p->y += HEADING_HEIGHT;
	for (i = 0; i < count && i < LEGEND_MAX; i++, p->y += LEGEND_ROW) {
		const struct plot_class *c = &p->plot.classes[order[i]];

		swatch(p, order[i], BAND_X, p->y, 36, LEGEND_ROW - 7);
		begin_text(p, "small", BAND_X + 48, p->y + 13);
		plot_write_class(p->w, &c->attrs);
		writer_str(p->w, "<tspan class=\"muted\" dx=\"12\">");
		plot_write_size(p->w, c->bytes);
		writer_str(p->w, " in ");
		plot_write_count(p->w, c->mappings, "mapping");
		writer_str(p->w, "</tspan>");
		end_text(p);
	}
	begin_text(p, "muted small", BAND_X, p->y + 16);
	writer_str(p->w, count ? "paler: read only; hatched: executable" : "nothing is mapped");
	if (count && p->plot.d->domain->spaces[0].stage == 1)
		writer_str(p->w, "; red edge: writable and executable");
	end_text(p);
}

static void draw_page(struct picture *p)
{
	const unsigned height = page_height(p);

	writer_str(p->w, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			 "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\"");
	attribute(p->w, " width=\"", WIDTH);
	attribute(p->w, " height=\"", height);
	attribute(p->w, " viewBox=\"0 0 ", WIDTH);
	p->w->used--; /* the quote */
	writer_char(p->w, ' ');
	writer_dec(p->w, height);
	writer_str(p->w, "\">\n<title>Address space</title>\n");
	writer_str(p->w, style);
	rectangle(p, "page", NULL, 0, 0, WIDTH, height);
	draw_title(p);
	draw_bands(p);
	draw_legend(p);
	writer_str(p->w, "</svg>\n");
}

int dump_svg(struct dump *d)
{
	struct picture p = {.w = &d->w};
	int err = plot_collect(&p.plot, d);

	if (!err)
		draw_page(&p);
	plot_free(&p.plot);
	return err;
}
