/* SPDX-License-Identifier: MIT */
/* PCI hosts: of_pci_iommu_init() by way of of_map_id(), and the windows of the bridge. */
#include "board_reader.h"

enum { MAP_CELLS = 4 };

bool board_is_pci_host(const struct devicetree *t, int node)
{
	return node != DT_ROOT && dt_is_pci(t, node) && !dt_is_pci(t, dt_parent(t, node));
}

/* iova_reserve_pci_windows(): what is memory; addresses on the bus. */
static int read_bridge(struct board_reader *r, int node, struct iopt_device_config *config)
{
	struct iopt_resv_region *windows = board_alloc(r->board, DT_WINDOWS_MAX * sizeof(*windows));
	struct dt_window w;
	int ret = 0;

	if (!windows)
		return board_out_of_memory(r->error);
	for (size_t i = 0; !ret; i++) {
		ret = dt_window(r->tree, node, DT_RANGES, i, &w, r->error);
		if (!ret && w.size && field_get(w.flags, DT_PCI_SPACE) >= DT_PCI_MEMORY_32)
			windows[config->window_count++] =
				(struct iopt_resv_region){w.bus, w.size, IOPT_RESV_PCI_WINDOW};
	}
	config->windows = config->window_count ? windows : NULL;
	return ret == -IOPT_ENOENT ? 0 : ret;
}

/* of_map_id() checks an entry when it comes to it; here all are. */
static int read_entry(struct board_reader *r, int node, const struct dt_property *p, size_t i,
		      uint32_t mask, struct iopt_rid_map *map)
{
	const uint32_t phandle = dt_cell(p, MAP_CELLS * i + 1);
	const int target = dt_by_phandle(r->tree, phandle);

	*map = (struct iopt_rid_map){dt_cell(p, MAP_CELLS * i), dt_cell(p, MAP_CELLS * i + 2),
				     dt_cell(p, MAP_CELLS * i + 3), 0, -1};
	if (map->rid & ~mask)
		return dt_bad(r->tree, node, p->name, r->error, IOPT_EFAULT,
			      "iommu-map-mask 0x%x hides the requester ID 0x%x of entry %zu", mask,
			      map->rid, i);
	if (target == DT_NONE)
		return dt_bad(r->tree, node, p->name, r->error, IOPT_ENODEV,
			      "no node has the phandle 0x%x", phandle);
	if (!map->length)
		return 0;
	if ((uint64_t)map->sid + (map->length - 1) > UINT32_MAX)
		return dt_bad(r->tree, node, p->name, r->error, IOPT_ERANGE,
			      "the stream IDs of entry %zu have more than 32 bits", i);
	map->smmu = r->smmu_of[target];
	if (map->smmu < 0)
		return board_warn(r, node, p->name, "%s is no SMMU that is there",
				  dt_name(r->tree, target));
	board_smmu_needs(r->board, map->smmu, (uint64_t)map->sid + (map->length - 1));
	return board_match_mask(r, target, &map->mask);
}

static int read_map(struct board_reader *r, int node, struct iopt_board_device *device)
{
	struct iopt_rid_map *maps;
	struct dt_property p;
	size_t count, i;
	int ret = dt_u32(r->tree, node, "iommu-map-mask", &device->map_mask, r->error);

	if (ret == -IOPT_ENOENT) {
		device->map_mask = UINT32_MAX;
		ret = 0;
	}
	if (!ret)
		ret = dt_list(r->tree, node, "iommu-map", MAP_CELLS, &p, &count, r->error);
	if (ret || !count)
		return ret;
	maps = board_alloc(r->board, count * sizeof(*maps));
	if (!maps)
		return board_out_of_memory(r->error);
	for (i = 0; !ret && i < count; i++)
		ret = read_entry(r, node, &p, i, device->map_mask, &maps[i]);
	device->maps = maps;
	device->map_count = (unsigned)count;
	return ret;
}

int board_read_pci_host(struct board_reader *r, int node, struct iopt_board_device *device)
{
	int ret = read_bridge(r, node, &device->config);

	device->pci_host = true;
	device->config.pci = true;
	return ret ? ret : read_map(r, node, device);
}

int iopt_board_map_rid(const struct iopt_board *board, size_t host, uint32_t rid, int *smmu,
		       struct iopt_stream *stream)
{
	const struct iopt_board_device *d = board->devices.items;
	unsigned i;

	if (host >= board->devices.count || !d[host].pci_host)
		return -IOPT_EINVAL;
	d += host;
	rid &= d->map_mask;
	for (i = 0; i < d->map_count; i++)
		if (rid >= d->maps[i].rid && rid - d->maps[i].rid < d->maps[i].length)
			break;
	if (i == d->map_count || d->maps[i].smmu < 0)
		return -IOPT_ENOENT;
	*smmu = d->maps[i].smmu;
	*stream = (struct iopt_stream){d->maps[i].sid + (rid - d->maps[i].rid), d->maps[i].mask};
	return 0;
}
