/* SPDX-License-Identifier: MIT */
/* The recorded cases of testdata/vectors; testdata/README.md describes their members. */
#ifndef VECTORS_H
#define VECTORS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "iopt.h"

/* "0x…" of a member; it must be there. */
uint64_t vector_hex(const json_t *object, const char *key);
int vector_int(const json_t *object, const char *key);
unsigned vector_prot(const json_t *op);

/* What the case asks for. */
struct iopt_config vector_config(const json_t *vector);

/* The registers and the geometry that the case recorded. */
void vector_check_space(const json_t *vector, const struct iopt_domain *domain);
/* The final tree; not for cases shaped by a defect of Linux. */
void vector_check_tree(const json_t *vector, struct iopt_domain *domain);

/* Runs test on each *.json file of a folder of the test data, as a cmocka test of that name. */
int vectors_run(const char *group, const char *folder, void (*test)(const json_t *vector));

#endif
