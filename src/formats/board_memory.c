/* SPDX-License-Identifier: MIT */
/* early_init_dt_scan_memory(), early_init_fdt_scan_reserved_mem(), fdt_init_reserved_mem(). */
#include <stdlib.h>

#include "board_reader.h"

/* ---- RAM ---- */

static int compare_ranges(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

/* By address, neighbours and overlapping ones in one. */
static void merge_ranges(struct board_list *list)
{
	struct range *r = list->items;
	size_t to = 0;

	if (!list->count)
		return;
	qsort(r, list->count, sizeof(*r), compare_ranges);
	for (size_t i = 1; i < list->count; i++)
		if (r[to].last == UINT64_MAX || r[i].first <= r[to].last + 1)
			r[to].last = max_u64(r[to].last, r[i].last);
		else
			r[++to] = r[i];
	list->count = to + 1;
}

/* Whole pages of it, as Linux takes no others. */
static int add_ram(struct board_reader *r, int node, const char *property, uint64_t base,
		   uint64_t size)
{
	const uint64_t page = r->board->page;
	struct range ram;

	if (!size)
		return 0;
	if (!range_make(base, size, &ram))
		return dt_bad(r->tree, node, property, r->error, IOPT_ERANGE,
			      "0x%llx bytes at 0x%llx leave the 64-bit space",
			      (unsigned long long)size, (unsigned long long)base);
	if (ram.first > align_down(UINT64_MAX, page) || ram.last < page - 1)
		return 0;
	ram.first = align_up(ram.first, page);
	ram.last = ram.last == UINT64_MAX ? ram.last : align_down(ram.last + 1, page) - 1;
	if (ram.first > ram.last)
		return 0;
	if (board_list_add(&r->board->ram, &ram, sizeof(ram)))
		return board_out_of_memory(r->error);
	return 0;
}

static int read_memory_node(struct board_reader *r, int node, struct dt_cells cells)
{
	const char *name =
		dt_has(r->tree, node, "linux,usable-memory") ? "linux,usable-memory" : "reg";
	const unsigned both = cells.address + cells.size;
	struct dt_property p;
	size_t count, i;
	int ret = dt_list(r->tree, node, name, both, &p, &count, r->error);

	for (i = 0; !ret && i < count; i++) {
		uint64_t base, size;

		if (dt_number(&p, i * both, cells.address, &base) &&
		    dt_number(&p, i * both + cells.address, cells.size, &size))
			ret = add_ram(r, node, name, base, size);
		else
			ret = dt_bad(r->tree, node, name, r->error, IOPT_ERANGE,
				     "entry %zu has more than 64 bits", i);
	}
	return ret;
}

static int read_ram(struct board_reader *r, struct dt_cells cells)
{
	int node = DT_NONE, ret = 0;

	while (!ret && (node = dt_next_child(r->tree, DT_ROOT, node)) != DT_NONE)
		if (r->available[node] &&
		    dt_string_index(r->tree, node, "device_type", "memory") == 0)
			ret = read_memory_node(r, node, cells);
	merge_ranges(&r->board->ram);
	if (!ret && r->board->ram.count > BOARD_RAM_MAX)
		ret = dt_bad_tree(r->tree, r->error, IOPT_E2BIG,
				  "%zu separate pieces of memory are more than %d",
				  r->board->ram.count, BOARD_RAM_MAX);
	return ret;
}

/* ---- regions ---- */

/* What a node says beside its place; 'base' and 'size' are left. */
static int describe(struct board_reader *r, int node, struct iopt_board_region *region)
{
	const struct devicetree *t = r->tree;

	*region = IOPT_INIT(struct iopt_board_region);
	region->name = board_name(r->board, node, true);
	region->path = board_path(r->board, node);
	region->no_map = dt_has(t, node, "no-map");
	region->reusable = dt_has(t, node, "reusable");
	if (dt_string_index(t, node, "compatible", "restricted-dma-pool") >= 0)
		region->use = IOPT_BOARD_RESTRICTED;
	/* "dma-pool" is what people write for it. */
	else if (dt_string_index(t, node, "compatible", "shared-dma-pool") >= 0 ||
		 dt_string_index(t, node, "compatible", "dma-pool") >= 0)
		region->use = region->reusable ? IOPT_BOARD_CMA : IOPT_BOARD_POOL;
	if (region->use == IOPT_BOARD_CMA && region->no_map)
		region->use = IOPT_BOARD_PLAIN; /* neither of the two handlers takes it */
	if (!region->name || !region->path)
		return board_out_of_memory(r->error);
	region->is_default = region->use == IOPT_BOARD_CMA && dt_has(t, node, "linux,cma-default");
	if (region->no_map && region->reusable)
		return board_warn(r, node, "reusable", "makes no sense together with no-map");
	return 0;
}

static int add_region(struct board_reader *r, int node, const struct iopt_board_region *region)
{
	struct range range;

	if (!range_make(region->base, region->size, &range))
		return dt_bad(r->tree, node, NULL, r->error, IOPT_ERANGE,
			      "%s: 0x%llx bytes at 0x%llx leave the 64-bit space", region->name,
			      (unsigned long long)region->size, (unsigned long long)region->base);
	if (r->board->regions.count == BOARD_REGIONS_MAX)
		return dt_bad(r->tree, node, NULL, r->error, IOPT_E2BIG,
			      "more than %d reserved regions", BOARD_REGIONS_MAX);
	if (r->region_of[node] == DT_NONE && node != DT_ROOT)
		r->region_of[node] = (int)r->board->regions.count;
	if (board_list_add(&r->board->regions, region, sizeof(*region)))
		return board_out_of_memory(r->error);
	return 0;
}

static int read_memreserve(struct board_reader *r)
{
	struct iopt_board_region region = IOPT_INIT(struct iopt_board_region);
	int ret = 0;

	region.name = "memreserve";
	region.path = "";
	for (size_t i = 0; !ret && dt_memreserve(r->tree, i, &region.base, &region.size); i++)
		if (region.size)
			ret = add_region(r, DT_ROOT, &region);
	return ret;
}

/* __reserved_mem_reserve_reg(): every "reg" is a region of its own. */
static int read_static(struct board_reader *r, int node, struct dt_cells cells)
{
	const unsigned both = cells.address + cells.size;
	struct iopt_board_region region;
	struct dt_property p;
	size_t count, i;
	int ret = dt_list(r->tree, node, "reg", both, &p, &count, r->error);

	if (!ret)
		ret = describe(r, node, &region);
	for (i = 0; !ret && i < count; i++) {
		if (!dt_number(&p, i * both, cells.address, &region.base) ||
		    !dt_number(&p, i * both + cells.address, cells.size, &region.size))
			ret = dt_bad(r->tree, node, "reg", r->error, IOPT_ERANGE,
				     "entry %zu has more than 64 bits", i);
		else if (region.size)
			ret = add_region(r, node, &region);
		region.use = IOPT_BOARD_PLAIN; /* only the first one is what the node says */
		region.is_default = false;
	}
	return ret;
}

/* ---- regions without an address ---- */

/* A request of early_init_dt_alloc_reserved_memory_arch(). */
struct place {
	uint64_t size, align;
	struct range within;
};

/* The lowest of what is reserved that shares a byte with [first, last]; false: nothing does. */
static bool reserved_in(const struct iopt_board *b, struct range range, uint64_t *first)
{
	const struct iopt_board_region *regions = b->regions.items;
	bool found = false;

	for (size_t i = 0; i < b->regions.count; i++) {
		const uint64_t base = regions[i].base;

		if (!ranges_overlap(range, (struct range){base, base + (regions[i].size - 1)}))
			continue;
		*first = found ? min_u64(*first, base) : base;
		found = true;
	}
	return found;
}

/* From the top, as memblock does. */
static bool place_in(const struct iopt_board *b, const struct place *want, struct range ram,
		     uint64_t *base)
{
	uint64_t first = max_u64(ram.first, want->within.first);
	uint64_t last = min_u64(ram.last, want->within.last), taken;

	while (last >= first && last - first >= want->size - 1) {
		*base = align_down(last - (want->size - 1), want->align);
		if (*base < first)
			return false;
		if (!reserved_in(b, (struct range){*base, *base + (want->size - 1)}, &taken))
			return true;
		if (!taken)
			return false;
		last = taken - 1;
	}
	return false;
}

static bool place_anywhere(const struct iopt_board *b, const struct place *want, uint64_t *base)
{
	const struct range *ram = b->ram.items;

	for (size_t i = b->ram.count; i-- > 0;)
		if (place_in(b, want, ram[i], base))
			return true;
	return false;
}

/* A property of one number; 'otherwise' if it is missing. */
static int read_number(struct board_reader *r, int node, const char *name, unsigned cells,
		       uint64_t otherwise, uint64_t *value)
{
	struct dt_property p;

	*value = otherwise;
	if (!dt_property(r->tree, node, name, &p))
		return 0;
	if (p.bytes != 4u * cells)
		return dt_bad(r->tree, node, name, r->error, IOPT_EINVAL,
			      "%zu bytes are not the %u cells that the root says", p.bytes, cells);
	return dt_number(&p, 0, cells, value)
		       ? 0
		       : dt_bad(r->tree, node, name, r->error, IOPT_ERANGE, "more than 64 bits");
}

static int read_place(struct board_reader *r, int node, struct dt_cells cells,
		      const struct iopt_board_region *region, struct place *want)
{
	int ret = read_number(r, node, "size", cells.size, 0, &want->size);

	if (!ret)
		ret = read_number(r, node, "alignment", cells.address, 1, &want->align);
	if (ret)
		return ret;
	if (!want->size)
		return dt_bad(r->tree, node, "size", r->error, IOPT_EINVAL, "is zero");
	if (!want->align)
		want->align = 1;
	/* CMA_MIN_ALIGNMENT_BYTES: a huge page. */
	if (region->use == IOPT_BOARD_CMA)
		want->align = max_u64(want->align, r->board->page * (r->board->page / 8));
	if (!is_power_of_two(want->align))
		return dt_bad(r->tree, node, "alignment", r->error, IOPT_EINVAL,
			      "0x%llx is no power of two", (unsigned long long)want->align);
	return 0;
}

static int find_place(struct board_reader *r, int node, struct dt_cells cells, struct place *want,
		      uint64_t *base)
{
	const unsigned both = cells.address + cells.size;
	struct dt_property p;
	uint64_t first, size;
	size_t count, i;
	int ret = dt_list(r->tree, node, "alloc-ranges", both, &p, &count, r->error);

	want->within = (struct range){0, UINT64_MAX};
	if (!ret && !count && place_anywhere(r->board, want, base))
		return 0;
	if (!ret && count > DT_WINDOWS_MAX)
		ret = dt_bad(r->tree, node, p.name, r->error, IOPT_E2BIG, "more than %d entries",
			     DT_WINDOWS_MAX);
	for (i = 0; !ret && i < count; i++) {
		if (!dt_number(&p, i * both, cells.address, &first) ||
		    !dt_number(&p, i * both + cells.address, cells.size, &size) ||
		    !range_make(first, size, &want->within))
			ret = dt_bad(r->tree, node, p.name, r->error, IOPT_ERANGE,
				     "entry %zu is empty, or leaves the 64-bit space", i);
		else if (place_anywhere(r->board, want, base))
			return 0;
	}
	if (ret)
		return ret;
	return dt_bad(r->tree, node, "size", r->error, IOPT_ENOMEM,
		      "no memory is left for 0x%llx bytes, aligned to 0x%llx",
		      (unsigned long long)want->size, (unsigned long long)want->align);
}

/* __reserved_mem_alloc_size() */
static int read_dynamic(struct board_reader *r, int node, struct dt_cells cells)
{
	struct iopt_board_region region;
	struct place want;
	int ret = describe(r, node, &region);

	if (!ret)
		ret = read_place(r, node, cells, &region, &want);
	if (!ret)
		ret = find_place(r, node, cells, &want, &region.base);
	region.size = want.size;
	region.dynamic = true;
	return ret ? ret : add_region(r, node, &region);
}

/* ---- /reserved-memory ---- */

/* __reserved_mem_check_root(): numbers are written as in the root. */
static int check_reserved(struct board_reader *r, int parent, struct dt_cells root)
{
	struct dt_cells cells;
	int ret = dt_bus_cells(r->tree, parent, &cells, r->error);

	if (ret)
		return ret;
	if (cells.address != root.address || cells.size != root.size)
		return dt_bad(r->tree, parent, NULL, r->error, IOPT_EINVAL,
			      "its cells are not those of the root");
	if (!dt_has(r->tree, parent, "ranges"))
		return dt_bad(r->tree, parent, NULL, r->error, IOPT_EINVAL, "has no ranges");
	return 0;
}

/* Those with an address first: the others go where there is room. */
static int read_reserved(struct board_reader *r, int parent, struct dt_cells cells, bool dynamic)
{
	int node = DT_NONE, ret = 0;
	unsigned count = 0;

	while (!ret && (node = dt_next_child(r->tree, parent, node)) != DT_NONE) {
		const bool has_reg = dt_has(r->tree, node, "reg");

		if (!r->available[node] || has_reg == dynamic)
			continue;
		if (!dynamic)
			ret = read_static(r, node, cells);
		else if (dt_has(r->tree, node, "size") && count++ == BOARD_DYNAMIC_MAX)
			ret = dt_bad(r->tree, node, NULL, r->error, IOPT_ENOSPC,
				     "more than %d regions without an address", BOARD_DYNAMIC_MAX);
		else if (dt_has(r->tree, node, "size"))
			ret = read_dynamic(r, node, cells);
		else if (!dt_has(r->tree, node, "iommu-addresses"))
			ret = dt_bad(r->tree, node, NULL, r->error, IOPT_EINVAL,
				     "has neither reg nor size");
	}
	return ret;
}

int board_read_memory(struct board_reader *r)
{
	const int reserved = dt_child(r->tree, DT_ROOT, "reserved-memory");
	struct dt_cells cells;
	int ret = dt_bus_cells(r->tree, DT_ROOT, &cells, r->error);

	if (!ret)
		ret = read_ram(r, cells);
	if (!ret)
		ret = read_memreserve(r);
	if (ret || reserved == DT_NONE || !r->available[reserved])
		return ret;
	ret = check_reserved(r, reserved, cells);
	if (!ret)
		ret = read_reserved(r, reserved, cells, false);
	return ret ? ret : read_reserved(r, reserved, cells, true);
}
