/* SPDX-License-Identifier: MIT */
/* smmu fault: what a context bank's fault registers say, and what the tables say to it. */
#include "handlers.h"

#define FSYNR0_IND BIT(6)
#define FSYNR0_PNU BIT(5)
#define FSYNR0_WNR BIT(4)

#define FSR_UUT	   BIT(8)
#define FSR_ASF	   BIT(7)
#define FSR_TLBLKF BIT(6)
#define FSR_TLBMCF BIT(5)
#define FSR_EF	   BIT(4)
#define FSR_PF	   BIT(3)
#define FSR_AFF	   BIT(2)
#define FSR_TF	   BIT(1)
#define FSR_FAULTS BITS(8, 1)

struct fault {
	struct session *s;
	struct out *o;
	uint64_t fsr;
	struct named_domain *domain; /* of the bank */
	unsigned access, el;
};

static const struct {
	uint64_t bit;
	enum iopt_fault_type type; /* NONE: tables have no part in it */
	const char *name;
} causes[] = {
	{FSR_TF, IOPT_FAULT_TRANSLATION, "translation"},
	{FSR_AFF, IOPT_FAULT_ACCESS, "access"},
	{FSR_PF, IOPT_FAULT_PERMISSION, "permission"},
	{FSR_ASF, IOPT_FAULT_ADDRESS_SIZE, "address-size"},
	{FSR_EF, IOPT_FAULT_EXTERNAL, "external"},
	{FSR_TLBMCF, IOPT_FAULT_NONE, "tlb-conflict"},
	{FSR_TLBLKF, IOPT_FAULT_NONE, "tlb-lock"},
	{FSR_UUT, IOPT_FAULT_NONE, "unsupported-transaction"},
};

static struct named_domain *domain_of_bank(const struct session *s, const struct iopt_smmu *smmu,
					   uint64_t bank)
{
	for (size_t i = 0; i < s->domain_count; i++) {
		struct iopt_domain *d = s->domains[i]->domain;
		unsigned has, asid, vmid;

		if (iopt_domain_smmu(d) == smmu && !iopt_domain_context(d, &has, &asid, &vmid) &&
		    has == bank)
			return s->domains[i];
	}
	return NULL;
}

/* It has one set of permissions, whoever asks. */
static bool is_stage2(const struct named_domain *d)
{
	struct iopt_space space = IOPT_INIT(struct iopt_space);

	return !iopt_domain_space(d->domain, 0, &space) && space.regime == IOPT_REGIME_STAGE2;
}

static bool has_stream(const struct iopt_device *device, const struct arg *sid)
{
	struct iopt_device_config config = IOPT_INIT(struct iopt_device_config);

	iopt_device_info(device, &config);
	for (unsigned i = 0; i < config.stream_count; i++)
		if (!((sid->number ^ config.streams[i].id) & ~(uint64_t)config.streams[i].mask))
			return true;
	return false;
}

/* Whose transaction it was: by its stream, or else all that the bank translates for. */
static void show_devices(const struct fault *f, const struct arg *sid)
{
	struct iopt_device *device;

	if (sid)
		out_bits(f->o, "sid", sid->number, false);
	out_begin_list(f->o, "devices");
	for (unsigned i = 0; (device = iopt_domain_device(f->domain->domain, i)); i++) {
		const struct named_device *d = device_named(&f->s->objects, device);

		if (d && (!sid || has_stream(device, sid)))
			out_str(f->o, NULL, d->named.name);
	}
	out_end(f->o);
}

static int show_register(struct session *s, struct out *o, const struct arg *arg, const char *name)
{
	const struct iopt_field_sink sink = field_list(o);
	int r;

	out_begin_object(o, NULL);
	out_str(o, "name", name);
	out_hex(o, "value", arg->number);
	out_begin_list(o, "fields");
	r = iopt_decode(name, &arg->number, 1, &sink);
	out_end(o);
	out_end(o);
	return r ? fail_usage(s, arg->word, "%s has 32 bits", name) : 0;
}

static int show_told(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *fsr = args_get(a, "--fsr"), *fsynr0 = args_get(a, "--fsynr0");
	int r;

	out_begin_list(o, "told");
	r = show_register(s, o, fsr, "fsr");
	if (!r && fsynr0)
		r = show_register(s, o, fsynr0, "fsynr0");
	out_end(o);
	return r;
}

static void show_causes(const struct fault *f)
{
	out_begin_list(f->o, "faults");
	for (size_t i = 0; i < ARRAY_SIZE(causes); i++)
		if (f->fsr & causes[i].bit)
			out_str(f->o, NULL, causes[i].name);
	out_end(f->o);
}

/* The last descriptor that the walk read: the one that decides. */
static void show_descriptor(const struct fault *f, const struct iopt_walk *walk)
{
	if (!walk->step_count)
		return;
	out_begin_list(f->o, "steps");
	show_walk_step(f->o, f->domain, walk, walk->step_count - 1);
	out_end(f->o);
}

static const char *verdict(const struct fault *f, const struct iopt_walk *walk)
{
	for (size_t i = 0; i < ARRAY_SIZE(causes); i++)
		if (walk->fault.type && f->fsr & causes[i].bit &&
		    causes[i].type == walk->fault.type)
			return "the tables say the same";
	if (!(f->fsr & FSR_FAULTS))
		return "FSR tells no fault";
	if (!walk->fault.type)
		return "the tables translate it: they, or what a TLB held, have changed since";
	return "the tables say something else";
}

static int show_sentence(void *arg, const char *sentence)
{
	out_str(arg, NULL, sentence);
	return 0;
}

static void show_tables(const struct fault *f, uint64_t far)
{
	struct iopt_walk walk = IOPT_INIT(struct iopt_walk);

	iopt_walk(f->domain->domain, far, f->access, f->el, &walk);
	if (walk.fault.type)
		show_fault(f->o, &walk.fault);
	else
		out_hex(f->o, "pa", walk.pa);
	out_str(f->o, "verdict", verdict(f, &walk));
	show_descriptor(f, &walk);
	out_begin_list(f->o, "why");
	iopt_walk_explain(f->domain->domain, &walk, f->access, f->el, show_sentence, f->o);
	out_end(f->o);
}

int cmd_smmu_fault(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *smmu = args_get(a, "SMMU"), *bank = args_get(a, "--bank");
	const struct arg *fsr = args_get(a, "--fsr"), *far = args_get(a, "--far");
	struct fault f = {.s = s, .o = o, .fsr = fsr ? fsr->number : 0};
	struct iopt_smmu_config config = IOPT_INIT(struct iopt_smmu_config);
	const uint64_t fsynr0 = args_number(a, "--fsynr0", 0);
	int r;

	iopt_smmu_info(smmu->smmu->smmu, &config);
	if (config.model == IOPT_SMMU_V3)
		return fail(
			s, smmu->word, IOPT_EINVAL, IOPT_FAILURE_REQUEST,
			"an SMMUv3 has no context banks: its faults are events, decode event=W0,..,W3");
	if (!bank || !fsr || !far)
		return fail_usage(s, NULL, "--bank, --fsr and --far are all needed");
	f.access = fsynr0 & FSYNR0_WNR	 ? IOPT_ACCESS_W
		   : fsynr0 & FSYNR0_IND ? IOPT_ACCESS_X
					 : IOPT_ACCESS_R;
	f.domain = domain_of_bank(s, smmu->smmu->smmu, bank->number);
	if (!f.domain)
		return fail(s, bank->word, IOPT_ENOENT, IOPT_FAILURE_REQUEST,
			    "no domain has context bank %s of %s", bank->text, smmu->text);
	out_str(o, "smmu", smmu->text);
	out_count(o, "bank", bank->number);
	out_str(o, "domain", f.domain->name);
	f.el = fsynr0 & FSYNR0_PNU || is_stage2(f.domain);
	r = show_told(s, a, o);
	if (r)
		return r;
	show_causes(&f);
	show_devices(&f, args_get(a, "--sid"));
	out_hex(o, "far", far->number);
	out_str(o, "access",
		f.access == IOPT_ACCESS_W   ? "write"
		: f.access == IOPT_ACCESS_X ? "execute"
					    : "read");
	out_count(o, "el", f.el);
	show_tables(&f, far->number);
	return 0;
}
