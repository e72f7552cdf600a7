/** Shows who is in a group, and sends its agents away: for a command that sends no load. */
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { Coordination } from "./coordination.ts";
import { WrongVersion } from "./envelope.ts";
import type { JoinFile } from "./join-file.ts";
import { readHello } from "./message-schema.ts";
import { unpack } from "./pack.ts";
import { COMMANDS, commandsKey, type Hello, MEMBERS, memberKey } from "./protocol.ts";
import { RemoteAgent } from "./remote-agent.ts";

const POLL_MS = 200;

export interface Member {
  name: string;
  /** Null: it cannot be read, for the reason in `refusal`. */
  hello: Hello | null;
  refusal: string | null;
  lease: string;
  /** A run has it. */
  isBusy: boolean;
}

export class Roster {
  readonly #coordination: Coordination;

  private constructor(coordination: Coordination) {
    this.#coordination = coordination;
  }

  /** @throws BenchError (unreachable) where the coordination etcd does not answer */
  static async open(join: JoinFile): Promise<Roster> {
    const coordination = new Coordination(join);
    try {
      await coordination.clusterId();
      return new Roster(coordination);
    } catch (error) {
      coordination.close();
      throw error;
    }
  }

  /** Seconds until a lease ends unless it is renewed; null: it is gone. */
  leaseLeft(lease: string): Promise<number | null> {
    return this.#coordination.leaseLeft(lease);
  }

  /** In the order in which they joined. */
  async members(): Promise<Member[]> {
    const [listed, commanded] = await Promise.all([
      this.#coordination.list(MEMBERS),
      this.#coordination.list(COMMANDS),
    ]);
    const busy = new Set(commanded.entries.map(({ name }) => name));
    return listed.entries.map(({ name: key, value, lease }) => {
      const name = key.slice(MEMBERS.length);
      return { name, lease, isBusy: busy.has(commandsKey(name)), ...this.#read(name, value) };
    });
  }

  /**
   * Asks agents to leave, as the end of a run with a throwaway coordination etcd does, and waits until they
   * have. @returns false: a run has the group, and they stay
   */
  async sendAway(names: readonly string[], withinMs: number): Promise<boolean> {
    const wanted = new Set(names);
    const inGroup = async () => (await this.members()).filter(({ name }) => wanted.has(name));
    const lease = await this.#coordination.lease(() => {});
    try {
      if (!(await this.#coordination.claimGroup(lease))) return false;
      await Promise.all(
        (await inGroup()).map(async ({ name, hello }) => {
          if (hello === null) return;
          const session = randomBytes(8).toString("hex");
          const agent = new RemoteAgent({ name, hello }, this.#coordination, { session, lease });
          agent.send({ type: "session", session });
          agent.send({ type: "end", isLast: true });
          await agent.flush();
        }),
      );
      const untilMs = performance.now() + withinMs;
      while ((await inGroup()).length > 0 && performance.now() < untilMs) await delay(POLL_MS);
      return true;
    } finally {
      await this.#coordination.revoke(lease);
    }
  }

  close(): void {
    this.#coordination.close();
  }

  #read(name: string, value: Buffer): Pick<Member, "hello" | "refusal"> {
    const key = memberKey(name);
    try {
      return { hello: readHello(unpack(this.#coordination.key.open(key, value))), refusal: null };
    } catch (error) {
      const refusal =
        error instanceof WrongVersion
          ? `it speaks version ${error.theirs} of the agents' protocol`
          : (error as Error).message;
      return { hello: null, refusal };
    }
  }
}
