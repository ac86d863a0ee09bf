/* SPDX-License-Identifier: MIT */
/* From reset at EL3 down to EL (1, 2 or 3), the MMU on, and back from expected faults. */
#include "boot.h"

#if EL == 1
#define REG(name) name##_el1
#elif EL == 2
#define REG(name) name##_el2
#else
#define REG(name) name##_el3
#endif

	.section .text.start, "ax"
	.global _start
_start:
	ldr	x0, =stack_top
	mov	sp, x0
#if EL == 1
	mov	x0, #(1 << 31)		/* HCR_EL2.RW */
	msr	hcr_el2, x0
	mov	x0, #0x431		/* SCR_EL3: NS, RES1, RW */
	msr	scr_el3, x0
	mov	x0, #0x3c5		/* EL1h, all masked */
	msr	spsr_el3, x0
	adr	x0, 1f
	msr	elr_el3, x0
	eret
#elif EL == 2
	mov	x0, #0x531		/* SCR_EL3: NS, RES1, HCE, RW */
	msr	scr_el3, x0
	mov	x0, #0x3c9		/* EL2h, all masked */
	msr	spsr_el3, x0
	adr	x0, 1f
	msr	elr_el3, x0
	eret
#endif
1:	ldr	x0, =stack_top
	mov	sp, x0
	adr	x0, vectors
	msr	REG(vbar), x0
	ldr	x1, =PARAMS
	ldp	x2, x3, [x1]
	ldr	x4, [x1, #16]
	msr	REG(ttbr0), x2
	msr	REG(tcr), x3
	msr	REG(mair), x4
	dsb	sy
	isb
	ldr	x0, =0x30c51835		/* RES1 of every level, M, C, I */
#if EL == 1
	ldr	x0, =0x30d01805
#endif
	msr	REG(sctlr), x0
	isb
	bl	boot_main
	/* semihosting SYS_EXIT_EXTENDED: ADP_Stopped_ApplicationExit, code */
	.global leave
leave:
	sub	sp, sp, #16
	ldr	x1, =0x20026
	stp	x1, x0, [sp]
	mov	x1, sp
	mov	w0, #0x20
	hlt	#0xf000
	b	.

/* uint64_t try_read(addr), try_write(addr), try_call(addr): 0, or the syndrome of the fault */
	.global try_read, try_write, try_call
try_read:
	adr	x9, 9f
	ldr	x1, [x0]
	mov	x0, #0
9:	ret
try_write:
	adr	x9, 9f
	str	x0, [x0]
	mov	x0, #0
9:	ret
try_call:
	mov	x10, x30
	adr	x9, 9f
	blr	x0
	mov	x0, #0
9:	mov	x30, x10
	ret

/* x9 is where the function that faulted wants to go on. */
	.balign 2048
vectors:
	.rept	16
	mrs	x0, REG(esr)
	cbz	x9, 1f
	msr	REG(elr), x9
	mov	x9, #0
	eret
1:	mov	x0, #UNEXPECTED
	b	leave
	.balign	128
	.endr
