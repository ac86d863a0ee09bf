/* SPDX-License-Identifier: MIT */
/*
 * What Linux's driver keeps in memory for an SMMUv3: stream table, context descriptors, queues.
 * "arm_smmu_init_strtab()", "arm_smmu_write_strtab_ent()", "arm_smmu_alloc_cd_tables()".
 */
#ifndef IOPT_SMMU_V3_BUILD_H
#define IOPT_SMMU_V3_BUILD_H

#include "device.h"
#include "smmu_v3.h"

enum {
	V3_SPLIT = 8,	     /* StreamID bits of a second level */
	V3_L1_BITS_MAX = 17, /* of the first */
	V3_LINEAR_BITS_MAX = 20,
	V3_CMDQ_SHIFT = 8, /* log2 of entries: a page of each queue */
	V3_EVENTQ_SHIFT = 7,
};

/* One second level: which, and where. */
struct v3_leaf {
	uint32_t index;
	uint64_t pa;
};

struct v3_leaves {
	struct v3_leaf *list;
	size_t count, room;
};

/* Of an SMMU. */
struct smmu_v3 {
	uint64_t strtab, cmdq, eventq;
	unsigned l1_bits;  /* 0: linear */
	unsigned sid_bits; /* of the table */
	struct v3_leaves leaves;
	unsigned commands; /* in the queue */
};

/* A domain that a SubstreamID has, and its context descriptor. */
struct v3_substream {
	struct v3_substream *next;
	uint32_t ssid;
	struct iopt_domain *domain;
	uint64_t cd;
};

/* Of a domain that is bound to an SMMUv3 with stage 1: its context descriptors. */
struct v3_contexts {
	uint64_t table;
	unsigned ssid_bits;
	unsigned split; /* SubstreamID bits of a second level; 0: linear */
	bool stalls;
	struct v3_leaves leaves;
	struct v3_substream *substreams;
};

/* ENOMEM, EINVAL: nothing is left behind. */
int v3_create(struct iopt_smmu *smmu, struct iopt_error *error);
void v3_destroy(struct iopt_smmu *smmu);
/* arm_smmu_init_l2_strtab(), for each stream of the device.  ENOMEM. */
int v3_prepare_streams(struct iopt_smmu *smmu, const struct iopt_device *device,
		       struct iopt_error *error);
/* The device's STEs as 'domain' (NULL: none is attached) wants them. */
void v3_write_streams(struct iopt_smmu *smmu, const struct iopt_device *device,
		      const struct iopt_domain *domain);
/* What an STE holds for a domain; NULL: untouched. */
void v3_make_ste(const struct iopt_smmu *smmu, const struct iopt_device *device,
		 const struct iopt_domain *domain, uint64_t ste[static STE_WORDS]);

/*
 * The context descriptors of a domain that a device is about to be attached to: made, or as those
 * of an earlier device.  EINVAL: the device's SubstreamID bits or stalls are others; ENOMEM.
 */
int v3_bind_contexts(struct iopt_domain *d, const struct iopt_device *device,
		     struct iopt_error *error);
void v3_unbind_contexts(struct iopt_domain *d);
/* What a CD holds for a domain with its ASID. */
void v3_make_cd(const struct iopt_domain *d, bool stalls, uint64_t cd[static CD_WORDS]);

/* arm_smmu_get_cd_ptr(): where it is, with its leaf made if need be.  ENOMEM. */
int v3_cd_at(struct iopt_memory *m, struct v3_contexts *c, uint32_t ssid, uint64_t *pa);
/* In the order that never shows a half of it. */
void v3_write_cd(struct iopt_memory *m, uint64_t pa, const uint64_t cd[static CD_WORDS]);
/* A domain is about to go: no SubstreamID has it any more. */
void v3_forget_substreams(struct iopt_domain *d);

/* A register of the domain's tables: tcr, mair, vtcr; what Linux reports where it was not given. */
struct iopt_register v3_register(const struct iopt_domain *d, const char *name);

/* ENOMEM.  The leaf of that index; NULL: there is none. */
int v3_leaves_add(struct v3_leaves *l, uint32_t index, uint64_t pa);
const struct v3_leaf *v3_leaves_find(const struct v3_leaves *l, uint32_t index);
void v3_leaves_free(struct v3_leaves *l, struct iopt_memory *m);
/* Words of memory that is the SMMU's own. */
void v3_store(struct iopt_memory *m, uint64_t pa, const uint64_t *words, unsigned count);

#endif
