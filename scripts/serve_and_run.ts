// deno run -A scripts/serve_and_run.ts --serve 'vllm serve DIR --port {port}' --log FILE -- COMMAND
/** Runs a stage beside a server of its own; what a job of `deno task launch --serve` calls. */
import { runCommand } from "../lib/cli/command.ts";
import { serveAndRun, ServeAndRunOptions } from "../lib/launch/serve_and_run.ts";

if (import.meta.main) {
  await runCommand({
    name: "serve-and-run",
    summary: "starts a server on a free port, runs a command with its --base-url, ends it",
    examples: [
      "serve-and-run --serve 'vllm serve models/think --port {port}' --log server.log -- " +
      "deno task sample-policy --model vllm/models/think",
    ],
    options: ServeAndRunOptions,
    rest: "COMMAND",
    run: serveAndRun,
  });
}
