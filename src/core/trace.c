/* SPDX-License-Identifier: MIT */
#include "trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "domain.h"
#include "trace_tables.h"

enum { NOTE_MAX = 256 };

void iopt_memory_on_trace(struct iopt_memory *m,
			  void (*fn)(void *arg, const struct iopt_trace *trace), void *arg)
{
	if (!fn) {
		free(m->trace);
		m->trace = NULL;
		return;
	}
	if (!m->trace)
		m->trace = calloc(1, sizeof(*m->trace));
	if (m->trace)
		*m->trace = (struct trace){.fn = fn, .arg = arg};
}

static void tell(struct iopt_memory *m, struct iopt_trace *step, const struct iopt_trace_arg *args,
		 unsigned count)
{
	for (; step->arg_count < count && step->arg_count < ARRAY_SIZE(step->args);
	     step->arg_count++)
		step->args[step->arg_count] = args[step->arg_count];
	m->trace->fn(m->trace->arg, step);
}

void trace_enter(struct iopt_memory *m, const char *function, const struct iopt_trace_arg *args,
		 unsigned count)
{
	struct iopt_trace step = {.kind = IOPT_TRACE_CALL, .function = function};

	if (!m->trace)
		return;
	step.depth = m->trace->depth++;
	tell(m, &step, args, count);
}

void trace_write_args(struct iopt_memory *m, const char *text, const struct iopt_trace_arg *args,
		      unsigned count)
{
	struct iopt_trace step = {.kind = IOPT_TRACE_WRITE, .text = text};

	if (!m->trace)
		return;
	step.depth = m->trace->depth;
	tell(m, &step, args, count);
}

void trace_return(struct iopt_memory *m, const char *function, int64_t result)
{
	struct iopt_trace step = {
		.kind = IOPT_TRACE_RETURN,
		.function = function,
		.result = result,
	};

	if (!m->trace)
		return;
	/* It may have been switched on within the call. */
	step.depth = m->trace->depth ? --m->trace->depth : 0;
	if (result < 0)
		step.text = iopt_error_name((int)result);
	m->trace->fn(m->trace->arg, &step);
}

void trace_note(struct iopt_memory *m, const char *format, ...)
{
	struct iopt_trace step = {.kind = IOPT_TRACE_NOTE};
	char text[NOTE_MAX];
	va_list args;

	if (!m->trace)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	step.depth = m->trace->depth;
	step.text = text;
	m->trace->fn(m->trace->arg, &step);
}

/* ---- map_pages() and unmap_pages() ---- */

/* Stands in for a domain's TLB sink during one call. */
struct tap {
	struct iopt_memory *memory;
	void (*fn)(void *arg, const struct iopt_tlb_event *event);
	void *arg;
};

static void tap_tlb(void *arg, const struct iopt_tlb_event *e)
{
	const struct tap *tap = arg;

	if (e->kind == IOPT_TLB_ALL)
		trace_note(tap->memory, "tlb_flush_all");
	else
		trace_note(tap->memory, "%s iova 0x%llx size 0x%llx granule 0x%llx, %llu times",
			   e->kind == IOPT_TLB_WALK ? "tlb_flush_walk" : "tlb_add_page",
			   (unsigned long long)e->iova, (unsigned long long)e->size,
			   (unsigned long long)e->granule, (unsigned long long)e->count);
	if (tap->fn)
		tap->fn(tap->arg, e);
}

/* What is watched during one call, whose range does not wrap. */
struct watch {
	struct tap tap;
	struct range range;
	struct picture before;
};

static void watch_begin(struct iopt_domain *d, const struct iopt_pages *pages, struct watch *w)
{
	w->range = (struct range){pages->iova, pages->iova + (pages->page_size * pages->count - 1)};
	picture_take(&w->before, d, w->range);
	w->tap = (struct tap){d->memory, d->spaces[0].on_tlb, d->spaces[0].on_tlb_arg};
	iopt_domain_on_tlb(d, tap_tlb, &w->tap);
}

static void watch_end(struct iopt_domain *d, struct watch *w)
{
	struct picture after;

	iopt_domain_on_tlb(d, w->tap.fn, w->tap.arg);
	picture_take(&after, d, w->range);
	picture_compare(d->memory, &w->before, &after);
	picture_destroy(&w->before);
	picture_destroy(&after);
}

int trace_map_pages(struct iopt_domain *d, struct iopt_pages *pages)
{
	struct watch watch;
	int ret;

	trace_call(d->memory, "map_pages", trace_number("iova", pages->iova),
		   trace_number("paddr", pages->pa), trace_number("pgsize", pages->page_size),
		   trace_number("pgcount", pages->count), trace_number("prot", pages->prot));
	watch_begin(d, pages, &watch);
	ret = iopt_map_pages(d, pages);
	watch_end(d, &watch);
	trace_return(d->memory, "map_pages", ret ? ret : (int64_t)pages->done);
	return ret;
}

void trace_unmap_pages(struct iopt_domain *d, struct iopt_pages *pages)
{
	struct watch watch;

	trace_call(d->memory, "unmap_pages", trace_number("iova", pages->iova),
		   trace_number("pgsize", pages->page_size), trace_number("pgcount", pages->count),
		   trace_text("flush", pages->queued ? "queued" : "now"));
	watch_begin(d, pages, &watch);
	iopt_unmap_pages(d, pages);
	watch_end(d, &watch);
	trace_return(d->memory, "unmap_pages", (int64_t)pages->done);
}
