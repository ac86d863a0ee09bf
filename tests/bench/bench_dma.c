/* SPDX-License-Identifier: MIT */
/* What dma_alloc_coherent() and dma_free_coherent() cost, alone and in a crowd. */
#include "bench_dma.h"

#include <time.h>

#include "iopt.h"

enum { ROUNDS_BYTES = 32 << 20, ROUNDS_MAX = 4000 };

struct machine {
	struct iopt_memory *memory;
	struct iopt_device *device;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Whatever lives in it goes with the memory. */
static bool machine_open(struct machine *m)
{
	struct iopt_smmu_config smmu = IOPT_INIT(struct iopt_smmu_config);
	struct iopt_device_config device = IOPT_INIT(struct iopt_device_config);
	const struct iopt_stream stream = {.id = 1};

	*m = (struct machine){0};
	if (iopt_memory_create(&m->memory) ||
	    iopt_smmu_create(m->memory, &smmu, &device.smmu, NULL))
		return false;
	device.name = "bench";
	device.streams = &stream;
	device.stream_count = 1;
	device.coherent_mask_bits = 48;
	return !iopt_device_create(m->memory, &device, &m->device, NULL);
}

static bool fill(const struct machine *m)
{
	struct iopt_buffer *buffer;

	for (unsigned i = 0; i < BENCH_DMA_LIVE; i++)
		if (iopt_dma_alloc(m->device, 4096, 0, false, &buffer, NULL))
			return false;
	return true;
}

/* The first round is not counted: it makes the tables. */
static bool rounds(const struct machine *m, uint64_t size, double *ns)
{
	uint64_t count = ROUNDS_BYTES / size;
	struct iopt_buffer *buffer;
	double start = 0;

	if (count > ROUNDS_MAX)
		count = ROUNDS_MAX;
	for (uint64_t i = 0; i <= count; i++) {
		if (i == 1)
			start = now();
		if (iopt_dma_alloc(m->device, size, 0, false, &buffer, NULL) ||
		    iopt_dma_release(buffer, NULL, NULL))
			return false;
	}
	*ns = (now() - start) / (double)count;
	return true;
}

bool bench_dma_pass(uint64_t size, struct bench_dma *result)
{
	struct machine m;
	double full = 0;
	bool ok = machine_open(&m) && rounds(&m, size, &result->ns) && fill(&m) &&
		  rounds(&m, size, &full);

	iopt_memory_destroy(m.memory);
	result->full_to_empty = ok ? full / result->ns : 0;
	return ok;
}
