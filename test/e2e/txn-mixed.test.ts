/** Runs `bench txn-mixed` on a real etcd, and checks its series, revisions and keys. */
import * as assert from "uvu/assert";
import { onEachEtcd } from "../etcd/each-etcd.ts";
import { readStored, store } from "../etcd/stored-keys.ts";
import { bench, type Measured, measure } from "../harness/bench-process.ts";

function countsOf({ result }: Measured): { name: string; succeeded: number }[] {
  return result.operations.map(({ name, requests }) => ({ name, succeeded: requests.succeeded }));
}

onEachEtcd("txn-mixed", { isCleared: true }, (test, etcd) => {
  async function mixed(...args: string[]): Promise<Measured> {
    const measured = await measure(["txn-mixed", `--endpoints=${etcd.endpoint}`, ...args]);
    assert.is(measured.code, 0, measured.stderr);
    return measured;
  }

  test("reads and writes are counted separately and add up, and etcd has one revision for each write", async () => {
    const before = await readStored(etcd.endpoint);
    const shape = ["--conns=3", "--clients=7", "--workers=2"];
    const flags = ["--total=3000", "--rw-ratio=2", "--key-space-size=100", "--limit=5", ...shape];
    const [whole, reads, writes] = countsOf(await mixed(...flags));
    assert.equal(
      [whole, reads, writes].map((each) => each!.name),
      ["txn-mixed", "txn-mixed-read", "txn-mixed-write"],
    );
    assert.is(whole!.succeeded, 3_000);
    assert.is(reads!.succeeded + writes!.succeeded, 3_000);
    // Five standard deviations of 3,000 draws with a probability of two thirds; the seed is fixed.
    assert.ok(Math.abs(reads!.succeeded - 2_000) < 130, `${reads!.succeeded} reads`);
    const after = await readStored(etcd.endpoint);
    assert.is(after.revision - before.revision, writes!.succeeded);
    assert.is(
      after.keys.reduce((puts, { version: count }) => puts + count, 0),
      writes!.succeeded,
    );
    assert.is(after.keys.length, 100);
  });

  test("a ratio of 0 only puts, and a large ratio almost never does", async () => {
    const onlyPuts = await mixed("--rw-ratio=0", "--total=200");
    assert.equal(
      countsOf(onlyPuts).map(({ succeeded }) => succeeded),
      [200, 0, 200],
    );
    // On a busy machine, the client may be the limit.
    assert.ok(["valid", "client-limited"].includes(onlyPuts.result.verdict.kind));
    const [, reads] = countsOf(await mixed("--rw-ratio=1000000", "--total=200"));
    assert.is(reads!.succeeded, 200);
  });

  test("reads use the given key, the range up to the end, or the key space", async () => {
    for (const key of ["k1", "k2", "k3"]) await store(etcd.endpoint, key, "v");
    for (const [args, held] of [
      [["k2"], 1],
      [["k1", "k3"], 2],
      [["k1", "--end-key=k4"], 3],
      [["k9"], 0],
      // All named keys come after the only key of the default key space.
      [[], 0],
      [["--end-key=k4"], 3],
    ] as const) {
      const { result } = await mixed(
        ...args,
        "--total=20",
        "--rw-ratio=1000000",
        "--consistency=s",
      );
      const note = result.notes.find((each) => each.startsWith("The range that is read held"));
      const noun = held === 1 ? "key" : "keys";
      assert.match(String(note), `held ${held} ${noun} before`, args.join(" "));
    }
  });

  test("a paced run has both clocks in each series", async () => {
    const { result } = await mixed("--rate=500", "--total=400", "--clients=5");
    for (const { name, responseTime, requests } of result.operations) {
      assert.is(responseTime?.count, requests.succeeded, name);
      assert.ok(requests.succeeded > 100, name);
    }
  });

  test("the table shows all three series", async () => {
    const { stdout } = await bench(["txn-mixed", `--endpoints=${etcd.endpoint}`, "--total=100"]);
    assert.match(stdout, /^txn-mixed linearizable, 1 range \(the key space, at most 1,000 keys\)/m);
    assert.match(stdout, /\ntxn-mixed .* 100 [\s\S]*\ntxn-mixed-read [\s\S]*\ntxn-mixed-write /);
  });
});
