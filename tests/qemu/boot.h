/* SPDX-License-Identifier: MIT */
/* What the boot programs share: where things are, and what is put there before they start. */
#ifndef BOOT_H
#define BOOT_H

/* Registers, in the order of boot.py; the MMU is off when they are read. */
#define PARAMS 0x40180000

/* 512 MiB of RAM where it is, by the largest blocks; its beginning once more elsewhere. */
#define BIG	  0x60000000
#define BIG_LAST  0x7ffffff8
#define ALIAS	  0xa0000000
#define UNMAPPED  0x90000000

/* Exit codes: which expectation was not met. */
#define BAD_READ	11
#define BAD_WRITE	12
#define BAD_ALIAS	13
#define NO_RO_FAULT	14
#define NO_NX_FAULT	15
#define NO_HOLE_FAULT	16
#define WROTE_RO	17
#define UNEXPECTED	18

#endif
