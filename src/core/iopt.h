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
	IOPT_ENOENT = 2,
	IOPT_EINTR = 4,
	IOPT_EIO = 5,
	IOPT_E2BIG = 7,
	IOPT_ENOEXEC = 8,
	IOPT_ENOMEM = 12,
	IOPT_EFAULT = 14,
	IOPT_EBUSY = 16,
	IOPT_EEXIST = 17,
	IOPT_ENODEV = 19,
	IOPT_EINVAL = 22,
	IOPT_ENOSPC = 28,
	IOPT_EPIPE = 32,
	IOPT_ERANGE = 34,
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
/* Domains that live in it must be destroyed before. */
IOPT_API void iopt_memory_destroy(struct iopt_memory *memory);

/*
 * RAM at [base, base + size): multiples of 4 KiB (EINVAL), nothing there yet (EEXIST), not past the
 * 64-bit space nor over 4 PiB (ERANGE).  ENOMEM.
 */
IOPT_API int iopt_memory_add_ram(struct iopt_memory *memory, uint64_t base, uint64_t size,
				 struct iopt_error *error);
/*
 * The contents of a file, recognised by content: ELF core (at its segments' physical addresses,
 * 'base' not used), otherwise raw bytes at *base; raw without a base is EINVAL.  gzip, xz and zstd
 * are unpacked.  Where RAM is, the bytes are written into it, unless pages of it are allocated:
 * EBUSY; over another file's window: EEXIST.  ERANGE: leaves the 64-bit space.  ENOEXEC: bad
 * content.  E2BIG: more than it unpacks to at most.  ENOENT, EIO, ENOMEM.  The file stays open.
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

/* free_io_pgtable_ops(): frees the tables that the memory's allocator made; the rest stays. */
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
	uint64_t iova; /* first that it covers */
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
	uint64_t first, last; /* input addresses; 0 and UINT64_MAX: all */
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
