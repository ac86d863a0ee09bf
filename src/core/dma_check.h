/* SPDX-License-Identifier: MIT */
/* What dma-debug notices when something happens; what is found is kept for iopt_dma_check(). */
#ifndef IOPT_DMA_CHECK_H
#define IOPT_DMA_CHECK_H

#include "dma.h"

/* One of iopt_dma_rule()'s, about [iova, iova + size) of 'device' (may be NULL). */
void finding_add(struct dma_state *state, const char *rule, const struct iopt_device *device,
		 struct iopt_segment place, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
/* The same with the second place that it is about. */
void finding_add2(struct dma_state *state, const char *rule, const struct iopt_device *device,
		  const struct iopt_segment places[static 2], const char *format, ...)
	__attribute__((format(printf, 5, 6)));
void findings_destroy(struct dma_state *state);

/* Before it is live: D19 to D22, X1; and X3, X5, X8. */
void check_new(const struct iopt_buffer *b);
/* D3 to D8, X6; 'r' is what the driver says. */
void check_release(const struct iopt_buffer *b, const struct iopt_release *r);
/* There is no such buffer: D1 or D2, and X2. */
void check_release_missing(struct iopt_device *device, uint64_t iova, uint64_t size);
void check_sync(const struct iopt_buffer *b, const struct iopt_sync *s);
void check_sync_missing(struct iopt_device *device, uint64_t iova, uint64_t size);
/* Was it given back before?  Fills in where; false: not that we know. */
bool released_find(const struct dma_state *state, const struct iopt_device *device, uint64_t iova,
		   struct iopt_segment *was);
void released_add(const struct iopt_buffer *b);
void check_unbind(const struct iopt_device *device);

#endif
