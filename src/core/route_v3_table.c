/* SPDX-License-Identifier: MIT */
/* Stream tables and tables of context descriptors: where they are, and all that is in them. */
#include "error.h"
#include "route.h"
#include "seen.h"
#include "smmu_v3.h"
#include "stage2_view.h"

/* ---- what registers and STEs say ---- */

/* The tables are aligned to their size, whatever the low bits are. */
static uint64_t table_base(uint64_t address, unsigned size_shift)
{
	return size_shift < 64 ? align_down(address, BIT(max_u64(size_shift, STE_SHIFT))) : 0;
}

int stream_table_make(const struct iopt_streams *at, struct stream_table *t,
		      struct iopt_error *error)
{
	uint64_t base, cfg, idr1;
	unsigned split;

	if (!route_register(at, "strtab_base", &base) ||
	    !route_register(at, "strtab_base_cfg", &cfg))
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "the registers do not say where the streams are: strtab_base and "
				 "strtab_base_cfg are needed");
	if (field_get(cfg, STRTAB_CFG_FMT) > STRTAB_2LEVEL)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "STRTAB_BASE_CFG.FMT is reserved: neither linear nor of 2 levels");
	*t = (struct stream_table){.memory = at->memory};
	t->sid_bits = (unsigned)min_u64(field_get(cfg, STRTAB_CFG_LOG2SIZE), V3_SID_BITS_MAX);
	if (route_register(at, "idr1", &idr1))
		t->sid_bits = (unsigned)min_u64(t->sid_bits, field_get(idr1, IDR1_SIDSIZE));
	if (field_get(cfg, STRTAB_CFG_FMT) == STRTAB_LINEAR) {
		t->base = table_base(base & STRTAB_BASE_ADDR, t->sid_bits + STE_SHIFT);
		return 0;
	}
	split = (unsigned)field_get(cfg, STRTAB_CFG_SPLIT);
	t->split = split == 8 || split == 10 ? split : 6; /* as reserved values count */
	t->base = table_base(base & STRTAB_BASE_ADDR,
			     (t->sid_bits > t->split ? t->sid_bits - t->split : 0) + L1_SHIFT);
	return 0;
}

bool stream_table_second(const struct stream_table *t, uint64_t l1std, unsigned *bits,
			 uint64_t *base)
{
	const unsigned span = (unsigned)field_get(l1std, L1STD_SPAN);

	if (!span || span > t->split + 1)
		return false;
	*bits = span - 1;
	*base = table_base(l1std & L1STD_L2PTR, *bits + STE_SHIFT);
	return true;
}

struct cd_table cd_table_make(const uint64_t ste[static STE_WORDS])
{
	static const uint8_t splits[] = {
		[S1FMT_LINEAR] = 0, [S1FMT_4K_L2] = 6, [S1FMT_64K_L2] = 10, [3] = 0};
	struct cd_table t = {
		.base = ste[0] & STE_S1CONTEXTPTR,
		.ssid_bits = (unsigned)min_u64(field_get(ste[0], STE_S1CDMAX), V3_SSID_BITS_MAX),
		.split = splits[field_get(ste[0], STE_S1FMT)],
	};

	if (!t.ssid_bits)
		t.split = 0;
	return t;
}

/* ---- all entries of a table ---- */

struct scan {
	struct iopt_memory *memory;
	uint64_t base, count; /* entries */
	unsigned entry_shift;
	int (*entry)(void *arg, uint64_t index, uint64_t word0);
	void *arg;
};

/* Entries in [first, last], which is present: those that are whole. */
static int scan_stretch(const struct scan *s, uint64_t first, uint64_t last)
{
	const uint64_t bytes = BIT(s->entry_shift);
	uint64_t pa = align_up(first, bytes), word;
	int ret = 0;

	for (; !ret && pa <= last && last - pa >= bytes - 1; pa += bytes) {
		if (!route_words(s->memory, pa, &word, 1) || !word)
			continue;
		ret = s->entry(s->arg, (pa - s->base) >> s->entry_shift, word);
	}
	return ret;
}

/* Of each entry that is there and not 0, the first word.  Tables do not leave the 64-bit space. */
static int scan_table(const struct scan *s)
{
	const uint64_t end = s->base + (s->count << s->entry_shift) - 1;
	uint64_t first = s->base, last;
	bool blank;
	int ret = 0;

	while (!ret && first <= end && !iopt_memory_next(s->memory, &first, end, &last, &blank)) {
		if (!blank)
			ret = scan_stretch(s, first, last);
		first = last + 1;
	}
	return ret;
}

/* ---- streams ---- */

struct stream_visit {
	struct stream_table table;
	struct seen seconds; /* levels that were shown; 'iova' is their first StreamID */
	uint64_t first;	     /* StreamID of the level's first entry */
	int (*found)(void *arg, const struct iopt_stream_found *stream);
	void *arg;
};

static int visit_ste(void *arg, uint64_t index, uint64_t word)
{
	struct stream_visit *v = arg;
	const struct iopt_stream_found found = {.sid = (uint32_t)(v->first + index),
						.last = (uint32_t)(v->first + index)};

	return word & STE_V ? v->found(v->arg, &found) : 0;
}

static int visit_second(void *arg, uint64_t index, uint64_t l1std)
{
	struct stream_visit *v = arg;
	struct scan scan = {v->table.memory, 0, 0, STE_SHIFT, visit_ste, v};
	struct seen_entry *seen;
	unsigned bits;
	bool added;

	if (!stream_table_second(&v->table, l1std, &bits, &scan.base))
		return 0;
	v->first = index << v->table.split;
	seen = seen_find(&v->seconds, scan.base, 0, bits, &added);
	if (!seen)
		return -IOPT_ENOMEM;
	if (!added) {
		const struct iopt_stream_found again = {
			.sid = (uint32_t)v->first,
			.last = (uint32_t)(v->first + low_bits(bits)),
			.again = true,
			.same_as = (uint32_t)seen->iova,
		};

		return v->found(v->arg, &again);
	}
	seen->iova = v->first;
	scan.count = BIT(bits);
	return scan_table(&scan);
}

int iopt_streams_visit(const struct iopt_streams *streams,
		       int (*found)(void *arg, const struct iopt_stream_found *stream), void *arg,
		       struct iopt_error *error)
{
	struct stream_visit v = {.found = found, .arg = arg};
	struct scan scan = {.arg = &v};
	int ret = stream_table_make(streams, &v.table, error);

	if (ret)
		return ret;
	scan.memory = v.table.memory;
	scan.base = v.table.base;
	scan.entry_shift = v.table.split ? L1_SHIFT : STE_SHIFT;
	scan.entry = v.table.split ? visit_second : visit_ste;
	scan.count = BIT(v.table.sid_bits > v.table.split ? v.table.sid_bits - v.table.split : 0);
	ret = scan_table(&scan);
	seen_destroy(&v.seconds);
	return ret;
}

/* ---- substreams ---- */

struct substream_visit {
	struct cd_table table;
	struct iopt_memory *memory;
	uint64_t first;
	struct seen seconds;
	int (*found)(void *arg, uint32_t ssid);
	void *arg;
};

static int visit_cd(void *arg, uint64_t index, uint64_t word)
{
	struct substream_visit *v = arg;

	return word & CD_V ? v->found(v->arg, (uint32_t)(v->first + index)) : 0;
}

/* A leaf that was shown before has the same address spaces again. */
static int visit_leaf(void *arg, uint64_t index, uint64_t l1cd)
{
	struct substream_visit *v = arg;
	const struct scan scan = {v->memory, l1cd & L1CD_L2PTR, BIT(v->table.split),
				  STE_SHIFT, visit_cd,		v};
	int added;

	if (!(l1cd & L1CD_V))
		return 0;
	added = seen_add(&v->seconds, scan.base, 0, 1);
	v->first = index << v->table.split;
	return added > 0 ? scan_table(&scan) : added;
}

int iopt_substreams_visit(const struct iopt_route *s, int (*found)(void *arg, uint32_t ssid),
			  void *arg)
{
	struct substream_visit v = {.memory = s->at.memory, .found = found, .arg = arg};
	struct iopt_memory *view = NULL;
	struct scan scan = {.arg = &v};
	int ret = 0;

	if (!s->info.has_ste || !s->info.ssid_bits)
		return 0;
	if (s->domains[1])
		ret = stage2_view(s->domains[1], &view);
	if (ret)
		return ret;
	if (view)
		v.memory = view;
	v.table = cd_table_make(s->info.ste);
	scan.memory = v.memory;
	scan.base = v.table.base;
	scan.entry_shift = v.table.split ? L1_SHIFT : STE_SHIFT;
	scan.entry = v.table.split ? visit_leaf : visit_cd;
	scan.count = BIT(v.table.ssid_bits > v.table.split ? v.table.ssid_bits - v.table.split : 0);
	ret = scan_table(&scan);
	seen_destroy(&v.seconds);
	iopt_memory_destroy(view);
	return ret;
}
