/* SPDX-License-Identifier: MIT */
/*
 * What an Arm SMMU version 3 reads in memory: bits of stream table entries (STE), context
 * descriptors (CD) and the descriptors above them, and of the registers that lead there.  A field
 * is a mask over the 64-bit word of that number.  Arm SMMU architecture version 3: "Stream table",
 * "Stream Table Entry", "Context Descriptor table", "Context Descriptor", "Event records".
 */
#ifndef IOPT_SMMU_V3_H
#define IOPT_SMMU_V3_H

#include "base.h"

enum {
	STE_WORDS = 8,
	STE_SHIFT = 6, /* log2 bytes of it, and of a CD */
	CD_WORDS = 8,
	L1_SHIFT = 3, /* log2 bytes of a descriptor above them */
	EVENT_WORDS = 4,
	V3_SID_BITS_MAX = 32,
	V3_SSID_BITS_MAX = 20,
};

#define STRTAB_BASE_RA	    BIT(62)
#define STRTAB_BASE_ADDR    BITS(51, 6)
#define STRTAB_CFG_FMT	    BITS(17, 16)
#define STRTAB_CFG_SPLIT    BITS(10, 6)
#define STRTAB_CFG_LOG2SIZE BITS(5, 0)
#define QUEUE_BASE_RWA	    BIT(62)
#define QUEUE_BASE_LOG2SIZE BITS(4, 0)

enum { STRTAB_LINEAR, STRTAB_2LEVEL };

#define CR0_CMDQEN    BIT(3)
#define CR0_EVENTQEN  BIT(2)
#define CR0_SMMUEN    BIT(0)
#define CR2_PTM	      BIT(2)
#define CR2_RECINVSID BIT(1)
#define CR2_E2H	      BIT(0)
#define GBPA_UPDATE   BIT(31)
#define GBPA_ABORT    BIT(20)

#define IDR0_S1P	    BIT(1)
#define IDR0_S2P	    BIT(0)
#define IDR0_CD2L	    BIT(19)
#define IDR1_ATTR_PERMS_OVR BIT(26)
#define IDR1_SSIDSIZE	    BITS(10, 6)
#define IDR1_SIDSIZE	    BITS(5, 0)
#define IDR3_STT	    BIT(9)
#define IDR5_OAS	    BITS(2, 0)

#define L1STD_L2PTR BITS(51, 6)
#define L1STD_SPAN  BITS(4, 0)
#define L1CD_V	    BIT(0)
#define L1CD_L2PTR  BITS(51, 12)

/* word 0 */
#define STE_V		 BIT(0)
#define STE_CONFIG	 BITS(3, 1)
#define STE_S1FMT	 BITS(5, 4)
#define STE_S1CONTEXTPTR BITS(51, 6)
#define STE_S1CDMAX	 BITS(63, 59)
/* word 1 */
#define STE_S1DSS    BITS(1, 0)
#define STE_S1CIR    BITS(3, 2)
#define STE_S1COR    BITS(5, 4)
#define STE_S1CSH    BITS(7, 6)
#define STE_S2FWB    BIT(25)
#define STE_S1STALLD BIT(27)
#define STE_EATS     BITS(29, 28)
#define STE_STRW     BITS(31, 30)
#define STE_SHCFG    BITS(45, 44)
#define STE_PRIVCFG  BITS(49, 48)
#define STE_INSTCFG  BITS(51, 50)
/* word 2 */
#define STE_S2VMID BITS(15, 0)
#define STE_S2VTCR BITS(50, 32) /* VTCR's low bits, as they are there */
#define STE_S2AA64 BIT(51)
#define STE_S2ENDI BIT(52)
#define STE_S2AFFD BIT(53)
#define STE_S2PTW  BIT(54)
#define STE_S2HD   BIT(55)
#define STE_S2HA   BIT(56)
#define STE_S2S	   BIT(57)
#define STE_S2R	   BIT(58)
/* word 3 */
#define STE_S2TTB BITS(51, 4)

/* Config: bit 2 is set unless it aborts; bit 0: stage 1, bit 1: stage 2. */
enum { STE_ABORT = 0, STE_BYPASS = 4, STE_S1 = 5, STE_S2 = 6, STE_NESTED = 7 };
enum { S1FMT_LINEAR, S1FMT_4K_L2, S1FMT_64K_L2 };
enum { S1DSS_TERMINATE, S1DSS_BYPASS, S1DSS_SSID0 };
enum { STRW_NSEL1 = 0, STRW_EL2 = 2 };
enum { SHCFG_INCOMING = 1 };

/* word 0 */
#define CD_T0SZ	 BITS(5, 0)
#define CD_TG0	 BITS(7, 6)
#define CD_IR0	 BITS(9, 8)
#define CD_OR0	 BITS(11, 10)
#define CD_SH0	 BITS(13, 12)
#define CD_EPD0	 BIT(14)
#define CD_ENDI	 BIT(15)
#define CD_T1SZ	 BITS(21, 16)
#define CD_TG1	 BITS(23, 22)
#define CD_WALK1 BITS(29, 24) /* IR1, OR1, SH1, as in TCR_EL1 */
#define CD_EPD1	 BIT(30)
#define CD_V	 BIT(31)
#define CD_IPS	 BITS(34, 32)
#define CD_AFFD	 BIT(35)
#define CD_WXN	 BIT(36)
#define CD_UWXN	 BIT(37)
#define CD_TBI	 BITS(39, 38)
#define CD_AA64	 BIT(41)
#define CD_HD	 BIT(42)
#define CD_HA	 BIT(43)
#define CD_S	 BIT(44)
#define CD_R	 BIT(45)
#define CD_A	 BIT(46)
#define CD_ASET	 BIT(47)
#define CD_ASID	 BITS(63, 48)
/* words 1 and 2 */
#define CD_HAD BIT(1)
#define CD_TTB BITS(51, 4)
/* word 3: MAIR */

/* Event records */
#define EVENT_0_SID   BITS(63, 32)
#define EVENT_0_SSID  BITS(31, 12)
#define EVENT_0_SSV   BIT(11)
#define EVENT_0_ID    BITS(7, 0)
#define EVENT_1_STALL BIT(31)
#define EVENT_1_PNU   BIT(33)
#define EVENT_1_IND   BIT(34)
#define EVENT_1_RNW   BIT(35)
#define EVENT_1_S2    BIT(39)
#define EVENT_1_CLASS BITS(41, 40)
#define EVENT_3_IPA   BITS(51, 12)
#define EVENT_3_FETCH BITS(51, 3)

#endif
