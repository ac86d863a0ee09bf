/* SPDX-License-Identifier: MIT */
/*
 * A board is read from a device tree in this order, each part in its own file:
 *
 *     board_memory.c   RAM, what is reserved, and where a region goes that has no address
 *     board_smmu.c     which nodes are SMMUs, and the legacy list of who is behind them
 *     board_device.c   devices: stream IDs, coherence, dma-ranges, memory-region
 *     board_pci.c      PCI hosts: windows and iommu-map
 *     board_build.c    all of it in a memory
 */
#ifndef IOPT_BOARD_READER_H
#define IOPT_BOARD_READER_H

#include "devicetree.h"

enum {
	BOARD_RAM_MAX = 128, /* INIT_MEMBLOCK_REGIONS */
	BOARD_REGIONS_MAX = 256,
	BOARD_DYNAMIC_MAX = 64, /* MAX_RESERVED_REGIONS */
	BOARD_SMMUS_MAX = 256,
	BOARD_DEVICES_MAX = 4096,
	BOARD_STREAMS_MAX = 4096, /* of a device */
	BOARD_WARNINGS_MAX = 64,
	SMMU_COUNT_MAX = 128, /* context banks, stream mapping groups: IDR's fields */
	SMMU_SID_BITS = 16,   /* where the tree needs no more */
};

/* An array that grows. */
struct board_list {
	void *items;
	size_t count, room;
};

struct board_block;

struct iopt_board {
	struct devicetree *tree; /* names are its */
	struct board_block *blocks;
	uint64_t page;
	struct board_list ram;	   /* struct range */
	struct board_list regions; /* struct iopt_board_region */
	struct board_list smmus;   /* struct iopt_board_smmu */
	struct board_list devices; /* struct iopt_board_device */
	struct board_list warnings;
	size_t disabled_count;
};

/* Stream IDs of a device by "mmu-masters" of an SMMU. */
struct board_legacy {
	int node, smmu;
	struct dt_reference streams;
};

/* dma-ranges of a bus, read once for all devices on it. */
struct board_ranges {
	struct iopt_dma_range *list;
	unsigned count;
	unsigned bits; /* that its addresses have */
};

/* What is needed while a board is read. */
struct board_reader {
	struct iopt_board *board;
	const struct devicetree *tree;
	struct iopt_error *error;
	bool *available;	  /* by node: it and all above it */
	int *smmu_of;		  /* by node: -1: it is no SMMU */
	int *region_of;		  /* by node: the first region that it has; -1: none */
	int *legacy_of;		  /* by node: -1: it is not in the list */
	int *ranges_of;		  /* by node: -1: nobody has asked for its dma-ranges */
	struct board_list legacy; /* struct board_legacy */
	struct board_list ranges; /* struct board_ranges */
};

/* iopt_board_load() of a tree, which it takes over, on failure too. */
int board_of_tree(struct devicetree *tree, uint64_t page, struct iopt_board **board,
		  struct iopt_error *error);

/* Appends; ENOMEM. */
int board_list_add(struct board_list *list, const void *item, size_t bytes);
/* Zeros that go with the board; NULL: out of memory. */
void *board_alloc(struct iopt_board *board, size_t bytes);
int board_out_of_memory(struct iopt_error *error);
/*
 * A name that can be used in commands, from the node's own, which no other region has, or no other
 * SMMU and device.  NULL: out of memory.
 */
const char *board_name(struct iopt_board *board, int node, bool region);
/* NULL: out of memory. */
const char *board_path(struct iopt_board *board, int node);
/* "PATH: PROPERTY: SENTENCE"; past the limit it is dropped.  ENOMEM. */
int board_warn(const struct board_reader *r, int node, const char *property, const char *format,
	       ...) __attribute__((format(printf, 4, 5)));

/* Each the part of its file; an error that is told. */
int board_read_memory(struct board_reader *r);
int board_read_smmus(struct board_reader *r);
int board_read_devices(struct board_reader *r);

/* board_smmu.c: one more stream ID: as many bits as it has, v3 must have. */
void board_smmu_needs(struct iopt_board *board, int smmu, uint64_t last_sid);

/* "stream-match-mask" of an SMMU's node, which v3 has not: 0. */
int board_match_mask(struct board_reader *r, int node, uint32_t *mask);

/* board_pci.c: is it a host, not a bridge below one? */
bool board_is_pci_host(const struct devicetree *t, int node);
int board_read_pci_host(struct board_reader *r, int node, struct iopt_board_device *device);

/* board_dma.c: of the bus that an access of a device comes to first: dma-ranges; the masks. */
int board_read_dma_ranges(struct board_reader *r, int bus, struct iopt_device_config *config);
/* of_dma_is_coherent(). */
int board_is_coherent(struct board_reader *r, int node, bool *coherent);
/* memory-region: pool, contiguous area, and IOVAs that are mapped to themselves. */
int board_read_memory_regions(struct board_reader *r, int node, struct iopt_board_device *device);

#endif
