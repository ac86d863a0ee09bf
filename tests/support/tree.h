/* SPDX-License-Identifier: MIT */
/* A domain's tables in the words of the vectors, and numbers to compare two states by. */
#ifndef TREE_H
#define TREE_H

#include "iopt.h"

/*
 * Every table with its entries as compact JSON, next-table addresses cleared:
 * [{"level":2,"iova":"0x0","entries":[[8,"block","0x800000000e41"]]}].  The caller frees it.
 */
char *tree_text(struct iopt_domain *domain, size_t *tables, size_t *entries);

struct tree_sum {
	uint64_t leaves; /* a hash over every leaf's place and descriptor */
	size_t leaf_count, table_count;
};

struct tree_sum tree_sum(struct iopt_domain *domain);

/* SHA-256 in lower-case hexadecimal. */
void sha256_hex(const void *data, size_t bytes, char hex[65]);

#endif
