/** Tests which member gives the token if others are silent, unreachable or refuse. */
import { status } from "@grpc/grpc-js";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ControlError } from "../../../src/etcd/control-client.ts";
import { TokenSource } from "../../../src/etcd/token-source.ts";
import { until } from "../../harness/conditions.ts";
import { type Answer, startFakeEtcd } from "../../peers/fake-etcd.ts";

const credentials = { user: "root", password: "correct-horse" };

/** Starts a fake member for each answer to Authenticate, and counts their calls. */
async function withMembers(
  answers: Answer[],
  use: (tokens: TokenSource, asked: () => number[]) => Promise<void>,
): Promise<void> {
  const fakes = await Promise.all(answers.map((Authenticate) => startFakeEtcd({ Authenticate })));
  const endpoints = fakes.map(({ endpoint }) => endpoint);
  const tokens = new TokenSource(endpoints, { tls: null, credentials });
  try {
    await use(tokens, () => fakes.map(({ calls }) => calls.length));
  } finally {
    tokens.close();
    for (const fake of fakes) await fake.stop();
  }
}

const gives = (token: string) => () => ({ header: {}, token });
const refuses = (code: number, details: string) => () => {
  throw { code, details };
};
const never = () => new Promise<object>(() => {});

test("only one member is asked if it answers", () =>
  withMembers([gives("a.1"), gives("b.1")], async (tokens, asked) => {
    assert.is(await tokens.token(), "a.1");
    assert.is(await tokens.token(), "a.1");
    assert.equal(asked(), [1, 0]);
  }));

test("a silent or unreachable member causes no wait if another member answers", async () => {
  await withMembers([never, gives("b.1")], async (tokens, asked) => {
    assert.is(await tokens.token(), "b.1");
    assert.equal(asked(), [1, 1]);
  });
  const gone = refuses(status.UNAVAILABLE, "gone");
  await withMembers([gone, never, gives("c.1")], async (tokens) => {
    assert.is(await tokens.token(), "c.1");
  });
});

test("a final refusal ends the attempts, and if all members fail, the first error is reported", async () => {
  const wrong = refuses(
    status.INVALID_ARGUMENT,
    "authentication failed, invalid user ID or password",
  );
  await withMembers([wrong, gives("b.1")], async (tokens, asked) => {
    assert.match((await refusal(tokens.token())).details, /invalid user ID/);
    assert.equal(asked(), [1, 0]);
  });
  const gone = (name: string) => refuses(status.UNAVAILABLE, `${name} is gone`);
  await withMembers([gone("a"), gone("b")], async (tokens) => {
    assert.match((await refusal(tokens.token())).details, /a is gone/);
  });
});

test("after a refused renewal the member is asked again after a pause, and not by each request", async () => {
  const wrong = refuses(
    status.INVALID_ARGUMENT,
    "authentication failed, invalid user ID or password",
  );
  const turns = [gives("a.1"), wrong, gives("a.2")];
  await withMembers([() => turns.shift()!()], async (tokens, asked) => {
    const first = (await tokens.token())!;
    assert.match((await refusal(tokens.renew(first))).details, /invalid user ID/);
    assert.match((await refusal(tokens.renew(first))).details, /invalid user ID/);
    assert.equal(asked(), [2], "the refusal holds for a while");
    await until("the token is renewed", () =>
      tokens.renew(first).then(
        (token) => token === "a.2",
        () => false,
      ),
    );
    assert.equal(asked(), [3]);
  });
});

test("without authentication there is no token", () =>
  withMembers(
    [refuses(status.FAILED_PRECONDITION, "etcdserver: authentication is not enabled")],
    async (tokens) => assert.is(await tokens.token(), null),
  ));

async function refusal(asked: Promise<unknown>): Promise<ControlError> {
  try {
    await asked;
  } catch (error) {
    assert.instance(error, ControlError);
    return error as ControlError;
  }
  return assert.unreachable("a token was given") as never;
}

test.run();
