/* SPDX-License-Identifier: MIT */
/* SMMUs, and the domains that are attached through them. */
#ifndef IOPT_API_SMMU_H
#define IOPT_API_SMMU_H

#include "domain.h"
#include "iova.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Linux 6.1's IOMMU and DMA layers over one memory.  A device sits behind an SMMU, or behind none;
 * an SMMU's device has a default domain of type DMA from the start, as a probed one has. Everything
 * here belongs to the memory that it was made in.
 */
enum iopt_smmu_model {
	IOPT_SMMU_V2,
	IOPT_SMMU_V1,
	IOPT_SMMU_MMU500,
	IOPT_SMMU_V3,
	IOPT_SMMU_MODEL_COUNT,
};

/* What an SMMU's driver was built for: it decides which tables are made. */
enum iopt_smmu_kernel {
	IOPT_KERNEL_ARM64,    /* AArch64's, where the SMMU has them */
	IOPT_KERNEL_ARM_LPAE, /* AArch32's, long descriptors */
	IOPT_KERNEL_ARM,      /* AArch32's, short descriptors in stage 1 */
	IOPT_KERNEL_COUNT,
};

IOPT_API const char *iopt_smmu_kernel_name(enum iopt_smmu_kernel kernel);

struct iopt_smmu;
struct iopt_device;

/*
 * Zero is the default: v2, 48 bits (v1: 32 and 40), all granules (v1: 4K, its only one), both
 * stages, 16 stream ID bits.  'ias' is what stage 1 takes; 'oas' what it gives, and what stage 2
 * takes and gives.
 */
struct iopt_smmu_config {
	size_t struct_size;
	enum iopt_smmu_model model;
	uint64_t base;	   /* of its registers */
	unsigned ias, oas; /* bits: 32, 36, 40, 42, 44, 48, 52 (v3) */
	uint64_t granules; /* a bit for each: 1 << 12, 14, 16 */
	unsigned stages;   /* 1, 2 or both as a mask: 1 << 0, 1 << 1 */
	unsigned sid_bits;
	bool allow_bypass; /* what nobody attached passes: arm-smmu.disable_bypass=0 */
	/* v1 and v2 (mmu500 is one): */
	unsigned context_banks, stream_groups; /* 0: 16 and 32; at most 128 of each */
	unsigned stage2_banks;		       /* the first ones, for stage 2 alone: IDR1.NUMS2CB */
	unsigned context_irqs;		       /* v1: 0: one for each bank */
	uint64_t register_page;		       /* 4 or 64 KiB; 0: 4 KiB */
	unsigned register_pages;	       /* of the global space; 0: as few as can be */
	bool stream_indexed; /* no SMRs: a group for each of at most 7 bits of stream ID */
	bool exids;	     /* v2: 16-bit stream IDs and masks */
	bool vmid16;	     /* v2: 16-bit VMIDs */
	enum iopt_smmu_kernel kernel;
	bool linear;	    /* v3: stream table of one level */
	bool linear_cd;	    /* v3: tables of context descriptors of one level */
	unsigned ssid_bits; /* v3: at most 20 */
	bool stalls;	    /* v3: faults can stall */
	bool non_coherent_walk;
};

IOPT_API const char *iopt_smmu_model_name(enum iopt_smmu_model model);
/* EINVAL with the reason: a size or granule that the model has not. */
IOPT_API int iopt_smmu_create(struct iopt_memory *memory, const struct iopt_smmu_config *config,
			      struct iopt_smmu **smmu, struct iopt_error *error);
/* EBUSY: a device is behind it. */
IOPT_API int iopt_smmu_destroy(struct iopt_smmu *smmu);
/* The configuration with its defaults filled in. */
IOPT_API void iopt_smmu_info(const struct iopt_smmu *smmu, struct iopt_smmu_config *config);
/* Devices behind it; NULL past the end. */
IOPT_API struct iopt_device *iopt_smmu_device(const struct iopt_smmu *smmu, unsigned i);

enum iopt_domain_type {
	IOPT_DOMAIN_UNMANAGED,
	IOPT_DOMAIN_DMA,
	IOPT_DOMAIN_DMA_FQ, /* lazy: freed addresses wait in a flush queue */
	IOPT_DOMAIN_IDENTITY,
	IOPT_DOMAIN_BLOCKED,
	IOPT_DOMAIN_TYPE_COUNT,
};

IOPT_API const char *iopt_domain_type_name(enum iopt_domain_type type);
/*
 * iommu_domain_alloc(): a domain whose format and sizes the first attach decides; until then it
 * has no space (iopt_domain_space(): ENOENT) and maps nothing (ENODEV).  BLOCKED is an unmanaged
 * domain that stays empty, as the SMMU drivers have it; IDENTITY never has a space, and its
 * addresses translate to themselves.  Neither maps anything (EINVAL).  ENOMEM; EINVAL: no such
 * type.
 */
IOPT_API int iopt_domain_new(struct iopt_memory *memory, enum iopt_domain_type type,
			     struct iopt_domain **domain, struct iopt_error *error);
IOPT_API enum iopt_domain_type iopt_domain_type(const struct iopt_domain *domain);
/*
 * iommu_enable_nesting(): the SMMU gives it stage 2, where it has both, so that a guest can have
 * stage 1.  EINVAL: it is not UNMANAGED; EPERM: it has its tables already.
 */
IOPT_API int iopt_domain_enable_nesting(struct iopt_domain *domain, struct iopt_error *error);
IOPT_API bool iopt_domain_is_nesting(const struct iopt_domain *domain);
/* The addresses that a DMA domain hands out; NULL: it is none, or not attached yet. */
IOPT_API struct iopt_iova *iopt_domain_iova(const struct iopt_domain *domain);
/*
 * The flush queue's timer of a lazy domain goes off: the TLB is flushed, and what was freed before
 * can be handed out again.  In another domain flush_iotlb_all(): the TLB is flushed.
 */
IOPT_API void iopt_domain_flush(struct iopt_domain *domain);
/* Devices that are attached to it; NULL past the end. */
IOPT_API struct iopt_device *iopt_domain_device(const struct iopt_domain *domain, unsigned i);
/* The SMMU that it is bound to since its first attach; NULL: none. */
IOPT_API struct iopt_smmu *iopt_domain_smmu(const struct iopt_domain *domain);
/*
 * What names the domain in its SMMU: the context bank, ASID and VMID (those that its stage has;
 * others 0).  ENOENT: not attached yet, or IDENTITY.
 */
IOPT_API int iopt_domain_context(const struct iopt_domain *domain, unsigned *bank, unsigned *asid,
				 unsigned *vmid);

/* ---- what its driver writes ---- */

enum iopt_smmu_step_kind {
	IOPT_SMMU_WRITE,   /* the register becomes 'value' */
	IOPT_SMMU_UPDATE,  /* its bits of 'mask' become those of 'value', the others stay */
	IOPT_SMMU_TRIGGER, /* value is written and not kept: an invalidation, bits to clear */
	IOPT_SMMU_WAIT,	   /* it is read until its bits of 'mask' are those of 'value' */
};

/* One access to one register. */
struct iopt_smmu_step {
	enum iopt_smmu_step_kind kind;
	char name[16];	       /* "scr0", "smr5", "tcr": by Linux, in lower case */
	const char *decodable; /* for iopt_decode(); NULL: it has no fields */
	uint64_t offset;       /* from the SMMU's base */
	unsigned bytes;	       /* 4 or 8 */
	uint64_t value, mask;  /* mask: all bits where the kind has none */
	int bank;	       /* the context bank that it belongs to; -1: none */
	bool idle;	       /* it is of a bank or mapping group that nothing uses */
};

/* Called for each step; what is not 0 ends it and is returned. */
struct iopt_smmu_step_sink {
	int (*step)(void *arg, const struct iopt_smmu_step *step);
	void *arg;
};

/*
 * All that makes hardware after its reset what the SMMU is now, in the order in which Linux's
 * driver does it: reset, the contexts of all domains that are bound to it, then the streams of its
 * devices.  A register that is written twice ends with the later value.
 */
IOPT_API int iopt_smmu_program(const struct iopt_smmu *smmu,
			       const struct iopt_smmu_step_sink *sink);
/*
 * What registers hold after it, each once, those of the SMMU before those of its banks.  Only
 * WRITE, and UPDATE where the rest of a register is unknown.  ENOMEM.
 */
IOPT_API int iopt_smmu_registers(const struct iopt_smmu *smmu,
				 const struct iopt_smmu_step_sink *sink);

#ifdef __cplusplus
}
#endif

#endif
