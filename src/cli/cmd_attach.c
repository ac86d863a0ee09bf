/* SPDX-License-Identifier: MIT */
/* What happens to a device: its masks, who owns it, and what translates for it. */
#include "handlers.h"

int cmd_device_mask(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *dev = args_get(a, "DEV"), *bits = args_get(a, "BITS");
	bool coherent = args_get(a, "--coherent"), streaming = args_get(a, "--streaming");
	int r = 0;

	out_str(o, "device", dev->text);
	out_count(o, "bits", bits->number);
	if (!coherent)
		r = iopt_device_set_mask(dev->device->device, (unsigned)bits->number, false,
					 &s->error);
	if (!r && !streaming)
		r = iopt_device_set_mask(dev->device->device, (unsigned)bits->number, true,
					 &s->error);
	return r ? fail_library(s, bits->word, r) : 0;
}

static int change_owner(struct session *s, const struct args *a, struct out *o,
			int (*change)(struct iopt_device *device, struct iopt_error *error))
{
	const struct arg *dev = args_get(a, "DEV");
	int r = change(dev->device->device, &s->error);

	out_str(o, "device", dev->text);
	if (r)
		return fail_library(s, dev->word, r);
	show_domain_name(s, o, "domain", iopt_device_domain(dev->device->device));
	return 0;
}

int cmd_device_bind(struct session *s, const struct args *a, struct out *o)
{
	return change_owner(s, a, o, iopt_device_bind);
}

int cmd_device_unbind(struct session *s, const struct args *a, struct out *o)
{
	return change_owner(s, a, o, iopt_device_unbind);
}

int cmd_device_claim(struct session *s, const struct args *a, struct out *o)
{
	return change_owner(s, a, o, iopt_device_claim);
}

int cmd_device_release(struct session *s, const struct args *a, struct out *o)
{
	return change_owner(s, a, o, iopt_device_release);
}

/* The domain that translates now. */
static void show_attached(const struct session *s, struct out *o, const struct named_device *d)
{
	const struct named_domain *domain = domain_named(s, iopt_device_domain(d->device));

	if (domain)
		show_domain(o, "domain", domain);
	else
		out_null(o, "domain");
}

int cmd_attach(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *dev = args_get(a, "DEV"), *domain = args_get(a, "DOMAIN");
	int r;

	out_str(o, "device", dev->text);
	if (dev->device->memory != domain->domain->memory)
		return fail(s, domain->word, IOPT_EINVAL, IOPT_FAILURE_REQUEST,
			    "%s is in memory %s, %s in %s", dev->text, dev->device->memory->name,
			    domain->text, domain->domain->memory->name);
	r = iopt_attach(dev->device->device, domain->domain->domain, &s->error);
	if (r)
		return fail_library(s, domain->word, r);
	show_attached(s, o, dev->device);
	return 0;
}

int cmd_detach(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *dev = args_get(a, "DEV");
	int r = iopt_detach(dev->device->device, &s->error);

	out_str(o, "device", dev->text);
	if (r)
		return fail_library(s, dev->word, r);
	show_attached(s, o, dev->device);
	return 0;
}
