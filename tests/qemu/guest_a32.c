/* SPDX-License-Identifier: MIT */
/* Asks the AArch32 MMU what the mailbox says.  In Hyp, so no cache, no alignment, no library. */
#include "guest.h"

uint64_t ask_s1cpr(uint32_t address);
uint64_t ask_s1cpw(uint32_t address);
uint64_t ask_s1cur(uint32_t address);
uint64_t ask_s1cuw(uint32_t address);
uint64_t ask_s12nsopr(uint32_t address);
uint64_t ask_s12nsopw(uint32_t address);
uint64_t ask_s12nsour(uint32_t address);
uint64_t ask_s12nsouw(uint32_t address);
uint64_t guest_fetch(uint32_t address, uint32_t spsr);

enum operation {
	OP_S1CPR,
	OP_S1CPW,
	OP_S1CUR,
	OP_S1CUW,
	OP_S12NSOPR,
	OP_S12NSOPW,
	OP_S12NSOUR,
	OP_S12NSOUW,
	OP_SHORT_PR,
	OP_SHORT_PW,
	OP_SHORT_UR,
	OP_SHORT_UW,
	OP_FETCH_PL0,
	OP_FETCH_PL1,
	OP_COUNT,
};

enum {
	SPSR_USR = 0x1d0,
	SPSR_SVC = 0x1d3,
};

static void registers_set(const uint64_t *values)
{
#define REGISTER(name, write)                                                             \
	__asm__ volatile(write ::"r"((uint32_t)*values), "r"((uint32_t)(*values >> 32))); \
	values++;
#include "registers_a32.h"
#undef REGISTER
	/* ICIALLU, TLBIALLNSNH */
	__asm__ volatile(
		"isb; mcr p15, 0, %0, c7, c5, 0; mcr p15, 4, %0, c8, c7, 4; dsb; isb" ::"r"(0)
		: "memory");
}

/*
 * Of short descriptors the two-stage question tells the fault in their own words, but loses the
 * address bits above 32 of a supersection; the one-stage question gives them, but QEMU aborts if
 * it must report a domain fault that way.
 */
static uint64_t ask_short(unsigned access, uint32_t address)
{
	static uint64_t (*const two_stages[])(uint32_t) = {ask_s12nsopr, ask_s12nsopw, ask_s12nsour,
							   ask_s12nsouw};
	static uint64_t (*const one_stage[])(uint32_t) = {ask_s1cpr, ask_s1cpw, ask_s1cur,
							  ask_s1cuw};
	uint64_t par = two_stages[access](address);

	return par & 1 ? par : one_stage[access](address);
}

static uint64_t ask(enum operation operation, uint32_t address)
{
	static uint64_t (*const plain[])(uint32_t) = {
		[OP_S1CPR] = ask_s1cpr,	      [OP_S1CPW] = ask_s1cpw,
		[OP_S1CUR] = ask_s1cur,	      [OP_S1CUW] = ask_s1cuw,
		[OP_S12NSOPR] = ask_s12nsopr, [OP_S12NSOPW] = ask_s12nsopw,
		[OP_S12NSOUR] = ask_s12nsour, [OP_S12NSOUW] = ask_s12nsouw,
	};

	switch (operation) {
	case OP_SHORT_PR:
	case OP_SHORT_PW:
	case OP_SHORT_UR:
	case OP_SHORT_UW:
		return ask_short(operation - OP_SHORT_PR, address);
	case OP_FETCH_PL0:
		return guest_fetch(address, SPSR_USR);
	case OP_FETCH_PL1:
		return guest_fetch(address, SPSR_SVC);
	default:
		return plain[operation](address);
	}
}

void guest_main(struct mailbox *mailbox)
{
	const struct query *queries = (const struct query *)(uint32_t)mailbox->queries;
	volatile uint64_t *result = (volatile uint64_t *)(uint32_t)mailbox->results;

	registers_set(mailbox->registers);
	for (uint32_t i = 0; i < mailbox->query_count; i++)
		for (unsigned op = 0; op < OP_COUNT; op++)
			if (queries[i].operations >> op & 1)
				*result++ = ask((enum operation)op, (uint32_t)queries[i].address);
	*(volatile uint64_t *)&mailbox->done = MAILBOX_DONE;
}
