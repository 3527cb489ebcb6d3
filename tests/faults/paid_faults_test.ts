/** Money, at scale: real processes, real sockets, a server that fails in every way, and SIGKILLs. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { teacherBound } from "../../lib/model/call/request_bound.ts";
import { inFolder, startTask } from "../cli.ts";
import { FAULTS, MisbehavingServer, TOLD } from "./misbehaving_server.ts";

/** `deno task test:faults` asks for all of them. */
const PROMPTS = Deno.env.get("THINKSET_FAULTS") ? 10_000 : 600;
const SLOTS = 32;
const KILLS = 3;
/** Faulty replies of a prompt that are asked again. */
const FAULTY = 3;
/** Dollars a token, as in the file of prices below. */
const PRICE = { input: 1, output: 4 };
const COST = (TOLD.prompt * PRICE.input + TOLD.completion * PRICE.output) / 1e6;

/** All but redirects, which end a run at once: they come by themselves at the end. */
const MIXED = FAULTS.filter((fault) => fault !== "redirect");

const PART = "part-00000-of-00001.jsonl";
const idsOf = (path: string): string[] => {
  try {
    const lines = Deno.readTextFileSync(path).split("\n").slice(0, -1);
    return lines.map((line) => JSON.parse(line).id);
  } catch {
    return [];
  }
};

/** The server on loopback; stopping does not wait for what it never answers. */
function served(server: MisbehavingServer): { url: string; stop: () => void } {
  const over = new AbortController();
  const options = { hostname: "127.0.0.1", port: 0, signal: over.signal };
  const quiet = { onListen: () => {}, onError: () => new Response(null) };
  const { addr } = Deno.serve({ ...options, ...quiet }, (request) => server.answer(request));
  return { url: `http://127.0.0.1:${addr.port}`, stop: () => over.abort() };
}

Deno.test("killed three times before a server that fails in every way, nothing finished is paid again", () =>
  inFolder(async (folder) => {
    const server = new MisbehavingServer({ seed: 1, share: 0.1, faults: MIXED });
    const { url, stop } = served(server);
    const prompts = join(folder, "prompts.jsonl"), out = join(folder, "out");
    const rows = Array.from({ length: PROMPTS }, (_, at) => ({
      id: `p${at}`,
      prompt: `Question p${at} ?`,
    }));
    await Deno.writeTextFile(prompts, rows.map((row) => JSON.stringify(row)).join("\n"));
    const prices = join(folder, "prices.json");
    await Deno.writeTextFile(
      prices,
      JSON.stringify({ as_of: "2026-11-28", models: { m: PRICE } }),
    );
    const start = (...more: string[]) =>
      startTask("sample-teacher", [
        ...["--prompts", prompts, "--out", out, "--model", "openai/m", "--api", "chat"],
        ...["--base-url", url, "--prices", prices, "--language", "any", "--timeout", "2"],
        ...["--concurrency", `${SLOTS}`, "--attempts", `${FAULTY}`, "--max-tokens", "64"],
        ...["--progress", "none", ...more],
      ], { OPENAI_API_KEY: "key-that-is-secret" });
    const finished = () => ["records", "rejects"].flatMap((kind) => idsOf(join(out, kind, PART)));
    const usages = () =>
      Deno.readTextFileSync(join(out, "spend", PART)).split("\n").filter(Boolean)
        .map((line) => JSON.parse(line).usage as Record<string, number | boolean>);
    const honest = () => usages().filter(({ estimated }) => !estimated);

    try {
      // A cap holds: it is not passed by what is in flight, as that is held back.
      const cap = PROMPTS * COST / 10;
      const capped = await start("--max-cost-usd", `${cap}`).output();
      assert.equal(capped.code, 3, new TextDecoder().decode(capped.stderr));
      assert.ok(server.told.replies * COST <= cap, `${server.told.replies} replies were paid`);
      assert.equal(honest().length, server.told.replies);
      for (let kill = 1; kill <= KILLS; kill++) {
        const done = new Map(finished().map((id) => [id, server.requests.get(id)]));
        const child = start();
        const until = server.told.replies + PROMPTS / 6;
        while (server.told.replies < until) await new Promise((ready) => setTimeout(ready, 5));
        child.kill("SIGKILL");
        await child.output();
        for (const [id, requests] of done) {
          assert.equal(server.requests.get(id), requests, `${id} was asked again`);
        }
      }
      let code: number;
      do {
        const done = new Map(finished().map((id) => [id, server.requests.get(id)]));
        const end = await start().output();
        code = end.code;
        assert.ok(code === 0 || code === 1, new TextDecoder().decode(end.stderr));
        for (const [id, requests] of done) {
          assert.equal(server.requests.get(id), requests, `${id} was asked again`);
        }
      } while (code !== 0);
      const ids = finished();
      assert.equal(ids.length, PROMPTS);
      assert.equal(new Set(ids).size, PROMPTS);
      const lost = server.told.replies - honest().length;
      assert.ok(lost >= 0 && lost <= KILLS * SLOTS, `${lost} replies are missing from the bill`);
      const most = Math.max(...server.requests.values());
      assert.ok(most <= (KILLS + 2) * teacherBound(FAULTY), `${most} requests for one prompt`);
      for (const fault of MIXED) {
        if (fault !== "json_for_stream") assert.ok(server.injected[fault], `${fault} never came`);
      }
    } finally {
      stop();
    }
  }));

Deno.test("a redirect ends a run with one line, its key is sent to nobody else", () =>
  inFolder(async (folder) => {
    const server = new MisbehavingServer({ seed: 1, share: 1, faults: ["redirect"] });
    const { url, stop } = served(server);
    const prompts = join(folder, "prompts.jsonl");
    await Deno.writeTextFile(prompts, JSON.stringify({ id: "p0", prompt: "Question p0 ?" }));
    const ended = await startTask("sample-teacher", [
      ...["--prompts", prompts, "--out", join(folder, "out"), "--model", "vllm/m"],
      ...["--base-url", url, "--progress", "none"],
    ], { VLLM_API_KEY: "key-that-is-secret" }).output();
    stop();
    const said = new TextDecoder().decode(ended.stderr);
    assert.equal(ended.code, 1, said);
    assert.match(said, /redirected to another server, http:\/\/elsewhere\.example/);
    assert.equal(server.requests.get("p0"), 1);
  }));
