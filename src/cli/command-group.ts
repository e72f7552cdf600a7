/** Makes a command whose first argument is one of its own commands, as `bench cluster start`. */
import type { Command } from "./command.ts";

export function commandGroup(
  words: Pick<Command, "name" | "summary" | "examples">,
  commands: readonly Command[],
): Command {
  const { name } = words;
  return {
    ...words,
    positionals: "<command>",
    minPositionals: 0,
    maxPositionals: 0,
    flags: [],
    inner: {
      noun: "command",
      commands,
      with: (inner) => ({ ...inner, name, fullName: `${name} ${inner.name}` }),
    },
    async run() {
      throw new Error(`${name} runs with a command after it`);
    },
  };
}
