/* SPDX-License-Identifier: MIT */
/*
 * A stream through an SMMUv3: its STE, its CD, the tables behind them, and the event of whatever
 * does not get through.  Arm SMMU architecture version 3: "Configuration and Translation lookup",
 * "Stream Table Entry", "Context Descriptor", "Event records".
 */
#include <stdio.h>

#include "error.h"
#include "route.h"
#include "route_v3.h"
#include "smmu_v3.h"

/* ---- events ---- */

enum {
	C_BAD_STREAMID = 0x02,
	F_STE_FETCH = 0x03,
	C_BAD_STE = 0x04,
	F_STREAM_DISABLED = 0x06,
	C_BAD_SUBSTREAMID = 0x08,
	F_CD_FETCH = 0x09,
	C_BAD_CD = 0x0a,
	F_WALK_EABT = 0x0b,
	F_TRANSLATION = 0x10,
	F_ADDR_SIZE = 0x11,
	F_ACCESS = 0x12,
	F_PERMISSION = 0x13,
};

#define BAD(s, id, ...) route_bad(s, id, #id, __VA_ARGS__)

static const struct {
	unsigned id;
	const char *name;
} fault_events[] = {
	[IOPT_FAULT_TRANSLATION] = {F_TRANSLATION, "F_TRANSLATION"},
	[IOPT_FAULT_ADDRESS_SIZE] = {F_ADDR_SIZE, "F_ADDR_SIZE"},
	[IOPT_FAULT_ACCESS] = {F_ACCESS, "F_ACCESS"},
	[IOPT_FAULT_PERMISSION] = {F_PERMISSION, "F_PERMISSION"},
	[IOPT_FAULT_DOMAIN] = {F_PERMISSION, "F_PERMISSION"}, /* no such tables here */
	[IOPT_FAULT_EXTERNAL] = {F_WALK_EABT, "F_WALK_EABT"},
};

enum { CLASS_CD, CLASS_TABLE, CLASS_INPUT };

static void event_begin(const struct iopt_route *s, struct iopt_event *e)
{
	const struct iopt_route_info *i = &s->info;

	e->words[0] = field_put(EVENT_0_SID, i->sid) | field_put(EVENT_0_ID, e->id);
	if (i->has_ssid)
		e->words[0] |= EVENT_0_SSV | field_put(EVENT_0_SSID, i->ssid);
}

static void event_access(struct iopt_event *e, const struct route_access *a)
{
	if (a->privileged)
		e->words[1] |= EVENT_1_PNU;
	if (a->instruction)
		e->words[1] |= EVENT_1_IND;
	if (a->access != IOPT_ACCESS_W)
		e->words[1] |= EVENT_1_RNW;
	e->words[2] = a->iova;
}

static void event_stage(struct iopt_event *e, unsigned class, int stage, uint64_t ipa)
{
	static const char *const names[] = {
		[CLASS_CD] = "CD", [CLASS_TABLE] = "TT", [CLASS_INPUT] = "IN"};

	e->what = names[class];
	e->stage = stage;
	e->words[1] |= field_put(EVENT_1_CLASS, class);
	if (stage != 2)
		return;
	e->words[1] |= EVENT_1_S2;
	e->words[3] = ipa & EVENT_3_IPA;
	e->has_ipa = true;
	e->ipa = ipa;
}

/* Do STE or CD want the fault of that stage recorded; and does it stall? */
static void event_policy(const struct iopt_route *s, int stage, struct iopt_event *e)
{
	const uint64_t ste = s->info.ste[2], cd = s->info.cd[0];
	const bool stalls = stage == 2 ? ste & STE_S2S : cd & CD_S;

	e->recorded =
		!s->info.has_ste || (stage == 2 ? ste & STE_S2R : !s->info.has_cd || cd & CD_R);
	if (stalls && e->id >= F_TRANSLATION && e->id <= F_PERMISSION)
		e->words[1] |= EVENT_1_STALL;
}

/* The last step of stage 1: where its descriptor is, and whether stage 1 got no further. */
static const struct iopt_step *last_of_stage1(const struct iopt_walk *walk)
{
	const struct iopt_step *last = NULL;

	for (unsigned i = 0; i < walk->step_count && walk->steps[i].stage == 1; i++)
		last = &walk->steps[i];
	return last;
}

static void v3_fault(const struct iopt_route *s, const struct route_access *a,
		     const struct iopt_walk *walk, struct iopt_event *e)
{
	const struct iopt_step *one = last_of_stage1(walk);
	const bool stage2 = walk->fault.stage == 2, table = stage2 && one && one->absent;

	e->id = fault_events[walk->fault.type].id;
	e->name = fault_events[walk->fault.type].name;
	event_begin(s, e);
	event_access(e, a);
	event_stage(e, table || e->id == F_WALK_EABT ? CLASS_TABLE : CLASS_INPUT, walk->fault.stage,
		    table ? one->desc_pa
		    : one ? walk->ipa
			  : a->iova);
	if (e->id == F_WALK_EABT && walk->step_count)
		e->words[3] = walk->steps[walk->step_count - 1].desc_pa & EVENT_3_FETCH;
	event_policy(s, walk->fault.stage, e);
}

static void v3_override(const struct iopt_route *s, struct route_access *a)
{
	uint64_t idr1;

	/* without IDR1 as all known SMMUs: the fields count */
	if (!s->info.has_ste ||
	    (route_register(&s->at, "idr1", &idr1) && !(idr1 & IDR1_ATTR_PERMS_OVR)))
		return;
	if (field_get(s->info.ste[1], STE_PRIVCFG) >= 2)
		a->privileged = field_get(s->info.ste[1], STE_PRIVCFG) == 3;
	if (field_get(s->info.ste[1], STE_INSTCFG) >= 2)
		a->instruction = field_get(s->info.ste[1], STE_INSTCFG) == 3;
	a->instruction &= a->access != IOPT_ACCESS_W;
}

/* ---- the stream table ---- */

static int bad_fetch(struct iopt_route *s, unsigned id, const char *name, const char *what,
		     uint64_t pa)
{
	route_bad(s, id, name, "the memory does not hold the %s at 0x%llx", what,
		  (unsigned long long)pa);
	s->info.event.words[3] = pa & EVENT_3_FETCH;
	return 0;
}

/* Where the STE is; false: that is bad. */
static bool find_ste(struct iopt_route *s, const struct stream_table *t, uint64_t *pa)
{
	const uint32_t sid = s->info.sid;
	uint64_t l1std, base;
	unsigned bits;

	if ((uint64_t)sid >> t->sid_bits) {
		BAD(s, C_BAD_STREAMID, "the stream table has %u StreamID bits", t->sid_bits);
		return false;
	}
	*pa = t->base + ((uint64_t)sid << STE_SHIFT);
	if (!t->split)
		return true;
	*pa = t->base + ((uint64_t)(sid >> t->split) << L1_SHIFT);
	if (!route_words(t->memory, *pa, &l1std, 1)) {
		bad_fetch(s, F_STE_FETCH, "F_STE_FETCH", "level 1 descriptor", *pa);
		return false;
	}
	if (!stream_table_second(t, l1std, &bits, &base)) {
		BAD(s, C_BAD_STREAMID, "the level 1 descriptor at 0x%llx is %s",
		    (unsigned long long)*pa,
		    l1std & L1STD_SPAN ? "reserved: its Span is too large" : "invalid");
		return false;
	}
	if ((sid & low_bits(t->split)) >> bits) {
		BAD(s, C_BAD_STREAMID, "the second level at 0x%llx has %u StreamID bits",
		    (unsigned long long)base, bits);
		return false;
	}
	*pa = base + ((sid & low_bits(t->split)) << STE_SHIFT);
	return true;
}

static bool read_ste(struct iopt_route *s, const struct stream_table *t)
{
	if (!find_ste(s, t, &s->info.ste_pa))
		return false;
	s->info.has_ste = route_words(t->memory, s->info.ste_pa, s->info.ste, STE_WORDS);
	if (!s->info.has_ste)
		bad_fetch(s, F_STE_FETCH, "F_STE_FETCH", "STE", s->info.ste_pa);
	else if (!(s->info.ste[0] & STE_V))
		BAD(s, C_BAD_STE, "V is 0: the STE is invalid");
	return s->info.config != IOPT_ROUTE_BAD;
}

/* ---- STE ---- */

static const enum iopt_route_config configs[] = {
	[STE_ABORT] = IOPT_ROUTE_ABORT, [1] = IOPT_ROUTE_ABORT,		  [2] = IOPT_ROUTE_ABORT,
	[3] = IOPT_ROUTE_ABORT,		[STE_BYPASS] = IOPT_ROUTE_BYPASS, [STE_S1] = IOPT_ROUTE_S1,
	[STE_S2] = IOPT_ROUTE_S2,	[STE_NESTED] = IOPT_ROUTE_NESTED,
};

/* What makes an STE illegal as far as stage 1 goes; NULL: nothing. */
static const char *stage1_problem(const struct iopt_route *s)
{
	const uint64_t *ste = s->info.ste;
	const unsigned cdmax = (unsigned)field_get(ste[0], STE_S1CDMAX);
	uint64_t idr;

	if (route_register(&s->at, "idr0", &idr) && !(idr & IDR0_S1P))
		return "IDR0.S1P is 0: the SMMU has no stage 1";
	if (route_register(&s->at, "idr1", &idr) && cdmax > field_get(idr, IDR1_SSIDSIZE))
		return "S1CDMax is more than IDR1.SSIDSIZE";
	if (cdmax > V3_SSID_BITS_MAX)
		return "S1CDMax is more than 20";
	if (cdmax && field_get(ste[0], STE_S1FMT) > S1FMT_64K_L2)
		return "S1Fmt is reserved";
	if (cdmax && field_get(ste[0], STE_S1FMT) != S1FMT_LINEAR &&
	    route_register(&s->at, "idr0", &idr) && !(idr & IDR0_CD2L))
		return "IDR0.CD2L is 0: the SMMU has no tables of CDs of 2 levels";
	if (cdmax && field_get(ste[1], STE_S1DSS) > S1DSS_SSID0)
		return "S1DSS is reserved";
	if (s->info.config == IOPT_ROUTE_S1 && field_get(ste[1], STE_STRW) != STRW_NSEL1 &&
	    field_get(ste[1], STE_STRW) != STRW_EL2)
		return "STRW is reserved for a Non-secure stream";
	return NULL;
}

static const char *ste_problem(const struct iopt_route *s)
{
	uint64_t idr0;

	if (s->info.config >= IOPT_ROUTE_S2 && route_register(&s->at, "idr0", &idr0) &&
	    !(idr0 & IDR0_S2P))
		return "IDR0.S2P is 0: the SMMU has no stage 2";
	return s->info.config == IOPT_ROUTE_S2 ? NULL : stage1_problem(s);
}

/* Which CD, if any, a transaction without or with this SubstreamID takes; false: that is bad. */
static bool choose_cd(struct iopt_route *s, uint32_t *index)
{
	struct iopt_route_info *i = &s->info;
	const unsigned dss = (unsigned)field_get(i->ste[1], STE_S1DSS);
	const bool stage1 = i->config == IOPT_ROUTE_S1 || i->config == IOPT_ROUTE_NESTED;

	*index = i->ssid;
	if (i->has_ssid && (!stage1 || !i->ssid_bits))
		BAD(s, C_BAD_SUBSTREAMID,
		    stage1 ? "S1CDMax is 0: there are no SubstreamIDs"
			   : "stage 1 is off: there are no SubstreamIDs");
	else if (i->has_ssid && i->ssid >> i->ssid_bits)
		BAD(s, C_BAD_SUBSTREAMID, "S1CDMax is %u", i->ssid_bits);
	else if (!stage1 || !i->ssid_bits)
		return true;
	else if (i->has_ssid && !i->ssid && dss == S1DSS_SSID0)
		BAD(s, F_STREAM_DISABLED, "S1DSS keeps CD 0 for those without a SubstreamID");
	else if (!i->has_ssid && dss == S1DSS_TERMINATE)
		BAD(s, F_STREAM_DISABLED, "S1DSS terminates what has no SubstreamID");
	else if (!i->has_ssid && dss == S1DSS_BYPASS)
		i->config = i->config == IOPT_ROUTE_NESTED ? IOPT_ROUTE_S2 : IOPT_ROUTE_BYPASS;
	return i->config != IOPT_ROUTE_BAD;
}

/* ---- context descriptors ---- */

/* A CD, or the descriptor above it, through stage 2; false: that is bad. */
static bool read_cd_words(struct iopt_route *s, uint64_t ipa, uint64_t *words, unsigned count)
{
	struct iopt_fault fault = {0};
	uint64_t pa = ipa;
	struct iopt_event *e = &s->info.event;

	if (s->domains[1] && iopt_translate(s->domains[1], ipa, &pa, &fault)) {
		route_bad(s, fault_events[fault.type].id, fault_events[fault.type].name,
			  "stage 2 does not translate the CD's address, 0x%llx",
			  (unsigned long long)ipa);
		e->words[1] = EVENT_1_RNW;
		event_stage(e, CLASS_CD, 2, ipa);
		return false;
	}
	if (route_words(s->at.memory, pa, words, count))
		return true;
	bad_fetch(s, F_CD_FETCH, "F_CD_FETCH", "CD, or the descriptor above it,", pa);
	return false;
}

static bool read_cd(struct iopt_route *s, uint32_t index)
{
	const struct cd_table t = cd_table_make(s->info.ste);
	uint64_t base = t.base, l1cd;

	if (t.split) {
		if (!read_cd_words(s, t.base + ((uint64_t)(index >> t.split) << L1_SHIFT), &l1cd,
				   1))
			return false;
		if (!(l1cd & L1CD_V)) {
			BAD(s, C_BAD_SUBSTREAMID, "the level 1 descriptor of its CD is invalid");
			return false;
		}
		base = l1cd & L1CD_L2PTR;
		index &= (uint32_t)low_bits(t.split);
	}
	s->info.cd_pa = base + ((uint64_t)index << STE_SHIFT);
	s->info.has_cd = read_cd_words(s, s->info.cd_pa, s->info.cd, CD_WORDS);
	if (!s->info.has_cd)
		return false;
	if (!(s->info.cd[0] & CD_V))
		BAD(s, C_BAD_CD, "V is 0: the CD is invalid");
	else if (s->info.cd[0] & CD_S && s->info.ste[1] & STE_S1STALLD)
		BAD(s, C_BAD_CD, "S is set although the STE's S1STALLD forbids stalls");
	return s->info.config != IOPT_ROUTE_BAD;
}

/* ---- all ---- */

/* An SMMU that is off: as GBPA says. */
static bool is_off(struct iopt_route *s)
{
	uint64_t cr0, gbpa = 0;

	if (!route_register(&s->at, "cr0", &cr0) || cr0 & CR0_SMMUEN)
		return false;
	route_register(&s->at, "gbpa", &gbpa);
	s->info.config = gbpa & GBPA_ABORT ? IOPT_ROUTE_ABORT : IOPT_ROUTE_BYPASS;
	snprintf(s->info.problem, sizeof(s->info.problem), "CR0.SMMUEN is 0: as GBPA says");
	return true;
}

static int open_stages(struct iopt_route *s)
{
	struct iopt_route_info *i = &s->info;
	struct iopt_error why = IOPT_INIT(struct iopt_error);
	const char *problem = ste_problem(s);
	uint32_t index;
	int ret = 0;

	if (problem)
		return BAD(s, C_BAD_STE, "%s", problem);
	if (i->config >= IOPT_ROUTE_S2 && !s->borrowed)
		ret = v3_open_stage2(s, &why);
	if (i->config >= IOPT_ROUTE_S2)
		i->vmid = (unsigned)field_get(i->ste[2], STE_S2VMID);
	if (ret)
		return ret == -IOPT_ENOMEM ? ret : BAD(s, C_BAD_STE, "stage 2: %s", why.message);
	if (i->config != IOPT_ROUTE_S2)
		i->ssid_bits = (unsigned)field_get(i->ste[0], STE_S1CDMAX);
	if (!choose_cd(s, &index) || i->config == IOPT_ROUTE_S2 || i->config == IOPT_ROUTE_BYPASS)
		return 0;
	if (!read_cd(s, index))
		return 0;
	i->asid = (unsigned)field_get(i->cd[0], CD_ASID);
	ret = v3_open_stage1(s, &why);
	return !ret || ret == -IOPT_ENOMEM ? ret : BAD(s, C_BAD_CD, "%s", why.message);
}

static int v3_look_up(struct iopt_route *s, struct iopt_error *error)
{
	struct iopt_route_info *i = &s->info;
	struct stream_table table;
	uint64_t cr2, idr5;
	int ret = stream_table_make(&s->at, &table, error);

	if (ret)
		return ret;
	if (route_register(&s->at, "idr5", &idr5))
		s->output_bits = v3_output_bits(field_get(idr5, IDR5_OAS));
	if (is_off(s))
		return 0;
	i->config = IOPT_ROUTE_ABORT;
	if (read_ste(s, &table)) {
		i->config = i->wanted = configs[field_get(i->ste[0], STE_CONFIG)];
		if (i->config == IOPT_ROUTE_ABORT)
			snprintf(i->problem, sizeof(i->problem), "Config is %s, in silence",
				 field_get(i->ste[0], STE_CONFIG) ? "reserved: it aborts"
								  : "abort");
		if (i->config != IOPT_ROUTE_ABORT && i->config != IOPT_ROUTE_BYPASS)
			ret = open_stages(s);
		else if (i->config == IOPT_ROUTE_BYPASS)
			choose_cd(s, &(uint32_t){0});
	}
	if (i->config != IOPT_ROUTE_BAD)
		return ret;
	event_begin(s, &i->event);
	if (i->event.id == C_BAD_STREAMID && route_register(&s->at, "cr2", &cr2))
		i->event.recorded = cr2 & CR2_RECINVSID;
	return ret;
}

const struct route_ops route_v3_ops = {
	.look_up = v3_look_up, .override = v3_override, .fault = v3_fault};
