/* SPDX-License-Identifier: MIT */
/* Types of arguments for arg_types.c: how a word is read, and what it may be. */
#ifndef IOPT_CLI_ARG_OBJECTS_H
#define IOPT_CLI_ARG_OBJECTS_H

#include <stddef.h>

struct arg;
struct session;

int parse_smmu(struct session *s, struct arg *arg);
int parse_device(struct session *s, struct arg *arg);
int parse_pool(struct session *s, struct arg *arg);
int parse_buffer(struct session *s, struct arg *arg);
int parse_space_or_domain(struct session *s, struct arg *arg);
int parse_stream(struct session *s, struct arg *arg);
int parse_substream(struct session *s, struct arg *arg);
int parse_segment(struct session *s, struct arg *arg);
int parse_dma_range(struct session *s, struct arg *arg);
int parse_region(struct session *s, struct arg *arg);
int parse_area(struct session *s, struct arg *arg);
int parse_pci_host(struct session *s, struct arg *arg);
int parse_rid(struct session *s, struct arg *arg);
int parse_stages(struct session *s, struct arg *arg);

/* NULL past the end. */
const char *smmu_name(const struct session *s, size_t i);
const char *device_name(const struct session *s, size_t i);
const char *pci_host_name(const struct session *s, size_t i);
const char *pool_name(const struct session *s, size_t i);
const char *buffer_name(const struct session *s, size_t i);
const char *area_name(const struct session *s, size_t i);
const char *space_or_domain_name(const struct session *s, size_t i);
const char *model_name(const struct session *s, size_t i);
const char *domain_type_name(const struct session *s, size_t i);
const char *direction_name(const struct session *s, size_t i);
const char *dma_attr_name(const struct session *s, size_t i);

/* The bit of enum iopt_dma_attr that dma_attr_name() names; 0 past the end. */
unsigned dma_attr_bit(size_t i);

#endif
