/* SPDX-License-Identifier: MIT */
/* assert: do tables mean what was meant? */
#include <stdlib.h>
#include <unistd.h>

#include "../core/expr.h"
#include "../core/suggest.h"
#include "handlers.h"
#include "interrupt.h"

enum { VALUE_BYTES = 64 };

/* One assertion; what is not asked for is not looked at. */
struct assertion {
	const struct arg *arg;
	bool has_va, has_pa, has_access, has_el0, has_ns, has_global, unmapped;
	uint64_t va, pa, size, page_size; /* page_size 0: any */
	uint8_t access, el0;
	bool ns, global;
	char memory[VALUE_BYTES], share[VALUE_BYTES]; /* "": any */
};

struct asserting {
	struct session *s;
	struct out *o;
	struct iopt_domain *domain;
	const struct assertion *want;
	unsigned space;
	uint64_t next; /* what is to be mapped next */
	bool done;     /* to the last byte */
	bool failed;
};

/* ---- what is asserted ---- */

static int fail_word(struct session *s, const struct assertion *a, const char *key,
		     const char *value)
{
	return fail_usage(s, a->arg->word, "'%s': '%s' is no %s", a->arg->text, value, key);
}

static bool read_access(const char *text, uint8_t *access)
{
	static const char letters[] = "rwx";

	*access = 0;
	for (unsigned i = 0; i < 3; i++) {
		if (text[i] == letters[i])
			*access |= (uint8_t)(IOPT_ACCESS_R >> i);
		else if (text[i] != '-')
			return false;
	}
	return !text[3];
}

static bool read_bool(const char *text, bool *value)
{
	*value = strcmp(text, "yes") == 0;
	return *value || strcmp(text, "no") == 0;
}

/* Keeps a word as it is; whether it is one is seen when it is compared. */
static bool read_text(const char *text, char to[static VALUE_BYTES])
{
	return snprintf(to, VALUE_BYTES, "%s", text) < VALUE_BYTES;
}

static const char *const keys[] = {"va",     "pa",    "size", "page_size", "access",  "el0",
				   "memory", "share", "ns",   "global",	   "unmapped"};
enum key { VA, PA, SIZE, PAGE_SIZE, ACCESS, EL0, MEMORY, SHARE, NS, GLOBAL, UNMAPPED, KEYS };

/* What the value of a key may be, as far as there are words for it. */
static const char *value_word(enum key key, size_t i)
{
	static const char *const accesses[] = {"---", "r--", "rw-", "r-x", "rwx", "--x"};
	static const char *const shares[] = {"none", "outer", "inner"};
	static const char *const answers[] = {"yes", "no"};
	const char *word, *of;
	unsigned k;

	if (key == ACCESS || key == EL0)
		return i < ARRAY_SIZE(accesses) ? accesses[i] : NULL;
	if (key == SHARE)
		return i < ARRAY_SIZE(shares) ? shares[i] : NULL;
	if (key == NS || key == GLOBAL)
		return i < ARRAY_SIZE(answers) ? answers[i] : NULL;
	for (k = 0; key == MEMORY && (word = iopt_query_word(k)) != NULL; k++) {
		of = iopt_query_word_of(k);
		if (of && strcmp(of, "memory") == 0 && !i--)
			return word;
	}
	return NULL;
}

static bool is_value_word(enum key key, const char *text)
{
	const char *word;
	size_t i;

	for (i = 0; (word = value_word(key, i)) != NULL; i++)
		if (strcmp(word, text) == 0)
			return true;
	return false;
}

/* A word that dump shows, or a raw attribute as it shows it. */
static bool is_memory(const char *text)
{
	return is_value_word(MEMORY, text) || !strncmp(text, "mair:", 5) ||
	       !strncmp(text, "index:", 6);
}

/* False: the value is none of this key. */
static bool set_key(struct assertion *a, enum key key, const char *value)
{
	switch (key) {
	case VA:
		a->has_va = true;
		return !expr_number(value, &a->va);
	case PA:
		a->has_pa = true;
		return !expr_number(value, &a->pa);
	case SIZE:
		return !expr_number(value, &a->size) && a->size;
	case PAGE_SIZE:
		return !expr_number(value, &a->page_size) && a->page_size;
	case ACCESS:
		a->has_access = true;
		return read_access(value, &a->access);
	case EL0:
		a->has_el0 = true;
		return read_access(value, &a->el0);
	case MEMORY:
		return is_memory(value) && read_text(value, a->memory);
	case SHARE:
		return is_value_word(SHARE, value) && read_text(value, a->share);
	case NS:
		a->has_ns = true;
		return read_bool(value, &a->ns);
	case GLOBAL:
		a->has_global = true;
		return read_bool(value, &a->global);
	default:
		return false;
	}
}

const char *assertion_word(const char *before, size_t length, size_t i)
{
	size_t key;

	for (key = 0; key < UNMAPPED; key++)
		if (strlen(keys[key]) == length && memcmp(keys[key], before, length) == 0)
			return value_word((enum key)key, i);
	return i < KEYS ? keys[i] : NULL;
}

/* The next word of *text in 'to'; false: there is none. */
static bool next_word(const char **text, char to[static VALUE_BYTES])
{
	size_t length;

	*text += strspn(*text, " \t");
	length = strcspn(*text, " \t");
	snprintf(to, VALUE_BYTES, "%.*s", (int)(length < VALUE_BYTES ? length : VALUE_BYTES - 1),
		 *text);
	*text += length;
	return length != 0;
}

static int fail_key(struct session *s, const struct assertion *a, const char *word)
{
	struct suggestion near;
	char hint[NAME_BYTES + 32];

	suggest_begin(&near, word);
	for (unsigned i = 0; i < KEYS; i++)
		suggest_try(&near, keys[i], strlen(keys[i]));
	return fail_usage(s, a->arg->word, "'%s': nothing is called '%s'%s", a->arg->text, word,
			  suggest_text(&near, hint, sizeof(hint)));
}

static int read_assertion(struct session *s, const struct arg *arg, struct assertion *a)
{
	char word[VALUE_BYTES], value[VALUE_BYTES];
	const char *text = arg->text;
	unsigned key;

	*a = (struct assertion){.arg = arg, .size = 1};
	while (next_word(&text, word)) {
		for (key = 0; key < KEYS && strcmp(keys[key], word) != 0; key++)
			;
		if (key == KEYS)
			return fail_key(s, a, word);
		if (key == UNMAPPED) {
			a->unmapped = true;
			continue;
		}
		if (!next_word(&text, value))
			return fail_usage(s, arg->word, "'%s': %s of what?", arg->text, word);
		if (!set_key(a, key, value))
			return fail_word(s, a, word, value);
	}
	if (!a->has_va)
		return fail_usage(s, arg->word, "'%s' names no va", arg->text);
	if (a->va + (a->size - 1) < a->va)
		return fail_usage(s, arg->word, "'%s' leaves the 64-bit space", arg->text);
	return 0;
}

/* What is wrong with one is told before any is looked at. */
static int read_all(struct session *s, const struct args *a)
{
	struct assertion unused;
	const struct arg *arg;
	int r = 0;
	size_t i;

	for (i = 0; !r && (arg = args_nth(a, "ASSERTION", i)) != NULL; i++)
		r = read_assertion(s, arg, &unused);
	return r;
}

/* ---- what is there ---- */

static void access_text(uint8_t access, char to[static 4])
{
	snprintf(to, 4, "%c%c%c", access & IOPT_ACCESS_R ? 'r' : '-',
		 access & IOPT_ACCESS_W ? 'w' : '-', access & IOPT_ACCESS_X ? 'x' : '-');
}

/* The first page that disagrees; 1, so that a visit ends. */
static int disagree(struct asserting *v, uint64_t iova, const char *what, const char *wanted,
		    const char *found)
{
	v->failed = true;
	out_begin_record(v->o, "{iova}: {what} is {found}, not {wanted}: {assertion}");
	out_str(v->o, "assertion", v->want->arg->text);
	out_hex(v->o, "iova", iova);
	out_str(v->o, "what", what);
	out_str(v->o, "wanted", wanted);
	out_str(v->o, "found", found);
	out_end_record(v->o);
	return 1;
}

static int disagree_access(struct asserting *v, uint64_t iova, const char *what, uint8_t wanted,
			   uint8_t found)
{
	char texts[2][4];

	access_text(wanted, texts[0]);
	access_text(found, texts[1]);
	return disagree(v, iova, what, texts[0], texts[1]);
}

static int disagree_number(struct asserting *v, uint64_t iova, const char *what, uint64_t wanted,
			   uint64_t found)
{
	char texts[2][20];

	snprintf(texts[0], sizeof(texts[0]), "0x%llx", (unsigned long long)wanted);
	snprintf(texts[1], sizeof(texts[1]), "0x%llx", (unsigned long long)found);
	return disagree(v, iova, what, texts[0], texts[1]);
}

static int check_attrs(struct asserting *v, uint64_t iova, const struct iopt_attrs *a)
{
	static const char *const shares[] = {"none", "reserved", "outer", "inner"};
	static const char *const words[] = {"no", "yes"};
	const struct assertion *w = v->want;

	if (w->has_access && a->access[0].access != w->access)
		return disagree_access(v, iova, "access", w->access, a->access[0].access);
	if (w->has_el0 && a->level_count < 2)
		return disagree(v, iova, "el0", "there", "not of this regime");
	if (w->has_el0 && a->access[1].access != w->el0)
		return disagree_access(v, iova, "el0", w->el0, a->access[1].access);
	if (*w->memory && strcmp(a->memory, w->memory) != 0)
		return disagree(v, iova, "memory", w->memory, a->memory);
	if (*w->share && strcmp(shares[a->share], w->share) != 0)
		return disagree(v, iova, "share", w->share, shares[a->share]);
	if (w->has_ns && a->ns != w->ns)
		return disagree(v, iova, "ns", words[w->ns], words[a->ns]);
	if (w->has_global && a->ng == w->global)
		return disagree(v, iova, "global", words[w->global], words[!a->ng]);
	return 0;
}

static int check_extent(void *arg, const struct iopt_extent *e)
{
	struct asserting *v = arg;
	const struct assertion *w = v->want;
	const uint64_t last = w->va + (w->size - 1), end = e->iova + (e->size * e->count - 1);
	const uint64_t at = e->iova > v->next ? e->iova : v->next;
	struct iopt_attrs attrs = IOPT_INIT(struct iopt_attrs);
	int r;

	if (interrupted())
		return -IOPT_EINTR;
	if (v->done || end < v->next || e->iova > last)
		return 0;
	if (w->unmapped)
		return disagree(v, at, "it", "unmapped", "mapped");
	if (e->iova > v->next)
		return disagree(v, v->next, "it", "mapped", "unmapped");
	if (w->has_pa && e->pa + (at - e->iova) != w->pa + (at - w->va))
		return disagree_number(v, at, "pa", w->pa + (at - w->va), e->pa + (at - e->iova));
	if (w->page_size && e->size != w->page_size)
		return disagree_number(v, at, "page_size", w->page_size, e->size);
	r = iopt_domain_attrs(v->domain, v->space, e, &attrs);
	if (!r)
		r = check_attrs(v, at, &attrs);
	v->done = end >= last;
	v->next = end + 1;
	return r;
}

/* 1: it does not hold; a code. */
static int check_one(struct asserting *v)
{
	struct iopt_visitor visitor = IOPT_INIT(struct iopt_visitor);
	struct iopt_space space = IOPT_INIT(struct iopt_space);
	int r = 0;

	visitor.first = v->want->va;
	visitor.last = v->want->va + (v->want->size - 1);
	if (!visitor.first && !visitor.last)
		visitor.last = 1; /* both 0 would be all; one more byte is the same page */
	visitor.extent = check_extent;
	visitor.arg = v;
	v->next = v->want->va;
	v->done = v->failed = false;
	for (v->space = 0; !r && !iopt_domain_space(v->domain, v->space, &space); v->space++)
		r = iopt_domain_visit(v->domain, v->space, &visitor);
	if (!r && !v->want->unmapped && !v->done)
		r = disagree(v, v->next, "it", "mapped", "unmapped");
	return r;
}

/* ---- the command ---- */

static int check_all(struct session *s, const struct args *a, struct out *o,
		     struct iopt_domain *domain)
{
	struct asserting v = {.s = s, .o = o, .domain = domain};
	struct assertion want;
	const struct arg *arg;
	unsigned failed = 0;
	size_t i;
	int r = 0;

	for (i = 0; (arg = args_nth(a, "ASSERTION", i)) != NULL; i++) {
		read_assertion(s, arg, &want); /* once more: it is right */
		v.want = &want;
		r = check_one(&v);
		if (r < 0)
			return fail_library(s, arg->word, r);
		failed += r != 0;
	}
	out_count(o, "assertions", i);
	out_count(o, "failed", failed);
	out_records(o);
	return failed != 0;
}

/* FILE:SECTION of an ELF file: its bytes at their address, by the registers. */
static int open_section(struct session *s, const struct args *a, const struct arg *file,
			struct iopt_memory **memory, struct iopt_domain **domain)
{
	const struct arg *given = args_get(a, "--registers");
	const char *colon = strrchr(file->text, ':');
	struct iopt_registers *registers = NULL;
	char *path = strndup(file->text, (size_t)(colon - file->text));
	int r = iopt_memory_create(memory);

	if (!path || r || iopt_registers_create(&registers)) {
		r = fail_library(s, file->word, IOPT_ENOMEM);
		goto out;
	}
	if (!given) {
		r = fail_usage(s, file->word,
			       "'%s': a section does not say what its tables are:"
			       " give --registers, such as those of the sidecar",
			       file->text);
		goto out;
	}
	r = read_registers(s, given, registers);
	if (r)
		goto out;
	r = iopt_memory_load_section(*memory, path, colon + 1, &s->error);
	if (!r)
		r = iopt_domain_open_cpu(*memory, registers, IOPT_REGIME_ANY, NULL, domain,
					 &s->error);
	if (r)
		r = fail_library(s, file->word, r);
out:
	free(path);
	iopt_registers_destroy(registers);
	return r;
}

int cmd_assert(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *file = args_get(a, "FILE|DOMAIN");
	const struct iopt_progress progress = {progress_step, &s->progress};
	struct named_domain *named = find_domain(s, file->text);
	struct iopt_memory *memory = NULL;
	struct iopt_domain *domain = NULL;
	const char *colon = strrchr(file->text, ':');
	int r = read_all(s, a);

	if (r)
		return r;
	if (named)
		return check_all(s, a, o, named->domain);
	if (colon && !strchr(colon, '/') && access(file->text, F_OK)) {
		r = open_section(s, a, file, &memory, &domain);
	} else {
		r = iopt_load_watched(file->text, IOPT_LOAD_AUTO, NULL, &progress, &memory, &domain,
				      &s->error);
		if (r)
			r = fail_library(s, file->word, r);
	}
	if (!r)
		r = check_all(s, a, o, domain);
	iopt_domain_destroy(domain);
	iopt_memory_destroy(memory);
	return r;
}
