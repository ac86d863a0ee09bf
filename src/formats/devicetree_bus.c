/* SPDX-License-Identifier: MIT */
/* Addresses of a device tree: from a bus up to the CPU, and the way that DMA takes. */
#include "devicetree.h"

static const char *const space_names[] = {
	[DT_RANGES] = "ranges",
	[DT_DMA_RANGES] = "dma-ranges",
};

/* of_bus_n_addr_cells(): the nearest that says, from the bus upwards. */
static int inherited_cells(const struct devicetree *t, int node, const char *name, unsigned least,
			   unsigned *cells, struct iopt_error *error)
{
	int ret = -IOPT_ENOENT;

	*cells = 1;
	while (ret == -IOPT_ENOENT && node != DT_NONE) {
		ret = dt_u32(t, node, name, cells, error);
		if (!ret && (*cells < least || *cells > DT_CELLS_MAX))
			return dt_bad(t, node, name, error, IOPT_EINVAL, "%u is not from %u to %d",
				      *cells, least, DT_CELLS_MAX);
		node = dt_parent(t, node);
	}
	return ret == -IOPT_ENOENT ? 0 : ret;
}

int dt_bus_cells(const struct devicetree *t, int bus, struct dt_cells *cells,
		 struct iopt_error *error)
{
	int ret = inherited_cells(t, bus, "#address-cells", 1, &cells->address, error);

	return ret ? ret : inherited_cells(t, bus, "#size-cells", 0, &cells->size, error);
}

bool dt_number(const struct dt_property *p, size_t at, unsigned cells, uint64_t *value)
{
	bool fits = true;

	*value = 0;
	for (unsigned i = 0; i < cells; i++) {
		fits &= !(*value >> 32);
		*value = *value << 32 | dt_cell(p, at + i);
	}
	return fits;
}

bool dt_is_pci(const struct devicetree *t, int bus)
{
	return dt_string_index(t, bus, "device_type", "pci") == 0;
}

/* PCI's first address cell says which space it is; the number is in the others. */
static bool bus_address(const struct dt_property *p, size_t at, unsigned cells, bool pci,
			uint32_t *flags, uint64_t *address)
{
	*flags = pci && cells == 3 ? dt_cell(p, at) : 0;
	return pci && cells == 3 ? dt_number(p, at + 1, 2, address)
				 : dt_number(p, at, cells, address);
}

/* ---- one bus ---- */

/* A property of windows: where its parts are. */
struct windows {
	struct dt_property property;
	struct dt_cells child, parent;
	size_t count;
	bool pci, parent_pci;
};

static int windows_open(const struct devicetree *t, int bus, enum dt_space space, struct windows *w,
			struct iopt_error *error)
{
	const int above = dt_parent(t, bus) == DT_NONE ? bus : dt_parent(t, bus);
	int ret = dt_bus_cells(t, bus, &w->child, error);

	w->count = 0;
	if (!ret)
		ret = dt_bus_cells(t, above, &w->parent, error);
	w->pci = dt_is_pci(t, bus);
	w->parent_pci = dt_is_pci(t, above);
	if (ret)
		return ret;
	ret = dt_list(t, bus, space_names[space],
		      w->child.address + w->parent.address + w->child.size, &w->property, &w->count,
		      error);
	if (!ret && w->count > DT_WINDOWS_MAX)
		ret = dt_bad(t, bus, space_names[space], error, IOPT_E2BIG,
			     "%zu entries are more than %d", w->count, DT_WINDOWS_MAX);
	return ret;
}

/* The entry as it is written; 'cpu' is an address of the bus above, with *flags there. */
static int windows_read(const struct devicetree *t, int bus, const struct windows *w, size_t i,
			struct dt_window *window, uint32_t *flags, struct iopt_error *error)
{
	const unsigned cells = w->child.address + w->parent.address + w->child.size;
	const size_t at = i * cells, parent = at + w->child.address;
	struct range r;

	if (bus_address(&w->property, at, w->child.address, w->pci, &window->flags, &window->bus) &&
	    bus_address(&w->property, parent, w->parent.address, w->parent_pci, flags,
			&window->cpu) &&
	    dt_number(&w->property, parent + w->parent.address, w->child.size, &window->size) &&
	    (!window->size || (range_make(window->bus, window->size, &r) &&
			       range_make(window->cpu, window->size, &r))))
		return 0;
	return dt_bad(t, bus, w->property.name, error, IOPT_ERANGE,
		      "entry %zu leaves the 64-bit address space", i);
}

/* [*address, +size) on 'bus' becomes an address of the bus above it, and so do its flags. */
static int translate_once(const struct devicetree *t, int bus, enum dt_space space, uint32_t *flags,
			  uint64_t size, uint64_t *address, struct iopt_error *error)
{
	uint32_t above;
	struct windows w;
	int ret = windows_open(t, bus, space, &w, error);

	if (ret)
		return ret;
	/* An empty "ranges" passes everything on as it is, and so does a missing "dma-ranges". */
	if (!w.count && (space == DT_DMA_RANGES || w.property.data))
		return 0;
	for (size_t i = 0; i < w.count; i++) {
		struct dt_window window;

		ret = windows_read(t, bus, &w, i, &window, &above, error);
		if (ret)
			return ret;
		if (w.pci && (window.flags ^ *flags) & DT_PCI_SPACE)
			continue;
		if (*address >= window.bus && *address - window.bus < window.size &&
		    size <= window.size - (*address - window.bus)) {
			*address = window.cpu + (*address - window.bus);
			*flags = above;
			return 0;
		}
	}
	return dt_bad(t, bus, space_names[space], error, IOPT_ENXIO,
		      "does not pass on 0x%llx bytes at 0x%llx", (unsigned long long)size,
		      (unsigned long long)*address);
}

static int parent_of(const struct devicetree *t, int node, enum dt_space space, int *parent,
		     struct iopt_error *error)
{
	if (space == DT_DMA_RANGES)
		return dt_dma_parent(t, node, parent, error);
	*parent = dt_parent(t, node);
	return 0;
}

/* of_translate_address(): from an address of 'bus' to one of the CPU. */
static int translate(const struct devicetree *t, int bus, enum dt_space space, uint32_t flags,
		     uint64_t size, uint64_t *address, struct iopt_error *error)
{
	/* A "dma-mem" interconnect can lead round in a circle. */
	for (unsigned depth = 0; bus != DT_ROOT && bus != DT_NONE; depth++) {
		int ret = translate_once(t, bus, space, &flags, size, address, error);

		if (!ret && depth == 2 * DT_DEPTH_MAX)
			ret = dt_bad(t, bus, NULL, error, IOPT_ELOOP,
				     "its DMA never gets anywhere");
		if (!ret)
			ret = parent_of(t, bus, space, &bus, error);
		if (ret)
			return ret;
	}
	return 0;
}

/* ---- what is asked ---- */

int dt_reg(const struct devicetree *t, int node, size_t i, struct range *range,
	   struct iopt_error *error)
{
	const int bus = dt_parent(t, node);
	struct dt_property p;
	struct dt_cells cells;
	uint64_t address, size = 0;
	uint32_t flags;
	size_t count, at;
	int ret;

	if (bus == DT_NONE)
		return -IOPT_ENOENT;
	ret = dt_bus_cells(t, bus, &cells, error);
	if (!ret)
		ret = dt_list(t, node, "reg", cells.address + cells.size, &p, &count, error);
	if (ret || i >= count)
		return ret ? ret : -IOPT_ENOENT;
	if (!cells.size)
		return dt_bad(t, node, "reg", error, IOPT_ENXIO,
			      "its bus has no sizes: it is no memory");
	at = i * (cells.address + cells.size);
	if (!bus_address(&p, at, cells.address, dt_is_pci(t, bus), &flags, &address) ||
	    !dt_number(&p, at + cells.address, cells.size, &size) ||
	    !range_make(address, size, range))
		return dt_bad(t, node, "reg", error, IOPT_ERANGE,
			      "entry %zu is empty, or leaves the 64-bit address space", i);
	ret = translate(t, bus, DT_RANGES, flags, size, &address, error);
	if (!ret && !range_make(address, size, range))
		ret = dt_bad(t, node, "reg", error, IOPT_ERANGE,
			     "entry %zu leaves the 64-bit address space", i);
	return ret;
}

int dt_window(const struct devicetree *t, int bus, enum dt_space space, size_t i,
	      struct dt_window *window, struct iopt_error *error)
{
	struct windows w;
	uint32_t flags = 0;
	int above = DT_NONE, ret = windows_open(t, bus, space, &w, error);

	if (!ret && i >= w.count)
		return -IOPT_ENOENT;
	if (!ret)
		ret = windows_read(t, bus, &w, i, window, &flags, error);
	if (!ret)
		ret = parent_of(t, bus, space, &above, error);
	if (!ret && window->size)
		ret = translate(t, above, space, flags, window->size, &window->cpu, error);
	return ret;
}

int dt_dma_parent(const struct devicetree *t, int node, int *parent, struct iopt_error *error)
{
	int left = dt_string_index(t, node, "interconnect-names", "dma-mem"), ret = 0;
	struct dt_reference r;
	size_t at = 0;

	*parent = dt_parent(t, node);
	if (left < 0)
		return 0;
	for (; !ret && left >= 0; left--)
		ret = dt_next_reference(t, node, "interconnects", "#interconnect-cells", &at, &r,
					error);
	if (ret == -IOPT_ENOENT)
		return dt_bad(t, node, "interconnects", error, IOPT_EINVAL,
			      "has fewer entries than interconnect-names");
	if (!ret)
		*parent = r.target;
	return ret;
}
