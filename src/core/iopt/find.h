/* SPDX-License-Identifier: MIT */
/* Mappings by what they lead to, where they are, and what they are like. */
#ifndef IOPT_API_FIND_H
#define IOPT_API_FIND_H

#include "walk.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A question about a mapping, such as "el0.w && !(memory == normal-wb || share == none)":
 *
 *     el0.r el1.w el2.x …          may that exception level do that?
 *     r w x                        may any?
 *     ns ng af contiguous dbm gp   is it set?
 *     memory share type            == or != a word
 *     level page_size size count iova pa software index     == != < <= > >= a number (0x, 0b, _,
 *                                  k m g t); size, count, iova and pa are the whole mapping's
 *     ! && || ( )
 */
struct iopt_query;

/*
 * EINVAL with message and column (from 1, in characters of 'text'): it is no question, nested more
 * than 32 deep, or has more than 256 parts.  ERANGE: a number over 64 bits.  ENOMEM.
 */
IOPT_API int iopt_query_parse(const char *text, struct iopt_query **query,
			      struct iopt_error *error);
IOPT_API void iopt_query_destroy(struct iopt_query *query);
IOPT_API bool iopt_query_matches(const struct iopt_query *query, const struct iopt_extent *extent,
				 const struct iopt_attrs *attrs);
/* The i-th word that a question may have, names first; NULL past the end. */
IOPT_API const char *iopt_query_word(unsigned i);
/* The name that the i-th word is a value of: "memory", …; NULL: it is a name itself. */
IOPT_API const char *iopt_query_word_of(unsigned i);

struct iopt_find {
	size_t struct_size;
	bool by_pa, by_iova; /* in [pa_first, pa_last], [iova_first, iova_last] */
	uint64_t pa_first, pa_last;
	uint64_t iova_first, iova_last;
	const struct iopt_query *query; /* NULL: any */
};

/*
 * Every mapping that has an entry in the ranges, cut to such entries, and is what the query asks:
 * aliases through shared tables too.  By pa (of the second stage, if there is one) an index is made
 * once and kept while the tables do not change; 'extent->pa' is that address then.  In rising order
 * of iova, by pa of pa.
 *
 * What 'fn' returns if it is not 0 ends it and is returned.  E2BIG: tables are shared so often that
 * there are more than 2^28 slots; what was found until then has been told.  ENOENT: no tables.
 * ENOMEM.
 */
IOPT_API int iopt_find(struct iopt_domain *domain, const struct iopt_find *what,
		       int (*fn)(void *arg, unsigned space, const struct iopt_extent *extent),
		       void *arg);

#ifdef __cplusplus
}
#endif

#endif
