/**
 * Puts, and reads of each member, with scripted responses under a virtual clock: when reads are
 * sent, what they are compared with, and how they end.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { splitLoad } from "../../../../src/plan/shares.ts";
import { encodeMessage } from "../../../../src/protos.ts";
import { Staleness } from "../../../../src/workloads/staleness/load.ts";
import { stalenessSeries } from "../../../../src/workloads/staleness/series.ts";
import { VirtualTime } from "../../../harness/virtual-time.ts";
import { StepRig } from "../step-rig.ts";

const CLIENTS = 2;
const AT_ONCE = 3;
const READS_PER_SEC = 100;
const TIMEOUT_MS = 500;
/** The first slot of the second member's reads. */
const SECOND = CLIENTS + AT_ONCE;
/** Series of the two members: how far each is behind, and the reads themselves. */
const [BEHIND, READ, SECOND_BEHIND, SECOND_READ] = [1, 2, 3, 4];

class Started extends StepRig {
  readonly staleness: Staleness;
  readonly time: VirtualTime;

  constructor(time: VirtualTime) {
    super();
    this.time = time;
    const [share] = splitLoad({ connections: 1, clients: CLIENTS, workers: 1 }, ["a:1"]);
    const keys = {
      keySizeBytes: 4,
      keySpaceSize: 10,
      sequential: true,
      popularity: "uniform",
      prefix: "",
      encoding: "fixed",
    } as const;
    this.staleness = new Staleness(
      {
        put: { kind: "put", keys, valSizeBytes: 8, valueSize: null },
        key: Buffer.from("\0\0\0\0"),
        readEndpoints: ["a:1", "b:1"],
        readsPerSec: READS_PER_SEC,
        readsAtOnce: AT_ONCE,
        timeoutMs: TIMEOUT_MS,
      },
      7,
      share!,
      this,
      this.transport,
      CLIENTS,
    );
    this.workload = this.staleness;
    this.staleness.restart();
    this.staleness.onPhaseStart(time.nowNs);
  }

  /** Sends a put of client 0 that is acknowledged at once. */
  put(revision: number): void {
    this.nowNs = this.time.nowNs;
    this.staleness.begin(0, this.nowNs);
    this.answer(0, "etcdserverpb.PutResponse", { header: { revision } });
  }

  /** Lets time pass until the member has a read in flight; returns its slot. */
  async read(first = CLIENTS): Promise<number> {
    const slotOf = () =>
      [...this.pending.keys()].find((slot) => slot >= first && slot < first + AT_ONCE);
    assert.ok(await this.time.until(() => slotOf() !== undefined, 5_000));
    return slotOf()!;
  }

  respond(slot: number, revision: number): void {
    this.nowNs = this.time.nowNs;
    this.answer(slot, "etcdserverpb.RangeResponse", { header: { revision } });
  }

  sampled(series: number): number[] {
    return this.samples.filter((each) => each.series === series).map((each) => each.durationNs);
  }

  revisionsBehind(series: number): number[] {
    const own = this.quantities.filter((each) => each.series === series);
    assert.ok(own.every(({ name }) => name === "revisionsBehind"));
    return own.map(({ value }) => value);
  }

  over(): void {
    this.staleness.onOperationsOver();
    assert.is(this.time.pendingTimers, 0);
  }
}

const underWay = async (use: (rig: Started) => Promise<void>) =>
  VirtualTime.during((time) => use(new Started(time)));

test("a put has one series, and each member has two", () => {
  assert.equal(stalenessSeries(["m1", "m2"]), [
    "staleness-put",
    "staleness-m1",
    "staleness-read-m1",
    "staleness-m2",
    "staleness-read-m2",
  ]);
});

test("nothing is read before a put is acknowledged; then each member is read serializably", async () => {
  await underWay(async (rig) => {
    await rig.time.pass(1_000);
    assert.is(rig.pending.size, 0);
    rig.put(5);
    for (const first of [CLIENTS, SECOND]) {
      const slot = await rig.read(first);
      const request = rig.request<Record<string, unknown>>(slot, "etcdserverpb.RangeRequest");
      assert.is(request.serializable, true);
      assert.is(request.countOnly, true);
    }
    rig.over();
  });
});

test("a response with all revisions acknowledged before the read's start is not behind", async () => {
  await underWay(async (rig) => {
    rig.put(5);
    const slot = await rig.read();
    // Acknowledged during the read, so the response need not contain it.
    rig.put(6);
    await rig.time.pass(2);
    rig.respond(slot, 5);
    assert.equal(rig.sampled(BEHIND!), [0]);
    assert.equal(rig.revisionsBehind(BEHIND!), [0]);
    assert.equal(rig.counts, {});
    assert.ok(rig.sampled(READ!)[0]! >= 2e6);
    rig.over();
  });
});

test("a read is behind by the time from the first missing acknowledgement to the read's start", async () => {
  await underWay(async (rig) => {
    rig.put(10);
    // Sent before the put of revision 12 is acknowledged.
    rig.staleness.begin(1, rig.time.nowNs);
    rig.put(12);
    const missedNs = rig.time.nowNs;
    await rig.time.pass(3);
    rig.nowNs = rig.time.nowNs;
    rig.answer(1, "etcdserverpb.PutResponse", { header: { revision: 11 } });
    rig.put(15);
    // Ends the reads that were sent before.
    for (const slot of [...rig.pending.keys()]) rig.respond(slot, 15);
    const before = rig.sampled(BEHIND!).length;
    const slot = await rig.read();
    const sentNs = rig.time.nowNs;
    await rig.time.pass(4);
    rig.respond(slot, 10);
    const behindNs = rig.sampled(BEHIND!)[before]!;
    // One turn of the event loop lies between.
    assert.ok(Math.abs(behindNs - (sentNs - missedNs)) < 0.1e6, `${behindNs}`);
    assert.is(rig.revisionsBehind(BEHIND!)[before], 5);
    assert.is(rig.counts.behind, 1);
    rig.over();
  });
});

test("after etcd was emptied, reads are compared with revisions of the new history only", async () => {
  await underWay(async (rig) => {
    rig.put(600);
    const slot = await rig.read();
    await rig.time.pass(5);
    rig.put(2);
    // Sent before the new history was known: how far it is behind is not known.
    rig.respond(slot, 3);
    assert.equal(rig.sampled(BEHIND!), []);
    for (const each of [...rig.pending.keys()]) rig.respond(each, 3);
    const before = rig.sampled(BEHIND!).length;
    rig.respond(await rig.read(), 3);
    assert.is(rig.sampled(BEHIND!)[before], 0);
    assert.is(rig.counts.behind, undefined);
    rig.over();
  });
});

test("a silent member delays neither puts nor other members' reads, and its reads fail", async () => {
  await underWay(async (rig) => {
    rig.put(1);
    for (let revision = 2; revision < 42; revision++) {
      await rig.time.pass(10);
      rig.put(revision);
      for (const slot of [...rig.pending.keys()]) if (slot >= SECOND) rig.respond(slot, revision);
      rig.staleness.tick(rig.time.nowNs);
    }
    assert.is(rig.ended.length, 41);
    assert.ok(rig.sampled(SECOND_READ!).length > 10);
    assert.ok(rig.sampled(SECOND_BEHIND!).every((each) => each < 20e6));
    // Three reads of the first member are in flight, and further ones that came due are counted.
    assert.is(rig.staleness.unsettled >= AT_ONCE, true);
    assert.ok(rig.counts.notSent! > 10);
    await rig.time.pass(TIMEOUT_MS);
    rig.staleness.tick(rig.time.nowNs);
    const late = rig.failures.filter(({ series }) => series === READ);
    assert.ok(late.length >= AT_ONCE);
    for (const { status, message } of late) {
      assert.is(status, 4);
      assert.match(message, /no answer within the timeout/);
    }
    rig.over();
  });
});

test("failed reads, refused reads and responses without a revision fail only the read", async () => {
  await underWay(async (rig) => {
    rig.put(1);
    rig.finish(await rig.read(), 14, "gone");
    const refused = await rig.read();
    rig.refuse(refused);
    // The read is sent again only once.
    rig.refuse(refused);
    rig.respond(await rig.read(), 0);
    assert.equal(
      rig.failures.map(({ series, status }) => [series, status]),
      [
        [READ, 14],
        [READ, 14],
        [READ, 13],
      ],
    );
    assert.equal(rig.sampled(BEHIND!), []);
    rig.over();
  });
});

test("after the last put no read is sent, and reads in flight are awaited or given up", async () => {
  await underWay(async (rig) => {
    rig.put(1);
    const slot = await rig.read();
    rig.over();
    const left = rig.staleness.unsettled;
    assert.ok(left >= 1);
    await rig.time.pass(100);
    assert.is(rig.staleness.unsettled, left);
    rig.respond(slot, 1);
    assert.is(rig.staleness.unsettled, left - 1);
    assert.ok(rig.settledTimes > 0);
    rig.staleness.giveUp(rig.time.nowNs);
    assert.is(rig.staleness.unsettled, 0);
    assert.is(rig.failures.length, left - 1);
  });
});

test("a failed put acknowledges nothing", async () => {
  await underWay(async (rig) => {
    rig.staleness.begin(0, rig.time.nowNs);
    // The message came, but the status after it is a failure.
    const answer = encodeMessage("etcdserverpb.PutResponse", { header: { revision: 9 } });
    rig.staleness.onMessage(0, answer, 0, answer.length);
    rig.finish(0, 14, "gone");
    await rig.time.pass(1_000);
    assert.is(rig.pending.size, 0);
    rig.over();
  });
});

test("a read's wait in the client is in its response time alone, and is counted once", async () => {
  await underWay(async (rig) => {
    rig.put(1);
    const slot = await rig.read();
    await rig.time.pass(300);
    rig.staleness.onOwnCallSent(slot, rig.time.nowNs, true);
    await rig.time.pass(20);
    rig.staleness.onOwnCallSent(slot, rig.time.nowNs, true);
    rig.respond(slot, 1);
    const at = rig.samples.findIndex(({ series }) => series === READ);
    assert.is(Math.round(rig.samples[at]!.durationNs / 1e6), 20);
    assert.ok(rig.sampleLateNs[at]! >= 300e6, `${rig.sampleLateNs[at]} ns`);
    assert.is(rig.counts.heldBack, 1);
    const { heldBackUs } = rig.counts;
    assert.ok(heldBackUs! >= 300_000 && heldBackUs! < 320_000, `${heldBackUs} us`);
    rig.over();
  });
});

test("a read that waited in the client is behind by what was acknowledged until it left", async () => {
  await underWay(async (rig) => {
    rig.put(5);
    const slot = await rig.read();
    await rig.time.pass(10);
    rig.put(7);
    const missedNs = rig.time.nowNs;
    await rig.time.pass(10);
    rig.staleness.onOwnCallSent(slot, rig.time.nowNs, true);
    const behindNs = rig.time.nowNs - missedNs;
    rig.put(9);
    await rig.time.pass(10);
    rig.respond(slot, 5);
    assert.equal(rig.revisionsBehind(BEHIND!), [2]);
    assert.equal(rig.sampled(BEHIND!), [behindNs]);
    rig.over();
  });
});

test("the service time of a read that is sent again starts at its first send", async () => {
  await underWay(async (rig) => {
    rig.put(1);
    const slot = await rig.read();
    await rig.time.pass(10);
    rig.refuse(slot);
    await rig.time.pass(10);
    rig.staleness.onOwnCallSent(slot, rig.time.nowNs, true);
    rig.respond(slot, 1);
    assert.is(Math.round(rig.sampled(READ!)[0]! / 1e6), 20);
    assert.is(rig.counts.heldBack, undefined);
    rig.over();
  });
});

test("a read's timeout counts from its call, whenever it left", async () => {
  await underWay(async (rig) => {
    rig.put(1);
    const slot = await rig.read();
    const calledNs = rig.time.nowNs;
    await rig.time.pass(TIMEOUT_MS - 10);
    rig.staleness.onOwnCallSent(slot, rig.time.nowNs, true);
    rig.staleness.tick(calledNs + TIMEOUT_MS * 1e6);
    assert.ok(rig.cancelled.includes(slot));
    rig.over();
  });
});

test.run();
