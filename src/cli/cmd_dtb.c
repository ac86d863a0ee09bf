/* SPDX-License-Identifier: MIT */
/*
 * dtb load: a board is made in a memory of its own, which takes the place of the empty one in use
 * when everything is there.  Until then nothing of the session has changed.
 */
#include <stdlib.h>

#include "handlers.h"

/* A board that is being loaded, with handles for all its SMMUs and devices. */
struct loading {
	struct iopt_board *board;
	struct iopt_board_info info;
	struct iopt_memory *memory;
	struct iopt_smmu **smmus;
	struct iopt_device **devices;
};

/* ---- may it be? ---- */

static int check_empty(struct session *s)
{
	struct iopt_window window = IOPT_INIT(struct iopt_window);
	struct iopt_reserved reserved = IOPT_INIT(struct iopt_reserved);
	const struct iopt_memory *m = s->memory->memory;
	bool used = !iopt_memory_window(m, 0, &window) || !iopt_memory_reserved(m, 0, &reserved) ||
		    objects_in_memory(&s->objects, s->memory);
	size_t i;

	for (i = 0; i < s->domain_count; i++)
		used |= s->domains[i]->memory == s->memory;
	if (!used)
		return 0;
	return fail(s, NULL, IOPT_EEXIST, IOPT_FAILURE_REQUEST,
		    "memory '%s' is not empty: a board needs one of its own (mem new, mem use)",
		    s->memory->name);
}

static int fail_taken(struct session *s, const char *what, const char *name)
{
	return fail(s, NULL, IOPT_EEXIST, IOPT_FAILURE_REQUEST, "there is already %s '%s'", what,
		    name);
}

static int check_names(struct session *s, const struct iopt_board *board)
{
	struct iopt_board_smmu smmu = IOPT_INIT(struct iopt_board_smmu);
	struct iopt_board_device device = IOPT_INIT(struct iopt_board_device);
	struct iopt_board_region region = IOPT_INIT(struct iopt_board_region);
	char domain[NAME_BYTES];
	size_t i;

	for (i = 0; !iopt_board_smmu(board, i, &smmu); i++)
		if (named_find(&s->objects.smmus, smmu.name))
			return fail_taken(s, "an SMMU", smmu.name);
	for (i = 0; !iopt_board_region(board, i, &region); i++)
		if (region.use == IOPT_BOARD_CMA && named_find(&s->objects.cmas, region.name))
			return fail_taken(s, "an area", region.name);
	for (i = 0; !iopt_board_device(board, i, &device); i++) {
		if (named_find(&s->objects.devices, device.name))
			return fail_taken(s, "a device", device.name);
		default_domain_name(device.name, domain);
		if (find_domain(s, domain))
			return fail_taken(s, "a domain", domain);
	}
	return 0;
}

/* ---- it is made ---- */

static int make(struct session *s, struct loading *l, const struct word *blame)
{
	int r = iopt_memory_create(&l->memory);

	l->smmus = calloc(l->info.smmu_count + 1, sizeof(struct iopt_smmu *));
	l->devices = calloc(l->info.device_count + 1, sizeof(struct iopt_device *));
	if (r || !l->smmus || !l->devices)
		return fail_library(s, NULL, IOPT_ENOMEM);
	iopt_memory_budget(l->memory, iopt_memory_budget_left(s->memory->memory));
	attend_memory(s, l->memory);
	r = iopt_board_build(l->board, l->memory, l->smmus, l->devices, &s->error);
	return r ? fail_library(s, blame, r) : 0;
}

/* ---- its names ---- */

/* Names of devices and SMMUs go again, the youngest first, until there are so many. */
static void cut_names(struct name_table *t, size_t count)
{
	while (t->count > count)
		named_delete(t, t->newest);
}

static int name_areas(struct session *s, const struct loading *l)
{
	struct iopt_cma_info info = IOPT_INIT(struct iopt_cma_info);
	struct iopt_cma *cma;

	for (cma = NULL; (cma = iopt_cma_next(l->memory, cma)) != NULL;) {
		struct named_cma *added;

		iopt_cma_info(cma, &info);
		added = named_add(&s->objects.cmas, info.name, sizeof(*added));
		if (!added)
			return -IOPT_ENOMEM;
		added->cma = cma;
		added->memory = s->memory;
	}
	return 0;
}

static int name_smmus(struct session *s, const struct loading *l)
{
	struct iopt_board_smmu smmu = IOPT_INIT(struct iopt_board_smmu);

	for (size_t i = 0; !iopt_board_smmu(l->board, i, &smmu); i++) {
		struct named_smmu *added = named_add(&s->objects.smmus, smmu.name, sizeof(*added));

		if (!added)
			return -IOPT_ENOMEM;
		added->smmu = l->smmus[i];
		added->memory = s->memory;
	}
	return 0;
}

static int name_devices(struct session *s, const struct loading *l)
{
	struct iopt_board_device device = IOPT_INIT(struct iopt_board_device);
	char domain[NAME_BYTES];
	int r = 0;

	for (size_t i = 0; !r && !iopt_board_device(l->board, i, &device); i++) {
		struct named_device *added =
			named_add(&s->objects.devices, device.name, sizeof(*added));

		if (!added)
			return -IOPT_ENOMEM;
		added->device = l->devices[i];
		added->memory = s->memory;
		if (device.smmu >= 0)
			added->smmu = smmu_named(&s->objects, l->smmus[device.smmu]);
		added->host = device.pci_host ? l->board : NULL;
		added->host_number = i;
		default_domain_name(device.name, domain);
		r = device_name_default(s, added, domain);
	}
	return r;
}

static int name_all(struct session *s, const struct loading *l)
{
	const size_t smmus = s->objects.smmus.count, devices = s->objects.devices.count;
	const size_t areas = s->objects.cmas.count, domains = s->domain_count;
	struct named_domain *current = s->domain;
	int r = name_areas(s, l);

	if (!r)
		r = name_smmus(s, l);
	if (!r)
		r = name_devices(s, l);
	if (!r)
		return 0;
	while (s->domain_count > domains)
		forget_domain(s, s->domains[s->domain_count - 1]);
	s->domain = current;
	cut_names(&s->objects.devices, devices);
	cut_names(&s->objects.smmus, smmus);
	cut_names(&s->objects.cmas, areas);
	return fail_library(s, NULL, IOPT_ENOMEM);
}

/* ---- it is shown ---- */

static void show_ram(struct out *o, const struct iopt_board *board)
{
	uint64_t base, size;

	out_begin_list(o, "ram");
	for (size_t i = 0; !iopt_board_ram(board, i, &base, &size); i++) {
		out_begin_object(o, NULL);
		out_hex(o, "base", base);
		out_hex(o, "size", size);
		out_end(o);
	}
	out_end(o);
}

static void show_regions(struct out *o, const struct iopt_board *board)
{
	struct iopt_board_region region = IOPT_INIT(struct iopt_board_region);

	out_begin_list(o, "reserved");
	for (size_t i = 0; !iopt_board_region(board, i, &region); i++) {
		out_begin_object(o, NULL);
		out_str(o, "name", region.name);
		out_str(o, "path", region.path);
		out_hex(o, "base", region.base);
		out_hex(o, "size", region.size);
		out_str(o, "use", iopt_board_use_name(region.use));
		out_bool(o, "no_map", region.no_map);
		out_bool(o, "reusable", region.reusable);
		out_bool(o, "dynamic", region.dynamic);
		out_bool(o, "default", region.is_default);
		out_end(o);
	}
	out_end(o);
}

static void show_smmus(struct out *o, const struct iopt_board *board)
{
	struct iopt_board_smmu smmu = IOPT_INIT(struct iopt_board_smmu);

	out_begin_list(o, "smmus");
	for (size_t i = 0; !iopt_board_smmu(board, i, &smmu); i++) {
		out_begin_object(o, NULL);
		out_str(o, "name", smmu.name);
		out_str(o, "path", smmu.path);
		out_str(o, "compatible", smmu.compatible);
		out_str(o, "model", iopt_smmu_model_name(smmu.config.model));
		out_hex(o, "base", smmu.config.base);
		out_count(o, "sid_bits", smmu.config.sid_bits);
		out_bool(o, "coherent_walk", !smmu.config.non_coherent_walk);
		out_end(o);
	}
	out_end(o);
}

static void show_smmu_name(struct out *o, const struct iopt_board *board, int number)
{
	struct iopt_board_smmu smmu = IOPT_INIT(struct iopt_board_smmu);

	if (number < 0 || iopt_board_smmu(board, (size_t)number, &smmu))
		out_null(o, "smmu");
	else
		out_str(o, "smmu", smmu.name);
}

void show_pci_host(struct out *o, const struct iopt_board *board, size_t number)
{
	struct iopt_board_device d = IOPT_INIT(struct iopt_board_device);

	if (iopt_board_device(board, number, &d) || !d.pci_host)
		return;
	out_bits(o, "iommu_map_mask", d.map_mask, false);
	out_begin_list(o, "iommu_map");
	for (unsigned i = 0; i < d.map_count; i++) {
		out_begin_object(o, NULL);
		out_bits(o, "rid", d.maps[i].rid, false);
		show_smmu_name(o, board, d.maps[i].smmu);
		out_bits(o, "sid", d.maps[i].sid, false);
		out_bits(o, "length", d.maps[i].length, false);
		out_end(o);
	}
	out_end(o);
}

static void show_devices(struct out *o, const struct iopt_board *board)
{
	struct iopt_board_device d = IOPT_INIT(struct iopt_board_device);

	out_begin_list(o, "devices");
	for (size_t i = 0; !iopt_board_device(board, i, &d); i++) {
		out_begin_object(o, NULL);
		out_str(o, "name", d.name);
		out_str(o, "path", d.path);
		show_smmu_name(o, board, d.smmu);
		show_streams(o, &d.config);
		out_bool(o, "coherent", d.config.coherent);
		out_count(o, "ssid_bits", d.config.ssid_bits);
		out_bool(o, "can_stall", d.config.can_stall);
		out_bool(o, "pci_host", d.pci_host);
		show_pci_host(o, board, i);
		if (d.pci_host)
			show_pci_windows(o, &d.config);
		out_end(o);
	}
	out_end(o);
}

static void show_board(struct session *s, struct out *o, const struct loading *l, const char *file)
{
	const char *warning;
	size_t i;

	out_begin_object(o, "board");
	out_str(o, "file", file);
	out_str(o, "model", l->info.model);
	out_str(o, "memory", s->memory->name);
	show_ram(o, l->board);
	show_regions(o, l->board);
	show_smmus(o, l->board);
	show_devices(o, l->board);
	out_count(o, "disabled_count", l->info.disabled_count);
	out_begin_list(o, "warnings");
	for (i = 0; (warning = iopt_board_warning(l->board, i)) != NULL; i++)
		out_str(o, NULL, warning);
	out_end(o);
	out_end(o);
	for (i = 0; (warning = iopt_board_warning(l->board, i)) != NULL; i++)
		note(s, "%s", warning);
}

/* ---- the command ---- */

int cmd_dtb_load(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *file = args_get(a, "FILE");
	struct loading l = {.info = IOPT_INIT(struct iopt_board_info)};
	int r = check_empty(s);

	if (r)
		return r;
	r = iopt_board_load(file->text, s->settings.cpu_page_size, &l.board, &s->error);
	if (r)
		return fail_library(s, file->word, r);
	iopt_board_info(l.board, &l.info);
	r = check_names(s, l.board);
	if (!r)
		r = make(s, &l, file->word);
	if (!r)
		r = name_all(s, &l);
	free(l.smmus);
	free(l.devices);
	if (r) {
		iopt_memory_destroy(l.memory);
		iopt_board_destroy(l.board);
		return r;
	}
	iopt_memory_destroy(s->memory->memory);
	s->memory->memory = l.memory;
	iopt_board_destroy(s->memory->board);
	s->memory->board = l.board;
	show_board(s, o, &l, file->text);
	return 0;
}
