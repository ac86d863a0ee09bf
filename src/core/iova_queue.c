/* SPDX-License-Identifier: MIT */
#include "iova_queue.h"

void iova_queue_init(struct iova_queue *q, struct iopt_iova *iova, void (*flush)(void *arg),
		     void *arg)
{
	*q = (struct iova_queue){.iova = iova, .flush = flush, .arg = arg};
}

unsigned iova_queue_count(const struct iova_queue *q)
{
	return (q->tail - q->head) % IOVA_QUEUE_RING;
}

/* Frees, oldest first, what a finished flush has covered. */
static void reclaim(struct iova_queue *q)
{
	while (q->head != q->tail && q->ring[q->head].counter < q->finished) {
		const struct iova_queue_entry *e = &q->ring[q->head];

		iopt_iova_free_fast(q->iova, e->pfn, e->pages);
		q->head = (q->head + 1) % IOVA_QUEUE_RING;
	}
}

static void flush_all(struct iova_queue *q)
{
	q->started++;
	if (q->flush)
		q->flush(q->arg);
	q->finished++;
}

void iova_queue_add(struct iova_queue *q, uint64_t pfn, uint64_t pages)
{
	reclaim(q);
	if (iova_queue_count(q) == IOVA_QUEUE_RING - 1) {
		flush_all(q);
		reclaim(q);
	}
	q->ring[q->tail] = (struct iova_queue_entry){pfn, pages, q->started};
	q->tail = (q->tail + 1) % IOVA_QUEUE_RING;
	q->timer_on = true;
}

bool iova_queue_timeout(struct iova_queue *q)
{
	if (!q->timer_on)
		return false;
	q->timer_on = false;
	flush_all(q);
	reclaim(q);
	return true;
}
