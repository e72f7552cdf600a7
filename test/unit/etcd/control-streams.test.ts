/** Tests that streams of the control plane whose token was refused lead to a new token. */
import { status } from "@grpc/grpc-js";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ControlStreams } from "../../../src/etcd/control-streams.ts";
import { until } from "../../harness/conditions.ts";
import { startFakeEtcd } from "../../peers/fake-etcd.ts";

const REFUSED = "etcdserver: invalid auth token";

/** A giver of tokens that counts renewals by the token that was refused. */
function countingTokens() {
  const renewed: string[] = [];
  let given = "t1";
  const tokens = {
    token: async () => given,
    renew: async (refused: string) => {
      renewed.push(refused);
      given = "t2";
      return given;
    },
  };
  return { tokens, renewed };
}

test("a renewal of a lease whose token was refused leads to a new token", async () => {
  const fake = await startFakeEtcd({
    LeaseKeepAlive: () => {
      throw { code: status.UNAUTHENTICATED, details: REFUSED };
    },
  });
  const { tokens, renewed } = countingTokens();
  const streams = new ControlStreams([fake.endpoint], { access: { tls: null, tokens } });
  try {
    const outcome = await streams.renewLease("7", fake.endpoint).then(String, String);
    assert.match(outcome, /invalid auth token/);
    await until("the token is renewed", () => renewed.length > 0);
    assert.equal(renewed, ["t1"]);
  } finally {
    streams.close();
    await fake.stop();
  }
});

test("a watch that was cancelled over its token leads to a new token", async () => {
  const reason = `rpc error: code = Unauthenticated desc = ${REFUSED}`;
  const refusal = { created: true, canceled: true, cancelReason: reason };
  const fake = await startFakeEtcd({ Watch: () => ({ parts: [refusal] }) });
  const { tokens, renewed } = countingTokens();
  const streams = new ControlStreams([fake.endpoint], { access: { tls: null, tokens } });
  try {
    const ended = new Promise<string>((resolve, reject) => {
      const listener = { onEvents: () => {}, onEnd: resolve };
      const keys = { key: Buffer.from("x"), startRevision: 1 };
      streams.watch(keys, listener, fake.endpoint).catch(reject);
    });
    assert.is(await ended, reason);
    assert.equal(renewed, ["t1"]);
  } finally {
    streams.close();
    await fake.stop();
  }
});

test.run();
