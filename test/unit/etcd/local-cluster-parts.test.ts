/** Tests the parts that start a local cluster: ports, flags, environment and processes. */
import { createServer } from "node:net";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { fileSystemIn } from "../../../src/etcd/local-cluster/data-file-system.ts";
import { memberArgs, memberEnvironment } from "../../../src/etcd/local-cluster/member-process.ts";
import { freePorts } from "../../../src/etcd/local-cluster/ports.ts";
import { processesNaming, startTimeOf } from "../../../src/etcd/local-cluster/process-identity.ts";

test("the file system of a folder is the one of the longest mount point above it", () => {
  const mounts = [
    "/dev/vda / ext4 rw,relatime 0 0",
    "tmpfs /tmp tmpfs rw 0 0",
    "/dev/vdb /tmp/with\\040space xfs rw 0 0",
    "overlay /tmp overlay rw 0 0",
    "",
  ].join("\n");
  assert.is(fileSystemIn(mounts, "/home/a"), "ext4");
  assert.is(fileSystemIn(mounts, "/tmp"), "overlay");
  assert.is(fileSystemIn(mounts, "/tmp/x"), "overlay");
  assert.is(fileSystemIn(mounts, "/tmp-other"), "ext4");
  assert.is(fileSystemIn(mounts, "/tmp/with space/x"), "xfs");
  assert.is(fileSystemIn("", "/home"), null);
});

test("free ports are distinct, below the ephemeral range, and can be listened on", async () => {
  const ports = await freePorts(10);
  assert.is(new Set(ports).size, 10);
  assert.ok(ports.every((port) => port >= 10_000 && port < 32_768));
  // Another program may take a port in between, but not most of them.
  let bound = 0;
  for (const port of ports) {
    const server = createServer();
    const listening = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => resolve(true));
    });
    if (listening) {
      bound++;
      await new Promise((resolve) => server.close(resolve));
    }
  }
  assert.ok(bound >= 8);
});

test("a member has all flags, and the caller's flags come last, so that etcd prefers them", () => {
  const args = memberArgs({
    clientScheme: "http",
    etcdPath: "/etcd",
    name: "etcd1",
    endpoint: "127.0.0.1:10001",
    peerEndpoint: "127.0.0.1:10002",
    listen: { endpoint: "127.0.0.1:10003", peerEndpoint: "127.0.0.1:10004" },
    dataDir: "/d/data/etcd1",
    logPath: "/d/etcd1.log",
    clusterToken: "token",
    initialCluster: "etcd1=http://127.0.0.1:10002",
    initialState: "new",
    extraArgs: ["--name=other"],
  });
  assert.ok(args.includes("--listen-client-urls=http://127.0.0.1:10003"));
  assert.ok(args.includes("--advertise-client-urls=http://127.0.0.1:10001"));
  assert.ok(args.includes("--initial-advertise-peer-urls=http://127.0.0.1:10002"));
  assert.ok(args.includes("--data-dir=/d/data/etcd1"));
  assert.ok(args.includes("--log-outputs=/d/etcd1.log"));
  assert.is(args.at(-1), "--name=other");
});

test("variables of another etcd are not passed on, except the one that arm64 needs", () => {
  assert.equal(
    memberEnvironment({
      PATH: "/bin",
      ETCD_NAME: "x",
      ETCD_BIN: "/e",
      ETCD_UNSUPPORTED_ARCH: "arm64",
    }),
    { PATH: "/bin", ETCD_UNSUPPORTED_ARCH: "arm64" },
  );
});

test("a process is identified by its start time, and a dead process has none", () => {
  const own = startTimeOf(process.pid);
  assert.type(own, "string");
  assert.is(startTimeOf(process.pid), own);
  // Larger than the largest pid on Linux.
  assert.is(startTimeOf(2 ** 22 + 1), null);
});

test("processes are found by their command line, without this process", () => {
  assert.not.ok(processesNaming(process.execPath, [process.pid]).includes(process.pid));
  assert.equal(processesNaming(`--data-dir=/no/such/folder/${Date.now()}`, []), []);
});

test.run();
