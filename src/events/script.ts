/**
 * A script of the user's: it is called at the start of the event and at its end, so that any cluster
 * can have any fault.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { BenchError, usageError } from "../errors.ts";
import { lookForProgram } from "../executable.ts";
import { reason } from "../system-error.ts";
import { printable } from "../text/visible.ts";
import { formatDuration } from "../units.ts";
import type { EventContext } from "./definition.ts";
import type { TimedEvent } from "./timed-event.ts";

type Stage = "start" | "end";

/** A script that puts something right has so long for it. */
const END_WITHIN_MS = 60_000;
const MOST_OUTPUT_CHARS = 2_000;

export const SCRIPT: TimedEvent = {
  kind: { kind: "exec", mark: "X", describe: () => "script", changesLeader: true },
  ...{ verb: "exec", usage: "COMMAND", lasts: true, needsOwnCluster: false },
  read(command) {
    if (command === "") return null;
    return {
      text: command,
      lacks: () => missingScript(command),
      async *actions(context, lastsMs) {
        const call = (stage: Stage) => run(command, stage, lastsMs, context);
        yield {
          ...{ member: null, revision: null },
          async begin() {
            try {
              await call("start");
            } catch (error) {
              // It may have done half of its work.
              const notEnded = await call("end").then(
                () => null,
                (thrown: unknown) => thrown,
              );
              throw notEnded === null ? error : bothOf(error, notEnded);
            }
          },
          end: { lastsMs, putRight: () => call("end") },
        };
      },
    };
  },
};

/** A first word that the shell looks up as it is: no quotes, variables or assignments. */
const PLAIN_WORD = /^[\w@%+:,./-]+(?=\s|$)/;

/** Why the shell would not find the script or program of the command; null: it does, or that is not known. */
function missingScript(command: string): string | null {
  const [word] = PLAIN_WORD.exec(command) ?? [];
  if (word === undefined) return null;
  const look = spawnSync("/bin/sh", ["-c", 'command -v -- "$1"', "sh", word], {
    ...{ encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
  });
  // Without a process to spare nothing is known.
  if (look.error !== undefined) return null;
  const program = lookForProgram(word, process.cwd(), process.env);
  // A shell may find a file that cannot be run; one of its own words needs no file.
  const isFile = look.status !== 0 || word.includes("/") || look.stdout.startsWith("/");
  if (typeof program === "object" && isFile) {
    const { path, why, fix } = program;
    return `${path} ${why}; ${fix}`;
  }
  if (look.status === 0) return null;
  return word.includes("/")
    ? `there is no script ${word} that may be run, seen from ${process.cwd()}`
    : `there is no program ${word} on the PATH`;
}

/** Where the end failed as well, what the start has done may still be in force. */
function bothOf(start: unknown, end: unknown): unknown {
  if (!(start instanceof BenchError)) return start;
  if (!(end instanceof BenchError)) return end;
  return usageError(`${start.message}; its end failed too: ${end.message}`, start);
}

/** @throws BenchError where it does not end with code 0 */
async function run(
  command: string,
  stage: Stage,
  lastsMs: number | null,
  { endpoints, abandoned }: EventContext,
): Promise<void> {
  const child = spawn("/bin/sh", ["-c", `${command} "$@"`, "bench-event", stage], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      BENCH_EVENT: stage,
      BENCH_EVENT_FOR: lastsMs === null ? "" : formatDuration(lastsMs),
      BENCH_ENDPOINTS: endpoints.join(","),
    },
    // A group of its own: Ctrl-C ends the run in order, and the script gets no signal but the end.
    detached: true,
  });
  const limit = stage === "start" ? abandoned : AbortSignal.timeout(END_WITHIN_MS);
  const end = await ended(child, limit);
  if (end.how === null) return;
  const last = end.output.trim().split("\n").at(-1) ?? "";
  const said = last === "" ? "" : `: ${printable(last)}`;
  throw usageError(`${printable(command)} ${stage}: ${end.how}${said}`);
}

/** `how` it failed; null: it did not. */
function ended(
  child: ChildProcess,
  limit: AbortSignal,
): Promise<{ how: string | null; output: string }> {
  return new Promise((resolve) => {
    let output = "";
    let isOverdue = false;
    const take = (text: string) => {
      output = (output + text).slice(-MOST_OUTPUT_CHARS);
    };
    // Without files left there are none, and an error says so.
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", take);
    const onLimit = () => {
      isOverdue = true;
      // What it started is in its group.
      if (child.pid !== undefined) endGroup(child.pid);
    };
    if (limit.aborted) onLimit();
    limit.addEventListener("abort", onLimit, { once: true });
    const settle = (how: string | null) => {
      limit.removeEventListener("abort", onLimit);
      resolve({ how, output });
    };
    child.once("error", (error) => settle(`it could not be started: ${reason(error)}`));
    child.once("exit", (code, signal) => {
      if (isOverdue) settle("it did not end in time and was killed");
      else settle(code === 0 ? null : `it ended with ${signal ?? `exit code ${code}`}`);
    });
  });
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
