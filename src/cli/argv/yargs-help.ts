/** Has yargs print help, from the list of commands. */
import type { Argv, Options } from "yargs";
// The CommonJS build of yargs wraps help between words; the one of "yargs" itself cuts through them.
import yargs from "yargs/yargs";
import { shownDefault } from "../../flags/flag.ts";
import { type Command, fullNameOf } from "../command.ts";
import { sizeOf } from "../output/terminal-size.ts";
import { BRIEF_EXAMPLES, otherFlags, ownFlags } from "./brief-help.ts";
import { exampleLines } from "./example-lines.ts";

const COLUMNS = sizeOf(process.stdout).columns;

const EXIT_CODES =
  "Exit codes: 0 done; 1 requests or a threshold failed, a comparison found head slower, a trend " +
  "alarms, or a file could not be written; 2 usage; 3 no etcd answers, or a comparison is undecided (--strict); 4 " +
  "measurement (--strict) or comparison invalid; 70 a defect of bench; 130 interrupted.";

const SETTINGS =
  "Flags can also be given in a file, bench.yaml in the working folder, and by variables (BENCH_CONNS=10). " +
  "Flags win over variables, variables over the file; bench config COMMAND prints what holds.";

/** Of all commands, for the short help of bench: a first run, and the questions that follow. */
const FIRST_COMMANDS = ["quickstart", "put", "run", "ab", "list"];

/** Prints the help of a command, or of bench as a whole; `isWhole` is `--help=all`. */
export async function showHelp(
  command: Command | null,
  commands: readonly Command[],
  isWhole: boolean,
): Promise<void> {
  // `ab put` takes the place of `ab`.
  const known = commands.map((each) => (each.name === command?.name ? command : each));
  const argv = command === null ? ["--help"] : [command.name, "--help"];
  await buildParser(argv, known, isWhole).parseAsync();
}

function buildParser(
  argv: readonly string[],
  commands: readonly Command[],
  isWhole: boolean,
): Argv {
  const shown = isWhole ? commands : commands.filter(({ name }) => FIRST_COMMANDS.includes(name));
  const examples = exampleLines(
    shown.map((command) => command.examples[0]!),
    COLUMNS,
  );
  const more = isWhole
    ? `${SETTINGS}\n\n${EXIT_CODES}`
    : "bench COMMAND --help explains a command, bench --help=all shows an example of each.";
  const parser = yargs([...argv])
    .scriptName("bench")
    .locale("en")
    .usage("bench <command> [flags]\n\nMeasures etcd, and reports when the client is the limit.")
    .wrap(COLUMNS)
    .help("help", isWhole ? "this text" : "this text; --help=all: the whole of it")
    .alias("help", "h")
    .version(false)
    .option("version", { type: "boolean", describe: "the version of bench" })
    .epilogue(`${examples}\n\n${more}`)
    .exitProcess(false)
    .fail(false);
  for (const command of commands) {
    parser.command({
      command: usageOf(command),
      describe: command.summary,
      builder: (builder) => describeCommand(builder, command, isWhole),
      handler: () => {},
    });
  }
  return parser;
}

function describeCommand(builder: Argv, command: Command, isWhole: boolean): Argv {
  builder.usage(`bench ${`${fullNameOf(command)} ${command.positionals}`.trimEnd()} [flags]

${command.summary}`);
  for (const flag of isWhole ? command.flags : ownFlags(command)) {
    const option: Options = { group: flag.group, describe: flag.describe };
    if (flag.short !== undefined) option.alias = flag.short;
    const usual = shownDefault(flag);
    if (usual !== undefined) option.defaultDescription = usual;
    if (flag.kind === "switch") option.type = "boolean";
    else if (flag.repeatable) Object.assign(option, { array: true, string: true });
    else option.type = "string";
    builder.option(flag.name, option);
  }
  // The commands after this one, where each has a meaning of its own.
  for (const inner of command.inner?.noun === "command" ? command.inner.commands : []) {
    builder.command(usageOf(inner), inner.summary);
  }
  const { examples } = command;
  if (isWhole) return builder.epilogue(exampleLines(examples, COLUMNS));
  const others = otherFlags(command, COLUMNS);
  return builder.epilogue(
    `${others === "" ? "" : `${others}\n\n`}${exampleLines(examples.slice(0, BRIEF_EXAMPLES), COLUMNS)}`,
  );
}

function usageOf({ name, positionals }: Command): string {
  return `${name} ${positionals}`.trimEnd();
}
