/* SPDX-License-Identifier: MIT */
/* What table JSON and the sidecar of a raw image say of a space: the members of "iopt.table/1". */
#ifndef IOPT_TABLE_HEADER_H
#define IOPT_TABLE_HEADER_H

#include "../core/domain.h"
#include "json_input.h"
#include "writer.h"

/* A space's place in a document of two: "ttbr0", "ttbr1"; NULL past the end. */
const char *table_space_name(unsigned i);

/* "format":…,"registers":{…}, without braces; 'root' alone may be left to the caller. */
void table_header_write(struct writer *w, const struct space_desc *desc, bool with_root);

/*
 * The same from 'object'.  Each member must be there and be possible by itself; whether they make
 * a geometry together is for domain_adopt() to say.
 */
int table_header_read(const struct json_part *part, const json_t *object, struct space_desc *desc);

/* Fails unless "schema" is 'wanted'. */
int table_check_schema(const struct json_part *part, const json_t *object, const char *wanted);

/*
 * domain_adopt() for what stands in a file: what it refuses is bad input, at 'at' of the text.
 */
int table_adopt(const struct json_input *in, size_t at, struct iopt_memory *memory,
		const struct space_desc *spaces, unsigned count, struct iopt_domain **domain);

#endif
