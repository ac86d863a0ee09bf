/* SPDX-License-Identifier: MIT */
/* The guest that drives an SMMU and a device, at EL1 with its MMU off; an exception ends it. */
	.section .text.start, "ax"
	.global guest_start
guest_start:
	adr	x1, guest_stack
	mov	sp, x1
	adr	x1, guest_vectors
	msr	vbar_el1, x1
	isb
	ldr	x0, =guest_mailbox
	bl	guest_main
leave:
	/* SYS_EXIT of semihosting */
	mov	x0, #0x18
	adr	x1, exit_block
	hlt	#0xf000
	b	.

	.balign	8
exit_block:
	.quad	0x20026, 0

	.balign	2048
guest_vectors:
	.rept	16
	b	leave
	.balign	128
	.endr

	.balign	16
	.space	4096
guest_stack:
