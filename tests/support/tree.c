/* SPDX-License-Identifier: MIT */
#include "tree.h"

#include <inttypes.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>

#include "base.h"

struct tree_writer {
	FILE *out;
	uint64_t address; /* of the next table, in a table descriptor */
	size_t tables, entries;
	bool first_entry;
};

static int write_table(void *arg, const struct iopt_table *table)
{
	struct tree_writer *w = arg;

	fprintf(w->out, "%s{\"level\":%d,\"iova\":\"0x%" PRIx64 "\",\"entries\":[",
		w->tables ? "]}," : "", table->level, table->iova);
	w->tables++;
	w->first_entry = true;
	return 0;
}

static int write_run(void *arg, const struct iopt_table *table, const struct iopt_run *run)
{
	struct tree_writer *w = arg;

	(void)table;
	for (uint64_t i = 0; i < run->count; i++) {
		uint64_t desc = run->desc + i * run->step;

		if (run->type == IOPT_TYPE_TABLE)
			desc &= ~w->address;
		fprintf(w->out, "%s[%" PRIu64 ",\"%s\",\"0x%" PRIx64 "\"]",
			w->first_entry ? "" : ",", run->first + i, iopt_type_name(run->type), desc);
		w->first_entry = false;
		w->entries++;
	}
	return 0;
}

static uint64_t table_address(const struct iopt_space *space)
{
	uint64_t address = space->format == IOPT_ARM_V7S ? BITS(31, 10) : BITS(47, 12);

	if (space->quirks & IOPT_QUIRK_ARM_MTK_TTBR_EXT)
		address |= BIT(9) | BIT(5) | BIT(4);
	return address;
}

char *tree_text(struct iopt_domain *domain, size_t *tables, size_t *entries)
{
	struct iopt_space space = IOPT_INIT(struct iopt_space);
	struct iopt_visitor visitor = IOPT_INIT(struct iopt_visitor);
	struct tree_writer w = {0};
	char *text = NULL;
	size_t bytes;
	int ret;

	w.out = open_memstream(&text, &bytes);
	if (!w.out || iopt_domain_space(domain, 0, &space) < 0)
		abort();
	w.address = table_address(&space);
	visitor.last = UINT64_MAX;
	visitor.table = write_table;
	visitor.run = write_run;
	visitor.arg = &w;
	fputc('[', w.out);
	ret = iopt_domain_visit(domain, 0, &visitor);
	fputs(w.tables ? "]}]" : "]", w.out);
	if (fclose(w.out) || ret < 0)
		abort();
	*tables = w.tables;
	*entries = w.entries;
	return text;
}

static int sum_table(void *arg, const struct iopt_table *table)
{
	struct tree_sum *sum = arg;

	(void)table;
	sum->table_count++;
	return 0;
}

static int sum_run(void *arg, const struct iopt_table *table, const struct iopt_run *run)
{
	struct tree_sum *sum = arg;

	if (run->type == IOPT_TYPE_TABLE)
		return 0;
	for (uint64_t i = 0; i < run->count; i++) {
		uint64_t words[] = {table->iova, (uint64_t)table->level, run->first + i, run->type,
				    run->desc + i * run->step};

		for (size_t k = 0; k < ARRAY_SIZE(words); k++)
			sum->leaves = (sum->leaves ^ words[k]) * UINT64_C(0x9e3779b97f4a7c15) +
				      (sum->leaves >> 29);
		sum->leaf_count++;
	}
	return 0;
}

struct tree_sum tree_sum(struct iopt_domain *domain)
{
	struct iopt_visitor visitor = IOPT_INIT(struct iopt_visitor);
	struct tree_sum sum = {0};

	visitor.last = UINT64_MAX;
	visitor.table = sum_table;
	visitor.run = sum_run;
	visitor.arg = &sum;
	if (iopt_domain_visit(domain, 0, &visitor) < 0)
		abort();
	return sum;
}

void sha256_hex(const void *data, size_t bytes, char hex[65])
{
	SHA256Data(data, bytes, hex);
}
