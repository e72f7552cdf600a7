/** Writes the completion script of bash; it needs nothing but bash 4. */
import type { CompletedCommand, CompletedFlag } from "./completed-words.ts";

export function bashCompletion(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name }) => name);
  return `# bash completion of bench. For this shell: source <(bench completion bash)
# For every shell: bench completion bash > ~/.local/share/bash-completion/completions/bench
_bench() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} flag= command= given=" " word equals=
  # bash splits --flag=value at the equals sign.
  if [[ $current == = ]]; then flag=$before current= equals=1
  elif [[ $before == = ]]; then flag=\${COMP_WORDS[COMP_CWORD-2]} equals=1
  elif [[ $before == -* ]]; then flag=$before
  fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ -n $command ]]; then given+="$word "; continue; fi
    case $word in
      ${names.join("|")}) command=$word ;;
    esac
  done
  COMPREPLY=()
  if [[ -z $command ]]; then
    COMPREPLY=($(compgen -W "${names.join(" ")} --help --version" -- "$current"))
    return
  fi
  case "$command $flag" in
${commands.flatMap(valueCases).join("\n")}
  esac
  case $command in
${commands.map(wordCase).join("\n")}
  esac
}
complete -o default -o bashdefault -F _bench bench
`;
}

/** A flag with a value of its own: its few words, or bash's own completion of files. */
function valueCases({ name, flags }: CompletedCommand): string[] {
  return flags
    .filter(({ takesValue }) => takesValue)
    .map((flag) => {
      const when = namesOf(flag).map((each) => `"${name} ${each}"`);
      // Where the value may be left out, what comes after a space is a word of its own.
      const unless = flag.isValueOptional ? "[[ $equals ]] && " : "";
      if (flag.wordsFrom !== null) {
        const words = `COMPREPLY=($(compgen -W "$(${flag.wordsFrom} 2>/dev/null)" -- "$current"))`;
        return `    ${when.join("|")}) { ${words}; return; } ;;`;
      }
      if (flag.values.length === 0) return `    ${when.join("|")}) ${unless}return ;;`;
      const words = `COMPREPLY=($(compgen -W "${flag.values.join(" ")}" -- "$current"))`;
      return `    ${when.join("|")}) ${unless}{ ${words}; return; } ;;`;
    });
}

function wordCase({ name, flags, words }: CompletedCommand): string {
  const choose = (from: readonly string[]) =>
    from.length === 0 ? ":" : `COMPREPLY=($(compgen -W "${from.join(" ")}" -- "$current"))`;
  const ofFlags = choose(flags.map((flag) => `--${flag.name}`));
  return `    ${name}) if [[ $current == -* ]]; then ${ofFlags}; else ${firstWord(choose(words), words)}; fi ;;`;
}

/** Does it unless one of the words has been given. */
function firstWord(choose: string, words: readonly string[]): string {
  if (words.length === 0) return choose;
  const isGiven = words.map((word) => `*" ${word} "*`).join("|");
  return `case $given in ${isGiven}) ;; *) ${choose} ;; esac`;
}

function namesOf({ name, short }: CompletedFlag): string[] {
  return short === null ? [`--${name}`] : [`--${name}`, `-${short}`];
}
