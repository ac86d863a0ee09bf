/* SPDX-License-Identifier: MIT */
/* The driver's register accesses, and what registers hold after them. */
#include <stdlib.h>

#include "smmu.h"

int iopt_smmu_program(const struct iopt_smmu *smmu, const struct iopt_smmu_step_sink *sink)
{
	return smmu->ops->program(smmu, sink);
}

struct register_list {
	struct iopt_smmu_step *items;
	size_t count, room;
};

static struct iopt_smmu_step *find_register(const struct register_list *l,
					    const struct iopt_smmu_step *step)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->items[i].bank == step->bank && !strcmp(l->items[i].name, step->name))
			return &l->items[i];
	return NULL;
}

static int grow(struct register_list *l)
{
	const size_t room = l->room ? 2 * l->room : 64;
	struct iopt_smmu_step *items;

	if (l->count < l->room)
		return 0;
	items = realloc(l->items, room * sizeof(*items));
	if (!items)
		return -IOPT_ENOMEM;
	l->items = items;
	l->room = room;
	return 0;
}

/* The last value counts; of an update, the bits that it does not touch stay. */
static int keep_step(void *arg, const struct iopt_smmu_step *step)
{
	struct register_list *l = arg;
	struct iopt_smmu_step *r;

	if (step->kind != IOPT_SMMU_WRITE && step->kind != IOPT_SMMU_UPDATE)
		return 0;
	r = find_register(l, step);
	if (r && step->kind == IOPT_SMMU_UPDATE) {
		r->value = (r->value & ~step->mask) | step->value;
		r->mask |= step->mask;
		r->idle = step->idle;
		return 0;
	}
	if (!r) {
		if (grow(l))
			return -IOPT_ENOMEM;
		r = &l->items[l->count++];
	}
	*r = *step;
	return 0;
}

/* Those of one bank, -1: of none, as they came. */
static int tell_bank(const struct register_list *l, int bank,
		     const struct iopt_smmu_step_sink *sink)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < l->count; i++)
		if (l->items[i].bank == bank)
			ret = sink->step(sink->arg, &l->items[i]);
	return ret;
}

int iopt_smmu_registers(const struct iopt_smmu *smmu, const struct iopt_smmu_step_sink *sink)
{
	struct register_list list = {0};
	const struct iopt_smmu_step_sink keep = {keep_step, &list};
	int ret = iopt_smmu_program(smmu, &keep), bank;

	for (bank = -1; !ret && bank < SMMU_BANKS_MAX; bank++)
		ret = tell_bank(&list, bank, sink);
	free(list.items);
	return ret;
}
