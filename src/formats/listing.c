/* SPDX-License-Identifier: MIT */
/* Tables for people to read, and mappings as CSV. */
#include "listing.h"
#include "table_header.h"

struct listing {
	struct dump *d;
	unsigned space;
};

static void write_member(struct writer *w, const char *before, uint64_t value)
{
	writer_str(w, before);
	writer_hex(w, value);
}

/* "el1=rwx el0=r--" */
static void write_access(struct writer *w, const struct iopt_attrs *a)
{
	unsigned i;

	for (i = 0; i < a->level_count; i++) {
		unsigned access = a->access[i].access;

		writer_str(w, i ? " el" : "el");
		writer_dec(w, a->access[i].el);
		writer_char(w, '=');
		writer_char(w, access & IOPT_ACCESS_R ? 'r' : '-');
		writer_char(w, access & IOPT_ACCESS_W ? 'w' : '-');
		writer_char(w, access & IOPT_ACCESS_X ? 'x' : '-');
	}
}

static const char *share_word(enum iopt_share share)
{
	static const char *const words[] = {"none", "reserved", "outer", "inner"};

	return words[share];
}

/* "ns af" and so on, each but the first behind a space. */
static void write_flags(struct writer *w, const struct iopt_attrs *a)
{
	const struct {
		bool set;
		const char *word;
	} flags[] = {
		{a->ns, "ns"},	 {a->nse, "nse"},	 {a->ng, "ng"}, {a->af, "af"}, {a->contiguous, "contiguous"},
		{a->dbm, "dbm"},
	};
	const char *space = "";
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		if (!flags[i].set)
			continue;
		writer_str(w, space);
		writer_str(w, flags[i].word);
		space = " ";
	}
}

/* ---- every table with its entries ---- */

static int text_table(void *arg, const struct iopt_table *table)
{
	const struct listing *l = arg;
	struct writer *w = &l->d->w;

	write_member(w, "table ", table->pa);
	writer_str(w, " level ");
	writer_signed(w, table->level);
	write_member(w, " iova ", table->iova);
	if (table->again)
		write_member(w, " same as at iova ", table->same_as);
	writer_char(w, '\n');
	return dump_check(l->d);
}

static int text_leaf(const struct listing *l, const struct iopt_extent *extent)
{
	struct writer *w = &l->d->w;
	struct iopt_attrs attrs;
	int err = listing_attrs(l->d, l->space, extent, &attrs);

	if (err)
		return err;
	write_member(w, " -> ", extent->pa);
	writer_char(w, ' ');
	write_access(w, &attrs);
	writer_char(w, ' ');
	writer_str(w, attrs.memory);
	writer_str(w, " share=");
	writer_str(w, share_word(attrs.share));
	writer_char(w, ' ');
	write_flags(w, &attrs);
	return 0;
}

/* "  [0..511] page 0x40000f43 +0x1000  iova 0x0..0x1fffff -> 0x40000000 el1=rwx …" */
static int text_run(void *arg, const struct iopt_table *table, const struct iopt_run *run)
{
	const struct listing *l = arg;
	const struct pgtable_format *f = l->d->domain->spaces[l->space].ops->format;
	unsigned shift = block_shift(f, table->level);
	struct iopt_extent extent = {
		.iova = table->iova + (run->first << shift),
		.pa = f->leaf_oa(run->desc, table->level),
		.size = BIT(shift),
		.count = run->count,
		.desc = run->desc,
		.type = run->type,
		.level = table->level,
	};
	struct writer *w = &l->d->w;
	int err = 0;

	writer_str(w, "  [");
	writer_dec(w, run->first);
	if (run->count > 1) {
		writer_str(w, "..");
		writer_dec(w, run->first + run->count - 1);
	}
	writer_str(w, "] ");
	writer_str(w, iopt_type_name(run->type));
	write_member(w, " ", run->desc);
	if (run->step)
		write_member(w, " +", run->step);
	write_member(w, "  iova ", extent.iova);
	write_member(w, "..", extent.iova + (run->count << shift) - 1);
	if (run->type == IOPT_TYPE_TABLE)
		write_member(w, " -> table ", f->next_table(run->desc));
	else if (run->type != IOPT_TYPE_INVALID && run->type != IOPT_TYPE_RESERVED)
		err = text_leaf(l, &extent);
	writer_char(w, '\n');
	return err;
}

static void text_header(struct listing *l)
{
	struct writer *w = &l->d->w;
	struct space_desc desc;

	domain_describe(l->d->domain, l->space, &desc);
	if (l->d->domain->space_count > 1) {
		writer_str(w, table_space_name(l->space));
		writer_char(w, ' ');
	}
	writer_str(w, iopt_format_name(desc.format));
	writer_char(w, ' ');
	writer_str(w, iopt_regime_name(desc.regime));
	writer_str(w, " ias ");
	writer_dec(w, desc.ias);
	writer_str(w, " oas ");
	writer_dec(w, desc.oas);
	write_member(w, " granule ", desc.granule);
	write_member(w, " root ", desc.root);
	writer_char(w, '\n');
}

int dump_text(struct dump *d)
{
	struct iopt_visitor visitor = IOPT_INIT(struct iopt_visitor);
	struct listing l = {.d = d};
	int err = 0;

	visitor.last = UINT64_MAX;
	visitor.expand = d->options->expand;
	visitor.table = text_table;
	visitor.run = text_run;
	visitor.arg = &l;
	for (; !err && l.space < d->domain->space_count; l.space++) {
		text_header(&l);
		err = iopt_domain_visit(d->domain, l.space, &visitor);
	}
	return err;
}

/* ---- CSV ---- */

/* What is below a table that was shown before stands there. */
static int csv_table(void *arg, const struct iopt_table *table)
{
	const struct listing *l = arg;
	struct writer *w = &l->d->w;

	if (table->again) {
		write_member(w, "", table->iova);
		write_member(w, ",", table->last);
		write_member(w, ",,", table->last - table->iova + 1);
		write_member(w, ",,table,,,,,,", table->same_as);
		writer_char(w, '\n');
	}
	return dump_check(l->d);
}

/* RFC 4180; no value has a comma or a quote in it, so that none needs quotes. */
static int csv_extent(void *arg, const struct iopt_extent *extent)
{
	const struct listing *l = arg;
	struct writer *w = &l->d->w;
	uint64_t bytes = extent->size * extent->count;
	struct iopt_attrs attrs;
	int err = listing_attrs(l->d, l->space, extent, &attrs);

	if (err)
		return err;
	write_member(w, "", extent->iova);
	write_member(w, ",", extent->iova + bytes - 1);
	write_member(w, ",", extent->pa);
	write_member(w, ",", bytes);
	writer_char(w, ',');
	writer_dec(w, extent->count);
	writer_char(w, ',');
	writer_str(w, iopt_type_name(extent->type));
	write_member(w, ",", extent->size);
	writer_char(w, ',');
	write_access(w, &attrs);
	writer_char(w, ',');
	writer_str(w, attrs.memory);
	writer_char(w, ',');
	writer_str(w, share_word(attrs.share));
	writer_char(w, ',');
	write_flags(w, &attrs);
	writer_bytes(w, ",\n", 2);
	return w->error;
}

int dump_csv(struct dump *d)
{
	struct iopt_visitor visitor = IOPT_INIT(struct iopt_visitor);
	struct listing l = {.d = d};
	int err = 0;

	writer_str(&d->w, "iova,last,pa,size,count,type,page_size,access,memory,share,flags,"
			  "same_as\n");
	visitor.last = UINT64_MAX;
	visitor.expand = d->options->expand;
	visitor.table = csv_table;
	visitor.extent = csv_extent;
	visitor.arg = &l;
	for (; !err && l.space < d->domain->space_count; l.space++)
		err = iopt_domain_visit(d->domain, l.space, &visitor);
	return err;
}
