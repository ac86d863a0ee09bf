/* SPDX-License-Identifier: MIT */
/*
 * REGISTER(name, write): what the AArch32 guest sets before it asks; 'write' is the instruction,
 * with the low and the high word of the value as %0 and %1.
 */
REGISTER(hcr, "mcr p15, 4, %0, c1, c1, 0")
REGISTER(ttbcr, "mcr p15, 0, %0, c2, c0, 2")
REGISTER(ttbr0, "mcrr p15, 0, %0, %1, c2")
REGISTER(ttbr1, "mcrr p15, 1, %0, %1, c2")
REGISTER(dacr, "mcr p15, 0, %0, c3, c0, 0")
REGISTER(mair0, "mcr p15, 0, %0, c10, c2, 0")
REGISTER(mair1, "mcr p15, 0, %0, c10, c2, 1")
REGISTER(vbar, "mcr p15, 0, %0, c12, c0, 0")
REGISTER(vtcr, "mcr p15, 4, %0, c2, c1, 2")
REGISTER(vttbr, "mcrr p15, 6, %0, %1, c2")
REGISTER(sctlr, "mcr p15, 0, %0, c1, c0, 0")
REGISTER(hsctlr, "mcr p15, 4, %0, c1, c0, 0")
