/* SPDX-License-Identifier: MIT */
/* For QEMU's virt machine: switches the MMU on over tables that were made when this was built. */
#include "tables.h"

	.section .text.start, "ax"
	.globl _start
_start:
	adrp	x0, stack_end
	mov	sp, x0
	ldr	x0, =IOPT_TABLES_MAIR_EL1
	msr	mair_el1, x0
	ldr	x0, =IOPT_TABLES_TCR_EL1
	msr	tcr_el1, x0
	ldr	x0, =IOPT_TABLES_TTBR0_EL1
	msr	ttbr0_el1, x0
	isb
	tlbi	vmalle1
	dsb	nsh
	isb
	mrs	x0, sctlr_el1
	mov	x1, #0x1005	/* M, C, I */
	orr	x0, x0, x1
	msr	sctlr_el1, x0
	isb
	bl	main
	ldr	w0, =0x84000008	/* PSCI SYSTEM_OFF */
	hvc	#0
	b	.

	.section .note.GNU-stack, "", %progbits
