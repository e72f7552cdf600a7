/** Moves the times in commands and reports from one machine's clock to another's. */
import type { PhaseCommand, PhaseDoneMessage } from "../load/messages.ts";
import type { RequestChunk } from "../load/recording/request-log.ts";
import type { Report, Second } from "./protocol.ts";

/** A command with its start on a clock that is ahead by `offsetNs`. */
export function movedPhase(command: PhaseCommand, offsetNs: number): PhaseCommand {
  return { ...command, startNs: command.startNs + offsetNs };
}

/** A report of an agent whose clock is ahead by `offsetNs`, on the coordinator's clock. */
export function movedReport(report: Report, offsetNs: number): Report {
  switch (report.type) {
    case "second":
      return { ...report, second: movedSecond(report.second, offsetNs) };
    case "pause":
      return {
        ...report,
        pause: { ...report.pause, startNs: report.pause.startNs - offsetNs },
      };
    case "requests":
      return { type: "requests", requests: movedRequests(report.requests, offsetNs) };
    case "phase-done":
      return { ...report, done: report.done.map((each) => movedDone(each, offsetNs)) };
    default:
      return report;
  }
}

function movedSecond({ snapshot, recorded }: Second, offsetNs: number): Second {
  const { fromNs, toNs } = snapshot;
  return {
    snapshot: { ...snapshot, fromNs: fromNs - offsetNs, toNs: toNs - offsetNs },
    recorded: recorded.map((record) => ({
      ...record,
      slowest: record.slowest.map((each) => ({ ...each, endNs: each.endNs - offsetNs })),
    })),
  };
}

function movedDone(done: PhaseDoneMessage, offsetNs: number): PhaseDoneMessage {
  const { lastEffectNs, beganNs } = done;
  return {
    ...done,
    lastEndNs: done.lastEndNs - offsetNs,
    lastSendNs: done.lastSendNs - offsetNs,
    lastDueNs: done.lastDueNs - offsetNs,
    ...(lastEffectNs !== undefined && { lastEffectNs: lastEffectNs - offsetNs }),
    ...(beganNs !== undefined && { beganNs: beganNs - offsetNs }),
  };
}

function movedRequests(requests: RequestChunk, offsetNs: number): RequestChunk {
  const moved = (times: Float64Array) => times.map((each) => each - offsetNs);
  return { ...requests, dueNs: moved(requests.dueNs), endNs: moved(requests.endNs) };
}
