/** What happens to a member's process: it is killed, stopped, paused or restarted. */
import { ofMember } from "./definition.ts";
import { memberEvent } from "./member-choice.ts";
import type { TimedEvent } from "./timed-event.ts";

/** SIGKILL, as a crash: the others find out that it is gone. */
export const KILL: TimedEvent = memberEvent({
  kind: { kind: "kill", mark: "K", describe: ofMember("kill"), changesLeader: true },
  verb: "kill",
  async begin({ name }, { cluster }) {
    cluster.recordStop(name);
    await cluster.kill(name);
  },
  putRight: (name, cluster) => cluster.ensureRuns(name),
});

/** SIGINT: etcd hands leadership over before it ends. */
export const STOP: TimedEvent = memberEvent({
  kind: { kind: "stop", mark: "S", describe: ofMember("stop"), changesLeader: true },
  verb: "stop",
  async begin({ name }, { cluster }) {
    cluster.recordStop(name);
    await cluster.stop(name);
  },
  putRight: (name, cluster) => cluster.ensureRuns(name),
});

/** SIGSTOP: connections stay open, and nothing answers. */
export const PAUSE: TimedEvent = memberEvent({
  kind: { kind: "pause", mark: "P", describe: ofMember("pause"), changesLeader: true },
  verb: "pause",
  async begin({ name }, { cluster }) {
    cluster.pause(name);
  },
  async putRight(name, cluster) {
    cluster.resume(name);
  },
});

/** A graceful stop and a start on the same data. */
export const RESTART: TimedEvent = memberEvent({
  kind: { kind: "restart", mark: "R", describe: ofMember("restart"), changesLeader: true },
  verb: "restart",
  begin: ({ name }, { cluster }) => cluster.restart(name),
});
