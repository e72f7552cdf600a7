/** Writes the completion script of fish. */
import type { CompletedCommand, CompletedFlag } from "./completed-words.ts";

export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const lines = [
    "# fish completion of bench. For this shell: bench completion fish | source",
    "# For every shell: bench completion fish > ~/.config/fish/completions/bench.fish",
    // The first of the words that names a command: of `bench ab put` that is ab.
    "function __bench_command",
    "  for word in (commandline -opc)[2..-1]",
    `    contains -- $word ${commands.map(({ name }) => name).join(" ")}; or continue`,
    "    test $word = $argv[1]; return",
    "  end",
    "  return 1",
    "end",
    "complete -c bench -e",
    `complete -c bench -n __fish_use_subcommand -f -s h -l help -d 'the commands'`,
    `complete -c bench -n __fish_use_subcommand -f -l version -d 'the version of bench'`,
    ...commands.flatMap(linesOf),
  ];
  return `${lines.join("\n")}\n`;
}

function linesOf({ name, summary, flags, words, orFile }: CompletedCommand): string[] {
  const after = `complete -c bench -n '__bench_command ${name}'`;
  const lines = [`complete -c bench -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`];
  if (words.length > 0) {
    const all = words.join(" ");
    const first = `__bench_command ${name}; and not __fish_seen_subcommand_from ${all}`;
    lines.push(`complete -c bench -n ${quoted(first)}${orFile ? "" : " -f"} -a ${quoted(all)}`);
  }
  for (const flag of flags) lines.push(`${after} ${flagWords(flag)} -d ${quoted(flag.describe)}`);
  return lines;
}

function flagWords(flag: CompletedFlag): string {
  const { name, short, takesValue, isValueOptional, values, wordsFrom } = flag;
  const names = short === null ? `-l ${name}` : `-s ${short} -l ${name}`;
  if (!takesValue) return names;
  const words = wordsFrom === null ? values.join(" ") : `(${wordsFrom} 2>/dev/null)`;
  const among = words === "" ? "" : ` -f -a ${quoted(words)}`;
  // After -r a value is required, so that fish takes the next word for one.
  return isValueOptional ? `${names}${among}` : `${names} -r${among}`;
}

/** In single quotes fish knows two escapes. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
