# bash completion of polyak: its commands, and the options that a command's --help names. Everything
# else is completed as file names.
# shellcheck shell=bash
_polyak() {
  local words=""
  if ((COMP_CWORD == 1)); then
    words=$("$1" --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
  elif [[ ${COMP_WORDS[COMP_CWORD]} == -* ]]; then
    words=$("$1" "${COMP_WORDS[1]}" --help 2>/dev/null | sed -n 's/^  \(-h,\)\?\(--[a-z0-9-]*\).*/\2/p')
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}")
}
complete -o default -F _polyak polyak
