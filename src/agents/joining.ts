/** How an agent joins a group: under a name of its own, and not where a run that it cannot serve waits. */
import { setTimeout as delay } from "node:timers/promises";
import { usageError } from "../errors.ts";
import type { Coordination } from "./coordination.ts";
import { LEASE_SECONDS } from "./lease.ts";
import { pack } from "./pack.ts";
import { COORDINATOR, type Hello, memberKey } from "./protocol.ts";
import { unservable } from "./run-claim.ts";

const RETRY_MS = 500;
/** One that was killed has its name until its lease ends. */
const NAME_WITHIN_SECONDS = 2 * LEASE_SECONDS;

export interface JoinOptions {
  name: string;
  group: string;
  hello: Hello;
  lease: string;
  say: (line: string) => void;
  /** The agent is to leave. */
  isOver: () => boolean;
}

/**
 * Resolves to the revision of its key; null: it is to leave.
 * @throws BenchError (usage) where another agent keeps the name, or a run has the group that it cannot serve
 */
export async function joinGroup(
  coordination: Coordination,
  options: JoinOptions,
): Promise<number | null> {
  const { name, group, hello, say } = options;
  const { entries, next } = await coordination.list(COORDINATOR);
  for (const { value } of entries) {
    const why = unservable(coordination.key, value);
    // It would end that run, which waits for agents.
    if (why !== null) throw usageError(`a run has the group ${group}, and ${why}`);
  }
  const key = memberKey(name);
  const sealed = coordination.key.seal(key, pack(hello));
  const revision = await claimName(coordination, key, sealed, options);
  if (revision === null) return null;
  coordination.follow(COORDINATOR, next, {
    onEvent({ kv, isDelete }) {
      const why = isDelete ? null : unservable(coordination.key, kv.value);
      if (why !== null) say(`agent ${name} is of no use to the run that has come: ${why}`);
    },
    // Only why it is not used would be unknown.
    onBroken() {},
  });
  return revision;
}

async function claimName(
  coordination: Coordination,
  key: string,
  sealed: Buffer,
  { name, group, lease, say, isOver }: JoinOptions,
): Promise<number | null> {
  const untilMs = performance.now() + NAME_WITHIN_SECONDS * 1e3;
  const taken = `--name=${name}: an agent of that name is in the group ${group}`;
  for (let isFirst = true; ; isFirst = false) {
    const revision = await coordination.claim(key, sealed, lease);
    if (revision !== null) return revision;
    if (performance.now() > untilMs) throw usageError(`${taken}; give another name`);
    if (isFirst) {
      say(
        `${taken}; this one waits for ${NAME_WITHIN_SECONDS} s, as that one may have been killed`,
      );
    }
    await delay(RETRY_MS);
    if (isOver()) return null;
  }
}
