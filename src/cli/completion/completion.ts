/** `bench completion SHELL` prints the script by which a shell completes bench's words. */
import { EXIT, usageError } from "../../errors.ts";
import type { Command } from "../command.ts";
import type { CompletedCommand } from "./completed-words.ts";

type Script = (commands: readonly CompletedCommand[]) => string;

const SHELLS: Record<string, () => Promise<Script>> = {
  bash: async () => (await import("./bash.ts")).bashCompletion,
  zsh: async () => (await import("./zsh.ts")).zshCompletion,
  fish: async () => (await import("./fish.ts")).fishCompletion,
};

/** What the scripts ask for when a label is to be completed. */
const LABELS = "labels";

/** @param all every command of bench, this one too */
export const completionCommand = (all: () => readonly Command[]): Command => ({
  name: "completion",
  summary: "Print the script that completes bench's commands, flags and values in a shell",
  positionals: `<${Object.keys(SHELLS).join("|")}|${LABELS}>`,
  choices: Object.keys(SHELLS),
  minPositionals: 1,
  maxPositionals: 1,
  flags: [],
  examples: [
    ["completion bash", "the script for ~/.local/share/bash-completion/completions/bench"],
    ["completion zsh", "for a file _bench in a folder of zsh's fpath"],
    ["completion fish", "for ~/.config/fish/completions/bench.fish"],
    [
      "completion labels",
      "the labels of the results that are saved here, as the scripts ask for them",
    ],
  ],
  async run(_flags, [shell]) {
    if (shell === LABELS) {
      const { printSavedLabels } = await import("./saved-labels.ts");
      return printSavedLabels();
    }
    const script = SHELLS[shell!];
    if (script === undefined) {
      throw usageError(`${JSON.stringify(shell)}: no such shell; give bash, zsh or fish`);
    }
    const [{ completedCommands }, { writeStandardOutput }, print] = await Promise.all([
      import("./completed-words.ts"),
      import("../output/standard-output.ts"),
      script(),
    ]);
    const { boxedSuites } = await import("../../suite/find.ts");
    const completed = completedCommands(all()).map((command) => ({
      ...command,
      words: command.name === "run" ? boxedSuites() : wordsOf(command, all()),
    }));
    await writeStandardOutput(print(completed));
    return EXIT.done;
  },
});

/** `bench config` takes the names of the other commands. */
function wordsOf({ name, words }: CompletedCommand, all: readonly Command[]): readonly string[] {
  if (name !== "config") return words;
  return all.map((each) => each.name).filter((each) => each !== name);
}
