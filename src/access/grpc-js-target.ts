/**
 * Names an endpoint to grpc-js. An IPv6 address with a zone needs a resolver of its own, since
 * grpc-js would write the zone into a URL and into :authority, and Node's URL refuses it.
 */
import { experimental } from "@grpc/grpc-js";
import { authorityOf, splitEndpoint } from "../net/host-port.ts";

const SCHEME = "zoned";

type Target = Parameters<typeof experimental.createResolver>[0];

/** An address needs no resolving: it is passed as it is. */
class ZonedResolver implements experimental.Resolver {
  readonly #target: Target;
  readonly #listener: experimental.ResolverListener;

  constructor(target: Target, listener: experimental.ResolverListener) {
    this.#target = target;
    this.#listener = listener;
  }

  updateResolution(): void {
    const address = splitEndpoint(this.#target.path);
    // Never from within the call.
    process.nextTick(() => {
      const endpoints = experimental.statusOrFromValue([{ addresses: [address] }]);
      this.#listener(endpoints, {}, null, "");
    });
  }

  destroy(): void {
    // Nothing is under way.
  }

  static getDefaultAuthority({ path }: Target): string {
    return authorityOf(path);
  }
}

let isRegistered = false;

/** @param endpoint `host:port` */
export function grpcJsTarget(endpoint: string): string {
  if (!endpoint.includes("%")) return endpoint;
  if (!isRegistered) experimental.registerResolver(SCHEME, ZonedResolver);
  isRegistered = true;
  return `${SCHEME}:${endpoint}`;
}
