/* SPDX-License-Identifier: MIT */
#include "textfile.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];

static int keep(void *arg, const void *data, size_t bytes)
{
	struct text *text = arg;
	char *grown = realloc(text->data, text->size + bytes + 1);

	assert_non_null(grown);
	memcpy(grown + text->size, data, bytes);
	text->data = grown;
	text->size += bytes;
	grown[text->size] = '\0';
	return 0;
}

struct iopt_sink text_sink(struct text *text)
{
	*text = (struct text){NULL, 0};
	return (struct iopt_sink){keep, text};
}

void text_free(struct text *text)
{
	free(text->data);
	*text = (struct text){NULL, 0};
}

struct text text_dump(struct iopt_domain *domain, enum iopt_dump format)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct text text;
	struct iopt_sink sink = text_sink(&text);

	assert_int_equal(iopt_dump(domain, format, NULL, &sink, &error), 0);
	return text;
}

int textfile_set_up(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "%s", "/tmp/iopt-test-XXXXXX");
	assert_non_null(mkdtemp(folder));
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

int textfile_tear_down(void **state)
{
	(void)state;
	assert_int_equal(nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
	return 0;
}

const char *textfile_path(const char *name)
{
	static char paths[2][256];
	static unsigned turn;

	turn ^= 1;
	snprintf(paths[turn], sizeof(paths[turn]), "%s/%s", folder, name);
	return paths[turn];
}

const char *textfile_write(const char *name, const void *data, size_t bytes)
{
	const char *path = textfile_path(name);
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, bytes, file), bytes);
	assert_int_equal(fclose(file), 0);
	return path;
}

int textfile_load(const char *name, const void *data, size_t bytes, struct iopt_memory **memory,
		  struct iopt_domain **domain, struct iopt_error *error)
{
	return iopt_load(textfile_write(name, data, bytes), IOPT_LOAD_AUTO, NULL, memory, domain,
			 error);
}

void textfile_unload(struct iopt_memory *memory, struct iopt_domain *domain)
{
	iopt_domain_destroy(domain);
	iopt_memory_destroy(memory);
}

static uint64_t next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Puts 'with' in the place of 'bytes' at 'at'. */
static void replace(struct text *text, size_t at, size_t bytes, const char *with)
{
	size_t length = strlen(with), tail = text->size - at - bytes;
	char *made = malloc(text->size - bytes + length + 1);

	assert_non_null(made);
	memcpy(made, text->data, at);
	memcpy(made + at, with, length);
	memcpy(made + at + length, text->data + at + bytes, tail);
	text->size = at + length + tail;
	made[text->size] = '\0';
	free(text->data);
	text->data = made;
}

/* The number, word or string at or after 'at'. */
static void replace_word(struct text *text, size_t at, const char *with)
{
	const char *stop = ",:[]{}\n";
	size_t end;

	while (at < text->size && text->data[at] && strchr(stop, text->data[at]))
		at++;
	for (end = at; end < text->size && (!text->data[end] || !strchr(stop, text->data[end]));)
		end++;
	replace(text, at, end - at, with);
}

void text_damage(struct text *text, uint64_t *state)
{
	static const char *const words[] = {
		"0",
		"-1",
		"1",
		"513",
		"4294967296",
		"9223372036854775807",
		"\"0x0\"",
		"\"0x1000\"",
		"\"0x80000000\"",
		"\"0xffffffffffffffff\"",
		"\"0xfffffffffffff000\"",
		"\"0x10000000000000000\"",
		"null",
		"true",
		"{}",
		"[]",
		"\"\"",
		"1e9",
		"\"page\"",
		"\"table\"",
		"\"el2\"",
		"\"arm-v7s\"",
		"\"big\"",
		"3",
		"\"level\"",
		"64",
	};
	size_t at = (size_t)(next(state) % (text->size + 1));
	size_t span = (size_t)(next(state) % 64);

	if (span > text->size - at)
		span = text->size - at;
	switch (next(state) % 8) {
	case 0:
		text->size = at;
		text->data[at] = '\0';
		break;
	case 1:
		if (at < text->size)
			text->data[at] =
				(char)((unsigned char)text->data[at] ^ 1u << next(state) % 8);
		break;
	case 2:
		replace(text, at, span, "");
		break;
	case 3:
		replace(text, at, 0, &"]}[{,:\"0\\ x"[next(state) % 11]);
		break;
	default:
		replace_word(text, at, words[next(state) % (sizeof(words) / sizeof(words[0]))]);
	}
}
