/** Which connections are held against the limit of open files, in a process that has a low one. */
import { spawnSync } from "node:child_process";
import { test } from "uvu";
import * as assert from "uvu/assert";

const MODULE = new URL("../../../src/etcd/open-files.js", import.meta.url).href;

/** The error of `what` under a limit of 128 files; empty: there is none. */
function refusalOf(what: string): string {
  const script = `
    import { checkFilesOfAgent, checkOpenFiles } from ${JSON.stringify(MODULE)};
    try { ${what} } catch (error) { console.log(error.message); }
  `;
  const words = ["sh", process.execPath, "--input-type=module", "--eval", script];
  const { stdout, stderr } = spawnSync("sh", ["-c", 'ulimit -n 128; exec "$@"', ...words], {
    encoding: "utf8",
  });
  assert.is(stderr, "");
  return stdout.trim();
}

const TARGET = "target: { local: null }";

test("connections of this process need files here, and those of agents do not", () => {
  assert.match(
    refusalOf(`checkOpenFiles({ ${TARGET}, load: { workers: 1, connections: 400 } })`),
    /^--conns=400: bench needs about \d+ open files, and the limit is 128; raise it \(ulimit -n 512\), or lower --conns$/,
  );
  const agents = `load: { workers: 1, connections: 400, agents: { count: 2 } }`;
  assert.is(refusalOf(`checkOpenFiles({ ${TARGET}, ${agents} })`), "");
});

test("the fix names the flag that asks for the connections, and none where one connection is too much", () => {
  const load = "load: { workers: 1, connections: 400 }";
  assert.match(
    refusalOf(`checkOpenFiles({ ${TARGET}, ${load}, connectionsFlag: "--of=connections:400" })`),
    /^--of=connections:400: .*, or lower --of=connections:N$/,
  );
  const local = "target: { local: { members: 3 }, leaderOnly: false }";
  assert.match(
    refusalOf(`checkOpenFiles({ ${local}, load: { workers: 1, connections: 1 } })`),
    /^each etcd of --local needs about \d+ open files, and the limit is 128; raise it \(ulimit -n 256\)$/,
  );
});

test("a fault proxy needs two files for each connection", () => {
  const refused = (isProxied: boolean) =>
    refusalOf(
      `checkOpenFiles({ target: { local: { members: 3, proxied: ${isProxied} }, leaderOnly: true }, load: { workers: 1, connections: 400 } })`,
    );
  assert.match(refused(true), /^--conns=400: each fault proxy needs about 842 open files, /);
  assert.match(refused(false), /^--conns=400: each etcd of --local needs about 556 open files, /);
});

test("an agent looks at its own limit", () => {
  assert.is(refusalOf("checkFilesOfAgent(1, 20)"), "");
  assert.match(
    refusalOf("checkFilesOfAgent(1, 200)"),
    /^it needs about \d+ open files for its 200 connections, and its limit is 128; raise it \(ulimit -n 256\) where it runs, lower --conns, or have more agents$/,
  );
});

test.run();
