/* SPDX-License-Identifier: MIT */
/* A memory with one domain in it, and what is asked of one again and again. */
#ifndef FIXTURE_H
#define FIXTURE_H

#include "iopt.h"

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)
#define TIB (1024 * GIB)

struct fixture {
	struct iopt_memory *memory;
	struct iopt_domain *domain;
	struct iopt_space space;
};

/* The domain's code; NULL stays there if it is not 0. */
int fixture_try(struct fixture *f, struct iopt_config config);
void fixture_open(struct fixture *f, struct iopt_config config);
/* Nothing may be left of the domain's tables. */
void fixture_close(struct fixture *f);

struct iopt_pages run_of(uint64_t iova, uint64_t pa, uint64_t page_size, uint64_t count);

void assert_leads(struct fixture *f, uint64_t iova, uint64_t want);
void assert_unmapped(struct fixture *f, uint64_t iova);
/* Refused, and neither a descriptor nor a table more than before. */
void assert_refused(struct fixture *f, struct iopt_pages pages, int code);

#endif
