/* SPDX-License-Identifier: MIT */
/* Streaming DMA, what is asked of buffers, and what is wrong with them. */
#include <stdlib.h>

#include "handlers.h"

/* ---- streaming ---- */

static int finish_mapping(struct session *s, struct out *o, const struct arg *name,
			  const struct arg *dev, struct iopt_buffer *buffer)
{
	struct named_buffer *b = buffer_name_new(s, name, dev->device);

	if (b)
		return finish_buffer(o, b, buffer);
	iopt_dma_release(buffer, NULL, NULL);
	return fail_library(s, NULL, IOPT_ENOMEM);
}

int cmd_dma_map_page(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *dev = args_get(a, "DEV"), *pa = args_get(a, "PA");
	const struct arg *name = args_get(a, "NAME");
	struct iopt_buffer *buffer;
	int r = buffer_check_name(s, name);

	if (r)
		return r;
	r = iopt_dma_map_page(dev->device->device, pa->number, args_get(a, "SIZE")->number,
			      (enum iopt_dma_direction)args_get(a, "DIR")->number,
			      read_dma_attrs(a), &buffer, &s->error);
	if (r)
		return fail_library(s, pa->word, r);
	return finish_mapping(s, o, name, dev, buffer);
}

int cmd_dma_map_sg(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *dev = args_get(a, "DEV"), *name = args_get(a, "--name"), *seg;
	struct iopt_segment *segments;
	struct iopt_buffer *buffer;
	int r = buffer_check_name(s, name);
	size_t count;

	if (r)
		return r;
	segments = calloc(a->count, sizeof(*segments));
	if (!segments)
		return fail_library(s, NULL, IOPT_ENOMEM);
	for (count = 0; (seg = args_nth(a, "SEG", count)) != NULL; count++)
		segments[count] = seg->segment;
	r = iopt_dma_map_sg(dev->device->device, segments, count,
			    (enum iopt_dma_direction)args_get(a, "DIR")->number, read_dma_attrs(a),
			    &buffer, &s->error);
	free(segments);
	if (r)
		return fail_library(s, args_get(a, "SEG")->word, r);
	return finish_mapping(s, o, name, dev, buffer);
}

int cmd_dma_sync(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *name = args_get(a, "BUFFER"), *dir = args_get(a, "--dir");
	const struct named_buffer *b = name->buffer;
	struct iopt_sync sync = IOPT_INIT(struct iopt_sync);
	int r;

	sync.for_cpu = args_get(a, "cpu|device")->number == 0;
	sync.offset = args_number(a, "--offset", 0);
	sync.size = args_number(a, "--size", 0);
	sync.has_direction = dir;
	if (dir)
		sync.direction = (enum iopt_dma_direction)dir->number;
	sync.nents = (size_t)args_number(a, "--nents", 0);
	out_str(o, "name", name->text);
	if (b->buffer) {
		r = iopt_dma_sync(b->buffer, &sync, &s->error);
	} else {
		if (!sync.size)
			sync.size = b->size;
		r = iopt_dma_sync_at(b->device->device, b->iova, &sync, &s->error);
	}
	return r ? fail_library(s, name->word, r) : 0;
}

/* ---- questions ---- */

/* A buffer of the DMA API that was not given back; NULL with s->error. */
static struct iopt_buffer *live_buffer(struct session *s, const struct args *a)
{
	const struct arg *name = args_get(a, "BUFFER");
	const struct named_buffer *b = name->buffer;

	if (!b->buffer && b->pool)
		fail(s, name->word, IOPT_EINVAL, IOPT_FAILURE_REQUEST, "%s is a block of pool %s",
		     name->text, b->pool->named.name);
	else if (!b->buffer)
		fail(s, name->word, IOPT_ENOENT, IOPT_FAILURE_REQUEST, "%s was given back already",
		     name->text);
	return b->buffer;
}

int cmd_dma_mmap(struct session *s, const struct args *a, struct out *o)
{
	struct iopt_device_config config = IOPT_INIT(struct iopt_device_config);
	struct iopt_buffer_info info = IOPT_INIT(struct iopt_buffer_info);
	struct iopt_buffer *buffer = live_buffer(s, a);
	uint64_t offset = args_number(a, "--offset", 0), pages;
	int r;

	if (!buffer)
		return (int)s->error.failure;
	iopt_buffer_info(buffer, &info);
	iopt_device_info(info.device, &config);
	pages = (info.size - 1) / config.cpu_page_size + 1;
	pages = args_number(a, "--pages", offset < pages ? pages - offset : 1);
	r = iopt_dma_mmap(buffer, offset, pages, &s->error);
	if (r)
		return fail_library(s, args_get(a, "BUFFER")->word, r);
	out_str(o, "name", args_get(a, "BUFFER")->text);
	out_count(o, "offset", offset);
	out_count(o, "pages", pages);
	out_str(o, "cpu_mapping", config.coherent ? "cached" : "uncached");
	return 0;
}

int cmd_dma_sgtable(struct session *s, const struct args *a, struct out *o)
{
	struct iopt_buffer *buffer = live_buffer(s, a);
	struct iopt_segment *segments;
	int64_t count, i;

	if (!buffer)
		return (int)s->error.failure;
	count = iopt_dma_sgtable(buffer, NULL, 0);
	if (count < 0)
		return fail(s, args_get(a, "BUFFER")->word, (int)-count, IOPT_FAILURE_REQUEST,
			    "only a coherent buffer has a scatterlist of its own");
	segments = calloc((size_t)count + 1, sizeof(*segments));
	if (!segments)
		return fail_library(s, NULL, IOPT_ENOMEM);
	iopt_dma_sgtable(buffer, segments, (size_t)count);
	out_str(o, "name", args_get(a, "BUFFER")->text);
	out_begin_list(o, "segments");
	for (i = 0; i < count; i++) {
		out_begin_object(o, NULL);
		out_hex(o, "pa", segments[i].pa);
		out_hex(o, "size", segments[i].size);
		out_end(o);
	}
	out_end(o);
	free(segments);
	return 0;
}

int cmd_dma_mapping_error(struct session *s, const struct args *a, struct out *o)
{
	struct iopt_buffer *buffer = live_buffer(s, a);
	bool error;

	if (!buffer)
		return (int)s->error.failure;
	error = iopt_dma_mapping_error(buffer);
	out_str(o, "name", args_get(a, "BUFFER")->text);
	out_bool(o, "mapped", !error);
	out_bool(o, "mapping_error", error);
	return 0;
}

int cmd_dma_access(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *dev = args_get(a, "DEV"), *iova = args_get(a, "IOVA");
	const struct arg *size = args_get(a, "SIZE");
	unsigned access = args_get(a, "r|w")->number ? IOPT_WRITE : IOPT_READ;
	struct iopt_fault fault = {.type = IOPT_FAULT_NONE};
	uint64_t pa;
	int r = iopt_device_access(dev->device->device, iova->number, size->number, access, &pa,
				   &fault);

	out_str(o, "device", dev->text);
	out_hex(o, "iova", iova->number);
	if (!r) {
		out_hex(o, "pa", pa);
		return 0;
	}
	out_null(o, "pa");
	if (r != -IOPT_EFAULT)
		return fail(s, size->word, -r, IOPT_FAILURE_REQUEST,
			    "no access has %s bytes from there on", size->text);
	if (fault.type != IOPT_FAULT_NONE)
		show_fault(o, &fault);
	return 1;
}

/* ---- dma list, check, rules ---- */

int cmd_dma_list(struct session *s, const struct args *a, struct out *o)
{
	const struct named *n;

	(void)a;
	for (n = s->objects.buffers.oldest; n; n = n->newer)
		show_buffer_record(o, (const struct named_buffer *)n);
	out_records(o);
	return 0;
}

static void show_finding_place(struct out *o, uint64_t iova, uint64_t size)
{
	out_begin_object(o, NULL);
	out_hex(o, "iova", iova);
	out_hex(o, "size", size);
	out_end(o);
}

static int show_finding(void *arg, const struct iopt_finding *f)
{
	struct out *o = arg;

	out_begin_record(o, "{rule:-4}{message}[ ({stricter} than Linux)]"
			    "<<places \n    iova {iova}, {size} bytes>>");
	out_str(o, "rule", f->rule);
	out_str(o, "device", f->device);
	out_str(o, "message", f->message);
	out_bool(o, "stricter", f->stricter);
	out_begin_list(o, "places");
	show_finding_place(o, f->iova, f->size);
	if (f->other_size)
		show_finding_place(o, f->other_iova, f->other_size);
	out_end(o);
	out_end_record(o);
	return 0;
}

int cmd_dma_check(struct session *s, const struct args *a, struct out *o)
{
	size_t i;
	int r = 0;

	(void)a;
	for (i = 0; i < s->memory_count && !r; i++)
		r = iopt_dma_check(s->memories[i]->memory, show_finding, o);
	if (r)
		return fail_library(s, NULL, r);
	out_records(o);
	if (!o->records)
		tell(s, "nothing found");
	return o->records ? 1 : 0;
}

int cmd_dma_rules(struct session *s, const struct args *a, struct out *o)
{
	const char *meaning, *id;
	unsigned i;

	(void)s;
	(void)a;
	for (i = 0; (meaning = iopt_dma_rule(i, &id)) != NULL; i++) {
		out_begin_record(o, "{rule:-4}{meaning}");
		out_str(o, "rule", id);
		out_str(o, "meaning", meaning);
		out_end_record(o);
	}
	out_records(o);
	return 0;
}
