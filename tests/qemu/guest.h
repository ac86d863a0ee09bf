/* SPDX-License-Identifier: MIT */
/*
 * What the harness and the program inside QEMU tell each other.  The harness reads the register
 * order from registers_a64.h and registers_a32.h, the operations from the enum in the guest's
 * source: each stands in one place only.
 */
#ifndef GUEST_H
#define GUEST_H

#include <stdint.h>

#define MAILBOX_DONE 0x656e6f64 /* "done" */

struct mailbox {
	uint64_t done;	  /* MAILBOX_DONE once every result is there */
	uint64_t queries; /* address of struct query[query_count] */
	uint64_t query_count;
	uint64_t results;     /* address of one uint64_t for each operation asked, in order */
	uint64_t registers[]; /* in the order of registers_*.h */
};

/* 'operations': bit n asks for the n-th operation of the guest's enum. */
struct query {
	uint64_t address, operations;
};

/*
 * An exception that nobody expected has bit 54 of its result set, which no PAR has, and the
 * syndrome in the low half.
 */
void guest_main(struct mailbox *mailbox);

#endif
