/**
 * Gets etcd's tokens for one run: the first, and a new one when etcd rejects the last one, once for all
 * callers at the same time. Only here does a password leave this process.
 */

import { setTimeout as delay } from "node:timers/promises";
import { status as statusCodes } from "@grpc/grpc-js";
import type { Access } from "../access/access.ts";
import { keepSecret } from "../text/secrets.ts";
import { ControlClient, ControlError } from "./control-client.ts";

/** What control clients and workers need to get in. */
export interface OpenedAccess {
  tls: Access["tls"];
  tokens: TokenSource | null;
}

/** A member that has just come back, or an election, is waited for so long. */
const RENEW_WITHIN_MS = 5_000;
const RETRY_MS = 200;
/** After so long without an answer the next member is asked too. */
const SILENT_MS = 1_000;
/**
 * So long after etcd refused the name and the password in a renewal it is not asked again. The user
 * may be back by then.
 */
const REFUSAL_HOLDS_MS = 1_000;

export function openAccess(endpoints: readonly string[], access: Access): OpenedAccess {
  const { tls, credentials } = access;
  const tokens = credentials === null ? null : new TokenSource(endpoints, { tls, credentials });
  return { tls, tokens };
}

export class TokenSource {
  readonly user: string;
  readonly #password: string;
  readonly #client: ControlClient;
  /** Null: etcd has no authentication, so that none is needed. */
  #token: string | null | undefined;
  #asking: Promise<string | null> | null = null;
  #refusal: { error: unknown; untilMs: number } | null = null;

  constructor(
    endpoints: readonly string[],
    { tls, credentials }: { tls: Access["tls"]; credentials: NonNullable<Access["credentials"]> },
  ) {
    this.user = credentials.user;
    this.#password = credentials.password;
    this.#client = new ControlClient(endpoints, { access: { tls, tokens: null } });
  }

  /** The token of now. @throws ControlError of Authenticate */
  async token(): Promise<string | null> {
    return this.#token === undefined ? await this.#ask(0) : this.#token;
  }

  /**
   * A token in place of one that was refused; asks etcd only where that was not done already. After a
   * refusal of the name and the password, asks at most once a second.
   * @throws ControlError of Authenticate
   */
  async renew(refused: string): Promise<string | null> {
    if (this.#token !== undefined && this.#token !== refused) return this.#token;
    const refusal = this.#refusal;
    if (refusal !== null && performance.now() < refusal.untilMs) throw refusal.error;
    return await this.#ask(RENEW_WITHIN_MS);
  }

  close(): void {
    this.#client.close();
  }

  #ask(withinMs: number): Promise<string | null> {
    this.#asking ??= this.#askUntil(performance.now() + withinMs).finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #askUntil(deadlineMs: number): Promise<string | null> {
    for (;;) {
      try {
        this.#token = await this.#askEach();
        return this.#token;
      } catch (error) {
        if (isFinalRefusal(error)) {
          this.#refusal = { error, untilMs: performance.now() + REFUSAL_HOLDS_MS };
          throw error;
        }
        if (performance.now() > deadlineMs) throw error;
        await delay(RETRY_MS);
      }
    }
  }

  /**
   * The token counts on every member, so that the first that answers will do. As long as one answers no
   * other is asked: to check a password is hard work for etcd by design.
   */
  #askEach(): Promise<string | null> {
    return new Promise((resolve, reject) => {
      const left = [...this.#client.endpoints];
      let awaited = left.length;
      let firstFault: unknown;
      let patience: NodeJS.Timeout | undefined;
      const end = (): void => {
        left.length = 0;
        clearTimeout(patience);
      };
      const askNext = (): void => {
        clearTimeout(patience);
        const endpoint = left.shift();
        if (endpoint === undefined) return;
        patience = setTimeout(askNext, SILENT_MS);
        this.#askAt(endpoint).then(
          (token) => {
            end();
            resolve(token);
          },
          (error: unknown) => {
            awaited -= 1;
            firstFault ??= error;
            if (awaited > 0 && !isFinalRefusal(error)) return askNext();
            end();
            reject(isFinalRefusal(error) ? error : firstFault);
          },
        );
      };
      askNext();
    });
  }

  async #askAt(endpoint: string): Promise<string | null> {
    try {
      const token = await this.#client.authenticate(this.user, this.#password, { endpoint });
      keepSecret(token);
      return token;
    } catch (error) {
      if (isAuthenticationOff(error)) return null;
      throw error;
    }
  }
}

/** etcd has looked at the name and the password: to ask again at once changes nothing. */
export function isFinalRefusal(error: unknown): boolean {
  if (!(error instanceof ControlError)) return true;
  return (
    error.code === statusCodes.INVALID_ARGUMENT ||
    error.code === statusCodes.UNAUTHENTICATED ||
    error.code === statusCodes.PERMISSION_DENIED ||
    error.code === statusCodes.UNIMPLEMENTED
  );
}

function isAuthenticationOff(error: unknown): boolean {
  return error instanceof ControlError && error.details.includes("authentication is not enabled");
}
