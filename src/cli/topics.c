/* SPDX-License-Identifier: MIT */
#include "topics.h"

const struct topic topics[] = {
	{"start", "first steps: a dump opened, a table made",
	 "With -m and -r iopt opens a memory dump by the CPU's registers.  dump lists what is mapped"
	 " where; walk tells where an address goes, and why; find, lint, stats and diff ask more."
	 "\n\n\tiopt -m dump.elf.xz -r registers.json dump"
	 "\n\tiopt -m dump.elf.xz -r registers.json walk 0xffff_8000_1000_0000"
	 "\n\nIn the shell, which iopt is without a command, mem load and domain open do that; without"
	 " registers, scan looks for the tables.\n\n\tmem load dump.elf.xz"
	 "\n\tdomain open cpu --registers registers.json\n\tdump"
	 "\n\nA table of one's own begins with domain create; dump -o writes it, load reads it."
	 "\n\n\tdomain create d\n\tmap 0x20_0000 0x8020_0000 2m rw\n\tdump -o d.json"
	 "\n\nhelp COMMAND, or COMMAND ? in the shell, tells all of one, examples first."},
	{"numbers", "how numbers, ranges and variables are written",
	 "0x1000, 0b101, 4096 and 0x8000_0000 are numbers; k, m, g and t after one multiply by"
	 " powers of 1024 (4k, 2mib).  Sums and differences have no blanks.  What does not fit in 64"
	 " bits is an error, never a wrap."
	 "\n\nA range is FIRST..LAST, the last included, or START:LENGTH."
	 "\n\n$NAME is a variable (let) or a field of something that has a name: $d0.root,"
	 " $d0.tcr.tsz, $ring.iova, $ring.pa."
	 "\n\n\tmap 0x8000_0000 0x4000_0000+2m 4k rw"},
	{"formats", "the five formats of tables, and which geometry they have",
	 "arm-64-lpae-s1 and arm-64-lpae-s2: AArch64's 64-bit descriptors, granules of 4k, 16k and"
	 " 64k, up to 48 bits of addresses, 52 with 64k.  arm-32-lpae-s1 and arm-32-lpae-s2: AArch32's"
	 " long descriptors, 4k, outputs of 40 bits.  arm-v7s: short descriptors, 32 bits, sizes 4k,"
	 " 64k, 1m and 16m.  s1 and s2 are the stages."
	 "\n\nThe names are those of Linux's io-pgtable.  domain create builds them as Linux 6.1 does;"
	 " domain open reads what CPUs use besides: two halves, EL2 and EL3, LPA2, TTBCR.N."
	 "\n\n\tdomain create d --format arm-64-lpae-s2 --ias 40 --granule 4k"},
	{"attributes", "the words for permissions and memory types",
	 "PROT of map is read, write, cache, noexec, mmio and priv, joined by commas, or their letters"
	 " r w c n m p in one word: Linux's IOMMU_READ and so on.  A table says more: access for each"
	 " exception level (rwx), the memory type (device-nGnRnE, device-nGnRE, device-nGRE,"
	 " device-GRE, normal-nc, normal-wt, normal-wb, normal-tagged, or mair:0x4f), shareability"
	 " (none, outer, inner), and ns, ng, af, contiguous, dbm and software bits."
	 "\n\n\tmap 0x1000 0x8000_1000 4k read,write,cache\n\tmap 0x2000 0x8000_2000 4k rwc"},
	{"exit-status", "what the program's exit status means",
	 "0: done.  1: a negative answer (translate faults, find finds nothing, diff differs, lint or"
	 " dma check has something to say), or a command that failed.  2: usage.  3: a bad input file."
	 "  4: a limit was reached, the output is cut off.  5: input or output failed, a full disk and"
	 " a closed stdout included."
	 "\n\nA script ends at the first command that does not exit 0, unless -k is given; then the"
	 " highest status is the program's.  '!' before a command turns 0 and 1 round."
	 "\n\n\t! translate 0x5000"},
	{"scripts", "how commands are written and run",
	 "Words are quoted as in a shell: \"...\" with variables, '...' without, and \\.  A command ends"
	 " at the end of a line or at ';'; '#' begins a comment.  source runs a file, foreach runs"
	 " commands for each value."
	 "\n\nIn the shell only, COMMAND | PROGRAM hands what a command prints to a program, and"
	 " COMMAND > FILE writes it to a file (>> appends); long answers are shown page by page by"
	 " $PAGER, or less."
	 "\n\n\tforeach i 0x0..0x7000/4k 'map $i 0x8000_0000+$i 4k rw'"},
	{"json", "what -j prints",
	 "Each line is an object.  A command that lists things prints a line for each; each command"
	 " ends with its result, which has \"command\" and \"ok\", and after a failure \"error\" with"
	 " code, message and place.  Addresses, sizes and descriptors are strings, \"0x...\"; counts,"
	 " levels and bits are numbers.  JSON Schemas are in /usr/share/iopt/schema: iopt-json(5)."
	 "  In a shell or script set json on does what -j does."
	 "  A result is told from what it lists by its \"command\"."
	 "\n\n\tiopt -j -t table.json dump | jq -r 'select(.attrs.dbm) | .iova'"
	 "\n\tiopt -j -t table.json dump | jq -s 'def n: ltrimstr(\"0x\") | explode |"
	 " reduce .[] as $c (0; . * 16 + $c % 39 - 9); map(select(.command == null)) |"
	 " max_by(.size | n)'"},
};

const size_t topic_count = sizeof(topics) / sizeof(topics[0]);
