/* SPDX-License-Identifier: MIT */
/* What the bits of registers, descriptors and walks mean. */
#ifndef IOPT_API_DECODE_H
#define IOPT_API_DECODE_H

#include "walk.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One field of a register, descriptor or structure, named as in the Arm ARM: bits [hi:lo]. */
struct iopt_field {
	const char *name; /* "AttrIndx"; "RES0" and "RES1" for what should be zero or one */
	unsigned hi, lo;  /* numbered through the words of a structure */
	uint64_t value;
	bool quiet; /* an option that is off: of interest only to who wants everything */
	char meaning[160];
};

/* Called for each field, the highest first; what is not 0 ends it and is returned. */
struct iopt_field_sink {
	int (*field)(void *arg, const struct iopt_field *field);
	void *arg;
};

/* The i-th thing that iopt_decode() knows; ENOENT past the end. */
struct iopt_decodable {
	size_t struct_size;
	const char *name;  /* "tcr_el1" */
	const char *title; /* "Translation Control Register (EL1)" */
	unsigned bits;	   /* 32, 64, or a multiple of 64: that many words */
};

IOPT_API int iopt_decodable(size_t i, struct iopt_decodable *decodable);

/*
 * The fields of a register, of which there is one word.  Reserved bits are told only if they are
 * not what they should be.  ENOENT: no such name; EINVAL: another number of words; ERANGE: it does
 * not fit in the register.
 */
IOPT_API int iopt_decode(const char *name, const uint64_t *words, size_t count,
			 const struct iopt_field_sink *sink);

/*
 * Is it a name that iopt_domain_open(), iopt_domain_open_cpu() or iopt_decode() makes something of?
 * "tcr.tsz", a field of one, is, too.
 */
IOPT_API bool iopt_register_is_known(const char *name);

/* A descriptor by itself.  'granule' 0: 4 KiB; 'regime' of a stage 2 format: as it must be. */
struct iopt_descriptor {
	size_t struct_size;
	enum iopt_format format;
	enum iopt_regime regime;
	enum iopt_oa_layout oa_layout;
	uint64_t granule;
	int level;
	uint64_t desc;
	enum iopt_type type; /* the answer */
};

/* EINVAL: the format has no such granule, layout or level.  ERANGE: over 32 bits. */
IOPT_API int iopt_descriptor_decode(struct iopt_descriptor *descriptor,
				    const struct iopt_field_sink *sink);

/* A descriptor of a domain's space, with what its registers say.  ENOENT; EINVAL; ERANGE. */
IOPT_API int iopt_domain_decode(const struct iopt_domain *domain, unsigned space, int level,
				uint64_t desc, const struct iopt_field_sink *sink);

/* The i-th step of a walk in that domain.  ENOENT past the end, or its descriptor is absent. */
IOPT_API int iopt_step_decode(const struct iopt_domain *domain, const struct iopt_walk *walk,
			      unsigned i, const struct iopt_field_sink *sink);
/* The bits [hi:lo] of its stage's input address that made the index. */
IOPT_API int iopt_step_index(const struct iopt_domain *domain, const struct iopt_walk *walk,
			     unsigned i, unsigned *hi, unsigned *lo);

/*
 * How a walk came to its outcome, a sentence each: where memory type and shareability are from,
 * which bits took which permissions, or why it faults.  'access' and 'el' as it was asked.
 */
IOPT_API int iopt_walk_explain(const struct iopt_domain *domain, const struct iopt_walk *walk,
			       unsigned access, unsigned el,
			       int (*tell)(void *arg, const char *sentence), void *arg);

#ifdef __cplusplus
}
#endif

#endif
