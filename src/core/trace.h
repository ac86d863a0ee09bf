/* SPDX-License-Identifier: MIT */
/*
 * Telling whoever asked which way a call takes: iopt_memory_on_trace().  Costs one look at a
 * pointer while nobody asks.
 *
 *     trace_call(m, "iommu_dma_alloc", trace_number("size", size));
 *     trace_note(m, "%u pages of order 0", count);
 *     trace_return(m, "iommu_dma_alloc", 0);
 */
#ifndef IOPT_TRACE_H
#define IOPT_TRACE_H

#include "memory.h"

struct trace {
	void (*fn)(void *arg, const struct iopt_trace *step);
	void *arg;
	unsigned depth;
};

static inline bool tracing(const struct iopt_memory *m)
{
	return unlikely(m->trace != NULL);
}

static inline struct iopt_trace_arg trace_number(const char *name, uint64_t value)
{
	return (struct iopt_trace_arg){.name = name, .value = value};
}

static inline struct iopt_trace_arg trace_text(const char *name, const char *text)
{
	return (struct iopt_trace_arg){.name = name, .text = text};
}

/* All three do nothing when nobody asked. */
void trace_enter(struct iopt_memory *m, const char *function, const struct iopt_trace_arg *args,
		 unsigned count);
void trace_return(struct iopt_memory *m, const char *function, int64_t result);
void trace_note(struct iopt_memory *m, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A macro so that the arguments are put together only for someone. */
#define trace_call(m, function, ...)                                            \
	do {                                                                    \
		if (tracing(m)) {                                               \
			const struct iopt_trace_arg args_[] = {__VA_ARGS__};    \
                                                                                \
			trace_enter((m), (function), args_, ARRAY_SIZE(args_)); \
		}                                                               \
	} while (0)

/* Descriptors were written: the same in words, and as arguments. */
void trace_write_args(struct iopt_memory *m, const char *text, const struct iopt_trace_arg *args,
		      unsigned count);

#define trace_write(m, text, ...)                                        \
	do {                                                             \
		const struct iopt_trace_arg args_[] = {__VA_ARGS__};     \
                                                                         \
		trace_write_args((m), (text), args_, ARRAY_SIZE(args_)); \
	} while (0)

/* iopt_map_pages() and iopt_unmap_pages(), with their TLB events and what they wrote told. */
int trace_map_pages(struct iopt_domain *d, struct iopt_pages *pages);
void trace_unmap_pages(struct iopt_domain *d, struct iopt_pages *pages);

#endif
