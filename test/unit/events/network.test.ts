/** The network events: what they set at fault proxies, and that they clear all of it. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { usageError } from "../../../src/errors.ts";
import { checkEventTargets, TIMED_EVENTS } from "../../../src/events/catalogue.ts";
import type {
  Action,
  EventContext,
  OwnCluster,
  ProxyControl,
} from "../../../src/events/definition.ts";
import { readAction } from "../../../src/events/timed-plans.ts";

const NAMES = ["etcd1", "etcd2", "etcd3"];

/** Three members with etcd2 as leader; `asked` has the calls of their proxies. */
function clusterOf({ isProxied = true, refuses = "" } = {}) {
  const asked: string[] = [];
  const proxy = (name: string, side: string): ProxyControl => ({
    async set(direction, fault) {
      if (`${name} ${side} ${direction}` === refuses) throw usageError("the proxy is gone");
      asked.push(`${name} ${side} ${direction} set ${JSON.stringify(fault)}`);
    },
    async clear(direction, kind) {
      asked.push(`${name} ${side} ${direction} clear ${kind}`);
    },
  });
  const members = NAMES.map((name, index) => ({
    ...{ name, endpoint: `127.0.0.1:${index}`, peerEndpoint: "", pid: index, dataDir: "" },
    running: true,
  }));
  const cluster = {
    ...{ name: null, members },
    proxies: (name: string) =>
      isProxied ? { client: proxy(name, "client"), peer: proxy(name, "peer") } : null,
  } as unknown as OwnCluster;
  const client = {
    async status(endpoint: string) {
      const memberId = `a${endpoint.at(-1)}`;
      return { memberId, leaderId: "a1", isLearner: false, raftTerm: 2 };
    },
  } as unknown as EventContext["client"];
  const context: EventContext = {
    ...{ client, cluster, members: [], endpoints: [], random: () => 0, isOver: () => false },
    abandoned: new AbortController().signal,
  };
  return { asked, context };
}

async function actionOf(text: string, context: EventContext): Promise<Action> {
  const { action } = readAction(text, TIMED_EVENTS)!;
  for await (const each of action.actions(context, null)) return each;
  throw new Error("no action");
}

test("a fault is set at one member's proxy in both directions, and cleared there", async () => {
  const { asked, context } = clusterOf();
  const action = await actionOf("delay client of leader 20ms 5ms", context);
  assert.is(action.member, "etcd2");
  await action.begin();
  await action.end!.putRight();
  const fault = '{"kind":"delay","latencyMs":20,"jitterMs":5}';
  assert.equal(asked, [
    `etcd2 client tx set ${fault}`,
    `etcd2 client rx set ${fault}`,
    "etcd2 client tx clear delay",
    "etcd2 client rx clear delay",
  ]);
});

test("a direction, an amount and a share of connections are passed to the proxy", async () => {
  const faults = {
    "bandwidth peer rx of etcd1 1kB/s": '{"kind":"bandwidth","bytesPerSecond":1000}',
    "loss peer rx of etcd1 30%": '{"kind":"loss","probability":0.3}',
    "reset peer rx of etcd1": '{"kind":"reset"}',
    "blackhole peer rx of etcd1 50%": '{"kind":"blackhole","probability":0.5}',
  };
  for (const [text, fault] of Object.entries(faults)) {
    const { asked, context } = clusterOf();
    await (await actionOf(text, context)).begin();
    assert.equal(asked, [`etcd1 peer rx set ${fault}`], text);
  }
});

test("when a proxy refuses a fault, all directions are cleared", async () => {
  const { asked, context } = clusterOf({ refuses: "etcd1 client rx" });
  const action = await actionOf("reset client of etcd1", context);
  const refusal = await action.begin().then(() => "none", String);
  assert.match(refusal, /the proxy is gone/);
  assert.equal(asked.slice(1), ["etcd1 client tx clear reset", "etcd1 client rx clear reset"]);
});

test("a partition cuts each member only from members of other groups, by the ids that peers send", async () => {
  const { asked, context } = clusterOf();
  const action = await actionOf("partition etcd1|etcd2,etcd3", context);
  await action.begin();
  const cut = (...ids: string[]) =>
    JSON.stringify({
      kind: "blackhole",
      opening: ids.map((id) => `X-Server-From: ${id}\r\n`),
    });
  assert.equal(asked.toSorted(), [
    `etcd1 peer rx set ${cut("a1", "a2")}`,
    `etcd1 peer tx set ${cut("a1", "a2")}`,
    `etcd2 peer rx set ${cut("a0")}`,
    `etcd2 peer tx set ${cut("a0")}`,
    `etcd3 peer rx set ${cut("a0")}`,
    `etcd3 peer tx set ${cut("a0")}`,
  ]);
  asked.length = 0;
  await action.end!.putRight();
  assert.is(asked.filter((each) => each.endsWith("clear blackhole")).length, 6);
});

test("a cluster without proxies and a member without a group are refused before the run", () => {
  const plans = (action: string) => ({ events: [{ atMs: 1_000, lastsMs: null, action }] });
  assert.throws(
    () =>
      checkEventTargets(plans("reset client of etcd1"), clusterOf({ isProxied: false }).context),
    "--event='at=1s reset client of etcd1': it needs fault proxies: add --proxied to --local, or start the cluster with bench cluster start --proxied",
  );
  assert.throws(
    () => checkEventTargets(plans("partition etcd1|etcd2"), clusterOf().context),
    "--event='at=1s partition etcd1|etcd2': etcd3 is in no group; put it into one",
  );
});

test.run();
