/* SPDX-License-Identifier: MIT */
/* Descriptors as they lie in memory and in images, in the byte order and width of a format. */
#ifndef IOPT_DESCRIPTOR_H
#define IOPT_DESCRIPTOR_H

#include "../core/pgtable.h"

static inline uint64_t descriptor_load(const struct pgtable_format *f, const void *p)
{
	if (f->desc_shift == 2)
		return f->big_endian ? load_be32(p) : load_le32(p);
	return f->big_endian ? load_be64(p) : load_le64(p);
}

static inline void descriptor_store(const struct pgtable_format *f, void *p, uint64_t desc)
{
	if (f->desc_shift == 2)
		store_le32(p, f->big_endian ? __builtin_bswap32((uint32_t)desc) : (uint32_t)desc);
	else
		store_le64(p, f->big_endian ? __builtin_bswap64(desc) : desc);
}

#endif
