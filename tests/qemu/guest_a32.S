/* SPDX-License-Identifier: MIT */
/*
 * The AArch32 guest: from secure SVC by way of Monitor into Hyp, and there it stays, its own MMU
 * off.  The instruction under each fetched address is HVC #1; the vectors of PL1, which the harness
 * fills with HVC #2, bring back what PL1 was told.  Nothing else runs below Hyp: all registers that
 * are not banked survive, and the exception returns to the caller of guest_fetch().
 */
#define RESULT_SOURCE_SHIFT 24	/* in the high word */

	.syntax	unified
	.arm
	.section .text.start, "ax"
	.global guest_start
guest_start:
	ldr	r0, =guest_monitor
	mcr	p15, 0, r0, c12, c0, 1	/* MVBAR */
	isb
	smc	#0

in_hyp:
	ldr	sp, =guest_stack
	ldr	r0, =guest_vectors
	mcr	p15, 4, r0, c12, c0, 0	/* HVBAR */
	isb
	ldr	r0, =guest_mailbox
	bl	guest_main
	/* SYS_EXIT of semihosting, which QEMU hears at HLT #0xf000 */
	mov	r0, #0x18
	ldr	r1, =0x20026
	.inst	0xe10f0070
	b	.

/* uint64_t ask_NAME(uint32_t address): PAR. */
	.macro	ask name, op
	.global	ask_\name
ask_\name:
	mcr	p15, 0, r0, c7, c8, \op
	isb
	mrrc	p15, 0, r0, r1, c7
	bx	lr
	.endm

	ask	s1cpr, 0
	ask	s1cpw, 1
	ask	s1cur, 2
	ask	s1cuw, 3
	ask	s12nsopr, 4
	ask	s12nsopw, 5
	ask	s12nsour, 6
	ask	s12nsouw, 7

/* uint64_t guest_fetch(uint32_t address, uint32_t spsr): IFSR or HSR, and in the top byte whose. */
	.global	guest_fetch
guest_fetch:
	msr	elr_hyp, r0
	msr	spsr_cxsf, r1
	mov	r2, #0
	mcr	p15, 0, r2, c5, c0, 1	/* IFSR */
	eret

	.balign	32
guest_monitor:
	b	.
	b	.
	ldr	r0, =0x101		/* SCR: NS, HCE */
	mcr	p15, 0, r0, c1, c1, 0
	isb
	ldr	lr, =in_hyp
	mov	r0, #0x1da		/* Hyp, all masked */
	msr	spsr_cxsf, r0
	movs	pc, lr

	.balign	32
guest_vectors:
	b	unexpected
	b	unexpected
	b	unexpected
	b	unexpected
	b	unexpected
	b	hyp_trap
	b	unexpected
	b	unexpected

/* PL1 and PL0 run with the caller's r0-r12 and lr_usr; Hyp's lr is lr_usr, so it is still right. */
hyp_trap:
	setend	le			/* HSCTLR.EE may say otherwise */
	mrc	p15, 4, r0, c5, c2, 0	/* HSR */
	lsr	r1, r0, #26
	cmp	r1, #0x20		/* stage 2 stopped a fetch */
	moveq	r1, #3 << RESULT_SOURCE_SHIFT
	bxeq	lr
	cmp	r1, #0x12		/* HVC */
	bne	unexpected
	lsl	r1, r0, #16
	lsr	r1, r1, #16
	cmp	r1, #2
	mov	r0, #0
	mrceq	p15, 0, r0, c5, c0, 1	/* IFSR */
	lsl	r1, r1, #RESULT_SOURCE_SHIFT
	bx	lr

unexpected:
	setend	le
	mrc	p15, 4, r0, c5, c2, 0
	mov	r1, #1 << 22
	bx	lr

	.ltorg
	.bss
	.balign	16
	.space	4096
guest_stack:
	.section .note.GNU-stack, "", %progbits
