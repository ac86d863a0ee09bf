/* SPDX-License-Identifier: MIT */
/*
 * SMMU instances as far as a domain needs them: sizes, what there is of context banks, ASIDs and
 * VMIDs, and who owns which stream ID.
 */
#ifndef IOPT_SMMU_H
#define IOPT_SMMU_H

#include "domain.h"

struct dma_state;
struct smmu_v3;

enum { SMMU_BANKS_MAX = 128, SMMU_STREAM_GROUPS_MAX = 128 };

/* What the generations of SMMUs do each in its own way. */
struct smmu_ops {
	/* iopt_smmu_program() */
	int (*program)(const struct iopt_smmu *smmu, const struct iopt_smmu_step_sink *sink);
	/*
	 * What stands in memory; NULL: nothing does.  Of the SMMU itself (EINVAL, ENOMEM), of a
	 * device's streams (ENOMEM), and of a domain that the device is about to be attached to, at
	 * the first time and later (EINVAL, ENOMEM).  What fails leaves nothing behind.
	 */
	int (*create)(struct iopt_smmu *smmu, struct iopt_error *error);
	void (*destroy)(struct iopt_smmu *smmu);
	int (*prepare)(struct iopt_smmu *smmu, const struct iopt_device *device,
		       struct iopt_error *error);
	int (*bind)(struct iopt_domain *domain, const struct iopt_device *device,
		    struct iopt_error *error);
	void (*unbind)(struct iopt_domain *domain);
	/* 'domain' translates for the device from now on; NULL: none does. */
	void (*attached)(struct iopt_smmu *smmu, const struct iopt_device *device,
			 const struct iopt_domain *domain);
};

extern const struct smmu_ops smmu_v2_ops; /* of v1 and MMU-500, too */
extern const struct smmu_ops smmu_v3_ops;

/* v1, v2: an SMR with its S2CR, shared by all streams that it covers. */
struct smmu_match {
	struct iopt_stream stream;
	unsigned uses; /* 0: free */
	struct dma_group *group;
};

/* v3: who owns a stream ID. */
struct smmu_sid {
	uint32_t id;
	struct iopt_device *device;
};

struct iopt_smmu {
	struct iopt_smmu *next;
	struct dma_state *state;
	const struct smmu_ops *ops;
	struct iopt_smmu_config config;
	unsigned device_count;
	struct iopt_domain *banks[SMMU_BANKS_MAX]; /* v1, v2: who has the context bank */
	unsigned bank_irqs[SMMU_BANKS_MAX];	   /* v1: its context interrupt */
	unsigned irqs_given;			   /* v1: to contexts, ever */
	struct smmu_match matches[SMMU_STREAM_GROUPS_MAX];
	struct smmu_v3 *v3; /* what v3 has in memory */
	struct smmu_sid *sids;
	size_t sid_count, sid_room;
};

/* Does hardware of this model walk such tables? */
bool smmu_walks(const struct iopt_smmu *smmu, enum iopt_format format);

static inline bool smmu_is_v3(const struct iopt_smmu *smmu)
{
	return smmu->config.model == IOPT_SMMU_V3;
}

/*
 * arm_smmu_master_alloc_smes() or arm_smmu_insert_master(): the device's stream IDs become its own.
 * *group: that of whom it shares them with, or NULL.  EINVAL, ERANGE, ENOSPC, ENOMEM: nothing
 * changed.
 */
int smmu_claim_streams(struct iopt_smmu *smmu, struct iopt_device *device, struct dma_group **group,
		       struct iopt_error *error);
/* The group of what was claimed, where it has none. */
void smmu_name_group(struct iopt_smmu *smmu, const struct iopt_device *device,
		     struct dma_group *group);
void smmu_release_streams(struct iopt_smmu *smmu, const struct iopt_device *device);

/*
 * arm_smmu_attach_dev() as far as the domain: its geometry and context, at the first attach.
 * EINVAL, ENXIO, ENOSPC, ENOMEM, with the domain as before.
 */
int smmu_bind_domain(struct iopt_smmu *smmu, struct iopt_domain *domain, uint64_t cpu_page_size,
		     struct iopt_error *error);
/* Then, for each device: what of the domain is in memory suits it.  EINVAL, ENOMEM. */
int smmu_bind_device(struct iopt_domain *domain, const struct iopt_device *device,
		     struct iopt_error *error);
/* 'domain' translates for the device from now on; NULL: none does. */
void smmu_attached(const struct iopt_device *device, const struct iopt_domain *domain);
/* What it had of its SMMU is free again. */
void smmu_unbind_domain(struct iopt_domain *domain);

#endif
