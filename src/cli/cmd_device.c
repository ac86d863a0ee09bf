/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "handlers.h"

#define DEFAULT_SUFFIX ".dma"

struct named_domain *domain_named(const struct session *s, const struct iopt_domain *domain)
{
	size_t i;

	for (i = 0; domain && i < s->domain_count; i++)
		if (s->domains[i]->domain == domain)
			return s->domains[i];
	return NULL;
}

/* ---- device add ---- */

/* Its own name, and the one that its default domain may get, must be free. */
static int check_new_device(struct session *s, const struct arg *name, char *domain)
{
	if (named_find(&s->objects.devices, name->text))
		return fail(s, name->word, IOPT_EEXIST, IOPT_FAILURE_REQUEST,
			    "there is already a device '%s'", name->text);
	if (strlen(name->text) + sizeof(DEFAULT_SUFFIX) > NAME_BYTES)
		return fail_usage(s, name->word, "a device's name has up to %zu letters",
				  NAME_BYTES - sizeof(DEFAULT_SUFFIX));
	snprintf(domain, NAME_BYTES, "%.*s" DEFAULT_SUFFIX,
		 NAME_BYTES - (int)sizeof(DEFAULT_SUFFIX), name->text);
	if (find_domain(s, domain))
		return fail(s, name->word, IOPT_EEXIST, IOPT_FAILURE_REQUEST,
			    "there is already a domain '%s', as its default domain is to be called",
			    domain);
	return 0;
}

static int read_streams(struct session *s, const struct args *a, struct iopt_device_config *config,
			struct iopt_stream **streams)
{
	const struct arg *sid = args_get(a, "--sid");
	unsigned i;

	*streams = NULL;
	if (sid && !config->smmu)
		return fail_usage(s, sid->word, "--sid goes with --smmu");
	if (!config->smmu)
		return 0;
	if (!sid)
		return fail_usage(s, args_get(a, "--smmu")->word,
				  "--smmu goes with at least one --sid");
	*streams = calloc(a->count, sizeof(**streams));
	if (!*streams)
		return fail_library(s, NULL, IOPT_ENOMEM);
	for (i = 0; (sid = args_nth(a, "--sid", i)) != NULL; i++)
		(*streams)[i] = sid->stream;
	config->streams = *streams;
	config->stream_count = i;
	return 0;
}

static void read_config(const struct session *s, const struct args *a,
			struct iopt_device_config *config)
{
	const struct arg *smmu = args_get(a, "--smmu"), *pool = args_get(a, "--pool");

	config->name = args_get(a, "NAME")->text;
	config->smmu = smmu ? smmu->smmu->smmu : NULL;
	config->coherent = args_get(a, "--coherent") != NULL;
	config->pci = args_get(a, "--pci") != NULL;
	config->default_domain =
		(enum iopt_default_domain)args_number(a, "--default", IOPT_DEFAULT_STRICT);
	config->bus_base = args_number(a, "--bus-base", 0);
	config->bus_limit = args_number(a, "--bus-limit", 0);
	config->max_segment = args_number(a, "--max-segment", 0);
	config->segment_boundary = args_number(a, "--segment-boundary", 0);
	config->cpu_page_size = s->settings.cpu_page_size;
	config->ssid_bits = (unsigned)args_number(a, "--ssid-bits", 0);
	config->can_stall = args_get(a, "--can-stall") != NULL;
	if (pool) {
		config->pool_base = pool->range.first;
		config->pool_size = pool->range.last - pool->range.first + 1;
	}
}

/* What its driver asks for first: dma_set_mask_and_coherent(). */
static int set_masks(struct session *s, const struct args *a, struct iopt_device *device)
{
	const struct arg *mask = args_get(a, "--dma-mask");
	const struct arg *coherent = args_get(a, "--coherent-mask");
	int r = 0;

	if (mask)
		r = iopt_device_set_mask(device, (unsigned)mask->number, false, &s->error);
	if (r)
		return fail_library(s, mask->word, r);
	if (!coherent)
		coherent = mask;
	if (coherent)
		r = iopt_device_set_mask(device, (unsigned)coherent->number, true, &s->error);
	return r ? fail_library(s, coherent->word, r) : 0;
}

/* Its group's default domain, unless another device of the group gave it a name. */
static int name_default(struct session *s, const struct named_device *d, const char *name)
{
	struct iopt_domain *domain = iopt_device_default_domain(d->device);
	struct named_domain *current = s->domain, *added;

	if (!domain || domain_named(s, domain))
		return 0;
	added = add_domain(s, name, domain, d->memory);
	if (!added)
		return fail_library(s, NULL, IOPT_ENOMEM);
	added->of_group = true;
	added->group = iopt_device_group(d->device);
	s->domain = current;
	return 0;
}

static int name_device(struct session *s, const struct args *a, struct iopt_device *device,
		       const char *domain, struct named_device **added)
{
	const struct arg *smmu = args_get(a, "--smmu");
	struct named_device *d =
		named_add(&s->objects.devices, args_get(a, "NAME")->text, sizeof(*d));
	int r;

	if (!d)
		return fail_library(s, NULL, IOPT_ENOMEM);
	d->device = device;
	d->smmu = smmu ? smmu->smmu : NULL;
	d->memory = smmu ? smmu->smmu->memory : s->memory;
	r = name_default(s, d, domain);
	if (r)
		named_delete(&s->objects.devices, &d->named);
	*added = d;
	return r;
}

int cmd_device_add(struct session *s, const struct args *a, struct out *o)
{
	struct iopt_device_config config = IOPT_INIT(struct iopt_device_config);
	const struct arg *name = args_get(a, "NAME"), *smmu = args_get(a, "--smmu");
	struct iopt_memory *memory = (smmu ? smmu->smmu->memory : s->memory)->memory;
	struct iopt_stream *streams;
	struct iopt_device *device;
	struct named_device *added = NULL;
	char domain[NAME_BYTES];
	int r = check_new_device(s, name, domain);

	if (r)
		return r;
	read_config(s, a, &config);
	r = read_streams(s, a, &config, &streams);
	if (r)
		return r;
	r = iopt_device_create(memory, &config, &device, &s->error);
	free(streams);
	if (r)
		return fail_library(s, NULL, r);
	r = set_masks(s, a, device);
	if (!r)
		r = name_device(s, a, device, domain, &added);
	if (r) {
		iopt_device_destroy(device, NULL);
		return r;
	}
	show_device(s, o, added);
	return 0;
}

/* ---- device list, show ---- */

static void show_name(struct out *o, const char *name, const char *value)
{
	if (value)
		out_str(o, name, value);
	else
		out_null(o, name);
}

void show_domain_name(const struct session *s, struct out *o, const char *name,
		      const struct iopt_domain *domain)
{
	const struct named_domain *d = domain_named(s, domain);

	show_name(o, name, d ? d->name : domain ? "blocking" : NULL);
}

static void show_limits(struct out *o, const struct iopt_device_config *config)
{
	out_count(o, "dma_mask_bits", config->dma_mask_bits);
	out_count(o, "coherent_mask_bits", config->coherent_mask_bits);
	out_hex(o, "bus_base", config->bus_base);
	if (config->bus_limit)
		out_hex(o, "bus_limit", config->bus_limit);
	else
		out_null(o, "bus_limit");
	out_hex(o, "max_segment", config->max_segment);
	out_hex(o, "segment_boundary", config->segment_boundary);
	if (!config->pool_size) {
		out_null(o, "pool");
		return;
	}
	out_begin_object(o, "pool");
	out_hex(o, "base", config->pool_base);
	out_hex(o, "size", config->pool_size);
	out_end(o);
}

static void show_facts(const struct session *s, struct out *o, const struct named_device *d,
		       const struct iopt_device_config *config)
{
	int group = iopt_device_group(d->device);

	out_str(o, "name", d->named.name);
	out_str(o, "memory", d->memory->name);
	show_name(o, "smmu", d->smmu ? d->smmu->named.name : NULL);
	if (group < 0)
		out_null(o, "group");
	else
		out_count(o, "group", (uint64_t)group);
	out_str(o, "ops", iopt_device_uses_iommu(d->device) ? "iommu" : "direct");
	show_domain_name(s, o, "domain", iopt_device_domain(d->device));
	show_domain_name(s, o, "default_domain", iopt_device_default_domain(d->device));
	show_streams(o, config);
	out_bool(o, "coherent", config->coherent);
	out_bool(o, "pci", config->pci);
	show_limits(o, config);
}

static int count_table(void *arg, const struct iopt_table *table)
{
	uint64_t *cost = arg;

	cost[0]++;
	cost[1] += table->bytes;
	return 0;
}

void show_table_cost(struct out *o, struct iopt_domain *domain)
{
	uint64_t cost[2] = {0, 0};
	struct iopt_visitor visitor = IOPT_INIT(struct iopt_visitor);
	struct iopt_space space = IOPT_INIT(struct iopt_space);

	visitor.table = count_table;
	visitor.arg = cost;
	if (domain && !iopt_domain_space(domain, 0, &space))
		iopt_domain_visit(domain, 0, &visitor);
	out_begin_object(o, "tables");
	out_count(o, "count", cost[0]);
	out_hex(o, "bytes", cost[1]);
	out_end(o);
}

void show_device(const struct session *s, struct out *o, const struct named_device *d)
{
	struct iopt_device_config config = IOPT_INIT(struct iopt_device_config);
	const struct named *n;

	iopt_device_info(d->device, &config);
	out_begin_object(o, "device");
	show_facts(s, o, d, &config);
	out_begin_list(o, "buffers");
	for (n = s->objects.buffers.oldest; n; n = n->newer)
		if (((const struct named_buffer *)n)->device == d)
			show_place(o, (const struct named_buffer *)n);
	out_end(o);
	out_begin_list(o, "pools");
	for (n = s->objects.pools.oldest; n; n = n->newer)
		if (((const struct named_pool *)n)->device == d)
			out_str(o, NULL, n->name);
	out_end(o);
	show_table_cost(o, iopt_device_default_domain(d->device));
	out_end(o);
}

int cmd_device_list(struct session *s, const struct args *a, struct out *o)
{
	struct iopt_device_config config = IOPT_INIT(struct iopt_device_config);
	const struct named *n;

	(void)a;
	for (n = s->objects.devices.oldest; n; n = n->newer) {
		const struct named_device *d = (const struct named_device *)n;

		iopt_device_info(d->device, &config);
		out_begin_record(o, "{name:-16} {ops:-7}[ smmu {smmu}][ group {group}]"
				    "[ domain {domain}] mask {dma_mask_bits}[ {coherent}][ {pci}]");
		show_facts(s, o, d, &config);
		out_end_record(o);
	}
	out_records(o);
	return 0;
}

int cmd_device_show(struct session *s, const struct args *a, struct out *o)
{
	show_device(s, o, args_get(a, "DEV")->device);
	return 0;
}

/* ---- device delete ---- */

/* The default domain that goes with the device; NULL: it is not the last of its group. */
static struct named_domain *last_default(const struct session *s, const struct named_device *d)
{
	int group = iopt_device_group(d->device);
	const struct named *n;
	size_t i;

	for (n = s->objects.devices.oldest; n; n = n->newer) {
		const struct named_device *other = (const struct named_device *)n;

		if (other != d && other->memory == d->memory &&
		    iopt_device_group(other->device) == group)
			return NULL;
	}
	for (i = 0; i < s->domain_count; i++)
		if (s->domains[i]->of_group && s->domains[i]->group == group &&
		    s->domains[i]->memory == d->memory)
			return s->domains[i];
	return NULL;
}

int cmd_device_delete(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *given = args_get(a, "DEV");
	struct named_device *d = given->device;
	struct named_domain *domain = last_default(s, d);
	const struct named_domain *above = domain ? domain_above(s, domain) : NULL;
	int r;

	out_str(o, "name", given->text);
	if (above)
		return fail(s, given->word, IOPT_EBUSY, IOPT_FAILURE_REQUEST,
			    "%s is the stage 2 of %s", domain->name, above->name);
	r = iopt_device_destroy(d->device, &s->error);
	if (r)
		return fail_library(s, given->word, r);
	if (domain)
		forget_domain(s, domain);
	buffers_forget_device(&s->objects, d);
	named_delete(&s->objects.devices, &d->named);
	return 0;
}
