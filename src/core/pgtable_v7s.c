/* SPDX-License-Identifier: MIT */
/*
 * 32-bit descriptors: the VMSAv8-32 Short-descriptor format.  Level 1 maps 1MB sections and 16MB
 * supersections, level 2 maps 4KB small and 64KB large pages; the larger two are one descriptor
 * repeated 16 times.  MediaTek's IOMMUs keep output address bits 34:32 where a table without
 * permissions has room.  Arm ARM, "VMSAv8-32 Short-descriptor format descriptors".
 */
#include "pgtable_instantiate.h"
#include "pgtable_rows.h"

#define DESC_TYPE	BITS(1, 0)
#define TYPE_TABLE	1 /* level 1 */
#define TYPE_SECTION	2 /* level 1; 3: with PXN */
#define TYPE_LARGE	1 /* level 2 */
#define TYPE_SMALL	2 /* level 2; bit 0 is XN */
#define L1_PXN		BIT(0)
#define L1_SUPERSECTION BIT(18)
#define L1_NS		BIT(19)
#define L1_XN		BIT(4)
#define L1_DOMAIN	BITS(8, 5)
#define L1_ATTRS	BITS(17, 10) /* AP0 AP1 TEX AP2 S nG, as in 11:4 of a small page */
#define L1_OA_35_32	BITS(23, 20) /* of a supersection */
#define L1_OA_39_36	BITS(8, 5)
#define TABLE_PXN	BIT(2)
#define TABLE_NS	BIT(3)
#define DESC_CB		BITS(3, 2)
#define SMALL_XN	BIT(0)
#define SMALL_AF	BIT(4) /* AP[0] with SCTLR.AFE */
#define SMALL_AP1	BIT(5) /* PL0 may access */
#define SMALL_TEX	BITS(8, 6)
#define SMALL_AP2	BIT(9) /* read only */
#define SMALL_S		BIT(10)
#define SMALL_NG	BIT(11)
#define SMALL_ATTRS	BITS(11, 4)
#define LARGE_TEX	BITS(14, 12)
#define LARGE_XN	BIT(15)

enum { RUN_SHIFT = 4 };

static inline enum pgtable_kind v7s_kind(uint64_t desc, int level)
{
	uint64_t type = desc & DESC_TYPE;

	if ((type == TYPE_TABLE) & (level == 1))
		return PGTABLE_TABLE;
	return type ? PGTABLE_LEAF : PGTABLE_INVALID;
}

static inline bool v7s_is_run(uint64_t desc, int level)
{
	return level == 1 ? desc & L1_SUPERSECTION : !(desc & TYPE_SMALL);
}

static inline enum iopt_type v7s_type(uint64_t desc, int level)
{
	switch (v7s_kind(desc, level)) {
	case PGTABLE_INVALID:
		return IOPT_TYPE_INVALID;
	case PGTABLE_TABLE:
		return IOPT_TYPE_TABLE;
	case PGTABLE_LEAF:
		break;
	}
	if (level == 1)
		return v7s_is_run(desc, 1) ? IOPT_TYPE_SUPERSECTION : IOPT_TYPE_SECTION;
	return v7s_is_run(desc, 2) ? IOPT_TYPE_LARGE : IOPT_TYPE_PAGE;
}

/* ---- addresses ---- */

static inline uint64_t v7s_oa_31_0(uint64_t desc, int level)
{
	if (level == 1)
		return desc & (v7s_is_run(desc, 1) ? BITS(31, 24) : BITS(31, 20));
	return desc & (v7s_is_run(desc, 2) ? BITS(31, 16) : BITS(31, 12));
}

static inline uint64_t v7s_leaf_oa(uint64_t desc, int level)
{
	uint64_t oa = v7s_oa_31_0(desc, level);

	if (level == 1 && v7s_is_run(desc, 1))
		oa |= (desc & L1_OA_35_32) << 12 | (desc & L1_OA_39_36) << 31;
	return oa;
}

/* Bits 34:32 of an address from bits 5, 4 and 9 of a descriptor, and to them. */
static inline uint64_t mtk_get_oa(uint64_t desc)
{
	return (desc & BIT(9)) << 23 | (desc & BITS(5, 4)) << 29;
}

static inline uint64_t mtk_put_oa(uint64_t oa)
{
	return (oa & BIT(32)) >> 23 | (oa & BITS(34, 33)) >> 29;
}

static inline uint64_t mtk_leaf_oa(uint64_t desc, int level)
{
	return v7s_oa_31_0(desc, level) | mtk_get_oa(desc);
}

static inline uint64_t v7s_next_table(uint64_t desc)
{
	return desc & BITS(31, 10);
}

static inline uint64_t mtk_next_table(uint64_t desc)
{
	return v7s_next_table(desc) | mtk_get_oa(desc);
}

static inline uint64_t v7s_make_table(uint64_t pa)
{
	return (pa & BITS(31, 10)) | TYPE_TABLE;
}

static inline uint64_t mtk_make_table(uint64_t pa)
{
	return v7s_make_table(pa) | mtk_put_oa(pa);
}

/* Bits 23:20 of a supersection's address stay as given, as in arm_v7s_init_pte(). */
static inline uint64_t v7s_make_leaf(uint64_t oa, int level, bool run, uint64_t attrs)
{
	if (level == 1)
		return (oa & BITS(31, 20)) | attrs | TYPE_SECTION | (run ? L1_SUPERSECTION : 0);
	return (oa & BITS(31, 12)) | attrs | (run ? TYPE_LARGE : TYPE_SMALL);
}

static inline uint64_t mtk_make_leaf(uint64_t oa, int level, bool run, uint64_t attrs)
{
	return v7s_make_leaf(oa, level, run, attrs) | mtk_put_oa(oa);
}

/* ---- attributes ---- */

static inline uint64_t v7s_leaf_attrs(uint64_t desc, int level)
{
	if (level == 1)
		return desc & (v7s_is_run(desc, 1) ? BITS(19, 9) | BITS(4, 0) : BITS(19, 0));
	return desc & (v7s_is_run(desc, 2) ? BITS(15, 0) : BITS(11, 0));
}

static inline uint64_t mtk_leaf_attrs(uint64_t desc, int level)
{
	return v7s_leaf_attrs(desc, level) & ~(BIT(9) | BITS(5, 4));
}

static inline bool v7s_accessed(uint64_t desc, int level)
{
	return desc & (level == 1 ? SMALL_AF << 6 : SMALL_AF);
}

static inline uint64_t v7s_place_attrs(uint64_t attrs, int level, bool run)
{
	if (level == 1)
		return (attrs & SMALL_ATTRS) << 6 | (attrs & (DESC_CB | L1_NS)) |
		       (attrs & SMALL_XN) << 4 | (attrs & V7S_ATTRS_PXN ? L1_PXN : 0);
	attrs &= SMALL_ATTRS | DESC_CB | SMALL_XN;
	if (!run)
		return attrs;
	return (attrs & ~(SMALL_TEX | SMALL_XN)) | (attrs & SMALL_TEX) << 6 |
	       (attrs & SMALL_XN) << 15;
}

/* MediaTek's bit 4 of a section is no XN. */
static inline uint64_t mtk_split_attrs(uint64_t desc, int level)
{
	(void)level;
	return (desc & L1_ATTRS) >> 6 | (desc & (DESC_CB | L1_NS));
}

static inline uint64_t v7s_split_attrs(uint64_t desc, int level)
{
	return mtk_split_attrs(desc, level) | (desc & L1_XN) >> 4;
}

static inline uint64_t mtk_split_table(uint64_t desc)
{
	return desc & L1_NS ? TABLE_NS : 0;
}

/* The domain and PXN too are the table's, not the page's. */
static inline uint64_t v7s_split_table(uint64_t desc)
{
	return mtk_split_table(desc) | (desc & L1_DOMAIN) | (desc & L1_PXN ? TABLE_PXN : 0);
}

static inline uint64_t v7s_run_part(uint64_t desc, int level, unsigned i)
{
	if (level == 1)
		return (desc & ~L1_SUPERSECTION) + ((uint64_t)i << 20);
	desc = (desc & ~(LARGE_TEX | LARGE_XN | DESC_TYPE)) | TYPE_SMALL | (desc & LARGE_TEX) >> 6 |
	       (desc & LARGE_XN) >> 15;
	return desc + ((uint64_t)i << 12);
}

static inline uint64_t v7s_inherit(uint64_t desc)
{
	return desc & (L1_DOMAIN | TABLE_NS | TABLE_PXN);
}

static inline uint64_t mtk_inherit(uint64_t desc)
{
	return desc & (TABLE_NS | TABLE_PXN);
}

/* arm_v7s_prot_to_pte(), as for a small page; NS goes to sections only. */
uint64_t v7s_attrs(unsigned prot, uint32_t quirks)
{
	uint64_t attrs = SMALL_NG | SMALL_S;

	if (!(quirks & IOPT_QUIRK_NO_PERMS)) {
		attrs |= SMALL_AF;
		if (!(prot & IOPT_PRIV))
			attrs |= SMALL_AP1;
		if (!(prot & IOPT_WRITE))
			attrs |= SMALL_AP2;
		if (prot & IOPT_NOEXEC)
			attrs |= SMALL_XN;
	}
	if (!(prot & IOPT_MMIO))
		attrs |= field_put(SMALL_TEX, 1);
	if (prot & IOPT_MMIO)
		attrs |= field_put(DESC_CB, 1);
	else if (prot & IOPT_CACHE)
		attrs |= DESC_CB;
	if (quirks & IOPT_QUIRK_ARM_NS)
		attrs |= L1_NS;
	return attrs;
}

uint64_t v7s_table_bits(uint32_t quirks)
{
	return quirks & IOPT_QUIRK_ARM_NS ? TABLE_NS : 0;
}

#define V7S_FORMAT(id, leaf, table, linux, big)    \
	static const struct pgtable_format id = {  \
		.name = #id,                       \
		.granule_shift = 12,               \
		.index_bits = 8,                   \
		.desc_shift = 2,                   \
		.oa_carry_shift = 32,              \
		.run_shift = RUN_SHIFT,            \
		.first_level = 1,                  \
		.first_leaf_level = 1,             \
		.last_level = 2,                   \
		.big_endian = (big),               \
		.kind = v7s_kind,                  \
		.type = v7s_type,                  \
		.next_table = table##_next_table,  \
		.leaf_oa = leaf##_leaf_oa,         \
		.linux_oa = linux,                 \
		.leaf_attrs = leaf##_leaf_attrs,   \
		.is_run = v7s_is_run,              \
		.accessed = v7s_accessed,          \
		.make_table = table##_make_table,  \
		.make_leaf = leaf##_make_leaf,     \
		.place_attrs = v7s_place_attrs,    \
		.split_attrs = leaf##_split_attrs, \
		.split_table = leaf##_split_table, \
		.run_part = v7s_run_part,          \
		.inherit = leaf##_inherit,         \
	}

/* A row and its operations, little and big endian. */
#define V7S_ROW(id, ...)                        \
	V7S_FORMAT(id, __VA_ARGS__, false);     \
	V7S_FORMAT(id##_be, __VA_ARGS__, true); \
	PGTABLE_INSTANTIATE(pgtable_##id, id);  \
	PGTABLE_INSTANTIATE(pgtable_##id##_be, id##_be)

V7S_ROW(v7s, v7s, v7s, v7s_oa_31_0);
V7S_ROW(v7s_mtk, mtk, v7s, mtk_leaf_oa);
V7S_ROW(v7s_mtk_ttbr, mtk, mtk, mtk_leaf_oa);
