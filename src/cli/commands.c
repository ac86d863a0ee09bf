/* SPDX-License-Identifier: MIT */
/* THE table of commands: dispatch, usage, help, manual page and completion are made from it. */
#include "handlers.h"

/* A negative answer is an answer, so both have a text. */
#define TRANSLATE_TEXT "{iova}[ -> {pa}][: {fault.type} fault, level {fault.level}]"

#define FIELDS_TEXT "<<fields [\n    {bits:6} {name:-18} {value:12} {meaning}]>>"

#define WALK_TEXT                                                                            \
	"<<steps stage {stage}, level {level}: table {table}, index {index} (bits {bits})\n" \
	"  {descriptor:-18} at {descriptor_pa}: {type}" FIELDS_TEXT "\n>>"                   \
	"{iova}[ -> {pa}, one of {size} bytes][, by way of {ipa}]"                           \
	"[: {fault.type} fault, level {fault.level}, stage {fault.stage}]"                   \
	"[\n  {access}, {memory}, shareability {share}][, {ns}][, {ng}][, {contiguous}]"     \
	"<<why \n  {}>>"

#define DECODE_TEXT "{name} {value}[: {title}][: {type}]" FIELDS_TEXT

#define IOVA_TEXT "[pfn {pfn_lo}..{pfn_hi}][pfn {pfn}][, iova {iova}][..{last}]"

#define IOVA_SHOW_TEXT                                                                      \
	"{name}: {profile}, granule {granule}, from pfn {start_pfn}; ranges {range_count}," \
	" pages {page_count}\n"                                                             \
	"below pfn {dma_32bit_pfn}: max32_alloc_size {max32_alloc_size}"                    \
	"[, search from {cached32_node}]"                                                   \
	"[\nabove: search from {cached_node}]"                                              \
	"<<caches \n  {pages:2} pages: loaded {loaded:3}, prev {prev:3}, depot {depot:2}"   \
	"[: {pfns}]>>"                                                                      \
	"<<ranges \n  {}>>"                                                                 \
	"<<buffers \n  {name}: {kind}, iova {iova}, {size} bytes of {iova_size}>>"          \
	"[\ntables {tables.count}, {tables.bytes} bytes]"

#define SMMU_TEXT \
	"{smmu.name}: {smmu.model}, ias {smmu.ias} oas {smmu.oas}, granules {smmu.granules}"

#define DEVICE_TEXT "{device.name}: {device.ops}[, group {device.group}][, domain {device.domain}]"

#define BUFFER_TEXT                                                                         \
	"{buffer.name}: {buffer.size} bytes at iova {buffer.iova}, mapped {buffer.mapped}," \
	" {buffer.source}<<buffer.attrs , {}>><<buffer.segments \n  pa {pa} {size}>>"       \
	"<<buffer.dma \n  dma {iova} {size}>>"

#define BLOCK_TEXT "{buffer.name}: {buffer.size} bytes at iova {buffer.iova}, pa {buffer.pa}"

#define POOL_TEXT \
	"{pool.name}: {pool.chunk_blocks} blocks of {pool.size} in a chunk of {pool.allocation}"

#define QUIET ""

const struct command commands[] = {
	{"mem new", "NAME", "make an empty memory and use it",
	 "A memory is one physical address space.  The session starts with one, called main.",
	 QUIET, cmd_mem_new},
	{"mem use", "MEMORY", "use another memory",
	 "The mem commands, domain create and domain open work in the memory in use.", QUIET,
	 cmd_mem_use},
	{"mem list", "", "list memories and their windows",
	 "What lies in no window is absent, which is not the same as zero.", NULL, cmd_mem_list},
	{"mem delete", "MEMORY", "forget a memory",
	 "Not while tables are in it, nor while it is the one in use.", QUIET, cmd_mem_delete},
	{"mem add", "BASE SIZE", "add RAM",
	 "Both are multiples of 4k, and nothing may be there yet.  RAM is zero and costs nothing"
	 " until it is written.  The first table in a memory without RAM adds 1g at 0x80000000."
	 "\n\n\tmem add 0x4000_0000 512m",
	 QUIET, cmd_mem_add},
	{"mem load", "FILE[@ADDR]", "load memory contents",
	 "An ELF core is recognised and goes where its segments say; any other file is plain bytes"
	 " at ADDR.  The argument is split at its last @, unless a file of that whole name is there or"
	 " a / follows.  Where RAM is, the bytes are written into it; another file's window is not"
	 " written over.\n\n\tmem load vmcore.elf\n\tmem load tables.bin@0x8000_0000",
	 QUIET, cmd_mem_load},
	{"mem save", "FILE [RANGE]", "save memory contents",
	 "A name that ends in .elf or .core gets an ELF core with a segment for each window, any"
	 " other the plain bytes of RANGE, or of the only window.  Absent bytes are written as"
	 " zeros, with a warning.",
	 QUIET, cmd_mem_save},
	{"mem read", "ADDR [LEN]", "show bytes",
	 "Up to 1m of them, 64 without LEN.  A byte that is absent is shown as two dots.", "{data}",
	 cmd_mem_read},
	{"mem write", "ADDR NUMBER... [--size 1|2|4|8]", "write numbers",
	 "Little-endian words of 8 bytes, or of --size.  All of them are written, or none."
	 "\n\n\tmem write 0x8000_0000 0x80001003 0x80002003",
	 QUIET, cmd_mem_write},
	{"mem budget", "N|off", "let only N more allocations of pages succeed",
	 "To try what happens out of memory; a table is one allocation.", QUIET, cmd_mem_budget},
	{"domain create",
	 "NAME [--format FORMAT] [--ias BITS] [--oas BITS] [--granule GRANULE]"
	 " [--page-sizes SIZE,...] [--quirk QUIRK]... [--regime el1|el2|el3]"
	 " [--non-coherent-walk] [--cpu-page-size GRANULE] [--endian little|big] [--type TYPE]",
	 "make a domain with empty tables",
	 "alloc_io_pgtable_ops() of Linux: it chooses a granule from the page sizes, clamps the"
	 " address sizes to what the granule can do, and computes the registers.  The default is"
	 " arm-64-lpae-s1 with 48 bits in and out (arm-v7s: 32 and 32; arm-32-lpae-s1: 32 and 40;"
	 " arm-32-lpae-s2: 40 and 40), a granule of 4k and all its page sizes.  What Linux builds"
	 " but the architecture forbids is built, with a warning.  The new domain is the current"
	 " one.\n\nWith --type, iommu_domain_alloc(): a domain for devices, whose format and sizes the"
	 " first attach decides: unmanaged, dma, dma-fq (lazy), identity or blocked."
	 "\n\n\tdomain create d0 --ias 39 --quirk arm-ns\n\tdomain create vm --type unmanaged",
	 QUIET, cmd_domain_create},
	{"domain open",
	 "NAME [--registers FILE|K=V,...] [--format FORMAT] [--regime REGIME]"
	 " [--stage2 DOMAIN] [--endian little|big]",
	 "open tables that are already in memory",
	 "The registers are a CPU's, from a JSON file or as NAME=VALUE pairs: ttbr0, ttbr1, tcr,"
	 " mair, also with _el1, _el2 or _el3; vttbr and vtcr for stage 2; ttbcr, prrr, nmrr, mair0,"
	 " mair1 and dacr of AArch32; sctlr, hcr_el2, scr_el3 and id_aa64mmfr1 where they are known."
	 "  arch is aarch64 (the default), arm (TTBCR.EAE decides), aarch32-lpae or aarch32-v7s."
	 "  --regime chooses when there are several; the default is the first of el1, el2, el3,"
	 " stage2 that is there.  With --stage2 what comes out is translated once more, the tables"
	 " themselves too, as that domain is now."
	 "\n\nWith --format they are a space's own, as domain show prints them: ttbr, tcr, mair;"
	 " vttbr, vtcr for stage 2; ttbr, prrr, nmrr for arm-v7s; with ias, oas and quirks where"
	 " they do not tell; a single field is tcr.tsz=16."
	 "\n\n\tdomain open k --registers vmcore.regs.json --regime el1"
	 "\n\tdomain open u --registers ttbr0_el1=0x4d5a6000,tcr_el1=0x5b5193519"
	 "\n\tdomain open d --format arm-64-lpae-s1 --registers ttbr=0x80000000,ias=39",
	 QUIET, cmd_domain_open},
	{"domain list", "", "list domains", "The current one is marked.", NULL, cmd_domain_list},
	{"domain show", "[DOMAIN]", "show a domain's geometry and registers",
	 "The fields of the registers are those that Linux's table code reports.  In scripts"
	 " $NAME.root, $NAME.format, $NAME.tcr, $NAME.tcr.tsz and so on are their values.",
	 NULL, cmd_domain_show},
	{"domain use", "DOMAIN", "make a domain the current one",
	 "Table commands without -d work on it.", QUIET, cmd_domain_use},
	{"domain delete", "DOMAIN", "free a domain and its tables",
	 "free_io_pgtable_ops() of Linux.  A memory that was made by load goes with its domain."
	 "  Not while it is another's stage 2.",
	 QUIET, cmd_domain_delete},
	{"domain flush", "DOMAIN", "let the flush queue's timer go off",
	 "fq_flush_timeout() of Linux: in a lazy domain (type dma-fq) freed addresses wait until the"
	 " TLB was flushed; now they can be handed out again.  In another domain nothing waits.",
	 QUIET, cmd_domain_flush},
	{"map", "IOVA PA SIZE PROT [-d DOMAIN]", "map a range",
	 "iommu_map() of Linux: SIZE is split into page sizes, and a failure undoes what was"
	 " done.  PROT is a list of read, write, cache, noexec, mmio and priv, letters of rwcnmp,"
	 " or none.\n\n\tmap 0x1000 0x8000_1000 64k read,write,cache\n\tmap 2m 1g 2m rwc",
	 QUIET, cmd_map},
	{"unmap", "IOVA SIZE [-d DOMAIN]", "unmap a range",
	 "iommu_unmap() of Linux.  Less than SIZE is a failure; what was unmapped until then stays"
	 " so.",
	 QUIET, cmd_unmap},
	{"map-pages", "IOVA PA PGSIZE COUNT PROT [-d DOMAIN]", "call map_pages() once",
	 "Checks what Linux's function checks and no more.  It stops at the end of the table, so"
	 " that less than COUNT pages may be mapped, which is noted on standard error.  With -j the"
	 " answer has the TLB maintenance that it asked for.",
	 QUIET, cmd_map_pages},
	{"unmap-pages", "IOVA PGSIZE COUNT [--queued] [-d DOMAIN]", "call unmap_pages() once",
	 "Less than COUNT pages may be unmapped, or none, which is noted on standard error.  With --queued the caller flushes everything later,"
	 " and no page is flushed alone.",
	 QUIET, cmd_unmap_pages},
	{"translate", "IOVA... [-d DOMAIN]", "translate as hardware would",
	 "Checks the input range, the structure and the access flag; permissions are not asked."
	 "  A fault is exit status 1.",
	 TRANSLATE_TEXT, cmd_translate},
	{"iova_to_phys", "IOVA... [-d DOMAIN]", "translate as Linux's iova_to_phys() does",
	 "It checks neither range nor flags.  Linux answers 0 where nothing is mapped, so that a page"
	 " at physical address 0 looks as if it were not there: translate can tell.",
	 "{iova} -> {pa}", cmd_iova_to_phys},
	{"walk", "IOVA... [-d DOMAIN] [--access r|w|x] [--el 0|1|2|3]",
	 "show how hardware would translate",
	 "Each table that the walk reads, the descriptor in it and all its fields, then where it"
	 " leads, what memory that is, who may do what there, and which bits decided it; or the"
	 " fault that hardware would report, with exit status 1.  --access asks for a permission too,"
	 " at the exception level of --el, or of the tables' own.\n\n\twalk 0x1234 --access w --el 0",
	 WALK_TEXT, cmd_walk},
	{"decode",
	 "[REGISTER=VALUE...] [--list] [--format FORMAT] [--level -1|0|1|2|3] [--granule GRANULE]"
	 " [--regime REGIME] [--oa-layout 48|lpa|lpa2]",
	 "take a register or descriptor apart",
	 "Every field by its name in the Arm manuals.  --list lists the registers.  desc=VALUE is a"
	 " descriptor, for which --format and --level say what it is; --granule is 4k, --regime el1"
	 " and --oa-layout 48 unless they are given.  Reserved bits appear only where they are not"
	 " what they should be."
	 "\n\n\tdecode tcr_el1=0x5b5193519 esr_el1=0x96000046"
	 "\n\tdecode desc=0x40000000000f43 --format arm-64-lpae-s1 --level 3",
	 DECODE_TEXT, cmd_decode},
	{"dump",
	 "[-d DOMAIN] [-F text|mappings|ptdump|json|jsonl|raw|csv] [-o FILE] [--base ADDR]"
	 " [--expand]",
	 "show or write tables",
	 "Without -F, the mappings, neighbours joined, or what the suffix of FILE says: .json,"
	 " .jsonl, .csv, .txt, or .bin, .img, .raw for the raw image.  ptdump is how Linux's"
	 " debugfs shows tables.  A raw image is packed from --base on, and FILE.json beside it"
	 " says how to load it.  A table that is reached again is shown once: mappings, ptdump and"
	 " csv then have a line (with -j a record) for the range that it covers, which names where"
	 " the same tables were shown.  In stage 2, el1 and el0 are"
	 " what XN[1:0] leaves to each: both bits, which noexec of map sets as Linux does, leave el1"
	 " able to execute.  Where id_aa64mmfr1 is given and has no FEAT_XNX, XN[1] alone counts."
	 "  --expand does not join entries.  A file appears whole or not at"
	 " all.\n\n\tdump -F raw -o tables.bin --base 0x9000_0000",
	 QUIET, cmd_dump},
	{"load", "FILE [NAME] [-F json|jsonl|raw] [--base ADDR]", "load tables from a file",
	 "What dump has written, into a memory of its own.  Memory and domain are called NAME, or"
	 " like the file, with a number behind it if that is taken.  A name that ends in .json or"
	 " .jsonl is read as JSON whatever is in it.  --base moves the tables there.  Registers that"
	 " contradict root or ias are kept, with a warning.",
	 QUIET, cmd_load},
	{"iova new", "NAME [--granule SIZE] [--start-pfn PFN] [--cpu-page-size GRANULE]",
	 "make a space of I/O virtual addresses",
	 "init_iova_domain() of Linux.  Addresses are counted in pfns, pages of a granule (4k, and"
	 " never more than the CPU's page); the lowest that is handed out is 1, or --start-pfn."
	 "  What the rules are decides set profile.\n\n\tiova new dma",
	 QUIET, cmd_iova_new},
	{"iova alloc", "SPACE COUNT [--limit-pfn PFN] [--unaligned] [--fast] [--flush]",
	 "take COUNT pages",
	 "alloc_iova() of Linux: the highest place up to the limit (without one, 4 GiB) below where"
	 " the last was put, aligned to COUNT rounded up to a power of two.  With --fast"
	 " alloc_iova_fast(): a range that was freed with --fast, if there is one of that size;"
	 " below 32 pages COUNT itself is rounded up.  --flush empties the caches if there is no room"
	 " otherwise.\n\n\tiova alloc dma 3 --limit-pfn 0xf_ffff\n\tiova alloc dma 1 --fast --flush",
	 IOVA_TEXT, cmd_iova_alloc},
	{"iova free", "SPACE PFN [--fast COUNT]", "give pages back",
	 "free_iova() of Linux: the whole range that holds PFN.  With --fast free_iova_fast(): it is"
	 " kept in a cache of ranges of COUNT pages, and stays allocated until the cache is flushed;"
	 " Linux believes COUNT.  Above 32 pages nothing is cached.",
	 QUIET, cmd_iova_free},
	{"iova find", "SPACE PFN", "show the range that holds a pfn",
	 "find_iova() of Linux.  Exit status 1 when there is none; the range at 2^64-1 is Linux's"
	 " own, and always there.",
	 "{pfn}[: {free}][ is in {pfn_lo}..{pfn_hi}][, iova {iova}][..{last}]", cmd_iova_find},
	{"iova reserve", "SPACE PFN-LO PFN-HI", "take pages out of use",
	 "reserve_iova() of Linux: ranges that are there already are extended downwards over what is"
	 " free, and only what is left above them becomes a new one.  The answer is the range that"
	 " holds PFN-HI.",
	 IOVA_TEXT, cmd_iova_reserve},
	{"iova show", "SPACE|DOMAIN", "show the inside of an IOVA space",
	 "struct iova_domain of Linux: every range; where the next search begins, below 4 GiB and"
	 " otherwise (not shown: at the top); max32_alloc_size, from which size on a request below 4 GiB"
	 " fails at once; and the caches: for each size the ranges in the two magazines at hand,"
	 " loaded and prev, and the full magazines in the depot.  With -v, the cached pfns too, in"
	 " the order in which they will be handed out.",
	 IOVA_SHOW_TEXT, cmd_iova_show},
	{"iova list", "", "list IOVA spaces", "With what is taken in them.", NULL, cmd_iova_list},
	{"iova delete", "SPACE", "free an IOVA space", "put_iova_domain() of Linux.", QUIET,
	 cmd_iova_delete},
	{"smmu add",
	 "NAME [--model MODEL] [--base ADDR] [--ias BITS] [--oas BITS] [--granules SIZE,...]"
	 " [--stages STAGE,...] [--sid-bits BITS] [--linear] [--context-banks NUMBER]"
	 " [--stream-groups NUMBER] [--non-coherent-walk]",
	 "make an SMMU",
	 "arm_smmu_device_probe() of Linux.  MODEL is v2 (the default), v1, mmu500 or v3.  --ias is"
	 " what stage 1 takes, --oas what it gives: 48 and 48 bits, or 32 and 40 of a v1.  All granules"
	 " of the model, both stages and 16 stream ID bits are there unless something else is said."
	 "  v1, v2 and mmu500 have 16 context banks and 32 stream mapping groups, or as many as"
	 " --context-banks and --stream-groups say; --linear is for v3: a stream table of one level."
	 "\n\n\tsmmu add s0 --model mmu500 --base 0x1500_0000",
	 SMMU_TEXT, cmd_smmu_add},
	{"smmu list", "", "list SMMUs", "With their sizes and how many devices are behind them.",
	 QUIET, cmd_smmu_list},
	{"smmu show", "SMMU", "show an SMMU, and the devices behind it",
	 "Its pgsize_bitmap is what the granules make of it; of each device the stream IDs, and the"
	 " context bank, ASID and VMID of the domain that translates for it.",
	 NULL, cmd_smmu_show},
	{"smmu delete", "SMMU", "remove an SMMU",
	 "arm_smmu_device_remove() of Linux.  Not while devices are behind it.", QUIET,
	 cmd_smmu_delete},
	{"device add",
	 "NAME [--smmu SMMU] [--sid SID]... [--coherent] [--pci] [--dma-mask BITS]"
	 " [--coherent-mask BITS] [--bus-base ADDR] [--bus-limit ADDR] [--pool RANGE]"
	 " [--default strict|lazy|passthrough] [--max-segment SIZE] [--segment-boundary ADDR]",
	 "add a device and bind its driver",
	 "iommu_probe_device() of Linux, add_device of old (of_xlate is --sid): behind an SMMU the"
	 " device joins a group (device_group), and the group gets a default domain, which is called"
	 " NAME.dma here.  --sid is a stream ID, or ID:MASK; --default what the kernel's command line"
	 " would choose: strict (the default), lazy (freed addresses wait in a flush queue) or"
	 " passthrough."
	 "\n\n--coherent: its accesses snoop the CPU's caches.  --dma-mask is what its driver asks"
	 " dma_set_mask_and_coherent() for, 32 bits without it; --coherent-mask only for coherent"
	 " buffers.  --bus-base and --bus-limit are the first and last address that its bus reaches."
	 "  --pool is its coherent pool (rmem_dma_setup()), before which no other memory is looked"
	 " for.  --max-segment (64k) and --segment-boundary (a mask) are those of its scatterlists."
	 "\n\n\tdevice add nic --smmu s0 --sid 0x10:0x3 --dma-mask 40",
	 DEVICE_TEXT, cmd_device_add},
	{"device list", "", "list devices", "With what translates for them.", QUIET,
	 cmd_device_list},
	{"device show", "DEV", "show a device",
	 "What it can reach, its group and domains, which buffers it holds, where they are, and how"
	 " many tables of its default domain that takes.",
	 NULL, cmd_device_show},
	{"device delete", "DEV", "remove a device",
	 "iommu_release_device() of Linux, remove_device of old.  Not while it holds buffers or"
	 " pools.  What it leaked is taken back; the default domain goes with the last device of its"
	 " group.",
	 QUIET, cmd_device_delete},
	{"device mask", "DEV BITS [--streaming] [--coherent]", "set what a device can address",
	 "dma_set_mask_and_coherent() of Linux, or with one of the options dma_set_mask() or"
	 " dma_set_coherent_mask().  dma_supported() says yes to every mask behind an SMMU; without"
	 " one, memory must be within reach (EIO).",
	 QUIET, cmd_device_mask},
	{"device bind", "DEV", "bind a driver to a device",
	 "really_probe() of Linux.  Not while a user owns the group (iommu_device_use_default_domain()"
	 " fails with EBUSY).",
	 QUIET, cmd_device_bind},
	{"device unbind", "DEV", "unbind a device's driver",
	 "device_unbind_cleanup() of Linux; what buffers it left, dma check tells.", QUIET,
	 cmd_device_unbind},
	{"device claim", "DEV", "take a device's group for a user, as VFIO does",
	 "iommu_group_claim_dma_owner() of Linux: no driver may be bound in it; nothing of it is"
	 " translated any more until something is attached.",
	 QUIET, cmd_device_claim},
	{"device release", "DEV", "give a group back to the kernel",
	 "iommu_group_release_dma_owner() of Linux: its default domain is attached again.", QUIET,
	 cmd_device_release},
	{"attach", "DEV DOMAIN", "let a domain translate for a device",
	 "iommu_attach_device() of Linux, attach_dev of the driver: the first attach decides the"
	 " domain's format and sizes.  The device must be alone in its group, and attached to its"
	 " default domain.  A domain of type dma, dma-fq or identity becomes the default domain"
	 " instead, as written to the group's type in sysfs (iommu_group_store_type()), for which no"
	 " buffer may be live.\n\n\tdomain create vm --type unmanaged\n\tattach nic vm",
	 QUIET, cmd_attach},
	{"detach", "DEV", "let the default domain translate for a device again",
	 "iommu_detach_device() of Linux; from a default domain that attach has set, the one of the"
	 " beginning.",
	 QUIET, cmd_detach},
	{"alloc", "DEV SIZE [NAME] [--atomic] [--attr ATTR]...", "allocate a coherent buffer",
	 "dma_alloc_coherent() and dma_alloc_attrs() of Linux, .alloc of struct dma_map_ops: from the"
	 " device's pool if it has one; or scattered pages (__iommu_dma_alloc_pages()) behind one range"
	 " of I/O virtual addresses; one block with --attr force-contiguous, or with --atomic (no"
	 " waiting: GFP_ATOMIC), for a device that is not coherent from the atomic pool; or, when"
	 " nothing translates, memory as it is (dma_direct_alloc())."
	 "\n\nWithout a NAME it is called buf0, buf1 and so on.  $NAME.iova, $NAME.pa and $NAME.size"
	 " are its handle, where its memory begins, and its size.  Attributes are weak-ordering,"
	 " write-combine, no-kernel-mapping, skip-cpu-sync, force-contiguous, alloc-single-pages,"
	 " no-warn and privileged.\n\n\talloc nic 0x5000 ring\n\ttranslate $ring.iova -d nic.dma",
	 BUFFER_TEXT, cmd_alloc},
	{"free",
	 "BUFFER [--size SIZE] [--wrong-function] [--dir DIR] [--nents NUMBER] [--iova IOVA] [--pa PA]",
	 "give a coherent buffer back",
	 "dma_free_coherent() and dma_free_attrs() of Linux, .free of struct dma_map_ops.  The options"
	 " are what a wrong driver passes: another size, handle (--iova) or CPU address (--pa).  What"
	 " Linux makes of that happens; dma check tells what dma-debug says.  A name may be freed"
	 " again, until it names another buffer.\n\n\tfree ring\n\tfree ring --size 0x1000",
	 QUIET, cmd_free},
	{"pool create", "NAME DEV SIZE [--align SIZE] [--boundary SIZE]",
	 "make a pool of small blocks",
	 "dma_pool_create() of Linux: blocks of SIZE, aligned to --align, none across a multiple of"
	 " --boundary.",
	 POOL_TEXT, cmd_pool_create},
	{"pool alloc", "POOL [NAME]", "take a block out of a pool",
	 "dma_pool_alloc() of Linux.  The block is named like a buffer.", BLOCK_TEXT,
	 cmd_pool_alloc},
	{"pool free", "POOL BUFFER", "put a block back into a pool",
	 "dma_pool_free() of Linux; Linux notices with debugging only that the block is none of the"
	 " pool, or free already (EINVAL here).",
	 QUIET, cmd_pool_free},
	{"pool destroy", "POOL", "free a pool",
	 "dma_pool_destroy() of Linux.  The pool goes in any case; EBUSY: blocks were in use, and"
	 " their chunks are leaked.",
	 QUIET, cmd_pool_destroy},
	{"pool list", "", "list pools",
	 "The number of blocks is what sysfs shows, which counts some that can never be used.",
	 QUIET, cmd_pool_list},
	{"dma map-page", "DEV PA SIZE DIR [NAME] [--attr ATTR]...", "map memory for a transfer",
	 "dma_map_page_attrs() of Linux, and dma_map_single(); .map_page of struct dma_map_ops.  The"
	 " memory is the caller's own.  DIR is to-device, from-device or bidirectional.",
	 BUFFER_TEXT, cmd_dma_map_page},
	{"dma map-sg", "DEV DIR SEG... [--name NAME] [--attr ATTR]...", "map a scatterlist",
	 "dma_map_sg_attrs() of Linux, .map_sg of struct dma_map_ops: each SEG is PA:SIZE.  They become"
	 " one range of addresses (iommu_map_sg()), which the device gets as few segments as its limits"
	 " allow.\n\n\tdma map-sg nic to-device 0x8000_1000:4k 0x8000_8000:4k --name frags",
	 BUFFER_TEXT, cmd_dma_map_sg},
	{"dma unmap",
	 "BUFFER [--size SIZE] [--wrong-function] [--dir DIR] [--nents NUMBER] [--iova IOVA] [--pa PA]",
	 "end a mapping",
	 "dma_unmap_page_attrs() or dma_unmap_sg_attrs() of Linux, .unmap_page and .unmap_sg of struct"
	 " dma_map_ops.  The options are what a wrong driver passes, as with free.",
	 QUIET, cmd_dma_unmap},
	{"dma sync", "cpu|device BUFFER [--offset SIZE] [--size SIZE] [--dir DIR] [--nents NUMBER]",
	 "hand a mapped buffer over",
	 "dma_sync_single_for_cpu() and dma_sync_single_for_device() of Linux, or dma_sync_sg_for_cpu()"
	 " and dma_sync_sg_for_device() for a scatterlist.  trace shows what becomes of the caches.",
	 QUIET, cmd_dma_sync},
	{"dma mmap", "BUFFER [--offset NUMBER] [--pages NUMBER]", "map a buffer for a process",
	 "dma_mmap_attrs() of Linux, .mmap of struct dma_map_ops: pages of the CPU from an offset on,"
	 " all of them without options.  ENXIO: the buffer has not so many.",
	 "{name}: pages {pages} from {offset}, {cpu_mapping}", cmd_dma_mmap},
	{"dma sgtable", "BUFFER", "show the memory of a buffer as a scatterlist",
	 "dma_get_sgtable_attrs() of Linux, .get_sgtable of struct dma_map_ops.",
	 "{name}:<<segments \n  {pa} {size}>>", cmd_dma_sgtable},
	{"dma mapping-error", "BUFFER", "ask whether mapping failed",
	 "dma_mapping_error() of Linux, .mapping_error of struct dma_map_ops.  A mapping that failed"
	 " has no name, so the answer is no; but dma-debug minds a driver that does not ask.",
	 "{name}: [{mapped}][{mapping_error}]", cmd_dma_mapping_error},
	{"dma access", "DEV IOVA SIZE r|w", "let the device itself read or write",
	 "Through whatever translates for it.  Exit status 1 and the fault when it cannot; what is"
	 " wrong with it although it can, dma check tells.",
	 "{iova}[ -> {pa}][: {fault.type} fault, level {fault.level}]", cmd_dma_access},
	{"dma list", "", "list live buffers",
	 "Who holds what: its handle, its size, where its memory begins and in how many pieces it is,"
	 " and what the IOVA allocator gave for it.",
	 QUIET, cmd_dma_list},
	{"dma check", "", "tell what is wrong with how the DMA API was used",
	 "Everything that dma-debug of Linux (kernel/dma/debug.c) would say, and what it does not see:"
	 " overlap of whole ranges, use after unmap, handles that nothing translates.  Exit status 1"
	 " when there is something.  dma rules lists the rules.",
	 QUIET, cmd_dma_check},
	{"dma rules", "", "list what dma check looks for",
	 "D: dma-debug of Linux; W: warnings elsewhere in it; P: its pools with debugging; X: what it"
	 " does not notice.",
	 QUIET, cmd_dma_rules},
	{"trace", "on|off", "show each step of a call path",
	 "By its Linux function name, with arguments and result, indented by depth, while the commands"
	 " of devices and DMA are at work.  With -j each step is a record: \"trace\" is call, return or"
	 " note.\n\n\ttrace on\n\talloc nic 0x5000",
	 QUIET, cmd_trace},
	{"let", "VARIABLE VALUE", "set a variable",
	 "$VARIABLE stands for it afterwards, also in \"double\" quotes."
	 "\n\n\tlet base 0x1000\n\tmap $base+12k 0x2000 4k rw",
	 QUIET, cmd_let},
	{"set", "SETTING VALUE", "change a setting",
	 "cpu-page-size is 4k, 16k or 64k: how the granule is chosen when several would do."
	 "  profile is the kernel whose ways of handing out I/O virtual addresses an IOVA space has:"
	 " linux-6.1 (the default, and for everything else), linux-4.9 or mainline, which are not"
	 " measured.  max-records (default 1000000,"
	 " 0: no limit) is after how many records or lines a list ends, with exit status 4; a file"
	 " that dump -o writes is always whole.",
	 QUIET, cmd_set},
	{"echo", "[WORD...]", "print words", "With one blank between them.", "{text}", cmd_echo},
	{"help", "[COMMAND...]", "explain a command, or list them all",
	 "The first word of several commands, as mem, explains each.", QUIET, cmd_help},
	{"complete", "[WORD...]", "list what the last word may become",
	 "For the shells' completion files.  The words stand after -- .", QUIET, cmd_complete},
	{"version", "", "print the version", "Of the library.", "iopt {version}", cmd_version},
	{"quit", "", "end the session", "Also in a script.", QUIET, cmd_quit},
	{"exit", "", "end the session", "The same as quit.", QUIET, cmd_quit},
};

const size_t command_count = ARRAY_SIZE(commands);
