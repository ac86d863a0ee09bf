/* SPDX-License-Identifier: MIT */
/*
 * mm/dmapool.c of Linux 6.1: small blocks out of coherent chunks.  Which block is free is kept
 * here, but what Linux and its debugging write into free blocks stands in the memory as well: the
 * offset of the next free one in the first four bytes, poison behind it.
 */
#include <stdlib.h>

#include "dma.h"
#include "dma_check.h"
#include "error.h"
#include "profile.h"
#include "trace.h"

enum { POISON_FREED = 0xa7, POISON_ALLOCATED = 0xa9, BLOCK_MIN = 4 };

#define POOL_SIZE_MAX BIT(30)

/* Offsets of blocks; an offset that is the allocation's size ends the chain. */
struct chunk {
	struct chunk *next;
	struct iopt_buffer *buffer;
	uint32_t in_use, offset; /* of the first free block */
	uint32_t *chain;	 /* by block, in rising order of offsets: the next free one */
	bool *taken;
};

struct iopt_dma_pool {
	struct iopt_dma_pool *next;
	struct iopt_device *device;
	uint64_t size, allocation, boundary;
	struct chunk *chunks;
	uint32_t *offsets; /* of the blocks of a chunk */
	size_t blocks;
	size_t chunk_count, in_use;
};

static int fail(struct iopt_error *error, int code, const char *why)
{
	return error_set(error, IOPT_FAILURE_REQUEST, code, "%s", why);
}

/* ---- layout ---- */

/*
 * pool_initialise_page(): blocks do not cross a multiple of the boundary, and up to 6.1 none ends
 * at one either, so that the last block before it is lost.
 */
static size_t lay_out(const struct iopt_dma_pool *p, uint32_t *offsets)
{
	const unsigned loses = profile_of(p->device->state->memory)->pool_loses_last_block;
	uint64_t offset = 0, next_boundary = p->boundary;
	size_t n = 0;

	do {
		uint64_t next = offset + p->size;

		if (offsets)
			offsets[n] = (uint32_t)offset;
		n++;
		if (next + p->size + loses > next_boundary) {
			next = next_boundary;
			next_boundary += p->boundary;
		}
		offset = next;
	} while (offset < p->allocation);
	return n;
}

/* The number of the block at 'offset'; blocks: none begins there. */
static size_t block_at(const struct iopt_dma_pool *p, uint64_t offset)
{
	size_t low = 0, high = p->blocks;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (p->offsets[middle] < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low < p->blocks && p->offsets[low] == offset ? low : p->blocks;
}

int iopt_dma_pool_create(struct iopt_device *device, uint64_t size, uint64_t align,
			 uint64_t boundary, struct iopt_dma_pool **pool, struct iopt_error *error)
{
	struct iopt_dma_pool *p;
	int ret = dma_check_request(device, 0, IOPT_DMA_BIDIRECTIONAL, error);

	if (ret)
		return ret;
	if (align && !is_power_of_two(align))
		return fail(error, IOPT_EINVAL, "the alignment is no power of two");
	if (!size || size > POOL_SIZE_MAX || align > POOL_SIZE_MAX)
		return fail(error, IOPT_EINVAL, "a block has from 1 byte to 1 GiB");
	size = align_up(max_u64(size, BLOCK_MIN), align ? align : 1);
	if (boundary && (!is_power_of_two(boundary) || boundary < size))
		return fail(error, IOPT_EINVAL,
			    "the boundary is no power of two, or smaller than a block");
	p = calloc(1, sizeof(*p));
	if (!p)
		return fail(error, IOPT_ENOMEM, "out of memory");
	p->device = device;
	p->size = size;
	p->allocation = max_u64(size, device_page(device));
	p->boundary = boundary ? min_u64(boundary, p->allocation) : p->allocation;
	p->blocks = lay_out(p, NULL);
	p->offsets = calloc(p->blocks, sizeof(*p->offsets));
	if (!p->offsets) {
		free(p);
		return fail(error, IOPT_ENOMEM, "out of memory");
	}
	lay_out(p, p->offsets);
	p->next = device->state->dma_pools;
	device->state->dma_pools = p;
	device->pool_count++;
	*pool = p;
	return 0;
}

/* ---- what stands in a block ---- */

static void block_fill(const struct iopt_dma_pool *p, const struct chunk *c, uint32_t offset,
		       int byte, uint32_t next)
{
	struct iopt_memory *m = p->device->state->memory;

	for (uint64_t at = 0; at < p->size;) {
		uint64_t pa = buffer_pa(c->buffer, offset + at);
		uint64_t n = min_u64(p->size - at, BIT(10) - (pa & low_bits(10)));
		void *to = memory_write(m, pa, n);

		if (to)
			memset(to, byte, n);
		at += n;
	}
	if (byte == POISON_FREED) {
		char bytes[4];

		store_le32(bytes, next);
		iopt_memory_write(m, buffer_pa(c->buffer, offset), bytes, sizeof(bytes));
	}
}

/* Is the poison of a free block still there? */
static bool block_intact(const struct iopt_dma_pool *p, const struct chunk *c, uint32_t offset)
{
	struct iopt_memory *m = p->device->state->memory;

	for (uint64_t at = BLOCK_MIN; at < p->size;) {
		uint64_t pa = buffer_pa(c->buffer, offset + at);
		uint64_t n = min_u64(p->size - at, BIT(10) - (pa & low_bits(10)));
		const unsigned char *now = memory_read(m, pa, n);

		for (uint64_t i = 0; now && i < n; i++)
			if (now[i] != POISON_FREED)
				return false;
		at += n;
	}
	return true;
}

/* ---- chunks ---- */

static void chunk_free(struct chunk *c)
{
	free(c->chain);
	free(c->taken);
	free(c);
}

static struct chunk *chunk_add(struct iopt_dma_pool *p, struct iopt_error *error)
{
	struct chunk *c = calloc(1, sizeof(*c));

	if (c) {
		c->chain = calloc(p->blocks, sizeof(*c->chain));
		c->taken = calloc(p->blocks, sizeof(*c->taken));
	}
	if (!c || !c->chain || !c->taken) {
		fail(error, IOPT_ENOMEM, "out of memory");
		goto out;
	}
	if (dma_alloc(p->device, p->allocation, 0, false, &c->buffer, error))
		goto out;
	c->buffer->pool = p;
	buffer_add(c->buffer);
	for (size_t i = 0; i < p->blocks; i++) {
		c->chain[i] = i + 1 < p->blocks ? p->offsets[i + 1] : (uint32_t)p->allocation;
		block_fill(p, c, p->offsets[i], POISON_FREED, c->chain[i]);
	}
	c->next = p->chunks;
	p->chunks = c;
	p->chunk_count++;
	return c;
out:
	if (c)
		chunk_free(c);
	return NULL;
}

int iopt_dma_pool_alloc(struct iopt_dma_pool *p, uint64_t *iova, uint64_t *pa,
			struct iopt_error *error)
{
	struct iopt_memory *m = p->device->state->memory;
	struct chunk *c = p->chunks;
	uint32_t offset;
	size_t block;

	trace_call(m, "dma_pool_alloc", trace_text("dev", p->device->config.name),
		   trace_number("size", p->size));
	while (c && c->offset >= p->allocation)
		c = c->next;
	if (!c)
		c = chunk_add(p, error);
	if (!c) {
		trace_return(m, "dma_pool_alloc", -IOPT_ENOMEM);
		return -IOPT_ENOMEM;
	}
	offset = c->offset;
	block = block_at(p, offset);
	c->offset = c->chain[block];
	c->taken[block] = true;
	c->in_use++;
	p->in_use++;
	*iova = c->buffer->iova + offset;
	*pa = buffer_pa(c->buffer, offset);
	if (!block_intact(p, c, offset))
		finding_add(p->device->state, "P1", p->device,
			    (struct iopt_segment){*iova, p->size},
			    "%s: dma_pool_alloc: block 0x%llx was written to while it was free",
			    p->device->config.name, (unsigned long long)*iova);
	block_fill(p, c, offset, POISON_ALLOCATED, 0);
	trace_return(m, "dma_pool_alloc", (int64_t)*iova);
	return 0;
}

static struct chunk *chunk_of(const struct iopt_dma_pool *p, uint64_t iova)
{
	struct chunk *c = p->chunks;

	while (c && (iova < c->buffer->iova || iova - c->buffer->iova >= p->allocation))
		c = c->next;
	return c;
}

int iopt_dma_pool_free(struct iopt_dma_pool *p, uint64_t iova, struct iopt_error *error)
{
	const struct iopt_segment place = {iova, p->size};
	struct dma_state *state = p->device->state;
	struct chunk *c = chunk_of(p, iova);
	size_t block = c ? block_at(p, iova - c->buffer->iova) : p->blocks;

	trace_note(state->memory, "dma_pool_free: 0x%llx", (unsigned long long)iova);
	if (block == p->blocks) {
		finding_add(state, "P2", p->device, place,
			    "%s: dma_pool_free: 0x%llx is no block of the pool",
			    p->device->config.name, (unsigned long long)iova);
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "0x%llx is no block of the pool", (unsigned long long)iova);
	}
	if (!c->taken[block]) {
		finding_add(state, "P3", p->device, place,
			    "%s: dma_pool_free: 0x%llx is free already", p->device->config.name,
			    (unsigned long long)iova);
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL, "0x%llx is free already",
				 (unsigned long long)iova);
	}
	c->taken[block] = false;
	c->chain[block] = c->offset;
	c->offset = p->offsets[block];
	block_fill(p, c, c->offset, POISON_FREED, c->chain[block]);
	c->in_use--;
	p->in_use--;
	return 0;
}

/* ---- the end ---- */

static void chunk_destroy(struct iopt_dma_pool *p, struct chunk *c)
{
	struct iopt_buffer *b = c->buffer;

	if (c->in_use) {
		finding_add(p->device->state, "P4", p->device,
			    (struct iopt_segment){b->iova, p->allocation},
			    "%s: dma_pool_destroy: chunk 0x%llx is busy, its memory is leaked",
			    p->device->config.name, (unsigned long long)b->iova);
		buffer_remove(b);
		b->pool = NULL;
		buffer_leak(b);
	} else {
		dma_release(b, NULL);
	}
	chunk_free(c);
}

int iopt_dma_pool_destroy(struct iopt_dma_pool *p, struct iopt_error *error)
{
	struct iopt_dma_pool **at;
	struct chunk *c;
	size_t in_use;

	if (!p)
		return 0;
	in_use = p->in_use;
	while ((c = p->chunks) != NULL) {
		p->chunks = c->next;
		chunk_destroy(p, c);
	}
	for (at = &p->device->state->dma_pools; *at != p;)
		at = &(*at)->next;
	*at = p->next;
	p->device->pool_count--;
	free(p->offsets);
	free(p);
	if (!in_use)
		return 0;
	return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EBUSY,
			 "blocks in use: %zu; their chunks are leaked", in_use);
}

void dma_pools_destroy(struct dma_state *state)
{
	struct iopt_dma_pool *p, *next;

	for (p = state->dma_pools; p; p = next) {
		next = p->next;
		iopt_dma_pool_destroy(p, NULL);
	}
}

void iopt_dma_pool_info(const struct iopt_dma_pool *p, struct iopt_dma_pool_info *info)
{
	if (info->struct_size < sizeof(*info))
		return;
	*info = (struct iopt_dma_pool_info){
		.struct_size = sizeof(*info),
		.device = p->device,
		.size = p->size,
		.boundary = p->boundary,
		.allocation = p->allocation,
		.chunk_count = p->chunk_count,
		.chunk_blocks = p->blocks,
		.in_use = p->in_use,
		.sysfs_blocks = p->chunk_count * (p->allocation / p->size),
	};
}
