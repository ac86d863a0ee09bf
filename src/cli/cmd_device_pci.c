/* SPDX-License-Identifier: MIT */
/* device add --pci-host: of_iommu_configure_dev_id() for each requester ID of a function. */
#include "handlers.h"

/* The session's SMMU that the board calls so: it may have been deleted. */
static int find_smmu(struct session *s, const struct arg *host, int number,
		     struct named_smmu **found)
{
	struct iopt_board_smmu smmu = IOPT_INIT(struct iopt_board_smmu);
	struct named_smmu *v = NULL;

	if (!iopt_board_smmu(host->device->host, (size_t)number, &smmu))
		v = named_find(&s->objects.smmus, smmu.name);
	if (!v || v->memory != host->device->memory)
		return fail(s, host->word, IOPT_ENODEV, IOPT_FAILURE_REQUEST,
			    "%s, to which %s leads, is no longer there", smmu.name, host->text);
	if (*found && *found != v)
		return fail(s, host->word, IOPT_EINVAL, IOPT_FAILURE_REQUEST,
			    "its requester IDs lead to two SMMUs, %s and %s", (*found)->named.name,
			    smmu.name);
	*found = v;
	return 0;
}

static int map_rids(struct session *s, const struct args *a, struct iopt_device_config *config,
		    struct iopt_stream *streams, struct named_smmu **smmu)
{
	const struct arg *host = args_get(a, "--pci-host"), *rid;
	int r = 0, number;
	unsigned i;

	for (i = 0; !r && (rid = args_nth(a, "--rid", i)) != NULL; i++) {
		struct iopt_stream *stream = &streams[config->stream_count];

		if (iopt_board_map_rid(host->device->host, host->device->host_number,
				       (uint32_t)rid->number, &number, stream))
			continue; /* it bypasses every SMMU */
		r = find_smmu(s, host, number, smmu);
		config->stream_count++;
	}
	return r;
}

int read_pci_function(struct session *s, const struct args *a, struct iopt_device_config *config,
		      struct iopt_stream *streams, struct named_smmu **smmu)
{
	const struct named_device *host = args_get(a, "--pci-host")->device;
	struct iopt_board_device d = IOPT_INIT(struct iopt_board_device);
	int r = iopt_board_device(host->host, host->host_number, &d);

	if (r)
		return fail_library(s, NULL, r);
	config->pci = true;
	config->coherent |= d.config.coherent;
	config->dma_mask_bits = d.config.dma_mask_bits;
	config->coherent_mask_bits = d.config.coherent_mask_bits;
	if (!config->dma_range_count && !config->bus_limit) {
		config->dma_ranges = d.config.dma_ranges;
		config->dma_range_count = d.config.dma_range_count;
	}
	if (!config->window_count) {
		config->windows = d.config.windows;
		config->window_count = d.config.window_count;
	}
	config->streams = streams;
	r = map_rids(s, a, config, streams, smmu);
	config->smmu = *smmu ? (*smmu)->smmu : NULL;
	return r;
}
