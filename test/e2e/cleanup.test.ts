/** Runs commands with --cleanup on a real etcd: own keys are deleted, foreign keys stay. */
import * as assert from "uvu/assert";
import { startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { onEachEtcd } from "../etcd/each-etcd.ts";
import { listLeases } from "../etcd/leases.ts";
import { deleteStored, readStored, store } from "../etcd/stored-keys.ts";
import { BenchProcess, measure, measuredBy } from "../harness/bench-process.ts";
import { until } from "../harness/conditions.ts";
import { isWholeRun } from "../harness/whole-run.ts";

/** Keys around and between the run's keys, with the same length. */
const FOREIGN = [
  "p/",
  "p/a",
  "p/zzzzzz",
  "p/\0\0\0\0\0\u0001x",
  "bench-stm/x",
  "bench-lease/x",
  "zz",
];
/** Commands that leave different kinds of keys, for the daily run; a whole run uses all. */
const ON_A_DAY: ReadonlySet<string> = new Set([
  ...["put", "mixed", "delete", "stm", "watch", "lock", "kubernetes"],
]);

onEachEtcd("cleanup", {}, (test, etcd) => {
  test.before.each(async () => {
    await deleteStored(etcd.endpoint);
    for (const key of FOREIGN) await store(etcd.endpoint, key, "foreign");
  });

  async function assertOnlyForeign(more: readonly string[] = []): Promise<void> {
    const { keys } = await readStored(etcd.endpoint);
    const names = keys.map(({ key }) => key.toString("latin1"));
    assert.equal(names, [...FOREIGN, ...more].sort());
    for (const { value } of keys) assert.is(value.toString(), "foreign");
  }

  const shape = ["--conns=2", "--clients=5", "--workers=2", "--cleanup"];
  for (const [command, deleted, ...flags] of [
    ["put", "60", "--prefix=p/", "--sequential-keys", "--total=60", "--warmup=80"],
    [
      "txn-put",
      "50",
      "--prefix=p/",
      "--txn-ops=4",
      "--key-space-size=50",
      "--total=100",
      "--val-size=1..90",
    ],
    ["txn-mixed", null, "--prefix=p/", "--key-space-size=200", "--total=300"],
    [
      "mixed",
      null,
      "--prefix=p/",
      "--mix=put=2,delete=1,txn-put=1,insert=1,rmw=1,lease-grant=1",
      "--popularity=latest",
      "--key-space-size=40",
      "--total=100",
      "--warmup=40",
    ],
    ["delete", "60", "--prefix=p/", "--key-space-size=100", "--total=40"],
    ["stm", null, "--keys=20", "--keys-per-txn=3", "--stm-locker=lock-client", "--total=100"],
    ["lease-grant", "0", "--total=40", "--keys-per-lease=2"],
    [
      "watch",
      "4",
      "--prefix=p/",
      "--watched-key-total=4",
      "--streams=2",
      "--watch-per-stream=2",
      "--put-total=50",
    ],
    ["watch-get", "1", "--prefix=p/", "--watchers=20", "--streams=2"],
    ["range", "1", "--total=20"],
    ["lock", "0", "--locks=2", "--locker=lock-client", "--total=30"],
    ["election", "0", "--proclaims=1", "--total=30"],
    [
      "kubernetes",
      null,
      "--prefix=p",
      "--nodes=4",
      "--pods=30",
      "--pod-size=2kB",
      "--total=150",
      "--rate=200",
    ],
  ] as const) {
    if (!isWholeRun() && !ON_A_DAY.has(command)) continue;
    // On the older version, only the commands whose answers the cleanup reads differently.
    if (!etcd.version.isNewest && command !== "put" && command !== "mixed") continue;
    test(`${command} deletes all its keys and no foreign one, and counts the deleted keys`, async () => {
      const { code, result, stderr } = await measure([
        command!,
        ...(flags as string[]),
        ...shape,
        `--endpoints=${etcd.endpoint}`,
      ]);
      assert.is(code, 0, stderr);
      await assertOnlyForeign();
      const note = result.notes.find((each) => each.startsWith("--cleanup")) ?? "";
      const count = /^--cleanup deleted ([\d,]+) keys? .*no figure\.$/.exec(note)?.[1];
      if (deleted === null) assert.ok(Number(count) > 0, note);
      else assert.is(count, deleted, note);
    });
  }

  if (!etcd.version.isNewest) return;

  test("keys that others put into a registry during the run stay, and the run's leases are revoked", async () => {
    const run = new BenchProcess([
      ...["kubernetes", "--prefix=k", "--nodes=4", "--pods=30", "--pod-size=2kB", "--clients=4"],
      ...["--mix=event-create=1,pod-update=1", "--duration=10m", "--rate=100", "--cleanup"],
      ...["--compact-interval=1s", `--endpoints=${etcd.endpoint}`, "--output=json"],
    ]);
    const namesUnder = async (folder: string) => {
      const { keys } = await readStored(etcd.endpoint);
      const names = keys.map(({ key }) => key.toString("latin1"));
      return names.filter((name) => name.startsWith(folder));
    };
    await run.until("events are there", async () => {
      return (await namesUnder("k/registry/events/")).length > 0;
    });
    // Names in the run's own format.
    const strangers = ["k/registry/events/ns-00000/event-99999999999", "k/registry/minions/x"];
    for (const key of strangers) await store(etcd.endpoint, key, "foreign");
    const { length } = await namesUnder("k/registry/events/");
    await run.until("more events are there", async () => {
      return (await namesUnder("k/registry/events/")).length > length;
    });
    run.signal("SIGINT");
    const { result } = measuredBy(await run.ended);
    assert.equal(await namesUnder("k/"), strangers);
    assert.equal((await listLeases(etcd.endpoint)) ?? [], []);
    assert.ok(result.notes.some((note) => /^--cleanup deleted [\d,]+ keys .*figure\.$/.test(note)));
  });

  test("keys of the key space that the run did not reach do not count as its own", async () => {
    // Key number 865.
    const untouched = "p/\0\0\0\0\u0003a";
    await store(etcd.endpoint, untouched, "foreign");
    const flags = ["--prefix=p/", "--sequential-keys", "--key-space-size=1000", "--total=200"];
    const { code } = await measure(["put", ...flags, ...shape, `--endpoints=${etcd.endpoint}`]);
    assert.is(code, 0);
    await assertOnlyForeign([untouched]);
  });

  test("an interrupted run is cleaned up, with its leases", async () => {
    for (const command of [
      ["put", "--prefix=p/", "--sequential-keys", "--total=1000000", "--rate=200"],
      ["lease-grant", "--expire", "--ttl=60s", "--timeout=70s", "--total=100", "--clients=20"],
    ]) {
      const bench = new BenchProcess([
        ...command,
        "--cleanup",
        `--endpoints=${etcd.endpoint}`,
        "-o",
        "json",
      ]);
      const isWriting = async () =>
        (await readStored(etcd.endpoint)).keys.length > FOREIGN.length + 10;
      await until("the run writes", isWriting);
      bench.signal("SIGINT");
      const { result } = measuredBy(await bench.ended);
      assert.is(result.status, "interrupted");
      assert.ok(result.notes.some((note) => /^--cleanup deleted [\d,]+ keys/.test(note)));
      await assertOnlyForeign();
    }
  });

  test("when etcd is dead at the end, a note states what is left and where", async () => {
    const own = await startLocalCluster({ binary: await etcd.version.binary(), members: 1 });
    try {
      const flags = ["put", "--prefix=p/", "--sequential-keys", "--total=1000000", "--cleanup"];
      const bench = new BenchProcess([...flags, `--endpoints=${own.endpoints[0]}`, "-o", "json"]);
      await until("the run writes", async () => {
        return (await readStored(own.endpoints[0]!)).keys.length > 0;
      });
      await own.kill("etcd1");
      const { result } = measuredBy(await bench.ended);
      const note = result.notes.find((each) => each.startsWith("--cleanup")) ?? "";
      assert.match(note, /deleted 0 keys .* others are left, because .*with the prefix "p\/"/);
    } finally {
      await own.down();
    }
  });
});
