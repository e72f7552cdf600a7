/** Keeps the identity of a run and when it began, was measured and ended. */
import { sharedNowNs } from "../clock.ts";
import { newResultId } from "../result/id.ts";

export class RunTimes {
  /** Of the result. */
  readonly id: string;
  readonly startedAt = new Date();
  /** When the measured phase begins; null where it does not. */
  measuredAt: Date | null = null;
  /** The same on the clock that the threads share: the start of the first measured slice; 0: none. */
  originNs = 0;
  measuredUntilNs = 0;

  constructor() {
    this.id = newResultId(this.startedAt.getTime());
  }

  /** The measured phase begins at `startNs`, which is to come. */
  beginsAt(startNs: number): { id: string; measuredAt: Date; originNs: number } {
    const measuredAt = new Date(Date.now() + (startNs - sharedNowNs()) / 1e6);
    this.originNs = startNs;
    this.measuredAt = measuredAt;
    return { id: this.id, measuredAt, originNs: startNs };
  }

  /** A measured slice has ended. */
  sliceEnded(): void {
    this.measuredUntilNs = sharedNowNs();
  }

  get durationSeconds(): number {
    return (this.measuredUntilNs - this.originNs) / 1e9;
  }
}
