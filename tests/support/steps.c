/* SPDX-License-Identifier: MIT */
#include "steps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int keep(void *arg, const struct iopt_smmu_step *step)
{
	struct steps *s = arg;

	assert_true(s->count < STEPS_MAX);
	s->list[s->count++] = *step;
	return 0;
}

void steps_take(struct steps *s, const struct iopt_smmu *smmu)
{
	const struct iopt_smmu_step_sink sink = {keep, s};

	s->count = 0;
	assert_int_equal(iopt_smmu_program(smmu, &sink), 0);
}

int steps_last(const struct steps *s, int bank, const char *name)
{
	for (unsigned i = s->count; i-- > 0;)
		if (s->list[i].bank == bank && !strcmp(s->list[i].name, name))
			return (int)i;
	return -1;
}

void assert_register(const struct steps *s, int bank, const char *name, uint64_t value)
{
	const int at = steps_last(s, bank, name);

	if (at < 0)
		fail_msg("%s of bank %d is not written", name, bank);
	if (s->list[at].value != value)
		fail_msg("%s of bank %d is 0x%llx, not 0x%llx", name, bank,
			 (unsigned long long)s->list[at].value, (unsigned long long)value);
}

void assert_no_register(const struct steps *s, int bank, const char *name)
{
	if (steps_last(s, bank, name) >= 0)
		fail_msg("%s of bank %d is written", name, bank);
}
