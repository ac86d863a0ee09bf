# SPDX-License-Identifier: MIT
# fish completion for iopt: the program itself knows what may follow, fish how it is quoted.
function __iopt_candidates
	set -l words (commandline -opc)
	set -l typed (commandline -ct)
	# a quote may still be open
	set -l word (string unescape -- $typed; or string unescape -- $typed\"; or string unescape -- $typed\')
	set -l program $words[1]
	set -e words[1]
	if string match -q '~/*' -- $typed
		set -l home (string escape --style=regex -- $HOME)
		$program complete -- $words $HOME(string sub -s 2 -- $word) 2>/dev/null |
			string replace -r -- "^$home" '~'
	else
		$program complete -- $words "$word" 2>/dev/null
	end
end
complete -c iopt -f -a '(__iopt_candidates)'
