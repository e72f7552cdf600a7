/** Runs a schedule of events over a fake control client. */
import { status } from "@grpc/grpc-js";
import { sharedNowNs } from "../../../src/clock.ts";
import { ControlError } from "../../../src/etcd/control-client.ts";
import { plannedEvents } from "../../../src/events/catalogue.ts";
import type { EtcdControl } from "../../../src/events/definition.ts";
import { EventSchedule, type ScheduleOptions } from "../../../src/events/schedule.ts";
import { seededRandom } from "../../../src/random.ts";
import { refusalOf } from "../../../src/run/events.ts";

export type Plans = Omit<Parameters<typeof plannedEvents>[0], "events">;

export const COMPACTIONS: Plans = { compaction: { intervalMs: 2, keptRevisions: 100 } };

export function refusal(code: status, details: string): ControlError {
  return new ControlError("Compact", "a:1", { code, details } as never);
}

/** Records the requests to etcd in order; `answers` replace the default responses. */
export class FakeClient implements EtcdControl {
  readonly asked: string[] = [];
  readonly #answers: Partial<EtcdControl>;
  #cancel: (() => void)[] = [];

  constructor(answers: Partial<EtcdControl> = {}) {
    this.#answers = answers;
  }

  async revision(endpoint?: string): Promise<number> {
    this.asked.push(`revision ${endpoint}`);
    return (await this.#answers.revision?.(endpoint)) ?? 1_000;
  }

  async compact(request: { revision: number; physical?: boolean }, options = {}) {
    const { endpoint } = options as { endpoint?: string };
    this.asked.push(`compact ${endpoint} ${request.revision} ${request.physical}`);
    return (await this.#answers.compact?.(request)) ?? { revision: 1_000 };
  }

  async defragment(endpoint?: string): Promise<void> {
    this.asked.push(`defragment ${endpoint}`);
    await this.#answers.defragment?.(endpoint);
  }

  async status(): Promise<never> {
    throw new Error("nobody asks for it");
  }

  async moveLeader(): Promise<never> {
    throw new Error("nobody asks for it");
  }

  async setNoSpaceAlarm(): Promise<never> {
    throw new Error("nobody asks for it");
  }

  /** Like a call of grpc-js that never gets its response. */
  never(): Promise<never> {
    return new Promise((_, reject) => {
      this.#cancel.push(() => reject(refusal(status.CANCELLED, "Cancelled on client")));
    });
  }

  close(): void {
    this.asked.push("close");
    for (const cancel of this.#cancel) cancel();
  }
}

const MEMBERS = [
  { id: "1", name: "m1", endpoint: "a:1", isLeader: null },
  { id: "2", name: "m2", endpoint: "b:1", isLeader: null },
];

export function scheduled(
  plans: Plans,
  client: FakeClient,
  options: Partial<ScheduleOptions> = {},
) {
  const work: boolean[] = [];
  const running = new EventSchedule({
    events: plannedEvents({ ...plans, events: [] }),
    random: seededRandom(1, 0),
    client,
    target: { endpoints: ["a:1", "b:1"], members: MEMBERS, cluster: null },
    untilMs: null,
    refusalOf,
    onEvent: (isBegin) => work.push(isBegin),
    ...options,
  });
  running.start(sharedNowNs());
  return { running, work };
}

export const asked = (client: FakeClient, what: string) =>
  client.asked.filter((each) => each.startsWith(what)).length;
