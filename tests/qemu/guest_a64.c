/* SPDX-License-Identifier: MIT */
/* Asks the AArch64 MMU what the mailbox says.  At EL3, so no cache, no alignment, no library. */
#include "guest.h"

uint64_t ask_s1e1r(uint64_t address);
uint64_t ask_s1e1w(uint64_t address);
uint64_t ask_s1e0r(uint64_t address);
uint64_t ask_s1e0w(uint64_t address);
uint64_t ask_s1e2r(uint64_t address);
uint64_t ask_s1e2w(uint64_t address);
uint64_t ask_s12e1r(uint64_t address);
uint64_t ask_s12e1w(uint64_t address);
uint64_t ask_s12e0r(uint64_t address);
uint64_t ask_s12e0w(uint64_t address);
uint64_t ask_s1e3r(uint64_t address, uint64_t sctlr);
uint64_t ask_s1e3w(uint64_t address, uint64_t sctlr);
uint64_t guest_fetch(uint64_t address, uint64_t spsr);

enum operation {
	OP_S1E1R,
	OP_S1E1W,
	OP_S1E0R,
	OP_S1E0W,
	OP_S1E2R,
	OP_S1E2W,
	OP_S12E1R,
	OP_S12E1W,
	OP_S12E0R,
	OP_S12E0W,
	OP_S1E3R,
	OP_S1E3W,
	OP_FETCH_EL0,
	OP_FETCH_EL1,
	OP_FETCH_EL2,
	OP_COUNT,
};

enum {
	SPSR_DAIF = 0xf << 6,
	SPSR_EL0T = 0x0,
	SPSR_EL1H = 0x5,
	SPSR_EL2H = 0x9,
};

enum register_slot {
#define REGISTER(name) SLOT_##name,
#include "registers_a64.h"
#undef REGISTER
	SLOT_sctlr_el3, /* after the others: it is set only while EL3's tables are asked */
};

static void registers_set(const uint64_t *values)
{
#define REGISTER(name) __asm__ volatile("msr " #name ", %0" ::"r"(values[SLOT_##name]));
#include "registers_a64.h"
#undef REGISTER
	__asm__ volatile("isb; tlbi alle1; tlbi alle2; tlbi alle3; dsb sy; isb" ::: "memory");
}

static uint64_t ask(enum operation operation, uint64_t address, const uint64_t *registers)
{
	static uint64_t (*const plain[])(uint64_t) = {
		[OP_S1E1R] = ask_s1e1r,	  [OP_S1E1W] = ask_s1e1w,   [OP_S1E0R] = ask_s1e0r,
		[OP_S1E0W] = ask_s1e0w,	  [OP_S1E2R] = ask_s1e2r,   [OP_S1E2W] = ask_s1e2w,
		[OP_S12E1R] = ask_s12e1r, [OP_S12E1W] = ask_s12e1w, [OP_S12E0R] = ask_s12e0r,
		[OP_S12E0W] = ask_s12e0w,
	};

	switch (operation) {
	case OP_S1E3R:
		return ask_s1e3r(address, registers[SLOT_sctlr_el3]);
	case OP_S1E3W:
		return ask_s1e3w(address, registers[SLOT_sctlr_el3]);
	case OP_FETCH_EL0:
		return guest_fetch(address, SPSR_DAIF | SPSR_EL0T);
	case OP_FETCH_EL1:
		return guest_fetch(address, SPSR_DAIF | SPSR_EL1H);
	case OP_FETCH_EL2:
		return guest_fetch(address, SPSR_DAIF | SPSR_EL2H);
	default:
		return plain[operation](address);
	}
}

void guest_main(struct mailbox *mailbox)
{
	const struct query *queries = (const struct query *)mailbox->queries;
	volatile uint64_t *result = (volatile uint64_t *)mailbox->results;

	registers_set(mailbox->registers);
	for (uint64_t i = 0; i < mailbox->query_count; i++)
		for (unsigned op = 0; op < OP_COUNT; op++)
			if (queries[i].operations >> op & 1)
				*result++ = ask((enum operation)op, queries[i].address,
						mailbox->registers);
	*(volatile uint64_t *)&mailbox->done = MAILBOX_DONE;
}
