/* SPDX-License-Identifier: MIT */
#include "board.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

void board_open(struct board *b, struct iopt_smmu_config smmu, struct iopt_device_config device)
{
	static const struct iopt_stream stream = {.id = 1};

	*b = (struct board){0};
	assert_int_equal(iopt_memory_create(&b->memory), 0);
	smmu.struct_size = sizeof(smmu);
	assert_int_equal(iopt_smmu_create(b->memory, &smmu, &b->smmu, NULL), 0);
	device.struct_size = sizeof(device);
	device.name = "rx";
	device.smmu = b->smmu;
	device.streams = &stream;
	device.stream_count = 1;
	assert_int_equal(iopt_device_create(b->memory, &device, &b->device, NULL), 0);
	b->domain = iopt_device_default_domain(b->device);
}

void board_open_plain(struct board *b)
{
	board_open(b, (struct iopt_smmu_config){0}, (struct iopt_device_config){0});
}

void board_close(struct board *b)
{
	assert_null(iopt_buffer_next(b->memory, NULL));
	assert_int_equal(iopt_device_destroy(b->device, NULL), 0);
	assert_int_equal(iopt_smmu_destroy(b->smmu), 0);
	assert_int_equal(iopt_memory_allocated(b->memory), 0);
	iopt_memory_destroy(b->memory);
}

struct iopt_device *board_device(struct board *b, const char *name, uint32_t sid)
{
	struct iopt_device_config config = IOPT_INIT(struct iopt_device_config);
	struct iopt_stream stream = {.id = sid};
	struct iopt_device *device;

	config.name = name;
	config.smmu = b->smmu;
	config.streams = &stream;
	config.stream_count = 1;
	assert_int_equal(iopt_device_create(b->memory, &config, &device, NULL), 0);
	return device;
}

struct iopt_buffer *must_alloc(struct iopt_device *device, uint64_t size, unsigned attrs,
			       bool atomic)
{
	struct iopt_buffer *buffer = NULL;

	assert_int_equal(iopt_dma_alloc(device, size, attrs, atomic, &buffer, NULL), 0);
	return buffer;
}

struct iopt_buffer *must_map(struct iopt_device *device, uint64_t pa, uint64_t size,
			     enum iopt_dma_direction direction)
{
	struct iopt_buffer *buffer = NULL;

	assert_int_equal(iopt_dma_map_page(device, pa, size, direction, 0, &buffer, NULL), 0);
	assert_false(iopt_dma_mapping_error(buffer));
	return buffer;
}

void must_release(struct iopt_buffer *buffer, struct iopt_release release)
{
	release.struct_size = sizeof(release);
	assert_int_equal(iopt_dma_release(buffer, &release, NULL), 0);
}

void must_free(struct iopt_buffer *buffer)
{
	assert_int_equal(iopt_dma_release(buffer, NULL, NULL), 0);
}

struct iopt_buffer_info info_of(const struct iopt_buffer *buffer)
{
	struct iopt_buffer_info info = IOPT_INIT(struct iopt_buffer_info);

	iopt_buffer_info(buffer, &info);
	return info;
}

struct tally {
	const char *rule; /* NULL: all */
	unsigned count;
};

static int count_finding(void *arg, const struct iopt_finding *finding)
{
	struct tally *tally = arg;

	assert_true(finding->message[0]);
	if (!tally->rule || strcmp(tally->rule, finding->rule) == 0)
		tally->count++;
	return 0;
}

unsigned findings(struct iopt_memory *memory, const char *rule)
{
	struct tally tally = {rule, 0};

	assert_int_equal(iopt_dma_check(memory, count_finding, &tally), 0);
	return tally.count;
}

unsigned findings_all(struct iopt_memory *memory)
{
	return findings(memory, NULL);
}

uint64_t iovas_live(const struct iopt_domain *domain)
{
	struct iopt_iova_inside inside = IOPT_INIT(struct iopt_iova_inside);
	uint64_t cached = 0;

	assert_int_equal(iopt_iova_inside(iopt_domain_iova(domain), &inside), 0);
	for (unsigned i = 0; i < IOPT_IOVA_CLASSES; i++)
		cached += inside.classes[i].loaded + inside.classes[i].prev +
			  127 * inside.classes[i].depot;
	return inside.range_count - cached;
}
