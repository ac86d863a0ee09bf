/* SPDX-License-Identifier: MIT */
/*
 * The lines of arm64 Linux's debugfs file kernel_page_tables.  Neighbours of one level with the
 * same words are one line, wherever they lead; holes are left out.
 */
#include <stdio.h>

#include "listing.h"
#include "table_header.h"

struct ptdump {
	struct dump *d;
	unsigned space;
	/* the line that is being put together; level PGTABLE_LEVEL_MIN - 1: none */
	uint64_t first, last;
	int level;
	char words[128];
};

static void add_word(char *words, size_t size, const char *word)
{
	size_t length = strlen(words);

	snprintf(words + length, size - length, " %s", word);
}

static const char *memory_word(const struct iopt_attrs *a)
{
	static const struct {
		const char *memory, *word;
	} words[] = {
		{"device-nGnRnE", "DEVICE/nGnRnE"}, {"device-nGnRE", "DEVICE/nGnRE"},
		{"device-nGRE", "DEVICE/nGRE"},	    {"device-GRE", "DEVICE/GRE"},
		{"normal-nc", "MEM/NORMAL-NC"},	    {"normal-wt", "MEM/NORMAL-WT"},
		{"normal-wb", "MEM/NORMAL"},	    {"normal-tagged", "MEM/NORMAL-TAGGED"},
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		if (!strcmp(words[i].memory, a->memory))
			return words[i].word;
	}
	return a->memory;
}

/* The bits of stage 1 of the 64-bit descriptors, as Linux names them. */
static void stage1_words(const struct iopt_extent *e, char *words, size_t size)
{
	static const struct {
		uint8_t bit;
		const char *set, *clear;
	} bits[] = {
		{0, " ", "F"},	   {6, "USR", "   "},  {7, "ro", "RW"},	 {53, "NX", "x "},
		{8, "SHD", "   "}, {10, "AF", "  "},   {11, "NG", "  "}, {52, "CON", "   "},
		{1, "   ", "BLK"}, {54, "UXN", "   "}, {50, "GP", "  "},
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bits); i++) {
		bool set = e->desc >> bits[i].bit & 1;

		/* both bits of the field: inner shareable */
		if (bits[i].bit == 8)
			set = (e->desc >> 8 & 3) == IOPT_SHARE_INNER;
		add_word(words, size, set ? bits[i].set : bits[i].clear);
	}
}

/* The other formats, in the same columns as far as they have them. */
static void other_words(const struct iopt_extent *e, const struct iopt_attrs *a, char *words,
			size_t size)
{
	unsigned access = a->level_count ? a->access[0].access : 0;
	bool user = a->level_count > 1 && a->access[1].access;

	add_word(words, size, " ");
	add_word(words, size, user ? "USR" : "   ");
	add_word(words, size,
		 access & IOPT_ACCESS_W ? (access & IOPT_ACCESS_R ? "RW" : "wo")
					: (access & IOPT_ACCESS_R ? "ro" : "--"));
	add_word(words, size, access & IOPT_ACCESS_X ? "x " : "NX");
	add_word(words, size, a->share == IOPT_SHARE_INNER ? "SHD" : "   ");
	add_word(words, size, a->af ? "AF" : "  ");
	add_word(words, size, a->ng ? "NG" : "  ");
	add_word(words, size,
		 a->contiguous || e->type == IOPT_TYPE_LARGE || e->type == IOPT_TYPE_SUPERSECTION
			 ? "CON"
			 : "   ");
	add_word(words, size,
		 e->type == IOPT_TYPE_BLOCK || e->type == IOPT_TYPE_SECTION ||
				 e->type == IOPT_TYPE_SUPERSECTION
			 ? "BLK"
			 : "   ");
}

/* As many levels as the space has: the first is the PGD. */
static const char *level_name(const struct pgtable *t, int level)
{
	static const char *const names[] = {"P4D", "PUD", "PMD", "PTE"};
	int from_last = t->ops->format->last_level - level;

	return level == t->start_level && from_last ? "PGD" : names[3 - from_last];
}

static void write_size(struct writer *w, uint64_t bytes)
{
	const char *unit = "KMGTPE";
	char text[32];

	/* All 64 bits of address space are 16E; zero is what is left of it. */
	uint64_t size = bytes ? bytes >> 10 : BIT(54);

	for (; !(size & 1023) && unit[1]; unit++)
		size >>= 10;
	snprintf(text, sizeof(text), "%9llu%c ", (unsigned long long)size, *unit);
	writer_str(w, text);
}

static void begin_line(const struct ptdump *p, uint64_t first, uint64_t last, int level)
{
	struct writer *w = &p->d->w;

	writer_str(w, "0x");
	writer_digits(w, first, 16);
	writer_str(w, "-0x");
	/* The end of the last page of all has no number: Linux, too, writes the last byte's. */
	writer_digits(w, last == UINT64_MAX ? last : last + 1, 16);
	writer_str(w, "   ");
	write_size(w, last - first + 1);
	writer_str(w, level_name(&p->d->domain->spaces[p->space], level));
}

static void end_line(struct ptdump *p)
{
	struct writer *w = &p->d->w;

	if (p->level < PGTABLE_LEVEL_MIN)
		return;
	begin_line(p, p->first, p->last, p->level);
	writer_str(w, p->words);
	writer_char(w, '\n');
	p->level = PGTABLE_LEVEL_MIN - 1;
}

/* Linux shows a shared table each time; once is enough, and in a loop it would have no end. */
static int ptdump_table(void *arg, const struct iopt_table *table)
{
	struct ptdump *p = arg;
	struct writer *w = &p->d->w;

	if (table->again) {
		end_line(p);
		begin_line(p, table->iova, table->last, table->level - 1);
		writer_str(w, " same tables as at ");
		writer_hex(w, table->same_as);
		writer_char(w, '\n');
	}
	return dump_check(p->d);
}

static int ptdump_extent(void *arg, const struct iopt_extent *e)
{
	struct ptdump *p = arg;
	enum iopt_format format = p->d->domain->spaces[p->space].format;
	uint64_t last = e->iova + e->size * e->count - 1;
	char words[sizeof(p->words)] = "";
	struct iopt_attrs attrs;
	int err = listing_attrs(p->d, p->space, e, &attrs);

	if (err)
		return err;
	if (format == IOPT_ARM_64_LPAE_S1 || format == IOPT_ARM_32_LPAE_S1)
		stage1_words(e, words, sizeof(words));
	else
		other_words(e, &attrs, words, sizeof(words));
	add_word(words, sizeof(words), memory_word(&attrs));
	if (p->level == e->level && p->last == e->iova - 1 && !strcmp(p->words, words)) {
		p->last = last;
		return 0;
	}
	end_line(p);
	p->first = e->iova;
	p->last = last;
	p->level = e->level;
	memcpy(p->words, words, sizeof(words));
	return p->d->w.error;
}

int dump_ptdump(struct dump *d)
{
	struct iopt_visitor visitor = IOPT_INIT(struct iopt_visitor);
	struct ptdump p = {.d = d, .level = PGTABLE_LEVEL_MIN - 1};
	int err = 0;

	visitor.last = UINT64_MAX;
	visitor.table = ptdump_table;
	visitor.extent = ptdump_extent;
	visitor.arg = &p;
	for (; !err && p.space < d->domain->space_count; p.space++) {
		if (d->domain->space_count > 1) {
			writer_str(&d->w, "---[ ");
			writer_str(&d->w, table_space_name(p.space));
			writer_str(&d->w, " ]---\n");
		}
		err = iopt_domain_visit(d->domain, p.space, &visitor);
		end_line(&p);
	}
	return err;
}
