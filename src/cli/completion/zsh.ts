/** Writes the completion script of zsh. */
import type { CompletedCommand, CompletedFlag } from "./completed-words.ts";

export function zshCompletion(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name, summary }) => `    ${quoted(`${escaped(name)}:${summary}`)}`);
  return `#compdef bench
# zsh completion of bench. For this shell: source <(bench completion zsh)
# For every shell: bench completion zsh > "\${fpath[1]}/_bench"
_bench() {
  local context state state_descr line
  typeset -A opt_args
  local -a commands
  commands=(
${names.join("\n")}
  )
  _arguments -C '(-)'{-h,--help}'[the commands]' '(-)--version[the version of bench]' \\
    '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe command commands ;;
    argument)
      case $words[1] in
${commands.map(argumentsOf).join("\n")}
      esac ;;
  esac
}
# Sourced, it is to be registered; from a folder of fpath, it is the function itself.
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _bench "$@"; else compdef _bench bench; fi
`;
}

function argumentsOf({ name, flags, words, orFile }: CompletedCommand): string {
  const among = `(${words.join(" ")})`;
  const choose = orFile ? `{_alternative "words:argument:${among}" "files:file:_files"}` : among;
  const first = words.length === 0 ? [] : [quoted(`1:argument:${choose}`)];
  const specs = [...flags.flatMap(specsOf), ...first, quoted("*:argument:_files")];
  return `        ${name}) _arguments -S \\
          ${specs.join(" \\\n          ")} ;;`;
}

function specsOf(flag: CompletedFlag): string[] {
  const what = `[${escaped(flag.describe)}]`;
  const among =
    flag.wordsFrom !== null
      ? `{compadd -- \${(f)"$(${flag.wordsFrom} 2>/dev/null)"}}`
      : flag.values.length === 0
        ? "_files"
        : `(${flag.values.join(" ")})`;
  const value = flag.takesValue ? `:value:${among}` : "";
  const long = flag.takesValue
    ? `--${flag.name}=${flag.isValueOptional ? "-" : ""}`
    : `--${flag.name}`;
  const optional = flag.isValueOptional && flag.takesValue ? `::value:${among}` : value;
  const star = flag.isRepeatable ? "*" : "";
  const specs = [quoted(`${star}${long}${what}${optional}`)];
  if (flag.short !== null) specs.push(quoted(`${star}-${flag.short}${what}${optional}`));
  return specs;
}

function escaped(text: string): string {
  return text.replace(/[\\[\]:]/g, "\\$&");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
