/* SPDX-License-Identifier: MIT */
/*
 * The flush queue of a lazy domain, one CPU's (drivers/iommu/dma-iommu.c, queue_iova()): what is
 * unmapped waits here, not to be handed out again, until the whole TLB has been flushed; when the
 * ring is full, or when the timer fires.  There is no clock: whoever models time says that it has
 * passed.  A queue that goes away leaves what it holds allocated, as Linux does.
 */
#ifndef IOPT_IOVA_QUEUE_H
#define IOPT_IOVA_QUEUE_H

#include "base.h"
#include "iopt.h"

/* One place of the ring stays free. */
enum { IOVA_QUEUE_RING = 256, IOVA_QUEUE_TIMEOUT_MS = 10 };

struct iova_queue_entry {
	uint64_t pfn, pages; /* for iopt_iova_free_fast() */
	uint64_t counter;    /* flushes begun when it was queued */
};

struct iova_queue {
	struct iopt_iova *iova;
	void (*flush)(void *arg); /* flush_iotlb_all(); may be NULL */
	void *arg;
	uint64_t started, finished; /* flushes */
	unsigned head, tail;
	bool timer_on;
	struct iova_queue_entry ring[IOVA_QUEUE_RING];
};

void iova_queue_init(struct iova_queue *q, struct iopt_iova *iova, void (*flush)(void *arg),
		     void *arg);
void iova_queue_add(struct iova_queue *q, uint64_t pfn, uint64_t pages);
/* IOVA_QUEUE_TIMEOUT_MS have passed since the timer was started; false: it was not running. */
bool iova_queue_timeout(struct iova_queue *q);
unsigned iova_queue_count(const struct iova_queue *q);

#endif
