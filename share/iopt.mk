# SPDX-License-Identifier: MIT
# Translation tables in a makefile (GNU make 4.3 or later):
#
#     include iopt.mk
#     $(eval $(call iopt_generate,board.json,tables.S tables.h tables.ld,--base iopt_tables))
#
# makes the files of the second argument from the spec of the first with "iopt build" and the options
# of the third.  They are made again when the spec or a file that it includes changes.  IOPT names
# the program.

IOPT ?= iopt

define iopt_generate
$(2) $(addsuffix .json,$(filter %.bin,$(2))) &: $(1)
	$$(IOPT) -q build $(1) $(addprefix -o ,$(2)) -M $(firstword $(2)).d $(3) >/dev/null
-include $(firstword $(2)).d
endef
