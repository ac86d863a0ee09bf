/* SPDX-License-Identifier: MIT */
/* For QEMU's virt machine: switches the MMU on over tables that the linker has placed. */
	.arch	armv7-a
	.arch_extension virt
	.text
	.globl _start
_start:
	ldr	sp, =stack_end
	mcr	p15, 0, r0, c8, c7, 0	/* TLBIALL */
	ldr	r0, =IOPT_TABLES_TTBCR
	mcr	p15, 0, r0, c2, c0, 2
	ldr	r0, =iopt_tables
	mcr	p15, 0, r0, c2, c0, 0	/* TTBR0; walks are not cached */
	ldr	r0, =IOPT_TABLES_PRRR
	mcr	p15, 0, r0, c10, c2, 0
	ldr	r0, =IOPT_TABLES_NMRR
	mcr	p15, 0, r0, c10, c2, 1
	mov	r0, #1			/* domain 0: as the descriptors say */
	mcr	p15, 0, r0, c3, c0, 0	/* DACR */
	isb
	mrc	p15, 0, r0, c1, c0, 0
	orr	r0, r0, #1		/* M */
	orr	r0, r0, #0x30000000	/* TRE, AFE */
	mcr	p15, 0, r0, c1, c0, 0
	isb
	bl	main
	ldr	r0, =0x84000008		/* PSCI SYSTEM_OFF */
	hvc	#0
	b	.

	.section .note.GNU-stack, "", %progbits
