/* SPDX-License-Identifier: MIT */
/* translate --sid and walk --sid: one stream's transactions, as its SMMU takes them. */
#include "handlers.h"
#include "interrupt.h"
#include "streams.h"

/* ---- what there is to tell ---- */

static void show_words(struct out *o, const char *name, const uint64_t *words, size_t count)
{
	size_t i;

	out_begin_list(o, name);
	for (i = 0; i < count; i++)
		out_hex(o, NULL, words[i]);
	out_end(o);
}

void show_event(struct out *o, const struct iopt_event *event)
{
	if (!event->name) {
		out_null(o, "event");
		return;
	}
	out_begin_object(o, "event");
	out_str(o, "name", event->name);
	out_count(o, "id", event->id);
	out_bool(o, "recorded", event->recorded);
	if (event->what)
		out_str(o, "class", event->what);
	if (event->stage)
		out_signed(o, "stage", event->stage);
	if (event->has_ipa)
		out_hex(o, "ipa", event->ipa);
	show_words(o, "words", event->words, ARRAY_SIZE(event->words));
	out_end(o);
}

static void show_structure(struct out *o, const char *name, uint64_t pa, const uint64_t *words)
{
	const struct iopt_field_sink sink = field_list(o);

	out_begin_object(o, name);
	out_hex(o, "pa", pa);
	show_words(o, "words", words, 8);
	out_begin_list(o, "fields");
	iopt_decode(name, words, 8, &sink);
	out_end(o);
	out_end(o);
}

static void show_stream(struct out *o, const struct iopt_route_info *info, bool whole)
{
	out_count(o, "sid", info->sid);
	if (info->has_ssid)
		out_count(o, "ssid", info->ssid);
	out_str(o, "config", iopt_route_config_name(info->config));
	if (info->match >= 0)
		out_signed(o, "group", info->match);
	if (info->bank >= 0)
		out_signed(o, "context_bank", info->bank);
	if (whole && info->has_ste)
		show_structure(o, "ste", info->ste_pa, info->ste);
	if (whole && info->has_cd)
		show_structure(o, "cd", info->cd_pa, info->cd);
}

/* ---- questions ---- */

struct question {
	struct session *s;
	const struct args *args;
	struct out *out;
	struct iopt_route *route;
	struct iopt_route_info info;
	unsigned access;
	bool privileged, whole;
};

static void show_walked(const struct question *q, const struct iopt_route_answer *answer)
{
	struct named_domain stage2 = {.domain = iopt_route_domain(q->route, 2)};
	const struct named_domain d = {
		.domain = iopt_route_walked(q->route),
		.stage2 = q->info.config == IOPT_ROUTE_NESTED ? &stage2 : NULL,
	};

	show_walk(q->out, &d, &answer->walk, q->access, iopt_route_level(q->route, q->privileged));
}

static int ask(const struct question *q, uint64_t iova)
{
	struct iopt_route_answer answer = IOPT_INIT(struct iopt_route_answer);
	int r = iopt_route_translate(q->route, iova, q->access, q->privileged, &answer);

	if (r && r != -IOPT_EFAULT)
		return fail_library(q->s, NULL, r);
	show_stream(q->out, &q->info, q->whole);
	out_hex(q->out, "iova", iova);
	if (q->whole && answer.walked) {
		show_walked(q, &answer);
	} else {
		if (r)
			out_null(q->out, "pa");
		else
			out_hex(q->out, "pa", answer.pa);
		if (answer.walk.fault.type)
			show_fault(q->out, &answer.walk.fault);
	}
	if (r && q->info.problem[0])
		out_str(q->out, "problem", q->info.problem);
	if (r)
		show_event(q->out, &answer.event);
	out_answer(q->out, !r);
	return r != 0;
}

static int ask_all(const struct question *q)
{
	const struct args *a = q->args;
	int status = 0;
	size_t i;

	for (i = 0; i < a->count; i++) {
		int r;

		if (a->list[i].spec->option)
			continue;
		out_next_answer(q->out);
		if (interrupted())
			return fail_library(q->s, NULL, IOPT_EINTR);
		r = ask(q, a->list[i].number);
		if (r > 1 || q->s->error.code)
			return r;
		status |= r;
	}
	return status;
}

static int with_stream(struct session *s, const struct args *a, struct out *o, bool whole)
{
	const struct arg *sid = args_get(a, "--sid"), *d = args_get(a, "-d");
	const struct arg *el = args_get(a, "--el");
	struct question q = {.s = s, .args = a, .out = o, .whole = whole};
	struct chosen_streams c;
	int r;

	if (d)
		return fail_usage(s, d->word, "-d does not go with a stream, which has its own");
	if (!sid)
		return fail_usage(s, args_get(a, "-s")->word, "-s goes with --sid");
	if (el && el->number > 1)
		return fail_usage(s, el->word, "a stream is unprivileged or privileged: 0 or 1");
	r = choose_streams(s, a, &c);
	if (r)
		return r;
	r = iopt_route_open(&c.streams, sid->stream.id, sid->has_number ? &sid->stream.mask : NULL,
			    NULL, &q.route, &s->error);
	if (r) {
		chosen_streams_destroy(&c);
		return fail_library(s, sid->word, r);
	}
	q.info = IOPT_INIT(struct iopt_route_info);
	iopt_route_info(q.route, &q.info);
	q.access = access_of(a);
	q.privileged = el && el->number == 1;
	r = ask_all(&q);
	iopt_route_close(q.route);
	chosen_streams_destroy(&c);
	return r;
}

/* ---- events ---- */

/* The transaction of an event record: word 0 says whose, word 1 what, word 2 where. */
static int open_event(struct session *s, const struct arg *arg, const uint64_t *words,
		      const struct chosen_streams *c, struct question *q)
{
	const uint32_t sid = (uint32_t)field_get(words[0], BITS(63, 32));
	const uint32_t ssid = (uint32_t)field_get(words[0], BITS(31, 12));
	const bool has_ssid = field_get(words[0], BITS(11, 11)), reads = field_get(words[1], BITS(35, 35));
	const bool fetches = field_get(words[1], BITS(34, 34));
	int r = iopt_route_open(&c->streams, sid, has_ssid ? &ssid : NULL, NULL, &q->route,
				&s->error);

	if (r)
		return fail_library(s, arg->word, r);
	q->info = IOPT_INIT(struct iopt_route_info);
	iopt_route_info(q->route, &q->info);
	q->access = !reads ? IOPT_ACCESS_W : fetches ? IOPT_ACCESS_X : IOPT_ACCESS_R;
	q->privileged = field_get(words[1], BITS(33, 33));
	return 0;
}

static int ask_again(const struct question *q, const uint64_t *words)
{
	struct iopt_route_answer answer = IOPT_INIT(struct iopt_route_answer);
	int r = iopt_route_translate(q->route, words[2], q->access, q->privileged, &answer);
	struct out *o = q->out;

	if (r && r != -IOPT_EFAULT)
		return fail_library(q->s, NULL, r);
	out_begin_object(o, "transaction");
	show_stream(o, &q->info, true);
	out_hex(o, "iova", words[2]);
	if (answer.walked)
		show_walked(q, &answer);
	else if (!r)
		out_hex(o, "pa", answer.pa);
	if (q->info.problem[0])
		out_str(o, "problem", q->info.problem);
	show_event(o, &answer.event);
	out_bool(o, "same", answer.event.name && answer.event.id == (words[0] & 0xff));
	out_end(o);
	return 0;
}

int explain_event(struct session *s, const struct args *a, struct out *o, const struct arg *arg,
		  const uint64_t *words)
{
	struct question q = {.s = s, .args = a, .out = o, .whole = true};
	struct chosen_streams c;
	int r;

	if (!args_get(a, "-s") && !has_one_smmu_v3(s))
		return 0;
	r = choose_streams(s, a, &c);
	if (r)
		return r;
	if (c.streams.model != IOPT_SMMU_V3) {
		chosen_streams_destroy(&c);
		return fail_usage(s, args_get(a, "-s")->word, "only an SMMUv3 has an event queue");
	}
	r = open_event(s, arg, words, &c, &q);
	if (!r) {
		r = ask_again(&q, words);
		iopt_route_close(q.route);
	}
	chosen_streams_destroy(&c);
	return r;
}

int translate_stream(struct session *s, const struct args *a, struct out *o)
{
	return with_stream(s, a, o, false);
}

int walk_stream(struct session *s, const struct args *a, struct out *o)
{
	return with_stream(s, a, o, true);
}
