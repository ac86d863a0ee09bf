# SPDX-License-Identifier: MIT
# fish completion for iopt: the program itself knows what may follow.
function __iopt_candidates
	set -l words (commandline -opc) (commandline -ct)
	set -l program $words[1]
	set -e words[1]
	$program complete -- $words 2>/dev/null
end
complete -c iopt -a '(__iopt_candidates)'
