/* SPDX-License-Identifier: MIT */
/* THE table of commands: dispatch, usage, help, manual page and completion are made from it. */
#include "handlers.h"

/* A negative answer is an answer, so both have a text. */
#define TRANSLATE_TEXT "{iova}[ -> {pa}][: {fault.type} fault, level {fault.level}]"

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
	{"mem add", "BASE SIZE", "add RAM",
	 "Both are multiples of 4k, and nothing may be there yet.  RAM is zero and costs nothing"
	 " until it is written.  The first table in a memory without RAM adds 1g at 0x80000000."
	 "\n\n\tmem add 0x4000_0000 512m",
	 QUIET, cmd_mem_add},
	{"mem load", "FILE[@ADDR]", "load memory contents",
	 "An ELF core is recognised and goes where its segments say; any other file is plain bytes"
	 " at ADDR.  Where RAM is, the bytes are written into it; another file's window is not"
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
	 " [--non-coherent-walk] [--cpu-page-size GRANULE] [--endian little|big]",
	 "make a domain with empty tables",
	 "alloc_io_pgtable_ops() of Linux: it chooses a granule from the page sizes, clamps the"
	 " address sizes to what the granule can do, and computes the registers.  The default is"
	 " arm-64-lpae-s1 with 48 bits in and out (arm-v7s: 32 and 32; arm-32-lpae-s1: 32 and 40;"
	 " arm-32-lpae-s2: 40 and 40), a granule of 4k and all its page sizes.  What Linux builds"
	 " but the architecture forbids is built, with a warning.  The new domain is the current"
	 " one.\n\n\tdomain create d0 --ias 39 --quirk arm-ns",
	 QUIET, cmd_domain_create},
	{"domain open",
	 "NAME [--registers FILE|K=V,...] [--format FORMAT] [--regime REGIME]"
	 " [--endian little|big]",
	 "open tables that are already in memory",
	 "The registers are those that domain show prints: ttbr, tcr, mair; vttbr, vtcr for stage"
	 " 2; ttbr, prrr, nmrr for arm-v7s; with ias, oas and quirks where they do not tell.  They"
	 " come from a JSON file or as NAME=VALUE pairs, a single field as tcr.tsz=16."
	 "\n\n\tdomain open k --registers ttbr=0x80000000,ias=39,quirks=arm-ns+no-perms",
	 QUIET, cmd_domain_open},
	{"domain list", "", "list domains", "The current one is marked.", NULL, cmd_domain_list},
	{"domain show", "[DOMAIN]", "show a domain's geometry and registers",
	 "The fields of the registers are those that Linux's table code reports.  In scripts"
	 " $NAME.root, $NAME.ias, $NAME.ttbr and so on are their values.",
	 NULL, cmd_domain_show},
	{"domain use", "DOMAIN", "make a domain the current one",
	 "Table commands without -d work on it.", QUIET, cmd_domain_use},
	{"domain delete", "DOMAIN", "free a domain and its tables",
	 "free_io_pgtable_ops() of Linux.  A memory that was made by load goes with its domain.",
	 QUIET, cmd_domain_delete},
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
	 " that less than COUNT pages may be mapped.  The answer has the TLB maintenance that it"
	 " asked for.",
	 "mapped {mapped}", cmd_map_pages},
	{"unmap-pages", "IOVA PGSIZE COUNT [--queued] [-d DOMAIN]", "call unmap_pages() once",
	 "The answer may be short, or nothing.  With --queued the caller flushes everything later,"
	 " and no page is flushed alone.",
	 "unmapped {unmapped}", cmd_unmap_pages},
	{"translate", "IOVA... [-d DOMAIN]", "translate as hardware would",
	 "Checks the input range, the structure and the access flag; permissions are not asked."
	 "  A fault is exit status 1.",
	 TRANSLATE_TEXT, cmd_translate},
	{"iova_to_phys", "IOVA... [-d DOMAIN]", "translate as Linux's iova_to_phys() does",
	 "It checks neither range nor flags.", "{iova} -> {pa}", cmd_iova_to_phys},
	{"dump",
	 "[-d DOMAIN] [-F text|mappings|ptdump|json|jsonl|raw|csv] [-o FILE] [--base ADDR]"
	 " [--expand]",
	 "show or write tables",
	 "Without -F, the mappings, neighbours joined, or what the suffix of FILE says: .json,"
	 " .jsonl, .csv, .txt, or .bin, .img, .raw for the raw image.  ptdump is how Linux's"
	 " debugfs shows tables.  A raw image is packed from --base on, and FILE.json beside it"
	 " says how to load it.  --expand does not join entries.  A file appears whole or not at"
	 " all.\n\n\tdump -F raw -o tables.bin --base 0x9000_0000",
	 QUIET, cmd_dump},
	{"load", "FILE [NAME] [-F json|jsonl|raw] [--base ADDR]", "load tables from a file",
	 "What dump has written, into a memory of its own.  Memory and domain are called NAME, or"
	 " like the file.  --base moves the tables there.",
	 QUIET, cmd_load},
	{"let", "VARIABLE VALUE", "set a variable",
	 "$VARIABLE stands for it afterwards, also in \"double\" quotes."
	 "\n\n\tlet base 0x1000\n\tmap $base+12k 0x2000 4k rw",
	 QUIET, cmd_let},
	{"set", "SETTING VALUE", "change a setting",
	 "cpu-page-size is 4k, 16k or 64k: how the granule is chosen when several would do."
	 "  profile is linux-6.1, the behaviour that is modelled.  max-records (default 1000000,"
	 " 0: no limit) is after how many records a list ends, with exit status 4.",
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
