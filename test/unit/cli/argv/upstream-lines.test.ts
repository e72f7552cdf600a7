/** Command lines of etcd's benchmark tool, 3.4 to 3.8, given to bench; their table in the docs. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readArgv } from "../../../../src/cli/argv/argv.ts";
import { COMMANDS } from "../../../../src/cli/commands.ts";
import { BenchError } from "../../../../src/errors.ts";
import type { GivenFlags } from "../../../../src/flags/flag.ts";
import { packageRoot } from "../../../../src/package-root.ts";
import type { RunPlan } from "../../../../src/plan/schema.ts";
import { runPlanSchema } from "../../../../src/saved/schemas.ts";
import { type Invocation, planFromFlags } from "../../../../src/workloads/catalogue.ts";
import {
  UPSTREAM_COMMANDS,
  UPSTREAM_GLOBAL_FLAGS,
  UPSTREAM_OUT_OF_SCOPE,
  type UpstreamCommand,
  type UpstreamFlag,
} from "../../../fixtures/upstream-flags.ts";

/** What a line asks for; null where bench answers that it does not offer that yet. */
function invocationOf(line: readonly string[]): Invocation | null {
  return offered(line, () => {
    const { command, flags, positionals } = readArgv(line, COMMANDS);
    const [key = null, end = null] = positionals;
    const values: Record<string, string | boolean | string[]> = {};
    for (const { name, value } of flags) {
      const spec = command!.flags.find((each) => each.name === name)!;
      values[name] = spec.kind === "switch" ? value === "true" : spec.repeatable ? [value] : value;
    }
    return { command: command!.name, flags: values as GivenFlags, key, end } as Invocation;
  });
}

/** The plan of a line; null where bench does not offer it yet. */
function planOf(line: readonly string[]): RunPlan | null {
  const invocation = invocationOf(line);
  if (invocation === null) return null;
  return offered(line, () => {
    const { plan } = planFromFlags(invocation, {});
    assert.equal(runPlanSchema.parse(plan), plan, line.join(" "));
    return plan;
  });
}

function offered<T>(line: readonly string[], act: () => T): T | null {
  try {
    return act();
  } catch (error) {
    assert.instance(error, BenchError, `${line.join(" ")}: ${(error as Error).stack}`);
    const { message } = error as BenchError;
    assert.match(message, /does not offer it yet/, `${line.join(" ")}: ${message}`);
    return null;
  }
}

/** Asserts that all lines give the same invocation. */
function assertSame(lines: readonly string[][]): void {
  const [first, ...others] = lines.map(invocationOf);
  for (const [at, other] of others.entries()) assert.equal(other, first, lines[at + 1]!.join(" "));
}

function isOffered({ name, positionals }: UpstreamCommand, flag?: UpstreamFlag): boolean {
  const words = flag === undefined ? [] : [...spellings(flag, flag.other)[0]!, ...pairOf(flag)];
  return planOf([name, ...positionals, ...words]) !== null;
}

/** Each way to write the flag with this value, as words of a line. */
function spellings({ name, kind }: UpstreamFlag, value: string): string[][] {
  const joined = [`--${name}=${value}`];
  if (kind === "switch") return value === "true" ? [joined, [`--${name}`]] : [joined];
  return [joined, [`--${name}`, value]];
}

/** The flag that this one needs: a certificate is of no use without its key, and vice versa. */
function pairOf({ name }: UpstreamFlag): string[] {
  if (name === "cert") return ["--key=client.key"];
  return name === "key" ? ["--cert=client.crt"] : [];
}

/** Flags whose upstream default differs from ours, and why; all others must give the plain plan. */
const NO_DEFAULT = new Map([
  ["watch-latency --total", "bench takes --put-total's default; 3.4's was 10000"],
]);

for (const command of UPSTREAM_COMMANDS) {
  const { name, positionals, flags } = command;

  test(`${name}: upstream's line without flags gives a plan, or is not offered yet`, () => {
    planOf([name, ...positionals]);
  });

  test(`${name}: each upstream flag is accepted with its default, which is ours too`, () => {
    const plain = planOf([name, ...positionals]);
    for (const flag of [...UPSTREAM_GLOBAL_FLAGS, ...flags]) {
      const lines = spellings(flag, flag.default).map((words) => [name, ...positionals, ...words]);
      assertSame(lines);
      const plan = planOf(lines[0]!);
      if (plan === null || NO_DEFAULT.has(`${name} --${flag.name}`)) continue;
      assert.equal(withoutKeySpace(plan), withoutKeySpace(plain!), lines[0]!.join(" "));
    }
  });

  test(`${name}: each upstream flag is accepted with another value, before and after the command`, () => {
    for (const flag of [...UPSTREAM_GLOBAL_FLAGS, ...flags]) {
      const lines = spellings(flag, flag.other).map((words) => [...words, ...pairOf(flag)]);
      assertSame(
        lines.flatMap((words) => [
          [name, ...positionals, ...words],
          [name, ...words, ...positionals],
          [...words, name, ...positionals],
        ]),
      );
      planOf([name, ...positionals, ...lines[0]!]);
    }
  });
}

/** Without the key space: with sequential keys, one of size 1 differs from none given. */
function withoutKeySpace(plan: RunPlan): unknown {
  const { workload } = plan;
  if (!("keys" in workload)) return plan;
  return { ...plan, workload: { ...workload, keys: null } };
}

test("put and range accept all of upstream's flags together, except those not offered yet", () => {
  for (const command of UPSTREAM_COMMANDS.slice(0, 2)) {
    const offered = [...UPSTREAM_GLOBAL_FLAGS, ...command.flags].filter((flag) =>
      isOffered(command, flag),
    );
    assert.ok(offered.length >= 14, `${command.name}: ${offered.length}`);
    const words = offered
      .filter(({ name }) => !["count-only", "limit", "stream"].includes(name))
      .flatMap((flag) => spellings(flag, flag.other)[0]!);
    const plan = planOf([command.name, ...command.positionals, ...words]);
    assert.is(plan?.load.clients, 1000);
    assert.is(plan?.pacing.ratePerSec, 500);
    assert.is(plan?.limits.totalRequests, 100_000);
  }
});

test("range keeps upstream's rules on which flags exclude each other", () => {
  const refused = (...flags: string[]) => {
    try {
      planOf(["range", "foo", ...flags]);
    } catch (error) {
      return (error as Error).message;
    }
    return "";
  };
  assert.match(refused("--keys-only", "--count-only"), /exclude each other/);
  assert.is(planOf(["range", "--prefix"])?.workload.kind, "range");
});

test("bbolt within the tool's process is out of scope, and the error says that", () => {
  assert.is(isOffered(UPSTREAM_OUT_OF_SCOPE), false);
});

/** Rows of the table in the docs: the command (or "every command"), its flags, bench's answer. */
function documentedRows(): { command: string; flags: string[]; here: string }[] {
  const page = readFileSync(path.join(packageRoot(), "docs/etcd-benchmark.md"), "utf8");
  const start = page.indexOf("## Every flag of upstream");
  assert.ok(start >= 0, "the page has its table");
  const rows = page
    .slice(start)
    .split("\n\n##", 1)[0]!
    .matchAll(/^\| (.+?) \| (.+?) \| (.+?) \|$/gm);
  return [...rows].map(([, command, flags, here]) => ({
    command: command!.replaceAll("`", ""),
    flags: [...flags!.matchAll(/--([a-z-]+)/g)].map(([, name]) => name!),
    here: here!,
  }));
}

test("the table in the docs has every flag of every command, and is right about which are offered", () => {
  const rows = documentedRows();
  const check = (command: string, probe: UpstreamCommand, flag: UpstreamFlag) => {
    const row = rows.find((each) => each.command === command && each.flags.includes(flag.name));
    assert.ok(row !== undefined, `docs/etcd-benchmark.md: ${command} --${flag.name} is missing`);
    const says = !/not offered yet|out of scope/.test(row.here);
    const is = isOffered(probe, flag);
    assert.is(
      says,
      is,
      `docs/etcd-benchmark.md: ${command} --${flag.name} is ${is ? "" : "not "}offered by now`,
    );
  };
  const [put] = UPSTREAM_COMMANDS;
  for (const flag of UPSTREAM_GLOBAL_FLAGS) check("every command", put!, flag);
  for (const command of [...UPSTREAM_COMMANDS, UPSTREAM_OUT_OF_SCOPE]) {
    const shown = command === UPSTREAM_OUT_OF_SCOPE ? "mvcc put" : command.name;
    for (const flag of command.flags) check(shown, command, flag);
  }
  const named = rows.flatMap(({ command, flags }) => flags.map((flag) => `${command} --${flag}`));
  assert.is(new Set(named).size, named.length, "each flag is there once");
});

test.run();
