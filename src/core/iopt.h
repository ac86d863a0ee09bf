/* SPDX-License-Identifier: MIT */
/*
 * libiopt: Arm translation tables over simulated physical memory.
 *
 *     memory   one physical address space: RAM windows, or what a dump holds
 *     space    one table tree in a memory
 *     domain   one or two spaces (the halves of TTBR0 and TTBR1), as the IOMMU API's domain
 *
 * Addresses, sizes and descriptors are uint64_t; a size is in bytes, a 'last' inclusive.  Functions
 * return 0, or a negative IOPT_E* code (a count where they say so).  Structs that the caller fills
 * begin with 'struct_size', which the caller sets to sizeof: IOPT_INIT(struct iopt_config).  What
 * a function hands out by pointer is the caller's to destroy; strings inside a struct that is
 * filled in live as long as the object that they describe.  There is no global state: a memory
 * and all that lives on it belong to one thread at a time, different memories may run in parallel.
 */
#ifndef IOPT_H
#define IOPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IOPT_API	__attribute__((visibility("default")))
#define IOPT_INIT(type) ((type){.struct_size = sizeof(type)})

IOPT_API const char *iopt_version(void); /* "1.2.3" */

/* ---- errors ---- */

/* Linux's errno values, so that -EEXIST of map_pages() reads the same here and there. */
enum iopt_code {
	IOPT_EPERM = 1,
	IOPT_ENOENT = 2,
	IOPT_EINTR = 4,
	IOPT_EIO = 5,
	IOPT_ENXIO = 6,
	IOPT_E2BIG = 7,
	IOPT_ENOEXEC = 8,
	IOPT_ENOMEM = 12,
	IOPT_EACCES = 13,
	IOPT_EFAULT = 14,
	IOPT_EBUSY = 16,
	IOPT_EEXIST = 17,
	IOPT_ENODEV = 19,
	IOPT_ENOTDIR = 20,
	IOPT_EISDIR = 21,
	IOPT_EINVAL = 22,
	IOPT_EMFILE = 24,
	IOPT_EFBIG = 27,
	IOPT_ENOSPC = 28,
	IOPT_EROFS = 30,
	IOPT_EPIPE = 32,
	IOPT_ERANGE = 34,
	IOPT_ENAMETOOLONG = 36,
	IOPT_ELOOP = 40,
	IOPT_EOPNOTSUPP = 95,
};

/* What a failure means for whoever asked: the program's exit status. */
enum iopt_failure {
	IOPT_FAILURE_REQUEST = 1, /* a well-formed request that cannot be done */
	IOPT_FAILURE_USAGE = 2,
	IOPT_FAILURE_INPUT = 3, /* a file's content is bad */
	IOPT_FAILURE_LIMIT = 4,
	IOPT_FAILURE_IO = 5,
};

/*
 * Why something failed, for people.  'source' names a file (or nothing, ""), line and column count
 * from 1 and are 0 where there is none.  Text from files stands in it as it was: escape it.
 */
struct iopt_error {
	size_t struct_size;
	int code; /* positive; 0: no error */
	enum iopt_failure failure;
	unsigned line, column;
	char message[256];
	char source[256];
};

/* "EEXIST" for IOPT_EEXIST, of either sign; "EUNKNOWN" for what is none. */
IOPT_API const char *iopt_error_name(int code);
IOPT_API const char *iopt_error_text(int code);
/* The code of the same name for the C library's errno; EIO for one that is not above. */
IOPT_API int iopt_error_of_errno(int number);

/* ---- memory ---- */

struct iopt_memory;

enum iopt_window_kind {
	IOPT_WINDOW_RAM,  /* zero until written, tables are allocated in it */
	IOPT_WINDOW_DATA, /* contents of a file, or of a loaded table */
};

/* A part [base, last] of a memory; what lies in no window is absent, which is not zero. */
struct iopt_window {
	size_t struct_size;
	enum iopt_window_kind kind;
	uint64_t base, last;
	const char *source; /* file it came from, "" for RAM */
};

IOPT_API int iopt_memory_create(struct iopt_memory **memory);
/* Domains that live in it must be destroyed before; its SMMUs, devices and buffers go with it. */
IOPT_API void iopt_memory_destroy(struct iopt_memory *memory);

/*
 * RAM at [base, base + size): multiples of 4 KiB (EINVAL), nothing there yet (EEXIST), not past the
 * 64-bit space nor over 4 PiB (ERANGE).  ENOMEM.
 */
IOPT_API int iopt_memory_add_ram(struct iopt_memory *memory, uint64_t base, uint64_t size,
				 struct iopt_error *error);
/*
 * The contents of a file, recognised by content: ELF core (at its segments' physical addresses;
 * with a base: EINVAL), otherwise raw bytes at *base; raw without a base is EINVAL.  gzip, xz and
 * zstd are unpacked.  Where RAM is, the bytes are written into it, unless pages of it are
 * allocated: EBUSY; over another file's window: EEXIST.  ERANGE: leaves the 64-bit space.  ENOEXEC:
 * bad content.  E2BIG: more than it unpacks to at most.  ENOENT, EIO, ENOMEM.  The file stays open.
 */
IOPT_API int iopt_memory_load(struct iopt_memory *memory, const char *path, const uint64_t *base,
			      struct iopt_error *error);

/* Copies what is present from pa on, up to the first absent byte; returns how much. */
IOPT_API size_t iopt_memory_read(struct iopt_memory *memory, uint64_t pa, void *to, size_t bytes);
/* All or nothing: EFAULT if a byte of it is absent, ENOMEM. */
IOPT_API int iopt_memory_write(struct iopt_memory *memory, uint64_t pa, const void *from,
			       size_t bytes);
/*
 * The first present stretch at or after *first, up to 'last': *first and *stretch_last are moved
 * to it.  ENOENT: nothing more.  'blank': as far as known it was never written and is all zero.
 */
IOPT_API int iopt_memory_next(struct iopt_memory *memory, uint64_t *first, uint64_t last,
			      uint64_t *stretch_last, bool *blank);

/* Only 'count' more allocations of pages (a table is one) succeed; UINT64_MAX: no limit. */
IOPT_API void iopt_memory_budget(struct iopt_memory *memory, uint64_t count);
/* What is left of it. */
IOPT_API uint64_t iopt_memory_budget_left(const struct iopt_memory *memory);
/* Bytes handed out by the allocator and not yet freed. */
IOPT_API uint64_t iopt_memory_allocated(const struct iopt_memory *memory);
/* The i-th window by address; ENOENT past the end. */
IOPT_API int iopt_memory_window(const struct iopt_memory *memory, size_t i,
				struct iopt_window *window);

/* ---- formats and domains ---- */

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
 * IOPT_REGIME_COUNT: the first that is there.  With 'stage2', which must outlive the new domain,
 * its output addresses are the input of that stage, as its tables are when this is called. EINVAL
 * with the reason: registers are missing or make no sense.
 */
IOPT_API int iopt_domain_open_cpu(struct iopt_memory *memory,
				  const struct iopt_registers *registers, enum iopt_regime regime,
				  struct iopt_domain *stage2, struct iopt_domain **domain,
				  struct iopt_error *error);

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
 * must be multiples of the smallest page size.
 */
IOPT_API int iopt_map(struct iopt_domain *domain, uint64_t iova, uint64_t pa, uint64_t size,
		      unsigned prot);
/* iommu_unmap(): ENOENT if less than 'size' was mapped; *unmapped tells.  EINVAL as above. */
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

/* ---- reading tables ---- */

enum iopt_type {
	IOPT_TYPE_INVALID,  /* hardware ignores it */
	IOPT_TYPE_RESERVED, /* hardware must not see it */
	IOPT_TYPE_TABLE,
	IOPT_TYPE_BLOCK,
	IOPT_TYPE_PAGE,
	IOPT_TYPE_SECTION,
	IOPT_TYPE_SUPERSECTION,
	IOPT_TYPE_LARGE,
};

/* "invalid", "reserved", "table", … */
IOPT_API const char *iopt_type_name(enum iopt_type type);

struct iopt_table {
	uint64_t pa;
	uint64_t iova, last; /* that it covers */
	uint64_t slots, bytes;
	int level;
	bool again;	  /* reached before at this level: shown once, not entered */
	uint64_t same_as; /* iova of the first time, if so */
};

/* Entry first + i holds desc + i * step; zero descriptors are in no run. */
struct iopt_run {
	uint64_t first, count;
	enum iopt_type type;
	uint64_t desc, step;
};

/* 'count' entries of 'size' bytes with consecutive addresses and the same attributes. */
struct iopt_extent {
	uint64_t iova, pa, size, count;
	uint64_t desc;	    /* the first */
	uint64_t inherited; /* hierarchical permission bits of the tables above */
	enum iopt_type type;
	int level;
};

/*
 * Each callback may be NULL; what is not 0 ends the visit and is returned.  A table comes before
 * its runs, those before the tables below it; extents come in rising order of iova.
 */
struct iopt_visitor {
	size_t struct_size;
	uint64_t first, last; /* input addresses; both 0: all */
	bool expand;	      /* every run and extent is one entry */
	bool reenter; /* shared tables are entered each time: a callback has to set a limit */
	int (*table)(void *arg, const struct iopt_table *table);
	int (*run)(void *arg, const struct iopt_table *table, const struct iopt_run *run);
	int (*extent)(void *arg, const struct iopt_extent *extent);
	void *arg;
};

/* Depth first, rising.  ENOMEM; bounded by the memory's content, however hostile. */
IOPT_API int iopt_domain_visit(struct iopt_domain *domain, unsigned space,
			       const struct iopt_visitor *visitor);

enum iopt_access { IOPT_ACCESS_X = 1, IOPT_ACCESS_W = 2, IOPT_ACCESS_R = 4 };
enum iopt_share { IOPT_SHARE_NONE, IOPT_SHARE_RESERVED, IOPT_SHARE_OUTER, IOPT_SHARE_INNER };

/* What a leaf means, after the hierarchical bits and the registers of its space. */
struct iopt_attrs {
	size_t struct_size;
	uint8_t level_count; /* exception levels in 'access' */
	struct {
		uint8_t el;	/* 0 to 3 */
		uint8_t access; /* enum iopt_access */
	} access[2];
	char memory[20]; /* "normal-wb", "device-nGnRE", …, "mair:0x4f", "reserved" */
	bool known;	 /* by 'mair': neither reserved nor in a register that was not given */
	uint8_t mair;	 /* the same as a MAIR attribute */
	enum iopt_share share;
	bool ns, ng, af, contiguous, dbm, gp;
	uint8_t software; /* bits 58:55 */
	uint8_t index;	  /* raw: AttrIndx, MemAttr, or TEX:C:B */
};

IOPT_API int iopt_domain_attrs(const struct iopt_domain *domain, unsigned space,
			       const struct iopt_extent *extent, struct iopt_attrs *attrs);

enum { IOPT_STEPS_MAX = 16 };

/* One descriptor that a walk read. */
struct iopt_step {
	uint64_t table, index;
	uint64_t desc_pa; /* of stage 1 below a stage 2: an intermediate physical address */
	uint64_t desc;
	enum iopt_type type; /* of desc 0: invalid */
	int level;
	int stage;
	bool absent; /* the memory does not hold it: no desc */
};

/*
 * A walk with all it met: the steps of stage 1, then those of stage 2 for the last address that it
 * was asked for.  Without a fault: pa, and what the leaf (or both leaves together) allow.
 */
struct iopt_walk {
	size_t struct_size;
	unsigned space; /* the half */
	unsigned step_count;
	struct iopt_step steps[IOPT_STEPS_MAX];
	uint64_t pa, ipa;   /* ipa: what stage 1 gave, the same as pa without a stage 2 */
	uint64_t size;	    /* around pa, mapped by one leaf of each stage */
	uint64_t inherited; /* hierarchical bits above the stage 1 leaf */
	struct iopt_attrs attrs;
	struct iopt_fault fault;
};

/*
 * What hardware would do for an access ('access' of enum iopt_access: one of them, or 0:
 * permissions are not asked) from exception level 'el'.  EFAULT: walk->fault says why.  EINVAL: the
 * regime has no such exception level.
 */
IOPT_API int iopt_walk(struct iopt_domain *domain, uint64_t iova, unsigned access, unsigned el,
		       struct iopt_walk *walk);

struct iopt_iova; /* an allocator of I/O virtual addresses */

/* ---- SMMUs, devices and DMA ---- */

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

struct iopt_smmu;

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
	unsigned context_banks, stream_groups; /* v1, v2: 0: 16 and 32; at most 128 of each */
	bool linear;			       /* v3: stream table of one level */
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
/* The addresses that a DMA domain hands out; NULL: it is none, or not attached yet. */
IOPT_API struct iopt_iova *iopt_domain_iova(const struct iopt_domain *domain);
/*
 * The flush queue's timer of a lazy domain goes off: the TLB is flushed, and what was freed before
 * can be handed out again.  Nothing happens in another domain.
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

struct iopt_device;

struct iopt_stream {
	uint32_t id, mask;
};

/* What Linux's command line makes of default domains: iommu.strict, iommu.passthrough. */
enum iopt_default_domain { IOPT_DEFAULT_STRICT, IOPT_DEFAULT_LAZY, IOPT_DEFAULT_PASSTHROUGH };

/* Zero is the default: not coherent, 32-bit masks, no limits, no pool. */
struct iopt_device_config {
	size_t struct_size;
	const char *name; /* copied */
	struct iopt_smmu *smmu;
	const struct iopt_stream *streams; /* copied */
	unsigned stream_count;
	bool coherent, pci;
	enum iopt_default_domain default_domain;    /* used by the first device of a group */
	unsigned dma_mask_bits, coherent_mask_bits; /* of streaming and of coherent buffers */
	uint64_t bus_base, bus_limit;  /* first and last reachable bus address; limit 0: none */
	uint64_t max_segment;	       /* bytes; 0: 64 KiB */
	uint64_t segment_boundary;     /* mask that a segment must not cross; 0: none */
	uint64_t pool_base, pool_size; /* coherent pool, shared by all that name it; 0: none */
	uint64_t cpu_page_size;	       /* 0: 4 KiB */
};

/*
 * The device is probed and its driver bound: behind an SMMU it is attached to a default domain,
 * that of its group.  EINVAL: no name, no or bad sizes, stream IDs in conflict with another
 * device's; ERANGE: a stream ID or a mask of it that the SMMU has not; ENOSPC: no stream mapping
 * group or context bank is left; EBUSY: the pool's memory is in use, or the group is owned by a
 * user; ENOMEM.
 */
IOPT_API int iopt_device_create(struct iopt_memory *memory, const struct iopt_device_config *config,
				struct iopt_device **device, struct iopt_error *error);
/* EBUSY: buffers or pools are live.  What was leaked is taken back. */
IOPT_API int iopt_device_destroy(struct iopt_device *device, struct iopt_error *error);
IOPT_API void iopt_device_info(const struct iopt_device *device, struct iopt_device_config *config);
/* The domain that translates its accesses; NULL: none does. */
IOPT_API struct iopt_domain *iopt_device_domain(const struct iopt_device *device);
/*
 * The DMA API's.  The one that the group had from the beginning belongs to the group:
 * iopt_domain_destroy() does nothing to it.
 */
IOPT_API struct iopt_domain *iopt_device_default_domain(const struct iopt_device *device);
/* Number of its IOMMU group, from 0; -1: behind no SMMU. */
IOPT_API int iopt_device_group(const struct iopt_device *device);
/* Is the DMA API's backend dma-iommu?  Otherwise dma-direct. */
IOPT_API bool iopt_device_uses_iommu(const struct iopt_device *device);
/* dma_set_mask() or dma_set_coherent_mask(); EIO: dma_supported() says no. */
IOPT_API int iopt_device_set_mask(struct iopt_device *device, unsigned bits, bool coherent,
				  struct iopt_error *error);
/* dma_supported(): any mask behind an SMMU; otherwise it must reach the RAM below 4 GiB. */
IOPT_API bool iopt_device_supports(const struct iopt_device *device, unsigned bits);

/*
 * iommu_attach_device() for UNMANAGED and BLOCKED domains.  EINVAL: not alone in its group, (v1,
 * v2) the domain is another SMMU's, or the SMMU has not the domain's format or sizes; ENXIO:
 * another SMMU's with v3; ENODEV: behind no SMMU; EBUSY: attached to something else than its
 * default; ENOSPC: no context bank is left; ENOMEM.  A DMA, DMA_FQ or IDENTITY domain becomes the
 * group's default domain instead, as if written to its 'type' in sysfs: EBUSY: buffers are live.
 * On failure everything is as before.
 */
IOPT_API int iopt_attach(struct iopt_device *device, struct iopt_domain *domain,
			 struct iopt_error *error);
/*
 * iommu_detach_device(): back to the default domain; from a default domain that iopt_attach() set,
 * to the one of the beginning (EBUSY: buffers are live).  EINVAL: nothing to detach from.
 */
IOPT_API int iopt_detach(struct iopt_device *device, struct iopt_error *error);

/* The driver goes: dma-debug looks at what it left (D23).  EINVAL: none is bound. */
IOPT_API int iopt_device_unbind(struct iopt_device *device, struct iopt_error *error);
/* EBUSY: one is, or the group is owned by a user. */
IOPT_API int iopt_device_bind(struct iopt_device *device, struct iopt_error *error);
/*
 * iommu_group_claim_dma_owner() for a user such as VFIO: the group is attached to a blocking
 * domain.  ENODEV: no group; EPERM: a driver is bound in it, or it is owned; EBUSY: not attached to
 * its default domain.
 */
IOPT_API int iopt_device_claim(struct iopt_device *device, struct iopt_error *error);
/* iommu_group_release_dma_owner(): back to the default domain.  EINVAL: nobody owns it. */
IOPT_API int iopt_device_release(struct iopt_device *device, struct iopt_error *error);

/* DMA_ATTR_*, with Linux's values. */
enum iopt_dma_attr {
	IOPT_DMA_WEAK_ORDERING = 1 << 1,
	IOPT_DMA_WRITE_COMBINE = 1 << 2,
	IOPT_DMA_NO_KERNEL_MAPPING = 1 << 4,
	IOPT_DMA_SKIP_CPU_SYNC = 1 << 5,
	IOPT_DMA_FORCE_CONTIGUOUS = 1 << 6,
	IOPT_DMA_ALLOC_SINGLE_PAGES = 1 << 7,
	IOPT_DMA_NO_WARN = 1 << 8,
	IOPT_DMA_PRIVILEGED = 1 << 9,
};

enum iopt_dma_direction {
	IOPT_DMA_BIDIRECTIONAL,
	IOPT_DMA_TO_DEVICE,
	IOPT_DMA_FROM_DEVICE,
	IOPT_DMA_DIRECTION_COUNT,
};

enum iopt_buffer_kind { IOPT_BUFFER_COHERENT, IOPT_BUFFER_PAGE, IOPT_BUFFER_SG };

/* Where the memory of a coherent buffer came from. */
enum iopt_buffer_source {
	IOPT_SOURCE_DEVICE_POOL,
	IOPT_SOURCE_IOMMU,	/* scattered pages behind one range of IOVAs */
	IOPT_SOURCE_CONTIGUOUS, /* one block, mapped */
	IOPT_SOURCE_ATOMIC_POOL,
	IOPT_SOURCE_DIRECT, /* no translation */
	IOPT_SOURCE_CALLER, /* streaming: the caller's own memory */
};

IOPT_API const char *iopt_dma_attr_name(enum iopt_dma_attr attr); /* "force-contiguous" */
IOPT_API const char *iopt_dma_direction_name(enum iopt_dma_direction direction);
IOPT_API const char *iopt_buffer_source_name(enum iopt_buffer_source source);

struct iopt_segment {
	uint64_t pa, size;
};

struct iopt_buffer;

struct iopt_buffer_info {
	size_t struct_size;
	struct iopt_device *device;
	enum iopt_buffer_kind kind;
	enum iopt_buffer_source source;
	enum iopt_dma_direction direction;
	unsigned attrs;
	bool atomic;
	uint64_t size;			     /* as asked for */
	uint64_t iova;			     /* the handle */
	uint64_t mapped;		     /* bytes of IOVA that translate; 0: untranslated */
	uint64_t iova_first, iova_size;	     /* what the IOVA allocator gave for it, as it rounds */
	bool zeroed;			     /* by the allocation */
	struct iopt_domain *domain;	     /* that maps it; NULL: none */
	size_t nents;			     /* of a scatterlist, as the driver passed it */
	const struct iopt_segment *segments; /* of memory: a scatterlist as passed, pages merged */
	size_t segment_count;
	const struct iopt_segment
		*dma; /* of a scatterlist: address and length as the device sees them */
	size_t dma_count;
};

/*
 * dma_alloc_attrs(): 'atomic' is gfp without __GFP_DIRECT_RECLAIM.  EINVAL: size 0; ENOMEM where
 * Linux returns NULL, with what ran out in 'error'; nothing is left behind.
 */
IOPT_API int iopt_dma_alloc(struct iopt_device *device, uint64_t size, unsigned attrs, bool atomic,
			    struct iopt_buffer **buffer, struct iopt_error *error);
/* dma_map_page_attrs() and dma_map_sg_attrs(). */
IOPT_API int iopt_dma_map_page(struct iopt_device *device, uint64_t pa, uint64_t size,
			       enum iopt_dma_direction direction, unsigned attrs,
			       struct iopt_buffer **buffer, struct iopt_error *error);
IOPT_API int iopt_dma_map_sg(struct iopt_device *device, const struct iopt_segment *segments,
			     size_t count, enum iopt_dma_direction direction, unsigned attrs,
			     struct iopt_buffer **buffer, struct iopt_error *error);
/* What a driver passes when it gives a buffer back; zero: what is right. */
struct iopt_release {
	size_t struct_size;
	uint64_t size;
	bool other_kind; /* by the wrong function */
	bool has_direction;
	enum iopt_dma_direction direction;
	size_t nents;
	uint64_t pa; /* of the CPU address, for a coherent buffer */
};

/*
 * dma_free_attrs(), dma_unmap_page_attrs(), dma_unmap_sg_attrs(), as the buffer's kind wants;
 * 'release' may be NULL.  The buffer is gone afterwards; dma-debug's opinion is among the findings.
 * A size that is too small has Linux's consequences: the rest stays mapped and allocated until the
 * device is destroyed.
 */
IOPT_API int iopt_dma_release(struct iopt_buffer *buffer, const struct iopt_release *release,
			      struct iopt_error *error);
/*
 * The same by the handle that a driver holds.  ENOENT: the device has no such buffer (a finding:
 * D1, D2, X2), and nothing happens.
 */
IOPT_API int iopt_dma_release_at(struct iopt_device *device, uint64_t iova,
				 const struct iopt_release *release, struct iopt_error *error);
IOPT_API void iopt_buffer_info(const struct iopt_buffer *buffer, struct iopt_buffer_info *info);
/* Live ones of a memory, oldest first: the one after 'buffer' (NULL: the first); NULL: no more. */
IOPT_API struct iopt_buffer *iopt_buffer_next(struct iopt_memory *memory,
					      const struct iopt_buffer *buffer);

/* What a driver syncs; zero but for 'for_cpu': the whole buffer, as it was mapped. */
struct iopt_sync {
	size_t struct_size;
	bool for_cpu;
	uint64_t offset, size;
	bool has_direction;
	enum iopt_dma_direction direction;
	size_t nents;
};

/*
 * dma_sync_single_for_cpu() and _for_device(), or those of a scatterlist.  EINVAL: a coherent
 * buffer has nothing to sync; ERANGE: not within the buffer (a finding: D14).
 */
IOPT_API int iopt_dma_sync(struct iopt_buffer *buffer, const struct iopt_sync *sync,
			   struct iopt_error *error);
/* The same by handle: [iova, iova + sync->size).  ENOENT: no such mapping (D13, X2). */
IOPT_API int iopt_dma_sync_at(struct iopt_device *device, uint64_t iova,
			      const struct iopt_sync *sync, struct iopt_error *error);
/* dma_mmap_attrs(): ENXIO: not that many pages from there on; EINVAL: not coherent. */
IOPT_API int iopt_dma_mmap(struct iopt_buffer *buffer, uint64_t page_offset, uint64_t pages,
			   struct iopt_error *error);
/*
 * dma_get_sgtable_attrs(): the chunks of memory, up to 'room' of them in 'segments' (may be NULL
 * for 0); returns how many there are.  EINVAL: not coherent.
 */
IOPT_API int64_t iopt_dma_sgtable(const struct iopt_buffer *buffer, struct iopt_segment *segments,
				  size_t room);
/* dma_mapping_error(): the driver has asked. */
IOPT_API bool iopt_dma_mapping_error(struct iopt_buffer *buffer);
/*
 * The device itself reads (IOPT_READ) or writes (IOPT_WRITE) [iova, iova + size), through whatever
 * translates its accesses; *pa is where the first byte is.  EFAULT: it cannot, *fault (may be NULL)
 * says why; what is wrong with it, even where it can, is a finding (X2, X4, X7).
 */
IOPT_API int iopt_device_access(struct iopt_device *device, uint64_t iova, uint64_t size,
				unsigned access, uint64_t *pa, struct iopt_fault *fault);

struct iopt_dma_pool;

/*
 * dma_pool_create(), _alloc(), _free(), _destroy().  EINVAL: size 0, an align or boundary that is
 * no power of two, a boundary below the size; ENOMEM.
 */
IOPT_API int iopt_dma_pool_create(struct iopt_device *device, uint64_t size, uint64_t align,
				  uint64_t boundary, struct iopt_dma_pool **pool,
				  struct iopt_error *error);
IOPT_API int iopt_dma_pool_alloc(struct iopt_dma_pool *pool, uint64_t *iova, uint64_t *pa,
				 struct iopt_error *error);
/* EINVAL: no block of the pool, or free already (findings P2, P3); nothing happens. */
IOPT_API int iopt_dma_pool_free(struct iopt_dma_pool *pool, uint64_t iova,
				struct iopt_error *error);
/*
 * The pool is gone in any case.  EBUSY: blocks are in use, their chunks are leaked, as Linux does,
 * until the device is destroyed.
 */
IOPT_API int iopt_dma_pool_destroy(struct iopt_dma_pool *pool, struct iopt_error *error);

struct iopt_dma_pool_info {
	size_t struct_size;
	struct iopt_device *device;
	uint64_t size, boundary;	  /* of a block, after Linux's rounding */
	uint64_t allocation;		  /* bytes of a chunk */
	size_t chunk_count, chunk_blocks; /* chunks; blocks that fit in one */
	size_t in_use, sysfs_blocks;	  /* sysfs counts blocks that can never be used */
};

IOPT_API void iopt_dma_pool_info(const struct iopt_dma_pool *pool, struct iopt_dma_pool_info *info);

/* One thing that dma-debug, or this library beyond it, has to say. */
struct iopt_finding {
	size_t struct_size;
	const char *rule; /* "D3", "X1": see iopt_dma_rule() */
	bool stricter;	  /* Linux itself does not notice */
	const char *device;
	uint64_t iova, size;
	char message[200];
	uint64_t other_iova, other_size; /* the second place that it is about; size 0: none */
};

/* Findings of this memory so far, and about what is live now; not 0 from 'fn' ends it.  ENOMEM. */
IOPT_API int iopt_dma_check(struct iopt_memory *memory,
			    int (*fn)(void *arg, const struct iopt_finding *finding), void *arg);
/* What a rule means, by its index; NULL past the end. */
IOPT_API const char *iopt_dma_rule(unsigned i, const char **id);

/* ---- tracing ---- */

enum iopt_trace_kind { IOPT_TRACE_CALL, IOPT_TRACE_RETURN, IOPT_TRACE_NOTE };

struct iopt_trace_arg {
	const char *name, *text; /* text NULL: the number */
	uint64_t value;
};

/* A step of the call path, by its Linux function name. */
struct iopt_trace {
	enum iopt_trace_kind kind;
	unsigned depth;
	const char *function; /* NULL for a note */
	unsigned arg_count;
	struct iopt_trace_arg args[8];
	const char *text; /* of a note; of a result that is no number */
	int64_t result;
};

IOPT_API void iopt_memory_on_trace(struct iopt_memory *memory,
				   void (*fn)(void *arg, const struct iopt_trace *trace),
				   void *arg);

/* ---- what bits mean ---- */

/* One field of a register, descriptor or structure, named as in the Arm ARM: bits [hi:lo]. */
struct iopt_field {
	const char *name; /* "AttrIndx"; "RES0" and "RES1" for what should be zero or one */
	unsigned hi, lo;  /* numbered through the words of a structure */
	uint64_t value;
	bool quiet; /* an option that is off: of interest only to who wants everything */
	char meaning[160];
};

/* Called for each field, the highest first; what is not 0 ends it and is returned. */
struct iopt_field_sink {
	int (*field)(void *arg, const struct iopt_field *field);
	void *arg;
};

/* The i-th thing that iopt_decode() knows; ENOENT past the end. */
struct iopt_decodable {
	size_t struct_size;
	const char *name;  /* "tcr_el1" */
	const char *title; /* "Translation Control Register (EL1)" */
	unsigned bits;	   /* 32, 64, or a multiple of 64: that many words */
};

IOPT_API int iopt_decodable(size_t i, struct iopt_decodable *decodable);

/*
 * The fields of a register, of which there is one word.  Reserved bits are told only if they are
 * not what they should be.  ENOENT: no such name; EINVAL: another number of words; ERANGE: it does
 * not fit in the register.
 */
IOPT_API int iopt_decode(const char *name, const uint64_t *words, size_t count,
			 const struct iopt_field_sink *sink);

/*
 * Is it a name that iopt_domain_open(), iopt_domain_open_cpu() or iopt_decode() makes something of?
 * "tcr.tsz", a field of one, is, too.
 */
IOPT_API bool iopt_register_is_known(const char *name);

/* A descriptor by itself.  'granule' 0: 4 KiB; 'regime' of a stage 2 format: as it must be. */
struct iopt_descriptor {
	size_t struct_size;
	enum iopt_format format;
	enum iopt_regime regime;
	enum iopt_oa_layout oa_layout;
	uint64_t granule;
	int level;
	uint64_t desc;
	enum iopt_type type; /* the answer */
};

/* EINVAL: the format has no such granule, layout or level.  ERANGE: over 32 bits. */
IOPT_API int iopt_descriptor_decode(struct iopt_descriptor *descriptor,
				    const struct iopt_field_sink *sink);

/* A descriptor of a domain's space, with what its registers say.  ENOENT; EINVAL; ERANGE. */
IOPT_API int iopt_domain_decode(const struct iopt_domain *domain, unsigned space, int level,
				uint64_t desc, const struct iopt_field_sink *sink);

/* The i-th step of a walk in that domain.  ENOENT past the end, or its descriptor is absent. */
IOPT_API int iopt_step_decode(const struct iopt_domain *domain, const struct iopt_walk *walk,
			      unsigned i, const struct iopt_field_sink *sink);
/* The bits [hi:lo] of its stage's input address that made the index. */
IOPT_API int iopt_step_index(const struct iopt_domain *domain, const struct iopt_walk *walk,
			     unsigned i, unsigned *hi, unsigned *lo);

/*
 * How a walk came to its outcome, a sentence each: where memory type and shareability are from,
 * which bits took which permissions, or why it faults.  'access' and 'el' as it was asked.
 */
IOPT_API int iopt_walk_explain(const struct iopt_domain *domain, const struct iopt_walk *walk,
			       unsigned access, unsigned el,
			       int (*tell)(void *arg, const char *sentence), void *arg);

/* ---- I/O virtual addresses ---- */

/* The kernel that is modelled; the others differ from Linux 6.1 in what is known to differ. */
enum iopt_profile {
	IOPT_PROFILE_LINUX_6_1,
	IOPT_PROFILE_LINUX_4_9,
	IOPT_PROFILE_MAINLINE,
	IOPT_PROFILE_COUNT,
};

/* "linux-6.1", …; NULL past the end. */
IOPT_API const char *iopt_profile_name(enum iopt_profile profile);
/* What of it was not measured, for people; NULL: it was compared with the kernel itself. */
IOPT_API const char *iopt_profile_doubt(enum iopt_profile profile);

/*
 * Linux's allocator of I/O virtual addresses (struct iova_domain): disjoint ranges of page frame
 * numbers, pfns, each an address over the granule.  A range at the very top, the anchor, is always
 * there and counts as none.
 */
struct iopt_iova;

/* Zero is the default of granule and cpu_page_size (4 KiB) and of profile. */
struct iopt_iova_config {
	size_t struct_size;
	uint64_t granule;   /* a power of two up to the CPU's page size */
	uint64_t start_pfn; /* the lowest that is handed out; Linux's DMA layer has at least 1 */
	uint64_t cpu_page_size;
	enum iopt_profile profile;
};

struct iopt_iova_range {
	uint64_t pfn_lo, pfn_hi; /* both inclusive */
};

/* init_iova_domain().  EINVAL with the reason, ENOMEM. */
IOPT_API int iopt_iova_create(const struct iopt_iova_config *config, struct iopt_iova **iova,
			      struct iopt_error *error);
IOPT_API void iopt_iova_destroy(struct iopt_iova *iova);

/*
 * alloc_iova(): 'size' pages, none above limit_pfn; aligned to the size, rounded up to a power of
 * two, or not at all.  ENOMEM: no room, or not looked for because as large a request failed before.
 * EINVAL: no size, or 2^63 pages are not enough to align it to.
 */
IOPT_API int iopt_iova_alloc(struct iopt_iova *iova, uint64_t size, uint64_t limit_pfn,
			     bool size_aligned, struct iopt_iova_range *range,
			     struct iopt_error *error);
/* free_iova() of the range that holds pfn.  ENOENT: none does.  EINVAL: it is the anchor. */
IOPT_API int iopt_iova_free(struct iopt_iova *iova, uint64_t pfn);

/*
 * alloc_iova_fast(): the same through the caches of freed ranges, which with 'flush_rcache' are
 * emptied if that makes room; *pfn is the first, 0 on failure.  A cached range is handed out as it
 * is, whatever is known of it: what was freed twice is there twice.
 */
IOPT_API int iopt_iova_alloc_fast(struct iopt_iova *iova, uint64_t size, uint64_t limit_pfn,
				  bool flush_rcache, uint64_t *pfn, struct iopt_error *error);
/*
 * free_iova_fast(): into the caches, where it is found by 'size', whatever was allocated; sizes
 * above 32 pages are freed at once, as by iopt_iova_free().
 */
IOPT_API int iopt_iova_free_fast(struct iopt_iova *iova, uint64_t pfn, uint64_t size);

/*
 * reserve_iova(): what of [pfn_lo, pfn_hi] is free is added to the ranges that it overlaps, from
 * above, and what is left becomes a range.  *range: the one that holds pfn_hi.  EINVAL: lo is above
 * hi; ERANGE: beyond 64-bit addresses; ENOMEM.
 */
IOPT_API int iopt_iova_reserve(struct iopt_iova *iova, uint64_t pfn_lo, uint64_t pfn_hi,
			       struct iopt_iova_range *range, struct iopt_error *error);

/* find_iova(): the range that holds pfn, also the anchor.  ENOENT. */
IOPT_API int iopt_iova_find(const struct iopt_iova *iova, uint64_t pfn,
			    struct iopt_iova_range *range);
/* The lowest range that ends at pfn or above; ENOENT: no more. */
IOPT_API int iopt_iova_next(const struct iopt_iova *iova, uint64_t pfn,
			    struct iopt_iova_range *range);

/* Sizes that are cached: 1, 2, 4, … 32 pages. */
enum { IOPT_IOVA_CLASSES = 6 };

struct iopt_iova_inside {
	size_t struct_size;
	uint64_t granule, start_pfn;
	uint64_t dma_32bit_pfn;		  /* the first at 4 GiB */
	uint64_t max32_alloc_size;	  /* requests below 4 GiB from this on are not looked for */
	struct iopt_iova_range cached32;  /* where a search begins whose limit is below 4 GiB */
	struct iopt_iova_range cached;	  /* and any other; pfn_lo all ones: at the anchor */
	uint64_t range_count, page_count; /* cached ones included */
	uint64_t warns;			  /* times that Linux would have printed a warning */
	struct {
		uint64_t loaded, prev; /* ranges in the two magazines at hand */
		uint64_t depot;	       /* full magazines */
	} classes[IOPT_IOVA_CLASSES];
};

/* EINVAL: no struct_size.  Takes as long as there are ranges. */
IOPT_API int iopt_iova_inside(const struct iopt_iova *iova, struct iopt_iova_inside *inside);
/* The i-th cached pfn of a class, the one handed out first first.  ENOENT: no more. */
IOPT_API int iopt_iova_cached_pfn(const struct iopt_iova *iova, unsigned class_index, size_t i,
				  uint64_t *pfn);

/* ---- files ---- */

/* Where bytes go: 0, or a negative code that ends the writing. */
struct iopt_sink {
	int (*write)(void *arg, const void *data, size_t bytes);
	void *arg;
};

enum iopt_dump {
	IOPT_DUMP_TEXT,	  /* every table with its entries */
	IOPT_DUMP_PTDUMP, /* Linux's debugfs lines */
	IOPT_DUMP_CSV,	  /* mappings */
	IOPT_DUMP_JSON,	  /* one document, a table a line */
	IOPT_DUMP_JSON_1, /* the same on one line */
	IOPT_DUMP_JSONL,  /* header, then a table a line */
};

struct iopt_dump_options {
	size_t struct_size;
	bool expand; /* single entries instead of runs */
	/* Asked between tables; not 0 ends the dump and is returned. */
	int (*cancelled)(void *arg);
	void *arg;
};

IOPT_API int iopt_dump(struct iopt_domain *domain, enum iopt_dump format,
		       const struct iopt_dump_options *options, const struct iopt_sink *sink,
		       struct iopt_error *error);

/*
 * The table memory packed from *base (NULL: where the root is), root first, next-level addresses
 * rewritten; the sidecar (JSON, "iopt.image/1") names the image 'name'.  EINVAL: base does not suit
 * the root's alignment; ERANGE: past what descriptors or registers can hold.
 */
IOPT_API int iopt_image_write(struct iopt_domain *domain, const uint64_t *base, const char *name,
			      const struct iopt_sink *image, const struct iopt_sink *sidecar,
			      struct iopt_error *error);

enum iopt_load { IOPT_LOAD_AUTO, IOPT_LOAD_JSON, IOPT_LOAD_JSONL, IOPT_LOAD_RAW };

/*
 * Tables from a file into a memory of their own: JSON, JSON Lines, or a raw image beside which
 * PATH.json stands.  'base' (may be NULL) moves the tables there, packed as iopt_image_write()
 * does.  On failure nothing is left behind.
 */
IOPT_API int iopt_load(const char *path, enum iopt_load format, const uint64_t *base,
		       struct iopt_memory **memory, struct iopt_domain **domain,
		       struct iopt_error *error);

#ifdef __cplusplus
}
#endif

#endif
