/* SPDX-License-Identifier: MIT */
/* walk: every step, with every field of what it read, and what came of it. */
#include "handlers.h"

void show_walk_step(struct out *o, const struct named_domain *d, const struct iopt_walk *walk,
		    unsigned i)
{
	const struct iopt_step *step = &walk->steps[i];
	const struct iopt_field_sink sink = field_list(o);
	unsigned hi, lo;
	char bits[16];

	out_begin_object(o, NULL);
	out_signed(o, "stage", step->stage);
	out_signed(o, "level", step->level);
	out_hex(o, "table", step->table);
	out_count(o, "index", step->index);
	if (!iopt_step_index(d->domain, walk, i, &hi, &lo)) {
		snprintf(bits, sizeof(bits), "%u:%u", hi, lo);
		out_str(o, "bits", bits);
	}
	out_hex(o, "descriptor_pa", step->desc_pa);
	if (step->absent)
		out_null(o, "descriptor");
	else
		out_hex(o, "descriptor", step->desc);
	out_str(o, "type", step->absent ? iopt_presence_name(step->presence)
					: iopt_type_name(step->type));
	out_begin_list(o, "fields");
	iopt_step_decode(d->domain, walk, i, &sink);
	out_end(o);
	out_end(o);
}

static int show_sentence(void *arg, const char *sentence)
{
	out_str(arg, NULL, sentence);
	return 0;
}

/* The exception level that is asked, or the one whose tables they are. */
static unsigned level_of(const struct args *a, const struct named_domain *d)
{
	static const unsigned own[] = {[IOPT_REGIME_EL1] = 1,
				       [IOPT_REGIME_EL2] = 2,
				       [IOPT_REGIME_EL3] = 3,
				       [IOPT_REGIME_STAGE2] = 1};
	struct iopt_space space = IOPT_INIT(struct iopt_space);

	if (iopt_domain_space(d->domain, 0, &space))
		return 1;
	return (unsigned)args_number(a, "--el", own[space.regime]);
}

unsigned access_of(const struct args *a)
{
	static const unsigned accesses[] = {IOPT_ACCESS_R, IOPT_ACCESS_W, IOPT_ACCESS_X};
	const struct arg *access = args_get(a, "--access");

	if (access)
		return accesses[access->number];
	return args_get(a, "--el") ? IOPT_ACCESS_R : 0;
}

void show_missing(struct out *o, const struct iopt_walk *walk)
{
	unsigned i = walk->step_count;

	while (i && !walk->steps[i - 1].absent)
		i--;
	show_fault_begin(o, &walk->fault);
	if (i)
		out_str(o, "memory", iopt_presence_name(walk->steps[i - 1].presence));
	out_end(o);
}

static void show_outcome(struct out *o, const struct named_domain *d, const struct iopt_walk *walk)
{
	if (walk->fault.type) {
		out_null(o, "pa");
	} else {
		out_hex(o, "pa", walk->pa);
		out_hex(o, "size", walk->size);
		out_count(o, "stage", d->stage2 ? 2 : (unsigned)walk->steps[0].stage);
	}
	if (d->stage2 && (!walk->fault.type || walk->ipa))
		out_hex(o, "ipa", walk->ipa);
	if (walk->fault.type) {
		show_missing(o, walk);
	} else {
		show_attrs(o, &walk->attrs, true);
	}
}

void show_walk(struct out *o, const struct named_domain *d, const struct iopt_walk *walk,
	       unsigned access, unsigned el)
{
	unsigned i;

	show_outcome(o, d, walk);
	out_begin_list(o, "steps");
	for (i = 0; i < walk->step_count; i++)
		show_walk_step(o, d, walk, i);
	out_end(o);
	out_begin_list(o, "why");
	iopt_walk_explain(d->domain, walk, access, el, show_sentence, o);
	out_end(o);
}

static bool walk_one(const struct args *a, struct out *o, struct named_domain *d, uint64_t iova)
{
	struct iopt_walk walk = IOPT_INIT(struct iopt_walk);
	const unsigned access = access_of(a), el = level_of(a, d);
	int r = iopt_walk(d->domain, iova, access, el, &walk);

	out_hex(o, "iova", iova);
	show_walk(o, d, &walk, access, el);
	return !r;
}

int cmd_walk(struct session *s, const struct args *a, struct out *o)
{
	struct iopt_walk walk = IOPT_INIT(struct iopt_walk);
	struct iopt_space space = IOPT_INIT(struct iopt_space);
	const struct arg *el = args_get(a, "--el");
	struct named_domain *d;

	if (args_get(a, "--sid") || args_get(a, "-s"))
		return walk_stream(s, a, o);
	d = args_domain(s, a);
	if (!d)
		return (int)s->error.failure;
	if (iopt_domain_space(d->domain, 0, &space))
		return fail(s, NULL, IOPT_ENODEV, IOPT_FAILURE_REQUEST, "%s has no tables yet",
			    d->name);
	if (iopt_walk(d->domain, 0, access_of(a), level_of(a, d), &walk) == -IOPT_EINVAL)
		return fail_usage(s, el ? el->word : NULL,
				  "no access from EL%u goes through the tables of %s",
				  level_of(a, d), d->name);
	return ask_each(s, a, o, walk_one);
}
