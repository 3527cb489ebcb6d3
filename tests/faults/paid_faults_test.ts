/** Money, at scale: real processes, sockets and disks, a server that fails in every way, SIGKILLs, a power cut. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { teacherBound } from "../../lib/model/call/request_bound.ts";
import { inFolder, startTask } from "../cli.ts";
import { type LoopDisk, loopDisk, whyNoLoopDisk } from "./loop_disk.ts";
import { FAULTS, MisbehavingServer, TOLD } from "./misbehaving_server.ts";
import { keptIds, until } from "./paid_run.ts";

/** `deno task test:faults` asks for all of them. */
const PROMPTS = Deno.env.get("THINKSET_FAULTS") ? 10_000 : 600;
const SLOTS = 32;
const noDisk = await whyNoLoopDisk();
const DISTURBANCES = noDisk === null
  ? ["kill", "kill", "kill", "power"] as const
  : ["kill", "kill", "kill"] as const;
/** Faulty replies of a prompt that are asked again. */
const FAULTY = 3;
/** How long an answer is on its way once it is paid, so that no run ends in the second before a cut. */
const LATENCY_MS = 200;
/** Dollars a token, as in the file of prices below. */
const PRICE = { input: 1, output: 4 };
const COST = (TOLD.prompt * PRICE.input + TOLD.completion * PRICE.output) / 1e6;

/** All but redirects, which end a run at once: they come by themselves at the end. */
const MIXED = FAULTS.filter((fault) => fault !== "redirect");

const PART = "part-00000-of-00001.jsonl";
type Usage = Record<string, number | boolean>;

/** The server on loopback; stopping does not wait for what it never answers. */
function served(server: MisbehavingServer): { url: string; stop: () => void } {
  const over = new AbortController();
  const options = { hostname: "127.0.0.1", port: 0, signal: over.signal };
  const quiet = { onListen: () => {}, onError: () => new Response(null) };
  const { addr } = Deno.serve({ ...options, ...quiet }, async (request) => {
    const answer = await server.answer(request);
    await new Promise((ready) => setTimeout(ready, LATENCY_MS));
    return answer;
  });
  return { url: `http://127.0.0.1:${addr.port}`, stop: () => over.abort() };
}

/** Where the run writes: a disk whose power can be cut, or the machine's own. */
async function withOut(
  folder: string,
  test: (out: string, disk: LoopDisk | undefined) => Promise<void>,
): Promise<void> {
  if (noDisk !== null) return await test(join(folder, "out"), undefined);
  const disk = await loopDisk(folder, 128);
  try {
    await test(join(disk.path, "out"), disk);
  } finally {
    await disk.close();
  }
}

/** Cuts the power under a run. Tells how many replies were paid in its last second. */
async function cutPower(
  disk: LoopDisk,
  { out, child, server }: { out: string; child: Deno.ChildProcess; server: MisbehavingServer },
): Promise<number> {
  const safe = keptIds(out), paid = server.told.replies;
  await new Promise((ready) => setTimeout(ready, 1_000));
  disk.cutPower();
  const inLastSecond = server.told.replies - paid;
  child.kill("SIGKILL");
  await child.output();
  await disk.restart();
  const left = new Set(keptIds(out));
  for (const id of safe) assert.ok(left.has(id), `${id} was lost a second after it was finished`);
  return inLastSecond;
}

Deno.test(
  `killed three times${
    noDisk === null ? " and its power cut once" : ` [no power cut: ${noDisk}]`
  } before a server that fails in every way, a run pays twice only for what was in flight or of the last second`,
  () =>
    inFolder((folder) =>
      withOut(folder, async (out, disk) => {
        const server = new MisbehavingServer({ seed: 1, share: 0.1, faults: MIXED });
        const { url, stop } = served(server);
        const prompts = join(folder, "prompts.jsonl"), prices = join(folder, "prices.json");
        const rows = Array.from({ length: PROMPTS }, (_, at) => ({
          id: `p${at}`,
          prompt: `Question p${at} ?`,
        }));
        await Deno.writeTextFile(prompts, rows.map((row) => JSON.stringify(row)).join("\n"));
        await Deno.writeTextFile(
          prices,
          JSON.stringify({ as_of: "2026-11-28", models: { m: PRICE } }),
        );
        let runs = 0;
        const start = (...more: string[]) => {
          runs++;
          return startTask("sample-teacher", [
            ...["--prompts", prompts, "--out", out, "--model", "openai/m", "--api", "chat"],
            ...["--base-url", url, "--prices", prices, "--language", "any", "--timeout", "2"],
            ...["--concurrency", `${SLOTS}`, "--attempts", `${FAULTY}`, "--max-tokens", "64"],
            ...["--progress", "none", ...more],
          ], { OPENAI_API_KEY: "key-that-is-secret" });
        };
        /** Runs `test`, in which nothing that is on disk before may be asked again. */
        const noneAgain = async (test: () => Promise<void>) => {
          const done = new Map(keptIds(out).map((id) => [id, server.requests.get(id)]));
          await test();
          for (const [id, requests] of done) {
            assert.equal(server.requests.get(id), requests, `${id} was asked again`);
          }
        };
        const usages = () =>
          Deno.readTextFileSync(join(out, "spend", PART)).split("\n").filter(Boolean)
            .map((line) => JSON.parse(line).usage as Usage);
        /** Replies that the server was paid for and the journal does not hold. */
        const unbilled = () =>
          server.told.replies - usages().filter(({ estimated }) => !estimated).length;
        /** Goes on for another tenth of the money; `lost` replies cannot be known to the bill. */
        const capped = async (lost: number) => {
          const cap = server.told.replies * COST + PROMPTS * COST / 10;
          const { code, stderr } = await start("--max-cost-usd", `${cap}`).output();
          assert.equal(code, 3, new TextDecoder().decode(stderr));
          const over = server.told.replies * COST - cap;
          assert.ok(over <= lost * COST, `the cap was passed by ${over / COST} replies`);
        };

        try {
          await capped(0);
          assert.equal(unbilled(), 0);
          let bound = 0;
          for (const disturbance of DISTURBANCES) {
            await noneAgain(async () => {
              const due = server.told.replies + PROMPTS / 8;
              const child = start();
              let ended = false;
              child.status.then(() => ended = true);
              await until(() => ended || server.told.replies >= due);
              assert.ok(!ended, `the run ended before the ${disturbance}`);
              bound += SLOTS;
              if (disturbance === "power") bound += await cutPower(disk!, { out, child, server });
              else {
                child.kill("SIGKILL");
                await child.output();
              }
            });
          }
          await noneAgain(() => capped(bound));
          const lost = unbilled();
          assert.ok(lost >= 0 && lost <= bound, `${lost} replies are missing from the bill`);
          let code: number;
          do {
            await noneAgain(async () => {
              const end = await start().output();
              code = end.code;
              assert.ok(code === 0 || code === 1, new TextDecoder().decode(end.stderr));
            });
          } while (code! !== 0);
          assert.equal(unbilled(), lost, "what nothing disturbed is billed to the reply");

          const ids = keptIds(out);
          assert.equal(ids.length, PROMPTS);
          assert.equal(new Set(ids).size, PROMPTS);
          const twice = [...server.right.values()].reduce((sum, times) => sum + times - 1, 0);
          assert.ok(twice <= bound, `${twice} replies were paid twice`);
          const { tokens } = JSON.parse(Deno.readTextFileSync(join(out, "manifest.json")));
          const sum = (name: string) =>
            usages().reduce((all, usage) => all + Number(usage[name]), 0);
          assert.equal(tokens.prompt, sum("prompt_tokens"));
          assert.equal(tokens.completion, sum("completion_tokens"));
          const most = Math.max(...server.requests.values());
          assert.ok(most <= runs * teacherBound(FAULTY), `${most} requests for one prompt`);
          for (const fault of MIXED) {
            if (fault !== "json_for_stream") {
              assert.ok(server.injected[fault], `${fault} never came`);
            }
          }
          console.log(
            `${PROMPTS} prompts, ${
              DISTURBANCES.join(", ")
            }: ${server.told.replies} replies paid, ` +
              `${twice} of them twice, ${lost} not in the bill (at most ${bound})`,
          );
        } finally {
          stop();
        }
      })
    ),
);

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
