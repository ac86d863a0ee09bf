/* SPDX-License-Identifier: MIT */
/* device add: from the words to what the library is asked for. */
#include <stdlib.h>

#include "handlers.h"

#define DEFAULT_SUFFIX ".dma"

void default_domain_name(const char *device, char domain[static NAME_BYTES])
{
	snprintf(domain, NAME_BYTES, "%.*s" DEFAULT_SUFFIX,
		 NAME_BYTES - (int)sizeof(DEFAULT_SUFFIX), device);
}

/* Its own name, and the one that its default domain may get, must be free. */
static int check_new_device(struct session *s, const struct arg *name, char *domain)
{
	if (named_find(&s->objects.devices, name->text))
		return fail(s, name->word, IOPT_EEXIST, IOPT_FAILURE_REQUEST,
			    "there is already a device '%s'", name->text);
	if (strlen(name->text) + sizeof(DEFAULT_SUFFIX) > NAME_BYTES)
		return fail_usage(s, name->word, "a device's name has up to %zu letters",
				  NAME_BYTES - sizeof(DEFAULT_SUFFIX));
	default_domain_name(name->text, domain);
	if (find_domain(s, domain))
		return fail(s, name->word, IOPT_EEXIST, IOPT_FAILURE_REQUEST,
			    "there is already a domain '%s', as its default domain is to be called",
			    domain);
	return 0;
}

/* What may be given any number of times. */
struct lists {
	struct iopt_stream *streams;
	struct iopt_dma_range *dma_ranges;
	struct iopt_resv_region *windows, *regions;
};

static void free_lists(struct lists *l)
{
	free(l->streams);
	free(l->dma_ranges);
	free(l->windows);
	free(l->regions);
}

static int check_streams(struct session *s, const struct args *a)
{
	const struct arg *sid = args_get(a, "--sid"), *smmu = args_get(a, "--smmu");
	const struct arg *host = args_get(a, "--pci-host"), *rid = args_get(a, "--rid");

	if (host && (smmu || sid))
		return fail_usage(s, host->word, "--pci-host says which SMMU and stream IDs");
	if (!host != !rid)
		return fail_usage(s, (host ? host : rid)->word, "--pci-host and --rid go together");

	if (sid && !smmu)
		return fail_usage(s, sid->word, "--sid goes with --smmu");
	if (smmu && !sid)
		return fail_usage(s, smmu->word, "--smmu goes with at least one --sid");
	return 0;
}

static int read_lists(struct session *s, const struct args *a, struct iopt_device_config *config,
		      struct lists *l)
{
	const struct arg *arg;
	unsigned i;

	*l = (struct lists){
		.streams = calloc(a->count, sizeof(*l->streams)),
		.dma_ranges = calloc(a->count, sizeof(*l->dma_ranges)),
		.windows = calloc(a->count, sizeof(*l->windows)),
		.regions = calloc(a->count, sizeof(*l->regions)),
	};
	if (!l->streams || !l->dma_ranges || !l->windows || !l->regions)
		return fail_library(s, NULL, IOPT_ENOMEM);
	for (i = 0; (arg = args_nth(a, "--sid", i)) != NULL; i++)
		l->streams[i] = arg->stream;
	config->stream_count = i;
	for (i = 0; (arg = args_nth(a, "--dma-range", i)) != NULL; i++)
		l->dma_ranges[i] = arg->dma_range;
	config->dma_range_count = i;
	for (i = 0; (arg = args_nth(a, "--pci-window", i)) != NULL; i++)
		l->windows[i] = (struct iopt_resv_region){
			.base = arg->range.first, .size = arg->range.last - arg->range.first + 1};
	config->window_count = i;
	for (i = 0; (arg = args_nth(a, "--region", i)) != NULL; i++)
		l->regions[i] = arg->region;
	config->region_count = i;
	config->streams = l->streams;
	config->dma_ranges = l->dma_ranges;
	config->windows = l->windows;
	config->regions = l->regions;
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
	config->pool_shared = args_get(a, "--pool-shared") != NULL;
	config->untrusted = args_get(a, "--untrusted") != NULL;
	config->cma = args_get(a, "--cma") ? args_get(a, "--cma")->cma->cma : NULL;
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

int device_name_default(struct session *s, const struct named_device *d, const char *name)
{
	struct iopt_domain *domain = iopt_device_default_domain(d->device);
	struct named_domain *current = s->domain, *added;

	if (!domain || domain_named(s, domain))
		return 0;
	added = add_domain(s, name, domain, d->memory);
	if (!added)
		return -IOPT_ENOMEM;
	added->of_group = true;
	added->group = iopt_device_group(d->device);
	s->domain = current;
	return 0;
}

/* Where it is: behind which SMMU, if any, and in which memory. */
struct home {
	struct named_smmu *smmu;
	struct named_memory *memory;
};

static int name_device(struct session *s, const struct args *a, struct iopt_device *device,
		       const struct home *home, const char *domain, struct named_device **added)
{
	struct named_device *d =
		named_add(&s->objects.devices, args_get(a, "NAME")->text, sizeof(*d));
	int r;

	if (!d)
		return fail_library(s, NULL, IOPT_ENOMEM);
	d->device = device;
	d->smmu = home->smmu;
	d->memory = home->memory;
	r = device_name_default(s, d, domain);
	if (r)
		named_delete(&s->objects.devices, &d->named);
	*added = d;
	return r ? fail_library(s, NULL, r) : 0;
}

static int find_home(struct session *s, const struct args *a, struct iopt_device_config *config,
		     struct iopt_stream *streams, struct home *home)
{
	const struct arg *host = args_get(a, "--pci-host"), *smmu = args_get(a, "--smmu");
	int r = 0;

	home->smmu = smmu ? smmu->smmu : NULL;
	if (host)
		r = read_pci_function(s, a, config, streams, &home->smmu);
	home->memory = home->smmu ? home->smmu->memory : host ? host->device->memory : s->memory;
	return r;
}

/* The kernel says so, too, and goes on. */
static void warn_untranslated(struct session *s, const char *name, const struct iopt_device *device)
{
	const struct iopt_domain *d = iopt_device_default_domain(device);
	const enum iopt_domain_type type = d ? iopt_domain_type(d) : IOPT_DOMAIN_IDENTITY;

	if ((type == IOPT_DOMAIN_DMA || type == IOPT_DOMAIN_DMA_FQ) &&
	    !iopt_device_uses_iommu(device))
		warn(s,
		     "%s: its addresses could not be set up: dma-direct, while the SMMU translates"
		     " (dma check: X5)",
		     name);
}

/* The option that the library's reason is about, where one is given once. */
static const struct word *blamed(const struct session *s, const struct args *a)
{
	const struct arg *sid = args_get(a, "--sid");

	return sid && !args_nth(a, "--sid", 1) && strstr(s->error.message, "stream ID") ? sid->word
											: NULL;
}

int cmd_device_add(struct session *s, const struct args *a, struct out *o)
{
	struct iopt_device_config config = IOPT_INIT(struct iopt_device_config);
	const struct arg *name = args_get(a, "NAME");
	struct home home;
	struct iopt_device *device = NULL;
	struct lists lists;
	struct named_device *added = NULL;
	char domain[NAME_BYTES];
	int r = check_new_device(s, name, domain);

	if (!r)
		r = check_streams(s, a);
	if (r)
		return r;
	read_config(s, a, &config);
	r = read_lists(s, a, &config, &lists);
	if (!r)
		r = find_home(s, a, &config, lists.streams, &home);
	if (!r) {
		r = iopt_device_create(home.memory->memory, &config, &device, &s->error);
		r = r ? fail_library(s, blamed(s, a), r) : 0;
	}
	free_lists(&lists);
	if (r)
		return r;
	r = set_masks(s, a, device);
	if (!r)
		r = name_device(s, a, device, &home, domain, &added);
	if (r) {
		iopt_device_destroy(device, NULL);
		return r;
	}
	show_device(s, o, added);
	warn_untranslated(s, name->text, device);
	return 0;
}
