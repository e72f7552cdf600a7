/** An agent whose lease ends while it waits for its name reports the reason, and ends. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { serveAsAgent } from "../../../src/agents/agent.ts";
import { BenchError, EXIT } from "../../../src/errors.ts";
import {
  type Answer,
  CLUSTER,
  LEASES_THAT_END,
  withScriptedEtcd,
} from "../../peers/scripted-etcd.ts";

const nothing = (_: object, answer: Answer) => answer(null, { header: { revision: "7" }, kvs: [] });

test("an agent that loses its lease while it waits for its name reports that, and ends", async () => {
  const nameIsTaken = (_: object, answer: Answer) =>
    answer(null, { header: { revision: "7" }, succeeded: false });
  const services = {
    "etcdserverpb.Cluster": CLUSTER,
    "etcdserverpb.KV": { Txn: nameIsTaken, Range: nothing },
    "etcdserverpb.Lease": LEASES_THAT_END,
  };
  await withScriptedEtcd(services, async (join) => {
    const stop = new AbortController();
    const said: string[] = [];
    const say = (line: string) => said.push(line);
    try {
      const options = { join, name: "host1", workers: 1, say, stop: stop.signal };
      const error = await serveAsAgent(options).catch((each: unknown) => each);
      assert.instance(error, BenchError);
      const { message, exitCode } = error as BenchError;
      assert.match(message, /agent host1 .*its lease in the coordination etcd is gone/);
      assert.is(exitCode, EXIT.unreachable);
      assert.equal(said, [
        "--name=host1: an agent of that name is in the group g; this one waits for 30 s, as that one may have been killed",
      ]);
    } finally {
      stop.abort();
    }
  });
});

test.run();
