/* SPDX-License-Identifier: MIT */
/*
 * What the DMA commands name: SMMUs, devices, pools and buffers.  A buffer that was given back
 * keeps its name until another takes it, so that a script can do with it what drivers should not.
 */
#ifndef IOPT_CLI_OBJECTS_H
#define IOPT_CLI_OBJECTS_H

#include "../core/iopt.h"

enum { NAME_BYTES = 64 };

/* Begins what has a name. */
struct named {
	char name[NAME_BYTES];
	struct named *chain; /* of equal hashes */
	struct named *older, *newer;
};

/* In the order in which they were added, and by name. */
struct name_table {
	struct named **heads;
	size_t size, count;
	struct named *oldest, *newest;
};

struct named_memory;

struct named_smmu {
	struct named named;
	struct iopt_smmu *smmu;
	struct named_memory *memory;
};

struct named_device {
	struct named named;
	struct iopt_device *device;
	struct named_smmu *smmu; /* NULL: behind none */
	struct named_memory *memory;
	const struct iopt_board *host; /* it is a PCI host of that board, which the memory owns */
	size_t host_number;
};

struct named_cma {
	struct named named;
	struct iopt_cma *cma;
	struct named_memory *memory;
};

struct named_pool {
	struct named named;
	struct iopt_dma_pool *pool;
	struct named_device *device;
};

/* Of the DMA API, or a block of a pool. */
struct named_buffer {
	struct named named;
	struct named_device *device;
	struct named_pool *pool;    /* NULL: of none */
	struct iopt_buffer *buffer; /* NULL: a block, or given back */
	enum iopt_buffer_kind kind;
	uint64_t iova, pa, size; /* as they were, when it is given back */
};

struct objects {
	struct name_table smmus, devices, pools, cmas;
	struct name_table buffers;  /* live ones */
	struct name_table released; /* the last that were given back */
	uint64_t unnamed;	    /* buffers that got a name by number */
};

void objects_destroy(struct objects *o);

/* NULL: none. */
void *named_find(const struct name_table *t, const char *name);
/* 'bytes' of zeros that begin with struct named, by a name that is free; NULL: out of memory. */
void *named_add(struct name_table *t, const char *name, size_t bytes);
/* It is freed. */
void named_delete(struct name_table *t, struct named *n);

struct named_smmu *smmu_named(const struct objects *o, const struct iopt_smmu *smmu);
struct named_device *device_named(const struct objects *o, const struct iopt_device *device);
/* Is there an SMMU or a device in it? */
bool objects_in_memory(const struct objects *o, const struct named_memory *memory);
/* Contiguous areas go with their memory. */
void areas_forget_memory(struct objects *o, const struct named_memory *memory);

/* A live buffer, or else one that was given back; NULL: none. */
struct named_buffer *buffer_named(const struct objects *o, const char *name);
/* A name that no live buffer has, in to[0..NAME_BYTES). */
void buffer_make_name(struct objects *o, char *to);
/* Of a name that is not live; NULL: out of memory. */
struct named_buffer *buffer_add_name(struct objects *o, const char *name);
/* It was given back. */
void buffer_set_released(struct objects *o, struct named_buffer *b);
/* Names of what was given back, or is a block, and whose device or pool goes. */
void buffers_forget_device(struct objects *o, const struct named_device *device);
void buffers_forget_pool(struct objects *o, const struct named_pool *pool);

#endif
