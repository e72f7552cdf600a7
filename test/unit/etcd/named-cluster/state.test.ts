/** Tests the saved state of named clusters, without an etcd. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { MemberSettings } from "../../../../src/etcd/local-cluster/member-process.ts";
import { identityOf } from "../../../../src/etcd/local-cluster/process-identity.ts";
import { withClusterLock } from "../../../../src/etcd/named-cluster/cluster-lock.ts";
import {
  clusterFolder,
  clusterNames,
  clustersFolder,
  makeStateFolder,
} from "../../../../src/etcd/named-cluster/clusters-folder.ts";
import { environmentLines } from "../../../../src/etcd/named-cluster/environment-lines.ts";
import {
  abandonedFaults,
  FaultMarks,
  type FaultRecord,
} from "../../../../src/etcd/named-cluster/fault-records.ts";
import {
  type ClusterState,
  readState,
  writeState,
} from "../../../../src/etcd/named-cluster/state-file.ts";
import { forgetSecrets, withoutSecrets } from "../../../../src/text/secrets.ts";

const test = suite<{ folder: string }>("state of clusters");

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "bench-state-"));
});

test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const STATE: ClusterState = {
  schemaVersion: 1,
  name: "c",
  id: "0011",
  createdAt: "2026-08-01T00:00:00.000Z",
  isReady: true,
  pidNamespace: null,
  etcd: { path: "/etcd", version: "3.5.30" },
  dataFolder: "/d",
  procfile: null,
  isProxied: false,
  clusterToken: "token",
  memberArgs: [],
  clientFiles: null,
  credentials: null,
  members: [],
  helpers: [],
};

test("state is below XDG_STATE_HOME, or below the home folder if that variable is not absolute", () => {
  assert.is(clustersFolder({ XDG_STATE_HOME: "/x", HOME: "/h" }), "/x/etcd-bench/clusters");
  const below = "/h/.local/state/etcd-bench/clusters";
  assert.is(clustersFolder({ XDG_STATE_HOME: "x", HOME: "/h" }), below);
  assert.is(clustersFolder({ HOME: "/h" }), below);
});

test("a home folder that does not exist is not made", () => {
  const env = { HOME: "/nonexistent/home" };
  assert.throws(
    () => makeStateFolder(clustersFolder(env), env),
    /HOME=\/nonexistent\/home does not exist/,
  );
  assert.throws(
    () => makeStateFolder("/dev/null/etcd-bench/clusters", env),
    /where bench keeps its state: .*; set XDG_STATE_HOME to a folder/,
  );
});

test("a name that could leave the folder is refused", () => {
  for (const name of ["../x", "", ".", "a/b", "-x", "x".repeat(64)]) {
    assert.throws(() => clusterFolder(name, { HOME: "/h" }), /a cluster's name has letters/);
  }
});

test("a state is read as it was written, and no other file is left", ({ folder }) => {
  assert.is(readState(folder), null);
  writeState(folder, STATE);
  assert.equal(readState(folder), STATE);
  assert.equal(readdirSync(folder), ["cluster.json"]);
});

test("the state of another version of bench is refused, and the error names its file", ({
  folder,
}) => {
  writeFileSync(join(folder, "cluster.json"), JSON.stringify({ ...STATE, schemaVersion: 2 }));
  assert.throws(() => readState(folder), /cluster\.json is of another version of bench \(2\)/);
});

test("the error for a cut-off state, or one that is no file, names its file and the fix", ({
  folder,
}) => {
  const file = join(folder, "cluster.json");
  const { members: _, ...cut } = STATE;
  for (const text of [
    "",
    "{",
    "null",
    "[]",
    JSON.stringify({ schemaVersion: 1 }),
    JSON.stringify(cut),
  ]) {
    writeFileSync(file, text);
    assert.throws(
      () => readState(folder),
      /cluster\.json (cannot be read: it is not whole|is of another version).* end its processes/,
    );
  }
  rmSync(file);
  mkdirSync(file);
  assert.throws(() => readState(folder), /cluster\.json cannot be read: it is a folder; end its/);
  rmSync(file, { recursive: true });
  execFileSync("mkfifo", [file]);
  assert.throws(() => readState(folder), /cluster\.json cannot be read: it is no regular file/);
});

test("a state that lacks a part of a member, a helper or a user is not whole", ({ folder }) => {
  const started = { pid: 1, startTime: "1", startedAt: "2026-08-01T00:00:00.000Z" };
  const at = { endpoint: "127.0.0.1:1", peerEndpoint: "127.0.0.1:2" };
  const settings: MemberSettings = {
    ...{ etcdPath: "/etcd", name: "etcd1", ...at, listen: at, dataDir: "/d", logPath: "/l" },
    ...{ clientScheme: "http", clusterToken: "t", initialCluster: "", initialState: "new" },
    extraArgs: [],
  };
  const launch = { name: "p", command: "run", env: { A: "b" }, cwd: "/" };
  const whole: ClusterState = {
    ...STATE,
    procfile: "/Procfile",
    clientFiles: { cert: "/c", key: "/k", ca: "/ca" },
    credentials: { user: "root", password: "secret-of-root" },
    members: [{ settings, started }],
    helpers: [
      {
        settings: { name: "p", role: "procfile", logPath: "/l", endpoint: null, command: launch },
        started,
      },
    ],
  };
  writeState(folder, whole);
  assert.equal(readState(folder), whole);
  type Fields = Record<string, unknown>;
  for (const [path, value] of [
    ["procfile"],
    ["credentials.password"],
    ["clientFiles.ca"],
    ["members.0.settings.endpoint"],
    ["members.0.settings.listen"],
    ["members.0.started.pid"],
    ["members.0", null],
    ["helpers.0.settings.command.command"],
    ["helpers.0.settings.command", 7],
  ] as const) {
    const state = JSON.parse(JSON.stringify(whole)) as Fields;
    const names = path.split(".");
    const last = names.pop()!;
    const parent = names.reduce((fields, name) => fields[name] as Fields, state);
    parent[last] = value;
    writeFileSync(join(folder, "cluster.json"), JSON.stringify(state));
    assert.throws(
      () => readState(folder),
      /cluster\.json cannot be read: it is not whole; end its/,
      path,
    );
  }
});

test("the error for a state that cannot be written names its file, and no temporary file is left", ({
  folder,
}) => {
  const gone = join(folder, "gone");
  assert.throws(() => writeState(gone, STATE), /^cannot write .*gone\/cluster\.json: no such file/);
  mkdirSync(join(folder, "cluster.json"));
  assert.throws(() => writeState(folder, STATE), /cannot write .*cluster\.json: it is a folder/);
  assert.equal(readdirSync(folder), ["cluster.json"]);
});

test("reading a state registers the secrets of a Procfile's processes", ({ folder }) => {
  forgetSecrets();
  const launch = { name: "app", command: "DB_PASSWORD=hunter2x app", cwd: "/" };
  const settings = {
    ...{ name: "app", role: "procfile" as const, logPath: "/l", endpoint: null },
    command: { ...launch, env: { API_TOKEN: "tok-12345678" } },
  };
  writeState(folder, { ...STATE, helpers: [{ settings, started: null }] });
  readState(folder);
  assert.is(withoutSecrets("tok-12345678 hunter2x"), "*** ***");
  forgetSecrets();
});

test("clusters are listed by folder name, sorted", ({ folder }) => {
  const env = { XDG_STATE_HOME: folder };
  assert.equal(clusterNames(env), []);
  for (const name of ["b", "a"]) mkdirSync(clusterFolder(name, env), { recursive: true });
  assert.equal(clusterNames(env), ["a", "b"]);
});

test("a lock of a dead process is ignored and removed", async ({ folder }) => {
  const { pid } = identityOf(process.pid);
  // The same pid with another start time: the system reused it.
  writeFileSync(join(folder, `lock.${pid}.earlier`), "");
  assert.is(await withClusterLock(folder, async () => readdirSync(folder).length), 1);
  assert.equal(readdirSync(folder), []);
});

test("a lock is released if the change fails", async ({ folder }) => {
  try {
    await withClusterLock(folder, async () => {
      throw new Error("no");
    });
    assert.unreachable();
  } catch (error) {
    assert.is((error as Error).message, "no");
  }
  assert.equal(readdirSync(folder), []);
});

test("a fault is abandoned once the bench that made it is dead, and not before", ({ folder }) => {
  assert.equal(abandonedFaults(folder), []);
  const marks = new FaultMarks(folder);
  assert.ok(marks.set({ kind: "pause", member: "etcd1" }));
  assert.not.ok(marks.set({ kind: "pause", member: "etcd1" }), "it is recorded once");
  assert.equal(abandonedFaults(folder), []);
  marks.clear({ kind: "pause", member: "etcd1" });
  assert.equal(readdirSync(join(folder, "faults")), []);
  abandon(folder, { kind: "pause", member: "m" });
  const [left] = abandonedFaults(folder);
  assert.equal([left!.fault, left!.isOfAnother], [{ kind: "pause", member: "m" }, false]);
  left!.forget();
  assert.equal(abandonedFaults(folder), []);
});

test("an abandoned fault that a running bench has made too is marked, so that it is not undone", ({
  folder,
}) => {
  new FaultMarks(folder).set({ kind: "pause", member: "etcd1" });
  abandon(folder, { kind: "pause", member: "etcd1" });
  abandon(folder, { kind: "pause", member: "etcd2" });
  const left = abandonedFaults(folder).map(({ fault, isOfAnother }) => [fault, isOfAnother]);
  assert.equal(
    left.toSorted(([a], [b]) => JSON.stringify(a).localeCompare(JSON.stringify(b))),
    [
      [{ kind: "pause", member: "etcd1" }, true],
      [{ kind: "pause", member: "etcd2" }, false],
    ],
  );
});

test("faults of processes come first, because other repairs need a majority of members", ({
  folder,
}) => {
  const kinds = ["alarm", "stop", "pause"] as const;
  for (const kind of kinds) {
    abandon(folder, kind === "alarm" ? { kind, memberId: "1" } : { kind, member: "m" });
  }
  assert.equal(
    abandonedFaults(folder).map(({ fault }) => fault.kind),
    ["pause", "stop", "alarm"],
  );
});

test("the error for a record of a fault that is not whole names its file", ({ folder }) => {
  const faults = join(folder, "faults");
  mkdirSync(faults);
  const owner = { pid: 1, startTime: "1" };
  for (const record of [
    {},
    { owner },
    { owner, fault: { kind: "other", member: "m" } },
    { owner, fault: { kind: "pause" } },
    { owner, fault: { kind: "leaves" } },
    { owner: {}, fault: { kind: "pause", member: "m" } },
  ]) {
    writeFileSync(join(faults, "pause-1.json"), JSON.stringify(record));
    assert.throws(
      () => abandonedFaults(folder),
      /pause-1\.json cannot be read: it is not whole; remove it, and look whether/,
      JSON.stringify(record),
    );
  }
});

/** Records `fault` as left by a dead bench. */
function abandon(folder: string, fault: FaultRecord): void {
  const faults = join(folder, "faults");
  mkdirSync(faults, { recursive: true });
  const record = { owner: { pid: process.pid, startTime: "earlier" }, fault };
  const name = `${fault.kind}-${Object.values(fault).join("-")}.json`;
  writeFileSync(join(faults, name), JSON.stringify(record));
}

test("variables are quoted for a shell, and those of an earlier cluster are unset", () => {
  assert.equal(environmentLines(STATE).slice(2), [
    "unset ETCDCTL_CACERT",
    "unset ETCDCTL_CERT",
    "unset ETCDCTL_KEY",
    "unset ETCDCTL_USER",
  ]);
  const clientFiles = { ca: "/it's/ca", cert: "/c", key: "/k" };
  const lines = environmentLines({
    ...STATE,
    clientFiles,
    credentials: { user: "root", password: "p" },
  });
  assert.is(lines[2], "export ETCDCTL_CACERT='/it'\\''s/ca'");
  assert.is(lines[5], "export ETCDCTL_USER='root:p'");
});

test.run();
