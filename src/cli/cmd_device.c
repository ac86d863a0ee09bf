/* SPDX-License-Identifier: MIT */
#include "handlers.h"

struct named_domain *domain_named(const struct session *s, const struct iopt_domain *domain)
{
	size_t i;

	for (i = 0; domain && i < s->domain_count; i++)
		if (s->domains[i]->domain == domain)
			return s->domains[i];
	return NULL;
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
	if (config->pool_size) {
		out_begin_object(o, "pool");
		out_hex(o, "base", config->pool_base);
		out_hex(o, "size", config->pool_size);
		out_end(o);
	} else {
		out_null(o, "pool");
	}
	show_area(o, "cma", config->cma);
}

static void show_dma_ranges(struct out *o, const struct iopt_device_config *config)
{
	unsigned i;

	out_begin_list(o, "dma_ranges");
	for (i = 0; i < config->dma_range_count; i++) {
		out_begin_object(o, NULL);
		out_hex(o, "bus", config->dma_ranges[i].bus);
		out_hex(o, "pa", config->dma_ranges[i].pa);
		out_hex(o, "size", config->dma_ranges[i].size);
		out_end(o);
	}
	out_end(o);
}

void show_region(struct out *o, const struct iopt_resv_region *region)
{
	out_begin_object(o, NULL);
	out_hex(o, "base", region->base);
	out_hex(o, "last", region->base + (region->size - 1));
	out_str(o, "type", iopt_resv_type_name(region->type));
	out_end(o);
}

void show_pci_windows(struct out *o, const struct iopt_device_config *config)
{
	out_begin_list(o, "windows");
	for (unsigned i = 0; i < config->window_count; i++)
		show_region(o, &config->windows[i]);
	out_end(o);
}

/* What firmware says of its addresses, and its host bridge's windows. */
static void show_regions(struct out *o, const struct named_device *d,
			 const struct iopt_device_config *config)
{
	struct iopt_board_device host = IOPT_INIT(struct iopt_board_device);
	struct iopt_resv_region region;
	unsigned i;

	out_begin_list(o, "regions");
	for (i = 0; !iopt_device_resv_region(d->device, i, &region); i++)
		show_region(o, &region);
	out_end(o);
	if (d->host && !iopt_board_device(d->host, d->host_number, &host))
		config = &host.config;
	show_pci_windows(o, config);
}

/* Domains by SubstreamID. */
static void show_substreams(const struct session *s, struct out *o, const struct named_device *d)
{
	struct iopt_domain *domain;
	uint32_t ssid;
	unsigned i;

	if (!iopt_device_substream(d->device, 0, &ssid))
		return;
	out_begin_list(o, "substreams");
	for (i = 0; (domain = iopt_device_substream(d->device, i, &ssid)) != NULL; i++) {
		out_begin_object(o, NULL);
		out_count(o, "ssid", ssid);
		show_domain_name(s, o, "domain", domain);
		out_end(o);
	}
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
	show_substreams(s, o, d);
	out_bool(o, "coherent", config->coherent);
	out_bool(o, "pci", config->pci);
	if (d->host)
		out_bool(o, "pci_host", true);
	out_bool(o, "untrusted", config->untrusted);
	show_limits(o, config);
	show_dma_ranges(o, config);
	show_regions(o, d, config);
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
	if (d->host)
		show_pci_host(o, d->host, d->host_number);
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
		out_begin_record(
			o,
			"{name:-16} {ops:-7}[ smmu {smmu}][ group {group}]"
			"[ domain {domain}] mask {dma_mask_bits}[ {coherent}][ {pci}][ {pci_host}]");
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
