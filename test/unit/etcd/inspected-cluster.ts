/** Starts a cluster of fake members, and inspects it. */
import * as assert from "uvu/assert";
import { BenchError, type ExitCode } from "../../../src/errors.ts";
import { type InspectRequest, inspectTarget } from "../../../src/etcd/inspect.ts";
import { patient } from "../../harness/patience.ts";
import { type Answer, type FakeEtcd, startFakeEtcd } from "../../peers/fake-etcd.ts";

export const PATIENT_MS = patient(20_000);

export interface FakeMember {
  id: number;
  leader?: number;
  cluster?: number;
  term?: number;
  version?: string;
  learner?: boolean;
  clientUrls?: string[];
  peerUrls?: string[];
  alarms?: string[];
  /** Replaces the usual answers, by method. */
  answers?: Record<string, Answer>;
}

/** Starts one server per member; each lists all members at their real URLs by default. */
export async function withCluster(
  members: FakeMember[],
  use: (...endpoints: string[]) => Promise<void>,
): Promise<void> {
  const fakes: FakeEtcd[] = [];
  const list = () => ({
    header: { clusterId: 1 },
    members: members.map((member, i) => ({
      ID: member.id,
      name: `m${member.id}`,
      clientURLs: member.clientUrls ?? [`http://${fakes[i]!.endpoint}`],
      peerURLs: member.peerUrls ?? [],
      isLearner: member.learner ?? false,
    })),
  });
  for (const member of members) {
    fakes.push(
      await startFakeEtcd({
        Status: () => ({
          header: { clusterId: member.cluster ?? 1, memberId: member.id },
          version: member.version ?? "3.5.30",
          leader: member.leader ?? 1,
          raftTerm: member.term ?? 2,
          dbSize: 1000 + member.id,
          isLearner: member.learner ?? false,
          errors: member.alarms ?? [],
        }),
        Range: () => ({ header: {} }),
        MemberList: list,
        ...member.answers,
      }),
    );
  }
  try {
    await use(...fakes.map(({ endpoint }) => endpoint));
  } finally {
    for (const fake of fakes) await fake.stop();
  }
}

export function inspect(endpoints: string[], over: Partial<InspectRequest> = {}) {
  return inspectTarget({
    endpoints,
    leaderOnly: false,
    needsLeader: true,
    timeoutMs: PATIENT_MS,
    electionMs: 0,
    ...over,
  });
}

export async function refused(
  inspection: Promise<unknown>,
  exitCode: ExitCode,
  why: RegExp,
): Promise<void> {
  try {
    await inspection;
  } catch (error) {
    assert.instance(error, BenchError, String(error));
    assert.match((error as BenchError).message, why);
    assert.not.match((error as BenchError).message, /\n/);
    assert.is((error as BenchError).exitCode, exitCode);
    return;
  }
  assert.unreachable("it was taken");
}
