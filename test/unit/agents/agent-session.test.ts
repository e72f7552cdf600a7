/** A run whose lease ends while it waits for agents reports the reason and stops waiting. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { AgentSession } from "../../../src/agents/agent-session.ts";
import { BenchError, EXIT } from "../../../src/errors.ts";
import {
  type Answer,
  CLUSTER,
  LEASES_THAT_END,
  withScriptedEtcd,
} from "../../peers/scripted-etcd.ts";

/** Far longer than the test takes. */
const WITHIN_MS = 600_000;

test("a run that loses its lease before its agents join reports that, and ends", async () => {
  const header = { revision: "7" };
  const services = {
    "etcdserverpb.Cluster": CLUSTER,
    "etcdserverpb.KV": {
      Txn: (_: object, answer: Answer) => answer(null, { header, succeeded: true }),
      Range: (_: object, answer: Answer) => answer(null, { header, kvs: [] }),
    },
    "etcdserverpb.Lease": LEASES_THAT_END,
  };
  await withScriptedEtcd(services, async (join) => {
    const options = {
      ...{ join, agents: 1, workers: 1, tolerated: 0, withinMs: WITHIN_MS },
      ...{ say: () => {}, stop: new AbortController().signal, isThrowaway: false },
    };
    const error = await AgentSession.gather(options, () => {}).catch((each: unknown) => each);
    assert.instance(error, BenchError);
    const { message, exitCode } = error as BenchError;
    assert.match(message, /^--agents: its lease in the coordination etcd is gone; check that/);
    assert.is(exitCode, EXIT.unreachable);
  });
});

test.run();
