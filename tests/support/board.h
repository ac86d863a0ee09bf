/* SPDX-License-Identifier: MIT */
/* A memory with an SMMU and a device behind it: what DMA tests begin with. */
#ifndef BOARD_H
#define BOARD_H

#include "iopt.h"

struct board {
	struct iopt_memory *memory;
	struct iopt_smmu *smmu;
	struct iopt_device *device;
	struct iopt_domain *domain; /* the device's default one */
};

/* An SMMU, and "rx" with stream ID 1 behind it; 'smmu' and 'device' as far as they are set. */
void board_open(struct board *b, struct iopt_smmu_config smmu, struct iopt_device_config device);
/* The same with everything at its default: v2, 4K, 32-bit masks, not coherent. */
void board_open_plain(struct board *b);
/* Nothing may be left: no buffer, no page. */
void board_close(struct board *b);

/* Another device behind the same SMMU. */
struct iopt_device *board_device(struct board *b, const char *name, uint32_t sid);

struct iopt_buffer *must_alloc(struct iopt_device *device, uint64_t size, unsigned attrs,
			       bool atomic);
struct iopt_buffer *must_map(struct iopt_device *device, uint64_t pa, uint64_t size,
			     enum iopt_dma_direction direction);
/* As 'release' says it, or as it was made. */
void must_release(struct iopt_buffer *buffer, struct iopt_release release);
void must_free(struct iopt_buffer *buffer);
struct iopt_buffer_info info_of(const struct iopt_buffer *buffer);

/* How often 'rule' is among the findings. */
unsigned findings(struct iopt_memory *memory, const char *rule);
unsigned findings_all(struct iopt_memory *memory);
/* Ranges that the domain's IOVA allocator holds, cached ones not counted. */
uint64_t iovas_live(const struct iopt_domain *domain);

#endif
