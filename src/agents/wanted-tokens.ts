/** Gets an agent's workers new tokens of the etcd under test from the coordinator, which alone has the password. */
import type { TokenGiver } from "../etcd/control-client.ts";
import type { Command } from "./protocol.ts";
import type { RemoteAgent } from "./remote-agent.ts";

interface Wanted {
  token: Promise<string | null>;
  resolve: (token: string | null) => void;
  reject: (error: Error) => void;
}

export class WantedTokens implements TokenGiver {
  readonly #ask: (refused: string) => void;
  /** By the token that etcd refused: workers that want another in its place get the same. */
  readonly #wanted = new Map<string, Wanted>();

  constructor(ask: (refused: string) => void) {
    this.#ask = ask;
  }

  /** Workers begin with the one of their setup. */
  async token(): Promise<null> {
    return null;
  }

  async renew(refused: string): Promise<string | null> {
    const known = this.#wanted.get(refused);
    if (known !== undefined) return known.token;
    let settle: Pick<Wanted, "resolve" | "reject"> | undefined;
    const token = new Promise<string | null>((resolve, reject) => {
      settle = { resolve, reject };
    });
    this.#wanted.set(refused, { token, ...settle! });
    this.#ask(refused);
    return token;
  }

  answer(refused: string, token: string | null): void {
    this.#take(refused)?.resolve(token);
  }

  fail({ refused, reason }: Extract<Command, { type: "token-failed" }>): void {
    this.#take(refused)?.reject(new Error(reason));
  }

  #take(refused: string): Wanted | undefined {
    const wanted = this.#wanted.get(refused);
    this.#wanted.delete(refused);
    return wanted;
  }
}

/** The coordinator's side: sends what `tokens` gives in place of the refused one. */
export async function giveToken(
  agent: Pick<RemoteAgent, "send">,
  refused: string,
  tokens: TokenGiver | null,
): Promise<void> {
  try {
    agent.send({ type: "token", refused, token: (await tokens?.renew(refused)) ?? null });
  } catch (error) {
    agent.send({ type: "token-failed", refused, reason: (error as Error).message });
  }
}
