/* SPDX-License-Identifier: MIT */
#include "session.h"

#include <stdlib.h>

#include "../core/ascii.h"

int session_init(struct session *s, struct iopt_sink sink, bool json)
{
	struct iopt_memory *memory;
	int r;

	memset(s, 0, sizeof(*s));
	out_init(&s->out, sink, json);
	s->settings = (struct settings){.cpu_page_size = 4096};
	s->out.max_records = 1000000;
	r = iopt_memory_create(&memory);
	if (r)
		return r;
	s->memory = add_memory(s, "main", memory);
	return s->memory ? 0 : -IOPT_ENOMEM;
}

void session_destroy(struct session *s)
{
	size_t i;

	s->tracing = false;
	for (i = 0; i < s->memory_count; i++)
		trace_memory(s, s->memories[i]->memory);
	/* a stage 2 outlives what is above it */
	for (i = s->domain_count; i-- > 0;) {
		iopt_domain_destroy(s->domains[i]->domain);
		free(s->domains[i]);
	}
	for (i = 0; i < s->memory_count; i++) {
		iopt_memory_destroy(s->memories[i]->memory);
		iopt_board_destroy(s->memories[i]->board);
		free(s->memories[i]);
	}
	while (s->iova_count)
		delete_iova(s, s->iovas[s->iova_count - 1]);
	for (i = 0; i < s->variable_count; i++)
		free(s->variables[i].value);
	objects_destroy(&s->objects);
	iopt_registers_destroy(s->decoded);
	free(s->iovas);
	free(s->domains);
	free(s->memories);
	free(s->variables);
	out_destroy(&s->out);
}

static int fail_list(struct session *s, const struct word *blame, int code,
		     enum iopt_failure failure, const char *format, va_list list)
{
	char message[sizeof(s->error.message)];

	vsnprintf(message, sizeof(message), format, list);
	error_set(&s->error, code, failure, "%s", message);
	s->blame = blame;
	return (int)failure;
}

int fail(struct session *s, const struct word *blame, int code, enum iopt_failure failure,
	 const char *format, ...)
{
	va_list list;
	int r;

	va_start(list, format);
	r = fail_list(s, blame, code, failure, format, list);
	va_end(list);
	return r;
}

int fail_usage(struct session *s, const struct word *blame, const char *format, ...)
{
	va_list list;
	int r;

	va_start(list, format);
	r = fail_list(s, blame, IOPT_EINVAL, IOPT_FAILURE_USAGE, format, list);
	va_end(list);
	return r;
}

/* Failures that say for themselves what they mean to a script. */
static enum iopt_failure failure_of(int code)
{
	switch (code) {
	case IOPT_EIO:
	case IOPT_EACCES:
	case IOPT_ENOTDIR:
	case IOPT_EISDIR:
	case IOPT_EMFILE:
	case IOPT_EFBIG:
	case IOPT_ENOSPC:
	case IOPT_EROFS:
	case IOPT_EPIPE:
	case IOPT_ENAMETOOLONG:
	case IOPT_ELOOP:
		return IOPT_FAILURE_IO;
	case IOPT_ENOEXEC:
		return IOPT_FAILURE_INPUT;
	case IOPT_E2BIG:
		return IOPT_FAILURE_LIMIT;
	default:
		return IOPT_FAILURE_REQUEST;
	}
}

static void note_budgets(struct session *s)
{
	size_t i;

	for (i = 0; i < s->memory_count; i++)
		if (!iopt_memory_budget_left(s->memories[i]->memory))
			note(s, "the budget of memory %s is used up (mem budget)",
			     s->memories[i]->name);
}

int fail_library(struct session *s, const struct word *blame, int code)
{
	code = code < 0 ? -code : code;
	s->blame = blame;
	if (code == IOPT_ENOMEM)
		note_budgets(s);
	if (!s->error.code || !s->error.message[0])
		return fail(s, blame, code, failure_of(code), "%s", iopt_error_text(code));
	if (!s->error.failure)
		s->error.failure = failure_of(code);
	return (int)s->error.failure;
}

int forget_error(struct session *s)
{
	s->error = IOPT_INIT(struct iopt_error);
	return 0;
}

void show_so_far(struct session *s)
{
	writer_flush(&s->out.w);
	if (s->out.show_held)
		s->out.show_held(s->out.held);
}

void warn(struct session *s, const char *format, ...)
{
	struct place place = s->word ? s->word->place : (struct place){0, 0};
	char message[256];
	va_list list;

	va_start(list, format);
	vsnprintf(message, sizeof(message), format, list);
	va_end(list);
	progress_end(&s->progress);
	show_so_far(s);
	report_remark(&s->report, "warning: ", message, s->source, place);
	out_warning(&s->out, message);
}

void note(struct session *s, const char *format, ...)
{
	struct place place = s->word ? s->word->place : (struct place){0, 0};
	char message[256];
	va_list list;

	va_start(list, format);
	vsnprintf(message, sizeof(message), format, list);
	va_end(list);
	progress_end(&s->progress);
	show_so_far(s);
	report_remark(&s->report, "note: ", message, s->source, place);
}

void tell(struct session *s, const char *format, ...)
{
	char message[256];
	va_list list;

	if (!(s->interactive || s->at_terminal) || s->out.json)
		return;
	va_start(list, format);
	vsnprintf(message, sizeof(message), format, list);
	va_end(list);
	progress_end(&s->progress);
	show_so_far(s);
	report_told(&s->report, message);
}

bool name_is_valid(const char *name)
{
	size_t length = strlen(name);
	const char *p;

	for (p = name; *p; p++)
		if (!ascii_is_alnum(*p) && !strchr("_-.@", *p))
			return false;
	return length && length < NAME_BYTES && name[0] != '-';
}

struct named_memory *find_memory(const struct session *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->memory_count; i++)
		if (strcmp(s->memories[i]->name, name) == 0)
			return s->memories[i];
	return NULL;
}

struct named_domain *find_domain(const struct session *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->domain_count; i++)
		if (strcmp(s->domains[i]->name, name) == 0)
			return s->domains[i];
	return NULL;
}

struct named_iova *find_iova(const struct session *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->iova_count; i++)
		if (strcmp(s->iovas[i]->name, name) == 0)
			return s->iovas[i];
	return NULL;
}

/* A list of pointers with room for one more: it doubles when its count is a power of two. */
static void *list_grow(void *list, size_t count)
{
	if (count & (count - 1) || (count && count < 8))
		return list;
	return realloc(list, (count ? 2 * count : 8) * sizeof(void *));
}

void attend_memory(struct session *s, struct iopt_memory *memory)
{
	iopt_memory_on_progress(memory, &(struct iopt_progress){progress_step, &s->progress});
	iopt_memory_set_profile(memory, s->settings.profile);
	trace_memory(s, memory);
}

struct named_memory *add_memory(struct session *s, const char *name, struct iopt_memory *memory)
{
	struct named_memory *m = calloc(1, sizeof(*m));
	struct named_memory **list = list_grow(s->memories, s->memory_count);

	if (list)
		s->memories = list;
	if (!m || !list) {
		free(m);
		iopt_memory_destroy(memory);
		return NULL;
	}
	snprintf(m->name, sizeof(m->name), "%s", name);
	m->memory = memory;
	attend_memory(s, memory);
	s->memories[s->memory_count++] = m;
	return m;
}

struct named_domain *add_domain(struct session *s, const char *name, struct iopt_domain *domain,
				struct named_memory *memory)
{
	struct named_domain *d = calloc(1, sizeof(*d));
	struct named_domain **list = list_grow(s->domains, s->domain_count);

	if (list)
		s->domains = list;
	if (!d || !list) {
		free(d);
		iopt_domain_destroy(domain);
		return NULL;
	}
	snprintf(d->name, sizeof(d->name), "%s", name);
	d->domain = domain;
	d->memory = memory;
	s->domains[s->domain_count++] = d;
	s->domain = d;
	return d;
}

struct named_iova *add_iova(struct session *s, const char *name, struct iopt_iova *iova)
{
	struct named_iova *v = calloc(1, sizeof(*v));
	struct named_iova **list = list_grow(s->iovas, s->iova_count);

	if (list)
		s->iovas = list;
	if (!v || !list) {
		free(v);
		iopt_iova_destroy(iova);
		return NULL;
	}
	snprintf(v->name, sizeof(v->name), "%s", name);
	v->iova = iova;
	s->iovas[s->iova_count++] = v;
	return v;
}

void delete_iova(struct session *s, struct named_iova *v)
{
	size_t i = 0;

	while (s->iovas[i] != v)
		i++;
	s->iova_count--;
	memmove(&s->iovas[i], &s->iovas[i + 1], (s->iova_count - i) * sizeof(struct named_iova *));
	iopt_iova_destroy(v->iova);
	free(v);
}

void delete_memory(struct session *s, struct named_memory *m)
{
	size_t i = 0;

	if (s->decoded_memory == m) {
		iopt_registers_destroy(s->decoded);
		s->decoded = NULL;
		s->decoded_memory = NULL;
	}
	while (s->memories[i] != m)
		i++;
	s->memory_count--;
	memmove(&s->memories[i], &s->memories[i + 1],
		(s->memory_count - i) * sizeof(struct named_memory *));
	areas_forget_memory(&s->objects, m);
	iopt_memory_destroy(m->memory);
	iopt_board_destroy(m->board);
	free(m);
}

static bool memory_is_used(const struct session *s, const struct named_memory *m)
{
	size_t i;

	for (i = 0; i < s->domain_count; i++)
		if (s->domains[i]->memory == m)
			return true;
	return s->memory == m || objects_in_memory(&s->objects, m);
}

void forget_domain(struct session *s, struct named_domain *d)
{
	size_t i = 0;

	while (s->domains[i] != d)
		i++;
	s->domain_count--;
	memmove(&s->domains[i], &s->domains[i + 1],
		(s->domain_count - i) * sizeof(struct named_domain *));
	if (s->domain == d)
		s->domain = NULL;
	free(d);
}

void delete_domain(struct session *s, struct named_domain *d)
{
	struct named_memory *m = d->memory;

	iopt_domain_destroy(d->domain);
	forget_domain(s, d);
	if (m->of_load && !memory_is_used(s, m))
		delete_memory(s, m);
}
