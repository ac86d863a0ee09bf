/* SPDX-License-Identifier: MIT */
/*
 * THE table of commands: dispatch, usage, help, manual page and completion are made from it.  Its
 * rows stand in the files below, by subject; here are the texts that several rows share.
 */
#include "handlers.h"

/* A negative answer is an answer, so both have a text. */
#define TRANSLATE_TEXT                                                                        \
	"{iova}[ -> {pa}][: {fault.type} fault, level {fault.level}][, table {fault.memory}]" \
	"[: {event.name}][: {problem}]"

#define FIELDS_TEXT "<<fields [\n    {bits:6} {name:-18} {value:12} {meaning}]>>"

/* A structure's fields, each on a line of its own. */
#define STRUCTURE_TEXT(name) "<<" name ".fields [    {bits:7} {name:-18} {value:12} {meaning}\n]>>"

#define STREAM_TEXT                                                   \
	"[stream {sid}][, substream {ssid}][, mapping group {group}]" \
	"[, context bank {context_bank}][: {config}\n]"               \
	"[STE at {ste.pa}\n]" STRUCTURE_TEXT("ste") "[CD at {cd.pa}\n]" STRUCTURE_TEXT("cd")

#define WALK_TEXT                                                                            \
	STREAM_TEXT                                                                          \
	"<<steps stage {stage}, level {level}: table {table}, index {index} (bits {bits})\n" \
	"  {descriptor:-18} at {descriptor_pa}: {type}" FIELDS_TEXT "\n>>"                   \
	"{iova}[ -> {pa}, one of {size} bytes][, by way of {ipa}]"                           \
	"[: {fault.type} fault, level {fault.level}, stage {fault.stage}]"                   \
	"[: {event.name}][: {problem}]"                                                      \
	"[\n  {access}, {memory}, shareability {share}][, {ns}][, {nse}][, {ng}][, {contiguous}]"     \
	"<<why \n  {}>>"

#define DECODE_TEXT "{name}[ {value}]<<words  {}>>[: {title}][: {type}]" FIELDS_TEXT \
	"[\nstream {transaction.sid}][, substream {transaction.ssid}][: {transaction.config}]"       \
	"<<transaction.steps \n  stage {stage}, level {level}: index {index} of table {table}:"      \
	" {descriptor} at {descriptor_pa}, {type}>>"                                                 \
	"[\n  {transaction.iova}][ -> {transaction.pa}][: {transaction.event.name}]"                 \
	"[: {transaction.problem}]<<transaction.why \n  {}>>[\n  the {transaction.same} as then]"

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
	"<<regions \n  not handed out: {base} to {last}, {type}>>"                           \
	"<<buffers \n  {name}: {kind}, iova {iova}, {size} bytes of {iova_size}>>"          \
	"[\ntables {tables.count}, {tables.bytes} bytes]"

#define SMMU_TEXT \
	"{smmu.name}: {smmu.model}, ias {smmu.ias} oas {smmu.oas}, granules {smmu.granules}"

#define SMMU_REGISTER_TEXT                                                                  \
	"\n  {@:-11} {value:18}[ mask {mask}]<<fields [ {@} {}]>>"                          \
	"<<explained [\n    {bits:6} {name:-18} {value:12} {meaning}]>>"

#define SMMU_SHOW_TEXT                                                                      \
	"{smmu.name}: {smmu.model} at {smmu.base}, ias {smmu.ias} oas {smmu.oas},"          \
	" granules {smmu.granules}, stages {smmu.stages}\n"                                 \
	"stream IDs of {smmu.sid_bits} bits[, {smmu.linear}]"                               \
	"[, {smmu.stream_group_count} stream mapping groups]"                               \
	"[, {smmu.context_bank_count} context banks]; streams of nobody: {smmu.unmatched}"               \
	"<<smmu.devices \ndevice {name}: group {group}[, domain {domain}]"                  \
	"[, context bank {context_bank}, asid {asid}, vmid {vmid}]"                         \
	"<<streams , sid {sid} mask {mask}>>>>"                                             \
	"<<smmu.registers " SMMU_REGISTER_TEXT ">>"                                         \
	"<<smmu.context_banks \ncontext bank {bank}[, domain {domain}]"                     \
	"<<registers " SMMU_REGISTER_TEXT ">>>>"

#define SMMU_FAULT_TEXT                                                                     \
	"{smmu}, context bank {bank}, domain {domain}: {access} from el{el} at {far}"       \
	"[, sid {sid}]<<devices , {}>><<faults , {} fault>>"                                \
	"<<told \n{name} {value}" FIELDS_TEXT ">>"                                          \
	"\n{verdict}[: pa {pa}][: {fault.type} fault, level {fault.level}]"                 \
	"[, stage {fault.stage}]<<steps \nstage {stage}, level {level}: table {table}"      \
	", index {index}\n  {descriptor:-18} at {descriptor_pa}: {type}" FIELDS_TEXT ">>"   \
	"<<why \n  {}>>"

#define DEVICE_TEXT "{device.name}: {device.ops}[, group {device.group}][, domain {device.domain}]"

#define BUFFER_TEXT                                                                         \
	"{buffer.name}: {buffer.size} bytes at iova {buffer.iova}, mapped {buffer.mapped}," \
	" {buffer.source}[ of {buffer.cma}][, bounced {buffer.bounced}]<<buffer.attrs , {}>><<buffer.segments \n  pa {pa} {size}>>"       \
	"<<buffer.dma \n  dma {iova} {size}>>"

#define BLOCK_TEXT "{buffer.name}: {buffer.size} bytes at iova {buffer.iova}, pa {buffer.pa}"

#define POOL_TEXT \
	"{pool.name}: {pool.chunk_blocks} blocks of {pool.size} in a chunk of {pool.allocation}"

#define STATS_TEXT                                                                              \
	"{domain}:<<spaces \n{name}: tables {tables}, {bytes} bytes; leaves {leaves}, {mapped} bytes;"     \
	" empty {empty}, shared {shared}\n"                                                      \
	"<<levels   level {level:2}: {tables:8} tables {bytes:10} bytes, {used} of {slots} slots" \
	" used\n>>"                                                                              \
	"<<sizes   {size:12} leaves: {leaves:8}, {bytes} bytes\n>>"                              \
	"  blocks would save {save_blocks.tables} tables, {save_blocks.bytes} bytes; joining"    \
	" {save_joined.leaves} leaves {save_joined.entries} TLB entries>>"

#define LINT_TEXT "[{rule}: {severity}: {title}\n][\n{explanation}]"

#define BUILD_TEXT                                                                         \
	"[{spec}: {tables} tables, {bytes} bytes at {base}]"                               \
	"<<levels \n  level {level:2}[ of {half}]: {tables}>>"                             \
	"<<regions \n  {name:-24} {tables:8} tables[, {saves} less if aligned to {align}]>>" \
	"<<files \n{}>>"

#define ASSERT_TEXT "[{assertions} assertions, {failed} fail]"

#define BOARD_TEXT                                                                                 \
	"[{board.model}: ]memory {board.memory}"                                                   \
	"<<board.ram \n  ram {base} {size}>>"                                                       \
	"<<board.reserved \n  reserved {base} {size} {name}, {use}[, {no_map}][, {reusable}]>>"     \
	"<<board.smmus \n  smmu {name} {model} at {base}>>"                                         \
	"<<board.devices \n  device {name}[ behind {smmu}]<<streams , sid {sid}:{mask}>>[, {coherent}]"    \
	"[, {pci_host}]>>"                                                                         \
	"\n  disabled {board.disabled_count}"

#define QUIET ""

const struct command commands[] = {
#include "commands_memory.def"
#include "commands_domain.def"
#include "commands_table.def"
#include "commands_ask.def"
#include "commands_firmware.def"
#include "commands_iova.def"
#include "commands_smmu.def"
#include "commands_device.def"
#include "commands_dma.def"
#include "commands_dtb.def"
#include "commands_session.def"
};

const size_t command_count = ARRAY_SIZE(commands);
