/* SPDX-License-Identifier: MIT */
/* One domain of random make under random requests, and the model that it is held against. */
#ifndef TRIAL_H
#define TRIAL_H

#include "base.h"
#include "iopt.h"
#include "model.h"

struct trial_row {
	const char *name;
	enum iopt_format format;
	unsigned page_shift, ias_min, ias_max, oas_max;
	uint32_t quirks, maybe; /* always, and now and then */
};

struct trial {
	uint64_t random; /* state; never 0 */
	const struct trial_row *row;
	struct iopt_config config;
	struct iopt_memory *memory;
	struct iopt_domain *domain;
	struct iopt_space space;
	struct model model;
	uint64_t places[4]; /* where things happen */
	uint64_t steps;
	char doing[160]; /* the request under way, for whoever reads a failure */
};

void trial_open(struct trial *t, const struct trial_row *row);
/* One request, and a look at some addresses. */
void trial_step(struct trial *t);
/* Compares all, sends the tables through files, and takes everything down. */
void trial_close(struct trial *t);

/* Fails the test, with what was being done. */
#define trial_check(t, condition)                            \
	do {                                                 \
		if (!(condition))                            \
			trial_fail(t, #condition, __LINE__); \
	} while (0)
void trial_fail(const struct trial *t, const char *what, int line);

/* The whole tree against the model. */
void trial_compare(struct trial *t);
/* What the tables say, as a model of its own. */
void trial_read(struct trial *t, struct model *m);

uint64_t trial_random(struct trial *t, uint64_t below);

#endif
