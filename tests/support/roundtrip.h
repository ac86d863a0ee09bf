/* SPDX-License-Identifier: MIT */
/* Through files and back: nothing may be lost. */
#ifndef ROUNDTRIP_H
#define ROUNDTRIP_H

#include <stddef.h>

#include "iopt.h"

/*
 * Writes the domain as JSON, JSON Lines and a raw image into a temporary folder, loads each back,
 * and compares bytes: JSON -> JSON, JSON Lines -> JSON, raw -> raw, raw -> JSON -> raw.  -1: 'why'.
 */
int roundtrip(struct iopt_domain *domain, char *why, size_t why_bytes);

#endif
