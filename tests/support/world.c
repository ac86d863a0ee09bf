/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base.h"
#include "world.h"

int world_set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	assert_int_equal(iopt_memory_create(&w->memory), 0);
	assert_int_equal(iopt_memory_add_ram(w->memory, RAM, 1 << 22, NULL), 0);
	assert_int_equal(iopt_registers_create(&w->registers), 0);
	*state = w;
	return 0;
}

int world_tear_down(void **state)
{
	struct world *w = *state;

	iopt_domain_destroy(w->domain);
	iopt_domain_destroy(w->stage2);
	iopt_registers_destroy(w->registers);
	iopt_memory_destroy(w->memory);
	free(w);
	return 0;
}

void world_put64(struct world *w, uint64_t pa, uint64_t desc)
{
	assert_int_equal(iopt_memory_write(w->memory, pa, &desc, sizeof(desc)), 0);
}

void world_put32(struct world *w, uint64_t pa, uint32_t desc)
{
	assert_int_equal(iopt_memory_write(w->memory, pa, &desc, sizeof(desc)), 0);
}

void world_set(struct world *w, const char *name, uint64_t value)
{
	assert_int_equal(iopt_registers_set(w->registers, name, value), 0);
}

/* Opens the tables anew, as the registers are now. */
void world_open(struct world *w, enum iopt_regime regime)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);

	iopt_domain_destroy(w->domain);
	w->domain = NULL;
	if (iopt_domain_open_cpu(w->memory, w->registers, regime, w->stage2, &w->domain, &error))
		fail_msg("%s", error.message);
}

static int keep_sentence(void *arg, const char *sentence)
{
	struct world *w = arg;
	size_t used = strlen(w->why);

	assert_true(*sentence && used + strlen(sentence) + 2 < sizeof(w->why));
	snprintf(w->why + used, sizeof(w->why) - used, "%s\n", sentence);
	return 0;
}

int world_walk(struct world *w, uint64_t iova, unsigned access, unsigned el)
{
	int ret;

	w->walk = IOPT_INIT(struct iopt_walk);
	ret = iopt_walk(w->domain, iova, access, el, &w->walk);
	w->why[0] = '\0';
	if (ret != -IOPT_EINVAL)
		assert_int_equal(
			iopt_walk_explain(w->domain, &w->walk, access, el, keep_sentence, w), 0);
	return ret;
}

void assert_goes(struct world *w, uint64_t iova, uint64_t pa)
{
	uint64_t translated;

	if (world_walk(w, iova, 0, 0))
		fail_msg("0x%llx faults: %s", (unsigned long long)iova, w->why);
	assert_true(w->walk.pa == pa);
	assert_int_equal(iopt_translate(w->domain, iova, &translated, NULL), 0);
	assert_true(translated == pa);
}

void assert_fault(struct world *w, uint64_t iova, enum iopt_fault_type type, int level, int stage)
{
	assert_int_equal(world_walk(w, iova, 0, 0), -IOPT_EFAULT);
	assert_int_equal(w->walk.fault.type, type);
	assert_int_equal(w->walk.fault.level, level);
	assert_int_equal(w->walk.fault.stage, stage);
}

/* "rwx" of each exception level of the regime, the own one first */
void assert_access(struct world *w, uint64_t iova, const char *own, const char *el0)
{
	const char *want[] = {own, el0};

	assert_int_equal(world_walk(w, iova, 0, 0), 0);
	assert_int_equal(w->walk.attrs.level_count, el0 ? 2 : 1);
	for (unsigned i = 0; i < w->walk.attrs.level_count; i++) {
		unsigned access = w->walk.attrs.access[i].access, el = w->walk.attrs.access[i].el;
		char have[] = {access & IOPT_ACCESS_R ? 'r' : '-',
			       access & IOPT_ACCESS_W ? 'w' : '-',
			       access & IOPT_ACCESS_X ? 'x' : '-', '\0'};

		assert_string_equal(have, want[i]);
		for (unsigned bit = 1; bit < 8; bit <<= 1)
			assert_int_equal(world_walk(w, iova, bit, el),
					 access & bit ? 0 : -IOPT_EFAULT);
	}
	assert_int_equal(world_walk(w, iova, 0, 0), 0);
}

void assert_why(const struct world *w, const char *line)
{
	if (!strstr(w->why, line))
		fail_msg("not said: %s\nbut:\n%s", line, w->why);
}

void assert_not_why(const struct world *w, const char *line)
{
	if (strstr(w->why, line))
		fail_msg("said: %s\n%s", line, w->why);
}

int world_tell_nothing(void *arg, const struct iopt_field *field)
{
	(void)arg;
	assert_true(field->meaning[0] != '\0');
	return 0;
}
