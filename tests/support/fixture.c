/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base.h"
#include "tree.h"

int fixture_try(struct fixture *f, struct iopt_config config)
{
	config.struct_size = sizeof(config);
	*f = (struct fixture){.space = IOPT_INIT(struct iopt_space)};
	assert_int_equal(iopt_memory_create(&f->memory), 0);
	return iopt_domain_create(f->memory, &config, &f->domain, NULL);
}

void fixture_open(struct fixture *f, struct iopt_config config)
{
	assert_int_equal(fixture_try(f, config), 0);
	assert_int_equal(iopt_domain_space(f->domain, 0, &f->space), 0);
}

void fixture_close(struct fixture *f)
{
	if (f->domain)
		iopt_domain_destroy(f->domain);
	assert_int_equal(iopt_memory_allocated(f->memory), 0);
	iopt_memory_destroy(f->memory);
}

struct iopt_pages run_of(uint64_t iova, uint64_t pa, uint64_t page_size, uint64_t count)
{
	struct iopt_pages pages = IOPT_INIT(struct iopt_pages);

	pages.iova = iova;
	pages.pa = pa;
	pages.page_size = page_size;
	pages.count = count;
	pages.prot = IOPT_READ | IOPT_WRITE;
	return pages;
}

void assert_leads(struct fixture *f, uint64_t iova, uint64_t want)
{
	uint64_t pa = ~want;

	assert_int_equal(iopt_translate(f->domain, iova, &pa, NULL), 0);
	assert_int_equal(pa, want);
	assert_int_equal(iopt_iova_to_phys(f->domain, iova), want);
}

void assert_unmapped(struct fixture *f, uint64_t iova)
{
	struct iopt_fault fault = {0};
	uint64_t pa;

	assert_int_equal(iopt_translate(f->domain, iova, &pa, &fault), -IOPT_EFAULT);
	assert_int_equal(fault.type, IOPT_FAULT_TRANSLATION);
}

void assert_refused(struct fixture *f, struct iopt_pages pages, int code)
{
	struct tree_sum before = tree_sum(f->domain), after;
	uint64_t allocated = iopt_memory_allocated(f->memory);

	pages.done = 1;
	assert_int_equal(iopt_map_pages(f->domain, &pages), -code);
	assert_int_equal(pages.done, 0);
	after = tree_sum(f->domain);
	assert_memory_equal(&before, &after, sizeof(before));
	assert_int_equal(iopt_memory_allocated(f->memory), allocated);
}
