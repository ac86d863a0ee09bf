/* SPDX-License-Identifier: MIT */
/*
 * torture COUNT SEED FILE...: loads COUNT bad copies of the files in one process: cut short, with
 * bits turned, with fields set to what is likely to hurt.  Each must load, and be read, or fail
 * with a code and a reason; none may take long.
 */
#include <stdio.h>
#include <time.h>

#include "../fuzz/dump_target.h"

enum { FILES_MAX = 64, BYTES_MAX = 1 << 20, SECONDS_EACH = 5 };

struct seed_file {
	const char *name;
	uint8_t *data;
	size_t bytes;
};

static uint64_t state;

static uint64_t next_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static size_t below(size_t n)
{
	return n ? next_random() % n : 0;
}

/* Mostly in headers, which are at the start. */
static size_t some_place(size_t bytes)
{
	return below(next_random() & 1 ? bytes : min_u64(bytes, 640));
}

static void set_field(uint8_t *data, size_t bytes)
{
	static const uint64_t values[] = {0,
					  1,
					  2,
					  7,
					  8,
					  0x7f,
					  0x80,
					  0xff,
					  0x3ff,
					  0x400,
					  0xffff,
					  0x10000,
					  0x7fffffff,
					  0x80000000,
					  0xffffffff,
					  0x100000000,
					  INT64_MAX,
					  BIT(63),
					  UINT64_MAX - 1,
					  UINT64_MAX};
	const size_t width = (size_t)1 << below(4);
	uint64_t value = values[below(ARRAY_SIZE(values))];
	size_t at = some_place(bytes) & ~(width - 1), i;

	if (next_random() & 1)
		value = __builtin_bswap64(value) >> (64 - 8 * width);
	for (i = 0; i < width && at + i < bytes; i++)
		data[at + i] = (uint8_t)(value >> 8 * i);
}

/* Copies one part over another: pieces and lines that come twice. */
static void copy_part(uint8_t *data, size_t bytes)
{
	const size_t size = below(min_u64(bytes, 64)), from = below(bytes - size);

	memmove(data + below(bytes - size), data + from, size);
}

static size_t spoil(uint8_t *data, size_t bytes)
{
	size_t count = 1 + below(4);

	while (count--) {
		switch (below(4)) {
		case 0:
			bytes = below(bytes) + 1;
			break;
		case 1:
			data[some_place(bytes)] ^= (uint8_t)(1u << below(8));
			break;
		case 2:
			set_field(data, bytes);
			break;
		default:
			copy_part(data, bytes);
		}
	}
	return bytes;
}

static bool read_file(struct seed_file *f, const char *name)
{
	FILE *file = fopen(name, "rb");

	if (!file)
		return false;
	f->name = name;
	f->data = malloc(BYTES_MAX);
	f->bytes = f->data ? fread(f->data, 1, BYTES_MAX, file) : 0;
	fclose(file);
	return f->bytes != 0;
}

/* A memory of its own in each, or the same with RAM in the way. */
static void run(const struct seed_file *f, unsigned long number)
{
	uint8_t *copy = malloc(f->bytes);
	const uint64_t base = 0x3ff0;
	const time_t begun = time(NULL);

	if (!copy)
		abort();
	memcpy(copy, f->data, f->bytes);
	load_and_read(copy, spoil(copy, f->bytes), next_random() % 8 ? NULL : &base,
		      next_random() % 4 == 0);
	free(copy);
	if (time(NULL) - begun > SECONDS_EACH) {
		fprintf(stderr, "number %lu, of %s, took too long\n", number, f->name);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	struct seed_file files[FILES_MAX] = {{0}};
	unsigned long count, i;
	int file_count = 0;

	if (argc < 4 || argc - 3 > FILES_MAX) {
		fprintf(stderr, "usage: torture COUNT SEED FILE...\n");
		return 2;
	}
	count = strtoul(argv[1], NULL, 10);
	state = strtoull(argv[2], NULL, 10) * 2 + 1;
	for (; file_count < argc - 3; file_count++) {
		if (!read_file(&files[file_count], argv[3 + file_count])) {
			fprintf(stderr, "%s cannot be read\n", argv[3 + file_count]);
			return 2;
		}
	}
	for (i = 0; i < count; i++)
		run(&files[below((size_t)file_count)], i);
	while (file_count--)
		free(files[file_count].data);
	printf("%lu bad inputs ended well\n", count);
	return 0;
}
