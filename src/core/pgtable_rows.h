/* SPDX-License-Identifier: MIT */
/* The rows of formats that there are, and Linux's attribute encodings of them. */
#ifndef IOPT_PGTABLE_ROWS_H
#define IOPT_PGTABLE_ROWS_H

#include "pgtable.h"

/* AArch64, and AArch32 long descriptors (4K): by granule; lpa, lpa2: 52-bit output addresses. */
extern const struct pgtable_ops pgtable_a64_4k, pgtable_a64_16k, pgtable_a64_64k,
	pgtable_a64_64k_lpa, pgtable_a64_4k_lpa2, pgtable_a64_16k_lpa2;
extern const struct pgtable_ops pgtable_a64_4k_be, pgtable_a64_16k_be, pgtable_a64_64k_be,
	pgtable_a64_64k_lpa_be, pgtable_a64_4k_lpa2_be, pgtable_a64_16k_lpa2_be;
/* Short descriptors; MediaTek's have more output address bits, "ttbr" also in table descriptors. */
extern const struct pgtable_ops pgtable_v7s, pgtable_v7s_mtk, pgtable_v7s_mtk_ttbr;
extern const struct pgtable_ops pgtable_v7s_be, pgtable_v7s_mtk_be, pgtable_v7s_mtk_ttbr_be;

/* Attribute bits for 'prot' (enum iopt_prot), as struct pgtable's attrs holds them. */
uint64_t lpae_stage1_attrs(unsigned prot, uint32_t quirks);
uint64_t lpae_stage2_attrs(unsigned prot, uint32_t quirks);
uint64_t v7s_attrs(unsigned prot, uint32_t quirks);
/* Of those of short descriptors, what only a section has: NS and PXN, which a page's table says. */
#define V7S_ATTRS_NS  BIT(19)
#define V7S_ATTRS_PXN BIT(20)
/* What Linux sets in a table descriptor besides the address. */
uint64_t lpae_table_bits(uint32_t quirks, bool non_coherent_walk);
uint64_t v7s_table_bits(uint32_t quirks);

#endif
