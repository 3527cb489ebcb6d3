import assert from "node:assert/strict";
import { startServer } from "./real_server.ts";

/** A server whose engine is dead: healthy, but every request gets a 500, as vLLM's once did. */
const dead = `Deno.serve({ hostname: "127.0.0.1", port: Number(Deno.args[0]) }, (request) =>
  request.url.endsWith("/health")
    ? new Response("ok")
    : Response.json({ error: { message: "EngineCore encountered an issue" } }, { status: 500 }))`;

Deno.test("a server that is healthy and fails at a plain request has not come up", async () => {
  const program = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(program, dead);
  const command = (port: number) => [Deno.execPath(), "run", "--allow-net", program, `${port}`];
  const ask = { path: "/v1/completions", body: { model: "m", prompt: "Hi" } };
  const started = Date.now();
  await assert.rejects(
    startServer({ name: "vLLM", command, ask }),
    /vLLM is healthy, but to \/v1\/completions it answers 500 .*EngineCore/,
  );
  assert.ok(Date.now() - started < 60_000);
  await Deno.remove(program);
});
