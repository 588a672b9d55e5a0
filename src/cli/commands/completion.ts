import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';

type Shell = 'bash' | 'zsh' | 'fish';

/** Each asks `kplay __complete WORD…` what may stand in the place of the last word. A line `:files` leaves it to the shell. */
const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# kplay completion for bash. For every session: kplay completion bash > /etc/bash_completion.d/kplay
# For this one: source <(kplay completion bash)
_kplay() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :files) compopt -o default 2>/dev/null ;;
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
  local -a lines names
  lines=("\${(@f)$(kplay __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  names=("\${(@)\${(@)lines:#:files}%%$'\\t'*}")
  names=("\${(@)names:#}")
  (( \${#names} )) && compadd -Q -- "\${names[@]}"
  if (( \${lines[(Ie):files]} )); then _files; fi
}
compdef _kplay kplay
`,
  fish: `# kplay completion for fish. For every session: kplay completion fish > ~/.config/fish/completions/kplay.fish
# For this one: kplay completion fish | source
function __kplay_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in (kplay __complete $words[2..-1] 2>/dev/null)
        if test "$line" = ':files'
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete -c kplay -f -a '(__kplay_complete)'
`,
};

/** `kplay completion`: a script for a shell. */
export function completion(shell: Shell, { stdout }: Environment): number {
  stdout.write(SCRIPTS[shell]);
  return EXIT.good;
}
