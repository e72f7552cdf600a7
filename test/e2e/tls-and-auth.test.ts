/** Runs bench on real etcds that require TLS, a user, or both. */
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CertificateAuthority } from "../../src/etcd/local-cluster/certificates.ts";
import type { SecurityOptions } from "../../src/etcd/local-cluster/security.ts";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { ETCD_VERSIONS } from "../etcd/each-etcd.ts";
import { addUser, asRoot } from "../etcd/etcd-users.ts";
import { handledByMember } from "../etcd/handled-requests.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import {
  BenchProcess,
  bench,
  measure,
  measuredBy,
  onlyOperation,
} from "../harness/bench-process.ts";
import { patient } from "../harness/patience.ts";
import { isWholeRun } from "../harness/whole-run.ts";

const test = suite<{ folder: string }>("TLS and authentication");

test.before.each(async (context) => {
  context.folder = await mkdtemp(path.join(os.tmpdir(), "bench-tls-"));
});

test.after.each(async ({ folder }) => {
  await rm(folder, { recursive: true, force: true });
});

const QUICK = ["--total=100", "--clients=10", "--conns=3"];

async function withCluster(
  security: SecurityOptions,
  use: (cluster: LocalCluster, target: string[]) => Promise<void>,
  binary = etcdForTests,
): Promise<void> {
  const cluster = await startLocalCluster({ binary: await binary(), members: 1, security });
  try {
    const scheme = security.tls ? "https" : "http";
    const target = [`--endpoints=${scheme}://${cluster.endpoints[0]}`];
    if (cluster.clientFiles !== null) {
      const { ca, cert, key } = cluster.clientFiles;
      target.push(`--cacert=${ca}`, `--cert=${cert}`, `--key=${key}`);
    }
    await use(cluster, target);
  } finally {
    await cluster.down();
  }
}

/** Asserts one line with all the words, the exit code, and no standard output. */
async function refuses(
  code: 2 | 3,
  args: string[],
  words: string[],
  env: NodeJS.ProcessEnv = {},
): Promise<void> {
  const end = await bench(["put", ...args, ...QUICK, "--no-progress"], { env });
  assert.is(end.code, code, end.stderr);
  assert.is(end.stdout, "");
  assert.match(end.stderr, /^bench: [^\n]+\n$/);
  for (const word of words) assert.ok(end.stderr.includes(word), `${word} in ${end.stderr}`);
}

for (const { title, binary } of ETCD_VERSIONS) {
  for (const [name, flags, onADay] of [
    ["TLS", ["--tls"], "wire"],
    ["simple tokens", ["--auth"], "grpc-js"],
    ["JWTs over TLS", ["--tls", "--auth=jwt"], "grpc-js"],
  ] as const) {
    test(`--local with ${name} measures puts over the wire and ranges over grpc-js on ${title}`, async () => {
      const { path: etcd } = await binary();
      const local = ["--local", `--etcd=${etcd}`, ...flags, ...QUICK];
      for (const [command, transport] of [
        ["put", "wire"],
        ["range", "grpc-js"],
      ] as const) {
        if (!isWholeRun() && transport !== onADay) continue;
        const line = [command, ...local, `--transport=${transport}`];
        const { code, result, stderr } = await measure(line);
        assert.is(code, 0, stderr);
        assert.is(onlyOperation(result).requests.succeeded, 100);
        assert.is(result.target.members.length, 1);
        assert.ok(result.server[0]!.rssMaxBytes! > 0, "its metrics are read too");
      }
    });
  }
}

test("unsuitable certificates are refused in one line each", async ({ folder }) => {
  await withCluster({ tls: true, auth: null }, async (cluster, target) => {
    const { ca, cert, key } = cluster.clientFiles!;
    const endpoint = `--endpoints=https://${cluster.endpoints[0]}`;
    const foreign = await CertificateAuthority.create("a stranger");
    const write = async (name: string, text: string) => {
      const file = path.join(folder, name);
      await writeFile(file, text);
      return file;
    };
    const stranger = await foreign.issue({ commonName: "stranger" });
    const expired = await foreign.issue({ commonName: "late", validForMs: -3_600_000 });
    const foreignCa = await write("ca.pem", foreign.cert);
    const foreignCert = await write("cert.pem", stranger.cert);
    const foreignKey = await write("key.pem", stranger.key);
    const oldCert = await write("old.pem", expired.cert);
    const oldKey = await write("old-key.pem", expired.key);
    const own = [`--cert=${cert}`, `--key=${key}`];
    const theirs = [`--cert=${foreignCert}`, `--key=${foreignKey}`];

    await refuses(3, [endpoint, `--cacert=${ca}`], ["requires a client certificate", "--cert"]);
    await refuses(3, [endpoint, `--cacert=${ca}`, ...theirs], ["does not trust", "--cert"]);
    await refuses(3, [endpoint, `--cacert=${foreignCa}`, ...own], ["certificate", "--cacert"]);
    await refuses(3, [endpoint, ...own], ["--cacert"]);
    // What refuses a handshake answers, also after an endpoint that does not.
    const afterDead = endpoint.replace("https://", "https://127.0.0.1:1,https://");
    await refuses(
      3,
      [afterDead, `--cacert=${foreignCa}`, ...own],
      ["127.0.0.1:1: nothing listens", "name the right one with --cacert"],
    );
    await refuses(
      3,
      [...target, "--tls-server-name=other.example"],
      ["other.example", "--tls-server-name"],
    );
    await refuses(2, [endpoint, `--cert=${oldCert}`, `--key=${oldKey}`], ["--cert", "expired"]);
    await refuses(2, [endpoint, `--cert=${cert}`, `--key=${foreignKey}`], ["--key", "--cert"]);
    await refuses(2, [endpoint, `--cert=${cert}`], ["--key"]);
    await refuses(2, [endpoint, `--cacert=${folder}/none`], ["--cacert", "no such file"]);
    await refuses(2, [endpoint, `--cacert=${foreignKey}`], ["--cacert", "no certificate"]);
    await refuses(3, [`--endpoints=${cluster.endpoints[0]}`], ["TLS", "https://"]);

    const named = await measure(["put", ...target, "--tls-server-name=localhost", ...QUICK]);
    assert.is(named.code, 0, named.stderr);
    const unchecked = ["put", endpoint, ...own, "--insecure-skip-tls-verify", ...QUICK];
    assert.is((await measure(unchecked)).code, 0);
    const env = { ETCDCTL_CACERT: ca, ETCDCTL_CERT: cert, ETCDCTL_KEY: key };
    const byVariables = await measure(["put", `--endpoints=${cluster.endpoints[0]}`, ...QUICK], {
      env,
    });
    assert.is(byVariables.code, 0, byVariables.stderr);
    assert.is(byVariables.result.plan.target.tls?.keyFile, key);
  });
});

test("an expired server certificate, and a server without TLS, are reported", async ({
  folder,
}) => {
  const authority = await CertificateAuthority.create("an authority");
  const server = await authority.issue({
    commonName: "etcd",
    hosts: ["127.0.0.1"],
    validForMs: -3_600_000,
  });
  const files = { ca: authority.cert, cert: server.cert, key: server.key };
  const { createServer } = await import("node:tls");
  const listening = createServer({ ...files, ALPNProtocols: ["h2"] }, (socket) => socket.end());
  listening.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const ca = path.join(folder, "ca.pem");
  await writeFile(ca, authority.cert);
  try {
    const { port } = listening.address() as { port: number };
    const target = [`--endpoints=https://127.0.0.1:${port}`, `--cacert=${ca}`];
    await refuses(3, target, ["expired"]);
  } finally {
    listening.close();
  }
  await withCluster({ tls: false, auth: null }, async (cluster) => {
    await refuses(3, [`--endpoints=https://${cluster.endpoints[0]}`], ["http://"]);
  });
});

test("users are accepted, refused, or limited to their keys", async ({ folder }) => {
  await withCluster({ tls: false, auth: "simple" }, async (cluster, target) => {
    const { password } = cluster.access.credentials!;
    await refuses(2, target, ["asks for a user", "--user"]);
    await refuses(2, [...target, "--user=root:wrong-one"], ["--user", "ETCDCTL_PASSWORD"]);
    await refuses(2, [...target, "--user=root"], ["--user", "password is missing"]);
    await addUser(
      cluster,
      "ann",
      "ann's own",
      { permType: "READWRITE", key: Buffer.alloc(8) },
      { permType: "READWRITE", key: Buffer.from([0, 0, 0, 0, 0, 0, 0, 99]) },
    );
    const ann = [...target, "--user=ann:ann's own"];
    await refuses(2, [...ann, "--prefix=x", "--key-space-size=9"], ["ann", "denied", "key"]);
    for (const workload of ["stm", "lock", "election", "lease-grant"]) {
      const { code, stderr } = await bench([workload, ...ann, ...QUICK, "--no-progress"]);
      assert.is(code, 2, stderr);
      assert.match(stderr, /^bench: --user: ann is denied writing the key [^\n]+\n$/);
    }
    await refuses(2, [...ann, "--check-hashkv"], ["--check-hashkv", "role root"]);
    const file = path.join(folder, "s.yaml");
    for (const [denied, words] of [
      ["prefix: x", /second: --user: ann is denied writing/],
      ["check-hashkv: true", /second: --check-hashkv: hashing keys is denied /],
      ["defrag-at: 500ms", /second: --user: ann: defragmenting members is denied /],
      ["event: ['at=1ms defrag etcd1']", /second: --user: ann: defragmenting members is denied /],
      ["compact-interval: 500ms", /second: --user: ann: compacting keys is denied /],
      ["event: ['at=1ms compact']", /second: --user: ann: compacting keys is denied /],
    ] as const) {
      const cells = `  - { name: first, command: put, flags: { total: 9 } }\n  - { name: second, command: put, flags: { total: 9, ${denied} } }\n`;
      await writeFile(file, `name: s\ncells:\n${cells}`);
      const end = await bench(["run", file, ...ann, `--save=${folder}/s`], { cwd: folder });
      assert.is(end.code, 2, end.stderr);
      assert.match(end.stderr, words, end.stderr);
      assert.not.match(end.stderr, /first 1|1 of 2/, "no run was begun");
    }
    const spread = ["put", ...ann, "--sequential-keys", "--key-space-size=100", ...QUICK];
    const { code, result } = await measure(spread);
    assert.is(code, 1);
    const { requests, errors } = onlyOperation(result);
    assert.is(requests.succeeded, 2, "the first and the last key");
    assert.equal(
      errors.map((each) => each.code),
      ["PERMISSION_DENIED"],
    );
    const env = { ETCDCTL_USER: "root", ETCDCTL_PASSWORD: password };
    const byVariables = await measure(["put", ...target, ...QUICK, "--check-hashkv"], { env });
    assert.is(byVariables.code, 0, byVariables.stderr);
    assert.is(byVariables.result.hashKv!.isEqual, true);
    assert.is(byVariables.result.plan.target.user, "root");
  });
});

test("a password is in no result, output or command line", async ({ folder }) => {
  await withCluster({ tls: true, auth: "jwt" }, async (cluster, target) => {
    const { password } = cluster.access.credentials!;
    const run = new BenchProcess([
      "put",
      ...target,
      `--user=root:${password}`,
      ...["--duration=10m", "--rate=50"],
      "--output=json",
      `--save=${folder}`,
    ]);
    await run.said(/^measuring/m);
    const seen: string[] = [];
    for (const pid of await readdir("/proc").catch(() => [])) {
      if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
      seen.push(await readFile(`/proc/${pid}/cmdline`, "latin1").catch(() => ""));
    }
    run.signal("SIGINT");
    const { code, result, stdout, stderr } = measuredBy(await run.ended);
    assert.is(code, 130, stderr);
    assert.is(result.plan.target.user, "root");
    const [saved] = (await readdir(folder)).filter((name) => name.endsWith(".json"));
    const key = await readFile(cluster.clientFiles!.key, "utf8");
    const places = [stdout, stderr, await readFile(path.join(folder, saved!), "utf8"), ...seen];
    for (const secret of [password, key.split("\n")[1]!, "eyJ"]) {
      for (const place of places) assert.not.ok(place.includes(secret));
    }
  });
});

for (const { title, binary } of ETCD_VERSIONS) {
  for (const transport of ["wire", "grpc-js"]) {
    const where = `${transport} on ${title}`;
    test(`tokens that expire during the run are renewed, and no request is lost, over ${where}`, async () => {
      await withCluster(
        { tls: false, auth: "jwt", jwtTtl: `${patient(1)}s` },
        async (cluster, target) => {
          const { password } = cluster.access.credentials!;
          const line = ["put", ...target, `--user=root:${password}`, `--transport=${transport}`];
          const load = ["--clients=20", "--conns=4", "--workers=2", "--rate=100"];
          const length = `--duration=${patient(4)}s`;
          const { code, result, stderr } = await measure([...line, ...load, length]);
          assert.is(code, 0, stderr);
          const { requests, errors } = onlyOperation(result);
          assert.is(requests.failed, 0, JSON.stringify(errors));
          assert.ok(requests.resent > 0, "tokens did expire");
          assert.ok(requests.succeeded > requests.resent);
        },
        binary,
      );
    });
  }
}

test("after a change of the password requests fail as UNAUTHENTICATED, and succeed once it is changed back", async () => {
  await withCluster({ tls: false, auth: "jwt", jwtTtl: "2s" }, async (cluster, target) => {
    await addUser(cluster, "ben", "first", {
      permType: "READWRITE",
      key: Buffer.from([0]),
      rangeEnd: Buffer.from([0]),
    });
    const load = ["--user=ben:first", "--rate=200", "--clients=20", "--duration=10m"];
    const run = new BenchProcess(["put", ...target, ...load, "--output=json"]);
    await run.said(/^measuring/m);
    await asRoot(cluster, "UserChangePassword", { name: "ben", password: "second" });
    await run.until("etcd refuses the old password", async () => {
      const [refused] = await handledByMember(cluster.endpoints, "Authenticate", "InvalidArgument");
      return refused! > 0;
    });
    await asRoot(cluster, "UserChangePassword", { name: "ben", password: "first" });
    const [put] = await handledByMember(cluster.endpoints, "Put");
    await run.until("puts succeed again", async () => {
      const [now] = await handledByMember(cluster.endpoints, "Put");
      return now! > put!;
    });
    run.signal("SIGINT");
    const { result, stderr } = measuredBy(await run.ended);
    const { requests, errors } = onlyOperation(result);
    assert.ok(requests.failed > 0, stderr);
    const codes = [...new Set(errors.map((each) => each.code))];
    assert.equal(codes, ["UNAUTHENTICATED"], JSON.stringify(errors));
    assert.match(errors[0]!.message, /invalid user ID or password/);
  });
});

test("a run says that the files of its certificate were replaced while it went on", async ({
  folder,
}) => {
  await withCluster({ tls: true, auth: null }, async ({ endpoints, clientFiles }) => {
    const [cert, key] = [path.join(folder, "cert.pem"), path.join(folder, "key.pem")];
    await copyFile(clientFiles!.cert, cert);
    await copyFile(clientFiles!.key, key);
    const target = [`--endpoints=https://${endpoints[0]}`, `--cacert=${clientFiles!.ca}`];
    const own = [`--cert=${cert}`, `--key=${key}`];
    const load = ["--rate=100", "--clients=5", "--duration=10m", "--output=json"];
    const run = new BenchProcess(["put", ...target, ...own, ...load]);
    await run.said(/^measuring/m);
    const next = await (await CertificateAuthority.create("the next")).issue({
      commonName: "next",
    });
    await writeFile(cert, next.cert);
    await writeFile(key, next.key);
    run.signal("SIGINT");
    const { result, stderr } = measuredBy(await run.ended);
    const told = result.notes.filter((note) => note.includes("changed after bench had read"));
    assert.is(told.length, 1, stderr);
    assert.match(told[0]!, /^The files of --cert, --key changed /);
  });
});

test.run();
