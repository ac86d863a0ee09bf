/* SPDX-License-Identifier: MIT */
/*
 * The headers of a kdump: C structs of the kernel that wrote it, so that word size, byte order
 * and padding are that machine's.  Nothing says which: what makes sense decides.
 */
#include "memdump_kdump.h"

enum {
	VERSION_MAX = 6,
	UTSNAME_AT = 12,
	HEADER_BYTES = 464,
	SUB_HEADER_BYTES = 104,
};

/* 2^52 bytes of 4 KiB pages, and no more bitmap than that. */
#define MAPNR_MAX BIT(40)

/* Where the fields behind the time stamp are. */
struct header_layout {
	bool is64;
	uint16_t status;
};

static const struct header_layout header_layouts[] = {{true, 424}, {false, 412}};

/* Offsets of the sub-header's fields; 'word' of those that are long in C. */
struct sub_layout {
	bool is64;
	uint8_t split, start_pfn, end_pfn, vmcoreinfo, vmcoreinfo_bytes, notes, notes_bytes;
	uint8_t start_pfn_64, end_pfn_64, max_mapnr_64;
};

static const struct sub_layout sub_layouts[] = {
	{true, 12, 16, 24, 32, 40, 48, 56, 80, 88, 96},
	{false, 8, 12, 16, 20, 28, 32, 40, 56, 64, 72}, /* without padding: QEMU */
	{false, 8, 12, 16, 24, 32, 40, 48, 72, 80, 88}, /* 64-bit fields aligned: Arm's C */
};

static uint64_t sub_word(const struct kdump_header *h, const unsigned char *at)
{
	return h->is64 ? kdump_load64(at, h->big_endian) : kdump_load32(at, h->big_endian);
}

/* Do the header's numbers agree, read like this? */
static bool header_fits(const struct memdump_file *file, const unsigned char *raw,
			const struct header_layout *layout, struct kdump_header *h)
{
	const unsigned char *at = raw + layout->status;
	const uint64_t block = kdump_load32(at + 4, h->big_endian);
	const uint64_t sub_blocks = kdump_load32(at + 8, h->big_endian);
	const uint64_t bitmap_blocks = kdump_load32(at + 12, h->big_endian);
	uint64_t one;

	h->is64 = layout->is64;
	h->status = kdump_load32(at, h->big_endian);
	h->max_mapnr = kdump_load32(at + 16, h->big_endian);
	if (!is_power_of_two(block) || block < BIT(KDUMP_BLOCK_SHIFT_MIN) ||
	    block > BIT(KDUMP_BLOCK_SHIFT_MAX))
		return false;
	h->block_shift = (unsigned)__builtin_ctzll(block);
	h->bitmap_offset = (1 + sub_blocks) << h->block_shift;
	/* None of these has more than 32 + 16 bits. */
	one = ((h->max_mapnr + 7) / 8 + block - 1) >> h->block_shift;
	h->two_bitmaps = bitmap_blocks >= 2 * one;
	h->bitmap_bytes = (h->two_bitmaps ? bitmap_blocks / 2 : bitmap_blocks) << h->block_shift;
	h->desc_offset = h->bitmap_offset + (bitmap_blocks << h->block_shift);
	return sub_blocks && bitmap_blocks && bitmap_blocks >= one && h->max_mapnr &&
	       memdump_in_file(file, h->bitmap_offset, bitmap_blocks << h->block_shift);
}

static int read_main(const struct memdump_file *file, struct kdump_header *h,
		     struct iopt_error *error)
{
	unsigned char raw[HEADER_BYTES];
	size_t i;

	if (!memdump_in_file(file, 0, sizeof(raw)))
		return memdump_truncated(file, "a kdump header", 0, sizeof(raw), error);
	if (memdump_file_read(file, 0, raw, sizeof(raw)))
		return memdump_unreadable(file, 0, error);
	h->version = load_le32(raw + 8);
	h->big_endian = h->version > VERSION_MAX;
	if (h->big_endian)
		h->version = load_be32(raw + 8);
	if (h->version > VERSION_MAX)
		return memdump_bad(file, error, IOPT_ENOEXEC, "a kdump header of version 0x%x",
				   load_le32(raw + 8));
	for (i = 0; i < ARRAY_SIZE(header_layouts); i++)
		if (header_fits(file, raw, &header_layouts[i], h))
			return 0;
	return memdump_bad(file, error, IOPT_ENOEXEC,
			   "the numbers of the kdump header contradict each other, or the file is "
			   "truncated: it has 0x%llx bytes",
			   (unsigned long long)file->bytes);
}

/* What the versions have added; false: makes no sense like this. */
static bool sub_fits(const struct memdump_file *file, const unsigned char *raw,
		     const struct sub_layout *l, struct kdump_header *h)
{
	uint64_t mapnr = h->max_mapnr;

	if (l->is64 != h->is64)
		return false;
	h->vmcoreinfo_bytes = h->notes_bytes = 0;
	if (h->version >= 3) {
		h->vmcoreinfo_offset = kdump_load64(raw + l->vmcoreinfo, h->big_endian);
		h->vmcoreinfo_bytes = sub_word(h, raw + l->vmcoreinfo_bytes);
	}
	if (h->version >= 4) {
		h->notes_offset = kdump_load64(raw + l->notes, h->big_endian);
		h->notes_bytes = sub_word(h, raw + l->notes_bytes);
	}
	if (h->version >= 6)
		mapnr = kdump_load64(raw + l->max_mapnr_64, h->big_endian);
	if ((uint32_t)mapnr != h->max_mapnr || mapnr > 8 * h->bitmap_bytes || mapnr > MAPNR_MAX)
		return false;
	h->max_mapnr = mapnr;
	return memdump_in_file(file, h->vmcoreinfo_offset, h->vmcoreinfo_bytes) &&
	       memdump_in_file(file, h->notes_offset, h->notes_bytes);
}

/* 'part' of several that are one dump together. */
static int refuse_split(const struct memdump_file *file, const struct kdump_header *h,
			const struct sub_layout *l, const unsigned char *raw,
			struct iopt_error *error)
{
	const bool wide = h->version >= 6;
	const uint64_t first = wide ? kdump_load64(raw + l->start_pfn_64, h->big_endian)
				    : sub_word(h, raw + l->start_pfn);
	const uint64_t end = wide ? kdump_load64(raw + l->end_pfn_64, h->big_endian)
				  : sub_word(h, raw + l->end_pfn);

	return memdump_bad(file, error, IOPT_EOPNOTSUPP,
			   "is one part of a split dump, pages 0x%llx to 0x%llx: put the parts "
			   "together first (makedumpfile --reassemble)",
			   (unsigned long long)first, (unsigned long long)(end - 1));
}

int kdump_read_header(const struct memdump_file *file, struct kdump_header *h,
		      struct iopt_error *error)
{
	unsigned char raw[SUB_HEADER_BYTES];
	uint64_t at;
	size_t i;
	int err;

	*h = (struct kdump_header){0};
	err = read_main(file, h, error);
	if (err)
		return err;
	at = BIT(h->block_shift);
	if (memdump_file_read(file, at, raw, sizeof(raw)))
		return memdump_unreadable(file, at, error);
	for (i = 0; i < ARRAY_SIZE(sub_layouts); i++)
		if (sub_fits(file, raw, &sub_layouts[i], h))
			break;
	if (i == ARRAY_SIZE(sub_layouts))
		return memdump_bad(file, error, IOPT_ENOEXEC,
				   "the numbers of the kdump sub-header at offset 0x%llx "
				   "contradict the header's",
				   (unsigned long long)at);
	if (h->version >= 2 && kdump_load32(raw + sub_layouts[i].split, h->big_endian))
		return refuse_split(file, h, &sub_layouts[i], raw, error);
	h->phys_base = sub_word(h, raw);
	return 0;
}
