/* SPDX-License-Identifier: MIT */
/* Translation tables: formats, domains, registers, mapping and translating. */
#ifndef IOPT_API_DOMAIN_H
#define IOPT_API_DOMAIN_H

#include "memory.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Linux's enum io_pgtable_fmt. */
enum iopt_format {
	IOPT_ARM_64_LPAE_S1,
	IOPT_ARM_64_LPAE_S2,
	IOPT_ARM_32_LPAE_S1,
	IOPT_ARM_32_LPAE_S2,
	IOPT_ARM_V7S,
	IOPT_FORMAT_COUNT,
};

enum iopt_regime {
	IOPT_REGIME_EL1, /* EL1&0, AArch32 PL1&0 */
	IOPT_REGIME_EL2,
	IOPT_REGIME_EL3,
	IOPT_REGIME_STAGE2,
	IOPT_REGIME_COUNT,
	IOPT_REGIME_ANY = 127, /* where it may be left open */
};

/* Linux's IO_PGTABLE_QUIRK_*. */
enum iopt_quirk {
	IOPT_QUIRK_ARM_NS = 1 << 0,
	IOPT_QUIRK_NO_PERMS = 1 << 1,
	IOPT_QUIRK_ARM_MTK_EXT = 1 << 2,
	IOPT_QUIRK_ARM_MTK_TTBR_EXT = 1 << 3,
	IOPT_QUIRK_ARM_TTBR1 = 1 << 4,
	IOPT_QUIRK_ARM_OUTER_WBWA = 1 << 5,
	IOPT_QUIRK_COUNT = 6,
};

/* Linux's IOMMU_READ and so on. */
enum iopt_prot {
	IOPT_READ = 1 << 0,
	IOPT_WRITE = 1 << 1,
	IOPT_CACHE = 1 << 2,
	IOPT_NOEXEC = 1 << 3,
	IOPT_MMIO = 1 << 4,
	IOPT_PRIV = 1 << 5,
	IOPT_PROT_COUNT = 6,
};

/* How output addresses above 48 bits are stored in descriptors. */
enum iopt_oa_layout { IOPT_OA_48, IOPT_OA_LPA, IOPT_OA_LPA2 };

/* "arm-64-lpae-s1", "el1" / "stage2", "arm-ns" (one bit), "read" (one bit), "48"; NULL past the
 * end. */
IOPT_API const char *iopt_format_name(enum iopt_format format);
IOPT_API const char *iopt_regime_name(enum iopt_regime regime);
IOPT_API const char *iopt_quirk_name(enum iopt_quirk quirk);
IOPT_API const char *iopt_prot_name(enum iopt_prot prot);
IOPT_API const char *iopt_oa_layout_name(enum iopt_oa_layout layout);

/*
 * What struct io_pgtable_cfg asks for.  Zero is the default of ias, oas (48 and 48; 32 and 32 for
 * v7s; 32 and 40, 40 and 40 for 32-bit LPAE stage 1 and 2), page_sizes (4K granule, or small pages,
 * with every size of it) and cpu_page_size (4 KiB).
 */
struct iopt_config {
	size_t struct_size;
	enum iopt_format format;
	enum iopt_regime regime; /* stage 1 only: EL1, EL2, EL3 */
	unsigned ias, oas;	 /* bits, at most 64 */
	uint64_t page_sizes;	 /* a bit for each size */
	uint64_t cpu_page_size;
	uint32_t quirks;
	bool non_coherent_walk, big_endian;
};

/* All page sizes of the 4K, 16K or 64K granule (1 << 12, 14, 16) in 'format'; 0 if it has none. */
IOPT_API uint64_t iopt_granule_page_sizes(enum iopt_format format, uint64_t granule);

struct iopt_domain;

/*
 * alloc_io_pgtable_ops(): an empty table tree in 'memory'.  EINVAL where Linux refuses, with the
 * reason in 'error'; ENOMEM.  A memory without RAM gets 1 GiB at 0x80000000, or at the next
 * multiple of it where nothing is.
 */
IOPT_API int iopt_domain_create(struct iopt_memory *memory, const struct iopt_config *config,
				struct iopt_domain **domain, struct iopt_error *error);

/* A bag of register values, by name or by single fields of them ("tcr.tsz"). */
struct iopt_registers;

IOPT_API int iopt_registers_create(struct iopt_registers **registers);
IOPT_API void iopt_registers_destroy(struct iopt_registers *registers);
/* Replaces what was there.  ENOMEM; EINVAL: no name, or over 63 bytes; E2BIG: over 4096 names. */
IOPT_API int iopt_registers_set(struct iopt_registers *registers, const char *name, uint64_t value);
/* ENOENT: not given. */
IOPT_API int iopt_registers_get(const struct iopt_registers *registers, const char *name,
				uint64_t *value);
/*
 * From a JSON file: {"ttbr":"0x…","tcr":{"tsz":16,…},"ias":48,"quirks":["arm-ns"]}: numbers or
 * strings, {"value":…} or {fields}, or such an object under "registers"; other members are ignored.
 */
IOPT_API int iopt_registers_load(struct iopt_registers *registers, const char *path,
				 struct iopt_error *error);

/*
 * The registers of a Linux kernel's own tables, from the VMCOREINFO note of the dump that 'memory'
 * holds: ttbr1_el1 and tcr_el1 (no MAIR), or ttbr0 and ttbcr of AArch32, for
 * iopt_domain_open_cpu().  ENOENT: no note, or no line that is needed, which 'error' names;
 * ENOEXEC: a line makes no sense.
 */
IOPT_API int iopt_registers_vmcoreinfo(struct iopt_registers *registers,
				       const struct iopt_memory *memory, struct iopt_error *error);

/*
 * Tables that are already in 'memory', by a space's own registers: 'ttbr', 'tcr', 'mair'; 'vttbr',
 * 'vtcr'; 'ttbr', 'prrr', 'nmrr'; with 'ias', 'oas' and 'quirks' (a mask) where the registers do
 * not tell.  'config' names format and regime; its ias, oas, page_sizes and quirks are defaults.
 */
IOPT_API int iopt_domain_open(struct iopt_memory *memory, const struct iopt_config *config,
			      const struct iopt_registers *registers, struct iopt_domain **domain,
			      struct iopt_error *error);

/* Which CPU's register names a file has: its member "arch", as iopt_registers_load() reads it. */
enum iopt_arch {
	IOPT_ARCH_AARCH64, /* the default */
	IOPT_ARCH_ARM,	   /* TTBCR.EAE says which of the two */
	IOPT_ARCH_AARCH32_LPAE,
	IOPT_ARCH_AARCH32_V7S,
	IOPT_ARCH_COUNT,
};

/* "aarch64", "arm", …; NULL past the end. */
IOPT_API const char *iopt_arch_name(enum iopt_arch arch);

/*
 * Tables that a CPU's registers name: ttbr0, ttbr1, tcr, mair (also with _el1), the same with _el2
 * and _el3; vttbr, vtcr (also with _el2); AArch32 ttbcr, prrr, nmrr, mair0, mair1, dacr; and what
 * else matters where it is given: sctlr (_el1, _el2, _el3), hcr_el2, scr_el3, id_aa64mmfr1.  EL1,
 * and EL2 with HCR_EL2.E2H or a TTBR1_EL2 that is not 0, give two halves.  'regime'
 * IOPT_REGIME_ANY: the first that is there.  With 'stage2', which must outlive the new domain,
 * its output addresses are the input of that stage, as its tables are when this is called. EINVAL
 * with the reason: registers are missing or make no sense.
 */
IOPT_API int iopt_domain_open_cpu(struct iopt_memory *memory,
				  const struct iopt_registers *registers, enum iopt_regime regime,
				  struct iopt_domain *stage2, struct iopt_domain **domain,
				  struct iopt_error *error);

/* Are the registers there that iopt_domain_open_cpu() needs for 'regime'? */
IOPT_API bool iopt_registers_have(const struct iopt_registers *registers, enum iopt_regime regime);

/*
 * free_io_pgtable_ops(): frees the tables of a domain that was created.  Those of one that was
 * opened stay, with what was mapped in them since.
 * Devices that it is attached to go back to their default domain.
 */
IOPT_API void iopt_domain_destroy(struct iopt_domain *domain);

IOPT_API struct iopt_memory *iopt_domain_memory(const struct iopt_domain *domain);

enum { IOPT_REGISTERS_MAX = 8, IOPT_FIELDS_MAX = 8 };

/* One register as Linux's table code names it; 'fields' are what that code reports. */
struct iopt_register {
	const char *name;
	uint64_t value;
	unsigned field_count;
	struct {
		const char *name;
		unsigned value;
	} fields[IOPT_FIELDS_MAX];
};

struct iopt_space {
	size_t struct_size;
	enum iopt_format format;
	enum iopt_regime regime;
	enum iopt_oa_layout oa_layout;
	unsigned ias, oas; /* bits, after Linux's clamping */
	int start_level;
	uint64_t granule, page_sizes, root;
	uint64_t first, last; /* the input addresses that it translates */
	uint32_t quirks;
	bool non_coherent_walk, big_endian;
	unsigned register_count;
	struct iopt_register registers[IOPT_REGISTERS_MAX];
	const char *warning; /* built by Linux, forbidden by the architecture: why; or NULL */
};

/* The i-th half: 0, and 1 where there is a second.  ENOENT past the end. */
IOPT_API int iopt_domain_space(const struct iopt_domain *domain, unsigned i,
			       struct iopt_space *space);

/* ---- mapping ---- */

/*
 * One call of map_pages() or unmap_pages().  'done' is the answer, in bytes, and valid after a
 * failure too.  'prot' is for mapping, 'queued' for unmapping (no per-page TLB event).
 */
struct iopt_pages {
	size_t struct_size;
	uint64_t iova, pa, page_size, count;
	unsigned prot;
	bool queued;
	uint64_t done;
};

/*
 * io_pgtable_ops.map_pages(): checks what Linux checks and no more.  LPAE stops at the end of the
 * table (done is short, 0 is returned) and maps all or nothing of that; short descriptors go on
 * from page to page and keep what precedes a failure.  EINVAL, ERANGE, EEXIST, ENOMEM; a run past
 * the end of a first table that is smaller than a page, or of a table: ERANGE, nothing written.
 */
IOPT_API int iopt_map_pages(struct iopt_domain *domain, struct iopt_pages *pages);
/* io_pgtable_ops.unmap_pages(): never fails, 'done' may be short or 0. */
IOPT_API void iopt_unmap_pages(struct iopt_domain *domain, struct iopt_pages *pages);

/*
 * iommu_map(): splits 'size' into page sizes, undoes itself on failure.  EINVAL: iova, pa and size
 * must be multiples of the smallest page size.  EINTR: the memory's progress said so.
 */
IOPT_API int iopt_map(struct iopt_domain *domain, uint64_t iova, uint64_t pa, uint64_t size,
		      unsigned prot);
/*
 * iommu_unmap(): ENOENT if less than 'size' was mapped; *unmapped tells.  EINVAL as above.  EINTR
 * as above, and what was unmapped until then stays so.
 */
IOPT_API int iopt_unmap(struct iopt_domain *domain, uint64_t iova, uint64_t size,
			uint64_t *unmapped);

enum iopt_fault_type {
	IOPT_FAULT_NONE,
	IOPT_FAULT_TRANSLATION,
	IOPT_FAULT_ADDRESS_SIZE,
	IOPT_FAULT_ACCESS,
	IOPT_FAULT_PERMISSION,
	IOPT_FAULT_DOMAIN,   /* short descriptors: DACR gives no access */
	IOPT_FAULT_EXTERNAL, /* the walk reads a table that the memory does not hold */
};

struct iopt_fault {
	enum iopt_fault_type type;
	int level;
	int stage; /* 1 or 2 */
};

/* "translation"; NULL for NONE. */
IOPT_API const char *iopt_fault_name(enum iopt_fault_type type);

/* What hardware would do, permissions aside.  EFAULT with *fault (may be NULL) filled in. */
IOPT_API int iopt_translate(struct iopt_domain *domain, uint64_t iova, uint64_t *pa,
			    struct iopt_fault *fault);
/* Many at once, in groups; stops at the first that fails and returns how many are done. */
IOPT_API size_t iopt_translate_many(struct iopt_domain *domain, const uint64_t *iova, size_t count,
				    uint64_t *pa);
/* iova_to_phys() of Linux's format code: no range check, no flags; 0 is "no mapping". */
IOPT_API uint64_t iopt_iova_to_phys(struct iopt_domain *domain, uint64_t iova);

enum iopt_tlb_kind {
	IOPT_TLB_ALL,  /* tlb_flush_all() */
	IOPT_TLB_WALK, /* tlb_flush_walk(iova, size, granule) */
	IOPT_TLB_PAGE, /* tlb_add_page(iova, granule) */
};

/* 'count' events, each 'size' bytes further on. */
struct iopt_tlb_event {
	enum iopt_tlb_kind kind;
	uint64_t iova, size, granule, count;
};

/* The struct iommu_flush_ops of this domain; NULL: none. */
IOPT_API void iopt_domain_on_tlb(struct iopt_domain *domain,
				 void (*fn)(void *arg, const struct iopt_tlb_event *event),
				 void *arg);

#ifdef __cplusplus
}
#endif

#endif
