/** Starts agents on hosts, looks at them and ends them, each by a call of the system's ssh. */
import { readFileSync } from "node:fs";
import { runProgram } from "../../machine/run-program.ts";
import { shellLine } from "../../shell-words.ts";
import { reason } from "../../system-error.ts";
import type { EngineActions, EngineContext } from "../engine.ts";
import { programFile } from "../program-file.ts";
import { commandOnHost, sshArguments } from "./command.ts";
import type { SshAgent, SshPlan } from "./engine.ts";
import { errorOf, faultOf, type SshEnd, type SshFault } from "./faults.ts";
import { describeHost } from "./hosts.ts";
import { type HostAnswer, type HostTask, JOIN_FILE, MARKER } from "./on-host.ts";

/** Processes of ssh at one time. */
const AT_ONCE = 16;
/** For an answer, the copy of the program included. */
const START_MS = 120_000;
const LOOK_MS = 20_000;
const END_MS = 40_000;
const LOG_LINES = 5;
/** A host's answer has fewer; one that is not what it seems may print without an end. */
const KEPT_CHARACTERS = 100_000;

export const sshActions: EngineActions<SshPlan> = {
  agents({ agents }) {
    return agents.map((agent) => ({ name: agent.name, where: describeHost(agent) }));
  },

  async start(plan, { joinPath, workers, signal, save, say }) {
    const program = readFileSync(programFile());
    const join = readFileSync(joinPath);
    const faults = await eachOf(plan.agents, async (agent) => {
      const task: HostTask = {
        ...{ action: "start", folder: agent.folder },
        args: [
          ...["agent", `--join=${agent.folder}/${JOIN_FILE}`, `--name=${agent.name}`],
          ...(workers === null ? [] : [`--workers=${workers}`]),
        ],
        ...{ programBytes: program.length, joinBytes: join.length },
      };
      return await callHost(plan, agent, task, {
        ...{ payload: [program, join], withinMs: START_MS, signal },
      });
    });
    save({
      ...plan,
      agents: plan.agents.map((agent, index) => ({
        ...agent,
        isTouched: faults[index]!.fault?.isBeforeHost !== true,
      })),
    });
    signal.throwIfAborted();
    const failed = plan.agents.flatMap((agent, index) => {
      const { fault } = faults[index]!;
      return fault === null ? [] : [errorOf(describeHost(agent), fault)];
    });
    const [first, ...others] = failed;
    if (first === undefined) return;
    for (const { message } of others) say(message);
    throw first;
  },

  async look(plan, { signal }) {
    return await eachOf(plan.agents, async (agent) => {
      const { name, folder, isTouched } = agent;
      if (!isTouched) return { name, state: "ended", detail: "it was not started", logEnd: "" };
      const task: HostTask = { action: "look", folder };
      const { answer, fault } = await callHost(plan, agent, task, { withinMs: LOOK_MS, signal });
      if (fault !== null) return { name, state: "unknown", detail: fault.words, logEnd: "" };
      const log = answer?.logEnd?.trim().split("\n").slice(-LOG_LINES).join("\n") ?? "";
      return { name, state: answer?.state ?? "ended", detail: null, logEnd: log };
    });
  },

  async end(plan, { signal }) {
    const faults = await eachOf(plan.agents, async (agent) => {
      if (!agent.isTouched) return null;
      const task: HostTask = { action: "end", folder: agent.folder };
      const { fault } = await callHost(plan, agent, task, { withinMs: END_MS, signal });
      return fault;
    });
    const left = plan.agents.filter((_, index) => faults[index] !== null);
    return {
      left: left.length === 0 ? null : { ...plan, agents: left },
      failures: left.map((agent) => {
        const { words } = faults[plan.agents.indexOf(agent)]!;
        return `${describeHost(agent)}: the agent may still run, and ${agent.folder} is there: ${words}`;
      }),
    };
  },
};

interface Call {
  payload?: readonly Buffer[];
  withinMs: number;
  signal: EngineContext["signal"];
}

async function callHost(
  plan: SshPlan,
  agent: SshAgent,
  task: HostTask,
  { payload = [], withinMs, signal }: Call,
): Promise<{ answer: HostAnswer | null; fault: SshFault | null }> {
  const args = sshArguments(agent, plan, commandOnHost(plan.node));
  const input = Buffer.concat([Buffer.from(`${JSON.stringify(task)}\n`), ...payload]);
  const end = await runSsh(args, { input, timeoutMs: withinMs, signal });
  return { answer: end.answer, fault: faultOf(end, handCommand(plan, agent)) };
}

/** What a user types after `ssh` to come to the same host. */
function handCommand({ configFile }: SshPlan, { destination, port }: SshAgent): string {
  const config = configFile === null ? [] : ["-F", configFile];
  return shellLine([...config, ...(port === null ? [] : ["-p", String(port)]), destination]);
}

async function runSsh(
  args: readonly string[],
  { input, timeoutMs, signal }: { input: Buffer; timeoutMs: number; signal: AbortSignal },
): Promise<SshEnd> {
  const { code, stdout, stderr, startError } = await runProgram("ssh", args, {
    ...{ input, timeoutMs, signal, keptCharacters: KEPT_CHARACTERS },
  });
  const notRun = startError === null ? null : reason(startError);
  return { notRun, code, stderr, answer: answerIn(stdout) };
}

/** What the login there printed comes before it. */
function answerIn(stdout: string): HostAnswer | null {
  const line = stdout.split("\n").findLast((each) => each.startsWith(MARKER));
  if (line === undefined) return null;
  try {
    // The script of ours printed it: a host that is not what it seems could only lie about its own agent.
    return JSON.parse(line.slice(MARKER.length)) as HostAnswer;
  } catch {
    return null;
  }
}

/** Some at a time; in the order of the items. */
async function eachOf<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const left = items.entries();
  await Promise.all(
    Array.from({ length: Math.min(AT_ONCE, items.length) }, async () => {
      for (const [index, item] of left) results[index] = await work(item);
    }),
  );
  return results;
}
