/* SPDX-License-Identifier: MIT */
/* Texts in memory, and files that are gone when the test is. */
#ifndef TEXTFILE_H
#define TEXTFILE_H

#include <stddef.h>
#include <stdint.h>

#include "iopt.h"

struct text {
	char *data; /* NUL follows */
	size_t size;
};

/* A sink that keeps everything; text_free() when done. */
struct iopt_sink text_sink(struct text *text);
void text_free(struct text *text);

/* The domain as iopt_dump() writes it; must succeed. */
struct text text_dump(struct iopt_domain *domain, enum iopt_dump format);

/* cmocka's: a new folder for the files of a test, and its removal with all that is in it. */
int textfile_set_up(void **state);
int textfile_tear_down(void **state);
/* The path of a file in it; static, overwritten by the call after next. */
const char *textfile_path(const char *name);
const char *textfile_write(const char *name, const void *data, size_t bytes);

/* Both must be there: a domain and its memory from a file of this text. */
int textfile_load(const char *name, const void *data, size_t bytes, struct iopt_memory **memory,
		  struct iopt_domain **domain, struct iopt_error *error);
void textfile_unload(struct iopt_memory *memory, struct iopt_domain *domain);

/* Damages a text in one of many ways; 'state' is the random state, never 0. */
void text_damage(struct text *text, uint64_t *state);

#endif
