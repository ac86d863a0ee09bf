/* SPDX-License-Identifier: MIT */
/* From reset in a privileged mode: the MMU on, long or short descriptors, and back from faults. */
#include "boot.h"

	.arch	armv7-a
	.arm
	.section .text.start, "ax"
	.global _start
_start:
	cpsid	aif, #0x17		/* abort mode has no stack to need */
	cpsid	aif, #0x13
	ldr	sp, =stack_top
	ldr	r0, =vectors
	mcr	p15, 0, r0, c12, c0, 0	/* VBAR */
	ldr	r1, =PARAMS
	ldr	r2, [r1]		/* TTBR0 */
	ldr	r3, [r1, #8]		/* TTBCR */
	ldr	r4, [r1, #16]		/* MAIR0, PRRR */
	ldr	r5, [r1, #24]		/* MAIR1, NMRR */
	mcr	p15, 0, r3, c2, c0, 2
#ifdef LPAE
	mov	r6, #0
	mcrr	p15, 0, r2, r6, c2
#else
	mcr	p15, 0, r2, c2, c0, 0
#endif
	mcr	p15, 0, r4, c10, c2, 0
	mcr	p15, 0, r5, c10, c2, 1
	mov	r6, #1			/* DACR: domain 0 is a client */
	mcr	p15, 0, r6, c3, c0, 0
	mov	r6, #0
	mcr	p15, 0, r6, c8, c7, 0	/* TLBIALL */
	dsb
	isb
	mrc	p15, 0, r0, c1, c0, 0
	ldr	r1, =0x30001005		/* AFE, TRE, I, C, M */
	orr	r0, r0, r1
	bic	r0, r0, #0x2000		/* V: vectors are where VBAR says */
	mcr	p15, 0, r0, c1, c0, 0
	isb
	bl	boot_main
	.global leave
leave:
	ldr	r1, =0x20026
	push	{r0}
	push	{r1}
	mov	r1, sp
	mov	r0, #0x20
	svc	#0x123456
	b	.

	.global try_read, try_write, try_call
try_read:
	adr	r9, 9f
	ldr	r1, [r0]
	mov	r0, #0
9:	bx	lr
try_write:
	adr	r9, 9f
	str	r0, [r0]
	mov	r0, #0
9:	bx	lr
try_call:
	mov	r10, lr
	adr	r9, 9f
	blx	r0
	mov	r0, #0
9:	bx	r10

	.balign	32
vectors:
	b	unexpected
	b	unexpected
	b	unexpected
	b	prefetch
	b	data
	b	unexpected
	b	unexpected
	b	unexpected

/* The status with a bit of our own: which kind of abort it was. */
prefetch:
	mrc	p15, 0, r0, c5, c0, 1
	orr	r0, r0, #0x80000000
	b	resume
data:
	mrc	p15, 0, r0, c5, c0, 0
	orr	r0, r0, #0x40000000
resume:
	cmp	r9, #0
	beq	unexpected
	mov	lr, r9
	mov	r9, #0
	movs	pc, lr
unexpected:
	mov	r0, #UNEXPECTED
	cpsid	aif, #0x13
	b	leave
