/* SPDX-License-Identifier: MIT */
/* The commands' functions, for the table, and what they share. */
#ifndef IOPT_CLI_HANDLERS_H
#define IOPT_CLI_HANDLERS_H

#include "command.h"
#include "outfile.h"

#define HANDLER(name) int name(struct session *s, const struct args *a, struct out *o)

HANDLER(cmd_mem_new);
HANDLER(cmd_mem_use);
HANDLER(cmd_mem_list);
HANDLER(cmd_mem_delete);
HANDLER(cmd_mem_add);
HANDLER(cmd_mem_load);
HANDLER(cmd_mem_save);
HANDLER(cmd_mem_read);
HANDLER(cmd_mem_write);
HANDLER(cmd_mem_budget);
HANDLER(cmd_mem_reserve);
HANDLER(cmd_mem_swiotlb);
HANDLER(cmd_cma_add);
HANDLER(cmd_cma_list);
HANDLER(cmd_domain_create);
HANDLER(cmd_domain_open);
HANDLER(cmd_domain_list);
HANDLER(cmd_domain_show);
HANDLER(cmd_domain_use);
HANDLER(cmd_domain_delete);
HANDLER(cmd_map);
HANDLER(cmd_unmap);
HANDLER(cmd_map_pages);
HANDLER(cmd_unmap_pages);
HANDLER(cmd_translate);
HANDLER(cmd_iova_to_phys);
HANDLER(cmd_walk);
HANDLER(cmd_decode);
HANDLER(cmd_dump);
HANDLER(cmd_load);
HANDLER(cmd_find);
HANDLER(cmd_build);
HANDLER(cmd_assert);
HANDLER(cmd_diff);
HANDLER(cmd_stats);
HANDLER(cmd_scan);
HANDLER(cmd_lint);
HANDLER(cmd_iova_new);
HANDLER(cmd_iova_alloc);
HANDLER(cmd_iova_free);
HANDLER(cmd_iova_find);
HANDLER(cmd_iova_reserve);
HANDLER(cmd_iova_show);
HANDLER(cmd_iova_list);
HANDLER(cmd_iova_delete);
HANDLER(cmd_domain_flush);
HANDLER(cmd_smmu_add);
HANDLER(cmd_smmu_list);
HANDLER(cmd_smmu_show);
HANDLER(cmd_smmu_dump);
HANDLER(cmd_smmu_fault);
HANDLER(cmd_smmu_delete);
HANDLER(cmd_smmu_decode);
HANDLER(cmd_device_add);
HANDLER(cmd_device_list);
HANDLER(cmd_device_show);
HANDLER(cmd_device_delete);
HANDLER(cmd_device_mask);
HANDLER(cmd_device_bind);
HANDLER(cmd_device_unbind);
HANDLER(cmd_device_claim);
HANDLER(cmd_device_release);
HANDLER(cmd_attach);
HANDLER(cmd_detach);
HANDLER(cmd_alloc);
HANDLER(cmd_free);
HANDLER(cmd_pool_create);
HANDLER(cmd_pool_alloc);
HANDLER(cmd_pool_free);
HANDLER(cmd_pool_destroy);
HANDLER(cmd_pool_list);
HANDLER(cmd_dma_map_page);
HANDLER(cmd_dma_map_sg);
HANDLER(cmd_dma_unmap);
HANDLER(cmd_dma_map_resource);
HANDLER(cmd_dma_alloc_pages);
HANDLER(cmd_dma_alloc_noncontiguous);
HANDLER(cmd_device_limits);
HANDLER(cmd_device_supports);
HANDLER(cmd_domain_attr);
HANDLER(cmd_dma_sync);
HANDLER(cmd_dma_mmap);
HANDLER(cmd_dma_sgtable);
HANDLER(cmd_dma_mapping_error);
HANDLER(cmd_dma_access);
HANDLER(cmd_dma_list);
HANDLER(cmd_dma_check);
HANDLER(cmd_dma_rules);
HANDLER(cmd_dtb_load);
HANDLER(cmd_trace);
HANDLER(cmd_let);
HANDLER(cmd_set);
HANDLER(cmd_profiles);
HANDLER(cmd_source);
HANDLER(cmd_foreach);
HANDLER(cmd_echo);
HANDLER(cmd_help);
HANDLER(cmd_complete);
HANDLER(cmd_version);
HANDLER(cmd_quit);

/* {"name":…,"memory":…, geometry and registers of the first half, "ttbr1":{…}} (cmd_domain.c) */
void show_domain(struct out *o, const char *name, const struct named_domain *d);
/* What the library has to say about a domain that is new. */
void warn_domain(struct session *s, const struct named_domain *d);
/* Warns of first tables that memory does not hold; EFAULT if it holds none. */
int check_present(struct session *s, const struct named_domain *d);

/* cmd_load.c: "tables" for "some/where/tables.v2.json"; what a name may not hold becomes '_'. */
void name_of_file(const char *path, char *name, size_t room);
/* A name of our own gives way: x, x-2, x-3. */
void find_free_name(struct session *s, char name[static NAME_BYTES]);
/* Both a memory and a domain of this name, or neither, and they are gone; shows the domain. */
int add_loaded(struct session *s, const char *name, struct iopt_memory *memory,
	       struct iopt_domain *domain, struct out *o);

/* One step of a walk, a member of a list: the table, the descriptor, its fields (cmd_walk.c). */
void show_walk_step(struct out *o, const struct named_domain *d, const struct iopt_walk *walk,
		    unsigned i);
/* What came of a walk, each step of it, and why (cmd_walk.c).  'el': as it was asked from. */
void show_walk(struct out *o, const struct named_domain *d, const struct iopt_walk *walk,
	       unsigned access, unsigned el);
/* Of --access, --el; 0: none is asked for. */
unsigned access_of(const struct args *a);

/* translate and walk with --sid (cmd_stream.c). */
HANDLER(translate_stream);
HANDLER(walk_stream);
/* {"name","id",…,"words"}, or null (cmd_stream.c). */
/* What an event record is about, asked again of the SMMU at hand; an exit status. */
int explain_event(struct session *s, const struct args *a, struct out *o, const struct arg *arg,
		  const uint64_t *words);
void show_event(struct out *o, const struct iopt_event *event);

/* The domain that has it as its stage 2; NULL: none. */
const struct named_domain *domain_above(const struct session *s, const struct named_domain *d);

/* cmd_device.c: by what name the session knows a domain; NULL: by none. */
struct named_domain *domain_named(const struct session *s, const struct iopt_domain *domain);
/* Its name, null for none, or "blocking": the group's own, which a user's claim attaches. */
void show_domain_name(const struct session *s, struct out *o, const char *name,
		      const struct iopt_domain *domain);
/* cmd_device_add.c: "NAME.dma", as the default domain of a device's group is called. */
void default_domain_name(const char *device, char domain[static NAME_BYTES]);
/* Its group's default domain, unless another device of the group gave it a name; ENOMEM. */
int device_name_default(struct session *s, const struct named_device *d, const char *name);
/* cmd_decode.c: the register or structure of that name. */
bool find_decodable(const char *name, struct iopt_decodable *d);

/* cmd_domain.c: where its tables are, to who sits at the shell. */
void tell_domain(struct session *s, const struct named_domain *d);

/* cmd_dtb.c: the members that tell how functions behind a PCI host get their stream IDs. */
void show_pci_host(struct out *o, const struct iopt_board *board, size_t number);
/* cmd_device_pci.c: what a function behind --pci-host is; an exit status, with s->error. */
int read_pci_function(struct session *s, const struct args *a, struct iopt_device_config *config,
		      struct iopt_stream *streams, struct named_smmu **smmu);
void show_device(const struct session *s, struct out *o, const struct named_device *d);
/* "tables": {"count":…,"bytes":…} of a domain, which may be NULL. */
void show_table_cost(struct out *o, struct iopt_domain *domain);
/* cmd_smmu.c: the members of "smmu" that say what it was made as */
void show_smmu_config(struct out *o, const struct named_smmu *v);
/* {"base":…,"last":…,"type":…} as an item of a list */
void show_region(struct out *o, const struct iopt_resv_region *region);
/* Of a PCI host bridge, or the one that a device is behind. */
void show_pci_windows(struct out *o, const struct iopt_device_config *config);
/* cmd_cma.c: an area's name, or null. */
void show_area(struct out *o, const char *name, const struct iopt_cma *cma);
/* cmd_smmu.c: "streams": [{"sid":…,"mask":…}] */
void show_streams(struct out *o, const struct iopt_device_config *config);

/* cmd_buffer.c: is a name (NULL: one is made) that of a live buffer?  An exit status. */
int buffer_check_name(struct session *s, const struct arg *name);
/* After that check; NULL: out of memory. */
struct named_buffer *buffer_name_new(struct session *s, const struct arg *name,
				     struct named_device *device);
/* A new buffer has its name and is shown; 0. */
int finish_buffer(struct out *o, struct named_buffer *b, struct iopt_buffer *buffer);
unsigned read_dma_attrs(const struct args *a);
void show_buffer(struct out *o, const char *name, const struct named_buffer *b);
/* The same without its segments, as a member of a list; and as a record. */
void show_place(struct out *o, const struct named_buffer *b);
void show_buffer_record(struct out *o, const struct named_buffer *b);

/* cmd_mappings.c: a record for each; an exit status. */
int show_mappings(struct session *s, struct out *o, struct named_domain *d, bool expand);
/* One of them; E2BIG past max-records, EINTR, or why it cannot be written. */
int show_mapping(struct session *s, struct out *o, const struct iopt_domain *domain, unsigned space,
		 const struct iopt_extent *extent);

/* The members of "attrs": access, memory, share, and the flags that are set. */
void show_attrs(struct out *o, const struct iopt_attrs *attrs, bool verbose);

/* cmd_table.c: ENOMEM where it was tables that a memory had no room for. */
int fail_no_room(struct session *s, const struct named_memory *m);
/* {"type":…,"level":…,"stage":…} */
void show_fault(struct out *o, const struct iopt_fault *fault);
/* The same, to be ended by out_end(). */
void show_fault_begin(struct out *o, const struct iopt_fault *fault);
/* A fault, and why the table that was read last is not there, if it is not. */
void show_missing(struct out *o, const struct iopt_walk *walk);
/* One answer for each address; 1 if one of them is a no. */
int ask_each(struct session *s, const struct args *a, struct out *o,
	     bool (*one)(const struct args *a, struct out *o, struct named_domain *d,
			 uint64_t iova));

/* cmd_decode.c: a sink that makes a list of them. */
struct iopt_field_sink field_list(struct out *o);

/* registers.c: FILE, or K=V,...; an exit status. */
int read_registers(struct session *s, const struct arg *arg, struct iopt_registers *registers);

/* cmd_misc.c: what a variable may be called. */
int fail_variable_name(struct session *s, const struct arg *name);

/* help.c */
int show_manual(struct out *o);

/* The i-th word that an assertion may have behind 'before' (cmd_assert.c); NULL past the end. */
const char *assertion_word(const char *before, size_t length, size_t i);

#endif
