/* SPDX-License-Identifier: MIT */
/* ELF notes, in ELF cores and in kdumps: of interest is only what Linux says of itself. */
#include <elf.h>
#include <stdlib.h>

#include "memdump.h"

enum { NOTE_HEADER_BYTES = sizeof(Elf64_Nhdr), NOTE_ALIGN = 4 };

static const char wanted[] = "VMCOREINFO";

static uint64_t note_word(const unsigned char *at, bool big_endian)
{
	return big_endian ? load_be32(at) : load_le32(at);
}

int memdump_take_vmcoreinfo(struct memdump *dump, const void *text, size_t bytes)
{
	char *copy;

	if (bytes > VMCOREINFO_BYTES_MAX)
		return 0;
	copy = malloc(bytes + 1);
	if (!copy)
		return -IOPT_ENOMEM;
	memcpy(copy, text, bytes);
	copy[bytes] = '\0';
	free(dump->vmcoreinfo);
	dump->vmcoreinfo = copy;
	return 0;
}

int memdump_take_notes(struct memdump *dump, const unsigned char *notes, size_t bytes,
		       bool big_endian)
{
	while (bytes >= NOTE_HEADER_BYTES) {
		uint64_t name = note_word(notes, big_endian);
		uint64_t contents = note_word(notes + 4, big_endian);
		uint64_t at = NOTE_HEADER_BYTES + align_up(name, NOTE_ALIGN);
		uint64_t next = at + align_up(contents, NOTE_ALIGN);

		if (at > bytes || contents > bytes - at)
			return 0;
		/* With or without the byte that ends it. */
		if ((name == sizeof(wanted) || name == sizeof(wanted) - 1) &&
		    !memcmp(notes + NOTE_HEADER_BYTES, wanted, sizeof(wanted) - 1))
			return memdump_take_vmcoreinfo(dump, notes + at, contents);
		if (next >= bytes)
			return 0;
		notes += next;
		bytes -= next;
	}
	return 0;
}
