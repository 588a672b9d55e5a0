import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';

type Shell = 'bash' | 'zsh' | 'fish';

/** Each script asks `kplay __complete WORD…` for candidates for the last word. A line `:files` tells the shell to complete file names. */
const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# kplay completion for bash. For every session: kplay completion bash > /etc/bash_completion.d/kplay
# For this one: source <(kplay completion bash)
_kplay() {
  local line path cur=$2
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :files)
        if [[ $cur != @* ]]; then compopt -o default 2>/dev/null; continue; fi
        # Bash itself takes the @ for a part of the name.
        compopt -o nospace 2>/dev/null
        while IFS= read -r path; do
          if [[ -d $path ]]; then printf -v path '@%q/' "$path"; else printf -v path '@%q ' "$path"; fi
          COMPREPLY+=("$path")
        done < <(compgen -f -- "\${cur#@}")
        ;;
      *) COMPREPLY+=("\${line%%$'\\t'*}") ;;
    esac
  done < <(kplay __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *= ]]; then compopt -o nospace 2>/dev/null; fi
}
complete -F _kplay kplay
`,
  zsh: `#compdef kplay
# kplay completion for zsh. For every session: kplay completion zsh > "\${fpath[1]}/_kplay"
# For this one: source <(kplay completion zsh)
_kplay() {
  local line entry
  local -a words_offered leads_offered
  local -i takes_files=0
  while IFS= read -r line; do
    if [[ $line == :files ]]; then takes_files=1; continue; fi
    entry=\${\${line%%$'\\t'*}//:/\\\\:}
    if [[ $line == *$'\\t'* ]]; then entry+=":\${line#*$'\\t'}"; fi
    # A value follows at once.
    if [[ $line == *= ]]; then leads_offered+=("$entry"); else words_offered+=("$entry"); fi
  done < <(kplay __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)
  local -i found=1
  if (( \${#words_offered} )); then _describe kplay words_offered -Q && found=0; fi
  if (( \${#leads_offered} )); then _describe kplay leads_offered -Q -S '' && found=0; fi
  if (( takes_files )); then
    # Only what is behind --metrics=, html= or @ is the name of a file.
    compset -P '*=' || compset -P '@'
    _files && found=0
  fi
  return found
}
# A file of fpath is called for what is being completed; one that is sourced only tells of itself.
if [[ \${funcstack[1]} == _kplay ]]; then _kplay "$@"; else compdef _kplay kplay; fi
`,
  fish: `# kplay completion for fish. For every session: kplay completion fish > ~/.config/fish/completions/kplay.fish
# For this one: kplay completion fish | source
function __kplay_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in (kplay __complete $words[2..-1] 2>/dev/null)
        if test "$line" = ':files'
            # Only what is behind --metrics=, html= or @ is the name of a file.
            set -l lead (string match -r '^(?:.*=|@)' -- $words[-1])
            for path in (__fish_complete_path (string sub -s (math (string length -- "$lead") + 1) -- $words[-1]))
                echo "$lead$path"
            end
        else
            echo $line
        end
    end
end
complete -c kplay -f -a '(__kplay_complete)'
`,
};

/** `kplay completion`: prints a shell's completion script. */
export function completion(shell: Shell, { stdout }: Environment): number {
  stdout.write(SCRIPTS[shell]);
  return EXIT.good;
}
