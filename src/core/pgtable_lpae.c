/* SPDX-License-Identifier: MIT */
/*
 * 64-bit descriptors: VMSAv8-64 with the 4KB, 16KB and 64KB granules, stages 1 and 2, and the
 * VMSAv8-32 Long-descriptor format, which is the 4KB one with a smaller ias.  Arm ARM, "VMSAv8-64
 * Table descriptor format" and "… Block descriptor and Page descriptor formats".
 */
#include "pgtable_instantiate.h"
#include "pgtable_rows.h"

#define DESC_VALID	   BIT(0)
#define DESC_TABLE_OR_PAGE BIT(1)
#define DESC_ATTR_INDEX	   BITS(4, 2)
#define DESC_S2_MEMATTR	   BITS(5, 2)
#define DESC_NS		   BIT(5)
#define DESC_AP1	   BIT(6) /* EL0 may access; stage 2: S2AP[0], read */
#define DESC_AP2	   BIT(7) /* read only; stage 2: S2AP[1], write */
#define DESC_SH		   BITS(9, 8)
#define DESC_AF		   BIT(10)
#define DESC_NG		   BIT(11)
#define DESC_OA		   BITS(47, 12)
#define DESC_OA_51_48	   BITS(15, 12) /* 64KB granule: the upper four */
#define LPA2_OA		   BITS(49, 12)
#define LPA2_OA_51_50	   BITS(9, 8) /* of 4KB and 16KB with 52-bit addresses: SH is TCR's */
#define DESC_CONTIGUOUS	   BIT(52)
#define DESC_PXN	   BIT(53)
#define DESC_UXN	   BIT(54)
#define TABLE_NS	   BIT(63)
#define TABLE_SW_SYNC	   BIT(55)
#define DESC_TABLE_LIMITS  BITS(63, 59) /* NSTable, APTable, UXNTable, PXNTable */

/* The leaf test comes first and is one comparison, without a branch for the level. */
static inline enum pgtable_kind lpae_kind(uint64_t desc, int level)
{
	const uint64_t kind = desc & (DESC_VALID | DESC_TABLE_OR_PAGE);
	const uint64_t leaf = DESC_VALID | (uint64_t)(level == 3) << 1; /* page, or block */

	if (kind == leaf)
		return PGTABLE_LEAF;
	return level < 3 && kind == (DESC_VALID | DESC_TABLE_OR_PAGE) ? PGTABLE_TABLE
								      : PGTABLE_INVALID;
}

static inline enum iopt_type lpae_type(uint64_t desc, int level)
{
	if (!(desc & DESC_VALID))
		return IOPT_TYPE_INVALID;
	if (level == 3)
		return desc & DESC_TABLE_OR_PAGE ? IOPT_TYPE_PAGE : IOPT_TYPE_RESERVED;
	return desc & DESC_TABLE_OR_PAGE ? IOPT_TYPE_TABLE : IOPT_TYPE_BLOCK;
}

/*
 * Output addresses as Linux stores them, paddr_to_iopte(): 51:48 go to 15:12 whatever the granule.
 * Only a 64KB one has room for them; of the others a run that crosses 2^48 shows it.
 */
static inline uint64_t lpae_put_oa(uint64_t oa)
{
	return (oa | oa >> 36) & DESC_OA;
}

static inline uint64_t lpae_oa(uint64_t desc, int level)
{
	(void)level;
	return desc & DESC_OA;
}

static inline uint64_t lpa_oa(uint64_t desc, int level)
{
	(void)level;
	return (desc & (DESC_OA & ~DESC_OA_51_48)) | (desc & DESC_OA_51_48) << 36;
}

/* LPA2 (TCR_ELx.DS): two more bits in place, and two where shareability was. */
static inline uint64_t lpa2_oa(uint64_t desc, int level)
{
	(void)level;
	return (desc & LPA2_OA) | (desc & LPA2_OA_51_50) << 42;
}

static inline uint64_t lpa2_put_oa(uint64_t oa)
{
	return (oa & LPA2_OA) | (oa >> 42 & LPA2_OA_51_50);
}

static inline uint64_t lpae_next_4k(uint64_t desc)
{
	return desc & BITS(47, 12);
}

static inline uint64_t lpae_next_16k(uint64_t desc)
{
	return desc & BITS(47, 14);
}

static inline uint64_t lpae_next_64k(uint64_t desc)
{
	return desc & BITS(47, 16);
}

static inline uint64_t lpa_next_64k(uint64_t desc)
{
	return lpa_oa(desc, 2);
}

static inline uint64_t lpa2_next_4k(uint64_t desc)
{
	return lpa2_oa(desc, 2);
}

static inline uint64_t lpa2_next_16k(uint64_t desc)
{
	return lpa2_oa(desc, 2) & ~BITS(13, 12);
}

static inline uint64_t lpa2_leaf_attrs(uint64_t desc, int level)
{
	(void)level;
	return desc & ~(LPA2_OA | LPA2_OA_51_50);
}

static inline uint64_t lpae_leaf_attrs(uint64_t desc, int level)
{
	(void)level;
	return desc & ~DESC_OA;
}

static inline bool lpae_is_run(uint64_t desc, int level)
{
	(void)desc, (void)level;
	return false; /* the contiguous bit is a hint: each slot translates alone */
}

static inline bool lpae_accessed(uint64_t desc, int level)
{
	(void)level;
	return desc & DESC_AF;
}

static inline uint64_t lpae_make_table(uint64_t pa)
{
	return lpae_put_oa(pa) | DESC_VALID | DESC_TABLE_OR_PAGE;
}

static inline uint64_t lpae_make_leaf(uint64_t oa, int level, bool run, uint64_t attrs)
{
	(void)run;
	return lpae_put_oa(oa) | attrs | DESC_VALID | (level == 3 ? DESC_TABLE_OR_PAGE : 0);
}

static inline uint64_t lpa2_make_table(uint64_t pa)
{
	return lpa2_put_oa(pa) | DESC_VALID | DESC_TABLE_OR_PAGE;
}

static inline uint64_t lpa2_make_leaf(uint64_t oa, int level, bool run, uint64_t attrs)
{
	(void)run;
	return lpa2_put_oa(oa) | attrs | DESC_VALID | (level == 3 ? DESC_TABLE_OR_PAGE : 0);
}

static inline uint64_t lpa2_place_attrs(uint64_t attrs, int level, bool run)
{
	(void)level, (void)run;
	return attrs & ~LPA2_OA_51_50;
}

static inline uint64_t lpae_place_attrs(uint64_t attrs, int level, bool run)
{
	(void)level, (void)run;
	return attrs;
}

/* What arm_lpae_split_blk_unmap() keeps of a block. */
static inline uint64_t lpae_split_attrs(uint64_t desc, int level)
{
	(void)level;
	return desc & (BITS(11, 2) | DESC_UXN | DESC_PXN);
}

static inline uint64_t lpa2_split_attrs(uint64_t desc, int level)
{
	return lpae_split_attrs(desc, level) & ~LPA2_OA_51_50;
}

static inline uint64_t lpae_split_table(uint64_t desc)
{
	(void)desc;
	return 0;
}

static inline uint64_t lpae_run_part(uint64_t desc, int level, unsigned i)
{
	(void)level, (void)i;
	return desc;
}

static inline uint64_t lpae_inherit(uint64_t desc)
{
	return desc & DESC_TABLE_LIMITS;
}

static uint64_t lpae_common_attrs(unsigned prot, uint32_t quirks)
{
	uint64_t attrs = DESC_AF | field_put(DESC_SH, prot & IOPT_CACHE ? 3 : 2);

	if (prot & IOPT_NOEXEC)
		attrs |= DESC_UXN | DESC_PXN;
	if (quirks & IOPT_QUIRK_ARM_NS)
		attrs |= DESC_NS;
	return attrs;
}

/* Stage 1, arm_lpae_prot_to_pte(): not global; memory 0 normal-nc, 1 normal-wb, 2 device. */
uint64_t lpae_stage1_attrs(unsigned prot, uint32_t quirks)
{
	uint64_t attrs = lpae_common_attrs(prot, quirks) | DESC_NG;

	if ((prot & (IOPT_READ | IOPT_WRITE)) == IOPT_READ)
		attrs |= DESC_AP2;
	if (!(prot & IOPT_PRIV))
		attrs |= DESC_AP1;
	if (prot & IOPT_MMIO)
		attrs |= field_put(DESC_ATTR_INDEX, 2);
	else if (prot & IOPT_CACHE)
		attrs |= field_put(DESC_ATTR_INDEX, 1);
	return attrs;
}

/* Stage 2: memory device-nGnRE, normal-wb or normal-nc, without a MAIR. */
uint64_t lpae_stage2_attrs(unsigned prot, uint32_t quirks)
{
	uint64_t attrs = lpae_common_attrs(prot, quirks);

	if (prot & IOPT_READ)
		attrs |= DESC_AP1;
	if (prot & IOPT_WRITE)
		attrs |= DESC_AP2;
	if (prot & IOPT_MMIO)
		return attrs | field_put(DESC_S2_MEMATTR, 0x1);
	return attrs | field_put(DESC_S2_MEMATTR, prot & IOPT_CACHE ? 0xf : 0x5);
}

/* Software bit 55 marks a descriptor that a non-coherent walker is known to see. */
uint64_t lpae_table_bits(uint32_t quirks, bool non_coherent_walk)
{
	return (quirks & IOPT_QUIRK_ARM_NS ? TABLE_NS : 0) |
	       (non_coherent_walk ? TABLE_SW_SYNC : 0);
}

enum { lpae_CARRY_SHIFT = 48, lpa2_CARRY_SHIFT = 50 };

/*
 * log2 entries that "The Contiguous bit" joins, from level -1 to 3, by the granule's shift; none
 * where the blocks themselves exist only with LPA or LPA2.
 */
#define LPAE_CONTIGUOUS(shift)                                          \
	{                                                               \
		0, 0, (shift) == 12 ? 4 : 0, (shift) == 12 ? 4 : 5,     \
			(shift) == 12 ? 4 : (shift) == 14 ? 7 : 5       \
	}

/* 'oas' names the layout of output addresses: lpae or lpa2. */
#define LPAE_FORMAT(id, shift, lowest, first_leaf, oas, next, oa, linux, big) \
	static const struct pgtable_format id = {                             \
		.name = #id,                                                  \
		.granule_shift = (shift),                                     \
		.index_bits = (shift)-3,                                      \
		.desc_shift = 3,                                              \
		.oa_carry_shift = oas##_CARRY_SHIFT,                          \
		.first_level = (lowest),                                      \
		.first_leaf_level = (first_leaf),                             \
		.last_level = 3,                                              \
		.big_endian = (big),                                          \
		.contiguous_shift = LPAE_CONTIGUOUS(shift),                   \
		.contiguous = DESC_CONTIGUOUS,                                \
		.kind = lpae_kind,                                            \
		.type = lpae_type,                                            \
		.next_table = (next),                                         \
		.leaf_oa = (oa),                                              \
		.linux_oa = (linux),                                          \
		.leaf_attrs = oas##_leaf_attrs,                               \
		.is_run = lpae_is_run,                                        \
		.accessed = lpae_accessed,                                    \
		.make_table = oas##_make_table,                               \
		.make_leaf = oas##_make_leaf,                                 \
		.place_attrs = oas##_place_attrs,                             \
		.split_attrs = oas##_split_attrs,                             \
		.split_table = lpae_split_table,                              \
		.run_part = lpae_run_part,                                    \
		.inherit = lpae_inherit,                                      \
	}

/* A row and its operations, little and big endian. */
#define LPAE_ROW(id, ...)                        \
	LPAE_FORMAT(id, __VA_ARGS__, false);     \
	LPAE_FORMAT(id##_be, __VA_ARGS__, true); \
	PGTABLE_INSTANTIATE(pgtable_##id, id);   \
	PGTABLE_INSTANTIATE(pgtable_##id##_be, id##_be)

LPAE_ROW(a64_4k, 12, 0, 1, lpae, lpae_next_4k, lpae_oa, lpae_oa);
LPAE_ROW(a64_16k, 14, 0, 2, lpae, lpae_next_16k, lpae_oa, lpae_oa);
LPAE_ROW(a64_64k, 16, 1, 2, lpae, lpae_next_64k, lpae_oa, lpa_oa);
LPAE_ROW(a64_64k_lpa, 16, 1, 1, lpae, lpa_next_64k, lpa_oa, lpa_oa);
LPAE_ROW(a64_4k_lpa2, 12, -1, 0, lpa2, lpa2_next_4k, lpa2_oa, lpa2_oa);
LPAE_ROW(a64_16k_lpa2, 14, 0, 1, lpa2, lpa2_next_16k, lpa2_oa, lpa2_oa);
