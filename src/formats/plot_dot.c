/* SPDX-License-Identifier: MIT */
/*
 * The tables as a graph for Graphviz: a node for each, with what it maps, and an edge for each
 * descriptor that points to another.  What is more than a reader takes in is counted.
 */
#include "dump.h"
#include "table_header.h"

enum { TABLES_MAX = 400, EDGES_MAX = 1000, RUNS_MAX = 12 };

struct graph {
	struct dump *d;
	unsigned space;
	unsigned edges;
	uint64_t more; /* tables that were not drawn */
	uint64_t runs; /* of the open node */
	bool open;
	/* descriptors that point back to the same table: one edge */
	struct iopt_table again;
	uint64_t again_first, again_last; /* their indices */
	bool pending;
	/* the last table of each level, and whether it was drawn */
	struct iopt_table above[PGTABLE_LEVELS];
	bool above_drawn[PGTABLE_LEVELS];
	struct {
		uint64_t pa;
		int level;
	} drawn[TABLES_MAX]; /* of this space */
	unsigned drawn_count;
};

/* "t0_1_80000000", "t0_m1_80000000" */
static void write_id(const struct graph *g, uint64_t pa, int level)
{
	struct writer *w = &g->d->w;

	writer_char(w, 't');
	writer_dec(w, g->space);
	writer_str(w, level < 0 ? "_m" : "_");
	writer_dec(w, (uint64_t)(level < 0 ? -level : level));
	writer_char(w, '_');
	writer_hex(w, pa);
}

static void end_node(struct graph *g)
{
	struct writer *w = &g->d->w;

	if (!g->open)
		return;
	if (g->runs > RUNS_MAX) {
		writer_str(w, "and ");
		writer_dec(w, g->runs - RUNS_MAX);
		writer_str(w, " more\\l");
	}
	writer_str(w, "\"];\n");
	g->open = false;
}

static void begin_node(struct graph *g, const struct iopt_table *table)
{
	static const char *const fills[PGTABLE_LEVELS] = {"#e4e7ea", "#cfe1fb", "#c9ece5",
							  "#dddefc", "#fbdfba"};
	struct writer *w = &g->d->w;

	writer_char(w, '\t');
	write_id(g, table->pa, table->level);
	writer_str(w, " [fillcolor=\"");
	writer_str(w, fills[table->level - PGTABLE_LEVEL_MIN]);
	writer_str(w, "\", label=\"level ");
	writer_signed(w, table->level);
	writer_str(w, " at ");
	writer_hex(w, table->pa);
	writer_str(w, "\\n");
	writer_hex(w, table->iova);
	writer_str(w, "..");
	writer_hex(w, table->last);
	writer_str(w, "\\n");
	g->open = true;
	g->runs = 0;
	g->drawn[g->drawn_count].pa = table->pa;
	g->drawn[g->drawn_count++].level = table->level;
}

static bool is_drawn(const struct graph *g, const struct iopt_table *table)
{
	unsigned i;

	for (i = 0; i < g->drawn_count; i++)
		if (g->drawn[i].pa == table->pa && g->drawn[i].level == table->level)
			return true;
	return false;
}

static const struct iopt_table *table_above(const struct graph *g, const struct iopt_table *table)
{
	return &g->above[table->level - 1 - PGTABLE_LEVEL_MIN];
}

/* The index of the descriptor that points to a table. */
static uint64_t index_above(const struct graph *g, const struct iopt_table *table)
{
	const struct iopt_table *from = table_above(g, table);

	return (table->iova - from->iova) / ((from->last - from->iova) / from->slots + 1);
}

/* "t0_1_0x80000000 -> t0_2_0x80001000 [label="3"" */
static void write_edge(struct graph *g, const struct iopt_table *table, uint64_t first,
		       uint64_t last)
{
	const struct iopt_table *from = table_above(g, table);
	struct writer *w = &g->d->w;

	g->edges++;
	writer_char(w, '\t');
	write_id(g, from->pa, from->level);
	writer_str(w, " -> ");
	write_id(g, table->pa, table->level);
	writer_str(w, " [label=\"");
	writer_dec(w, first);
	if (last > first) {
		writer_str(w, "..");
		writer_dec(w, last);
	}
	writer_char(w, '"');
}

static void end_again(struct graph *g)
{
	if (!g->pending)
		return;
	write_edge(g, &g->again, g->again_first, g->again_last);
	writer_str(&g->d->w, ", style=dashed];\n");
	g->pending = false;
}

static void add_again(struct graph *g, const struct iopt_table *table)
{
	const uint64_t index = index_above(g, table);

	if (g->pending && g->again.level == table->level && g->again.pa == table->pa &&
	    g->again_last + 1 == index) {
		g->again_last = index;
		return;
	}
	end_again(g);
	if (g->edges >= EDGES_MAX || !is_drawn(g, table))
		return;
	g->again = *table;
	g->again_first = g->again_last = index;
	g->pending = true;
}

static int graph_table(void *arg, const struct iopt_table *table)
{
	struct graph *g = arg;
	const int index = table->level - PGTABLE_LEVEL_MIN;
	const bool is_root = table->level == g->d->domain->spaces[g->space].start_level;
	const bool draw = g->drawn_count < TABLES_MAX && (is_root || g->above_drawn[index - 1]);

	end_node(g);
	if (table->again) {
		if (g->above_drawn[index - 1])
			add_again(g, table);
		return dump_check(g->d);
	}
	end_again(g);
	g->above[index] = *table;
	g->above_drawn[index] = draw;
	g->more += !draw;
	if (draw && !is_root) {
		write_edge(g, table, index_above(g, table), 0);
		writer_str(&g->d->w, "];\n");
	}
	if (draw)
		begin_node(g, table);
	return dump_check(g->d);
}

/* "[0..511] page -> 0x80000000" */
static int graph_run(void *arg, const struct iopt_table *table, const struct iopt_run *run)
{
	struct graph *g = arg;
	const struct pgtable_format *f = g->d->domain->spaces[g->space].ops->format;
	struct writer *w = &g->d->w;

	if (!g->open || run->type == IOPT_TYPE_TABLE || g->runs++ >= RUNS_MAX)
		return w->error;
	writer_char(w, '[');
	writer_dec(w, run->first);
	if (run->count > 1) {
		writer_str(w, "..");
		writer_dec(w, run->first + run->count - 1);
	}
	writer_str(w, "] ");
	writer_str(w, iopt_type_name(run->type));
	if (run->type != IOPT_TYPE_INVALID && run->type != IOPT_TYPE_RESERVED) {
		writer_str(w, " \342\206\222 ");
		writer_hex(w, f->leaf_oa(run->desc, table->level));
	}
	writer_str(w, "\\l");
	return w->error;
}

static int graph_space(struct graph *g, unsigned space)
{
	struct iopt_visitor visitor = IOPT_INIT(struct iopt_visitor);
	struct writer *w = &g->d->w;
	int err;

	visitor.last = UINT64_MAX;
	visitor.table = graph_table;
	visitor.run = graph_run;
	visitor.arg = g;
	g->space = space;
	g->drawn_count = 0;
	g->more = 0;
	writer_str(w, "subgraph cluster_");
	writer_dec(w, space);
	writer_str(w, " {\n\tlabel=\"");
	writer_str(w, g->d->domain->space_count > 1 ? table_space_name(space) : "tables");
	writer_str(w, "\";\n");
	err = iopt_domain_visit(g->d->domain, space, &visitor);
	end_node(g);
	end_again(g);
	if (g->more) {
		writer_str(w, "\tmore_");
		writer_dec(w, space);
		writer_str(w, " [shape=plaintext, style=\"\", label=\"and ");
		writer_dec(w, g->more);
		writer_str(w, " more tables\"];\n");
	}
	writer_str(w, "}\n");
	return err;
}

int dump_dot(struct dump *d)
{
	struct graph g = {.d = d};
	unsigned i;
	int err = 0;

	writer_str(&d->w, "digraph tables {\n"
			  "rankdir=LR;\n"
			  "node [shape=box, style=filled, fontname=\"monospace\", fontsize=10];\n"
			  "edge [fontname=\"monospace\", fontsize=9];\n");
	for (i = 0; !err && i < d->domain->space_count; i++)
		err = graph_space(&g, i);
	writer_str(&d->w, "}\n");
	return err;
}
