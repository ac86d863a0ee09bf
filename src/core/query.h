/* SPDX-License-Identifier: MIT */
/* Questions about mappings as steps in postfix order, which need no recursion to be asked. */
#ifndef IOPT_QUERY_H
#define IOPT_QUERY_H

#include "base.h"
#include "iopt.h"

enum {
	STEPS_MAX = 256,
	DEPTH_MAX = 32,
	STACK_MAX = 2 * (DEPTH_MAX + 1) + 1, /* each level keeps the left of one || and one && */
	WORD_MAX = 32,
	ANY_LEVEL = 4, /* whatever exception levels there are */
};

enum step_kind { STEP_FLAG, STEP_ACCESS, STEP_WORD, STEP_NUMBER, STEP_NOT, STEP_AND, STEP_OR };

enum flag { FLAG_NS, FLAG_NG, FLAG_AF, FLAG_CONTIGUOUS, FLAG_DBM, FLAG_GP };
enum word { MEMORY, SHARE, TYPE };
enum number { LEVEL, PAGE_SIZE, SIZE, COUNT, IOVA, PA, SOFTWARE, INDEX };
enum comparison { EQUAL, NOT_EQUAL, LESS, LESS_EQUAL, MORE, MORE_EQUAL };

struct step {
	enum step_kind kind;
	unsigned what; /* flag, word, number, or exception level */
	enum comparison comparison;
	uint64_t value; /* or access */
	char word[WORD_MAX];
};

struct iopt_query {
	size_t count;
	struct step steps[];
};

#endif
