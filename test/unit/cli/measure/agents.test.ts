/** Impossible requests for agents are refused by all measuring commands, before any waiting. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { AB_FLAGS } from "../../../../src/cli/ab/ab-flags.ts";
import { FAILOVER_FLAGS } from "../../../../src/cli/failover/failover-flags.ts";
import {
  checkCoordination,
  planWithAgents,
  wordsWithAgents,
} from "../../../../src/cli/measure/agents.ts";
import { SOAK_FLAGS } from "../../../../src/cli/soak/soak-flags.ts";
import { requestWords } from "../../../../src/cli/suite/request.ts";
import { RUN_FLAGS } from "../../../../src/cli/suite/run-flags.ts";
import { AGENT_FLAGS } from "../../../../src/flags/agents.ts";
import type { GivenFlags } from "../../../../src/flags/flag.ts";
import { commandLineOf, planFromFlags } from "../../../../src/workloads/catalogue.ts";

function planned(command: string, flags: GivenFlags, agents: GivenFlags = { agents: "2" }) {
  const given = { endpoints: "127.0.0.1:1", conns: "4", clients: "4", ...flags };
  return planWithAgents(planFromFlags({ command, flags: given }, {}).plan, agents);
}

test("every command that measures takes the flags of agents", () => {
  for (const table of [AB_FLAGS, FAILOVER_FLAGS, SOAK_FLAGS, RUN_FLAGS]) {
    const names = new Set(Object.values(table).map(({ name }) => name));
    assert.equal(
      Object.values(AGENT_FLAGS).filter(({ name }) => !names.has(name)),
      [],
    );
  }
});

test("fewer connections or clients than workers of all agents are refused with the fix", () => {
  for (const flags of [{ conns: "3" }, { clients: "3" }]) {
    assert.throws(
      () => planned("put", { ...flags, workers: "2" }),
      /--agents=2 --workers=2 needs .* give at least --conns=4 --clients=4/,
    );
  }
  assert.is(planned("put", { workers: "2" }).load.agents, 2);
});

test("a load that needs one thread to see all of it is refused for more than one agent", () => {
  for (const command of ["staleness", "availability", "watch-get"]) {
    assert.throws(() => planned(command, {}), /cannot be dealt to \d+ agents: .* give --agents=1/);
    assert.is(planned(command, {}, { agents: "1" }).load.agents, 1);
  }
});

test("clients that contend for one name must be on one agent", () => {
  for (const [command, flag] of [
    ["lock", "locks"],
    ["election", "elections"],
  ] as const) {
    for (const flags of [{ [flag]: "1" }, { [flag]: "3" }, { [flag]: "2", conns: "3" }]) {
      assert.throws(
        () => planned(command, flags),
        new RegExp(`give a multiple of 2 for both --${flag} and --conns, e.g. --${flag}=2`),
      );
    }
    assert.is(planned(command, { [flag]: "2" }).load.agents, 2);
  }
});

test("flags of agents without --agents are refused, and so is tolerating the loss of all agents", () => {
  assert.throws(() => planned("put", {}, { coordination: "join.json" }), /no meaning without/);
  const all = { agents: "2", "tolerate-agents": "2" };
  assert.throws(() => planned("put", {}, all), /at least one of the 2 agents has to stay/);
});

test("an etcd that agents on other machines cannot reach is refused", () => {
  const elsewhere = { agents: "2", "coordination-host": "10.0.0.9" };
  assert.throws(
    () => planned("put", {}, elsewhere),
    /cannot reach 127\.0\.0\.1:1; give --endpoints/,
  );
  const local = { local: "1", endpoints: undefined };
  assert.throws(() => planned("put", local, elsewhere), /cannot reach an etcd of --local/);
  assert.is(planned("put", { endpoints: "10.0.0.7:2379" }, elsewhere).load.agents, 2);
  assert.is(planned("put", local).load.agents, 2);
});

test("the command line of a run has the number of agents, and makes the same plan", () => {
  const plan = planned("put", {});
  assert.equal(wordsWithAgents(["put", "--conns=4", "--", "key"], plan), [
    ...["put", "--agents=2", "--conns=4", "--", "key"],
  ]);
  assert.match(commandLineOf(plan), / --agents=2( |$)/);
});

test("a resumed suite asks for the agents that it was started with", () => {
  const words = requestWords({ agents: "2", coordination: "join.json", "tolerate-agents": "1" });
  assert.equal(words, ["--agents=2", "--coordination=join.json", "--tolerate-agents=1"]);
});

test("what names the coordination etcd is checked before the etcd under test is started", async () => {
  const local = (agents: GivenFlags) => () => planned("put", {}, { agents: "2", ...agents });
  assert.throws(local({ group: "x" }), /^--group has no meaning without --coordination/);
  const checked = (flags: GivenFlags) =>
    checkCoordination({ agents: "2", ...flags }).then(
      () => "",
      (error: Error) => error.message,
    );
  assert.match(
    await checked({ coordination: "/none/join.json" }),
    /^--coordination: there is no such file/,
  );
  const host = /^--coordination-host=192\.0\.2\.1 is no IP address of this machine/;
  assert.match(await checked({ "coordination-host": "192.0.2.1" }), host);
  const file = "--coordination-cacert has no meaning without --coordination=https";
  assert.ok((await checked({ "coordination-cacert": "ca.pem" })).startsWith(file));
  assert.match(await checked({ etcd: "/none" }), /^--etcd \/none does not exist/);
  assert.is(await checked({}), "");
});

test.run();
