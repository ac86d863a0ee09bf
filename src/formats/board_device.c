/* SPDX-License-Identifier: MIT */
/* Devices, in the order of the tree: of_iommu_configure() and the drivers' of_xlate(). */
#include <stdlib.h>

#include "board_reader.h"

/* ---- stream IDs ---- */

/* Stream IDs that are being gathered, and whose they are. */
struct streams {
	struct board_list list; /* struct iopt_stream */
	int smmu;
};

static const struct iopt_board_smmu *smmu_at(const struct board_reader *r, int i)
{
	return &((const struct iopt_board_smmu *)r->board->smmus.items)[i];
}

static bool is_v3(const struct board_reader *r, int smmu)
{
	return smmu_at(r, smmu)->config.model == IOPT_SMMU_V3;
}

/*
 * of_xlate(): v3 has the ID in one cell; the others take a mask from a second cell, or from the
 * SMMU's node.
 */
static int translate(struct board_reader *r, const struct dt_reference *reference, int smmu,
		     struct iopt_stream *stream)
{
	*stream = (struct iopt_stream){.id = reference->arg_count ? reference->args[0] : 0};
	if (is_v3(r, smmu) || reference->arg_count < 2)
		return board_match_mask(r, reference->target, &stream->mask);
	stream->mask = reference->args[1];
	return 0;
}

static int add_stream(struct board_reader *r, int node, const char *property, int smmu,
		      struct iopt_stream stream, struct streams *s)
{
	if (s->list.count == BOARD_STREAMS_MAX)
		return dt_bad(r->tree, node, property, r->error, IOPT_E2BIG,
			      "more than %d stream IDs", BOARD_STREAMS_MAX);
	board_smmu_needs(r->board, smmu, stream.id);
	if (board_list_add(&s->list, &stream, sizeof(stream)))
		return board_out_of_memory(r->error);
	return 0;
}

/*
 * Linux asks whether the driver is the same, not the SMMU: IDs of a second one become those of the
 * first.
 */
static int check_owner(struct board_reader *r, int node, int smmu, struct streams *s)
{
	if (s->smmu < 0)
		s->smmu = smmu;
	if (s->smmu == smmu)
		return 0;
	if (is_v3(r, s->smmu) != is_v3(r, smmu))
		return dt_bad(r->tree, node, "iommus", r->error, IOPT_EINVAL,
			      "%s and %s are not of one driver", smmu_at(r, s->smmu)->name,
			      smmu_at(r, smmu)->name);
	return board_warn(r, node, "iommus",
			  "a stream ID of %s becomes one of %s, as Linux looks only at the driver",
			  smmu_at(r, smmu)->name, smmu_at(r, s->smmu)->name);
}

/* One that is not there, or that nobody knows, and Linux takes the device for one without. */
static int forget_iommus(struct board_reader *r, int node, int target, struct streams *s)
{
	s->list.count = 0;
	s->smmu = -1;
	return board_warn(r, node, "iommus", "%s is no SMMU that is there: it is without one",
			  dt_name(r->tree, target));
}

static int read_iommus(struct board_reader *r, int node, struct streams *s)
{
	struct dt_reference reference;
	struct iopt_stream stream;
	size_t at = 0;
	int ret = 0;

	while (!ret) {
		int smmu;

		ret = dt_next_reference(r->tree, node, "iommus", "#iommu-cells", &at, &reference,
					r->error);
		if (ret)
			break;
		smmu = r->smmu_of[reference.target];
		if (smmu < 0)
			return forget_iommus(r, node, reference.target, s);
		ret = check_owner(r, node, smmu, s);
		if (!ret)
			ret = translate(r, &reference, smmu, &stream);
		if (!ret)
			ret = add_stream(r, node, "iommus", s->smmu, stream, s);
	}
	return ret == -IOPT_ENOENT ? 0 : ret;
}

/* The old way: they are not translated until somebody asks for it. */
static int read_legacy(struct board_reader *r, int node, struct streams *s,
		       struct iopt_device_config *config)
{
	const struct board_legacy *masters = r->legacy.items;
	const struct board_legacy *master = &masters[r->legacy_of[node]];
	int ret = 0;

	s->smmu = master->smmu;
	config->default_domain = IOPT_DEFAULT_PASSTHROUGH;
	for (unsigned i = 0; !ret && i < master->streams.arg_count; i++)
		ret = add_stream(r, node, "mmu-masters", s->smmu,
				 (struct iopt_stream){.id = master->streams.args[i]}, s);
	return ret;
}

static int read_streams(struct board_reader *r, int node, struct iopt_board_device *device)
{
	struct streams s = {.smmu = -1};
	struct iopt_stream *kept = NULL;
	int ret = read_iommus(r, node, &s);

	if (!ret && s.smmu < 0 && r->legacy_of[node] != DT_NONE)
		ret = read_legacy(r, node, &s, &device->config);
	if (!ret && s.list.count) {
		kept = board_alloc(r->board, s.list.count * sizeof(*kept));
		if (kept)
			memcpy(kept, s.list.items, s.list.count * sizeof(*kept));
		else
			ret = board_out_of_memory(r->error);
		device->smmu = s.smmu;
	}
	device->config.streams = kept;
	device->config.stream_count = (unsigned)s.list.count;
	free(s.list.items);
	return ret;
}

/* ---- devices ---- */

/* A node says something of DMA, and is not what others do it through. */
static bool is_device(const struct board_reader *r, int node)
{
	static const char *const signs[] = {"iommus", "memory-region", "dma-coherent",
					    "dma-noncoherent"};

	if (r->smmu_of[node] != DT_NONE || node == DT_ROOT)
		return false;
	if (board_is_pci_host(r->tree, node) || r->legacy_of[node] != DT_NONE)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(signs); i++)
		if (dt_has(r->tree, node, signs[i]))
			return i < 2 || !dt_has(r->tree, node, "ranges");
	return false;
}

static int read_options(struct board_reader *r, int node, struct iopt_board_device *device)
{
	uint32_t bits = 0;
	int ret = dt_u32(r->tree, node, "pasid-num-bits", &bits, r->error);

	if (ret && ret != -IOPT_ENOENT)
		return ret;
	if (bits > 20)
		return dt_bad(r->tree, node, "pasid-num-bits", r->error, IOPT_EINVAL,
			      "%u is more than 20", bits);
	device->config.ssid_bits = bits;
	device->config.can_stall = dt_has(r->tree, node, "dma-can-stall");
	return 0;
}

/* A PCI host's own node is the first bus of its functions. */
static int read_dma(struct board_reader *r, int node, struct iopt_board_device *device)
{
	int bus = node, ret = board_is_coherent(r, node, &device->config.coherent);

	if (!ret && !device->pci_host)
		ret = dt_dma_parent(r->tree, node, &bus, r->error);
	return ret ? ret : board_read_dma_ranges(r, bus, &device->config);
}

static int read_device(struct board_reader *r, int node)
{
	struct iopt_board_device device = IOPT_INIT(struct iopt_board_device);
	int ret = 0;

	device.smmu = device.cma = -1;
	device.config = IOPT_INIT(struct iopt_device_config);
	if (r->board->devices.count == BOARD_DEVICES_MAX)
		return dt_bad(r->tree, node, NULL, r->error, IOPT_E2BIG, "more than %d devices",
			      BOARD_DEVICES_MAX);
	if (board_is_pci_host(r->tree, node))
		ret = board_read_pci_host(r, node, &device);
	if (!ret)
		ret = read_streams(r, node, &device);
	if (!ret)
		ret = read_options(r, node, &device);
	if (!ret)
		ret = read_dma(r, node, &device);
	if (!ret)
		ret = board_read_memory_regions(r, node, &device);
	if (ret)
		return ret;
	device.name = device.config.name = board_name(r->board, node, false);
	device.path = board_path(r->board, node);
	if (!device.name || !device.path ||
	    board_list_add(&r->board->devices, &device, sizeof(device)))
		return board_out_of_memory(r->error);
	return 0;
}

int board_read_devices(struct board_reader *r)
{
	int ret = 0;

	for (int node = 0; !ret && node < dt_node_count(r->tree); node++) {
		if (!is_device(r, node))
			continue;
		if (r->available[node])
			ret = read_device(r, node);
		else
			r->board->disabled_count++;
	}
	return ret;
}
