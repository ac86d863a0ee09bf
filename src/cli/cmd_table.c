/* SPDX-License-Identifier: MIT */
/* Mapping and asking. */
#include <inttypes.h>

#include "handlers.h"
#include "interrupt.h"

/* Beyond this many TLB events of one call only their numbers are shown. */
enum { TLB_EVENTS_MAX = 40 };

struct tlb_log {
	struct iopt_tlb_event events[TLB_EVENTS_MAX]; /* each with a count of 1 */
	uint64_t shown, counts[3];
};

static void on_tlb(void *arg, const struct iopt_tlb_event *event)
{
	struct tlb_log *log = arg;
	struct iopt_tlb_event one = *event;
	uint64_t i;

	log->counts[event->kind] += event->count;
	one.count = 1;
	for (i = 0; i < event->count && log->shown < TLB_EVENTS_MAX; i++) {
		log->events[log->shown++] = one;
		one.iova += one.size;
	}
}

static uint64_t tlb_total(const struct tlb_log *log)
{
	return log->counts[IOPT_TLB_ALL] + log->counts[IOPT_TLB_WALK] + log->counts[IOPT_TLB_PAGE];
}

static void show_tlb_event(struct out *o, const struct iopt_tlb_event *e)
{
	static const char *const names[] = {
		[IOPT_TLB_ALL] = "all", [IOPT_TLB_WALK] = "walk", [IOPT_TLB_PAGE] = "page"};

	out_begin_list(o, NULL);
	out_str(o, NULL, names[e->kind]);
	if (e->kind != IOPT_TLB_ALL)
		out_hex(o, NULL, e->iova);
	if (e->kind == IOPT_TLB_WALK)
		out_hex(o, NULL, e->size);
	if (e->kind != IOPT_TLB_ALL)
		out_hex(o, NULL, e->granule);
	out_end(o);
}

static void show_tlb(struct out *o, const struct tlb_log *log)
{
	uint64_t i;

	if (!tlb_total(log))
		return;
	if (tlb_total(log) > TLB_EVENTS_MAX) {
		out_begin_object(o, "tlb_counts");
		out_count(o, "walk", log->counts[IOPT_TLB_WALK]);
		out_count(o, "page", log->counts[IOPT_TLB_PAGE]);
		out_count(o, "all", log->counts[IOPT_TLB_ALL]);
		out_end(o);
		return;
	}
	out_begin_list(o, "tlb");
	for (i = 0; i < log->shown; i++)
		show_tlb_event(o, &log->events[i]);
	out_end(o);
}

/* The first of the arguments that is no multiple of the smallest page size; or NULL. */
static const struct word *misaligned(const struct args *a, uint64_t page_sizes)
{
	static const char *const names[] = {"IOVA", "PA", "SIZE"};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		const struct arg *arg = args_get(a, names[i]);

		if (arg && arg->number & ((page_sizes & -page_sizes) - 1))
			return arg->word;
	}
	return NULL;
}

/* The address that a space does not have at all; NULL: it is the end of the range. */
static const struct arg *outside(const struct args *a, const struct iopt_space *space)
{
	const struct arg *iova = args_get(a, "IOVA"), *pa = args_get(a, "PA");

	if (iova && (iova->number < space->first || iova->number > space->last))
		return iova;
	if (pa && space->oas < 64 && pa->number >> space->oas)
		return pa;
	return NULL;
}

int fail_no_room(struct session *s, const struct named_memory *m)
{
	if (!iopt_memory_budget_left(m->memory))
		return fail(s, NULL, IOPT_ENOMEM, IOPT_FAILURE_REQUEST,
			    "the budget of memory %s is used up: no more tables (mem budget)",
			    m->name);
	return fail(s, NULL, IOPT_ENOMEM, IOPT_FAILURE_REQUEST,
		    "memory %s has no room left for tables", m->name);
}

/* EINVAL is about one of the arguments. */
static int fail_invalid(struct session *s, const struct args *a, const struct named_domain *d,
			uint64_t page_sizes)
{
	const struct arg *prot = args_get(a, "PROT"), *page = args_get(a, "PGSIZE");
	const struct arg *count = args_get(a, "COUNT");
	const struct word *word = misaligned(a, page_sizes);

	if (word)
		return fail(s, word, IOPT_EINVAL, IOPT_FAILURE_REQUEST,
			    "'%s' is not a multiple of the smallest page size, 0x%" PRIx64,
			    word->text, page_sizes & -page_sizes);
	if (page && (!is_power_of_two(page->number) || page->number & ~page_sizes))
		return fail(s, page->word, IOPT_EINVAL, IOPT_FAILURE_REQUEST,
			    "'%s' is none of the page sizes of %s", page->text, d->name);
	if (prot && !(prot->number & (IOPT_READ | IOPT_WRITE)))
		return fail(s, prot->word, IOPT_EINVAL, IOPT_FAILURE_REQUEST,
			    "'%s' neither reads nor writes", prot->text);
	if (count && !count->number)
		return fail(s, count->word, IOPT_EINVAL, IOPT_FAILURE_REQUEST,
			    "with this format Linux refuses a count of 0");
	/* the only reason that is left */
	return fail(s, count ? count->word : NULL, IOPT_EINVAL, IOPT_FAILURE_REQUEST,
		    "more than %d pages in one call: Linux cannot count them", INT32_MAX);
}

/* The number as it was understood: 0x8000100g has a suffix. */
static int fail_outside(struct session *s, const struct args *a, const struct named_domain *d,
			const struct iopt_space *space)
{
	const struct arg *arg = outside(a, space);

	if (!arg)
		return fail(s, NULL, IOPT_ERANGE, IOPT_FAILURE_REQUEST,
			    "its end is outside the addresses of %s: ias %u, oas %u", d->name,
			    space->ias, space->oas);
	return fail(s, arg->word, IOPT_ERANGE, IOPT_FAILURE_REQUEST,
		    "0x%" PRIx64 " is outside the addresses of %s: ias %u, oas %u", arg->number,
		    d->name, space->ias, space->oas);
}

static int keep_first(void *arg, unsigned space, const struct iopt_extent *extent)
{
	struct iopt_extent *first = arg;

	(void)space;
	*first = *extent;
	return 1;
}

/* What is in the way: the first of it. */
static int fail_exists(struct session *s, const struct args *a, const struct named_domain *d)
{
	const struct arg *iova = args_get(a, "IOVA");
	struct iopt_find what = IOPT_INIT(struct iopt_find);
	struct iopt_extent first = {.size = 0};
	uint64_t size = args_number(a, "SIZE", 0);

	if (!size)
		size = args_number(a, "PGSIZE", 0) * args_number(a, "COUNT", 0);
	what.by_iova = true;
	what.iova_first = iova->number;
	what.iova_last = iova->number + (size - 1);
	if (iopt_find(d->domain, &what, keep_first, &first) != 1)
		return fail(s, iova->word, IOPT_EEXIST, IOPT_FAILURE_REQUEST,
			    "something is already mapped there");
	return fail(s, iova->word, IOPT_EEXIST, IOPT_FAILURE_REQUEST,
		    "0x%" PRIx64 " is already mapped, to 0x%" PRIx64, first.iova, first.pa);
}

/* Why mapping or unmapping failed, in terms of what was asked for. */
static int fail_request(struct session *s, const struct args *a, const struct named_domain *d,
			int code)
{
	struct iopt_space space = IOPT_INIT(struct iopt_space);

	if (iopt_domain_space(d->domain, 0, &space))
		return fail(s, NULL, -code, IOPT_FAILURE_REQUEST, "%s is of type %s: %s", d->name,
			    iopt_domain_type_name(iopt_domain_type(d->domain)),
			    code == -IOPT_ENODEV ? "it has no tables before a device is attached"
						 : "nothing is mapped in it");
	if (!space.page_sizes)
		return fail_library(s, NULL, code);
	if (code == -IOPT_EINVAL)
		return fail_invalid(s, a, d, space.page_sizes);
	if (code == -IOPT_ERANGE)
		return fail_outside(s, a, d, &space);
	if (code == -IOPT_EEXIST)
		return fail_exists(s, a, d);
	if (code == -IOPT_ENOMEM)
		return fail_no_room(s, d->memory);
	return fail_library(s, NULL, code);
}

static bool is_in_dump(const struct iopt_memory *memory, uint64_t pa)
{
	struct iopt_window w = IOPT_INIT(struct iopt_window);
	size_t i;

	for (i = 0; !iopt_memory_window(memory, i, &w); i++)
		if (pa >= w.base && pa <= w.last)
			return w.kind == IOPT_WINDOW_DATA;
	return false;
}

/* Once: from here on what is shown is not what the dump holds. */
static void note_change(struct session *s, struct named_domain *d)
{
	struct iopt_space space = IOPT_INIT(struct iopt_space);

	if (d->told_of_change || d->memory->of_load)
		return;
	d->told_of_change = true;
	if (!iopt_domain_space(d->domain, 0, &space) && is_in_dump(d->memory->memory, space.root))
		note(s, "the tables of %s are a dump's: they change here, not in its file",
		     d->name);
}

int cmd_map(struct session *s, const struct args *a, struct out *o)
{
	uint64_t iova = args_number(a, "IOVA", 0), pa = args_number(a, "PA", 0);
	uint64_t size = args_number(a, "SIZE", 0);
	struct named_domain *d = args_domain(s, a);
	int r;

	if (!d)
		return (int)s->error.failure;
	note_change(s, d);
	r = iopt_map(d->domain, iova, pa, size, (unsigned)args_number(a, "PROT", 0));
	out_hex(o, "iova", iova);
	out_hex(o, "pa", pa);
	out_hex(o, "size", size);
	out_hex(o, "mapped", r ? 0 : size);
	return r ? fail_request(s, a, d, r) : 0;
}

/* Where unmapping stopped there is nothing, or a block that no table could be made for. */
static int fail_short_unmap(struct session *s, const struct args *a, const struct named_domain *d,
			    uint64_t unmapped)
{
	uint64_t iova = args_number(a, "IOVA", 0), size = args_number(a, "SIZE", 0), pa;
	bool budget = !iopt_memory_budget_left(d->memory->memory);
	struct iopt_fault fault = {0};

	if (iopt_translate(d->domain, iova + unmapped, &pa, &fault) &&
	    fault.type != IOPT_FAULT_ACCESS)
		return fail(s, args_get(a, "IOVA")->word, IOPT_ENOENT, IOPT_FAILURE_REQUEST,
			    "only 0x%" PRIx64 " of 0x%" PRIx64 " bytes were mapped%s", unmapped,
			    size, unmapped ? ", and no longer are" : "");
	return fail(s, args_get(a, "IOVA")->word, IOPT_ENOENT, IOPT_FAILURE_REQUEST,
		    "only 0x%" PRIx64 " of 0x%" PRIx64
		    " bytes could be unmapped: the block at 0x%" PRIx64 " cannot be split%s%s%s",
		    unmapped, size, iova + unmapped, budget ? ", the budget of memory " : "",
		    budget ? d->memory->name : "", budget ? " is used up" : "");
}

int cmd_unmap(struct session *s, const struct args *a, struct out *o)
{
	uint64_t iova = args_number(a, "IOVA", 0), size = args_number(a, "SIZE", 0), unmapped = 0;
	struct named_domain *d = args_domain(s, a);
	int r;

	if (!d)
		return (int)s->error.failure;
	note_change(s, d);
	r = iopt_unmap(d->domain, iova, size, &unmapped);
	out_hex(o, "iova", iova);
	out_hex(o, "size", size);
	out_hex(o, "unmapped", unmapped);
	if (r == -IOPT_ENOENT)
		return fail_short_unmap(s, a, d, unmapped);
	return r ? fail_request(s, a, d, r) : 0;
}

static struct iopt_pages pages_of(const struct args *a)
{
	struct iopt_pages pages = IOPT_INIT(struct iopt_pages);

	pages.iova = args_number(a, "IOVA", 0);
	pages.pa = args_number(a, "PA", 0);
	pages.page_size = args_number(a, "PGSIZE", 0);
	pages.count = args_number(a, "COUNT", 0);
	pages.prot = (unsigned)args_number(a, "PROT", 0);
	pages.queued = args_get(a, "--queued") != NULL;
	return pages;
}

/* A short count is no failure, but worth a word. */
static void note_short(struct session *s, const struct iopt_pages *pages, const char *verb)
{
	if (pages->page_size && pages->done / pages->page_size < pages->count)
		note(s, "%s 0x%" PRIx64 ", not %" PRIu64 " pages of 0x%" PRIx64, verb, pages->done,
		     pages->count, pages->page_size);
}

int cmd_map_pages(struct session *s, const struct args *a, struct out *o)
{
	struct named_domain *d = args_domain(s, a);
	struct iopt_pages pages = pages_of(a);
	struct tlb_log log = {.shown = 0};
	int r;

	if (!d)
		return (int)s->error.failure;
	note_change(s, d);
	iopt_domain_on_tlb(d->domain, on_tlb, &log);
	r = iopt_map_pages(d->domain, &pages);
	iopt_domain_on_tlb(d->domain, NULL, NULL);
	out_hex(o, "iova", pages.iova);
	out_hex(o, "pa", pages.pa);
	out_hex(o, "page_size", pages.page_size);
	out_count(o, "count", pages.count);
	out_hex(o, "mapped", pages.done);
	show_tlb(o, &log);
	if (!r)
		note_short(s, &pages, "mapped");
	return r ? fail_request(s, a, d, r) : 0;
}

int cmd_unmap_pages(struct session *s, const struct args *a, struct out *o)
{
	struct named_domain *d = args_domain(s, a);
	struct iopt_pages pages = pages_of(a);
	struct tlb_log log = {.shown = 0};

	if (!d)
		return (int)s->error.failure;
	note_change(s, d);
	iopt_domain_on_tlb(d->domain, on_tlb, &log);
	iopt_unmap_pages(d->domain, &pages);
	iopt_domain_on_tlb(d->domain, NULL, NULL);
	out_hex(o, "iova", pages.iova);
	out_hex(o, "page_size", pages.page_size);
	out_count(o, "count", pages.count);
	out_hex(o, "unmapped", pages.done);
	show_tlb(o, &log);
	note_short(s, &pages, "unmapped");
	return 0;
}

void show_fault_begin(struct out *o, const struct iopt_fault *fault)
{
	const char *name = iopt_fault_name(fault->type);

	out_begin_object(o, "fault");
	out_str(o, "type", name ? name : "unknown");
	out_signed(o, "level", fault->level);
	out_signed(o, "stage", fault->stage);
}

void show_fault(struct out *o, const struct iopt_fault *fault)
{
	show_fault_begin(o, fault);
	out_end(o);
}

/* Why a table cannot be read, a walk knows. */
static void show_external(struct out *o, struct named_domain *d, uint64_t iova)
{
	struct iopt_walk walk = IOPT_INIT(struct iopt_walk);

	iopt_walk(d->domain, iova, 0, 0, &walk);
	show_missing(o, &walk);
}

static bool translate_one(const struct args *a, struct out *o, struct named_domain *d,
			  uint64_t iova)
{
	struct iopt_fault fault = {0};
	uint64_t pa;
	int r = iopt_translate(d->domain, iova, &pa, &fault);

	(void)a;
	out_hex(o, "iova", iova);
	if (!r) {
		out_hex(o, "pa", pa);
	} else {
		out_null(o, "pa");
		if (fault.type == IOPT_FAULT_EXTERNAL)
			show_external(o, d, iova);
		else
			show_fault(o, &fault);
	}
	return !r;
}

static bool look_up_one(const struct args *a, struct out *o, struct named_domain *d, uint64_t iova)
{
	uint64_t pa = iopt_iova_to_phys(d->domain, iova);

	(void)a;
	out_hex(o, "iova", iova);
	if (pa)
		out_hex(o, "pa", pa);
	else
		out_null(o, "pa");
	return pa != 0;
}

int ask_each(struct session *s, const struct args *a, struct out *o,
	     bool (*one)(const struct args *a, struct out *o, struct named_domain *d,
			 uint64_t iova))
{
	struct named_domain *d = args_domain(s, a);
	int status = 0;
	size_t i;

	if (!d)
		return (int)s->error.failure;
	for (i = 0; i < a->count; i++) {
		bool ok;

		if (a->list[i].spec->option)
			continue;
		out_next_answer(o);
		if (interrupted())
			return fail_library(s, NULL, IOPT_EINTR);
		ok = one(a, o, d, a->list[i].number);
		out_answer(o, ok);
		if (!ok)
			status = 1;
	}
	return status;
}

int cmd_translate(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *access = args_get(a, "--access"), *el = args_get(a, "--el");

	if (args_get(a, "--sid") || args_get(a, "-s"))
		return translate_stream(s, a, o);
	if (access || el)
		return fail_usage(s, access ? access->word : el->word,
				  "permissions are asked with --sid, or by walk");
	return ask_each(s, a, o, translate_one);
}

int cmd_iova_to_phys(struct session *s, const struct args *a, struct out *o)
{
	return ask_each(s, a, o, look_up_one);
}
