/* SPDX-License-Identifier: MIT */
/* Buffers: their names, what is shown of them, and how they begin and end. */
#include "arg_objects.h"
#include "handlers.h"

/* ---- names ---- */

int buffer_check_name(struct session *s, const struct arg *name)
{
	if (!name || !named_find(&s->objects.buffers, name->text))
		return 0;
	return fail(s, name->word, IOPT_EEXIST, IOPT_FAILURE_REQUEST,
		    "there is a live buffer '%s' already", name->text);
}

struct named_buffer *buffer_name_new(struct session *s, const struct arg *name,
				     struct named_device *device)
{
	char number[NAME_BYTES];
	struct named_buffer *b;

	if (!name)
		buffer_make_name(&s->objects, number);
	b = buffer_add_name(&s->objects, name ? name->text : number);
	if (b)
		b->device = device;
	return b;
}

/* ---- what is shown ---- */

static const char *const kinds[] = {
	[IOPT_BUFFER_COHERENT] = "coherent",
	[IOPT_BUFFER_PAGE] = "page",
	[IOPT_BUFFER_SG] = "sg",
	[IOPT_BUFFER_RESOURCE] = "resource",
};

static void show_segments(struct out *o, const char *name, const struct iopt_segment *segments,
			  size_t count, const char *address)
{
	size_t i;

	out_begin_list(o, name);
	for (i = 0; i < count; i++) {
		out_begin_object(o, NULL);
		out_hex(o, address, segments[i].pa);
		out_hex(o, "size", segments[i].size);
		out_end(o);
	}
	out_end(o);
}

static void show_attrs_of_buffer(struct out *o, unsigned attrs)
{
	size_t i;

	out_begin_list(o, "attrs");
	for (i = 0; dma_attr_bit(i); i++)
		if (attrs & dma_attr_bit(i))
			out_str(o, NULL, dma_attr_name(NULL, i));
	out_end(o);
}

static void show_handle(struct out *o, const struct named_buffer *b,
			const struct iopt_buffer_info *info)
{
	out_str(o, "name", b->named.name);
	out_str(o, "device", b->device->named.name);
	out_str(o, "kind", kinds[info->kind]);
	out_hex(o, "size", info->size);
	out_hex(o, "iova", info->iova);
	out_hex(o, "mapped", info->mapped);
	if (info->iova_size) {
		out_hex(o, "iova_first", info->iova_first);
		out_hex(o, "iova_size", info->iova_size);
	}
	if (info->kind != IOPT_BUFFER_COHERENT)
		out_str(o, "direction", iopt_dma_direction_name(info->direction));
	if (info->kind != IOPT_BUFFER_COHERENT && info->source == IOPT_SOURCE_CALLER)
		out_str(o, "source", "caller");
	else
		out_str(o, "source", iopt_buffer_source_name(info->source));
	if (info->cma)
		show_area(o, "cma", info->cma);
	if (info->bounced)
		out_hex(o, "bounced", info->bounced);
}

static void show_block(struct out *o, const struct named_buffer *b)
{
	out_str(o, "name", b->named.name);
	out_str(o, "device", b->device->named.name);
	out_str(o, "kind", "block");
	out_str(o, "pool", b->pool->named.name);
	out_hex(o, "size", b->size);
	out_hex(o, "iova", b->iova);
	out_hex(o, "pa", b->pa);
}

void show_buffer(struct out *o, const char *name, const struct named_buffer *b)
{
	struct iopt_buffer_info info = IOPT_INIT(struct iopt_buffer_info);

	out_begin_object(o, name);
	if (b->buffer) {
		iopt_buffer_info(b->buffer, &info);
		show_handle(o, b, &info);
		show_segments(o, "segments", info.segments, info.segment_count, "pa");
		if (info.kind == IOPT_BUFFER_SG)
			show_segments(o, "dma", info.dma, info.dma_count, "iova");
		show_attrs_of_buffer(o, info.attrs);
	} else {
		show_block(o, b);
	}
	out_end(o);
}

void show_place(struct out *o, const struct named_buffer *b)
{
	struct iopt_buffer_info info = IOPT_INIT(struct iopt_buffer_info);

	out_begin_object(o, NULL);
	if (b->buffer) {
		iopt_buffer_info(b->buffer, &info);
		show_handle(o, b, &info);
		out_hex(o, "pa", b->pa);
		out_count(o, "segment_count", info.segment_count);
	} else {
		show_block(o, b);
	}
	out_end(o);
}

static void show_whole(struct out *o, const struct named_buffer *b)
{
	struct iopt_buffer_info info = IOPT_INIT(struct iopt_buffer_info);

	iopt_buffer_info(b->buffer, &info);
	show_handle(o, b, &info);
	if (info.iova_size)
		out_hex(o, "iova_last", info.iova_first + (info.iova_size - 1));
	out_hex(o, "pa", b->pa);
	out_count(o, "segment_count", info.segment_count);
	show_segments(o, "segments", info.segments, info.segment_count, "pa");
	show_attrs_of_buffer(o, info.attrs);
}

void show_buffer_record(struct out *o, const struct named_buffer *b)
{
	out_begin_record(
		o, "{name:-12} {device:-10} {kind:-8} iova {iova:-14} size {size:-10}"
		   " pa {pa:-14}[ in {segment_count} segments, {source}][ of {cma}]"
		   "[, {direction}][, addresses {iova_first} to {iova_last}][ of pool {pool}]");
	if (b->buffer)
		show_whole(o, b);
	else
		show_block(o, b);
	out_end_record(o);
}

/* ---- how it begins ---- */

unsigned read_dma_attrs(const struct args *a)
{
	const struct arg *attr;
	unsigned attrs = 0;
	size_t i;

	for (i = 0; (attr = args_nth(a, "--attr", i)) != NULL; i++)
		attrs |= dma_attr_bit(attr->number);
	return attrs;
}

int finish_buffer(struct out *o, struct named_buffer *b, struct iopt_buffer *buffer)
{
	struct iopt_buffer_info info = IOPT_INIT(struct iopt_buffer_info);

	iopt_buffer_info(buffer, &info);
	b->buffer = buffer;
	b->kind = info.kind;
	b->iova = info.iova;
	b->size = info.size;
	b->pa = info.segment_count ? info.segments[0].pa : 0;
	show_buffer(o, "buffer", b);
	return 0;
}

int cmd_alloc(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *dev = args_get(a, "DEV"), *size = args_get(a, "SIZE");
	const struct arg *name = args_get(a, "NAME");
	struct iopt_buffer *buffer;
	struct named_buffer *b;
	int r = buffer_check_name(s, name);

	if (r)
		return r;
	r = iopt_dma_alloc(dev->device->device, size->number, read_dma_attrs(a),
			   args_get(a, "--atomic"), &buffer, &s->error);
	if (r)
		return fail_library(s, size->word, r);
	b = buffer_name_new(s, name, dev->device);
	if (b)
		return finish_buffer(o, b, buffer);
	iopt_dma_release(buffer, NULL, NULL);
	return fail_library(s, NULL, IOPT_ENOMEM);
}

/* ---- how it ends ---- */

/* What the driver passes, right or wrong. */
static void read_release(const struct args *a, const struct named_buffer *b, bool coherent,
			 struct iopt_release *release)
{
	const struct arg *dir = args_get(a, "--dir");

	release->size = args_number(a, "--size", 0);
	release->other_kind =
		args_get(a, "--wrong-function") || coherent != (b->kind == IOPT_BUFFER_COHERENT);
	release->has_direction = dir;
	if (dir)
		release->direction = (enum iopt_dma_direction)dir->number;
	release->nents = (size_t)args_number(a, "--nents", 0);
	release->pa = args_number(a, "--pa", 0);
}

/* By a handle that may be anyone's: whose buffer is no longer there? */
static void find_released(struct session *s, const struct named_device *device, uint64_t iova)
{
	struct named *n = s->objects.buffers.oldest, *next;

	for (; n; n = next) {
		struct named_buffer *b = (struct named_buffer *)n;
		struct iopt_buffer *live = NULL;

		next = n->newer;
		if (b->device != device || b->iova != iova || !b->buffer)
			continue;
		while ((live = iopt_buffer_next(device->memory->memory, live)) != NULL)
			if (live == b->buffer)
				break;
		if (!live)
			buffer_set_released(&s->objects, b);
	}
}

static int release_by_handle(struct session *s, struct named_buffer *b, uint64_t iova,
			     struct iopt_release *release)
{
	int r;

	if (!release->size)
		release->size = b->size;
	r = iopt_dma_release_at(b->device->device, iova, release, &s->error);
	if (!r)
		find_released(s, b->device, iova);
	return r;
}

static int release_buffer(struct session *s, const struct args *a, struct out *o, bool coherent)
{
	const struct arg *name = args_get(a, "BUFFER"), *iova = args_get(a, "--iova");
	struct iopt_release release = IOPT_INIT(struct iopt_release);
	struct named_buffer *b = name->buffer;
	int r;

	out_str(o, "name", name->text);
	if (b->pool)
		return fail(s, name->word, IOPT_EINVAL, IOPT_FAILURE_REQUEST,
			    "%s is a block of pool %s: pool free gives it back", name->text,
			    b->pool->named.name);
	out_str(o, "device", b->device->named.name);
	out_hex(o, "iova", iova ? iova->number : b->iova);
	read_release(a, b, coherent, &release);
	if (iova || !b->buffer)
		r = release_by_handle(s, b, iova ? iova->number : b->iova, &release);
	else
		r = iopt_dma_release(b->buffer, &release, &s->error);
	if (r)
		return fail_library(s, iova ? iova->word : name->word, r);
	if (!iova)
		buffer_set_released(&s->objects, b);
	return 0;
}

int cmd_free(struct session *s, const struct args *a, struct out *o)
{
	return release_buffer(s, a, o, true);
}

int cmd_dma_unmap(struct session *s, const struct args *a, struct out *o)
{
	return release_buffer(s, a, o, false);
}
