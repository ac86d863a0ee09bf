/* SPDX-License-Identifier: MIT */
/*
 * Streams through an SMMUv3 whose STE, CD and registers say what they should not, or what no
 * driver of Linux writes: contexts of EL2, AArch32's tables, overridden attributes, stalls.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base.h"
#include "iopt.h"
#include "smmu_v3.h"

enum { STRTAB = 0x80100000, CDS = 0x80200000, ROOT1 = 0x80300000, ROOT2 = 0x80400000 };

#define IOVA	 UINT64_C(0x40001234) /* stage 1: to IPA 0x80001234, which stage 2 keeps */
#define UPPER	 (UINT64_C(0xffffff8000000000) + IOVA)
#define CONTROLS UINT64_C(0x0000e205c0003519) /* of a CD: 39 bits, 4K, the lower half alone */
#define BLOCK1	 (UINT64_C(0x80000000) | 0xf45)
#define BLOCK2	 (UINT64_C(0x80000000) | 0x7fd)

static void put(struct iopt_memory *m, uint64_t pa, uint64_t value)
{
	uint8_t bytes[8];

	store_le64(bytes, value);
	assert_int_equal(iopt_memory_write(m, pa, bytes, 8), 0);
}

/* One stream, 3, of a linear table; its words before they are spoiled. */
struct stream {
	struct iopt_memory *memory;
	struct iopt_registers *registers;
	uint64_t ste[4], cd[4];
	struct iopt_route_info info;
	struct iopt_route_answer answer;
};

static void stream_open(struct stream *s, unsigned config)
{
	*s = (struct stream){
		.ste = {STE_V | field_put(STE_CONFIG, config) | CDS,
			field_put(STE_S1DSS, S1DSS_SSID0),
			7 | STE_S2AA64 | STE_S2R | UINT64_C(0x00053558) << 32, ROOT2},
		.cd = {CONTROLS | field_put(CD_ASID, 9), ROOT1, 0, 0xf404ff44},
	};
	assert_int_equal(iopt_memory_create(&s->memory), 0);
	assert_int_equal(iopt_memory_add_ram(s->memory, 0x80000000, 0x40000000, NULL), 0);
	assert_int_equal(iopt_registers_create(&s->registers), 0);
	assert_int_equal(iopt_registers_set(s->registers, "strtab_base", STRTAB), 0);
	assert_int_equal(iopt_registers_set(s->registers, "strtab_base_cfg", 4), 0);
	put(s->memory, ROOT1 + 8, BLOCK1);
	put(s->memory, ROOT2 + 2 * 8, BLOCK2);
}

static void stream_close(struct stream *s)
{
	iopt_registers_destroy(s->registers);
	iopt_memory_destroy(s->memory);
}

static void stream_set(struct stream *s, const char *name, uint64_t value)
{
	assert_int_equal(iopt_registers_set(s->registers, name, value), 0);
}

static struct iopt_route *stream_route(struct stream *s, const uint32_t *ssid)
{
	struct iopt_streams streams = IOPT_INIT(struct iopt_streams);
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct iopt_route *route;

	streams.memory = s->memory;
	streams.registers = s->registers;
	streams.model = IOPT_SMMU_V3;
	for (unsigned i = 0; i < 4; i++) {
		put(s->memory, STRTAB + 3 * 64 + 8 * i, s->ste[i]);
		put(s->memory, CDS + 8 * i, s->cd[i]);
	}
	if (iopt_route_open(&streams, 3, ssid, NULL, &route, &error))
		fail_msg("%s", error.message);
	s->info = IOPT_INIT(struct iopt_route_info);
	iopt_route_info(route, &s->info);
	return route;
}

/* One transaction: its output address, or UINT64_MAX, and then answer.event says why. */
static uint64_t stream_go(struct stream *s, uint64_t iova, unsigned access, bool privileged)
{
	struct iopt_route *route = stream_route(s, NULL);
	int ret;

	s->answer = IOPT_INIT(struct iopt_route_answer);
	ret = iopt_route_translate(route, iova, access, privileged, &s->answer);
	assert_true(ret == 0 || ret == -IOPT_EFAULT);
	iopt_route_close(route);
	return ret ? UINT64_MAX : s->answer.pa;
}

static void assert_goes(struct stream *s, uint64_t iova, unsigned access, uint64_t want)
{
	uint64_t pa = stream_go(s, iova, access, false);

	if (pa != want)
		fail_msg("0x%llx goes to 0x%llx, not 0x%llx: %s, %s", (unsigned long long)iova,
			 (unsigned long long)pa, (unsigned long long)want,
			 s->answer.event.name ? s->answer.event.name : "-", s->info.problem);
}

static void assert_event(struct stream *s, uint64_t iova, unsigned access, const char *name)
{
	assert_true(stream_go(s, iova, access, false) == UINT64_MAX);
	if (name)
		assert_string_equal(s->answer.event.name, name);
	else
		assert_null(s->answer.event.name);
}

/* ---- what is illegal ---- */

/* The bits of one word are replaced; 'register_name' is set if it is not NULL. */
struct spoiled {
	unsigned config;
	enum { STE, CD } of;
	unsigned word;
	uint64_t field, value;
	const char *register_name;
	uint64_t register_value;
	const char *event, *problem;
};

static const struct spoiled spoiled[] = {
	{STE_S1, STE, 0, STE_V, 0, NULL, 0, "C_BAD_STE", "V is 0: the STE is invalid"},
	{STE_S1, STE, 0, 0, 0, "idr0", IDR0_S2P, "C_BAD_STE", "the SMMU has no stage 1"},
	{STE_S2, STE, 0, 0, 0, "idr0", IDR0_S1P, "C_BAD_STE", "the SMMU has no stage 2"},
	{STE_NESTED, STE, 0, 0, 0, "idr0", IDR0_S1P, "C_BAD_STE", "the SMMU has no stage 2"},
	{STE_S1, STE, 0, STE_S1CDMAX, 6, "idr1", 5 << 6 | 16, "C_BAD_STE",
	 "S1CDMax is more than IDR1.SSIDSIZE"},
	{STE_S1, STE, 0, STE_S1CDMAX, 21, NULL, 0, "C_BAD_STE", "S1CDMax is more than 20"},
	{STE_S1, STE, 0, STE_S1CDMAX | STE_S1FMT, BIT(59 - 4) | 3, NULL, 0, "C_BAD_STE",
	 "S1Fmt is reserved"},
	{STE_S1, STE, 0, STE_S1CDMAX | STE_S1FMT, BIT(59 - 4) | S1FMT_4K_L2, "idr0",
	 IDR0_S1P | IDR0_S2P, "C_BAD_STE", "no tables of CDs of 2 levels"},
	{STE_S1, STE, 1, STE_STRW, 1, NULL, 0, "C_BAD_STE", "STRW is reserved"},
	{STE_S1, STE, 1, STE_STRW, 3, NULL, 0, "C_BAD_STE", "STRW is reserved"},
	{STE_S2, STE, 3, STE_S2TTB, BIT(48 - 4) | ROOT2 >> 4, NULL, 0, "C_BAD_STE",
	 "stage 2: S2TTB is beyond the size that S2PS says"},
	{STE_S1, CD, 0, CD_V, 0, NULL, 0, "C_BAD_CD", "V is 0: the CD is invalid"},
	{STE_S1, CD, 0, CD_T0SZ, 11, NULL, 0, "C_BAD_CD", "TxSZ is out of range"},
	{STE_S1, CD, 0, CD_T0SZ, 40, NULL, 0, "C_BAD_CD", "TxSZ is out of range"},
	{STE_S1, CD, 0, CD_T0SZ, 40, "idr3", 0, "C_BAD_CD", "TxSZ is out of range"},
	{STE_S1, CD, 0, CD_T0SZ, 49, "idr3", IDR3_STT, "C_BAD_CD", "TxSZ is out of range"},
	{STE_S1, CD, 0, CD_EPD1 | CD_T1SZ, 0, NULL, 0, "C_BAD_CD", "TxSZ is out of range"},
	{STE_S1, CD, 1, CD_TTB, BIT(48 - 4), NULL, 0, "C_BAD_CD",
	 "TTBx is beyond the size that IPS says"},
	{STE_S1, STE, 0, STE_S1CONTEXTPTR, 0x40000000 >> 6, NULL, 0, "F_CD_FETCH",
	 "the memory does not hold the CD"},
	{STE_ABORT, STE, 0, 0, 0, NULL, 0, NULL, "Config is abort, in silence"},
	{2, STE, 0, 0, 0, NULL, 0, NULL, "Config is reserved: it aborts, in silence"},
};

static void test_illegal(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(spoiled); i++) {
		const struct spoiled *p = &spoiled[i];
		uint64_t *word;
		struct stream s;

		stream_open(&s, p->config);
		word = p->of == STE ? &s.ste[p->word] : &s.cd[p->word];
		if (p->field)
			*word = (*word & ~p->field) | field_put(p->field, p->value);
		if (p->register_name)
			stream_set(&s, p->register_name, p->register_value);
		assert_event(&s, IOVA, IOPT_ACCESS_R, p->event);
		if (!strstr(s.info.problem, p->problem))
			fail_msg("\"%s\", not \"%s\"", s.info.problem, p->problem);
		assert_false(s.answer.walked);
		stream_close(&s);
	}
}

/* With a SubstreamID where there are none, and where they are too few. */
static void test_bad_substreams(void **state)
{
	static const struct {
		unsigned config, cdmax, dss;
		uint32_t ssid;
		const char *problem;
	} cases[] = {
		{STE_S1, 0, 0, 1, "S1CDMax is 0: there are no SubstreamIDs"},
		{STE_BYPASS, 4, 0, 1, "stage 1 is off: there are no SubstreamIDs"},
		{STE_S2, 4, 0, 1, "stage 1 is off: there are no SubstreamIDs"},
		{STE_S1, 4, S1DSS_SSID0, 16, "S1CDMax is 4"},
		{STE_S1, 4, 3, 1, "S1DSS is reserved"},
		{STE_NESTED, 4, 3, 1, "S1DSS is reserved"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct stream s;

		stream_open(&s, cases[i].config);
		s.ste[0] |= field_put(STE_S1CDMAX, cases[i].cdmax);
		s.ste[1] = field_put(STE_S1DSS, cases[i].dss);
		iopt_route_close(stream_route(&s, &cases[i].ssid));
		assert_int_equal(s.info.config, IOPT_ROUTE_BAD);
		assert_string_equal(s.info.problem, cases[i].problem);
		assert_true(s.info.event.words[0] & EVENT_0_SSV);
		assert_int_equal(field_get(s.info.event.words[0], EVENT_0_SSID), cases[i].ssid);
		stream_close(&s);
	}
}

/* Small tables are legal where IDR3.STT says so: 24 bits of input, from level 2 on. */
static void test_small_tables(void **state)
{
	struct stream s;

	(void)state;
	stream_open(&s, STE_S1);
	s.cd[0] = (s.cd[0] & ~CD_T0SZ) | 40;
	stream_set(&s, "idr3", IDR3_STT);
	put(s.memory, ROOT1 + 8, BLOCK1);
	assert_goes(&s, 0x201234, IOPT_ACCESS_R, 0x80001234);
	stream_close(&s);
}

/* ---- the SMMU as a whole ---- */

static void test_off(void **state)
{
	struct stream s;

	(void)state;
	stream_open(&s, STE_S1);
	stream_set(&s, "cr0", 0);
	assert_goes(&s, 0x1234, IOPT_ACCESS_R, 0x1234);
	assert_string_equal(s.info.problem, "CR0.SMMUEN is 0: as GBPA says");
	stream_set(&s, "gbpa", GBPA_ABORT);
	assert_event(&s, 0x1234, IOPT_ACCESS_R, NULL);
	assert_int_equal(s.info.config, IOPT_ROUTE_ABORT);
	stream_set(&s, "cr0", CR0_SMMUEN);
	assert_goes(&s, IOVA, IOPT_ACCESS_R, 0x80001234);
	stream_close(&s);
}

/* What no table translates must still be an output address: IDR5.OAS, here 36 bits. */
static void test_output_size(void **state)
{
	struct stream s;

	(void)state;
	stream_open(&s, STE_BYPASS);
	assert_goes(&s, BIT(36), IOPT_ACCESS_R, BIT(36));
	stream_set(&s, "idr5", 1);
	assert_goes(&s, BIT(36) - 1, IOPT_ACCESS_R, BIT(36) - 1);
	assert_event(&s, BIT(36), IOPT_ACCESS_R, "F_ADDR_SIZE");
	assert_int_equal(s.answer.event.stage, 1);
	assert_true(s.answer.event.words[2] == BIT(36));
	stream_set(&s, "idr5", 7); /* reserved: as many as there may be */
	assert_goes(&s, BIT(52) - 1, IOPT_ACCESS_R, BIT(52) - 1);
	stream_close(&s);
}

/* A StreamID that the tables do not know is recorded if CR2 wants it. */
static void test_unknown_stream(void **state)
{
	struct stream s;

	(void)state;
	stream_open(&s, STE_S1);
	stream_set(&s, "strtab_base_cfg", 1);
	assert_event(&s, 0, IOPT_ACCESS_R, "C_BAD_STREAMID");
	assert_string_equal(s.info.problem, "the stream table has 1 StreamID bits");
	assert_true(s.answer.event.recorded);
	stream_set(&s, "cr2", 0);
	assert_event(&s, 0, IOPT_ACCESS_R, "C_BAD_STREAMID");
	assert_false(s.answer.event.recorded);
	stream_set(&s, "cr2", CR2_RECINVSID);
	assert_event(&s, 0, IOPT_ACCESS_R, "C_BAD_STREAMID");
	assert_true(s.answer.event.recorded);
	stream_close(&s);
}

/* A second level that is smaller than the split. */
static void test_short_second_level(void **state)
{
	struct stream s;

	(void)state;
	stream_open(&s, STE_S1);
	stream_set(&s, "strtab_base", 0x80500000);
	stream_set(&s, "strtab_base_cfg", 0x10210); /* two levels, 16 bits, split at 8 */
	put(s.memory, 0x80500000, STRTAB | 3);	    /* 2 bits of them */
	assert_goes(&s, IOVA, IOPT_ACCESS_R, 0x80001234);
	put(s.memory, 0x80500000, STRTAB | 2);
	assert_event(&s, IOVA, IOPT_ACCESS_R, "C_BAD_STREAMID");
	assert_string_equal(s.info.problem, "the second level at 0x80100000 has 1 StreamID bits");
	put(s.memory, 0x80500000, 0);
	assert_event(&s, IOVA, IOPT_ACCESS_R, "C_BAD_STREAMID");
	assert_string_equal(s.info.problem, "the level 1 descriptor at 0x80500000 is invalid");
	stream_set(&s, "strtab_base", 0x40000000);
	assert_event(&s, IOVA, IOPT_ACCESS_R, "F_STE_FETCH");
	assert_true(s.answer.event.words[3] == 0x40000000);
	stream_close(&s);
}

/* ---- what a transaction is, and what is said of it ---- */

static void test_overridden(void **state)
{
	struct stream s;

	(void)state;
	stream_open(&s, STE_S1);
	put(s.memory, ROOT1 + 8, BLOCK1 & ~BIT(6)); /* for EL1 alone */
	assert_event(&s, IOVA, IOPT_ACCESS_R, "F_PERMISSION");
	assert_false(s.answer.event.words[1] & EVENT_1_PNU);
	assert_true(stream_go(&s, IOVA, IOPT_ACCESS_R, true) == 0x80001234);
	s.ste[1] |= field_put(STE_PRIVCFG, 3);
	assert_goes(&s, IOVA, IOPT_ACCESS_R, 0x80001234);
	s.ste[1] ^= field_put(STE_PRIVCFG, 1);
	assert_true(stream_go(&s, IOVA, IOPT_ACCESS_R, true) == UINT64_MAX);
	stream_set(&s, "idr1", 16); /* it has no such overrides */
	assert_true(stream_go(&s, IOVA, IOPT_ACCESS_R, true) == 0x80001234);
	stream_set(&s, "idr1", IDR1_ATTR_PERMS_OVR | 16);

	s.ste[1] &= ~STE_PRIVCFG;
	put(s.memory, ROOT1 + 8, BLOCK1 | BIT(54)); /* EL0 may not execute */
	assert_goes(&s, IOVA, IOPT_ACCESS_R, 0x80001234);
	assert_event(&s, IOVA, IOPT_ACCESS_X, "F_PERMISSION");
	assert_true(s.answer.event.words[1] & EVENT_1_IND);
	s.ste[1] |= field_put(STE_INSTCFG, 2); /* all of it is data */
	assert_goes(&s, IOVA, IOPT_ACCESS_X, 0x80001234);
	s.ste[1] |= field_put(STE_INSTCFG, 3); /* all but writes is fetched */
	assert_event(&s, IOVA, IOPT_ACCESS_R, "F_PERMISSION");
	assert_goes(&s, IOVA, IOPT_ACCESS_W, 0x80001234);
	stream_close(&s);
}

static void test_event_words(void **state)
{
	struct stream s;

	(void)state;
	stream_open(&s, STE_S1);
	s.cd[0] |= CD_S;
	assert_true(stream_go(&s, 0x1000, IOPT_ACCESS_W, true) == UINT64_MAX);
	assert_string_equal(s.answer.event.name, "F_TRANSLATION");
	assert_true(s.answer.event.words[0] == (UINT64_C(3) << 32 | 0x10));
	assert_true(s.answer.event.words[1] ==
		    (EVENT_1_STALL | EVENT_1_PNU | field_put(EVENT_1_CLASS, 2)));
	assert_true(s.answer.event.words[2] == 0x1000);
	assert_true(s.answer.event.recorded);
	s.cd[0] &= ~(CD_S | CD_R);
	assert_true(stream_go(&s, 0x1000, IOPT_ACCESS_R, false) == UINT64_MAX);
	assert_true(s.answer.event.words[1] == (EVENT_1_RNW | field_put(EVENT_1_CLASS, 2)));
	assert_false(s.answer.event.recorded);
	/* a table that is nowhere: what was fetched is told */
	s.cd[0] |= CD_R;
	put(s.memory, ROOT1 + 8, 0x40000000 | 3);
	assert_event(&s, IOVA, IOPT_ACCESS_R, "F_WALK_EABT");
	assert_string_equal(s.answer.event.what, "TT");
	assert_true(s.answer.event.words[3] == 0x40000000);
	/* the CD's S and the STE's S1STALLD */
	s.cd[0] |= CD_S;
	s.ste[1] |= STE_S1STALLD;
	assert_event(&s, IOVA, IOPT_ACCESS_R, "C_BAD_CD");
	assert_string_equal(s.info.problem, "S is set although the STE's S1STALLD forbids stalls");
	stream_close(&s);
}

static void test_stage2_policy(void **state)
{
	struct stream s;

	(void)state;
	stream_open(&s, STE_S2);
	assert_goes(&s, 0x80001234, IOPT_ACCESS_R, 0x80001234);
	assert_event(&s, 0, IOPT_ACCESS_R, "F_TRANSLATION");
	assert_true(s.answer.event.recorded && s.answer.event.has_ipa);
	assert_false(s.answer.event.words[1] & EVENT_1_STALL);
	s.ste[2] = (s.ste[2] & ~STE_S2R) | STE_S2S;
	assert_event(&s, 0, IOPT_ACCESS_R, "F_TRANSLATION");
	assert_false(s.answer.event.recorded);
	assert_true(s.answer.event.words[1] & EVENT_1_STALL);
	assert_int_equal(s.info.vmid, 7);
	stream_close(&s);
}

/* ---- contexts that Linux's driver does not make ---- */

/* EL2 without E2H: one half, which privilege does not divide. */
static void test_el2(void **state)
{
	struct iopt_space space = IOPT_INIT(struct iopt_space);
	struct iopt_route *route;
	struct stream s;

	(void)state;
	stream_open(&s, STE_S1);
	s.ste[1] |= field_put(STE_STRW, STRW_EL2);
	assert_goes(&s, IOVA, IOPT_ACCESS_W, 0x80001234);
	assert_int_equal(s.info.asid, 9);
	assert_event(&s, UPPER, IOPT_ACCESS_R, "F_TRANSLATION");
	route = stream_route(&s, NULL);
	assert_int_equal(iopt_domain_space(iopt_route_domain(route, 1), 0, &space), 0);
	assert_int_equal(space.regime, IOPT_REGIME_EL2);
	assert_int_equal(iopt_domain_space(iopt_route_domain(route, 1), 1, &space), -IOPT_ENOENT);
	assert_int_equal(iopt_route_level(route, false), 2);
	iopt_route_close(route);
	put(s.memory, ROOT1 + 8, BLOCK1 | BIT(54)); /* XN */
	assert_event(&s, IOVA, IOPT_ACCESS_X, "F_PERMISSION");
	/* those of AArch32 are not EL2's */
	s.cd[0] &= ~CD_AA64;
	assert_event(&s, IOVA, IOPT_ACCESS_R, "C_BAD_CD");
	assert_string_equal(s.info.problem, "contexts of EL2 are those of AArch64");
	stream_close(&s);
}

/* EL2 with E2H: as EL1, with both halves. */
static void test_el2_e2h(void **state)
{
	struct iopt_route *route;
	struct stream s;

	(void)state;
	stream_open(&s, STE_S1);
	s.ste[1] |= field_put(STE_STRW, STRW_EL2);
	stream_set(&s, "cr2", CR2_E2H);
	s.cd[0] = (s.cd[0] & ~(CD_EPD1 | CD_TG1)) | field_put(CD_T1SZ, 25) | field_put(CD_TG1, 2);
	s.cd[2] = ROOT1;
	assert_goes(&s, IOVA, IOPT_ACCESS_R, 0x80001234);
	assert_goes(&s, UPPER, IOPT_ACCESS_R, 0x80001234);
	route = stream_route(&s, NULL);
	assert_int_equal(iopt_route_level(route, false), 0);
	assert_int_equal(iopt_route_level(route, true), 2);
	iopt_route_close(route);
	put(s.memory, ROOT1 + 8, BLOCK1 & ~BIT(6)); /* EL0 may not */
	assert_event(&s, IOVA, IOPT_ACCESS_R, "F_PERMISSION");
	assert_true(stream_go(&s, IOVA, IOPT_ACCESS_R, true) == 0x80001234);
	stream_close(&s);
}

/* Both halves are off: every address faults before a table is read. */
static void test_no_halves(void **state)
{
	struct stream s;

	(void)state;
	stream_open(&s, STE_S1);
	s.cd[0] |= CD_EPD0 | CD_EPD1;
	assert_event(&s, IOVA, IOPT_ACCESS_R, "F_TRANSLATION");
	assert_false(s.answer.walked);
	assert_int_equal(s.answer.event.stage, 1);
	stream_close(&s);
}

/* AArch32's long descriptors: the same entry of a first table of 32 bits, and of stage 2. */
static void test_aarch32(void **state)
{
	struct iopt_space space = IOPT_INIT(struct iopt_space);
	struct iopt_route *route;
	struct stream s;

	(void)state;
	stream_open(&s, STE_S1);
	s.cd[0] = (s.cd[0] & ~(CD_AA64 | CD_T0SZ)) | CD_EPD1;
	assert_goes(&s, IOVA, IOPT_ACCESS_R, 0x80001234);
	assert_event(&s, BIT(32), IOPT_ACCESS_R, "F_TRANSLATION");
	route = stream_route(&s, NULL);
	assert_int_equal(iopt_domain_space(iopt_route_domain(route, 1), 0, &space), 0);
	assert_int_equal(space.format, IOPT_ARM_32_LPAE_S1);
	iopt_route_close(route);
	stream_close(&s);

	stream_open(&s, STE_S2);
	s.ste[2] = 7 | STE_S2R | UINT64_C(0x3558) << 32; /* T0SZ -8, from level 1 */
	assert_goes(&s, 0x80001234, IOPT_ACCESS_R, 0x80001234);
	stream_close(&s);
}

/* S1DSS lets what has no SubstreamID pass stage 1 of two: stage 2 alone translates. */
static void test_nested_without_substream(void **state)
{
	struct stream s;

	(void)state;
	stream_open(&s, STE_NESTED);
	s.ste[0] |= field_put(STE_S1CDMAX, 4);
	s.ste[1] = field_put(STE_S1DSS, S1DSS_BYPASS);
	assert_goes(&s, 0x80001234, IOPT_ACCESS_R, 0x80001234);
	assert_int_equal(s.info.config, IOPT_ROUTE_S2);
	assert_int_equal(s.info.wanted, IOPT_ROUTE_NESTED);
	stream_close(&s);
}

/* CDs of two levels, the first of them absent, invalid, or leading nowhere. */
static void test_cd_levels(void **state)
{
	const uint32_t ssid = 0x42;
	struct stream s;

	(void)state;
	stream_open(&s, STE_S1);
	s.ste[0] = (s.ste[0] & ~STE_S1CONTEXTPTR) | field_put(STE_S1CDMAX, 8) |
		   field_put(STE_S1FMT, S1FMT_4K_L2) | 0x80600000;
	put(s.memory, 0x80600008, CDS | 1); /* of 64 */
	s.cd[0] &= ~CD_V;
	iopt_route_close(stream_route(&s, &ssid));
	assert_string_equal(s.info.event.name, "C_BAD_CD");
	assert_true(s.info.cd_pa == CDS + 2 * 64);
	put(s.memory, 0x80600008, CDS);
	iopt_route_close(stream_route(&s, &ssid));
	assert_string_equal(s.info.event.name, "C_BAD_SUBSTREAMID");
	put(s.memory, 0x80600008, 0x40000000 | 1);
	iopt_route_close(stream_route(&s, &ssid));
	assert_string_equal(s.info.event.name, "F_CD_FETCH");
	assert_true(s.info.event.words[3] == 0x40000080);
	s.ste[0] = (s.ste[0] & ~STE_S1CONTEXTPTR) | 0x40000000;
	iopt_route_close(stream_route(&s, &ssid));
	assert_string_equal(s.info.event.name, "F_CD_FETCH");
	assert_true(s.info.event.words[3] == 0x40000008);
	stream_close(&s);
}

/* Callers that were built for something else. */
static void test_requests_refused(void **state)
{
	struct iopt_streams streams = IOPT_INIT(struct iopt_streams);
	struct iopt_route_answer answer = {0};
	struct iopt_route *route;
	struct stream s;

	(void)state;
	stream_open(&s, STE_S1);
	streams.memory = s.memory;
	streams.registers = s.registers;
	streams.model = IOPT_SMMU_MODEL_COUNT;
	assert_int_equal(iopt_route_open(&streams, 0, NULL, NULL, &route, NULL), -IOPT_EINVAL);
	streams.model = IOPT_SMMU_V3;
	streams.struct_size--;
	assert_int_equal(iopt_route_open(&streams, 0, NULL, NULL, &route, NULL), -IOPT_EINVAL);
	route = stream_route(&s, NULL);
	assert_int_equal(iopt_route_translate(route, IOVA, IOPT_ACCESS_R, false, &answer),
			 -IOPT_EINVAL);
	assert_null(iopt_route_domain(route, 0));
	assert_null(iopt_route_domain(route, 2));
	assert_null(iopt_route_take_domain(route, 2));
	iopt_route_close(route);
	stream_close(&s);
	assert_null(iopt_route_config_name(IOPT_ROUTE_CONFIG_COUNT));
	assert_string_equal(iopt_route_config_name(IOPT_ROUTE_NESTED), "nested");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_illegal),
		cmocka_unit_test(test_bad_substreams),
		cmocka_unit_test(test_small_tables),
		cmocka_unit_test(test_off),
		cmocka_unit_test(test_output_size),
		cmocka_unit_test(test_unknown_stream),
		cmocka_unit_test(test_short_second_level),
		cmocka_unit_test(test_overridden),
		cmocka_unit_test(test_event_words),
		cmocka_unit_test(test_stage2_policy),
		cmocka_unit_test(test_el2),
		cmocka_unit_test(test_el2_e2h),
		cmocka_unit_test(test_no_halves),
		cmocka_unit_test(test_aarch32),
		cmocka_unit_test(test_nested_without_substream),
		cmocka_unit_test(test_cd_levels),
		cmocka_unit_test(test_requests_refused),
	};

	return cmocka_run_group_tests_name("streams", tests, NULL, NULL);
}
