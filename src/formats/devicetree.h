/* SPDX-License-Identifier: MIT */
/*
 * Flattened device trees ("Devicetree Specification", chapter 5), which may be hostile: a blob is
 * copied and checked whole before anything is read from it, and its nodes are numbered in the
 * order in which they stand in it.  The root is 0, a parent comes before its children, and a loop
 * over all nodes is a loop over numbers.
 *
 * What is wrong is told with the node's path and the property's name; the codes are those that
 * Linux returns where it finds the same.
 */
#ifndef IOPT_DEVICETREE_H
#define IOPT_DEVICETREE_H

#include "../core/base.h"
#include "../core/error.h"

struct devicetree;

enum {
	DT_NONE = -1,
	DT_ROOT = 0,
	DT_DEPTH_MAX = 64,   /* Linux's FDT_MAX_DEPTH */
	DT_CELLS_MAX = 4,    /* of an address or a size */
	DT_ARGS_MAX = 16,    /* after a phandle: Linux's MAX_PHANDLE_ARGS */
	DT_WINDOWS_MAX = 64, /* of a bus */
	DT_PATH_BYTES = 128,
};

/*
 * The tree in 'bytes' of 'blob', which is copied; 'source' names it in messages and is copied, too.
 * ENOEXEC: the header, a block, a tag, a name or the nesting is wrong; ENOMEM.
 */
int devicetree_open(const void *blob, size_t bytes, const char *source, struct devicetree **tree,
		    struct iopt_error *error);
/* The same from a file.  E2BIG: over 2 MiB, as in Linux; ENOENT, EIO, … as open() and read(). */
int devicetree_load(const char *path, struct devicetree **tree, struct iopt_error *error);
void devicetree_destroy(struct devicetree *tree);

/* ---- nodes ---- */

int dt_node_count(const struct devicetree *tree);
/* DT_NONE: it is the root; 'previous' is a child, or DT_NONE for the first. */
int dt_parent(const struct devicetree *tree, int node);
int dt_next_child(const struct devicetree *tree, int parent, int previous);
/* "smmu@9050000"; "" for the root. */
const char *dt_name(const struct devicetree *tree, int node);
/* The child whose name is 'name', or begins with 'name' and an '@'; DT_NONE. */
int dt_child(const struct devicetree *tree, int parent, const char *name);
/* DT_NONE: no node has it.  Of several the first, as in Linux. */
int dt_by_phandle(const struct devicetree *tree, uint32_t phandle);
/* "/soc/smmu@9050000" in 'to', which is returned; a long one loses its beginning. */
const char *dt_path(const struct devicetree *tree, int node, char to[static DT_PATH_BYTES]);

/* of_device_is_available(): no "status", or "okay", or "ok". */
bool dt_is_available(const struct devicetree *tree, int node);

/* ---- properties ---- */

struct dt_property {
	const char *name;
	const unsigned char *data; /* big-endian cells, or strings */
	size_t bytes;
};

/* False: the node has none of that name; bytes is 0 then. */
bool dt_property(const struct devicetree *tree, int node, const char *name,
		 struct dt_property *property);
bool dt_has(const struct devicetree *tree, int node, const char *name);
/* The i-th string of a list; NULL: there are not so many, or it does not end. */
const char *dt_string(const struct dt_property *property, size_t i);
/* Where 'text' stands in a list of strings; -1: nowhere. */
int dt_string_index(const struct devicetree *tree, int node, const char *name, const char *text);
/* The i-th cell, which is there. */
static inline uint32_t dt_cell(const struct dt_property *property, size_t i)
{
	return load_be32(property->data + 4 * i);
}

/* One cell.  ENOENT: no such property (no message); EINVAL: not of one cell. */
int dt_u32(const struct devicetree *tree, int node, const char *name, uint32_t *value,
	   struct iopt_error *error);
/*
 * A property that is a list of 'cells' cells each: *count of them; 0 if it is missing.  EINVAL:
 * they do not divide it.
 */
int dt_list(const struct devicetree *tree, int node, const char *name, unsigned cells,
	    struct dt_property *property, size_t *count, struct iopt_error *error);

/* An element of a list of phandles, each with as many cells as its target's 'cells_name' says. */
struct dt_reference {
	int target;
	unsigned arg_count;
	uint32_t args[DT_ARGS_MAX];
};

/*
 * The one at cell *at of the property, behind which *at is moved.  'cells_name' NULL: none has
 * arguments.  ENOENT: that is its end (no message); ENODEV: nobody has that phandle; EINVAL: the
 * property ends within it, the target has no 'cells_name', or it is over DT_ARGS_MAX.
 */
int dt_next_reference(const struct devicetree *tree, int node, const char *name,
		      const char *cells_name, size_t *at, struct dt_reference *reference,
		      struct iopt_error *error);

/* The i-th entry of the memory reservation block; false: past the end. */
bool dt_memreserve(const struct devicetree *tree, size_t i, uint64_t *base, uint64_t *size);

/* ---- addresses (devicetree_bus.c) ---- */

/* How the children of a bus write addresses. */
struct dt_cells {
	unsigned address, size;
};

/*
 * "#address-cells" and "#size-cells" for the children of 'bus': inherited from above, 1 and 1 if
 * nobody says.  EINVAL: more than DT_CELLS_MAX, or no address cell.
 */
int dt_bus_cells(const struct devicetree *tree, int bus, struct dt_cells *cells,
		 struct iopt_error *error);
/* Is it a PCI host, or a bridge: addresses of three cells, the first of which are flags? */
bool dt_is_pci(const struct devicetree *tree, int bus);
/* A number of up to DT_CELLS_MAX cells from cell 'at' on; false: it does not fit in 64 bits. */
bool dt_number(const struct dt_property *property, size_t at, unsigned cells, uint64_t *value);

/*
 * The i-th "reg" of a node as the CPU sees it, through every "ranges" above.  ENOENT: there are not
 * so many (no message); EINVAL: cells do not divide; ERANGE: it is empty or leaves the 64-bit
 * space; ENXIO: a bus above does not pass it on, or has no sizes.
 */
int dt_reg(const struct devicetree *tree, int node, size_t i, struct range *range,
	   struct iopt_error *error);

/* An entry of "ranges" or "dma-ranges": what children of a bus see of the space above. */
struct dt_window {
	uint32_t flags; /* of PCI: the first cell */
	uint64_t bus, cpu, size;
};

enum dt_space { DT_RANGES, DT_DMA_RANGES };

/* PCI's flags: which space, and whether it may be prefetched. */
#define DT_PCI_SPACE BITS(25, 24)
enum { DT_PCI_CONFIG, DT_PCI_IO, DT_PCI_MEMORY_32, DT_PCI_MEMORY_64 };

/*
 * The i-th entry of a bus's property, 'cpu' as the CPU sees it.  ENOENT: past the end (no message);
 * E2BIG: there are more than DT_WINDOWS_MAX; EINVAL, ERANGE, ENXIO as above.
 */
int dt_window(const struct devicetree *tree, int bus, enum dt_space space, size_t i,
	      struct dt_window *window, struct iopt_error *error);

/*
 * of_get_next_dma_parent(): the node that a device's DMA goes to: its "dma-mem" interconnect, or
 * its parent.  DT_NONE: it is the root.  The codes of dt_next_reference().
 */
int dt_dma_parent(const struct devicetree *tree, int node, int *parent, struct iopt_error *error);

/* ---- what is wrong ---- */

/* "/soc/nic@0: iommus: MESSAGE", from the tree's source; 'property' may be NULL.  Returns -code. */
int dt_bad(const struct devicetree *tree, int node, const char *property, struct iopt_error *error,
	   int code, const char *format, ...) __attribute__((format(printf, 6, 7)));
/* The same for the tree as a whole. */
int dt_bad_tree(const struct devicetree *tree, struct iopt_error *error, int code,
		const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
