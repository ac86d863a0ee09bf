/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>

#include "handlers.h"

enum { READ_DEFAULT = 64, READ_MAX = 1 << 20, WINDOWS_SHOWN = 100 };

int cmd_mem_new(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *name = args_get(a, "NAME");
	struct named_memory *added;
	struct iopt_memory *memory;
	int r;

	if (find_memory(s, name->text))
		return fail(s, name->word, IOPT_EEXIST, IOPT_FAILURE_REQUEST,
			    "there is already a memory '%s'", name->text);
	r = iopt_memory_create(&memory);
	if (r)
		return fail_library(s, NULL, r);
	added = add_memory(s, name->text, memory);
	if (!added)
		return fail_library(s, NULL, IOPT_ENOMEM);
	s->memory = added;
	out_str(o, "name", added->name);
	return 0;
}

int cmd_mem_use(struct session *s, const struct args *a, struct out *o)
{
	s->memory = args_get(a, "MEMORY")->memory;
	out_str(o, "name", s->memory->name);
	return 0;
}

int cmd_mem_delete(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *given = args_get(a, "MEMORY");
	size_t i;

	out_str(o, "name", given->memory->name);
	for (i = 0; i < s->domain_count; i++)
		if (s->domains[i]->memory == given->memory)
			return fail(s, given->word, IOPT_EBUSY, IOPT_FAILURE_REQUEST,
				    "the tables of %s are in it", s->domains[i]->name);
	if (objects_in_memory(&s->objects, given->memory))
		return fail(s, given->word, IOPT_EBUSY, IOPT_FAILURE_REQUEST,
			    "SMMUs or devices are in it");
	if (s->memory == given->memory)
		return fail(s, given->word, IOPT_EBUSY, IOPT_FAILURE_REQUEST,
			    "%s is the memory in use: mem use another first", given->text);
	delete_memory(s, given->memory);
	return 0;
}

/* As text not all of the thousands that a dump may have. */
static void show_windows(struct session *s, struct out *o, const struct iopt_memory *memory)
{
	struct iopt_window w = IOPT_INIT(struct iopt_window);
	size_t i, more = 0;

	out_begin_list(o, "windows");
	for (i = 0; !iopt_memory_window(memory, i, &w); i++) {
		if (i >= WINDOWS_SHOWN && !o->json && !s->verbose) {
			more++;
			continue;
		}
		out_begin_object(o, NULL);
		out_hex(o, "base", w.base);
		out_hex(o, "last", w.last);
		out_str(o, "kind", w.kind == IOPT_WINDOW_RAM ? "ram" : "data");
		if (w.source && *w.source)
			out_str(o, "source", w.source);
		out_end(o);
	}
	out_end(o);
	if (more)
		out_count(o, "windows_not_shown", more);
}

static void show_reserved(struct out *o, const struct iopt_memory *memory)
{
	struct iopt_reserved r = IOPT_INIT(struct iopt_reserved);
	size_t i;

	out_begin_list(o, "reserved");
	for (i = 0; !iopt_memory_reserved(memory, i, &r); i++) {
		out_begin_object(o, NULL);
		out_hex(o, "base", r.base);
		out_hex(o, "last", r.base + (r.size - 1));
		out_str(o, "kind", iopt_reserved_kind_name(r.kind));
		if (*r.name)
			out_str(o, "name", r.name);
		out_end(o);
	}
	out_end(o);
}

static void show_swiotlb(struct out *o, const struct iopt_memory *memory)
{
	uint64_t base, size, used;

	iopt_memory_swiotlb(memory, &base, &size, &used);
	if (!size)
		return;
	out_begin_object(o, "swiotlb");
	out_hex(o, "base", base);
	out_hex(o, "size", size);
	out_hex(o, "used", used);
	out_end(o);
}

int cmd_mem_list(struct session *s, const struct args *a, struct out *o)
{
	size_t i;

	(void)a;
	for (i = 0; i < s->memory_count; i++) {
		const struct named_memory *m = s->memories[i];

		out_begin_record(o, NULL);
		out_str(o, "name", m->name);
		out_bool(o, "in_use", m == s->memory);
		out_hex(o, "allocated", iopt_memory_allocated(m->memory));
		if (iopt_memory_budget_left(m->memory) != UINT64_MAX)
			out_count(o, "budget", iopt_memory_budget_left(m->memory));
		show_windows(s, o, m->memory);
		show_reserved(o, m->memory);
		show_swiotlb(o, m->memory);
		out_end_record(o);
	}
	out_records(o);
	return 0;
}

int cmd_mem_add(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *base = args_get(a, "BASE"), *size = args_get(a, "SIZE");
	int r = iopt_memory_add_ram(s->memory->memory, base->number, size->number, &s->error);

	out_str(o, "memory", s->memory->name);
	out_hex(o, "base", base->number);
	out_hex(o, "size", size->number);
	return r ? fail_library(s, base->word, r) : 0;
}

/* What came, and what was there before from elsewhere: another machine's memory, perhaps. */
static void tell_loaded(struct session *s, const char *file)
{
	struct iopt_window w = IOPT_INIT(struct iopt_window);
	const char *other = NULL;
	uint64_t bytes = 0;
	size_t count = 0, i;
	char text[160];

	for (i = 0; !iopt_memory_window(s->memory->memory, i, &w); i++) {
		if (w.kind != IOPT_WINDOW_DATA)
			continue;
		if (strcmp(w.source, file) == 0) {
			bytes += w.last - w.base + 1;
			count++;
		} else {
			other = w.source;
		}
	}
	snprintf(text, sizeof(text), "; %s is in it, too (mem new for another machine)", other);
	tell(s, "0x%" PRIx64 " bytes in %zu window%s of %s%s", bytes, count, count == 1 ? "" : "s",
	     s->memory->name, other ? text : "");
}

int cmd_mem_load(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *file = args_get(a, "FILE[@ADDR]");
	int r = iopt_memory_load(s->memory->memory, file->text,
				 file->has_number ? &file->number : NULL, &s->error);

	out_str(o, "memory", s->memory->name);
	out_str(o, "file", file->text);
	if (file->has_number)
		out_hex(o, "base", file->number);
	if (r)
		return fail_library(s, file->word, r);
	if (!s->out.muted)
		tell_loaded(s, file->text);
	return 0;
}

int cmd_mem_budget(struct session *s, const struct args *a, struct out *o)
{
	uint64_t count = args_get(a, "N|off")->number;

	iopt_memory_budget(s->memory->memory, count);
	out_str(o, "memory", s->memory->name);
	if (count == UINT64_MAX)
		out_null(o, "budget");
	else
		out_count(o, "budget", count);
	return 0;
}

static void put_hex(char *to, const uint8_t *from, size_t bytes)
{
	size_t i;

	for (i = 0; i < bytes; i++) {
		to[2 * i] = "0123456789abcdef"[from[i] >> 4];
		to[2 * i + 1] = "0123456789abcdef"[from[i] & 15];
	}
}

/* The stretches of [pa, last] that are like 'wanted'; no list if there are none. */
static void list_stretches(struct iopt_memory *memory, struct range all, enum iopt_presence wanted,
			   struct out *o)
{
	struct range r = all;
	bool any = false;

	for (;; r.first = r.last + 1) {
		r.last = all.last;
		if (iopt_memory_presence(memory, r.first, &r.last) == wanted) {
			if (!any)
				out_begin_list(o, iopt_presence_name(wanted));
			any = true;
			out_begin_list(o, NULL);
			out_hex(o, NULL, r.first);
			out_hex(o, NULL, r.last);
			out_end(o);
		}
		if (r.last >= all.last)
			break;
	}
	if (any)
		out_end(o);
}

/* As hex digits; for a byte that is not there, a mark that says why. */
static void read_hex(struct iopt_memory *memory, struct range all, char *hex)
{
	static const char marks[IOPT_PRESENCE_COUNT] = {' ', '.', 'x', '!'};
	struct range r = all;
	uint8_t part[4096];

	for (;; r.first = r.last + 1) {
		enum iopt_presence presence;
		char *to = hex + 2 * (r.first - all.first);

		r.last =
			all.last - r.first < sizeof(part) ? all.last : r.first + (sizeof(part) - 1);
		presence = iopt_memory_presence(memory, r.first, &r.last);
		if (presence == IOPT_PRESENT &&
		    iopt_memory_read(memory, r.first, part, r.last - r.first + 1))
			put_hex(to, part, r.last - r.first + 1);
		else
			memset(to, marks[presence], 2 * (r.last - r.first + 1));
		if (r.last >= all.last)
			break;
	}
}

int cmd_mem_read(struct session *s, const struct args *a, struct out *o)
{
	uint64_t pa = args_get(a, "ADDR")->number, bytes = args_number(a, "LEN", READ_DEFAULT);
	enum iopt_presence presence;
	struct range range;
	char *hex;

	if (bytes > READ_MAX)
		return fail_usage(s, args_get(a, "LEN")->word,
				  "at most 1m at a time; mem save writes more");
	if (!range_make(pa, bytes, &range))
		return fail(s, NULL, IOPT_ERANGE, IOPT_FAILURE_USAGE,
			    "an empty range, or past the end of the 64-bit space");
	hex = malloc(2 * (size_t)bytes + 1);
	if (!hex)
		return fail_library(s, NULL, IOPT_ENOMEM);
	hex[2 * bytes] = '\0';
	read_hex(s->memory->memory, range, hex);
	out_hex(o, "address", pa);
	for (presence = IOPT_ABSENT; presence < IOPT_PRESENCE_COUNT; presence++)
		list_stretches(s->memory->memory, range, presence, o);
	out_data(o, "data", pa, hex);
	free(hex);
	return 0;
}

/* Not all that is to be written is there: what is the first of it, and why. */
static int fail_missing(struct session *s, const struct arg *address, uint64_t bytes)
{
	static const char *const why[IOPT_PRESENCE_COUNT] = {
		[IOPT_PRESENT] = "is not in the memory",
		[IOPT_ABSENT] = "is not in the memory",
		[IOPT_EXCLUDED] = "is in a page that the dump leaves out",
		[IOPT_UNREADABLE] = "cannot be read: the dump is damaged there",
	};
	uint64_t at = address->number, left = bytes, last = UINT64_MAX;
	enum iopt_presence presence;

	while ((presence = iopt_memory_presence(s->memory->memory, at, &last)) == IOPT_PRESENT &&
	       last - at < left - 1) {
		left -= last - at + 1;
		at = last + 1;
		last = UINT64_MAX;
	}
	return fail(s, address->word, IOPT_EFAULT, IOPT_FAILURE_REQUEST, "0x%" PRIx64 " %s", at,
		    why[presence]);
}

int cmd_mem_write(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *address = args_get(a, "ADDR"), *size = args_get(a, "--size"), *value;
	size_t width = size ? (size_t)1 << size->number : 8, count = 0, i;
	uint8_t *data;
	int r;

	while (args_nth(a, "NUMBER", count))
		count++;
	data = malloc(8 * count + 1);
	if (!data)
		return fail_library(s, NULL, IOPT_ENOMEM);
	for (i = 0; i < count; i++) {
		uint8_t bytes[8];

		value = args_nth(a, "NUMBER", i);
		if (value->number > low_bits(8 * (unsigned)width)) {
			free(data);
			return fail(s, value->word, IOPT_ERANGE, IOPT_FAILURE_USAGE,
				    "'%s' has more than %zu bits", value->text, 8 * width);
		}
		store_le64(bytes, value->number);
		memcpy(data + i * width, bytes, width);
	}
	r = iopt_memory_write(s->memory->memory, address->number, data, count * width);
	free(data);
	out_hex(o, "address", address->number);
	out_hex(o, "size", count * width);
	if (r == -IOPT_EFAULT)
		return fail_missing(s, address, count * width);
	return r ? fail_library(s, address->word, r) : 0;
}
