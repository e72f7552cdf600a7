/** Refuses clusters and endpoints that cannot serve a plan, before anything is sent to them. */
import { usageError } from "../errors.ts";
import type { EndpointAnswer, EndpointFault } from "./endpoint-answers.ts";
import type { InspectRequest } from "./inspect.ts";

type Needs = Pick<InspectRequest, "leaderOnly" | "needsLeader">;

/** A note where the leader is not known. @throws BenchError (usage) where the plan needs one */
export function refuseWithoutLeader(
  { leaderOnly, needsLeader }: Needs,
  answers: readonly EndpointAnswer[],
  leaderId: string | null,
  notes: string[],
): void {
  const needs = leaderOnly ? "--target-leader needs one" : "writes and linearizable reads need one";
  if (leaderId === null && answers.some(({ leaderIsUnknown }) => leaderIsUnknown)) {
    if (leaderOnly) {
      throw usageError(
        "--target-leader: this user may not ask who leads: name the leader's own endpoint in --endpoints, or a user with the role root",
      );
    }
    notes.push("This user may not see which member leads.");
    return;
  }
  if (leaderId === null) {
    if (needsLeader || leaderOnly) {
      throw usageError(
        `--endpoints: the cluster has no leader, and ${needs}: start the majority of its members`,
      );
    }
    notes.push("The cluster has no leader.");
    return;
  }
  const cutOff = answers.find(
    ({ status, leaderIsUnknown }) => status.leaderId === null && !leaderIsUnknown,
  );
  if (cutOff !== undefined && needsLeader && !leaderOnly) {
    throw usageError(
      `--endpoints ${cutOff.endpoint} knows of no leader, and ${needs}: leave it out of --endpoints, or repair its network`,
    );
  }
}

const SERVES = "a learner serves serializable ranges only";
const INSTEAD_OF_ALL =
  "name a voting member, promote one, or read an existing key with --consistency=s";

/** @throws BenchError (usage) where a learner would get what it cannot serve */
export function refuseLearners(needs: Needs, answers: readonly EndpointAnswer[]): void {
  const [first, ...more] = learnerFaults(needs, answers);
  if (first === undefined) return;
  if (more.length + 1 < answers.length) throw first.error;
  throw usageError(`--endpoints names learners alone, and ${SERVES}: ${INSTEAD_OF_ALL}`);
}

/** Of each learner among them that would get what it cannot serve. */
export function learnerFaults(
  { leaderOnly, needsLeader }: Needs,
  answers: readonly EndpointAnswer[],
): EndpointFault[] {
  const learners = answers.filter(({ status }) => status.isLearner);
  const areAlone = learners.length === answers.length;
  // A learner knows where the leader is, to which alone the load goes; but lists no member.
  if (areAlone ? !needsLeader && !leaderOnly : !needsLeader || leaderOnly) return [];
  const fix = areAlone ? INSTEAD_OF_ALL : "leave it out of --endpoints, or promote it";
  return learners.map(({ endpoint }) => ({
    endpoint,
    error: usageError(`--endpoints ${endpoint} is a learner, and ${SERVES}: ${fix}`),
  }));
}
