/* SPDX-License-Identifier: MIT */
/* First tables by their bytes alone: in memory of real guests, in loops, in a desert; and counts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base.h"
#include "fixture.h"
#include "world.h"

enum { TOP = 8 };

struct roots {
	unsigned count;
	struct iopt_root list[256];
};

static int keep_root(void *arg, const struct iopt_root *root)
{
	struct roots *r = arg;

	if (!root)
		return 0;
	assert_true(root->score <= 100 && root->reason_count);
	assert_true(!r->count || r->list[r->count - 1].score >= root->score);
	r->list[r->count++] = *root;
	return 0;
}

static const struct roots *scan(struct iopt_memory *m, unsigned most)
{
	static struct roots roots;

	roots.count = 0;
	assert_int_equal(iopt_scan(m, 0, UINT64_MAX, most, keep_root, &roots), 0);
	return &roots;
}

/* The registers' own word for where the tables of six guests are. */
static const struct {
	const char *dump;
	uint64_t root;
	enum iopt_format format;
	int start_level;
} real[] = {
	{"a57-small", 0x42407000, IOPT_ARM_64_LPAE_S1, 0},
	{"a57-small", 0x41853000, IOPT_ARM_64_LPAE_S1, 0},
	{"a57-small", 0x41851000, IOPT_ARM_64_LPAE_S1, 0},
	{"a57-smmu-bypass", 0x42407000, IOPT_ARM_64_LPAE_S1, 0},
	{"a57-smmu-bypass", 0x41853000, IOPT_ARM_64_LPAE_S1, 0},
	{"a57-smmu-bypass", 0x41851000, IOPT_ARM_64_LPAE_S1, 0},
	{"armv7-short", 0x41808000, IOPT_ARM_V7S, 1},
	{"kvm-a57-nvhe", 0x4831e000, IOPT_ARM_64_LPAE_S1, 0},
	{"kvm-a57-nvhe", 0x430e8000, IOPT_ARM_64_LPAE_S1, 1},
	{"uboot-arm64-el1", 0x47fe0000, IOPT_ARM_64_LPAE_S1, 0},
	{"uefi-arm", 0x47ff8000, IOPT_ARM_V7S, 1},
};

static void test_real(void **state)
{
	char path[512];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(real); i++) {
		struct iopt_memory *m;
		const struct roots *roots;
		unsigned at = 0;

		assert_int_equal(iopt_memory_create(&m), 0);
		snprintf(path, sizeof(path), "%s/dumps/%s.elf.xz", getenv("TESTDATA"),
			 real[i].dump);
		assert_int_equal(iopt_memory_load(m, path, NULL, NULL), 0);
		roots = scan(m, TOP);
		while (at < roots->count && roots->list[at].pa != real[i].root)
			at++;
		if (at == roots->count)
			fail_msg("%s: 0x%llx is not among %u", real[i].dump,
				 (unsigned long long)real[i].root, at);
		assert_int_equal(roots->list[at].format, real[i].format);
		assert_int_equal(roots->list[at].start_level, real[i].start_level);
		iopt_memory_destroy(m);
	}
}

/* Every granule; and that nothing of it is a first table besides. */
static void test_made(void **state)
{
	static const struct {
		enum iopt_format format;
		uint64_t granule;
		unsigned ias;
	} made[] = {
		{IOPT_ARM_64_LPAE_S1, 4 * KIB, 48},  {IOPT_ARM_64_LPAE_S1, 4 * KIB, 39},
		{IOPT_ARM_64_LPAE_S1, 16 * KIB, 47}, {IOPT_ARM_64_LPAE_S1, 64 * KIB, 48},
		{IOPT_ARM_64_LPAE_S2, 4 * KIB, 48},  {IOPT_ARM_V7S, 4 * KIB, 32},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(made); i++) {
		struct iopt_config config = IOPT_INIT(struct iopt_config);
		const struct roots *roots;
		struct fixture f;

		config.format = made[i].format;
		config.ias = made[i].ias;
		config.cpu_page_size = made[i].granule;
		config.page_sizes = iopt_granule_page_sizes(config.format, made[i].granule);
		fixture_open(&f, config);
		for (uint64_t k = 1; k < 40; k++)
			assert_int_equal(iopt_map(f.domain, k * 33 * MIB, 0x90000000 + k * 3 * MIB,
						  64 * KIB, IOPT_READ | IOPT_WRITE),
					 0);
		roots = scan(f.memory, TOP);
		assert_int_equal(roots->count, 1);
		assert_true(roots->list[0].pa == f.space.root);
		assert_true(roots->list[0].granule == made[i].granule);
		assert_int_equal(roots->list[0].start_level, f.space.start_level);
		fixture_close(&f);
	}
}

static void test_loop_and_noise(void **state)
{
	struct world *w = *state;
	uint64_t x = 88172645463325252;

	for (uint64_t i = 0; i < 512; i++)
		world_put64(w, RAM + 8 * i, RAM | 3);
	for (uint64_t i = 512; i < 0x80000; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		world_put64(w, RAM + 8 * i, x);
	}
	assert_int_equal(scan(w->memory, TOP)->count, 0);
}

/* 1 TiB with one tree in it takes no time. */
static void test_desert(void **state)
{
	struct iopt_config config = IOPT_INIT(struct iopt_config);
	struct iopt_domain *d;
	struct iopt_memory *m;

	(void)state;
	assert_int_equal(iopt_memory_create(&m), 0);
	assert_int_equal(iopt_memory_add_ram(m, 0x10000000000, TIB, NULL), 0);
	assert_int_equal(iopt_domain_create(m, &config, &d, NULL), 0);
	assert_int_equal(iopt_map(d, 0, 0x80000000, 64 * KIB, IOPT_READ), 0);
	assert_int_equal(scan(m, 1)->count, 1);
	assert_int_equal(iopt_scan(m, 1, 0, 1, keep_root, NULL), -IOPT_EINVAL);
	assert_int_equal(iopt_scan(m, 0, 1, 257, keep_root, NULL), -IOPT_EINVAL);
	iopt_domain_destroy(d);
	iopt_memory_destroy(m);
}

/* ---- counts ---- */

static void test_stats(void **state)
{
	struct iopt_stats s = IOPT_INIT(struct iopt_stats);
	struct iopt_config config = IOPT_INIT(struct iopt_config);
	struct iopt_pages p = run_of(2 * MIB, 2 * MIB, 0x1000, 512);
	uint64_t done;
	struct fixture f;

	(void)state;
	fixture_open(&f, config);
	assert_int_equal(iopt_map_pages(f.domain, &p), 0);
	assert_int_equal(iopt_map(f.domain, 4 * MIB, 4 * MIB, 2 * MIB, IOPT_READ), 0);
	assert_int_equal(iopt_map(f.domain, 8 * MIB, 0x1000, 0x1000, IOPT_READ), 0);
	assert_int_equal(iopt_map(f.domain, 10 * MIB, 0x1000, 0x1000, IOPT_READ), 0);
	assert_int_equal(iopt_unmap(f.domain, 10 * MIB, 0x1000, &done), 0);
	assert_int_equal(iopt_domain_stats(f.domain, 0, &s), 0);
	assert_true(s.tables == 6 && s.bytes == 0x6000 && s.level_count == 4);
	assert_true(s.levels[3].tables == 3 && s.levels[3].used == 513);
	assert_true(s.levels[2].used == 4 && s.levels[2].slots == 512 && s.levels[2].level == 2);
	assert_true(s.size_count == 2 && s.sizes[0].size == 0x1000 && s.sizes[0].leaves == 513);
	assert_true(s.sizes[1].bytes == 2 * MIB && s.leaves == 514);
	assert_true(s.mapped == 4 * MIB + 0x1000 && s.empty == 1 && s.shared == 0);
	assert_true(s.block_tables == 1 && s.block_bytes == 0x1000);
	assert_true(s.joinable == 512 && s.spared == 480);
	assert_int_equal(iopt_domain_stats(f.domain, 1, &s), -IOPT_ENOENT);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_real),
		cmocka_unit_test(test_made),
		cmocka_unit_test_setup_teardown(test_loop_and_noise, world_set_up, world_tear_down),
		cmocka_unit_test(test_desert),
		cmocka_unit_test(test_stats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
