/* SPDX-License-Identifier: MIT */
/*
 * Live buffers.  By handle they are found in a hash table, under the first address that the IOVA
 * allocator gave for them (what lies around an address is asked of that allocator), or the handle
 * itself where nothing translates; by physical address in a tree, where their memory is not the
 * allocator's own.
 */
#include <stdlib.h>

#include "dma.h"
#include "dma_check.h"

enum { TABLE_FIRST = 64 };

/* ---- the state of a memory ---- */

struct dma_state *dma_state(struct iopt_memory *m)
{
	struct dma_state *state = m->dma;

	if (state)
		return state;
	state = calloc(1, sizeof(*state));
	if (!state)
		return NULL;
	state->memory = m;
	state->table.heads = calloc(TABLE_FIRST, sizeof(struct iopt_buffer *));
	state->table.size = TABLE_FIRST;
	if (!state->table.heads) {
		free(state);
		return NULL;
	}
	m->dma = state;
	return state;
}

void dma_state_destroy(struct dma_state *state)
{
	struct coherent_pool *pool;
	struct iopt_cma *cma;

	if (!state)
		return;
	dma_pools_destroy(state);
	while (state->newest)
		dma_release(state->newest, NULL);
	while (state->devices)
		iopt_device_destroy(state->devices, NULL);
	while (state->smmus)
		iopt_smmu_destroy(state->smmus);
	while ((pool = state->pools) != NULL) {
		state->pools = pool->next;
		free(pool->map.taken);
		free(pool);
	}
	bounce_destroy(state);
	while ((cma = state->cmas) != NULL) {
		state->cmas = cma->next;
		cma_free_area(cma);
	}
	findings_destroy(state);
	free(state->table.heads);
	free(state);
}

/* ---- one buffer ---- */

struct iopt_buffer *buffer_new(struct iopt_device *device, enum iopt_buffer_kind kind)
{
	struct iopt_buffer *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->device = device;
	b->kind = kind;
	return b;
}

void buffer_free(struct iopt_buffer *b)
{
	if (!b)
		return;
	if (b->segments != &b->one)
		free(b->segments);
	if (b->spans != &b->one_span)
		free(b->spans);
	if (b->pieces != &b->one_piece)
		free(b->pieces);
	free(b->dma);
	free(b);
}

void buffer_set_segments(struct iopt_buffer *b, struct segment_list *list)
{
	b->segment_count = list->count;
	if (list->count == 1) {
		b->one = list->items[0];
		b->segments = &b->one;
		free(list->items);
	} else {
		b->segments = list->items;
	}
	*list = (struct segment_list){0};
}

uint64_t buffer_pa(const struct iopt_buffer *b, uint64_t offset)
{
	size_t i;

	for (i = 0; i + 1 < b->segment_count && offset >= b->segments[i].size; i++)
		offset -= b->segments[i].size;
	return b->segments[i].pa + offset;
}

int buffer_make_spans(struct iopt_buffer *b)
{
	b->span_count = b->segment_count;
	b->spans = &b->one_span;
	if (b->span_count > 1)
		b->spans = calloc(b->span_count, sizeof(*b->spans));
	if (!b->spans) {
		b->span_count = 0;
		return -IOPT_ENOMEM;
	}
	for (size_t i = 0; i < b->span_count; i++) {
		b->spans[i].owner = b;
		range_make(b->segments[i].pa, b->segments[i].size, &b->spans[i].range);
	}
	return 0;
}

/* ---- all of them ---- */

static struct iopt_buffer **table_head(const struct buffer_table *t,
				       const struct iopt_device *device, uint64_t key)
{
	uint64_t hash = (key >> 12 ^ key << 40 ^ (uintptr_t)device) * UINT64_C(0x9e3779b97f4a7c15);

	return &t->heads[hash >> 32 & (t->size - 1)];
}

/* Without memory for more heads, chains become longer. */
static void table_grow(struct buffer_table *t)
{
	struct buffer_table larger = {.size = 2 * t->size, .count = t->count};
	struct iopt_buffer *b, **head;

	larger.heads = calloc(larger.size, sizeof(struct iopt_buffer *));
	if (!larger.heads)
		return;
	for (size_t i = 0; i < t->size; i++) {
		while ((b = t->heads[i]) != NULL) {
			t->heads[i] = b->chain;
			head = table_head(&larger, b->device, b->key);
			b->chain = *head;
			*head = b;
		}
	}
	free(t->heads);
	*t = larger;
}

void buffer_add(struct iopt_buffer *b)
{
	struct dma_state *state = b->device->state;
	struct iopt_buffer **head;

	if (state->table.count++ >= state->table.size)
		table_grow(&state->table);
	b->key = b->iova_size ? b->iova_first : b->iova;
	b->serial = ++state->serial;
	head = table_head(&state->table, b->device, b->key);
	b->chain = *head;
	*head = b;
	b->older = state->newest;
	*(state->newest ? &state->newest->newer : &state->oldest) = b;
	state->newest = b;
	for (size_t i = 0; i < b->span_count; i++)
		span_insert(&state->spans, &b->spans[i]);
	b->device->live += !b->pool;
}

void buffer_remove(struct iopt_buffer *b)
{
	struct dma_state *state = b->device->state;
	struct iopt_buffer **at = table_head(&state->table, b->device, b->key);

	while (*at != b)
		at = &(*at)->chain;
	*at = b->chain;
	b->chain = NULL;
	state->table.count--;
	*(b->older ? &b->older->newer : &state->oldest) = b->newer;
	*(b->newer ? &b->newer->older : &state->newest) = b->older;
	for (size_t i = 0; i < b->span_count; i++)
		span_remove(&state->spans, &b->spans[i]);
	b->device->live -= !b->pool;
}

static struct iopt_buffer *chain_find(const struct iopt_device *device, uint64_t key, uint64_t iova,
				      unsigned *count)
{
	struct iopt_buffer *b, *found = NULL;

	for (b = *table_head(&device->state->table, device, key); b; b = b->chain) {
		if (b->device != device || b->key != key || b->iova != iova)
			continue;
		found = b;
		++*count;
	}
	return found;
}

static const struct iopt_domain *iova_domain(const struct iopt_device *device)
{
	const struct iopt_domain *d = device->group ? device->group->default_domain : NULL;

	return d && d->binding.iova ? d : NULL;
}

struct iopt_buffer *buffer_find(const struct iopt_device *device, uint64_t iova, unsigned *count)
{
	const struct iopt_domain *d = iova_domain(device);
	uint64_t first = d ? align_down(iova, domain_granule(d)) : iova;
	struct iopt_buffer *b, *exact = NULL;
	unsigned n = 0;

	b = chain_find(device, first, iova, &n);
	if (first != iova)
		exact = chain_find(device, iova, iova, &n);
	if (count)
		*count = n;
	return b ? b : exact;
}

/* ---- what lies around an address ---- */

static struct iopt_buffer *around_iova(const struct iopt_device *device, uint64_t iova)
{
	const struct iopt_domain *d = iova_domain(device);
	struct iopt_iova_range range;
	struct iopt_buffer *b;
	uint64_t key;

	if (!d || iopt_iova_find(d->binding.iova, iova / domain_granule(d), &range))
		return NULL;
	key = range.pfn_lo * domain_granule(d);
	for (b = *table_head(&device->state->table, device, key); b; b = b->chain)
		if (b->device == device && b->key == key && b->iova_size)
			return b;
	return NULL;
}

struct around {
	const struct iopt_device *device;
	struct range want;
	struct iopt_buffer *found;
};

static int around_span(void *arg, struct span *span)
{
	struct iopt_buffer *b = span->owner;
	struct around *a = arg;

	if (b->device == a->device && !b->domain && span->range.first <= a->want.first &&
	    span->range.last >= a->want.last)
		a->found = b;
	return a->found != NULL;
}

struct iopt_buffer *buffer_around(const struct iopt_device *device, uint64_t iova, uint64_t size)
{
	struct around a = {.device = device};
	struct iopt_buffer *b;

	if (!range_make(iova, size, &a.want))
		return NULL;
	b = around_iova(device, iova);
	if (b && a.want.first >= b->iova_first && a.want.last - b->iova_first <= b->iova_size - 1)
		return b;
	if (!device_memory_address(device, iova, &iova) || !range_make(iova, size, &a.want))
		return NULL;
	span_overlap(&device->state->spans, a.want, around_span, &a);
	return a.found;
}

/* ---- asked from outside ---- */

struct iopt_buffer *iopt_buffer_next(struct iopt_memory *m, const struct iopt_buffer *b)
{
	struct iopt_buffer *next = b ? b->newer : m->dma ? m->dma->oldest : NULL;

	while (next && next->pool)
		next = next->newer;
	return next;
}

static uint64_t bounced_bytes(const struct iopt_buffer *b)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < b->piece_count; i++)
		bytes += b->pieces[i].bounce.size;
	return bytes;
}

void iopt_buffer_info(const struct iopt_buffer *b, struct iopt_buffer_info *info)
{
	if (info->struct_size < sizeof(*info))
		return;
	*info = (struct iopt_buffer_info){
		.struct_size = sizeof(*info),
		.device = b->device,
		.kind = b->kind,
		.source = b->source,
		.direction = b->direction,
		.attrs = b->attrs,
		.atomic = b->atomic,
		.size = b->size,
		.iova = b->iova,
		.mapped = b->mapped,
		.iova_first = b->iova_first,
		.iova_size = b->iova_size,
		.zeroed = b->zeroed,
		.cma = b->cma,
		.domain = b->domain,
		.nents = b->nents,
		.segments = b->segments,
		.segment_count = b->segment_count,
		.dma = b->dma,
		.dma_count = b->dma_count,
		.bounced = bounced_bytes(b),
	};
}
