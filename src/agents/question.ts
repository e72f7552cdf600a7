/** What all agents of a pool are asked for, until each that is not lost has answered for its own workers. */
import type { Report } from "./protocol.ts";
import type { RemoteAgent } from "./remote-agent.ts";

export type Answer = Extract<Report, { type: "opened" | "phase-done" | "closed" }>;

export class Question {
  /** Resolves when all have answered. */
  readonly answered: Promise<void>;
  readonly #type: Answer["type"];
  readonly #phaseId: number | undefined;
  readonly #answers = new Map<RemoteAgent, Answer>();
  #resolve: () => void = () => {};
  #reject: (error: Error) => void = () => {};

  /** @param phaseId of a phase that is asked for */
  constructor(type: Answer["type"], phaseId?: number) {
    this.#type = type;
    this.#phaseId = phaseId;
    this.answered = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Agents may answer before `answered` is awaited.
    this.answered.catch(() => {});
  }

  get answers(): Answer[] {
    return [...this.#answers.values()];
  }

  /**
   * Why it is no answer, as a clause; null: it was taken.
   * @param workers of the agent, in order
   */
  take(agent: RemoteAgent, answer: Answer, workers: readonly number[]): string | null {
    if (answer.type !== this.#type || this.#answers.has(agent) || !this.#isOfPhase(answer)) {
      return "it answered what was not asked";
    }
    const answeredFor = workersIn(answer)?.toSorted((one, other) => one - other);
    if (answeredFor !== undefined && answeredFor.join() !== workers.join()) {
      return "it answered for other workers than its own";
    }
    this.#answers.set(agent, answer);
    return null;
  }

  /** Resolves `answered` if no agent is left to answer. */
  settle(agents: readonly RemoteAgent[]): void {
    const isOpen = agents.some((agent) => agent.lost === null && !this.#answers.has(agent));
    if (!isOpen) this.#resolve();
  }

  fail(error: Error): void {
    this.#reject(error);
  }

  #isOfPhase(answer: Answer): boolean {
    return (
      answer.type !== "phase-done" || answer.done.every(({ phaseId }) => phaseId === this.#phaseId)
    );
  }
}

function workersIn(answer: Answer): number[] | undefined {
  if (answer.type === "closed") return undefined;
  const each = answer.type === "opened" ? answer.opened : answer.done;
  return each.map(({ workerIndex }) => workerIndex);
}
