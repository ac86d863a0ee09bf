/* SPDX-License-Identifier: MIT */
#ifndef IOPT_LISTING_H
#define IOPT_LISTING_H

#include "dump.h"

/* What a leaf of this space means; as iopt_domain_attrs(). */
static inline int listing_attrs(const struct dump *d, unsigned space,
				const struct iopt_extent *extent, struct iopt_attrs *attrs)
{
	*attrs = IOPT_INIT(struct iopt_attrs);
	return iopt_domain_attrs(d->domain, space, extent, attrs);
}

#endif
