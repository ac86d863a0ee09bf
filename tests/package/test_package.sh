#!/bin/bash
# SPDX-License-Identifier: MIT
# The Debian packages: made by CPack, unpacked into a root of their own, and used from there by a
# program that finds the library by pkg-config, by one that finds it by CMake, and by a person.
#
#     test_package.sh BUILD SOURCE
set -euo pipefail
build=$(realpath "$1") source=$(realpath "$2")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"

fail()
{
	echo "package: $*" >&2
	exit 1
}

(cd "$build" && cpack -B "$tmp/debs" >"$tmp/cpack.log" 2>&1) || {
	cat cpack.log
	fail "cpack failed"
}
for name in iopt libiopt libiopt-dev; do
	deb=$(echo debs/"$name"_*.deb)
	[ -f "$deb" ] || fail "no package $name"
	[ "$(dpkg-deb -f "$deb" Package)" = "$name" ] || fail "$deb is not $name"
	dpkg-deb -f "$deb" Description | grep -i tables >/dev/null || fail "$name has no description"
	dpkg-deb -x "$deb" root
	[ -s "root/usr/share/doc/$name/copyright" ] || fail "$name has no licence"
done
dpkg-deb -f debs/iopt_*.deb Depends | grep 'libiopt (= ' >/dev/null || fail "iopt does not depend on libiopt"
dpkg-deb -f debs/libiopt_*.deb Depends | grep libjansson4 >/dev/null || fail "libiopt lacks a dependency"
for file in bin/iopt share/man/man1/iopt.1 share/bash-completion/completions/iopt include/iopt.h \
	lib/cmake/iopt/IoptGenerate.cmake share/iopt/iopt.mk share/doc/iopt/examples/make-firmware/Makefile; do
	[ -s "root/usr/$file" ] || fail "$file is not installed"
done

export PATH=$tmp/root/usr/bin:$PATH LD_LIBRARY_PATH=$tmp/root/usr/lib
[ "$(command -v iopt)" = "$tmp/root/usr/bin/iopt" ] || fail "the wrong iopt"
for schema in "$source"/docs/schema/*.json; do
	cmp "$schema" "root/usr/share/iopt/schema/${schema##*/}" || fail "${schema##*/} is not installed as it is"
done
iopt -j -c 'domain create d' >line.json
if [ -x /usr/bin/jsonschema ]; then
	/usr/bin/jsonschema --base-uri "file://$tmp/root/usr/share/iopt/schema/" -i line.json \
		root/usr/share/iopt/schema/iopt-line-1.json || fail "the installed schemas refuse a result"
fi
iopt -c 'domain create d; map 0x1000 0x8000_0000 4k rw; translate 0x1234' | grep '0x80000234' >/dev/null ||
	fail "the installed program does not translate"

cat >user.c <<'END'
#include <iopt.h>
#include <stdio.h>

int main(void)
{
	struct iopt_config config = IOPT_INIT(struct iopt_config);
	struct iopt_memory *memory;
	struct iopt_domain *domain;
	uint64_t pa = 0;

	if (iopt_memory_create(&memory) || iopt_domain_create(memory, &config, &domain, NULL))
		return 1;
	if (iopt_map(domain, 0x1000, 0x80001000, 0x1000, IOPT_READ) ||
	    iopt_translate(domain, 0x1234, &pa, NULL))
		return 1;
	printf("0x%llx\n", (unsigned long long)pa);
	iopt_domain_destroy(domain);
	iopt_memory_destroy(memory);
	return 0;
}
END
export PKG_CONFIG_PATH=$tmp/root/usr/lib/pkgconfig
# shellcheck disable=SC2046
cc -std=c99 -Wall -Wextra -Wpedantic -Werror -o user user.c $(PKG_CONFIG_SYSTEM_INCLUDE_PATH=/none \
	PKG_CONFIG_SYSTEM_LIBRARY_PATH=/none pkg-config --cflags --libs iopt)
[ "$(./user)" = 0x80001234 ] || fail "a program by pkg-config says $(./user)"
if command -v clang >/dev/null; then
	echo '#include <iopt.h>' >user.cpp
	clang -x c++ -std=c++11 -Wall -Werror -fsyntax-only -Iroot/usr/include user.cpp
fi

cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.25)
project(user C)
find_package(iopt 0.1 REQUIRED)
if(NOT IOPT_EXECUTABLE)
	message(FATAL_ERROR "no program")
endif()
add_executable(user user.c)
target_link_libraries(user PRIVATE iopt::iopt)
END
cmake -S . -B by-cmake -DCMAKE_PREFIX_PATH="$tmp/root/usr" >cmake.log 2>&1 &&
	cmake --build by-cmake >>cmake.log 2>&1 || {
	cat cmake.log
	fail "find_package(iopt)"
}
[ "$(by-cmake/user)" = 0x80001234 ] || fail "a program by CMake says $(by-cmake/user)"
echo "package: ok"
