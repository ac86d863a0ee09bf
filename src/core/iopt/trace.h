/* SPDX-License-Identifier: MIT */
/* The call path, step by step. */
#ifndef IOPT_API_TRACE_H
#define IOPT_API_TRACE_H

#include "memory.h"

#ifdef __cplusplus
extern "C" {
#endif

enum iopt_trace_kind {
	IOPT_TRACE_CALL,
	IOPT_TRACE_RETURN,
	IOPT_TRACE_NOTE,
	IOPT_TRACE_WRITE, /* of descriptors: which table, from which index on, from what to what */
};

struct iopt_trace_arg {
	const char *name, *text; /* text NULL: the number */
	uint64_t value;
};

/* A step of the call path, by its Linux function name. */
struct iopt_trace {
	enum iopt_trace_kind kind;
	unsigned depth;
	const char *function; /* NULL for a note */
	unsigned arg_count;
	struct iopt_trace_arg args[8];
	const char *text; /* of a note or write; of a result that is no number */
	int64_t result;
};

IOPT_API void iopt_memory_on_trace(struct iopt_memory *memory,
				   void (*fn)(void *arg, const struct iopt_trace *trace),
				   void *arg);

#ifdef __cplusplus
}
#endif

#endif
