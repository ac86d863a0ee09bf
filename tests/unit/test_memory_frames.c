/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "contents.h"
#include "memory_frames.h"

#define MIB(n) ((uint64_t)(n) << 20)
#define GIB(n) ((uint64_t)(n) << 30)

#if defined(__SANITIZE_ADDRESS__)
#define HAVE_ASAN 1
#elif defined(__has_feature)
#define HAVE_ASAN __has_feature(address_sanitizer)
#else
#define HAVE_ASAN 0
#endif

static uint64_t value_at(struct iopt_memory *m, uint64_t pa)
{
	uint64_t v;

	assert_int_equal(iopt_memory_read(m, pa, &v, sizeof(v)), sizeof(v));
	return v;
}

/* More frames of a file than are kept: each is read again when it is asked for again. */
static void test_eviction(void **state)
{
	struct iopt_memory *m = memory_fresh();
	struct test_file f = {.bytes = UINT64_MAX};
	uint64_t n = FRAMES_CLEAN_MAX + 100, i, generation, wrote = 0x55;

	(void)state;
	assert_int_equal(memory_add_window(m, 0, n * FRAME_BYTES, add_file(m, &f, "f"), 0), 0);
	for (i = 0; i < FRAMES_CLEAN_MAX; i++)
		assert_int_equal(*(const uint8_t *)memory_read(m, i * FRAME_BYTES + i, 1),
				 content(i * FRAME_BYTES + i));
	/* One of them becomes own, and stays whatever comes. */
	assert_int_equal(iopt_memory_write(m, 3 * FRAME_BYTES, &wrote, 8), 0);
	generation = m->generation;
	for (; i < n; i++)
		assert_int_equal(*(const uint8_t *)memory_read(m, i * FRAME_BYTES + i, 1),
				 content(i * FRAME_BYTES + i));
	assert_true(m->generation > generation);
	assert_int_equal(m->frames->count, FRAMES_CLEAN_MAX + 1);
	assert_null(memory_peek(m, 0));
	assert_int_equal(f.reads, n);
	assert_int_equal(value_at(m, 3 * FRAME_BYTES), wrote);
	assert_int_equal(f.reads, n);
	assert_int_equal(value_at(m, 0) & 0xff, content(0));
	assert_int_equal(f.reads, n + 1);
	/* All of it at random: the table of frames and the inline cache agree. */
	for (i = 0; i < 20000; i++) {
		uint64_t pa = i * 0x9e3779b97f4a7c15u % (n * FRAME_BYTES);

		if (pa >> FRAME_SHIFT != 3)
			assert_int_equal(*(const uint8_t *)memory_read(m, pa, 1), content(pa));
	}
	iopt_memory_destroy(m);
}

/* Frames that come and go: the table against a plain list. */
static void test_frame_table(void **state)
{
	enum { NUMBERS = 400 };
	struct memory_frames *f = frames_create();
	uint8_t held[NUMBERS] = {0};
	uint64_t seed = 12345, i, n, round;

	(void)state;
	assert_non_null(f);
	for (round = 0; round < 20000; round++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		i = (seed >> 33) % NUMBERS;
		n = i << 20 | (i & 3);
		if (held[i]) {
			assert_int_equal(frames_find(f, n)->number, n);
			assert_int_equal(frames_find(f, n)->host[5], (char)(i | 1));
			frames_remove(f, frames_find(f, n));
		} else {
			char *host = frames_take(f);

			assert_null(frames_find(f, n));
			assert_int_equal(host[5], 0);
			host[5] = (char)(i | 1);
			assert_non_null(frames_insert(f, n, host, true));
		}
		held[i] = !held[i];
	}
	for (i = 0; i < NUMBERS; i++)
		assert_int_equal(frames_find(f, i << 20 | (i & 3)) != NULL, held[i]);
	for (i = 0; i < NUMBERS && !held[i]; i++)
		;
	assert_int_equal(frames_next_own(f, 0, FRAME_NONE >> FRAME_SHIFT), i << 20 | (i & 3));
	frames_destroy(f);
}

/* Out of host memory: refused, and all that was there stays. */
static void test_no_host_memory(void **state)
{
	struct iopt_memory *m;
	struct rlimit old, tight;
	uint64_t pa, written = 0, mark = 1;
	int err = 0;

	(void)state;
	/* Its shadow memory is larger than any limit. */
	if (HAVE_ASAN)
		skip();
	m = memory_fresh();
	assert_int_equal(iopt_memory_add_ram(m, 0, GIB(64), NULL), 0);
	assert_int_equal(getrlimit(RLIMIT_AS, &old), 0);
	tight = old;
	tight.rlim_cur = MIB(300);
	assert_int_equal(setrlimit(RLIMIT_AS, &tight), 0);
	for (pa = 0; pa < GIB(1) && !err; pa += FRAME_BYTES) {
		err = iopt_memory_write(m, pa, &mark, 8);
		written += !err;
	}
	assert_int_equal(setrlimit(RLIMIT_AS, &old), 0);
	assert_int_equal(err, -IOPT_ENOMEM);
	assert_true(written > 1000);
	assert_int_equal(value_at(m, (written - 1) << FRAME_SHIFT), 1);
	assert_int_equal(value_at(m, written << FRAME_SHIFT), 0);
	assert_int_equal(iopt_memory_write(m, written << FRAME_SHIFT, &mark, 8), 0);
	iopt_memory_destroy(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_eviction),
		cmocka_unit_test(test_frame_table),
		cmocka_unit_test(test_no_host_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
