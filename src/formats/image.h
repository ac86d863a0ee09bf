/* SPDX-License-Identifier: MIT */
/*
 * The tables of a domain packed into one piece: the first root, then depth first, each aligned to
 * its size (a root to at least 64 bytes), then the second space in the same way.  A table that is
 * reached in several ways is packed once, and every descriptor that points to it is rewritten.
 */
#ifndef IOPT_IMAGE_H
#define IOPT_IMAGE_H

#include "../core/domain.h"

enum { IMAGE_ROOT_ALIGN = 64 };

/* Where a table goes. */
struct image_place {
	uint64_t pa, bytes, to;
	uint8_t levels; /* a bit for each at which it is used, from PGTABLE_LEVEL_MIN on */
	uint8_t space;	/* whose descriptors it holds */
};

struct image {
	struct iopt_domain *domain;
	uint64_t base, size;
	struct space_desc spaces[2]; /* of the packed tables */
	struct image_place *places;  /* in the order of the image */
	size_t count, room;
	size_t roots[2];   /* their places */
	uint32_t *buckets; /* place + 1, by the hash of pa; 0: free */
	size_t bucket_mask;
	unsigned planning; /* the space that is being placed */
};

/*
 * Lays the image out; base NULL: at the first root's address.  EINVAL: the base does not suit the
 * root's alignment; ERANGE: past what descriptors, registers or 64 bits can hold; EFAULT: no root
 * in the memory; ENOMEM.  To be freed in any case.
 */
int image_plan(struct image *im, struct iopt_domain *domain, const uint64_t *base,
	       struct iopt_error *error);
/*
 * The descriptor at byte 'at' of a place, as the image has it; *linked: it holds the address of one
 * of the image's tables.
 */
uint64_t image_word(const struct image *im, const struct image_place *place, uint64_t at,
		    bool *linked);
/* Its bytes, in order.  What the sink said. */
int image_emit(const struct image *im, const struct iopt_sink *sink);
void image_free(struct image *im);

/*
 * A raw image and its sidecar, PATH.json, into 'memory', which is new.  On failure the memory is
 * the caller's to destroy, and there is no domain.
 */
int image_load(const char *path, struct iopt_memory *memory, struct iopt_domain **domain,
	       struct iopt_error *error);
/* The tables of 'domain' packed at 'base' in 'memory', which is new. */
int image_relocate(struct iopt_domain *domain, uint64_t base, struct iopt_memory *memory,
		   struct iopt_domain **moved, struct iopt_error *error);

#endif
