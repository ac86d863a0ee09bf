/* SPDX-License-Identifier: MIT */
/* Contiguous memory areas, and other memory that is kept for something. */
#include "handlers.h"

void show_area(struct out *o, const char *name, const struct iopt_cma *cma)
{
	struct iopt_cma_info info = IOPT_INIT(struct iopt_cma_info);

	if (!cma) {
		out_null(o, name);
		return;
	}
	iopt_cma_info(cma, &info);
	out_str(o, name, info.name);
}

static void show_facts(struct out *o, const struct named_cma *v)
{
	struct iopt_cma_info info = IOPT_INIT(struct iopt_cma_info);

	iopt_cma_info(v->cma, &info);
	out_str(o, "name", v->named.name);
	out_str(o, "memory", v->memory->name);
	out_hex(o, "base", info.base);
	out_hex(o, "size", info.size);
	out_bool(o, "default", info.is_default);
	out_hex(o, "page_size", info.page_size);
	out_count(o, "pages", info.pages);
	out_count(o, "used", info.used);
	out_count(o, "max_chunk", info.max_chunk);
	out_count(o, "pages_taken", info.pages_taken);
	out_count(o, "pages_failed", info.pages_failed);
}

int cmd_cma_add(struct session *s, const struct args *a, struct out *o)
{
	struct iopt_cma_config config = IOPT_INIT(struct iopt_cma_config);
	const struct arg *name = args_get(a, "NAME"), *range = args_get(a, "RANGE");
	struct named_cma *added;
	int r;

	if (named_find(&s->objects.cmas, name->text))
		return fail(s, name->word, IOPT_EEXIST, IOPT_FAILURE_REQUEST,
			    "there is already an area '%s'", name->text);
	config.name = name->text;
	config.base = range->range.first;
	config.size = range->range.last - range->range.first + 1;
	config.is_default = args_get(a, "--default") != NULL;
	config.cpu_page_size = s->settings.cpu_page_size;
	added = named_add(&s->objects.cmas, name->text, sizeof(*added));
	if (!added)
		return fail_library(s, NULL, IOPT_ENOMEM);
	added->memory = s->memory;
	r = iopt_cma_create(s->memory->memory, &config, &added->cma, &s->error);
	if (r) {
		named_delete(&s->objects.cmas, &added->named);
		return fail_library(s, range->word, r);
	}
	show_facts(o, added);
	return 0;
}

int cmd_cma_list(struct session *s, const struct args *a, struct out *o)
{
	const struct named *n;

	(void)a;
	for (n = s->objects.cmas.oldest; n; n = n->newer) {
		out_begin_record(o, "{name:-16} {base} {size}, used {used} of {pages} pages,"
				    " max {max_chunk} together[ {default}]");
		show_facts(o, (const struct named_cma *)n);
		out_end_record(o);
	}
	out_records(o);
	return 0;
}

int cmd_mem_reserve(struct session *s, const struct args *a, struct out *o)
{
	struct iopt_reserved reserved = IOPT_INIT(struct iopt_reserved);
	const struct arg *range = args_get(a, "RANGE"), *name = args_get(a, "NAME");
	int r;

	reserved.kind = args_get(a, "--no-map") ? IOPT_RESERVED_NO_MAP : IOPT_RESERVED_PLAIN;
	reserved.base = range->range.first;
	reserved.size = range->range.last - range->range.first + 1;
	reserved.name = name ? name->text : NULL;
	out_str(o, "memory", s->memory->name);
	out_hex(o, "base", range->range.first);
	out_hex(o, "last", range->range.last);
	r = iopt_memory_reserve(s->memory->memory, &reserved, &s->error);
	return r ? fail_library(s, range->word, r) : 0;
}

int cmd_mem_swiotlb(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *size = args_get(a, "N|off");
	uint64_t base, bytes, used;
	int r = iopt_memory_set_swiotlb(s->memory->memory,
					size->number == UINT64_MAX ? 0 : size->number, &s->error);

	if (r)
		return fail_library(s, size->word, r);
	iopt_memory_swiotlb(s->memory->memory, &base, &bytes, &used);
	out_str(o, "memory", s->memory->name);
	out_hex(o, "base", base);
	out_hex(o, "size", bytes);
	return 0;
}
