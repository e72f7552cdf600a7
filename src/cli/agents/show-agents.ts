/** Carries out `bench agents status|list`. */
import { BenchError, EXIT, type ExitCode } from "../../errors.ts";
import { type GivenFlags, readFlags } from "../../flags/flag.ts";
import { Placement } from "../../placement/placement.ts";
import { placementFolder, placementNames } from "../../placement/record.ts";
import { type AgentRow, type PlacementStatus, statusOf } from "../../placement/status.ts";
import { type Column, renderGrid } from "../../tables/grid.ts";
import { ABSENT } from "../../tables/number-format.ts";
import { formatNoun } from "../../text/noun.ts";
import { printable, printableData } from "../../text/visible.ts";
import { environment } from "../argv/environment.ts";
import { toStandardOutput } from "../output/deliver-results.ts";
import { writeNote, writeStandardOutput } from "../output/standard-output.ts";
import { LIST_FLAGS, STATUS_FLAGS } from "./agents-flags.ts";
import { folderOf, groupFrom } from "./open-placement.ts";

const STATUS_COLUMNS: readonly Column<AgentRow>[] = [
  { header: ["agent"], align: "left", cell: ({ name }) => printable(name) },
  { header: ["on"], align: "left", cell: ({ where }) => printable(where) },
  { header: ["process"], align: "left", cell: ({ seen }) => seen?.state ?? ABSENT },
  {
    header: ["joined"],
    align: "left",
    cell: ({ member }) => (member === null ? "no" : member.isBusy ? "in a run" : "waits"),
  },
  { header: ["lease"], cell: ({ member }) => seconds(member?.leaseLeftSeconds ?? null) },
  { header: ["workers"], cell: ({ member }) => String(member?.hello?.workers ?? ABSENT) },
  {
    header: ["bench"],
    align: "left",
    cell: ({ member }) => printable(member?.hello?.environment.tool ?? ABSENT),
  },
  {
    header: ["Node"],
    align: "left",
    cell: ({ member }) => printable(member?.hello?.environment.node ?? ABSENT),
  },
];

/**
 * Exit code 0: all agents run and have joined; 1: one does not, or has not; 3: not all of that could be seen.
 * @param word the group's name, where --group does not give it
 */
export async function showStatus(given: GivenFlags, word: string | undefined): Promise<number> {
  const flags = readFlags(STATUS_FLAGS, given);
  const { name, folder } = folderOf(groupFrom(word, flags.agentGroup));
  const placement = await Placement.at(folder);
  if (placement === null) {
    await writeStandardOutput(
      `agents ${name}: a start that was interrupted; remove it with bench agents down ${name}`,
    );
    return EXIT.failed;
  }
  const status = await statusOf(placement, {
    ...{ say: writeNote, signal: new AbortController().signal },
  });
  if (flags.output === "json") {
    await writeStandardOutput(JSON.stringify(printableData(status), null, 2));
    return exitCodeOf(status);
  }
  const options = toStandardOutput({ noColor: flags.noColor });
  const grid = renderGrid(STATUS_COLUMNS, status.agents, options);
  await writeStandardOutput([headOf(status), grid, ...notesOf(status)].join("\n"), options.color);
  return exitCodeOf(status);
}

function exitCodeOf({ agents, coordinationFault }: PlacementStatus): ExitCode {
  const isAbsent = ({ seen, member }: AgentRow) => {
    const isUp = seen === null || seen.state === "running" || seen.state === "unknown";
    const hasJoined = member === null ? coordinationFault !== null : member.refusal === null;
    return !isUp || !hasJoined;
  };
  if (agents.some(isAbsent)) return EXIT.failed;
  const isUnseen =
    coordinationFault !== null || agents.some(({ seen }) => seen?.state === "unknown");
  return isUnseen ? EXIT.unreachable : EXIT.done;
}

function headOf({ name, engine, isReady, joinPath, coordinationFault }: PlacementStatus): string {
  const state = isReady ? "" : ", a start that goes on or was interrupted";
  const head = `agents ${name}: by ${engine}${state}; join file ${joinPath}`;
  return printable(coordinationFault === null ? head : `${head}\n${coordinationFault}`);
}

function notesOf({ agents }: PlacementStatus): string[] {
  return agents.flatMap(({ name, seen, member }) => {
    const said = [member?.refusal, seen?.detail].filter((each) => typeof each === "string");
    if (member === null && seen !== null && seen.logEnd !== "") said.push(seen.logEnd);
    return said.map((each) => printable(`${name}: ${each}`));
  });
}

interface ListedGroup {
  name: string;
  engine: string | null;
  agents: number;
  /** What there is in place of agents; null: they were placed. */
  fault: string | null;
  createdAt: string | null;
}

const LIST_COLUMNS: readonly Column<ListedGroup>[] = [
  { header: ["name"], align: "left", cell: ({ name }) => name },
  { header: ["by"], align: "left", cell: ({ engine }) => engine ?? ABSENT },
  {
    header: ["agents"],
    align: "left",
    cell: ({ agents, fault }) => printable(fault ?? formatNoun(agents, "agent")),
  },
  { header: ["since"], align: "left", cell: ({ createdAt }) => printable(createdAt ?? ABSENT) },
];

export async function listAgents(given: GivenFlags): Promise<number> {
  const flags = readFlags(LIST_FLAGS, given);
  const env = environment();
  const groups: ListedGroup[] = [];
  for (const name of placementNames(env)) groups.push(await listed(name, env));
  if (flags.output === "json") {
    await writeStandardOutput(JSON.stringify(printableData(groups), null, 2));
  } else if (groups.length === 0) {
    await writeStandardOutput("no agents are up; start some with bench agents up");
  } else {
    const options = toStandardOutput({ noColor: flags.noColor });
    await writeStandardOutput(renderGrid(LIST_COLUMNS, groups, options), options.color);
  }
  return EXIT.done;
}

async function listed(name: string, env: NodeJS.ProcessEnv): Promise<ListedGroup> {
  const none = { name, engine: null, agents: 0, createdAt: null };
  try {
    const placement = await Placement.at(placementFolder(name, env));
    if (placement === null) return { ...none, fault: "a start that was interrupted" };
    const { engine, createdAt, plan } = placement.record;
    const agents = plan === null ? 0 : placement.actions.agents(plan).length;
    return { name, engine, createdAt, agents, fault: null };
  } catch (error) {
    // One that cannot be read does not hide the others.
    if (!(error instanceof BenchError)) throw error;
    return { ...none, fault: error.message };
  }
}

function seconds(count: number | null): string {
  return count === null ? ABSENT : `${count} s`;
}
