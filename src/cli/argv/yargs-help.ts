/** Has yargs print help, from the list of commands. */
import type { Argv, Options } from "yargs";
// The CommonJS build of yargs wraps help between words; the one of "yargs" itself cuts through them.
import yargs from "yargs/yargs";
import { shownDefault } from "../../flags/flag.ts";
import { type Command, fullNameOf } from "../command.ts";
import { exampleLines } from "./example-lines.ts";

const COLUMNS = process.stdout.columns ?? 80;

const EXIT_CODES =
  "Exit codes: 0 done; 1 requests or a threshold failed, a comparison found head slower, a trend " +
  "alarms, or a file could not be written; 2 usage; 3 no etcd answers, or a comparison is undecided (--strict); 4 " +
  "measurement (--strict) or comparison invalid; 70 a defect of bench; 130 interrupted.";

/** Prints the help of a command, or of bench as a whole. */
export async function showHelp(
  command: Command | null,
  commands: readonly Command[],
): Promise<void> {
  // A command with another behind it takes the place of what it is without.
  const known = commands.map((each) => (each.name === command?.name ? command : each));
  const argv = command === null ? ["--help"] : [command.name, "--help"];
  await buildParser(argv, known).parseAsync();
}

function buildParser(argv: readonly string[], commands: readonly Command[]): Argv {
  const firstOfEach = commands.map(({ examples }) => examples[0]!);
  const parser = yargs([...argv])
    .scriptName("bench")
    .locale("en")
    .usage(
      "bench <command> [flags]\n\nMeasures a real etcd, and says when the client is the limit.",
    )
    .wrap(COLUMNS)
    .help("help", "this text; bench <command> --help shows a command's flags")
    .alias("help", "h")
    .version(false)
    .option("version", { type: "boolean", describe: "the version of bench" })
    .epilogue(`${exampleLines(firstOfEach, COLUMNS)}\n\n${EXIT_CODES}`)
    .exitProcess(false)
    .fail(false);
  for (const command of commands) {
    parser.command({
      command: usageOf(command),
      describe: command.summary,
      builder: (builder) => describeCommand(builder, command),
      handler: () => {},
    });
  }
  return parser;
}

function describeCommand(builder: Argv, command: Command): Argv {
  builder.usage(`bench ${`${fullNameOf(command)} ${command.positionals}`.trimEnd()} [flags]

${command.summary}`);
  for (const flag of command.flags) {
    const option: Options = { group: flag.group, describe: flag.describe };
    if (flag.short !== undefined) option.alias = flag.short;
    const usual = shownDefault(flag);
    if (usual !== undefined) option.defaultDescription = usual;
    if (flag.kind === "switch") option.type = "boolean";
    else if (flag.repeatable) Object.assign(option, { array: true, string: true });
    else option.type = "string";
    builder.option(flag.name, option);
  }
  return builder.epilogue(exampleLines(command.examples, COLUMNS));
}

function usageOf({ name, positionals }: Command): string {
  return `${name} ${positionals}`.trimEnd();
}
