/* SPDX-License-Identifier: MIT */
/* The tables that an STE and a CD of an SMMUv3 name, as domains (route_v3_open.c). */
#ifndef IOPT_ROUTE_V3_H
#define IOPT_ROUTE_V3_H

#include "route.h"

/* s->domains[0], by s->info.cd, or s->unmapped.  EINVAL with the reason: the CD is illegal; ENOMEM.
 */
int v3_open_stage1(struct iopt_route *s, struct iopt_error *error);
/* s->domains[1], by s->info.ste.  EINVAL with the reason: the STE is illegal; ENOMEM. */
int v3_open_stage2(struct iopt_route *s, struct iopt_error *error);
/* Bits of output addresses by their code in IDR5.OAS; as 52 where it is reserved. */
unsigned v3_output_bits(uint64_t code);

#endif
