/** Owns nothing: the random numbers of the load are those of the whole house. */
export * from "../random.ts";
