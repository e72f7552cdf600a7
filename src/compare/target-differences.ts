/** Says in what the clusters of the two sides differ, where their labels need not tell it. */

import type { RunResult } from "../result/schema.ts";
import { usedMembers, usedMembersText } from "../result/used-members.ts";
import type { Cell } from "./cells.ts";

/** Null: not known. */
type Fact = readonly [string, (run: RunResult) => string | null];

const FOUND: readonly Fact[] = [
  ["members", ({ target: { members } }) => (members.length === 0 ? null : `${members.length}`)],
  ["members that got requests", usedText],
  ["the file system of the data", ({ target }) => target.dataFileSystem],
];
/** The arms of a session are named by these. */
const ASKED_FOR: readonly Fact[] = [
  ["flags of etcd", ({ plan }) => plan.target.local?.serverArgs.join(" ") || "none"],
  ["TLS", ({ plan: { target } }) => yesOrNo(target.tls !== null || (target.local?.tls ?? false))],
  [
    "authentication",
    ({ plan: { target } }) =>
      yesOrNo(target.user !== null || (target.local?.auth ?? null) !== null),
  ],
  ["etcd's grpc-proxy", ({ plan: { target } }) => yesOrNo(target.local?.grpcProxy ?? false)],
  ["fault proxies", ({ plan: { target } }) => yesOrNo(target.local?.proxied ?? false)],
];

export function targetDifferences(
  { name, base, head }: Cell,
  { baseLabel, headLabel }: { baseLabel: string; headLabel: string },
): string[] {
  const facts = areArms([...base, ...head]) ? FOUND : [...FOUND, ...ASKED_FOR];
  const differing = facts.flatMap(([fact, of]) => {
    const [ofBase, ofHead] = [valuesOf(base, of), valuesOf(head, of)];
    if (ofBase.size === 0 || ofHead.size === 0) return [];
    // What some runs of both have in common is no difference of the sides.
    if ([...ofBase].some((value) => ofHead.has(value))) return [];
    return [`${fact} (${words(ofBase)} in ${baseLabel}, ${words(ofHead)} in ${headLabel})`];
  });
  return differing.length === 0
    ? []
    : [`${name}: the clusters of the two sides differ in ${differing.join(", ")}.`];
}

/** Of one session of `bench ab`. */
function areArms(runs: readonly RunResult[]): boolean {
  const sessions = new Set(runs.map(({ plan }) => plan.labels.session));
  return sessions.size === 1 && !sessions.has(undefined);
}

function valuesOf(runs: readonly RunResult[], of: (run: RunResult) => string | null): Set<string> {
  return new Set(runs.flatMap((run) => of(run) ?? []));
}

function words(values: ReadonlySet<string>): string {
  return [...values].toSorted().join(" or ");
}

function usedText({ target }: RunResult): string | null {
  const used = usedMembers(target);
  return used === null || used.count === 0 ? null : usedMembersText(used);
}

function yesOrNo(is: boolean): string {
  return is ? "yes" : "no";
}
