/* SPDX-License-Identifier: MIT */
/*
 * Tables made by hand and opened by a CPU's registers: every regime, what a walk answers and
 * why.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base.h"
#include "world.h"

#define TABLE 3
#define BLOCK UINT64_C(0x401) /* with the access flag */
#define PAGE  UINT64_C(0x403)
#define RO    BIT(7)
#define EL0   BIT(6)
#define PXN   BIT(53)
#define UXN   BIT(54)
#define DBM   BIT(51)
#define WXN   UINT64_C(0x80000)

/* ---- AArch64, stage 1 ---- */

/*
 * Lower half: 0x0.. by way of tables at RAM (level 1), +1000 (2), +2000 (3); upper half: the same
 * at +4000.  A 1G block at 1G.
 */
static void make_el1(struct world *w)
{
	world_put64(w, RAM, (RAM + 0x1000) | TABLE);
	world_put64(w, RAM + 8, 0x80000000 | BLOCK);
	world_put64(w, RAM + 0x1000, (RAM + 0x2000) | TABLE);
	world_put64(w, RAM + 0x2000, 0x90000000 | PAGE);
	world_put64(w, RAM + 0x2008, 0x90001000 | PAGE | EL0);
	world_put64(w, RAM + 0x4000, 0xc0000000 | BLOCK | RO);
	world_set(w, "ttbr0_el1", RAM | BIT(48) | 1); /* with ASID and CnP */
	world_set(w, "ttbr1_el1", (RAM + 0x4000) | BITS(63, 48));
	world_set(w, "tcr_el1", TCR_39);
	world_set(w, "mair_el1", 0xff);
}

static void test_halves(void **state)
{
	struct world *w = *state;
	struct iopt_space space = IOPT_INIT(struct iopt_space);

	make_el1(w);
	world_open(w, IOPT_REGIME_ANY);
	assert_int_equal(iopt_domain_space(w->domain, 1, &space), 0);
	assert_true(space.first == UINT64_C(0xffffff8000000000) && space.last == UINT64_MAX);
	assert_goes(w, 0x234, 0x90000234);
	assert_int_equal(w->walk.step_count, 3);
	assert_int_equal(w->walk.space, 0);
	assert_true(w->walk.size == 0x1000 && w->walk.ipa == w->walk.pa);
	assert_why(w, "memory is normal-wb: AttrIndx 0 is 0xff in MAIR");
	assert_goes(w, 0x40000123, 0x80000123);
	assert_goes(w, UINT64_C(0xffffff8012345678), 0xd2345678);
	assert_int_equal(w->walk.space, 1);
	assert_fault(w, UINT64_C(0xffffffffffffffff), IOPT_FAULT_TRANSLATION, 1, 1);
	assert_why(w, "the descriptor is invalid");
	assert_fault(w, UINT64_C(0x8000000000), IOPT_FAULT_TRANSLATION, 0, 1);
	assert_int_equal(w->walk.step_count, 0);
	assert_why(w, "the address is outside");
	assert_fault(w, 0x3000, IOPT_FAULT_TRANSLATION, 3, 1);
	world_set(w, "tcr_el1", TCR_39 | BIT(23)); /* EPD1 */
	world_open(w, IOPT_REGIME_EL1);
	assert_int_equal(iopt_domain_space(w->domain, 1, &space), -IOPT_ENOENT);
	assert_fault(w, UINT64_C(0xffffff8012345678), IOPT_FAULT_TRANSLATION, 0, 1);
	world_set(w, "tcr_el1", TCR_39 | BIT(7)); /* EPD0 */
	world_open(w, IOPT_REGIME_EL1);
	assert_goes(w, UINT64_C(0xffffff8012345678), 0xd2345678);
	assert_int_not_equal(world_walk(w, 0x234, 0, 0), 0);
}

static void test_tags(void **state)
{
	struct world *w = *state;

	make_el1(w);
	world_open(w, IOPT_REGIME_EL1);
	assert_fault(w, UINT64_C(0x1200000000000234), IOPT_FAULT_TRANSLATION, 0, 1);
	world_set(w, "tcr_el1", TCR_39 | BIT(37)); /* TBI0 */
	world_open(w, IOPT_REGIME_EL1);
	assert_goes(w, UINT64_C(0x1200000000000234), 0x90000234);
	assert_fault(w, UINT64_C(0x12ffff8012345678), IOPT_FAULT_TRANSLATION, 0, 1);
	world_set(w, "tcr_el1", TCR_39 | BIT(38)); /* TBI1 */
	world_open(w, IOPT_REGIME_EL1);
	assert_goes(w, UINT64_C(0x12ffff8012345678), 0xd2345678);
	assert_fault(w, UINT64_C(0x1200000000000234), IOPT_FAULT_TRANSLATION, 0, 1);
}

static void test_permissions(void **state)
{
	static const struct {
		uint64_t leaf, table, sctlr;
		const char *el1, *el0, *why;
	} rows[] = {
		{0, 0, 0, "rwx", "--x", "EL0 may not read, write: AP[1] is 0\n"},
		{EL0, 0, 0, "rw-", "rwx", "EL1 may not execute: EL0 may write it (AP[2:1] is 1)\n"},
		{RO, 0, 0, "r-x", "--x", "EL1 may not write: AP[2] is 1\n"},
		{RO | EL0, 0, 0, "r-x", "r-x", "EL0 may not write: AP[2] is 1\n"},
		{RO | EL0 | PXN, 0, 0, "r--", "r-x", "EL1 may not execute: PXN is 1\n"},
		{RO | EL0 | UXN, 0, 0, "r-x", "r--", "EL0 may not execute: UXN is 1\n"},
		{0, 0, WXN, "rw-", "--x",
		 "EL1 may not execute: it is writable and SCTLR.WXN is 1\n"},
		{EL0, 0, WXN, "rw-", "rw-",
		 "EL1 may not execute: it is writable and SCTLR.WXN is 1; EL0 may write it "
		 "(AP[2:1] is 1)\n"},
		{EL0, BIT(62), 0, "r-x", "r-x", "EL1 may not write: APTable[1] of level 2\n"},
		{EL0, BIT(61), 0, "rwx", "--x", "EL0 may not read, write: APTable[0] of level 2\n"},
		{EL0, BITS(62, 61), 0, "r-x", "--x",
		 "EL0 may not write: APTable[1] of level 2; APTable[0] of level 2\n"},
		{RO, BIT(59), 0, "r--", "--x", "EL1 may not execute: PXNTable of level 2\n"},
		{RO, BIT(60), 0, "r-x", "---", "EL0 may not execute: UXNTable of level 2\n"},
		{RO | PXN, BIT(59), 0, "r--", "--x",
		 "EL1 may not execute: PXNTable of level 2; PXN is 1\n"},
	};
	struct world *w = *state;

	make_el1(w);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		world_put64(w, RAM + 0x2000, 0x90000000 | PAGE | rows[i].leaf);
		world_put64(w, RAM + 0x1000, (RAM + 0x2000) | TABLE | rows[i].table);
		world_set(w, "sctlr_el1", rows[i].sctlr);
		world_open(w, IOPT_REGIME_EL1);
		assert_access(w, 0, rows[i].el1, rows[i].el0);
		assert_why(w, rows[i].why);
	}
	/* HPD0: the tables' bits do not count */
	world_set(w, "tcr_el1", TCR_39 | BIT(41));
	world_set(w, "sctlr_el1", 0);
	world_put64(w, RAM + 0x1000, (RAM + 0x2000) | TABLE | BITS(62, 59));
	world_put64(w, RAM + 0x2000, 0x90000000 | PAGE);
	world_open(w, IOPT_REGIME_EL1);
	assert_access(w, 0, "rwx", "--x");
	assert_not_why(w, "Table");
}

static void test_flags(void **state)
{
	struct world *w = *state;

	make_el1(w);
	world_put64(w, RAM + 0x2000, 0x90000003); /* no access flag */
	world_open(w, IOPT_REGIME_EL1);
	assert_fault(w, 0, IOPT_FAULT_ACCESS, 3, 1);
	assert_why(w, "the access flag is 0, and hardware does not set it");
	world_set(w, "tcr_el1", TCR_39 | BIT(39)); /* HA */
	world_open(w, IOPT_REGIME_EL1);
	assert_goes(w, 0, 0x90000000);
	assert_false(w->walk.attrs.af);
	world_put64(w, RAM + 0x2000, 0x90000000 | PAGE | RO | DBM);
	assert_access(w, 0, "r-x", "--x");
	assert_true(w->walk.attrs.dbm);
	assert_not_why(w, "DBM");
	world_set(w, "tcr_el1", TCR_39 | BIT(39) | BIT(40)); /* and HD */
	world_open(w, IOPT_REGIME_EL1);
	assert_access(w, 0, "rwx", "--x");
	assert_why(w, "DBM is 1: hardware makes it writable at the first write");
	world_set(w, "tcr_el1", TCR_39 | BIT(40)); /* HD alone is nothing */
	world_open(w, IOPT_REGIME_EL1);
	assert_access(w, 0, "r-x", "--x");
	/* an address past IPS; a reserved descriptor; a table that is not there */
	world_put64(w, RAM + 0x2000, BIT(41) | PAGE);
	assert_fault(w, 0, IOPT_FAULT_ADDRESS_SIZE, 3, 1);
	assert_why(w, "its address has more than 40 bits");
	world_put64(w, RAM + 0x2000, 0x90000401);
	assert_fault(w, 0, IOPT_FAULT_TRANSLATION, 3, 1);
	assert_why(w, "the descriptor is reserved");
	world_put64(w, RAM + 0x1000, 0x70000000 | TABLE);
	assert_fault(w, 0, IOPT_FAULT_EXTERNAL, 3, 1);
	assert_true(w->walk.steps[2].absent);
	assert_why(w, "the descriptor at 0x70000000 is not in the memory");
}

static void test_other_levels(void **state)
{
	struct world *w = *state;

	make_el1(w);
	world_put64(w, RAM + 8, 0x80000000 | BLOCK | RO);
	world_set(w, "ttbr0_el2", RAM);
	world_set(w, "tcr_el2", 0x80823519);
	world_set(w, "mair_el2", 0xff);
	world_set(w, "ttbr0_el3", RAM);
	world_set(w, "tcr_el3", 0x80823519);
	world_open(w, IOPT_REGIME_EL2);
	assert_access(w, 0, "rwx", NULL);
	assert_access(w, 0x40000000, "r-x", NULL);
	assert_why(w, "EL2 may not write: AP[2] is 1\n");
	assert_int_equal(world_walk(w, 0, IOPT_ACCESS_R, 1), -IOPT_EINVAL);
	world_open(w, IOPT_REGIME_EL3);
	assert_int_equal(world_walk(w, 0, IOPT_ACCESS_R, 3), 0);
	assert_why(w, "memory is attribute 0 of MAIR, which is not known");
	world_set(w, "hcr_el2", BIT(34)); /* E2H: two halves, as EL1 */
	world_set(w, "tcr_el2", TCR_39);
	world_set(w, "ttbr1_el2", RAM + 0x4000);
	world_open(w, IOPT_REGIME_EL2);
	assert_access(w, 0, "rwx", "--x");
	assert_int_equal(w->walk.attrs.access[0].el, 2);
	assert_goes(w, UINT64_C(0xffffff8012345678), 0xd2345678);
}

static void test_wide(void **state)
{
	struct world *w = *state;

	/* LPA2, 52 bits: level -1, 16 entries in the middle of a page */
	world_put64(w, RAM + 0x280, (RAM + 0x1000) | TABLE);
	world_put64(w, RAM + 0x1000, 0x8000000000 | BLOCK | 0x300); /* level 0: OA 51:50 in 9:8 */
	world_set(w, "ttbr0_el1", RAM + 0x280);
	world_set(w, "tcr_el1", BIT(59) | UINT64_C(6) << 32 | BIT(23) | 0x3500 | 12);
	world_set(w, "mair_el1", 0xff);
	world_open(w, IOPT_REGIME_EL1);
	assert_int_equal(world_walk(w, 0x1234, 0, 0), 0);
	assert_int_equal(w->walk.steps[0].level, -1);
	assert_true(w->walk.pa == UINT64_C(0xc008000001234));
	assert_why(w, "inner shareable: TCR.SH");
	/* LPA: 64K pages, OA[51:48] in 15:12 */
	world_put64(w, RAM + 0x10000, (RAM + 0x20000) | TABLE);
	world_put64(w, RAM + 0x20000, (RAM + 0x30000) | TABLE);
	world_put64(w, RAM + 0x30008, 0x12340000 | UINT64_C(0x5000) | PAGE);
	world_set(w, "ttbr0_el1", RAM + 0x10000);
	world_set(w, "tcr_el1", UINT64_C(6) << 32 | BIT(23) | BIT(14) | 0x3500 | 12);
	world_open(w, IOPT_REGIME_EL1);
	assert_goes(w, 0x1abcd, UINT64_C(0x500001234abcd));
}

/* ---- two stages ---- */

/* Stage 1 as in make_el1(), its addresses IPAs that stage 2 maps one to one, by 2M and 4K. */
static void make_nested(struct world *w)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);

	world_put64(w, RAM + 0x100000 + 8, (RAM + 0x110000) | TABLE);  /* level 1: 1G.. */
	world_put64(w, RAM + 0x100000 + 16, (RAM + 0x120000) | TABLE); /* 2G.. */
	world_put64(w, RAM + 0x110000, RAM | BLOCK | 0xfc);	       /* stage 1's tables */
	world_put64(w, RAM + 0x120000 + 8 * 128,
		    UINT64_C(0x41000000) | BLOCK | 0xfc); /* 0x90000000 */
	world_set(w, "vttbr_el2", RAM + 0x100000);
	world_set(w, "vtcr_el2", 0x80023558 + 1); /* T0SZ 25, level 1, 40-bit output */
	if (iopt_domain_open_cpu(w->memory, w->registers, IOPT_REGIME_STAGE2, NULL, &w->stage2,
				 &error))
		fail_msg("%s", error.message);
}

static void test_nested(void **state)
{
	const struct iopt_field_sink sink = {world_tell_nothing, NULL};
	struct world *w = *state;
	unsigned hi, lo;

	make_el1(w);
	make_nested(w);
	world_open(w, IOPT_REGIME_EL1);
	assert_goes(w, 0x234, 0x41000234);
	assert_true(w->walk.ipa == 0x90000234);
	assert_int_equal(w->walk.steps[w->walk.step_count - 1].stage, 2);
	assert_why(w, "stage 1: memory is normal-wb");
	assert_why(w, "stage 2: memory is normal-wb: MemAttr is 0xf");
	assert_why(w, "both together: memory is normal-wb");
	for (unsigned i = 0; i < w->walk.step_count; i++) {
		assert_int_equal(iopt_step_decode(w->domain, &w->walk, i, &sink), 0);
		assert_int_equal(iopt_step_index(w->domain, &w->walk, i, &hi, &lo), 0);
		assert_true(hi >= lo && lo >= 12 && hi < 40);
	}
	assert_int_equal(iopt_step_decode(w->domain, &w->walk, w->walk.step_count, &sink),
			 -IOPT_ENOENT);
	/* stage 1 leads where stage 2 maps nothing */
	assert_fault(w, 0x40000000, IOPT_FAULT_TRANSLATION, 2, 2);
	assert_why(w, "stage 2: the descriptor is invalid");
	assert_fault(w, 0x3000, IOPT_FAULT_TRANSLATION, 3, 1);
	/* stage 2 allows reading alone */
	world_put64(w, RAM + 0x120000 + 8 * 128, UINT64_C(0x41000000) | BLOCK | 0x7c);
	assert_int_equal(world_walk(w, 0x234, IOPT_ACCESS_W, 1), -IOPT_EFAULT);
	assert_int_equal(w->walk.fault.type, IOPT_FAULT_PERMISSION);
	assert_int_equal(w->walk.fault.stage, 2);
	assert_why(w, "EL1 asked to write it");
	assert_why(w, "stage 2: EL1 may not write: S2AP[1] is 0\n");
	/* and a stage 1 table that stage 2 does not map any more */
	world_put64(w, RAM + 0x110000, 0);
	world_open(w, IOPT_REGIME_EL1);
	assert_int_equal(world_walk(w, 0x234, 0, 0), -IOPT_EFAULT);
	assert_int_equal(w->walk.fault.stage, 2);
	assert_int_equal(w->walk.fault.type, IOPT_FAULT_TRANSLATION);
}

/* ---- AArch32 ---- */

static void make_v7s(struct world *w)
{
	world_set(w, "arch", IOPT_ARCH_ARM);
	world_put32(w, RAM, 0x80000000 | 0x0c02);			 /* domain 0, AP 11 */
	world_put32(w, RAM + 4, 0x80100000 | 0x0c02 | 1 << 5);		 /* domain 1 */
	world_put32(w, RAM + 8, 0x80200000 | 0x0c12 | 3 << 5);		 /* domain 3, XN */
	world_put32(w, RAM + 12, (uint32_t)(RAM + 0x4000) | 1 | 2 << 5); /* domain 2 */
	world_put32(w, RAM + 0x4000, 0x90000000 | 0x12);		 /* AP 01 */
	world_put32(w, RAM + 0x4004, 0x90001000 | 0x232);		 /* AP 111: read only */
	for (unsigned i = 16; i < 32; i++)
		world_put32(w, RAM + 4 * i, 0xa1000000 | 0x40c02 | 2 << 20 | 5 << 5);
	world_set(w, "ttbr0", RAM | 0x6a);
	world_set(w, "ttbcr", 0);
	world_set(w, "sctlr", 1);
	world_set(w, "dacr", 0xd1 | 1 << 4); /* 0 and 2 clients, 1 none, 3 manager */
}

static void test_v7s(void **state)
{
	struct world *w = *state;

	make_v7s(w);
	world_open(w, IOPT_REGIME_ANY);
	assert_access(w, 0, "rwx", "rwx");
	assert_why(w, "domain 0 is client");
	assert_access(w, 0x100000, "---", "---");
	assert_why(w, "EL1 may not read, write, execute: DACR says so of its domain\n");
	assert_access(w, 0x200000, "rwx", "rwx");
	assert_why(w, "domain 3 is manager");
	assert_access(w, 0x300000, "rwx", "---");
	assert_why(w, "EL0 may not read, write, execute: AP[1] is 0\n");
	assert_access(w, 0x301000, "r-x", "r-x");
	assert_why(w, "EL1 may not write: AP[2] is 1\n");
	assert_goes(w, 0x1012345, UINT64_C(0x52a1012345));
	assert_true(w->walk.size == 1 << 24);
	assert_fault(w, 0x302000, IOPT_FAULT_TRANSLATION, 2, 1);
	world_set(w, "sctlr", 1 | BIT(29)); /* AFE: AP[0] is the flag */
	world_put32(w, RAM + 0x4000, 0x90000000 | 0x22);
	world_open(w, IOPT_REGIME_EL1);
	assert_fault(w, 0x300000, IOPT_FAULT_ACCESS, 2, 1);
	world_set(w, "sctlr", 1 | BIT(19) | BIT(20)); /* WXN, UWXN */
	world_open(w, IOPT_REGIME_EL1);
	assert_access(w, 0, "rw-", "rw-");
	assert_why(w, "SCTLR.WXN");
	/* TTBCR.N: a second half */
	world_set(w, "ttbcr", 1);
	world_set(w, "ttbr1", RAM);
	world_open(w, IOPT_REGIME_EL1);
	assert_int_equal(world_walk(w, 0x80000000, 0, 0), -IOPT_EFAULT);
	assert_int_equal(w->walk.space, 1);
}

static void test_a32_lpae(void **state)
{
	struct world *w = *state;

	world_set(w, "arch", IOPT_ARCH_AARCH32_LPAE);
	world_put64(w, RAM, 0x80000000 | BLOCK);
	world_put64(w, RAM + 8, (RAM + 0x1000) | TABLE | BIT(60));
	world_put64(w, RAM + 0x1000, 0x80000000 | BLOCK | EL0);
	world_set(w, "ttbr0", RAM);
	world_set(w, "ttbcr", 0x80003500);
	world_set(w, "mair0", 0xff44);
	world_set(w, "mair1", 0);
	world_open(w, IOPT_REGIME_ANY);
	assert_access(w, 0x1234, "rwx", "---");
	assert_access(w, 0x40001234, "rw-", "rw-");
	assert_why(w, "EL1 may not execute: XNTable of level 1\n");
	assert_int_equal(w->walk.step_count, 2);
	assert_goes(w, 0x40001234, 0x80001234);
}

#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_halves),       WORLD_TEST(test_tags),
		WORLD_TEST(test_permissions),  WORLD_TEST(test_flags),
		WORLD_TEST(test_other_levels), WORLD_TEST(test_wide),
		WORLD_TEST(test_nested),       WORLD_TEST(test_v7s),
		WORLD_TEST(test_a32_lpae),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
