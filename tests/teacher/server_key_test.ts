import assert from "node:assert/strict";
import { join } from "node:path";
import { sampleTeacher } from "../../lib/teacher/stage.ts";
import { inFolder } from "../cli.ts";
import { MisbehavingServer } from "../faults/misbehaving_server.ts";
import { quickTime } from "../quick_time.ts";

Deno.test("vllm/NAME as a teacher sends VLLM_API_KEY, and OPENAI_API_KEY to nobody", () =>
  inFolder(async (folder) => {
    const keys: (string | null)[] = [];
    const server = new MisbehavingServer({ seed: 1, share: 0, faults: [] });
    const sending = (vllm: string | undefined, out: string) => {
      const set: Record<string, string | undefined> = {
        OPENAI_API_KEY: "sk-openai-key",
        VLLM_API_KEY: vllm,
      };
      const env = (name: string) => set[name];
      const send: typeof fetch = (input, init) => {
        keys.push(new Request(input, init).headers.get("authorization"));
        return server.fetch(input, init);
      };
      return sampleTeacher({
        prompts: join(folder, "prompts.jsonl"),
        model: "vllm/m",
        baseUrl: ["http://server.example"],
        out: join(folder, out),
      }, { context: quickTime(1, { env, fetch: send }) });
    };
    await Deno.writeTextFile(join(folder, "prompts.jsonl"), '{"prompt":"Question p1 ?"}');
    await sending("vllm-server-key", "with");
    await sending(undefined, "without");
    // Its list of models is asked first, then the prompt.
    assert.deepEqual(keys.slice(0, 2), ["Bearer vllm-server-key", "Bearer vllm-server-key"]);
    assert.ok(keys.length === 4 && !keys.some((key) => key?.includes("sk-openai")), `${keys}`);
  }));

Deno.test("an error names the provider that the SPEC names, whatever API it speaks", () =>
  inFolder(async (folder) => {
    const prompts = join(folder, "prompts.jsonl");
    await Deno.writeTextFile(prompts, '{"prompt":"Question p1 ?"}');
    const send: typeof fetch = (input, init) =>
      Promise.resolve(
        new URL(new Request(input, init).url).pathname === "/v1/models"
          ? Response.json({ data: [{ id: "m" }] })
          : Response.json({ error: { message: "no such route" } }, { status: 404 }),
      );
    for (const [provider, key] of [["vllm", "VLLM_API_KEY"], ["openai", "OPENAI_API_KEY"]]) {
      const context = quickTime(1, { env: (name) => name === key ? "k" : undefined, fetch: send });
      const run = { prompts, model: `${provider}/m`, out: join(folder, provider!) };
      await assert.rejects(
        sampleTeacher({ ...run, baseUrl: ["http://server.example"] }, { context }),
        new RegExp(`: ${provider}: m: no such model or route \\(404\\)`),
      );
    }
  }));

Deno.test("vllm/NAME as a teacher is known by what its server loaded; a gateway may not tell (3)", () =>
  inFolder(async (folder) => {
    const server = new MisbehavingServer({ seed: 1, share: 0, faults: [] });
    let list: () => Response | Promise<Response> = () => Response.error();
    const send: typeof fetch = async (input, init) =>
      new URL(new Request(input, init).url).pathname === "/v1/models"
        ? await list()
        : await server.fetch(input, init);
    const sample = (out: string) =>
      sampleTeacher({
        prompts: join(folder, "prompts.jsonl"),
        model: "vllm/m",
        baseUrl: ["http://server.example/v1"],
        out: join(folder, out),
      }, { context: quickTime(1, { env: () => undefined, fetch: send }) });
    const serves = (root: string) => () => Response.json({ data: [{ id: "m", root }] });
    await Deno.writeTextFile(join(folder, "prompts.jsonl"), '{"prompt":"Question p1 ?"}');
    list = serves("runs/step-1");
    assert.equal((await sample("out")).worked, 1);
    assert.equal((await sample("out")).worked, 0);
    list = serves("runs/step-2");
    await assert.rejects(sample("out"), /another model under the same name \(vllm\/m/);
    list = () => new Response("not found", { status: 404 });
    assert.equal((await sample("gateway")).worked, 1);
    list = () => Promise.reject(new TypeError("connection refused"));
    await assert.rejects(sample("gateway"), /no server answers at http:\/\/server\.example/);
  }));
