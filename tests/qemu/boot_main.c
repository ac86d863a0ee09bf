/* SPDX-License-Identifier: MIT */
/*
 * With the MMU on, by tables that were made from this program's own headers: reads, writes, and the
 * faults that are expected.
 */
#include <stdint.h>

#include "boot.h"

/* 0, or the status of the fault. */
unsigned long try_read(uintptr_t at), try_write(uintptr_t at), try_call(uintptr_t at);
int boot_main(void);

/* One for each kind of segment. */
static const uint64_t constant = 0x0123456789abcdef;
static volatile uint64_t variable = 0xfedcba9876543210;
static uint32_t code_in_data[16];

enum fault { TRANSLATION = 1, PERMISSION = 3 };

/* Was it an abort of this kind, of data or of a fetch? */
#ifdef __aarch64__
static int is_fault(unsigned long esr, enum fault fault, int fetch)
{
	return esr >> 26 == (fetch ? 0x21 : 0x25) && (esr >> 2 & 0xf) == fault;
}
#elif defined(LPAE)
static int is_fault(unsigned long status, enum fault fault, int fetch)
{
	return (status >> 30 & 3) == (fetch ? 2 : 1) && (status >> 2 & 0xf) == fault;
}
#else
/* Short descriptors: 5 and 7 are translation faults of level 1 and 2, 13 and 15 permission. */
static int is_fault(unsigned long status, enum fault fault, int fetch)
{
	const unsigned fs = status & 0xf;

	return (status >> 30 & 3) == (fetch ? 2u : 1u) &&
	       (fault == TRANSLATION ? fs == 5 || fs == 7 : fs == 13 || fs == 15);
}
#endif

static volatile uint64_t *at(uintptr_t address)
{
	return (volatile uint64_t *)address;
}

int boot_main(void)
{
	volatile const uint64_t *read_only = &constant;

	if (*read_only != 0x0123456789abcdef || variable != 0xfedcba9876543210)
		return BAD_READ;
	variable = 5;
	*at(BIG) = 0x1111;
	*at(BIG_LAST) = 0x2222;
	if (variable != 5 || *at(BIG) != 0x1111 || *at(BIG_LAST) != 0x2222)
		return BAD_WRITE;
	*at(ALIAS + 8) = 0x3333;
	if (*at(ALIAS) != 0x1111 || *at(BIG + 8) != 0x3333)
		return BAD_ALIAS;
	if (!is_fault(try_write((uintptr_t)&constant), PERMISSION, 0))
		return NO_RO_FAULT;
	if (!is_fault(try_write((uintptr_t)&boot_main), PERMISSION, 0))
		return NO_RO_FAULT;
	if (*read_only != 0x0123456789abcdef)
		return WROTE_RO;
	if (!is_fault(try_call((uintptr_t)code_in_data), PERMISSION, 1) ||
	    !is_fault(try_call((uintptr_t)&constant), PERMISSION, 1))
		return NO_NX_FAULT;
	if (!is_fault(try_read(UNMAPPED), TRANSLATION, 0) ||
	    !is_fault(try_call(UNMAPPED), TRANSLATION, 1))
		return NO_HOLE_FAULT;
	return try_read(BIG) ? BAD_READ : 0;
}
