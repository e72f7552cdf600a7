/** Renders the end of a page: the machine, the etcd, the command that repeats the measurement. */

import type { RunResult } from "../../result/schema.ts";
import { grouped, type LabelledRun } from "../../tables/labels.ts";
import { describeAgents, describeCpus, describeMemory } from "../../tables/machine-text.ts";
import { commandLineOf } from "../../workloads/catalogue.ts";
import { describeMachineState, describeTarget } from "../table/what-was-run.ts";
import { html, type Markup, NOTHING } from "./markup.ts";

export function renderEnvironment(runs: readonly LabelledRun[]): Markup {
  const facts = (name: string, of: (result: RunResult) => readonly string[]) =>
    grouped(runs, of).map((text) => html`<dt>${name}</dt><dd>${text}</dd>`);
  const measured = ({ origin }: RunResult) => origin === "measured";
  const commands = grouped(runs, (result) =>
    measured(result) ? [commandLineOf(result.plan)] : [],
  );
  return html`<h2>How it was measured</h2>
<section class="block"><h3>Command</h3>${commands.map((command) => html`<pre>${command}</pre>`)}${commands.length === 0 ? html`<p class="remark">Published figures: no command of bench.</p>` : html`<p class="remark">From the plan of the run, where every default is written in. A temporary cluster takes its etcd from --etcd.</p>`}</section>
<section class="block"><h3>Environment</h3><dl class="facts">
${facts("etcd", (result) => [describeTarget(result)])}
${facts("Data on", ({ target }) => (target.dataFileSystem === null ? [] : [target.dataFileSystem]))}
${facts("Machine", ({ environment }) => [[describeCpus(environment), describeMemory(environment)].filter((part) => part !== null).join(", ")])}
${facts("Load from", ({ client: { agents } }) => (agents === undefined ? [] : [describeAgents(agents)]))}
${facts("While measured", whileMeasured)}
${facts("System", ({ environment: { os, kernel } }) => [`${os}, ${kernel}`])}
${facts("Tool", ({ environment: { tool, node } }) => [`${tool}, Node ${node}`])}
${facts("Began", ({ startedAt }) => [startedAt])}
${facts("Labels", ({ plan }) => {
  const labels = Object.entries(plan.labels).map(([key, value]) => `${key}=${value}`);
  return labels.length === 0 ? [] : [labels.join(", ")];
})}
${facts("Result", ({ id }) => [id])}
</dl></section>${runs.length === 1 ? renderPlan(runs[0]!.result) : NOTHING}`;
}

/** Of the machine that sent the load, or of those of the agents. */
function whileMeasured({ machine, client: { agents } }: RunResult): string[] {
  if (agents === undefined)
    return machine === null ? [] : [describeMachineState(machine).join(", ")];
  return agents.flatMap(({ name, machine: of }) =>
    of === null ? [] : [`agent ${name}: ${describeMachineState(of).join(", ")}`],
  );
}

function renderPlan({ plan }: RunResult): Markup {
  return html`<details class="data"><summary>The whole plan</summary><pre>${JSON.stringify(plan, null, 2)}</pre></details>`;
}
