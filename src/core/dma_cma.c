/* SPDX-License-Identifier: MIT */
/* kernel/dma/contiguous.c over mm/cma.c: blocks of any number of pages, from memory set aside. */
#include <stdlib.h>

#include "dma.h"
#include "error.h"
#include "trace.h"

enum {
	CMA_ALIGN_ORDER_MAX = 8, /* CONFIG_CMA_ALIGNMENT */
	CMA_NAME_MAX_BYTES = 63,
};

static int fail(struct iopt_error *error, int code, const char *why)
{
	return error_set(error, IOPT_FAILURE_REQUEST, code, "%s", why);
}

/* ---- areas ---- */

/* CMA_MIN_ALIGNMENT_BYTES: pageblock_order is that of a block of the CPU's tables. */
static uint64_t area_alignment(uint64_t page)
{
	return page * (page / 8);
}

static uint64_t page_size_of(const struct iopt_cma_config *c)
{
	return c->cpu_page_size ? c->cpu_page_size : BIT(12);
}

static bool is_ram(const struct iopt_memory *m, struct range range)
{
	const size_t at = memory_window_search(m, range.first);
	const struct memory_window *w = &m->windows[at];

	return at < m->window_count && w->ram && w->range.first <= range.first &&
	       range.last <= w->range.last;
}

static int check_config(const struct dma_state *state, const struct iopt_cma_config *c,
			struct range *range, struct iopt_error *error)
{
	const uint64_t page = page_size_of(c), align = area_alignment(page);

	if (c->struct_size < sizeof(*c) || !c->name || !*c->name ||
	    strlen(c->name) > CMA_NAME_MAX_BYTES)
		return fail(error, IOPT_EINVAL, "an area has a name of at most 63 bytes");
	if (page != BIT(12) && page != BIT(14) && page != BIT(16))
		return fail(error, IOPT_EINVAL, "the CPU page size is 4k, 16k or 64k");
	if (!range_make(c->base, c->size, range) || (c->base | c->size) & (align - 1))
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "an area is whole blocks of 0x%llx bytes: "
				 "CMA_MIN_ALIGNMENT_BYTES",
				 (unsigned long long)align);
	if (!is_ram(state->memory, *range))
		return fail(error, IOPT_EINVAL, "an area lies in RAM");
	if (c->is_default && state->default_cma)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EBUSY,
				 "%s is the default area already", state->default_cma->name);
	return 0;
}

int iopt_cma_create(struct iopt_memory *m, const struct iopt_cma_config *config,
		    struct iopt_cma **cma, struct iopt_error *error)
{
	struct dma_state *state = dma_state(m);
	struct iopt_cma *c, **at;
	struct range range;
	int ret;

	if (!state)
		return fail(error, IOPT_ENOMEM, "out of memory");
	ret = check_config(state, config, &range, error);
	if (ret)
		return ret;
	c = calloc(1, sizeof(*c));
	if (!c)
		return fail(error, IOPT_ENOMEM, "out of memory");
	c->state = state;
	c->name = strdup(config->name);
	if (!c->name || page_map_init(&c->map, config->base, config->size,
				      (unsigned)__builtin_ctzll(page_size_of(config))))
		ret = fail(error, IOPT_ENOMEM, "out of memory");
	if (!ret)
		ret = memory_reserve(m, range, IOPT_RESERVED_CMA, config->name, error);
	if (ret) {
		cma_free_area(c);
		return ret;
	}
	for (at = &state->cmas; *at;)
		at = &(*at)->next;
	*at = *cma = c;
	if (config->is_default)
		state->default_cma = c;
	return 0;
}

void cma_free_area(struct iopt_cma *cma)
{
	free(cma->map.taken);
	free(cma->name);
	free(cma);
}

struct iopt_cma *iopt_cma_next(const struct iopt_memory *m, const struct iopt_cma *cma)
{
	return cma ? cma->next : m->dma ? m->dma->cmas : NULL;
}

void iopt_cma_info(const struct iopt_cma *cma, struct iopt_cma_info *info)
{
	const struct page_map_use use = page_map_use(&cma->map);

	if (info->struct_size < sizeof(*info))
		return;
	*info = (struct iopt_cma_info){
		.struct_size = sizeof(*info),
		.name = cma->name,
		.base = cma->map.base,
		.size = (uint64_t)cma->map.pages << cma->map.page_shift,
		.page_size = BIT(cma->map.page_shift),
		.is_default = cma->state->default_cma == cma,
		.pages = cma->map.pages,
		.used = use.taken,
		.max_chunk = use.longest_free,
		.pages_taken = cma->pages_taken,
		.pages_failed = cma->pages_failed,
	};
}

/* ---- blocks ---- */

int cma_alloc(struct iopt_cma *cma, uint64_t size, uint64_t *pa)
{
	const uint64_t count = size >> cma->map.page_shift;
	const unsigned order = (unsigned)min_u64(log2_up(count), CMA_ALIGN_ORDER_MAX);
	int ret = page_map_take(&cma->map, count, BIT(order), pa);

	if (ret)
		cma->pages_failed += count;
	else
		cma->pages_taken += count;
	return ret;
}

void cma_free(struct iopt_cma *cma, uint64_t pa, uint64_t size)
{
	page_map_mark(&cma->map, (pa - cma->map.base) >> cma->map.page_shift,
		      size >> cma->map.page_shift, false);
}

/* Which area a device's block would come from; NULL with why. */
static struct iopt_cma *area_for(const struct iopt_device *device, uint64_t size, bool atomic,
				 const char **why)
{
	struct iopt_cma *cma = device->config.cma;

	*why = "CMA needs to wait, which GFP_ATOMIC forbids";
	if (atomic)
		return NULL;
	if (cma)
		return cma;
	*why = "one page comes from the page allocator";
	if (size <= device_page(device))
		return NULL;
	*why = "there is no contiguous memory area";
	cma = device->state->default_cma;
	return cma && cma->map.page_shift == device->page_shift ? cma : NULL;
}

struct iopt_cma *dma_alloc_contiguous(const struct iopt_device *device, uint64_t size, bool atomic,
				      uint64_t *pa)
{
	struct iopt_memory *m = device->state->memory;
	const char *why;
	struct iopt_cma *cma = area_for(device, size, atomic, &why);
	int ret = -IOPT_ENOMEM;

	trace_call(m, "dma_alloc_contiguous", trace_text("dev", device->config.name),
		   trace_number("size", size));
	if (cma)
		ret = cma_alloc(cma, size, pa);
	if (!cma)
		trace_note(m, "%s", why);
	else if (ret)
		trace_note(m, "%s has no such run of free pages", cma->name);
	else
		trace_note(m, "0x%llx pages of %s, no more than are needed",
			   (unsigned long long)(size >> cma->map.page_shift), cma->name);
	trace_return(m, "dma_alloc_contiguous", ret ? ret : (int64_t)*pa);
	return ret ? NULL : cma;
}
