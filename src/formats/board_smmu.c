/* SPDX-License-Identifier: MIT */
/* Which nodes are SMMUs: arm_smmu_device_dt_probe() and what goes before it, for each driver. */
#include "board_reader.h"

/* ---- compatible ---- */

/* 'ends' NULL: the whole string is 'begins'. */
static const struct known {
	const char *begins, *ends;
	enum iopt_smmu_model model;
} known[] = {
	{"arm,smmu-v1", NULL, IOPT_SMMU_V1},
	{"arm,mmu-400", NULL, IOPT_SMMU_V1},
	{"arm,mmu-401", NULL, IOPT_SMMU_V1},
	{"arm,smmu-v2", NULL, IOPT_SMMU_V2},
	{"cavium,smmu-v2", NULL, IOPT_SMMU_V2},
	{"qcom,smmu-v2", NULL, IOPT_SMMU_V2},
	{"arm,mmu-500", NULL, IOPT_SMMU_MMU500},
	{"nvidia,smmu-500", NULL, IOPT_SMMU_MMU500},
	{"nvidia,tegra186-smmu", NULL, IOPT_SMMU_MMU500},
	{"nvidia,tegra194-smmu", NULL, IOPT_SMMU_MMU500},
	{"nvidia,tegra234-smmu", NULL, IOPT_SMMU_MMU500},
	{"marvell,ap806-smmu-500", NULL, IOPT_SMMU_MMU500},
	{"qcom,adreno-smmu", NULL, IOPT_SMMU_V2},
	{"qcom,", "-smmu-v2", IOPT_SMMU_V2},
	{"qcom,", "-smmu-500", IOPT_SMMU_MMU500},
	{"arm,smmu-v3", NULL, IOPT_SMMU_V3},
};

static bool is_known(const struct known *k, const char *text)
{
	const size_t begins = strlen(k->begins), ends = k->ends ? strlen(k->ends) : 0;
	const size_t length = strlen(text);

	if (!k->ends)
		return strcmp(text, k->begins) == 0;
	return length > begins + ends && memcmp(text, k->begins, begins) == 0 &&
	       strcmp(text + length - ends, k->ends) == 0;
}

/* What the most specific of the strings that is known says; NULL: none is. */
static const char *find_compatible(const struct devicetree *t, int node,
				   enum iopt_smmu_model *model)
{
	const char *text, *end;
	struct dt_property p;

	if (!dt_property(t, node, "compatible", &p))
		return NULL;
	text = (const char *)p.data;
	for (end = text + p.bytes; text < end; text += strlen(text) + 1) {
		if (!memchr(text, '\0', (size_t)(end - text)))
			break;
		for (size_t i = 0; i < ARRAY_SIZE(known); i++)
			if (is_known(&known[i], text)) {
				*model = known[i].model;
				return text;
			}
	}
	return NULL;
}

/* ---- interrupts ---- */

/* of_irq_find_parent() */
static int interrupt_parent(struct board_reader *r, int node, int *parent)
{
	uint32_t phandle;
	int ret = -IOPT_ENOENT;

	for (; ret == -IOPT_ENOENT && node != DT_NONE; node = dt_parent(r->tree, node)) {
		ret = dt_u32(r->tree, node, "interrupt-parent", &phandle, r->error);
		if (ret)
			continue;
		*parent = dt_by_phandle(r->tree, phandle);
		if (*parent == DT_NONE)
			return dt_bad(r->tree, node, "interrupt-parent", r->error, IOPT_ENODEV,
				      "no node has the phandle 0x%x", phandle);
	}
	return ret;
}

/* How many a node has; -1: nobody says how they are written. */
static int count_interrupts(struct board_reader *r, int node, long *count)
{
	struct dt_reference reference;
	struct dt_property p;
	uint32_t cells = 0;
	size_t at = 0, entries;
	int parent = DT_NONE, ret = 0;

	*count = 0;
	if (dt_has(r->tree, node, "interrupts-extended")) {
		while (!ret) {
			ret = dt_next_reference(r->tree, node, "interrupts-extended",
						"#interrupt-cells", &at, &reference, r->error);
			*count += !ret;
		}
		return ret == -IOPT_ENOENT ? 0 : ret;
	}
	if (!dt_has(r->tree, node, "interrupts"))
		return 0;
	*count = -1;
	ret = interrupt_parent(r, node, &parent);
	if (!ret)
		ret = dt_u32(r->tree, parent, "#interrupt-cells", &cells, r->error);
	if (ret)
		return ret == -IOPT_ENOENT ? 0 : ret;
	if (!cells || cells > DT_ARGS_MAX)
		return dt_bad(r->tree, parent, "#interrupt-cells", r->error, IOPT_EINVAL,
			      "%u is not from 1 to %d", cells, DT_ARGS_MAX);
	ret = dt_list(r->tree, node, "interrupts", cells, &p, &entries, r->error);
	*count = (long)entries;
	return ret;
}

/* ---- v1, v2 ---- */

/* Global ones come first; the others are the context banks', which share them in v1. */
static int read_interrupts(struct board_reader *r, int node, struct iopt_smmu_config *config)
{
	uint32_t global;
	long count;
	int ret = dt_u32(r->tree, node, "#global-interrupts", &global, r->error);

	if (ret == -IOPT_ENOENT)
		return dt_bad(r->tree, node, "#global-interrupts", r->error, IOPT_ENODEV,
			      "is missing");
	if (!ret)
		ret = count_interrupts(r, node, &count);
	if (ret || count < 0)
		return ret;
	if ((unsigned long)count <= global)
		return dt_bad(r->tree, node, "interrupts", r->error, IOPT_ENODEV,
			      "found %ld interrupts, but expected at least %llu", count,
			      (unsigned long long)global + 1);
	*(config->model == IOPT_SMMU_V1 ? &config->context_irqs : &config->context_banks) =
		(unsigned)min_u64((unsigned long)count - global, SMMU_COUNT_MAX);
	return 0;
}

static int read_v2(struct board_reader *r, int node, struct iopt_smmu_config *config)
{
	/* How many there are only the hardware knows. */
	config->stream_groups = SMMU_COUNT_MAX;
	if (dt_has(r->tree, node, "mmu-masters") && dt_has(r->tree, node, "#iommu-cells"))
		return dt_bad(r->tree, node, "mmu-masters", r->error, IOPT_ENODEV,
			      "not probing due to mismatched DT properties: #iommu-cells is there, "
			      "too");
	return read_interrupts(r, node, config);
}

/* ---- v3 ---- */

static int read_v3(struct board_reader *r, int node, struct iopt_smmu_config *config)
{
	uint32_t cells;
	int ret = dt_u32(r->tree, node, "#iommu-cells", &cells, r->error);

	(void)config;
	if (ret == -IOPT_ENOENT)
		return dt_bad(r->tree, node, "#iommu-cells", r->error, IOPT_EINVAL, "is missing");
	if (!ret && cells != 1)
		ret = dt_bad(r->tree, node, "#iommu-cells", r->error, IOPT_EINVAL,
			     "is %u, but v3 has 1", cells);
	return ret;
}

/* ---- all ---- */

void board_smmu_needs(struct iopt_board *board, int smmu, uint64_t last_sid)
{
	struct iopt_smmu_config *config =
		&((struct iopt_board_smmu *)board->smmus.items)[smmu].config;
	const unsigned bits = log2_up(min_u64(last_sid, UINT32_MAX) + 1);

	if (config->model == IOPT_SMMU_V3 && bits > config->sid_bits)
		config->sid_bits = bits;
}

int board_match_mask(struct board_reader *r, int node, uint32_t *mask)
{
	const struct iopt_board_smmu *smmus = r->board->smmus.items;
	int ret;

	*mask = 0;
	if (smmus[r->smmu_of[node]].config.model == IOPT_SMMU_V3)
		return 0;
	ret = dt_u32(r->tree, node, "stream-match-mask", mask, r->error);
	return ret == -IOPT_ENOENT ? 0 : ret;
}

static int (*const read_model[IOPT_SMMU_MODEL_COUNT])(struct board_reader *r, int node,
						      struct iopt_smmu_config *config) = {
	[IOPT_SMMU_V2] = read_v2,
	[IOPT_SMMU_V1] = read_v2,
	[IOPT_SMMU_MMU500] = read_v2,
	[IOPT_SMMU_V3] = read_v3,
};

static int read_base(struct board_reader *r, int node, uint64_t *base)
{
	struct range range;
	int ret = dt_reg(r->tree, node, 0, &range, r->error);

	if (ret == -IOPT_ENOENT)
		return dt_bad(r->tree, node, "reg", r->error, IOPT_EINVAL, "is missing");
	*base = range.first;
	return ret;
}

static int read_smmu(struct board_reader *r, int node, enum iopt_smmu_model model,
		     const char *compatible)
{
	struct iopt_board_smmu smmu = IOPT_INIT(struct iopt_board_smmu);
	int ret;

	smmu.config = IOPT_INIT(struct iopt_smmu_config);
	smmu.config.model = model;
	smmu.config.sid_bits = SMMU_SID_BITS;
	smmu.config.non_coherent_walk = !dt_has(r->tree, node, "dma-coherent");
	smmu.compatible = compatible;
	if (r->board->smmus.count == BOARD_SMMUS_MAX)
		return dt_bad(r->tree, node, NULL, r->error, IOPT_E2BIG, "more than %d SMMUs",
			      BOARD_SMMUS_MAX);
	ret = read_base(r, node, &smmu.config.base);
	if (!ret)
		ret = read_model[model](r, node, &smmu.config);
	if (ret)
		return ret;
	smmu.name = board_name(r->board, node, false);
	smmu.path = board_path(r->board, node);
	r->smmu_of[node] = (int)r->board->smmus.count;
	if (!smmu.name || !smmu.path || board_list_add(&r->board->smmus, &smmu, sizeof(smmu)))
		return board_out_of_memory(r->error);
	return 0;
}

/* "mmu-masters": nodes of devices, each with as many stream IDs as it says. */
static int read_masters(struct board_reader *r, int node)
{
	struct board_legacy master = {.smmu = r->smmu_of[node]};
	size_t at = 0;
	int ret;

	while (true) {
		ret = dt_next_reference(r->tree, node, "mmu-masters", "#stream-id-cells", &at,
					&master.streams, r->error);
		if (ret)
			return ret == -IOPT_ENOENT ? 0 : ret;
		master.node = master.streams.target;
		if (r->legacy_of[master.node] != DT_NONE) {
			ret = board_warn(r, master.node, "mmu-masters",
					 "is in the list twice: the first one counts");
			if (ret)
				return ret;
			continue;
		}
		r->legacy_of[master.node] = (int)r->legacy.count;
		if (board_list_add(&r->legacy, &master, sizeof(master)))
			return board_out_of_memory(r->error);
	}
}

int board_read_smmus(struct board_reader *r)
{
	enum iopt_smmu_model model;
	int ret = 0;

	for (int node = 0; !ret && node < dt_node_count(r->tree); node++) {
		const char *compatible = find_compatible(r->tree, node, &model);

		if (!compatible)
			continue;
		if (r->available[node])
			ret = read_smmu(r, node, model, compatible);
		else
			r->board->disabled_count++;
	}
	for (int node = 0; !ret && node < dt_node_count(r->tree); node++)
		if (r->smmu_of[node] != DT_NONE && dt_has(r->tree, node, "mmu-masters"))
			ret = read_masters(r, node);
	return ret;
}
