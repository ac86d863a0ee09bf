# SPDX-License-Identifier: MIT
#[[
iopt_generate(TARGET SPEC OUTPUTS FILE...
    [BASE ADDRESS|SYMBOL] [SYMBOL NAME] [PHYS_OFFSET NUMBER] [MAX_TABLES COUNT] [ALLOW RULE...])

Makes translation tables from SPEC with "iopt build", one output for each FILE, by the end of its
name (.c .h .S .o .ld .bin …); relative names are in CMAKE_CURRENT_BINARY_DIR.  They are made again
when SPEC or a file that it includes changes, and keep their time when nothing in them does.

Where TARGET is an executable or a library, sources and objects among the outputs become part of it,
a header's folder goes to its include path, that of a linker script fragment to the linker's -L,
and the target is linked again when the fragment changes.  Otherwise TARGET is made: a custom target
that is part of "all".

IOPT_EXECUTABLE is the program; by default it is looked for.
]]
include_guard(GLOBAL)

function(iopt_generate target spec)
	cmake_parse_arguments(PARSE_ARGV 2 arg "" "BASE;SYMBOL;PHYS_OFFSET;MAX_TABLES" "OUTPUTS;ALLOW")
	if(arg_UNPARSED_ARGUMENTS)
		message(FATAL_ERROR "iopt_generate: what is '${arg_UNPARSED_ARGUMENTS}'?")
	endif()
	if(NOT arg_OUTPUTS)
		message(FATAL_ERROR "iopt_generate: ${spec}: OUTPUTS names no file")
	endif()
	find_program(IOPT_EXECUTABLE iopt REQUIRED)
	cmake_path(ABSOLUTE_PATH spec BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE)

	set(options --if-changed)
	foreach(rule IN LISTS arg_ALLOW)
		list(APPEND options --allow ${rule})
	endforeach()
	foreach(pair BASE/--base SYMBOL/--symbol PHYS_OFFSET/--phys-offset MAX_TABLES/--max-tables)
		string(REPLACE "/" ";" pair ${pair})
		list(GET pair 0 name)
		list(GET pair 1 option)
		if(DEFINED arg_${name})
			list(APPEND options ${option} ${arg_${name}})
		endif()
	endforeach()

	set(made)
	set(wanted)
	foreach(file IN LISTS arg_OUTPUTS)
		cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR} NORMALIZE)
		list(APPEND made ${file})
		list(APPEND wanted -o ${file})
		if(file MATCHES "\\.bin$")
			list(APPEND made ${file}.json)
		endif()
	endforeach()

	# The outputs may stay older than what they are made from: a stamp stands for them.
	list(GET made 0 first)
	set(stamp ${first}.stamp)
	add_custom_command(OUTPUT ${stamp} BYPRODUCTS ${made}
		COMMAND ${IOPT_EXECUTABLE} -q build ${spec} ${wanted} -M ${first}.d ${options}
		COMMAND ${CMAKE_COMMAND} -E touch ${stamp}
		COMMAND ${CMAKE_COMMAND} -DIN=${first}.d -DOUT=${stamp}.d -DTARGET=${stamp}
			-P ${CMAKE_CURRENT_FUNCTION_LIST_FILE}
		DEPENDS ${spec} ${IOPT_EXECUTABLE} DEPFILE ${stamp}.d
		COMMENT "Making translation tables from ${spec}" VERBATIM)

	if(NOT TARGET ${target})
		add_custom_target(${target} ALL DEPENDS ${stamp})
		return()
	endif()
	target_sources(${target} PRIVATE ${stamp})
	foreach(file IN LISTS made)
		cmake_path(GET file PARENT_PATH folder)
		if(file MATCHES "\\.(c|S)$")
			target_sources(${target} PRIVATE ${file})
		elseif(file MATCHES "\\.o$")
			target_sources(${target} PRIVATE ${file})
			set_source_files_properties(${file} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
		elseif(file MATCHES "\\.h$")
			target_include_directories(${target} PRIVATE ${folder})
		elseif(file MATCHES "\\.ld$")
			target_link_options(${target} PRIVATE -L${folder})
			set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${file})
		endif()
	endforeach()
endfunction()

# As a script: the dependencies that iopt wrote are those of the stamp.
if(CMAKE_SCRIPT_MODE_FILE AND DEFINED IN)
	file(READ "${IN}" text)
	string(FIND "${text}" ": " at)
	string(SUBSTRING "${text}" ${at} -1 text)
	string(REPLACE " " "\\ " TARGET "${TARGET}")
	file(WRITE "${OUT}" "${TARGET}${text}")
endif()
