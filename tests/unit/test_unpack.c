/* SPDX-License-Identifier: MIT */
#include <lzma.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cmocka.h>

#include "contents.h"
#include "memdump.h"
#include "spool.h"
#include "unpack.h"

enum { PLAIN_BYTES = 700000, PACKED_MAX = 1 << 20 };

struct packed {
	uint8_t *data;
	size_t bytes;
};

/* Noise, then 400 KB of zeros, then noise, at odd places. */
static uint8_t *make_plain(void)
{
	uint8_t *plain = calloc(1, PLAIN_BYTES);
	size_t i;

	assert_non_null(plain);
	for (i = 0; i < PLAIN_BYTES; i++)
		if (i < 100003 || i > 500009)
			plain[i] = (uint8_t)(i * 0x9e3779b97f4a7c15u >> 56);
	return plain;
}

static size_t pack_gzip(const uint8_t *from, size_t bytes, uint8_t *to)
{
	z_stream z = {.next_in = (Bytef *)from, .avail_in = (uInt)bytes, .next_out = to};

	z.avail_out = PACKED_MAX;
	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY),
			 Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return z.total_out;
}

static size_t pack_xz(const uint8_t *from, size_t bytes, uint8_t *to)
{
	size_t at = 0;

	assert_int_equal(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC64, NULL, from, bytes, to, &at,
						 PACKED_MAX),
			 LZMA_OK);
	return at;
}

static size_t pack_zstd(const uint8_t *from, size_t bytes, uint8_t *to)
{
	return ZSTD_compress(to, PACKED_MAX, from, bytes, 3);
}

typedef size_t pack_function(const uint8_t *from, size_t bytes, uint8_t *to);

static pack_function *const packers[] = {pack_gzip, pack_xz, pack_zstd};

/* In two parts, as from two runs of the packer one behind the other. */
static struct packed pack(pack_function *packer, const uint8_t *plain)
{
	struct packed p = {malloc(2 * PACKED_MAX), 0};

	assert_non_null(p.data);
	p.bytes = packer(plain, 300000, p.data);
	p.bytes += packer(plain + 300000, PLAIN_BYTES - 300000, p.data + p.bytes);
	return p;
}

static void test_kinds(void **state)
{
	uint8_t *plain = make_plain(), *back = malloc(PLAIN_BYTES);
	struct stat st;
	size_t i;

	(void)state;
	assert_non_null(back);
	for (i = 0; i < ARRAY_SIZE(packers); i++) {
		struct packed p = pack(packers[i], plain);
		int fd = file_of(p.data, p.bytes);

		assert_int_equal(unpack(&fd, "p", NULL, NULL, NULL), 0);
		assert_int_equal(fstat(fd, &st), 0);
		assert_int_equal(st.st_size, PLAIN_BYTES);
		assert_int_equal(st.st_nlink, 0);
		assert_int_equal(read_at(fd, 0, back, PLAIN_BYTES), 0);
		assert_memory_equal(back, plain, PLAIN_BYTES);
		close(fd);
		free(p.data);
	}
	free(back);
	free(plain);
}

static void test_plain_stays(void **state)
{
	int fd = file_of("plain", 5), same = fd;
	char back[5];

	(void)state;
	assert_int_equal(unpack(&fd, "p", NULL, NULL, NULL), 0);
	assert_int_equal(fd, same);
	assert_int_equal(read_at(fd, 0, back, 5), 0);
	assert_memory_equal(back, "plain", 5);
	assert_int_equal(read_at(fd, 1, back, 5), -IOPT_EIO);
	assert_int_equal(read_at(fd, UINT64_MAX, back, 1), -IOPT_EIO);
	close(fd);
}

static void refuse(const uint8_t *data, size_t bytes, const struct unpack_limits *limits, int code,
		   enum iopt_failure failure)
{
	struct iopt_error e = IOPT_INIT(struct iopt_error);
	int fd = file_of(data, bytes), same = fd;

	assert_int_equal(unpack(&fd, "the file", limits, NULL, &e), -code);
	assert_int_equal(fd, same);
	assert_int_equal(e.code, code);
	assert_int_equal(e.failure, failure);
	assert_string_equal(e.source, "the file");
	close(fd);
}

static void test_truncated(void **state)
{
	static const uint8_t plain[] = "a few bytes that do not pack well: 0123456789";
	uint8_t *packed = malloc(PACKED_MAX);
	size_t i, bytes, cut;

	(void)state;
	assert_non_null(packed);
	for (i = 0; i < ARRAY_SIZE(packers); i++) {
		bytes = packers[i](plain, sizeof(plain), packed);
		for (cut = 6; cut < bytes; cut++)
			refuse(packed, cut, NULL, IOPT_ENOEXEC, IOPT_FAILURE_INPUT);
		/* Something else behind it. */
		memcpy(packed + bytes, "garbage!", 8);
		refuse(packed, bytes + 8, NULL, IOPT_ENOEXEC, IOPT_FAILURE_INPUT);
	}
	free(packed);
}

/* Every byte changed: refused, or unpacked to something; never worse. */
static void test_damaged(void **state)
{
	static const uint8_t plain[] =
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
	struct unpack_limits limits = {1 << 20, 1 << 20};
	uint8_t *packed = malloc(PACKED_MAX);
	size_t i, bytes, at;

	(void)state;
	assert_non_null(packed);
	for (i = 0; i < ARRAY_SIZE(packers); i++) {
		bytes = packers[i](plain, sizeof(plain), packed);
		for (at = 0; at < bytes; at++) {
			int fd;

			packed[at] ^= 0x41;
			fd = file_of(packed, bytes);
			unpack(&fd, "p", &limits, NULL, NULL);
			close(fd);
			packed[at] ^= 0x41;
		}
	}
	free(packed);
}

static void test_limits(void **state)
{
	struct unpack_limits exact = {PLAIN_BYTES, PLAIN_BYTES};
	struct unpack_limits small = {PLAIN_BYTES - 1, PLAIN_BYTES};
	struct unpack_limits dense = {PLAIN_BYTES, 250000};
	uint8_t *plain = make_plain();
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(packers); i++) {
		struct packed p = pack(packers[i], plain);
		int fd = file_of(p.data, p.bytes);

		assert_int_equal(unpack(&fd, "p", &exact, NULL, NULL), 0);
		close(fd);
		refuse(p.data, p.bytes, &small, IOPT_E2BIG, IOPT_FAILURE_LIMIT);
		refuse(p.data, p.bytes, &dense, IOPT_E2BIG, IOPT_FAILURE_LIMIT);
		free(p.data);
	}
	free(plain);
}

/* Zeros are holes, whatever the pieces that they come in. */
static void test_spool(void **state)
{
	struct spool s = {.bytes_max = UINT64_MAX, .written_max = UINT64_MAX};
	static const char zeros[10000];
	const char *directory;
	struct stat st;
	char back[3];
	int fd, i;

	(void)state;
	assert_int_equal(spool_open(&s, &directory), 0);
	for (i = 0; i < 1000; i++)
		assert_int_equal(spool_put(&s, zeros, sizeof(zeros)), 0);
	assert_int_equal(spool_put(&s, "end", 3), 0);
	assert_int_equal(spool_put(&s, zeros, sizeof(zeros)), 0);
	assert_true(s.written <= 4096);
	assert_int_equal(spool_finish(&s, &fd), 0);
	spool_abandon(&s);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 10010003);
	assert_int_equal(read_at(fd, 10000000, back, 3), 0);
	assert_memory_equal(back, "end", 3);
	close(fd);
}

static void test_no_directory(void **state)
{
	struct iopt_error e = IOPT_INIT(struct iopt_error);
	const char *old = getenv("TMPDIR");
	uint8_t *packed = malloc(PACKED_MAX);
	size_t bytes;
	int fd;

	(void)state;
	assert_non_null(packed);
	bytes = pack_gzip((const uint8_t *)"x", 1, packed);
	fd = file_of(packed, bytes);
	setenv("TMPDIR", "/nowhere/at/all", 1);
	assert_int_equal(unpack(&fd, "p", NULL, NULL, &e), -IOPT_ENOENT);
	assert_int_equal(e.failure, IOPT_FAILURE_IO);
	assert_non_null(strstr(e.message, "/nowhere/at/all"));
	if (old)
		setenv("TMPDIR", old, 1);
	else
		unsetenv("TMPDIR");
	close(fd);
	free(packed);
}

/* All the way into a memory. */
static void test_into_memory(void **state)
{
	uint8_t *plain = make_plain(), byte = 0;
	uint64_t base = 0x1000;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(packers); i++) {
		struct packed p = pack(packers[i], plain);
		struct iopt_memory *m;

		assert_int_equal(iopt_memory_create(&m), 0);
		assert_int_equal(memdump_load(m, file_of(p.data, p.bytes), "p", &base, NULL), 0);
		assert_int_equal(iopt_memory_read(m, base + 600000, &byte, 1), 1);
		assert_int_equal(byte, plain[600000]);
		assert_int_equal(iopt_memory_read(m, base + PLAIN_BYTES, &byte, 1), 0);
		iopt_memory_destroy(m);
		free(p.data);
	}
	free(plain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),	     cmocka_unit_test(test_plain_stays),
		cmocka_unit_test(test_truncated),    cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_limits),	     cmocka_unit_test(test_spool),
		cmocka_unit_test(test_no_directory), cmocka_unit_test(test_into_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
