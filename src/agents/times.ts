/**
 * Moves the times in commands from the coordinator's clock to an agent's, and those in reports back. An agent
 * knows of no clock but its own.
 */
import type { PhaseDoneMessage } from "../load/messages.ts";
import type { RequestChunk } from "../load/recording/request-log.ts";
import type { Command, Report, Second } from "./protocol.ts";

/** For an agent whose clock is ahead by `offsetNs`. */
export function movedCommand(command: Command, offsetNs: number): Command {
  switch (command.type) {
    case "phase": {
      const { startNs } = command.command;
      return { ...command, command: { ...command.command, startNs: startNs + offsetNs } };
    }
    case "event":
      return { ...command, atNs: command.atNs + offsetNs };
    default:
      return command;
  }
}

/**
 * A report of an agent whose clock is ahead by `offsetNs`, on the coordinator's clock.
 * @param offsetAtStartNs how far it was ahead when the phase began
 */
export function movedReport(report: Report, offsetNs: number, offsetAtStartNs = offsetNs): Report {
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
      return {
        ...report,
        done: report.done.map((each) => movedDone(each, offsetNs, offsetAtStartNs)),
      };
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

function movedDone(
  done: PhaseDoneMessage,
  offsetNs: number,
  offsetAtStartNs: number,
): PhaseDoneMessage {
  const { lastEffectNs, beganNs } = done;
  return {
    ...done,
    lastEndNs: done.lastEndNs - offsetNs,
    lastSendNs: done.lastSendNs - offsetNs,
    lastDueNs: done.lastDueNs - offsetNs,
    ...(lastEffectNs !== undefined && { lastEffectNs: lastEffectNs - offsetNs }),
    ...(beganNs !== undefined && { beganNs: beganNs - offsetAtStartNs }),
  };
}

function movedRequests(requests: RequestChunk, offsetNs: number): RequestChunk {
  const moved = (times: Float64Array) => times.map((each) => each - offsetNs);
  return { ...requests, dueNs: moved(requests.dueNs), endNs: moved(requests.endNs) };
}
