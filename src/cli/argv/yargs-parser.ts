/**
 * Owns yargs: builds it from the list of commands, has it print help, and
 * lets it hand the flags of a command line, already made unambiguous by argv, to the command.
 */
import type { Argv, Options } from "yargs";
// The CommonJS build of yargs wraps help between words; the one of "yargs" itself cuts through them.
import yargs from "yargs/yargs";
import { type GivenFlags, shownDefault } from "../../flags/flag.ts";
import { type Command, fullNameOf } from "../command.ts";
import type { ReadArgv } from "./argv.ts";
import { exampleLines } from "./example-lines.ts";

const COLUMNS = process.stdout.columns ?? 80;

const EXIT_CODES =
  "Exit codes: 0 done; 1 requests or a threshold failed, a comparison found head slower, a trend " +
  "alarms, or a file could not be written; 2 usage; 3 no etcd answers, or a comparison is undecided (--strict); 4 " +
  "measurement (--strict) or comparison invalid; 70 a defect of bench; 130 interrupted.";

/** Runs the command that was read and resolves to its exit code; 0 after help. */
export async function dispatch(read: ReadArgv, commands: readonly Command[]): Promise<number> {
  let exitCode = 0;
  // A command with another behind it takes the place of what it is without.
  const known = commands.map((each) => (each.name === read.command?.name ? read.command : each));
  const parser = buildParser(toYargs(read), known, async (command, flags, positionals) => {
    exitCode = await command.run(flags, positionals);
  });
  await parser.parseAsync();
  return exitCode;
}

function toYargs({ kind, command, flags, positionals }: ReadArgv): string[] {
  const name = command === null ? [] : [command.name];
  if (kind === "help") return [...name, "--help"];
  return [...name, ...flags.map(flagForYargs), "--", ...positionals];
}

function flagForYargs({ name, value }: { name: string; value: string }): string {
  // yargs takes a pair of quotes off a value; the shell has done that already.
  const quoted = /^(["'])[\s\S]*\1$/.test(value) ? `"${value}"` : value;
  return `--${name}=${quoted}`;
}

type Handler = (command: Command, flags: GivenFlags, positionals: string[]) => Promise<void>;

function buildParser(
  argv: readonly string[],
  commands: readonly Command[],
  handler: Handler,
): Argv {
  const firstOfEach = commands.map(({ examples }) => examples[0]!);
  const parser = yargs([...argv])
    .scriptName("bench")
    .locale("en")
    .usage(
      "bench <command> [flags]\n\nMeasures a real etcd, and says when the client is the limit.",
    )
    .parserConfiguration({
      "boolean-negation": false,
      "camel-case-expansion": false,
      "dot-notation": false,
      "greedy-arrays": false,
      "parse-numbers": false,
      "parse-positional-numbers": false,
      "short-option-groups": false,
      "populate--": true,
    })
    .wrap(COLUMNS)
    .help("help", "this text; bench <command> --help shows a command's flags")
    .alias("help", "h")
    .version(false)
    .option("version", { type: "boolean", describe: "the version of bench" })
    .epilogue(`${exampleLines(firstOfEach, COLUMNS)}\n\n${EXIT_CODES}`)
    .exitProcess(false)
    .fail(false);
  const behindDashes = argv.includes("--");
  for (const command of commands) {
    parser.command({
      // What stands behind `--` counts for nothing where yargs looks for arguments that it requires.
      command: behindDashes ? command.name : usageOf(command),
      describe: command.summary,
      builder: (builder) => describeCommand(builder, command),
      handler: ({ _, $0, "--": positionals, ...flags }) =>
        handler(command, flags as GivenFlags, (positionals ?? []) as string[]),
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
