/** Faults of a member's disk, by strace: nothing is written to it, and no privilege over mounts is needed. */
import { formatDuration, readDurationMs } from "../units.ts";
import { ofMember } from "./definition.ts";
import {
  checkChoice,
  chosenMember,
  claimsOf,
  isMemberChoice,
  MEMBER_USAGE,
  namesOf,
  ownMember,
} from "./member-choice.ts";
import { inject, requireStrace } from "./strace.ts";
import { ownContext, type TimedAction, type TimedEvent } from "./timed-event.ts";

/** etcd waits for these with each write of its log and each commit of its backend. */
const SYNCS = "fdatasync,fsync";
/** What needs space on a disk: data that is flushed, pages of the backend, and longer files. */
const NEED_SPACE = "fdatasync,fsync,pwrite64,fallocate,ftruncate";

/** Each fdatasync of the member returns so much later. */
export const SLOW_DISK: TimedEvent = {
  kind: {
    ...{ kind: "slow-disk", mark: "W", changesLeader: true },
    describe: ofMember("slow disk"),
  },
  ...{ verb: "slow-disk", usage: `${MEMBER_USAGE} DELAY`, lasts: true, needsOwnCluster: true },
  read(given) {
    const [choice, delay, ...more] = given.split(/\s+/);
    const delayMs = readDurationMs(delay ?? "");
    if (!isMemberChoice(choice) || delayMs === null || delayMs <= 0 || more.length > 0) return null;
    const delayUs = Math.round(delayMs * 1_000);
    return {
      ...traced(choice, `${SYNCS}:delay_exit=${delayUs}`),
      text: `${choice} ${formatDuration(delayMs)}`,
    };
  },
};

/** The system says that there is no space left, on which etcd ends. */
export const FULL_DISK: TimedEvent = {
  kind: {
    ...{ kind: "fill-disk", mark: "F", changesLeader: true },
    describe: ofMember("full disk"),
  },
  ...{ verb: "fill-disk", usage: MEMBER_USAGE, lasts: true, needsOwnCluster: true },
  read(choice) {
    if (!isMemberChoice(choice)) return null;
    return { ...traced(choice, `${NEED_SPACE}:error=ENOSPC`), text: choice };
  },
};

/** A fault of system calls of one member. One that ended by it is started again at the end. */
function traced(choice: string, injection: string): Omit<TimedAction, "text"> {
  return {
    names: namesOf(choice),
    claims: claimsOf(choice, "the process"),
    check(site) {
      requireStrace();
      checkChoice(choice, site);
    },
    async *actions(given, lastsMs) {
      const context = ownContext(given);
      const { cluster } = context;
      const { name, pid } = ownMember((await chosenMember(choice, context)).name, cluster);
      let detach: (() => Promise<void>) | null = null;
      yield {
        member: name,
        revision: null,
        async begin() {
          // etcd may end by it.
          cluster.recordStop(name);
          detach = await inject(pid, injection);
        },
        end: {
          lastsMs,
          async putRight() {
            await detach?.();
            await cluster.ensureRuns(name);
          },
        },
      };
    },
  };
}
