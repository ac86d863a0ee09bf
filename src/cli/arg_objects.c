/* SPDX-License-Identifier: MIT */
/* Arguments of the DMA commands: names of objects, stream IDs, segments. */
#include "arg_objects.h"

#include "../core/expr.h"
#include "../core/suggest.h"
#include "args.h"

enum { SUGGESTIONS_MAX = 1000 };

/* ---- names ---- */

static int fail_unknown(struct session *s, const struct arg *arg, const char *what,
			const struct name_table *t)
{
	const struct named *n = t->newest;
	struct suggestion near;
	char hint[NAME_BYTES + 32];
	unsigned i;

	suggest_begin(&near, arg->text);
	for (i = 0; n && i < SUGGESTIONS_MAX; i++, n = n->older)
		suggest_try(&near, n->name, strlen(n->name));
	return fail(s, arg->word, IOPT_ENOENT, IOPT_FAILURE_REQUEST, "there is no %s '%s'%s", what,
		    arg->text, suggest_text(&near, hint, sizeof(hint)));
}

int parse_smmu(struct session *s, struct arg *arg)
{
	arg->smmu = named_find(&s->objects.smmus, arg->text);
	return arg->smmu ? 0 : fail_unknown(s, arg, "SMMU", &s->objects.smmus);
}

int parse_device(struct session *s, struct arg *arg)
{
	arg->device = named_find(&s->objects.devices, arg->text);
	return arg->device ? 0 : fail_unknown(s, arg, "device", &s->objects.devices);
}

int parse_pool(struct session *s, struct arg *arg)
{
	arg->pool = named_find(&s->objects.pools, arg->text);
	return arg->pool ? 0 : fail_unknown(s, arg, "pool", &s->objects.pools);
}

int parse_buffer(struct session *s, struct arg *arg)
{
	arg->buffer = buffer_named(&s->objects, arg->text);
	return arg->buffer ? 0 : fail_unknown(s, arg, "buffer", &s->objects.buffers);
}

int parse_area(struct session *s, struct arg *arg)
{
	arg->cma = named_find(&s->objects.cmas, arg->text);
	return arg->cma ? 0 : fail_unknown(s, arg, "area", &s->objects.cmas);
}

int parse_space_or_domain(struct session *s, struct arg *arg)
{
	struct suggestion near;
	char hint[NAME_BYTES + 32];
	const char *name;
	size_t i;

	arg->iova = find_iova(s, arg->text);
	if (!arg->iova)
		arg->domain = find_domain(s, arg->text);
	if (arg->iova || arg->domain)
		return 0;
	suggest_begin(&near, arg->text);
	for (i = 0; (name = space_or_domain_name(s, i)) != NULL; i++)
		suggest_try(&near, name, strlen(name));
	return fail(s, arg->word, IOPT_ENOENT, IOPT_FAILURE_REQUEST,
		    "there is no IOVA space or domain '%s'%s", arg->text,
		    suggest_text(&near, hint, sizeof(hint)));
}

/* The i-th, for completion: who has more does not want to see them all. */
static const char *nth(const struct name_table *t, size_t i)
{
	const struct named *n = i < SUGGESTIONS_MAX ? t->oldest : NULL;

	while (n && i--)
		n = n->newer;
	return n ? n->name : NULL;
}

const char *smmu_name(const struct session *s, size_t i)
{
	return nth(&s->objects.smmus, i);
}

const char *device_name(const struct session *s, size_t i)
{
	return nth(&s->objects.devices, i);
}

const char *pool_name(const struct session *s, size_t i)
{
	return nth(&s->objects.pools, i);
}

const char *buffer_name(const struct session *s, size_t i)
{
	return nth(&s->objects.buffers, i);
}

const char *area_name(const struct session *s, size_t i)
{
	return nth(&s->objects.cmas, i);
}

const char *space_or_domain_name(const struct session *s, size_t i)
{
	if (i < s->iova_count)
		return s->iovas[i]->name;
	i -= s->iova_count;
	return i < s->domain_count ? s->domains[i]->name : NULL;
}

/* ---- words of the library ---- */

const char *model_name(const struct session *s, size_t i)
{
	(void)s;
	return iopt_smmu_model_name((enum iopt_smmu_model)i);
}

const char *domain_type_name(const struct session *s, size_t i)
{
	(void)s;
	return iopt_domain_type_name((enum iopt_domain_type)i);
}

const char *direction_name(const struct session *s, size_t i)
{
	(void)s;
	return iopt_dma_direction_name((enum iopt_dma_direction)i);
}

static const enum iopt_dma_attr attrs[] = {
	IOPT_DMA_WEAK_ORDERING, IOPT_DMA_WRITE_COMBINE,	   IOPT_DMA_NO_KERNEL_MAPPING,
	IOPT_DMA_SKIP_CPU_SYNC, IOPT_DMA_FORCE_CONTIGUOUS, IOPT_DMA_ALLOC_SINGLE_PAGES,
	IOPT_DMA_NO_WARN,	IOPT_DMA_PRIVILEGED,
};

const char *dma_attr_name(const struct session *s, size_t i)
{
	(void)s;
	return i < ARRAY_SIZE(attrs) ? iopt_dma_attr_name(attrs[i]) : NULL;
}

unsigned dma_attr_bit(size_t i)
{
	return i < ARRAY_SIZE(attrs) ? attrs[i] : 0;
}

/* ---- PCI ---- */

static const struct named_device *next_host(const struct named *n)
{
	while (n && !((const struct named_device *)n)->host)
		n = n->newer;
	return (const struct named_device *)n;
}

const char *pci_host_name(const struct session *s, size_t i)
{
	const struct named_device *d = next_host(s->objects.devices.oldest);

	for (; d && i; i--)
		d = next_host(d->named.newer);
	return d ? d->named.name : NULL;
}

int parse_pci_host(struct session *s, struct arg *arg)
{
	int r = parse_device(s, arg);

	if (r || arg->device->host)
		return r;
	return fail(s, arg->word, IOPT_EINVAL, IOPT_FAILURE_REQUEST,
		    "'%s' is no PCI host of a device tree", arg->text);
}

/* BUS:DEVICE.FUNCTION, as lspci has it, or the number that they make. */
int parse_rid(struct session *s, struct arg *arg)
{
	unsigned bus, device, function;
	int length = -1;

	if (sscanf(arg->text, "%2x:%2x.%1x%n", &bus, &device, &function, &length) == 3 &&
	    length == (int)strlen(arg->text) && device < 32 && function < 8)
		arg->number = bus << 8 | device << 3 | function;
	else if (strpbrk(arg->text, ":.") || expr_number(arg->text, &arg->number) ||
		 arg->number > UINT16_MAX)
		return fail_usage(s, arg->word,
				  "'%s' is no requester ID: BUS:DEVICE.FUNCTION, or 16 bits",
				  arg->text);
	return 0;
}

/* ---- numbers in parts ---- */

/* "A" or "A:B"; *second stays as it is without one. */
static int parse_pair(struct session *s, struct arg *arg, uint64_t *first, uint64_t *second)
{
	const char *colon = strchr(arg->text, ':');
	char part[NAME_BYTES];
	int r;

	snprintf(part, sizeof(part), "%.*s",
		 (int)(colon ? colon - arg->text : (long)strlen(arg->text)), arg->text);
	r = strlen(arg->text) < sizeof(part) ? expr_number(part, first) : -IOPT_EINVAL;
	if (!r && colon)
		r = expr_number(colon + 1, second);
	if (r == -IOPT_ERANGE)
		return fail(s, arg->word, IOPT_ERANGE, IOPT_FAILURE_USAGE,
			    "'%s' does not fit in 64 bits", arg->text);
	return r;
}

int parse_substream(struct session *s, struct arg *arg)
{
	const char *dot = strrchr(arg->text, '.');
	size_t length = dot ? (size_t)(dot - arg->text) : strlen(arg->text);
	uint64_t id, ssid = 0;
	char text[32];

	if (length >= sizeof(text))
		return fail_usage(s, arg->word, "'%s' is no stream ID: N or N.SSID", arg->text);
	memcpy(text, arg->text, length);
	text[length] = '\0';
	if (expr_number(text, &id) || (dot && expr_number(dot + 1, &ssid)))
		return fail_usage(s, arg->word, "'%s' is no stream ID: N or N.SSID", arg->text);
	if (id > UINT32_MAX || ssid >= 1u << 20)
		return fail(s, arg->word, IOPT_ERANGE, IOPT_FAILURE_USAGE,
			    "a stream ID has at most 32 bits, a substream ID 20");
	arg->stream = (struct iopt_stream){(uint32_t)id, (uint32_t)ssid};
	arg->has_number = dot != NULL;
	return 0;
}

int parse_stream(struct session *s, struct arg *arg)
{
	uint64_t id = 0, mask = 0;
	int r = parse_pair(s, arg, &id, &mask);

	if (r > 0)
		return r;
	if (r)
		return fail_usage(s, arg->word, "'%s' is no stream ID: N or N:MASK", arg->text);
	if (id > UINT32_MAX || mask > UINT32_MAX)
		return fail(s, arg->word, IOPT_ERANGE, IOPT_FAILURE_USAGE,
			    "a stream ID has at most 32 bits");
	arg->stream = (struct iopt_stream){(uint32_t)id, (uint32_t)mask};
	return 0;
}

int parse_segment(struct session *s, struct arg *arg)
{
	int r = strchr(arg->text, ':') ? parse_pair(s, arg, &arg->segment.pa, &arg->segment.size)
				       : -IOPT_EINVAL;

	if (r < 0)
		return fail_usage(s, arg->word, "'%s' is no segment: PA:SIZE", arg->text);
	return r;
}

int parse_dma_range(struct session *s, struct arg *arg)
{
	struct iopt_dma_range *r = &arg->dma_range;
	const char *whole = arg->text, *colon = strchr(whole, ':');
	char bus[NAME_BYTES];
	int ret = -IOPT_EINVAL;

	if (colon && (size_t)(colon - whole) < sizeof(bus) && strchr(colon + 1, ':')) {
		snprintf(bus, sizeof(bus), "%.*s", (int)(colon - whole), whole);
		ret = expr_number(bus, &r->bus);
		arg->text = colon + 1;
		if (!ret)
			ret = parse_pair(s, arg, &r->pa, &r->size);
		arg->text = whole;
	}
	if (ret > 0)
		return ret;
	if (ret == -IOPT_ERANGE)
		return fail(s, arg->word, IOPT_ERANGE, IOPT_FAILURE_USAGE,
			    "'%s' does not fit in 64 bits", arg->text);
	return ret ? fail_usage(s, arg->word, "'%s' is no dma-range: BUS:PA:SIZE", arg->text) : 0;
}

int parse_region(struct session *s, struct arg *arg)
{
	const char *colon = strchr(arg->text, ':');
	enum iopt_resv_type type;
	struct range range;
	int ret;

	for (type = IOPT_RESV_DIRECT; colon && type < IOPT_RESV_SW_MSI; type++) {
		const char *name = iopt_resv_type_name(type);

		if (strlen(name) == (size_t)(colon - arg->text) &&
		    !strncmp(name, arg->text, strlen(name)))
			break;
	}
	ret = colon && type < IOPT_RESV_SW_MSI ? expr_range(colon + 1, &range) : -IOPT_EINVAL;
	if (ret == -IOPT_ERANGE)
		return fail(s, arg->word, IOPT_ERANGE, IOPT_FAILURE_USAGE,
			    "'%s' leaves the 64-bit space", arg->text);
	if (ret)
		return fail_usage(s, arg->word,
				  "'%s' is no region: direct, direct-relaxable, reserved or msi, "
				  "':', and a range",
				  arg->text);
	arg->region = (struct iopt_resv_region){range.first, range.last - range.first + 1, type};
	return 0;
}

/* A bit for each. */
int parse_stages(struct session *s, struct arg *arg)
{
	static const char *const texts[] = {"1", "2", "1,2"};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(texts); i++)
		if (strcmp(arg->text, texts[i]) == 0)
			arg->number = i + 1;
	return arg->number ? 0 : fail_usage(s, arg->word, "'%s' is not 1, 2 or 1,2", arg->text);
}
