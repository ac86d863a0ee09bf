/* SPDX-License-Identifier: MIT */
/* Boards: what a device tree says of memory, SMMUs and devices. */
#ifndef IOPT_API_BOARD_H
#define IOPT_API_BOARD_H

#include "device.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Read once and not changed; numbers of its parts count from 0, in the order of the tree. */
struct iopt_board;

/*
 * A flattened device tree.  'cpu_page_size' 0: 4 KiB.  ENOEXEC: the file is none, or lies about
 * itself; otherwise the code that Linux has for what is wrong in it, with the node's path and the
 * property: EINVAL: cells that do not divide, values that make no sense, one device behind two
 * drivers' SMMUs; ENODEV: nobody has a phandle, an SMMU lacks something; EFAULT: an iommu-map-mask
 * hides what it maps; ENXIO: a bus does not pass on an address; ERANGE: beyond 64 bits; E2BIG: more
 * parts than a board has; ENOMEM: a region that finds no place, or out of memory.  ENOENT, EIO, …
 */
IOPT_API int iopt_board_load(const char *path, uint64_t cpu_page_size, struct iopt_board **board,
			     struct iopt_error *error);
IOPT_API void iopt_board_destroy(struct iopt_board *board);

struct iopt_board_info {
	size_t struct_size;
	const char *model; /* of the root; "" */
	size_t ram_count, region_count, smmu_count, device_count, warning_count;
	size_t disabled_count; /* SMMUs and devices whose status says so */
};

IOPT_API void iopt_board_info(const struct iopt_board *board, struct iopt_board_info *info);

/* By address, not overlapping.  Past the end: ENOENT, as for the other parts. */
IOPT_API int iopt_board_ram(const struct iopt_board *board, size_t i, uint64_t *base,
			    uint64_t *size);

enum iopt_board_use {
	IOPT_BOARD_PLAIN,
	IOPT_BOARD_POOL,       /* "shared-dma-pool": devices' coherent pool */
	IOPT_BOARD_CMA,	       /* the same, "reusable": a contiguous memory area */
	IOPT_BOARD_RESTRICTED, /* "restricted-dma-pool" */
	IOPT_BOARD_USE_COUNT,
};

IOPT_API const char *iopt_board_use_name(enum iopt_board_use use);

/* Of /memreserve/ or /reserved-memory. */
struct iopt_board_region {
	size_t struct_size;
	const char *name, *path; /* name: unique among regions; "memreserve" and "" */
	uint64_t base, size;
	enum iopt_board_use use;
	bool no_map, reusable;
	bool dynamic;	 /* placed here, as Linux would on an idle board */
	bool is_default; /* "linux,cma-default" */
};

IOPT_API int iopt_board_region(const struct iopt_board *board, size_t i,
			       struct iopt_board_region *region);

/* Sizes are not in a device tree: what is not is the model's default. */
struct iopt_board_smmu {
	size_t struct_size;
	const char *name, *path; /* name: unique among SMMUs and devices */
	const char *compatible;	 /* by which it was known */
	struct iopt_smmu_config config;
};

IOPT_API int iopt_board_smmu(const struct iopt_board *board, size_t i,
			     struct iopt_board_smmu *smmu);

/* "iommu-map": requester IDs [rid, rid + length) are stream IDs from 'sid' on. */
struct iopt_rid_map {
	uint32_t rid, sid, length;
	uint32_t mask; /* of every stream ID: v1, v2: the SMMU's "stream-match-mask" */
	int smmu;      /* -1: one that is not known, or disabled: none */
};

struct iopt_board_device {
	size_t struct_size;
	const char *name, *path;
	int smmu; /* -1: none */
	int cma;  /* the region that is its contiguous area; -1: none */
	/* What it is created with, but for smmu and cma; of a PCI host what its functions are. */
	struct iopt_device_config config;
	bool pci_host;
	uint32_t map_mask;
	const struct iopt_rid_map *maps;
	unsigned map_count;
};

IOPT_API int iopt_board_device(const struct iopt_board *board, size_t i,
			       struct iopt_board_device *device);
/* What is odd but no failure in Linux, a sentence each; NULL past the end. */
IOPT_API const char *iopt_board_warning(const struct iopt_board *board, size_t i);

/*
 * of_map_id(): the stream ID of a function behind a PCI host, by its requester ID.  ENOENT: no
 * entry has it, or one of no SMMU: it is not translated.  EINVAL: the device is no PCI host.
 */
IOPT_API int iopt_board_map_rid(const struct iopt_board *board, size_t host, uint32_t rid,
				int *smmu, struct iopt_stream *stream);

/*
 * All of it in 'memory', which is empty: RAM, what is reserved, SMMUs and devices, of which as many
 * handles are filled in as the board has.  The codes of iopt_memory_add_ram(), iopt_cma_create(),
 * iopt_smmu_create() and iopt_device_create(), with the node's path; the memory is good for nothing
 * then.
 */
IOPT_API int iopt_board_build(const struct iopt_board *board, struct iopt_memory *memory,
			      struct iopt_smmu **smmus, struct iopt_device **devices,
			      struct iopt_error *error);

#ifdef __cplusplus
}
#endif

#endif
