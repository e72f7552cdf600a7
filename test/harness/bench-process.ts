/**
 * Runs the built `bench` as a user does, and collects its output, exit code and result. Every result
 * is checked against the schema and the sums that hold for each run.
 */
import { type ChildProcess, spawn } from "node:child_process";
import * as assert from "uvu/assert";
import { settingVariables } from "../../src/cli/settings/variables.ts";
import type { OperationResult, RunResult } from "../../src/result/schema.ts";
import { runResultSchema } from "../../src/saved/schemas.ts";
import { builtBench } from "./built-bench.ts";
import { until } from "./conditions.ts";
import { patient } from "./patience.ts";
import { runInResident } from "./resident-bench.ts";

/** Time limit of one command; only a hang reaches it. */
const LIMIT_MS = patient(180_000);
/** Time for the processes that bench started to end with it. */
const TERM_GRACE_MS = patient(2_000);

export interface BenchEnd {
  /** Null after a signal. */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface BenchOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Starts bench in its own process group, as a shell with a terminal does. */
  ownGroup?: boolean;
  /** Replaces the default time limit, for commands that need long. */
  limitMs?: number;
  /** Replaces the program that users run. */
  program?: string;
}

/** The environment without the user's settings, which must not affect the tests. */
function ownEnv(): NodeJS.ProcessEnv {
  const { ETCDCTL_ENDPOINTS: _, FORCE_COLOR: __, ...env } = process.env;
  for (const name of settingVariables(env)) delete env[name];
  return env;
}

/** A running bench in its own process. */
export class BenchProcess {
  readonly ended: Promise<BenchEnd>;
  readonly #child: ChildProcess;
  #stdout = "";
  #stderr = "";
  #isOver = false;
  #onOutput = () => {};

  constructor(args: readonly string[], options: BenchOptions = {}) {
    const child = spawn(process.execPath, [options.program ?? builtBench(), ...args], {
      cwd: options.cwd,
      env: { ...ownEnv(), ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: options.ownGroup ?? false,
    });
    this.#child = child;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
      this.#onOutput();
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
      this.#onOutput();
    });
    this.ended = new Promise((resolve, reject) => {
      const limit = setTimeout(() => {
        child.kill("SIGTERM");
        setTimeout(() => child.kill("SIGKILL"), TERM_GRACE_MS).unref();
        reject(new Error(`bench ${args.join(" ")} hangs; it said: ${this.#stderr}`));
      }, options.limitMs ?? LIMIT_MS);
      child.on("error", reject);
      child.on("close", (code, signal) => {
        clearTimeout(limit);
        this.#isOver = true;
        this.#onOutput();
        resolve({ code, signal, stdout: this.#stdout, stderr: this.#stderr });
      });
    });
    // The awaiting code gets the failure; without it, an earlier failed test must not crash.
    this.ended.catch(() => {});
  }

  /** Resolves when standard error matches; rejects when bench ends without a match. */
  said(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#matched(pattern, () => this.#stderr);
  }

  /** The same of standard output. */
  printed(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#matched(pattern, () => this.#stdout);
  }

  async #matched(pattern: RegExp, output: () => string): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(output());
      if (match !== null) return match;
      if (this.#isOver) throw new Error(`bench ended without ${pattern}: ${this.#stderr}`);
      await Promise.race([
        new Promise<void>((resolve) => {
          this.#onOutput = resolve;
        }),
        this.ended,
      ]);
    }
  }

  /** Waits for a condition while bench runs, as `until` does; throws when bench ends first. */
  async until<Answer>(what: string, look: () => Promise<Answer | false | null>): Promise<Answer> {
    return until(what, () => {
      if (this.#isOver) throw new Error(`bench ended before ${what}: ${this.#stderr}`);
      return look();
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Signals until it has ended: what comes together with the first signal counts as that. */
  async endedBySignals(name: NodeJS.Signals): Promise<BenchEnd> {
    const again = setInterval(() => this.signal(name), 100);
    try {
      return await this.ended;
    } finally {
      clearInterval(again);
    }
  }

  /** Signals the whole process group, as a terminal does on Ctrl-C. */
  signalGroup(name: NodeJS.Signals): void {
    process.kill(-this.#child.pid!, name);
  }
}

/** Runs bench until it ends. The process may be one that already ran other commands. */
export async function bench(
  args: readonly string[],
  options: Omit<BenchOptions, "ownGroup" | "program"> = {},
): Promise<BenchEnd> {
  const { cwd = process.cwd(), env, limitMs = LIMIT_MS } = options;
  const request = { args, cwd, env: { ...ownEnv(), ...env }, limitMs };
  const { code, stdout, stderr } = await runInResident(request);
  return { code, signal: null, stdout, stderr };
}

export interface Measured extends BenchEnd {
  result: RunResult;
}

/** Runs put or range and reads the JSON result from standard output. */
export async function measure(
  args: readonly string[],
  options: BenchOptions = {},
): Promise<Measured> {
  return measuredBy(await bench([...args, "--output=json"], options));
}

/** The result of a run with `--output=json`. */
export function measuredBy(end: BenchEnd): Measured {
  assert.match(end.stdout, /^\{/, `exit code ${end.code}, standard error: ${end.stderr}`);
  return { ...end, result: checkedResult(JSON.parse(end.stdout)) };
}

/** The result, after a check of its schema and its sums. */
export function checkedResult(data: unknown): RunResult {
  const result = runResultSchema.parse(data);
  assert.equal(result, data, "a result holds nothing that the schema does not know");
  for (const operation of result.operations) checkSums(operation);
  return result;
}

function checkSums({ name, requests, intervals, serviceTime, errors }: OperationResult): void {
  const { offered, started, succeeded, failed, dropped } = requests;
  const shown = `${name}: ${JSON.stringify(requests)}`;
  assert.is(offered, succeeded + failed + dropped, shown);
  assert.is(started, succeeded + failed, shown);
  assert.is(serviceTime.count, succeeded, shown);
  const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0);
  assert.is(sum(intervals.map((each) => each.succeeded)), succeeded, shown);
  assert.is(sum(intervals.map((each) => each.failed)), failed, shown);
  assert.is(sum(errors.map((each) => each.count)), failed, shown);
}

/** The operation of a result that has exactly one. */
export function onlyOperation({ operations }: RunResult): OperationResult {
  assert.is(operations.length, 1);
  return operations[0]!;
}
