/* SPDX-License-Identifier: MIT */
/* mem save: memory contents as an ELF core, or as plain bytes. */
#include <inttypes.h>

#include "handlers.h"
#include "interrupt.h"

enum {
	ELF_HEADER_BYTES = 64,
	ELF_SEGMENT_BYTES = 56,
	ELF_SEGMENTS_MAX = 0xfffe, /* more need an escape that few readers know */
	ELF_ALIGN = 4096,
	ELF_CORE = 4,
	ELF_AARCH64 = 183,
	ELF_LOAD = 1,
	ELF_READ_WRITE = 6,
};

struct saving {
	struct session *s;
	struct outfile file;
	struct writer w;
	uint64_t absent; /* bytes that were written as zeros */
};

static void store_le16(void *p, uint16_t v)
{
	uint8_t bytes[8];

	store_le64(bytes, v);
	memcpy(p, bytes, 2);
}

static int put_zeros(struct saving *v, uint64_t bytes)
{
	int r = writer_flush(&v->w);

	return r ? r : outfile_zeros(&v->file, bytes);
}

static int put_present(struct saving *v, uint64_t first, uint64_t last)
{
	struct iopt_memory *memory = v->s->memory->memory;
	char part[4096];

	for (;;) {
		uint64_t left = last - first;
		size_t want = left < sizeof(part) ? (size_t)left + 1 : sizeof(part);
		size_t have = iopt_memory_read(memory, first, part, want);

		writer_bytes(&v->w, part, have);
		if (v->w.error || have < want)
			return v->w.error ? v->w.error : -IOPT_EIO;
		if (have - 1 == left)
			return 0;
		first += have;
		if (interrupted())
			return -IOPT_EINTR;
	}
}

/* [first, last]: what is there, holes for what is blank, and zeros for what is absent. */
static int put_range(struct saving *v, uint64_t first, uint64_t last)
{
	uint64_t at = first, stretch_last = last;
	int r = 0;

	while (!r) {
		uint64_t next = at;
		bool blank;

		if (iopt_memory_next(v->s->memory->memory, &next, last, &stretch_last, &blank)) {
			v->absent += last - at + 1;
			return put_zeros(v, last - at + 1);
		}
		v->absent += next - at;
		r = put_zeros(v, next - at);
		if (!r && blank)
			r = put_zeros(v, stretch_last - next + 1);
		else if (!r)
			r = put_present(v, next, stretch_last);
		if (stretch_last >= last)
			break;
		at = stretch_last + 1;
	}
	return r;
}

/* The i-th window's part in 'range'; false: none of it.  ENOENT in *end past the last. */
static bool window_part(const struct session *s, size_t i, struct range range, struct range *part,
			bool *end)
{
	struct iopt_window w = IOPT_INIT(struct iopt_window);

	*end = iopt_memory_window(s->memory->memory, i, &w) != 0;
	if (*end || w.base > range.last || w.last < range.first)
		return false;
	*part = (struct range){max_u64(w.base, range.first), min_u64(w.last, range.last)};
	return true;
}

static uint64_t count_parts(const struct session *s, struct range range)
{
	struct range part;
	uint64_t count = 0;
	bool end = false;
	size_t i;

	for (i = 0; !end; i++)
		count += window_part(s, i, range, &part, &end);
	return count;
}

static void put_elf_header(struct writer *w, uint16_t segments)
{
	uint8_t h[ELF_HEADER_BYTES] = {0x7f, 'E', 'L', 'F', 2, 1, 1};

	store_le16(h + 16, ELF_CORE);
	store_le16(h + 18, ELF_AARCH64);
	store_le32(h + 20, 1);
	store_le64(h + 32, ELF_HEADER_BYTES);
	store_le16(h + 52, ELF_HEADER_BYTES);
	store_le16(h + 54, ELF_SEGMENT_BYTES);
	store_le16(h + 56, segments);
	writer_bytes(w, h, sizeof(h));
}

/* Each segment begins at a multiple of ELF_ALIGN; the first offset that is free, or 0: too far. */
static uint64_t put_elf_segment(struct writer *w, struct range part, uint64_t offset)
{
	uint8_t h[ELF_SEGMENT_BYTES] = {0};
	uint64_t bytes = part.last - part.first + 1, end;

	store_le32(h, ELF_LOAD);
	store_le32(h + 4, ELF_READ_WRITE);
	store_le64(h + 8, offset);
	store_le64(h + 16, part.first);
	store_le64(h + 24, part.first);
	store_le64(h + 32, bytes);
	store_le64(h + 40, bytes);
	store_le64(h + 48, ELF_ALIGN);
	writer_bytes(w, h, sizeof(h));
	if (!bytes || __builtin_add_overflow(offset, bytes, &end) || end > INT64_MAX - ELF_ALIGN)
		return 0;
	return align_up(end, ELF_ALIGN);
}

static int save_elf(struct saving *v, struct range range)
{
	uint64_t count = count_parts(v->s, range), head, offset, at;
	struct range part;
	bool end = false;
	int r = 0;
	size_t i;

	if (count > ELF_SEGMENTS_MAX)
		return -IOPT_E2BIG;
	put_elf_header(&v->w, (uint16_t)count);
	head = ELF_HEADER_BYTES + count * ELF_SEGMENT_BYTES;
	offset = align_up(head, ELF_ALIGN);
	for (i = 0; !end; i++) {
		if (!window_part(v->s, i, range, &part, &end))
			continue;
		offset = put_elf_segment(&v->w, part, offset);
		if (!offset)
			return -IOPT_ERANGE;
	}
	for (i = 0, end = false, at = head; !end && !r; i++) {
		if (!window_part(v->s, i, range, &part, &end))
			continue;
		r = put_zeros(v, align_up(at, ELF_ALIGN) - at);
		if (!r)
			r = put_range(v, part.first, part.last);
		at = align_up(at, ELF_ALIGN) + (part.last - part.first + 1);
	}
	return r;
}

static bool is_core_name(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && (strcmp(dot, ".elf") == 0 || strcmp(dot, ".core") == 0);
}

/* Without a range plain bytes are those of the only window. */
static int choose_range(struct session *s, const struct args *a, bool core, struct range *range)
{
	const struct arg *given = args_get(a, "RANGE");
	bool end;

	*range = given ? given->range : (struct range){0, UINT64_MAX};
	if (!core && given && given->range.last - given->range.first >= INT64_MAX)
		return fail_usage(s, given->word, "'%s' is more than a file holds", given->text);
	if (core || given)
		return 0;
	if (count_parts(s, *range) != 1)
		return fail_usage(s, NULL,
				  "memory %s is not one window: give a RANGE, or a name that ends"
				  " in .elf or .core",
				  s->memory->name);
	window_part(s, 0, *range, range, &end);
	return 0;
}

static int save(struct saving *v, const char *path, struct range range)
{
	struct iopt_error *error = &v->s->error;
	int r = outfile_open(&v->file, path, error);

	if (r)
		return r;
	writer_init(&v->w, outfile_sink(&v->file));
	r = is_core_name(path) ? save_elf(v, range) : put_range(v, range.first, range.last);
	if (!r)
		r = writer_flush(&v->w);
	if (!r)
		return outfile_commit(&v->file, 1, error);
	outfile_abort(&v->file);
	error_set(error, -r, 0, "%s", iopt_error_text(r));
	snprintf(error->source, sizeof(error->source), "%s", path);
	return r;
}

int cmd_mem_save(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *file = args_get(a, "FILE");
	struct saving saving = {.s = s};
	struct range range;
	int r = choose_range(s, a, is_core_name(file->text), &range);

	if (r)
		return r;
	writer_flush(&o->w);
	out_str(o, "file", file->text);
	r = save(&saving, file->text, range);
	if (r)
		return fail_library(s, file->word, r);
	if (saving.absent)
		warn(s, "0x%" PRIx64 " bytes are absent: written as zeros", saving.absent);
	return 0;
}
