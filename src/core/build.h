/* SPDX-License-Identifier: MIT */
/*
 * Translation regimes as firmware sets them up: geometry and registers by the architecture's rules
 * and not by Linux's, and domains from plans.
 */
#ifndef IOPT_BUILD_H
#define IOPT_BUILD_H

#include "plan.h"
#include "space.h"

/* What one half, or a regime with one, translates. */
struct build_half {
	bool there;
	unsigned ias; /* 0: the fewest bits that hold 'needs' */
	struct range needs;
};

struct build_config {
	enum iopt_format format;
	enum iopt_regime regime;
	uint64_t granule; /* 0: 4 KiB */
	unsigned oas;	  /* 0: 48 (AArch32 LPAE: 40, short descriptors: 32) */
	uint64_t mair;
	struct build_half halves[2]; /* the second is TTBR1's */
};

/* Short descriptors: every type that PRRR and NMRR can tell apart, at an index of its own. */
#define BUILD_PRRR UINT64_C(0x880a8aa4)
#define BUILD_NMRR UINT64_C(0x49804980)

/*
 * One or two spaces without a root.  A stage 2 starts as low as concatenated tables let it.
 * EINVAL with the reason in 'error' (message only) and in *member which of "ias", "oas", "granule",
 * "regime" or "ttbr1" it is.
 */
int build_describe(const struct build_config *config, struct space_desc spaces[2], unsigned *count,
		   const char **member, struct iopt_error *error);

/*
 * MAIR with an attribute for each of the memory words that are 'used', in the order of the
 * attributes.  E2BIG: more than eight.
 */
int build_mair(const bool used[static 256], uint64_t *mair);

/*
 * The first table goes to 'base', those below behind it in the order of their addresses.  'memory'
 * is new.  EINVAL: the base does not suit the first table; ERANGE: descriptors do not reach it;
 * E2BIG: more than 4 GiB; ENOMEM.
 */
int build_domain(struct iopt_memory *memory, const struct space_desc *spaces,
		 const struct plan *plans, unsigned count, uint64_t base,
		 struct iopt_domain **domain, struct iopt_error *error);
/* What 'base' must be a multiple of. */
uint64_t build_base_align(const struct plan *plans, unsigned count);

#endif
