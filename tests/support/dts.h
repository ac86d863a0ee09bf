/* SPDX-License-Identifier: MIT */
/* Device trees from their source, by dtc. */
#ifndef DTS_H
#define DTS_H

#include "textfile.h"

/*
 * The blob of what stands in "/dts-v1/; BODY"; text_free() when done.  Phandles that are numbers
 * need not be anybody's.  textfile_set_up() before.
 */
struct text dts_compile(const char *body);

#endif
