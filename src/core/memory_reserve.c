/* SPDX-License-Identifier: MIT */
/* Memory that is kept for something: no page of it is handed out for tables or buffers. */
#include <stdlib.h>

#include "error.h"
#include "memory.h"
#include "page_alloc.h"

/* What the page allocator would split: a CPU's smallest page. */
#define RESERVE_ALIGN BIT(12)

static const char *const kinds[IOPT_RESERVED_COUNT] = {
	[IOPT_RESERVED_PLAIN] = "reserved",
	[IOPT_RESERVED_NO_MAP] = "no-map",
	[IOPT_RESERVED_POOL] = "pool",
	[IOPT_RESERVED_CMA] = "cma",
};

const char *iopt_reserved_kind_name(enum iopt_reserved_kind kind)
{
	return (unsigned)kind < IOPT_RESERVED_COUNT ? kinds[kind] : NULL;
}

/* The first that ends at or after pa; reserved_count: none does. */
static size_t search(const struct iopt_memory *m, uint64_t pa)
{
	size_t low = 0, high = m->reserved_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (m->reserved[middle].range.last < pa)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct memory_reserved *memory_reserved_find(const struct iopt_memory *m, struct range range)
{
	const size_t at = search(m, range.first);

	if (at == m->reserved_count || m->reserved[at].range.first > range.last)
		return NULL;
	return &m->reserved[at];
}

/* Room for one more, and its name. */
static int prepare(struct iopt_memory *m, const char *name, char **copy)
{
	struct memory_reserved *list =
		realloc(m->reserved, (m->reserved_count + 1) * sizeof(*list));

	if (!list)
		return -IOPT_ENOMEM;
	m->reserved = list;
	*copy = strdup(name);
	return *copy ? 0 : -IOPT_ENOMEM;
}

static int reserve_failed(struct iopt_error *error, int code, struct range range, const char *why)
{
	return error_set(error, IOPT_FAILURE_REQUEST, code, "[0x%llx, 0x%llx]: %s",
			 (unsigned long long)range.first, (unsigned long long)range.last, why);
}

/* Whole pages, as the page allocator has no others. */
static struct range whole_pages(struct range range)
{
	return (struct range){align_down(range.first, RESERVE_ALIGN),
			      range.last | (RESERVE_ALIGN - 1)};
}

int memory_reserve(struct iopt_memory *m, struct range range, enum iopt_reserved_kind kind,
		   const char *name, struct iopt_error *error)
{
	const struct memory_reserved *other = memory_reserved_find(m, range);
	const struct range pages = whole_pages(range);
	char *copy = NULL;
	size_t at;
	int ret;

	if (other)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EEXIST,
				 "[0x%llx, 0x%llx] is kept for something else: %s%s%s",
				 (unsigned long long)other->range.first,
				 (unsigned long long)other->range.last, kinds[other->kind],
				 *other->name ? " " : "", other->name);
	ret = prepare(m, name, &copy);
	if (!ret)
		ret = page_alloc_reserve(m->pages, pages.first, pages.last);
	if (ret) {
		free(copy);
		return reserve_failed(error, -ret, range,
				      ret == -IOPT_EBUSY ? "pages of it are allocated"
							 : iopt_error_text(ret));
	}
	at = search(m, range.first);
	memmove(&m->reserved[at + 1], &m->reserved[at],
		(m->reserved_count++ - at) * sizeof(*m->reserved));
	m->reserved[at] = (struct memory_reserved){range, kind, copy};
	return 0;
}

int memory_reserve_again(struct iopt_memory *m, struct range window)
{
	int ret = 0;

	for (size_t i = search(m, window.first); !ret && i < m->reserved_count; i++) {
		const struct range pages = whole_pages(m->reserved[i].range);

		if (pages.first > window.last)
			break;
		ret = page_alloc_reserve(m->pages, max_u64(pages.first, window.first),
					 min_u64(pages.last, window.last));
	}
	return ret;
}

void memory_reserved_destroy(struct iopt_memory *m)
{
	for (size_t i = 0; i < m->reserved_count; i++)
		free(m->reserved[i].name);
	free(m->reserved);
}

int iopt_memory_reserve(struct iopt_memory *m, const struct iopt_reserved *r,
			struct iopt_error *error)
{
	struct range range;

	if (r->struct_size < sizeof(*r) ||
	    (r->kind != IOPT_RESERVED_PLAIN && r->kind != IOPT_RESERVED_NO_MAP))
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "no such kind of reserved memory");
	if (!range_make(r->base, r->size, &range))
		return error_set(error, IOPT_FAILURE_REQUEST, r->size ? IOPT_ERANGE : IOPT_EINVAL,
				 "reserved memory is empty, or leaves the 64-bit space");
	return memory_reserve(m, range, r->kind, r->name ? r->name : "", error);
}

int iopt_memory_reserved(const struct iopt_memory *m, size_t i, struct iopt_reserved *r)
{
	if (r->struct_size < sizeof(*r))
		return -IOPT_EINVAL;
	if (i >= m->reserved_count)
		return -IOPT_ENOENT;
	*r = (struct iopt_reserved){
		.struct_size = sizeof(*r),
		.kind = m->reserved[i].kind,
		.base = m->reserved[i].range.first,
		.size = m->reserved[i].range.last - m->reserved[i].range.first + 1,
		.name = m->reserved[i].name,
	};
	return 0;
}
