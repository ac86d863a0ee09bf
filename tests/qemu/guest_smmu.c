/* SPDX-License-Identifier: MIT */
/* Takes a list of accesses, one after the other: whoever wrote the list knows what they are. */
#include <stdint.h>

enum access_kind { END, WRITE32, WRITE64, WAIT32, READ32, READ64 };

enum { TRIES = 1 << 22, DONE = 0x656e6f64 };

struct access {
	uint64_t kind, address, value, mask; /* READ: the value is the answer */
};

struct mailbox {
	uint64_t done, failed; /* failed: 1 + the index of a wait that was in vain */
	struct access list[];
};

static int wait_for(const struct access *a)
{
	for (unsigned i = 0; i < TRIES; i++)
		if ((*(volatile uint32_t *)a->address & a->mask) == (a->value & a->mask))
			return 1;
	return 0;
}

void guest_main(volatile struct mailbox *m)
{
	for (uint64_t i = 0; m->list[i].kind != END; i++) {
		struct access a = {m->list[i].kind, m->list[i].address, m->list[i].value,
				   m->list[i].mask};

		if (a.kind == WRITE32)
			*(volatile uint32_t *)a.address = (uint32_t)a.value;
		else if (a.kind == WRITE64)
			*(volatile uint64_t *)a.address = a.value;
		else if (a.kind == READ32)
			m->list[i].value = *(volatile uint32_t *)a.address;
		else if (a.kind == READ64)
			m->list[i].value = *(volatile uint64_t *)a.address;
		else if (!wait_for(&a)) {
			m->failed = i + 1;
			break;
		}
		__asm__ volatile("dsb sy" ::: "memory");
	}
	m->done = DONE;
}
