/* SPDX-License-Identifier: MIT */
/* smmu decode: the streams of an SMMUv3 in memory, and their tables as domains. */
#include "handlers.h"
#include "streams.h"

enum {
	DOMAINS_MAX = 1024,    /* that are opened: more can be asked for one by one, with --sid */
	SUBSTREAMS_MAX = 4096, /* that are told, of all streams */
};

/* Streams in a row that have no tables and the same reason for it: as text, one line. */
struct alike {
	bool any;
	uint32_t first, last;
	struct iopt_route_info info; /* of the first */
};

struct decoding {
	struct alike alike;
	struct session *s;
	struct out *out;
	struct chosen_streams chosen;
	const struct iopt_route_info *info; /* of the stream that is being told */
	struct named_domain *stage2;
	unsigned opened, substreams;
	int ret;
	bool bad; /* the last stream that was told */
};

/* ---- domains ---- */

/* Those of the last time go, unless somebody has come to need them. */
static int close_decoded(struct session *s, const struct named_memory *memory)
{
	size_t i;

	for (i = 0; i < s->domain_count; i++) {
		struct named_domain *d = s->domains[i];
		const struct named_domain *above = domain_above(s, d);

		if (!d->of_decode || d->memory != memory)
			continue;
		if (iopt_domain_device(d->domain, 0) || (above && !above->of_decode))
			return fail(s, NULL, IOPT_EBUSY, IOPT_FAILURE_REQUEST,
				    "%s of the last smmu decode is in use", d->name);
	}
	/* what is above a stage 2 was opened behind it */
	for (i = s->domain_count; i-- > 0;)
		if (s->domains[i]->of_decode && s->domains[i]->memory == memory)
			delete_domain(s, s->domains[i]);
	return 0;
}

/* Takes over the stage of a route; NULL: it has none, or there are too many. */
static struct named_domain *keep_domain(struct decoding *d, struct iopt_route *route, int stage,
					const char *name)
{
	struct iopt_domain *domain;
	struct named_domain *named;

	if (!iopt_route_domain(route, stage) || d->opened == DOMAINS_MAX)
		return NULL;
	if (find_domain(d->s, name)) {
		warn(d->s, "there is a domain '%s' already: that of the stream is not opened",
		     name);
		return NULL;
	}
	domain = iopt_route_take_domain(route, stage);
	named = domain ? add_domain(d->s, name, domain, d->chosen.memory) : NULL;
	if (!named) {
		d->ret = -IOPT_ENOMEM;
		return NULL;
	}
	named->of_decode = true;
	if (stage == 1)
		named->stage2 = d->stage2;
	d->opened++;
	return named;
}

/* Stage 2 first: it is what stage 1 stands on.  Without it stage 1 is not kept. */
static struct named_domain *keep_domains(struct decoding *d, struct iopt_route *route,
					 const struct iopt_route_info *info, const char *name)
{
	char below[NAME_BYTES];

	if (!info->has_ssid && iopt_route_domain(route, 2)) {
		snprintf(below, sizeof(below), "sid%u.s2", info->sid);
		if (d->opened + 2 > DOMAINS_MAX)
			return NULL;
		d->stage2 = keep_domain(d, route, 2, below);
		if (!d->stage2)
			return NULL;
	}
	if (info->config == IOPT_ROUTE_S2)
		return d->stage2;
	return keep_domain(d, route, 1, name);
}

/* ---- records ---- */

static void show_name(struct out *o, const char *name, const struct named_domain *d)
{
	if (d)
		out_str(o, name, d->name);
	else
		out_null(o, name);
}

static void show_problem(struct out *o, const struct iopt_route_info *info)
{
	if (info->event.name)
		out_str(o, "event", info->event.name);
	if (info->problem[0])
		out_str(o, "problem", info->problem);
}

static int tell_substream(void *arg, uint32_t ssid)
{
	struct decoding *d = arg;
	struct iopt_route_info info = IOPT_INIT(struct iopt_route_info);
	struct iopt_route *route;
	struct named_domain *domain;
	char name[NAME_BYTES];
	int r;

	if (d->substreams == SUBSTREAMS_MAX)
		return 1;
	d->substreams++;
	/* CD 0 is told as the stream's own where that is what it is for */
	r = iopt_route_open(&d->chosen.streams, d->info->sid, &ssid,
			    d->stage2 ? d->stage2->domain : NULL, &route, &d->s->error);
	if (r)
		return r;
	iopt_route_info(route, &info);
	snprintf(name, sizeof(name), "sid%u.ssid%u", info.sid, ssid);
	domain = info.has_cd ? keep_domain(d, route, 1, name) : NULL;
	out_begin_object(d->out, NULL);
	out_count(d->out, "ssid", ssid);
	out_count(d->out, "asid", info.asid);
	show_name(d->out, "domain", domain);
	show_problem(d->out, &info);
	out_end(d->out);
	iopt_route_close(route);
	return d->ret;
}

static const char *config_of(const struct iopt_route_info *info)
{
	return iopt_route_config_name(info->has_ste ? info->wanted : info->config);
}

static bool is_alike(const struct iopt_route_info *a, const struct iopt_route_info *b)
{
	return a->has_ste == b->has_ste && a->wanted == b->wanted && a->config == b->config &&
	       !a->event.name == !b->event.name &&
	       (!a->event.name || strcmp(a->event.name, b->event.name) == 0) &&
	       strcmp(a->problem, b->problem) == 0;
}

static void tell_alike(struct decoding *d)
{
	const struct alike *alike = &d->alike;

	if (!alike->any)
		return;
	out_begin_record(d->out, "sid {sid}[..{last}] {config}[: {event}][: {problem}]");
	out_count(d->out, "sid", alike->first);
	if (alike->last != alike->first)
		out_count(d->out, "last", alike->last);
	out_str(d->out, "config", config_of(&alike->info));
	show_problem(d->out, &alike->info);
	out_end_record(d->out);
	d->alike.any = false;
}

/* Is it told with its neighbours?  Those that it is not like are told now. */
static bool joins(struct decoding *d, const struct iopt_route_info *info)
{
	struct alike *alike = &d->alike;
	const bool plain = !d->out->json && info->wanted < IOPT_ROUTE_S1 && !info->has_cd;

	if (alike->any && (!plain || alike->last + 1 != info->sid || !is_alike(&alike->info, info)))
		tell_alike(d);
	if (!plain)
		return false;
	if (!alike->any)
		*alike = (struct alike){.any = true, .first = info->sid, .info = *info};
	alike->last = info->sid;
	return true;
}

static int tell_stream(struct decoding *d, struct iopt_route *route)
{
	struct iopt_route_info info = IOPT_INIT(struct iopt_route_info);
	struct named_domain *domain = NULL;
	char name[NAME_BYTES];
	int r = 0;

	iopt_route_info(route, &info);
	d->info = &info;
	d->stage2 = NULL;
	d->bad = info.config == IOPT_ROUTE_BAD;
	if (joins(d, &info))
		return 0;
	snprintf(name, sizeof(name), "sid%u", info.sid);
	domain = keep_domains(d, route, &info, name);
	out_begin_record(d->out,
			 "sid {sid} {config}[ asid {asid}][ vmid {vmid}][ {domain}]"
			 "[ over {stage2}][: {event}][: {problem}]"
			 "<<substreams \n  ssid {ssid}[ asid {asid}][ {domain}][: {problem}]>>");
	out_count(d->out, "sid", info.sid);
	out_str(d->out, "config", config_of(&info));
	out_hex(d->out, "ste_pa", info.ste_pa);
	if (info.has_cd)
		out_count(d->out, "asid", info.asid);
	if (info.wanted >= IOPT_ROUTE_S2)
		out_count(d->out, "vmid", info.vmid);
	if (info.wanted >= IOPT_ROUTE_S1)
		show_name(d->out, "domain", domain);
	if (info.wanted == IOPT_ROUTE_NESTED)
		show_name(d->out, "stage2", d->stage2);
	show_problem(d->out, &info);
	if (info.ssid_bits) {
		out_begin_list(d->out, "substreams");
		r = iopt_substreams_visit(route, tell_substream, d);
		out_end(d->out);
	}
	out_end_record(d->out);
	return r < 0 ? r : d->ret;
}

static int tell_one(struct decoding *d, uint32_t sid)
{
	struct iopt_route *route;
	int r = iopt_route_open(&d->chosen.streams, sid, NULL, NULL, &route, &d->s->error);

	if (r)
		return r;
	r = tell_stream(d, route);
	iopt_route_close(route);
	return r;
}

static int on_stream(void *arg, const struct iopt_stream_found *found)
{
	struct decoding *d = arg;

	if (d->out->truncated)
		return 1;
	if (!found->again)
		return tell_one(d, found->sid);
	tell_alike(d);
	out_begin_record(d->out, "sid {sid}..{last}: the same as those from {same_as} on");
	out_count(d->out, "sid", found->sid);
	out_count(d->out, "last", found->last);
	out_count(d->out, "same_as", found->same_as);
	out_end_record(d->out);
	return 0;
}

/* ---- the command ---- */

/* A file's, or pairs; the session keeps them for translate and walk. */
static int take_registers(struct session *s, const struct arg *given, struct decoding *d)
{
	struct iopt_registers *registers;
	struct iopt_route *route;
	int r = iopt_registers_create(&registers);

	if (r)
		return fail_library(s, NULL, r);
	d->chosen = (struct chosen_streams){
		.streams = IOPT_INIT(struct iopt_streams), .memory = s->memory, .owned = registers};
	d->chosen.streams.memory = s->memory->memory;
	d->chosen.streams.registers = registers;
	d->chosen.streams.model = IOPT_SMMU_V3;
	r = read_registers(s, given, registers);
	if (r)
		return r;
	r = iopt_route_open(&d->chosen.streams, 0, NULL, NULL, &route, &s->error);
	if (r)
		return fail_library(s, given->word, r);
	iopt_route_close(route);
	return 0;
}

static int decode(struct decoding *d, const struct arg *sid)
{
	int r;

	if (sid)
		r = tell_one(d, sid->stream.id);
	else
		r = iopt_streams_visit(&d->chosen.streams, on_stream, d, &d->s->error);
	tell_alike(d);
	if (d->opened == DOMAINS_MAX)
		warn(d->s, "only %d domains are opened; --sid N opens those of one stream",
		     DOMAINS_MAX);
	if (d->substreams == SUBSTREAMS_MAX)
		warn(d->s, "only %d substreams are told; --sid N tells those of one stream",
		     SUBSTREAMS_MAX);
	out_records(d->out);
	if (r < 0)
		return fail_library(d->s, NULL, r);
	return sid && d->bad;
}

int cmd_smmu_decode(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *given = args_get(a, "--registers"), *sid = args_get(a, "--sid");
	const struct arg *smmu = args_get(a, "-s");
	struct decoding d = {.s = s, .out = o};
	char current[NAME_BYTES];
	int r;

	snprintf(current, sizeof(current), "%s", s->domain ? s->domain->name : "");
	if (given && smmu)
		return fail_usage(s, smmu->word, "-s does not go with --registers");
	if (sid && sid->has_number)
		return fail_usage(s, sid->word, "all substreams of a stream are told");
	r = given ? take_registers(s, given, &d) : choose_streams(s, a, &d.chosen);
	if (!r && d.chosen.streams.model != IOPT_SMMU_V3)
		r = fail(s, smmu ? smmu->word : NULL, IOPT_EINVAL, IOPT_FAILURE_REQUEST,
			 "only an SMMUv3 has a stream table");
	if (!r)
		r = close_decoded(s, d.chosen.memory);
	if (r) {
		chosen_streams_destroy(&d.chosen);
		return r;
	}
	r = decode(&d, sid);
	/* to look at streams is not to choose one, unless nothing was chosen */
	if (find_domain(s, current))
		s->domain = find_domain(s, current);
	if (!given) {
		chosen_streams_destroy(&d.chosen);
		return r;
	}
	iopt_registers_destroy(s->decoded);
	s->decoded = d.chosen.owned;
	s->decoded_memory = d.chosen.memory;
	return r;
}
