/* SPDX-License-Identifier: MIT */
#include "handlers.h"

int cmd_iova_new(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *name = args_get(a, "NAME"), *granule = args_get(a, "--granule");
	struct iopt_iova_config config = IOPT_INIT(struct iopt_iova_config);
	struct named_iova *added;
	struct iopt_iova *iova;
	int r;

	if (find_iova(s, name->text))
		return fail(s, name->word, IOPT_EEXIST, IOPT_FAILURE_REQUEST,
			    "there is already an IOVA space '%s'", name->text);
	if (granule && !granule->number)
		return fail_usage(s, granule->word, "a granule of 0 bytes");
	config.granule = granule ? granule->number : 4096;
	config.start_pfn = args_number(a, "--start-pfn", 1);
	config.cpu_page_size = args_number(a, "--cpu-page-size", s->settings.cpu_page_size);
	config.profile = s->settings.profile;
	r = iopt_iova_create(&config, &iova, &s->error);
	if (r)
		return fail_library(s, granule ? granule->word : NULL, r);
	added = add_iova(s, name->text, iova);
	if (!added)
		return fail_library(s, NULL, IOPT_ENOMEM);
	added->profile = config.profile;
	added->granule = config.granule;
	out_str(o, "name", added->name);
	out_str(o, "profile", iopt_profile_name(added->profile));
	out_hex(o, "granule", added->granule);
	out_hex(o, "start_pfn", config.start_pfn);
	return 0;
}

/* The first or last address of a page, unless that is past the end of the 64-bit space. */
static void show_address(struct out *o, const char *name, const struct named_iova *v, uint64_t pfn,
			 uint64_t offset)
{
	if (pfn <= UINT64_MAX / v->granule)
		out_hex(o, name, pfn * v->granule + offset);
}

static void show_range(struct out *o, const struct named_iova *v, struct iopt_iova_range range)
{
	out_hex(o, "pfn_lo", range.pfn_lo);
	out_hex(o, "pfn_hi", range.pfn_hi);
	show_address(o, "iova", v, range.pfn_lo, 0);
	show_address(o, "last", v, range.pfn_hi, v->granule - 1);
}

static int alloc_fast(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *count = args_get(a, "COUNT");
	struct named_iova *v = args_get(a, "SPACE")->iova;
	uint64_t limit = args_number(a, "--limit-pfn", UINT32_MAX / v->granule), pfn;
	int r = iopt_iova_alloc_fast(v->iova, count->number, limit, args_get(a, "--flush"), &pfn,
				     &s->error);

	if (r) {
		out_null(o, "pfn");
		return fail_library(s, count->word, r);
	}
	out_hex(o, "pfn", pfn);
	show_address(o, "iova", v, pfn, 0);
	return 0;
}

int cmd_iova_alloc(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *count = args_get(a, "COUNT"), *unaligned = args_get(a, "--unaligned");
	const struct arg *flush = args_get(a, "--flush");
	struct named_iova *v = args_get(a, "SPACE")->iova;
	uint64_t limit = args_number(a, "--limit-pfn", UINT32_MAX / v->granule);
	struct iopt_iova_range range;
	int r;

	if (args_get(a, "--fast") && unaligned)
		return fail_usage(s, unaligned->word, "with --fast everything is aligned");
	if (args_get(a, "--fast"))
		return alloc_fast(s, a, o);
	if (flush)
		return fail_usage(s, flush->word, "--flush is for --fast");
	r = iopt_iova_alloc(v->iova, count->number, limit, !unaligned, &range, &s->error);
	if (r)
		return fail_library(s, count->word, r);
	show_range(o, v, range);
	return 0;
}

/* Linux takes into its caches what it is told. */
static int free_fast(struct session *s, struct named_iova *v, uint64_t pfn, uint64_t count)
{
	struct iopt_iova_range range;
	bool known = !iopt_iova_find(v->iova, pfn, &range) && range.pfn_lo == pfn;
	int r = iopt_iova_free_fast(v->iova, pfn, count);

	if (!r && !known)
		warn(s, "no range of %s begins at this pfn: a cached one will be handed out",
		     v->name);
	return r;
}

int cmd_iova_free(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *pfn = args_get(a, "PFN"), *fast = args_get(a, "--fast");
	struct named_iova *v = args_get(a, "SPACE")->iova;
	int r;

	out_hex(o, "pfn", pfn->number);
	r = fast ? free_fast(s, v, pfn->number, fast->number)
		 : iopt_iova_free(v->iova, pfn->number);
	if (r == -IOPT_ENOENT)
		return fail(s, pfn->word, IOPT_ENOENT, IOPT_FAILURE_REQUEST,
			    "no range of %s holds pfn %s: Linux does nothing", v->name, pfn->text);
	if (r == -IOPT_EINVAL)
		return fail(s, pfn->word, IOPT_EINVAL, IOPT_FAILURE_REQUEST,
			    "the range at the top of the space cannot be freed");
	return 0;
}

int cmd_iova_find(struct session *s, const struct args *a, struct out *o)
{
	struct named_iova *v = args_get(a, "SPACE")->iova;
	const struct arg *pfn = args_get(a, "PFN");
	struct iopt_iova_range range;

	(void)s;
	out_hex(o, "pfn", pfn->number);
	if (iopt_iova_find(v->iova, pfn->number, &range)) {
		out_bool(o, "free", true);
		out_null(o, "pfn_lo");
		out_null(o, "pfn_hi");
		return 1;
	}
	show_range(o, v, range);
	return 0;
}

int cmd_iova_reserve(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *lo = args_get(a, "PFN-LO"), *hi = args_get(a, "PFN-HI");
	struct named_iova *v = args_get(a, "SPACE")->iova;
	struct iopt_iova_range range;
	int r = iopt_iova_reserve(v->iova, lo->number, hi->number, &range, &s->error);

	if (r)
		return fail_library(s, hi->word, r);
	show_range(o, v, range);
	return 0;
}

static void show_pair(struct out *o, const char *name, struct iopt_iova_range range)
{
	out_begin_list(o, name);
	out_hex(o, NULL, range.pfn_lo);
	out_hex(o, NULL, range.pfn_hi);
	out_end(o);
}

/* Where a search begins; null for the anchor: at the top. */
static void show_node(struct out *o, const char *name, struct iopt_iova_range range)
{
	if (range.pfn_hi == UINT64_MAX)
		out_null(o, name);
	else
		show_pair(o, name, range);
}

static void show_caches(struct out *o, const struct iopt_iova *iova,
			const struct iopt_iova_inside *in, bool verbose)
{
	uint64_t pfn;
	unsigned i;
	size_t k;

	out_begin_list(o, "caches");
	for (i = 0; i < IOPT_IOVA_CLASSES; i++) {
		out_begin_object(o, NULL);
		out_count(o, "pages", BIT(i));
		out_count(o, "loaded", in->classes[i].loaded);
		out_count(o, "prev", in->classes[i].prev);
		out_count(o, "depot", in->classes[i].depot);
		if (verbose) {
			out_begin_list(o, "pfns");
			for (k = 0; !iopt_iova_cached_pfn(iova, i, k, &pfn); k++)
				out_hex(o, NULL, pfn);
			out_end(o);
		}
		out_end(o);
	}
	out_end(o);
}

static void show_ranges(struct out *o, const struct iopt_iova *iova)
{
	struct iopt_iova_range range;
	uint64_t pfn = 0;

	out_begin_list(o, "ranges");
	while (!iopt_iova_next(iova, pfn, &range)) {
		show_pair(o, NULL, range);
		if (range.pfn_hi == UINT64_MAX)
			break;
		pfn = range.pfn_hi + 1;
	}
	out_end(o);
}

static void show_facts(struct out *o, const struct named_iova *v, const struct iopt_iova_inside *in)
{
	out_str(o, "name", v->name);
	out_str(o, "profile", iopt_profile_name(v->profile));
	out_hex(o, "granule", in->granule);
	out_hex(o, "start_pfn", in->start_pfn);
	out_count(o, "range_count", in->range_count);
	out_bits(o, "page_count", in->page_count, false);
}

/* Who holds what of a domain. */
static void show_holders(struct session *s, struct out *o, const struct iopt_domain *domain)
{
	const struct named *n;

	out_begin_list(o, "buffers");
	for (n = s->objects.buffers.oldest; n; n = n->newer) {
		const struct named_buffer *b = (const struct named_buffer *)n;
		struct iopt_buffer_info info = IOPT_INIT(struct iopt_buffer_info);

		if (b->buffer)
			iopt_buffer_info(b->buffer, &info);
		if (b->buffer && info.domain == domain)
			show_place(o, b);
	}
	out_end(o);
}

/* What of them is reserved, and why. */
static void show_kept(struct out *o, const struct iopt_domain *domain)
{
	struct iopt_resv_region region;
	unsigned i;

	out_begin_list(o, "regions");
	for (i = 0; !iopt_domain_resv_region(domain, i, &region); i++)
		show_region(o, &region);
	out_end(o);
}

static int show_domain_iova(struct session *s, const struct arg *given, struct named_iova *v)
{
	struct iopt_iova_inside in = IOPT_INIT(struct iopt_iova_inside);

	*v = (struct named_iova){.iova = iopt_domain_iova(given->domain->domain)};
	if (!v->iova)
		return fail(s, given->word, IOPT_EINVAL, IOPT_FAILURE_REQUEST,
			    "%s hands out no addresses: it is no dma domain, or not attached yet",
			    given->text);
	iopt_iova_inside(v->iova, &in);
	snprintf(v->name, sizeof(v->name), "%s", given->text);
	v->granule = in.granule;
	v->profile = in.profile;
	return 0;
}

int cmd_iova_show(struct session *s, const struct args *a, struct out *o)
{
	struct iopt_iova_inside in = IOPT_INIT(struct iopt_iova_inside);
	const struct arg *given = args_get(a, "SPACE|DOMAIN");
	struct named_iova of_domain;
	const struct named_iova *v = given->iova ? given->iova : &of_domain;

	if (!given->iova && show_domain_iova(s, given, &of_domain))
		return (int)s->error.failure;
	iopt_iova_inside(v->iova, &in);
	show_facts(o, v, &in);
	out_hex(o, "dma_32bit_pfn", in.dma_32bit_pfn);
	out_hex(o, "max32_alloc_size", in.max32_alloc_size);
	show_node(o, "cached32_node", in.cached32);
	show_node(o, "cached_node", in.cached);
	out_count(o, "warns", in.warns);
	show_caches(o, v->iova, &in, s->verbose);
	show_ranges(o, v->iova);
	if (given->iova)
		return 0;
	show_kept(o, given->domain->domain);
	show_holders(s, o, given->domain->domain);
	show_table_cost(o, given->domain->domain);
	return 0;
}

int cmd_iova_list(struct session *s, const struct args *a, struct out *o)
{
	struct iopt_iova_inside in = IOPT_INIT(struct iopt_iova_inside);
	size_t i;

	(void)a;
	for (i = 0; i < s->iova_count; i++) {
		iopt_iova_inside(s->iovas[i]->iova, &in);
		out_begin_record(o, "{name:-16} {profile} granule {granule} from pfn {start_pfn},"
				    " ranges {range_count}, pages {page_count}");
		show_facts(o, s->iovas[i], &in);
		out_end_record(o);
	}
	out_records(o);
	return 0;
}

int cmd_iova_delete(struct session *s, const struct args *a, struct out *o)
{
	struct named_iova *v = args_get(a, "SPACE")->iova;

	out_str(o, "name", v->name);
	delete_iova(s, v);
	return 0;
}
