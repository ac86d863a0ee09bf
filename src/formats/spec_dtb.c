/* SPDX-License-Identifier: MIT */
/*
 * An included device tree: its memory, without what "no-map" takes out of it, and the registers of
 * its devices.  Devices that share a granule become one region.
 */
#include <stdio.h>
#include <stdlib.h>

#include "devicetree.h"
#include "spec.h"

struct dtb_range {
	struct range range;
	const char *name; /* in the tree */
};

struct dtb_list {
	struct dtb_range *list;
	size_t count, room;
};

struct dtb {
	const struct spec_include *in;
	struct devicetree *tree;
	struct dtb_list memory, holes, devices;
	size_t past; /* holes that end before the memory that is looked at */
};

static int add(struct dtb *d, struct dtb_list *to, struct range range, const char *name)
{
	if (to->count == to->room) {
		size_t room = to->room ? 2 * to->room : 64;
		struct dtb_range *list = realloc(to->list, room * sizeof(*list));

		if (!list)
			return spec_out_of_memory(d->in->spec);
		to->list = list;
		to->room = room;
	}
	to->list[to->count++] = (struct dtb_range){range, name};
	return 0;
}

/* Every "reg" of a node; what the CPU does not see is left out. */
static int add_regs(struct dtb *d, int node, struct dtb_list *to)
{
	struct iopt_error *error = d->in->spec->error;
	struct range range;
	int err = 0;

	for (size_t i = 0; !err; i++) {
		err = dt_reg(d->tree, node, i, &range, NULL);
		if (err == -IOPT_ENXIO)
			err = 0;
		else if (!err)
			err = add(d, to, range, dt_name(d->tree, node));
		else if (err != -IOPT_ENOENT) /* once more, for the reason */
			return dt_reg(d->tree, node, i, &range, error);
	}
	return err == -IOPT_ENOENT ? 0 : err;
}

static bool is_named(const struct devicetree *tree, int node, const char *name)
{
	const char *is = dt_name(tree, node);
	size_t length = strlen(name);

	return !strncmp(is, name, length) && (!is[length] || is[length] == '@');
}

static bool is_memory(const struct devicetree *tree, int node)
{
	return dt_string_index(tree, node, "device_type", "memory") == 0;
}

/* Is its "reg" addresses that the CPU may see, and not numbers of CPUs or of PCI functions? */
static bool has_addresses(struct dtb *d, int node)
{
	const int bus = dt_parent(d->tree, node);
	struct dt_cells cells;

	return bus != DT_NONE && dt_has(d->tree, node, "reg") && !dt_is_pci(d->tree, bus) &&
	       !dt_bus_cells(d->tree, bus, &cells, NULL) && cells.size;
}

static int read_node(struct dtb *d, int node)
{
	const int parent = dt_parent(d->tree, node);

	if (!has_addresses(d, node) || !dt_is_available(d->tree, node))
		return 0;
	if (is_memory(d->tree, node))
		return add_regs(d, node, &d->memory);
	if (parent == dt_child(d->tree, DT_ROOT, "reserved-memory"))
		return dt_has(d->tree, node, "no-map") ? add_regs(d, node, &d->holes) : 0;
	return is_named(d->tree, node, "reserved-memory") ? 0 : add_regs(d, node, &d->devices);
}

static int compare(const void *one, const void *two)
{
	const struct dtb_range *a = one, *b = two;

	if (a->range.first != b->range.first)
		return a->range.first < b->range.first ? -1 : 1;
	return a->range.last < b->range.last ? -1 : a->range.last > b->range.last;
}

static void sort(struct dtb_list *list)
{
	if (list->count)
		qsort(list->list, list->count, sizeof(*list->list), compare);
}

static int put(struct dtb *d, const char *name, struct range range, enum spec_rounding rounding,
	       const char *memory)
{
	const struct spec_included what = {
		.name = name,
		.va = range,
		.pa = range.first,
		.rounding = rounding,
		.memory = memory,
		.access = IOPT_ACCESS_R | IOPT_ACCESS_W,
	};

	return spec_include_region(d->in, &what);
}

/* What holes leave of one range of memory. */
static int put_memory(struct dtb *d, const struct dtb_range *m)
{
	uint64_t first = m->range.first;
	unsigned part = 0;
	char name[SPEC_NAME_BYTES];
	int err = 0;

	while (d->past < d->holes.count && d->holes.list[d->past].range.last < first)
		d->past++;
	for (size_t i = d->past; !err && i < d->holes.count; i++) {
		const struct range hole = d->holes.list[i].range;

		if (hole.first > m->range.last)
			break;
		if (hole.last < first)
			continue;
		if (hole.first > first) {
			snprintf(name, sizeof(name), "%.100s.%u", m->name, part++);
			err = put(d, name, (struct range){first, hole.first - 1}, SPEC_ROUND_IN,
				  "normal-wb");
		}
		if (hole.last >= m->range.last)
			return err;
		first = hole.last + 1;
	}
	snprintf(name, sizeof(name), part ? "%.100s.%u" : "%.100s", m->name, part);
	return err ? err
		   : put(d, name, (struct range){first, m->range.last}, SPEC_ROUND_IN, "normal-wb");
}

/* In whole granules neighbours may meet, and a bus may have registers of its own. */
static int put_devices(struct dtb *d)
{
	const struct build_config *c = &d->in->spec->config;
	const uint64_t low = (is_power_of_two(c->granule) ? c->granule : BIT(12)) - 1;
	int err = 0;

	for (size_t i = 0, next; !err && i < d->devices.count; i = next) {
		struct dtb_range joined = d->devices.list[i];

		joined.range.last |= low;
		for (next = i + 1; next < d->devices.count &&
				   d->devices.list[next].range.first <= joined.range.last;
		     next++)
			joined.range.last =
				max_u64(joined.range.last, d->devices.list[next].range.last | low);
		err = put(d, joined.name, joined.range, SPEC_ROUND_OUT, "device-nGnRE");
	}
	return err;
}

static int put_all(struct dtb *d)
{
	int err = 0;

	sort(&d->memory);
	sort(&d->holes);
	sort(&d->devices);
	for (size_t i = 0; !err && i < d->memory.count; i++)
		err = put_memory(d, &d->memory.list[i]);
	return err ? err : put_devices(d);
}

int spec_include_dtb(const struct spec_include *in)
{
	struct dtb d = {.in = in};
	int err = devicetree_load(in->path, &d.tree, in->spec->error);

	if (err)
		return err;
	for (int node = 0; !err && node < dt_node_count(d.tree); node++)
		err = read_node(&d, node);
	if (!err)
		err = put_all(&d);
	free(d.memory.list);
	free(d.holes.list);
	free(d.devices.list);
	devicetree_destroy(d.tree);
	return err;
}
