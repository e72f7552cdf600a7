/** Writes docs/workloads.md from the catalogue: each workload's flags, defaults, series, examples. */
import { readArgv } from "../cli/argv/argv.ts";
import { flagValues } from "../cli/argv/flag-values.ts";
import type { Command } from "../cli/command.ts";
import { MEASURING_COMMANDS } from "../cli/measure/measuring-commands.ts";
import type { TargetInfo } from "../etcd/inspect.ts";
import { SCHEDULED_EVENTS } from "../events/catalogue.ts";
import { type Flag, type GivenFlags, shownDefault } from "../flags/flag.ts";
import { LOAD_FLAGS } from "../flags/load.ts";
import { shellWords } from "../shell-words.ts";
import { planFromFlags, WORKLOAD_COMMANDS, workloadNamed } from "../workloads/catalogue.ts";
import type { WorkloadCommand } from "../workloads/definition.ts";

const OF_LOAD: readonly Flag[] = Object.values(LOAD_FLAGS);
const OF_EVENTS: readonly Flag[] = [...new Set(SCHEDULED_EVENTS.flatMap(({ flags }) => flags))];
const SHARED = [...OF_LOAD, ...OF_EVENTS];

/** The only endpoint of the plans; the page writes MEMBER in its place. */
const ENDPOINT = "127.0.0.1:1";

const UNKNOWN_TARGET: TargetInfo = {
  endpoints: [],
  members: [],
  clusterId: null,
  version: null,
  notes: [],
};

const INTRODUCTION = `# Workloads

<!-- \`npm run docs\` writes this page from src/workloads/. Change the definitions there. -->

Each workload is a command: \`bench put\`, \`bench range\`. All of them run as a closed loop or at a rate,
with a warm-up, thresholds, every output, a verdict and \`--find-max\`. These pages explain more:

- [Keys and values](keys-and-values.md): key spaces, popularity, sizes, clean-up
- [Events](events.md): compactions, faults and changes of members while load runs
- [Reading the figures](reading-the-figures.md): what each series measures, and stale reads
- [The requests of a Kubernetes API server](kubernetes.md)

A *series* is an operation, or a part of one, that has its own count and latencies. Thresholds and limits
name it: \`--threshold='range:p99<20ms'\`.
`;

export async function workloadsPage(): Promise<string> {
  const sections = await Promise.all(WORKLOAD_COMMANDS.map(sectionOf));
  const summaries = WORKLOAD_COMMANDS.map(({ name, summary }) => [
    `[\`${name}\`](#${name})`,
    summary,
  ]);
  return [
    INTRODUCTION,
    table(["command", "what it does"], summaries),
    "## Flags of all workloads\n",
    "Where a workload has another default, its own table lists the flag again. `bench COMMAND --help` also lists\n" +
      "the flags that choose the etcd and the output. How much is sent, when, and by what:\n",
    flagTable(OF_LOAD),
    "[Events](events.md) during the run:\n",
    flagTable(OF_EVENTS),
    ...sections,
  ].join("\n");
}

async function sectionOf(workload: WorkloadCommand): Promise<string> {
  const { name, summary, positionals, flags, examples } = workload;
  const own = flags.filter((flag) => flag.group === "Workload:" && !SHARED.includes(flag));
  const changed = flags.filter((flag) => {
    const shared = SHARED.find((each) => each.name === flag.name);
    return flag.group === "Load:" && shared !== undefined && isDifferent(flag, shared);
  });
  const left = SHARED.filter((shared) => !flags.some((flag) => flag.name === shared.name));
  const usage = `bench ${`${name} ${positionals.usage}`.trimEnd()} [flags]`;
  return [
    `## ${name}\n`,
    `${summary}.\n`,
    fenced([usage, "", ...examples.flatMap(([args, what]) => [`# ${what}`, `bench ${args}`])]),
    flagTable([...own, ...changed]),
    ...(left.length === 0 ? [] : [`It does not take ${left.map(flagCode).join(", ")}.\n`]),
    await seriesText(workload),
  ].join("\n");
}

function isDifferent(flag: Flag, shared: Flag): boolean {
  return flag.describe !== shared.describe || shownDefault(flag) !== shownDefault(shared);
}

/** The series of a run without flags, and those that the examples' flags add. */
async function seriesText(workload: WorkloadCommand): Promise<string> {
  const usual = await seriesOf(workload, {}, []);
  const further = new Set<string>();
  for (const [line] of workload.examples) {
    const read = readArgv(shellWords("an example", line), MEASURING_COMMANDS);
    const command: Command = read.command!;
    const values = flagValues({ ...read, command });
    for (const name of await seriesOf(workload, values, read.positionals)) further.add(name);
  }
  for (const name of usual) further.delete(name);
  const lines = [`Series: ${codes(usual)}.`];
  if (further.size > 0) lines.push(`With other flags also: ${codes(further)}.`);
  return `${lines.join("\n")}\n`;
}

async function seriesOf(
  { name }: WorkloadCommand,
  flags: GivenFlags,
  args: readonly string[],
): Promise<readonly string[]> {
  const { local: _, "grpc-proxy": __, ...rest } = flags;
  const { plan } = planFromFlags(
    { command: name, flags: { ...rest, endpoints: ENDPOINT }, args },
    {},
  );
  const { series } = await workloadNamed(plan.workload.kind).preparation();
  const names = series(plan.workload, { plan, target: UNKNOWN_TARGET });
  return names.map((each) => each.replace(ENDPOINT, "MEMBER"));
}

function flagTable(flags: readonly Flag[]): string {
  const rows = flags.map((flag) => [flagCode(flag), defaultCell(flag), cell(flag.describe)]);
  return table(["flag", "default", "meaning"], rows);
}

function flagCode({ name, short }: Flag): string {
  return short === undefined ? `\`--${name}\`` : `\`--${name}\`, \`-${short}\``;
}

function defaultCell(flag: Flag): string {
  if (flag.kind === "switch") return "off";
  const shown = shownDefault(flag);
  if (shown === undefined) return "";
  return shown.includes(" ") || shown === "none" ? cell(shown) : `\`${shown}\``;
}

function cell(text: string): string {
  return text.replace(/[\\|<>*_`]/g, "\\$&");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  return `${lines.join("\n")}\n`;
}

function fenced(lines: readonly string[]): string {
  return `\`\`\`sh\n${lines.join("\n")}\n\`\`\`\n`;
}

function codes(names: Iterable<string>): string {
  return [...names].map((name) => `\`${name}\``).join(", ");
}
