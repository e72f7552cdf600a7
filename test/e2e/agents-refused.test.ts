/**
 * Tests agents that cannot join or that a run cannot use: late, of another protocol version, or with
 * a wrong certificate or secret. Each error has the reason and the fix.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Coordination } from "../../src/agents/coordination.ts";
import { PROTOCOL_VERSION, Sealer } from "../../src/agents/envelope.ts";
import { type JoinFile, newGroupSecret } from "../../src/agents/join-file.ts";
import { pack } from "../../src/agents/pack.ts";
import { commandsKey, MEMBERS } from "../../src/agents/protocol.ts";
import { EXIT } from "../../src/errors.ts";
import { CertificateAuthority } from "../../src/etcd/local-cluster/certificates.ts";
import { freePorts } from "../../src/etcd/local-cluster/ports.ts";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { CoordinationEtcd } from "../etcd/coordination.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { agentOf } from "../harness/agents.ts";
import { BenchProcess, bench } from "../harness/bench-process.ts";
import { before } from "../harness/hooks.ts";
import { withRefusingGateway } from "../peers/refusing-gateway.ts";
import { SimulatedAgents } from "../peers/simulated-agents.ts";

interface Context {
  target: LocalCluster;
  coordination: CoordinationEtcd;
}

const OTHER_VERSION = PROTOCOL_VERSION + 1;

const test = suite<Context>("agents that are refused");

before(test, async (context) => {
  context.target = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
  context.coordination = await CoordinationEtcd.start(true);
});

test.after(async ({ target, coordination }) => {
  await target?.down();
  await coordination?.cluster.down();
});

/** Starts a run with one agent in a group; the test simulates the agent. */
async function runWith(
  { target, coordination }: Context,
  group: string,
  simulated: { version?: number; secret?: string },
) {
  const { version, ...changed } = simulated;
  const agents = await SimulatedAgents.join({
    ...{ join: { ...coordination.join, ...changed, group }, count: 1 },
    ...(version !== undefined && { version }),
  });
  try {
    return await bench([
      ...["put", `--endpoints=${target.endpoints[0]}`, "--agents=1", "--total=10"],
      `--coordination=${coordination.file({ group })}`,
    ]);
  } finally {
    await agents.leave();
  }
}

test("a run whose agents do not join in time prints how many joined, and what to do", async ({
  target,
  coordination,
}) => {
  const { code, stderr } = await bench([
    ...["put", `--endpoints=${target.endpoints[0]}`, "--agents=2", "--conns=2", "--clients=2"],
    ...[`--coordination=${coordination.file({ group: "late" })}`, "--agents-within=1s"],
  ]);
  assert.is(code, EXIT.usage, stderr);
  assert.match(stderr, /--agents=2: 0 agents of the group late joined in time; start more/);
});

test("an etcd that a run of agents cannot use is refused as it is without agents", async ({
  coordination,
}) => {
  const file = coordination.file({ group: "none" });
  const putTo = (endpoint: string) => [
    ...["put", `--endpoints=${endpoint}`, "--conns=2", "--clients=2", "--total=10"],
  ];
  const isRefused = async (endpoint: string, exit: number, words: RegExp) => {
    const there = await bench([...putTo(endpoint), "--agents=2", `--coordination=${file}`]);
    const here = await bench(putTo(endpoint));
    assert.equal([there.code, here.code], [exit, exit], there.stderr);
    for (const { stderr } of [there, here]) assert.match(stderr, words);
    assert.not.match(there.stderr, /have joined/);
  };
  await withRefusingGateway({ status: 7, message: "RBAC: access denied" }, (endpoint) =>
    isRefused(endpoint, EXIT.unreachable, /"envoy" .*RBAC: access denied/),
  );
  const [port] = await freePorts(1);
  await isRefused(
    `127.0.0.1:${port}`,
    EXIT.unreachable,
    /: nothing listens there \(ECONNREFUSED\)/,
  );
  const secured = await startLocalCluster({
    ...{ binary: await etcdForTests(), members: 1 },
    security: { tls: false, auth: "simple" },
  });
  try {
    await isRefused(secured.endpoints[0]!, EXIT.usage, /etcd asks for a user .*: give --user=NAME/);
  } finally {
    await secured.down();
  }
});

test("an agent of another protocol version is refused with both versions", async (context) => {
  const { code, stderr } = await runWith(context, "version", { version: OTHER_VERSION });
  assert.is(code, EXIT.usage, stderr);
  const words = `agent simulated-0 speaks version ${OTHER_VERSION} of the agents' protocol, and this bench version ${PROTOCOL_VERSION}`;
  assert.ok(stderr.includes(words), stderr);
});

test("an agent with another secret is refused", async (context) => {
  const { code, stderr } = await runWith(context, "secret", { secret: newGroupSecret() });
  assert.is(code, EXIT.usage, stderr);
  assert.match(
    stderr,
    /agent simulated-0 cannot be used: it was sealed with the secret of another/,
  );
});

test("an agent prints why it is not used: a wrong secret, or a name that is taken", async ({
  coordination,
  target,
}) => {
  const file = coordination.file({ group: "told" });
  const agent = agentOf(coordination.file({ group: "told", secret: newGroupSecret() }));
  await agent.said(/waits for runs/);
  const run = ["put", `--endpoints=${target.endpoints[0]}`, `--coordination=${file}`];
  const refused = await bench([...run, "--agents=1"]);
  assert.is(refused.code, EXIT.usage, refused.stderr);
  await agent.said(/is of no use to the run that has come: it has another secret than this agent/);
  agent.signal("SIGTERM");
  await agent.ended;
  // An agent that would end the waiting run does not join.
  const waiting = new BenchProcess([...run, "--agents=1", "--total=10"]);
  await waiting.said(/0 of 1 have joined/);
  const late = await agentOf(coordination.file({ group: "told", secret: newGroupSecret() })).ended;
  assert.is(late.code, EXIT.usage);
  assert.match(late.stderr, /a run has the group told, and it has another secret than this agent;/);
  const named = ["agent", `--join=${file}`, "--workers=1", "--name=m1"];
  const first = new BenchProcess(named);
  assert.is((await waiting.ended).code, EXIT.done);
  const second = new BenchProcess(named);
  await second.said(
    /--name=m1: an agent of that name is in the group told; this one waits for 30 s/,
  );
  first.signal("SIGTERM");
  await second.said(/agent m1 has joined the group told/);
  second.signal("SIGTERM");
  assert.is((await second.ended).code, EXIT.done);
});

test("an agent refuses a coordinator of another protocol version, and waits for the next", async ({
  coordination,
}) => {
  const join: JoinFile = { ...coordination.join, group: "coordinator" };
  const agent = agentOf(coordination.file({ group: "coordinator" }));
  await agent.said(/waits for runs/);
  const coordinator = new Coordination(join);
  try {
    const [member] = (await coordinator.list(MEMBERS)).entries;
    const key = commandsKey(member!.name.slice(MEMBERS.length));
    const lease = await coordinator.lease(() => {});
    const sealed = coordinator.key.seal(key, pack({ type: "session" }), OTHER_VERSION);
    await coordinator.put(key, sealed, lease);
    await agent.said(new RegExp(`was refused: it speaks version ${OTHER_VERSION} `));
    await coordinator.revoke(lease);
    const [chunk] = new Sealer(coordinator.key, key).chunksOf({ type: "session", session: "next" });
    await coordinator.put(key, chunk!, await coordinator.lease(() => {}));
    await agent.said(/a run begins/);
  } finally {
    coordinator.close();
    agent.signal("SIGTERM");
  }
  assert.is((await agent.ended).code, EXIT.done);
});

test("an agent with a certificate from another authority does not join", async ({
  coordination,
}) => {
  const other = await CertificateAuthority.create("another authority");
  const issued = await other.issue({ commonName: null });
  const { tls } = coordination.join;
  for (const [changed, words] of [
    [{ ...tls!, ...issued }, /cannot be used: .*(certificate|closed|reset|tls)/i],
    [{ ...tls!, ca: other.cert }, /cannot be used: .*certificate/i],
  ] as const) {
    const file = coordination.file({ tls: changed });
    const { code, stderr } = await bench(["agent", `--join=${file}`]);
    assert.is(code, EXIT.unreachable, stderr);
    assert.match(stderr, words);
  }
});

test.run();
