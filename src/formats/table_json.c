/* SPDX-License-Identifier: MIT */
/* Table JSON, written as the tables are visited: no more than one run is in memory. */
#include "dump.h"
#include "table_header.h"

struct table_json {
	struct dump *d;
	const char *separator; /* before the next table */
	const char *between;   /* tables */
	bool open;	       /* a table's "runs" */
	bool first_run;
};

static void write_member(struct writer *w, const char *before, uint64_t value)
{
	writer_str(w, before);
	writer_hex(w, value);
	writer_char(w, '"');
}

static void end_table(struct table_json *j)
{
	if (j->open)
		writer_bytes(&j->d->w, "]}", 2);
	j->open = false;
}

static int write_table(void *arg, const struct iopt_table *table)
{
	struct table_json *j = arg;
	struct writer *w = &j->d->w;
	int err = dump_check(j->d);

	if (err)
		return err;
	end_table(j);
	writer_str(w, j->separator);
	j->separator = j->between;
	write_member(w, "{\"pa\":\"", table->pa);
	writer_str(w, ",\"level\":");
	writer_signed(w, table->level);
	write_member(w, ",\"iova\":\"", table->iova);
	if (table->again) {
		write_member(w, ",\"same_as\":\"", table->same_as);
		writer_char(w, '}');
		return 0;
	}
	writer_str(w, ",\"runs\":[");
	j->open = true;
	j->first_run = true;
	return 0;
}

static int write_run(void *arg, const struct iopt_table *table, const struct iopt_run *run)
{
	struct table_json *j = arg;
	struct writer *w = &j->d->w;

	(void)table;
	if (!j->first_run)
		writer_char(w, ',');
	j->first_run = false;
	writer_char(w, '[');
	writer_dec(w, run->first);
	writer_char(w, ',');
	writer_dec(w, run->count);
	writer_str(w, ",\"");
	writer_str(w, iopt_type_name(run->type));
	write_member(w, "\",\"", run->desc);
	write_member(w, ",\"", run->step);
	writer_char(w, ']');
	return 0;
}

/* With the brace that opens it, but not the one that closes it. */
static void write_header(struct table_json *j, unsigned space)
{
	struct writer *w = &j->d->w;
	struct space_desc desc;

	domain_describe(j->d->domain, space, &desc);
	writer_char(w, '{');
	if (j->d->domain->space_count > 1) {
		writer_str(w, "\"name\":\"");
		writer_str(w, table_space_name(space));
		writer_str(w, "\",");
	}
	writer_str(w, "\"schema\":\"iopt.table/1\",");
	table_header_write(w, &desc, true);
}

static int write_tables(struct table_json *j, unsigned space)
{
	struct iopt_visitor visitor = IOPT_INIT(struct iopt_visitor);
	int err;

	visitor.last = UINT64_MAX;
	visitor.expand = j->d->options->expand;
	visitor.table = write_table;
	visitor.run = write_run;
	visitor.arg = j;
	err = iopt_domain_visit(j->d->domain, space, &visitor);
	end_table(j);
	return err;
}

static int dump_jsonl(struct dump *d)
{
	struct table_json j = {.d = d, .separator = "\n", .between = "\n"};
	unsigned i;
	int err = 0;

	for (i = 0; !err && i < d->domain->space_count; i++) {
		write_header(&j, i);
		writer_char(&d->w, '}');
		err = write_tables(&j, i);
		writer_char(&d->w, '\n');
	}
	return err;
}

int dump_json(struct dump *d, enum dump_layout layout)
{
	const char *newline = layout == DUMP_LINES ? "\n" : "";
	struct table_json j = {.d = d, .between = layout == DUMP_LINES ? ",\n" : ","};
	bool many = d->domain->space_count > 1;
	unsigned i;
	int err = 0;

	if (layout == DUMP_JSONL)
		return dump_jsonl(d);
	if (many) {
		writer_str(&d->w, "{\"schema\":\"iopt.tables/1\",\"spaces\":[");
		writer_str(&d->w, newline);
	}
	for (i = 0; !err && i < d->domain->space_count; i++) {
		if (i)
			writer_str(&d->w, j.between);
		write_header(&j, i);
		writer_str(&d->w, ",\"tables\":[");
		j.separator = newline;
		err = write_tables(&j, i);
		writer_str(&d->w, newline);
		writer_str(&d->w, "]}");
	}
	if (many) {
		writer_str(&d->w, newline);
		writer_str(&d->w, "]}");
	}
	writer_char(&d->w, '\n');
	return err;
}
