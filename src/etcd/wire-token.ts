/** Gives the calls over bench's own transport etcd's token, and a new one in place of one that is refused. */
import { TokenHolder } from "#wire";
import { isTokenRefused } from "../access/token-refused.ts";
import type { TokenSource } from "./token-source.ts";

/** Null where etcd asks for no token. @throws ControlError of Authenticate */
export async function wireToken(tokens: TokenSource | null): Promise<TokenHolder | null> {
  const token = (await tokens?.token()) ?? null;
  if (tokens === null || token === null) return null;
  const holder: TokenHolder = new TokenHolder(
    token,
    (refused) => void renew(refused),
    isTokenRefused,
  );
  const renew = async (refused: string) => {
    try {
      // Where authentication was turned off meanwhile, any token will do.
      holder.renewed((await tokens.renew(refused)) ?? refused);
    } catch (error) {
      holder.failed((error as Error).message);
    }
  };
  return holder;
}
