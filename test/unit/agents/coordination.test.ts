/** Faults of a coordination etcd that a run survives: broken watches and cancelled calls. */
import { setTimeout as delay } from "node:timers/promises";
import { type ServerDuplexStream, status } from "@grpc/grpc-js";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Coordination } from "../../../src/agents/coordination.ts";
import { BenchError } from "../../../src/errors.ts";
import { until } from "../../harness/conditions.ts";
import { type Answer, withScriptedEtcd } from "../../peers/scripted-etcd.ts";

interface WatchRequest {
  createRequest: { startRevision: string };
}

const test = suite("the coordination etcd in use");

/** An etcd with the answers of the test. */
async function withEtcd(
  answers: {
    watch?: (stream: ServerDuplexStream<WatchRequest, object>, start: number) => void;
    put?: () => { code: number } | null | Promise<null>;
    /** Answers calls about a lease. */
    lease?: () => { code: number } | null;
  },
  use: (coordination: Coordination) => Promise<void>,
): Promise<void> {
  const ofLease = (_: object, answer: Answer) => answer(answers.lease?.() ?? null, { TTL: "9" });
  const services = {
    "etcdserverpb.Watch": {
      Watch(stream: ServerDuplexStream<WatchRequest, object>) {
        stream.on("data", ({ createRequest }: WatchRequest) => {
          answers.watch?.(stream, Number(createRequest.startRevision));
        });
        stream.on("error", () => {
          // The client ends the stream.
        });
      },
    },
    "etcdserverpb.KV": {
      Put(_: object, answer: Answer) {
        void Promise.resolve(answers.put?.() ?? null).then((error) => {
          answer(error, { header: { revision: "7" } });
        });
      },
    },
    "etcdserverpb.Lease": { LeaseTimeToLive: ofLease, LeaseRevoke: ofLease },
  };
  await withScriptedEtcd(services, async (join) => {
    const coordination = new Coordination(join);
    try {
      await use(coordination);
    } finally {
      coordination.close();
    }
  });
}

function eventOf(revision: number): object {
  const kv = { key: Buffer.from("k"), value: Buffer.from(`${revision}`), modRevision: revision };
  return { type: "PUT", kv };
}

test("a broken watch resumes after the last event, not after the revision of the answer", async () => {
  const starts: number[] = [];
  const watch = (stream: ServerDuplexStream<WatchRequest, object>, start: number) => {
    starts.push(start);
    stream.write({ header: { revision: "9" }, created: true });
    // Some of the nine revisions are still to come when the stream ends.
    if (starts.length === 1) {
      stream.write({ header: { revision: "9" }, events: [eventOf(3), eventOf(4)] });
      stream.end();
    } else stream.write({ header: { revision: "9" }, events: [eventOf(5), eventOf(9)] });
  };
  await withEtcd({ watch }, async (coordination) => {
    const seen: string[] = [];
    coordination.follow("k", 3, {
      onEvent: ({ kv }) => seen.push(kv.value.toString()),
      onBroken: (reason) => assert.unreachable(reason),
    });
    await until("all events have come", () => seen.length >= 4);
    assert.equal(starts, [3, 5]);
    assert.equal(seen, ["3", "4", "5", "9"]);
  });
});

test("a put that the server cancels at its deadline is repeated", async () => {
  let puts = 0;
  const put = () => {
    puts += 1;
    return puts === 1 ? { code: status.CANCELLED, details: "Call cancelled" } : null;
  };
  await withEtcd({ put }, async (coordination) => {
    assert.is(await coordination.put("k", Buffer.from("v"), "1"), 7);
    assert.is(puts, 2);
  });
});

test("a put that etcd refuses is reported with what to check, and not as a defect", async () => {
  const put = () => ({ code: status.PERMISSION_DENIED, details: "etcdserver: permission denied" });
  await withEtcd({ put }, async (coordination) => {
    const error = await coordination.put("k", Buffer.from("v"), "1").then(
      () => null,
      (each: Error) => each,
    );
    assert.instance(error, BenchError);
    assert.match(
      error!.message,
      /cannot be used: .*permission denied.*the join file is its newest/,
    );
  });
});

test("the time left of a lease is asked for again while etcd does not answer", async () => {
  let calls = 0;
  const lease = () => {
    calls += 1;
    return calls === 1 ? { code: status.UNAVAILABLE, details: "etcdserver: no leader" } : null;
  };
  await withEtcd({ lease }, async (coordination) => {
    assert.is(await coordination.leaseLeft("1"), 9);
    assert.is(calls, 2);
  });
});

test("a lease that cannot be revoked is left to expire", async () => {
  let calls = 0;
  const lease = () => {
    calls += 1;
    return { code: status.UNAVAILABLE, details: "etcdserver: no leader" };
  };
  await withEtcd({ lease }, async (coordination) => {
    await coordination.revoke("1");
    assert.is(calls, 1);
  });
});

test("of many puts at most eight are in flight at once, and all are done", async () => {
  let underWay = 0;
  let most = 0;
  let done = 0;
  const put = async () => {
    underWay += 1;
    most = Math.max(most, underWay);
    await delay(5);
    underWay -= 1;
    done += 1;
    return null;
  };
  await withEtcd({ put }, async (coordination) => {
    const puts = Array.from({ length: 300 }, () => coordination.put("k", Buffer.from("v"), "1"));
    await Promise.all(puts);
    assert.is(done, 300);
    assert.ok(most <= 8, `${most} at once`);
  });
});

test.run();
