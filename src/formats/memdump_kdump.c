/* SPDX-License-Identifier: MIT */
/*
 * kdump-compressed dumps, as makedumpfile, the kernel's diskdump ancestors and QEMU write them:
 * header, sub-header, a bitmap of the pages that are memory, one of those that are in the dump,
 * then a descriptor for each of these.  Segments' offsets count in pages of the dump.
 */
#include <stdlib.h>

#include "memdump_kdump.h"

enum {
	CHUNK_BYTES = 1 << 16,
	NOTES_BYTES_MAX = 1 << 20,
	/* Looked at when a dump is opened: those of 4 GiB in 4 KiB pages. */
	DESCS_CHECKED_MAX = 1 << 20,
};

struct reading {
	struct memdump_file *file;
	struct memdump *dump;
	struct iopt_error *error;
	struct kdump_header h;
	/* The runs that go on, if they began; numbers of pages. */
	uint64_t dumped_first, excluded_first;
	uint64_t dumped_count; /* before the run */
};

#define NO_RUN UINT64_MAX

static bool kdump_recognise(const unsigned char *head, size_t bytes)
{
	return bytes >= 8 && !memcmp(head, "KDUMP   ", 8);
}

/* ---- runs of pages ---- */

/* Pages [first, end): numbers of pages have 40 bits, pages at most 16. */
static struct range page_range(const struct reading *r, uint64_t first, uint64_t end)
{
	return (struct range){first << r->h.block_shift, (end << r->h.block_shift) - 1};
}

static int end_dumped(struct reading *r, uint64_t end)
{
	struct memdump_segment s = {.offset = r->dumped_count << r->h.block_shift};

	if (r->dumped_first == NO_RUN)
		return 0;
	s.range = page_range(r, r->dumped_first, end);
	r->dumped_count += end - r->dumped_first;
	r->dumped_first = NO_RUN;
	return memdump_add(r->dump, s);
}

static int end_excluded(struct reading *r, uint64_t end)
{
	const uint64_t first = r->excluded_first;

	if (first == NO_RUN)
		return 0;
	r->excluded_first = NO_RUN;
	return memdump_add_excluded(r->dump, page_range(r, first, end));
}

/* How many of the bits of 'word' from 'from' on are alike. */
static unsigned alike(uint64_t word, unsigned from)
{
	const uint64_t rest = (word >> from & 1 ? ~word : word) >> from;

	return min_u64(rest ? (unsigned)__builtin_ctzll(rest) : 64, 64 - from);
}

/* 64 pages from 'page' on: begins and ends runs where bits change. */
static int take_word(struct reading *r, uint64_t page, uint64_t memory, uint64_t dumped)
{
	const uint64_t excluded = memory & ~dumped;
	unsigned i = 0;
	int err = 0;

	while (!err && i < 64) {
		if (!(dumped >> i & 1))
			err = end_dumped(r, page + i);
		else if (r->dumped_first == NO_RUN)
			r->dumped_first = page + i;
		if (err)
			break;
		if (!(excluded >> i & 1))
			err = end_excluded(r, page + i);
		else if (r->excluded_first == NO_RUN)
			r->excluded_first = page + i;
		i += (unsigned)min_u64(alike(dumped, i), alike(excluded, i));
	}
	return err;
}

/* ---- bitmaps ---- */

struct bitmaps {
	unsigned char memory[CHUNK_BYTES], dumped[CHUNK_BYTES];
};

/* Bit 'count' and those behind it do not count. */
static uint64_t word_at(const unsigned char *bits, size_t at, uint64_t count)
{
	const uint64_t word = load_le64(bits + at);

	return count < 64 ? word & low_bits((unsigned)count) : word;
}

/* The pages of 'bytes' of the bitmaps from 'at' on. */
static int take_chunk(struct reading *r, const struct bitmaps *b, uint64_t at, size_t bytes)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < bytes && (at + i) * 8 < r->h.max_mapnr; i += 8) {
		const uint64_t page = (at + i) * 8, left = r->h.max_mapnr - page;
		const uint64_t dumped = word_at(b->dumped, i, left);
		const uint64_t memory = word_at(b->memory, i, left);

		/* Nothing there, and nothing that goes on: most of an empty space. */
		if ((dumped | memory) || r->dumped_first != NO_RUN || r->excluded_first != NO_RUN)
			err = take_word(r, page, memory, dumped);
	}
	return err;
}

/* The next bytes of both bitmaps at 'at'; how many. */
static int read_chunk(const struct reading *r, struct bitmaps *b, uint64_t at, size_t *bytes)
{
	const uint64_t memory = r->h.bitmap_offset + at, dumped = memory + r->h.bitmap_bytes;
	int err;

	*bytes = min_u64(CHUNK_BYTES, r->h.bitmap_bytes - at);
	err = memdump_file_read(r->file, memory, b->memory, *bytes);
	if (!err && r->h.two_bitmaps)
		err = memdump_file_read(r->file, dumped, b->dumped, *bytes);
	else
		memcpy(b->dumped, b->memory, *bytes);
	return err ? memdump_unreadable(r->file, memory, r->error) : 0;
}

/* Zeros of both bitmaps that the file does not even hold, in whole chunks. */
static uint64_t hole(const struct reading *r, uint64_t at)
{
	const uint64_t memory = r->h.bitmap_offset + at, left = r->h.bitmap_bytes - at;
	uint64_t bytes = memdump_file_hole(r->file, memory, left);

	if (bytes && r->h.two_bitmaps)
		bytes = memdump_file_hole(r->file, memory + r->h.bitmap_bytes, bytes);
	return align_down(bytes, CHUNK_BYTES);
}

static int read_runs(struct reading *r, struct bitmaps *b)
{
	const uint64_t used = min_u64(r->h.bitmap_bytes, (r->h.max_mapnr + 7) / 8);
	uint64_t at = 0, empty;
	size_t bytes;
	int err;

	r->dumped_first = r->excluded_first = NO_RUN;
	for (; at < used; at += bytes) {
		/* Where a run goes on, the zeros that end it must be seen. */
		empty = r->dumped_first == NO_RUN && r->excluded_first == NO_RUN ? hole(r, at) : 0;
		at += empty;
		if (at >= used)
			break;
		err = read_chunk(r, b, at, &bytes);
		if (err)
			return err;
		err = take_chunk(r, b, at, bytes);
		if (err)
			return memdump_add_failed(r->file, err, r->error);
		err = memdump_step(r->file, "reading bitmaps", at, used, r->error);
		if (err)
			return err;
	}
	err = end_dumped(r, r->h.max_mapnr);
	if (!err)
		err = end_excluded(r, r->h.max_mapnr);
	return err ? memdump_add_failed(r->file, err, r->error) : 0;
}

/*
 * On 32-bit Arm makedumpfile counts pages from the start of RAM, which it notes; QEMU notes the
 * same and counts from 0: then no page lies before that.
 */
static void rebase(struct reading *r)
{
	uint64_t first = UINT64_MAX;
	size_t i;

	if (r->dump->count)
		first = r->dump->segments[0].range.first;
	if (r->dump->excluded_count)
		first = min_u64(first, r->dump->excluded[0].first);
	if (r->h.is64 || first >= r->h.phys_base)
		return;
	for (i = 0; i < r->dump->count; i++) {
		r->dump->segments[i].range.first += r->h.phys_base;
		r->dump->segments[i].range.last += r->h.phys_base;
	}
	for (i = 0; i < r->dump->excluded_count; i++) {
		r->dump->excluded[i].first += r->h.phys_base;
		r->dump->excluded[i].last += r->h.phys_base;
	}
}

/* ---- descriptors ---- */

static int refuse_codec(const struct reading *r, unsigned flags)
{
	const unsigned missing = flags & KDUMP_CODECS & ~kdump_codecs();

	return memdump_bad(r->file, r->error, IOPT_EOPNOTSUPP,
			   "its pages are compressed with %s, which this build of iopt cannot read",
			   kdump_codec_name(missing & -missing));
}

static int check_desc(const struct reading *r, const unsigned char *desc)
{
	const uint64_t offset = kdump_load64(desc, r->h.big_endian);
	const uint64_t bytes = kdump_load32(desc + 8, r->h.big_endian);
	const unsigned flags = kdump_load32(desc + 12, r->h.big_endian);

	if (flags & KDUMP_CODECS & ~kdump_codecs())
		return refuse_codec(r, flags);
	if (r->h.status & KDUMP_INCOMPLETE || memdump_in_file(r->file, offset, bytes))
		return 0;
	return memdump_truncated(r->file, "a page", offset, bytes, r->error);
}

/*
 * A file that was cut short should not open as if nothing were wrong.  Of a large dump only the
 * last pages are looked at, whose data is at its end; a page that is damaged alone is found when it
 * is read.
 */
static int check_descs(const struct reading *r, unsigned char *buffer)
{
	const uint64_t count = r->dumped_count, per_chunk = CHUNK_BYTES / KDUMP_DESC_BYTES;
	uint64_t i = count > DESCS_CHECKED_MAX ? count - DESCS_CHECKED_MAX : 0, n, k;
	int err = 0;

	if (!memdump_in_file(r->file, r->h.desc_offset, count * KDUMP_DESC_BYTES))
		return memdump_truncated(r->file, "page descriptors", r->h.desc_offset,
					 count * KDUMP_DESC_BYTES, r->error);
	if (r->h.status & KDUMP_CODECS & ~kdump_codecs())
		return refuse_codec(r, r->h.status);
	for (; !err && i < count; i += n) {
		const uint64_t at = r->h.desc_offset + i * KDUMP_DESC_BYTES;

		n = min_u64(per_chunk, count - i);
		if (memdump_file_read(r->file, at, buffer, n * KDUMP_DESC_BYTES))
			return memdump_unreadable(r->file, at, r->error);
		for (k = 0; !err && k < n; k++)
			err = check_desc(r, buffer + k * KDUMP_DESC_BYTES);
	}
	return err;
}

/* ---- all ---- */

/* An extra: what is not there is left alone. */
static int read_vmcoreinfo(const struct reading *r)
{
	const bool text = r->h.vmcoreinfo_bytes != 0;
	const uint64_t bytes = text ? r->h.vmcoreinfo_bytes : r->h.notes_bytes;
	const uint64_t at = text ? r->h.vmcoreinfo_offset : r->h.notes_offset;
	unsigned char *data;
	int err = 0;

	if (!bytes || bytes > NOTES_BYTES_MAX)
		return 0;
	data = malloc(bytes);
	if (!data)
		return memdump_add_failed(r->file, -IOPT_ENOMEM, r->error);
	if (!memdump_file_read(r->file, at, data, bytes))
		err = text ? memdump_take_vmcoreinfo(r->dump, data, bytes)
			   : memdump_take_notes(r->dump, data, bytes, r->h.big_endian);
	free(data);
	return err ? memdump_add_failed(r->file, err, r->error) : 0;
}

static int kdump_read(struct memdump_file *file, const uint64_t *base, struct memdump *dump,
		      struct iopt_error *error)
{
	struct reading r = {.file = file, .dump = dump, .error = error};
	struct bitmaps *b;
	int err;

	if (base)
		return memdump_refuse_base(file, "a kdump", error);
	err = kdump_read_header(file, &r.h, error);
	if (err)
		return err;
	b = malloc(sizeof(*b));
	if (!b)
		return memdump_add_failed(file, -IOPT_ENOMEM, error);
	err = read_runs(&r, b);
	if (!err)
		err = check_descs(&r, b->memory);
	free(b);
	if (!err)
		err = read_vmcoreinfo(&r);
	if (err)
		return err;
	if (!dump->count && !dump->excluded_count)
		return memdump_bad(file, error, IOPT_ENOEXEC, "no page of it is memory");
	rebase(&r);
	dump->arg = kdump_pages_create(&r.h, r.dumped_count);
	if (!dump->arg)
		return memdump_add_failed(file, -IOPT_ENOMEM, error);
	dump->read = kdump_pages_read;
	dump->destroy = kdump_pages_destroy;
	return 0;
}

const struct memdump_format memdump_kdump = {
	.recognise = kdump_recognise,
	.read = kdump_read,
};
