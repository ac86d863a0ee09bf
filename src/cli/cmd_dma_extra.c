/* SPDX-License-Identifier: MIT */
/* What Linux 6.1's operations have beyond the old ones, and what drivers ask before. */
#include "handlers.h"

static int finish_mapping(struct session *s, struct out *o, const struct args *a,
			  struct iopt_buffer *buffer)
{
	struct named_buffer *b =
		buffer_name_new(s, args_get(a, "NAME"), args_get(a, "DEV")->device);

	if (b)
		return finish_buffer(o, b, buffer);
	iopt_dma_release(buffer, NULL, NULL);
	return fail_library(s, NULL, IOPT_ENOMEM);
}

static enum iopt_dma_direction direction_of(const struct args *a)
{
	return (enum iopt_dma_direction)args_get(a, "DIR")->number;
}

int cmd_dma_map_resource(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *pa = args_get(a, "PA");
	struct iopt_buffer *buffer;
	int r = buffer_check_name(s, args_get(a, "NAME"));

	if (r)
		return r;
	r = iopt_dma_map_resource(args_get(a, "DEV")->device->device, pa->number,
				  args_get(a, "SIZE")->number, direction_of(a), read_dma_attrs(a),
				  &buffer, &s->error);
	return r ? fail_library(s, pa->word, r) : finish_mapping(s, o, a, buffer);
}

int cmd_dma_alloc_pages(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *size = args_get(a, "SIZE");
	struct iopt_buffer *buffer;
	int r = buffer_check_name(s, args_get(a, "NAME"));

	if (r)
		return r;
	r = iopt_dma_alloc_pages(args_get(a, "DEV")->device->device, size->number, direction_of(a),
				 args_get(a, "--atomic"), &buffer, &s->error);
	return r ? fail_library(s, size->word, r) : finish_mapping(s, o, a, buffer);
}

int cmd_dma_alloc_noncontiguous(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *size = args_get(a, "SIZE");
	struct iopt_buffer *buffer;
	int r = buffer_check_name(s, args_get(a, "NAME"));

	if (r)
		return r;
	r = iopt_dma_alloc_noncontiguous(args_get(a, "DEV")->device->device, size->number,
					 direction_of(a), read_dma_attrs(a), &buffer, &s->error);
	return r ? fail_library(s, size->word, r) : finish_mapping(s, o, a, buffer);
}

/* ---- what a device can do ---- */

static void show_size(struct out *o, const char *name, uint64_t size)
{
	if (size == UINT64_MAX)
		out_null(o, name);
	else
		out_hex(o, name, size);
}

int cmd_device_limits(struct session *s, const struct args *a, struct out *o)
{
	struct iopt_device_limits limits = IOPT_INIT(struct iopt_device_limits);
	const struct arg *dev = args_get(a, "DEV");

	(void)s;
	iopt_device_limits(dev->device->device, &limits);
	out_str(o, "name", dev->text);
	out_hex(o, "required_mask", limits.required_mask);
	out_bool(o, "addressing_limited", limits.addressing_limited);
	show_size(o, "max_mapping_size", limits.max_mapping);
	show_size(o, "opt_mapping_size", limits.opt_mapping);
	out_hex(o, "merge_boundary", limits.merge_boundary);
	out_begin_list(o, "capable");
	if (limits.cache_coherency)
		out_str(o, NULL, "cache-coherency");
	if (limits.noexec)
		out_str(o, NULL, "noexec");
	out_end(o);
	return 0;
}

int cmd_device_supports(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *dev = args_get(a, "DEV"), *bits = args_get(a, "BITS");
	const bool yes = iopt_device_supports(dev->device->device, (unsigned)bits->number);

	(void)s;
	out_str(o, "name", dev->text);
	out_count(o, "bits", bits->number);
	out_bool(o, "supported", yes);
	return yes ? 0 : 1;
}

/* ---- what a domain is to be ---- */

static void show_quirks(struct out *o, uint32_t quirks)
{
	unsigned i;

	out_begin_list(o, "quirks");
	for (i = 0; i < IOPT_QUIRK_COUNT; i++)
		if (quirks >> i & 1)
			out_str(o, NULL, iopt_quirk_name((enum iopt_quirk)(1u << i)));
	out_end(o);
}

int cmd_domain_attr(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *given = args_get(a, "DOMAIN"), *nesting = args_get(a, "--nesting"),
			 *quirk;
	struct iopt_domain *domain = given->domain->domain;
	uint32_t quirks = 0;
	int r = 0;
	size_t i;

	for (i = 0; (quirk = args_nth(a, "--quirk", i)) != NULL; i++)
		quirks |= 1u << quirk->number;
	if (nesting)
		r = iopt_domain_enable_nesting(domain, &s->error);
	if (!r && quirks)
		r = iopt_domain_set_quirks(domain, quirks, &s->error);
	if (r)
		return fail_library(s, given->word, r);
	out_str(o, "name", given->text);
	out_bool(o, "nesting", iopt_domain_is_nesting(domain));
	show_quirks(o, iopt_domain_quirks(domain));
	return 0;
}
