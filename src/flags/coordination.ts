/** The flags that name the coordination etcd of agents: by a join file, or by its address and files. */
import { text } from "./vocabulary.ts";

/** Runs take them with --agents; `bench agent` and `bench agents up` have no such flag. */
const load = { group: "Load:", onlyWith: "agents" } as const;

export const GROUP = text({
  ...load,
  name: "group",
  describe: "with agents: NAME of their group, in place of that of the join file",
  shownDefault: "",
});

export const COORDINATION_FLAGS = {
  coordination: text({
    ...load,
    name: "coordination",
    describe:
      "with agents: join FILE, or https://HOST:PORT, of a coordination etcd that runs; without it bench starts one",
  }),
  agentGroup: GROUP,
  coordinationSecretFile: text({
    ...load,
    name: "coordination-secret-file",
    describe:
      "with a URL: FILE with the secret that seals messages, as openssl rand -base64 32 prints",
  }),
  coordinationCaFile: text({
    ...load,
    name: "coordination-cacert",
    describe: "with a URL: FILE of the CA that its certificate is from",
  }),
  coordinationCertFile: text({
    ...load,
    name: "coordination-cert",
    describe: "with a URL: FILE of the client's certificate",
  }),
  coordinationKeyFile: text({
    ...load,
    name: "coordination-key",
    describe: "with a URL: FILE of the key of that certificate",
  }),
  coordinationUser: text({
    ...load,
    name: "coordination-user",
    describe: "with a URL: NAME of a user of etcd",
  }),
  coordinationPasswordFile: text({
    ...load,
    name: "coordination-password-file",
    describe: "with a URL: FILE with the password of that user",
  }),
};
