/* SPDX-License-Identifier: MIT */
/* Registers and tables full of junk: a clean error, or a domain that can be asked. */
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

static uint64_t next_random(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

static const char *const junk_names[] = {
	"ttbr0",    "ttbr1",	 "tcr",		 "mair",     "ttbr0_el1", "ttbr1_el1", "tcr_el1",
	"mair_el1", "ttbr0_el2", "ttbr1_el2",	 "tcr_el2",  "mair_el2",  "ttbr0_el3", "tcr_el3",
	"vttbr",    "vtcr",	 "vttbr_el2",	 "vtcr_el2", "ttbcr",	  "prrr",      "nmrr",
	"mair0",    "mair1",	 "dacr",	 "sctlr",    "sctlr_el1", "sctlr_el2", "sctlr_el3",
	"hcr_el2",  "scr_el3",	 "id_aa64mmfr1",
};

/* Sparse, dense, near a table, or anything. */
static uint64_t junk(uint64_t *x)
{
	uint64_t value = next_random(x);

	switch (next_random(x) % 5) {
	case 0:
		return value & next_random(x) & next_random(x);
	case 1:
		return value | next_random(x);
	case 2:
		return RAM | (value & BITS(21, 0));
	case 3:
		return TCR_39 ^ BIT(value % 64);
	default:
		return value;
	}
}

static void ask_junk(struct world *w, uint64_t *x)
{
	const struct iopt_field_sink sink = {world_tell_nothing, NULL};

	for (unsigned i = 0; i < 4; i++) {
		unsigned access = 1u << next_random(x) % 4;
		uint64_t iova = next_random(x) >> next_random(x) % 64, pa;
		int ret = world_walk(w, iova, access & 7, (unsigned)(next_random(x) % 4));

		if (ret && ret != -IOPT_EFAULT && ret != -IOPT_EINVAL)
			fail_msg("a walk returned %d", ret);
		ret = iopt_translate(w->domain, iova, &pa, NULL);
		if (ret && ret != -IOPT_EFAULT)
			fail_msg("a translation returned %d", ret);
		world_walk(w, iova, 0, 0);
		assert_int_equal(!ret, !w->walk.fault.type);
		for (unsigned k = 0; k < w->walk.step_count; k++)
			if (!w->walk.steps[k].absent)
				assert_int_equal(iopt_step_decode(w->domain, &w->walk, k, &sink),
						 0);
	}
}

static void test_junk(void **state)
{
	struct world *w = *state;
	uint64_t x = 0x2545f4914f6cdd1d, opened = 0;

	for (uint64_t pa = RAM; pa < RAM + 0x40000; pa += 8)
		world_put64(w, pa,
			    next_random(&x) & 1 ? junk(&x) : (junk(&x) & ~BITS(63, 22)) | RAM | 3);
	for (unsigned n = 0; n < 100000; n++) {
		struct iopt_error error = IOPT_INIT(struct iopt_error);
		int ret;

		if (n % 16 == 0) {
			iopt_registers_destroy(w->registers);
			assert_int_equal(iopt_registers_create(&w->registers), 0);
		}
		world_set(w, "arch",
			  next_random(&x) % 8 ? next_random(&x) % IOPT_ARCH_COUNT
					      : next_random(&x));
		for (unsigned i = 0; i < 6; i++)
			world_set(w, junk_names[next_random(&x) % ARRAY_SIZE(junk_names)],
				  junk(&x));
		ret = iopt_domain_open_cpu(w->memory, w->registers,
					   (enum iopt_regime)(next_random(&x) % 6), NULL,
					   &w->domain, &error);
		if (ret) {
			assert_int_equal(ret, -IOPT_EINVAL);
			assert_true(error.code == IOPT_EINVAL && error.message[0]);
			w->domain = NULL;
			continue;
		}
		opened++;
		ask_junk(w, &x);
		iopt_domain_destroy(w->domain);
		w->domain = NULL;
	}
	assert_true(opened > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_junk, world_set_up, world_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
