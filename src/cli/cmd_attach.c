/* SPDX-License-Identifier: MIT */
/* What happens to a device: its masks, who owns it, and what translates for it. */
#include "handlers.h"

int cmd_device_mask(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *dev = args_get(a, "DEV"), *bits = args_get(a, "BITS");
	bool coherent = args_get(a, "--coherent"), streaming = args_get(a, "--streaming");
	int r = 0;

	out_str(o, "name", dev->text);
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

	out_str(o, "name", dev->text);
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

/* SubstreamIDs have 20 bits at most: the library says what the device has. */
static uint32_t ssid_of(const struct arg *arg)
{
	return arg->number > UINT32_MAX ? UINT32_MAX : (uint32_t)arg->number;
}

static int attach_substream(struct session *s, struct out *o, const struct args *a)
{
	const struct arg *dev = args_get(a, "DEV"), *domain = args_get(a, "DOMAIN");
	const struct arg *ssid = args_get(a, "--ssid");
	int r = iopt_attach_substream(dev->device->device, ssid_of(ssid), domain->domain->domain,
				      &s->error);

	if (r)
		return fail_library(s, ssid->word, r);
	out_count(o, "ssid", ssid->number);
	show_domain(o, "domain", domain->domain);
	return 0;
}

/* Stage 1 of a guest, or everything as it was. */
static int nest(struct session *s, const struct args *a)
{
	const struct arg *dev = args_get(a, "DEV"), *cd = args_get(a, "--cd");
	const uint64_t bits = args_number(a, "--cd-bits", 0);
	struct iopt_error why = IOPT_INIT(struct iopt_error), unused;
	int r = iopt_device_nest(dev->device->device, cd->number, bits > 32 ? 32 : (unsigned)bits,
				 &why);

	if (!r)
		return 0;
	iopt_detach(dev->device->device, &unused);
	s->error = why;
	return fail_library(s, cd->word, r);
}

int cmd_attach(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *dev = args_get(a, "DEV"), *domain = args_get(a, "DOMAIN");
	const struct arg *ssid = args_get(a, "--ssid"), *cd = args_get(a, "--cd");
	int r;

	out_str(o, "device", dev->text);
	if (dev->device->memory != domain->domain->memory)
		return fail(s, domain->word, IOPT_EINVAL, IOPT_FAILURE_REQUEST,
			    "%s is in memory %s, %s in %s", dev->text, dev->device->memory->name,
			    domain->text, domain->domain->memory->name);
	if (ssid && cd)
		return fail_usage(s, cd->word, "--cd is about all SubstreamIDs of the device");
	if (ssid)
		return attach_substream(s, o, a);
	r = iopt_attach(dev->device->device, domain->domain->domain, &s->error);
	if (r)
		return fail_library(s, domain->word, r);
	r = cd ? nest(s, a) : 0;
	if (r)
		return r;
	show_attached(s, o, dev->device);
	return 0;
}

int cmd_detach(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *dev = args_get(a, "DEV"), *ssid = args_get(a, "--ssid");
	int r;

	out_str(o, "device", dev->text);
	if (ssid)
		r = iopt_detach_substream(dev->device->device, ssid_of(ssid), &s->error);
	else
		r = iopt_detach(dev->device->device, &s->error);
	if (r)
		return fail_library(s, ssid ? ssid->word : dev->word, r);
	show_attached(s, o, dev->device);
	return 0;
}
