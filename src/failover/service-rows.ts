/** Makes the rows of a failover report: what each operation's clients saw, over the trials of a fault. */
import { ALL_ENDPOINTS } from "../result/attachments.ts";
import type { Availability, AvailabilityGroup } from "../result/availability-schema.ts";
import type { RunResult } from "../result/schema.ts";
import { distributionOf } from "./distribution.ts";
import { type PausedMs, timeWithoutPauses, windowsWithoutPauses } from "./paused-client.ts";
import type { Distribution, Role, ServiceRow } from "./report-schema.ts";

export interface Trial {
  result: RunResult;
  availability: Availability;
  pausedMs: PausedMs;
}

const ROLE_ORDER: readonly Role[] = ["all", "any", "other", "faulted"];

export function serviceRows(trials: readonly Trial[]): ServiceRow[] {
  const operations = new Set(
    trials.flatMap(({ availability }) => availability.groups.map(({ operation }) => operation)),
  );
  return [...operations].flatMap((operation) =>
    ROLE_ORDER.flatMap((role): ServiceRow[] => {
      const groupsOf = ({ availability }: Trial) =>
        availability.groups.filter((each) => each.operation === operation && roleOf(each) === role);
      if (trials.every((trial) => groupsOf(trial).length === 0)) return [];
      return [serviceRow(operation, role, trials, groupsOf)];
    }),
  );
}

function serviceRow(
  operation: string,
  role: Role,
  trials: readonly Trial[],
  groupsOf: (trial: Trial) => readonly AvailabilityGroup[],
): ServiceRow {
  type Figure = (group: AvailabilityGroup) => number | null;
  const worstOf = (of: Figure) => (trial: Trial) => worst(groupsOf(trial).map(of));
  const counts = (of: Figure, isBound: readonly boolean[] = []) =>
    distributionOf(trials.map(worstOf(of)), { isBound });
  const times = (of: Figure) => timesSinceFault(trials, worstOf(of));
  const isOpen = trials.map((trial) =>
    groupsOf(trial).some(({ windows }) => windows.some((window) => window.isOpen)),
  );
  const windows = (of: Figure, part: "longestMs" | "totalMs") =>
    distributionOf(trials.map(worstOf(of)), {
      isBound: isOpen,
      withoutPauses: trials.map((trial) =>
        worst(groupsOf(trial).map((group) => windowsWithoutPauses(group, trial.pausedMs)[part])),
      ),
    });
  return {
    operation,
    role,
    longestWindowMs: windows(({ longestWindowMs }) => longestWindowMs, "longestMs"),
    unavailableMs: windows(({ unavailableMs }) => unavailableMs, "totalMs"),
    windows: counts((group) => group.windows.length),
    firstErrorMs: counts(({ firstErrorMs }) => firstErrorMs),
    firstSuccessMs: times(({ firstSuccessMs }) => firstSuccessMs),
    fullRateMs: times(({ fullRateMs }) => fullRateMs),
    fullSpeedMs: times(({ fullSpeedMs }) => fullSpeedMs),
    requestsLost: counts(({ requestsLost }) => requestsLost, isOpen),
    availabilityPercent: distributionOf(
      trials.map((trial) => least(groupsOf(trial).map((group) => group.availabilityPercent))),
    ),
  };
}

/** Times that count from the fault on. */
export function timesSinceFault(
  trials: readonly Trial[],
  of: (trial: Trial) => number | null,
): Distribution {
  return distributionOf(trials.map(of), {
    withoutPauses: trials.map((trial) =>
      timeWithoutPauses(of(trial), trial.availability.fault?.startMs ?? 0, trial.pausedMs),
    ),
  });
}

export function roleOf({ isFaulted, attachment }: AvailabilityGroup): Role {
  if (attachment === ALL_ENDPOINTS) return "all";
  if (isFaulted === null) return "any";
  return isFaulted ? "faulted" : "other";
}

export function worst(values: readonly (number | null)[]): number | null {
  // One that did not come back at all is worse than any that did.
  if (values.length === 0 || values.some((value) => value === null)) return null;
  return Math.max(...values.map((value) => value!));
}

export function least(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.min(...known);
}
