/* SPDX-License-Identifier: MIT */
/*
 * A core file of two segments and notes, of either class and byte order (of the first byte), whose
 * headers were changed, with any data behind them.
 */
#include <elf.h>

#include "dump_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

enum {
	SEGMENTS = 3,
	HEAD_64 = sizeof(Elf64_Ehdr) + SEGMENTS * sizeof(Elf64_Phdr),
	HEAD_32 = sizeof(Elf32_Ehdr) + SEGMENTS * sizeof(Elf32_Phdr),
};

static const struct {
	uint32_t type;
	uint16_t offset, paddr, bytes; /* 'offset' from the end of the headers */
} segments[SEGMENTS] = {{PT_NOTE, 0, 0, 40}, {PT_LOAD, 8, 0x4000, 24}, {PT_LOAD, 16, 0x8ff8, 16}};

static void number(uint8_t **at, unsigned bytes, uint64_t value, bool big)
{
	for (unsigned i = 0; i < bytes; i++)
		(*at)[big ? bytes - 1 - i : i] = (uint8_t)(value >> 8 * i);
	*at += bytes;
}

static size_t make_head(uint8_t *file, bool is32, bool big)
{
	const unsigned word = is32 ? 4 : 8;
	const size_t head = is32 ? HEAD_32 : HEAD_64;
	const size_t ehdr = is32 ? sizeof(Elf32_Ehdr) : sizeof(Elf64_Ehdr);
	const uint64_t fields[][2] = {
		{2, ET_CORE}, {2, EM_AARCH64}, {4, EV_CURRENT}, {word, 0},	     {word, ehdr},
		{word, 0},    {4, 0},	       {2, ehdr},	{2, is32 ? 32 : 56}, {2, SEGMENTS},
		{2, 0},	      {2, 0},	       {2, 0},
	};
	uint8_t *at = file + EI_NIDENT;

	memset(file, 0, head);
	memcpy(file, ELFMAG, SELFMAG);
	file[EI_CLASS] = is32 ? ELFCLASS32 : ELFCLASS64;
	file[EI_DATA] = big ? ELFDATA2MSB : ELFDATA2LSB;
	file[EI_VERSION] = EV_CURRENT;
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		number(&at, (unsigned)fields[i][0], fields[i][1], big);
	for (size_t i = 0; i < SEGMENTS; i++) {
		number(&at, 4, segments[i].type, big);
		if (!is32)
			number(&at, 4, 0, big);
		number(&at, word, head + segments[i].offset, big);
		number(&at, word, 0, big);
		number(&at, word, segments[i].paddr, big);
		number(&at, word, segments[i].bytes, big);
		number(&at, word, segments[i].bytes, big);
		if (is32)
			number(&at, 4, 0, big);
		number(&at, word, 0, big);
	}
	return head;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	uint8_t *file = bytes ? malloc(HEAD_64 + bytes) : NULL;
	size_t head;

	if (!file)
		return 0;
	head = make_head(file, *data & 1, *data & 2);
	load_and_read(file, change_and_append(file, head, data + 1, bytes - 1), NULL, *data & 4);
	free(file);
	return 0;
}
