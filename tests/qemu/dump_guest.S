/* SPDX-License-Identifier: MIT */
/*
 * A guest whose memory is dumped: turns the MMU on with the tables and registers that it finds
 * behind its code, writes a word through the upper alias of its data page, and waits.
 */
	.text
	.globl _start
_start:
	ldr	x0, ttbr0
	msr	ttbr0_el1, x0
	ldr	x0, tcr
	msr	tcr_el1, x0
	ldr	x0, mair
	msr	mair_el1, x0
	isb
	tlbi	vmalle1
	dsb	sy
	mrs	x0, sctlr_el1
	orr	x0, x0, #1
	msr	sctlr_el1, x0
	isb
	ldr	x1, alias
	ldr	x0, mark
	str	x0, [x1]
	dsb	sy
1:	wfi
	b	1b

	.balign	8
	.globl	registers
registers:
ttbr0:	.quad	0
tcr:	.quad	0
mair:	.quad	0
alias:	.quad	0
mark:	.quad	0x1234567890abcdef
