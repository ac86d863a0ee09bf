/* SPDX-License-Identifier: MIT */
/* Devices, the IOMMU groups that they form, and which domain translates for whom. */
#ifndef IOPT_DEVICE_H
#define IOPT_DEVICE_H

#include "smmu.h"

struct coherent_pool;

/* Devices that cannot be told apart: they share one domain. */
struct dma_group {
	struct dma_group *next;
	int id;
	struct iopt_device *devices;
	unsigned device_count;
	struct iopt_domain *first_default;   /* its own */
	struct iopt_domain *default_domain;  /* that one, or one that took its place */
	struct iopt_domain *domain;	     /* attached now */
	struct iopt_domain *blocking_domain; /* its own, from the first claim on */
	unsigned owner_count;		     /* bound drivers; or 1: a user */
	bool owned;			     /* by a user */
};

/* A guest's stage 1, above the stage 2 that the device is attached to; 'cd' is an IPA. */
struct guest_contexts {
	bool given;
	uint64_t cd;
	unsigned ssid_bits;
};

struct iopt_device {
	struct iopt_device *next, *group_next;
	struct dma_state *state;
	struct iopt_device_config config; /* name and streams are its own */
	struct dma_group *group;	  /* NULL: behind no SMMU */
	unsigned page_shift;		  /* of the CPU */
	bool bound;			  /* a driver is */
	bool uses_iommu;		  /* dma-iommu; else dma-direct */
	struct guest_contexts guest;	  /* until it is attached to something else */
	bool setup_failed;		  /* direct although its domain translates */
	bool pci_32bit_failed;		  /* no address below 4 GiB was left once */
	struct coherent_pool *pool;
	struct iopt_buffer *leaks; /* what Linux would never get back */
	size_t live, pool_count;
};

static inline uint64_t device_page(const struct iopt_device *device)
{
	return BIT(device->page_shift);
}

/* PAGE_ALIGN() and get_order() */
static inline uint64_t device_page_align(const struct iopt_device *device, uint64_t size)
{
	return align_up(size, device_page(device));
}

static inline unsigned device_page_order(const struct iopt_device *device, uint64_t size)
{
	return log2_up(device_page_align(device, size) >> device->page_shift);
}

enum { DEVICE_MASK_BITS_DEFAULT = 32 };

/* EINVAL with the reason. */
int device_check_config(const struct iopt_device_config *config, const struct dma_state *state,
			struct iopt_error *error);
/* With copies of its own, and its defaults; device_free() also after ENOMEM. */
int device_keep_config(struct iopt_device *device, const struct iopt_device_config *config);
void device_free(struct iopt_device *device);
/* phys_to_dma() and dma_to_phys(): false: in none of its dma-ranges. */
bool device_bus_address(const struct iopt_device *device, uint64_t pa, uint64_t *bus);
bool device_memory_address(const struct iopt_device *device, uint64_t bus, uint64_t *pa);

/* iommu_setup_dma_ops(): which backend the device gets, by its group's default domain. */
void device_setup_dma(struct iopt_device *device);

/* Detaches a domain that is about to go from all that use it. */
void domain_unbind(struct iopt_domain *domain);

#endif
