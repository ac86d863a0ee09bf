/* SPDX-License-Identifier: MIT */
#include "plot.h"

#include <stdlib.h>

#include "listing.h"

/* Bands are joined only when so many have come, so that it costs little for each. */
enum { BANDS_ROOM = 4 * PLOT_BANDS_MAX };

/* ---- classes ---- */

static bool looks_same(const struct iopt_attrs *a, const struct iopt_attrs *b)
{
	return !memcmp(a->memory, b->memory, sizeof(a->memory)) && a->share == b->share &&
	       a->ns == b->ns && a->level_count == b->level_count &&
	       !memcmp(a->access, b->access, sizeof(a->access));
}

static unsigned class_of(struct plot *p, const struct iopt_attrs *attrs)
{
	unsigned i;

	for (i = 0; i < p->class_count; i++)
		if (looks_same(&p->classes[i].attrs, attrs))
			return i;
	if (p->class_count == PLOT_CLASSES_MAX)
		return PLOT_CLASSES_MAX - 1;
	p->classes[p->class_count].attrs = *attrs;
	return p->class_count++;
}

/* ---- bands ---- */

static int by_value(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void join(struct plot_band *to, const struct plot_band *from)
{
	if (to->page_size != from->page_size)
		to->page_size = 0;
	to->last = max_u64(to->last, from->last);
	to->mappings += from->mappings;
	to->bytes += from->bytes;
	to->class = PLOT_MIXED;
}

/* What joining band i and the next would cover. */
static uint64_t joint_span(const struct plot *p, size_t i)
{
	const struct plot_band *b = &p->bands[i];

	return b[0].space == b[1].space ? b[1].last - b[0].first : UINT64_MAX;
}

/* Down to PLOT_BANDS_MAX: those that cover least together are joined first. */
static void reduce(struct plot *p)
{
	uint64_t spans[BANDS_ROOM], most;
	size_t i, kept = 0, left = p->count - PLOT_BANDS_MAX;
	bool follows = false;

	for (i = 0; i + 1 < p->count; i++)
		spans[i] = joint_span(p, i);
	qsort(spans, p->count - 1, sizeof(spans[0]), by_value);
	most = spans[left - 1];
	for (i = 0; i < p->count; i++) {
		struct plot_band band = p->bands[i];
		bool next = left && i + 1 < p->count && joint_span(p, i) <= most &&
			    p->bands[i].space == p->bands[i + 1].space;

		if (follows)
			join(&p->bands[kept - 1], &band);
		else
			p->bands[kept++] = band;
		left -= next;
		follows = next;
	}
	p->count = kept;
}

/* Tables that are shown again may be told of before mappings that lie below them. */
static void add_band(struct plot *p, const struct plot_band *band)
{
	size_t at = p->count++;

	for (; at && p->bands[at - 1].space == band->space && p->bands[at - 1].first > band->first;
	     at--)
		p->bands[at] = p->bands[at - 1];
	p->bands[at] = *band;
	if (p->count == BANDS_ROOM)
		reduce(p);
}

/* Does it go on where the last band ends, and look the same? */
static bool extends(const struct plot *p, const struct plot_band *band)
{
	const struct plot_band *last = p->count ? &p->bands[p->count - 1] : NULL;

	return last && last->space == band->space && last->class == band->class && band->first &&
	       last->last == band->first - 1;
}

static int collect_extent(void *arg, const struct iopt_extent *extent)
{
	struct plot *p = arg;
	struct plot_band band = {
		.first = extent->iova,
		.last = extent->iova + extent->size * extent->count - 1,
		.pa = extent->pa,
		.page_size = extent->size,
		.mappings = extent->count,
		.bytes = extent->size * extent->count,
		.space = p->space,
	};
	struct iopt_attrs attrs;
	int err = listing_attrs(p->d, p->space, extent, &attrs);

	if (err)
		return err;
	band.class = class_of(p, &attrs);
	p->classes[band.class].mappings += band.mappings;
	p->classes[band.class].bytes += band.bytes;
	if (extends(p, &band)) {
		struct plot_band *last = &p->bands[p->count - 1];

		last->scattered |= band.pa != last->pa + last->bytes;
		join(last, &band);
		last->class = band.class;
	} else {
		add_band(p, &band);
	}
	return dump_check(p->d);
}

static int collect_table(void *arg, const struct iopt_table *table)
{
	struct plot *p = arg;
	const struct plot_band band = {
		.first = table->iova,
		.last = table->last,
		.same_as = table->same_as,
		.space = p->space,
		.class = PLOT_SAME,
	};

	if (!table->again)
		return dump_check(p->d);
	if (extends(p, &band) && p->bands[p->count - 1].same_as == band.same_as)
		p->bands[p->count - 1].last = band.last;
	else
		add_band(p, &band);
	return dump_check(p->d);
}

/* ---- cells of joined bands ---- */

static size_t band_at(const struct plot *p, uint64_t iova)
{
	size_t low = 0, high = p->count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		const struct plot_band *b = &p->bands[middle];

		if (b->space > p->space || (b->space == p->space && b->first > iova))
			high = middle;
		else
			low = middle;
	}
	return low;
}

static void fill_cells(struct plot *p, size_t band, struct range r, unsigned class)
{
	const struct plot_band *b = &p->bands[band];
	uint64_t cell = (b->last - b->first) / PLOT_CELLS + 1, at;
	size_t i;

	for (i = (r.first - b->first) / cell; i <= (r.last - b->first) / cell; i++) {
		struct plot_cell *c = &p->cells[band][i];
		uint64_t begin = b->first + i * cell, end = begin + (cell - 1);

		at = min_u64(r.last, end < begin ? UINT64_MAX : end) - max_u64(r.first, begin) + 1;
		if (at > c->bytes)
			*c = (struct plot_cell){class, at};
	}
}

static void fill_band(struct plot *p, struct range r, unsigned class)
{
	const size_t band = band_at(p, r.first);

	if (p->bands[band].class == PLOT_MIXED)
		fill_cells(p, band, r, class);
}

static int fill_extent(void *arg, const struct iopt_extent *extent)
{
	struct plot *p = arg;
	const uint64_t last = extent->iova + extent->size * extent->count - 1;
	struct iopt_attrs attrs;
	int err = listing_attrs(p->d, p->space, extent, &attrs);

	if (err)
		return err;
	fill_band(p, (struct range){extent->iova, last}, class_of(p, &attrs));
	return dump_check(p->d);
}

static int fill_table(void *arg, const struct iopt_table *table)
{
	struct plot *p = arg;

	if (table->again)
		fill_band(p, (struct range){table->iova, table->last}, PLOT_SAME);
	return dump_check(p->d);
}

/* ---- all ---- */

static int visit_all(struct plot *p, int (*table)(void *, const struct iopt_table *),
		     int (*extent)(void *, const struct iopt_extent *))
{
	struct iopt_visitor visitor = IOPT_INIT(struct iopt_visitor);
	int err = 0;

	visitor.last = UINT64_MAX;
	visitor.table = table;
	visitor.extent = extent;
	visitor.arg = p;
	for (p->space = 0; !err && p->space < p->d->domain->space_count; p->space++)
		err = iopt_domain_visit(p->d->domain, p->space, &visitor);
	return err;
}

static int make_cells(struct plot *p)
{
	size_t i, k;

	p->cells = calloc(p->count, sizeof(*p->cells));
	if (!p->cells)
		return -IOPT_ENOMEM;
	for (i = 0; i < p->count; i++)
		for (k = 0; k < PLOT_CELLS; k++)
			p->cells[i][k].class = PLOT_NOTHING;
	return visit_all(p, fill_table, fill_extent);
}

int plot_collect(struct plot *p, struct dump *d)
{
	int err;

	*p = (struct plot){.d = d, .bands = calloc(BANDS_ROOM, sizeof(*p->bands))};
	if (!p->bands)
		return -IOPT_ENOMEM;
	err = visit_all(p, collect_table, collect_extent);
	if (err)
		return err;
	if (p->count > PLOT_BANDS_MAX)
		reduce(p);
	return p->count ? make_cells(p) : 0;
}

void plot_free(struct plot *p)
{
	free(p->bands);
	free(p->cells);
}
