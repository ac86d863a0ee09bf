/* SPDX-License-Identifier: MIT */
#include "handlers.h"

static void show_pool_facts(struct out *o, const struct named_pool *p)
{
	struct iopt_dma_pool_info info = IOPT_INIT(struct iopt_dma_pool_info);

	iopt_dma_pool_info(p->pool, &info);
	out_str(o, "name", p->named.name);
	out_str(o, "device", p->device->named.name);
	out_hex(o, "size", info.size);
	out_hex(o, "boundary", info.boundary);
	out_hex(o, "allocation", info.allocation);
	out_count(o, "chunk_blocks", info.chunk_blocks);
	out_count(o, "chunks", info.chunk_count);
	out_count(o, "in_use", info.in_use);
	out_count(o, "sysfs_blocks", info.sysfs_blocks);
}

int cmd_pool_create(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *name = args_get(a, "NAME"), *dev = args_get(a, "DEV");
	const struct arg *size = args_get(a, "SIZE");
	struct iopt_dma_pool *pool;
	struct named_pool *p;
	int r;

	if (named_find(&s->objects.pools, name->text))
		return fail(s, name->word, IOPT_EEXIST, IOPT_FAILURE_REQUEST,
			    "there is already a pool '%s'", name->text);
	r = iopt_dma_pool_create(dev->device->device, size->number, args_number(a, "--align", 0),
				 args_number(a, "--boundary", 0), &pool, &s->error);
	if (r)
		return fail_library(s, size->word, r);
	p = named_add(&s->objects.pools, name->text, sizeof(*p));
	if (!p) {
		iopt_dma_pool_destroy(pool, NULL);
		return fail_library(s, NULL, IOPT_ENOMEM);
	}
	p->pool = pool;
	p->device = dev->device;
	out_begin_object(o, "pool");
	show_pool_facts(o, p);
	out_end(o);
	return 0;
}

int cmd_pool_alloc(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *name = args_get(a, "NAME");
	struct named_pool *p = args_get(a, "POOL")->pool;
	struct iopt_dma_pool_info info = IOPT_INIT(struct iopt_dma_pool_info);
	struct named_buffer *b;
	uint64_t iova, pa;
	int r = buffer_check_name(s, name);

	if (r)
		return r;
	r = iopt_dma_pool_alloc(p->pool, &iova, &pa, &s->error);
	if (r)
		return fail_library(s, NULL, r);
	b = buffer_name_new(s, name, p->device);
	if (!b) {
		iopt_dma_pool_free(p->pool, iova, NULL);
		return fail_library(s, NULL, IOPT_ENOMEM);
	}
	iopt_dma_pool_info(p->pool, &info);
	b->pool = p;
	b->iova = iova;
	b->pa = pa;
	b->size = info.size;
	show_buffer(o, "buffer", b);
	return 0;
}

int cmd_pool_free(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *pool = args_get(a, "POOL"), *name = args_get(a, "BUFFER");
	struct named_buffer *b = name->buffer;
	bool live = b->pool && named_find(&s->objects.buffers, name->text) == b;
	int r = iopt_dma_pool_free(pool->pool->pool, b->iova, &s->error);

	out_str(o, "name", name->text);
	out_hex(o, "iova", b->iova);
	if (r)
		return fail_library(s, name->word, r);
	if (live)
		buffer_set_released(&s->objects, b);
	return 0;
}

int cmd_pool_destroy(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *pool = args_get(a, "POOL");
	int r;

	out_str(o, "name", pool->text);
	buffers_forget_pool(&s->objects, pool->pool);
	r = iopt_dma_pool_destroy(pool->pool->pool, &s->error);
	named_delete(&s->objects.pools, &pool->pool->named);
	return r ? fail_library(s, pool->word, r) : 0;
}

int cmd_pool_list(struct session *s, const struct args *a, struct out *o)
{
	const struct named *n;

	(void)a;
	for (n = s->objects.pools.oldest; n; n = n->newer) {
		out_begin_record(o,
				 "{name:-16} {device:-10} size {size}, boundary {boundary}:"
				 " in use {in_use} of {sysfs_blocks} blocks in {chunks} chunks of"
				 " {allocation}");
		show_pool_facts(o, (const struct named_pool *)n);
		out_end_record(o);
	}
	out_records(o);
	return 0;
}
