/* SPDX-License-Identifier: MIT */
/*
 * Streams through an SMMUv2 by registers that no driver of Linux leaves: conflicts, banks that are
 * off or fault, nested banks, overridden attributes, and the words of each fault.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base.h"
#include "iopt.h"

enum { ROOT1 = 0x80300000, ROOT2 = 0x80400000 };

#define IOVA	UINT64_C(0x40001234) /* stage 1: to IPA 0x80001234, which stage 2 keeps */
#define BLOCK1	(UINT64_C(0x80000000) | 0xf45)
#define BLOCK2	(UINT64_C(0x80000000) | 0x7fd)
#define VALID	BIT(31)
#define STAGE1	BIT(16) /* CBAR.TYPE */
#define FAULTS	BIT(17)
#define NESTED	(BIT(16) | BIT(17))
#define VA64	1
#define FSR_PF	BIT(3)
#define FSR_A64 BIT(10)

struct stream {
	struct iopt_memory *memory;
	struct iopt_registers *registers;
	struct iopt_route_info info;
	struct iopt_route_answer answer;
};

static void put(struct stream *s, uint64_t pa, uint64_t value)
{
	uint8_t bytes[8];

	store_le64(bytes, value);
	assert_int_equal(iopt_memory_write(s->memory, pa, bytes, 8), 0);
}

static void set(struct stream *s, const char *name, uint64_t value)
{
	assert_int_equal(iopt_registers_set(s->registers, name, value), 0);
}

/* Stream 3 by group 1 to bank 2, stage 1 of AArch64, 39 bits; bank 5 is a stage 2. */
static int set_up(void **state)
{
	static struct stream stream;
	struct stream *s = *state = &stream;

	*s = (struct stream){0};
	assert_int_equal(iopt_memory_create(&s->memory), 0);
	assert_int_equal(iopt_memory_add_ram(s->memory, 0x80000000, 0x40000000, NULL), 0);
	assert_int_equal(iopt_registers_create(&s->registers), 0);
	set(s, "scr0", BIT(10));
	set(s, "smr0", VALID | 9);
	set(s, "smr1", VALID | 3);
	set(s, "s2cr1", 2);
	set(s, "cb2.cbar", STAGE1);
	set(s, "cb2.cba2r", VA64);
	set(s, "cb2.sctlr", 1);
	set(s, "cb2.tcr", 0x803519); /* 39 bits of 4K below, nothing above */
	set(s, "cb2.tcr2", 5);
	set(s, "cb2.ttbr0", ROOT1 | BIT(48) * 7);
	set(s, "cb2.mair0", 0xff440c04);
	set(s, "cb2.mair1", 0);
	set(s, "cb5.cbar", 11);
	set(s, "cb5.cba2r", VA64);
	set(s, "cb5.sctlr", 1);
	set(s, "cb5.tcr", 0x80053558); /* 40 bits of 4K from level 1 */
	set(s, "cb5.ttbr0", ROOT2);
	put(s, ROOT1 + 8, BLOCK1);
	put(s, ROOT2 + 2 * 8, BLOCK2);
	return 0;
}

static int tear_down(void **state)
{
	struct stream *s = *state;

	iopt_registers_destroy(s->registers);
	iopt_memory_destroy(s->memory);
	return 0;
}

static int open_route(struct stream *s, uint32_t sid, const uint32_t *ssid,
		      struct iopt_route **route)
{
	struct iopt_streams streams = IOPT_INIT(struct iopt_streams);
	int ret;

	streams.memory = s->memory;
	streams.registers = s->registers;
	streams.model = IOPT_SMMU_V2;
	ret = iopt_route_open(&streams, sid, ssid, NULL, route, NULL);
	s->info = IOPT_INIT(struct iopt_route_info);
	if (!ret)
		iopt_route_info(*route, &s->info);
	return ret;
}

static uint64_t go(struct stream *s, uint64_t iova, unsigned access, bool privileged)
{
	struct iopt_route *route;
	int ret;

	assert_int_equal(open_route(s, 3, NULL, &route), 0);
	s->answer = IOPT_INIT(struct iopt_route_answer);
	ret = iopt_route_translate(route, iova, access, privileged, &s->answer);
	assert_true(ret == 0 || ret == -IOPT_EFAULT);
	iopt_route_close(route);
	return ret ? UINT64_MAX : s->answer.pa;
}

static void assert_goes(struct stream *s, uint64_t iova, unsigned access, uint64_t want)
{
	uint64_t pa = go(s, iova, access, false);

	if (pa != want)
		fail_msg("0x%llx goes to 0x%llx: %s %s", (unsigned long long)iova,
			 (unsigned long long)pa, s->answer.event.name ? s->answer.event.name : "-",
			 s->info.problem);
}

static void assert_event(struct stream *s, uint64_t iova, unsigned access, const char *name,
			 uint64_t fsr, uint64_t syndrome)
{
	assert_true(go(s, iova, access, false) == UINT64_MAX);
	assert_string_equal(s->answer.event.name, name);
	if (s->answer.event.words[0] != fsr || s->answer.event.words[1] != syndrome)
		fail_msg("%s: 0x%llx 0x%llx", name, (unsigned long long)s->answer.event.words[0],
			 (unsigned long long)s->answer.event.words[1]);
}

/* ---- which bank ---- */

static void test_matching(void **state)
{
	const uint32_t ssid = 1;
	struct stream *s = *state;
	struct iopt_route *route;

	assert_goes(s, IOVA, IOPT_ACCESS_R, 0x80001234);
	assert_int_equal(s->info.match, 1);
	assert_int_equal(s->info.bank, 2);
	assert_int_equal(s->info.asid, 7);
	assert_int_equal(open_route(s, 3, &ssid, &route), 0);
	assert_string_equal(s->info.problem, "this SMMU knows no SubstreamIDs");
	iopt_route_close(route);
	/* two groups for one stream */
	set(s, "smr0", VALID | BIT(16) * 8 | 0xb);
	assert_event(s, IOVA, IOPT_ACCESS_R, "SMCF", BIT(2), 0);
	assert_int_equal(s->info.match, -1);
	assert_true(s->answer.event.words[3] == 3);
	set(s, "smr0", VALID | 9);
	/* none: as SCR0 says */
	set(s, "smr1", 3);
	assert_event(s, IOVA, IOPT_ACCESS_R, "USF", BIT(1), 0);
	set(s, "scr0", 0);
	assert_goes(s, IOVA, IOPT_ACCESS_R, IOVA);
	set(s, "smr1", VALID | 3);
	set(s, "scr0", 1); /* CLIENTPD: it is off */
	assert_goes(s, IOVA, IOPT_ACCESS_R, IOVA);
	assert_int_equal(s->info.config, IOPT_ROUTE_BYPASS);
}

static void test_types(void **state)
{
	struct stream *s = *state;

	set(s, "s2cr1", BIT(16)); /* bypass */
	assert_goes(s, IOVA, IOPT_ACCESS_R, IOVA);
	set(s, "s2cr1", BIT(17)); /* fault */
	assert_event(s, IOVA, IOPT_ACCESS_R, "ICF", BIT(0), 0);
	set(s, "s2cr1", 2);
	set(s, "cb2.cbar", FAULTS);
	assert_event(s, IOVA, IOPT_ACCESS_R, "ICF", BIT(0), 0);
	assert_string_equal(s->info.problem, "CBAR.TYPE: stage 2 of the bank faults");
	set(s, "cb2.cbar", STAGE1);
	set(s, "cb2.sctlr", 0); /* the bank is off */
	assert_goes(s, IOVA, IOPT_ACCESS_R, IOVA);
	assert_int_equal(s->info.config, IOPT_ROUTE_BYPASS);
	assert_int_equal(s->info.wanted, IOPT_ROUTE_S1);
	/* a bank with nothing in it makes no sense */
	set(s, "cb2.sctlr", 1);
	set(s, "cb2.tcr", 0x803500 | 63);
	assert_event(s, IOVA, IOPT_ACCESS_R, "UCBF", BIT(3), 0);
}

static void test_no_registers(void **state)
{
	struct stream *s = *state;
	struct iopt_route *route;

	iopt_registers_destroy(s->registers);
	assert_int_equal(iopt_registers_create(&s->registers), 0);
	assert_int_equal(open_route(s, 3, NULL, &route), -IOPT_EINVAL);
	/* without SMRs stream n is group n's */
	set(s, "scr0", BIT(10));
	set(s, "s2cr3", BIT(16));
	assert_goes(s, IOVA, IOPT_ACCESS_R, IOVA);
	assert_int_equal(s->info.match, 3);
	assert_int_equal(open_route(s, 128, NULL, &route), 0);
	assert_string_equal(s->info.event.name, "USF");
	iopt_route_close(route);
}

/* ---- faults ---- */

/* FSR with its FORMAT, and FSYNR0: level, write, privileged, fetch. */
static void test_words(void **state)
{
	struct stream *s = *state;

	assert_event(s, 0x1000, IOPT_ACCESS_R, "TF", FSR_A64 | BIT(1), 1);
	assert_int_equal(s->answer.event.stage, 1);
	assert_true(s->answer.event.words[2] == 0x1000);
	assert_event(s, 0x1000, IOPT_ACCESS_W, "TF", FSR_A64 | BIT(1), 1 | BIT(4));
	assert_event(s, 0x1000, IOPT_ACCESS_X, "TF", FSR_A64 | BIT(1), 1 | BIT(6));
	assert_true(go(s, 0x1000, IOPT_ACCESS_R, true) == UINT64_MAX);
	assert_true(s->answer.event.words[1] == (1 | BIT(5)));
	put(s, ROOT1 + 8, BLOCK1 & ~BIT(10));
	assert_event(s, IOVA, IOPT_ACCESS_R, "AFF", FSR_A64 | BIT(2), 1);
	put(s, ROOT1 + 8, BLOCK1 | BIT(7));
	assert_event(s, IOVA, IOPT_ACCESS_W, "PF", FSR_A64 | FSR_PF, 1 | BIT(4));
	put(s, ROOT1 + 8, 0x10000000 | 3);
	assert_event(s, IOVA, IOPT_ACCESS_R, "EF", FSR_A64 | BIT(4), 2);
	set(s, "cb2.tcr2", 0); /* 32 bits of output */
	put(s, ROOT1 + 8, BLOCK1 | BIT(32));
	assert_event(s, IOVA, IOPT_ACCESS_R, "ASF", FSR_A64 | BIT(7), 1);
}

/* S2CR may say what a transaction is. */
static void test_overridden(void **state)
{
	struct stream *s = *state;

	put(s, ROOT1 + 8, BLOCK1 & ~BIT(6)); /* for EL1 alone */
	assert_event(s, IOVA, IOPT_ACCESS_R, "PF", FSR_A64 | FSR_PF, 1);
	set(s, "s2cr1", 2 | 3 << 24);
	assert_goes(s, IOVA, IOPT_ACCESS_R, 0x80001234);
	set(s, "s2cr1", 2 | 2 << 24);
	assert_true(go(s, IOVA, IOPT_ACCESS_R, true) == UINT64_MAX);
	put(s, ROOT1 + 8, BLOCK1 | BIT(54));
	set(s, "s2cr1", 2);
	assert_event(s, IOVA, IOPT_ACCESS_X, "PF", FSR_A64 | FSR_PF, 1 | BIT(6));
	set(s, "s2cr1", 2 | 2 << 26);
	assert_goes(s, IOVA, IOPT_ACCESS_X, 0x80001234);
	set(s, "s2cr1", 2 | 3 << 26);
	assert_event(s, IOVA, IOPT_ACCESS_R, "PF", FSR_A64 | FSR_PF, 1 | BIT(6));
	assert_goes(s, IOVA, IOPT_ACCESS_W, 0x80001234);
}

/* ---- both stages ---- */

static void test_nested(void **state)
{
	struct stream *s = *state;

	set(s, "cb2.cbar", NESTED | 5 << 8);
	assert_goes(s, IOVA, IOPT_ACCESS_R, 0x80001234);
	/* its tables are somewhere that stage 2 does not know, and then does */
	set(s, "cb2.ttbr0", 0x300000);
	assert_true(go(s, IOVA, IOPT_ACCESS_R, false) == UINT64_MAX);
	assert_string_equal(s->answer.event.name, "TF");
	assert_int_equal(s->answer.event.stage, 2);
	assert_true(s->answer.event.words[1] & BIT(3));
	assert_true(s->answer.event.ipa == 0x300008 && s->answer.event.words[3] == 0x300008);
	put(s, ROOT2, 0x80000000 | 0x7fd);
	assert_goes(s, IOVA, IOPT_ACCESS_R, 0x80001234);
	assert_int_equal(s->info.config, IOPT_ROUTE_NESTED);
	assert_int_equal(s->info.vmid, 11);
	/* stage 2 takes the write away */
	put(s, ROOT2 + 2 * 8, BLOCK2 & ~BIT(7));
	assert_event(s, IOVA, IOPT_ACCESS_W, "PF", FSR_A64 | FSR_PF, 1 | BIT(4));
	assert_int_equal(s->answer.event.stage, 2);
	assert_true(s->answer.event.ipa == 0x80001234);
}

/* Stage 2 alone, also with AArch32's tables. */
static void test_stage2(void **state)
{
	struct stream *s = *state;

	set(s, "s2cr1", 5);
	assert_goes(s, 0x80001234, IOPT_ACCESS_R, 0x80001234);
	assert_int_equal(s->info.config, IOPT_ROUTE_S2);
	assert_int_equal(s->info.vmid, 11);
	assert_event(s, 0x1000, IOPT_ACCESS_R, "TF", FSR_A64 | BIT(1), 1);
	assert_true(s->answer.event.has_ipa && s->answer.event.words[3] == 0x1000);
	set(s, "cb5.cba2r", 0);
	set(s, "cb5.tcr", BIT(31) | 0x3558);
	assert_goes(s, 0x80001234, IOPT_ACCESS_R, 0x80001234);
	assert_event(s, 0x1000, IOPT_ACCESS_R, "TF", BIT(9) | BIT(1), 1);
}

/* AArch32's long and short descriptors, and big-endian ones. */
static void test_aarch32(void **state)
{
	struct stream *s = *state;

	set(s, "cb2.cba2r", 0);
	set(s, "cb2.tcr", BIT(31) | BIT(23) | 0x3500);
	assert_goes(s, IOVA, IOPT_ACCESS_R, 0x80001234);
	assert_event(s, 0x1000, IOPT_ACCESS_R, "TF", BIT(9) | BIT(1), 1);
	put(s, ROOT1 + 8, __builtin_bswap64(BLOCK1));
	set(s, "cb2.sctlr", 1 | BIT(4));
	assert_goes(s, IOVA, IOPT_ACCESS_R, 0x80001234);
	set(s, "cb2.sctlr", 1 | BIT(1)); /* TEX remap */
	set(s, "cb2.tcr", 0);
	set(s, "cb2.prrr", 0xff0a81a8);
	set(s, "cb2.nmrr", 0x40e040e0);
	set(s, "cb2.contextidr", 0x35);
	put(s, ROOT1 + 4 * 0x400, 0x80000c02);
	assert_goes(s, IOVA, IOPT_ACCESS_R, 0x80001234);
	assert_int_equal(s->info.asid, 0x35);
	assert_event(s, 0x1000, IOPT_ACCESS_R, "TF", BIT(1), 1);
	/* AFE: a section's AP[0] is its access flag */
	set(s, "cb2.sctlr", 1 | BIT(1) | BIT(2));
	put(s, ROOT1 + 4 * 0x400, 0x80000802);
	assert_event(s, IOVA, IOPT_ACCESS_R, "AFF", BIT(2), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_matching, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_types, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_registers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_words, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_overridden, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_nested, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_stage2, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_aarch32, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("streams of an SMMUv2", tests, NULL, NULL);
}
