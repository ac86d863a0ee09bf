/* SPDX-License-Identifier: MIT */
/*
 * Reading table JSON: "iopt.table/1", "iopt.tables/1", or JSON Lines, in any layout.  The text is
 * cut into headers and tables first, and each is parsed alone.
 */
#ifndef IOPT_TABLE_LOAD_H
#define IOPT_TABLE_LOAD_H

#include "../core/domain.h"
#include "json_scan.h"

/*
 * The tables of the text in 'memory', which is new and has nothing in it.  On failure the memory
 * is the caller's to destroy, with whatever was written by then.
 */
int table_load(const struct json_input *in, struct iopt_memory *memory,
	       struct iopt_domain **domain);

#endif
