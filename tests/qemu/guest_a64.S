/* SPDX-License-Identifier: MIT */
/*
 * The AArch64 guest at EL3, its own MMU off.  The instruction under each fetched address is SMC #1,
 * so a fetch that is allowed comes back here at once; one that is not goes to the vectors of EL1 or
 * EL2, which the harness fills with SMC #2 and SMC #3.  Nothing else runs below EL3, so all
 * registers survive and the exception returns to the caller of guest_fetch().
 */
#define RESULT_SOURCE_SHIFT 56

	.section .text.start, "ax"
	.global guest_start
guest_start:
	adr	x1, guest_stack
	mov	sp, x1
	adr	x1, guest_vectors
	msr	vbar_el3, x1
	ldr	x1, =0x501	/* NS, HCE, RW: below is non-secure AArch64 */
	msr	scr_el3, x1
	msr	cptr_el3, xzr
	isb
	ldr	x0, =guest_mailbox
	bl	guest_main
	/* SYS_EXIT of semihosting */
	mov	x0, #0x18
	adr	x1, exit_block
	hlt	#0xf000
	b	.

	.balign	8
exit_block:
	.quad	0x20026, 0

/* uint64_t ask_NAME(uint64_t address): PAR_EL1. */
	.macro	ask name
	.global	ask_\name
ask_\name:
	at	\name, x0
	isb
	mrs	x0, par_el1
	ret
	.endm

	ask	s1e1r
	ask	s1e1w
	ask	s1e0r
	ask	s1e0w
	ask	s1e2r
	ask	s1e2w
	ask	s12e1r
	ask	s12e1w
	ask	s12e0r
	ask	s12e0w

/*
 * uint64_t ask_NAME(uint64_t address, uint64_t sctlr): the tables of EL3 are asked while EL3 itself
 * runs on them; they map this page where it is.
 */
	.macro	ask_el3 name
	.global	ask_\name
ask_\name:
	mrs	x2, sctlr_el3
	msr	sctlr_el3, x1
	isb
	at	\name, x0
	isb
	mrs	x0, par_el1
	msr	sctlr_el3, x2
	isb
	ret
	.endm

	ask_el3	s1e3r
	ask_el3	s1e3w

/* uint64_t guest_fetch(uint64_t address, uint64_t spsr): source << 56 | syndrome. */
	.global	guest_fetch
guest_fetch:
	msr	elr_el3, x0
	msr	spsr_el3, x1
	msr	esr_el1, xzr
	msr	esr_el2, xzr
	eret

	.macro	slot target
	.balign	0x80
	b	\target
	.endm

	.balign	0x800
guest_vectors:
	.rept	4
	slot	own_exception
	.endr
	.rept	4
	slot	own_exception
	.endr
	.rept	4
	slot	lower_exception
	.endr
	.rept	4
	slot	unexpected
	.endr

/* AT itself fails when the walk reads what is no memory; whoever called it gets the syndrome. */
own_exception:
unexpected:
	mrs	x0, esr_el3
	orr	x0, x0, #1 << 54
	ret

lower_exception:
	mrs	x0, esr_el3
	ubfx	x1, x0, #26, #6
	cmp	x1, #0x17	/* SMC from AArch64 */
	b.ne	unexpected
	and	x1, x0, #0xffff
	mrs	x0, esr_el1
	cmp	x1, #2
	b.eq	1f
	mrs	x0, esr_el2
	cmp	x1, #3
	b.eq	1f
	mov	x0, #0
1:	orr	x0, x0, x1, lsl #RESULT_SOURCE_SHIFT
	ret

	.ltorg
	.bss
	.balign	16
	.space	4096
guest_stack:
	.section .note.GNU-stack, "", %progbits
