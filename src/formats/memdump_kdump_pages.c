/* SPDX-License-Identifier: MIT */
/*
 * The pages of a kdump, unpacked one by one when they are asked for: the memory's frames are the
 * cache.  A descriptor is an offset in the file (8 bytes), a size (4), flags (4) and the kernel's
 * page flags (8).
 */
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#ifdef IOPT_HAVE_LZO
#include <lzo/lzo1x.h>
#endif
#ifdef IOPT_HAVE_SNAPPY
#include <snappy-c.h>
#endif

#include "memdump_kdump.h"

enum {
	PAGE_BYTES_MAX = 1 << KDUMP_BLOCK_SHIFT_MAX,
	DESCS_AT_ONCE = 64,
};

struct kdump_pages {
	unsigned block_shift;
	bool big_endian;
	uint64_t desc_offset, count;
	/* Descriptors [first_desc, first_desc + desc_count), as they are in the file. */
	uint64_t first_desc, desc_count;
	unsigned char descs[DESCS_AT_ONCE * KDUMP_DESC_BYTES];
	/* The page of which only a part was wanted last, and the one that was last damaged. */
	uint64_t kept, damaged;
	unsigned char packed[PAGE_BYTES_MAX], page[PAGE_BYTES_MAX];
};

#define NO_PAGE UINT64_MAX

struct kdump_pages *kdump_pages_create(const struct kdump_header *h, uint64_t count)
{
	struct kdump_pages *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->block_shift = h->block_shift;
	p->big_endian = h->big_endian;
	p->desc_offset = h->desc_offset;
	p->count = count;
	p->kept = p->damaged = NO_PAGE;
	return p;
}

void kdump_pages_destroy(void *pages)
{
	free(pages);
}

/* ---- codecs ---- */

/* Each says whether exactly 'bytes' came out. */
static bool unpack_zlib(const unsigned char *from, size_t size, unsigned char *to, size_t bytes)
{
	uLongf out = bytes;

	return uncompress(to, &out, from, size) == Z_OK && out == bytes;
}

static bool unpack_zstd(const unsigned char *from, size_t size, unsigned char *to, size_t bytes)
{
	return ZSTD_decompress(to, bytes, from, size) == bytes;
}

#ifdef IOPT_HAVE_LZO
static bool unpack_lzo(const unsigned char *from, size_t size, unsigned char *to, size_t bytes)
{
	lzo_uint out = bytes;

	return lzo1x_decompress_safe(from, size, to, &out, NULL) == LZO_E_OK && out == bytes;
}
#else
#define unpack_lzo NULL
#endif

#ifdef IOPT_HAVE_SNAPPY
static bool unpack_snappy(const unsigned char *from, size_t size, unsigned char *to, size_t bytes)
{
	size_t out = bytes;

	return snappy_uncompress((const char *)from, size, (char *)to, &out) == SNAPPY_OK &&
	       out == bytes;
}
#else
#define unpack_snappy NULL
#endif

static const struct {
	unsigned flag;
	const char *name;
	bool (*unpack)(const unsigned char *from, size_t size, unsigned char *to, size_t bytes);
} codecs[] = {
	{KDUMP_ZLIB, "zlib", unpack_zlib},
	{KDUMP_ZSTD, "zstd", unpack_zstd},
	{KDUMP_LZO, "lzo", unpack_lzo},
	{KDUMP_SNAPPY, "snappy", unpack_snappy},
};

unsigned kdump_codecs(void)
{
	unsigned mask = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(codecs); i++)
		if (codecs[i].unpack)
			mask |= codecs[i].flag;
	return mask;
}

const char *kdump_codec_name(unsigned bit)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(codecs); i++)
		if (codecs[i].flag == bit)
			return codecs[i].name;
	return NULL;
}

const char *iopt_codec_name(unsigned i)
{
	static const char *const names[] = {
		"gzip",	  "xz", "zstd", "zlib",
#ifdef IOPT_HAVE_LZO
		"lzo",
#endif
#ifdef IOPT_HAVE_SNAPPY
		"snappy",
#endif
	};

	return i < ARRAY_SIZE(names) ? names[i] : NULL;
}

/* ---- pages ---- */

static const unsigned char *find_desc(struct kdump_pages *p, const struct memdump_file *file,
				      uint64_t page)
{
	uint64_t count = min_u64(DESCS_AT_ONCE, p->count - page);

	if (page - p->first_desc >= p->desc_count) {
		p->desc_count = 0;
		if (memdump_file_read(file, p->desc_offset + page * KDUMP_DESC_BYTES, p->descs,
				      count * KDUMP_DESC_BYTES))
			return NULL;
		p->first_desc = page;
		p->desc_count = count;
	}
	return p->descs + (page - p->first_desc) * KDUMP_DESC_BYTES;
}

static int unpack_page(unsigned flag, const unsigned char *from, size_t size, unsigned char *to,
		       size_t bytes)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(codecs); i++)
		if (codecs[i].flag == flag && codecs[i].unpack)
			return codecs[i].unpack(from, size, to, bytes) ? 0 : -IOPT_ENOEXEC;
	return -IOPT_ENOEXEC;
}

static int read_page(struct kdump_pages *p, const struct memdump_file *file, uint64_t page,
		     unsigned char *to)
{
	const unsigned char *desc = find_desc(p, file, page);
	const size_t bytes = (size_t)1 << p->block_shift;
	uint64_t offset, size;
	unsigned flags;
	int err;

	if (!desc)
		return -IOPT_EIO;
	offset = kdump_load64(desc, p->big_endian);
	size = kdump_load32(desc + 8, p->big_endian);
	flags = kdump_load32(desc + 12, p->big_endian) & KDUMP_CODECS;
	/* Without data: makedumpfile ran out of room. */
	if (!offset || !size || size > bytes || (!flags && size != bytes))
		return -IOPT_ENOEXEC;
	err = memdump_file_read(file, offset, flags ? p->packed : to, size);
	return err || !flags ? err : unpack_page(flags, p->packed, size, to, bytes);
}

static int read_good_page(struct kdump_pages *p, const struct memdump_file *file, uint64_t page,
			  unsigned char *to)
{
	int err = page == p->damaged ? -IOPT_ENOEXEC : read_page(p, file, page, to);

	if (err)
		p->damaged = page;
	return err;
}

int kdump_pages_read(void *pages, const struct memdump_file *file, uint64_t offset, void *to,
		     size_t bytes)
{
	struct kdump_pages *p = pages;
	const size_t page_bytes = (size_t)1 << p->block_shift;
	unsigned char *out = to;
	int err = 0;

	while (!err && bytes) {
		const uint64_t page = offset >> p->block_shift;
		const size_t at = offset & (page_bytes - 1);
		const size_t part = min_u64(bytes, page_bytes - at);

		if (part == page_bytes) {
			err = read_good_page(p, file, page, out);
		} else {
			if (page != p->kept) {
				p->kept = NO_PAGE;
				err = read_good_page(p, file, page, p->page);
				p->kept = err ? NO_PAGE : page;
			}
			memcpy(out, p->page + at, part);
		}
		offset += part;
		out += part;
		bytes -= part;
	}
	return err;
}
