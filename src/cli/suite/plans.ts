/**
 * Plans the cells of a suite: their words are read, checked and planned exactly as a command line is,
 * and errors name the place in the file.
 */
import { BenchError, usageError } from "../../errors.ts";
import type { GivenFlags } from "../../flags/flag.ts";
import type { PlannedRun } from "../../plan/from-flags.ts";
import type { RunPlan } from "../../plan/schema.ts";
import { shellLine } from "../../shell-words.ts";
import { type Cell, cellsOf, type Overrides } from "../../suite/cells.ts";
import type { ReadSuite } from "../../suite/read.ts";
import { refuseOwnArgs } from "../../suite/server-args.ts";
import { planFromFlags } from "../../workloads/catalogue.ts";
import { readArgv } from "../argv/argv.ts";
import { flagValues } from "../argv/flag-values.ts";
import { planWithAgents, wordsWithAgents } from "../measure/agents.ts";
import { EndpointDiscovery } from "../measure/discovery.ts";
import { MEASURING_COMMANDS } from "../measure/measuring-commands.ts";
import { placed } from "./cell-errors.ts";

export interface PlannedCell extends Cell {
  /** Of the cells, in the order of the file. */
  index: number;
  plan: RunPlan;
  /** That the plan was made from; they may hold a password. */
  flags: GivenFlags;
  /** The flag that names the binary of its clusters. */
  etcdFlag: string;
  notes: string[];
  /** What comes before each run. */
  preparePlans: RunPlan[];
}

/** @throws BenchError (usage) for the first cell that cannot be run, before anything is started */
export async function planCells(
  read: ReadSuite,
  overrides: Overrides,
  env: NodeJS.ProcessEnv,
): Promise<PlannedCell[]> {
  const discovery = new EndpointDiscovery();
  const planned: PlannedCell[] = [];
  for (const cell of cellsOf(read, MEASURING_COMMANDS, overrides)) {
    planned.push(await planCell(cell, planned.length, discovery, env));
  }
  return planned;
}

async function planCell(
  cell: Cell,
  index: number,
  discovery: EndpointDiscovery,
  env: NodeJS.ProcessEnv,
): Promise<PlannedCell> {
  const { planned, flags } = await placed(cell, () => planWords(cell.words, discovery, env));
  const preparePlans: RunPlan[] = [];
  for (const words of cell.prepare) {
    const plan = async () => (await planWords(words, discovery, env)).planned.plan;
    preparePlans.push(withServerArgs(await placed(cell, plan, "prepare"), cell.serverArgs));
  }
  if (cell.etcd === "fresh" && planned.plan.target.local === null) {
    throw usageError(
      `${cell.placeOf("command")}: ${cell.name} wants a fresh etcd for each run, which takes --local (or --local=3); or say etcd: shared in the suite`,
    );
  }
  await placed(cell, () => refuseOwnArgs(cell.serverArgs, "server-args"), "server-args");
  const plan = withServerArgs(planned.plan, cell.serverArgs);
  return { ...cell, index, plan, notes: planned.notes, flags, etcdFlag: "--etcd", preparePlans };
}

/**
 * The cells as agents send them; what comes before their runs is sent from here.
 * @throws BenchError (usage) with the flags that leave out what agents cannot send
 */
export function cellsWithAgents(cells: readonly PlannedCell[], given: GivenFlags): PlannedCell[] {
  const refused: { name: string; error: BenchError }[] = [];
  const planned = cells.flatMap((cell) => {
    try {
      const plan = planWithAgents(cell.plan, given);
      return { ...cell, plan, words: wordsWithAgents(cell.words, plan) };
    } catch (error) {
      if (!(error instanceof BenchError)) throw error;
      refused.push({ name: cell.name, error });
      return [];
    }
  });
  const [first] = refused;
  if (first === undefined) return planned;
  const { message, exitCode, flag } = first.error;
  const skip =
    planned.length === 0
      ? ""
      : `; or leave out what cannot be dealt to them: ${shellLine(refused.map(({ name }) => `--skip=${name}`))}`;
  throw new BenchError(`${first.name}: ${message}${skip}`, exitCode, { cause: first.error, flag });
}

/** Another's etcd has the flags that it was started with. */
function withServerArgs(plan: RunPlan, serverArgs: readonly string[]): RunPlan {
  const { local } = plan.target;
  if (local === null || serverArgs.length === 0) return plan;
  return { ...plan, target: { ...plan.target, local: { ...local, serverArgs: [...serverArgs] } } };
}

async function planWords(
  words: readonly string[],
  discovery: EndpointDiscovery,
  env: NodeJS.ProcessEnv,
): Promise<{ planned: PlannedRun; flags: GivenFlags }> {
  const read = readArgv(words, MEASURING_COMMANDS);
  const command = read.command!;
  const flags = await discovery.flags(flagValues({ ...read, command }));
  const variables = await discovery.variablesFor(flags, env);
  const invocation = { command: command.name, flags, args: read.positionals };
  return { planned: planFromFlags(invocation, variables), flags };
}
