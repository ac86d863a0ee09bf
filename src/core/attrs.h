/* SPDX-License-Identifier: MIT */
/* What leaves mean: one function for each kind of descriptor. */
#ifndef IOPT_ATTRS_H
#define IOPT_ATTRS_H

#include "pgtable.h"

/* Attributes of a MAIR byte that are not just any. */
enum {
	MAIR_DEVICE_NGNRNE = 0x00,
	MAIR_DEVICE_NGNRE = 0x04,
	MAIR_NORMAL_NC = 0x44,
	MAIR_NORMAL_WB = 0xff,
};

static inline bool mair_is_device(uint8_t attr)
{
	return !(attr & 0xf3); /* the others with a zero outer policy are no plain devices */
}

static inline uint8_t access_bits(bool read, bool write, bool execute)
{
	return (uint8_t)((read ? IOPT_ACCESS_R : 0) | (write ? IOPT_ACCESS_W : 0) |
			 (execute ? IOPT_ACCESS_X : 0));
}

/* Memory type and shareability; what is not cacheable is outer shareable whatever 'share' says. */
void attrs_set_memory(struct iopt_attrs *a, uint8_t mair, enum iopt_share share);
/* An encoding that the architecture reserves; an index into a register that is not known. */
void attrs_set_reserved(struct iopt_attrs *a, enum iopt_share share);
void attrs_set_unknown(struct iopt_attrs *a, enum iopt_share share);
/* Stage 2 with FWB that leaves the type to stage 1. */
void attrs_set_stage1(struct iopt_attrs *a, enum iopt_share share);

void attrs_lpae(const struct pgtable *t, uint64_t desc, uint64_t inherited, struct iopt_attrs *a);
void attrs_v7s(const struct pgtable *t, uint64_t desc, int level, uint64_t inherited,
	       struct iopt_attrs *a);

/* DACR's two bits for the domain of a leaf ('inherited': its level 1 table): bit 0 clear: no
 * access. */
unsigned v7s_domain(const struct pgtable *t, uint64_t desc, int level, uint64_t inherited);

/*
 * What comes out of both stages ("Combining stage 1 and stage 2 memory type attributes"): the
 * stricter of each; with HCR_EL2.FWB stage 2 decides.
 */
void attrs_combine(struct iopt_attrs *stage1, const struct iopt_attrs *stage2, bool fwb);

/* Of a table descriptor, the bits that limit what is below it in this space. */
uint64_t space_limits(const struct pgtable *t, uint64_t desc);
uint64_t lpae_limits(const struct pgtable *t, uint64_t desc);

/*
 * ---- the way back: attrs_encode.c, and what of it is a format's beside its decoder ----
 *
 * What a leaf shall mean.  'el0' counts only where the regime has two levels; 'memory' is a word of
 * iopt_attrs, "mair:0x4f" included; 'share' counts of what is cacheable.
 */
struct attrs_wish {
	uint8_t access, el0; /* enum iopt_access: of the regime's own level, and of EL0 */
	char memory[20];
	enum iopt_share share;
	bool ns, nse, global;
};

/* The same in bits: 'leaf' as struct pgtable's attrs has them, 'table' of the tables above. */
struct attrs_code {
	uint64_t leaf, table;
};

/* The bits of a format that say who may do what, which memory it is, and the rest. */
struct attrs_choice {
	uint64_t access;       /* of a leaf: AP and XN */
	uint64_t table_access; /* of the tables above: PXN of short descriptors */
	uint64_t above_access; /* what leaves above the last level have instead */
	uint64_t memory;       /* the index */
	uint64_t share[4];     /* by enum iopt_share */
	uint64_t fixed;	       /* access flag */
	struct attrs_code ns, nse,
		global; /* 'global' is what a page that is not has; 0: there is none */
};

void attrs_lpae_choice(const struct pgtable *t, struct attrs_choice *choice);
void attrs_v7s_choice(const struct pgtable *t, struct attrs_choice *choice);

/*
 * Of all the bits that a leaf of this space may have, those that its decoder reads as 'wish'.
 * EINVAL, with the reason in 'error' (message only), and in *member which of access, memory, share,
 * ns or nse it is: none do.
 */
int attrs_encode(const struct pgtable *t, const struct attrs_wish *wish, struct attrs_code *code,
		 const char **member, struct iopt_error *error);
/* The default share of a memory word: what is not cacheable is outer shareable. */
enum iopt_share attrs_share(const char *memory, enum iopt_share share);
/* The byte of MAIR for a word; false: it is none. */
bool attrs_mair_of(const char *memory, uint8_t *mair);

/* A leaf of any space; 'inherited': the limits of all tables above, as they stand in memory. */
void space_attrs(const struct pgtable *t, uint64_t desc, int level, uint64_t inherited,
		 struct iopt_attrs *a);

#endif
