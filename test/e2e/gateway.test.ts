/**
 * Runs bench through the grpc-gateway of real etcds: same keys and bytes as over gRPC, and faults of
 * HTTP/1.1 connections.
 */
import * as assert from "uvu/assert";
import { onEachEtcd } from "../etcd/each-etcd.ts";
import { readStored } from "../etcd/stored-keys.ts";
import { BenchProcess, bench, measure, onlyOperation } from "../harness/bench-process.ts";
import { patient } from "../harness/patience.ts";
import { isWholeRun } from "../harness/whole-run.ts";
import { PROXY_KINDS, startProxy } from "../peers/etcd-proxies.ts";

const GATEWAY = "--transport=gateway";
/** Keys for one test, because requests of the previous test may still arrive after the restart. */
const OWN_KEYS = ["--sequential-keys", "--key-size=16", "--prefix=crash/"];
/** One case for each kind of message in the daily run; unit tests check the bytes. */
const ON_A_DAY: ReadonlySet<string> = new Set([
  ...["octets of every kind", "large values"],
  ...["many keys", "pages", "keys alone, sorted"],
]);

onEachEtcd("the grpc-gateway", { isCleared: true }, (test, etcd) => {
  for (const [what, flags] of [
    ["keys at random", ["--key-space-size=300", "--key-size=12", "--prefix=k/"]],
    ["octets of every kind", ["--sequential-keys", "--key-encoding=varint", "--key-size=5"]],
    ["values of many sizes", ["--val-size=lognormal:1KiB,1.5", "--sequential-keys"]],
    ["no values", ["--val-size=0", "--key-space-size=7"]],
    ["large values", ["--val-size=300KB", "--total=20", "--sequential-keys"]],
  ] as const) {
    if (!isWholeRun() && !ON_A_DAY.has(what)) continue;
    test(`puts leave the same bytes as over gRPC: ${what}`, async () => {
      const shape = [
        "--total=151",
        "--conns=8",
        "--clients=8",
        "--workers=3",
        "--seed=5",
        ...flags,
      ];
      const stored = [];
      for (const transport of [GATEWAY, "--transport=wire"]) {
        const { code, result, stderr } = await measure([
          ...["put", etcd.endpointsFlag, ...shape, transport],
        ]);
        assert.is(code, 0, stderr);
        stored.push((await readStored(etcd.endpoint)).keys.map(({ key, value }) => [key, value]));
        assert.is(onlyOperation(result).requests.failed, 0);
      }
      assert.ok(stored[0]!.length > 0);
      assert.equal(stored[0], stored[1]);
    });
  }

  for (const [what, flags] of [
    ["one key", ["--val-size=1KiB"]],
    ["one of many keys", ["--key-space-size=50", "--val-size=64"]],
    ["many keys", ["p/", "--prefix", "--key-size=8", "--key-space-size=300", "--val-size=2KB"]],
    [
      "pages",
      ["p/", "--prefix", "--key-size=8", "--key-space-size=95", "--paginate", "--limit=10"],
    ],
    [
      "keys alone, sorted",
      ["p/", "--prefix", "--key-size=8", "--key-space-size=9", "--keys-only", "--sort=mod:descend"],
    ],
    ["counts", ["p/", "--prefix", "--key-size=8", "--key-space-size=9", "--count-only"]],
  ] as const) {
    if (!isWholeRun() && !ON_A_DAY.has(what)) continue;
    test(`ranges return the same keys and bytes as over gRPC: ${what}`, async () => {
      const received = [];
      for (const transport of [GATEWAY, "--transport=wire"]) {
        const args = ["range", ...flags, etcd.endpointsFlag, "--consistency=l,s", "--total=20"];
        const { code, result, stderr } = await measure([
          ...args,
          "--conns=3",
          "--clients=3",
          transport,
        ]);
        assert.is(code, 0, stderr);
        received.push(
          result.operations.map(({ name, requests, received }) => [
            name,
            requests.succeeded,
            received?.keys,
            // Revisions and terms can take an octet more, so the size is rounded.
            Math.round((received?.bytes ?? 0) / requests.succeeded / 10),
          ]),
        );
      }
      assert.equal(received[0], received[1]);
    });
  }

  test("each client has its own connection, and requests at a rate are sent on time", async () => {
    const args = ["put", etcd.endpointsFlag, GATEWAY, "--rate=400", "--total=200", "--clients=7"];
    const { code, result, stderr } = await measure(args);
    assert.is(code, 0, stderr);
    assert.equal([result.client.transport, result.client.connections], ["gateway", 7]);
    const { requests } = onlyOperation(result);
    assert.equal([requests.offered, requests.succeeded], [200, 200]);
  });

  test("a refused request has the gRPC code and etcd's message", async () => {
    const put = ["put", etcd.endpointsFlag, GATEWAY, "--val-size=1800KB", "--total=4"];
    const { code, result } = await measure(put);
    assert.is(code, 1);
    const [error] = onlyOperation(result).errors;
    assert.equal([error?.code, error?.count], ["INVALID_ARGUMENT", 4]);
    assert.match(error?.message ?? "", /etcdserver: request is too large/);
  });

  test("requests without an answer in time fail, and each client opens a new connection", async () => {
    const length = `--duration=${patient(3)}s`;
    const flags = [length, "--timeout=200ms", "--clients=4", "--max-error-rate=1"];
    const run = new BenchProcess(["put", etcd.endpointsFlag, GATEWAY, ...flags, "-o", "json"]);
    try {
      const arrive = async () => (await readStored(etcd.endpoint)).keys.length > 0;
      await run.until("puts arrive", arrive);
      etcd.cluster.pause("etcd1");
      const { stdout, stderr } = await run.ended;
      assert.ok(stdout.length > 0, stderr);
      const [{ requests, errors }] = JSON.parse(stdout).operations;
      assert.ok(requests.succeeded > 0, JSON.stringify(requests));
      // Every client gave up more than once, so it used a new connection after the first time.
      assert.ok(requests.failed > 4, JSON.stringify(requests));
      const codes = errors.map((error: { code: string }) => error.code);
      assert.equal(new Set(codes), new Set(["DEADLINE_EXCEEDED"]), JSON.stringify(errors));
    } finally {
      etcd.cluster.resume("etcd1");
    }
  });

  test("requests in flight during a crash of etcd are unavailable, and none is sent twice", async () => {
    const length = `--duration=${patient(4)}s`;
    const flags = ["--rate=100", length, "--clients=4", "--max-error-rate=1"];
    const args = ["put", etcd.endpointsFlag, GATEWAY, ...OWN_KEYS, ...flags, "-o", "json"];
    const ownKeys = async () =>
      (await readStored(etcd.endpoint)).keys.filter(({ key }) => key.includes("crash/"));
    const run = new BenchProcess(args);
    await run.until("puts arrive", async () => (await ownKeys()).length > 0);
    await etcd.cluster.kill("etcd1");
    await etcd.cluster.restart("etcd1");
    const { stdout, stderr } = await run.ended;
    assert.ok(stdout.length > 0, stderr);
    const [{ requests, errors }] = JSON.parse(stdout).operations;
    assert.ok(requests.succeeded > 0 && requests.failed > 0, JSON.stringify(requests));
    assert.equal(
      new Set(errors.map((error: { code: string }) => error.code)),
      new Set(["UNAVAILABLE"]),
    );
    const keys = await ownKeys();
    assert.ok(keys.length >= requests.succeeded && keys.length <= requests.started);
    assert.ok(keys.every(({ version }) => version === 1));
  });

  test("flags that the gateway does not support are refused in one line with the fix", async () => {
    for (const [args, expected] of [
      [
        ["lock"],
        /--transport=gateway sends puts and ranges alone, and lock sends others: leave it out/,
      ],
      [["put", "--conns=2", "--clients=3"], /--conns=2: .* give --conns=3 or more for --clients=3/],
      [["range", "k", "--stream"], /--stream and --transport=gateway exclude each other/],
    ] as const) {
      const { code, stderr } = await bench([...args, etcd.endpointsFlag, GATEWAY]);
      assert.is(code, 2);
      assert.match(stderr, expected);
      assert.match(stderr, /^bench: [^\n]+\n$/);
    }
  });

  test("a server without a gateway ends the run before its clock starts", async () => {
    const kind = PROXY_KINDS.find(({ name }) => name === "etcd grpc-proxy")!;
    const proxy = await startProxy(kind, etcd.endpoint);
    try {
      const { code, stderr } = await bench(["put", `--endpoints=${proxy.endpoint}`, GATEWAY]);
      assert.not.equal(code, 0);
      assert.match(stderr, /HTTP status 404, so there is no grpc-gateway/);
    } finally {
      await proxy.stop();
    }
  });
});
