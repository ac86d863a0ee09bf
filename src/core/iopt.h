/* SPDX-License-Identifier: MIT */
/*
 * libiopt: Arm translation tables over simulated physical memory.
 *
 *     memory   one physical address space: RAM windows, or what a dump holds
 *     space    one table tree in a memory
 *     domain   one or two spaces (the halves of TTBR0 and TTBR1), as the IOMMU API's domain
 *
 * Addresses, sizes and descriptors are uint64_t; a size is in bytes, a 'last' inclusive.  Functions
 * return 0, or a negative IOPT_E* code (a count where they say so).  Structs that the caller fills
 * begin with 'struct_size', which the caller sets to sizeof: IOPT_INIT(struct iopt_config).  What
 * a function hands out by pointer is the caller's to destroy; strings inside a struct that is
 * filled in live as long as the object that they describe.  There is no global state: a memory
 * and all that lives on it belong to one thread at a time, different memories may run in parallel.
 */
#ifndef IOPT_H
#define IOPT_H

#include "iopt/error.h"
#include "iopt/memory.h"
#include "iopt/domain.h"
#include "iopt/walk.h"
#include "iopt/decode.h"
#include "iopt/find.h"
#include "iopt/diff.h"
#include "iopt/lint.h"
#include "iopt/stats.h"
#include "iopt/iova.h"
#include "iopt/smmu.h"
#include "iopt/device.h"
#include "iopt/route.h"
#include "iopt/dma.h"
#include "iopt/board.h"
#include "iopt/trace.h"
#include "iopt/files.h"
#include "iopt/build.h"
#include "iopt/emit.h"

#endif
