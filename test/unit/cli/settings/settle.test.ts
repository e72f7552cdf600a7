/** Flags of bench.yaml and of variables: which of them hold, and what their errors name. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Command, fullNameOf } from "../../../../src/cli/command.ts";
import { COMMANDS } from "../../../../src/cli/commands.ts";
import { MEASURING_COMMANDS } from "../../../../src/cli/measure/measuring-commands.ts";
import { readConfigFile } from "../../../../src/cli/settings/config-file.ts";
import { sharedFlags } from "../../../../src/cli/settings/known-names.ts";
import { placedError, readSettings, settle } from "../../../../src/cli/settings/settle.ts";
import { readVariables, variableOf } from "../../../../src/cli/settings/variables.ts";
import { type BenchError, flagError, usageError } from "../../../../src/errors.ts";
import type { GivenFlags } from "../../../../src/flags/flag.ts";
import { refusal, refuses } from "../../../harness/refusal.ts";

const folder = mkdtempSync(join(tmpdir(), "bench-settings-"));
let files = 0;
test.after(() => rmSync(folder, { recursive: true, force: true }));

function written(text: string): string {
  const file = join(folder, `${files++}.yaml`);
  writeFileSync(file, text);
  return file;
}

function commandNamed(name: string): Command {
  return COMMANDS.find((each) => each.name === name)!;
}

interface Sources {
  yaml?: string;
  env?: NodeJS.ProcessEnv;
  given?: GivenFlags;
}

async function held(name: string, { yaml = "", env = {}, given = {} }: Sources) {
  const settings = await readSettings(written(yaml), { commands: COMMANDS, env });
  return settle(commandNamed(name), given, settings);
}

async function refused(name: string, sources: Sources): Promise<string> {
  try {
    await held(name, sources);
  } catch (error) {
    return refusal(() => {
      throw error;
    });
  }
  return assert.unreachable("nothing was refused") as never;
}

test("flags win over variables, and variables over the file", async () => {
  const yaml = "conns: 1\nclients: 1\nrate: 1\n";
  const env = { BENCH_CLIENTS: "2", BENCH_RATE: "2" };
  const { flags, origins } = await held("put", { yaml, env, given: { rate: "3" } });
  assert.equal(flags, { conns: "1", clients: "2", rate: "3" });
  assert.match(origins.get("conns")!, /\d+\.yaml:1:8$/);
  assert.is(origins.get("clients"), "BENCH_CLIENTS");
  assert.not(origins.has("rate"));
});

test("a section applies to its command only and wins over keys for all commands", async () => {
  const yaml = "conns: 1\nput:\n  conns: 2\nrange:\n  conns: 3\nwatch:\n";
  assert.is((await held("put", { yaml })).flags.conns, "2");
  assert.is((await held("range", { yaml })).flags.conns, "3");
  assert.is((await held("watch", { yaml })).flags.conns, "1");
});

test("a key for all commands is left out where a command has no such flag", async () => {
  assert.equal((await held("list", { yaml: "conns: 1\nnodes: 5\n" })).flags, {});
});

test("a flag that needs another flag is left out of commands that lack the other one", async () => {
  const yaml = "coordination: join.json\ntolerate-agents: 1\n";
  const env = { BENCH_GROUP: "load" };
  const alone = await held("put", { yaml, env, given: { conns: "2" } });
  assert.equal(alone.flags, { conns: "2" });
  assert.equal([...alone.origins], []);
  const settings = { coordination: "join.json", "tolerate-agents": "1", group: "load" };
  const withAgents = await held("put", { yaml, env, given: { agents: "2" } });
  assert.equal(withAgents.flags, { agents: "2", ...settings });
  assert.equal((await held("put", { yaml: `${yaml}agents: 2\n`, env })).flags, withAgents.flags);
  // What the user typed is not left out: the command refuses it.
  assert.equal((await held("put", { given: { group: "a" } })).flags, { group: "a" });
  assert.is((await held("agent", { yaml })).flags.coordination, "join.json");
});

test("texts are not converted", async () => {
  const yaml = "put:\n  prefix: 007\n  total: 10k\n  rate: 300/m\n  key-encoding: 'fixed'\n";
  const { flags } = await held("put", { yaml });
  assert.equal(flags, { prefix: "007", total: "10k", rate: "300/m", "key-encoding": "fixed" });
});

test("a list becomes a list of endpoints, or each value of a repeatable flag", async () => {
  const yaml = "endpoints: [a:1, b:2]\nthreshold: ['p99<20ms', 'qps>10']\nlabel: a=b\n";
  const { flags } = await held("put", { yaml });
  assert.equal(flags, { endpoints: "a:1,b:2", threshold: ["p99<20ms", "qps>10"], label: ["a=b"] });
  assert.match(await refused("put", { yaml: "conns: [1, 2]" }), /:1:8: --conns takes one value/);
  assert.match(await refused("put", { yaml: "label: []" }), /nothing in it/);
});

test("switches are true or false, and a flag with an optional value can be turned off", async () => {
  const yaml = "quiet: true\nsave: true\nlocal: true\nput:\n  local: false\n";
  assert.equal((await held("put", { yaml })).flags, { quiet: true, save: "results" });
  assert.is((await held("range", { yaml })).flags.local, "1");
  assert.is((await held("put", { env: { BENCH_STRICT: "0" } })).flags.strict, false);
  assert.match(await refused("put", { yaml: "quiet: 2" }), /:1:8: --quiet: "2" is not true or/);
});

test("a setting of a higher layer replaces conflicting ones below it", async () => {
  const local = { yaml: "endpoints: a:1\ncacert: f\nuser: root\n", given: { local: "3" } };
  assert.equal((await held("put", local)).flags, { local: "3" });
  const own = { yaml: "local: 3\ntls: true\n", given: { endpoints: "a:1" } };
  assert.equal((await held("put", own)).flags, { endpoints: "a:1" });
  const time = { yaml: "total: 10k\n", given: { duration: "5s" } };
  assert.equal((await held("put", time)).flags, { duration: "5s" });
  const search = { yaml: "rate: 5\ntotal: 9\n", env: { BENCH_FIND_MAX: "p99<9ms" } };
  assert.equal((await held("put", search)).flags, { "find-max": ["p99<9ms"] });
  const puts = { yaml: "put-rate: 5\nput-total: 9\n", given: { rate: "7", total: "3" } };
  assert.equal((await held("watch-latency", puts)).flags, { rate: "7", total: "3" });
  // Two settings of one layer both hold, and the command refuses them.
  const both = await held("put", { yaml: "total: 10k\nduration: 5s\n" });
  assert.equal(both.flags, { total: "10k", duration: "5s" });
});

test("a suite and ab read only their own section of the file", async () => {
  const yaml = "local: 3\nconns: 5\nquiet: true\nrun:\n  scale: 0.1\nab:\n  pairs: 3\n  nodes: 9\n";
  assert.equal((await held("run", { yaml })).flags, { scale: "0.1" });
  const settings = await readSettings(written(yaml), { commands: COMMANDS, env: {} });
  const { inner } = commandNamed("ab");
  const abPut = inner!.with(inner!.commands.find(({ name }) => name === "put")!);
  assert.equal(settle(abPut, {}, settings).flags, { pairs: "3" });
});

test("names with another meaning in a command hold only from its own section", async () => {
  assert.equal((await held("range", { yaml: "prefix: app/\n" })).flags, {});
  assert.equal((await held("range", { yaml: "range: {prefix: true}\n" })).flags, { prefix: true });
  assert.equal((await held("list", { env: { BENCH_LABEL: "a=b" } })).flags, {});
});

test("an output for all commands holds for those that measure a load, and for no other", async () => {
  const allowed = new Set(["run", "ab", "failover", "soak"]);
  for (const { name } of MEASURING_COMMANDS) allowed.add(name);
  const given = { name: "output", texts: ["table", "csv=run.csv"], origin: "bench.yaml:1:9" };
  const none = { file: "bench.yaml", shared: [], sections: new Map(), variables: [] };
  const ways = COMMANDS.flatMap((command) => [
    command,
    ...(command.inner?.commands.map((each) => command.inner!.with(each)) ?? []),
  ]);
  assert.ok(ways.filter(({ flags }) => flags.some(({ name }) => name === "output")).length > 50);
  for (const command of ways) {
    const named = fullNameOf(command);
    const takes = command.flags.some(({ name }) => name === "output");
    const ofVariable = settle(command, {}, { ...none, variables: [given] });
    assert.is(ofVariable.flags.output !== undefined, takes && allowed.has(command.name), named);
    const shared = settle(command, {}, { ...none, shared: [given] });
    const isOwn = command.name === "run" || command.name === "ab";
    const holds = takes && allowed.has(command.name) && !isOwn;
    assert.equal(shared.flags.output, holds ? given.texts : undefined, named);
    if (!takes) continue;
    const sections = new Map([[command.name, [{ ...given, texts: [own(command)] }]]]);
    assert.equal([settle(command, {}, { ...none, sections }).flags.output].flat(), [own(command)]);
  }
});

/** A format that the command takes. */
function own({ flags }: Command): string {
  return flags.find(({ name }) => name === "output")!.choices![0]!;
}

test("thresholds and events for all commands are of runs: failover's have another form", async () => {
  const yaml = "threshold: p99<20ms\nevent: at=5s kill leader\n";
  const { flags } = await held("put", { yaml });
  assert.equal(flags, { threshold: ["p99<20ms"], event: ["at=5s kill leader"] });
  assert.equal((await held("failover", { yaml })).flags, {});
  const section = "failover: {threshold: unavailable<3s}\n";
  assert.equal((await held("failover", { yaml: section })).flags, {
    threshold: ["unavailable<3s"],
  });
});

test("a value is checked as its flag is, and the error names its source", async () => {
  const bad = '--conns: "x" is not a whole number';
  assert.ok((await refused("put", { yaml: "rate: 1\nconns: x\n" })).includes(`.yaml:2:8: ${bad}`));
  assert.ok(
    (await refused("put", { env: { BENCH_CONNS: "x" } })).startsWith(`BENCH_CONNS: ${bad}`),
  );
  const bare = await refused("put", { yaml: "duration: 30\n" });
  assert.match(bare, /:1:11: --duration: "30" is not a duration/);
});

test("an unknown name is refused with its place and the nearest name", async () => {
  const cases: [string, ...string[]][] = [
    ["\nconss: 3", ":2:1:", '"conss"', "did you mean conns?"],
    ["puts:\n  conns: 3", ":1:1:", "did you mean put?"],
    ["put:\n  conss: 3", ":2:3:", "bench put", "did you mean conns?"],
    ["--conns: 3", "without their dashes: conns"],
    ["c: 3", "did you mean clients?"],
    ["vus: 3", "bench has --clients"],
    ["config: nope", ":1:9:", "config is a command"],
    ["[1]", ":1:1:", "keys and values"],
    ["conns: {a: 1}", ":1:8:", "takes a text"],
    ["conns:", ":1:", "no value"],
    ["conns: 3\nconns: 4", ":2:1:", "not YAML"],
    ["conns: 3\n---\nconns: 4", ":2:1:", "yaml has more than one document; keep one, without"],
  ];
  for (const [yaml, ...words] of cases) {
    const message = await refused("put", { yaml });
    for (const word of words) assert.ok(message.includes(word), `"${message}" has "${word}"`);
  }
  const variables = (env: NodeJS.ProcessEnv) => () => readVariables(env, COMMANDS);
  refuses(variables({ BENCH_CONSS: "3" }), "BENCH_CONSS", "did you mean BENCH_CONNS?");
  refuses(variables({ BENCH_VUS: "3" }), "BENCH_VUS", "--clients");
  refuses(variables({ BENCH_PASSWORD: "hunter22" }), "ETCDCTL_PASSWORD");
});

test("variables of bench that are not flags, and empty ones, are skipped", () => {
  const env = { BENCH_TEST_ETCD: "x", BENCH_ETCD_ARCHIVE_URL: "y", BENCH_CONNS: "", PATH: "z" };
  assert.equal(readVariables(env, COMMANDS), []);
});

test("the error for a file that cannot be read names it", () => {
  refuses(() => readConfigFile(join(folder, "none.yaml"), COMMANDS), "none.yaml", "no such file");
});

test("a pipe that is only found under the name of the file is refused, and not waited for", () => {
  const pipe = join(folder, "pipe.yaml");
  execFileSync("mkfifo", [pipe]);
  refuses(() => readConfigFile(pipe, COMMANDS, true), "pipe.yaml", "no regular file");
});

test("an error about a flag from a file or variable names that source", () => {
  const origins = new Map([["cacert", "bench.yaml:1:9"]]);
  const text = (error: unknown) => (placedError(error, origins) as BenchError).message;
  assert.is(text(flagError("cacert", "--cacert: no")), "bench.yaml:1:9: --cacert: no");
  assert.match(text(flagError("local", "--local and --cacert")), /--cacert by bench\.yaml:1:9/);
  assert.is(text(usageError("no such file")), "no such file");
  const defect = new Error("defect");
  assert.is(placedError(defect, origins), defect);
});

test("a name that is both a command and a flag is distinguished by its value", async () => {
  const settings = (yaml: string) => readSettings(written(yaml), { commands: COMMANDS, env: {} });
  assert.is(settle(commandNamed("put"), {}, await settings("cluster: a")).flags.cluster, "a");
  const { sections } = await settings("cluster:\n  name: a\n");
  assert.is(sections.get("cluster")![0]!.name, "name");
});

test("no two flags share a variable", () => {
  const shared = new Set(sharedFlags(COMMANDS).map(({ name }) => name));
  assert.is(new Set([...shared].map(variableOf)).size, shared.size);
});

test.run();
