/* SPDX-License-Identifier: MIT */
/* What the headers of a kdump say, for those who read its pages. */
#ifndef IOPT_MEMDUMP_KDUMP_H
#define IOPT_MEMDUMP_KDUMP_H

#include "memdump.h"

enum {
	KDUMP_DESC_BYTES = 24,
	KDUMP_BLOCK_SHIFT_MIN = 10,
	KDUMP_BLOCK_SHIFT_MAX = 16,
};

/* How a page is stored: bits of a descriptor's flags, and of the header's status. */
enum {
	KDUMP_ZLIB = 1 << 0,
	KDUMP_LZO = 1 << 1,
	KDUMP_SNAPPY = 1 << 2,
	KDUMP_INCOMPLETE = 1 << 3, /* of the status: there was no room for all */
	KDUMP_ZSTD = 1 << 5,
	KDUMP_CODECS = KDUMP_ZLIB | KDUMP_LZO | KDUMP_SNAPPY | KDUMP_ZSTD,
};

struct kdump_header {
	bool big_endian, is64;
	unsigned version, status, block_shift;
	uint64_t bitmap_offset; /* of the pages that are memory */
	uint64_t bitmap_bytes;	/* of one bitmap */
	bool two_bitmaps;	/* a second one follows: of the pages that are in the dump */
	uint64_t desc_offset;
	uint64_t max_mapnr;
	uint64_t phys_base;
	uint64_t vmcoreinfo_offset, vmcoreinfo_bytes;
	uint64_t notes_offset, notes_bytes;
};

static inline uint32_t kdump_load32(const void *p, bool big_endian)
{
	return big_endian ? load_be32(p) : load_le32(p);
}

static inline uint64_t kdump_load64(const void *p, bool big_endian)
{
	return big_endian ? load_be64(p) : load_le64(p);
}

int kdump_read_header(const struct memdump_file *file, struct kdump_header *h,
		      struct iopt_error *error);

struct kdump_pages;

/* NULL: out of memory. */
struct kdump_pages *kdump_pages_create(const struct kdump_header *h, uint64_t count);
void kdump_pages_destroy(void *pages);
/* struct memdump's read(): offsets count in pages of the dump, one behind the other. */
int kdump_pages_read(void *pages, const struct memdump_file *file, uint64_t offset, void *to,
		     size_t bytes);

/* A mask of KDUMP_* that this build can read. */
unsigned kdump_codecs(void);
/* "lzo"; NULL: no one codec has this bit. */
const char *kdump_codec_name(unsigned bit);

#endif
