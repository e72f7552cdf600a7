/** Submits a job of agents by sbatch, looks at it by squeue and ends it by scancel. */
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { BenchError, EXIT, type ExitCode, flagError } from "../../errors.ts";
import { type ProgramEnd, runProgram } from "../../machine/run-program.ts";
import { fromSystemError, reason } from "../../system-error.ts";
import { readEndOfFile } from "../../text-file.ts";
import type { EngineActions, EngineContext, SeenAgent } from "../engine.ts";
import { programFile } from "../program-file.ts";
import type { SlurmPlan } from "./engine.ts";
import {
  batchScript,
  JOB_LOG,
  JOIN_FILE,
  type Job,
  jobIn,
  PROGRAM_FILE,
  SQUEUE_FORMAT,
  sbatchArguments,
  taskEnd,
  taskLog,
  taskNode,
} from "./script.ts";

const CALL_MS = 60_000;
/** Slurm gives a task 30 s between SIGTERM and SIGKILL, unless it is set otherwise. */
const END_WITHIN_MS = 90_000;
const POLL_MS = 500;
const LOG_LINES = 5;
/** Of a log, which may have grown for weeks. */
const LOG_BYTES = 65_536;
/** Of a shell that finds no program. */
const NOT_FOUND = 127;
/** What its commands print where there is no configuration for them. */
const NOT_SET_UP =
  /establish a configuration source|process configuration file|cannot stat file.*slurm\.conf/i;
const SHARED_FIX = "give --slurm-folder a folder that this machine and the nodes share";

export const slurmActions: EngineActions<SlurmPlan> = {
  agents({ prefix, tasks }) {
    return Array.from({ length: tasks }, (_, task) => {
      return { name: `${prefix}-${task}`, where: `task ${task}` };
    });
  },

  async start(plan, { folder, joinPath, workers, signal, save }) {
    const own = folderOf(plan, folder);
    try {
      mkdirSync(own, { mode: 0o700 });
      copyFileSync(programFile(), join(own, PROGRAM_FILE));
      copyFileSync(joinPath, join(own, JOIN_FILE));
      chmodSync(join(own, JOIN_FILE), 0o600);
    } catch (cause) {
      if (fromSystemError(cause) === null) throw cause;
      throw flagError("slurm-folder", `${own}: ${reason(cause)}; ${SHARED_FIX}`, cause);
    }
    const { code, stderr } = await call("sbatch", sbatchArguments(plan, own, workers), {
      ...{ input: batchScript(plan, own, workers), signal },
    });
    signal.throwIfAborted();
    if (code === 0) return;
    // After a timeout the controller may have taken it.
    const isRefused = code !== null && !/timed out/i.test(stderr);
    if (isRefused) save({ ...plan, isSubmitted: false });
    throw failure("sbatch", code, stderr);
  },

  async look(plan, { folder, signal }) {
    const own = folderOf(plan, folder);
    const { code, stdout, stderr } = await squeue(plan, signal);
    const job = code === 0 ? jobIn(stdout) : null;
    const fault = code === 0 ? null : failure("squeue", code, stderr).message;
    return slurmActions
      .agents(plan)
      .map(({ name }, task) => seenTask(name, join(own, taskLog(task)), own, task, { job, fault }));
  },

  async end(plan, { folder, signal }) {
    const left = (words: string) => ({ left: plan, failures: [`job ${plan.jobName}: ${words}`] });
    if (plan.isSubmitted) {
      const cancelled = await call("scancel", [`--name=${plan.jobName}`], { signal });
      if (cancelled.code !== 0) {
        return left(failure("scancel", cancelled.code, cancelled.stderr).message);
      }
    }
    const untilMs = performance.now() + END_WITHIN_MS;
    while (plan.isSubmitted) {
      const { code, stdout, stderr } = await squeue(plan, signal);
      if (code !== 0) return left(failure("squeue", code, stderr).message);
      if (jobIn(stdout) === null) break;
      if (performance.now() > untilMs) return left("it is cancelled, and has not ended yet");
      await delay(POLL_MS, undefined, { signal });
    }
    rmSync(folderOf(plan, folder), { recursive: true, force: true });
    return { left: null, failures: [] };
  },
};

function folderOf({ folder, jobName }: SlurmPlan, ofPlacement: string): string {
  return folder ?? join(ofPlacement, jobName);
}

function seenTask(
  name: string,
  logFile: string,
  folder: string,
  task: number,
  { job, fault }: { job: Job | null; fault: string | null },
): SeenAgent {
  const endFile = join(folder, taskEnd(task));
  const log = lastLines(logFile) || (job === null ? lastLines(join(folder, JOB_LOG)) : "");
  const node = lastLines(join(folder, taskNode(task)));
  const seen = (state: SeenAgent["state"], detail: string | null) => {
    const where = node === "" ? {} : { where: `${node}, task ${task}` };
    return { name, state, detail, logEnd: log, ...where };
  };
  if (fault !== null) return seen("unknown", fault);
  if (job === null) return seen("ended", "its job has ended");
  if (job.state === "PENDING" || job.state === "CONFIGURING") {
    return seen("waiting", `its job waits: ${job.reason}`);
  }
  if (existsSync(endFile)) {
    return seen("ended", `exit code ${readFileSync(endFile, "utf8").trim()}`);
  }
  return seen("running", null);
}

function squeue({ jobName }: SlurmPlan, signal: AbortSignal): Promise<ProgramEnd> {
  const args = [`--name=${jobName}`, "--noheader", `--format=${SQUEUE_FORMAT}`];
  return call("squeue", args, { signal });
}

/** Where the program is not there: exit code 127, as a shell has it. */
async function call(
  program: string,
  args: readonly string[],
  { input = "", signal }: { input?: string; signal: EngineContext["signal"] },
): Promise<ProgramEnd> {
  const end = await runProgram(program, args, { input, signal, timeoutMs: CALL_MS });
  const { startError } = end;
  return startError === null ? end : { ...end, code: NOT_FOUND, stderr: reason(startError) };
}

function failure(program: string, code: number | null, stderr: string): BenchError {
  const said = stderr.trim().split("\n").slice(-2).join("; ");
  const fail = (words: string, exitCode: ExitCode) => {
    return new BenchError(`--slurm: ${program} ${words}`, exitCode, { flag: "slurm" });
  };
  if (code === NOT_FOUND) {
    return fail(`cannot be run: ${said}; run bench where Slurm's commands are`, EXIT.usage);
  }
  if (NOT_SET_UP.test(said)) {
    return fail(
      `cannot be used: Slurm is not set up on this machine (${said}); run bench where it is, or set SLURM_CONF`,
      EXIT.usage,
    );
  }
  if (code === null || /unable to contact slurm controller|connection refused/i.test(said)) {
    const why = said || `did not answer within ${CALL_MS / 1e3} s`;
    return fail(`failed: ${why}; check that slurmctld runs`, EXIT.unreachable);
  }
  return fail(
    `failed: ${said}; check --partition, --nodes, --ntasks and --slurm-option`,
    EXIT.usage,
  );
}

/** Empty where there is none yet. */
function lastLines(file: string): string {
  if (!existsSync(file)) return "";
  return readEndOfFile(file, LOG_BYTES).trim().split("\n").slice(-LOG_LINES).join("\n");
}
