/* SPDX-License-Identifier: MIT */
/* Findings: kept as they come, told by iopt_dma_check(). */
#include "dma_check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	FINDINGS_MAX = 65536,
	DEVICE_NAME_MAX = 64,
	MESSAGE_MAX = sizeof(((struct iopt_finding *)0)->message),
};

struct finding {
	const char *rule; /* of the table */
	char device[DEVICE_NAME_MAX];
	struct iopt_segment places[2];
	char message[MESSAGE_MAX];
};

static const struct {
	const char *id, *text;
} rules[] = {
#define DMA_RULE(id, text) {id, text},
#include "dma_rules.def"
#undef DMA_RULE
};

const char *iopt_dma_rule(unsigned i, const char **id)
{
	if (i >= ARRAY_SIZE(rules))
		return NULL;
	*id = rules[i].id;
	return rules[i].text;
}

/* ---- to keep ---- */

static struct finding *finding_new(struct dma_state *state)
{
	struct finding *findings;
	size_t room;

	if (state->finding_count == FINDINGS_MAX)
		return NULL;
	if (state->finding_count == state->finding_room) {
		room = state->finding_room ? 2 * state->finding_room : 16;
		findings = realloc(state->findings, room * sizeof(*findings));
		if (!findings)
			return NULL;
		state->findings = findings;
		state->finding_room = room;
	}
	return &state->findings[state->finding_count++];
}

static void finding_put(struct dma_state *state, const char *rule, const struct iopt_device *device,
			const struct iopt_segment places[static 2], const char *text)
{
	struct finding *f = finding_new(state);

	if (!f)
		return;
	*f = (struct finding){.rule = rule, .places = {places[0], places[1]}};
	if (device)
		snprintf(f->device, sizeof(f->device), "%s", device->config.name);
	if (state->finding_count == FINDINGS_MAX) {
		f->rule = "D24";
		text = "too many findings: no more are kept";
	}
	snprintf(f->message, sizeof(f->message), "%s", text);
}

void finding_add(struct dma_state *state, const char *rule, const struct iopt_device *device,
		 struct iopt_segment place, const char *format, ...)
{
	const struct iopt_segment places[2] = {place};
	char text[MESSAGE_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	finding_put(state, rule, device, places, text);
}

void finding_add2(struct dma_state *state, const char *rule, const struct iopt_device *device,
		  const struct iopt_segment places[static 2], const char *format, ...)
{
	char text[MESSAGE_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	finding_put(state, rule, device, places, text);
}

void findings_destroy(struct dma_state *state)
{
	free(state->findings);
}

static int tell(const struct finding *f, int (*fn)(void *arg, const struct iopt_finding *finding),
		void *arg)
{
	struct iopt_finding told = {
		.struct_size = sizeof(told),
		.rule = f->rule,
		.stricter = *f->rule == 'X',
		.device = f->device,
		.iova = f->places[0].pa,
		.size = f->places[0].size,
		.other_iova = f->places[1].pa,
		.other_size = f->places[1].size,
	};

	memcpy(told.message, f->message, sizeof(told.message));
	return fn(arg, &told);
}

/* ---- what was given back ---- */

void released_add(const struct iopt_buffer *b)
{
	struct dma_state *state = b->device->state;

	state->released[state->released_count++ % RELEASED_MAX] =
		(struct released){b->device, b->iova_size ? b->iova_first : b->iova,
				  b->iova_size ? b->mapped : b->size};
}

bool released_find(const struct dma_state *state, const struct iopt_device *device, uint64_t iova,
		   struct iopt_segment *was)
{
	const size_t kept =
		state->released_count < RELEASED_MAX ? state->released_count : RELEASED_MAX;

	/* the newest first: addresses are used again */
	for (size_t i = 1; i <= kept; i++) {
		const struct released *r =
			&state->released[(state->released_count - i) % RELEASED_MAX];

		if (r->device != device || iova < r->iova || iova - r->iova >= r->size)
			continue;
		*was = (struct iopt_segment){r->iova, r->size};
		return true;
	}
	return false;
}

/* ---- coherent memory that a later mapping overlaps ---- */

struct piece {
	struct range range;
	const struct iopt_buffer *buffer;
};

static int compare_pieces(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	return (x->range.first > y->range.first) - (x->range.first < y->range.first);
}

/* The allocator's own memory, which no tree knows: sorted when somebody asks. */
static int collect_pieces(const struct dma_state *state, struct piece **pieces, size_t *count)
{
	const struct iopt_buffer *b;
	size_t n = 0;

	for (b = state->oldest; b; b = b->newer)
		n += b->span_count ? 0 : b->segment_count;
	*pieces = malloc((n ? n : 1) * sizeof(**pieces));
	if (!*pieces)
		return -IOPT_ENOMEM;
	*count = 0;
	for (b = state->oldest; b; b = b->newer) {
		for (size_t i = 0; !b->span_count && i < b->segment_count; i++) {
			struct piece *p = &(*pieces)[(*count)++];

			p->buffer = b;
			range_make(b->segments[i].pa, b->segments[i].size, &p->range);
		}
	}
	qsort(*pieces, *count, sizeof(**pieces), compare_pieces);
	return 0;
}

struct overlap_check {
	const struct piece *piece;
	int (*fn)(void *arg, const struct iopt_finding *finding);
	void *arg;
};

static int overlap_tell(void *arg, struct span *span)
{
	const struct overlap_check *check = arg;
	const struct iopt_buffer *a = check->piece->buffer, *b = span->owner;
	struct finding f = {
		.rule = "X1",
		.places = {{b->iova, b->size}, {a->iova, a->size}},
	};

	if (b->source != IOPT_SOURCE_CALLER || b->attrs & IOPT_DMA_SKIP_CPU_SYNC)
		return 0;
	snprintf(f.device, sizeof(f.device), "%s", b->device->config.name);
	snprintf(f.message, sizeof(f.message),
		 "%s: what is mapped at 0x%llx and %s's coherent buffer at 0x%llx share the memory "
		 "at 0x%llx",
		 b->device->config.name, (unsigned long long)b->iova, a->device->config.name,
		 (unsigned long long)a->iova,
		 (unsigned long long)max_u64(span->range.first, check->piece->range.first));
	return tell(&f, check->fn, check->arg);
}

static int check_live(const struct dma_state *state,
		      int (*fn)(void *arg, const struct iopt_finding *finding), void *arg)
{
	struct piece *pieces;
	size_t count;
	int ret;

	if (!state->spans.root)
		return 0;
	ret = collect_pieces(state, &pieces, &count);
	if (ret)
		return ret;
	for (size_t i = 0; !ret && i < count; i++) {
		struct overlap_check check = {&pieces[i], fn, arg};

		ret = span_overlap(&state->spans, pieces[i].range, overlap_tell, &check);
	}
	free(pieces);
	return ret;
}

int iopt_dma_check(struct iopt_memory *memory,
		   int (*fn)(void *arg, const struct iopt_finding *finding), void *arg)
{
	const struct dma_state *state = memory->dma;
	int ret = 0;

	for (size_t i = 0; state && !ret && i < state->finding_count; i++)
		ret = tell(&state->findings[i], fn, arg);
	if (!ret && state)
		ret = check_live(state, fn, arg);
	return ret;
}

size_t iopt_dma_finding_count(const struct iopt_memory *memory)
{
	return memory->dma ? memory->dma->finding_count : 0;
}
