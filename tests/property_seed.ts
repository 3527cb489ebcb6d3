/**
 * Loaded before all tests of `deno task test`: properties try the same examples each time, so that a
 * change is judged by what it changed. `PROPERTY_SEED=$RANDOM deno task test` tries others; what
 * that finds becomes an example of its own, or a wider generator.
 */
import fc from "fast-check";

fc.configureGlobal({ seed: Number(Deno.env.get("PROPERTY_SEED") ?? 1) });
